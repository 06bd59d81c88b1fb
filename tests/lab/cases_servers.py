"""What danesafe promises about name servers that say less than all: who speaks for whom, and what it is called.

Each case is a function of a Case (cases.py); worlds of another shape are in topology.py.
"""
import topology
from cases_topology import held_back, to_the_end
from servers import wait_until
from topology import NS4, NoIpv6
from world import HOST, NSD


def noipv6(case):
    """a name server's IPv6 address cannot be reached from here: its IPv4 address speaks for it, said once; with
    ipv6: require it is waited for (E17)"""
    agent = case.adopt()
    noted = [p for p in agent.passes if "noted" in p.err and "2001:db8::22: not asked" in p.err]
    case.world.freeze("ns2")
    agent.run_for(3)
    case.check(len(noted) == 1 and not [p for p in agent.passes[1:] if p.err], "it is said once",
               [p.err for p in agent.passes])
    case.check_pass_codes(0)
    case.rollover()
    case.until_said(NSD[0] + ".*answers without it", NoIpv6.FAR + ".*answers without it")
    held_back(case, "while the address that speaks for it lags")
    with open(agent.config, "a", encoding="ascii") as out:
        out.write("ipv6: require\n")
    case.world.thaw("ns2")
    case.until_said(NoIpv6.FAR + ".*silent: this machine has no IPv6 route")
    wait_until(lambda: len(case.world.records()) == 2, 30, "the others have the new record")
    held_back(case, "while it is required")
    with open(agent.config, encoding="ascii") as config:
        text = config.read()
    with open(agent.config, "w", encoding="ascii") as out:
        out.write(text.replace("ipv6: require", "ipv6: auto"))
    to_the_end(case)


def anycast(case):
    """two servers behind one address, told apart by NSID, one of them lags: named, waited for, seen to catch up (D13)"""
    world = case.world
    world.secondaries["ns4"].mood("several " + NSD[0])
    case.adopt()
    world.freeze("ns2")
    case.agent.run_until(lambda: "behind %s, two" % NS4[0] in case.agent.call("status", "-v", HOST).out, 30,
                         "both are known")
    whole = case.agent.call("status", "-v", HOST).out
    case.check("behind %s, one" % NS4[0] in whole, "status -v names both", whole)
    case.rollover()
    case.until_said(NS4[0] + r"( \(two\)|.* two) .*without it")
    held_back(case, "while one of them lags")
    world.thaw("ns2")
    case.agent.run_until(lambda: case.agent.in_stage("published", "ready", "deployed"), 60, "both have caught up")
    to_the_end(case)


ALL = (noipv6, anycast)
WORLDS = {"noipv6": topology.NoIpv6, "anycast": topology.Crooks}
