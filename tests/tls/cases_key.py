"""Cases of new-server-key and new-server-cert: algorithms, sizes, names, and which key is taken."""
import os
import shutil
import time

from case import differ, same, want
from instance import full

MADE = "New private key and self-signed certificate created"
COPIED = "self-signed certificate"  # postfix tls calls the key new here, too, which it is not
RSA = ["smtpd_tls_key_file = DIR/rsa.key", "smtpd_tls_cert_file = DIR/rsa.cert"]
EC = ["smtpd_tls_eckey_file = DIR/ec.key", "smtpd_tls_eccert_file = DIR/ec.cert"]
RSA_2048, P_256 = "rsaEncryption 2048 e=65537", "ecPublicKey P-256 point 04"
NAME_64 = "a" * 30 + "." + "b" * 29 + ".org"
NAME_65 = "a" * 31 + "." + "b" * 29 + ".org"
NAME_65_CN = "CN UTF8String " + NAME_65.split(".", 1)[1]
NAME_253 = ".".join(["c" * 62] * 4 + ["d"])[:253]
FRESH, OLD_RSA = want(0, files="rsa", is_key="a new one"), want(0, files="rsa", is_key="rsa.key")
FRESH_EC, OLD_EC = want(0, files="ec", is_key="a new one"), want(0, files="ec", is_key="ec.key")


def taken(kind):
    """The stamps of the next half minute are in use."""
    def before(instance):
        now = time.time()
        for second in range(30):
            instance.write(time.strftime(kind + "-%Y%m%d-%H%M%S.pem", time.gmtime(now + second)), "taken\n")
    return before


def full_but_for_one(instance):
    full(instance, 1)


def in_queue(instance):
    """rsa.key where a relative name is looked up by Postfix's daemons."""
    os.mkdir(os.path.join(instance.base, "queue", "keys"))
    shutil.copy(instance.path("rsa.key"), os.path.join(instance.base, "queue", "keys"))


def bad_name(name, words, given="x", peer=want(0, files="ec")):
    """A row: a name that only postfix tls takes."""
    return differ("key-name-" + name, 1, ["new-server-key", "-a", "ecdsa"] + words, peer=peer,
                  ours=want(1, "host name '" + given))


def ec_bits(name, value, curve, peer=want(1)):
    return differ("key-curve-" + name, 2, "new-server-key -a ecdsa -b " + value, peer=peer,
                  ours=want(0, files="ec", key="ecPublicKey %s point 04" % curve))


def dear_key(name, path, words, **more):
    """new-server-cert with a key file that cannot be used."""
    return same("cert-key-" + name, 1, "new-server-cert", words, conf="smtpd_tls_key_file = " + path, **more)


CASES = [
    same("key", 0, "new-server-key", MADE, also=want(0, files="rsa", key=RSA_2048)),
    same("key-name", 0, "new-server-key mx.example.org", MADE),
    same("key-names", 0, "new-server-key mx.example.org mail.example.org a.b.c.example.net", MADE),
    same("key-twice-the-name", 0, "new-server-key mx.example.org mx.example.org", MADE),
    same("key-name-case", 0, "new-server-key MX.Example.ORG", MADE),
    same("key-one-label", 0, "new-server-key mailhost", MADE),
    same("key-wildcard", 0, "new-server-key '*.example.org'", MADE),
    same("key-a-label", 0, "new-server-key xn--mil-qla.example.org", MADE),
    same("key-64", 0, ["new-server-key", NAME_64], MADE),
    same("key-65-later", 0, ["new-server-key", "mx.example.org", NAME_65, NAME_253], MADE),
    same("key-empty-name", 0, "new-server-key '' mx.example.org", MADE),
    same("key-hostname-expression", 0, "new-server-key", MADE, conf=["myhostname = mx.$mydomain", "mydomain = b.net"]),
    same("key-dashes", 0, "new-server-key -- mx.example.org", MADE),
    same("key-in-use-is-not-taken", 0, "new-server-key", MADE, conf=RSA, also=FRESH),
    same("key-rsa", 0, "new-server-key -a rsa", MADE, also=FRESH),
    same("key-3072", 0, "new-server-key -b 3072", MADE, also=want(0, files="rsa", key="rsaEncryption 3072 e=65537")),
    same("key-bits-empty", 0, "new-server-key -b ''", MADE, also=want(0, files="rsa", key=RSA_2048)),
    same("key-ecdsa", 0, "new-server-key -a ecdsa mx.example.org", MADE, also=want(0, files="ec", key=P_256)),
    same("key-ecdsa-names", 0, "new-server-key -aecdsa mx.example.org mx2.example.org", MADE, also=FRESH_EC),
    same("key-ecdsa-bits-empty", 0, "new-server-key -a ecdsa -b ''", MADE, also=want(0, files="ec", key=P_256)),
    same("key-last-wins", 0, "new-server-key -a rsa -b 4096 -a ecdsa -b secp384r1", MADE, also=FRESH_EC),
    same("key-secp256r1", 0, "new-server-key -a ecdsa -b secp256r1", MADE, also=want(0, files="ec", key=P_256)),
    same("key-prime256v1", 0, "new-server-key -a ecdsa -b prime256v1", MADE, also=want(0, files="ec", key=P_256)),
    same("key-nist-name", 0, "new-server-key -a ecdsa -b P-384", MADE),
    same("key-secp521r1", 0, "new-server-key -a ecdsa -b secp521r1", MADE),
    same("key-bits-word", 1, "new-server-key -b many"),
    same("key-bits-zero", 1, "new-server-key -b 0"),
    same("key-bits-511", 1, "new-server-key -b 511"),
    same("key-bits-negative", 1, "new-server-key -b -2048"),
    same("key-bits-fraction", 1, "new-server-key -b 2048.5"),
    same("key-bits-curve", 1, "new-server-key -b secp256r1"),
    same("key-curve-number", 1, "new-server-key -a ecdsa -b 2048"),
    same("key-dsa", 1, "new-server-key -a dsa", "Unsupported public key algorithm: dsa"),
    same("key-ed25519", 1, "new-server-key -a ed25519", "Unsupported public key algorithm: ed25519"),
    same("key-upper-case", 1, "new-server-key -a ECDSA", "Unsupported public key algorithm: ECDSA"),
    same("key-empty-algorithm", 1, "new-server-key -a ''"),
    same("key-unknown-option", 1, "new-server-key -r dev:/dev/random", ["usage", "new-server-key"]),
    same("key-no-value", 1, "new-server-key -b", ["usage", "new-server-key"]),
    same("key-question-mark", 1, "new-server-key -?", ["usage", "new-server-key"]),

    differ("key-pkcs8", 3, "new-server-key -a ecdsa", peer=want(0, labels=["EC PARAMETERS", "EC PRIVATE KEY"]),
           ours=want(0, labels=["PRIVATE KEY"])),
    differ("cert-pkcs8", 3, "new-server-cert -a ecdsa", conf=EC, peer=want(0, labels=["EC PRIVATE KEY"]),
           ours=want(0, labels=["PRIVATE KEY"], is_key="ec.key")),
    differ("key-65", 4, ["new-server-key", NAME_65], peer=want(1),
           ours=want(0, MADE, files="rsa", cert={"subject": [NAME_65_CN], "issuer": [NAME_65_CN]})),
    differ("key-exists", 5, "new-server-key", before=taken("key"),
           peer=want(1, "New private key file already exists: DIR/key-"), ours=want(0, MADE, files="rsa")),
    differ("key-cert-exists", 5, "new-server-key -a ecdsa", before=taken("eccert"),
           peer=want(1, "New certificate file already exists: DIR/eccert-"), ours=want(0, MADE, files="ec")),
    differ("key-full-disk", 10, "new-server-key", before=full_but_for_one, peer=want(0, MADE, files="rsa"),
           ours=want(1, "fatal: ")),
    differ("key-1024", 2, "new-server-key -b 1024", peer=want(0, files="rsa"), ours=want(1, "RSA with 1024 bits")),
    differ("key-2047", 2, "new-server-key -b 2047", peer=want(0, files="rsa"), ours=want(1, "RSA with 2047 bits")),
    differ("key-hexadecimal", 2, "new-server-key -b 0x800", peer=want(0, key=RSA_2048), ours=want(1, "fatal: ")),
    differ("key-leading-blank", 2, "new-server-key -b ' 2048'", peer=want(0, key=RSA_2048), ours=want(1, "fatal: ")),
    differ("key-secp256k1", 2, "new-server-key -a ecdsa -b secp256k1", peer=want(0, files="ec"),
           ours=want(1, "secp256k1")),
    differ("key-secp224r1", 2, "new-server-key -a ecdsa -b secp224r1", peer=want(0, files="ec"),
           ours=want(1, "secp224r1")),
    ec_bits("nistp256", "nistp256", "P-256"),
    ec_bits("oid", "1.3.132.0.34", "P-384"),
    ec_bits("upper-case", "SECP521R1", "P-521", peer=None),
    ec_bits("lower-case", "p-256", "P-256"),

    bad_name("later-empty", ["mx.example.org", ""], ""),
    bad_name("address", ["192.0.2.1"], "192.0.2.1"),
    bad_name("ipv6", ["2001:db8::1"], "2001:db8::1"),
    bad_name("blank", ["x y"], "x y"),
    bad_name("options-after", ["mx.example.org", "-b", "secp384r1"], "-b"),
    bad_name("environment", ["x$ENV::PATH"], "x$ENV::PATH"),
    bad_name("subject", ["a/O=Evil"], "a/O=Evil"),
    bad_name("underscore", ["a_b.example.org"], "a_b.example.org"),
    bad_name("hyphen-first", ["mx.example.org", "-a.example.org"], "-a.example.org"),
    bad_name("hyphen-last", ["a-.example.org"], "a-.example.org"),
    bad_name("inner-star", ["a.*.example.org"], "a.*.example.org"),
    bad_name("star-alone", ["*"], "*"),
    bad_name("part-star", ["mx*.example.org"], "mx*.example.org"),
    bad_name("two-dots", ["a..example.org"], "a..example.org"),
    bad_name("label-64", ["mx.example.org", "e" * 64 + ".org"], "e" * 64),
    bad_name("254", ["mx.example.org", NAME_253 + "e"], "ccc"),
    bad_name("utf8", ["m\u00e4il.example.org"], "m"),
    bad_name("newline", ["mx.example.org\n[v3]\nbasicConstraints = CA:TRUE"], "mx.example.org", peer=None),
    differ("key-name-final-dot", 1, "new-server-key mx.example.org.", peer=want(0),
           ours=want(0, MADE, cert={"subject": ["CN UTF8String mx.example.org"]})),

    same("cert-not-set", 0, "new-server-cert", MADE, also=FRESH),
    same("cert", 0, "new-server-cert", COPIED, conf=RSA, also=OLD_RSA),
    same("cert-names", 0, "new-server-cert -a rsa mx.example.org mx2.example.org", COPIED, conf=RSA, also=OLD_RSA),
    same("cert-bits-ignored", 0, "new-server-cert -b 4096", COPIED, conf=RSA, also=OLD_RSA),
    same("cert-pkcs1", 0, "new-server-cert", COPIED, conf="smtpd_tls_key_file = DIR/rsa-pkcs1.key", also=OLD_RSA),
    same("cert-text", 0, "new-server-cert", COPIED, conf="smtpd_tls_key_file = DIR/rsa-text.key", also=OLD_RSA),
    same("cert-both-in-one", 0, "new-server-cert", COPIED, conf="smtpd_tls_key_file = DIR/rsa.pem", also=OLD_RSA),
    same("cert-ecdsa", 0, "new-server-cert -a ecdsa", COPIED, conf=EC, also=OLD_EC),
    same("cert-sec1", 0, "new-server-cert -a ecdsa", COPIED, conf="smtpd_tls_eckey_file = DIR/ec-sec1.key", also=OLD_EC),
    same("cert-ec-pkcs8", 0, "new-server-cert -a ecdsa", COPIED, conf="smtpd_tls_eckey_file = DIR/ec-pkcs8.key",
         also=OLD_EC),
    same("cert-384", 0, "new-server-cert -aecdsa", COPIED, conf="smtpd_tls_eckey_file = DIR/ec384.key",
         also=want(0, is_key="ec384.key")),
    same("cert-two-algorithms", 0, "new-server-cert -a ecdsa", COPIED, conf=RSA + EC, also=OLD_EC),
    same("cert-other-algorithm", 0, "new-server-cert -a ecdsa", MADE, conf=RSA, also=FRESH_EC),
    same("cert-none", 0, "new-server-cert", MADE, conf="smtpd_tls_key_file = none", also=FRESH),
    same("cert-empty", 0, "new-server-cert", MADE, conf="smtpd_tls_key_file =", also=FRESH),
    same("cert-expression", 0, "new-server-cert", COPIED, conf=["smtpd_tls_key_file = $keys/rsa.key", "keys = DIR"],
         also=OLD_RSA),
    same("cert-empty-expression", 0, "new-server-cert", MADE, conf="smtpd_tls_key_file = ${nothing}", also=FRESH),
    same("cert-default-set", 0, "new-server-cert", COPIED, also=OLD_RSA,
         conf=["smtpd_tls_cert_file = DIR/rsa.pem", "smtpd_tls_key_file = $smtpd_tls_cert_file"]),
    same("cert-not-found", 0, "new-server-cert", also=FRESH, conf="smtpd_tls_key_file = DIR/missing.key",
         says=[MADE, "warning: Key file: DIR/missing.key not found, creating new keys"]),
    same("cert-folder", 0, "new-server-cert", [MADE, "warning: Key file: DIR not found, creating new keys"],
         conf="smtpd_tls_key_file = DIR", also=FRESH),
    same("cert-relative-missing", 0, "new-server-cert", [MADE, "not found, creating new keys"],
         conf="smtpd_tls_key_file = keys/rsa.key", also=FRESH),
    dear_key("junk", "DIR/junk", ["Error copying", "DIR/junk"]),
    dear_key("empty", "DIR/empty", "DIR/empty"),
    dear_key("certificate", "DIR/rsa.cert", "DIR/rsa.cert"),
    dear_key("public", "DIR/rsa.pub", "DIR/rsa.pub"),
    dear_key("ed25519", "DIR/ed25519.key", "DIR/ed25519.key"),
    dear_key("encrypted", "DIR/rsa-encrypted.key", "DIR/rsa-encrypted.key"),
    dear_key("ecdsa", "DIR/ec.key", "Key algorithm 'ecdsa' of 'DIR/ec.key' is not 'rsa'"),
    same("cert-dsa", 1, "new-server-cert -a dsa", "Unsupported private key algorithm: dsa"),
    same("cert-unknown-option", 1, "new-server-cert -k rsa.key", ["usage", "new-server-cert"]),
    differ("cert-file-only", 6, "new-server-cert", conf="smtpd_tls_cert_file = DIR/rsa.pem", peer=FRESH, ours=OLD_RSA),
    differ("cert-eccert-only", 6, "new-server-cert -a ecdsa", conf="smtpd_tls_eccert_file = DIR/ec.pem",
           peer=FRESH_EC, ours=OLD_EC),
    differ("cert-chain-files", 6, "new-server-cert", conf="smtpd_tls_chain_files = DIR/ec.pem, DIR/rsa.pem",
           peer=FRESH, ours=OLD_RSA),
    differ("cert-chain-files-ec", 6, "new-server-cert -a ecdsa", conf="smtpd_tls_chain_files = DIR/ec.pem DIR/rsa.pem",
           peer=FRESH_EC, ours=OLD_EC),
    differ("cert-relative", 6, "new-server-cert", conf="smtpd_tls_key_file = keys/rsa.key", before=in_queue,
           peer=FRESH, ours=OLD_RSA),
    differ("cert-address", 1, "new-server-cert 192.0.2.1", conf=RSA, peer=OLD_RSA, ours=want(1, "'192.0.2.1'")),
]
