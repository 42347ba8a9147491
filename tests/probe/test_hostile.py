"""Hostile targets: the check stops at its caps and its deadline, its memory stays flat,
and each fault has its own reason."""
import gzip
import socket
import struct
import unittest

from hostile import Hostile, drips, falls_silent_after, repeats, resets_after, says
from programs import check, free_port

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def seconds(text: str) -> float:
    return float(text.removesuffix("s") or 0)


class Expectations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        calm = type("Calm", (), {"addCleanup": lambda self, f: cls.addClassCleanup(f)})()
        cls.usual = check(Hostile(calm, says(OK + b"Content-Length: 0\r\n\r\n")).url).megabytes

    def expect(self, reason, act, *options: str, timeout: float = 5.0, url: str = "", request: bool = True):
        server = Hostile(self, act, request)
        found = check(url.format(port=server.port) or server.url, "--max-time", str(timeout), *options)
        self.assertIn(found.reason, [reason] if isinstance(reason, str) else reason, found.message)
        self.assertEqual(found.exit, 1)
        self.assertNotEqual(found.message, "")
        self.assertLess(seconds(found.result["phases"]["total"]), timeout + 0.1)
        # The body limit is 10 MiB: wire, decoded, and what is kept to be judged.
        self.assertLess(found.megabytes, self.usual + 40)
        return found

    def expect_deadline(self, reason, act, options=(), **more):
        found = self.expect(reason, act, *options, timeout=0.7, **more)
        self.assertGreater(seconds(found.result["phases"]["total"]), 0.69)


class HostileTargets(Expectations):
    # --- it never ends ---

    def test_endless_body(self):
        self.expect("BODY_LIMIT", repeats(OK + b"\r\n", b"x" * 65536))
        self.expect("BODY_LIMIT", repeats(CHUNKED, b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n"))

    def test_body_beyond_its_limit_by_its_own_word(self):
        self.expect("BODY_LIMIT", repeats(OK + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536))

    def test_gzip_bomb(self):
        bomb = gzip.compress(bytes(300_000_000), 9)
        self.expect("BODY_LIMIT", says(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb))

    def test_gzip_bomb_in_a_gzip_bomb(self):
        bomb = gzip.compress(gzip.compress(bytes(1_000_000_000), 9), 9)
        self.expect("BODY_LIMIT", says(OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb))

    def test_header_of_a_mebibyte(self):
        self.expect("HEADER_LIMIT", says(OK + b"X-Long: " + b"x" * 1024 * 1024 + b"\r\n\r\n"))
        self.expect("HEADER_LIMIT", repeats(OK, b"X-More: and more\r\n"))

    def test_endless_status_line(self):
        self.expect("HEADER_LIMIT", repeats(b"HTTP/1.1 200 ", b"O" * 4096))

    def test_endless_interim_answers(self):
        self.expect("MALFORMED_STATUS_LINE", repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n"))

    def test_endless_trailers_and_chunk_extensions(self):
        self.expect("HEADER_LIMIT", repeats(CHUNKED + b"0\r\n", b"X-More: and more\r\n"))
        self.expect("MALFORMED_CHUNK", repeats(CHUNKED + b"5;", b"x" * 4096))

    # --- it takes too long ---

    def test_slow_drip_of_a_body(self):
        self.expect_deadline("TIMEOUT_DOWNLOAD", drips(OK + b"\r\n", b"x"))

    def test_slow_drip_of_headers(self):
        self.expect_deadline(["TIMEOUT_FIRST_BYTE", "TIMEOUT_DOWNLOAD", "TIMEOUT_TOTAL"], drips(OK + b"X: ", b"x"))

    def test_no_answer(self):
        self.expect_deadline("TIMEOUT_FIRST_BYTE", falls_silent_after(b""))

    def test_silence_within_the_body(self):
        self.expect_deadline("TIMEOUT_DOWNLOAD", falls_silent_after(OK + b"Content-Length: 9\r\n\r\nhalf"))

    def test_silence_within_the_handshake(self):
        self.expect_deadline("TIMEOUT_TLS", falls_silent_after(b""), url="https://127.0.0.1:{port}/", request=False)

    def test_slow_redirects_share_one_deadline(self):
        def act(connection):
            connection.settimeout(0.2)
            try:
                connection.recv(1)
            except TimeoutError:
                pass
            connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
        self.expect_deadline(["TIMEOUT_FIRST_BYTE", "TIMEOUT_TOTAL"], act, options=["-L"])

    def test_black_hole(self):
        """A listener whose backlog is full: the kernel drops what wants to connect."""
        hole = socket.socket()
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        self.addCleanup(hole.close)
        for _ in range(4):
            stuffing = socket.socket()
            stuffing.setblocking(False)
            stuffing.connect_ex(hole.getsockname())
            self.addCleanup(stuffing.close)
        found = check(f"http://127.0.0.1:{hole.getsockname()[1]}/", "--max-time", "0.7")
        self.assertEqual(found.reason, "TIMEOUT_CONNECT", found.message)
        self.assertLess(seconds(found.result["phases"]["total"]), 0.8)

    def test_refused(self):
        found = check(f"http://127.0.0.1:{free_port()}/")
        self.assertEqual(found.reason, "CONNECT_REFUSED", found.message)

    # --- it goes away ---

    def test_closed_or_reset_before_an_answer(self):
        self.expect("REQUEST_RESET", says(b""))
        self.expect("REQUEST_RESET", resets_after(b""))

    def test_closed_or_reset_within_headers(self):
        self.expect("HEADER_RESET", says(OK + b"X-Half: "))
        self.expect("HEADER_RESET", resets_after(OK + b"X-Half: "))

    def test_closed_or_reset_within_the_body(self):
        self.expect("BODY_RESET", says(OK + b"Content-Length: 9\r\n\r\nhalf"))
        self.expect("BODY_RESET", resets_after(OK + b"Content-Length: 9\r\n\r\nhalf"))
        found = self.expect("BODY_RESET", says(CHUNKED + b"4\r\nhalf\r\n"))
        self.assertEqual(found.status, 200)

    def test_reset_within_the_handshake(self):
        def resets_after_the_hello(connection):
            connection.recv(16384)  # sooner, and it is the connecting that is reset
            resets_after(b"")(connection)

        self.expect("TLS_RESET", resets_after_the_hello, url="https://127.0.0.1:{port}/", request=False)

    # --- it makes no sense ---

    def test_another_protocol(self):
        self.expect("MALFORMED_STATUS_LINE", says(b"SSH-2.0-OpenSSH_9.2\r\n"), request=False)
        self.expect("MALFORMED_STATUS_LINE", says(b"220 mail.example ESMTP\r\n"), request=False)

    def test_malformed_header(self):
        self.expect("MALFORMED_HEADER", says(OK + b"Bad Name: x\r\n\r\n"))
        self.expect("MALFORMED_HEADER", says(OK + b"Name: \0\r\n\r\n"))

    def test_malformed_length(self):
        for length in (b"-1", b"ten", b"99999999999999999999999", b"5, 6"):
            self.expect("MALFORMED_LENGTH", says(OK + b"Content-Length: " + length + b"\r\n\r\nhello"))
        self.expect("MALFORMED_LENGTH", says(OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))

    def test_malformed_chunk(self):
        self.expect("MALFORMED_CHUNK", says(CHUNKED + b"xyz\r\nhello\r\n"))

    def test_malformed_encoding(self):
        self.expect("MALFORMED_ENCODING", says(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"))
        self.expect("MALFORMED_ENCODING", says(OK + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello"))
        self.expect("MALFORMED_ENCODING", says(OK + b"Content-Encoding: zstd\r\nContent-Length: 5\r\n\r\nhello"))

    # --- it sends us elsewhere ---

    def test_redirect_loop(self):
        found = self.expect("REDIRECT_LIMIT", says(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"), "-L", "--max-redirs", "5")
        self.assertEqual(len(found.evidence["hops"]), 6)

    def test_redirect_to_nowhere(self):
        for location in (b"ftp://example.com/", b"http://", b"javascript:alert(1)", b"http://127.1/"):
            self.expect("REDIRECT_INVALID", says(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"), "-L")

    def test_redirect_to_forbidden_addresses(self):
        for host in (b"169.254.169.254", b"[::ffff:169.254.169.254]", b"[fe80::1]", b"0.0.0.0"):
            self.expect("EGRESS_DENIED", says(b"HTTP/1.1 302 Found\r\nLocation: http://" + host + b"/\r\nContent-Length: 0\r\n\r\n"), "-L")

    def test_credentials_stay_with_their_origin(self):
        other = Hostile(self, says(OK + b"Content-Length: 0\r\n\r\n"))
        first = Hostile(self, says(b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % other.url.encode()))
        self.assertEqual(check(first.url, "-L", "-u", "me:secret", "-b", "a=1").exit, 0)
        self.assertIn(b"Authorization: Basic", first.requests[0])
        self.assertNotIn(b"uthorization", other.requests[0])
        self.assertNotIn(b"ookie", other.requests[0])


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


HELLO = frame(4, 0, 0)
STATUS_200 = b"\x88"


class HostileHttp2(Expectations):
    def expect2(self, reason, act, **options):
        return self.expect(reason, act, "--http2-prior-knowledge", request=False, **options)

    def test_floods(self):
        self.expect2("MALFORMED_HTTP2", repeats(HELLO, frame(6, 0, 0, b"12345678")))
        self.expect2("MALFORMED_HTTP2", repeats(HELLO, frame(4, 0, 0)))
        self.expect2("MALFORMED_HTTP2", repeats(HELLO + frame(1, 4, 1, STATUS_200), frame(0, 0, 1)))
        self.expect2(["MALFORMED_HTTP2", "HEADER_LIMIT"], repeats(HELLO + frame(1, 0, 1, STATUS_200), frame(9, 0, 1, b"\0\1x\1y")))

    def test_endless_body(self):
        self.expect2(["BODY_LIMIT", "MALFORMED_HTTP2"], repeats(HELLO + frame(1, 4, 1, STATUS_200), frame(0, 0, 1, b"x" * 16384)))

    def test_refused_stream(self):
        found = self.expect2("REQUEST_RESET", falls_silent_after(HELLO + frame(3, 0, 1, b"\0\0\0\2")))
        self.assertIn("INTERNAL_ERROR", found.message)

    def test_http1_answer(self):
        self.expect2("HTTP_VERSION_REFUSED", says(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
