#!/usr/bin/env python3
"""scenario_table.py - where each story is proven (the table in tests/scenario/README) must be so: what it names is there,
each file of a story stands in it, and the stories of the name servers, of publishing and of the deployment are all told.

usage: scenario_table.py TREE         exit 1 when a word is missing or too many
"""
import fnmatch
import os
import re
import subprocess
import sys

README = "tests/scenario/README"
TOLD = ["D%02d" % n for n in range(1, 30)] + ["P%02d" % n for n in range(1, 10)] + ["R01", "R02", "R03", "R04", "R06"]


def rows(text):
    """{id: [words]}: of each row what stands behind the title, without remarks."""
    found, last = {}, None
    for line in text.split("proven\n", 1)[1].splitlines():
        new = re.match(r"    ([A-Z]\d\d) (.{27}) (.*)", line)
        if new:
            last = new[1]
            found[last] = new[3]
        elif last and line.startswith(" " * 36):
            found[last] += " " + line.strip()
        elif not line.strip():
            last = None
    return {one: [part.split() for part in re.sub(r"\([^)]*\)", "", words).replace(",", " ").split(";")]
            for one, words in found.items()}


def listed(tree, program):
    done = subprocess.run([sys.executable, "-B", os.path.join(tree, program), "--list"], stdout=subprocess.PIPE, check=True)
    return {line.split()[0] for line in done.stdout.decode().splitlines() if line.strip()}


def faults(tree, text):
    table = rows(text)
    stories = {name[:3].upper() for name in os.listdir(os.path.join(tree, "tests/scenario")) if name.endswith(".scn")}
    units = {name[5:-2] for name in os.listdir(os.path.join(tree, "tests/unit")) if name.startswith("test_")}
    there = {"unit": units, "lab": listed(tree, "tests/lab/lab.py"), "hostile": listed(tree, "tests/hostile/hostile.py")}
    yield from ("%s is not in the table" % one for one in sorted((stories | set(TOLD)) - set(table)))
    for one, parts in table.items():
        if (["scn"] in parts) != (one in stories):
            yield "%s: the table and the files do not agree whether there is a story" % one
        for kind, *names in parts:
            if not names and os.path.exists(os.path.join(tree, "tests", kind + ".c")):
                continue  # a test by itself
            if kind not in there and [kind, *names] != ["scn"]:
                yield "%s: what is '%s'?" % (one, " ".join([kind, *names]))
            elif kind in there and not names:
                yield "%s: which %s?" % (one, kind)
            yield from ("%s: there is no %s %s" % (one, kind, name) for name in names
                        if kind in there and not fnmatch.filter(there[kind], name))


def blind(tree, text):
    """Changes that are not found."""
    for old, new in ((r"\n    D16 .*", ""), ("unit update", "unit upsidedown"), ("lab lag", "lab lagging"),
                     ("hostile dns-tc", "hostile dns-no"), (r"(    D03 .{27} )scn", r"\1lab happy"),
                     (r"(    P05 .{27} )", r"\1scn; "), ("lab zsk", "lab")):
        changed = re.sub(old, new, text, count=1)
        if changed == text or not list(faults(tree, changed)):
            yield "not found: '%s' for '%s'" % (new, old)


def main():
    tree = sys.argv[1]
    with open(os.path.join(tree, README), encoding="utf-8") as file:
        text = file.read()
    wrong = list(faults(tree, text)) or list(blind(tree, text))
    for one in wrong:
        print("%s: %s" % (README, one), file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
