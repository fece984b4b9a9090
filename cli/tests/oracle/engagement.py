"""Engagement records drawn at random, put together and checked for what they lack, with nothing but Python's
standard library. Written from the documentation of the record, not from the program: numbers are fractions,
dates and months compare as they are written.

  python3 engagement.py N SEED    an array of N cases: the states of one record on two or three devices, and what
                                  `plumbline engagement --format json` has to find in them together
"""

import base64
import json
import random
import sys
from fractions import Fraction

PHASES = ["contracting", "assessment", "planning", "sessions", "feedback", "evaluation"]
STATEMENTS = ["goals", "confidentiality", "who_hears", "context", "findings", "loop", "review", "sustain"]
CHECKS = ["met_together", "findings_discussed", "commitments_told", "told_back", "review_together"]
# The order in which kinds are written.
KINDS = ["about", "phase", "person", "statement", "check", "criterion", "value", "evidence", "voice",
         "commitment", "session"]
PARTS = ["shows_when", "outcome", "took_part", "monitored", "judged"]


class Draw:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def some(self, *choices):
        return self.random.choice(choices)

    def id(self):
        return base64.urlsafe_b64encode(self.random.randbytes(16)).decode().rstrip("=")

    def day(self):
        return f"2026-{self.random.randint(1, 6):02}-{self.random.randint(1, 28):02}"

    def maybe(self, value):
        return value if self.random.random() < 0.8 else ""

    def number(self):
        return {"n": self.random.randint(-300, 3000), "decimals": self.random.randint(0, 2)}

    def content(self, kind):
        text = self.some("One.", "Another.", "Ünd ein dritter\nmit Zeilen.")
        line = self.some("one", "another", "third “one”")
        if kind == "about":
            return {"title": line, "leader": self.maybe(line), "began": self.maybe(self.day())}
        if kind == "phase":
            return {"from": self.maybe(self.day()), "to": self.maybe(self.day())}
        if kind == "person":
            return {"part": self.some("coach", "leader", "sponsor", "stakeholder"), "role": line}
        if kind == "statement":
            return {"text": text}
        if kind == "check":
            return {"done": self.some("yes", "yes", "no")}
        if kind == "criterion":
            return {
                "name": line, "unit": line, "better": self.some("up", "down"),
                "known": self.some("counted", "timed", "seen", "felt", "felt"),
                "supplied_by": self.maybe(line),
                "baseline": self.some(self.number(), self.number(), None),
                "baseline_date": self.maybe(self.day()), "baseline_source": self.maybe(line),
                "target": self.some(self.number(), None),
            }
        if kind == "value":
            return {"value": self.number(), "note": self.maybe(line)}
        if kind == "evidence":
            return {
                "phase": self.some("assessment", *PHASES), "source": self.some("result", "decision_map"),
                "name": line, "reference": self.some(self.id(), self.random.randbytes(32).hex()),
                "date": self.day(), "note": self.maybe(text),
            }
        if kind == "voice":
            return {"date": self.day(), "who": line, "seen": text}
        if kind == "commitment":
            return {
                "behaviour": text, **{part: self.maybe(text) for part in PARTS},
                "state": self.some("open", "kept", "dropped"), "came_of_it": self.maybe(text),
            }
        return {
            "date": self.day(), "focus": line, "agreed": self.maybe(text), "next_step": self.maybe(line),
            "held": self.some("yes", "no"),
        }

    def keys(self):
        """Everything that one record may hold."""
        keys = [("about", "record")] + [("phase", phase) for phase in PHASES]
        keys += [("statement", id) for id in STATEMENTS] + [("check", id) for id in CHECKS]
        criteria = [self.id() for _ in range(self.random.randint(0, 3))]
        keys += [("criterion", id) for id in criteria]
        keys += [("value", f"{id}.2026-{month:02}") for id in criteria for month in range(1, 8)
                 if self.random.random() < 0.4]
        for kind in ["person", "evidence", "voice", "commitment", "session"]:
            keys += [(kind, self.id()) for _ in range(self.random.randint(0, 4))]
        return keys


def written(draw, keys):
    """What devices wrote, brought each other and wrote again: a history, of which each knows a part."""
    n_devices = draw.random.randint(2, 3)
    known = [set() for _ in range(n_devices)]
    history = {}  # version: (key, content, versions it replaced)
    for _ in range(draw.random.randint(0, 3 * len(keys))):
        device = draw.random.randrange(n_devices)
        if draw.random.random() < 0.1:
            known[device] |= known[draw.random.randrange(n_devices)]
            continue
        key = draw.some(*keys)
        content = None if draw.random.random() < 0.08 else draw.content(key[0])
        seen = {version for version in stands(history, known[device]) if history[version][0] == key}
        version = draw.id()
        history[version] = (key, content, seen)
        known[device].add(version)
    return history, known


def stands(history, known):
    gone = set().union(*(history[version][2] for version in known)) if known else set()
    return known - gone


def record(history, known):
    entries = {}
    for version in known:
        key = history[version][0]
        entry = entries.setdefault(key, {"kind": key[0], "id": key[1], "versions": [], "replaced": []})
        entry["replaced"] += history[version][2]
    for version in stands(history, known):
        key, content, _ = history[version]
        entries[key]["versions"].append({"id": version, "content": content})
    for entry in entries.values():
        entry["versions"].sort(key=lambda version: version["id"])
        entry["replaced"] = sorted(set(entry["replaced"]))
    order = sorted(entries, key=lambda key: (KINDS.index(key[0]), key[1]))
    return {"entries": [entries[key] for key in order]}


def shown(content):
    """Of each entry what is shown: what the lowest version says that is no deletion."""
    found = {}
    for entry in content["entries"]:
        said = [version["content"] for version in entry["versions"] if version["content"] is not None]
        if said:
            found[entry["kind"], entry["id"]] = said[0]
    return found


def conflicts(content):
    def differ(entry):
        first, *others = entry["versions"] or [None]
        return any(other["content"] != first["content"] for other in others)
    return [(entry["kind"], entry["id"]) for entry in content["entries"] if differ(entry)]


def fraction(number):
    return Fraction(number["n"], 10 ** number["decimals"])


def course(entries, id):
    criterion = entries["criterion", id]
    if criterion["baseline"] is None or not criterion["baseline_date"]:
        return {"baseline": None, "baseline_date": None, "months": [], "movement": "no_baseline", "at_target": None}
    base = fraction(criterion["baseline"])
    months = []
    for (kind, key), value in sorted(entries.items()):
        if kind == "value" and key.startswith(id + "."):
            month = key.split(".")[1]
            if month >= criterion["baseline_date"][:7]:
                decimals = max(value["value"]["decimals"], criterion["baseline"]["decimals"])
                change = (fraction(value["value"]) - base) * 10**decimals
                assert change.denominator == 1
                change = {"n": int(change), "decimals": decimals}
                months.append({"month": month, "value": value["value"], "change": change})
    movement, at_target = "no_values", None
    if months:
        latest = fraction(months[-1]["value"])
        sign = -1 if criterion["better"] == "down" else 1
        gain = sign * (latest - base)
        movement = "wanted" if gain > 0 else "unwanted" if gain < 0 else "same"
        if criterion["target"] is not None:
            at_target = sign * (latest - fraction(criterion["target"])) >= 0
    return {"baseline": criterion["baseline"], "baseline_date": criterion["baseline_date"], "months": months,
            "movement": movement, "at_target": at_target}


def findings(content):
    entries = shown(content)
    of = lambda kind: {id: said for (own, id), said in sorted(entries.items()) if own == kind}
    found = []

    def fires(rule, phase, quality, holds, because=()):
        if not holds:
            because = [{"kind": kind, "id": id} for kind, id in because]
            found.append({"rule": rule, "phase": phase, "quality": quality, "because": because})

    def dated(phase):
        fires("dated", phase, "phases", entries.get(("phase", phase), {}).get("from"))

    def said(rule, phase, quality, id):
        fires(rule, phase, quality, ("statement", id) in entries)

    def done(id, phase, quality):
        fires(id, phase, quality, entries.get(("check", id)) == {"done": "yes"})

    def short(rule, phase, quality, kind, falls_short, unless=lambda short: False):
        because = [(kind, id) for id, said in of(kind).items() if falls_short(id, said)]
        fires(rule, phase, quality, not because or unless(because), because)

    parts = {person["part"] for person in of("person").values()}
    criteria, commitments, sessions = of("criterion"), of("commitment"), of("session")
    held = sorted(session["date"] for session in sessions.values() if session["held"] == "yes")
    voices = sorted(voice["date"] for voice in of("voice").values())

    torn = conflicts(content)
    fires("one_version", "contracting", "phases", not torn, torn)
    dated("contracting")
    for part in ["leader", "coach", "sponsor"]:
        fires(f"{part}_named", "contracting", "stakeholders", part in parts)
    done("met_together", "contracting", "stakeholders")
    said("goals_agreed", "contracting", "phases", "goals")
    said("confidentiality_agreed", "contracting", "phases", "confidentiality")
    said("who_hears_agreed", "contracting", "stakeholders", "who_hears")
    fires("criterion_set", "contracting", "outcomes", criteria)
    all_felt = [("criterion", id) for id in criteria] if criteria and all(
        said["known"] == "felt" for said in criteria.values()) else []
    fires("criterion_observable", "contracting", "outcomes", not all_felt, all_felt)
    short("baselines_recorded", "contracting", "outcomes", "criterion",
          lambda _, said: said["baseline"] is None or not said["baseline_date"])
    dated("assessment")
    said("context_described", "assessment", "context", "context")
    fires("evidence_gathered", "assessment", "context",
          any(said["phase"] == "assessment" for said in of("evidence").values()))
    fires("voice_before", "assessment", "stakeholders", voices and (not held or voices[0] <= held[0]))
    said("findings_written", "assessment", "context", "findings")
    done("findings_discussed", "assessment", "phases")
    dated("planning")
    fires("commitment_made", "planning", "outcomes", commitments)
    short("commitments_whole", "planning", "outcomes", "commitment",
          lambda _, said: not all(said[part] for part in PARTS))
    short("commitments_few", "planning", "phases", "commitment", lambda _, said: said["state"] == "open",
          unless=lambda open: len(open) <= 3)
    done("commitments_told", "planning", "stakeholders")
    dated("sessions")
    fires("session_held", "sessions", "phases", held)
    short("sessions_whole", "sessions", "phases", "session",
          lambda _, said: said["held"] == "yes" and not (said["agreed"] and said["next_step"]))
    dated("feedback")
    said("loop_agreed", "feedback", "stakeholders", "loop")
    fires("voice_after", "feedback", "stakeholders", held and voices and voices[-1] > held[0])
    done("told_back", "feedback", "stakeholders")
    dated("evaluation")
    measured = {id: len(course(entries, id)["months"]) >= 2 for id in criteria}
    fires("outcome_measured", "evaluation", "outcomes", any(measured.values()),
          [("criterion", id) for id in criteria])
    short("commitments_judged", "evaluation", "outcomes", "commitment",
          lambda _, said: said["state"] == "open" or not said["came_of_it"])
    said("review_written", "evaluation", "outcomes", "review")
    done("review_together", "evaluation", "stakeholders")
    said("sustained", "evaluation", "phases", "sustain")
    return found


def case(draw):
    history, known = written(draw, draw.keys())
    together = record(history, set().union(*known))
    entries = shown(together)
    measures = [{"id": id, "name": said["name"], "unit": said["unit"], **course(entries, id)}
                for (kind, id), said in sorted(entries.items()) if kind == "criterion"]
    return {
        "records": [record(history, part) for part in known],
        "expected": {"content": together, "findings": findings(together), "measures": measures},
    }


if __name__ == "__main__":
    n, seed = int(sys.argv[1]), int(sys.argv[2])
    json.dump([case(Draw(f"{seed} {number}")) for number in range(n)], sys.stdout)
