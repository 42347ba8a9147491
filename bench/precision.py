#!/usr/bin/env python3
"""Start lateness (start minus slot) of real probes, and whether a slot was missed or doubled.

`openseer up` with one worker checks a target on loopback from MONITORS monitors with an
interval of one second, for SECONDS.

usage: precision.py --openseer PATH --programs DIRECTORY [--monitors 1000] [--seconds 60]
"""
import argparse
import time

import stack


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openseer", required=True)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--monitors", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    up = stack.Up(options.openseer, options.programs)
    try:
        for number in range(options.monitors):
            up.create_monitor(number)
        time.sleep(5)
        began = stack.sql(up.url, "SELECT extract(epoch FROM date_trunc('second', now()))")[0]
        roots = [up.stack.pid, up.target.pid]
        before = stack.cpu_by_role(roots)
        time.sleep(options.seconds)
        after = stack.cpu_by_role(roots)
        until = stack.sql(up.url, "SELECT extract(epoch FROM date_trunc('second', now()) - interval '5 s')")[0]
        report(up, float(began), float(until), {name: after[name] - before.get(name, 0) for name in after})
    finally:
        up.close()


def report(up: stack.Up, began: float, until: float, cpu: dict[str, float]) -> None:
    span = f"slot >= to_timestamp({began}) AND slot < to_timestamp({until})"
    quantiles = ", ".join(f"percentile_disc({p}) WITHIN GROUP (ORDER BY lateness_ms)"
                          for p in (0.5, 0.95, 0.99, 0.999))
    row = stack.sql(up.url, f"SELECT count(*), count(DISTINCT (job_id, slot)), {quantiles}, "
                    f"max(lateness_ms) FROM ts.results_raw WHERE {span}")
    # An epoch's first slot, off the grid, was before the span: all that is left is the grid.
    expected = stack.sql(up.url, f"SELECT sum((SELECT count(*) FROM generate_series(date_bin(every, to_timestamp({began}) "
                         f"+ every - interval '1 us', origin), to_timestamp({until}) - interval '1 us', every))) FROM app.jobs")[0]
    missed = stack.sql(up.url, "SELECT coalesce(sum(extract(epoch FROM until - first_slot)), 0)::bigint FROM ts.gaps "
                       f"WHERE until > to_timestamp({began}) AND first_slot < to_timestamp({until})")[0]
    checks = int(row[0])
    refused = up.metric('openseer_results_total{acceptance="fenced"}')
    print(f"{until - began:.0f} s: {checks} results ({checks / (until - began):.0f}/s) for {expected} slots, "
          f"{missed} missed, {checks - int(row[1])} doubled, "
          f"{refused:.0f} refused")
    print(f"lateness ms: p50 {row[2]}, p95 {row[3]}, p99 {row[4]}, p99.9 {row[5]}, max {row[6]}")
    for name, seconds in sorted(cpu.items(), key=lambda item: -item[1]):
        print(f"  {name:16} {seconds * 1e6 / checks:6.1f} us/check, {100 * seconds / (until - began):5.1f} % of a core")


stack.run(main)
