"""A world whose mail host has hostile endpoints beside its Postfix; runs SMTP cases in it, several in one sweep.

Postfix presents the new key already, and so does every endpoint that has no case: what keeps the old key `deployed`
is the hostile one alone.
"""
import os
import re

import cases_smtp
import world as lab_world
from cases_smtp import DOWN, SEEN
from servers import Problem
from smtpserver import Endpoint, Kit
from watch import WatchedAgent

ADDRESSES = ["127.0.0.71", "fd00::72", "127.0.0.73", "fd00::74", "127.0.0.75", "fd00::76"]
MORE_ADDRESSES = ADDRESSES
SWEEP = 25  # seconds that a pass may take


def old_key(talk):
    talk.until_tls()
    talk.tls("old")


class SmtpWorld(lab_world.World):
    def __init__(self, work):
        super().__init__(work)
        self.endpoints = self.endpoints + ADDRESSES


def clean(row):
    return row.options.get("clean", row.result == SEEN and row.words == ["new"])


def waits(row):
    return row.result == DOWN and cases_smtp.LATE in row.words


class Group:
    """Cases that share a sweep."""

    def __init__(self, rows):
        self.rows = rows


def groups(rows):
    """As few sweeps as can be; none is clean as a whole if that can be had, for then the old key would go."""
    steps = [row for row in rows if row.options.get("steps")]
    dirty = [row for row in rows if not clean(row) and row not in steps]
    made, room = [], len(ADDRESSES) - 1 if any(clean(row) for row in rows) else len(ADDRESSES)
    for slow in (True, False):
        some = [row for row in dirty if waits(row) == slow]
        made += [Group(some[at:at + room]) for at in range(0, len(some), room)]
    for row in [row for row in rows if clean(row) and row not in steps]:
        least = min(made, key=lambda group: (waits(group.rows[0]), len(group.rows)), default=None)
        if least is None or len(least.rows) == len(ADDRESSES):
            made.append(Group([row]))
        else:
            least.rows.append(row)
    return made + [Group([row]) for row in steps]


def at_port(address):
    return "[%s]:25" % address if ":" in address else address + ":25"


class SmtpRoom:
    """The world in the middle of a rollover."""

    def __init__(self, work, program):
        self.world, self.program, self.endpoints = SmtpWorld(work), program, {}

    def __enter__(self):
        self.world.__enter__()
        self.kit = Kit(self.world.path("hostile"))
        self.kit.have("old", self.world.path("tls", "old.key"), self.world.path("tls", "old.cert"))
        self.endpoints = {address: Endpoint(address, self.kit, old_key) for address in ADDRESSES}
        self.agent = WatchedAgent(self.world, self.program)
        self.agent.run()
        self.agent.run_until(lambda: self.agent.in_stage("ready"), 60, "a next key is ready")
        self.agent.must("rollover", lab_world.HOST, "--reason", "test")
        self.new = self.agent.run_until(lambda: self.agent.in_stage("deployed"), 60, "the new key is deployed")[0]
        self._know_new()
        return self

    def _know_new(self):
        settings = self.world.postfix.get("smtpd_tls_cert_file", "smtpd_tls_key_file")
        pair = settings["smtpd_tls_key_file"], settings["smtpd_tls_cert_file"]
        if not all(os.path.isfile(path) for path in pair):
            raise Problem("Postfix names no key: %s" % settings)
        self.kit.have("new", *pair)
        if self.kit.spki["new"] != self.new:
            raise Problem("Postfix names another key than status")

    def __exit__(self, *_):
        for endpoint in self.endpoints.values():
            endpoint.stop()
        self.world.stop()

    def behave(self, rows=()):
        for address in ADDRESSES:
            self.endpoints[address].behave(cases_smtp.new)
        for address, row in zip(ADDRESSES, rows):
            self.endpoints[address].behave(row.behaviour, row.options.get("listens", True))

    def look(self):
        """One pass, and (the old key, {endpoint: guard}, {endpoint: names of the keys seen there}, is it safe?)."""
        self.agent.run()
        host = self.agent.said()
        old = next(key for key in host["keys"] if key["spki_sha256"] == self.world.old_spki)
        guards = {guard["name"][len("served:"):]: guard for guard in old["guards"]
                  if guard["name"].startswith("served:")}
        serving = {}
        for one in host["services"][0]["serving"]:
            serving.setdefault(one["endpoint"], set()).add(self.kit.name_of(one["key"]))
        return old, guards, serving, host["mail_safe"]

    def run_group(self, group):
        """{case: [what is wrong]}."""
        if group.rows[0].options.get("steps"):
            row = group.rows[0]
            try:
                return {row.name: row.options["steps"](self) + self.agent.take_wrong()}
            finally:
                self.behave()
        for row in group.rows:
            for name in row.options.get("uses", ()):
                self.kit.make(name)
        self.behave(group.rows)
        old, guards, serving, safe = self.look()
        together = self.agent.take_wrong()
        if not all(clean(row) for row in group.rows) and old["stage"] != "deployed":
            together.append("the old key is %s although an endpoint is not clean" % old["stage"])
        if self.world.old_record not in self.world.records():
            together.append("the old record is gone")
        for address in lab_world.ENDPOINT_1 + ADDRESSES[len(group.rows):]:
            guard = guards.get(at_port(address))
            if not guard or not guard["met"]:
                together.append("the honest %s: %s" % (address, guard and guard["text"]))
        if safe != all(keys <= {"old", "new"} for keys in serving.values()):
            together.append("mail_safe is %s while %s are presented" % (safe, sorted(set().union(*serving.values()))))
        seconds = self.agent.passes[-1].ended - self.agent.passes[-1].begun
        if seconds > SWEEP:
            together.append("the pass took %.1f s" % seconds)
        results = {}
        for address, row in zip(ADDRESSES, group.rows):
            at = at_port(address)
            results[row.name] = judge(row, at, guards.get(at), serving.get(at, set())) + together
        self.behave()
        return results


def judge(row, at, guard, keys):
    """What is wrong about one endpoint."""
    if guard is None:
        return ["%s: no guard speaks of it" % at]
    wrong, told = [], "%s: %s" % (at, guard["text"])
    if guard["met"] != clean(row):
        wrong.append("the guard is %s: %s" % ("met" if guard["met"] else "not met", told))
    if row.result == DOWN:
        if not re.search("could not be looked at: .*" + row.words, guard["text"]):
            wrong.append("expected /%s/, but %s" % (row.words, told))
        if not keys:
            wrong.append("the keys that were seen there are forgotten")
    else:
        if keys != set(row.words):
            wrong.append("presented: %s, not %s (%s)" % (sorted(keys), row.words, told))
    return wrong


Room = SmtpRoom
TABLE = {row.name: row for row in cases_smtp.CASES}
