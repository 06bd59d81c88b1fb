#!/usr/bin/env python3
"""What stands in systemd's journal, and in syslog where there is no journal. Root only, in a network namespace where no
resolver answers and a mount namespace with a /run of its own. With systemd's journald where it is installed, too."""
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess

import shown

JOURNAL, DEVLOG = "/run/systemd/journal/socket", "/run/systemd/journal/dev-log"
JOURNALD = "/usr/lib/systemd/systemd-journald"
EVIL = "/k\x1b[2J\nDANESAFE_CODE=evil"
TELLS_MAIL = "2"  # the facility


def datagrams(path):
    """A socket with room for a pass."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    sock.bind(path)
    sock.settimeout(0)
    return sock


def entry(data):
    """The fields of a datagram in the journal's native protocol; each must come once."""
    fields = {}
    while data:
        line, _, data = data.partition(b"\n")
        name, is_short, value = line.partition(b"=")
        if not is_short:
            size = int.from_bytes(data[:8], "little")
            value, data = data[8:8 + size], data[8 + size:]
            assert data[:1] == b"\n", data
            data = data[1:]
        assert name not in fields, name
        fields[name.decode("ascii")] = value.decode("ascii")
    return fields


def drain(sock):
    found = []
    while True:
        try:
            found.append(sock.recv(65536))
        except BlockingIOError:
            return found


class Case:
    """A host that needs attention, in a new pass each time."""

    def __init__(self, state):
        self.state, self.stderr = state, os.path.join(state.folder, "stderr")
        self.env = None

    def sql(self, *words):
        with sqlite3.connect(os.path.join(self.state.folder, "state", "state.db")) as db:
            db.execute(*words)

    def run(self, stream=None, wrap=()):
        """What a pass says on standard error when all is new to it; stream: True, it is the journal; False, another file
        than that."""
        self.sql("DELETE FROM concern")
        env = dict(os.environ)
        with open(self.stderr, "w+", encoding="ascii") as err:
            st = os.fstat(err.fileno())
            if stream is not None:
                env["JOURNAL_STREAM"] = f"{st.st_dev}:{st.st_ino + (not stream)}"
            subprocess.run([*wrap, shown.DANESAFE, "-c", self.state.config, "run"], env=env, stderr=err, timeout=120,
                           check=False)
            err.seek(0)
            return err.read()


def fields(results, case, sock):
    said = case.run()
    found = [entry(data) for data in drain(sock)]
    alerts = [one for one in found if "DANESAFE_CODE" in one]
    stages = [one for one in found if "DANESAFE_STAGE" in one]
    results.check(len(alerts) > 3 and stages and len(alerts) + len(stages) == len(found),
                  "alerts and stages are entries of the journal", found)
    results.check(all(one["SYSLOG_FACILITY"] == TELLS_MAIL and one["SYSLOG_IDENTIFIER"] == "danesafe" and
                      one["DANESAFE_HOST"] == "mx.example" for one in found), "whose they are is in their fields", found)
    results.check({one["MESSAGE_ID"] for one in alerts}.isdisjoint(one["MESSAGE_ID"] for one in stages),
                  "the two kinds are told apart")
    results.check(all(one["PRIORITY"] == {"critical": "2", "warning": "4", "ok": "5"}[one["DANESAFE_SEVERITY"]] and
                      one["DANESAFE_EVENT"] == "raised" for one in alerts), "their priority is that of the alert", alerts)
    results.check(all(re.match(r"mx\.example: (key=[0-9a-f]{8} )?code=" + one["DANESAFE_CODE"] +
                               r" event=raised severity=\w+ since=\d{4}-", one["MESSAGE"]) for one in alerts),
                  "what they say begins with the line of syslog", alerts)
    results.check(any("\n  You: " in one["MESSAGE"] for one in alerts), "and goes on with what to do")
    results.check(all(one["DANESAFE_CODE"] in said for one in alerts), "another standard error has it, too", said)
    results.check("DANESAFE_CODE=evil" in "".join(one["MESSAGE"] for one in alerts) and
                  all(" " <= c <= "~" or c == "\n" for one in found for value in one.values() for c in value),
                  "no text becomes a field, and all is harmless", alerts)


def twice(results, case, sock, log):
    case.run()
    whole = len(drain(sock))
    drain(log)
    said = case.run(stream=True)
    results.check(len(drain(sock)) >= whole - 1 and "WARNING" not in said and "You:" not in said,
                  "where standard error is the journal nothing is said twice", said)
    said = case.run(stream=False)
    results.check("WARNING" in said and len(drain(sock)) >= whole - 1, "where it was, and is not, all is said", said)
    results.check(not drain(log), "nothing goes to syslog as well")


def tried(case):
    """What `alert test` says of the log, and whether it says the test, too."""
    done = subprocess.run([shown.DANESAFE, "-c", case.state.config, "alert", "test"], capture_output=True, text=True,
                          timeout=60, check=False)
    return done.stdout.splitlines()[0], "this is a test" in done.stderr


def a_test(results, case, sock, log):
    said = tried(case)
    found = [entry(data) for data in drain(sock)]
    results.check(said == ("log: handed over to standard error and the journal", True) and
                  [one["DANESAFE_EVENT"] for one in found] == ["test"] and not drain(log),
                  "alert test goes to the journal, and says so", (said, found))


def without(results, case, log):
    os.unlink(JOURNAL)
    said = case.run(stream=True)
    lines = [line.decode("ascii") for line in drain(log)]
    results.check("WARNING" in said, "without a journal all is said on standard error", said)
    if os.path.realpath("/dev/log") != DEVLOG:
        print("skipped: /dev/log is not the journal's here")
    else:
        results.check(tried(case) == ("log: handed over to standard error and syslog", True) and
                      b"event=test" in b"".join(drain(log)), "alert test goes to syslog, and says so")
        log.close()
        results.check(tried(case)[0] == "log: handed over to standard error; nobody listens for syslog",
                      "or that nobody listens", tried(case))
        results.check(len(lines) > 3 and all(re.match(r"<(18|20|21)>.*danesafe\[\d+\]: mx\.example: ", line) and
                                             "\n" not in line for line in lines), "and goes to syslog, a line each", lines)


def full(results, case):
    with datagrams(JOURNAL) as sock:
        said = case.run()
        case.run()
        results.check("WARNING" in said and drain(sock), "a journal that takes nothing stops no pass", said)
    os.unlink(JOURNAL)


def real(results, case):
    """By journald itself."""
    os.makedirs("/run/log/journal", exist_ok=True)
    with datagrams("/run/notify") as ready:
        ready.settimeout(60)
        with subprocess.Popen([JOURNALD], env={"NOTIFY_SOCKET": "/run/notify"}, stderr=subprocess.DEVNULL) as journald:
            try:
                while b"READY=1" not in ready.recv(4096):
                    pass
                case.run(wrap=("systemd-cat", "-t", "stderr", "sh", "-c",
                               "export JOURNAL_STREAM=$(stat -L -c %d:%i /dev/stderr); exec \"$@\"", "-"))
            finally:
                journald.terminate()
    found = subprocess.run(["journalctl", "--directory", "/run/log/journal", "--output", "json", "--merge"],
                           capture_output=True, text=True, timeout=60, check=True).stdout
    found = [json.loads(line) for line in found.splitlines()]
    alerts = [one for one in found if one.get("DANESAFE_CODE") == "key-file"]
    again = [one for one in found if one.get("SYSLOG_IDENTIFIER") == "stderr" and "key-file" in one.get("MESSAGE", "")]
    results.check(alerts and all(one["SYSLOG_FACILITY"] == TELLS_MAIL and "  You: " in one["MESSAGE"] for one in alerts),
                  "systemd's journald keeps them with their fields", found[-20:])
    results.check(not again, "and once", again)


def inside():
    results = shown.Results()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    with shown.State("s01-happy-path") as state:
        case = Case(state)
        case.sql("UPDATE key SET key_file = ? WHERE stage = 'deployed'", (EVIL,))
        with datagrams(JOURNAL) as sock, datagrams(DEVLOG) as log:
            fields(results, case, sock)
            twice(results, case, sock, log)
            a_test(results, case, sock, log)
            without(results, case, log)
        os.unlink(DEVLOG)
        full(results, case)
        if os.access(JOURNALD, os.X_OK) and shutil.which("systemd-cat"):
            real(results, case)
        else:
            print("skipped: no systemd-journald")
    results.end()


if __name__ == "__main__":
    shown.in_a_network_of_its_own(inside, "-m")
