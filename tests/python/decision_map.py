"""Decision maps drawn at random, and their flags, ratio and order of repair computed from docs/decision-map.md,
not from the program: nothing but Python's standard library.

  python3 decision_map.py make FOLDER N SEED     writes map-000.json and so on
  python3 decision_map.py judge LOCALE TODAY FILE...
                                                 an array like what `plumbline map FILE --format json` prints,
                                                 without its sentences

LOCALE is public/locales/en.work.json, which holds the words that the rules look for.
"""

import base64
import json
import random
import sys
import unicodedata
from fractions import Fraction
from pathlib import Path

# ---------------------------------------------------------------- drawing

NAMES = ["Ana Ruiz", "Ben", "Cy O'Neill", "Émilie", "CTO", "Head of the sales team", "Team lead", "We Chen"]
GROUPS = ["Everyone", "the team", "All of us", "SALES", "Leadership team", "We all", "Executive Committee!"]
NOTHING = ["", "  ", "TBD", "n/a", "-", "?", "None", "to be decided", "N/A."]
JOINERS = [" and ", " & ", "/", ", ", "; ", " + ", "\n", " WITH ", " or "]
AMOUNTS = ["3", "3%", "-5", "+ 2,5", "$500", "€ 2.5 m", "CHF 1'000", "1 000 000", "10k", "١٢", "½", "5 days late",
           "soon", "around 5", "3 to 5", "5–10 %", "ABCD 5", "ca 5", "2026-11-20", "3.", "3 .5", "USD", "A1", "5,,5"]
LEVERS = ["Pause the price change", "Up to 10 k in credits", "Stop the line", "none ", "Ask"]


def draw_owner(rng):
    kind = rng.random()
    if kind < 0.45:
        return rng.choice(NAMES)
    if kind < 0.6:
        return rng.choice(GROUPS)
    if kind < 0.75:
        return rng.choice(NOTHING)
    people = NAMES + GROUPS + NOTHING
    return rng.choice(JOINERS).join(rng.choice(people) for _ in range(rng.choice([2, 2, 3])))[:80]


def draw(rng):
    def new_id():
        return base64.urlsafe_b64encode(rng.randbytes(16)).decode().rstrip("=")

    def second():
        return draw_owner(rng) if rng.random() < 0.15 else ""

    metrics = [{
        "id": new_id(), "name": rng.choice(["Churn", "Margin", "", "=NPS"]),
        "owner": draw_owner(rng), "second_owner": second(),
        "when": rng.choice(["", "above", "below", "happens"]),
        "amount": rng.choice(AMOUNTS + NOTHING + [f"{rng.randint(0, 99)} %"] * 12),
        "lever": rng.choice(LEVERS + NOTHING), "permission": rng.choice(["", "given", "given", "needed"]),
        "ask": rng.choice(["", "CEO"]), "decisions": rng.choice([None, 0, 0, 1, 2, 3, 7, 9999]),
    } for _ in range(rng.randint(0, 9))]
    outcomes = [{
        "id": new_id(), "name": rng.choice(["Launch", "New plant", ""]),
        "owner": draw_owner(rng), "second_owner": second(),
        "casting_vote": rng.choice(["", "yes", "yes", "no"]), "on_track": rng.choice(["", "yes", "no"]),
        "owed": [{
            "id": new_id(), "name": rng.choice(["Specification", "Data"]), "owner": draw_owner(rng),
            "by": rng.choice(["", "2026-11-19", "2026-11-20", "2026-11-21", "2025-12-31"]),
            "delivered": rng.random() < 0.3,
        } for _ in range(rng.choice([0, 0, 1, 2, 3]))],
    } for _ in range(rng.randint(0, 6))]
    return {"title": rng.choice(["", "Board"]), "metrics": metrics, "outcomes": outcomes}


# ---------------------------------------------------------------- judging

def is_numeric(c):
    return unicodedata.category(c).startswith("N")


def is_alphanumeric(c):
    return c.isalpha() or is_numeric(c)


def words_of(text):
    return "".join(c if is_alphanumeric(c) else " " for c in text.lower()).split()


class Language:
    def __init__(self, texts):
        def listed(key):
            return {" ".join(words_of(word)) for word in texts[f"map.words.{key}"].split(",")}
        self.groups, self.nothing, self.joining = listed("groups"), listed("nothing"), listed("joining")

    def is_nothing(self, text):
        said = " ".join(words_of(text))
        return said == "" or said in self.nothing

    def names(self, text):
        if self.is_nothing(text):
            return []
        for symbol in "&/,;+\n":
            text = text.replace(symbol, "\0")
        names = []
        for part in text.split("\0"):
            name = []
            for word in [*words_of(part), None]:
                if word is not None and word not in self.joining:
                    name.append(word)
                else:
                    names.append(" ".join(name))
                    name = []
        return [name for name in names if name and name not in self.nothing]

    def owners(self, entry):
        names = set(self.names(entry["owner"]) + self.names(entry["second_owner"]))
        if not names:
            return "nobody"
        if all(word in self.groups for name in names for word in name.split()):
            return "group"
        return "one" if len(names) == 1 else "several"


def is_amount(text):
    def skip(text):
        while text and not is_alphanumeric(text[0]):
            text = text[1:]
        return text
    text = skip(text)
    capitals = len(text) - len(text.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    if capitals == 3:
        text = skip(text[3:])
    if not text or not is_numeric(text[0]):
        return False
    at = 1
    while at < len(text):
        follows = at + 1 < len(text) and is_numeric(text[at + 1])
        if is_numeric(text[at]) or (text[at] in ".,'\u2019 \u00a0\u202f" and follows):
            at += 1
        else:
            break
    return not any(is_numeric(c) for c in text[at:])


def metric_flags(metric, language):
    owners = language.owners(metric)
    by_owners = {"nobody": "no_owner", "group": "everyone", "several": "two_owners"}
    if owners in by_owners:
        yield by_owners[owners], "owner"
    if language.is_nothing(metric["amount"]):
        yield "no_threshold", "amount" if metric["when"] else "when"
    elif not metric["when"]:
        yield "threshold_not_a_number", "when"
    elif metric["when"] != "happens" and not is_amount(metric["amount"]):
        yield "threshold_not_a_number", "amount"
    has_lever = not language.is_nothing(metric["lever"])
    if not has_lever:
        yield "no_lever", "lever"
    elif metric["permission"] == "needed":
        yield "needs_permission", "permission"
    if owners != "one":
        yield "vanity", "owner"
    elif not has_lever:
        yield "vanity", "lever"
    elif metric["permission"] != "given":
        yield "vanity", "permission"
    if metric["decisions"] == 0:
        yield "nothing_decided", "decisions"


def outcome_flags(outcome, language):
    owners = language.owners(outcome)
    by_owners = {"nobody": "no_one_responsible", "group": "everyone_responsible", "several": "two_responsible"}
    if owners in by_owners:
        yield by_owners[owners], "owner"
    if outcome["casting_vote"] != "yes":
        yield "no_casting_vote", "casting_vote"
    if not outcome["on_track"]:
        yield "status_unclear", "on_track"


def owed_flags(owed, language, today):
    if language.is_nothing(owed["owner"]):
        yield "owed_by_nobody", "owner"
    if not owed["delivered"] and not owed["by"]:
        yield "owed_without_date", "by"
    if not owed["delivered"] and owed["by"] and owed["by"] < today:
        yield "owed_date_passed", "by"


STEPS = ["owner", "line", "authority", "retire"]
STEP_OF = {"owner": "owner", "when": "line", "amount": "line", "on_track": "line", "by": "line",
           "lever": "authority", "permission": "authority", "casting_vote": "authority", "decisions": "retire"}


def judge(content, language, today):
    flags, hanging, parent = [], {}, {}

    def note(kind, entry, found):
        flags.extend({"code": code, "kind": kind, "id": entry["id"], "cell": cell} for code, cell in found)

    for metric in content["metrics"]:
        hanging[metric["id"]] = ("metric", metric["decisions"] or 0)
        note("metric", metric, metric_flags(metric, language))
    for outcome in content["outcomes"]:
        still_owed = sum(1 for owed in outcome["owed"] if not owed["delivered"])
        hanging[outcome["id"]] = ("outcome", 1 + still_owed)
        note("outcome", outcome, outcome_flags(outcome, language))
        for owed in outcome["owed"]:
            parent[owed["id"]] = outcome["id"]
            note("owed", owed, owed_flags(owed, language, today))

    grouped = {}
    for flag in flags:
        entry = parent.get(flag["id"], flag["id"])
        grouped.setdefault((STEP_OF[flag["cell"]], entry), []).append([flag["id"], flag["code"]])
    order = {entry: place for place, entry in enumerate(hanging)}
    ranked = sorted(grouped, key=lambda g: (STEPS.index(g[0]), -hanging[g[1]][1], order[g[1]]))
    ranks = [(step, hanging[entry][1]) for step, entry in ranked]
    repairs = [{
        "place": ranks.index((step, hanging[entry][1])) + 1,
        "tied": ranks.count((step, hanging[entry][1])) > 1,
        "step": step, "kind": hanging[entry][0], "id": entry, "hanging": hanging[entry][1],
        "flags": grouped[step, entry],
    } for step, entry in ranked]

    stated = [metric["decisions"] for metric in content["metrics"] if metric["decisions"] is not None]
    fraction = Fraction(len(stated), sum(stated)) if sum(stated) else None
    return {
        "title": content["title"], "signed": False, "today": today,
        "metrics": len(content["metrics"]), "outcomes": len(content["outcomes"]),
        "ratio": {"numbers": len(stated), "decisions": sum(stated), "without_decision": stated.count(0),
                  "not_stated": len(content["metrics"]) - len(stated)},
        "flags": flags, "repairs": repairs, "refused": [],
        "fraction": fraction and [fraction.numerator, fraction.denominator],
    }


def main():
    if sys.argv[1] == "make":
        folder, n, rng = Path(sys.argv[2]), int(sys.argv[3]), random.Random(int(sys.argv[4]))
        for no in range(n):
            text = json.dumps(draw(rng), ensure_ascii=False)
            (folder / f"map-{no:03}.json").write_text(text, encoding="utf-8")
    else:
        locale, today, files = sys.argv[2], sys.argv[3], sys.argv[4:]
        language = Language(json.loads(Path(locale).read_text(encoding="utf-8")))
        read = (json.loads(Path(file).read_text(encoding="utf-8")) for file in files)
        json.dump([judge(content, language, today) for content in read], sys.stdout)


main()
