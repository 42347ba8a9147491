#!/usr/bin/env python3
"""How the list of monitors feels in a browser with 10,000 of them.

Starts `openseer up`, writes the monitors and a day of their history with
bench_seed_history, and runs web/tests/list-speed.mjs in Chromium against it.

usage: web.py --openseer PATH --programs DIRECTORY [--monitors 10000]
"""
import argparse
import os
import subprocess
import time

from stack import Up, run, sql


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openseer", required=True)
    parser.add_argument("--programs", required=True, help="where bench_seed_history and bench_target are")
    parser.add_argument("--monitors", type=int, default=10_000)
    o = parser.parse_args()
    web = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../web")
    up = Up(o.openseer, o.programs)
    try:
        subprocess.run([os.path.join(o.programs, "bench_seed_history"), "--database-url", up.url, "--workspace", up.workspace,
                        "--monitors", str(o.monitors), "--days", "1", "--raw-days", "0", "--hour-days", "1",
                        "--regions", "eu-central"], check=True)
        # The browser is not to wait for what a minute's work makes.
        while int(sql(up.url, "SELECT count(*) FROM app.monitor_figures")[0]) < o.monitors:
            time.sleep(1)
        subprocess.run(["sh", "with-node.sh", "node", "tests/list-speed.mjs"], cwd=web, check=True,
                       env={**os.environ, "OPENSEER_URL": f"http://localhost:{up.http}", "OPENSEER_EMAIL": "bench@example.com",
                            "OPENSEER_PASSWORD": "a long bench password"})
    finally:
        up.close()


run(main)
