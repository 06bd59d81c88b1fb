"""Many calls at once, and Postfix's own postconf between them: no mixed pair, no lost setting, nothing left."""
import os
import re
import subprocess
import threading

from hostile_room import age, brief, deployed_problems, finish, made_problems

PAIRS = {"rsa": ("M/rsa.pem", "M/rsa.key"), "rsa2": ("M/rsa2.pem", "M/rsa2.key"),
         "ec": ("M/ec.pem", "M/ec.key"), "ec2": ("M/ec2.pem", "M/ec2.key")}
ALGORITHMS = ("rsa", "ecdsa", "ecdsa", "rsa", "ecdsa", "rsa", "ecdsa", "ecdsa")
OTHER = "default_process_limit"
ROUNDS = 5


def at_once(room, commands):
    """Start them all, then wait: ([what is wrong], [Result])."""
    running = [room.start(*words) for words in commands]
    results = [finish(process, limit=60) for process in running]
    wrong = ["%s: exit %s: %s" % (" ".join(words[:3]), result.code, brief(result.err))
             for words, result in zip(commands, results) if result.code != 0]
    return wrong, results


def new_keys(room):
    """Eight different whole pairs, in the same second or not."""
    wrong, _ = at_once(room, [("new-server-key", "-a", name) for name in ALGORITHMS])
    return wrong + made_problems(room, 8)


def new_certs(room):
    """The key in use is copied eight times: eight whole pairs, of one key."""
    room.add_settings("smtpd_tls_eckey_file = %s/ec.key" % room.material)
    wrong, _ = at_once(room, [("new-server-cert", "-a", "ecdsa")] * 8)
    more = made_problems(room, 8)
    if len(more) != 1 or "only 1 different" not in more[0]:
        wrong += more or ["not the same key eight times"]
    return wrong


def said_names(room, results):
    """Every call names a pair of its own: no two claim the same files."""
    said = [frozenset(re.findall(r"(?:ec)?key-\d{8}-\d{6}\.pem", result.err)) for result in results]
    made = {name for name in room.made() if "key-" in name}
    wrong = ["it names no key: " + brief(result.err) for names, result in zip(said, results) if len(names) != 1]
    return wrong or ([] if frozenset().union(*said) == made else ["two calls name the same key"])


def new_keys_named(room):
    wrong, results = at_once(room, [("new-server-key", "-a", "ecdsa")] * 8)
    return wrong or said_names(room, results)


def enable_servers(room):
    """One wins, the others see that it is enabled."""
    wrong, results = at_once(room, [("enable-server", "-a", "rsa" if n % 2 else "ecdsa") for n in range(8)])
    losers = sum("no changes" in result.err for result in results)
    if losers != 7:
        wrong.append("%d instead of 7 say that nothing was changed" % losers)
    return wrong + made_problems(room, 1) + deployed_problems(room, 1)


def deploys(room):
    """A key and the certificate of another call never stand together."""
    wrong, _ = at_once(room, [("deploy-server-cert",) + pair for pair in PAIRS.values()] * 2)
    return wrong + deployed_problems(room, 2) + made_problems(room, 0)


def all_kinds(room):
    """Every writing command at the same time."""
    wrong, _ = at_once(room, [("enable-client",), ("enable-server", "-a", "ecdsa"), ("new-server-key", "-a", "ecdsa"),
                              ("deploy-server-cert",) + PAIRS["rsa"], ("new-server-cert", "-a", "rsa"),
                              ("enable-client",), ("output-server-tlsa", "M/rsa.key")])
    wrong += deployed_problems(room, None) + [text for text in made_problems(room, 0) if text.startswith("left")]
    settings = room.settings()
    if not isinstance(settings, dict) or settings.get("smtp_tls_security_level") != "may":
        wrong.append("enable-client is lost")
    return wrong


class Loop(threading.Thread):
    """The only writer of one parameter: what it wrote last must be there whenever it looks."""

    def __init__(self, room):
        super().__init__(daemon=True)
        self.room, self.over, self.count, self.wrong = room, threading.Event(), 0, []

    def run(self):
        while not self.over.is_set() and not self.wrong:
            self.count += 1
            done = subprocess.run(["/usr/sbin/postconf", "-c", self.room.etc, "-e", "%s = %d" % (OTHER, self.count)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
            if done.returncode != 0:
                self.wrong.append("postconf -e: " + brief(done.stderr.decode(errors="replace")))
            # Postfix's programs wait while main.cf is younger than two seconds: let it look old
            age(self.room.etc)
            self.over.wait(0.02)
            found = values(self.room, OTHER)
            if found != [str(self.count)]:
                self.wrong.append("postconf -e of %d is lost: main.cf has %s" % (self.count, found))


def values(room, parameter):
    """What main.cf sets it to, without asking postconf, which would wait."""
    with open(os.path.join(room.etc, "main.cf"), encoding="utf-8") as text:
        return re.findall(r"^%s = (.*)$" % parameter, text.read(), re.M)


def deploy_in_turn(room, names, prefix, wrong):
    """The only one that deploys this algorithm: so each pair is there when the call ends."""
    for number in range(ROUNDS):
        pair = room.words(PAIRS[names[number % 2]])
        trouble, _ = room.must("deploy-server-cert", *pair)
        age(room.etc)
        found = values(room, "smtpd_tls_%scert_file" % prefix) + values(room, "smtpd_tls_%skey_file" % prefix)
        wrong += trouble
        if not trouble and found != pair:
            wrong.append("deploy %d is lost: main.cf has %s" % (number, found))


def with_postconf(room):
    """Ten deploys while postconf -e changes another parameter without end: no update of either is lost."""
    loop, wrong = Loop(room), []
    threads = [threading.Thread(target=deploy_in_turn, args=(room, names, prefix, wrong))
               for names, prefix in ((("rsa", "rsa2"), ""), (("ec", "ec2"), "ec"))]
    for thread in [loop] + threads:
        thread.start()
    for thread in threads:
        thread.join()
    loop.over.set()
    loop.join()
    age(room.etc)
    if loop.count < 5:
        wrong.append("only %d turns of postconf -e" % loop.count)
    return wrong + loop.wrong + deployed_problems(room, 2) + made_problems(room, 0)


def with_foreign_lock(room):
    """Another program holds Postfix's lock on main.cf.tmp for a while: danesafe waits, and its edit is not lost."""
    import fcntl
    path = os.path.join(room.etc, "main.cf.tmp")
    with open(path, "w", encoding="ascii") as lock:
        os.chmod(path, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = room.start("enable-client")
        try:
            process.wait(1.0)
            early = True
        except subprocess.TimeoutExpired:
            early = False
        unchanged = values(room, "smtp_tls_security_level") == []
        # as postconf ends its edit: the new file takes the place of the old
        lock.write(room.main_cf() + "relayhost = kept.example\n")
        lock.flush()
        os.rename(path, os.path.join(room.etc, "main.cf"))
    result = finish(process)
    wrong = ["it did not wait"] if early or not unchanged else []
    wrong += [] if result.code == 0 else ["exit %s: %s" % (result.code, brief(result.err))]
    if values(room, "relayhost") != ["kept.example"]:
        wrong.append("the other's change is lost")
    if values(room, "smtp_tls_security_level") != ["may"]:
        wrong.append("its own change is lost")
    return wrong + made_problems(room, 0)


SLOW = ["many-with-postconf", "many-enable-servers", "many-deploys", "many-all-kinds"]
CASES = {
    "many-new-keys": new_keys,
    "many-new-keys-named": new_keys_named,
    "many-new-certs": new_certs,
    "many-enable-servers": enable_servers,
    "many-deploys": deploys,
    "many-all-kinds": all_kinds,
    "many-with-postconf": with_postconf,
    "many-with-foreign-lock": with_foreign_lock,
}
