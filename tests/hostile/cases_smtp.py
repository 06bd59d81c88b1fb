"""Cases of the sweep: what stands at an endpoint instead of a mail server, and what danesafe calls it."""
import collections
import ssl
import time

Case = collections.namedtuple("Case", "name behaviour result words options")
DOWN, SEEN = "down", "seen"
FLOOD = 400  # times a line of 1000 bytes
HANDSHAKE_FAILURE, INTERNAL_ERROR = b"\x28", b"\x50"
LATE = "within the time"


def case(name, behaviour, result, words, **options):
    """A row. down: a pattern of the reason; seen: the names of exactly those keys that are presented. Options:
    uses      keys and certificates that must be there
    listens   False: nobody does
    steps     a function of the room that does it all and returns what is wrong
    clean     the endpoint presents the new key and no other of its kind (default: seen, and only new)
    """
    return Case(name, behaviour, result, words, options)


def new(talk):
    """What a good server does."""
    talk.until_tls()
    talk.tls("new")


def rest(talk):
    """A good server, behind its greeting."""
    talk.line()
    talk.say(b"250-hostile\r\n250 STARTTLS\r\n")
    talk.line()
    talk.say(b"220 go on\r\n")
    talk.tls("new")


def presenting(*identities, **how):
    def behave(talk):
        talk.until_tls()
        talk.tls(*identities, **how)
    return behave


def saying(*pieces, then=None, pause=0.0):
    """This in place of the greeting."""
    def behave(talk):
        talk.say(*pieces, pause=pause)
        (then or (lambda talk: talk.wait()))(talk)
    return behave


def answering_ehlo(*pieces, pause=0.0):
    def behave(talk):
        talk.greet()
        talk.say(*pieces, pause=pause)
        talk.wait()
    return behave


def answering_starttls(*pieces, then=None, pause=0.0):
    def behave(talk):
        talk.offer()
        talk.say(*pieces, pause=pause)
        (then or (lambda talk: talk.wait()))(talk)
    return behave


def answering_hello(*pieces):
    """Bytes in place of TLS."""
    def behave(talk):
        talk.until_tls()
        talk.hello()
        talk.say(*pieces)
        talk.wait()
    return behave


def alert(number):
    return answering_hello(b"\x15\3\3\0\2\2" + number)


def closing(after, reset=False):
    """The end after so many steps."""
    def behave(talk):
        steps = (lambda: None, lambda: talk.say(b"220 hostile ESMTP\r\n"), talk.line,
                 lambda: talk.say(b"250-hostile\r\n"), lambda: talk.say(b"250 STARTTLS\r\n"), talk.line,
                 lambda: talk.say(b"220 go on\r\n"), talk.hello, lambda: talk.say(b"\x16\3\3\0\x5a\2\0"))
        for step in steps[:after + 1]:
            step()
        if reset:
            talk.reset()
    return behave


def in_turn(*behaviours):
    """Another for each connection."""
    return lambda talk: behaviours[(talk.nth - 1) % len(behaviours)](talk)


def never_good_bye(talk):
    talk.until_tls()
    link = talk.kit.context("new").wrap_socket(talk.peer, server_side=True)
    while link.recv(100):
        time.sleep(0.05)
    time.sleep(3)


def rude_end(talk):
    talk.until_tls()
    talk.kit.context("new").wrap_socket(talk.peer, server_side=True)
    talk.reset()


def drip_tls(talk):
    talk.until_tls()
    talk.drip_tls("new", 0.05)


def implicit_tls(talk):
    talk.tls("new")


def liars_while_retiring(room):
    """The old record stays as long as an endpoint is not seen to be clean, be the retire hold over or not."""
    wrong, old = [], room.world.old_spki
    room.agent.run_until(lambda: room.agent.stages()[old] == "retiring", 30, "the old key is retiring")
    for behaviour in (closing(0), closing(5), alert(HANDSHAKE_FAILURE), OLD, in_turn(OLD, NEW), answering_ehlo(b"250 a\r\n")):
        for endpoint in room.endpoints.values():
            endpoint.behave(behaviour)
        room.agent.run()
        if room.agent.stages()[old] not in ("deployed", "retiring") or room.world.old_record not in room.world.records():
            wrong.append("the old key is %s, its record %s" % (
                room.agent.stages()[old], "still there" if room.world.old_record in room.world.records() else "gone"))
        time.sleep(1)
    room.behave()
    room.agent.run_until(room.agent.old_is_over, 40, "the old key is retired when all is clean")
    return wrong


def endless(line):
    return [line * 10] * FLOOD


LINE = b"-" + b"x" * 900 + b"\r\n"
V = ssl.TLSVersion
OLD, NEW = presenting("old"), new

CASES = [
    # ---- no mail server
    case("nobody-listens", new, DOWN, "Connection refused", listens=False),
    case("tarpit", lambda talk: talk.wait(), DOWN, "no greeting " + LATE),
    case("implicit-tls", implicit_tls, DOWN, "no greeting " + LATE),
    case("http", saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), DOWN, "not an SMTP reply: HTTP/1.1 400"),
    case("ssh", saying(b"SSH-2.0-OpenSSH_9.2\r\n"), DOWN, "not an SMTP reply: SSH-2.0"),
    case("nul-bytes", saying(bytes(5000)), DOWN, "has no end"),
    case("nothing-but-nul-line", saying(bytes(3) + b"\r\n"), DOWN, r"not an SMTP reply: \\x00"),

    # ---- greetings
    case("greeting-421", saying(b"421 too busy\r\n"), DOWN, "the server refuses: 421 too busy"),
    case("greeting-554", saying(b"554 no\r\n"), DOWN, "the server refuses: 554 no"),
    case("greeting-554-escapes", saying(b"554 \x1b[2J\x1b]0;x\x07\x9b31m\r\n"), DOWN, r"the server refuses: 554 \\x1b\[2J\\x1b"),
    case("greeting-escapes", saying(b"220 \x1b[2J\x1b]0;x\x07\r\n", then=rest), SEEN, ["new"]),
    case("greeting-endless", saying(*endless(b"220" + LINE)), DOWN, "talks without an end"),
    case("greeting-1-mb", saying(b"220 " + b"x" * 1000000), DOWN, "line of the server has no end"),
    case("greeting-drip", saying(*[b"220 hostile ESMTP and so on"[at:at + 1] for at in range(24)], pause=0.5), DOWN,
         "no greeting " + LATE),
    case("greeting-of-slow-lines", saying(*[b"220-slow\r\n"] * 24, pause=0.5), DOWN, "no greeting " + LATE),
    case("greeting-of-two-codes", saying(b"220-a\r\n250 b\r\n"), DOWN, "not an SMTP reply: 250 b"),
    case("greeting-and-more", saying(b"220 a\r\n250-b\r\n250 STARTTLS\r\n"), DOWN, "sent more than its reply"),
    case("greeting-line-feeds", saying(b"220 a\n", then=rest), SEEN, ["new"]),

    # ---- EHLO
    case("no-starttls", answering_ehlo(b"250-hostile\r\n250 SIZE\r\n"), DOWN, "STARTTLS is not offered"),
    case("starttls-as-a-name", answering_ehlo(b"250 STARTTLS\r\n"), DOWN, "STARTTLS is not offered"),
    case("starttls-misspelt", answering_ehlo(b"250-hostile\r\n250 STARTTLSX\r\n"), DOWN, "STARTTLS is not offered"),
    case("ehlo-502", answering_ehlo(b"502 what\r\n"), DOWN, "the server refuses: 502 what"),
    case("ehlo-endless", answering_ehlo(*endless(b"250" + LINE)), DOWN, "talks without an end"),
    case("ehlo-1-mb", answering_ehlo(b"250-" + b"x" * 1000000), DOWN, "line of the server has no end"),
    case("ehlo-slow-lines", answering_ehlo(*[b"250-slow\r\n"] * 24, pause=0.5), DOWN, "no answer " + LATE),
    case("ehlo-silence", answering_ehlo(), DOWN, "no answer " + LATE),

    # ---- STARTTLS
    case("starttls-454", answering_starttls(b"454 not now\r\n"), DOWN, "the server refuses: 454 not now"),
    case("starttls-250", answering_starttls(b"250 ok\r\n"), DOWN, "the server refuses: 250 ok"),
    case("starttls-silence", answering_starttls(), DOWN, "no answer " + LATE),
    case("starttls-text-behind", answering_starttls(b"220 go on\r\n250 injected\r\n"), DOWN, "sent more than its reply"),
    case("starttls-text-later", answering_starttls(b"220 go on\r\n", b"250 injected\r\n", pause=0.1,
                                                   then=lambda talk: talk.tls("new")), DOWN, "TLS handshake"),

    # ---- TLS
    case("tls-silence", answering_starttls(b"220 go on\r\n"), DOWN, "TLS handshake did not end " + LATE),
    case("tls-plain-text", answering_hello(b"250 ok\r\n250 still SMTP here\r\n"), DOWN, "TLS handshake: wrong version"),
    case("tls-garbage", answering_hello(b"\x16\3\3\xff\xff" + b"\xa5" * 70000), DOWN, "TLS handshake: "),
    case("tls-alert-no-key", alert(HANDSHAKE_FAILURE), DOWN, "TLS handshake: .*handshake failure"),
    case("tls-alert-internal", alert(INTERNAL_ERROR), DOWN, "TLS handshake: .*internal error"),
    case("tls-drip", drip_tls, DOWN, "TLS handshake did not end " + LATE),
    case("tls-no-certificate", presenting(ciphers="aNULL:@SECLEVEL=0", versions=(None, V.TLSv1_2)), DOWN,
         "TLS handshake: .*handshake failure"),
    case("tls-1.0", presenting("new", versions=(V.TLSv1, V.TLSv1)), SEEN, ["new"]),
    case("tls-1.2", presenting("new", versions=(V.TLSv1_2, V.TLSv1_2)), SEEN, ["new"]),
    case("tls-1.3", presenting("new", versions=(V.TLSv1_3, None)), SEEN, ["new"]),
    case("tls-wants-our-certificate", presenting("new", ask=ssl.CERT_REQUIRED, versions=(None, V.TLSv1_2)), DOWN,
         "TLS handshake: .*alert"),
    case("tls-likes-our-certificate", presenting("new", ask=ssl.CERT_OPTIONAL), SEEN, ["new"]),
    case("tls-no-such-name", presenting("new", by_name=lambda told: told and ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME),
         DOWN, "TLS handshake: .*unrecognized name"),
    case("tls-no-good-bye", never_good_bye, SEEN, ["new"]),
    case("tls-rude-end", rude_end, SEEN, ["new"]),

    # ---- certificates of the new key
    case("cert-100-names", presenting("hundred"), SEEN, ["new"], uses=["hundred"]),
    case("cert-expired", presenting("expired"), SEEN, ["new"], uses=["expired"]),
    case("cert-future", presenting("future"), SEEN, ["new"], uses=["future"]),
    case("cert-dates-backward", presenting("backward"), SEEN, ["new"], uses=["backward"]),
    case("cert-nul-in-names", presenting("nul"), SEEN, ["new"], uses=["nul"]),
    case("cert-escapes-in-names", presenting("escapes"), SEEN, ["new"], uses=["escapes"]),
    case("cert-chain-of-25", presenting("chain"), SEEN, ["new"], uses=["chain"]),
    case("cert-chain-of-250", presenting("endless-chain"), DOWN, "TLS handshake: excessive message size",
         uses=["endless-chain"]),

    # ---- other keys
    case("key-old", OLD, SEEN, ["old"]),
    case("key-other", presenting("other"), SEEN, ["other"], uses=["other"]),
    case("key-rsa-1024", presenting("rsa1024"), SEEN, ["rsa1024"], uses=["rsa1024"]),
    case("key-rsa-16384", presenting("rsa16384"), SEEN, ["rsa16384"], uses=["rsa16384"]),
    case("key-ec-alone", presenting("ec"), SEEN, ["ec"], uses=["ec"]),
    case("key-ec-beside", presenting("new", "ec"), SEEN, ["ec", "new"], uses=["ec"], clean=True),
    case("key-ed25519", presenting("ed25519"), SEEN, ["ed25519"], uses=["ed25519"]),
    case("key-ed25519-beside", presenting("new", "ed25519"), SEEN, ["ed25519", "new"], uses=["ed25519"], clean=True),
    case("keys-half-old", in_turn(OLD, NEW), SEEN, ["new", "old"]),
    case("keys-one-old-of-six", in_turn(NEW, NEW, NEW, OLD, NEW, NEW), SEEN, ["new", "old"]),
    case("keys-all-others", in_turn(presenting("other"), presenting("rsa1024"), NEW), SEEN, ["new", "other", "rsa1024"],
         uses=["other", "rsa1024"]),
    case("keys-by-name", presenting("new", by_name=lambda told: None if told else "old"), SEEN, ["new", "old"]),
    case("one-of-six-closed", in_turn(NEW, NEW, closing(0), NEW, NEW, NEW), DOWN, "closed the connection"),
    case("one-of-six-no-starttls", in_turn(NEW, NEW, NEW, NEW, NEW, answering_ehlo(b"250 a\r\n")), DOWN, "not offered"),
    case("liars-while-retiring", new, SEEN, ["new"], steps=liars_while_retiring),
] + [
    # ---- the end at every point
    case("closed-%d-%s" % (after, word), closing(after), DOWN, words) for after, word, words in (
        (0, "at-once", "closed the connection"), (1, "after-greeting", "(closed the connection|reset|Broken)"),
        (2, "after-ehlo", "closed the connection"), (3, "in-the-answer", "closed the connection"),
        (4, "after-the-answer", "(closed the connection|reset|Broken)"), (5, "after-starttls", "closed the connection"),
        (6, "before-tls", "TLS handshake: the connection ended"), (7, "after-hello", "TLS handshake: the connection ended"),
        (8, "in-tls", "TLS handshake: the connection ended"))
] + [
    case("reset-%d" % after, closing(after, reset=True), DOWN, "(reset|connection ended|Broken pipe|closed)")
    for after in (0, 2, 5, 7, 8)
]

