"""Tables of answers, and every statistic of them, computed from the definitions in the documentation and not
from the program. Sums, means, covariances and everything made of them are fractions and rounded once. The
interval of alpha and omega of a fitted factor come from SciPy, and are left out where there is none.

  python3 of_tables.py FOLDER N SEED    writes N cases as FOLDER/<i>/{definition.json,table.csv,expected.json}
"""

import csv
import io
import json
import math
import random
import sys
from fractions import Fraction
from pathlib import Path

try:
    import numpy
    from scipy import optimize, stats
except ImportError:
    numpy = None

BOUNDS = [(1, 5), (1, 5), (1, 5), (0, 4), (1, 2), (0, 1), (1, 7), (0, 10), (0, 100), (1, 100), (12, 17)]


# ---- cases


def made(rng):
    """A definition, rows of answers (none for a missing one) and groups."""
    low, high = rng.choice(BOUNDS)
    k = rng.randint(1, 10)
    items = [f"i{i}" for i in range(k)]
    reversed_ = {item: rng.random() < 0.3 for item in items}
    scales = [items]
    for _ in range(rng.randint(0, 2)):
        scales.append(rng.sample(items, rng.randint(1, k)))
    definition = {
        "format": 1,
        "id": "made",
        "version": "1.0",
        "languages": ["en"],
        "minutes": 1,
        "raters": ["self"],
        "responses": {
            "r": {"type": "rating", "min": low, "max": high, "favourable_from": high, "not_applicable": False}
        },
        "items": [{"type": "rating", "id": i, "response": "r", "reversed": reversed_[i]} for i in items],
        "sections": [{"id": "s", "screens": [[item] for item in items]}],
        "groups": [{"id": "g", "chart": "bars"}],
        "scales": [
            {
                "id": f"s{i}",
                "group": "g",
                "items": scale,
                "min_answered": rng.randint(1, len(scale)),
                "bands": [{"id": "low", "from": 0}],
            }
            for i, scale in enumerate(scales)
        ],
        "rules": [{"id": "v", "kind": "verdict", "when": {"always": True}}],
        "limits": {"focus": 1},
    }
    n = rng.choice([0, 1, 2, 3, 5, 12, 40, 150])
    share_missing = rng.choice([0, 0, 0.05, 0.3])
    common = rng.choice([0, 0.5, 0.8])
    constant = {item for item in items if rng.random() < 0.05}
    never = {item for item in items if rng.random() < 0.03}
    groups = [None, "North", "South, by the sea", "Ost", 'the "others"', "one"]
    names = rng.choice([None, groups, groups[:2], groups[1:3]])
    rows = []
    for person in range(n):
        level = rng.gauss(0, 1)
        row = {}
        for item in items:
            value = common * level + math.sqrt(1 - common**2) * rng.gauss(0, 1)
            code = min(high, max(low, round((low + high) / 2 + value * (high - low) / 5)))
            code = low if item in constant else code
            code = low + high - code if reversed_[item] else code
            row[item] = None if item in never or rng.random() < share_missing else code
        group = None
        if names:
            group = names[-1] if person == 0 else rng.choice(names[:-1] or names)
        rows.append((row, group))
    return definition, rows, names is not None


def written(rng, definition, rows, has_groups):
    """The table as somebody's program would write it."""
    columns = [item["id"] for item in definition["items"]]
    columns += ["note"] * rng.randint(0, 1) + ["team"] * has_groups
    rng.shuffle(columns)
    missing = rng.choice(["", "NA", "nan"])
    decimals = rng.random() < 0.3
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    notes = rng.choice([["x"], ["a, b", "two\nlines", 'say "so"', ""]])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=rng.choice(["\n", "\r\n"]), quoting=quoting)
    writer.writerow(columns)

    def cell(row, group, column):
        if column == "note":
            return rng.choice(notes)
        if column == "team":
            return missing if group is None else group
        code = row[column]
        return missing if code is None else f"{code}.0" if decimals else str(code)

    for row, group in rows:
        writer.writerow([cell(row, group, column) for column in columns])
    return rng.choice(["", "\ufeff"]) + text.getvalue()


# ---- statistics


class Nothing(Exception):
    """No number, and why."""


def or_nothing(into, name, compute):
    try:
        value = compute()
        into[name] = float(value) if isinstance(value, (Fraction, int)) else value
    except Nothing as nothing:
        into[name] = None
        into[name + "_reason"] = str(nothing)


def mean_of(values):
    if not values:
        raise Nothing("too_few_people")
    return sum(values, Fraction(0)) / len(values)


def variance(values):
    if len(values) < 2:
        raise Nothing("too_few_people")
    mean = mean_of(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def root(value):
    """The square root of a fraction, to the last digit."""
    scale = 10**40
    return float(Fraction(math.isqrt(value.numerator * scale // value.denominator), 10**20))


def covariance(pairs):
    if len(pairs) < 2:
        raise Nothing("too_few_people")
    a, b = mean_of([p[0] for p in pairs]), mean_of([p[1] for p in pairs])
    return sum((x - a) * (y - b) for x, y in pairs) / (len(pairs) - 1)


def alpha_from(matrix):
    k, total = len(matrix), sum(map(sum, matrix))
    if total == 0:
        raise Nothing("no_variance")
    return Fraction(k, k - 1) * (1 - sum(matrix[i][i] for i in range(k)) / total)


def alpha(rows, k, pairwise=False):
    if k < 2:
        raise Nothing("too_few_items")

    def cell(i, j):
        pairs = [(row[i], row[j]) for row in rows]
        return covariance([pair for pair in pairs if None not in pair] if pairwise else pairs)

    return alpha_from([[cell(i, j) for j in range(k)] for i in range(k)])


def item_rest(rows, i, k):
    if k < 2:
        raise Nothing("too_few_items")
    pairs = [(Fraction(row[i]), Fraction(sum(row) - row[i])) for row in rows]
    own, rest = variance([p[0] for p in pairs]), variance([p[1] for p in pairs])
    if own == 0 or rest == 0:
        raise Nothing("no_variance")
    both = covariance(pairs)
    return math.copysign(root(both * both / (own * rest)), both)


def feldt(value, n, k):
    df1, df2 = n - 1, (n - 1) * (k - 1)
    return [float(1 - (1 - value) * Fraction(stats.f.ppf(p, df1, df2))) for p in (0.975, 0.025)]


def hancock_an(matrix):
    k = len(matrix)
    if k < 3:
        raise Nothing("too_few_items")
    if any(matrix[i][i] == 0 for i in range(k)):
        raise Nothing("no_variance")
    total = 0.0
    for i in range(k):
        others = [j for j in range(k) if j != i]
        pairs = [(a, b) for a in others for b in others if a < b]
        above = sum(matrix[i][a] * matrix[i][b] for a, b in pairs)
        below = sum(matrix[a][b] for a, b in pairs)
        if below <= 0 or above < 0:
            raise Nothing("not_positively_related")
        total += math.copysign(math.sqrt(above / below), sum(matrix[i][j] for j in others))
    omega = total**2 / float(sum(map(sum, matrix)))
    if omega > 1:
        raise Nothing("heywood")
    return omega


def omega_total(matrix):
    """By a general optimizer over the logarithms of unique variances; the factor is the best one to them. None
    where the optimizer ends near a bound, where others may see one factor or none."""
    k = len(matrix)
    s = numpy.array([[float(cell) for cell in row] for row in matrix])
    d = numpy.sqrt(numpy.diag(s))
    r = s / numpy.outer(d, d)

    def parts(logs):
        psi = numpy.exp(logs)
        values, vectors = numpy.linalg.eigh(r / numpy.sqrt(numpy.outer(psi, psi)))
        return psi, values, vectors

    def misfit(logs):
        _, values, _ = parts(logs)
        rest = values[:-1]
        return float(numpy.sum(rest - numpy.log(numpy.maximum(rest, 1e-300)) - 1))

    def slope(logs):
        psi, values, vectors = parts(logs)
        rest, own = values[:-1], vectors[:, :-1] ** 2
        return own @ (1 - rest)

    best = None
    for start in (0.3, 0.6, 0.9):
        found = optimize.minimize(
            misfit, numpy.full(k, math.log(start)), jac=slope,
            method="L-BFGS-B", bounds=[(-12, 0.5)] * k, options={"ftol": 1e-16, "gtol": 1e-11, "maxiter": 5000},
        )
        if best is None or found.fun < best.fun:
            best = found
    psi, values, vectors = parts(best.x)
    if psi.min() < 0.01 or psi.max() > 0.999 or values[-1] < 1.05 or numpy.linalg.eigvalsh(r)[0] < 1e-6:
        return None
    loadings = d * numpy.sqrt(psi) * vectors[:, -1] * math.sqrt(values[-1] - 1)
    common = loadings.sum() ** 2
    return float(common / (common + (d * d * psi).sum()))


def rwg_j(rows, k, null):
    j, s2 = k, sum(variance([row[i] for row in rows]) for i in range(k)) / k
    if null is None:
        raise Nothing("not_five_points")
    if s2 > null:
        return Fraction(0)
    return j * (1 - s2 / null) / (j * (1 - s2 / null) + s2 / null)


def awg_j(rows, k, low, high):
    n, values = len(rows), []
    for i in range(k):
        s2, m = variance([row[i] for row in rows]), Fraction(sum(row[i] for row in rows), n)
        if m in (low, high):
            values.append(Fraction(1))
        elif Fraction(low * (n - 1) + high, n) <= m <= Fraction(high * (n - 1) + low, n):
            largest = ((high + low) * m - m * m - high * low) * Fraction(n, n - 1)
            values.append(1 - 2 * s2 / largest)
    if not values:
        raise Nothing("mean_out_of_range")
    return sum(values) / len(values)


def median(values):
    ordered, n = sorted(values), len(values)
    return Fraction(ordered[(n - 1) // 2] + ordered[n // 2], 2)


def deviation(rows, k, centre):
    if len(rows) < 2:
        raise Nothing("too_few_people")
    total = Fraction(0)
    for i in range(k):
        values = [row[i] for row in rows]
        middle = centre(values)
        total += sum(abs(value - middle) for value in values) / Fraction(len(rows))
    return total / k


def iccs(groups):
    """Of lists of scores: ICC(1) with the mean size, with n0, and ICC(2)."""
    groups = [group for group in groups if group]
    n, count = sum(map(len, groups)), len(groups)
    if count < 2:
        raise Nothing("too_few_groups")
    if n <= count:
        raise Nothing("too_few_people")
    grand = mean_of([score for group in groups for score in group])
    msb = sum(len(g) * (mean_of(g) - grand) ** 2 for g in groups) / (count - 1)
    msw = sum((score - mean_of(g)) ** 2 for g in groups for score in g) / (n - count)
    n0 = (n - Fraction(sum(len(g) ** 2 for g in groups), n)) / (count - 1)
    return msb, msw, Fraction(n, count), n0


def divided(above, below):
    if below == 0:
        raise Nothing("no_variance")
    return above / below


def described(definition, scale, rows, has_groups):
    bounds = definition["responses"]["r"]
    low, high = bounds["min"], bounds["max"]
    turned = {item["id"] for item in definition["items"] if item["reversed"]}
    ids, k = scale["items"], len(scale["items"])

    def keyed(row):
        return [
            None if row[i] is None else low + high - row[i] if i in turned else row[i] for i in ids
        ]

    everybody = [(keyed(row), group) for row, group in rows]
    complete = [(row, group) for row, group in everybody if None not in row]
    values = [row for row, _ in complete]
    scores = []
    for row, _ in everybody:
        given = [value for value in row if value is not None]
        if len(given) >= scale["min_answered"]:
            scores.append(Fraction(sum(given), len(given)))
    found = {"n_complete": len(values), "n_scored": len(scores)}
    or_nothing(found, "mean", lambda: mean_of(scores))
    or_nothing(found, "sd", lambda: root(variance(scores)))
    own = {}
    or_nothing(own, "value", lambda: alpha(values, k))
    if numpy:
        or_nothing(own, "ci95", lambda: feldt(alpha(values, k), len(values), k))
    found["alpha"] = own
    or_nothing(found, "alpha_pairwise", lambda: alpha([row for row, _ in everybody], k, True))

    def matrix():
        return [[covariance([(r[i], r[j]) for r in values]) for j in range(k)] for i in range(k)]

    or_nothing(found, "omega_hancock_an", lambda: hancock_an(matrix()))
    if numpy and found["omega_hancock_an"] is not None:
        omega = omega_total(matrix())
        if omega is not None:
            found["omega_total"] = omega
    found["items"] = {}
    for i, item in enumerate(ids):
        given = [Fraction(row[i]) for row, _ in everybody if row[i] is not None]
        one = {"n": len(given)}
        or_nothing(one, "mean", lambda: mean_of(given))
        or_nothing(one, "sd", lambda: root(variance(given)))
        or_nothing(one, "r_drop", lambda: item_rest(values, i, k))
        rest = [row[:i] + row[i + 1 :] for row in values]
        or_nothing(one, "alpha_drop", lambda: alpha(rest, k - 1))
        found["items"][item] = one
    if has_groups:
        found["groups"] = by_group(complete, everybody, k, low, high)
    return found


def by_group(complete, everybody, k, low, high):
    names = {group for _, group in everybody if group is not None}
    members = {name: [row for row, group in complete if group == name] for name in names}
    nulls = {
        "rwg_j_uniform": Fraction((high - low + 1) ** 2 - 1, 12),
        "rwg_j_slight_skew": Fraction(134, 100) if high - low == 4 else None,
    }
    found, groups = {}, {}
    for name, rows in members.items():
        one = {"n": len(rows)}
        or_nothing(one, "mean", lambda: mean_of([Fraction(sum(row), k) for row in rows]))
        for index, null in nulls.items():
            or_nothing(one, index, lambda: rwg_j(rows, k, null))
        or_nothing(one, "awg_j", lambda: awg_j(rows, k, low, high))
        or_nothing(one, "ad_m", lambda: deviation(rows, k, mean_of))
        or_nothing(one, "ad_md", lambda: deviation(rows, k, median))
        groups[name] = one
    for index, null in nulls.items():
        or_nothing(
            found,
            index + "_mean",
            lambda: mean_of([rwg_j(rows, k, null) for rows in members.values() if len(rows) > 1]),
        )

    def icc(share):
        return lambda: share(*iccs([[Fraction(sum(row), k) for row in rows] for rows in members.values()]))

    or_nothing(found, "icc1", icc(lambda b, w, n, n0: divided(b - w, b + (n - 1) * w)))
    or_nothing(found, "icc1_n0", icc(lambda b, w, n, n0: divided(b - w, b + (n0 - 1) * w)))
    or_nothing(found, "icc2", icc(lambda b, w, n, n0: divided(b - w, b)))
    found["by_group"] = groups
    return found


def main():
    folder, n_cases, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for i in range(n_cases):
        rng = random.Random(seed * 1_000_000 + i)
        definition, rows, has_groups = made(rng)
        scales = {s["id"]: described(definition, s, rows, has_groups) for s in definition["scales"]}
        case = folder / str(i)
        case.mkdir(parents=True)
        (case / "definition.json").write_text(json.dumps(definition))
        (case / "table.csv").write_bytes(written(rng, definition, rows, has_groups).encode())
        expected = {"n": len(rows), "scales": scales}
        (case / "expected.json").write_text(json.dumps({"has_groups": has_groups, "expected": expected}))


main()
