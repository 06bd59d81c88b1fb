"""Three opinions of one moment: danesafe verify, posttls-finger and danetool, none of which has heard the others.

verify says whether any sender could be refused, whichever authority it asked and whichever endpoint it met; the
other two are one sender each. So they agree when all is well and when nothing is; in between verify is the stricter
one, and danesafe(8) says why.
"""
import json
import os
import shutil
import subprocess
import tempfile

import netns
import probe
from servers import Problem, wait_until
from world import HOST

ANCHOR = "/usr/share/dns/root.key"  # what danetool reads, wherever the resolver stands
WAIT = 25  # seconds until caches have what the authorities have
PATIENCE = 20  # seconds for one program


def run(argv, env=None, folder=None):
    """(exit status, all that it printed)"""
    try:
        done = subprocess.run(argv, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", timeout=PATIENCE * 4,
                              check=False)
    except subprocess.TimeoutExpired:
        return -1, "no end"
    return done.returncode, done.stdout


def verify(program, host=HOST):
    """(exit status, verdict, summary) without settings, state or root's help"""
    done = subprocess.run([program, "verify", "--json", host], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", timeout=PATIENCE * 5, check=False)
    if not done.stdout:
        return done.returncode, "nothing", done.stderr
    found = json.loads(done.stdout)["hosts"][0]
    return done.returncode, found["verdict"], found["summary"]


def finger(world):
    """Does each of the two families come to a verified session?"""
    environment = dict(os.environ, MAIL_CONFIG=world.path("sender"))
    words = [run(["posttls-finger", "-o", "inet_protocols=" + family, "-t", "5", "-T", "5", "-c", "-l", "dane-only",
                  "-L", "summary,certmatch", "[%s]:25" % HOST], environment)[1] for family in ("ipv4", "ipv6")]
    return [probe.judge(text)[1] for text in words]


def danetool():
    """Does the certificate that it gets match the records that it gets?"""
    with tempfile.TemporaryDirectory() as folder:  # it leaves files where it stands
        code, text = run(["timeout", str(PATIENCE), "danetool", "--local-dns", "--check", HOST, "--port", "25",
                          "--starttls-proto=smtp"], folder=folder)
    return code == 0 and "Certificate matches" in text


def prepare(world):
    """danetool validates for itself, from a file."""
    if not shutil.which("danetool"):
        raise Problem("danetool is missing: apt-get install gnutls-bin")
    if not getattr(world, "has_anchor", False):
        netns.bind_over(ANCHOR, ". IN DS %s\n" % world.anchor, world.work)
        world.has_anchor = True


def compare(case, code, senders, moment, gnutls=None):
    """verify exits with `code` at this moment, and both senders say `senders`: True, False, or None where it depends
    on the authority that they happen to have asked. gnutls: what danetool says where it is another thing."""
    prepare(case.world)
    said = {}

    def as_expected():
        said.update(verify=verify(os.path.abspath(case.program)), finger=finger(case.world), danetool=danetool())
        return said["verify"][0] == code and (senders is None or (
            set(said["finger"]) == {senders} and said["danetool"] == (senders if gnutls is None else gnutls)))
    try:
        wait_until(as_expected, WAIT, "three opinions")
        agreed = True
    except Exception as error:  # pylint: disable=broad-except
        said["error"] = error
        agreed = False
    case.say("%s: verify %s; posttls-finger %s; danetool %s" % (moment, said.get("verify"), said.get("finger"),
                                                              said.get("danetool")))
    word = {True: "senders verify", False: "no sender verifies", None: "senders may or may not"}[senders]
    case.check(agreed, "%s: verify exits %d, %s" % (moment, code, word), said)
