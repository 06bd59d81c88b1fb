"""The whole program with a witness: how it ends, how long and how much memory it takes, and what it prints."""
import collections
import json
import os
import re
import subprocess
import time

from agent import Agent
from servers import Problem

Watched = collections.namedtuple("Watched", "begun ended code out err memory")
LIMIT = 60.0         # seconds, of any pass
MEMORY = 100 * 1024  # KiB
MEMORY_ASAN = 600 * 1024
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
REPORT = re.compile(r"Sanitizer|runtime error:|terminate called|Assertion")


def is_asan(program):
    with open(program, "rb") as binary:
        return b"__asan_init" in binary.read()


class WatchedAgent(Agent):
    """As the lab's, but what is wrong about any call is kept in .wrong."""

    def __init__(self, world, program, **host_settings):
        super().__init__(world, program, **host_settings)
        self.wrong = []
        self.memory_limit = MEMORY_ASAN if is_asan(self.program) else MEMORY
        self.most_memory = 0
        self.longest = 0.0

    def call(self, *words, limit=LIMIT, wrapper=(), **environment):
        begun = time.monotonic()
        paths = [self.world.path("call." + end) for end in ("out", "err")]
        with open(paths[0], "wb") as out, open(paths[1], "wb") as err:
            child = subprocess.Popen(self.argv(*words), env=dict(self.environment, **environment),
                                     stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            code, memory = self._wait(child, begun + limit)
        texts = []
        for path in paths:
            with open(path, "rb") as stream:
                texts.append(stream.read().decode("utf-8", "replace"))
        result = Watched(begun, time.monotonic(), code, *texts, memory)
        self.longest = max(self.longest, result.ended - begun)
        self.most_memory = max(self.most_memory, memory)
        self.wrong += ["%s: %s" % (words[0], text) for text in self._judge(result)]
        if words[0] != "status":
            self.note("%.2f danesafe %s: exit %s, %.2f s, %d KiB\n%s%s" % (
                begun, " ".join(words), code, result.ended - begun, memory, result.out, result.err))
        return result

    @staticmethod
    def _wait(child, until):
        """(exit status or None when it had to be killed, KiB)."""
        hangs = False
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                child.returncode = os.waitstatus_to_exitcode(status)
                return None if hangs else child.returncode, usage.ru_maxrss
            if time.monotonic() > until and not hangs:
                hangs = True
                child.kill()
            time.sleep(0.005)

    def _judge(self, result):
        if result.code is None:
            yield "no end after %g s" % LIMIT
        elif not 0 <= result.code < 128:
            yield "died, %d" % result.code
        if REPORT.search(result.err):
            yield "report: " + result.err[-600:]
        if result.memory > self.memory_limit:
            yield "%d MiB of memory" % (result.memory // 1024)
        for stream, text in (("stdout", result.out), ("stderr", result.err)):
            found = CONTROL.search(text)
            if found:
                yield "control byte %r on %s" % (found.group(), stream)

    def said(self):
        """status --json of the one host; the other commands that print what servers said are called as well."""
        self.call("status")
        status = self.status()
        self.call("history")
        for text in strings(status):
            if CONTROL.search(text):
                self.wrong.append("status --json: control byte in %r" % text[:80])
        if not status["hosts"]:
            raise Problem("status names no host: " + json.dumps(status)[:200])
        return status["hosts"][0]

    def take_wrong(self):
        wrong, self.wrong = self.wrong, []
        return wrong


def strings(value):
    """Every string of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from strings(one)
