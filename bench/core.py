#!/usr/bin/env python3
"""Lease + commit + result at a million jobs: checks per second and CPU per check.

A private PostgreSQL (synchronous_commit on) with JOBS due jobs loaded by COPY, a real
control plane, and workers that answer at once over the real stream. Beside it, in the
same run and on a fresh copy, a hand-written libpq client runs the same statements.

usage: core.py --openseer PATH --programs DIRECTORY [--jobs N] [--workers N]
"""
import argparse
import os
import subprocess

import stack


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openseer", required=True)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--capacity", type=int, default=2000, help="what one worker can take at once")
    parser.add_argument("--batch", type=int, default=500, help="of the baseline")
    parser.add_argument("--warm", type=float, default=0.1, help="part of the jobs that is not measured")
    parser.add_argument("--statements", action="store_true", help="the time within each statement, by pg_stat_statements")
    parser.add_argument("--profile", action="store_true", help="what PostgreSQL and the control plane do, by perf")
    options = parser.parse_args()
    core = stack.Core(options.openseer, options.programs, statements=options.statements)
    try:
        measure(core, options)
    finally:
        core.close()


def measure(core: stack.Core, options) -> None:
    stack.load_jobs(core, options.jobs, 3600, (-60, 0))
    core.start_plane()  # makes the partitions
    core.stop(core.plane)
    region = core.sql("SELECT id FROM app.regions WHERE name = 'bench'")[0]
    worker = core.sql("INSERT INTO app.workers (name, region_id, certificate_expires_at) "
                      f"VALUES ('baseline', {region}, now() + interval '1 day') RETURNING id")[0]
    client = subprocess.Popen([os.path.join(options.programs, "bench_queue_client"), core.url, region, worker,
                               "--batch", str(options.batch), "--results", str(options.jobs)], stdout=subprocess.PIPE, text=True)
    core.processes.append(client)
    print(f"jobs {options.jobs}")
    baseline = window(core, options, client, [core.postgres.pid, client.pid], "libpq client, the same statements")

    # Cold: every specification is read and sent once. Then the same jobs are due
    # again, in fresh tables: that is the steady state, and what is compared.
    stack.load_jobs(core, options.jobs, 3600, (3600, 3601))
    core.start_plane()
    workers = core.workers("bench", options.workers, capacity=options.capacity, seconds=1200)
    wait_connected(workers, options.workers)
    stack.load_jobs(core, options.jobs, 3600, (-60, 0))
    window(core, options, workers, [core.postgres.pid, core.plane.pid, workers.pid], "whole path, cold")
    stack.load_jobs(core, options.jobs, 3600, (-60, 0))
    if options.statements:
        core.sql("SELECT pg_stat_statements_reset()")
    whole = window(core, options, workers, [core.postgres.pid, core.plane.pid, workers.pid],
                   f"whole path, {options.workers} workers x {options.capacity}")
    if options.statements:
        core.statement_times(options.jobs)
    if options.profile:
        show_profiles(core)
    print(stack.result_size(core.url))
    print(f"control plane memory {stack.memory_mb(core.plane.pid):.0f} MB; whole path / baseline: "
          f"{(whole['postgres'] + whole['control-plane']) / (baseline['postgres'] + baseline['bench_queue_client']):.2f}")


def wait_connected(workers: subprocess.Popen, count: int) -> None:
    for tick in stack.progress(workers):
        if tick["connected"] == count:
            return


def window(core: stack.Core, options, process: subprocess.Popen, roots: list[int], title: str) -> dict[str, float]:
    """Cost per check by role, after a warm-up and before the jobs run out."""
    before, start = None, None
    for tick in stack.progress(process):
        start = tick["accepted"] if start is None else start
        if before is None and tick["accepted"] - start >= options.warm * options.jobs:
            before, began = stack.cpu_by_role(roots), tick
            if options.profile:
                profile(core)
        if tick["accepted"] - start >= options.jobs * 0.93:
            break
    after = stack.cpu_by_role(roots)
    checks = tick["accepted"] - began["accepted"]
    cost = {name: (after[name] - before[name]) * 1e6 / checks for name in after if name in before}
    batch = core.sql("SELECT count(*) / count(DISTINCT xmin::text) FROM ts.results_raw")[0]
    print(f"{title}: {checks / (tick['seconds'] - began['seconds']):.0f} checks/s, commits of {batch} on average, "
          f"refused {tick['refused']}")
    for name, value in sorted(cost.items(), key=lambda item: -item[1]):
        print(f"  {name:26} {value:6.1f} us/check")
    return cost


def profile(core: stack.Core) -> None:
    pids = {"plane": str(core.plane.pid), "postgres": ",".join(str(pid) for pid in stack.descendants(core.postgres.pid))}
    for name, pid in pids.items():
        subprocess.Popen(["perf", "record", "-q", "-g", "-F", "499", "-p", pid, "-o", core.path(f"{name}.perf"), "sleep", "8"],
                         stderr=subprocess.DEVNULL)


def show_profiles(core: stack.Core) -> None:
    for name in ("postgres", "plane"):
        print(f"{name}, by function:", flush=True)
        subprocess.run(["perf", "report", "-i", core.path(f"{name}.perf"), "--no-children", "-g", "none", "--percent-limit", "1.5",
                        "--stdio", "-q"], stderr=subprocess.DEVNULL)


stack.run(main)
