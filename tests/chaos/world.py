"""What a run is made of, and what faults ask of it."""
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from cluster import Api, ChaosError, ControlPlane, Postgres, Worker, postgres_user, wait_until
from network import Network, Proxy, StallWatch, Targets

LEASE = 2.0
CERTIFICATE_LIFE = 15
TMPFS_BYTES = 240 << 20
DESCRIPTORS = 200
TOO_BUSY = 0.02  # of the time in which this process was not run


@dataclass
class Monitor:
    kind: str  # healthy, flaky, broken, hole
    url: str
    every: int
    timeout: float
    regions: list[str]
    id: int = 0
    edited: bool = False
    created: tuple[float, float] = (0, 0)
    paused: tuple[float, float] = (0, 0)

    def spec(self) -> dict:
        return {"name": f"{self.kind} {self.url.split('/', 3)[-1]}", "url": self.url, "interval": f"{self.every}s",
                "timeout": f"{self.timeout}s", "regions": self.regions}


def all_monitors(targets: Targets) -> list[Monitor]:
    base, number = f"http://127.0.0.1:{targets.port}", iter(range(1000))

    def some(count: int, kind: str, path: str, every: int, timeout: float, *regions: str) -> list[Monitor]:
        return [Monitor(kind, f"{base}/{path}/{next(number)}", every, timeout, list(regions)) for _ in range(count)]

    hole = f"http://127.0.0.1:{targets.hole_port}/"
    return [*some(6, "healthy", "fast", 1, 1), *some(4, "healthy", "fast", 2, 2), *some(5, "healthy", "fast", 2, 2, "east"),
            *some(5, "healthy", "fast", 2, 2, "west"), *some(4, "healthy", "fast", 2, 2, "east", "west"),
            *some(2, "healthy", "slow/1.5", 6, 6, "east"), *some(2, "healthy", "slow/1.5", 6, 6, "west"),
            *some(2, "healthy", "slow/1.0", 3, 2, "east"), *some(2, "healthy", "slow/1.0", 3, 2, "west"),
            *some(3, "healthy", "slow/0.4", 2, 2), *some(3, "flaky", "flaky", 1, 1), *some(2, "broken", "broken", 2, 2, "east"),
            # One in ten is a black hole: connects and never answers, or never even connects.
            *some(2, "hole", "hang", 2, 1.5), *[Monitor("hole", hole, 2, 1.5, []) for _ in range(2)]]


@dataclass
class World:
    seed: int
    openseer: str
    directory: Path
    tmpfs: bool
    stalls: StallWatch = field(default_factory=StallWatch)
    alone: bool = True
    workers: list[Worker] = field(default_factory=list)
    retired: list[Worker] = field(default_factory=list)
    planes: list[ControlPlane] = field(default_factory=list)
    skewed: list = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stopped: bool = False
    disk_was_full: bool = False
    judged: bool = True

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.lock = threading.Lock()
        self.local = threading.local()
        self.chance(f"run {self.seed}")
        self.network = Network()
        self.targets = Targets(self.network, random.Random(self.seed))
        self.monitors = all_monitors(self.targets)
        self.postgres = Postgres(self.directory / "pg", postgres_user())

    def chance(self, of: str) -> None:
        """From here this thread's choices follow from `of`: faults that come at once do not mix theirs."""
        self.local.rng = random.Random(of)

    @property
    def rng(self) -> random.Random:
        return self.local.rng

    # --- building

    def build(self, template: Path) -> None:
        self.postgres.copy_from(template, TMPFS_BYTES if self.tmpfs else None)
        self.postgres.start()
        for number in (1, 2):
            self.add_plane(number, [])
        for plane in self.planes:
            self.expect_ready(plane, 30)
        self.api = Api(self.planes)
        self.api.sign_up()
        self.tokens = {region: self.token(region) for region in ("global", "east", "west")}
        for region in ("east", "east", "west", "west", "global"):
            self.add_worker(region, wait=False)
        self.wait_connected(self.workers)
        for monitor in self.monitors:
            asked = time.time()
            made = self.api.call("MonitorService/CreateMonitor", {"workspaceId": self.api.workspace, "spec": monitor.spec()})
            monitor.id = int(made["monitor"]["summary"]["id"])
            monitor.created = (asked, time.time())
        jobs = self.postgres.sql("SELECT j.id FROM app.jobs j JOIN app.monitors m ON m.id = j.monitor_id "
                                 "WHERE m.url LIKE '%/slow/1%'")
        self.slow = {int(row[0]) for row in jobs}
        self.healthy = {monitor.id for monitor in self.monitors if monitor.kind == "healthy"}

    def add_plane(self, number: int, options: list[str], join: bool = True) -> ControlPlane:
        plane = ControlPlane(self.openseer, number, self.directory, self.postgres.url,
                             ["--lease", f"{LEASE:.0f}s", "--database-connections", "8", *options])
        plane.start()
        if join:
            self.planes.append(plane)
        return plane

    def token(self, region: str) -> str:
        return self.api.call("WorkerService/CreateEnrollmentToken", {"region": region, "uses": 100})["secret"]

    def add_worker(self, region: str, wait: bool = True, plane: ControlPlane | None = None) -> Worker:
        number = len(self.workers) + len(self.retired) + 1
        planes = [plane] if plane else self.planes
        proxy = Proxy(self.network, [p.workers for p in planes], random.Random(self.seed * 100 + number))
        worker = Worker(self.openseer, f"{region}-{number}", region, self.directory, planes[number % len(planes)].api, proxy)
        worker.token = self.tokens[region]
        worker.start()
        self.workers.append(worker)
        if wait:
            self.wait_connected([worker])
        return worker

    def wait_connected(self, workers: list[Worker]) -> None:
        for worker in workers:
            if not wait_until(lambda: '"message":"connected"' in worker.log.read_text(), 30 + self.grace()):
                raise ChaosError(f"{worker.name} does not connect: " + worker.log.read_text()[-800:])
            wait_until(lambda: self.find_id(worker), 20)
            if not worker.id:
                raise ChaosError(f"{worker.name} is connected and its row cannot be read")

    def find_id(self, worker: Worker) -> bool:
        """False while a fault beside keeps us from the database, too."""
        try:
            worker.id = int(self.postgres.sql(f"SELECT id FROM app.workers WHERE name = '{worker.label}'", limit=5)[0][0])
        except ChaosError:
            return False
        return True

    # --- telling

    def say(self, what: str) -> None:
        with self.lock:
            self.notes.append(f"{time.monotonic() - self.began:5.1f} s  {what}")

    def violation(self, what: str) -> None:
        self.say("VIOLATION: " + what)
        self.violations.append(what)

    def broken_time(self, what: str) -> None:
        """A promise about time was not kept; whether that counts is known at the end."""
        self.say("LATE: " + what)
        self.late.append(what)

    def judge_time(self) -> None:
        """On a machine that does not let its processes run nothing is punctual, and checks time out."""
        stood_still = self.stalls.since(self.began) / (time.monotonic() - self.began)
        self.judged = stood_still < TOO_BUSY
        if self.judged:
            self.violations += self.late
        else:
            self.say(f"the machine stood still for {stood_still:.0%} of the run: promises about time are not judged")

    def grace(self) -> float:
        """What the machine owes: it may be busy with other things."""
        return min(20.0, 2 * self.stalls.since(time.monotonic() - 10))

    # --- asking

    def some_worker(self) -> Worker:
        """One that another of its region could stand in for."""
        return self.rng.choice([worker for worker in self.workers if worker.region != "global" and not worker.clock
                                and worker.proxy.backends == [plane.workers for plane in self.planes]])

    def leases_of(self, worker: Worker) -> set[int]:
        """Jobs of healthy monitors that it holds."""
        try:
            rows = self.postgres.sql(f"SELECT id, monitor_id FROM app.jobs WHERE leased_by = {worker.id} "
                                     "AND next_attempt_at < 'infinity'", limit=5)
        except ChaosError:
            return set()
        return {int(job) for job, monitor in rows if int(monitor) in self.healthy}

    def expect_run_again(self, jobs: set[int], since: float, limit: float) -> None:
        """Each of the jobs is started again, by anybody, within `limit` of `since`."""
        if not jobs:
            return
        names = ",".join(map(str, jobs))
        began = time.monotonic() - (time.time() - since)

        def waiting() -> list[list[str]]:
            return self.postgres.sql(
                f"SELECT j.id, (SELECT extract(epoch FROM min(r.slot + r.lateness_ms * interval '1 ms')) FROM ts.results_raw r WHERE r.job_id = j.id "
                f"AND r.slot + r.lateness_ms * interval '1 ms' > to_timestamp({since})) FROM app.jobs j WHERE j.id IN ({names}) "
                "AND j.next_attempt_at < 'infinity'")
        wait_until(lambda: all(at for _, at in waiting()), limit + 5 + self.grace(), 0.2)
        allowed = limit + 2 * self.stalls.since(began)
        for job, at in waiting():
            if not at or float(at) - since > allowed:
                late = f"{float(at) - since:.2f} s" if at else "never"
                self.broken_time(f"job {job} lost its worker and is started again after {late}, not {allowed:.2f} s")

    def expect_resumed(self, limit: float) -> None:
        """From here every healthy monitor is checked again within `limit`."""
        since, began = time.time(), time.monotonic()
        query = ("SELECT count(*) FROM app.jobs WHERE monitor_id IN ({}) AND every <= interval '2 s' "
                 "AND next_attempt_at < 'infinity' AND (last_started_at IS NULL OR last_started_at <= to_timestamp({}))")
        query = query.format(",".join(map(str, self.healthy)), since)

        def resumed() -> bool:
            try:
                return self.postgres.sql(query, limit=5) == [["0"]]
            except ChaosError:
                return False
        while not wait_until(resumed, max(0.0, began + limit + self.grace() - time.monotonic()), 0.1):
            if time.monotonic() > began + limit + self.grace():
                self.broken_time(f"not all monitors are checked again {limit:.0f} s after the fault has gone")
                return
        self.say(f"resumed after {time.monotonic() - began:.2f} s")

    def expect_ready(self, plane: ControlPlane, limit: float = 15) -> None:
        if not wait_until(lambda: plane.ready() or plane.died(), limit + self.grace()) or plane.died():
            self.broken_time(f"{plane.name} does not get ready: " + plane.log.read_text()[-600:])

    def expect_no_herd(self, down: float) -> None:
        """No second holds more than twice as many checks as an average one before, or as are due in
        one: before, there may have been another fault."""
        settled = time.monotonic()
        if settled < down + 6:
            time.sleep(down + 6 - settled)
        before = [at for at, _ in self.targets.requests if down - 8 <= at < down - 0.5]
        after = [at for at, _ in self.targets.requests if at >= down]
        steady = len(before) / min(7.5, max(1.0, down - 0.5 - before[0])) if before else 0
        due = self.postgres.sql("SELECT coalesce(sum(1 / extract(epoch FROM every)), 0) FROM app.jobs "
                                "WHERE next_attempt_at < 'infinity'")
        steady = max(steady, float(due[0][0])) if steady else 0
        peak = max((sum(at <= other < at + 1 for other in after) for at in after), default=0)
        self.say(f"steady {steady:.1f}/s, peak {peak}/s")
        if steady and peak > 2 * steady + 2:
            self.broken_time(f"a herd: {peak} checks in a second where {steady:.1f} are usual")

    # --- what people do meanwhile

    def edit(self, monitor: Monitor) -> None:
        monitor.edited = True
        who = {"workspaceId": self.api.workspace, "monitorId": str(monitor.id)}
        what = self.rng.choice(["Pause", "Resume", "Resume", "Update"])
        if what == "Update":
            monitor.every = self.rng.choice([1, 2, 3]) if monitor.timeout <= 1 else monitor.every
            who["spec"] = monitor.spec()
        try:
            self.api.call(f"MonitorService/{what}Monitor", who, limit=3)
        except ChaosError:
            pass  # done or not: the epochs tell
