"""What danesafe promises to those who watch it with Nagios and Prometheus.

Each case is a function of a Case (cases.py).
"""
import os
import pwd
import re
import sqlite3
import stat
import subprocess
import time

from agent import LONG
from world import HOST, NSD


RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "cron", "danesafe.rules.yml")


def promtool(path):
    """What promtool finds wrong with the metrics; '' for nothing."""
    with open(path, encoding="ascii") as text:
        return subprocess.run(["promtool", "check", "metrics"], stdin=text, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8", check=False).stdout


def metrics(path):
    """{sample with its labels: value}"""
    with open(path, encoding="ascii") as text:
        return dict(line.rsplit(" ", 1) for line in text.read().splitlines() if not line.startswith("#"))


def monitor(case):
    """check says OK, WARNING, CRITICAL and UNKNOWN when it is so, and the metrics say the same"""
    world, prom = case.world, case.world.path("danesafe.prom")
    agent = case.adopt(standby="false")
    with open(agent.config, "a", encoding="ascii") as out:
        out.write("alert: { metrics-file: %s }\n" % prom)
    plugin = world.path("check_danesafe")
    os.symlink(agent.program, plugin)

    def check(*words, config=agent.config, **more):
        done = subprocess.run([plugin, "-c", config] + list(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8", check=False, **more)
        return done.returncode, done.stdout + done.stderr
    agent.run()
    code, text = check()
    case.check(code == 0 and re.fullmatch(r"DANESAFE OK - 1 host, the last run was \d+ s ago \| hosts=1;;;0 "
                                          r"'%s_cert'=\d+s;1209600:;259200: last_run_age=\d+s;7200;21600;0\n" % HOST, text),
               "all is well: OK, one line, with its figures", (code, text))
    case.check(stat.S_IMODE(os.stat(prom).st_mode) == 0o644, "the metrics are there for everybody to read")
    case.check(promtool(prom) == "", "promtool has nothing to say of them", promtool(prom))
    rules = subprocess.run(["promtool", "check", "rules", RULES], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           encoding="utf-8", check=False)
    with open(RULES, encoding="ascii") as text:
        used = set(re.findall(r"\bdanesafe_[a-z_]+", "".join(line for line in text if "expr:" in line)))
    told = {name.split("{")[0] for name in metrics(prom)}
    case.check(rules.returncode == 0 and used and used <= told | {"danesafe_key_stuck"},
               "promtool takes the alert rules, which use only what is told", (rules.stdout, used - told))
    old = world.old_spki[:8]
    found = metrics(prom)
    case.check(found.get('danesafe_key_stage{host="%s",key="%s",slot="rsa",stage="deployed"}' % (HOST, old)) == "1" and
               found.get('danesafe_host_health{host="%s"}' % HOST) == "0" and found.get("danesafe_clock_trusted") == "1",
               "they have the stage of the key, and that all is well", found)
    world.freeze("ns2")
    case.rollover()
    seen = {}

    def gets_worse():
        code, text = check()
        seen.setdefault(code, text)
        return 2 in seen
    agent.run_until(gets_worse, 60, "check says CRITICAL")
    case.check(1 in seen and NSD[0] in seen[1] and seen[1].startswith("DANESAFE WARNING - " + HOST),
               "a name server lags: WARNING, and it is named", seen)
    case.check(NSD[0] in seen[2] and seen[2].count("\n") == 1 and seen[2].count("|") == 1, "it lags on: CRITICAL", seen)
    agent.run()  # check reckons with now, the metrics are of the last run
    found, new = metrics(prom), agent.in_stage("generated")[0][:8]
    lacking = {re.search('address="([^"]*)"', name).group(1) for name, value in found.items()
               if name.startswith("danesafe_tlsa_authority_shown") and value == "0"}
    case.check(lacking == set(NSD), "the metrics name the addresses that lack a record", lacking)
    case.check(found.get('danesafe_key_stuck{host="%s",key="%s"}' % (HOST, new)) == "1" and
               found.get('danesafe_host_health{host="%s"}' % HOST) == "2", "and the key that is stuck", found)
    case.check(promtool(prom) == "", "promtool still has nothing to say", promtool(prom))
    world.thaw("ns2")
    agent.run_until(lambda: check()[0] == 0, LONG, "check says OK again")
    case.until_retired()
    unknown(case, check)
    with open(agent.config, encoding="ascii") as config:
        text = config.read()
    with open(agent.config, "w", encoding="ascii") as out:
        out.write(text.replace(prom, "/nowhere/danesafe.prom"))
    last = agent.run()
    case.check(last.code not in (0, 1) and "metrics are not written" in last.err and "/nowhere" in last.err,
               "metrics that cannot be written are an error, which says where", last)
    case.check_no_failures()


def unknown(case, check):
    """Whatever keeps check from knowing is UNKNOWN, with the reason."""
    state, now = case.world.path("state", "state.db"), int(time.time())

    def when(finished, started=None):
        """What check says when the last run that ended did so then, and began then, or when the last of all did."""
        base = sqlite3.connect(state)
        was = base.execute("SELECT started, finished FROM agent").fetchone()
        base.execute("UPDATE agent SET started = ?, finished = ?", (started or finished, finished))
        base.commit()
        found = check()
        base.execute("UPDATE agent SET started = ?, finished = ?", was)
        base.commit()
        base.close()
        return found

    def is_like(found, code, pattern, promise):
        case.check(found[0] == code and re.match(pattern, found[1]) and found[1].count("\n") == 1, promise, found)
    is_like(when(now - 3 * 3600), 1, "DANESAFE WARNING - .*ended 3 h ago", "no run for three hours: WARNING")
    is_like(when(now - 7 * 3600), 3, "DANESAFE UNKNOWN - .*ended 7 h ago: does the timer run",
            "no run for seven hours: UNKNOWN, whatever the state says")
    is_like(when(now - 7 * 3600, now), 3, "DANESAFE UNKNOWN - .*ended 7 h ago: later ones failed",
            "none that ended: UNKNOWN, and that others began")
    is_like(when(now + 7200), 3, "DANESAFE UNKNOWN - .*future", "a run in the future: UNKNOWN")
    is_like(check("mx9.example.org"), 3, "DANESAFE UNKNOWN - .*mx9", "a host that is not managed: UNKNOWN")
    is_like(check("--frob"), 3, "DANESAFE UNKNOWN - usage", "a wrong command line: UNKNOWN")
    is_like(check(config="/nowhere.yaml"), 3, "DANESAFE UNKNOWN - .*nowhere", "no settings: UNKNOWN")
    nobody = pwd.getpwnam("nobody").pw_uid

    def become_nobody():
        os.setgroups([])
        os.setuid(nobody)
    os.chmod(case.agent.config, 0o644)
    is_like(check(preexec_fn=become_nobody), 3, "DANESAFE UNKNOWN - .*", "a state that may not be read: UNKNOWN")
    os.rename(state, state + ".away")
    is_like(check(), 3, "DANESAFE UNKNOWN - ", "no state: UNKNOWN")
    os.rename(state + ".away", state)


ALL = (monitor,)
