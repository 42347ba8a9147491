#!/usr/bin/env python3
"""What a check costs: client CPU per check of the probe's engine, a bare client,
curl and prometheus-blackbox-exporter, against the same target in the same run.

The client has one core to itself and the target another. Rounds are interleaved
and the median is kept, so that a busy moment of the machine meets everybody.

usage: probe.py --programs DIRECTORY [--rounds 5] [--waiting 10000]
"""
import argparse
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

CLIENT_CORE, TARGET_CORE = 0, 1
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def pinned(core: int, *command: str) -> list[str]:
    return ["taskset", "-c", str(core), *map(str, command)]


def cpu_seconds(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Certificates:
    """An authority, an intermediate and a leaf, as the web has them: RSA above, P-256 below."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.authority, self.chain, self.key = directory / "ca.pem", directory / "chain.pem", directory / "leaf.key"
        intermediate, leaf = directory / "intermediate.pem", directory / "leaf.pem"

        def make(name: str, out: pathlib.Path, key: pathlib.Path, kind: list[str], extensions: str, issuer=None) -> None:
            config = directory / "extensions.cnf"
            config.write_text(f"[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN={name}\n[ext]\n{extensions}\n")
            command = ["openssl", "req", "-x509", "-new", "-nodes", "-days", "30", "-newkey", *kind, "-keyout", key,
                       "-out", out, "-config", config, "-extensions", "ext"]
            if issuer:
                command += ["-CA", issuer[0], "-CAkey", issuer[1]]
            subprocess.run(command, check=True, capture_output=True)

        ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash"
        rsa, p256 = ["rsa:2048"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        ca_key, int_key = directory / "ca.key", directory / "intermediate.key"
        make("Bench Root", self.authority, ca_key, rsa, ca)
        make("Bench Intermediate", intermediate, int_key, rsa, ca, (self.authority, ca_key))
        make("localhost", leaf, self.key, p256, "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth",
             (intermediate, int_key))
        self.chain.write_text(leaf.read_text() + intermediate.read_text())


def start_target(programs: pathlib.Path, *certificate: pathlib.Path) -> tuple[subprocess.Popen, int]:
    port = free_port()
    process = subprocess.Popen(pinned(TARGET_CORE, programs / "bench_target", str(port), *certificate))
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the target did not start")


def program_us(*command: str) -> float:
    """The second figure a program of ours prints: CPU microseconds per check."""
    return float(subprocess.run(pinned(CLIENT_CORE, *command), check=True, capture_output=True, text=True).stdout.split()[1])


def curl_us(url: str, count: int, *more: str) -> float:
    """One curl process, libcurl's own loop: as many requests as asked for, one new connection each."""
    globbed = f"{url}?[1-{count}]"
    command = ["curl", "-s", "-o", "/dev/null", "-H", "Connection: close", *more, globbed]
    before = os.times()
    subprocess.run(pinned(CLIENT_CORE, *command), check=True)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent * 1e6 / count


class Blackbox:
    def __init__(self, program: str, directory: pathlib.Path, authority: pathlib.Path) -> None:
        config = directory / "blackbox.yml"
        config.write_text(
            "modules:\n  http:\n    prober: http\n    http:\n      preferred_ip_protocol: ip4\n"
            f"      tls_config:\n        ca_file: {authority}\n")
        self.port = free_port()
        self.process = subprocess.Popen(
            pinned(CLIENT_CORE, program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{self.port}",
                   "--log.level=error"), stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("blackbox_exporter did not start")

    def us(self, url: str, count: int) -> float:
        before = cpu_seconds(self.process.pid)
        for _ in range(count):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/probe?module=http&target={url}") as answer:
                if b"probe_success 1" not in answer.read():
                    raise SystemExit("blackbox_exporter: the probe failed")
        return (cpu_seconds(self.process.pid) - before) * 1e6 / count


def median_of(rounds: int, rows: dict) -> dict:
    found = {name: [] for name in rows}
    for _ in range(rounds):
        for name, measure in rows.items():
            found[name].append(measure())
    return {name: statistics.median(values) for name, values in found.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--waiting", type=int, default=10_000)
    o = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="openseer-bench-"))
    processes = []
    try:
        certificates = Certificates(directory)
        plain, port = start_target(o.programs)
        secure, tls_port = start_target(o.programs, certificates.chain, certificates.key)
        processes += [plain, secure]
        bare, probe = o.programs / "bench_bare_client", o.programs / "bench_probe_client"
        url, tls_url = f"http://127.0.0.1:{port}/", f"https://localhost:{tls_port}/"
        ca = f"ca={certificates.authority}"
        rows = {
            "bare": lambda: program_us(bare, port, 20_000),
            "probe": lambda: program_us(probe, url, 20_000),
            "bare, kept": lambda: program_us(bare, port, 50_000, "keep"),
            "probe, kept": lambda: program_us(probe, url + "keep", 50_000, "keep"),
            "bare, TLS": lambda: program_us(bare, tls_port, 2_000, "tls", certificates.authority),
            "probe, TLS": lambda: program_us(probe, tls_url, 2_000, "verify-every-chain", ca),
            "probe, TLS, chains remembered": lambda: program_us(probe, tls_url, 2_000, ca),
            "curl": lambda: curl_us(url, 3_000),
            "curl, TLS": lambda: curl_us(tls_url, 500, "--cacert", str(certificates.authority), "--http1.1"),
        }
        exporter = shutil.which("prometheus-blackbox-exporter") or "build/tools/prometheus-blackbox-exporter"
        if os.access(exporter, os.X_OK):
            blackbox = Blackbox(exporter, directory, certificates.authority)
            processes.append(blackbox.process)
            rows["blackbox_exporter"] = lambda: blackbox.us(url, 1_000)
            rows["blackbox_exporter, TLS"] = lambda: blackbox.us(tls_url, 300)
        print("| client | CPU us per check |\n|---|---|")
        for name, value in median_of(o.rounds, rows).items():
            print(f"| {name} | {value:.1f} |")
        print(f"\n| waiting, {o.waiting} at once | bytes per check |\n|---|---|")
        for name, command in {"plain": (url + "hold",), "TLS": (tls_url + "hold",)}.items():
            held = subprocess.run(pinned(CLIENT_CORE, probe, *command, str(o.waiting), "hold", ca), check=True,
                                  capture_output=True, text=True)
            print(f"| {name} | {float(held.stdout):.0f} |")
    finally:
        for process in processes:
            process.kill()
        shutil.rmtree(directory)
    return 0


sys.exit(main())
