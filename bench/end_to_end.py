#!/usr/bin/env python3
"""Checks per second end to end, and the CPU time of each process per check.

Starts `openseer up` with a fresh data directory, a target on loopback that
answers at once, and monitors with an interval of one second; raises their number
until start lateness (start minus slot) p99 passes the limit. In the same run a
bare epoll client says what the exchange alone costs.

usage: end_to_end.py --openseer PATH --programs DIRECTORY [--steps 250,500,...]
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from stack import Api, cpu_by_role, free_port, sql, wait_ready

LATENESS_LIMIT_MS = 250.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openseer", required=True)
    parser.add_argument("--programs", required=True, help="where bench_target and bench_bare_client are")
    parser.add_argument("--steps", default="250,500,1000,1500,2000,2500,3000", help="checks per second to try")
    parser.add_argument("--seconds", type=int, default=12, help="how long each step is measured")
    options = parser.parse_args()

    directory = tempfile.mkdtemp(prefix="openseer-bench-")
    os.chmod(directory, 0o755)
    http, api_port, worker_port, target_port = (free_port() for _ in range(4))
    log = open(os.path.join(directory, "log"), "w")
    target = subprocess.Popen([os.path.join(options.programs, "bench_target"), str(target_port)])
    stack = subprocess.Popen(
        [options.openseer, "up", "--data-dir", os.path.join(directory, "data"), "--http-port", str(http),
         "--api-port", str(api_port), "--worker-port", str(worker_port)], stderr=log, stdout=log)
    try:
        measure(options, stack, target.pid, http, target_port, os.path.join(directory, "data"))
    except BaseException:
        sys.stderr.write("".join(open(log.name).readlines()[-15:]))
        raise
    finally:
        stack.send_signal(signal.SIGTERM)
        try:
            stack.wait(60)
        except subprocess.TimeoutExpired:
            stack.kill()
        target.kill()
        shutil.rmtree(directory, ignore_errors=True)


def measure(options, stack: subprocess.Popen, target: int, http: int, target_port: int, data: str) -> None:
    wait_ready(http, stack)
    roots = [stack.pid, target]
    api = Api(http)
    user = api.call("AuthService/SignUp", {"email": "bench@example.com", "password": "a long bench password"})
    workspace = user["memberships"][0]["workspaceId"]
    url = open(os.path.join(data, "database-url")).read().strip()

    bare = subprocess.run([os.path.join(options.programs, "bench_bare_client"), str(target_port), "20000"], check=True,
                          capture_output=True, text=True).stdout.split()
    print(f"bare epoll client: {bare[0]} requests/s, {bare[1]} us of CPU each (the target's own not counted)\n")
    roles = ["control-plane", "worker", "postgres", "bench_target"]
    print("| monitors at 1 s | checks/s | lateness p50 ms | p95 ms | p99 ms | missed | "
          + " | ".join(f"{r} us/check" for r in roles) + " |")
    print("|---" * (6 + len(roles)) + "|")
    created = 0
    for step in (int(s) for s in options.steps.split(",")):
        while created < step:
            api.call("MonitorService/CreateMonitor", {"workspaceId": workspace, "spec": {
                "name": f"bench {created}", "url": f"http://127.0.0.1:{target_port}/", "interval": "1s", "timeout": "1s"}})
            created += 1
        time.sleep(3)  # the new ones settle on their grid
        began = sql(url, "SELECT extract(epoch FROM now())")[0]
        before, clock = cpu_by_role(roots), time.monotonic()
        time.sleep(options.seconds)
        after, elapsed = cpu_by_role(roots), time.monotonic() - clock
        row = sql(url, f"""
            SELECT count(*), {', '.join(f"percentile_disc({p}) WITHIN GROUP (ORDER BY lateness_ms)" for p in (0.5, 0.95, 0.99))},
              (SELECT coalesce(sum(extract(epoch FROM until - first_slot)), 0)::bigint FROM ts.gaps WHERE until > to_timestamp({began}))
            FROM ts.results_raw WHERE slot >= to_timestamp({began}) AND slot < to_timestamp({began}::float8 + {options.seconds})""")
        checks = int(row[0])
        costs = " | ".join(f"{(after.get(r, 0) - before.get(r, 0)) * 1e6 / max(checks, 1):.0f}" for r in roles)
        print(f"| {created} | {checks / elapsed:.0f} | {row[1]} | {row[2]} | {row[3]} | {row[4]} | {costs} |", flush=True)
        if float(row[3]) > LATENESS_LIMIT_MS:
            print(f"\nlateness p99 passed {LATENESS_LIMIT_MS:.0f} ms: the step before is the highest sustained rate")
            return


main()
