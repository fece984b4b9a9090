"""Scores, rules and the cohort report, computed again from the raw definitions and the payloads of the
files, with nothing but Python's standard library. Written from the definitions in the documentation, not
from the program: fractions are exact, means round half away from zero once, Student's t comes from the
closed forms for whole degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4).

  python3 plumbline.py score  INSTRUMENTS FILE...    an array like `plumbline score --format json`
  python3 plumbline.py report INSTRUMENTS FILE...    an array like `plumbline report --format json`

Every file is believed: it has been verified elsewhere.
"""

import base64
import json
import math
import sys
from decimal import ROUND_HALF_EVEN, Decimal, getcontext
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist

getcontext().prec = 60


def payload(path):
    text = json.loads(Path(path).read_text())["payload"]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))["survey"]


def definition_of(root, survey):
    named = survey["instrument"]
    return json.loads((Path(root) / named["id"] / named["version"] / "definition.json").read_text())


def half_up(value, digits):
    """Decimal text of a fraction, halves away from zero."""
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = str(whole).rjust(digits + 1, "0")
    sign = "-" if value < 0 and whole else ""
    return sign + (text[:-digits] + "." + text[-digits:] if digits else text)


class Sheet:
    def __init__(self, definition, survey):
        self.definition, self.survey = definition, survey
        self.items = {item["id"]: item for item in definition["items"]}
        self.scales = {scale["id"]: scale for scale in definition["scales"]}

    def code(self, item):
        answer = self.survey["answers"].get(item)
        return answer if isinstance(answer, int) else None

    def response(self, item):
        return self.definition["responses"][self.items[item]["response"]]

    def keyed(self, item):
        code = self.code(item)
        if code is None or not self.items[item]["reversed"]:
            return code
        response = self.response(item)
        return response["min"] + response["max"] - code

    def values(self, scale):
        keyed = [self.keyed(item) for item in self.scales[scale]["items"]]
        return [value for value in keyed if value is not None]

    def pomp(self, scale):
        values = self.values(scale)
        if len(values) < self.scales[scale]["min_answered"]:
            return None
        response = self.response(self.scales[scale]["items"][0])
        low, high = response["min"], response["max"]
        return 100 * (Fraction(sum(values), len(values)) - low) / (high - low)


# ---- rules: True, False, or None while an answer is missing


def kleene_and(parts):
    return False if False in parts else None if None in parts else True


def kleene_or(parts):
    return True if True in parts else None if None in parts else False


def at_least(parts, n):
    sure, open_ = parts.count(True), parts.count(None)
    return True if sure >= n else None if sure + open_ >= n else False


def holds(sheet, rule):
    (kind, given), = rule.items()
    if kind == "always":
        return given
    if kind == "all":
        return kleene_and([holds(sheet, part) for part in given])
    if kind == "any":
        return kleene_or([holds(sheet, part) for part in given])
    if kind == "not":
        inner = holds(sheet, given)
        return None if inner is None else not inner

    def answered(item, codes):
        code = sheet.code(item)
        return None if code is None else code in codes

    def compared(scale, below, from_):
        pomp = sheet.pomp(scale)
        if pomp is None:
            return None
        return pomp < below if below is not None else pomp >= from_

    if kind == "answer":
        return answered(given["item"], given["is"])
    if kind == "count":
        parts = [answered(item, given["is"]) for item in given["items"]]
        if "at_least" in given:
            return at_least(parts, given["at_least"])
        more = at_least(parts, given["at_most"] + 1)
        return None if more is None else not more
    if kind == "score":
        return compared(given["scale"], given.get("below"), given.get("at_least"))
    if kind == "count_scores":
        below, from_ = given.get("below"), given.get("at_least_score")
        return at_least([compared(scale, below, from_) for scale in given["scales"]], given["at_least"])
    if kind == "lowest":
        own = sheet.pomp(given["scale"])
        if own is None:
            return None
        group = sheet.scales[given["scale"]]["group"]
        others = [sheet.pomp(s["id"]) for s in sheet.definition["scales"] if s["group"] == group]
        return sum(1 for pomp in others if pomp is not None and pomp < own) < given["among"]
    raise ValueError(kind)


def fired(sheet):
    rules = sheet.definition["rules"]
    of = lambda kind: [r for r in rules if r["kind"] == kind and holds(sheet, r["when"]) is True]
    verdict = None
    for rule in (rule for rule in rules if rule["kind"] == "verdict"):
        truth = holds(sheet, rule["when"])
        if truth is not False:
            verdict = {"rule": rule["id"] if truth else None}
            break
    focus = of("focus")
    no_score = Fraction(-1)
    focus.sort(key=lambda r: no_score if sheet.pomp(r["rank_by"]) is None else sheet.pomp(r["rank_by"]))
    ids = lambda found: [rule["id"] for rule in found]
    return {
        "verdict": verdict,
        "gates": ids(of("gate")),
        "patterns": ids(of("pattern")),
        "levers": ids(of("lever")),
        "focus": ids(focus[: sheet.definition.get("limits", {}).get("focus", 0)]),
        "recommendations": ids(of("recommendation")),
    }


def score(root, path):
    survey = payload(path)
    sheet = Sheet(definition_of(root, survey), survey)
    scales = []
    for scale in sheet.definition["scales"]:
        values, pomp = sheet.values(scale["id"]), sheet.pomp(scale["id"])
        bands = [band["id"] for band in scale["bands"] if pomp is not None and band["from"] <= pomp]
        scales.append({
            "id": scale["id"],
            "n_answered": len(values),
            "n_items": len(scale["items"]),
            "sum": sum(values),
            "mean": None if pomp is None else half_up(Fraction(sum(values), len(values)), 2),
            "pomp": None if pomp is None else half_up(pomp, 1),
            "band": bands[-1] if bands else None,
        })
    return {"file": str(path), "scales": scales, **fired(sheet)}


# ---- the cohort


def t_probability(t, df):
    """P(|T| < t) for whole degrees of freedom."""
    theta = math.atan(t / math.sqrt(df))
    sine, cosine2 = math.sin(theta), math.cos(theta) ** 2
    if df % 2:
        term, total = math.cos(theta), 0.0
        for j in range(3, df + 1, 2):
            total += term
            term *= cosine2 * (j - 1) / j
        return 2 / math.pi * (theta + sine * total)
    term, total = 1.0, 0.0
    for j in range(2, df + 1, 2):
        total += term
        term *= cosine2 * (j - 1) / j
    return sine * total


def t_quantile(df):
    low, high = 0.0, 20.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if t_probability(middle, df) < 0.95 else (low, middle)
    return high


def one_decimal(value):
    return float(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_EVEN))


def estimate(values):
    n = len(values)
    mean = sum(values, Fraction(0)) / n
    sd = interval = None
    if n > 1:
        variance = sum(((value - mean) ** 2 for value in values), Fraction(0)) / (n - 1)
        root = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
        margin = t_quantile(n - 1) * float(root) / math.sqrt(n)
        ends = max(0.0, float(mean) - margin), min(100.0, float(mean) + margin)
        sd, interval = one_decimal(root), [one_decimal(end) for end in ends]
    return {"n": n, "mean": float(half_up(mean, 1)), "sd": sd, "ci95": interval}


def wilson(x, n):
    z = NormalDist().inv_cdf(0.975)
    p = x / n
    centre = p + z * z / (2 * n)
    margin = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    ends = (centre - margin) / (1 + z * z / n), (centre + margin) / (1 + z * z / n)
    return [one_decimal(100 * end) for end in ends]


def publishable(values, least):
    """Enough people, and not few who all gave the same."""
    return len(values) >= least and (len(set(values)) > 1 or len(values) >= 2 * least)


def hidden(blocks, least, barred=()):
    """Blocks that may not be shown, then the smallest of the others until all that are hidden may be shown together."""
    gone = {i for i, block in enumerate(blocks) if block and (i in barred or not publishable(block, least))}
    while gone and not publishable([value for i in sorted(gone) for value in blocks[i]], least):
        left = [i for i, block in enumerate(blocks) if block and i not in gone]
        if not left:
            break
        gone.add(min(left, key=lambda i: len(blocks[i])))
    return gone


def scored(sheets, scale):
    pomps = (sheet.pomp(scale) for sheet in sheets)
    return [pomp for pomp in pomps if pomp is not None]


def complete(sheets, scale):
    rows = [[sheet.keyed(item) for item in scale["items"]] for sheet in sheets]
    return [row for row in rows if None not in row]


def quality(sheets, scale):
    """Over people who answered every item; without alpha's interval and omega, for which there are other tests."""
    items, rows = scale["items"], complete(sheets, scale)
    n, k = len(rows), len(items)
    mean = [Fraction(sum(row[i] for row in rows), n) for i in range(k)]

    def covariance(i, j):
        return sum((row[i] - mean[i]) * (row[j] - mean[j]) for row in rows) / (n - 1)

    total = sum(covariance(i, j) for i in range(k) for j in range(k))
    variance = [covariance(i, i) for i in range(k)]
    alpha = Fraction(k, k - 1) * (1 - sum(variance) / total) if total and k > 1 else None
    response = sheets[0].response(items[0])
    options = response["max"] - response["min"] + 1

    def agreement(null):
        share = sum(variance) / k / null
        return max(Fraction(0), k * (1 - share)) / (k * (1 - share) + share) if share <= 1 else Fraction(0)

    def two(value):
        return None if value is None else round(float(value), 2)

    group, = (g for g in sheets[0].definition["groups"] if g["id"] == scale["group"])
    declared = Fraction(group.get("agreement_from", 0), 100)
    disagree = agreement(Fraction(options**2 - 1, 12)) < declared
    return {
        "quality": {
            "n": n,
            "alpha": two(alpha),
            "rwg_uniform": two(agreement(Fraction(options**2 - 1, 12))),
            "rwg_slight_skew": two(agreement(Fraction(134, 100))) if options == 5 else None,
            **({"disagree": True} if disagree else {}),
        }
    }


def cut(definition, sheets, item, least):
    codes = definition["responses"][item["response"]]["codes"] + [None]
    members = [[sheet for sheet in sheets if sheet.code(item["id"]) == code] for code in codes]
    # People differ: only their number can be too small.
    gone = hidden([list(range(len(member))) for member in members], least)
    together = [sheet for i in sorted(gone) for sheet in members[i]]
    blocks = [[] if i in gone else member for i, member in enumerate(members)] + [together]
    groups = [
        {"code": code, "n": None if i in gone else len(members[i]), "scales": []}
        for i, code in enumerate(codes)
    ]
    other = {"code": None, "n": len(together), "scales": []}
    for scale in definition["scales"]:
        values = [scored(block, scale["id"]) for block in blocks]
        withheld = hidden(values, least)
        sums = [[sum(row) for row in complete(block, scale)] for block in blocks]
        everybody = publishable([value for block in sums for value in block], least)
        unsure = hidden(sums, least, withheld if everybody else range(len(blocks)))
        for i, group in enumerate(groups + [other]):
            shown = i not in withheld and values[i]
            group["scales"].append({
                "scale": scale["id"],
                "group": scale["group"],
                "estimate": estimate(values[i]) if shown else None,
                **(quality(blocks[i], scale) if shown and sums[i] and i not in unsure else {}),
            })
    found = {"item": item["id"], "groups": groups}
    return {**found, "other": other} if len(together) >= least else found


def partners(definition, items, least):
    """Of items in the same scales, where one is hidden that enough people answered, the least answered one, too."""
    def scales(item):
        return [scale["id"] for scale in definition["scales"] if item in scale["items"]]

    told = [scales(row["item"]) for row, n in items if row["estimate"] is None and n >= least]
    for own in {tuple(own) for own in told if own}:
        shown = [(n, row["item"], row) for row, n in items if row["estimate"] and scales(row["item"]) == list(own)]
        if shown:
            min(shown)[2].update(estimate=None, favourable=None, favourable_ci95=None)


def told(definition, sheets):
    """How many people each verdict, gate, pattern and lever speaks to, hidden or not."""
    said = [fired(sheet) for sheet in sheets]
    rules = [rule for rule in definition["rules"] if rule["kind"] in ("gate", "pattern", "lever")]
    lists = ("gates", "patterns", "levers")
    verdicts = [rule["id"] for rule in definition["rules"] if rule["kind"] == "verdict"]
    return {
        "verdicts": [
            {"rule": rule, "n": sum(one["verdict"]["rule"] == rule for one in said)}
            for rule in (*verdicts, None)
        ],
        "rules": [
            {"rule": rule["id"], "n": sum(rule["id"] in one[part] for one in said for part in lists)}
            for rule in rules
        ],
    } if verdicts else None


def report(root, key, surveys):
    definition = definition_of(root, surveys[0])
    sheets = [Sheet(definition, survey) for survey in surveys]
    least = max([5] + [survey["policy"]["min_group"] for survey in surveys])
    least_comments = max([10] + [survey["policy"]["min_comments"] for survey in surveys])
    scales, items, comments = [], [], []
    for scale in definition["scales"]:
        pomps = scored(sheets, scale["id"])
        shown = estimate(pomps) if publishable(pomps, least) else None
        whole = publishable([sum(row) for row in complete(sheets, scale)], least)
        found = quality(sheets, scale) if shown and whole else {}
        scales.append({"scale": scale["id"], "group": scale["group"], "estimate": shown, **found})
    order = [item for section in definition["sections"] for screen in section["screens"] for item in screen]
    by_id = sheets[0].items
    for item in (by_id[item] for item in order if by_id[item]["type"] == "rating"):
        row = {"item": item["id"], "reversed": item["reversed"]}
        row.update(estimate=None, favourable=None, favourable_ci95=None)
        response = sheets[0].response(item["id"])
        low, high = response["min"], response["max"]
        values = [value for value in (sheet.keyed(item["id"]) for sheet in sheets) if value is not None]
        if publishable(values, least):
            n_favourable = sum(value >= response["favourable_from"] for value in values)
            row["estimate"] = estimate([Fraction(100 * (value - low), high - low) for value in values])
            row["favourable"] = float(half_up(Fraction(100 * n_favourable, len(values)), 1))
            row["favourable_ci95"] = wilson(n_favourable, len(values))
        items.append((row, len(values)))
    partners(definition, items, least)
    for item in definition["items"]:
        if item["type"] == "text":
            texts = sorted(s["texts"][item["id"]] for s in surveys if item["id"] in s["texts"])
            comments.append({"item": item["id"], "texts": texts if len(texts) >= least_comments else None})
    return {
        "instrument": key[0],
        "version": key[1],
        "rater": key[2],
        "n": len(surveys),
        "min_group": least,
        "min_comments": least_comments,
        "scales": scales,
        "items": [row for row, _ in items],
        "cuts": [cut(definition, sheets, item, least) for item in definition["items"] if item.get("cut")],
        "comments": comments,
        "told": told(definition, sheets),
    }


def main():
    what, root, *paths = sys.argv[1:]
    if what == "score":
        found = [score(root, path) for path in paths]
    else:
        kinds = {}
        for survey in map(payload, paths):
            key = survey["instrument"]["id"], survey["instrument"]["version"], survey["rater"]
            kinds.setdefault(key, []).append(survey)
        found = [report(root, key, kinds[key]) for key in sorted(kinds)]
    json.dump(found, sys.stdout)


main()
