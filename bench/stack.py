"""What the benchmarks share: a private PostgreSQL with a control plane on it, jobs
loaded by COPY, and the CPU time of each process."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Api:
    def __init__(self, port: int) -> None:
        self.base = f"http://localhost:{port}/api/openseer.v1."
        self.cookie = ""

    def call(self, method: str, body: dict) -> dict:
        request = urllib.request.Request(
            self.base + method, json.dumps(body).encode(), {"Content-Type": "application/json", "Cookie": self.cookie})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                cookie = answer.headers.get("Set-Cookie")
                if cookie:
                    self.cookie = cookie.split(";")[0]
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method}: {error.code} {error.read().decode()}") from error


def wait_ready(port: int, process: subprocess.Popen) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"the control plane ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the control plane is not ready after 60 s")


def descendants(root: int) -> dict[int, tuple[int, str]]:
    """pid -> (parent, command line, or the name alone of one that has just ended) of the whole tree."""
    table = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = open(f"/proc/{pid}/stat").read()
            command = open(f"/proc/{pid}/cmdline").read().replace("\0", " ")
        except OSError:
            continue
        table[int(pid)] = (int(stat.rsplit(")", 1)[1].split()[1]), command or stat[stat.index("(") + 1:stat.rindex(")")])
    tree, grew = {root}, True
    while grew:
        more = {pid for pid, (parent, _) in table.items() if parent in tree} - tree
        tree |= more
        grew = bool(more)
    return {pid: table[pid] for pid in tree if pid in table}


def role(command: str) -> str:
    for name in ("control-plane", "bench_synthetic_workers", "bench_queue_client", "bench_target", "worker"):
        if name[:15] in command:  # the kernel's own names are no longer
            return name
    return "postgres" if "postgres" in command else "supervisor"


def cpu_by_role(roots: list[int]) -> dict[str, float]:
    """Seconds of CPU so far, children that have ended included."""
    seconds: dict[str, float] = {}
    for root in roots:
        for pid, (_, command) in descendants(root).items():
            try:
                fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            used = sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICKS
            seconds[role(command)] = seconds.get(role(command), 0.0) + used
    return seconds


def memory_mb(pid: int) -> float:
    """Resident and not shared with a file: what the process costs."""
    text = open(f"/proc/{pid}/status").read()
    return sum(int(re.search(rf"{name}:\s+(\d+)", text)[1]) for name in ("RssAnon", "RssFile")) / 1024


def sql(url: str, statement: str) -> list[str]:
    out = subprocess.run(["psql", "-XqAt", "-F", " ", url, "-c", statement], capture_output=True, text=True)
    if out.returncode != 0:
        raise SystemExit(f"{statement[:200]}: {out.stderr.strip()}")
    return out.stdout.split()


def result_size(url: str) -> str:
    row, key = (float(size) for size in sql(
        url, "SELECT sum(pg_table_size(inhrelid)) / (SELECT count(*) FROM ts.results_raw), "
             "sum(pg_indexes_size(inhrelid)) / (SELECT count(*) FROM ts.results_raw) "
             "FROM pg_inherits WHERE inhparent = 'ts.results_raw'::regclass"))
    return f"a raw result takes {row + key:.1f} bytes: the row {row:.1f}, its key {key:.1f}"


def copy(url: str, target: str, select: str) -> None:
    """What the query gives, through COPY out and COPY in."""
    out = subprocess.Popen(["psql", "-Xq", url, "-c", f"COPY ({select}) TO STDOUT"], stdout=subprocess.PIPE)
    into = subprocess.run(["psql", "-Xq", url, "-c", f"COPY {target} FROM STDIN"], stdin=out.stdout)
    if into.returncode != 0 or out.wait() != 0:
        raise SystemExit(f"COPY {target} failed")


class Core:
    """PostgreSQL and a control plane, without workers. Everything goes with close()."""

    def __init__(self, openseer: str, programs: str, statements: bool = False) -> None:
        self.openseer, self.programs = openseer, programs
        self.directory = tempfile.mkdtemp(prefix="openseer-bench-")
        os.chmod(self.directory, 0o755)
        self.log = open(os.path.join(self.directory, "log"), "w")
        self.processes: list[subprocess.Popen] = []
        self.start_postgres()
        if statements:
            self.stop(self.postgres)
            with open(self.path("data/postgres/data/local.conf"), "a") as settings:
                settings.write("shared_preload_libraries = 'pg_stat_statements'\n")
            self.start_postgres()
            self.sql("CREATE EXTENSION pg_stat_statements")
        subprocess.run([openseer, "migrate", "up", "--database-url", self.url], check=True, stdout=self.log)
        self.key = os.path.join(self.directory, "key")
        with open(os.open(self.key, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(os.urandom(32).hex())
        self.plane: subprocess.Popen | None = None

    def path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def start_postgres(self) -> None:
        self.postgres = self.start("postgres", "--data-dir", self.path("data"))
        address = self.path("data/database-url")
        while not os.path.exists(address):
            if self.postgres.poll() is not None:
                raise SystemExit("PostgreSQL did not start: " + self.path("log"))
            time.sleep(0.05)
        self.url = open(address).read().strip()

    def statement_times(self, checks: int) -> None:
        """Wall time within each statement, the costliest first."""
        rows = subprocess.run(["psql", "-XqAt", "-F", "\t", self.url, "-c",
                               "SELECT round(total_exec_time), calls, rows, left(regexp_replace(query, '\\s+', ' ', 'g'), 90) "
                               "FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 14"], capture_output=True, text=True)
        for line in rows.stdout.splitlines():
            ms, calls, count, query = line.split("\t")
            print(f"  {float(ms) * 1000 / checks:7.2f} us/check {calls:>6} calls {count:>8} rows  {query}")

    def start(self, *arguments: str) -> subprocess.Popen:
        process = subprocess.Popen([self.openseer, *arguments], stdout=self.log, stderr=self.log)
        self.processes.append(process)
        return process

    def start_plane(self) -> None:
        self.http, self.api, self.stream = free_port(), free_port(), free_port()
        self.plane = self.start("control-plane", "--database-url", self.url, "--secret-key-file", self.key,
                                "--http-port", str(self.http), "--api-port", str(self.api), "--worker-port",
                                str(self.stream), "--address", "127.0.0.1")
        wait_ready(self.http, self.plane)

    def stop(self, process: subprocess.Popen) -> None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
        self.processes.remove(process)

    def token(self, region: str, uses: int) -> str:
        out = subprocess.run([self.openseer, "token", "create", "--database-url", self.url, "--secret-key-file", self.key,
                              "--region", region, "--uses", str(uses)], check=True, capture_output=True, text=True)
        return re.search(r"\S{20,}\.[0-9a-f]{64}", out.stdout)[0]

    def workers(self, region: str, count: int, **options) -> subprocess.Popen:
        arguments = [os.path.join(self.programs, "bench_synthetic_workers"), "--server", f"https://localhost:{self.api}",
                     "--stream", f"localhost:{self.stream}", "--token", self.token(region, count), "--workers", str(count)]
        for name, value in options.items():
            arguments += ["--" + name.replace("_", "-"), str(value)]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.processes.append(process)
        return process

    def sql(self, statement: str) -> list[str]:
        return sql(self.url, statement)

    def close(self) -> None:
        for process in reversed(self.processes[:]):
            self.stop(process)
        shutil.rmtree(self.directory, ignore_errors=True)


def load_jobs(core: Core, jobs: int, every: int, first: tuple[float, float], region: str = "bench",
              workspaces: int = 1, settled: bool = True) -> None:
    """One monitor and job each, first due between now + first[0] and now + first[1],
    spread as by a hash; `settled`: as after an ok result, the common case."""
    # A running control plane takes the same locks in another order: give way to it
    # before either is ended for a deadlock.
    for _ in range(300):
        try:
            core.sql("SET lock_timeout = '200ms'; TRUNCATE app.jobs, app.monitor_regions, app.job_epochs, app.monitor_current, app.monitors, "
                     "ts.results_raw, ts.gaps CASCADE")
            break
        except SystemExit as refused:
            if "lock timeout" not in str(refused):
                raise
    else:
        raise SystemExit("the tables could not be emptied: somebody holds them for a minute")
    core.sql(f"INSERT INTO app.regions (name) VALUES ('{region}') ON CONFLICT DO NOTHING")
    region_id = core.sql(f"SELECT id FROM app.regions WHERE name = '{region}'")[0]
    base = int(core.sql(f"WITH w AS (INSERT INTO app.workspaces (name) SELECT 'bench' FROM generate_series(1, {workspaces}) "
                        "RETURNING id) SELECT min(id) FROM w")[0])
    now = float(core.sql("SELECT extract(epoch FROM now())")[0])
    # Spread by a multiplicative hash, to the millisecond.
    core.sql(f"""CREATE TABLE public.bench_due AS SELECT i, {base} + i % {workspaces} AS workspace,
        to_timestamp(round(({now + first[0]} + {first[1] - first[0]} * (i * 2654435761 % 4294967296) / 4294967296.0)::numeric, 3)) AS due
        FROM generate_series(1::bigint, {jobs}) AS i""")
    grid = f"to_timestamp(extract(epoch FROM due) % {every})"
    before = f"due - interval '{every} s'"
    copy(core.url, "app.monitors (id, workspace_id, name, url, method, every, timeout_ms, max_redirects)",
         f"SELECT i, workspace, 'bench ' || i, 'https://host-' || i || '.example.com/health', 'GET', '{every} s', 5000, 5 FROM public.bench_due")
    last, values = "", ""
    if settled:
        last = ", last_slot, last_started_at, last_outcome"
        values = f", {before}, {before}, 1"
    copy(core.url, "app.monitor_regions (job_id, monitor_id, region_id)", f"SELECT i, i, {region_id} FROM public.bench_due")
    copy(core.url, f"app.jobs (id, monitor_id, workspace_id, region_id, every, origin, scheduled_at, next_attempt_at, spec_version{last})",
         f"SELECT i, i, workspace, {region_id}, '{every} s', {grid}, due, due, 1{values} FROM public.bench_due")
    copy(core.url, "app.job_epochs (job_id, monitor_id, region_id, first_slot, every, origin)",
         f"SELECT i, i, {region_id}, due, '{every} s', {grid} FROM public.bench_due")
    state = f"2, i, {before}, {before}" if settled else "1, NULL, NULL, NULL"
    copy(core.url, "app.monitor_current (monitor_id, workspace_id, state, last_job_id, last_slot, last_result_at)",
         f"SELECT i, workspace, {state} FROM public.bench_due")
    core.sql("DROP TABLE public.bench_due")
    core.sql("SELECT setval(pg_get_serial_sequence('app.monitor_regions', 'job_id'), max(id)), "
             "setval(pg_get_serial_sequence('app.monitors', 'id'), max(id)) FROM app.jobs")
    core.sql("VACUUM ANALYZE app.jobs, app.monitor_regions, app.monitors, app.monitor_current")
    core.sql("CHECKPOINT")


def progress(process: subprocess.Popen):
    """The lines of bench_synthetic_workers as dictionaries."""
    for line in process.stdout:
        yield json.loads(line)


class Up:
    """`openseer up` with one local worker, a target on loopback, and a signed-in API."""

    def __init__(self, openseer: str, programs: str, workers: int = 1) -> None:
        self.directory = tempfile.mkdtemp(prefix="openseer-bench-")
        os.chmod(self.directory, 0o755)
        self.log = os.path.join(self.directory, "log")
        self.http, api, stream, self.target_port = (free_port() for _ in range(4))
        self.target = subprocess.Popen([os.path.join(programs, "bench_target"), str(self.target_port)])
        self.stack = subprocess.Popen(
            [openseer, "up", "--data-dir", os.path.join(self.directory, "data"), "--http-port", str(self.http),
             "--api-port", str(api), "--worker-port", str(stream), "--workers", str(workers)],
            stderr=open(self.log, "w"), stdout=subprocess.DEVNULL)
        wait_ready(self.http, self.stack)
        self.url = open(os.path.join(self.directory, "data/database-url")).read().strip()
        self.api = Api(self.http)
        user = self.api.call("AuthService/SignUp", {"email": "bench@example.com", "password": "a long bench password"})
        self.workspace = user["memberships"][0]["workspaceId"]

    def create_monitor(self, number: int, interval: str = "1s") -> None:
        self.api.call("MonitorService/CreateMonitor", {"workspaceId": self.workspace, "spec": {
            "name": f"bench {number}", "url": f"http://127.0.0.1:{self.target_port}/", "interval": interval, "timeout": "1s"}})

    def metric(self, name: str) -> float:
        with urllib.request.urlopen(f"http://localhost:{self.http}/metrics", timeout=5) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name):
                    return float(line.split()[-1])
        return 0.0

    def close(self) -> None:
        self.stack.send_signal(signal.SIGTERM)
        try:
            self.stack.wait(60)
        except subprocess.TimeoutExpired:
            self.stack.kill()
        self.target.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


def run(main) -> None:
    """Turns SIGTERM into an exception, so that what was started ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
