"""What must hold after a run, worked out anew from the rows and from what the
workers were told. A plain model: sets of slots, in microseconds, without any of
the product's code or arithmetic."""
from collections import defaultdict
from dataclasses import dataclass, field

from cluster import Postgres, Worker

MICROS = "(extract(epoch FROM {}) * 1000000)::bigint"
OK, FAILED = 1, 2


@dataclass
class Job:
    monitor: int
    expected: set[int] = field(default_factory=set)
    results: dict[int, tuple] = field(default_factory=dict)  # slot -> (outcome, worker, started, reason, total)
    missed: set[int] = field(default_factory=set)


def epoch_slots(first: int, until: int, every: int, origin: int) -> set[int]:
    """The slots of a schedule: its first instant, then origin + k * every."""
    slots = {first} if first < until else set()
    at = origin + ((first - origin) // every + 1) * every
    while at < until:
        slots.add(at)
        at += every
    return slots


class Ledger:
    def __init__(self, postgres: Postgres) -> None:
        self.errors: list[str] = []
        self.jobs: dict[int, Job] = {}
        self.epochs: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._read_epochs(postgres)
        self._read_results(postgres)
        self._read_gaps(postgres)

    def _read_epochs(self, postgres: Postgres) -> None:
        for job, monitor, first, until, every, origin in postgres.sql(
                f"SELECT job_id, monitor_id, {MICROS.format('first_slot')}, {MICROS.format('until')}, "
                f"{MICROS.format('every')}, {MICROS.format('origin')} FROM app.job_epochs ORDER BY job_id, first_slot"):
            if until == "":
                self.errors.append(f"job {job}: its epoch did not end with the pause")
                continue
            entry = self.jobs.setdefault(int(job), Job(int(monitor)))
            slots = epoch_slots(int(first), int(until), int(every), int(origin))
            if entry.expected & slots:
                self.errors.append(f"job {job}: two epochs share slots")
            entry.expected |= slots
            self.epochs[int(monitor)].append((int(first), int(until)))

    def _read_results(self, postgres: Postgres) -> None:
        rows = postgres.sql(f"SELECT job_id, {MICROS.format('slot')}, outcome, worker_id, lateness_ms, "
                            "reason, total_us FROM ts.results_raw")
        for job, slot, outcome, worker, lateness_ms, reason, total in rows:
            results = self.jobs.setdefault(int(job), Job(0)).results
            if int(slot) in results:
                self.errors.append(f"job {job} slot {slot}: two results")
            results[int(slot)] = (int(outcome), int(worker), int(slot) + 1000 * int(lateness_ms), int(reason), int(total))

    def _read_gaps(self, postgres: Postgres) -> None:
        for job, first, until in postgres.sql(
                f"SELECT job_id, {MICROS.format('first_slot')}, {MICROS.format('until')} FROM ts.gaps"):
            entry = self.jobs.setdefault(int(job), Job(0))
            slots = {slot for slot in entry.expected if int(first) <= slot < int(until)}
            if not slots:
                self.errors.append(f"job {job}: a gap {first} to {until} without slots")
            if entry.missed & slots:
                self.errors.append(f"job {job}: two gaps share slots")
            entry.missed |= slots

    def check_accounts(self) -> None:
        """expected = ok + failed + missed, slot by slot."""
        for number, job in self.jobs.items():
            have = set(job.results)
            for what, slots in (("a result and a gap", have & job.missed),
                                ("a result that no epoch expected", have - job.expected),
                                ("neither a result nor a gap", job.expected - have - job.missed)):
                for slot in sorted(slots)[:3]:
                    self.errors.append(f"job {number} slot {slot}: {what}")
            counted = sum(r[0] in (OK, FAILED) for r in job.results.values()) + len(job.missed)
            if counted != len(job.expected):
                self.errors.append(f"job {number}: {len(job.expected)} slots expected, {counted} accounted for")

    def check_workers(self, workers: list[Worker]) -> dict[str, int]:
        """Acknowledged means committed; an older fence never wins."""
        highest: dict[tuple[int, int], int] = {}
        accepted: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
        counts = {"leased": 0, "accepted": 0, "fenced": 0}
        for worker in workers:
            for line in worker.lines():
                if line.get("message") not in ("job leased", "result acknowledged"):
                    continue
                key = (line["job"], line["slot_us"])
                if line["message"] == "job leased":
                    counts["leased"] += 1
                    highest[key] = max(highest.get(key, 0), line["fence"])
                elif line["accepted"]:
                    counts["accepted"] += 1
                    accepted[key].add((worker.id, line["fence"]))
                else:
                    counts["fenced"] += 1
        for (job, slot), holders in accepted.items():
            row = self.jobs[job].results.get(slot) if job in self.jobs else None
            if len(holders) > 1:
                self.errors.append(f"job {job} slot {slot}: accepted from {sorted(holders)} (worker, fence)")
            if row is None:
                self.errors.append(f"job {job} slot {slot}: acknowledged and not in the database")
            for worker, fence in holders:
                if row and row[1] != worker:
                    self.errors.append(f"job {job} slot {slot}: worker {worker} was acknowledged, {row[1]}'s is there")
                if highest.get((job, slot), 0) > fence:
                    self.errors.append(f"job {job} slot {slot}: accepted under fence {fence} after fence "
                                       f"{highest[job, slot]} had been given out")
        return counts

    def failures(self, monitors: set[int]) -> list[tuple[int, int, tuple]]:
        """Failed results of these monitors: (job, slot, row)."""
        return [(number, slot, row) for number, job in self.jobs.items() if job.monitor in monitors
                for slot, row in job.results.items() if row[0] != OK]

    def lateness(self, monitors: set[int], since: float, until: float) -> list[float]:
        """Start minus slot, in seconds, of the slots in a span of wall time."""
        return sorted((row[2] - slot) / 1e6 for job in self.jobs.values() if job.monitor in monitors
                      for slot, row in job.results.items() if since <= slot / 1e6 < until)

    def totals(self, monitor: int) -> tuple[int, int, int]:
        jobs = [job for job in self.jobs.values() if job.monitor == monitor]
        ok = sum(row[0] == OK for job in jobs for row in job.results.values())
        failed = sum(row[0] != OK for job in jobs for row in job.results.values())
        return ok, failed, sum(len(job.missed) for job in jobs)
