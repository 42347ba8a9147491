"""What a name server can do to a check: a small one of the tests' own says it."""
import socket
import struct
import threading
import unittest

from hostile import Hostile, says
from programs import check

A, AAAA, CNAME = 1, 28, 5


class NameServer:
    """Answers by the first label: each is a way to misbehave."""

    def __init__(self, test: unittest.TestCase):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.asked: list[tuple[str, int]] = []
        threading.Thread(target=self.serve, daemon=True).start()
        test.addCleanup(self.socket.close)

    def serve(self):
        while True:
            try:
                query, client = self.socket.recvfrom(4096)
                if answer := self.answer(query):
                    self.socket.sendto(answer, client)
            except OSError:
                return

    def answer(self, query: bytes) -> bytes | None:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        self.asked.append((".".join(labels), kind))

        def reply(code: int = 0, records: list[bytes] = ()):
            return query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0) + question + b"".join(records)

        def record(of: int, data: bytes, name: bytes = b"\xc0\x0c", ttl: int = 60) -> bytes:
            return name + struct.pack(">HHIH", of, 1, ttl, len(data)) + data

        def address(text: str) -> list[bytes]:
            wanted = AAAA if ":" in text else A
            return [record(wanted, socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text))] if kind == wanted else []

        way = labels[0].lower()
        if way == "silent":
            return None
        if way in ("servfail", "refused", "nxdomain"):
            return reply({"servfail": 2, "refused": 5, "nxdomain": 3}[way])
        if way == "garbage":
            return query[:2] + b"\x81\x80" + b"\xff" * 40
        if way == "alias":
            target = b"\x04good\x04test\x00"
            records = [record(CNAME, target)]
            return reply(records=records + ([record(A, b"\x7f\0\0\1", target)] if kind == A else []))
        if way == "metadata":
            return reply(records=address("169.254.169.254"))
        if way == "mapped":
            return reply(records=address("::ffff:169.254.169.254"))
        if way == "mixed":
            return reply(records=address("169.254.169.254") + address("127.0.0.1"))
        if way == "dual":
            return reply(records=address("127.0.0.1") + address("::1"))
        if way == "good":
            return reply(records=address("127.0.0.1"))
        return reply()


class Names(unittest.TestCase):
    def setUp(self):
        self.names = NameServer(self)
        self.target = Hostile(self, says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))

    def look_up(self, way: str, *options: str, timeout: str = "5"):
        return check(f"http://{way}.test:{self.target.port}/", "--dns-servers", self.names.address, "--max-time", timeout, *options)

    def expect(self, reason: str, way: str, *options: str, timeout: str = "5"):
        found = self.look_up(way, *options, timeout=timeout)
        self.assertEqual(found.reason, reason, found.message)
        self.assertEqual(found.exit, 1 if reason else 0)
        return found

    def test_an_address_is_used(self):
        self.assertEqual(self.expect("", "good").result["remoteAddress"], "127.0.0.1")

    def test_an_alias_is_followed(self):
        self.expect("", "alias")

    def test_a_name_that_does_not_exist(self):
        self.expect("DNS_NOT_FOUND", "nxdomain")

    def test_a_server_that_fails(self):
        self.expect("DNS_SERVER_FAILURE", "servfail")
        self.expect("DNS_SERVER_FAILURE", "refused")

    def test_a_server_that_talks_nonsense(self):
        self.assertIn(self.look_up("garbage", timeout="3").reason, ["DNS_SERVER_FAILURE", "TIMEOUT_DNS"])

    def test_a_silent_server(self):
        found = self.expect("TIMEOUT_DNS", "silent", timeout="0.7")
        self.assertLess(float(found.result["phases"]["total"][:-1]), 0.8)

    def test_a_name_without_an_address(self):
        self.expect("DNS_NO_ADDRESS", "empty")

    def test_a_name_without_an_address_of_the_family_asked_for(self):
        self.expect("DNS_NO_ADDRESS", "good", "-6")
        self.expect("", "dual", "-4")

    def test_a_name_of_a_forbidden_address(self):
        self.expect("EGRESS_DENIED", "metadata")
        self.expect("EGRESS_DENIED", "mapped")

    def test_a_forbidden_address_beside_a_good_one(self):
        found = self.look_up("mixed")
        self.assertIn(found.reason, ["", "EGRESS_DENIED"])
        self.assertNotEqual(found.result.get("remoteAddress"), "169.254.169.254")

    def test_an_internationalised_name_is_asked_for_in_ascii(self):
        check(f"http://xn--bcher-kva.test:{self.target.port}/", "--dns-servers", self.names.address, "--max-time", "5")
        self.assertIn("xn--bcher-kva.test", {name for name, _ in self.names.asked})
