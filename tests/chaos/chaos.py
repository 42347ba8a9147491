#!/usr/bin/env python3
"""Real clusters under faults, from seeds; says which seed broke a promise first.

usage: chaos.py --openseer PATH [--seeds N | --seed N] [--first N] [--jobs N] [--keep]
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from cluster import die_with_parent, make_template, remove

HERE = Path(__file__).resolve().parent
LIMIT = 420  # seconds a run may take
SAID = {0: "passed", 1: "FAILED", 3: "passed (too busy to judge time)"}


def command(options: argparse.Namespace, template: Path, seed: int) -> tuple[list[str], dict[str, str]]:
    run = [sys.executable, str(HERE / "run.py"), "--openseer", options.openseer, "--template", str(template),
           "--seed", str(seed), *(["--keep"] if options.keep else [])]
    if os.geteuid() != 0:
        return run, dict(os.environ)
    # Processes, mounts and ports of its own: nothing outlives a run, whatever happens to it.
    isolate = ["unshare", "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child", "--mount-proc"]
    return isolate + run, os.environ | {"CHAOS_NAMESPACES": "1"}


def one(options: argparse.Namespace, template: Path, seed: int) -> tuple[int, int, float, str]:
    began = time.monotonic()
    program, environment = command(options, template, seed)
    process = subprocess.Popen(program, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent)
    try:
        said = process.communicate(timeout=LIMIT)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        said = process.communicate()[0] + f"\nthe run did not end within {LIMIT} s"
        return seed, 2, time.monotonic() - began, said
    return seed, process.returncode, time.monotonic() - began, said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openseer", required=True)
    parser.add_argument("--seeds", type=int, default=5, help="so many, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int, help="this one alone, with everything it says")
    parser.add_argument("--jobs", type=int, default=2, help="runs at once")
    parser.add_argument("--keep", action="store_true", help="leave the logs of runs that fail")
    options = parser.parse_args()
    options.openseer = str(Path(options.openseer).resolve())
    seeds = [options.seed] if options.seed else range(options.first, options.first + options.seeds)
    scratch = Path(tempfile.mkdtemp(prefix="openseer-chaos-template-"))
    scratch.chmod(0o755)
    if os.geteuid() != 0:
        print("not root: no full disk and no namespaces in these runs", flush=True)
    failed, passed, untimed, began = [], 0, 0, time.monotonic()
    try:
        template = make_template(options.openseer, scratch)
        with ThreadPoolExecutor(options.jobs) as pool:
            for done in as_completed([pool.submit(one, options, template, seed) for seed in seeds]):
                seed, code, seconds, said = done.result()
                passed += code in (0, 3)
                untimed += code == 3
                print(f"seed {seed}: {SAID.get(code, 'COULD NOT RUN')} in {seconds:.0f} s", flush=True)
                if code not in (0, 3) or options.seed:
                    print(said, flush=True)
                if code not in (0, 3):
                    failed.append(seed)
                    print(f"reproduce it with: make chaos SEED={seed}\n", flush=True)
    finally:
        remove(scratch)
    print(f"chaos: {passed} passed, {len(failed)} failed in {(time.monotonic() - began) / 60:.1f} min"
          + (f"; {untimed} of them on too busy a machine to judge time" if untimed else "")
          + (f"; first violation: seed {min(failed)}" if failed else ""))
    raise SystemExit(1 if failed else 0)


main()
