#!/usr/bin/env python3
"""Records of no key of the host are each named by status: once, whether a trouble tells of them or not."""
import os
import re
import sqlite3

import shown


def named(state):
    """What stands behind "also has", by the beginning of its data."""
    out = state.run("status")
    return sorted(re.findall(r"also has (?:TLSA )?(\d \d \d [0-9a-f]{18})", out)), out


def main():
    results = shown.Results()
    for scenario, count in (("p06-foreign-record", 1), ("p06-unusable-record", 3), ("p06-unusable-alone", 1)):
        with shown.State(scenario) as state:
            told, out = named(state)
            results.check(len(told) == len(set(told)) == count, f"{scenario}: each is named once", out)
            with sqlite3.connect(os.path.join(state.folder, "state", "state.db")) as db:
                db.execute("DELETE FROM concern")
            results.check(named(state)[0] == told, f"{scenario}: also where no trouble tells of it", named(state))
    results.end()


if __name__ == "__main__":
    main()
