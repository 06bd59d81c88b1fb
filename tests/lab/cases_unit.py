"""What danesafe.service promises: the restrictions that ship with it forbid nothing that a rollover needs."""
import grp
import os
import re
import stat
import subprocess
import time

import agent as lab_agent
import cases_alerts
from machine import NAMES, Machine, unit_text
from servers import wait_until, write

EXPOSURE = 2.5  # at most, as systemd-analyze reckons it


class UnitAgent(lab_agent.Agent):
    """Passes are starts of danesafe.service."""

    machine = None

    def __init__(self, world, program, **settings):
        super().__init__(world, program, **settings)
        self.machine.install(program, self.config)

    def run(self, **environment):
        begun = time.monotonic()
        code, out, err = self.machine.start_unit()
        result = lab_agent.Pass(begun, time.monotonic(), code, out, err)
        self.note("%.2f danesafe.service: exit %d, %.2f s\n%s%s" % (begun, code, result.ended - begun, out, err))
        self.passes.append(result)
        return result


def service(case):
    """a whole rollover with each pass under danesafe.service, by a systemd of its own, restrictions and all;
    then a run that is killed, and one with a bad config: told by mail, once, and that it is over"""
    for name in NAMES:
        path = write("/run/check/%s.service" % name, unit_text(name).replace("/usr/bin/danesafe", "/bin/true"))
        said = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", path],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False).stdout
        found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
        case.check(found and float(found.group(1)) <= EXPOSURE, "the exposure of %s is at most %g" % (name, EXPOSURE),
                   found.group(0) if found else said[-300:])
    machine = Machine(case.world)
    why = machine.missing() or machine.boot()
    if why:
        case.say("skipped: systemd does not run here: %s" % why)
        return
    try:
        _rollover(case, machine)
    finally:
        machine.call("postfix", "-c", case.world.postfix.dir, "stop")
        machine.stop()


def _rollover(case, machine):
    postfix = case.world.postfix
    read = cases_alerts.mailbox(case)
    postfix.stop()  # the one that danesafe reloads must be where danesafe is
    machine.must("postfix", "-c", postfix.dir, "start")
    UnitAgent.machine = machine
    before = len(case.probe.handshakes)
    agent = case.adopt(kind=UnitAgent)
    case.until_ready()
    case.rollover()
    case.until_retired()
    case.check_order()
    case.check_pass_codes(0)
    status = machine.must("systemctl", "show", "danesafe.service", "-p", "ProtectSystem,NoNewPrivileges,Result")
    case.check("ProtectSystem=strict" in status and "NoNewPrivileges=yes" in status, "each pass was under the restrictions",
               status)
    state = case.world.path("state", "state.db")
    case.check((os.stat(state).st_gid, stat.S_IMODE(os.stat(state).st_mode)) == (grp.getgrnam("adm").gr_gid, 0o640),
               "the state that it made is for group adm to read", os.stat(state))
    bad = [s for s in case.probe.handshakes[before + 20:] if not s.ok]
    case.check(not bad, "no DANE handshake failed after Postfix had moved there", bad[:1])
    case.check(agent.in_stage("deployed") == [case.new_key()], "status calls deployed what is presented", agent.stages())
    _failures(case, machine, agent, read)


def _failures(case, machine, agent, read):
    """Of runs that cannot say it themselves; E16."""
    world = case.world
    sendmail = write(world.path("sendmail"), "#!/bin/sh\nexec /usr/sbin/sendmail -C %s \"$@\"\n" % world.postfix.dir, 0o755)
    with open(agent.config, encoding="ascii") as config:
        good = config.read() + "alert: { mail-to: [%s], sendmail: %s, repeat: 15s }\n" % (cases_alerts.TO, sendmail)
    write(agent.config, good, 0o600)
    about = lambda: [mail for mail in read() if "run-failed" in mail.get_content()]
    case.check(not machine.alerted(), "nothing was told of runs that ended well")

    world.silence("ns2")  # it is waited for: the run lasts
    machine.must("systemctl", "start", "--no-block", "danesafe.service")
    wait_until(lambda: machine.shown("danesafe.service", "MainPID")["MainPID"] != "0", 20, "a run has begun")
    machine.must("systemctl", "kill", "-s", "KILL", "danesafe.service")
    first = wait_until(machine.alerted, 20, "danesafe-alert.service ran")
    world.speak("ns2")
    wait_until(about, 20, "a mail")
    case.check("(signal KILL)" in about()[0].get_content(), "a run that was killed is told by mail, with how it ended",
               about()[0].get_content())

    entries = machine.journal("DANESAFE_CODE=run-failed")
    case.check([(one["_SYSTEMD_UNIT"], one["PRIORITY"], one["DANESAFE_EVENT"]) for one in entries] ==
               [("danesafe-alert.service", "4", "raised")], "the journal has it, with fields and of the unit", entries)
    lines = machine.must("journalctl", "-u", "danesafe-alert", "-o", "cat")
    case.check(lines.count("(signal KILL)") == 1, "and once, where standard error is the journal, too", lines)

    write(agent.config, good + "nonsense: 1\n", 0o600)
    case.check(agent.run().code == 78, "a bad config is refused", agent.passes[-1])
    wait_until(lambda: machine.alerted(first), 20, "danesafe-alert.service ran again")
    done = machine.shown("danesafe-alert.service", "Result", "ExecMainStatus")
    case.check(done == {"Result": "success", "ExecMainStatus": "0"}, "a bad config is no reason not to tell", done)
    write(agent.config, good, 0o600)
    agent.run_until(lambda: len(about()) == 2, 30, "it is over")
    mails = about()
    case.check(sorted(mail["Subject"].split()[1] for mail in mails) == ["WARNING", "over"],
               "what fails again is no second mail; a run that does not fail ends it", [mail["Subject"] for mail in mails])
    case.check(cases_alerts.thread(mails) is not None, "both are one thread")


ALL = (service,)
WORLDS = {}
