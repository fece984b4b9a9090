"""The cohort report, computed independently of Plumbline's own code.

Usage: /usr/bin/python3 cohort.py INSTRUMENTS RESULTS

INSTRUMENTS holds <id>/<version>/definition.json, RESULTS holds signed result files. Prints the numbers that
`plumbline report RESULTS --format json` may print, and hides none of them: that is checked elsewhere. Means are exact fractions, rounded half up at
one decimal; standard deviations come from pandas, intervals from SciPy. Signatures are not checked
here: that is what npm `jose` is for.
"""

import base64
import json
import sys
from fractions import Fraction
from math import floor, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats


def main() -> None:
    instruments, results = map(Path, sys.argv[1:])
    surveys = [payload(path)["survey"] for path in sorted(results.glob("*.json"))]
    kinds = {}
    for survey in surveys:
        # Raters in the order of the definition format: self before manager.
        rater = ["self", "manager"].index(survey["rater"])
        key = (survey["instrument"]["id"], survey["instrument"]["version"], rater)
        kinds.setdefault(key, []).append(survey)
    reports = []
    for (name, version, _), members in sorted(kinds.items()):
        definition = json.loads((instruments / name / version / "definition.json").read_bytes())
        reports.append(report(definition, members))
    json.dump(reports, sys.stdout, ensure_ascii=False)


def payload(path: Path) -> dict:
    encoded = json.loads(path.read_bytes())["payload"]
    return json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def report(definition: dict, surveys: list) -> dict:
    items = {item["id"]: item for item in definition["items"]}
    responses = definition["responses"]
    # What a link pins holds; without a link nothing is laxer than usual.
    without_link = any(survey.get("cohort") is None for survey in surveys)
    usual = [{"min_group": 5, "min_comments": 10}] if without_link else []
    policies = usual + [survey["policy"] for survey in surveys]
    min_group = max(policy["min_group"] for policy in policies)
    min_comments = max(policy["min_comments"] for policy in policies)

    def keyed(survey: dict, item: dict):
        """The answer in the direction of the scale, or None."""
        answer = survey["answers"].get(item["id"])
        if not isinstance(answer, int):
            return None
        response = responses[item["response"]]
        return response["min"] + response["max"] - answer if item["reversed"] else answer

    def score(survey: dict, scale: dict):
        """Percent of the maximum possible, exactly, or None where too few were answered."""
        values = [keyed(survey, items[name]) for name in scale["items"]]
        values = [value for value in values if value is not None]
        if len(values) < scale["min_answered"]:
            return None
        response = responses[items[scale["items"][0]]["response"]]
        low, high = response["min"], response["max"]
        return 100 * (Fraction(sum(values), len(values)) - low) / (high - low)

    scores = pd.DataFrame(
        [[score(survey, scale) for scale in definition["scales"]] for survey in surveys],
        columns=[scale["id"] for scale in definition["scales"]],
        dtype=object,
    )

    def scale_rows(frame: pd.DataFrame) -> list:
        return [
            {
                "scale": scale["id"],
                "group": scale["group"],
                "estimate": estimate(frame[scale["id"]].dropna()) if frame[scale["id"]].notna().any() else None,
            }
            for scale in definition["scales"]
        ]

    presented = [name for section in definition["sections"] for screen in section["screens"] for name in screen]
    item_rows = []
    for name in presented:
        item = items[name]
        if item["type"] != "rating":
            continue
        response = responses[item["response"]]
        span = response["max"] - response["min"]
        values = [value for survey in surveys if (value := keyed(survey, item)) is not None]
        row = {"item": name, "reversed": item["reversed"], "estimate": None, "favourable": None, "favourable_ci95": None}
        if values:
            percent = pd.Series([Fraction(100 * (value - response["min"]), span) for value in values], dtype=object)
            n_favourable = sum(value >= response["favourable_from"] for value in values)
            wilson = stats.binomtest(n_favourable, len(values)).proportion_ci(0.95, method="wilson")
            row["estimate"] = estimate(percent)
            row["favourable"] = half_up(Fraction(100 * n_favourable, len(values)))
            row["favourable_ci95"] = [one_decimal(100 * wilson.low), one_decimal(100 * wilson.high)]
        item_rows.append(row)

    cuts = []
    for item in definition["items"]:
        if item["type"] != "choice" or not item["cut"]:
            continue
        codes = responses[item["response"]]["codes"] + [None]
        answers = pd.Series([survey["answers"].get(item["id"]) for survey in surveys], dtype=object)
        answers = answers.where(answers.isin(codes[:-1]), None)
        members = [answers.isna() if code is None else answers == code for code in codes]
        groups = [
            {"code": code, "n": int(member.sum()), "scales": scale_rows(scores[member])}
            for code, member in zip(codes, members)
        ]
        cuts.append({"item": item["id"], "groups": groups})

    comments = []
    for item in definition["items"]:
        if item["type"] == "text":
            texts = sorted(survey["texts"][item["id"]] for survey in surveys if item["id"] in survey["texts"])
            comments.append({"item": item["id"], "texts": texts if len(texts) >= min_comments else None})

    return {
        "instrument": definition["id"],
        "version": definition["version"],
        "rater": surveys[0]["rater"],
        "n": len(surveys),
        "min_group": min_group,
        "min_comments": min_comments,
        "scales": scale_rows(scores),
        "items": item_rows,
        "cuts": cuts,
        "comments": comments,
    }


def estimate(values: pd.Series) -> dict:
    """Mean, standard deviation (n - 1) and Student's 95 % interval clipped to 0-100."""
    n = len(values)
    mean = sum(values, Fraction(0)) / n
    numbers = values.astype(float)
    sd = interval = None
    if n > 1:
        sd = float(numbers.std(ddof=1))
        error = sd / sqrt(n)
        low, high = stats.t.interval(0.95, n - 1, float(mean), error) if error else (float(mean),) * 2
        interval = [one_decimal(end) for end in np.clip([low, high], 0, 100)]
        sd = one_decimal(sd)
    return {"n": n, "mean": half_up(mean), "sd": sd, "ci95": interval}


def half_up(value: Fraction) -> float:
    return floor(value * 10 + Fraction(1, 2)) / 10


def one_decimal(value: float) -> float:
    return float(f"{value:.1f}")


main()
