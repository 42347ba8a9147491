#!/usr/bin/env python3
"""Bloat and lateness of the queue over time: JOBS jobs at an interval of EVERY seconds,
leased, answered at once and committed for SECONDS; every minute the size of the job table
and its index against their fresh size, and start lateness.

  endurance.py --jobs 5000 --every 1 --seconds 360     six hours of one-minute slots each
  endurance.py --jobs 60000 --every 60 --seconds 720 --snapshot 600
                                                       a snapshot held open elsewhere meanwhile

usage: endurance.py --openseer PATH --programs DIRECTORY [--jobs N] [--every S] [--seconds N] [--snapshot N]
"""
import argparse
import subprocess
import time

import stack


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openseer", required=True)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=360)
    parser.add_argument("--snapshot", type=int, default=0, help="seconds that a foreign snapshot is held, from the first minute on")
    options = parser.parse_args()
    core = stack.Core(options.openseer, options.programs)
    try:
        stack.load_jobs(core, options.jobs, options.every, (5, 5 + options.every))
        core.start_plane()
        workers = core.workers("bench", 3, capacity=4000, seconds=options.seconds + 60)
        watch(core, options, [core.postgres.pid, core.plane.pid])
        workers.kill()
    finally:
        core.close()


def sizes(core: stack.Core) -> list[float]:
    return [int(size) / 2**20 for size in core.sql("SELECT pg_relation_size('app.jobs'), pg_relation_size('app.jobs_due')")]


def watch(core: stack.Core, options, roots: list[int]) -> None:
    fresh = sizes(core)
    print(f"{options.jobs} jobs every {options.every} s; fresh: table {fresh[0]:.1f} MB, due index {fresh[1]:.1f} MB")
    print("| minute | checks/s | lateness p50 ms | p99 ms | max ms | table | due index | missed | postgres us/check | control plane us/check |")
    print("|---" * 10 + "|", flush=True)
    time.sleep(10)
    holder = None
    before, clock = stack.cpu_by_role(roots), time.monotonic()
    since = core.sql("SELECT extract(epoch FROM now())")[0]
    for minute in range(1, options.seconds // 60 + 1):
        if options.snapshot and minute == 2:
            holder = subprocess.Popen(["psql", "-Xq", core.url], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
            holder.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT count(*) FROM app.regions;\n")
            holder.stdin.flush()
        if holder and minute == 2 + options.snapshot // 60:
            holder.kill()
        time.sleep(max(0.0, 60 - (time.monotonic() - clock)))
        after, elapsed = stack.cpu_by_role(roots), time.monotonic() - clock
        clock = time.monotonic()
        now = core.sql("SELECT extract(epoch FROM now())")[0]
        row = core.sql(f"""SELECT count(*), coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY lateness_ms), 0),
            coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY lateness_ms), 0), coalesce(max(lateness_ms), 0)
            FROM ts.results_raw WHERE slot >= to_timestamp({since}) AND slot < to_timestamp({now})""")
        missed = core.sql(f"SELECT count(*) FROM ts.gaps WHERE until > to_timestamp({since})")[0]
        table, index = sizes(core)
        checks = max(int(row[0]), 1)
        cost = {name: (after.get(name, 0) - before.get(name, 0)) * 1e6 / checks for name in ("postgres", "control-plane")}
        held = " (snapshot held)" if holder and holder.poll() is None else ""
        print(f"| {minute}{held} | {checks / elapsed:.0f} | {row[1]} | {row[2]} | {row[3]} | {table / fresh[0]:.2f} | {index / fresh[1]:.2f} "
              f"| {missed} | {cost['postgres']:.0f} | {cost['control-plane']:.0f} |", flush=True)
        before, since = after, now
    if holder:
        holder.kill()


stack.run(main)
