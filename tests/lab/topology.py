"""Worlds of other shapes than world.World: who serves the name, from which zone, behind which NS set and DS.

A shape says only what is there at first; what happens to it is told in cases_topology.py.
"""
import base64
import glob
import os
import re

import dnsmsg
from servers import Crooked, Knot, Nsd, tool, write
from world import BIND, HOST, NSD, OWNER, PARENT, PRIMARY, TLSA_TTL, ZONE, World

NS4, NS5, NS6 = (["127.0.0.%d" % last] for last in (24, 25, 26))
CHILD_PRIMARY, CHILD_SECONDARY = ["127.0.0.31", "fd00::31"], ["127.0.0.32"]


class Hasty(World):
    """NS sets and DS with a TTL of 5 s, so that the time after a change of them is short."""

    NS_TTL = 5

    def list_server(self, name):
        """Into both NS sets, and among those whom senders may ask."""
        self.ns1.edit(ZONE, ("set", ZONE, self.NS_TTL, "NS", name + "." + ZONE))
        self.parents.edit("org.", ("set", ZONE, self.NS_TTL, "NS", name + "." + ZONE))
        self.authorities += self.addresses[name]

    def unlist_server(self, name):
        """Out of the NS sets in which it is."""
        if name in self.below:
            self.ns1.edit(ZONE, ("unset", ZONE, 0, "NS", name + "." + ZONE))
        self.parents.edit("org.", ("unset", ZONE, 0, "NS", name + "." + ZONE))
        for address in self.addresses[name]:
            self.authorities.remove(address)

    def ns_names(self, resolver):
        """The name servers of the zone by their short names, as the resolver has them."""
        answer = dnsmsg.ask(resolver, ZONE, "NS", recurse=True)
        return {r[3].split(".")[0] for r in (answer.records if answer else ()) if r[1] == dnsmsg.TYPES["NS"]}

    def new_ds(self, *ds):
        """The parent's DS set, in presentation format."""
        changes = [("set", ZONE, self.NS_TTL, "DS", *text.split()) for text in ds]
        was = dnsmsg.ask(PARENT, ZONE, "DS")
        if was and any(record[1] == dnsmsg.TYPES["DS"] for record in was.records):
            changes.insert(0, ("unset", ZONE, 0, "DS"))
        self.parents.edit("org.", *changes)


class Forgotten(Hasty):
    """ns4 is in the parent's NS set only."""

    def __init__(self, work, second_endpoint=False):
        super().__init__(work, second_endpoint)
        self.addresses["ns4"] = NS4
        self.above += ("ns4",)
        self.authorities += NS4


class Leaving(Forgotten):
    """ns4 is in both NS sets."""

    NS_TTL = 8  # a hold that cannot be taken for another delay

    def __init__(self, work, second_endpoint=False):
        super().__init__(work, second_endpoint)
        self.below += ("ns4",)


class Joining(Hasty):
    """ns4 has the zone, and is in no NS set yet."""

    def __init__(self, work, second_endpoint=False):
        super().__init__(work, second_endpoint)
        self.addresses["ns4"] = NS4


class Families(World):
    """ns2 has no IPv4 address, ns3 no IPv6 address."""

    def __init__(self, work, second_endpoint=False):
        super().__init__(work, second_endpoint)
        self.addresses["ns2"] = [NSD[1]]
        self.authorities = PRIMARY + [NSD[1]] + BIND


class NoIpv6(World):
    """Every name server has an IPv4 address, ns2 beside it an IPv6 address that nobody here has a route to."""

    FAR = "2001:db8::22"

    def __init__(self, work, second_endpoint=False):
        super().__init__(work, second_endpoint)
        self.addresses = {"ns1": PRIMARY[:1], "ns2": NSD[:1], "ns3": BIND}
        self.authorities = PRIMARY[:1] + NSD[:1] + BIND

    def _glue(self, relative_to=""):
        return super()._glue(relative_to) + "ns2%s AAAA %s\n" % (relative_to, self.FAR)


class Delegated(World):
    """_tcp.mx1 is a zone with a signer, two name servers and a DS of its own."""

    CHILD = "_tcp.mx1.example.org."

    def __init__(self, work, second_endpoint=False):
        super().__init__(work, second_endpoint)
        self.authorities = CHILD_PRIMARY + CHILD_SECONDARY
        self.update_server = CHILD_PRIMARY[0]

    def _child_text(self):
        return "_25 %d TLSA %s\n" % (TLSA_TTL, self.old_record)

    def _extra_servers(self):
        text = "$ORIGIN %s\n$TTL 30\n@ SOA tcp1.%s hostmaster 1 2 1 3600 5\n" % (self.CHILD, ZONE)
        text += "".join("@ NS %s.%s\n" % (name, ZONE) for name in ("tcp1", "tcp2")) + self._child_text()
        self.source = Knot(self.work, "tcp1", CHILD_PRIMARY, {self.CHILD: text}, {"tcp2": CHILD_SECONDARY[0]}, self.tsig,
                           self.CHILD)
        self.child_ds = self.source.make_keys()[self.CHILD]
        self.secondaries["tcp2"] = Nsd(self.work, "tcp2", CHILD_SECONDARY, self.CHILD, CHILD_PRIMARY[0])
        return [self.source, self.secondaries["tcp2"]]

    def unsign_child(self):
        """The zone above takes the DS of _tcp.mx1 out; nobody signs less than before."""
        self.ns1.edit(ZONE, ("unset", self.CHILD, 0, "DS"))

    def _tlsa_text(self):
        text = "".join("%s NS %s.%s\n" % (self.CHILD, name, ZONE) for name in ("tcp1", "tcp2"))
        text += "%s 5 DS %s\n" % (self.CHILD, self.child_ds)
        for name, addresses in (("tcp1", CHILD_PRIMARY), ("tcp2", CHILD_SECONDARY)):
            text += "".join("%s %s %s\n" % (name, "AAAA" if ":" in a else "A", a) for a in addresses)
        return text


class Apex(Delegated):
    """The owner itself is a zone, and has no TLSA records yet."""

    CHILD = OWNER
    LEVEL = "dane"

    def _child_text(self):
        return ""

    def _first_answers(self):
        return set(self.dig_all().values()) == {frozenset()}

    def _validated(self, resolver):
        answer = dnsmsg.ask(resolver, OWNER, "SOA", 2.0, recurse=True)
        return answer and answer.ad


class Wildcard(World):
    """The TLSA record stands at *.mx1."""

    UPDATES = "mx1"
    OTHER = "_443._tcp.%s." % HOST

    def _tlsa_text(self):
        return "*.mx1 %d TLSA %s\n" % (TLSA_TTL, self.old_record)

    def other_answers(self):
        """What the name of another port, covered by the same wildcard, shows at every authority."""
        return {dnsmsg.tlsa(dnsmsg.ask(address, self.OTHER, "TLSA"))[0] for address in self.authorities}


class HashedWildcard(Wildcard):
    """The same in a zone with NSEC3."""

    NSEC3 = True


class Hidden(Wildcard):
    """No TLSA record, and a wildcard of another type; NSEC3."""

    NSEC3 = True
    LEVEL = "dane"

    def _tlsa_text(self):
        return "*.mx1 %d TXT wild\n" % TLSA_TTL

    def _first_answers(self):
        return set(self.dig_all().values()) == {frozenset()}

    def _validated(self, resolver):
        answer = dnsmsg.ask(resolver, ZONE, "SOA", 2.0, recurse=True)
        return answer and answer.ad

    def other_answers(self):
        """Whether the wildcard answers at every authority for the name of another port."""
        answers = [dnsmsg.ask(address, self.OTHER, "TXT") for address in self.authorities]
        return {bool(answer and answer.rcode == 0 and answer.records) for answer in answers}


class Alias(World):
    """The owner is an alias of a name in another zone, with a signer and two name servers of its own."""

    owner = "mx1.tlsa.prov.org."
    UPDATES = "tlsa"
    MORE_ZONES = ", zones: [prov.org]"

    def __init__(self, work, second_endpoint=False):
        super().__init__(work, second_endpoint)
        self.authorities = CHILD_PRIMARY + CHILD_SECONDARY
        self.update_server = CHILD_PRIMARY[0]

    def _extra_servers(self):
        text = "$ORIGIN prov.org.\n$TTL 30\n@ SOA ns1 hostmaster 1 2 1 3600 5\n@ NS ns1\n@ NS ns2\n"
        text += self._prov_text() + self._prov_glue("")
        self.source = Knot(self.work, "prov1", CHILD_PRIMARY, {"prov.org.": text}, {"prov2": CHILD_SECONDARY[0]},
                           self.tsig, "tlsa")
        self.prov_ds = self.source.make_keys()["prov.org."]
        self.secondaries["prov2"] = Nsd(self.work, "prov2", CHILD_SECONDARY, "prov.org.", CHILD_PRIMARY[0])
        return [self.source, self.secondaries["prov2"]]

    def _prov_text(self):
        return "mx1.tlsa %d TLSA %s\n" % (TLSA_TTL, self.old_record)

    @staticmethod
    def _prov_glue(below):
        return "".join("%s%s %s %s\n" % (name, below, "AAAA" if ":" in a else "A", a) for name, addresses in
                       (("ns1", CHILD_PRIMARY), ("ns2", CHILD_SECONDARY)) for a in addresses)

    def _tlsa_text(self):
        return "_25._tcp.mx1 %d CNAME %s\n" % (TLSA_TTL, self.owner)

    def _parent_text(self, ds):
        text = "prov NS ns1.prov\nprov NS ns2.prov\nprov DS %s\n" % self.prov_ds
        return super()._parent_text(ds) + text + self._prov_glue(".prov")

    def aliases(self):
        """What the authorities of the host's own zone answer with at the owner, but signatures: targets of aliases."""
        answers = [dnsmsg.ask(a, OWNER, "TLSA") for a in PRIMARY + NSD + BIND]
        return {tuple(r[3] for r in (answer.records if answer else ()) if r[0] == OWNER and r[1] != dnsmsg.TYPES["RRSIG"])
                for answer in answers}


class Chain(Alias):
    """Above the owner is a DNAME into the other zone, where a CNAME leads on to the records."""

    owner = "keys.tlsa.prov.org."

    def _prov_text(self):
        return "_25.mx1.tlsa %d CNAME keys.tlsa\nkeys.tlsa %d TLSA %s\n" % (TLSA_TTL, TLSA_TTL, self.old_record)

    def _tlsa_text(self):
        return "_tcp.mx1 %d DNAME mx1.tlsa.prov.org.\n" % TLSA_TTL


class Moved(Alias):
    """The owner is an alias of a name that others have, in the zone of the parent, for now."""

    FIRST = "mx1-tlsa.org."

    def _tlsa_text(self):
        return "_25._tcp.mx1 %d CNAME %s\n" % (TLSA_TTL, self.FIRST)

    def _parent_text(self, ds):
        return super()._parent_text(ds) + "mx1-tlsa %d TLSA %s\n" % (TLSA_TTL, self.old_record)

    def move(self, target):
        """From now on the alias leads there."""
        self.ns1.edit(ZONE, ("unset", OWNER, 0, "CNAME"), ("set", OWNER, TLSA_TTL, "CNAME", target))


class Renamed(World):
    """mx1 itself is an alias of real, with records below both names."""

    UPDATES = "mx1, real"
    REAL = "_25._tcp.real.example.org."

    def _zone_text(self):
        text = super()._zone_text()
        return re.sub(r"^mx1 (A|AAAA) ", r"real \1 ", text, flags=re.MULTILINE) + "mx1 5 CNAME real\n"

    def _tlsa_text(self):
        return "".join("_25._tcp.%s %d TLSA %s\n" % (name, TLSA_TTL, self.old_record) for name in ("mx1", "real"))


class HiddenPrimary(World):
    """ns1 takes updates, signs and transfers, and is in no NS set."""

    def __init__(self, work, second_endpoint=False):
        super().__init__(work, second_endpoint)
        self.above = self.below = ("ns2", "ns3")
        self.authorities = NSD + BIND


class Unsigned(Hasty):
    """The parent has no DS, the zone no TLSA records, and NSEC3."""

    NSEC3 = True
    LEVEL = "dane"

    def _tlsa_text(self):
        return ""

    def _parent_text(self, ds):
        self.ds = ds
        return re.sub(r"^example \d+ DS .*\n", "", super()._parent_text(ds), flags=re.MULTILINE)

    def _first_answers(self):
        return set(self.dig_all().values()) == {frozenset()}

    def _validated(self, resolver):
        answer = dnsmsg.ask(resolver, ZONE, "SOA", 2.0, recurse=True)
        return answer and answer.rcode == 0 and not answer.ad


class Signed(Hasty):
    """Like the plain one, for what happens to the signatures."""

    def expire(self, snapshot):
        """The zone of the snapshot with signatures by the same key that ended a week ago, as a file."""
        folder = self.path("resign")
        os.makedirs(folder, exist_ok=True)
        private, = glob.glob(self.path("ns1", "db", "**", "*.pem"), recursive=True)
        dump = tool("openssl", "pkey", "-in", private, "-noout", "-text")
        number = bytes.fromhex(re.search(r"priv:\s*([0-9a-f:\s]+?)pub:", dump).group(1).replace(":", "").replace(
            " ", "").replace("\n", "")).rjust(32, b"\0")[-32:]
        base = os.path.join(folder, "K" + ZONE.rstrip("."))
        write(base + ".private", "Private-key-format: v1.2\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: %s\n"
              % base64.b64encode(number).decode())
        with open(snapshot, encoding="ascii") as lines:
            records = [line for line in lines if line.strip() and line.split()[3] not in ("RRSIG", "NSEC")]
        write(base + ".key", "".join(line for line in records if line.split()[3] == "DNSKEY"))
        plain = write(os.path.join(folder, "plain"), "".join(r for r in records if r.split()[3] != "DNSKEY"))
        tool("ldns-signzone", "-o", ZONE, "-i", "20260101000000", "-e", "20260201000000", "-f",
             os.path.join(folder, "expired"), plain, base)
        return os.path.join(folder, "expired")


class TwoKeys(World):
    """The zone is signed with a KSK and a ZSK, and a person decides when they change."""

    SPLIT_KEYS = True

    def tags(self, address):
        """The key tags of the signatures over the TLSA records there."""
        answer = dnsmsg.ask(address, OWNER, "TLSA")
        return {int.from_bytes(r[3][16:18], "big") for r in (answer.records if answer else ())
                if r[1] == dnsmsg.TYPES["RRSIG"]}

    @staticmethod
    def keys_at(address, recurse=False):
        """How many keys the DNSKEY set has there."""
        answer = dnsmsg.ask(address, ZONE, "DNSKEY", recurse=recurse)
        return sum(r[1] == dnsmsg.TYPES["DNSKEY"] for r in (answer.records if answer else ()))

    def publish_zsk(self):
        """A second ZSK, in the DNSKEY set and not yet used."""
        self.old_zsk = next(line.split()[0] for line in self.ns1.keymgr(ZONE, "list").splitlines() if "ZSK" in line)
        self.new_zsk = self.ns1.keymgr(ZONE, "generate", "algorithm=ecdsap256sha256", "zsk=yes", "publish=-1",
                                       "active=+1y").split()[-1]
        self.ns1.control("zone-keys-load", ZONE)

    def use_zsk(self):
        """The second ZSK signs, the first one stays in the DNSKEY set."""
        self.ns1.keymgr(ZONE, "set", self.new_zsk, "active=-1")
        self.ns1.keymgr(ZONE, "set", self.old_zsk, "retire=-1", "remove=+1y")
        self.ns1.control("zone-keys-load", ZONE)


class Crooks(World):
    """Beside the others three name servers that can be told to answer wrongly."""

    CROOKS = {"ns4": NS4, "ns5": NS5, "ns6": NS6}

    def __init__(self, work, second_endpoint=False):
        super().__init__(work, second_endpoint)
        self.addresses.update(self.CROOKS)
        self.above = self.below = tuple(self.addresses)
        self.authorities += NS4 + NS5 + NS6

    def _secondary(self, name):
        if name in self.CROOKS:
            return Crooked(self.work, name, self.addresses[name], ZONE, PRIMARY[0])
        return super()._secondary(name)
