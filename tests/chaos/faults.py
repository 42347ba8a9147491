"""The faults. Each is a function of the world that injects, heals, and, when it
is alone, checks what was promised about time. What must always hold is checked
after the run (ledger.py)."""
import signal
import time

from cluster import ChaosError, wait_until
from sql import Connection
from world import LEASE, World

AFTER_LEASE = LEASE + 1.0   # a lost worker's slot is leased again within this
AFTER_DATABASE = 10.0       # work resumes after PostgreSQL returned
# Workers come back with up to ten seconds of back-off.
AFTER_NETWORK = 13.0


def worker_killed(w: World) -> None:
    """kill -9 in mid-check; started again afterwards with its identity."""
    victim = w.some_worker()
    wait_until(lambda: w.leases_of(victim), 3)
    victim.kill()
    killed, held = time.time(), w.leases_of(victim)
    w.say(f"{victim.name} killed with {len(held)} leases")
    if w.alone:
        w.expect_run_again(held, killed, AFTER_LEASE)
    else:
        time.sleep(w.rng.uniform(0.5, 3))
    victim.start()


def worker_stopped(w: World) -> None:
    """Stopped past its lease, in mid-check, then resumed: often while another worker
    is at the same slot, and sometimes before anybody noticed."""
    victim = w.some_worker()
    wait_until(lambda: w.leases_of(victim) & w.slow, 6)
    victim.signal(signal.SIGSTOP)
    stopped, held = time.time(), w.leases_of(victim)
    w.say(f"{victim.name} stopped with {len(held)} leases")
    try:
        if w.alone and w.rng.random() < 0.3:
            w.expect_run_again(held, stopped, AFTER_LEASE)
        elif w.rng.random() < 0.7:
            time.sleep(LEASE + w.rng.uniform(0.1, 1.2))
        else:
            time.sleep(w.rng.uniform(0.3, LEASE))
    finally:
        victim.signal(signal.SIGCONT)


def region_cut(w: World) -> None:
    """All workers of a region lose the control plane; their results wait."""
    region = w.rng.choice(["east", "west"])
    mode = w.rng.choice(["cut", "frozen", "slow"])
    proxies = [worker.proxy for worker in w.workers if worker.region == region]
    w.say(f"{region} {mode}")
    for proxy in proxies:
        proxy.set(mode, w.rng.uniform(0.1, 0.6))
    time.sleep(w.rng.uniform(1, 4))
    for proxy in proxies:
        proxy.set("pass")
    if w.alone:
        w.expect_resumed(AFTER_NETWORK)


def acks_lost(w: World) -> None:
    """Results are committed, their acknowledgements are lost: delivered twice."""
    victim = w.some_worker()
    w.say(f"{victim.name} hears nothing")
    victim.proxy.set("silent")
    time.sleep(w.rng.uniform(0.5, 2.5))
    victim.proxy.set("pass")


def killed_before_ack(w: World) -> None:
    """A replica is killed between commit and acknowledgement."""
    plane, other = w.rng.sample(w.planes, 2)
    w.say(f"{plane.name} unheard, then killed")
    for worker in w.workers:
        worker.proxy.set("silent")
    time.sleep(w.rng.uniform(0.2, 1))
    plane.kill()
    plane.kills += 1
    for worker in w.workers:
        worker.proxy.set("pass")
    if w.alone:
        w.expect_resumed(AFTER_NETWORK)
    plane.start()
    w.expect_ready(plane)


def replica_drained(w: World) -> None:
    """SIGTERM: its workers go to the other one without losing anything."""
    plane = w.rng.choice(w.planes)
    w.say(f"{plane.name} drained")
    plane.ask_to_end()
    if (code := plane.wait_end()) != 0:
        w.violation(f"{plane.name} exits with {code} after SIGTERM")
    if w.alone:
        w.expect_resumed(AFTER_NETWORK)
    plane.start()
    w.expect_ready(plane)


def all_replicas_restarted(w: World) -> None:
    """All control planes go at once and come back: no herd at the targets."""
    w.say("all replicas restarted")
    hard = w.rng.random() < 0.5
    down = time.monotonic()
    for plane in w.planes:
        plane.kill() if hard else plane.ask_to_end()
    for plane in w.planes:
        plane.wait_end()
    time.sleep(w.rng.uniform(0, 1.5))
    for plane in w.planes:
        plane.kills += hard
        plane.start()
    for plane in w.planes:
        w.expect_ready(plane)
    if w.alone:
        w.expect_resumed(AFTER_NETWORK)
        w.expect_no_herd(down)


def postgres_restarted(w: World) -> None:
    how = w.rng.choice([signal.SIGINT, signal.SIGQUIT])
    w.say(f"PostgreSQL {'fast' if how == signal.SIGINT else 'immediate'} restart")
    w.postgres.stop(how)
    time.sleep(w.rng.uniform(0, 3))
    w.postgres.start()
    w.expect_resumed(AFTER_DATABASE)


def postgres_killed(w: World) -> None:
    """kill -9 of the postmaster; its children notice and go."""
    w.say("PostgreSQL killed")
    w.postgres.stop(signal.SIGKILL)
    time.sleep(w.rng.uniform(0, 2))
    w.postgres.start()
    w.expect_resumed(AFTER_DATABASE)


def disk_full(w: World) -> None:
    """No byte left where PostgreSQL keeps its data, until somebody makes room."""
    filler = w.postgres.data / "filler"
    w.say("disk full")
    try:
        with open(filler, "wb", buffering=0) as file:
            size = 1 << 20
            while size >= 512:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    size //= 2
    except OSError:
        pass
    time.sleep(w.rng.uniform(2.5, 5))
    filler.unlink(missing_ok=True)
    w.disk_was_full = True
    # WAL that cannot grow takes PostgreSQL down; whoever runs it starts it again.
    w.postgres.start()
    w.expect_resumed(AFTER_DATABASE)


def long_lock(w: World) -> None:
    """Somebody locks the queue: every lease and commit waits."""
    seconds = w.rng.uniform(1, 6)
    w.say(f"app.jobs locked for {seconds:.1f} s")
    try:
        w.postgres.sql(f"BEGIN; LOCK TABLE app.jobs IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds:.2f}); COMMIT",
                       limit=30)
    except ChaosError:
        pass  # another fault took the server away
    w.expect_resumed(AFTER_DATABASE)


def connections_exhausted(w: World) -> None:
    """Others take every connection, and the control planes lose theirs."""
    w.say("connections exhausted")
    takers: list[Connection] = []
    until = time.monotonic() + w.rng.uniform(2, 5)
    try:
        while time.monotonic() < until:
            try:
                while len(takers) < 40:
                    takers.append(Connection(w.postgres.directory, "openseer", "openseer", 2))
            except OSError:
                pass  # there are no more
            try:
                w.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                               "WHERE application_name = 'openseer' ORDER BY random() LIMIT 4", limit=5)
            except ChaosError:
                pass
            time.sleep(0.3)
    finally:
        for taker in takers:
            taker.close()
    w.expect_resumed(AFTER_DATABASE)


def clock_off(w: World) -> None:
    """The clock of a worker's or a replica's machine goes an hour wrong, while it
    runs or while it is down."""
    victim = w.some_worker() if w.rng.random() < 0.6 else w.rng.choice(w.planes)
    offset = w.rng.choice([3600, -3600])
    restart = w.rng.random() < 0.5
    w.say(f"the clock of {victim.name} goes {offset:+} s" + (" while it is down" if restart else ""))
    if restart:
        victim.kill()
    victim.set_clock(offset)
    if restart:
        victim.start()
        if victim in w.planes:
            victim.kills += 1
            w.expect_ready(victim)
    w.skewed.append(victim)
    if w.alone:
        w.expect_resumed(AFTER_NETWORK)


def worker_revoked(w: World) -> None:
    """Cut off within ten seconds, refused for ever; another one is enrolled."""
    victim = w.some_worker()
    w.say(f"{victim.name} revoked")
    victim.expected_end = True
    w.api.insist("WorkerService/RevokeWorker", {"workerId": str(victim.id)})
    revoked = time.monotonic()
    if not wait_until(lambda: victim.process.poll() is not None, 10 + w.stalls.since(revoked) + w.grace()):
        w.broken_time(f"{victim.name} was revoked 10 s ago and still has its stream")
        victim.kill()
    victim.start()
    victim.expected_end = True
    if not wait_until(lambda: victim.process.poll() is not None, 25):
        w.violation(f"{victim.name} is revoked and connects again")
        victim.kill()
    elif victim.process.returncode != 1:
        w.violation(f"{victim.name} is revoked and ends with {victim.process.returncode} rather than 1")
    w.workers.remove(victim)
    w.retired.append(victim)
    w.add_worker(victim.region)


def edited(w: World) -> None:
    """People pause, resume and change monitors meanwhile; some calls are cut off."""
    w.say("monitors edited")
    for _ in range(w.rng.randint(4, 8)):
        w.edit(w.rng.choice(w.monitors))
        time.sleep(w.rng.uniform(0, 0.6))


# What a fault lays its hands on: two that share something are not injected at once.
CLAIMS = {
    worker_killed: {"workers"}, worker_stopped: {"workers"}, worker_revoked: {"workers", "api", "network"},
    clock_off: {"workers", "planes"}, region_cut: {"network"}, acks_lost: {"network"},
    killed_before_ack: {"network", "planes"}, replica_drained: {"planes", "network"}, all_replicas_restarted: {"planes", "network"},
    postgres_restarted: {"database"}, postgres_killed: {"database"}, disk_full: {"database"},
    long_lock: {"database"}, connections_exhausted: {"database"}, edited: {"api"},
}
FAULTS = list(CLAIMS)
