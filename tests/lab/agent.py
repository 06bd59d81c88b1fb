"""Starts danesafe again and again, as cron would, and reads its status; never does a step in its place."""
import collections
import hashlib
import json
import os
import stat
import subprocess
import time

import world as lab_world
from servers import Problem

Pass = collections.namedtuple("Pass", "begun ended code out err")
KILLED = -9
PASS_LIMIT = 60.0  # seconds; a pass that takes longer hangs
LONG = 90.0        # seconds: no single wait of a healthy rollover takes this long
EVERY = 1.0        # seconds between the begins of two passes


class Interrupted(Problem):
    """A pass died in the middle of a commit: status has nothing to say until the next one."""


class Agent:
    """danesafe with the configuration of one world; every pass is noted in danesafe.log."""

    def __init__(self, world, program, on_pass=None, **host_settings):
        self.world, self.program = world, os.path.abspath(program)
        self.config = world.write_config(**host_settings)
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.passes, self.on_pass = [], on_pass
        self.log = world.path("danesafe.log")

    def argv(self, *words):
        return [self.program, "-c", self.config] + list(words)

    def call(self, *words, limit=PASS_LIMIT, wrapper=(), **environment):
        """Any danesafe command: a Pass."""
        begun = time.monotonic()
        try:
            done = subprocess.run(list(wrapper) + self.argv(*words), env=dict(self.environment, **environment),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  encoding="utf-8", errors="replace", timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            raise Problem("danesafe %s: no end after %g s" % (" ".join(words), limit)) from None
        result = Pass(begun, time.monotonic(), done.returncode, done.stdout, done.stderr)
        if words[0] not in ("status",):
            self.note("%.2f danesafe %s: exit %d, %.2f s\n%s%s" % (
                begun, " ".join(words), result.code, result.ended - begun, result.out, result.err))
        return result

    def note(self, text):
        with open(self.log, "a", encoding="utf-8") as out:
            out.write(text if text.endswith("\n") else text + "\n")

    def must(self, *words):
        result = self.call(*words)
        if result.code != 0:
            raise Problem("danesafe %s: exit %d: %s%s" % (" ".join(words), result.code, result.out, result.err))
        return result

    def run(self, **environment):
        """One pass."""
        result = self.call("run", **environment)
        self.passes.append(result)
        if self.on_pass:
            self.on_pass(self)
        return result

    def run_until(self, true, seconds, what):
        """Passes, EVERY second one, until true() after one of them; the value of true()."""
        end = time.monotonic() + seconds
        while True:
            begun = time.monotonic()
            self.run()
            value = true()
            if value:
                return value
            if time.monotonic() > end:
                raise Problem("after %g s of passes still not: %s" % (seconds, what))
            time.sleep(max(0.0, begun + EVERY - time.monotonic()))

    def run_for(self, seconds):
        """Passes for that long; returns how many."""
        before, end = len(self.passes), time.monotonic() + seconds
        self.run_until(lambda: time.monotonic() > end, seconds + PASS_LIMIT, "the time is over")
        return len(self.passes) - before

    # ---- what it says

    def status(self):
        result = self.call("status", "--json")
        if result.code == 75 and "interrupted pass" in result.err:
            raise Interrupted(result.err)
        try:
            return json.loads(result.out)
        except ValueError:
            raise Problem("status --json: exit %d, not JSON: %r %s" % (
                result.code, result.out[:200], result.err)) from None

    def host(self):
        for host in self.status()["hosts"]:
            if host["name"].rstrip(".") == lab_world.HOST:
                return host
        return {"keys": []}

    def stages(self):
        """{SPKI hash: stage}."""
        return {key["spki_sha256"].lower(): key["stage"] for key in self.host()["keys"]}

    def table(self):
        return self.call("status").out

    def in_stage(self, *stages):
        """The SPKI hashes in one of these stages, the world's first key left out."""
        return [spki for spki, stage in self.stages().items() if stage in stages and spki != self.world.old_spki]

    def old_is_over(self):
        """The first key is retired, or so long gone that it is not listed any more."""
        return self.stages().get(self.world.old_spki, "retired") in ("retired", "destroyed")

    def key_files(self):
        """Every file below the keys directory of the state."""
        found = []
        for folder, _, names in os.walk(self.world.path("state", "keys")):
            found += [os.path.join(folder, name) for name in names]
        return sorted(found)

    def fingerprint(self):
        """{path: what it is and holds} of everything but the state file that a pass could change."""
        files = {}
        folders = [self.world.path("state"), self.world.postfix.dir, self.world.path("tls")]
        for top in folders:
            for folder, _, names in os.walk(top):
                for path in [folder] + [os.path.join(folder, name) for name in names]:
                    if os.path.basename(path).startswith(("state.db", "lock")) or path == self.world.path("state"):
                        continue
                    files[path] = self._fingerprint(path)
        for path in (self.config, self.world.tsig_file):
            files[path] = self._fingerprint(path)
        return files

    @staticmethod
    def _fingerprint(path):
        info = os.lstat(path)
        what = (stat.filemode(info.st_mode), info.st_uid, info.st_gid, info.st_mtime_ns, info.st_ino)
        if stat.S_ISREG(info.st_mode):
            with open(path, "rb") as content:
                what += (hashlib.sha256(content.read()).hexdigest(),)
        return what
