"""A name server that does whatever a case wants: UDP and TCP, IPv4 and IPv6; honest as long as nothing is said.

A behaviour is a generator of a Question; it yields what is sent:
    bytes                   a message (over TCP with its length before it)
    Raw(bytes)              bytes of TCP as they are
    Away(bytes, address)    a datagram from another address, or from another port of the same
    Pause(seconds)          nothing for that long
    CLOSE, RESET            the end of the TCP connection
and what yields nothing is silence. Honest answers are those of the real primary. A validator (it sets CD) is
answered honestly unless a case says otherwise: mostly it is not the agent's resolver that is tested.
"""
import socket
import struct
import threading
import time

import dnswire
from dnswire import Message

PORT = 53


class Raw(bytes):
    pass


class Pause(float):
    pass


class Away:
    def __init__(self, data, address=None):
        self.data, self.address = data, address


CLOSE, RESET = object(), object()


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Question:
    """One question to one address, and what an honest server would answer."""

    def __init__(self, place, wire, tcp):
        self.place, self.wire, self.tcp, self.zone = place, wire, tcp, place.server.zone
        message = Message(wire)
        self.ident, self.flags = message.ident, message.flags
        self.name, self.type, _ = message.question[0]
        self.has_opt = any(rr.type == dnswire.OPT for rr in message.additional)

    def honest(self):
        """A Message, its names uncompressed, that may be changed."""
        answer = Message(self.place.server.primary_answer(self.name, self.type))
        answer.ident = self.ident
        if not self.has_opt:
            answer.additional = [rr for rr in answer.additional if rr.type != dnswire.OPT]
        return answer

    def fitting(self, message):
        """The bytes of a message that may be long: over UDP only that it is truncated."""
        wire = message if isinstance(message, bytes) else message.wire()
        if self.tcp or len(wire) <= 1232:
            return wire
        short = self.honest()
        short.empty()
        short.flags |= dnswire.TC
        return short.wire()


def honest(q):
    yield q.fitting(q.honest())


class Place:
    """What stands at one address."""

    def __init__(self, server, address):
        self.server, self.address = server, address
        self.links = []
        self.lock = threading.Lock()
        self.behave()

    def behave(self, behaviour=honest, udp=True, tcp=True, everybody=False):
        """From now on like this, to validators as well when it is to everybody; udp, tcp: whether anybody listens."""
        with self.lock:
            self.behaviour, self.count, self.counts, self.everybody = behaviour, 0, {}, everybody
            self.idents = {}
        self._listen(socket.SOCK_DGRAM, udp)
        self._listen(socket.SOCK_STREAM, tcp)

    def counted(self, rtype, ident):
        """The how manieth question it is since behave(), of this type, and without those that are sent again."""
        with self.lock:
            self.count += 1
            self.counts[rtype] = self.counts.get(rtype, 0) + 1
            idents = self.idents.setdefault(rtype, [])
            if ident not in idents:
                idents.append(ident)
            return self.count, self.counts[rtype], idents.index(ident) + 1

    def _listen(self, kind, wanted):
        have = [link for link in self.links if link.type == kind]
        if wanted and not have:
            link = socket.socket(family(self.address), kind)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            link.bind((self.address, PORT))
            if kind == socket.SOCK_STREAM:
                link.listen(64)
            self.links.append(link)
            target = self._datagrams if kind == socket.SOCK_DGRAM else self._connections
            threading.Thread(target=target, args=(link,), daemon=True).start()
        for link in have if not wanted else []:
            self.links.remove(link)
            try:
                link.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in it
            except OSError:
                pass
            link.close()

    def stop(self):
        self._listen(socket.SOCK_DGRAM, False)
        self._listen(socket.SOCK_STREAM, False)

    def _answers(self, wire, tcp):
        """What is sent for these bytes."""
        try:
            q = Question(self, wire, tcp)
        except (ValueError, IndexError, struct.error):
            return
        if q.flags & 0x7800:  # a NOTIFY: understood, and forgotten
            yield wire[:2] + struct.pack("!H", q.flags | dnswire.QR) + wire[4:]
            return
        behaviour = self.behaviour
        if q.flags & dnswire.CD and not self.everybody:
            behaviour = honest
        else:
            q.nth, q.nth_of_type, q.nth_asked = self.counted(q.type, q.ident)
        try:
            yield from behaviour(q)
        except Exception as problem:
            self.server.say("%s: %s: %s" % (self.address, type(problem).__name__, problem))

    def _datagrams(self, link):
        while True:
            try:
                wire, source = link.recvfrom(4096)
            except OSError:
                return
            if link.fileno() < 0 or not wire:
                return
            threading.Thread(target=self._send_all, args=(link, wire, source), daemon=True).start()

    def _send_all(self, link, wire, source):
        try:
            for item in self._answers(wire, False):
                if isinstance(item, Pause):
                    time.sleep(item)
                elif isinstance(item, Away):
                    with socket.socket(family(self.address), socket.SOCK_DGRAM) as other:
                        other.bind((item.address or self.address, 0))
                        other.sendto(item.data, source)
                else:
                    link.sendto(item, source)
        except OSError:
            pass  # the case is over

    def _connections(self, link):
        while True:
            try:
                peer, _ = link.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer):
        with peer:
            try:
                peer.settimeout(60)
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                data = b""
                while True:
                    while len(data) < 2 or len(data) < 2 + struct.unpack_from("!H", data)[0]:
                        more = peer.recv(4096)
                        if not more:
                            return
                        data += more
                    size = 2 + struct.unpack_from("!H", data)[0]
                    if not self._reply(peer, data[2:size]):
                        return
                    data = data[size:]
            except OSError:
                pass  # the client went away, as it may
            except struct.error as problem:
                self.server.say("%s: %s" % (self.address, problem))

    def _reply(self, peer, wire):
        """False when the connection is over."""
        for item in self._answers(wire, True):
            if isinstance(item, Pause):
                time.sleep(item)
            elif isinstance(item, Raw):
                peer.sendall(item)
            elif item is RESET:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            elif item is CLOSE:
                return False
            else:
                peer.sendall(struct.pack("!H", len(item)) + item)
        return True


class HostileServer:
    """Stands in the lab's world at the addresses of one name server; the rest of the world is real."""

    def __init__(self, addresses, primary, log):
        self.name, self.log, self.primary, self.zone = "ns3", log, primary, None
        self.addresses, self.places = addresses, {}

    def say(self, text):
        with open(self.log, "a", encoding="utf-8") as out:
            out.write("%.2f %s\n" % (time.monotonic(), text))

    def start(self):
        self.say("starts")
        self.places = {address: Place(self, address) for address in self.addresses}

    def stop(self):
        for place in self.places.values():
            place.stop()

    @staticmethod
    def serves(_zone):
        return True

    def primary_answer(self, owner, rtype):
        with socket.socket(family(self.primary), socket.SOCK_DGRAM) as link:
            link.settimeout(2)
            link.connect((self.primary, PORT))
            link.send(dnswire.ask_for(owner, rtype))
            return link.recv(65535)
