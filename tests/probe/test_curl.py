"""The probe and curl ask the same of the same real servers and must find the same:
status, final URL, protocol, body and verdict."""
import hashlib
import unittest

from programs import check, curl
from site_servers import PASSWORD, USER, Site

VERSIONS = {"HTTP_VERSION_1_0": "1.0", "HTTP_VERSION_1_1": "1.1", "HTTP_VERSION_2": "2"}


class CurlAgrees(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.stop)
        for start in ("nginx", "apache", "lighttpd", "node", "httpbin"):
            getattr(cls.site, f"start_{start}")()
        cls.site.start_haproxy(int(cls.site.bases["nginx"].rsplit(":", 1)[1]))

    def compare(self, server: str, path: str, *options: str, through: tuple[str, ...] = ()):
        url = self.site.bases[server] + path
        both = [*self.site.resolve(url), *options, *through, "--max-time", "20"]
        if url.startswith("https:"):
            both += ["--cacert", self.site.pki.root]
        theirs = curl(url, *both)
        with self.subTest(server=server, path=path, options=options):
            ours = check(url, *both)
            told = f"curl: {theirs.exit} {theirs.status} {theirs.url}; openseer: {ours.status} {ours.reason} {ours.message}"
            # The verdict: curl got an answer, and it is a good one.
            self.assertEqual(ours.exit == 0, theirs.exit == 0 and 200 <= theirs.status < 300, told)
            if theirs.exit == 0:
                self.assertEqual(ours.status, theirs.status, told)
                self.assertEqual(ours.evidence.get("finalUrl"), theirs.url, told)
                self.assertEqual(VERSIONS[ours.result["httpVersion"]], theirs.version, told)
                body = b"" if "-I" in options else theirs.body  # where curl gives the headers
                digest = hashlib.sha256(body).hexdigest()
                judged = check(url, *both, "--assert", f"sha256 = {digest}", "--assert", f"status = {theirs.status}")
                self.assertEqual(judged.exit, 0, f"{told}; body: {judged.message}")
                self.assertEqual(int(judged.result.get("bodyBytes", 0)), len(body))
            else:
                self.assertNotEqual(ours.reason, "")
        return theirs

    def test_pages(self):
        for server in self.site.bases:
            if server in ("node", "node-tls", "httpbin", "nginx-cleartext2"):
                continue
            for path in ("/", "/index.html", "/empty", "/nowhere"):
                self.compare(server, path)
            self.compare(server, "/binary")

    def test_large_pages_are_decoded(self):
        for server in ("nginx", "nginx-rsa", "haproxy-tls", "lighttpd"):
            self.compare(server, "/large.html")

    def test_statuses(self):
        for server in ("nginx", "nginx-ecdsa", "haproxy"):
            for path in ("/nothing", "/teapot", "/busy", "/secret"):
                self.compare(server, path)
        self.compare("haproxy-tls", "/own")
        self.compare("haproxy", "/limited")
        self.compare("apache", "/gone")
        self.compare("lighttpd", "/binary")

    def test_redirects(self):
        for server in ("nginx", "nginx-rsa", "nginx-tls12", "haproxy-tls"):
            for path in ("/moved", "/found", "/other", "/temporary", "/permanent"):
                self.compare(server, path)
                self.compare(server, path, "-L")
        for server in ("apache", "apache-tls"):
            self.compare(server, "/found", "-L")
        self.compare("lighttpd", "/moved", "-L")
        self.compare("nginx", "/loop", "-L", "--max-redirs", "5")

    def test_versions(self):
        for server in ("nginx-rsa", "apache-tls", "haproxy-tls", "node-tls"):
            path = "/chunks" if server == "node-tls" else "/"
            self.assertEqual(self.compare(server, path, "--http1.1").version, "1.1")
            self.assertEqual(self.compare(server, path, "--http2").version, "2")
        self.assertEqual(self.compare("nginx-cleartext2", "/", "--http2-prior-knowledge").version, "2")
        self.assertEqual(self.compare("apache", "/", "--http2-prior-knowledge").version, "2")

    def test_bodies_of_every_kind(self):
        for server in ("node", "node-tls"):
            for path in ("/br", "/deflate", "/raw-deflate", "/twice", "/chunks", "/hints", "/nowhere", "/close"):
                self.compare(server, path)

    def test_methods_and_requests(self):
        for server in ("node", "node-tls"):
            self.compare(server, "/echo", "-d", "a=1&b=2")
            self.compare(server, "/echo", "-X", "PUT", "-d", "x", "-H", "Content-Type: text/x-own")
            self.compare(server, "/echo", "-X", "DELETE")
            self.compare(server, "/see", "-L", "-d", "a=1")
            self.compare(server, "/keep", "-L", "-d", "a=1")
        for server in ("nginx", "apache-tls", "haproxy-tls"):
            self.compare(server, "/", "-I")

    def test_httpbin(self):
        for path in ("/get", "/gzip", "/deflate", "/brotli", "/status/201", "/status/500", "/bytes/1000?seed=1", "/stream-bytes/5000?seed=2",
                     "/redirect/3", "/absolute-redirect/2", "/relative-redirect/2", "/encoding/utf8", "/json",
                     "/response-headers?X-A=b", "/drip?numbytes=5&duration=0.1&delay=0"):
            # It tells what it was asked: both ask the same.
            self.compare("httpbin", path, "-L", "-A", "same", "-H", "Accept: */*", "-H", "Accept-Encoding: gzip, deflate, br")

    def test_credentials(self):
        for server in ("nginx", "nginx-rsa"):
            self.assertEqual(self.compare(server, "/secret", "-u", f"{USER}:{PASSWORD}").status, 200)
            self.compare(server, "/secret", "-u", f"{USER}:wrong")
        for server in ("apache", "apache-tls"):
            self.assertEqual(self.compare(server, "/large.html", "--digest", "-u", f"{USER}:{PASSWORD}").status, 200)
            self.assertEqual(self.compare(server, "/large.html", "--digest", "-u", f"{USER}:wrong").status, 401)
        self.compare("httpbin", "/digest-auth/auth/me/pw/SHA-256", "--digest", "-u", "me:pw")
        self.compare("httpbin", "/bearer", "--oauth2-bearer", "token")

    def test_cookies_are_kept_across_redirects(self):
        url = self.site.bases["node"] + "/cookie"
        # curl keeps cookies with -b; the probe always does.
        theirs = curl(url, *self.site.resolve(url), "-L", "-b", "")
        # In its own order, where RFC 6265 wants the older one first.
        self.assertEqual(sorted(theirs.body.split(b"; ")), [b"a=1", b"b=2"])
        ours = check(url, *self.site.resolve(url), "-L", "--assert", "body = a=1; b=2")
        self.assertEqual(ours.exit, 0, ours.message)

    def test_trust(self):
        for server in ("nginx-rsa", "nginx-ecdsa", "apache-tls", "haproxy-tls"):
            url = self.site.bases[server] + "/"
            self.assertEqual(curl(url, *self.site.resolve(url)).exit, 60)
            self.assertIn(check(url, *self.site.resolve(url)).reason, ("TLS_UNTRUSTED", "TLS_MISSING_INTERMEDIATE"))
            self.assertEqual(check(url, *self.site.resolve(url), "-k").exit, 0)

    def test_proxies(self):
        web, socks = self.site.start_tinyproxy(), self.site.start_microsocks()
        for proxy in (web, socks):
            for server in ("nginx", "nginx-rsa", "node-tls"):
                path = "/chunks" if server == "node-tls" else "/index.html"
                with self.subTest(proxy=proxy, server=server):
                    # The proxies do not know the name; the address is theirs as well as ours.
                    url = self.site.bases[server].replace("site.test", "127.0.0.1") + path
                    options = ["-x", proxy, "--proxy-user", f"{USER}:secret", "--cacert", self.site.pki.root]
                    theirs, ours = curl(url, *options), check(url, *options)
                    self.assertEqual((theirs.exit, theirs.status), (0, 200))
                    self.assertEqual((ours.exit, ours.status), (0, 200), ours.message)
                    refused = check(url, "-x", proxy, "--proxy-user", f"{USER}:wrong", "--cacert", self.site.pki.root)
                    self.assertIn(refused.reason, ("PROXY", "STATUS"), refused.message)
                    self.assertEqual(refused.exit, 1)
