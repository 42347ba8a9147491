"""The probe and prometheus-blackbox-exporter, set to the same, agree on success."""
import json
import pathlib
import tempfile
import unittest
import urllib.parse
import urllib.request

from certificates import authority
from hostile import Hostile, falls_silent_after, says
from programs import Server, check, free_port, tool
from site_servers import Site


class BlackboxExporterAgrees(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.stop)
        cls.site.start_nginx()
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        trusted = {"ca_file": authority().root, "server_name": "site.test"}
        modules = {
            "plain": {},
            "stays": {"follow_redirects": False},
            "wants_404": {"valid_status_codes": [404]},
            "posts": {"method": "POST", "body": "a=1"},
            "has_text": {"fail_if_body_not_matches_regexp": ["It works"]},
            "lacks_text": {"fail_if_body_matches_regexp": ["It works"]},
            "trusts": {"tls_config": trusted},
            "trusts_nobody": {},
            "trusts_all": {"tls_config": {"insecure_skip_verify": True}},
            "knows": {"basic_auth": {"username": "me", "password": "a secret"}},
        }
        config = {"modules": {name: {"prober": "http", "timeout": "2s", "http": {"preferred_ip_protocol": "ip4", **http}}
                              for name, http in modules.items()}}
        path = pathlib.Path(directory.name) / "blackbox.json"
        path.write_text(json.dumps(config))
        cls.port = free_port()
        server = Server([tool("prometheus-blackbox-exporter"), f"--config.file={path}", f"--web.listen-address=127.0.0.1:{cls.port}"],
                        [cls.port], pathlib.Path(directory.name))
        cls.addClassCleanup(server.stop)

    def theirs(self, module: str, url: str) -> bool:
        query = urllib.parse.urlencode({"module": module, "target": url})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/probe?{query}", timeout=30) as answer:
            return "\nprobe_success 1" in answer.read().decode()

    def agree(self, expected: bool, module: str, url: str, *options: str):
        ours = check(url, "--max-time", "2", *options)
        with self.subTest(module=module, url=url):
            self.assertEqual(self.theirs(module, url), expected)
            self.assertEqual(ours.exit == 0, expected, ours.message)

    def url(self, server: str, path: str) -> str:
        return self.site.bases[server].replace("site.test", "127.0.0.1") + path

    def test_on_statuses_and_redirects(self):
        self.agree(True, "plain", self.url("nginx", "/"), "-L")
        self.agree(False, "plain", self.url("nginx", "/nowhere"), "-L")
        self.agree(True, "plain", self.url("nginx", "/temporary"), "-L")
        self.agree(False, "plain", self.url("nginx", "/loop"), "-L", "--max-redirs", "10")
        self.agree(False, "stays", self.url("nginx", "/moved"))
        self.agree(True, "wants_404", self.url("nginx", "/nowhere"), "--assert", "status = 404")
        self.agree(False, "wants_404", self.url("nginx", "/"), "--assert", "status = 404")
        self.agree(False, "posts", self.url("nginx", "/index.html"), "-d", "a=1")

    def test_on_bodies(self):
        self.agree(True, "has_text", self.url("nginx", "/"), "--assert", "body matches It works")
        self.agree(False, "lacks_text", self.url("nginx", "/"), "--assert", "body not-matches It works")
        self.agree(False, "has_text", self.url("nginx", "/empty"), "--assert", "body matches It works")

    def test_on_credentials(self):
        self.agree(True, "knows", self.url("nginx", "/secret"), "-u", "me:a secret")
        self.agree(False, "plain", self.url("nginx", "/secret"))

    def test_on_trust(self):
        for server in ("nginx-rsa", "nginx-ecdsa", "nginx-tls12"):
            self.agree(True, "trusts", self.url(server, "/"), "--cacert", authority().root)
            self.agree(False, "trusts_nobody", self.url(server, "/"))
            self.agree(True, "trusts_all", self.url(server, "/"), "-k")

    def test_on_targets_that_fail(self):
        self.agree(False, "plain", f"http://127.0.0.1:{free_port()}/")
        self.agree(False, "plain", Hostile(self, falls_silent_after(b"")).url)
        self.agree(False, "plain", Hostile(self, says(b"")).url)
        self.agree(False, "plain", Hostile(self, says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")).url, "--assert", "body exists")
        self.agree(False, "plain", Hostile(self, says(b"SSH-2.0-OpenSSH\r\n")).url)
