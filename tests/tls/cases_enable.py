"""Cases of enable-client, enable-server and all-default-*: what is default, what is written, what stays."""
import os

from case import alone, differ, same, want
from instance import full

CLIENT = "Enabled opportunistic TLS in the Postfix SMTP client"
SERVER = ["Enabled opportunistic TLS in the Postfix SMTP server", "New TLS private key and certificate deployed"]
NO_CLIENT = "Non-default SMTP client TLS settings detected, no changes made"
NO_SERVER = "Non-default SMTP server TLS settings detected, no changes made"
CLIENT_CONF = ["smtp_tls_security_level = may", "smtp_tls_loglevel = 1"]
SERVER_CONF = ["smtpd_tls_security_level = may", "smtpd_tls_loglevel = 1", "smtpd_tls_received_header = yes"]
RSA_CONF = ["smtpd_tls_key_file = DIR/key-STAMP.pem", "smtpd_tls_cert_file = DIR/cert-STAMP.pem"]
EC_CONF = ["smtpd_tls_eckey_file = DIR/eckey-STAMP.pem", "smtpd_tls_eccert_file = DIR/eccert-STAMP.pem"]


def narrow(instance):
    os.chmod(instance.path("main.cf"), 0o640)


def owned(instance):
    os.chown(instance.path("main.cf"), 0, 65534)
    os.chmod(instance.path("main.cf"), 0o640)


def link(instance):
    os.rename(instance.path("main.cf"), instance.path("real.cf"))
    os.symlink("real.cf", instance.path("main.cf"))


def unended(instance):
    instance.write("main.cf", instance.read("main.cf").rstrip("\n"))


def crlf_comment(instance):
    instance.write("main.cf", instance.read("main.cf") + "# a line from elsewhere\r\n\n\n")


def blocked(instance):
    """postconf -e cannot make its temporary file."""
    os.mkdir(instance.path("main.cf.tmp"))


def full_for(pages):
    def before(instance):
        full(instance, pages)
    return before


def attributes(bench):
    """main.cf keeps its extended attributes (7)"""
    instance = bench.instance("direct")
    os.setxattr(instance.path("main.cf"), "trusted.danesafe-test", b"stays")
    ran = instance.tls(["enable-client"])
    bad = [] if ran.code == 0 else ["exit %d: %s" % (ran.code, ran.err)]
    return bad + ([] if "trusted.danesafe-test" in os.listxattr(instance.path("main.cf")) else ["they are lost"])


CASES = [
    same("client", 0, "enable-client", CLIENT, also=want(0, conf=CLIENT_CONF)),
    same("client-dashes", 0, "enable-client --", CLIENT),
    same("client-random", 0, "enable-client -r dev:/dev/random", CLIENT,
         also=want(0, conf="tls_random_source = dev:/dev/random")),
    same("client-random-joined", 0, "enable-client -rdev:/dev/random", CLIENT),
    same("client-random-last-wins", 0, "enable-client -r egd:/run/x -r dev:/dev/random", CLIENT),
    same("client-random-empty", 0, "enable-client -r ''", CLIENT),
    same("client-random-no-type", 0, "enable-client -r /dev/random", CLIENT,
         also=want(0, conf="tls_random_source = /dev/random")),
    same("client-random-set", 0, "enable-client", CLIENT, conf="tls_random_source = dev:/dev/random",
         also=want(0, conf="tls_random_source = dev:/dev/random")),
    same("client-random-expression", 0, "enable-client", CLIENT, conf=["tls_random_source = dev:$d/random", "d = /dev"],
         also=want(0, conf="tls_random_source = dev:/dev/random")),
    same("client-random-set-empty", 0, "enable-client", CLIENT, conf="tls_random_source ="),
    same("client-operand", 1, "enable-client x", ["usage", "enable-client"]),
    same("client-operand-after-dashes", 1, "enable-client -- x", ["usage", "enable-client"]),
    same("client-unknown-option", 1, "enable-client -a rsa", ["usage", "enable-client"]),
    same("client-no-value", 1, "enable-client -r", ["usage", "enable-client"]),
    same("client-not-default", 0, "enable-client", NO_CLIENT, conf="smtp_tls_security_level = encrypt",
         also=want(0, unchanged=True)),
    same("client-not-default-random", 0, "enable-client -r dev:/dev/random", NO_CLIENT, conf="smtp_use_tls = no",
         also=want(0, unchanged=True)),
    same("client-empty-is-default", 0, "enable-client", CLIENT, conf="smtp_tls_security_level ="),
    same("client-expression", 0, "enable-client", NO_CLIENT, conf="smtp_tls_security_level = ${nothing}",
         also=want(0, unchanged=True)),
    same("client-overwrites", 0, "enable-client", CLIENT, conf="smtp_tls_loglevel = 3", also=want(0, conf=CLIENT_CONF)),
    same("client-duplicates", 0, "enable-client", CLIENT, conf=["smtp_tls_loglevel = 3", "# between",
                                                                 "smtp_tls_loglevel = 2"]),
    same("client-continued", 0, "enable-client", CLIENT, conf=["smtp_tls_loglevel =", "# within", "  2", "# after"]),
    same("client-crlf", 0, "enable-client", CLIENT, before=crlf_comment),
    same("client-data-directory", 0, "enable-client", CLIENT, conf=["data_directory = $here/data", "here = DIR/.."]),
    same("client-server-set", 0, "enable-client", CLIENT, conf="smtpd_tls_security_level = may"),
    differ("client-chain-files", 17, "enable-client", conf="smtp_tls_chain_files = DIR/rsa.pem",
           peer=want(0, CLIENT), ours=want(0, NO_CLIENT, unchanged=True)),
    differ("client-random-blank", 12, "enable-client -r 'dev:/dev/random x'",
           peer=want(0, conf="tls_random_source = dev:/dev/random x"), ours=want(1, "fatal: ")),
    differ("client-random-dollar", 12, "enable-client -r 'dev:$data_directory'",
           peer=want(0, conf="tls_random_source = dev:$data_directory"), ours=want(1, "fatal: ")),
    differ("client-random-newline", 12, ["enable-client", "-r", "dev:/dev/random\nbiff = yes"],
           peer=None, ours=want(1, "fatal: ")),
    differ("client-mode", 7, "enable-client", before=narrow,
           peer=want(0, changed=r"etc/main\.cf: \['-rw-r-----', 0, 0\] -> \['-rw-r--r--', 0, 0\]"),
           ours=want(0, conf=CLIENT_CONF, changed="")),
    differ("client-owner", 7, "enable-client", before=owned,
           peer=want(0, changed=r"etc/main\.cf: \['-rw-r-----', 0, 65534\] -> \['-rw-r--r--', 0, 0\]"),
           ours=want(0, conf=CLIENT_CONF, changed="")),
    differ("client-link", 7, "enable-client", before=link,
           peer=want(0, changed=r"etc/main\.cf: \['l.*, 'real\.cf'\] -> \['-rw-r--r--'.*"),
           ours=want(0, conf=CLIENT_CONF, changed=r"etc/real\.cf: \['-rw-r--r--', .*-> \['-rw-r--r--', .*")),
    differ("client-unended", 7, "enable-client", conf="biff = no", before=unended,
           peer=want(0, noconf="biff = no"), ours=want(0, conf=CLIENT_CONF + ["biff = no"])),
    alone("client-attributes", attributes),
    differ("client-full-disk", 11, "enable-client", before=full_for(0),
           peer=want(0, unchanged=True), ours=want(1, "fatal: ")),
    differ("client-fails", 11, "enable-client", before=blocked,
           peer=want(0, unchanged=True), ours=want(1, "fatal: ")),

    same("server", 0, "enable-server", SERVER, also=want(0, files="rsa", conf=SERVER_CONF + RSA_CONF,
                                                         key="rsaEncryption 2048 e=65537")),
    same("server-ecdsa", 0, "enable-server -a ecdsa", SERVER,
         also=want(0, files="ec", conf=SERVER_CONF + EC_CONF, unconf="smtpd_tls_key_file")),
    same("server-names", 0, "enable-server mx1.example.org mx2.example.org", SERVER),
    same("server-all-options", 0, "enable-server -r dev:/dev/random -b 3072 -a rsa mx.example.org", SERVER,
         also=want(0, files="rsa", conf="tls_random_source = dev:/dev/random", key="rsaEncryption 3072 e=65537")),
    same("server-joined", 0, "enable-server -aecdsa -bsecp384r1 -- mx.example.org", SERVER,
         also=want(0, files="ec", key="ecPublicKey P-384 point 04")),
    same("server-empty-bits", 0, "enable-server -b ''", SERVER),
    same("server-empty-name", 0, "enable-server ''", SERVER),
    same("server-key-file-only", 0, "enable-server", SERVER, conf="smtpd_tls_key_file = DIR/other.key",
         also=want(0, files="rsa", conf=RSA_CONF)),
    same("server-client-set", 0, "enable-server", SERVER, conf="smtp_tls_security_level = may"),
    same("server-overwrites", 0, "enable-server", SERVER, conf=["smtpd_tls_loglevel = 3", "biff = no",
                                                                 "smtpd_tls_received_header = no"]),
    same("server-not-default", 0, "enable-server", NO_SERVER, conf="smtpd_tls_security_level = encrypt",
         also=want(0, files="", unchanged=True)),
    same("server-not-default-no", 0, "enable-server -a ecdsa mx.example.org", NO_SERVER, conf="smtpd_use_tls = no",
         also=want(0, files="", unchanged=True)),
    same("server-not-default-name-unread", 0, "enable-server 'a b'", NO_SERVER, conf="smtpd_use_tls = no"),
    same("server-not-default-bits-unread", 0, "enable-server -b junk", NO_SERVER, conf="smtpd_use_tls = no"),
    same("server-chain-files-empty", 0, "enable-server", SERVER, conf="smtpd_tls_chain_files ="),
    same("server-dsa", 1, "enable-server -a dsa", "Unsupported private key algorithm: dsa"),
    same("server-upper-case", 1, "enable-server -a RSA", "Unsupported private key algorithm: RSA",
         conf="smtpd_use_tls = yes"),
    same("server-empty-algorithm", 1, "enable-server -a ''"),
    same("server-bits-junk", 1, "enable-server -b junk"),
    same("server-unknown-option", 1, "enable-server -k rsa.key", ["usage", "enable-server"]),
    same("server-no-value", 1, "enable-server -a", ["usage", "enable-server"]),
    differ("server-chain-files", 17, "enable-server", conf="smtpd_tls_chain_files = DIR/rsa.pem",
           peer=want(0, SERVER, files="rsa"), ours=want(0, NO_SERVER, files="", unchanged=True)),
    differ("server-address", 1, "enable-server 192.0.2.1", peer=want(0, SERVER), ours=want(1, "host name '192.0.2.1'")),
    differ("server-fails", 10, "enable-server", before=blocked,
           peer=want(1, files="rsa"), ours=want(1, "fatal: ")),
    differ("server-full-disk", 10, "enable-server", before=full_for(2),
           peer=want(1, files="rsa"), ours=want(1, "fatal: ")),
    differ("server-mode", 7, "enable-server -a ecdsa", before=narrow,
           peer=want(0, changed=r".*-> \['-rw-r--r--', 0, 0\]"), ours=want(0, conf=SERVER_CONF + EC_CONF, changed="")),

    same("default-client", 0, "all-default-client"),
    same("default-server", 0, "all-default-server"),
    same("default-client-not-looked-at", 0, "all-default-client",
         conf=["smtp_tls_loglevel = 1", "smtp_tls_key_file = DIR/rsa.key", "smtpd_use_tls = yes",
               "lmtp_tls_security_level = may", "smtp_tls_policy_maps = static:may"]),
    same("default-server-not-looked-at", 0, "all-default-server",
         conf=["smtpd_tls_loglevel = 1", "smtpd_tls_key_file = DIR/rsa.key", "smtp_use_tls = yes",
               "smtpd_tls_eckey_file = DIR/ec.key", "tls_random_source = dev:/dev/random"]),
    same("default-client-expression", 1, "all-default-client", conf="smtp_use_tls = $nothing"),
    same("default-server-expression", 1, "all-default-server", conf="smtpd_tls_cert_file = ${nothing}"),
    same("default-client-last-decides", 0, "all-default-client", conf=["smtp_use_tls = yes", "smtp_use_tls ="]),
    same("default-server-last-decides", 1, "all-default-server", conf=["smtpd_use_tls =", "smtpd_use_tls = no"]),
    same("default-client-operand", 1, "all-default-client x", "usage"),
    same("default-server-operand", 1, "all-default-server x", "usage"),
    same("default-client-dashes", 1, "all-default-client --", "usage"),
    same("default-server-empty-operand", 1, "all-default-server ''", "usage"),
    differ("default-client-chain-files", 17, "all-default-client", conf="smtp_tls_chain_files = DIR/rsa.pem",
           peer=want(0), ours=want(1)),
    differ("default-server-chain-files", 17, "all-default-server", conf="smtpd_tls_chain_files = DIR/rsa.pem",
           peer=want(0), ours=want(1)),
] + [
    same("default-client-" + name, 1, "all-default-client", conf=name + " = no")
    for name in ("smtp_use_tls", "smtp_enforce_tls", "smtp_tls_enforce_peername", "smtp_tls_security_level",
                 "smtp_tls_cert_file", "smtp_tls_dcert_file", "smtp_tls_eccert_file")
] + [
    same("default-server-" + name, 1, "all-default-server", conf=name + " = no")
    for name in ("smtpd_use_tls", "smtpd_enforce_tls", "smtpd_tls_security_level", "smtpd_tls_cert_file",
                 "smtpd_tls_dcert_file", "smtpd_tls_eccert_file")
] + [
    same("default-empty-" + name, 0, "all-default-" + name.split("_")[0].replace("smtpd", "server")
         .replace("smtp", "client"), conf=name + " =")
    for name in ("smtp_tls_security_level", "smtpd_tls_security_level", "smtpd_tls_cert_file")
]
