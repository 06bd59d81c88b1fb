#!/usr/bin/env python3
"""`status --json` is what share/status.schema.json says, in every state that the scenarios lead to, and `plan --json`
what share/plan.schema.json says.

The schema lets a reader meet fields that it does not know; here a field that the schema does not name is a fault:
what is printed is documented. With python3-jsonschema that judges; without it a small reading of the same schema
does, which knows the few words that are used there and refuses others.
"""
import copy
import json
import os
import re

import shown

SCHEMA = os.path.join(shown.TOP, "share", "status.schema.json")
PLAN = os.path.join(shown.TOP, "share", "plan.schema.json")
STAGES = os.path.join(shown.TOP, "include", "core", "stage.h")
CUT = ["s01-happy-path", "s02-bootstrap", "e01-compromised", "o01-paused", "d01-secondary-lags"]
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}
WORDS = {"$schema", "$id", "$defs", "title", "description", "$ref", "const", "enum", "type", "pattern", "minimum",
         "maximum", "oneOf", "required", "properties", "additionalProperties", "items"}


def wrong(schema, rule, value, at="$"):
    """Why the value is not what the rule says; None: it is."""
    if not set(rule) <= WORDS:
        raise AssertionError(f"the schema has words that are not known here: {set(rule) - WORDS}")
    if "$ref" in rule:
        target = schema
        for step in rule["$ref"].split("/")[1:]:
            target = target[step]
        return wrong(schema, target, value, at)
    if "const" in rule and value != rule["const"]:
        return f"{at}: not {rule['const']!r}"
    if "enum" in rule and value not in rule["enum"]:
        return f"{at}: {value!r} is none of {rule['enum']}"
    if "oneOf" in rule and sum(wrong(schema, one, value, at) is None for one in rule["oneOf"]) != 1:
        return f"{at}: {value!r} is not one of several"
    types = rule.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and type(value) not in [TYPES[name] for name in types]:
        return f"{at}: {value!r} is no {types}"
    if isinstance(value, str) and "pattern" in rule and not re.search(rule["pattern"], value):
        return f"{at}: {value!r} is not {rule['pattern']}"
    if type(value) is int and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        return f"{at}: {value} is out of range"
    if isinstance(value, dict):
        return wrong_object(schema, rule, value, at)
    if isinstance(value, list) and "items" in rule:
        for i, one in enumerate(value):
            why = wrong(schema, rule["items"], one, f"{at}[{i}]")
            if why:
                return why
    return None


def wrong_object(schema, rule, value, at):
    known = rule.get("properties", {})
    for name in rule.get("required", []):
        if name not in value:
            return f"{at}: {name} is missing"
    for name, one in value.items():
        if name not in known:
            if rule.get("additionalProperties") is False:
                return f"{at}: {name} is not in the schema"
            continue
        why = wrong(schema, known[name], one, f"{at}.{name}")
        if why:
            return why
    return None


def closed(rule):
    """The same schema, with nothing else allowed."""
    if isinstance(rule, dict):
        if "properties" in rule:
            rule["additionalProperties"] = False
        for one in rule.values():
            closed(one)
    elif isinstance(rule, list):
        for one in rule:
            closed(one)
    return rule


def judges(schema):
    """Functions that say what is wrong."""
    found = [lambda document: wrong(schema, schema, document)]
    try:
        import jsonschema
    except ImportError:
        print("# python3-jsonschema is not here: only the small reading judges")
        return found
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    return found + [lambda document: next((str(e.message) for e in validator.iter_errors(document)), None)]


def spoilt(good):
    """The document with one thing wrong each, and what."""
    def put(path, value):
        document = copy.deepcopy(good)
        at = document
        for step in path[:-1]:
            at = at[step]
        if value is KeyError:
            del at[path[-1]]
        else:
            at[path[-1]] = value
        return document

    key = ["hosts", 0, "keys", 0]
    yield "another format", put(["format"], "danesafe.status/2")
    yield "a field that is missing", put(["last_clean_run_at"], KeyError)
    yield "one that is missing deep down", put(key + ["evidence", 0, "serial"], KeyError)
    yield "a stage that is none", put(key + ["stage"], "sleeping")
    yield "a local time", put(["generated_at"], "2026-11-22 06:40")
    yield "a number for a boolean", put(["hosts", 0, "paused"], 0)
    yield "a null where something must be", put(["hosts", 0, "health"], None)
    yield "a key id in capitals", put(key + ["id"], "7BE311D8")
    yield "a TTL that is text", put(key + ["evidence", 0, "ttl"], "3600")
    yield "an actor of another name", put(key + ["next", "actor"], "root")
    yield "a guard of another name", put(key + ["guards", 0, "name"], "luck")
    yield "a field that nobody documented", put(key + ["mood"], "good")


def stages_of_the_code():
    with open(STAGES, encoding="utf-8") as f:
        text = f.read()

    def words(name):
        block = text[text.index(f"#define {name}(X)"):]
        return re.findall(r'X\([A-Z_]+,\s*"([^"]+)"\)', block[:block.index("\n\n")])
    return words("STAGE_LIST"), words("LOOK_LIST"), words("GUARD_LIST")


def states():
    for name in shown.scenarios():
        yield name, 0
    yield "s01-happy-path", 1  # nothing was looked at yet
    for name in CUT:
        for line in shown.lines(name, 4):
            yield name, line


def check_plans(results):
    with open(PLAN, encoding="utf-8") as f:
        schema = closed(json.load(f))
    bad, acts = [], set()
    for name in CUT + ["s07-manual-publisher", "r03-second-algorithm"]:
        with shown.State(name) as state:
            plan = json.loads(state.run("plan", "--json", "--until", "2y"))
        acts.update(step["act"] for step in plan["steps"])
        bad += [f"{name}: {why}" for why in (judge(plan) for judge in judges(schema)) if why]
        if [step["at"] for step in plan["steps"]] != sorted(step["at"] for step in plan["steps"]):
            bad.append(f"{name}: not in the order of time")
    results.check(not bad, "plans are what their schema says", bad)
    results.check({"nothing", "make", "publish", "deploy", "withdraw", "destroy"} <= acts, "with every act", acts)


def check_next(results):
    """Whose time has come waits for a successor that is not ready."""
    for line, said in ((26, "its successor takes over when 02020202 is ready"),
                       (31, "its successor takes over when 02020202 is ready")):
        with shown.State("m01-manual-timeline", line) as state:
            keys = json.loads(state.run("status", "--json"))["hosts"][0]["keys"]
        text = [key["next"]["text"] for key in keys if key["stage"] == "deployed"]
        results.check(text == [said], f"a key that is due says what it waits for (line {line})", text)


def main():
    results = shown.Results()
    check_plans(results)
    check_next(results)
    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    strict = judges(closed(copy.deepcopy(schema)))
    stages, looks, guards = stages_of_the_code()
    defs = schema["$defs"]
    results.check(defs["stage"]["enum"] == stages, "the schema has the stages of the code", stages)
    results.check(defs["evidence"]["properties"]["result"]["enum"] == looks,
                  "the schema has the outcomes of the code", looks)
    results.check(defs["key"]["properties"]["guards"]["items"]["properties"]["name"]["pattern"] ==
                  f"^({'|'.join(guards)})(:.+)?$", "the schema has the guards of the code", guards)
    bad, n, phases, sample = [], 0, set(), None
    for name, line in states():
        with shown.State(name, line) as state:
            document = json.loads(state.run("status", "--json"))
        n += 1
        phases.update(host["phase"] for host in document["hosts"])
        if sample is None and document["hosts"][0]["keys"]:
            sample = document
        bad += [f"{name}:{line}: {why}" for why in (judge(document) for judge in strict) if why]
    results.check(not bad, f"{n} states are shown as the schema says, and every field is in it", "; ".join(bad[:5]))
    results.check({"steady", "rollover", "emergency", "bootstrap", "paused"} <= phases, "every phase was among them",
                  phases)
    for what, document in spoilt(sample):
        results.check(all(judge(document) for judge in strict), f"{what} is not taken")
    grown = copy.deepcopy(sample)
    grown["hosts"][0]["mood"] = "good"
    results.check(not any(judge(grown) for judge in judges(schema)), "a reader may meet fields that it does not know")
    results.end()


if __name__ == "__main__":
    main()
