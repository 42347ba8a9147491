"""The programs under test and beside it: run to their end, or run as a server."""
import dataclasses
import json
import os
import pathlib
import select
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Debian's packages, unpacked rather than installed: nothing of them runs by itself.
SERVERS = ROOT / "build" / "tools" / "servers"
LIBRARIES = SERVERS / "usr" / "lib" / "x86_64-linux-gnu"


@dataclasses.dataclass
class Check:
    """What `openseer check --json` said."""
    exit: int
    seconds: float
    megabytes: float  # the process's largest resident set
    result: dict
    evidence: dict

    @property
    def reason(self) -> str:
        return self.result.get("reason", "").removeprefix("REASON_")

    @property
    def status(self) -> int:
        return self.result.get("httpStatus", 0)

    @property
    def message(self) -> str:
        return self.result.get("message", "")


def check(url: str, *options: str) -> Check:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen([os.environ["OPENSEER"], "check", url, "--json", *options],
                                   stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        _, code, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(code)
        out.seek(0)
        err.seek(0)
        text = out.read().decode()
        if process.returncode not in (0, 1):
            raise AssertionError(f"openseer check {url} {options}: exit {process.returncode}\n{err.read().decode()}")
    answer = json.loads(text)
    return Check(process.returncode, seconds, usage.ru_maxrss / 1024, answer["result"], answer.get("evidence", {}))


@dataclasses.dataclass
class Fetched:
    """What curl said."""
    exit: int
    status: int
    url: str
    version: str
    body: bytes


def curl(url: str, *options: str) -> Fetched:
    with tempfile.NamedTemporaryFile() as body:
        done = subprocess.run(["curl", "-q", "-s", "--compressed", "-o", body.name, "-w", "%{http_code} %{http_version} %{url_effective}",
                               url, *options], capture_output=True, text=True, timeout=60)
        status, version, final = done.stdout.split(" ", 2)
        return Fetched(done.returncode, int(status), final, version, pathlib.Path(body.name).read_bytes())


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tool(name: str) -> str:
    """A server's program, from its unpacked package."""
    for directory in (SERVERS / "usr/sbin", SERVERS / "usr/bin", SERVERS.parent):
        if (directory / name).exists():
            return str(directory / name)
    raise FileNotFoundError(f"{name}: scripts/install-packages test fetches it")


class Server:
    """A program that listens, started in a directory of its own and stopped by its pid."""

    def __init__(self, command: list[str], ports: list[int], directory: pathlib.Path, **environment: str):
        self.log = directory / (pathlib.Path(command[0]).name + f"-{ports[0]}.log")
        environment = {**os.environ, "LD_LIBRARY_PATH": str(LIBRARIES), **environment}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, cwd=directory)
        for port in ports:
            self.wait_for(port)

    def wait_for(self, port: int) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    return
            if self.process.poll() is not None:
                raise AssertionError(f"{self.process.args[0]} ended:\n{self.log.read_text()}")
            # A port can only be asked: there is nothing to wait for but the process's end.
            select.select([], [], [], 0.02)
        self.stop()
        raise AssertionError(f"{self.process.args[0]} does not listen on {port}:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
