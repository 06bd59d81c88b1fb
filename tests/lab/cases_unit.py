"""What danesafe.service promises: the restrictions that ship with it forbid nothing that a rollover needs."""
import grp
import os
import re
import stat
import subprocess
import time

import agent as lab_agent
from machine import Machine, unit_text
from servers import write

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
    """a whole rollover with each pass under danesafe.service, by a systemd of its own, restrictions and all"""
    path = write("/run/check/danesafe.service", unit_text().replace("/usr/bin/danesafe", "/bin/true"))
    said = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", path], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", check=False).stdout
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    case.check(found and float(found.group(1)) <= EXPOSURE, "its exposure is at most %g" % EXPOSURE,
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


ALL = (service,)
WORLDS = {}
