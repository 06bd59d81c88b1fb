"""The keys and certificates that every instance has in its configuration directory; made once a run.

    rsa.key rsa.cert rsa.pem         a pair, RSA 2048, PKCS#8; both in one file, the key first
    rsa-pkcs1.key rsa-text.key       the same key as RSA PRIVATE KEY; with words before it
    rsa-encrypted.key rsa.pub rsa.der rsa-cert.der
    other.key other.cert             another RSA 2048 pair
    rsa1024.key rsa1024.cert         too small for danesafe
    ec.key ec.cert ec.pem            a pair, P-256, EC PARAMETERS and EC PRIVATE KEY
    ec-sec1.key ec-pkcs8.key         the same key without the parameters; as PKCS#8
    ec384.key ec384.cert             P-384
    ec-explicit.key ec-explicit.cert secp256k1.key secp256k1.cert ed25519.key ed25519.cert
    leaf.key chain.pem wrong-order.pem missing-link.pem      below a CA of its own; chain.pem = leaf, CA
    expired.cert future.cert         of rsa.key
    junk empty                       no keys at all
"""
import os
import subprocess

SUBJECT = "/CN=mail.example.org"
CA_CONFIG = """[ca]
default_ca = it
[it]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
[any]
commonName = supplied
"""


def make(directory, scratch):
    """Fill the directory; scratch is used and left full."""
    for folder in (directory, scratch):
        os.makedirs(folder, exist_ok=True)

    def ssl(*argv, **more):
        subprocess.run(("openssl",) + argv, cwd=directory, check=True, capture_output=True, **more)

    def read(name):
        with open(os.path.join(directory, name), "rb") as file:
            return file.read()

    def write(name, data):
        with open(os.path.join(directory, name), "wb") as out:
            out.write(data)

    def self_sign(name):
        ssl("req", "-x509", "-new", "-key", name + ".key", "-out", name + ".cert", "-days", "365", "-subj", SUBJECT,
            "-addext", "subjectAltName=DNS:mail.example.org")

    def curve(name, group, *more):
        ssl("ecparam", "-name", group, "-genkey", "-out", name + ".key", *more)

    for name, bits in (("rsa", 2048), ("other", 2048), ("rsa1024", 1024), ("leaf", 2048), ("ca", 2048)):
        ssl("genrsa", "-out", name + ".key", str(bits))
    curve("ec", "prime256v1")
    curve("ec384", "secp384r1")
    curve("secp256k1", "secp256k1")
    curve("ec-explicit", "prime256v1", "-param_enc", "explicit")
    ssl("genpkey", "-algorithm", "ed25519", "-out", "ed25519.key")
    for name in ("rsa", "other", "rsa1024", "ec", "ec384", "secp256k1", "ec-explicit", "ed25519"):
        self_sign(name)

    ssl("rsa", "-in", "rsa.key", "-traditional", "-out", "rsa-pkcs1.key")
    write("rsa-text.key", b"Bag Attributes\n    friendlyName: mail\n" + read("rsa.key"))
    ssl("rsa", "-in", "rsa.key", "-aes128", "-passout", "pass:secret", "-out", "rsa-encrypted.key")
    ssl("rsa", "-in", "rsa.key", "-pubout", "-out", "rsa.pub")
    ssl("rsa", "-in", "rsa.key", "-outform", "DER", "-out", "rsa.der")
    ssl("x509", "-in", "rsa.cert", "-outform", "DER", "-out", "rsa-cert.der")
    ssl("ec", "-in", "ec.key", "-out", "ec-sec1.key")
    ssl("pkcs8", "-topk8", "-nocrypt", "-in", "ec.key", "-out", "ec-pkcs8.key")
    write("rsa.pem", read("rsa.key") + read("rsa.cert"))
    write("ec.pem", read("ec.key") + read("ec.cert"))

    ssl("req", "-x509", "-new", "-key", "ca.key", "-out", "ca.cert", "-days", "365", "-subj", "/CN=Test CA")
    ssl("req", "-new", "-key", "leaf.key", "-subj", SUBJECT, "-out", "leaf.csr")
    ssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.cert", "-CAkey", "ca.key", "-CAcreateserial", "-days", "300",
        "-extfile", "/dev/stdin", "-out", "leaf.cert", input=b"subjectAltName=DNS:mail.example.org\n")
    write("chain.pem", read("leaf.cert") + read("ca.cert"))
    write("wrong-order.pem", read("ca.cert") + read("leaf.cert"))
    write("missing-link.pem", read("leaf.cert") + read("other.cert"))
    _dated(scratch, os.path.join(directory, "rsa.key"), os.path.join(directory, "expired.cert"), "2001", "2002")
    _dated(scratch, os.path.join(directory, "rsa.key"), os.path.join(directory, "future.cert"), "2090", "2091")

    write("junk", b"this is no key\n")
    write("empty", b"")
    for name in ("ca.key", "ca.srl", "ca.cert", "leaf.csr", "leaf.cert"):
        if os.path.exists(os.path.join(directory, name)):
            os.unlink(os.path.join(directory, name))
    for name in os.listdir(directory):
        os.chmod(os.path.join(directory, name), 0o600 if name.endswith((".key", ".pem", ".der")) else 0o644)


def _dated(scratch, key, cert, first, last):
    """A self-signed certificate valid from one year to the other: only `openssl ca` takes dates."""
    for name, text in (("index", ""), ("serial", "%s\n" % first), ("ca.cnf", CA_CONFIG)):
        with open(os.path.join(scratch, name), "w", encoding="ascii") as out:
            out.write(text)
    for argv in (["req", "-new", "-key", key, "-subj", SUBJECT, "-out", "dated.csr"],
                 ["ca", "-batch", "-config", "ca.cnf", "-selfsign", "-keyfile", key, "-in", "dated.csr", "-out", cert,
                  "-notext", "-startdate", first + "0101000000Z", "-enddate", last + "0101000000Z"]):
        subprocess.run(["openssl"] + argv, cwd=scratch, check=True, capture_output=True)
