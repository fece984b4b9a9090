"""200,000 files on one machine, and on two Spark workers of which one is killed: the same report, byte for byte.

    cargo xtask test --scale

Among them are people who handed in twice, duplicates, and files that are broken in every way this script knows.
"""

import argparse
import atexit
import base64
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

from pyspark.sql import SparkSession

JOB = Path(__file__).resolve().with_name("tally.py")
N_FILES = 200_000
N_DUPLICATES = 2_000
N_BROKEN = 2_100
PARTITIONS = 64


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("plumbline", type=Path)
    parser.add_argument("folder", type=Path, help="a folder to be made anew; takes 2 GB, until all is well")
    args = parser.parse_args()
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    program = args.plumbline.resolve()
    folder = args.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.chdir(folder)
    # No link: Spark would ship it under the name of what it leads to.
    shutil.copy(program, "plumbline")

    links, expected = timed("simulated", simulate)
    timed("tallied on one machine", tally_here, links)
    counts = Counter(json.loads(Path("one.counts").read_text()))
    check(expected.items() <= counts.items(), f"one machine says {counts}")
    check(counts.total() == N_FILES + N_DUPLICATES + N_BROKEN, f"one machine says {counts}")

    said = timed("tallied by Spark, a worker killed", tally_with_a_kill, links)
    check_same("killed.json", said, counts)

    timed("written as Parquet", write_parquet)
    options = ["all.parquet", "--parquet", "signed", "--partitions", "7", "--out", "parquet.json"]
    said = timed("tallied by Spark from Parquet", lambda: finish(spark_job([*options, "--", *links])))
    check_same("parquet.json", said, counts)

    # Without its links plumbline counts less, but it runs; with a link that does not exist it does not.
    options = ["all.jsonl", "--partitions", "2", "--out", "failed.json", "--", "--link", "missing.link"]
    job = spark_job(options)
    job.wait()
    check(job.returncode != 0 and not Path("failed.json").exists(), "a job succeeded without plumbline")
    shutil.rmtree(folder)


def timed(what: str, work, *args):
    start = time.monotonic()
    made = work(*args)
    print(f"{what}: {time.monotonic() - start:.1f} s", flush=True)
    return made


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        sys.exit(f"FAILED: {otherwise}")


def plumbline(*args) -> bytes:
    return subprocess.run(["./plumbline", *args], check=True, stdout=subprocess.PIPE).stdout


# The files


def simulate() -> tuple[list[str], dict[str, int]]:
    """Makes all.jsonl. Returns its links, as options, and how many files go which way; the others are broken."""
    os.environ["PLUMBLINE_PASSPHRASE"] = "six words chosen for this test"
    plumbline("keys", "new", "--out", "coach.key")
    cohort = make_link("first", "--cut", "site: Where do you work? = North | South | At home")
    # People take part in the same wave by another link later: these hand in twice.
    make_link("again", "--cohort", cohort)
    invited = make_link("invited", "--invitations")
    # The same keys with other invitations.
    make_link("reminded", "--invitations", "--cohort", invited)
    plans = {
        "first": ["ops", 180_000, "--seed", 1],
        "again": ["ops", 5_000, "--seed", 1],
        "invited": ["ops", 8_000, "--seed", 2, "--key", "coach.key"],
        "reminded": ["ops", 1_000, "--seed", 2, "--key", "coach.key"],
        "alone": ["ops", 4_000, "--seed", 3],
        "managers": ["leader_180", 2_000, "--seed", 4, "--rater", "manager"],
    }
    lines = []
    for name, (instrument, n, *options) in plans.items():
        link = ["--link", f"{name}.link"] if Path(f"{name}.link").exists() else []
        options = map(str, ["--n", n, *options, "--jsonl", f"{name}.jsonl", *link])
        plumbline("simulate", instrument, *options)
        lines += Path(f"{name}.jsonl").read_bytes().splitlines()
        Path(f"{name}.jsonl").unlink()
    check(len(lines) == N_FILES, f"{len(lines)} files were simulated")

    draw = random.Random(1)
    lines += draw.sample(lines, N_DUPLICATES)
    lines += [broken(line, idx) for idx, line in enumerate(draw.sample(lines, N_BROKEN))]
    draw.shuffle(lines)
    # Empty lines are no files.
    Path("all.jsonl").write_bytes(b"\n\r\n".join(lines))
    links = [word for name in plans if Path(f"{name}.link").exists() for word in ("--link", f"{name}.link")]
    n_again = 6_000
    expected = {"counted": N_FILES - n_again, "superseded": n_again, "duplicate": N_DUPLICATES}
    return links, expected


def make_link(name: str, *options: str) -> str:
    """The id of the link's cohort."""
    asked = ["--title", "Team check", "--coach", "A. Coach", "--instrument", "ops", "--wave", "1", "--no-seal"]
    base = ["--base", "https://example.org/survey/", "--key", "coach.key", "--json"]
    made = json.loads(plumbline("link", "new", *asked, *base, *options))
    Path(f"{name}.link").write_text(made["link"])
    # The next link's files are to be newer than this one's.
    time.sleep(1.1)
    return made["cohort"]


def broken(line: bytes, idx: int) -> bytes:
    """A file that must be rejected, though it names a real person."""
    file = json.loads(line)
    claims = json.loads(base64.urlsafe_b64decode(file["payload"] + "=="))
    claims["iat"] += 1
    newer = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    ways = [
        line.replace(file["payload"].encode(), newer),
        line.replace(b'"signature":"', b'"signature":"A'),
        line[: len(line) // 2],
        line.replace(b"payload", b"pay\xffload"),
        line.replace(b"{", b'{"payload":"e30",', 1),
        b"no JSON",
        b" ",
    ]
    return ways[idx % len(ways)] if idx else line.replace(b"{", b"{" + b" " * 2**20, 1)


def write_parquet() -> None:
    quiet = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    spark = SparkSession.builder.master("local[2]").config(map=quiet).getOrCreate()
    lines = spark.read.option("lineSep", "\n").text("all.jsonl")
    lines.selectExpr("cast(value as binary) as signed").write.parquet("all.parquet")
    spark.stop()


# The tallies


def tally_here(links: list[str]) -> None:
    plumbline("tally", "all.jsonl", *links, "--out", "one.json", "--counts", "one.counts")


def spark_job(options: list[str], *conf: str) -> subprocess.Popen:
    """The job on two workers of one core and 1 GB each."""
    submit = Path(sys.executable).with_name("spark-submit")
    files = ",".join(["plumbline", *map(str, Path().glob("*.link"))])
    command = [submit, "--master", "local-cluster[2,1,1024]", "--driver-memory", "1g", "--files", files]
    settings = ["spark.ui.showConsoleProgress=false", *conf]
    command += [word for setting in settings for word in ("--conf", setting)]
    with open("spark.log", "ab") as log:
        job = subprocess.Popen([*command, JOB, *options], stdout=subprocess.PIPE, stderr=log, text=True)
    atexit.register(job.terminate)
    return job


def finish(job: subprocess.Popen) -> str:
    said, _ = job.communicate()
    check(job.returncode == 0, f"Spark ended with {job.returncode}; {Path('spark.log').resolve()} says why")
    # Spark puts what the driver's programs note on their way before it.
    return said.splitlines()[-1]


def tally_with_a_kill(links: list[str]) -> str:
    """Kills an executor that has tallied some of the partitions, while others are still to do."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.mkdir("events")
    events = ["enabled=true", f"dir={Path('events').resolve().as_uri()}", "rolling.enabled=false", "compress=false"]
    options = ["all.jsonl", "--partitions", str(PARTITIONS), "--out", "killed.json", "--", *links]
    job = spark_job(options, f"spark.ui.port={port}", *(f"spark.eventLog.{setting}" for setting in events))
    app, victim, n_done = a_worker_in_the_middle(job, f"http://127.0.0.1:{port}/api/v1/applications")
    # In a local cluster, what a worker is otherwise is a thread of the driver: its process is the executor.
    os.kill(process_of(app, victim), signal.SIGKILL)
    print(f"killed executor {victim} after {n_done} of {PARTITIONS} partitions", flush=True)
    said = finish(job)

    (log,) = Path("events").iterdir()
    events = [json.loads(line) for line in log.open()]
    removed = [event["Executor ID"] for event in events if event["Event"] == "SparkListenerExecutorRemoved"]
    check(victim in removed, f"Spark did not notice that executor {victim} was killed")
    n_read = done_again(events, "Write", "Shuffle Records Written")
    n_tallied = done_again(events, "Read", "Total Records Read")
    check(n_read > 0 and n_tallied > 0, "nothing had to be done again")
    print(f"read again: {n_read} splits; tallied again: {n_tallied} partitions", flush=True)
    return said


def done_again(events: list[dict], way: str, number: str) -> int:
    """Of how many partitions more than one task wrote, or read, what goes from the first stage to the second."""
    done = Counter()
    for event in events:
        if event["Event"] == "SparkListenerTaskEnd" and event["Task End Reason"]["Reason"] == "Success":
            is_work = event["Task Metrics"][f"Shuffle {way} Metrics"][number] > 0
            done[event["Task Info"]["Partition ID"]] += is_work
    return sum(n > 1 for n in done.values())


def a_worker_in_the_middle(job: subprocess.Popen, api: str) -> tuple[str, str, int]:
    """Waits until a quarter of the partitions are tallied; then the executor that did most of them."""
    while job.poll() is None:
        time.sleep(0.1)
        try:
            app = get(api)[0]["id"]
            stages = get(f"{api}/{app}/stages?status=active")
        except (OSError, ValueError):
            continue  # Nothing listens yet, or it says just that it is starting.
        for stage in stages:
            if stage["numTasks"] == PARTITIONS and stage["numCompleteTasks"] >= PARTITIONS // 4:
                (attempt,) = get(f"{api}/{app}/stages/{stage['stageId']}")
                done = {name: one["succeededTasks"] for name, one in attempt["executorSummary"].items()}
                check(sum(done.values()) < PARTITIONS, "Spark was too fast to be interrupted")
                return app, max(done, key=done.get), sum(done.values())
    sys.exit(f"FAILED: Spark ended before it was interrupted; {Path('spark.log').resolve()} says why")


def get(url: str):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def process_of(app: str, executor: str) -> int:
    wanted = {("--executor-id", executor), ("--app-id", app)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text().split("\0")
        except OSError:
            continue  # It has just ended.
        if wanted <= set(itertools.pairwise(words)):
            return int(process.name)
    sys.exit(f"FAILED: executor {executor} has no process")


# What must be the same


def check_same(path: str, said: str, counts: Counter) -> None:
    check(Counter(json.loads(said)) == counts, f"Spark says {said}, one machine {counts}")
    check(Path(path).read_bytes() == Path("one.json").read_bytes(), f"{path} is not the tally of one machine")
    for form in ("text", "json", "csv"):
        one, other = (plumbline("report", "--tally", tally, "--format", form) for tally in ("one.json", path))
        check(len(one) > 1000 and one == other, f"the {form} report of {path} is another")


if __name__ == "__main__":
    main()
