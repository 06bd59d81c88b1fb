"""What was taken out of the config is said, and comes back as it was."""
import os
import sqlite3

import shown


def owners(state):
    with open(state.config, encoding="utf-8") as f:
        return f.read()


def main():
    results = shown.Results()
    with shown.State("p08-two-owners") as state:
        text = owners(state)
        db = sqlite3.connect(os.path.join(state.folder, "state", "state.db"))
        db.execute("UPDATE owner SET named = 1")
        db.commit()
        other = [name for (name,) in db.execute("SELECT name FROM owner") if name != "_25._tcp.mx.example."]
        db.close()
        out = state.run("status")
        results.check(all(f"{name} is no longer in the config" in out for name in other) and other,
                      "an owner that left the config is named by status", out)
        out = state.run("status", "-v", "mx.example")
        results.check(out.count("no longer in the config; waited for") == len(other) and
                      all(f"\n  {name} in zone" in out for name in other), "what it is waited for is shown", out)
        names = ", ".join(f'"{name}"' for name in other)
        with open(state.config, "w", encoding="utf-8") as f:
            f.write(text.replace("owners: []", f"owners: [{names}]"))
        results.check("no longer" not in state.run("status"), "put back it is there as before")
        with open(state.config, "w", encoding="utf-8") as f:
            f.write(text.replace("  mx.example:", "  other.example:"))
        out = state.run("status")
        results.check("mx.example " in out and "Nothing is looked at, changed or destroyed" in out,
                      "a host that left the config is named by status", out)
    results.end()


if __name__ == "__main__":
    main()
