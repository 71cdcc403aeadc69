"""expected.tsv, and what differs from it."""
import os

FIELDS = ["kind", "recipient", "action", "status", "category", "class", "advice"]
TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.tsv")


class Expectations:
    """What one mail system's bounces say: rows by scenario. `only`: the scenarios that are tried.

    `notes` tell why a scenario has no bounce, or what is odd about it; what dsnd is known to get wrong is `known`.
    """

    def __init__(self, system, only=None):
        general, special, self.notes = {}, {}, {}
        with open(TABLE, encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("#"):
                    continue
                of, scenario, *values = line.rstrip("\n").split("\t")
                if of not in ("*", system):
                    continue
                rows = (general if of == "*" else special).setdefault(scenario, [])
                if values[0] != "none":
                    rows.append(dict(zip(FIELDS, values)))
                if values[0] == "none" or len(values) > len(FIELDS):
                    self.notes[scenario] = values[-1]
        self.rows = {name: rows for name, rows in {**general, **special}.items()
                     if only is None or name.partition(".")[0] in only}
        self.known = {name for name, note in self.notes.items() if note.startswith("known wrong: ")}

    def none(self):
        """The scenarios that give no bounce."""
        return sorted(name for name, rows in self.rows.items() if not rows)

    def scenarios(self):
        """Those that are sent: some bounce is expected."""
        return sorted({name.partition(".")[0] for name, rows in self.rows.items() if rows})

    def scenario_of(self, tag, event):
        """The scenario that an event with this tag belongs to."""
        later = tag + ".expired"
        return later if event["kind"] != "delayed" and later in self.rows else tag


def differences(want, event):
    """What is wrong with an event, in words."""
    said = {name: event.get(name) or "-" for name in FIELDS}
    said["class"] = "-" if said["class"] == "none" else said["class"]
    return ["%s %s, should be %s" % (name, said[name], want[name]) for name in FIELDS
            if want[name] != "*" and said[name] not in want[name].split("|")]


def judge(wants, events):
    """What is wrong with the events of one scenario."""
    wrong, left = [], list(events)
    for want in wants:
        event = next((e for e in left if e.get("recipient") == want["recipient"]), left[0] if left else None)
        if event is None:
            wrong.append("no event for %s" % want["recipient"])
        else:
            left.remove(event)
            wrong += differences(want, event)
    return wrong + ["an event too many: %s for %s" % (e["kind"], e.get("recipient", "nobody")) for e in left]
