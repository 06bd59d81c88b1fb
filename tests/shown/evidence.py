#!/usr/bin/env python3
"""The arithmetic that status -v prints comes out: each hold, each end of one, and the end that a key waits for."""
import datetime
import os
import re
import sqlite3

import shown

SCENARIOS = ("d01-secondary-lags", "d03-wait-uses-old-ttl", "d04-ttl-lowered-just-before", "d08-new-server",
             "d11-silent-server", "d13-anycast", "d18-alias-across-zones", "d26-denial-in-caches", "d29-unknown-history")
SET = re.compile(r"    (?P<set>.*), TTL (?P<ttl>\d+)(?P<cut> \(7d count\))?, from (?P<ip>\S+): served until (?P<served>\S+)"
                 r"; held for max\((?P<factor>\d+) x (?P<t>\d+)s, (?P<u>\d+)s \+ (?P<stale>\w+), (?P<floor>\w+)\)"
                 r" \+ (?P<client>\w+) \+ (?P<clock>\w+) = (?P<sum>\w+), so until (?P<until>\S+)")
OPEN = re.compile(r"    (?P<set>.*), TTL \d+( \(7d count\))?, from \S+: may be served now")
HOLD = re.compile(r"    - hold: .*\((?P<until>\d{4}-\S+Z)\)$")
KEY = re.compile(r"  key (?P<id>\w{8}) ")
WEEK = 7 * 86400


def seconds(span):
    """25h20m, 3d, 0s."""
    return sum(int(n) * {"d": 86400, "h": 3600, "m": 60, "s": 1}[unit] for n, unit in re.findall(r"(\d+)([dhms])", span))


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def wrong_line(m):
    """Why the line of a set does not come out, or None."""
    ttl = min(int(m["ttl"]), WEEK)
    if (int(m["t"]), int(m["u"])) != (ttl, ttl) or bool(m["cut"]) != (int(m["ttl"]) > WEEK):
        return "another TTL is reckoned with"
    hold = max(int(m["factor"]) * ttl, ttl + seconds(m["stale"]), seconds(m["floor"]))
    hold += seconds(m["client"]) + seconds(m["clock"])
    if hold != seconds(m["sum"]):
        return "the hold is %d s" % hold
    if (moment(m["until"]) - moment(m["served"])).total_seconds() != hold:
        return "it ends at another moment"
    return None


def check(results, name, out):
    """Returns how many sets, and how many holds of keys, were looked at."""
    lines = out.splitlines()
    sets = [m for m in map(SET.fullmatch, lines) if m]
    held = [line for line in lines if "held for" in line]
    results.check(len(sets) == len(held), name + ": every hold is reckoned out", held)
    wrong = [(why, m[0]) for m in sets for why in [wrong_line(m)] if why]
    results.check(not wrong, name + ": each comes out", wrong)
    is_open = [m["set"] for m in map(OPEN.fullmatch, lines) if m]
    key, found = None, 0
    for line in lines:
        key = KEY.match(line)["id"] if KEY.match(line) else key
        hold = HOLD.fullmatch(line)
        if not hold or key is None:
            continue
        # what asks nothing of a sender is waited for by no key
        lacking = [m for m in sets if key not in m["set"] and re.search(r"\b[0-9a-f]{8}\b", m["set"])]
        if lacking and not [s for s in is_open if key not in s]:
            found += 1
            last = max(moment(m["until"]) for m in lacking)
            results.check(abs((moment(hold["until"]) - last).total_seconds()) <= 1,
                          f"{name}: {key} waits for the last of them", (hold[0], last))
    return len(sets), found


def main():
    results, sets, holds = shown.Results(), 0, 0
    for scenario in SCENARIOS:
        for line in shown.lines(scenario, 1):
            with shown.State(scenario, line) as state:
                got = check(results, state.name, state.run("status", "-v", "mx.example"))
                sets, holds = sets + got[0], holds + got[1]
    with shown.State("d03-wait-uses-old-ttl", 15) as state:
        db = sqlite3.connect(os.path.join(state.folder, "state", "state.db"))
        db.execute("UPDATE sighting SET ttl = 2147483648 WHERE ttl = 7200")
        db.commit()
        db.close()
        out = state.run("status", "-v", "mx.example")
        check(results, "a TTL of 68 years", out)
        results.check("TTL 2147483648 (7d count)" in out, "a TTL of 68 years is told, and counts as 7 days", out)
    results.check(sets > 20 and holds > 3, "there was enough to look at", (sets, holds))
    results.end()


if __name__ == "__main__":
    main()
