"""Cases of the look at the published TLSA records, which only danesafe takes (9); a resolver of our own answers."""
import time

from case import alone

DEPLOY = ["deploy-server-cert", "rsa.cert", "rsa.key"]


def deployed(bench, zone, words=DEPLOY, conf=()):
    """(messages, complaints) of a deployment on a host of that zone; it is done whatever the DNS says."""
    instance = bench.instance("direct", conf=["myhostname = mx.%s.example" % zone] + list(conf))
    begun = time.monotonic()
    ran = instance.tls(words)
    bad = [] if ran.code == 0 else ["exit %d: %s" % (ran.code, ran.err)]
    if not [line for line in instance.postconf("-n") if line.startswith("smtpd_tls_key_file = ")]:
        bad.append("not deployed: " + ran.err)
    if time.monotonic() - begun > 6:
        bad.append("it took %.1f s" % (time.monotonic() - begun))
    return ran.err, bad


def stale(bench):
    """the published records do not match the new key: a warning that names the record and the way out"""
    said, bad = deployed(bench, "stale")
    for words in ("warning: ", "_25._tcp.mx.stale.example", "output-server-tlsa"):
        if words not in said:
            bad.append("does not say '%s': %s" % (words, said))
    return bad


def ready(bench):
    """a record of the new key is published: no warning"""
    said, bad = deployed(bench, "ready")
    return bad + (["warns: " + said] if "warning: " in said else [])


def partly(bench):
    """only senders that know SHA2-512 find a match: a warning that says so"""
    said, bad = deployed(bench, "partly")
    for words in ("warning: ", "_25._tcp.mx.partly.example", "no 3 1 1 matches", "use these alone will defer mail"):
        if words not in said:
            bad.append("does not say '%s': %s" % (words, said))
    return bad


def better(bench):
    """the match is by SHA2-256, which is ignored beside a SHA2-512: as if there were no match"""
    said, bad = deployed(bench, "better")
    for words in ("warning: ", "3 1 2 among them", "senders that do DANE will defer mail"):
        if words not in said:
            bad.append("does not say '%s': %s" % (words, said))
    return bad


def none(bench):
    """no records are published: no warning"""
    said, bad = deployed(bench, "none")
    return bad + (["warns: " + said] if "warning: " in said else [])


def silent(bench):
    """the resolver is silent: a note, within two seconds"""
    said, bad = deployed(bench, "silent")
    return bad + ([] if "mx.silent.example" in said else ["does not say that nothing was seen: " + said])


def enable(bench):
    """enable-server takes the same look"""
    said, bad = deployed(bench, "stale", ["enable-server"])
    return bad + ([] if "warning: " in said and "_25._tcp.mx.stale.example" in said else ["no warning: " + said])


def refused(bench):
    """a pair that is not deployed is not looked up: no words about the DNS"""
    instance = bench.instance("direct", conf=["myhostname = mx.stale.example"])
    ran = instance.tls(["deploy-server-cert", "other.cert", "rsa.key"])
    return [] if ran.code == 1 and "TLSA" not in ran.err else ["exit %d: %s" % (ran.code, ran.err)]


CASES = [
    alone("dane-stale", stale),
    alone("dane-ready", ready),
    alone("dane-partly", partly),
    alone("dane-better", better),
    alone("dane-none", none),
    alone("dane-silent", silent),
    alone("dane-enable", enable),
    alone("dane-refused", refused),
]
