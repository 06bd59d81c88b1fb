"""What danesafe promises to those who are told by mail: by a real Postfix, into a real mailbox.

Each case is a function of a Case (cases.py).
"""
import email
import email.policy
import os
import time

from servers import write
from world import HOST, NSD

TO = "daemon@" + HOST


def mailbox(case):
    """Who is told has a mailbox; returns what reads it."""
    world, spool = case.world, case.world.path("mail")
    os.makedirs(spool)
    os.chmod(spool, 0o1777)
    world.postfix.set(local_transport="local", mail_spool_directory=spool + "/")
    world.postfix.reload()

    def read():
        path, found = os.path.join(spool, "daemon", "new"), []
        for name in os.listdir(path) if os.path.isdir(path) else ():
            with open(os.path.join(path, name), "rb") as mail:
                found.append(email.message_from_binary_file(mail, policy=email.policy.default))
        return found
    return read


def thread(mails):
    """The one Message-ID that all of them are of, or None."""
    roots = {mail["References"] or mail["Message-ID"] for mail in mails}
    return roots.pop() if len(roots) == 1 else None


def alerts(case):
    """a name server lags: a mail when it begins, one when it is worse, one that it goes on, one that it is over, in one
    thread, by a real Postfix; a sendmail that hangs or fails stops no pass and loses no mail (E16)"""
    world = case.world
    read = mailbox(case)
    sendmail = write(world.path("sendmail"), "#!/bin/sh\nexec /usr/sbin/sendmail -C %s \"$@\"\n" % world.postfix.dir, 0o755)
    agent = case.adopt(standby="false")
    with open(agent.config, encoding="ascii") as config:
        text = config.read().replace("stuck-warning: 5s", "stuck-warning: 3s").replace("stuck-critical: 20s",
                                                                                       "stuck-critical: 10s")
    write(agent.config, text + "alert: { mail-to: [%s], sendmail: %s, repeat: 9s, timeout: 5s }\n" % (TO, sendmail), 0o600)
    tried = agent.must("alert", "test").out
    case.check("mail: handed over" in tried and "command: not set" in tried, "alert test says what became of it", tried)
    world.freeze("ns2")
    case.rollover()
    os.rename(sendmail, sendmail + ".away")
    write(sendmail, "#!/bin/sh\nsleep 1000 &\nwait\n", 0o755)
    agent.run_until(lambda: "sendmail: stopped after 5.0 s" in agent.passes[-1].err, 60, "sendmail hangs")
    case.check(agent.passes[-1].code == 1, "a pass whose sendmail hangs ends as it would", agent.passes[-1].code)
    os.unlink(sendmail)
    agent.run_until(lambda: "alerts by mail" in agent.passes[-1].err, 30, "sendmail cannot be run")
    case.check(agent.passes[-1].code == 1, "a pass that cannot mail ends as it would", agent.passes[-1].code)
    os.rename(sendmail + ".away", sendmail)
    about = lambda: [mail for mail in read() if "pub-lag" in mail.get_content()]
    for number, what in ((1, "begins, told as soon as it can be"), (2, "is worse"), (3, "goes on")):
        agent.run_until(lambda number=number: len(about()) >= number, 60, what)
    world.thaw("ns2")
    agent.run_until(lambda: len(about()) >= 4, 60, "it is over")
    time.sleep(0.5)  # nothing more is on its way
    mails = about()
    case.check(len(mails) == 4, "begin, worse, repeat, over: four mails", [mail["Subject"] for mail in mails])
    case.check(thread(mails) is not None, "they are one thread", [(mail["Message-ID"], mail["References"]) for mail in mails])
    words = sorted(mail["Subject"].split()[1] for mail in mails)
    case.check(words[0] == "CRITICAL" and words.count("over") == 1, "their subjects say how bad it is", words)
    first = [mail for mail in mails if not mail["References"]][0]
    case.check(all(mail["Auto-Submitted"] == "auto-generated" and mail["Return-Path"] == "<>" for mail in mails),
               "nobody answers them: no sender, Auto-Submitted", [mail.items() for mail in mails[:1]])
    case.check(NSD[0] in first.get_content() and "For mail now: Mail is not affected." in first.get_content() and
               "  You: " in first.get_content(), "they say what, for mail now, and what to do", first.get_content())


ALL = (alerts,)
