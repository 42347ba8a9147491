"""A cluster of real processes: PostgreSQL, control planes, workers."""
import ctypes
import json
import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from sql import Sql, SqlError

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"


class ChaosError(Exception):
    """The run itself went wrong, or the product broke a promise at once."""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def die_with_parent(by: int = signal.SIGKILL) -> None:
    """In a child before it executes: the kernel ends it with the thread that made it."""
    LIBC.prctl(PR_SET_PDEATHSIG, by)


def spawn(command: list[str], log: Path, environment: dict[str, str] | None = None, user: str | None = None,
          death: int = signal.SIGKILL) -> subprocess.Popen:
    """A process that dies with this one."""
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
    with open(log, "ab") as output:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                env=kept | (environment or {}), user=user, group=user,
                                extra_groups=[] if user else None, preexec_fn=lambda: die_with_parent(death),
                                start_new_session=True)


def wait_until(condition, limit: float, pause: float = 0.05) -> bool:
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return bool(condition())
        time.sleep(pause)
    return True


def binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if not found:
        raise ChaosError("PostgreSQL's server is missing (Debian package postgresql)")
    return found[-1].parent


def make_template(openseer: str, directory: Path) -> Path:
    """An initialised, migrated data directory, to be copied for each run."""
    template = Postgres(directory / "template", user=postgres_user())
    template.initialise()
    template.start()
    template.sql("CREATE ROLE openseer LOGIN", database="postgres")
    template.sql("CREATE DATABASE openseer OWNER openseer", database="postgres")
    subprocess.run([openseer, "migrate", "up"], env={"DATABASE_URL": template.url, "PATH": os.environ["PATH"]},
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    template.stop(signal.SIGINT)
    return template.data


def postgres_user() -> str | None:
    return "postgres" if os.geteuid() == 0 else None


class Postgres:
    def __init__(self, directory: Path, user: str | None) -> None:
        self.directory, self.user = directory, user
        directory.mkdir(parents=True, exist_ok=True)
        self.data, self.log = directory / "data", directory / "postgres.log"
        self.process: subprocess.Popen | None = None
        # The sockets' directory is not the data's, which may be full.
        self.url = f"postgresql://openseer@/openseer?host={directory}"
        self.client = Sql(directory, "postgres")
        self.own(directory)

    def own(self, path: Path) -> None:
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def initialise(self) -> None:
        made = spawn([str(binaries() / "initdb"), "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                      "--no-locale", "--no-sync", "--no-instructions"], self.log, user=self.user)
        if made.wait(240) != 0:
            raise ChaosError("initdb failed: " + self.log.read_text()[-1000:])

    def copy_from(self, template: Path, tmpfs_bytes: int | None) -> None:
        self.data.mkdir(mode=0o700)
        if tmpfs_bytes:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={tmpfs_bytes}", "chaos", str(self.data)], check=True)
        self.own(self.data)
        os.chmod(self.data, 0o700)
        subprocess.run(["cp", "-a", f"{template}/.", str(self.data)], check=True)

    def launch(self) -> None:
        settings = ["listen_addresses=", "max_connections=40", "superuser_reserved_connections=5", "shared_buffers=16MB",
                    "min_wal_size=32MB", "max_wal_size=64MB", "log_min_messages=warning", "timezone=UTC",
                    "autovacuum_naptime=5s", "unix_socket_permissions=0777"]
        command = [str(binaries() / "postgres"), "-D", str(self.data), "-k", str(self.directory), "-p", "5432"]
        for setting in settings:
            command += ["-c", setting]
        self.process = spawn(command, self.log, user=self.user, death=signal.SIGQUIT)

    def answers(self) -> bool:
        try:
            return self.sql("SELECT 1", limit=2, database="postgres") == [["1"]]
        except ChaosError:
            return False

    def start(self, limit: float = 60) -> None:
        """As an init system would: until it runs."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                self.launch()
            if self.answers():
                return
            time.sleep(0.1)
        raise ChaosError("PostgreSQL does not start: " + self.log.read_text()[-1500:])

    def stop(self, how: int) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def sql(self, statements: str, limit: float = 20, database: str = "openseer") -> list[list[str]]:
        """Rows of text. Raises ChaosError when the server refuses or does not answer in time."""
        try:
            return self.client.query(statements, limit, database)
        except SqlError as error:
            raise ChaosError(str(error)) from error


class Program:
    """A process of the product that can be killed, stopped and started again."""

    def __init__(self, openseer: str, name: str, log: Path) -> None:
        self.openseer, self.name, self.log = openseer, name, log
        self.process: subprocess.Popen | None = None
        # Seconds that its machine's clock is off, as clock.c reads them.
        self.clock_file = log.with_suffix(".clock")
        self.set_clock(0)
        self.expected_end = False  # somebody ended it on purpose

    def environment(self) -> dict[str, str]:
        return {}

    def command(self) -> list[str]:
        raise NotImplementedError

    def set_clock(self, seconds: int) -> None:
        self.clock = seconds
        with open(self.clock_file, "r+b" if self.clock_file.exists() else "wb", buffering=0) as file:
            file.write(struct.pack("q", seconds))

    def start(self) -> None:
        library = Path(self.openseer).parent / "tests" / "chaos" / "chaos_clock.so"
        clock = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(self.clock_file)}
        self.process = spawn(self.command(), self.log, self.environment() | clock)
        self.expected_end = False

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        self.expected_end = True
        self.signal(signal.SIGKILL)
        self.process.wait(10)

    def ask_to_end(self) -> None:
        self.expected_end = True
        self.signal(signal.SIGTERM)

    def wait_end(self, limit: float = 90) -> int:
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired as error:
            raise ChaosError(f"{self.name} does not end after SIGTERM in {limit:.0f} s") from error

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None and not self.expected_end

    def lines(self) -> list[dict]:
        """Its log; a line that was being written when it was killed is left out."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return [line for line in found if isinstance(line, dict)]

    def descriptors(self) -> int:
        try:
            return len(os.listdir(f"/proc/{self.process.pid}/fd"))
        except OSError:
            return 0


class ControlPlane(Program):
    def __init__(self, openseer: str, number: int, directory: Path, database_url: str, options: list[str]) -> None:
        super().__init__(openseer, f"control plane {number}", directory / f"control-plane-{number}.log")
        self.url, self.options = database_url, options
        self.http, self.api, self.workers = free_port(), free_port(), free_port()
        self.kills = 0

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url, "OPENSEER_SECRET_KEY": SECRET}

    def command(self) -> list[str]:
        return [self.openseer, "control-plane", "--http-port", str(self.http), "--api-port", str(self.api),
                "--worker-port", str(self.workers), "--address", "127.0.0.1", "--log-format", "json", *self.options]

    def get(self, path: str, limit: float = 2) -> str | None:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.http}{path}", timeout=limit) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def ready(self) -> bool:
        return self.get("/readyz") is not None

    def metric(self, series: str) -> float:
        found = re.search("^" + re.escape(series) + " (.*)$", self.get("/metrics") or "", re.M)
        return float(found.group(1)) if found else 0.0


class Worker(Program):
    def __init__(self, openseer: str, name: str, region: str, directory: Path, server: int, proxy) -> None:
        super().__init__(openseer, "worker " + name, directory / f"worker-{name}.log")
        self.region, self.server, self.proxy = region, server, proxy
        self.state = directory / f"worker-{name}"
        self.label, self.token, self.id = name, "", 0

    def environment(self) -> dict[str, str]:
        return {"OPENSEER_ENROLL_TOKEN": self.token} if self.token else {}

    def command(self) -> list[str]:
        return [self.openseer, "worker", "--server", f"https://localhost:{self.server}", "--stream",
                f"localhost:{self.proxy.port}", "--state-dir", str(self.state), "--name", self.label,
                "--allow-private", "--log-level", "debug", "--log-format", "json"]


class Api:
    """The API as any client would use it, over whichever replica answers."""

    def __init__(self, control_planes: list[ControlPlane]) -> None:
        self.control_planes, self.cookie, self.workspace = control_planes, "", ""

    def call(self, method: str, body: dict, limit: float = 10) -> dict:
        failure = "no control plane answers"
        for plane in self.control_planes:
            request = urllib.request.Request(f"http://localhost:{plane.http}/api/openseer.v1.{method}",
                                             json.dumps(body).encode(),
                                             {"Content-Type": "application/json", "Cookie": self.cookie})
            try:
                with urllib.request.urlopen(request, timeout=limit) as answer:
                    if cookie := answer.headers.get("Set-Cookie"):
                        self.cookie = cookie.split(";")[0]
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                failure = f"{method}: {error.code} {error.read().decode()[:300]}"
            except OSError as error:
                failure = f"{method}: {error}"
        raise ChaosError(failure)

    def insist(self, method: str, body: dict, limit: float = 15) -> dict:
        """Again until it works: for what can be repeated."""
        deadline = time.monotonic() + limit
        while True:
            try:
                return self.call(method, body)
            except ChaosError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def sign_up(self) -> None:
        user = self.call("AuthService/SignUp", {"email": "owner@example.com", "password": "a long chaos password"})
        self.workspace = user["memberships"][0]["workspaceId"]


def remove(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
