"""The words in which the tables of cases are written, and the judgement of a case; runs it, prints nothing.

    same(name, exit, "SUBCOMMAND ARGS", ...)     danesafe does what postfix tls does
    differ(name, number, "SUBCOMMAND ARGS", peer=want(...), ours=want(...), ...)     it does not, on purpose
    alone(name, function)     danesafe by itself: function(bench) returns a list of complaints

ARGS are split as by a shell (or are a list); DIR is the configuration directory, in which the materials lie.
conf: lines added to main.cf.  before: a function of the instance, called last before the run.
only: "direct" or "drop-in", if the other way to call danesafe has a syntax of its own.
"""
import re
import shlex

import observe
import x509

DIFFERENCES = {
    1: "host names are checked", 2: "-b: RSA 2048..16384, P-256, P-384, P-521", 3: "keys are PKCS#8",
    4: "a first name over 64 characters works", 5: "two calls in one second both work",
    6: "the key in use is found where it is", 7: "main.cf keeps mode, owner, link; its last line is ended first",
    8: "smtpd_tls_chain_files is respected", 9: "the certificate to deploy is checked as a whole",
    10: "what fails leaves nothing", 11: "enable-client that fails says so", 12: "-r is checked",
    13: "only what Postfix can use is taken for a key", 14: "TLSA records: all or none; more options",
    15: "--json for a request", 16: "no second of sleep on a failure", 17: "chain files are not the default"}
FILES = {"rsa": "key-STAMP.pem cert-STAMP.pem", "ec": "eckey-STAMP.pem eccert-STAMP.pem"}
COMPARED = ("exit", "stdout", "one stamp", "changed", "main.cf", "postconf")


class want:
    """What must have come out. A failure (exit 1) leaves no files and main.cf alone, unless it is said otherwise.

    says, unsaid: words (or a list) in or not in the messages      out: stdout; {rsa.key} is the digest of that key
    files: the new ones, as names or 'rsa', 'ec'                   changed: a pattern of what happened to old ones
    conf, noconf: lines in postconf -n or not                      unconf: names that are not in it
    key, is_key, labels: kind, identity, form of the new key       cert, csr: {field: value} that it has
    """

    def __init__(self, code, says=(), unsaid=(), files=None, conf=(), unconf=(), out="", **more):
        listed = lambda value: [value] if isinstance(value, str) else list(value)
        self.code, self.says, self.unsaid = code, listed(says), listed(unsaid)
        self.files = files if files is not None or code == 0 else ""
        self.conf, self.unconf, self.out = listed(conf), listed(unconf), out
        self.key, self.is_key = more.pop("key", None), more.pop("is_key", None)
        self.cert, self.csr = more.pop("cert", {}), more.pop("csr", {})
        self.unchanged, self.changed = more.pop("unchanged", code != 0), more.pop("changed", None)
        self.noconf, self.labels = listed(more.pop("noconf", ())), more.pop("labels", None)
        assert not more, more

    def complaints(self, told, original, keys):
        bad = []

        def check(good, words, *values):
            if not good:
                bad.append(words % values if values else words)
        check(told["exit"] == self.code, "exit %s, not %d", told["exit"], self.code)
        for words in self.says:
            check(words in told["says"], "does not say '%s' but '%s'", words, told["says"][:300])
        for words in self.unsaid:
            check(words not in told["says"], "says '%s': '%s'", words, told["says"][:300])
        if self.files is not None:
            names = sorted(FILES.get(self.files, self.files).split())
            check(sorted(told["files"]) == names, "new files: %s, not %s", sorted(told["files"]), names)
        for line in self.conf:
            check(line in told["postconf"], "postconf -n lacks '%s': %s", line,
                  [l for l in told["postconf"] if l.split(" ")[0] == line.split(" ")[0]])
        for name in self.unconf:
            check(not [l for l in told["postconf"] if l.split(" ")[0] == name], "postconf -n has %s", name)
        for line in self.noconf:
            check(line not in told["postconf"], "postconf -n has '%s'", line)
        if self.changed is not None:
            check(re.fullmatch(self.changed, "\n".join(told["changed"])), "changed files: %s", told["changed"])
        if self.unchanged:
            check(told["main.cf"] == original, "main.cf was changed: %s", difference(original, told["main.cf"]))
        self._check_content(told, keys, check)
        return bad

    def _check_content(self, told, keys, check):
        if self.out is not None and not self.csr:
            out = re.sub(r"\{(\S+?\.(?:key|pem))\}", lambda found: keys.digest(found.group(1)), self.out)
            check(told["stdout"] == out, "stdout is %r, not %r", told["stdout"], out)
        for kind, fields in (("certificate", self.cert), ("request", self.csr)):
            have = told["stdout"] if kind == "request" else next(
                (f["certificate"] for f in told["files"].values() if "certificate" in f), {})
            for name, value in fields.items():
                it = have.get(name) if isinstance(have, dict) else have
                check(it == value, "the %s's %s is %r, not %r", kind, name, it, value)
        if self.labels:
            have = next((f["labels"] for f in told["files"].values() if "labels" in f), None)
            check(have == self.labels, "the new key's PEM labels are %s, not %s", have, self.labels)
        for name, value in (("kind", self.key), ("is", self.is_key)):
            it = next((f["key"][name] for f in told["files"].values() if "key" in f), "no key")
            check(value is None or it == value, "the new key's %s is %s, not %s", name, it, value)


class Case:
    """One row. Its checks get the records of the runs, by name of the program."""

    def __init__(self, name, args, conf=(), before=None, only=None):
        self.name, self.conf, self.before = name, [conf] if isinstance(conf, str) else list(conf), before
        self.words = shlex.split(args) if isinstance(args, str) else list(args)
        self.ways = [by for by in ("direct", "drop-in") if only in (None, by)]
        self.reason = self.function = None

    def run(self, bench, by):
        """(record, main.cf before)."""
        instance = bench.instance(by, self.conf)
        if self.before:
            self.before(instance)
        original = instance.read("main.cf")
        before = observe.snapshot(instance)
        ran = instance.tls(self.words)
        told = observe.record(instance, ran, before, original, bench.keys)
        told["raw"] = instance.own(ran.err)
        return told, "\n".join(observe.settings(instance.own(original), instance.own(original)))


class Same(Case):
    def __init__(self, name, code, args, says=(), also=None, **more):
        super().__init__(name, args, **more)
        self.code, self.also = code, also
        self.says = [says] if isinstance(says, str) else list(says)

    def judge_peer(self, told, original, keys):
        wants = [want(self.code, self.says, out=None, unchanged=False)]
        return [c for w in wants + [self.also] if w for c in w.complaints(told, original, keys)]

    def judge_ours(self, told, original, keys, peer):
        bad = ["%s: %s" % (name, difference(peer[name], told[name])) for name in COMPARED if peer[name] != told[name]]
        bad += compare_files(peer["files"], told["files"])
        for words in self.says:
            if words not in told["says"]:
                bad.append("does not say '%s' but '%s'" % (words, told["says"][:300]))
        for level in ("error", "fatal"):
            line = r"(?m)^\S+: %s: " % level
            if re.search(line, peer["raw"]) and not re.search(line, told["raw"]):
                bad.append("no line is an %s, as one of postfix tls is: '%s'" % (level, told["says"][:300]))
        left = iter(told["commands"])
        missing = [command for command in peer["commands"] if command not in left]
        if missing:
            bad.append("suggests %s, not %s" % (told["commands"], peer["commands"]))
        if self.also:
            bad += self.also.complaints(told, original, keys)
        return bad + ours_in_general(told)


class Differ(Case):
    def __init__(self, name, number, args, peer, ours, why="", **more):
        super().__init__(name, args, **more)
        self.peer, self.ours = peer, ours
        self.reason = "%d: %s%s" % (number, DIFFERENCES[number], why and "; " + why)

    def judge_peer(self, told, original, keys):
        return self.peer.complaints(told, original, keys) if self.peer else []

    def judge_ours(self, told, original, keys, _peer):
        return self.ours.complaints(told, original, keys) + ours_in_general(told)


class Alone(Case):
    def __init__(self, name, function):
        super().__init__(name, "")
        self.function = function


def ours_in_general(told):
    """What holds for every run of danesafe."""
    bad = ["a key is not PKCS#8: %s" % f["labels"] for f in told["files"].values()
           if f.get("labels", ["PRIVATE KEY"]) != ["PRIVATE KEY"]]
    if told["odd lines"]:
        bad.append("lines without their prefix: %s" % told["odd lines"])
    if told["unnamed"]:
        bad.append("commands for no instance in particular: %s" % told["unnamed"])
    if "not in Postfix's log" in told["says"]:
        bad.append("it could not log: '%s'" % told["says"][-200:])
    return bad


def compare_files(peer, ours):
    """Complaints about new files, field by field; the labels of keys differ on purpose (3)."""
    bad = []
    for name in sorted(set(peer) | set(ours)):
        if name not in ours or name not in peer:
            bad.append("%s %s" % ("does not make" if name in peer else "makes", name))
            continue
        one, two = (dict(side[name], labels=None) for side in (peer, ours))
        if one != two:
            bad.append("%s: %s" % (name, difference(one, two)))
    return bad


def difference(one, two):
    """Where two values differ, shortly: 'WHAT: this, not that' with the first as what is right."""
    if isinstance(one, dict) and isinstance(two, dict):
        return "; ".join("%s %s" % (name, difference(one.get(name), two.get(name)))
                         for name in list(one) + [n for n in two if n not in one] if one.get(name) != two.get(name))
    if isinstance(one, str) and isinstance(two, str) and ("\n" in one or "\n" in two):
        one, two = one.split("\n"), two.split("\n")
    if isinstance(one, list) and isinstance(two, list):
        lost = [item for item in one if item not in two]
        more = [item for item in two if item not in one]
        if lost or more:
            return "lacks %r, has %r" % (lost, more)
        return "in another order: %r, not %r" % (two, one)
    return "is %r, not %r" % (two, one)


same, differ, alone = Same, Differ, Alone


class Keys(observe.Keys):
    """The known keys, and their digests as in TLSA records."""

    def __init__(self, materials):
        super().__init__(materials)
        self.names = {name: spki for spki, name in self.of.items()}

    def digest(self, name):
        return x509.hashlib.sha256(self.names[name.replace(".pem", ".key")]).hexdigest()
