"""Targets that do not behave: what each does is a function of one connection."""
import socket
import struct
import threading


class Hostile:
    """Runs `act` on every connection, each on a thread, until the test is over. An act ends
    when it returns or when the other side goes away."""

    def __init__(self, test, act, request: bool = True):
        self.act, self.request = act, request
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.connections: list[socket.socket] = []
        self.requests: list[bytes] = []
        threading.Thread(target=self.accept, daemon=True).start()
        test.addCleanup(self.stop)

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.request:
                self.requests.append(read_request(connection))
            self.act(connection)
            connection.close()
        except (OSError, ValueError):
            pass  # it has had enough of us

    def stop(self):
        self.listener.close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()


def read_request(connection) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            break
        data += piece
    return data


def says(text: bytes):
    """Answers `text` and closes in order."""
    return lambda connection: connection.sendall(text)


def resets_after(text: bytes):
    def act(connection):
        connection.sendall(text)
        if text:
            read_until_quiet(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return act


def read_until_quiet(connection):
    """Until what was sent has been acknowledged, so that a reset cannot overtake it."""
    import fcntl
    import select
    import termios
    while struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0\0\0\0"))[0]:
        select.select([], [], [], 0.001)


def falls_silent_after(text: bytes):
    def act(connection):
        connection.sendall(text)
        while connection.recv(4096):
            pass
    return act


def repeats(head: bytes, piece: bytes):
    """Never ends."""
    def act(connection):
        connection.sendall(head)
        while True:
            connection.sendall(piece)
    return act


def drips(head: bytes, piece: bytes):
    """A piece every 20 ms, for ever."""
    def act(connection):
        connection.sendall(head)
        connection.settimeout(0.02)
        while True:
            connection.sendall(piece)
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                pass
    return act
