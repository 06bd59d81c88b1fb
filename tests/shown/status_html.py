#!/usr/bin/env python3
"""`status --html` writes a page that any parser takes, that needs nothing else, and in which no text becomes markup."""
import json
import os
import re
import sqlite3
import stat
import xml.etree.ElementTree as ElementTree

import shown

STATES = [("s01-happy-path", 1), ("s01-happy-path", 0), ("s02-bootstrap", 0), ("o01-paused", 22), ("e01-compromised", 0),
          ("d01-secondary-lags", 14), ("d13-anycast", 0), ("d18-alias-across-zones", 0), ("p01-digest-lacks", 0),
          ("r03-second-algorithm", 0)]
STAGES = ["generated", "published", "ready", "deployed", "retiring", "retired", "aborted"]
HOSTILE = "\"'><script src=\"http://evil.example/x.js\">alert(1)</script>&amp; \x1b[31m]]> é"
PLACES = ["UPDATE authority SET name = ?1, why = ?1", "UPDATE endpoint SET why = ?1", "UPDATE concern SET text = ?1",
          "UPDATE pause SET reason = ?1, actor = ?1", "UPDATE agent SET clock_why = ?1, trusted = 0",
          "UPDATE owner SET zone = ?1"]
# The words of HTML that are used; others, above all script, img, link, iframe, object, are not.
ELEMENTS = {"html", "head", "meta", "title", "style", "body", "header", "footer", "section", "h1", "h2", "h3", "p",
            "span", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "svg", "defs", "pattern", "rect",
            "circle", "line", "text"}
ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "class", "style", "id", "width", "height", "x", "y",
              "x1", "x2", "y1", "y2", "cx", "cy", "r", "role", "aria-hidden", "aria-label", "data-h",
              "patternUnits", "patternTransform"}


def local(name):
    return name.split("}")[-1]


def page_of(state):
    path = os.path.join(state.folder, "page.html")
    with open(path, "w", encoding="utf-8") as f:
        f.write("what was there before")
    printed = state.run("status", "--html", path)
    with open(path, encoding="ascii") as f:
        return path, printed, f.read()


def faults(text, root):
    """What a page must not have."""
    for element in root.iter():
        if local(element.tag) not in ELEMENTS:
            yield f"an element {element.tag}"
        for name in element.attrib:
            if local(name) not in ATTRIBUTES:
                yield f"an attribute {name}"
        if local(element.tag) == "rect" and element.get("class", "").startswith("b ") and element.get("y") != "1" and \
                not element.findtext("{*}title"):
            yield "a bar without words"
        if local(element.tag) == "svg" and element.get("class") == "time" and not element.get("aria-label"):
            yield "a picture without words"
    style = next(element.text for element in root.iter() if local(element.tag) == "style")
    if re.search(r"@import|url\((?!#)|expression", style):
        yield "a style that loads something"
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    for wanted in re.findall(r"url\(#([^)]*)\)", style):
        if wanted not in ids:
            yield f"no pattern {wanted}"
    if re.findall(r"https?://[^\s\"]*", text) not in ([], ["http://www.w3.org/1999/xhtml"]):
        yield f"addresses: {re.findall(r'https?://[^ ]*', text)}"


def bars_tell_their_stage(root):
    for rect in root.findall(".//{*}rect"):
        stage = (rect.get("class") or "b x").split()[-1 if "plan" not in rect.get("class", "") else 1]
        title = rect.findtext("{*}title")
        if title and stage in STAGES and stage not in title:
            return f"{stage}: {title}"
    return ""


def rows(root, head):
    """The cells of the table whose first column has this head."""
    for table in root.findall(".//{*}table"):
        if (table.find(".//{*}th").text or "") == head:
            return [[cell.text for cell in row.findall(".//{*}td")] for row in table.findall(".//{*}tr")][1:]
    return []


def planned(state):
    return [(step["at"][:16].replace("T", " ") + " UTC", step["key"] or None, step["slot"], step["text"])
            for step in json.loads(state.run("plan", "--json", "--until", "366d"))["steps"]]


def check_states(results):
    bad, told, missing = [], [], []
    for name, line in STATES:
        with shown.State(name, line) as state:
            path, printed, text = page_of(state)
            try:
                root = ElementTree.fromstring(text.split("\n", 1)[1])
            except ElementTree.ParseError as why:
                bad.append(f"{state.name}: {why}")
                continue
            bad += [f"{state.name}: {fault}" for fault in faults(text, root)]
            if printed or not text.startswith("<!DOCTYPE html>\n"):
                bad.append(f"{state.name}: it printed {printed!r}")
            if stat.S_IMODE(os.stat(path).st_mode) != 0o644:
                bad.append(f"{state.name}: mode {os.stat(path).st_mode:o}")
            if os.listdir(state.folder).count("page.html") != 1 or any(".tmp" in f for f in os.listdir(state.folder)):
                bad.append(f"{state.name}: {os.listdir(state.folder)}")
            told += filter(None, [bars_tell_their_stage(root)])
            on_page = [(row[0], row[2], row[3]) for row in rows(root, "When")]
            coming = [(at, slot, words) for at, _, slot, words in planned(state)][:40]
            if on_page != coming:
                missing.append(f"{state.name}: {on_page[:3]} {coming[:3]}")
    results.check(not bad, f"{len(STATES)} pages are well-formed, whole and alone", "; ".join(bad[:5]))
    results.check(not told, "every bar tells its stage in words", told)
    results.check(not missing, "the steps to come are those of the plan", missing)


def check_hostile(results):
    with shown.State("o01-paused", 22) as state:
        with sqlite3.connect(os.path.join(state.folder, "state", "state.db")) as db:
            done = sum(db.execute(place, [HOSTILE]).rowcount > 0 for place in PLACES)
        db.close()
        _, _, text = page_of(state)
        root = ElementTree.fromstring(text.split("\n", 1)[1])
        words = "".join(root.itertext())
    results.check(done >= 4, f"hostile text was put in {done} places")
    results.check("<script" not in text and not list(root.findall(".//{*}script")), "hostile text becomes no markup")
    results.check("alert(1)" in words and "\\x1b[31m" in words, "it is shown as what it is")
    results.check(not list(faults(text.replace("http://evil.example/x.js", ""), root)), "nor does it load anything",
                  list(faults(text, root)))


def check_dead(results):
    """Nobody takes the state of a run long ago for what is."""
    with shown.State("s01-happy-path") as state:
        page_of(state)
        state.run("status", codes=(0,))
        with sqlite3.connect(os.path.join(state.folder, "state", "state.db")) as db:
            db.execute("UPDATE agent SET started = started - 300000, finished = finished - 300000")
        db.close()
        for words in [(), ("--short",), ("--json",), ("-v", "mx.example")]:
            state.run("status", *words, codes=(1,))
        path = os.path.join(state.folder, "page.html")
        state.run("status", "--html", path, codes=(1,))
        with open(path, encoding="ascii") as f:
            text = f.read()
    results.check('<p class="critical">agent-dead: no run has ended for 3 d 11 h' in text,
                  "that nobody watches stands on the page, and in the exit status of every form")


def check_refusals(results):
    with shown.State("s01-happy-path", 1) as state:
        nowhere = os.path.join(state.folder, "none", "page.html")
        state.run("status", "--html", nowhere, codes=(73, 74))
        results.check(not os.path.exists(nowhere), "where it cannot be written it says so and leaves nothing")


def main():
    results = shown.Results()
    check_states(results)
    check_hostile(results)
    check_dead(results)
    check_refusals(results)
    results.end()


if __name__ == "__main__":
    main()
