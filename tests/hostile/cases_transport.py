"""Cases of the way: datagrams, connections, and messages that are none."""
import struct

from dnscase import *
from dnsserver import CLOSE, RESET, Away, Pause, Raw
from dnswire import A, CNAME, OPT, TC, Message, name

LENGTH = struct.Struct("!H")
NO_ANSWER, MALFORMED = r"^no answer", r"^malformed answer"
OVER_TCP = r" \(over TCP, after a truncated answer\)(, as with the questions before)?$"


def framed(q):
    wire = q.honest().wire()
    return LENGTH.pack(len(wire)) + wire


def first(*before):
    """These items, made of the honest bytes, then the honest answer."""
    def behave(q):
        for make in before:
            yield make(q.honest().wire())
        yield q.honest().wire()
    return behave


def only(*items):
    def behave(q):
        for make in items:
            yield make(q.honest().wire())
    return behave


def wrong_id(wire):
    return LENGTH.pack(LENGTH.unpack_from(wire)[0] ^ 0x5A5A) + wire[2:]


def question_is(owner=None, rtype=None, rclass=None):
    def make(wire):
        message = Message(wire)
        was = message.question[0]
        message.question = [(owner or was[0], rtype or was[1], rclass or was[2])]
        return message.wire()
    return make


def away(address=None):
    return lambda wire: Away(wire, address)


def counts(*numbers):
    return lambda wire: Message(wire).wire(numbers)


def after_head(data):
    """The head of the answer and its counts, and this instead of all names and records."""
    return lambda wire: wire[:12] + data


def pointing(target):
    """The owner of the first record points there."""
    def make(wire):
        at = 12 + len(OWNER) + 4
        return wire[:at] + LENGTH.pack(0xC000 | (target if target >= 0 else at)) + wire[at + len(OWNER):]
    return make


def pointing_at_the_next(wire):
    """The owner of the first record is, by a pointer, that of the second: the right name, but behind it."""
    at = 12 + len(OWNER) + 4
    size = LENGTH.unpack_from(wire, at + len(OWNER) + 8)[0]
    return wire[:at] + LENGTH.pack(0xC000 | at + 2 + 10 + size) + wire[at + len(OWNER):]


def drip(pause, size=1):
    def behave(q):
        wire = framed(q)
        for at in range(0, len(wire), size):
            yield Raw(wire[at:at + size])
            yield Pause(pause)
    return behave


def raw(make):
    def behave(q):
        for item in make(q):
            yield item
    return behave


def padded(to, each_size=1000):
    """An honest answer with unsigned records of an unknown type behind it, up to so many bytes."""
    def change(message, _q):
        while True:
            room = to - len(message.wire()) - 11
            if room < 0:
                break
            size = min(each_size, room)
            if 0 < room - size < 11:
                size -= 11
            message.additional.append(record(bytes(size), owner=b"\0", rtype=65399))
    return change


def many_tlsa(count):
    def change(message, _q):
        message.answer += [record(b"\3\1\1" + struct.pack("!I", at) * 8) for at in range(count)]
    return change


def many_small(count):
    def change(message, _q):
        message.answer += [record(b"x", owner=b"\0", rtype=65399) for _ in range(count)]
    return change


def two_opts(message, _q):
    message.additional += [rr.copy() for rr in message.additional if rr.type == OPT]


def opt_first(message, _q):
    message.additional.append(record(b"\x7f\0\0\1", owner=ZONE, rtype=A))


def opt_in_answer(message, _q):
    message.answer += [rr for rr in message.additional if rr.type == OPT]
    message.additional = []


def opt_with_owner(message, _q):
    for rr in message.additional:
        rr.owner = ZONE


def silent_from(number):
    """So many questions are answered, then none."""
    def behave(q):
        if q.nth < number:
            yield from honest(q)
    return behave


def late(seconds):
    def behave(q):
        yield Pause(seconds)
        yield from honest(q)
    return behave


def formerr_without_opt(q):
    message = q.honest()
    message.empty()
    message.additional = []
    message.rcode(1)
    yield message.wire()


def other_case(message, _q):
    swap = lambda owner: owner.replace(b"mx1", b"mX1")
    message.question = [(swap(message.question[0][0]),) + message.question[0][1:]]
    for rr in message.answer:
        rr.owner = swap(rr.owner)


def two_messages(q):
    wire = framed(q)
    yield Raw(wire[:3] + b"")
    yield Pause(0.2)
    yield Raw(wire[3:] + wire)


CASES = [
    # ---- datagrams
    case("silence", silence, SILENT, NO_ANSWER),
    case("silence-to-tlsa", tlsa(silence), SILENT, NO_ANSWER),
    case("silence-after-three", silent_from(4), SILENT, "no answer"),
    case("nobody-listens", silence, SILENT, "^connection refused", udp=False, tcp=False),
    case("only-over-ipv6", silence, SILENT, NO_ANSWER, v6=honest, look6=SHOWN, words6="^$"),
    case("late", tlsa(late(0.4)), SHOWN),
    case("one-lost", tlsa(silence, honest), SHOWN),
    case("wrong-id", tlsa(only(wrong_id)), SILENT, NO_ANSWER),
    case("wrong-id-first", tlsa(first(wrong_id, wrong_id)), SHOWN),
    case("wrong-question", tlsa(only(question_is(name("_25._tcp.mx2.example.org")))), SILENT, NO_ANSWER),
    case("wrong-question-type", tlsa(only(question_is(rtype=A))), SILENT, NO_ANSWER),
    case("wrong-question-class", tlsa(only(question_is(rclass=3))), SILENT, NO_ANSWER),
    case("wrong-question-first", tlsa(first(question_is(name("example.net")))), SHOWN),
    case("other-port", tlsa(only(away())), SILENT, NO_ANSWER),
    case("other-address", tlsa(only(away("127.0.0.99"))), SILENT, NO_ANSWER, v6=tlsa(only(away("fd00::99")))),
    case("other-address-first", tlsa(first(away("127.0.0.99"))), SHOWN, v6=tlsa(first(away("fd00::99")))),
    case("zero-bytes", tlsa(only(lambda wire: b"")), SILENT, NO_ANSWER),
    case("zero-bytes-first", tlsa(first(lambda wire: b"", lambda wire: b"")), SHOWN),
    case("three-bytes", tlsa(only(lambda wire: wire[:3])), SILENT, NO_ANSWER),
    case("three-bytes-first", tlsa(first(lambda wire: wire[:3])), SHOWN),
    case("head-only", tlsa(only(lambda wire: wire[:12])), SILENT, NO_ANSWER + "|" + MALFORMED),
    case("oversized", tlsa(only(lambda wire: wire + bytes(3000))), SILENT, MALFORMED),
    case("oversized-then-tcp", tlsa(lambda q: iter([q.honest().wire() + (b"" if q.tcp else bytes(3000))])), SHOWN),

    # ---- messages that are none
    case("cut-in-the-middle", tlsa(only(lambda wire: wire[:len(wire) // 2])), SILENT, MALFORMED),
    case("cut-by-one", tlsa(only(lambda wire: wire[:-1])), SILENT, MALFORMED),
    case("trailing-bytes", tlsa(only(lambda wire: wire + b"\0")), SILENT, MALFORMED),
    case("pointer-to-itself", tlsa(only(pointing(-1))), SILENT, MALFORMED),
    case("pointer-forward", tlsa(only(pointing(400))), SILENT, MALFORMED),
    case("pointer-forward-to-the-right-name", tlsa(only(pointing_at_the_next)), SILENT, MALFORMED),
    case("pointer-to-the-head", tlsa(only(pointing(2))), SILENT, MALFORMED + "|denies"),
    case("pointers-in-a-ring", tlsa(only(after_head(b"\xc0\x0e\xc0\x0c" + bytes(8)))), SILENT,
         MALFORMED + "|" + NO_ANSWER),
    case("counts-too-high", tlsa(only(counts(1, 65535, 65535, 65535))), SILENT, MALFORMED),
    case("counts-too-low", tlsa(only(counts(1, 1, 0, 0))), SILENT, MALFORMED),
    case("no-question", tlsa(only(lambda wire: counts(0, 3, 0, 1)(wire))), SILENT, NO_ANSWER + "|" + MALFORMED),
    case("two-questions", tlsa(changed(lambda m, q: m.question.append(m.question[0]))), SILENT,
         NO_ANSWER + "|" + MALFORMED),
    case("two-opts", tlsa(changed(two_opts)), SILENT, MALFORMED),
    case("opt-not-last", tlsa(changed(opt_first)), SHOWN),
    case("opt-in-answer", tlsa(changed(opt_in_answer)), SILENT, MALFORMED),
    case("opt-with-owner", tlsa(changed(opt_with_owner)), SILENT, MALFORMED),
    case("other-case", tlsa(changed(other_case)), SHOWN),
    case("other-opcode", tlsa(flags(on=0x2800)), SILENT, "^not an answer"),
    case("qr-clear", tlsa(flags(off=0x8000)), SILENT, "^not an answer"),
    case("our-question-back", tlsa(lambda q: iter([q.wire])), SILENT, "^not an answer"),

    # ---- refusals
    case("formerr", rcode(1), SILENT, "FORMERR"),
    case("formerr-without-opt", formerr_without_opt, SILENT, "FORMERR"),
    case("servfail", rcode(2), SILENT, "SERVFAIL"),
    case("servfail-once", tlsa(rcode(2), honest), SILENT, "SERVFAIL"),
    case("notimp", rcode(4), SILENT, "NOTIMP"),
    case("refused", rcode(5), SILENT, "REFUSED"),
    case("notauth", rcode(9), SILENT, "NOTAUTH"),
    case("badvers", rcode(16), SILENT, "BADVERS"),
    case("rcode-4095", rcode(4095), SILENT, "RCODE 4095"),
    case("dnskey-refused", each(DNSKEY, rcode(5)), SILENT, "^its DNSKEY set: REFUSED"),
    case("dnskey-silent", each(DNSKEY, silence), SILENT, "^its DNSKEY set: no answer"),
    case("soa-refused", each(SOA, rcode(5)), SHOWN),
    case("ns-refused", each(NS, rcode(5)), SHOWN),

    # ---- TCP
    case("tc-tcp-refused", tlsa(truncating(silence)), SILENT, "^connection refused" + OVER_TCP, tcp=False),
    case("tc-tcp-stalls", tlsa(truncating(silence)), SILENT, NO_ANSWER + OVER_TCP),
    case("tc-tcp-reset", tlsa(truncating(lambda q: iter([RESET]))), SILENT, OVER_TCP),
    case("tc-tcp-closed", tlsa(truncating(lambda q: iter([CLOSE]))), SILENT, OVER_TCP),
    case("tc-tcp-half-length", tlsa(truncating(lambda q: iter([Raw(b"\1"), CLOSE]))), SILENT, OVER_TCP),
    case("tc-tcp-length-then-closed", tlsa(truncating(lambda q: iter([Raw(framed(q)[:2]), CLOSE]))), SILENT, OVER_TCP),
    case("tc-tcp-length-too-long", tlsa(truncating(lambda q: iter([Raw(b"\xff\xff" + framed(q)[2:]), CLOSE]))), SILENT,
         OVER_TCP),
    case("tc-tcp-length-too-long-open", tlsa(truncating(lambda q: iter([Raw(b"\xff\xff" + framed(q)[2:])]))), SILENT,
         OVER_TCP),
    case("tc-tcp-length-zero", tlsa(truncating(lambda q: iter([Raw(b"\0\0"), CLOSE]))), SILENT, OVER_TCP),
    case("tc-tcp-length-too-short", tlsa(truncating(lambda q: iter([Raw(b"\0\x20" + framed(q)[2:]), CLOSE]))), SILENT,
         OVER_TCP),
    case("tc-tcp-drip", tlsa(truncating(drip(0.05))), SILENT, OVER_TCP),
    case("tc-tcp-fast-drip", tlsa(truncating(drip(0.002, 3))), SHOWN),
    case("tc-tcp-two-segments", tlsa(truncating(two_messages)), SHOWN),
    case("tc-tcp-honest", tlsa(truncating(honest)), SHOWN),
    case("tc-tcp-truncated-too", tlsa(flags(on=TC)), SILENT, "^truncated even over TCP"),
    case("tc-tcp-wrong-id", tlsa(truncating(only(wrong_id))), SILENT, OVER_TCP),
    case("tc-always", truncating(honest), SHOWN),
    case("tcp-65535-bytes", tlsa(big(changed(padded(65535)))), SHOWN),
    case("tcp-65535-bytes-everything", big(changed(padded(65535))), SHOWN),
    case("tcp-5000-records", tlsa(big(changed(many_small(5000)))), SILENT, MALFORMED),
    case("tcp-900-records", tlsa(big(changed(many_tlsa(900)))), SILENT, MALFORMED),
    case("tcp-400-records", tlsa(big(changed(many_tlsa(400)))), BOGUS, "more than 32 records"),
    case("tcp-33-records", tlsa(big(changed(many_tlsa(32)))), BOGUS, "more than 32 records"),
    case("tcp-600-cname", tlsa(big(changed(lambda m, q: m.answer.extend(
        record(name("a%d." % (at + 1)), owner=name("a%d." % at), rtype=CNAME) for at in range(600))))), SILENT, MALFORMED),
]
