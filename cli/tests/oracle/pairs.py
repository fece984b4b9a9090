"""Leaders and managers side by side, computed from the definitions in the documentation and not from the program.

  python3 pairs.py INSTRUMENTS FOLDER    prints `pairs`, what `plumbline pair FOLDER --format json` has to
                                         print, and `gaps`, what a report on the cohort may

Everything is a fraction: means, gaps, squared errors, kappa over all pairs of ratings, the double-entry correlation
over the doubled data, the tail of the hypergeometric distribution over all ways to pick. Where SciPy is installed,
its `hypergeom` and `pearsonr` have to agree. Signatures are not checked.
"""

import base64
import json
import math
import sys
from fractions import Fraction
from itertools import product
from pathlib import Path
from statistics import NormalDist

try:
    from scipy import stats
except ImportError:
    stats = None

Z = NormalDist().inv_cdf(0.975)


def decoded(text):
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def main():
    instruments, folder = map(Path, sys.argv[1:])
    seats = {}
    for path in sorted(folder.rglob("*.json")):
        survey = decoded(json.loads(path.read_bytes())["payload"])["survey"]
        token = survey["cohort"]["invitation"]
        pair = decoded(token.split(".")[1])["pair"]
        name = survey["instrument"]
        definition = instruments / name["id"] / name["version"] / "definition.json"
        cohort = survey["cohort"]
        seats.setdefault((cohort["id"], cohort["wave"], str(definition), pair), {})[survey["rater"]] = survey
    pairs = {key: seat for key, seat in sorted(seats.items()) if len(seat) == 2}
    definition = json.loads(Path(next(iter(pairs))[2]).read_bytes())
    rules = definition["pair"]
    rated = {key: Rated(definition, seat["self"], seat["manager"]) for key, seat in pairs.items()}
    norms = Norms(definition, list(rated.values())) if len(pairs) >= rules["cohort_from"] else None
    out = []
    for key, one in rated.items():
        out.append({"pair": key[3], "cohort": key[0], "wave": key[1], "report": report(definition, one, norms)})
    json.dump({"pairs": out, "gaps": gaps_of(definition, [pair["report"] for pair in out])}, sys.stdout)


def gaps_of(definition, reports):
    """Mean gaps over all pairs in points of 0 to 100, and how many leaders have a name in each area."""
    rows = []
    for idx, area in enumerate(reports[0]["areas"]):
        areas = [report["areas"][idx] for report in reports if "value" in report["areas"][idx]["gap"]]
        response = definition["responses"]["frequency"]
        gaps = [Fraction(a["gap"]["value"]) * 100 / (response["max"] - response["min"]) for a in areas]
        row = {"scale": area["scale"], "n": len(gaps), "gap": printed(mean(gaps)), "sd": math.sqrt(variance(gaps))}
        for name in ("over", "under"):
            row[name] = sum(a["agreement"] == f"{name}_estimator" for a in areas)
        rows.append(row)
    return rows


def printed(value):
    """One decimal, half away from zero."""
    tenths = math.floor(abs(value) * 10 + Fraction(1, 2))
    return tenths / 10 if value >= 0 else -tenths / 10


class Rated:
    """Both sheets; ratings of what both rated."""

    def __init__(self, definition, own, manager):
        self.own, self.manager = own, manager
        items = {item["id"]: item for item in definition["items"]}
        self.scales = [s for s in definition["scales"] if s["group"] == definition["pair"]["group"]]

        def rating(survey, item):
            answer = survey["answers"].get(item)
            if not isinstance(answer, int):
                return None
            response = definition["responses"][items[item]["response"]]
            return response["min"] + response["max"] - answer if items[item]["reversed"] else answer

        self.ratings = {
            item: (rating(own, item), rating(manager, item)) for s in self.scales for item in s["items"]
        }
        self.both = {item: pair for item, pair in self.ratings.items() if None not in pair}

    def of(self, scales):
        return [self.both[item] for scale in scales for item in scale["items"] if item in self.both]

    def gap(self, scales):
        pairs = self.of(scales)
        return mean([a - b for a, b in pairs]) if pairs else None

    def item_variance(self):
        squares, freedom = Fraction(0), 0
        for scale in self.scales:
            gaps = [a - b for a, b in self.of([scale])]
            if len(gaps) > 1:
                squares += sum((gap - mean(gaps)) ** 2 for gap in gaps)
                freedom += len(gaps) - 1
        return max(squares / freedom, Fraction(1, 6)) if freedom else None


class Norms:
    """What many pairs say about error and spread."""

    def __init__(self, definition, pairs):
        self.errors, self.gaps = {}, {}
        for scale in pairs[0].scales:
            errors = []
            for rater in (0, 1):
                rows = [[pair.ratings[item][rater] for item in scale["items"]] for pair in pairs]
                errors.append(error([row for row in rows if None not in row]))
            if None not in errors:
                self.errors[scale["id"]] = sum(errors)
            enough = [p for p in pairs if len(p.of([scale])) >= scale["min_answered"]]
            self.gaps[scale["id"]] = variance([pair.gap([scale]) for pair in enough])
        self.overall = variance([pair.gap(pair.scales) for pair in pairs if pair.both])


def error(rows):
    """k times the squared standard error of measurement of the rows' means."""
    k = len(rows[0])
    means = variance([mean(row) for row in rows])
    own = sum(variance(column) for column in zip(*rows))
    alpha = Fraction(k, k - 1) * (1 - own / (means * k * k))
    return k * means * (1 - alpha) if alpha > 0 else None


def mean(values):
    return sum(map(Fraction, values)) / len(values)


def variance(values):
    centre = mean(values)
    return sum((value - centre) ** 2 for value in values) / (len(values) - 1)


def number(value, reason=None):
    return {"reason": reason} if value is None else {"value": str(value)}


def report(definition, pair, norms):
    rules = definition["pair"]
    priorities = priorities_of(definition, pair)
    order = [i for section in definition["sections"] for screen in section["screens"] for i in screen]
    item_variance = pair.item_variance()
    errors = {}
    for scale in pair.scales:
        of_cohort = norms and norms.errors.get(scale["id"])
        for item in scale["items"]:
            errors[item] = (of_cohort, "cohort") if of_cohort else (item_variance, "pair")
    behaviours = [behaviour(rules, pair, priorities, item, *errors[item]) for item in order if item in pair.ratings]
    areas, total, of_cohort = [], Fraction(0), True
    for scale in pair.scales:
        pairs = pair.of([scale])
        per_item, source = item_variance, "pair"
        if norms and scale["id"] in norms.errors:
            per_item, source = norms.errors[scale["id"]], "cohort"
        error = None if per_item is None else per_item / max(len(pairs), 1)
        if pairs:
            total = None if None in (total, error) else total + error * len(pairs) ** 2
            of_cohort = of_cohort and source == "cohort"
        enough = len(pairs) >= scale["min_answered"]
        within = norms and norms.gaps[scale["id"]]
        areas.append(compared(rules, scale["id"], len(scale["items"]), pairs, enough, error, source, within))
    everything = pair.of(pair.scales)
    n = max(len(everything), 1)
    error = None if total is None else total / n**2
    within = norms and norms.overall
    source = "cohort" if of_cohort else "pair"
    overall = compared(rules, None, len(pair.ratings), everything, bool(everything), error, source, within)
    texts = [item for item in order if kind(definition, item) == "text"]
    similarity, reason = double_entry(everything)
    return {
        "instrument": definition["id"],
        "version": definition["version"],
        "rules": rules,
        "behaviours": behaviours,
        "overall": overall,
        "areas": areas,
        "priorities": priorities,
        "similarity": number(similarity, reason),
        "unstable": similarity is not None and len(everything) < 10,
        "kappa": number(kappa(everything), "no_variance"),
        "questions": [
            {"item": item, "own": pair.own["texts"].get(item), "manager": pair.manager["texts"].get(item)}
            for item in texts
        ],
    }


def kind(definition, item):
    return next(i["type"] for i in definition["items"] if i["id"] == item)


def behaviour(rules, pair, priorities, item, error, source):
    rank = {who: 1 + priorities[who].index(item) if item in priorities[who] else None for who in ("own", "manager")}
    own, manager = pair.ratings[item]
    picked = rank["own"] or rank["manager"]
    if manager is None:
        place = "not_seen" if picked else None
    elif manager >= rules["frequent_from"]:
        place = "protect" if picked else "ease_off"
    else:
        place = "act_on" if picked else "leave"
    error = None if None in (own, manager) else error
    agreement = None
    if error is not None:
        gap, good = own - manager, manager * 100 >= rules["good_from"]
        if abs(gap) * 100 <= rules["within"]:
            agreement = "in_agreement_good" if good else "in_agreement_poor"
        elif abs(gap) > Z * math.sqrt(error):
            agreement = "over_estimator" if gap > 0 else "under_estimator"
    return {
        "item": item,
        "own": own,
        "manager": manager,
        "error_squared": number(error, "too_few_items"),
        "error_from": source,
        "agreement": agreement,
        "own_rank": rank["own"],
        "manager_rank": rank["manager"],
        "place": place,
    }


def compared(rules, scale, n_items, pairs, enough, error, source, gap_variance):
    good_from = Fraction(rules["good_from"], 100)
    within = Fraction(rules["within"], 100) ** 2
    if gap_variance:
        within = gap_variance / 4
    own = manager = gap = agreement = None
    says = "not_compared"
    if enough:
        own, manager = mean([a for a, _ in pairs]), mean([b for _, b in pairs])
        gap = own - manager
        good = manager >= good_from
        if error is None:
            agreement = None
        elif gap**2 <= within:
            agreement = "in_agreement_good" if good else "in_agreement_poor"
        elif abs(float(gap)) > Z * math.sqrt(error):
            agreement = "over_estimator" if gap > 0 else "under_estimator"
        short = {
            None: "unclear",
            "over_estimator": "over",
            "under_estimator": "under",
            "in_agreement_good": "good",
            "in_agreement_poor": "poor",
        }[agreement]
        if scale is None:
            says = f"overall_{short}"
        else:
            says = {
                ("over", False): "blind_spot",
                ("over", True): "seen_less",
                ("under", True): "hidden_strength",
                ("under", False): "seen_more",
                ("good", good): "agreed_good",
                ("poor", good): "agreed_poor",
                ("unclear", good): "unclear",
            }[short, good]
    return {
        "scale": scale,
        "n_items": n_items,
        "n_both": len(pairs),
        "own": number(own, "too_few_items"),
        "manager": number(manager, "too_few_items"),
        "gap": number(gap, "too_few_items"),
        "error_squared": number(error, "too_few_items"),
        "error_from": source,
        "within_squared": str(within),
        "within_from": "cohort" if gap_variance else "declared",
        "agreement": agreement,
        "says": says,
    }


def priorities_of(definition, pair):
    rules = definition["pair"]
    own, manager = (s["rankings"].get(rules["priorities"], []) for s in (pair.own, pair.manager))
    candidates = next(i["candidates"] for i in definition["items"] if i["id"] == rules["priorities"])
    n, a, b = len(candidates), len(own), len(manager)
    shared = [item for item in own if item in manager]
    ways = sum(math.comb(a, x) * math.comb(n - a, b - x) for x in range(len(shared), min(a, b) + 1))
    tail = Fraction(ways, math.comb(n, b))
    if stats:
        assert math.isclose(tail, stats.hypergeom.sf(len(shared) - 1, n, a, b), rel_tol=1e-12), tail
    if not own or not manager:
        says = "priorities_missing"
    else:
        says = "priorities_beyond_chance" if tail * 100 < rules["chance"] else "priorities_chance"
    return {
        "own": own,
        "manager": manager,
        "shared": shared,
        "n_candidates": n,
        "expected": str(Fraction(a * b, n)),
        "probability": str(tail),
        "says": says,
    }


def kappa(pairs):
    """Weighted kappa over every rating of one with every rating of the other."""
    expected = sum(Fraction((a - b) ** 2) for (a, _), (_, b) in product(pairs, pairs))
    if not expected:
        return None
    return 1 - len(pairs) * sum(Fraction((a - b) ** 2) for a, b in pairs) / expected


def double_entry(pairs):
    """Pearson's correlation where every pair is entered twice, once the other way round."""
    if len(pairs) < 3:
        return None, "too_few_items"
    x = [a for a, _ in pairs] + [b for _, b in pairs]
    y = [b for _, b in pairs] + [a for a, _ in pairs]
    mx, my = mean(x), mean(y)
    spread = sum((a - mx) ** 2 for a in x)
    if not spread:
        return None, "no_variance"
    # Both lists hold the same numbers, and so have the same spread.
    found = sum((a - mx) * (b - my) for a, b in zip(x, y)) / spread
    if stats:
        assert math.isclose(found, stats.pearsonr(x, y)[0], abs_tol=1e-9), found
    return found, None


main()
