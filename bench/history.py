#!/usr/bin/env python3
"""What reading and rolling up cost with months of history of many monitors.

Starts `openseer up`, writes history with bench_seed_history, and measures
  - every query of the overview, the list and a monitor's page, through the API;
  - keeping the lists' figures fresh, and working all of them out anew;
  - the catch-up of the rollups after a day's outage, while 1 s monitors are checked;
  - the bytes of a raw result.

usage: history.py --openseer PATH --programs DIRECTORY [--monitors 10000] [--raw-days 7] [--hour-days 31]
"""
import argparse
import os
import subprocess
import time

from stack import Up, cpu_by_role, result_size, run, sql


def timed(api, method: str, body: dict, times: int = 15) -> tuple[float, float, dict]:
    """Median and worst in milliseconds, and the last answer; the first call warms up."""
    took = []
    for _ in range(times + 1):
        began = time.perf_counter()
        answer = api.call(method, body)
        took.append((time.perf_counter() - began) * 1000)
    took = sorted(took[1:])
    return took[len(took) // 2], took[-1], answer


def measure_reading(up: Up, monitors: list[dict]) -> None:
    own = {"workspaceId": up.workspace}
    page = {**own, "monitorId": next(m["id"] for m in monitors if m["interval"] == "300s")}
    rows = [("overview", "DashboardService/GetOverview", own)]
    for order in ("NAME", "STATE", "UPTIME", "SLOWEST"):
        rows.append((f"list, 100 by {order.lower()}", "MonitorService/ListMonitors",
                     {**own, "pageSize": 100, "order": f"MONITOR_ORDER_{order}"}))
    rows.append(("list, search and tag", "MonitorService/ListMonitors", {**own, "search": "shop", "tags": ["production"]}))
    rows.append(("bars of 100 monitors, 30 days", "MetricsService/GetUptimeBars",
                 {**own, "monitorIds": [m["id"] for m in monitors[:100]], "count": 30}))
    parts = [("the monitor", "MonitorService/GetMonitor", page),
             ("90 days of bars, 3 regions", "MetricsService/GetUptimeBars",
              {**own, "monitorIds": [page["monitorId"]], "byRegion": True}),
             ("percentiles of 90 days, 3 regions", "MetricsService/GetLatency",
              {**page, "range": "RANGE_90D", "byRegion": True}),
             ("50 results", "MetricsService/ListResults", page)]
    rows += [("page: " + name, method, body) for name, method, body in parts]
    for name in ("24H", "7D", "30D"):
        rows.append((f"percentiles of {name.lower()}, 3 regions", "MetricsService/GetLatency",
                     {**page, "range": f"RANGE_{name}", "byRegion": True}))
    rows.append(("uptime windows", "MetricsService/GetUptime", page))
    rows.append(("phases of 7 days", "MetricsService/GetPhases", {**page, "range": "RANGE_7D"}))
    rows.append(("ledger of 30 days, all monitors", "MetricsService/GetLedger", {**own, "start": days_ago(30)}))
    print("| query | median ms | worst ms |\n|---|---|---|")
    whole = 0.0
    for name, method, body in rows:
        median, worst, _ = timed(up.api, method, body, 3 if "all monitors" in name else 15)
        whole += median if name.startswith("page: ") else 0
        print(f"| {name} | {median:.1f} | {worst:.1f} |", flush=True)
    print(f"| a monitor's page, all four | {whole:.1f} | |\n")


def days_ago(days: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86400))


def wait_for(what: str, condition, limit: float) -> float:
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > limit:
            raise SystemExit(f"{what}: not within {limit:.0f} s")
        time.sleep(0.5)
    return time.monotonic() - began


def number(up: Up, statement: str) -> float:
    return float(sql(up.url, statement)[0])


def measure_rebase(up: Up, monitors: int) -> None:
    before = cpu_by_role([up.stack.pid])
    took = wait_for("figures", lambda: number(up, "SELECT count(*) FROM app.monitor_figures") >= monitors, 600)
    after = cpu_by_role([up.stack.pid])
    print(f"figures of all {monitors} monitors worked out in {took:.1f} s: " + ", ".join(
        f"{(after[r] - before[r]) * 1e6 / monitors:.0f} us of {r} each" for r in ("postgres", "control-plane")) + "\n")


def measure_catch_up(up: Up) -> None:
    """Throws the last day's buckets away and lets the control plane make them again."""
    results = number(up, "SELECT count(*) FROM ts.results_raw WHERE slot >= date_trunc('hour', now()) - interval '24 h' "
                         "AND slot < date_trunc('hour', now())")
    for number_of in range(20):
        up.create_monitor(number_of)
    time.sleep(5)
    for table in ("results_agg_1h", "sketches_1h"):
        sql(up.url, f"DELETE FROM ts.{table} WHERE bucket >= date_trunc('hour', now()) - interval '24 h'")
    sql(up.url, "VACUUM ANALYZE")  # what that and the seeding left behind is not part of it
    before, began = cpu_by_role([up.stack.pid]), time.monotonic()
    sql(up.url, "BEGIN; "
                "UPDATE ts.rollup_progress SET closed_until = date_trunc('hour', now()) - interval '24 h' WHERE level IN (1, 2); "
                "UPDATE ts.rollup_progress SET closed_until = date_trunc('day', now() - interval '24 h', 'UTC') WHERE level = 3; COMMIT")
    since = sql(up.url, "SELECT extract(epoch FROM now())")[0]
    wait_for("catch-up", lambda: number(up, "SELECT count(*) FROM ts.rollup_progress WHERE level = 2 AND closed_until >= "
                                            "date_trunc('hour', now() - interval '2 min')") == 1, 1200)
    took, after = time.monotonic() - began, cpu_by_role([up.stack.pid])
    lateness = sql(up.url, "SELECT percentile_disc(0.99) WITHIN GROUP (ORDER BY lateness_ms), "
                           f"(SELECT count(*) FROM ts.gaps WHERE until > to_timestamp({since}) AND until - first_slot < interval '1 min') "
                           f"FROM ts.results_raw WHERE slot >= to_timestamp({since}) AND lateness_ms > 0 AND dense")
    print(f"catch-up of 24 h, {results:.0f} results: {took:.1f} s, {86400 / took:.0f} times faster than they came; " + ", ".join(
        f"{(after[r] - before[r]) * 1e6 / results:.2f} us of {r} a result" for r in ("postgres", "control-plane")) +
        f"; meanwhile start lateness p99 of 20 monitors at 1 s: {lateness[0]} ms, {lateness[1]} gaps\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openseer", required=True)
    parser.add_argument("--programs", required=True, help="where bench_seed_history and bench_target are")
    parser.add_argument("--monitors", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--raw-days", type=int, default=7)
    parser.add_argument("--hour-days", type=int, default=31)
    o = parser.parse_args()
    up = Up(o.openseer, o.programs)
    try:
        began = time.monotonic()
        subprocess.run([os.path.join(o.programs, "bench_seed_history"), "--database-url", up.url, "--workspace", up.workspace,
                        "--monitors", str(o.monitors), "--days", str(o.days), "--raw-days", str(o.raw_days), "--hour-days", str(o.hour_days)], check=True)
        print(f"history of {o.monitors} monitors in 3 regions written in {time.monotonic() - began:.0f} s\n")
        measure_rebase(up, o.monitors)
        print(result_size(up.url) + "\n")
        listed = up.api.call("MonitorService/ListMonitors", {"workspaceId": up.workspace, "pageSize": 1000})["monitors"]
        measure_reading(up, listed)
        measure_catch_up(up)
    finally:
        up.close()


run(main)
