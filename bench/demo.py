#!/usr/bin/env python3
"""Fills a running stack with a demo: a few hundred monitors over local test servers.

usage: demo.py [--url http://localhost:3000] [--count 300] [--port 4900]
               [--regions NAME,NAME] [--database-url URL --programs DIRECTORY]

Serves targets on 127.0.0.1 that are fast, slow, flaky, moody, down or hanging; signs
up (or in) as demo@example.com and creates the monitors that are missing; with a
database and bench_seed_past, new ones get 90 days of past. Keeps serving until Ctrl-C. The workers must be allowed to check loopback addresses, as
those of `openseer up` are.
"""
import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

EMAIL = "demo@example.com"
PASSWORD = "a demo of open eyes"

SERVICES = ["Checkout", "Catalogue", "Search", "Login", "Payments", "Invoices", "Mail", "Uploads", "Reports", "Webhooks",
            "Profile", "Images", "Pricing", "Stock", "Shipping", "Reviews", "Chat", "Calendar", "Exports", "Billing"]
PLACES = ["Berlin", "Paris", "Madrid", "Oslo", "Dublin", "Milan", "Vienna", "Zurich", "Warsaw", "Lisbon", "Athens",
          "Prague", "Tokyo", "Seoul", "Sydney", "Austin", "Boston", "Denver", "Toronto", "Lima"]
TEAMS = ["shop", "platform", "data", "growth", "support"]
# How targets behave, and how many of a hundred do.
BEHAVIOURS = [("fast", 46), ("steady", 26), ("slow", 12), ("flaky", 7), ("moody", 4), ("degraded", 2), ("down", 1),
              ("hang", 1), ("refused", 1)]

DEGRADED, FAILED = 3, 2
ASSERT_TIME, STATUS, REFUSED, NO_FIRST_BYTE = 53, 18, 3, 14  # reasons, as stored


def usual_delay(seed):
    """Seconds that the target of this number takes at least."""
    return 0.002 + (seed % 17) * 0.003


def past(behaviour, seed):
    """What bench_seed_past wants to know: the same behaviour, and since when it is broken.

    Median in microseconds, spread, share that fails, in stretches of seconds, seconds
    since it went wrong, outcome, reason and status of that, microseconds of a failure.
    """
    usual = usual_delay(seed) * 1e6
    hour = 3600
    return {
        "fast": (usual + 3e3, 0.25, 0.00002, 0, 0, FAILED, STATUS, 503, 0),
        "steady": (usual * 4 + 12e3, 0.2, 0.00005, 0, 0, FAILED, STATUS, 503, 0),
        "slow": (360e3, 0.3, 0.0003, 0, 0, FAILED, STATUS, 504, 0),
        "flaky": (usual * 3, 0.4, 0.08, 0, 0, FAILED, STATUS, 500, 0),
        "moody": (usual * 2, 0.3, 0.24, 1200, 0, FAILED, STATUS, 502, 0),
        "degraded": (240e3, 0.05, 0.0005, 0, (2 + seed % 30) * hour, DEGRADED, ASSERT_TIME, 200, 0),
        "down": (usual + 3e3, 0.25, 0.0005, 0, (1 + seed % 9) * hour, FAILED, STATUS, 503, 0),
        "hang": (usual + 9e3, 0.25, 0.0005, 0, (20 + seed % 50) * hour, FAILED, NO_FIRST_BYTE, 0, 2_000_000),
        "refused": (usual + 3e3, 0.25, 0.0005, 0, (5 + seed % 40) * 60, FAILED, REFUSED, 0, 300),
    }[behaviour]


class Targets:
    """One server; the path says how it behaves: /BEHAVIOUR/SEED."""

    def __init__(self):
        self.random = random.Random(7)

    async def serve(self, port):
        return await asyncio.start_server(self.answer, "127.0.0.1", port, backlog=2048)

    async def answer(self, reader, writer):
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            _, behaviour, seed = head.split(b" ", 2)[1].decode().split("/")[:3]
            status, delay = self.mood(behaviour, int(seed))
            await asyncio.sleep(delay)
            body = json.dumps({"status": "ok" if status < 400 else "failing", "service": behaviour, "seed": int(seed)}).encode()
            writer.write(b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nServer: demo\r\nContent-Length: %d\r\n"
                         b"Connection: close\r\n\r\n%s" % (status, b"OK" if status < 400 else b"Failing", len(body), body))
            await writer.drain()
        except (asyncio.TimeoutError, asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass  # Not a check, or one that has given up.
        finally:
            writer.close()

    def mood(self, behaviour, seed):
        """The status and the seconds until it is sent."""
        roll = self.random.random()
        usual = usual_delay(seed)
        if behaviour == "down":
            return 503, usual
        if behaviour == "hang":
            return 200, 60
        if behaviour == "flaky":
            return (500 if roll < 0.08 else 200), usual * 3
        if behaviour == "moody":  # Works for a while, fails for a while.
            minute = asyncio.get_running_loop().time() / 60 + seed
            return (502 if minute % 5 < 1.2 else 200), usual * 2
        if behaviour == "slow":
            return 200, 0.25 + self.random.expovariate(6)
        if behaviour == "degraded":
            return 200, 0.4 + roll * 0.3
        if behaviour == "steady":
            return 200, usual * 4 + self.random.expovariate(60)
        return 200, usual + self.random.expovariate(400)


class Api:
    """Calls RPCs as JSON, with the session's cookie."""

    def __init__(self, url):
        self.url = url
        self.cookie = ""

    def call(self, method, **message):
        request = urllib.request.Request(f"{self.url}/api/openseer.v1.{method}", json.dumps(message).encode(),
                                         {"Content-Type": "application/json", "Cookie": self.cookie})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                cookie = answer.headers.get("Set-Cookie")
                if cookie:
                    self.cookie = cookie.split(";")[0]
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method}: {error.read().decode()}") from None

    def enter(self):
        try:
            answer = self.call("AuthService/SignIn", email=EMAIL, password=PASSWORD)
        except RuntimeError:
            answer = self.call("AuthService/SignUp", email=EMAIL, password=PASSWORD)
        return answer["memberships"][0]["workspaceId"]


def specs(count, port, regions):
    """The same monitors each time."""
    dice = random.Random(42)
    names = [f"{service} {place}" for place in PLACES for service in SERVICES]
    chosen = dice.sample(names, min(count, len(names)))
    behaviours = [name for name, share in BEHAVIOURS for _ in range(share)]
    for seed, name in enumerate(chosen):
        behaviour = dice.choice(behaviours)
        # Nothing listens on the port before the targets'.
        at = port - 1 if behaviour == "refused" else port
        spec = {
            "name": name,
            "url": f"http://127.0.0.1:{at}/{behaviour}/{seed}",
            "interval": f"{dice.choice([5, 10, 10, 15, 30])}s",
            "timeout": "2s",
            "tags": [dice.choice(TEAMS), dice.choice(["production", "production", "staging"])],
        }
        if regions and dice.random() < 0.35:
            spec["regions"] = dice.sample(regions, dice.randint(2, len(regions)) if len(regions) > 1 else 1)
        if behaviour == "degraded":
            spec["assertions"] = [{"source": "SOURCE_TOTAL_TIME", "comparison": "COMPARISON_LESS", "target": "300", "severity": "SEVERITY_DEGRADED"}]
        elif behaviour in ("fast", "steady"):
            spec["assertions"] = [{"source": "SOURCE_JSON", "property": "$.status", "comparison": "COMPARISON_EQUALS", "target": "ok"}]
        yield spec


def fill(options):
    """Makes the monitors that are missing, and their past; how many."""
    api = Api(options.url)
    workspace = api.enter()
    known, token = set(), ""
    while True:
        page = api.call("MonitorService/ListMonitors", workspaceId=workspace, pageSize=1000, pageToken=token)
        known.update(monitor["name"] for monitor in page.get("monitors", []))
        token = page.get("nextPageToken", "")
        if not token:
            break
    lines = []
    for spec in specs(options.count, options.port, [name for name in options.regions.split(",") if name]):
        if spec["name"] in known:
            continue
        made = api.call("MonitorService/CreateMonitor", workspaceId=workspace, spec=spec)
        behaviour, seed = spec["url"].split("/")[3:]
        lines.append(" ".join(str(word) for word in (made["monitor"]["summary"]["id"], *past(behaviour, int(seed)))))
    if lines and options.database_url:
        with tempfile.NamedTemporaryFile("w", prefix="openseer-demo-") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            subprocess.run([os.path.join(options.programs, "bench_seed_past"), "--database-url", options.database_url,
                            "--monitors", file.name, "--every", "240", "--raw-days", "2"], check=True, stderr=subprocess.PIPE, text=True)
    return len(lines)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://localhost:3000")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--port", type=int, default=4900)
    parser.add_argument("--regions", default="", help="that have workers: some monitors are checked from several")
    parser.add_argument("--database-url", default="", help="of the stack: new monitors get a past")
    parser.add_argument("--programs", default="build/release/bench", help="where bench_seed_past is")
    options = parser.parse_args()
    try:
        server = await Targets().serve(options.port)
    except OSError as error:
        sys.exit(f"port {options.port} is taken ({error.strerror}): choose another one with --port")
    try:
        created = await asyncio.to_thread(fill, options)
    except subprocess.CalledProcessError as error:
        sys.exit(f"the demo's past could not be made: {error.stderr.strip().splitlines()[-1]}")
    except (RuntimeError, OSError) as error:
        sys.exit(f"the demo's monitors could not be made: {error}")
    print(f"{options.url}  as {EMAIL} with the password: {PASSWORD}\n{created} monitors made; their targets answer until Ctrl-C.", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
