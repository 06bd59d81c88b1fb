"""Cases of the call itself: subcommands, directories, who may run it, and what only danesafe promises."""
import concurrent.futures
import os
import re

import observe
import x509
from case import alone, same
from instance import run

NINE = ("enable-client enable-server new-server-key new-server-cert deploy-server-cert output-server-csr "
        "output-server-tlsa all-default-client all-default-server").split()
RECORDER = """#!/bin/sh
{ for word; do printf '<%%s> ' "$word"; done; echo; cat </dev/stdin; } >>%s/log 2>&1
"""


def unknown(name, args, given, **more):
    return same("call-" + name, 1, args, ["unknown tls command: '%s'" % given, "usage"] + NINE, **more)


def refused(ran, *words):
    """Complaints unless a run has failed with these words on stderr and nothing on stdout."""
    bad = [] if ran.code == 1 else ["exit %d, not 1" % ran.code]
    bad += ["stdout: %r" % ran.out] if ran.out else []
    bad += ["does not say '%s' but '%s'" % (w, ran.err[:200]) for w in words if w not in ran.err]
    return bad + ([] if ran.err else ["says nothing"])


def done(ran):
    """Complaints unless a run has ended well."""
    return [] if ran.code == 0 else ["exit %d, not 0: %s" % (ran.code, ran.err[:300])]


def started_alone(bench):
    """as postfix-tls-script, but not from postfix(1): two lines, exit 1"""
    script = os.path.join(bench.base, "postfix-tls-script")
    os.symlink(bench.danesafe, script)
    ran = run([script, "all-default-client"])
    lines = ran.err.splitlines()
    return refused(ran, "must be run by the postfix(1) command") + (
        [] if len(lines) == 2 else ["not two lines: %s" % lines])


def unknown_option(bench):
    """an option in place of the subcommand: every line says whose it is"""
    ran = bench.instance("direct").tls(["--frobnicate"])
    return refused(ran, "usage") + ["a line without prefix: " + line for line in observe.odd_lines(ran.err, "direct")]


def no_lost_update(bench):
    """postconf -e at the same time: each edit is done, or is refused with exit 1; none is lost"""
    instance = bench.instance("direct")
    instance.cool()
    names = ["test_%d" % number for number in range(3)]
    calls = {name: ["postconf", "-c", instance.dir, "-e", name + " = yes"] for name in names}
    calls["smtpd_tls_key_file"] = instance.argv(["deploy-server-cert", "rsa.cert", "rsa.key"])
    calls["smtp_tls_security_level"] = instance.argv(["enable-client"])
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        rans = dict(zip(calls, pool.map(run, calls.values())))
    bad, text = [], instance.read("main.cf")
    for name, ran in rans.items():
        there = bool(re.search("(?m)^%s = " % name, text))
        if there != (ran.code == 0) or ran.code not in (0, 1) or name.startswith("test") and ran.code:
            bad.append("%s: exit %d, and it is%s there: %s" % (name, ran.code, "" if there else " not", ran.err))
    return bad


def two_at_once(bench):
    """two edits by danesafe at the same time: one waits for the other (5)"""
    instance = bench.instance("direct")
    instance.cool()
    calls = [instance.argv(["deploy-server-cert", "rsa.cert", "rsa.key"]), instance.argv(["enable-client"]),
             instance.argv(["enable-server", "-a", "ecdsa"])]
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        rans = list(pool.map(run, calls))
    bad = [words for ran in rans for words in done(ran)]
    return bad + [name + " is lost" for name in ("smtpd_tls_key_file", "smtp_tls_security_level")
                  if not re.search("(?m)^%s = " % name, instance.read("main.cf"))]


def not_root(bench):
    """as another user: refused"""
    instance = bench.instance("direct")
    return refused(run(instance.argv(["all-default-client"]), user=65534, group=65534, extra_groups=[]), "root")


def relative_directory(bench):
    """--config-dir with a relative name: refused"""
    instance = bench.instance("direct")
    return refused(run([bench.danesafe, "tls", "--config-dir", "etc", "all-default-client"], cwd=instance.base))


def no_directory(bench):
    """--config-dir with a directory that is not there: refused"""
    return refused(run([bench.danesafe, "tls", "--config-dir", bench.base + "/none", "all-default-client"]))


def no_main_cf(bench):
    """--config-dir with a directory without main.cf: refused"""
    os.mkdir(bench.base + "/bare")
    return refused(run([bench.danesafe, "tls", "--config-dir", bench.base + "/bare", "new-server-key"])) + [
        "makes %s" % name for name in os.listdir(bench.base + "/bare")]


def no_openssl(bench):
    """danesafe needs no openssl(1)"""
    instance = bench.instance("direct", conf=["openssl_path = /nonexistent/openssl"])
    return done(instance.tls(["new-server-key", "-a", "ecdsa"]))


def default_instance(bench):
    """without --config-dir: the default instance, which the suggestions do not name"""
    bad = done(run([bench.danesafe, "tls", "all-default-server"]))
    made = run([bench.danesafe, "tls", "new-server-key", "-a", "ecdsa"])
    bad += done(made)
    if "--config-dir" in made.err:
        bad.append("names the default instance: %s" % made.err)
    if not re.search(r"# danesafe tls deploy-server-cert /\S+/eccert-\S+\.pem /\S+/eckey-\S+\.pem\s", made.err):
        bad.append("suggests no deploy-server-cert: %s" % made.err)
    return bad


def pasted(bench):
    """what new-server-key suggests can be pasted, also with a blank in the directory's name"""
    instance = bench.instance("direct", folder="a b")
    instance.cool()
    made = instance.tls(["new-server-key", "-a", "ecdsa", "mx.example.org"])
    bad, wanted = done(made), ["deploy-server-cert", "output-server-csr", "output-server-tlsa"]
    found = [re.sub(r"\[.*?\]", "", line) for line in re.findall(r"# (.*danesafe tls.*)", made.err)]
    for name in wanted:
        command = next((line for line in found if name in line), None)
        if not command:
            bad.append("does not suggest %s: %s" % (name, made.err))
            continue
        path = os.path.dirname(bench.danesafe) + ":/usr/sbin:/usr/bin:/sbin:/bin"
        ran = run(["sh", "-c", command], env={"PATH": path})
        bad += ["%s: %s" % (command, words) for words in done(ran)]
    lines = [line for line in instance.postconf("-n") if line.startswith("smtpd_tls_eckey_file = ")]
    return bad + ([] if lines and "/a b/eckey-" in lines[0] else ["not deployed: %s" % lines])


def one_second(bench):
    """four at once in one directory: four pairs that match (5)"""
    instance = bench.instance("direct")
    instance.cool()
    before = observe.snapshot(instance)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        rans = list(pool.map(lambda _: run(instance.argv(["new-server-key", "-a", "ecdsa"])), range(4)))
    bad = [words for ran in rans for words in done(ran)]
    new = sorted(set(observe.snapshot(instance)) - set(before))
    keys = [name for name in new if "/eckey-" in name]
    if len(keys) != 4 or len(new) != 8:
        bad.append("not four pairs: %s" % new)
    for name in keys:
        path = os.path.join(instance.base, name)
        with open(path, "rb") as file:
            key = x509.spki_of_key(file.read())
        cert = x509.openssl("x509", "-noout", "-pubkey", "-in", path.replace("/eckey-", "/eccert-"))
        if x509.openssl("pkey", "-pubin", "-outform", "DER", data=cert) != key:
            bad.append("%s is not the key of its certificate" % name)
    return bad


def log_of(bench, by, words):
    """What postlog was given: a command directory whose postlog writes it down."""
    commands = os.path.join(bench.base, "commands-" + by)
    os.mkdir(commands)
    for name in os.listdir("/usr/sbin"):
        if name.startswith("post") and name != "postlog":
            os.symlink("/usr/sbin/" + name, os.path.join(commands, name))
    instance = bench.instance(by, conf=["command_directory = " + commands, "syslog_name = out",
                                         "maillog_file = /var/log/mail.log"])
    path = instance.write("../postlog", RECORDER % instance.base, 0o755)
    os.rename(path, os.path.join(commands, "postlog"))
    ran = instance.tls(words)
    log = instance.base + "/log"
    if not os.path.exists(log):
        return ran, ""
    with open(log, encoding="utf-8") as file:
        return ran, file.read()


def logged(bench):
    """what is said is logged as well, by postlog, under the instance's name"""
    bad = []
    for by, tag in (("direct", "out/danesafe-tls"), ("drop-in", "out/postfix-tls-script")):
        ran, log = log_of(bench, by, ["deploy-server-cert", "other.cert", "rsa.key"])
        bad += ["%s: %s" % (by, words) for words in refused(ran, "fatal: ")]
        for words in ("<%s>" % tag, "<error>", "does not match key"):
            if words not in log:
                bad.append("%s: the log has no '%s': %r" % (by, words, log[-300:]))
        if "<fatal>" in log:
            bad.append("%s: logs with fatal, which waits a second (16): %r" % (by, log[-300:]))
    return bad


CASES = [
    unknown("without-subcommand", "", ""),
    unknown("empty-subcommand", "''", ""),
    unknown("unknown-subcommand", "frobnicate -x y", "frobnicate"),
    unknown("part-of-a-subcommand", "new-server", "new-server"),
    unknown("subcommand-case", "Enable-Client", "Enable-Client"),
    unknown("help", "--help", "--help", only="drop-in"),
    unknown("dashes", "-- enable-client", "--", only="drop-in"),
    unknown("blank-in-subcommand", "'enable-client '", "enable-client "),
    alone("call-started-alone", started_alone),
    alone("call-unknown-option", unknown_option),
    alone("call-no-lost-update", no_lost_update),
    alone("call-two-at-once", two_at_once),
    alone("call-not-root", not_root),
    alone("call-relative-directory", relative_directory),
    alone("call-no-directory", no_directory),
    alone("call-no-main.cf", no_main_cf),
    alone("call-no-openssl", no_openssl),
    alone("call-default-instance", default_instance),
    alone("call-pasted", pasted),
    alone("call-one-second", one_second),
    alone("call-logged", logged),
]
