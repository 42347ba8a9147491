"""The same small site on several real servers, and proxies in front of it."""
import crypt
import hashlib
import os
import pathlib
import random
import shutil
import tempfile

from certificates import authority
from programs import SERVERS, Server, free_port, tool

HOST = "site.test"
USER, PASSWORD = "me", "a secret"


def write_documents(root: pathlib.Path) -> None:
    (root / "index.html").write_text("<html>" + "It works. " * 500 + "</html>\n")
    (root / "empty").write_bytes(b"")
    (root / "binary").write_bytes(random.Random(7).randbytes(700_000))
    (root / "large.html").write_text("".join(f"<p>{i * 7919}</p>\n" for i in range(100_000)))


class Site:
    """Everything is started once, in one directory, and stopped with stop()."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="openseer-site-")
        self.directory = pathlib.Path(self.temporary.name)
        self.directory.chmod(0o755)
        self.documents = self.directory / "documents"
        self.documents.mkdir()
        write_documents(self.documents)
        self.pki = authority()
        for kind in ("rsa", "ecdsa"):
            self.pki.make(f"site-{kind}", HOST, signer="intermediate", kind=kind)
            self.pki.bundle(f"site-{kind}.chain", f"site-{kind}", "intermediate")
        # nginx and apache drop root's rights; the certificates are nobody's secret here.
        self.bundle = self.directory / "site.pem"
        self.bundle.write_text(pathlib.Path(self.certificate("rsa")).read_text() + pathlib.Path(self.key("rsa")).read_text())
        self.password_file = self.directory / "passwords"
        self.password_file.write_text(f"{USER}:{crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_SHA256))}\n")
        self.servers: list[Server] = []
        self.bases: dict[str, str] = {}

    def certificate(self, kind: str) -> str:
        return self.pki.path(f"site-{kind}.chain")

    def key(self, kind: str) -> str:
        return self.pki.path(f"site-{kind}", "key")

    def start(self, command: list[str], ports: list[int], **environment: str) -> None:
        self.servers.append(Server(command, ports, self.directory, **environment))

    def stop(self) -> None:
        for server in reversed(self.servers):
            server.stop()
        self.temporary.cleanup()

    def write(self, name: str, text: str) -> str:
        path = self.directory / name
        path.write_text(text)
        return str(path)

    # --- servers ---

    def start_nginx(self) -> None:
        plain, rsa, ecdsa, old, cleartext2 = (free_port() for _ in range(5))
        tls = lambda port, kind, more: f"""
  server {{ listen 127.0.0.1:{port} ssl {more}; server_name {HOST}; ssl_certificate {self.certificate(kind)};
    ssl_certificate_key {self.key(kind)}; ssl_protocols {'TLSv1.2' if port == old else 'TLSv1.2 TLSv1.3'}; include site.conf; }}"""
        self.write("site.conf", f"""
root {self.documents};
location = /moved {{ return 301 /index.html; }}
location = /found {{ return 302 /moved; }}
location = /other {{ return 303 /index.html; }}
location = /temporary {{ return 307 /found?x=1; }}
location = /permanent {{ return 308 ../index.html; }}
location = /loop {{ return 302 /loop; }}
location = /nothing {{ return 204; }}
location = /teapot {{ return 418 "short and stout"; }}
location = /busy {{ return 503; }}
location = /drop {{ return 444; }}
location = /secret {{ auth_basic "x"; auth_basic_user_file {self.password_file}; try_files /index.html =404; }}
""")
        self.write("nginx.conf", f"""
worker_processes 1; daemon off; pid {self.directory}/nginx.pid; error_log stderr;
{'user root;' if os.geteuid() == 0 else ''}
events {{ }}
http {{
  access_log off; gzip on; gzip_min_length 100; default_type text/html;
  client_body_temp_path {self.directory}/a; proxy_temp_path {self.directory}/b; fastcgi_temp_path {self.directory}/c;
  uwsgi_temp_path {self.directory}/d; scgi_temp_path {self.directory}/e;
  server {{ listen 127.0.0.1:{plain}; server_name {HOST}; include site.conf; }}
  server {{ listen 127.0.0.1:{cleartext2} http2; server_name {HOST}; include site.conf; }}
  {tls(rsa, 'rsa', 'http2')} {tls(ecdsa, 'ecdsa', 'http2')} {tls(old, 'rsa', '')}
}}""")
        self.start([tool("nginx"), "-e", "stderr", "-p", str(self.directory), "-c", "nginx.conf"], [plain, rsa, ecdsa, old])
        self.bases |= {"nginx": f"http://{HOST}:{plain}", "nginx-rsa": f"https://{HOST}:{rsa}", "nginx-ecdsa": f"https://{HOST}:{ecdsa}",
                       "nginx-tls12": f"https://{HOST}:{old}", "nginx-cleartext2": f"http://{HOST}:{cleartext2}"}

    def start_apache(self) -> None:
        plain, secure = free_port(), free_port()
        modules = SERVERS / "usr/lib/apache2/modules"
        names = ("mpm_event authz_core authn_core alias dir headers rewrite deflate filter ssl http2 mime auth_basic authn_file authz_user "
                 "auth_digest socache_shmcb").split()
        load = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in names)
        realm = "testing"
        digest = hashlib.md5(f"{USER}:{realm}:{PASSWORD}".encode()).hexdigest()
        self.write("digests", f"{USER}:{realm}:{digest}\n")
        self.write("apache.conf", f"""
ServerRoot {self.directory}
ServerName {HOST}
DefaultRuntimeDir {self.directory}
PidFile apache.pid
ErrorLog /dev/stderr
{load}
Listen 127.0.0.1:{plain}
Listen 127.0.0.1:{secure}
Protocols h2 h2c http/1.1
TypesConfig /dev/null
AddType text/html .html
DocumentRoot {self.documents}
AddOutputFilterByType DEFLATE text/html
Redirect 301 /moved /index.html
Redirect 302 /found /moved
Redirect 303 /other /index.html
Redirect 410 /gone
<Location /index.html/digest>
</Location>
<Directory {self.documents}>
  Require all granted
  DirectoryIndex index.html
</Directory>
<Location /large.html>
  AuthType Digest
  AuthName {realm}
  AuthDigestProvider file
  AuthUserFile digests
  Require valid-user
</Location>
<VirtualHost *:{secure}>
  SSLEngine on
  SSLCertificateFile {self.certificate('rsa')}
  SSLCertificateKeyFile {self.key('rsa')}
</VirtualHost>
""".replace("<Location /index.html/digest>\n</Location>\n", ""))
        self.start([tool("apache2"), "-X", "-f", str(self.directory / "apache.conf")], [plain, secure])
        self.bases |= {"apache": f"http://{HOST}:{plain}", "apache-tls": f"https://{HOST}:{secure}"}

    def start_lighttpd(self) -> None:
        plain = free_port()
        self.write("lighttpd.conf", f"""
server.document-root = "{self.documents}"
server.bind = "127.0.0.1"
server.port = {plain}
server.modules = ("mod_redirect", "mod_access")
index-file.names = ("index.html")
url.redirect = ("^/moved$" => "/index.html")
url.access-deny = ("binary")
mimetype.assign = (".html" => "text/html")
""")
        modules = SERVERS / "usr/lib/lighttpd"
        self.start([tool("lighttpd"), "-D", "-f", "lighttpd.conf", "-m", str(modules)], [plain])
        self.bases["lighttpd"] = f"http://{HOST}:{plain}"

    def start_haproxy(self, backend: int) -> None:
        plain, secure = free_port(), free_port()
        self.write("haproxy.cfg", f"""
global
  maxconn 100
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend in
  bind 127.0.0.1:{plain}
  bind 127.0.0.1:{secure} ssl crt {self.bundle} alpn h2,http/1.1
  http-request return status 200 content-type text/plain string "from haproxy" if {{ path /own }}
  http-request deny deny_status 429 if {{ path /limited }}
  default_backend nginx
backend nginx
  server one 127.0.0.1:{backend}
""")
        self.start([tool("haproxy"), "-db", "-f", "haproxy.cfg"], [plain, secure])
        self.bases |= {"haproxy": f"http://{HOST}:{plain}", "haproxy-tls": f"https://{HOST}:{secure}"}

    def start_node(self) -> None:
        plain, secure = free_port(), free_port()
        script = self.write("server.js", f"""
const http = require('http'), http2 = require('http2'), zlib = require('zlib'), fs = require('fs');
const body = Buffer.from('node says hello '.repeat(2000));
function handle(request, response) {{
  const coded = (name, bytes) => {{ response.writeHead(200, {{'content-encoding': name, 'content-type': 'text/plain'}}); response.end(bytes); }};
  switch (request.url) {{
    case '/br': return coded('br', zlib.brotliCompressSync(body));
    case '/deflate': return coded('deflate', zlib.deflateSync(body));
    case '/raw-deflate': return coded('deflate', zlib.deflateRawSync(body));
    case '/twice': return coded('gzip, br', zlib.brotliCompressSync(zlib.gzipSync(body)));
    case '/chunks': response.writeHead(200, {{'trailer': 'x-end'}}); for (let i = 0; i < 50; ++i) response.write('chunk ' + i + '\\n'); response.addTrailers({{'x-end': '1'}}); return response.end();
    case '/hints': if (response.writeEarlyHints) response.writeEarlyHints({{link: '</a.css>; rel=preload'}}); response.writeHead(200); return response.end('after hints');
    case '/cookie': response.writeHead(302, {{'set-cookie': ['a=1; Path=/', 'b=2'], location: '/cookie-back'}}); return response.end();
    case '/cookie-back': response.writeHead(200); return response.end(request.headers.cookie || 'none');
    case '/echo': {{ let got = ''; request.on('data', (d) => got += d); return request.on('end', () => {{ response.writeHead(200); response.end(request.method + ' ' + (request.headers['content-type'] || '') + ' ' + got); }}); }}
    case '/see': response.writeHead(303, {{location: '/echo'}}); return response.end();
    case '/keep': response.writeHead(307, {{location: '/echo'}}); return response.end();
    case '/close': response.socket.destroy(); return;
    default: response.writeHead(404); return response.end('nothing here');
  }}
}}
http.createServer(handle).listen({plain}, '127.0.0.1');
http2.createSecureServer({{cert: fs.readFileSync('{self.certificate('ecdsa')}'), key: fs.readFileSync('{self.key('ecdsa')}'), allowHTTP1: true}}, handle).listen({secure}, '127.0.0.1');
""")
        self.start([shutil.which("node") or "node", script], [plain, secure], LD_LIBRARY_PATH="")
        self.bases |= {"node": f"http://{HOST}:{plain}", "node-tls": f"https://{HOST}:{secure}"}

    def start_httpbin(self) -> None:
        port = free_port()
        script = self.write("httpbin-server.py", f"""
import sys
sys.path.insert(0, {str(SERVERS / 'usr/lib/python3/dist-packages')!r})
from werkzeug.serving import run_simple, WSGIRequestHandler
from httpbin import app
WSGIRequestHandler.protocol_version = "HTTP/1.1"
run_simple("127.0.0.1", {port}, app, threaded=True)
""")
        self.start(["/usr/bin/python3", script], [port])
        self.bases["httpbin"] = f"http://{HOST}:{port}"

    # --- proxies ---

    def start_tinyproxy(self) -> str:
        port = free_port()
        config = self.write("tinyproxy.conf", f"Port {port}\nListen 127.0.0.1\nMaxClients 20\nBasicAuth {USER} secret\nAllow 127.0.0.1\nAddHeader \"X-Through\" \"tinyproxy\"\n")
        self.start([tool("tinyproxy"), "-d", "-c", config], [port])
        return f"http://127.0.0.1:{port}"

    def start_microsocks(self) -> str:
        port = free_port()
        self.start([tool("microsocks"), "-i", "127.0.0.1", "-p", str(port), "-u", USER, "-P", "secret"], [port])
        return f"socks5://127.0.0.1:{port}"

    # --- how to reach them ---

    def resolve(self, url: str) -> list[str]:
        port = url.split(":")[2].split("/")[0]
        return ["--resolve", f"{HOST}:{port}:127.0.0.1"]
