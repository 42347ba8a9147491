#!/usr/bin/env python3
"""One run of the chaos harness: a cluster, some faults, the accounts afterwards.

usage: run.py --openseer PATH --template DIRECTORY --seed N [--keep]

Exits with 0 when nothing was violated, with 1 when something was, with 2 when
the run itself could not be made, with 3 when nothing was violated but the machine
was too busy to judge promises about time. chaos.py starts it in namespaces of its own.
"""
import argparse
import ctypes
import fcntl
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faults
from cluster import ChaosError, remove, wait_until
from ledger import Ledger
from world import CERTIFICATE_LIFE, DESCRIPTORS, World

ACTS = 3
BLOCK = -(-len(faults.FAULTS) // ACTS)  # so many seeds in a row hold every fault


def plan(seed: int) -> list:
    """The faults of this seed: its hand of a deck that a block of seeds shares."""
    deck = list(faults.FAULTS)
    block, place = divmod(seed - 1, BLOCK)
    random.Random(block).shuffle(deck)
    return deck[place * ACTS:(place + 1) * ACTS]


class Run:
    def __init__(self, options: argparse.Namespace, directory: Path) -> None:
        self.hand = plan(options.seed)
        self.world = World(options.seed, options.openseer, directory, os.environ.get("CHAOS_NAMESPACES") == "1")
        self.template = Path(options.template)
        # One replica in five seeds hands out short certificates to a worker of its own.
        self.renewing = (options.seed - 1) % BLOCK == 1 and faults.all_replicas_restarted not in self.hand
        self.more_planes = []  # that hand out those
        self.long = options.seed % 20 == 10
        # Threads that live as long as the run: the kernel ends a process with the thread that made it.
        self.hands = ThreadPoolExecutor(2)

    def go(self) -> None:
        w = self.world
        w.build(self.template)
        if self.renewing:
            plane = w.add_plane(3, ["--worker-certificate-life", f"{CERTIFICATE_LIFE}s"], join=False)
            w.expect_ready(plane)
            self.short, self.short_since = w.add_worker("global", plane=plane), time.time()
            self.more_planes.append(plane)
        w.say("built")
        w.expect_resumed(10)
        quiet = time.time() + 0.5
        time.sleep(3.5)
        self.quiet = (quiet, time.time() - 1)
        watch = threading.Thread(target=self.watch)
        watch.start()
        try:
            self.acts()
            w.alone = True
            w.expect_resumed(13)
            if self.long:
                self.cut_for_long()
            self.check_reports()
        finally:
            w.stopped = True
            watch.join()
        self.finish()

    def acts(self) -> None:
        w, left = self.world, list(self.hand)
        while left:
            pair = [left.pop(0)]
            if left and not faults.CLAIMS[pair[0]] & faults.CLAIMS[left[0]] and w.rng.random() < 0.4:
                pair.append(left.pop(0))
            w.alone = len(pair) == 1
            for done in [self.hands.submit(self.inject, fault) for fault in pair]:
                done.result()
            if not w.alone:
                w.expect_resumed(13)
            time.sleep(w.rng.uniform(0.2, 1))

    def inject(self, fault) -> None:
        self.world.chance(f"{fault.__name__} {self.world.seed}")
        fault(self.world)

    def cut_for_long(self) -> None:
        """A region without its workers goes stale: no data, not down."""
        w = self.world
        w.say("east cut for long")
        proxies = [worker.proxy for worker in w.workers if worker.region == "east"]
        for proxy in proxies:
            proxy.set("cut")
        east = {m.id for m in w.monitors if m.regions == ["east"] and not m.edited}

        def stale() -> bool:
            return all(state == "MONITOR_STATE_NO_DATA" for monitor, state in self.states().items() if monitor in east)
        if not wait_until(stale, 60 + w.grace(), 0.5):
            w.broken_time("a region without workers for a minute does not show as no data")
        for proxy in proxies:
            proxy.set("pass")
        w.expect_resumed(faults.AFTER_NETWORK)

    # --- meanwhile

    def states(self) -> dict[int, str]:
        answer = self.world.api.call("MonitorService/ListMonitors", {"workspaceId": self.world.api.workspace, "pageSize": 500},
                                     limit=3)
        return {int(monitor["id"]): monitor["state"] for monitor in answer["monitors"]}

    def watch(self) -> None:
        """What people see while it happens, and what the processes use."""
        w, seen = self.world, set()
        broken = {m.id for m in w.monitors if m.kind in ("broken", "hole")}
        while not w.stopped:
            time.sleep(0.7)
            try:
                states = self.states()
            except (ChaosError, ValueError):
                states = {}
            for monitor, state in states.items():
                if (monitor, state) in seen:
                    continue
                seen.add((monitor, state))
                if monitor in broken and state == "MONITOR_STATE_UP":
                    w.violation(f"monitor {monitor} of a broken target is shown as up")
                if monitor in w.healthy and state in ("MONITOR_STATE_DOWN", "MONITOR_STATE_DEGRADED"):
                    if not w.stalls.since(time.monotonic() - 5):
                        w.broken_time(f"monitor {monitor} of a healthy target is shown as {state}")
            for program in [*w.workers, *w.planes]:
                if (count := program.descriptors()) > DESCRIPTORS:
                    w.violation(f"{program.name} has {count} descriptors")
                if program.died() and program.name not in seen:
                    seen.add(program.name)
                    w.violation(f"{program.name} ended by itself ({program.process.returncode}): "
                                + program.log.read_text()[-600:])

    # --- afterwards

    def check_reports(self) -> None:
        """A wrong clock is in the log and in the metrics; certificates are renewed in time."""
        w = self.world
        for victim in w.skewed:
            if not wait_until(lambda: "this machine's clock is off" in victim.log.read_text(), 17 + w.grace()):
                w.broken_time(f"{victim.name} does not say that its clock is off by {victim.clock} s")
            series = "openseer_clock_offset_seconds" if victim in w.planes else "openseer_worker_clock_offset_seconds"
            planes = [victim] if victim in w.planes else w.planes
            if not wait_until(lambda: any(abs(plane.metric(series) - victim.clock) < 10 for plane in planes), 16 + w.grace(), 0.3):
                w.broken_time(f"{series} does not show the {victim.clock} s of {victim.name}")
        if w.disk_was_full:
            refused = "ERROR:  could not extend file" in w.postgres.log.read_text()
            said = any("No space left on device" in plane.log.read_text() for plane in [*w.planes, *self.more_planes])
            w.say("the full disk " + ("refused statements" if refused else "was not needed, or took PostgreSQL down"))
            if refused and not said:
                w.violation("no control plane says that the disk is full")
        if self.renewing:
            self.check_renewal()

    def check_renewal(self) -> None:
        w = self.world
        due = self.short_since + CERTIFICATE_LIFE * 2 / 3
        if not wait_until(lambda: '"certificate renewed"' in self.short.log.read_text(),
                          max(0.0, due - time.time()) + 4 + w.grace()):
            w.broken_time(f"{self.short.name} has not renewed a certificate of {CERTIFICATE_LIFE} s, two thirds of its life ago")
        # The renewed one carries it past the end of the first.
        time.sleep(max(0.0, self.short_since + CERTIFICATE_LIFE + 1 - time.time()))
        if self.short.process.poll() is not None:
            w.violation(f"{self.short.name} ended with its first certificate")

    def finish(self) -> None:
        """Pauses everything, so that nothing is open any more, and ends the workers in good order."""
        w = self.world
        for monitor in w.monitors:
            asked = time.time()
            w.api.insist("MonitorService/PauseMonitor", {"workspaceId": w.api.workspace, "monitorId": str(monitor.id)})
            monitor.paused = (asked, time.time())
        for worker in w.workers:
            worker.ask_to_end()
        for worker in w.workers:
            if (code := worker.wait_end()) != 0:
                w.violation(f"{worker.name} exits with {code} after SIGTERM")
            if "nobody acknowledged" in worker.log.read_text():
                w.broken_time(f"{worker.name} ended with results that nobody acknowledged")
        self.check()

    def check(self) -> None:
        w = self.world
        ledger = Ledger(w.postgres)
        ledger.check_accounts()
        counts = ledger.check_workers([*w.workers, *w.retired])
        for error in ledger.errors[:20]:
            w.violation(error)
        self.check_failures(ledger)
        self.check_times(ledger)
        self.check_api(ledger)
        fenced = sum(plane.metric('openseer_results_total{acceptance="fenced"}') for plane in w.planes)
        if not any(plane.kills for plane in w.planes) and not self.renewing and fenced < counts["fenced"] and not any(
                fault in self.hand for fault in (faults.replica_drained, faults.all_replicas_restarted)):
            w.violation(f"workers were refused {counts['fenced']} results, the metric says {fenced:.0f}")
        results = sum(len(job.results) for job in ledger.jobs.values())
        missed = sum(len(job.missed) for job in ledger.jobs.values())
        w.say(f"{results + missed} slots = {results} results + {missed} missed; leased {counts['leased']}, "
              f"accepted {counts['accepted']}, fenced {counts['fenced']}")

    def check_failures(self, ledger: Ledger) -> None:
        """A target that was always well never failed by our fault."""
        w = self.world
        now_wall, now, excused = time.time(), time.monotonic(), 0
        for job, slot, (outcome, worker, started, reason, total) in ledger.failures(w.healthy):
            began = now - (now_wall - started / 1e6)
            if w.stalls.since(began - 0.2, began + total / 1e6 + 0.2):
                excused += 1
            else:
                w.broken_time(f"job {job} slot {slot}: a healthy target failed at {began - w.began:.1f} s (reason {reason}, "
                            f"{total / 1e6:.3f} s, worker {worker})")
        if excused:
            w.say(f"{excused} checks of healthy targets failed while the machine stood still (not counted)")

    def check_times(self, ledger: Ledger) -> None:
        w = self.world
        lateness = ledger.lateness(w.healthy, *self.quiet)
        p99 = lateness[int(0.99 * (len(lateness) - 1))] if lateness else 0
        stalled = w.stalls.since(time.monotonic() - (time.time() - self.quiet[0]), time.monotonic() - (time.time() - self.quiet[1]))
        w.say(f"start lateness with black holes about: p99 {p99 * 1000:.0f} ms of {len(lateness)}")
        if p99 > 1 + 2 * stalled:
            w.broken_time(f"start lateness p99 is {p99:.2f} s in quiet times")
        for number, job in ledger.jobs.items():
            for slot, (_, worker, started, _, total) in job.results.items():
                if not slot - 250_000 <= started <= time.time() * 1e6 or not 0 <= total < 20e6:
                    w.broken_time(f"job {number} slot {slot}: started at {started}, took {total} us (worker {worker})")
        for monitor in w.monitors:
            if monitor.edited:
                continue
            first, until = min(ledger.epochs[monitor.id])[0] / 1e6, max(ledger.epochs[monitor.id])[1] / 1e6
            if not monitor.created[0] - 0.01 <= first <= monitor.created[1]:
                w.violation(f"monitor {monitor.id} was created at {monitor.created} and its first slot is {first}")
            # By the worker's reckoning of the time the last slot may have run a little early.
            if not monitor.paused[0] - monitor.every - 0.01 <= until <= monitor.paused[1] + monitor.every + 0.25:
                w.violation(f"monitor {monitor.id} was paused at {monitor.paused} and its slots end at {until}")

    def check_api(self, ledger: Ledger) -> None:
        """What the product says of its ledger is what the model counts."""
        w = self.world
        for monitor in w.monitors:
            answer = w.api.insist("MetricsService/GetUptime", {"workspaceId": w.api.workspace, "monitorId": str(monitor.id)})
            day = answer["windows"][0]
            said = tuple(int(day.get(name, 0)) for name in ("ok", "failed", "missed"))
            if said != ledger.totals(monitor.id):
                w.violation(f"monitor {monitor.id}: the API says {said} (ok, failed, missed), the model {ledger.totals(monitor.id)}")


def own_namespaces() -> None:
    """Loopback up, and shared memory of our own: PostgreSQL names its by process id."""
    with socket.socket() as s:
        name = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(s, 0x8913, name))[1]
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", flags | 1))
    subprocess.run(["mount", "-t", "tmpfs", "chaos", "/dev/shm"], check=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--openseer", required=True)
    parser.add_argument("--template", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--keep", action="store_true", help="leave the logs and say where")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # ends with chaos.py
    if os.environ.get("CHAOS_NAMESPACES") == "1":
        own_namespaces()
    directory = Path(tempfile.mkdtemp(prefix=f"openseer-chaos-{options.seed}-"))
    directory.chmod(0o755)
    code, run = 2, None
    try:
        run = Run(options, directory)
        run.go()
        run.world.judge_time()
        code = 1 if run.world.violations else 0 if run.world.judged else 3
    except Exception:  # a run must say what happened, whatever it was
        traceback.print_exc()
        code = 1 if run and run.world.violations else 2
    finally:
        if run:
            print("\n".join(run.world.notes), flush=True)
            for program in [*run.world.workers, *run.world.retired, *run.world.planes, run.world.postgres]:
                if program.process and program.process.poll() is None:
                    program.process.kill()
        if code in (1, 2) and options.keep:
            print(f"logs are in {directory}")
        else:
            subprocess.run(["umount", "-l", str(directory / "pg" / "data")], stderr=subprocess.DEVNULL)
            remove(directory)
    sys.stdout.flush()
    os._exit(code)  # threads of the network do not end by themselves


if __name__ == "__main__":
    main()
