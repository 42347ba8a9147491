"""SQL over PostgreSQL's own protocol (version 3, simple queries, no password): a
psql for each question would cost more than the cluster that is asked."""
import socket
import struct
import threading
from pathlib import Path


class SqlError(Exception):
    """The server refused, or did not answer in time."""


class Connection:
    def __init__(self, sockets: Path, user: str, database: str, limit: float) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(limit)
        self.socket.connect(str(sockets / ".s.PGSQL.5432"))
        self.stream = self.socket.makefile("rb")
        settings = b"".join(part.encode() + b"\0" for part in
                            ("user", user, "database", database, "application_name", "chaos"))
        body = struct.pack("!i", 196608) + settings + b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self._answer()

    def query(self, statements: str, limit: float) -> list[list[str]]:
        self.socket.settimeout(limit)
        body = statements.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(body) + 4) + body)
        return self._answer()

    def close(self) -> None:
        self.stream.close()
        self.socket.close()

    def _read(self, count: int) -> bytes:
        data = self.stream.read(count)
        if len(data) < count:
            raise OSError("the server closed the connection")
        return data

    def _answer(self) -> list[list[str]]:
        """Rows of text up to the server's being ready again; null is empty."""
        rows, error = [], ""
        while True:
            kind, length = struct.unpack("!ci", self._read(5))
            body = self._read(length - 4)
            if kind == b"D":
                rows.append(self._row(body))
            elif kind == b"E":
                fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
                error = error or f"{fields.get(b'S')}: {fields.get(b'M')}"
                if fields.get(b"S") in ("FATAL", "PANIC"):
                    raise OSError(error)
            elif kind == b"Z":
                if error:
                    raise SqlError(error)
                return rows

    @staticmethod
    def _row(body: bytes) -> list[str]:
        values, at = [], 2
        for _ in range(struct.unpack_from("!h", body)[0]):
            length = struct.unpack_from("!i", body, at)[0]
            at += 4
            values.append("" if length < 0 else body[at:at + length].decode())
            at += max(length, 0)
        return values


class Sql:
    """Connections that come back by themselves, one a thread and database."""

    def __init__(self, sockets: Path, user: str) -> None:
        self.sockets, self.user = sockets, user
        self.local = threading.local()

    def query(self, statements: str, limit: float, database: str) -> list[list[str]]:
        kept = self.local.__dict__.setdefault(database, [])
        for fresh in (not kept, True):
            try:
                if fresh:
                    kept[:] = [Connection(self.sockets, self.user, database, limit)]
                return kept[0].query(statements, limit)
            except OSError as error:  # also time-outs
                kept.clear()
                if fresh:
                    raise SqlError(f"PostgreSQL: {error}") from error
        raise SqlError("unreachable")
