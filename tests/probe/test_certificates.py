"""What badssl.com shows, minted here: each fault of TLS has its own reason, and the
certificate's dates are kept even when it is refused."""
import pathlib
import tempfile
import unittest

from certificates import authority
from programs import Server, check, free_port


class TlsServer:
    """openssl s_server with one certificate, for one test."""

    def __init__(self, test: unittest.TestCase, pki, name: str, issuers: tuple[str, ...], options: tuple[str, ...]):
        directory = tempfile.TemporaryDirectory(prefix="openseer-tls-")
        test.addCleanup(directory.cleanup)
        self.port = free_port()
        chain = ["-cert_chain", pki.bundle(f"{name}.issuers", *issuers)] if issuers else []
        server = Server(["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-www", "-cert", pki.path(name),
                         "-key", pki.path(name, "key"), *chain, *options], [self.port], pathlib.Path(directory.name))
        test.addCleanup(server.stop)
        self.url = f"https://site.test:{self.port}/"
        self.options = ["--resolve", f"site.test:{self.port}:127.0.0.1"]


class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = authority()

    def serve(self, name: str, *issuers: str, options: tuple[str, ...] = ()) -> TlsServer:
        return TlsServer(self, self.pki, name, issuers, options)

    def checked(self, server: TlsServer, *options: str):
        return check(server.url, *server.options, "--cacert", self.pki.root, "--max-time", "10", *options)

    def expect(self, reason: str, server: TlsServer, *options: str):
        found = self.checked(server, *options)
        self.assertEqual(found.reason, reason, found.message)
        self.assertEqual(found.exit, 1 if reason else 0)
        if reason:
            self.assertNotEqual(found.message, "")
        return found

    def good(self, name: str = "good", **options) -> TlsServer:
        self.pki.make(name, "site.test", signer="intermediate", **options)
        return self.serve(name, "intermediate")

    def test_a_good_chain_is_accepted(self):
        for kind in ("ecdsa", "rsa"):
            found = self.expect("", self.good(f"good-{kind}", kind=kind))
            self.assertIn("2045-01-01", found.result["certificateExpiresAt"])
            hop = found.evidence["hops"][-1]
            self.assertEqual(hop["tlsVersion"], "TLS_VERSION_1_3")
            self.assertEqual([c["subject"] for c in hop["chain"]], ["CN=site.test", "CN=Test Intermediate"])
            self.assertEqual(hop["chain"][0]["names"][0], "site.test")

    def test_expired(self):
        self.pki.make("expired", "site.test", signer="intermediate", begins="20240101000000Z", ends="20250101000000Z")
        found = self.expect("TLS_EXPIRED", self.serve("expired", "intermediate"))
        self.assertIn("2025-01-01", found.result["certificateExpiresAt"])

    def test_not_yet_valid(self):
        self.pki.make("early", "site.test", signer="intermediate", begins="20400101000000Z")
        self.expect("TLS_NOT_YET_VALID", self.serve("early", "intermediate"))

    def test_self_signed(self):
        self.pki.make("selfsigned", "site.test")
        found = self.expect("TLS_SELF_SIGNED", self.serve("selfsigned"))
        self.assertIn("2045-01-01", found.result["certificateExpiresAt"])

    def test_wrong_host(self):
        self.pki.make("wronghost", "other.test", signer="intermediate", names="DNS:other.test,DNS:*.other.test")
        found = self.expect("TLS_HOST_MISMATCH", self.serve("wronghost", "intermediate"))
        self.assertIn("other.test", found.message)

    def test_untrusted_root(self):
        self.pki.make("foreignroot", "Foreign Root", ca=True)
        self.pki.make("foreign", "site.test", signer="foreignroot")
        self.expect("TLS_UNTRUSTED", self.serve("foreign", "foreignroot"))

    def test_missing_intermediate(self):
        # As public authorities do, it says where its issuer's certificate is to be had.
        self.pki.make("alone", "site.test", signer="intermediate", extensions="authorityInfoAccess=caIssuers;URI:http://pki.test/issuer.crt")
        self.expect("TLS_MISSING_INTERMEDIATE", self.serve("alone"))

    def test_revoked_by_a_stapled_answer(self):
        self.pki.make("revoked", "site.test", signer="intermediate")
        staple = self.pki.ocsp_of_revoked("revoked", "intermediate")
        self.expect("TLS_REVOKED", self.serve("revoked", "intermediate", options=("-status_file", staple)))

    def test_signed_with_sha1(self):
        self.pki.make("sha1", "site.test", signer="intermediate", digest="sha1")
        self.expect("TLS_WEAK", self.serve("sha1", "intermediate", options=("-cipher", "ALL:@SECLEVEL=0")))

    def test_a_short_key(self):
        self.pki.make("short", "site.test", signer="intermediate", kind="rsa1024")
        self.expect("TLS_WEAK", self.serve("short", "intermediate", options=("-cipher", "ALL:@SECLEVEL=0")))

    def test_old_protocols_are_refused_unless_asked_for(self):
        self.pki.make("old", "site.test", signer="intermediate", kind="rsa")
        for version in ("1", "1_1"):
            server = self.serve("old", "intermediate", options=(f"-tls{version}", "-cipher", "ALL:@SECLEVEL=0"))
            self.expect("TLS_VERSION", server)
            self.expect("", server, "--tlsv1.0")

    def test_the_minimum_version_is_kept(self):
        self.pki.make("tls12", "site.test", signer="intermediate")
        server = self.serve("tls12", "intermediate", options=("-tls1_2",))
        self.assertEqual(self.expect("", server).evidence["hops"][-1]["tlsVersion"], "TLS_VERSION_1_2")
        self.expect("TLS_VERSION", server, "--tlsv1.3")

    def test_a_weak_diffie_hellman_group(self):
        self.pki.make("weakdh", "site.test", signer="intermediate", kind="rsa")
        group = self.pki.path("weak", "dh")
        # RFC 2409's 1024 bits; making one takes minutes.
        pathlib.Path(group).write_text(WEAK_GROUP)
        server = self.serve("weakdh", "intermediate", options=("-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", group))
        self.expect("TLS_WEAK", server)

    def test_a_client_certificate_is_wanted(self):
        self.pki.make("mutual", "site.test", signer="intermediate")
        server = self.serve("mutual", "intermediate", options=("-Verify", "2", "-verify_return_error", "-CAfile", self.pki.root))
        self.expect("TLS_CLIENT_CERTIFICATE", server)
        self.pki.make("client", "client", signer="root", extensions="")
        found = self.expect("", server, "--cert", self.pki.path("client"), "--key", self.pki.path("client", "key"))
        self.assertEqual(found.status, 200)

    def test_no_verification_when_asked_for(self):
        self.pki.make("any", "other.test", names="DNS:other.test")
        self.expect("", self.serve("any"), "--insecure")

    def test_a_server_without_tls(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        port = free_port()
        server = Server(["python3", "-m", "http.server", str(port), "--bind", "127.0.0.1"], [port], pathlib.Path(directory.name))
        self.addCleanup(server.stop)
        found = check(f"https://127.0.0.1:{port}/", "--max-time", "5")
        self.assertEqual(found.reason, "TLS_HANDSHAKE", found.message)


WEAK_GROUP = """-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
"""
