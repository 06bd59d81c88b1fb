"""Cases of output-server-csr and output-server-tlsa: which key, which names, and nothing but the result on stdout."""
import hashlib
import json
import os
import shutil
import subprocess

import x509
from case import alone, differ, same, want

RSA = ["smtpd_tls_key_file = DIR/rsa.key", "smtpd_tls_cert_file = DIR/rsa.cert"]
EC = ["smtpd_tls_eckey_file = DIR/ec.key", "smtpd_tls_eccert_file = DIR/ec.cert"]
NO_FILE, NO_FILES = "No usable keyfile specified or configured", "No usable keyfiles specified or configured"
OF_RSA, OF_EC = want(0, files="", csr={"of": "rsa.key"}), want(0, files="", csr={"of": "ec.key"})
ANYTHING = want(0, out=None)
NAME_65 = "a" * 31 + "." + "b" * 29 + ".org"


def record(name, key=None, host="mail.example.org"):
    """The two lines for a file in DIR."""
    return "; DIR/%s\n_25._tcp.%s. IN TLSA 3 1 1 {%s}\n" % (name, host, key or name)


def out(*lines):
    return want(0, files="", out="".join(lines))


def in_queue(instance):
    os.mkdir(os.path.join(instance.base, "queue", "keys"))
    shutil.copy(instance.path("rsa.key"), os.path.join(instance.base, "queue", "keys"))


def fifo(instance):
    os.mkfifo(instance.path("fifo.key"))


def no_record(name, operands, printed="", words="no private key found in file: DIR/"):
    """A row: postfix tls has printed something before it fails."""
    return differ("tlsa-" + name, 14, "output-server-tlsa " + operands, peer=want(1, words, out=printed),
                  ours=want(1, words))


def json_of(bench, words, conf=()):
    """The object that danesafe prints, and complaints about how."""
    instance = bench.instance("direct", conf)
    ran = instance.tls(words)
    try:
        return json.loads(instance.own(ran.out.decode())), ["exit %d" % ran.code] if ran.code else []
    except ValueError as problem:
        return {}, ["no JSON (%s): exit %d, %s" % (problem, ran.code, ran.err[:200])]


def check(have, wanted):
    """Complaints about an object that lacks what is wanted."""
    return ["%s is %r, not %r" % (name, have.get(name), value)
            for name, value in wanted.items() if have.get(name) != value]


def csr_json(bench):
    """output-server-csr --json: one object with the names and the request (15)"""
    got, bad = json_of(bench, ["output-server-csr", "--json", "mx.example.org", "mx2.example.org"], RSA)
    if not got:
        return bad
    bad += check(got, {"format": "danesafe.csr/1", "file": "DIR/rsa.key", "spki_sha256": bench.keys.digest("rsa.key"),
                       "algorithm": "rsa", "names": ["mx.example.org", "mx2.example.org"]})
    if not str(got.get("csr")).startswith("-----BEGIN CERTIFICATE REQUEST-----\n"):
        bad.append("csr is %r" % got.get("csr"))
    return bad


def tlsa_json(bench):
    """output-server-tlsa --json: one object with all records (14)"""
    got, bad = json_of(bench, ["output-server-tlsa", "--json", "-h", "mx.example.org"], RSA + EC)
    records = got.get("records", [])
    if len(records) != 2:
        return bad + ["not two records: %r" % records]
    bad += check(got, {"format": "danesafe.tlsa/1"})
    for have, key, algorithm in zip(records, ("rsa.key", "ec.key"), ("rsa", "ecdsa")):
        digest = bench.keys.digest(key)
        bad += check(have, {"file": "DIR/" + key, "algorithm": algorithm, "spki_sha256": digest, "usage": 3,
                            "selector": 1, "mtype": 1, "data": digest})
        if "_25._tcp.mx.example.org" not in str(have.get("owner")) or digest not in str(have.get("text")):
            bad.append("owner %r, text %r" % (have.get("owner"), have.get("text")))
    return bad


def certificate_records(bench):
    """--params with selector 0 and matching type 2, several at once (14)"""
    instance = bench.instance("direct")
    ran = instance.tls(["output-server-tlsa", "--params", "3 0 1", "--params", "3 1 2", "rsa.pem"])
    with open(instance.path("rsa.pem"), "rb") as file:
        certificate = dict(x509.pem_blocks(file.read()))["CERTIFICATE"]
    spki = bench.keys.names["rsa.key"]
    wanted = "; DIR/rsa.pem\n" + "".join(
        "_25._tcp.mail.example.org. IN TLSA %s %s\n" % line for line in (
            ("3 0 1", hashlib.sha256(certificate).hexdigest()), ("3 1 2", hashlib.sha512(spki).hexdigest())))
    got = instance.own(ran.out.decode())
    return [] if ran.code == 0 and got == wanted else ["exit %d, %r, not %r: %s" % (ran.code, got, wanted, ran.err)]


def full_stdout(bench):
    """a result that cannot be written is a failure"""
    bad = []
    instance = bench.instance("direct", conf=RSA)
    for name in ("output-server-csr", "output-server-tlsa"):
        with open("/dev/full", "wb") as out_of_space:
            code = subprocess.run(instance.argv([name]), stdout=out_of_space, stderr=subprocess.DEVNULL,
                                  stdin=subprocess.DEVNULL, check=False).returncode
        bad += ["%s: exit %d" % (name, code)] if code != 1 else []
    return bad


CASES = [
    same("csr", 0, "output-server-csr", conf=RSA, also=OF_RSA),
    same("csr-names", 0, "output-server-csr mx.example.org mx2.example.org", conf=RSA, also=OF_RSA),
    same("csr-ecdsa", 0, "output-server-csr", conf=EC, also=OF_EC),
    same("csr-both", 0, "output-server-csr", conf=EC + RSA, also=OF_RSA),
    same("csr-k-ecdsa", 0, "output-server-csr -k ecdsa mx.example.org", conf=EC + RSA, also=OF_EC),
    same("csr-k-rsa", 0, "output-server-csr -k rsa", conf=EC + RSA, also=OF_RSA),
    same("csr-k-relative", 0, "output-server-csr -k rsa.key", also=OF_RSA),
    same("csr-k-absolute", 0, "output-server-csr -k DIR/ec.key", conf=RSA, also=OF_EC),
    same("csr-k-joined", 0, "output-server-csr -krsa.key", also=OF_RSA),
    same("csr-k-last-wins", 0, "output-server-csr -k ec.key -k rsa.key", also=OF_RSA),
    same("csr-k-empty", 0, "output-server-csr -k ''", conf=RSA, also=OF_RSA),
    same("csr-k-pkcs1", 0, "output-server-csr -k rsa-pkcs1.key", also=OF_RSA),
    same("csr-k-text", 0, "output-server-csr -k rsa-text.key", also=OF_RSA),
    same("csr-k-sec1", 0, "output-server-csr -k ec-sec1.key", also=OF_EC),
    same("csr-k-pkcs8", 0, "output-server-csr -k ec-pkcs8.key", also=OF_EC),
    same("csr-k-384", 0, "output-server-csr -k ec384.key", also=want(0, csr={"of": "ec384.key"})),
    same("csr-k-both-in-one", 0, "output-server-csr -k rsa.pem", also=OF_RSA),
    same("csr-dashes", 0, "output-server-csr -k rsa.key -- mx.example.org", also=OF_RSA),
    same("csr-empty-name", 0, "output-server-csr -k rsa.key '' mx.example.org", also=OF_RSA),
    same("csr-long-name", 0, ["output-server-csr", "-k", "rsa.key", NAME_65], also=OF_RSA),
    same("csr-wildcard", 0, "output-server-csr -k rsa.key '*.example.org' example.org", also=OF_RSA),
    same("csr-file-like-name", 0, "output-server-csr rsa.key", conf=EC, also=OF_EC),
    same("csr-none-set", 0, "output-server-csr", conf=["smtpd_tls_key_file = none"] + EC, also=OF_EC),
    same("csr-expression", 0, "output-server-csr", conf=["smtpd_tls_key_file = $keys/rsa.key", "keys = DIR"],
         also=OF_RSA),
    same("csr-default-set", 0, "output-server-csr", also=OF_EC,
         conf=["smtpd_tls_eccert_file = DIR/ec.pem", "smtpd_tls_eckey_file = $smtpd_tls_eccert_file"]),
    same("csr-nothing", 1, "output-server-csr", NO_FILE),
    same("csr-k-none", 1, "output-server-csr -k none", NO_FILE, conf=RSA),
    same("csr-k-not-set", 1, "output-server-csr -k ecdsa", NO_FILE, conf=RSA),
    same("csr-k-missing", 1, "output-server-csr -k missing.key", NO_FILE, conf=RSA),
    same("csr-first-missing", 1, "output-server-csr", NO_FILE, conf=["smtpd_tls_key_file = DIR/missing.key"] + EC),
    same("csr-k-dsa", 1, "output-server-csr -k dsa", NO_FILE),
    same("csr-k-junk", 1, "output-server-csr -k junk"),
    same("csr-k-certificate", 1, "output-server-csr -k rsa.cert"),
    same("csr-k-encrypted", 1, "output-server-csr -k rsa-encrypted.key"),
    same("csr-unknown-option", 1, "output-server-csr -a rsa", ["usage", "output-server-csr"]),
    same("csr-no-value", 1, "output-server-csr -k", ["usage", "output-server-csr"]),
    differ("csr-k-ed25519", 13, "output-server-csr -k ed25519.key", peer=ANYTHING, ours=want(1, "DIR/ed25519.key")),
    differ("csr-k-der", 13, "output-server-csr -k rsa.der", peer=ANYTHING, ours=want(1, "DIR/rsa.der")),
    differ("csr-k-rsa1024", 13, "output-server-csr -k rsa1024.key", peer=ANYTHING, ours=want(1, "DIR/rsa1024.key")),
    differ("csr-address", 1, "output-server-csr -k rsa.key 192.0.2.1", peer=ANYTHING, ours=want(1, "'192.0.2.1'")),
    differ("csr-section", 1, ["output-server-csr", "-k", "rsa.key", "x\nIP.1 = 192.0.2.1"], peer=ANYTHING,
           ours=want(1, "host name 'x")),
    differ("csr-later-empty", 1, "output-server-csr -k rsa.key mx.example.org ''", peer=None,
           ours=want(1, "host name ''")),
    differ("csr-file-only", 6, "output-server-csr", conf="smtpd_tls_cert_file = DIR/rsa.pem",
           peer=want(1, NO_FILE), ours=OF_RSA),
    differ("csr-chain-files", 6, "output-server-csr -k ecdsa", conf="smtpd_tls_chain_files = DIR/rsa.pem DIR/ec.pem",
           peer=want(1, NO_FILE), ours=OF_EC),
    differ("csr-relative", 6, "output-server-csr", conf="smtpd_tls_key_file = keys/rsa.key", before=in_queue,
           peer=want(1, NO_FILE), ours=OF_RSA),
    differ("csr-long-option", 15, "output-server-csr --json", conf=RSA, peer=want(1, "usage"), ours=ANYTHING),
    alone("csr-json", csr_json),

    same("tlsa", 0, "output-server-tlsa", conf=RSA, also=out(record("rsa.key"))),
    same("tlsa-ecdsa", 0, "output-server-tlsa", conf=EC, also=out(record("ec.key"))),
    same("tlsa-both", 0, "output-server-tlsa", conf=EC + RSA, also=out(record("rsa.key"), record("ec.key"))),
    same("tlsa-words", 0, "output-server-tlsa ecdsa rsa", conf=EC + RSA, also=out(record("ec.key"), record("rsa.key"))),
    same("tlsa-word-not-set", 0, "output-server-tlsa ecdsa rsa", conf=RSA, also=out(record("rsa.key"))),
    same("tlsa-h", 0, "output-server-tlsa -h mx.example.org", conf=RSA,
         also=out(record("rsa.key", host="mx.example.org"))),
    same("tlsa-h-joined", 0, "output-server-tlsa -hMX.example.org rsa.key",
         also=out(record("rsa.key", host="MX.example.org"))),
    same("tlsa-h-empty", 0, "output-server-tlsa -h '' rsa.key", also=out(record("rsa.key"))),
    same("tlsa-h-one-label", 0, "output-server-tlsa -h mx rsa.key", also=out(record("rsa.key", host="mx"))),
    same("tlsa-files", 0, "output-server-tlsa other.key DIR/ec.key rsa.key", conf=EC,
         also=out(record("other.key"), record("ec.key"), record("rsa.key"))),
    same("tlsa-twice", 0, "output-server-tlsa rsa.key rsa.key", also=out(record("rsa.key") * 2)),
    same("tlsa-dashes", 0, "output-server-tlsa -h mx.example.org -- ec384.key",
         also=out(record("ec384.key", host="mx.example.org"))),
    same("tlsa-dotted", 0, "output-server-tlsa ../etc/rsa.key", also=out(record("../etc/rsa.key", "rsa.key"))),
    same("tlsa-skips-none", 0, "output-server-tlsa none rsa.key ''", also=out(record("rsa.key"))),
    same("tlsa-none-set", 0, "output-server-tlsa", conf=["smtpd_tls_key_file = none"] + EC, also=out(record("ec.key"))),
    same("tlsa-both-in-one", 0, "output-server-tlsa rsa.pem ec.pem",
         also=out(record("rsa.pem"), record("ec.pem"))),
    same("tlsa-expression", 0, "output-server-tlsa", conf=["smtpd_tls_key_file = $keys/rsa.key", "keys = DIR"],
         also=out(record("rsa.key"))),
    same("tlsa-default-set", 0, "output-server-tlsa", also=out(record("rsa.pem")),
         conf=["smtpd_tls_cert_file = DIR/rsa.pem", "smtpd_tls_key_file = $smtpd_tls_cert_file"]),
    same("tlsa-hostname-expression", 0, "output-server-tlsa rsa.key", conf=["myhostname = mx.$mydomain",
                                                                           "mydomain = b.net"],
         also=out(record("rsa.key", host="mx.b.net"))),
] + [
    same("tlsa-form-" + name, 0, "output-server-tlsa %s.key" % name, also=out(record(name + ".key", key)))
    for name, key in (("rsa-pkcs1", "rsa.key"), ("rsa-text", "rsa.key"), ("ec-sec1", "ec.key"),
                      ("ec-pkcs8", "ec.key"), ("ec384", "ec384.key"), ("secp256k1", "secp256k1.key"))
] + [
    same("tlsa-nothing", 1, "output-server-tlsa", NO_FILES, also=want(1)),
    same("tlsa-only-none", 1, "output-server-tlsa none ''", NO_FILES, conf=RSA, also=want(1)),
    same("tlsa-unknown-option", 1, "output-server-tlsa -k rsa.key", ["usage", "output-server-tlsa"]),
    same("tlsa-no-value", 1, "output-server-tlsa -h", ["usage", "output-server-tlsa"]),
    no_record("missing", "missing.key", "; DIR/missing.key\n"),
    no_record("second-missing", "rsa.key missing.key ec.key", record("rsa.key") + "; DIR/missing.key\n"),
    no_record("junk", "junk", "; DIR/junk\n"),
    no_record("empty-file", "empty", "; DIR/empty\n"),
    no_record("certificate", "rsa.cert", "; DIR/rsa.cert\n"),
    no_record("public-key", "rsa.pub", "; DIR/rsa.pub\n"),
    no_record("folder", ".", "; DIR/.\n"),
    no_record("ed25519", "ed25519.key", "; DIR/ed25519.key\n", words="DIR/ed25519.key"),
    no_record("encrypted", "rsa-encrypted.key", "; DIR/rsa-encrypted.key\n", words="DIR/rsa-encrypted.key"),
    differ("tlsa-fifo", 14, "output-server-tlsa fifo.key", before=fifo, peer=want(1, out="; DIR/fifo.key\n"),
           ours=want(1)),
    differ("tlsa-der", 13, "output-server-tlsa rsa.der", peer=ANYTHING, ours=want(1, "DIR/rsa.der")),
    differ("tlsa-rsa1024", 13, "output-server-tlsa rsa1024.key", peer=ANYTHING, ours=want(1, "DIR/rsa1024.key")),
    differ("tlsa-h-blank", 1, "output-server-tlsa -h 'evil host' rsa.key",
           peer=out(record("rsa.key", host="evil host")), ours=want(1, "host name 'evil host'")),
    differ("tlsa-h-address", 1, "output-server-tlsa -h 192.0.2.1 rsa.key", peer=ANYTHING,
           ours=want(1, "host name '192.0.2.1'")),
    differ("tlsa-h-wildcard", 1, "output-server-tlsa -h '*.example.org' rsa.key", peer=ANYTHING,
           ours=want(1, "host name '*.example.org'")),
    differ("tlsa-h-final-dot", 1, "output-server-tlsa -h mx.example.org. rsa.key",
           peer=out(record("rsa.key", host="mx.example.org.")), ours=out(record("rsa.key", host="mx.example.org"))),
    differ("tlsa-h-twice", 14, "output-server-tlsa -h a.example.org -h b.example.org rsa.key",
           peer=out(record("rsa.key", host="b.example.org")),
           ours=out(record("rsa.key", host="a.example.org"),
                    record("rsa.key", host="b.example.org").split("\n")[1] + "\n")),
    differ("tlsa-port", 14, "output-server-tlsa --port 465 --port 25 rsa.key", peer=want(1, "usage"),
           ours=out(record("rsa.key").replace("_25", "_465"), record("rsa.key").split("\n")[1] + "\n")),
    differ("tlsa-port-bad", 14, "output-server-tlsa --port 65536 rsa.key", peer=want(1, "usage"),
           ours=want(1, "65536")),
    differ("tlsa-params", 14, "output-server-tlsa --params '3 1 1' rsa.key", peer=want(1, "usage"),
           ours=out(record("rsa.key"))),
    differ("tlsa-params-without-certificate", 14, "output-server-tlsa --params '3 0 1' rsa.key", peer=want(1, "usage"),
           ours=want(1, "DIR/rsa.key")),
    differ("tlsa-params-bad", 14, "output-server-tlsa --params '2 1 1' rsa.key", peer=want(1, "usage"),
           ours=want(1, "2 1 1")),
    differ("tlsa-file-only", 6, "output-server-tlsa", conf="smtpd_tls_cert_file = DIR/rsa.pem",
           peer=want(1, NO_FILES), ours=out(record("rsa.pem"))),
    differ("tlsa-chain-files", 6, "output-server-tlsa", conf="smtpd_tls_chain_files = DIR/rsa.pem, DIR/ec.pem",
           peer=want(1, NO_FILES), ours=out(record("rsa.pem"), record("ec.pem"))),
    alone("tlsa-json", tlsa_json),
    alone("tlsa-certificate-records", certificate_records),
    alone("result-to-a-full-disk", full_stdout),
]
