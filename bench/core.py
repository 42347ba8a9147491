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
import time

import stack


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openseer", required=True)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--capacity", type=int, default=2000, help="what one worker can take at once")
    parser.add_argument("--warm", type=float, default=0.1, help="part of the jobs that is not measured")
    parser.add_argument("--statements", action="store_true", help="the time within each statement, by pg_stat_statements")
    parser.add_argument("--profile", action="store_true", help="perf of the busiest processes into DIRECTORY/*.perf")
    options = parser.parse_args()
    core = stack.Core(options.openseer, options.programs, statements=options.statements)
    try:
        measure(core, options)
    finally:
        core.close()


def measure(core: stack.Core, options) -> None:
    stack.load_jobs(core, options.jobs, 3600, (-60, 0))
    core.start_plane()
    if options.statements:
        core.sql("SELECT pg_stat_statements_reset()")
    workers = core.workers("bench", options.workers, capacity=options.capacity, seconds=600, results=options.jobs)
    roots = [core.postgres.pid, core.plane.pid, workers.pid]
    before = None
    for tick in stack.progress(workers):
        if before is None and tick["accepted"] >= options.warm * options.jobs:
            before, began = stack.cpu_by_role(roots), tick
            if options.profile:
                profile(core, workers)
        if tick["accepted"] >= options.jobs * 0.97:
            break
    after = stack.cpu_by_role(roots)
    checks = tick["accepted"] - began["accepted"]
    cost = {name: (after[name] - before[name]) * 1e6 / checks for name in after if name in before}
    print(f"jobs {options.jobs}, workers {options.workers} x {options.capacity}: "
          f"{checks / (tick['seconds'] - began['seconds']):.0f} checks/s, refused {tick['refused']}, "
          f"batch {core.sql('SELECT count(*) / count(DISTINCT xmin::text) FROM ts.results_raw')[0]}")
    for name, value in sorted(cost.items(), key=lambda item: -item[1]):
        print(f"  {name:26} {value:6.1f} us/check")
    if options.statements:
        core.statement_times(tick["accepted"])
    print(f"  control plane memory {stack.memory_mb(core.plane.pid):.0f} MB")


def profile(core: stack.Core, workers: subprocess.Popen) -> None:
    pids = {"plane": str(core.plane.pid),
            "postgres": ",".join(str(pid) for pid in stack.descendants(core.postgres.pid))}
    for name, pid in pids.items():
        subprocess.Popen(["perf", "record", "-q", "-g", "-F", "499", "-p", pid, "-o", f"/tmp/c1-{name}.perf", "sleep", "8"],
                         stderr=subprocess.DEVNULL)


stack.run(main)
