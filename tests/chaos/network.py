"""The wires and the targets of a run, on an event loop of their own thread.

Each worker reaches the control planes through a Proxy that can be cut, frozen,
slowed or made deaf to what the server says. The Targets are what the monitors
check: fast, slow, flaky, broken, and black holes.
"""
import asyncio
import random
import socket
import threading
import time
from collections.abc import Callable, Coroutine


class Network:
    """The thread. Its methods are for the run's thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def do(self, work: Coroutine):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def call(self, function: Callable, *arguments) -> None:
        async def on_loop():
            function(*arguments)
        self.do(on_loop())


class Proxy:
    """TCP from a worker to whichever control plane answers."""

    def __init__(self, network: Network, backends: list[int], rng: random.Random) -> None:
        self.network, self.backends, self.rng = network, backends, rng
        self.mode, self.delay = "pass", 0.0
        self.writers: set[asyncio.StreamWriter] = set()
        self.flowing: asyncio.Event
        self.port = network.do(self._start())

    async def _start(self) -> int:
        self.flowing = asyncio.Event()
        self.flowing.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]

    def set(self, mode: str, delay: float = 0.0) -> None:
        """pass; cut: nothing connects; frozen: bytes wait; silent: what the
        server says is lost and nothing new connects; slow: each piece waits."""
        self.network.call(self._set, mode, delay)

    def _set(self, mode: str, delay: float) -> None:
        # A TLS stream that lost bytes is of no use any more.
        if mode == "cut" or (self.mode == "silent" and mode != "silent"):
            for writer in list(self.writers):
                writer.close()
        self.mode, self.delay = mode, delay
        if mode == "frozen":
            self.flowing.clear()
        else:
            self.flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = None
        try:
            if self.mode in ("cut", "silent"):
                return
            await self.flowing.wait()
            for port in self.rng.sample(self.backends, len(self.backends)):
                try:
                    server = await asyncio.open_connection("127.0.0.1", port)
                    break
                except OSError:
                    continue
            if server is None:
                return
            self.writers |= {writer, server[1]}
            pumps = [asyncio.ensure_future(self._carry(reader, server[1], False)),
                     asyncio.ensure_future(self._carry(server[0], writer, True))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
        except OSError:
            pass
        finally:
            for end in filter(None, (writer, server and server[1])):
                self.writers.discard(end)
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, from_server: bool) -> None:
        try:
            while data := await reader.read(65536):
                await self.flowing.wait()
                if self.mode == "silent" and from_server:
                    continue
                if self.mode == "slow":
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass


class Targets:
    """/fast/N, /slow/SECONDS/N, /flaky/N, /broken/N and /hang/N on one port; on
    another one nothing is ever accepted."""

    def __init__(self, network: Network, rng: random.Random) -> None:
        self.rng = rng
        self.requests: list[tuple[float, str]] = []  # monotonic time, path
        self.port = network.do(self._start())
        # A full backlog: further connections get no answer at all.
        self.hole = socket.socket()
        self.hole.bind(("127.0.0.1", 0))
        self.hole.listen(0)
        self.hole_port = self.hole.getsockname()[1]
        self.filling = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.hole_port))
            self.filling.append(filler)

    async def _start(self) -> int:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        return server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            self.requests.append((time.monotonic(), path))
            kind, argument = path.split("/")[1:3]
            status = "200 OK"
            if kind == "slow":
                await asyncio.sleep(float(argument))
            elif kind == "hang":
                await reader.read()  # until the client gives up
                return
            elif kind == "broken" or (kind == "flaky" and self.rng.random() < 0.3):
                status = "500 Internal Server Error"
            elif kind == "flaky" and self.rng.random() < 0.2:
                writer.transport.abort()
                return
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n".encode())
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()


class StallWatch:
    """Notices when the machine does not let this process run: promises about time
    are then given that much more."""

    def __init__(self) -> None:
        self.stalls: list[tuple[float, float]] = []  # began, lasted (monotonic)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        last = time.monotonic()
        while True:
            time.sleep(0.02)
            now = time.monotonic()
            if now - last > 0.12:
                self.stalls.append((last, now - last - 0.02))
            last = now

    def since(self, began: float, until: float | None = None) -> float:
        until = time.monotonic() if until is None else until
        return sum(lasted for at, lasted in self.stalls if at + lasted > began and at < until)
