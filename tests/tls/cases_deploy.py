"""Cases of deploy-server-cert: pairs of every form, what is refused, and which parameters are written."""
import os
import shutil

from case import alone, differ, same, want

DEPLOYED = "New TLS private key and certificate deployed"
RSA = ["smtpd_tls_key_file = DIR/rsa.key", "smtpd_tls_cert_file = DIR/rsa.cert"]
EC = ["smtpd_tls_eckey_file = DIR/ec.key", "smtpd_tls_eccert_file = DIR/ec.cert"]
OTHER = ["smtpd_tls_key_file = DIR/other.key", "smtpd_tls_cert_file = DIR/other.cert"]
NO_KEY = "no private key found in file: DIR/"
RSA_ONLY = want(0, files="", conf=RSA, unconf=["smtpd_tls_eckey_file", "smtpd_tls_security_level"])


def pair(cert, key, *params):
    """What is set, for these two files."""
    names = params or ("smtpd_tls_cert_file", "smtpd_tls_key_file")
    return want(0, files="", conf=["%s = DIR/%s" % it for it in zip(names, (cert, key))])


def ec_pair(cert, key):
    return pair(cert, key, "smtpd_tls_eccert_file", "smtpd_tls_eckey_file")


def links(instance):
    for name in ("key", "cert"):
        os.symlink("rsa." + name, instance.path("link." + name))


def dangling(instance):
    os.symlink("nowhere", instance.path("link.key"))


def fifo(instance):
    os.mkfifo(instance.path("fifo.key"))


def below(instance):
    os.mkdir(instance.path("tls"))
    for name in ("rsa.key", "rsa.cert"):
        shutil.copy(instance.path(name), instance.path("tls"))


def blank(instance):
    for name in ("rsa.key", "rsa.cert"):
        shutil.copy(instance.path(name), instance.path("a " + name))


def both_in_one(instance):
    text = instance.read("rsa.pem") + instance.read("ec.pem")
    instance.write("both.pem", text, 0o600)


def not_deployed(name, args, words, **more):
    return same("deploy-" + name, 1, "deploy-server-cert " + args, words, **more)


def unfit(name, args, peer=want(0, DEPLOYED), words="fatal: "):
    """A row: Postfix could not use it; postfix tls deploys it all the same."""
    return differ("deploy-" + name, 9, "deploy-server-cert " + args, peer=peer, ours=want(1, words))


def dollar(bench):
    """a file name with $: refused, or set so that Postfix finds the file"""
    instance = bench.instance("direct")
    for name in ("rsa.key", "rsa.cert"):
        shutil.copy(instance.path(name), instance.path("a$b" + name))
    ran = instance.tls(["deploy-server-cert", "a$brsa.cert", "a$brsa.key"])
    value = "".join(instance.postconf("-xh", "smtpd_tls_key_file"))
    good = value == instance.path("a$brsa.key") if ran.code == 0 else ran.code == 1 and not value
    return [] if good else ["exit %d, smtpd_tls_key_file is %r: %s" % (ran.code, value, ran.err)]


CASES = [
    same("deploy", 0, "deploy-server-cert rsa.cert rsa.key", DEPLOYED, also=RSA_ONLY),
    same("deploy-absolute", 0, "deploy-server-cert DIR/rsa.cert DIR/rsa.key", DEPLOYED, also=RSA_ONLY),
    same("deploy-mixed", 0, "deploy-server-cert DIR/rsa.cert rsa.key", DEPLOYED, also=RSA_ONLY),
    same("deploy-below", 0, "deploy-server-cert tls/rsa.cert tls/rsa.key", DEPLOYED, before=below,
         also=pair("tls/rsa.cert", "tls/rsa.key")),
    same("deploy-dotted", 0, "deploy-server-cert ./rsa.cert ../etc/rsa.key", DEPLOYED,
         also=pair("./rsa.cert", "../etc/rsa.key")),
    same("deploy-ecdsa", 0, "deploy-server-cert ec.cert ec.key", DEPLOYED,
         also=want(0, files="", conf=EC, unconf="smtpd_tls_key_file")),
    same("deploy-ec384", 0, "deploy-server-cert ec384.cert ec384.key", DEPLOYED,
         also=ec_pair("ec384.cert", "ec384.key")),
    same("deploy-sec1", 0, "deploy-server-cert ec.cert ec-sec1.key", DEPLOYED, also=ec_pair("ec.cert", "ec-sec1.key")),
    same("deploy-ec-pkcs8", 0, "deploy-server-cert ec.cert ec-pkcs8.key", DEPLOYED),
    same("deploy-pkcs1", 0, "deploy-server-cert rsa.cert rsa-pkcs1.key", DEPLOYED),
    same("deploy-text", 0, "deploy-server-cert rsa.cert rsa-text.key", DEPLOYED),
    same("deploy-both-in-one", 0, "deploy-server-cert rsa.pem rsa.pem", DEPLOYED, also=pair("rsa.pem", "rsa.pem")),
    same("deploy-ec-both-in-one", 0, "deploy-server-cert ec.pem ec.pem", DEPLOYED, also=ec_pair("ec.pem", "ec.pem")),
    same("deploy-chain", 0, "deploy-server-cert chain.pem leaf.key", DEPLOYED, also=pair("chain.pem", "leaf.key")),
    same("deploy-links", 0, "deploy-server-cert link.cert link.key", DEPLOYED, before=links,
         also=pair("link.cert", "link.key")),
    same("deploy-blank", 0, "deploy-server-cert 'a rsa.cert' 'a rsa.key'", DEPLOYED, before=blank,
         also=pair("a rsa.cert", "a rsa.key")),
    same("deploy-again", 0, "deploy-server-cert rsa.cert rsa.key", DEPLOYED, conf=RSA, also=RSA_ONLY),
    same("deploy-instead", 0, "deploy-server-cert rsa.cert rsa.key", DEPLOYED, conf=OTHER + ["biff = no"],
         also=RSA_ONLY),
    same("deploy-beside", 0, "deploy-server-cert rsa.cert rsa.key", DEPLOYED, conf=EC, also=want(0, conf=RSA + EC)),
    same("deploy-duplicates", 0, "deploy-server-cert rsa.cert rsa.key", DEPLOYED,
         conf=OTHER + ["# the same again"] + OTHER, also=RSA_ONLY),
    same("deploy-level-stays", 0, "deploy-server-cert rsa.cert rsa.key", DEPLOYED,
         conf=["smtpd_tls_security_level = encrypt", "smtpd_tls_loglevel = 2"],
         also=want(0, conf=RSA + ["smtpd_tls_security_level = encrypt", "smtpd_tls_loglevel = 2"])),
    same("deploy-over-expression", 0, "deploy-server-cert rsa.cert rsa.key", DEPLOYED,
         conf=["smtpd_tls_key_file = $keys/rsa.key", "keys = DIR"], also=RSA_ONLY),

    same("deploy-secp256k1", 0, "deploy-server-cert secp256k1.cert secp256k1.key", DEPLOYED),
    same("deploy-chain-files-empty", 0, "deploy-server-cert rsa.cert rsa.key", DEPLOYED, also=RSA_ONLY,
         conf="smtpd_tls_chain_files ="),
    same("deploy-chain-files-expands-to-nothing", 0, "deploy-server-cert rsa.cert rsa.key", DEPLOYED, also=RSA_ONLY,
         conf="smtpd_tls_chain_files = ${nothing}"),

    not_deployed("mismatch", "other.cert rsa.key", "Certificate in DIR/other.cert does not match key in DIR/rsa.key"),
    not_deployed("mismatch-kinds", "ec.cert rsa.key", "Certificate in DIR/ec.cert does not match key in DIR/rsa.key"),
    not_deployed("swapped", "rsa.key rsa.cert", NO_KEY + "rsa.cert"),
    not_deployed("wrong-order", "wrong-order.pem leaf.key", "does not match key in DIR/leaf.key"),
    not_deployed("missing-key", "rsa.cert missing.key", NO_KEY + "missing.key"),
    not_deployed("missing-certificate", "missing.cert rsa.key", ()),
    not_deployed("missing-both", "missing.cert missing.key", NO_KEY + "missing.key"),
    not_deployed("junk-key", "rsa.cert junk", NO_KEY + "junk"),
    not_deployed("junk-certificate", "junk rsa.key", ()),
    not_deployed("empty-files", "empty empty", NO_KEY + "empty"),
    not_deployed("empty-certificate", "empty rsa.key", ()),
    not_deployed("key-for-certificate", "rsa.key rsa.key", ()),
    not_deployed("certificate-for-key", "rsa.cert rsa.cert", NO_KEY + "rsa.cert"),
    not_deployed("public-key", "rsa.cert rsa.pub", NO_KEY + "rsa.pub"),
    not_deployed("ed25519", "ed25519.cert ed25519.key", "DIR/ed25519.key"),
    not_deployed("encrypted", "rsa.cert rsa-encrypted.key", "DIR/rsa-encrypted.key"),
    not_deployed("folder", "rsa.cert .", "DIR/."),
    not_deployed("dangling", "rsa.cert link.key", NO_KEY + "link.key", before=dangling),
    not_deployed("fifo", "rsa.cert fifo.key", NO_KEY + "fifo.key", before=fifo),
    not_deployed("empty-names", "'' ''", "DIR/"),
    not_deployed("dash-name", "-x -y", NO_KEY + "-y"),
    not_deployed("no-operand", "", ["usage", "deploy-server-cert"]),
    not_deployed("one-operand", "rsa.cert", ["usage", "deploy-server-cert"]),
    not_deployed("three-operands", "rsa.cert rsa.key x", ["usage", "deploy-server-cert"]),
    not_deployed("dashes", "-- rsa.cert rsa.key", ["usage", "deploy-server-cert"]),

    unfit("expired", "expired.cert rsa.key", words="DIR/expired.cert"),
    unfit("not-yet-valid", "future.cert rsa.key", words="DIR/future.cert"),
    unfit("missing-link", "missing-link.pem leaf.key", words="DIR/missing-link.pem"),
    unfit("der-certificate", "rsa-cert.der rsa.key", words="DIR/rsa-cert.der"),
    unfit("der-key", "rsa.cert rsa.der", words="DIR/rsa.der"),
    unfit("rsa1024", "rsa1024.cert rsa1024.key", words="DIR/rsa1024.key"),
    unfit("explicit-curve", "ec-explicit.cert ec-explicit.key", words="DIR/ec-explicit.key"),

    alone("deploy-dollar", dollar),
    differ("deploy-chain-files", 8, "deploy-server-cert rsa.cert rsa.key",
           conf="smtpd_tls_chain_files = DIR/other.key, DIR/other.cert",
           peer=want(0, DEPLOYED, conf=RSA + ["smtpd_tls_chain_files = DIR/other.key, DIR/other.cert"]),
           ours=want(0, [DEPLOYED, "smtpd_tls_chain_files is in use"], unconf="smtpd_tls_key_file",
                     conf="smtpd_tls_chain_files = DIR/rsa.key, DIR/rsa.cert")),
    differ("deploy-chain-files-two", 8, "deploy-server-cert rsa.cert rsa.key",
           conf="smtpd_tls_chain_files = DIR/other.key, DIR/other.cert, DIR/ec.pem", peer=want(0, DEPLOYED, conf=RSA),
           ours=want(0, [DEPLOYED, "smtpd_tls_chain_files is in use"], unconf="smtpd_tls_key_file",
                     conf="smtpd_tls_chain_files = DIR/rsa.key, DIR/rsa.cert, DIR/ec.pem")),
    differ("deploy-chain-files-last", 8, "deploy-server-cert ec384.cert ec384.key",
           conf="smtpd_tls_chain_files = DIR/rsa.pem, DIR/ec.pem", peer=want(0, DEPLOYED),
           ours=want(0, [DEPLOYED, "smtpd_tls_chain_files is in use"], unconf="smtpd_tls_eckey_file",
                     conf="smtpd_tls_chain_files = DIR/rsa.pem, DIR/ec384.key, DIR/ec384.cert")),
    differ("deploy-chain-file-of-both", 8, "deploy-server-cert rsa.cert rsa.key", before=both_in_one,
           conf="smtpd_tls_chain_files = DIR/both.pem", peer=want(0, DEPLOYED, conf=RSA),
           ours=want(1, ["fatal: ", "DIR/both.pem"])),
]
