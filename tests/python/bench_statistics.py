"""How fast `plumbline stats` is, beside what others do, in one run on one machine.

  python3 tests/python/bench_statistics.py [FOLDER]

makes 100,000, 1,000,000 and 4,000,000 respondents of 30 items with five options in FOLDER (a temporary one
without it; 300 MB), builds the release, and measures
  - from rows in memory: everything that `plumbline stats` prints, numpy.cov, pingouin.cronbach_alpha and R's
    psych::alpha;
  - from the CSV file: `plumbline stats`, and only loading it with pandas (pyarrow) and polars;
  - the largest memory of `plumbline stats`.
Each number is the median of several runs, with the fastest and the slowest. What is not installed is left out:
pip install numpy pandas pyarrow polars pingouin, apt-get install r-cran-psych. Alpha of all is compared first.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
ITEMS = [f"i{i:02}" for i in range(30)]
SIZES = [100_000, 1_000_000, 4_000_000]


def definition(folder):
    bands = [{"id": "low", "from": 0}]
    whole = {
        "format": 1,
        "id": "thirty",
        "version": "1.0",
        "languages": ["en"],
        "minutes": 5,
        "raters": ["self"],
        "responses": {
            "r": {"type": "rating", "min": 1, "max": 5, "favourable_from": 4, "not_applicable": False}
        },
        "items": [{"type": "rating", "id": item, "response": "r", "reversed": False} for item in ITEMS],
        "sections": [{"id": "s", "screens": [[item] for item in ITEMS]}],
        "groups": [{"id": "g", "chart": "bars"}],
        "scales": [{"id": "all", "group": "g", "items": ITEMS, "min_answered": 24, "bands": bands}],
        "rules": [{"id": "v", "kind": "verdict", "when": {"always": True}}],
        "limits": {"focus": 1},
    }
    (folder / "definition.json").write_text(json.dumps(whole))


def made(folder, n):
    """One factor behind 30 items; the same people every time."""
    path = folder / f"{n}.csv"
    codes = np.empty((n, len(ITEMS)), np.int8)
    rng = np.random.default_rng(n)
    for start in range(0, n, 100_000):
        part = codes[start : start + 100_000]
        level = rng.normal(size=(len(part), 1))
        noise = rng.normal(size=part.shape)
        part[:] = np.clip(np.rint(3 + 0.6 * level + 0.9 * noise), 1, 5)
    if not path.exists():
        text = np.full((n, 2 * len(ITEMS)), ord(","), np.uint8)
        text[:, ::2] = codes + ord("0")
        text[:, -1] = ord("\n")
        path.write_bytes(",".join(ITEMS).encode() + b"\n" + text.tobytes())
    return path, codes


def timed(work, runs=7):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def row(what, times, note=""):
    middle, low, high = statistics.median(times), min(times), max(times)
    print(f"| {what} | {middle:.3f} s | {low:.3f}–{high:.3f} | {note} |", flush=True)
    return middle


def peak(command):
    """The largest memory of a program, in MB, as the system counted it."""
    measured = ["/usr/bin/env", "python3", "-c", PEAK, *map(str, command)]
    return int(subprocess.run(measured, check=True, capture_output=True, text=True).stdout) / 1024


PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

PSYCH = """
args <- commandArgs(trailingOnly = TRUE)
rows <- matrix(readBin(args[1], "integer", n = 31e6, size = 1), ncol = 30, byrow = TRUE)
rows <- as.data.frame(rows)
for (run in 1:3) {
  time <- system.time(found <- suppressWarnings(psych::alpha(rows)))["elapsed"]
  cat(time, found$total$raw_alpha, "\\n")
}
"""


def optional(name):
    try:
        return __import__(name)
    except ImportError:
        print(f"({name} is not installed)")


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    definition(folder)
    tables = {n: made(folder, n)[0] for n in SIZES}
    n = 1_000_000
    path, codes = made(folder, n)
    build = ["cargo", "build", "--release", "-p", "plumbline", "--example", "statistics", "--bins"]
    subprocess.run([*build, "--quiet"], check=True, cwd=ROOT)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    program, in_memory = target / "plumbline", target / "examples" / "statistics"
    stats = [program, "stats", "--definition", folder, "--json", "--csv"]

    found = json.loads(subprocess.run([*stats, path], check=True, capture_output=True).stdout)
    alpha = found["scales"]["all"]["alpha"]["value"]
    pingouin, pandas, polars = optional("pingouin"), optional("pandas"), optional("polars")
    frame = pandas and pandas.DataFrame(codes, columns=ITEMS)
    print(f"\n{os.cpu_count()} cores, {n:,} respondents, {len(ITEMS)} items\n")
    print("| from rows in memory | median | fastest–slowest | |\n|---|---|---|---|")
    (folder / "rows").write_bytes((codes - 1).astype(np.uint8).tobytes())
    ran = subprocess.run(
        [in_memory, folder / "definition.json", folder / "rows"], check=True, capture_output=True, text=True
    )
    own = row("plumbline, all statistics", [float(line) for line in ran.stdout.split()])
    numbers = codes.astype(np.float64)
    covariance = row("numpy.cov of doubles", timed(lambda: np.cov(numbers, rowvar=False)))
    if pingouin:
        other = pingouin.cronbach_alpha(data=frame)[0]
        assert abs(other - alpha) < 1e-5, (other, alpha)
        row("pingouin.cronbach_alpha", timed(lambda: pingouin.cronbach_alpha(data=frame), 3))
    (folder / "codes").write_bytes(codes.tobytes())
    ran = subprocess.run(["Rscript", "-e", PSYCH, folder / "codes"], capture_output=True, text=True)
    if ran.returncode == 0:
        runs = [line.split() for line in ran.stdout.splitlines() if line]
        assert all(abs(float(other) - alpha) < 1e-5 for _, other in runs), (runs, alpha)
        psych = row("psych::alpha", [float(seconds) for seconds, _ in runs])
        print(f"\nnumpy.cov takes {covariance / own:.1f} times as long as plumbline, psych::alpha {psych / own:.0f}")
    else:
        print(f"(psych::alpha did not run: {ran.stderr.strip()[-200:]})")

    print("\n| from the CSV file | median | fastest–slowest | |\n|---|---|---|---|")
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    row("plumbline stats, all statistics", timed(lambda: subprocess.run([*stats, path], **quiet)))
    if pandas:
        row("pandas.read_csv, pyarrow", timed(lambda: pandas.read_csv(path, engine="pyarrow")), "only loading")
    if polars:
        row("polars.read_csv", timed(lambda: polars.read_csv(path)), "only loading")

    print("\n| respondents | CSV file | largest memory of plumbline stats |\n|---|---|---|")
    for n, path in tables.items():
        size = path.stat().st_size / 1e6
        print(f"| {n:,} | {size:.0f} MB | {peak([*stats, path]):.1f} MB |")


main()
