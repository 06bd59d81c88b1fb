"""Keys, certificates and what only looks like them, made once by openssl(1) for all cases.

MATERIAL below is the list: one name, one line that says how it is made. Nothing here is secret or lasts.
"""
import os
import subprocess
import threading
import time

HOST = "mx1.example.org"
DAY = 86400
CA_CONF = """\
[ca]
default_ca = this
[this]
database = %(folder)s/index
new_certs_dir = %(folder)s
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
x509_extensions = ext
[any]
commonName = supplied
[ext]
basicConstraints = critical,CA:%(is_ca)s
subjectAltName = DNS:%(name)s
"""


class Maker:
    """Writes into one folder; each method is named after what it makes."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as content:
            return content.read()

    def write(self, name, content):
        with open(self.path(name), "wb") as out:
            out.write(content)

    def openssl(self, line, *more):
        """The words of line, @x being the file x."""
        words = [self.path(word[1:]) if word.startswith("@") else word for word in line.split()] + list(more)
        done = subprocess.run(["/usr/bin/openssl"] + words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise RuntimeError("openssl %s: %s" % (" ".join(words), done.stdout.decode(errors="replace")[-400:]))

    def self_signed(self, key, cert, name=HOST):
        self.openssl("req -x509 -new -key @%s -out @%s -days 3650 -subj /CN=%s" % (key, cert, name),
                     "-addext", "subjectAltName=DNS:" + name)

    def issue(self, cert, key, name, issuer=None, days=(-1, 3650), is_ca=False):
        """A certificate by `issuer` (key and certificate; None: by itself), good from and until these days."""
        folder = self.path(cert + ".ca")
        os.mkdir(folder)
        self.write(os.path.join(folder, "index"), b"")
        self.write(os.path.join(folder, "conf"), (CA_CONF % {
            "folder": folder, "is_ca": "TRUE" if is_ca else "FALSE", "name": name}).encode())
        self.openssl("req -new -key @%s -subj /CN=%s -out %s/csr" % (key, name, folder))
        begin, end = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + day * DAY)) for day in days)
        by = "-keyfile @%s.key -cert @%s.pem" % (issuer, issuer) if issuer else "-selfsign -keyfile @%s" % key
        self.openssl("ca -batch -notext -config %s/conf -in %s/csr -out @%s -startdate %s -enddate %s %s" % (
            folder, folder, cert, begin, end, by))

    def ec(self, name, curve="prime256v1", encoding="named_curve"):
        self.openssl("genpkey -algorithm EC -out @%s -pkeyopt ec_paramgen_curve:%s -pkeyopt ec_param_enc:%s" % (
            name, curve, encoding))

    def rsa(self, name, bits=2048):
        self.openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:%d -out @%s" % (bits, name))

    # ---- by theme, the order counts inside of each

    def rsa_keys(self):
        for name in ("rsa", "rsa2"):
            self.rsa(name + ".key")
            self.self_signed(name + ".key", name + ".pem")
        self.rsa("rsa1024.key", 1024)
        self.self_signed("rsa1024.key", "rsa1024.pem")
        self.openssl("pkey -in @rsa.key -outform DER -out @der.key")
        self.openssl("x509 -in @rsa.pem -outform DER -out @der.pem")
        self.openssl("pkey -in @rsa.key -pubout -out @public.key")
        self.openssl("pkcs8 -topk8 -in @rsa.key -v2 aes128 -passout pass:secret -out @encrypted8.key")
        self.openssl("rsa -in @rsa.key -traditional -aes128 -passout pass:secret -out @encrypted1.key")
        self.openssl("dsaparam -out @dsa.param 1024")
        self.openssl("gendsa -out @dsa.key @dsa.param")

    def ec_keys(self):
        for name in ("ec", "ec2"):
            self.ec(name + ".key")
            self.self_signed(name + ".key", name + ".pem")
        self.ec("explicit.key", encoding="explicit")
        self.self_signed("explicit.key", "explicit.pem")
        self.openssl("genpkey -algorithm ED25519 -out @ed25519.key")
        self.self_signed("ed25519.key", "ed25519.pem")
        self.chains()

    def chains(self):
        for name in ("root", "inter", "other"):
            self.ec(name + ".key")
        self.issue("root.pem", "root.key", "root", is_ca=True)
        self.issue("inter.pem", "inter.key", "inter", "root", is_ca=True)
        self.issue("inter-old.pem", "inter.key", "inter", "root", days=(-20, -2), is_ca=True)
        # the name of the issuer, but not its key
        self.issue("inter-false.pem", "other.key", "inter", "root", is_ca=True)
        self.issue("leaf.pem", "ec.key", HOST, "inter")
        self.issue("expired.pem", "ec.key", HOST, days=(-20, -2))
        self.issue("future.pem", "ec.key", HOST, days=(2, 20))

    def derived(self):
        """Files put together from the others."""
        def join(name, *parts):
            self.write(name, b"".join(self.read(part) for part in parts))

        join("chain.pem", "leaf.pem", "inter.pem", "root.pem")
        join("chain-order.pem", "leaf.pem", "root.pem", "inter.pem")
        join("chain-foreign.pem", "leaf.pem", "inter.pem", "rsa2.pem")
        join("chain-expired.pem", "leaf.pem", "inter-old.pem", "root.pem")
        join("chain-false.pem", "leaf.pem", "inter-false.pem")
        join("chain-issuer-first.pem", "inter.pem", "leaf.pem")
        join("both.pem", "rsa.key", "rsa.pem", "ec.key", "ec.pem")
        for kind, name in (("key", "rsa.key"), ("pem", "rsa.pem")):
            text = self.read(name)
            self.write("cut." + kind, text[:len(text) // 2])
            self.write("nul." + kind, text[:300] + b"\0" + text[301:])
            self.write("blank-base64." + kind, text[:300] + b"!?!?" + text[304:])
        leaf, inter = self.read("leaf.pem"), self.read("inter.pem")
        self.write("cut-chain.pem", leaf + inter[:len(inter) // 2])
        self.write("junk", b"this is neither a key nor a certificate\n" * 20)
        self.write("empty", b"")
        self.write("binary", bytes(range(256)) * 40)
        for name, begin in (("huge", b""), ("huge.key", self.read("rsa.key")), ("huge.pem", self.read("rsa.pem"))):
            self.write(name, begin)
            os.truncate(self.path(name), 1 << 30)
        os.symlink(self.path("nowhere"), self.path("dangling"))
        os.symlink("loop", self.path("loop"))
        os.mkdir(self.path("folder"))
        os.mkfifo(self.path("fifo"))


def make(folder):
    """All of it; a second or two."""
    maker, trouble = Maker(folder), []

    def guarded(method):
        try:
            method()
        except Exception as problem:  # a thread has nobody else to tell
            trouble.append(problem)

    threads = [threading.Thread(target=guarded, args=(method,)) for method in (maker.rsa_keys, maker.ec_keys)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if trouble:
        raise trouble[0]
    maker.derived()
