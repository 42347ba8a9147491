"""A small public key infrastructure, minted by the openssl program at test time."""
import functools
import pathlib
import subprocess
import tempfile


class Authority:
    """Certificates below one root, as files in one directory."""

    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        self.root = self.make("root", "Test Root", ca=True)
        self.intermediate = self.make("intermediate", "Test Intermediate", ca=True, signer="root")

    def path(self, name: str, suffix: str = "pem") -> str:
        return str(self.directory / f"{name}.{suffix}")

    def run(self, *command: str, text: str = "") -> str:
        done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=self.directory)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}:\n{done.stderr}")
        return done.stdout

    def key(self, name: str, kind: str) -> None:
        options = {"rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                   "rsa1024": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
                   "ecdsa": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}[kind]
        self.run("openssl", "genpkey", *options, "-out", self.path(name, "key"))

    def make(self, name: str, subject: str, *, ca: bool = False, signer: str = "", names: str = "DNS:site.test,IP:127.0.0.1",
             begins: str = "20250101000000Z", ends: str = "20450101000000Z", kind: str = "ecdsa", digest: str = "sha256",
             extensions: str = "") -> str:
        """Signed by itself unless there is a signer. Returns the certificate's path."""
        self.key(name, kind)
        config = self.directory / f"{name}.cnf"
        usage = "basicConstraints=critical,CA:true\nkeyUsage=keyCertSign,cRLSign" if ca else f"subjectAltName={names}\nextendedKeyUsage=serverAuth,clientAuth"
        own = signer or name
        (self.directory / f"{own}.index").touch()
        (self.directory / f"{own}.index.attr").write_text("unique_subject = no\n")
        config.write_text(f"""[req]
distinguished_name=dn
prompt=no
[dn]
CN={subject}
[ca]
default_ca=default
[default]
database={own}.index
new_certs_dir=.
rand_serial=yes
policy=policy
default_md={digest}
[policy]
commonName=supplied
[extensions]
{usage}
subjectKeyIdentifier=hash
{extensions}
""")
        self.run("openssl", "req", "-new", "-config", str(config), "-key", self.path(name, "key"), "-out", self.path(name, "csr"))
        sign = ["-selfsign", "-keyfile", self.path(name, "key")] if not signer else ["-cert", self.path(signer), "-keyfile", self.path(signer, "key")]
        self.run("openssl", "ca", "-batch", "-notext", "-config", str(config), "-extensions", "extensions", "-startdate", begins,
                 "-enddate", ends, "-in", self.path(name, "csr"), "-out", self.path(name), *sign)
        return self.path(name)

    def bundle(self, name: str, *parts: str) -> str:
        """Several certificates in one file: a leaf, its issuers behind it."""
        bundle = self.directory / f"{name}.pem"
        bundle.write_text("".join((self.directory / f"{part}.pem").read_text() for part in parts))
        return str(bundle)

    def ocsp_of_revoked(self, name: str, signer: str) -> str:
        """A responder's answer that `name` is revoked, to be stapled."""
        config = str(self.directory / f"{name}.cnf")
        self.run("openssl", "ca", "-config", config, "-revoke", self.path(name), "-cert", self.path(signer), "-keyfile", self.path(signer, "key"))
        request, answer = self.path(name, "ocsp-request"), self.path(name, "ocsp")
        self.run("openssl", "ocsp", "-issuer", self.path(signer), "-cert", self.path(name), "-no_nonce", "-reqout", request)
        self.run("openssl", "ocsp", "-index", self.path(signer, "index"), "-rsigner", self.path(signer), "-rkey", self.path(signer, "key"),
                 "-CA", self.path(signer), "-ndays", "30", "-reqin", request, "-respout", answer)
        return answer


@functools.cache
def authority() -> Authority:
    """One for all tests; its directory goes with the process."""
    authority.directory = tempfile.TemporaryDirectory(prefix="openseer-pki-")
    return Authority(pathlib.Path(authority.directory.name))
