"""The promises of danesafe that only real servers can check; never believes danesafe's word for an event.

Each case is a function of a Case; its docstring is what --list prints. What happened is read from the probe
(handshakes, and what each authority answered) and from the servers.
"""
import json
import os
import re
import shutil
import subprocess
import time

import cases_alerts
import cases_issuer
import cases_kinds
import cases_monitor
import cases_servers
import cases_slots
import cases_topology
import cases_unit
import dnsmsg
import opinions
import world as lab_world
from agent import KILLED, LONG, Agent, Interrupted
from probe import Probe
from servers import Problem, tool, wait_until
from world import ENDPOINT_1, ENDPOINT_2, HOLD, HOST, OWNER

SLACK = 0.5  # seconds by which two observers of the lab may differ: a round of looks, a handshake
SETTLE, RETIRE_HOLD = 2.0, 3.0
CRASH_LIMIT = 600
HERE = os.path.dirname(os.path.abspath(__file__))


def brief(detail):
    """A detail as text, without the tails of hashes."""
    text = re.sub(r"frozenset\((.*?)\)", r"\1", str(detail))
    return re.sub(r"\b([0-9a-f]{8})[0-9a-f]{56}\b", r"\1", text)


class Case:
    """A world, a probe, an agent, and the list of what was checked."""

    def __init__(self, name, work, program):
        self.name, self.work, self.program = name, work, program
        self.failed = self.passed = 0
        self.world = self.probe = self.agent = None

    def check(self, good, promise, detail=""):
        """One line of the result."""
        if good:
            self.passed += 1
        else:
            self.failed += 1
        print("%sok - %s: %s%s" % ("" if good else "not ", self.name, promise,
                                   "" if good or detail == "" else " (%s)" % brief(detail)), flush=True)
        return good

    def say(self, text):
        print("# %s: %s" % (self.name, text), flush=True)

    # ---- steps that several cases share

    def adopt(self, code=0, kind=Agent, **host_settings):
        """The first pass, which takes the host over and changes nothing."""
        self.agent = kind(self.world, self.program, **host_settings)
        before, shown = self.agent.fingerprint(), self.world.dig_all()
        first = self.agent.run()
        self.check(first.code == code, "the first pass exits %d" % code, "exit %d %s" % (first.code, first.err))
        after = self.agent.fingerprint()
        same = all(after.get(path) == what for path, what in before.items())
        self.check(same and self.world.dig_all() == shown, "the first pass changes neither Postfix nor the zone")
        return self.agent

    def until_said(self, *patterns, seconds=60):
        """Passes until what the last one printed, or status, matches every pattern."""
        def all_there():
            said = self.agent.passes[-1].out + self.agent.passes[-1].err + self.agent.table()
            return all(re.search(pattern, said) for pattern in patterns)
        promise = "it says " + ", ".join(patterns)
        self.agent.run_until(all_there, seconds, promise)
        self.check(True, promise)

    def until_ready(self):
        """Passes until a next key rests in ready; its SPKI hash."""
        return self.agent.run_until(lambda: self.agent.in_stage("ready"), LONG, "a next key is ready")[0]

    def rollover(self):
        self.agent.must("rollover", HOST, "--reason", "test")

    def until_retired(self, seconds=LONG):
        self.agent.run_until(self.agent.old_is_over, seconds, "the old key is retired")

    def new_key(self):
        """The key presented last, by the probe."""
        keys = {shake.spki for shake in self.probe.handshakes[-8:]}
        return keys.pop() if len(keys) == 1 else None

    def check_no_failures(self):
        bad = self.probe.failures()
        self.check(not bad and len(self.probe.handshakes) > 50, "no DANE handshake failed (%d made)"
                   % len(self.probe.handshakes), "%d failed, the first at %.2f: %s %s" % (
                       len(bad), bad[0].begun, bad[0].address, bad[0].verdict) if bad else "too few handshakes")
        silent = [address for address in self.world.endpoints if not self.probe.presented_at(address)]
        self.check(not silent, "every endpoint was probed", silent)

    def check_order(self):
        """The order of events of a whole rollover, as seen from outside; returns (T0, T1, T2, T3)."""
        old, new = self.world.old_spki, self.new_key()
        if not self.check(new and new != old, "in the end one new key is presented everywhere", new):
            return None
        record, old_record = "3 1 1 " + new, self.world.old_record
        first = self.probe.presented(new)[0].begun
        everywhere = self.probe.shown_everywhere_at(record, before=first)
        gap = first - everywhere if everywhere else None
        self.check(gap is not None and gap >= HOLD - SLACK, "the new record was on every authority for the hold "
                   "(%g s) before the new key was presented" % HOLD, gap)
        # an endpoint changes between the last handshake with the old key and the first one with the new
        swept = max(shake.begun for shake in self.probe.presented(old))
        gone = self.probe.first_lacked_at(old_record, first)
        gap2 = gone - swept if gone else None
        self.check(gap2 is not None and gap2 >= SETTLE + RETIRE_HOLD - 2 * SLACK, "the old record was kept for "
                   "settle and retire-hold after the last endpoint had changed", gap2)
        self.check(all(r is not None and old_record not in r and record in r for r in self.world.dig_all().values()),
                   "in the end every authority shows the new record and not the old one", self.world.dig_all())
        if gap is not None and gap2 is not None:
            self.say("published everywhere, %.1f s later deployed, %.1f s later at every endpoint, %.1f s later "
                     "the old record withdrawn" % (gap, swept - first, gap2))
        return everywhere, first, swept, gone

    def opinions(self, code, senders, moment, **more):
        """What danesafe verify, posttls-finger and danetool say now; see opinions.compare."""
        opinions.compare(self, code, senders, moment, **more)

    def check_pass_codes(self, *allowed):
        codes = sorted({p.code for p in self.agent.passes} - set(allowed))
        self.check(not codes, "the passes exit %s only" % "/".join(map(str, allowed)), codes)


def traced(case, name, calls):
    """The words before a program whose system calls are noted, and what gives their lines; no words without strace."""
    path = case.world.path(name + ".strace")

    def lines():
        with open(path, encoding="utf-8", errors="replace") as text:
            return [line.strip() for line in text if "+++" not in line and "ENOENT" not in line]

    if not shutil.which("strace"):
        return [], list
    return ["strace", "-f", "-qq", "-e", "signal=none", "-e", "trace=" + calls, "-o", path], lines


def happy(case):
    """a whole rollover: order of events, no failed handshake, then passes with nothing to do"""
    agent = case.adopt()
    case.until_ready()
    case.check(case.new_key() == case.world.old_spki, "a key that is ready is not deployed without being asked for")
    case.rollover()
    case.until_retired()
    case.check_order()
    deployed = agent.in_stage("deployed")
    case.check(deployed == [case.new_key()], "status calls deployed what the endpoints present", agent.stages())
    case.check_pass_codes(0)

    agent.run_until(lambda: agent.in_stage("ready"), LONG, "the next standby key is ready")
    agent.run_for(5)  # key-retention and more
    before, serial = agent.fingerprint(), case.world.serial(case.world.authorities[0])
    wrapper, calls = traced(case, "steady", "execve,fsync,fdatasync")
    last = agent.call("run", wrapper=wrapper)
    case.check((last.code, last.out, last.err) == (0, "", ""), "a pass with nothing to do prints nothing and exits 0",
               (last.code, last.out, last.err))
    if wrapper:
        seen = calls()
        syncs, started = [line for line in seen if "sync(" in line], [line for line in seen if "execve(" in line]
        # one transaction: SQLite's journal, its folder, the journal again, the database, the journal at last
        case.check(len(syncs) <= 5, "a pass with nothing to do keeps what it saw in one transaction", syncs)
        case.check(len(started) <= 2, "and starts no program but postconf", started)
    after = agent.fingerprint()
    changed = sorted(path for path in set(before) | set(after) if before.get(path) != after.get(path))
    case.check(not changed, "a pass with nothing to do changes no file but the state", changed)
    case.check(serial == case.world.serial(case.world.authorities[0]), "nor the zone")
    case.check_no_failures()


def lag(case):
    """one secondary frozen before publication: named, waited for, then all goes on (D01)"""
    agent = case.adopt()
    case.world.freeze("ns2")
    case.rollover()
    names = lab_world.NSD

    def named():
        text = agent.passes[-1].err + agent.passes[-1].out + agent.table()
        return any(address in text for address in names)
    agent.run_until(named, 60, "stderr or status names %s" % " or ".join(names))
    case.check(True, "the frozen secondary is named")
    case.until_said(r"%s \(serial \d+, primary \d+\) still answers without it" % names[0])
    whole = agent.call("status", "-v", HOST).out
    case.check(all("- shown:%s:" % address in whole for address in names) and "max(1 x 5s, 5s + 0s, 0s) + 1s + 1s = 7s"
               in whole, "status -v names what is missing and where, and reckons the hold", whole)
    passes = agent.run_for(HOLD + 5)
    shown = case.world.dig_all()
    case.check(all(len(shown[a]) == (1 if a in names else 2) for a in shown), "the others have both records", shown)
    case.check(not [s for s in case.probe.handshakes if s.spki != case.world.old_spki],
               "the new key is not deployed while a secondary lags (%d passes)" % passes)
    case.opinions(0, True, "a secondary lags")
    completion(case, names)
    case.check(agent.in_stage("generated", "published") and not agent.in_stage("ready", "deployed"),
               "and it is not called ready", agent.stages())
    case.world.thaw("ns2")
    case.until_retired()
    case.check_order()
    case.check_pass_codes(0, 1)
    case.check_no_failures()


def completion(case, names):
    """bash completes hosts, keys and the guards that are unmet, from what status says."""
    agent, here = case.agent, os.path.join(HERE, "..", "..", "debian", "danesafe.bash-completion")
    folder = case.world.path("completion")
    os.makedirs(folder)
    os.symlink(agent.program, os.path.join(folder, "danesafe"))

    def words(*line):
        script = ('. /usr/share/bash-completion/bash_completion; . %s; COMP_WORDS=("$@"); COMP_LINE="$*"; '
                  'COMP_POINT=${#COMP_LINE}; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _danesafe; '
                  'printf "%%s\\n" "${COMPREPLY[@]}"') % here
        return subprocess.run(["bash", "-c", script, "bash", "danesafe", "-c", agent.config] + list(line),
                              env={"PATH": folder + ":" + os.environ["PATH"], "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, encoding="utf-8", check=False).stdout.split()
    key = agent.in_stage("generated", "published")[0][:8]
    case.check(words("rollover", "mx") == [HOST], "hosts are completed", words("rollover", "mx"))
    case.check(words("advance", HOST, key[:4]) == [key], "keys are completed", words("advance", HOST, key[:4]))
    case.check(words("advance", HOST, key, "--to", "pub") == ["published"], "stages are completed")
    guards = words("advance", HOST, key, "--to", "published", "--skip", "")
    case.check(all("shown:%s" % address in guards for address in names), "unmet guards are completed", guards)


def regression(case):
    """a secondary goes back to old data while the key is ready (D06)"""
    agent = case.adopt()
    old_zone = case.world.snapshot()
    new = case.until_ready()
    case.world.regress("ns3", old_zone)
    case.rollover()
    passes = agent.run_for(HOLD + 5)
    shown = case.world.dig_all()
    case.check(len(shown[lab_world.BIND[0]]) == 1, "the secondary still serves its old data", shown)
    case.until_said("%s from serial [0-9]+ to [0-9]+" % lab_world.BIND[0])
    case.check(not case.probe.presented(new), "the new key is not deployed meanwhile (%d passes)" % passes)
    case.opinions(0, True, "a secondary went back")
    case.check(agent.stages().get(new) in ("generated", "published"), "it is not called ready any more", agent.stages())
    case.world.recover("ns3")
    case.until_retired()
    case.check_order()
    case.check_pass_codes(0, 1)
    case.check_no_failures()


def intercept(case):
    """a cache answers at the addresses of a secondary during the hold: right records, and no evidence (D15)"""
    agent = case.adopt()
    case.rollover()
    new = agent.run_until(lambda: agent.in_stage("published"), LONG, "the next key is published")[0]
    case.world.intercept("ns2")
    passes = agent.run_for(HOLD + 5)
    shown = case.world.dig_all()
    case.check(all(r is not None and "3 1 1 " + new in r for r in shown.values()),
               "the cache too has the new record, and says AA", shown)
    case.check(not case.probe.presented(new), "the new key is not deployed meanwhile (%d passes)" % passes)
    text = agent.passes[-1].err + agent.table()
    case.check("intercepted: the TTL " in text and any(address in text for address in lab_world.NSD),
               "status says that a cache answers there, and where", text)
    case.opinions(2, True, "a cache answers at the addresses of a secondary")
    case.world.give_back("ns2")
    case.until_retired()
    case.check_order()
    case.check_pass_codes(0, 1)
    case.check_no_failures()


def partial(case):
    """two endpoints, the second one not given the new key: the old record stays (R01)"""
    agent = case.adopt()
    case.until_ready()
    case.rollover()
    agent.run_until(lambda: all(case.probe.last_key(a) not in (None, case.world.old_spki) for a in ENDPOINT_1),
                    LONG, "the first endpoint presents the new key")
    passes = agent.run_for(SETTLE + RETIRE_HOLD + HOLD)
    case.check(all(case.probe.last_key(a) == case.world.old_spki for a in ENDPOINT_2),
               "the second endpoint still presents the old key")
    case.check(all(case.world.old_record in r and len(r) >= 2 for r in case.world.dig_all().values()),
               "the old record stays while one endpoint has the old key (%d passes)" % passes, case.world.dig_all())
    case.opinions(0, True, "two endpoints present different keys, both published")
    case.check(agent.stages().get(case.world.old_spki) == "deployed", "the old key is still called deployed",
               agent.stages())
    parameters = case.world.postfix.get("smtpd_tls_chain_files", "smtpd_tls_cert_file", "smtpd_tls_key_file")
    case.world.postfix2.set(**parameters)
    case.world.postfix2.reload()
    case.until_retired()
    case.check_order()
    case.check_pass_codes(0, 1)
    case.check_no_failures()


def naive(case):
    """control without danesafe: deploy, then publish; the probe must see failures"""
    wait_until(lambda: len(case.probe.handshakes) > 20, 30, "handshakes with the first key")
    case.check(not case.probe.failures(), "no failure with the first key", case.probe.failures()[:1])
    key, cert, new = lab_world.make_key(case.world.path("naive"), "new")
    ttls = []

    def just_cached():
        answer = dnsmsg.ask(lab_world.SENDER_RESOLVER, OWNER, "TLSA", recurse=True)
        if answer and answer.ad:
            ttls.append(dnsmsg.tlsa(answer)[1])
        return len(set(ttls)) > 2 and ttls[-1] == lab_world.TLSA_TTL
    wait_until(just_cached, 30, "the sender's resolver has just refreshed its cache")
    case.check(set(ttls) <= set(range(lab_world.TLSA_TTL + 1)), "the sender's resolver validates and caches", ttls)
    case.world.postfix.set(smtpd_tls_cert_file=cert, smtpd_tls_key_file=key)
    case.world.postfix.reload()
    case.world.update("add 3 1 1 " + new)
    wait_until(lambda: len(case.probe.presented(new)) > 10 and not [
        s for s in case.probe.handshakes[-20:] if not s.ok or s.spki != new], 60, "the new key is verified at last")
    bad = case.probe.failures()
    case.check(len(bad) > 5 and all(s.verdict == "Untrusted" for s in bad), "the naive order makes handshakes fail",
               [s.verdict for s in bad])
    case.check({s.address for s in bad} == set(case.world.endpoints), "at every endpoint", {s.address for s in bad})


def crash(case):
    """kill -9 before the 1st, 2nd, 3rd … durable step of passes through a whole rollover (E04)"""
    if not shutil.which("cc"):
        case.say("skipped: no cc")
        return
    shim, log = case.world.path("killat.so"), case.world.path("killat.log")
    tool("cc", "-Wall", "-O1", "-shared", "-fPIC", "-o", shim, os.path.join(HERE, "killat.c"), "-ldl")
    agent = case.adopt(standby="false")
    case.rollover()
    kills = sweeps = step = 0
    end = time.monotonic() + CRASH_LIMIT

    def at_the_end():
        try:
            return agent.old_is_over() and not agent.in_stage("generated", "published", "ready")
        except Interrupted:
            return False

    while not at_the_end():
        step += 1
        done = agent.run(LD_PRELOAD=shim, KILLAT=str(step), KILLAT_LOG=log)
        if done.code == KILLED:
            kills += 1
        else:
            sweeps, step = sweeps + 1, 0
        if time.monotonic() > end:
            raise Problem("after %g s and %d kills the old key is not retired: %s" % (
                CRASH_LIMIT, kills, agent.stages()))
    case.until_retired()
    with open(log, encoding="utf-8") as lines:
        kinds = [line.split()[0] for line in lines]
    case.say("%d kills, %d passes to the end: %s" % (kills, sweeps, ", ".join(
        "%s %d" % (kind, kinds.count(kind)) for kind in sorted(set(kinds)))))
    case.check(kills > 20, "many passes were killed", kills)
    case.check_order()
    keys = {s.spki for s in case.probe.handshakes} - {None, case.world.old_spki}
    records = case.probe.records_ever_shown() - {case.world.old_record}
    case.check(len(keys) == 1 and records == {"3 1 1 " + key for key in keys},
               "never two different new keys, neither presented nor published", (keys, records))
    case.check(set(agent.stages()) <= keys | {case.world.old_spki}, "nor in the state", agent.stages())
    used = set(case.world.postfix.get("smtpd_tls_chain_files", "smtpd_tls_cert_file", "smtpd_tls_key_file").values())
    stray = [path for path in agent.key_files() if not any(path in value for value in used)]
    case.check(not stray, "no other file is left among the keys", stray)
    left = [name for name in os.listdir(case.world.postfix.dir) if name not in ("main.cf", "master.cf")]
    case.check(not left, "no temporary file is left beside main.cf", left)
    case.check_pass_codes(0, 1, KILLED)
    case.check_no_failures()


def holds_lock(pid):
    """The process has a flock, says the kernel."""
    with open("/proc/locks", encoding="ascii") as lines:
        return any(line.split()[1] == "FLOCK" and line.split()[4] == str(pid) for line in lines if "->" not in line)


def twice(case):
    """two passes at once: the second exits 75 and touches nothing (S10)"""
    agent = case.adopt()
    case.world.silence("ns2")  # so that a pass takes its time
    try:
        first = subprocess.Popen(agent.argv("run"), env=agent.environment, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        wait_until(lambda: holds_lock(first.pid), 20, "the first pass holds the lock")
        wrapper, calls = traced(case, "second", "execve,connect,sendto,sendmsg,rename,renameat,renameat2,unlink,"
                                "unlinkat,mkdir,fsync,fdatasync")
        files = agent.fingerprint()
        second = agent.call("run", wrapper=wrapper)
        still = first.poll() is None
        case.check(still, "the second pass ends while the first one is at work", first.poll())
        case.check(second.code == 75, "the second pass exits 75", "%d %s" % (second.code, second.err))
        case.check(second.out == "" and second.err == "", "in silence", second.out + second.err)
        case.check(files == agent.fingerprint(), "no file but the state changes meanwhile")
        if wrapper:
            acts = [line for line in calls() if "execve(" not in line and "/dev/log" not in line]
            case.check(not acts, "the second pass sends, renames, removes and syncs nothing", acts[:5])
        out, err = first.communicate(timeout=60)
        case.check(first.returncode in (0, 1), "the first pass comes to its end",
                   "%d %s%s" % (first.returncode, out, err))
    finally:
        case.world.speak("ns2")
    case.until_ready()
    case.check(True, "and the next ones go on until a key is ready")
    case.check_no_failures()


def chain(case):
    """a whole rollover where Postfix uses smtpd_tls_chain_files, and main.cf is a link to a file of mode 0640"""
    postfix = case.world.postfix
    old = postfix.get("smtpd_tls_key_file", "smtpd_tls_cert_file")
    postfix.set(smtpd_tls_chain_files="%s, %s" % (old["smtpd_tls_key_file"], old["smtpd_tls_cert_file"]))
    tool("postconf", "-c", postfix.dir, "-X", "smtpd_tls_key_file", "smtpd_tls_cert_file")
    real, link = case.world.path("main.cf"), os.path.join(postfix.dir, "main.cf")
    shutil.move(link, real)
    os.symlink(real, link)
    os.chmod(real, 0o640)
    postfix.reload()
    case.adopt()
    case.until_ready()
    case.rollover()
    case.until_retired()
    case.check_order()
    files = re.split(r"[ ,]+", postfix.get("smtpd_tls_chain_files")["smtpd_tls_chain_files"])
    case.check(len(files) == 2 and lab_world.spki_of(files[1]) == case.new_key() and os.path.exists(files[0]),
               "smtpd_tls_chain_files names the new key and certificate", files)
    case.check(os.path.islink(link) and os.stat(link).st_mode & 0o7777 == 0o640,
               "main.cf is still a link to a file of mode 0640")
    case.check_pass_codes(0)
    case.check_no_failures()


def byhand(case):
    """a rollover with danesafe tls, by a person who waits: warned before it is safe, silent when it is"""
    postfix, program = case.world.postfix, os.path.abspath(case.program)

    def tls(*words, folder=postfix.dir):
        done = subprocess.run([program, "tls", "--config-dir", folder] + list(words), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", timeout=60, check=False)
        with open(case.world.path("danesafe.log"), "a", encoding="utf-8") as log:
            log.write("tls %s: exit %d\n%s%s" % (" ".join(words), done.returncode, done.stdout, done.stderr))
        return done
    made = tls("new-server-key")
    case.check(made.returncode == 0, "new-server-key makes a pair", made.stderr)
    new_key, new_cert = (next(os.path.join(postfix.dir, name) for name in os.listdir(postfix.dir)
                              if name.startswith(begin)) for begin in ("key-", "cert-"))
    said = tls("output-server-tlsa", new_key).stdout
    record = said.rsplit(" TLSA ", 1)[-1].strip()
    case.check(said == "; %s\n%s IN TLSA %s\n" % (new_key, OWNER, record) and
               record == "3 1 1 " + lab_world.spki_of(new_cert), "output-server-tlsa prints its record", said)
    other = case.world.path("other")
    os.makedirs(other)
    shutil.copy(os.path.join(postfix.dir, "main.cf"), other)
    early = tls("deploy-server-cert", new_cert, new_key, folder=other)
    case.check(early.returncode == 0 and "warning: " in early.stderr and "will defer mail" in early.stderr and
               OWNER in early.stderr, "a switch before publication is warned of (on an idle instance)", early.stderr)
    again = tls("deploy-server-cert", *(case.world.path("tls", "old" + end) for end in (".cert", ".key")), folder=other)
    case.check(again.returncode == 0 and "warning" not in again.stderr, "one to the published key is not", again.stderr)
    case.world.update("add " + record)
    wait_until(lambda: all(r and record in r for r in case.world.dig_all().values()), 60, "every authority shows it")
    everywhere = time.monotonic()
    wait_until(lambda: time.monotonic() > everywhere + HOLD, HOLD + 5, "the hold is over")
    late = tls("deploy-server-cert", new_cert, new_key)
    case.check(late.returncode == 0 and "warning" not in late.stderr, "a switch after the wait is not warned of",
               late.stderr)
    postfix.reload()
    wait_until(lambda: case.new_key() == lab_world.spki_of(new_cert), 30, "the new key is presented")
    wait_until(lambda: "danesafe-tls" in open(postfix.log, encoding="utf-8", errors="replace").read(), 10,
               "Postfix's log has what was said")
    case.check(True, "what was said is in Postfix's log")
    case.world.update("del " + case.world.old_record)
    wait_until(lambda: case.world.records() == {record}, 60, "only the new record is left")
    more = len(case.probe.handshakes) + 40
    wait_until(lambda: len(case.probe.handshakes) > more, 60, "more handshakes")
    case.check_no_failures()


def others(case):
    """a copy of the record at a name that others run: waited for, asked for, never touched (P09)"""
    agent, world = case.adopt(owners="[%s]" % lab_world.OTHER_OWNER), case.world

    def asked_for():
        text = agent.passes[-1].err + agent.table()
        return "ask those who run the zone to add this" in text and lab_world.OTHER_OWNER in text
    agent.run_until(asked_for, 60, "they are asked to add the record")
    case.check(True, "the operator is told whom to ask, with the record")
    passes = agent.run_for(HOLD + 3)
    shown = {len(records) for records in world.dig_all().values()}
    new = agent.in_stage("generated")
    case.check(shown == {2} and len(new) == 1, "until then a key that is shown everywhere else stays generated "
               "(%d passes)" % passes, (shown, agent.stages()))
    world.by_others(world.old_record, "3 1 1 " + new[0])
    case.until_ready()
    case.rollover()
    agent.run_until(lambda: all(world.old_record not in r for r in world.dig_all().values()), LONG,
                    "the old record is withdrawn where we may")
    case.check(set(world.dig_all(owner=lab_world.OTHER_OWNER).values()) == {frozenset(
        [world.old_record, "3 1 1 " + new[0]])}, "their records are as they left them")
    agent.run_for(5)
    case.check(agent.stages().get(world.old_spki) == "retiring", "the old key is not called retired while they have "
               "its record", agent.stages())
    world.by_others("3 1 1 " + new[0])
    case.until_retired()
    case.check_order()
    case.check_no_failures()


def forgets(case):
    """a name that left the settings holds the next key up; a person forgets it, once nobody shows its records"""
    agent, world = case.adopt(owners="[%s]" % lab_world.OTHER_OWNER), case.world
    world.write_config()
    agent.run_until(lambda: agent.in_stage("generated"), LONG, "the next key is made")
    agent.run_for(HOLD + 3)
    case.check(agent.in_stage("generated") and lab_world.OTHER_OWNER in agent.table(),
               "the name still holds it up, and status says so", agent.table())
    words = ("forget", HOST, lab_world.OTHER_OWNER, "--reason", "lab")
    early = agent.call(*words, "--confirm", lab_world.OTHER_OWNER)
    case.check(early.code == 4 and "answers for " + lab_world.OTHER_OWNER in early.err,
               "what a name server shows cannot be forgotten", early.out + early.err)
    world.by_others()
    wait_until(lambda: not any(world.dig_all(owner=lab_world.OTHER_OWNER).values()), 30, "nobody shows it")
    unsure = agent.call(*words)
    case.check(unsure.code == 4 and "--confirm " + lab_world.OTHER_OWNER in unsure.err and
               "    IN TLSA %s\n" % world.old_record in unsure.out,
               "what senders may hold is said, and its name is asked for", unsure.out + unsure.err)
    agent.must(*words, "--confirm", lab_world.OTHER_OWNER)
    agent.run()
    case.check(lab_world.OTHER_OWNER not in agent.table(), "it is forgotten", agent.table())
    case.until_ready()
    case.rollover()
    case.until_retired()
    case.check_order()
    case.check_no_failures()


def verify(case):
    """danesafe verify without any state: what it says is what the sender sees, and what only it can see"""
    program, world = os.path.abspath(case.program), case.world

    def look(*options, host=HOST):
        done = subprocess.run([program, *options, "verify", "--json", host], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8", timeout=90, check=False)
        found = json.loads(done.stdout)["hosts"][0]
        with open(world.path("danesafe.log"), "a", encoding="utf-8") as log:
            log.write("verify: exit %d: %s\n" % (done.returncode, found["summary"]))
        return done.returncode, found

    def finger():
        return {case.probe.last_handshake(address).verdict for address in world.endpoints}
    code, found = look()
    case.check(code == 0 and found["verdict"] == "ok" and finger() == {"Verified"}, "all is well, for both", found["summary"])
    case.opinions(0, True, "all is well")
    services = found["services"][0]
    case.check(len(services["authorities"]) == 5 and len(services["probes"]) == 6 * len(world.endpoints),
               "every authority and every endpoint, with every offer, was looked at", found["summary"])
    other = world.path("other.yaml")
    with open(other, "w", encoding="ascii") as out:
        out.write("resolver: 127.0.0.1\nhosts:\n  %s:\n    services: [465/tcp]\n" % HOST)
    for name in (HOST, HOST + ".", HOST.upper()):
        _, found = look("-c", other, host=name)
        owners = [service["owner"] for service in found["services"]]
        case.check(owners == ["_465._tcp.%s." % HOST], "a host of the settings has their services: " + name, owners)
    wrong = lab_world.make_key(world.path("wrong"), "wrong")
    right = world.postfix.get("smtpd_tls_key_file", "smtpd_tls_cert_file")
    world.postfix.set(smtpd_tls_key_file=wrong[0], smtpd_tls_cert_file=wrong[1])
    world.postfix.reload()
    wait_until(lambda: case.new_key() == wrong[2], 30, "the wrong key is presented")
    code, found = look()
    case.check(code == 2 and wrong[2][:8] in found["summary"] and finger() == {"Untrusted"},
               "a key without a record is critical, and the sender does not trust it", (found["summary"], finger()))
    case.opinions(2, False, "a key without a record")
    expired = lab_world.expired_cert(world.path("wrong"), right["smtpd_tls_key_file"], "elsewhere.example.net")
    world.postfix.set(smtpd_tls_key_file=right["smtpd_tls_key_file"], smtpd_tls_cert_file=expired)
    world.postfix.reload()
    wait_until(lambda: case.new_key() == world.old_spki, 30, "the right key is presented")
    case.opinions(0, True, "the right key in an expired certificate of another name, which 3 1 1 does not ask for")
    world.postfix.set(smtpd_tls_security_level="none")
    world.postfix.reload()
    case.opinions(2, False, "no STARTTLS where there are records")
    world.postfix.set(smtpd_tls_security_level="may")
    world.postfix.set(**right)
    world.postfix.reload()
    wait_until(lambda: case.new_key() == world.old_spki, 30, "the right key is presented")
    unused = "1 1 1 " + wrong[2]
    world.update("add " + unused, "del " + world.old_record)
    wait_until(lambda: world.records() == {unused}, 60, "every authority shows the other record")
    case.opinions(1, False, "a record that no sender uses: those that insist on DANE find none")
    world.update("add " + world.old_record, "del " + unused)
    wait_until(lambda: world.records() == {world.old_record}, 60, "every authority shows the first record")
    world.silence("ns2")
    code, found = look()
    case.opinions(1, True, "a silent authority")
    world.speak("ns2")
    case.check(code == 1 and "silent" in found["summary"], "a silent authority is a warning: senders ask the others",
               found["summary"])
    before = world.snapshot()
    world.update("add 3 1 1 " + wrong[2])
    wait_until(lambda: len(world.records()) == 2, 60, "every authority shows both records")
    everywhere = time.monotonic()
    wait_until(lambda: time.monotonic() > everywhere + HOLD, HOLD + 5, "the hold is over")
    world.postfix.set(smtpd_tls_key_file=wrong[0], smtpd_tls_cert_file=wrong[1])
    world.postfix.reload()
    wait_until(lambda: case.new_key() == wrong[2], 30, "the other key is presented, rightly now")
    code, found = look()
    case.check(code == 0, "a whole rollover by hand is seen to be well", found["summary"])
    world.regress("ns3", before)
    code, found = look()
    case.check(code == 2 and lab_world.BIND[0] in found["summary"],
               "one authority with old data is critical and named, though most senders notice nothing", found["summary"])
    case.opinions(2, None, "one authority with old data")
    world.recover("ns3")
    world.postfix.stop()
    code, found = look()
    case.check(code == 3, "what could not be looked at is unknown, never well", found["summary"])
    case.opinions(3, False, "nobody answers at the endpoints")


CASES = {function.__name__: function for function in (happy, lag, regression, intercept, partial, chain, byhand,
                                                       others, forgets, verify, crash, twice, naive) + cases_topology.ALL +
         cases_servers.ALL + cases_unit.ALL + cases_monitor.ALL + cases_alerts.ALL + cases_kinds.ALL +
         cases_issuer.ALL + cases_slots.ALL}
NEEDS_NO_DANESAFE = {"naive"}
TWO_ENDPOINTS = {"partial"}


def run_case(name, work, program):
    """Build the world, run the case, print its lines; True when all is well."""
    case = Case(name, work, program)
    begun = time.monotonic()
    shape = dict(cases_topology.WORLDS, **cases_servers.WORLDS).get(name, lab_world.World)
    case.world = shape(work, second_endpoint=name in TWO_ENDPOINTS)
    try:
        with case.world:
            with Probe(case.world, case.world.owner, HOST) as case.probe:
                wait_until(lambda: len(case.probe.handshakes) >= 4, 20, "the first handshakes")
                CASES[name](case)
    except Exception as problem:  # whatever it is, it belongs into the report and the logs with it
        case.check(False, "comes to its end", "%s: %s" % (type(problem).__name__, problem))
    if case.probe:
        case.say(case.probe.summary())
    case.say("%d ok, %d not ok, %.0f s" % (case.passed, case.failed, time.monotonic() - begun))
    if case.failed:
        show_logs(case)
    return case.failed == 0


def show_logs(case):
    """The last lines of every log, for a person."""
    if case.probe:
        for shake in case.probe.failures()[:10]:
            print("#| failed handshake: %r" % (shake,))
    if case.agent:
        try:
            for line in case.agent.table().splitlines():
                print("#| status: " + line)
        except (Problem, OSError) as problem:
            print("#| status: %s" % problem)
    for name, path in case.world.logs().items():
        with open(path, encoding="utf-8", errors="replace") as lines:
            last = lines.read().splitlines()[-40:]
        print("#| ---- the last %d lines of %s" % (len(last), name))
        for line in last:
            print("#| " + line[:300])
    print(end="", flush=True)
