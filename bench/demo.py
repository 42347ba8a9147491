#!/usr/bin/env python3
"""Fills a running stack with a demo: a few hundred monitors over local test servers.

usage: demo.py [--url http://localhost:3000] [--count 300] [--port 4900]

Serves targets on 127.0.0.1 that are fast, slow, flaky, moody, down or hanging; signs
up (or in) as demo@example.com and creates the monitors that are missing. Keeps
serving until Ctrl-C. The workers must be allowed to check loopback addresses, as
those of `openseer up` are.
"""
import argparse
import asyncio
import json
import random
import sys
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
        usual = 0.002 + (seed % 17) * 0.003
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


def specs(count, port):
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
        if behaviour == "degraded":
            spec["assertions"] = [{"source": "SOURCE_TOTAL_TIME", "comparison": "COMPARISON_LESS", "target": "300", "severity": "SEVERITY_DEGRADED"}]
        elif behaviour in ("fast", "steady"):
            spec["assertions"] = [{"source": "SOURCE_JSON", "property": "$.status", "comparison": "COMPARISON_EQUALS", "target": "ok"}]
        yield spec


def fill(url, count, port):
    api = Api(url)
    workspace = api.enter()
    known, token = set(), ""
    while True:
        page = api.call("MonitorService/ListMonitors", workspaceId=workspace, pageSize=1000, pageToken=token)
        known.update(monitor["name"] for monitor in page.get("monitors", []))
        token = page.get("nextPageToken", "")
        if not token:
            break
    missing = [spec for spec in specs(count, port) if spec["name"] not in known]
    for spec in missing:
        api.call("MonitorService/CreateMonitor", workspaceId=workspace, spec=spec)
    return len(missing)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://localhost:3000")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--port", type=int, default=4900)
    options = parser.parse_args()
    try:
        server = await Targets().serve(options.port)
    except OSError as error:
        sys.exit(f"port {options.port} is taken ({error.strerror}): choose another one with --port")
    try:
        created = await asyncio.to_thread(fill, options.url, options.count, options.port)
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
