"""Tallies any number of signed results on an Apache Spark cluster. README.md beside this file says how to run it.

Every partition is piped through `plumbline tally --stdin`, and `plumbline merge` adds the tallies up. Spark decides
where a file is tallied and nothing else: what a file says, and whether it counts, is plumbline's to judge.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F


def read(spark: SparkSession, paths: list[str], column: str | None) -> DataFrame:
    """The files, byte for byte, in a column `file`."""
    reader = spark.read.option("recursiveFileLookup", True)
    if column:
        found = reader.parquet(*paths).select(F.col(column).alias("file"))
    else:
        # Without this, "\r" would end a line as well.
        found = reader.option("lineSep", "\n").text(paths).select(F.col("value").alias("file"))
    is_empty = F.col("file").cast("string").isin("", "\r")
    return found.where(~is_empty).select(F.col("file").cast("binary"))


def whose(file: Column) -> Column:
    """What all files of one person share, so that one partition sees them all and decides which one counts.

    That is the key they are signed with. Whoever was invited by name may have several keys, and a key several
    invitations; so a cohort with invitations stays together as a whole. Nothing is verified yet, and need not be: a
    file that lies about its key or its cohort is rejected wherever it goes. What says neither, as a sealed file, goes
    where its likes go.
    """
    payload = F.get_json_object(file.cast("string"), "$.payload")
    claims = F.try_to_binary(F.translate(payload, "-_", "+/"), F.lit("base64")).cast("string")
    claim = partial(F.get_json_object, claims)
    is_invited = claim("$.survey.cohort.invitation").isNotNull()
    return F.when(is_invited, claim("$.aud")).otherwise(claim("$.iss"))


def tally(command: list[str], rows: Iterable[Row]) -> Iterator[tuple[Counter, bytes]]:
    """Runs on a worker: how many files of a partition went which way, and their tally.

    A second attempt, here or elsewhere, gives the same bytes: they depend on the files, and not on their order.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, counts, said = (Path(folder, name) for name in ("tally", "counts", "said"))
        options = ["--stdin", "--out", str(out), "--counts", str(counts)]
        n_files = 0
        with said.open("wb") as stderr:
            process = subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stderr=stderr)
            # When it stops reading, its exit code says why.
            with suppress(BrokenPipeError), process.stdin as lines:
                for row in rows:
                    # Between the parts of JSON a line end is a space; within them, neither is allowed.
                    lines.write(row.file.replace(b"\n", b" ") + b"\n")
                    n_files += 1
        # 1 says that there were files and none of them counts.
        if process.wait() not in (0, 1):
            raise RuntimeError(f"{command} ended with {process.returncode}: {said.read_text()}")
        counted = Counter(json.loads(counts.read_text()))
        if counted.total() != n_files:
            raise RuntimeError(f"{n_files} files went in, {counted.total()} have a verdict")
        yield counted, out.read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(epilog="What follows -- goes to `plumbline tally`, as --link FILE.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="JSON Lines, or folders of such files")
    parser.add_argument("--parquet", metavar="COLUMN", help="read Parquet, with a file in each row of this column")
    parser.add_argument("--partitions", type=int, required=True, help="about one for 100,000 files")
    parser.add_argument("--plumbline", default="./plumbline", help="the program, with --instruments if need be")
    parser.add_argument("--out", required=True, metavar="FILE", help="the tally, on the driver; it must not exist")
    ours, theirs = sys.argv[1:], []
    if "--" in ours:
        theirs = ours[ours.index("--") + 1 :]
        ours = ours[: ours.index("--")]
    args = parser.parse_args(ours)

    spark = SparkSession.builder.appName("plumbline tally").getOrCreate()
    files = read(spark, args.paths, args.parquet)
    # By hash: a row dealt out anew after a loss goes where it went before.
    parts = files.repartition(args.partitions, whose(F.col("file"))).rdd
    plumbline = shlex.split(args.plumbline)
    tallied = parts.mapPartitions(partial(tally, [*plumbline, "tally", *theirs]))
    tallied.persist(StorageLevel.DISK_ONLY)
    counts = sum(tallied.map(lambda part: part[0]).collect(), Counter())
    with tempfile.TemporaryDirectory() as folder:
        tallies = [Path(folder, f"{idx}.tally.json") for idx in range(args.partitions)]
        # One at a time: together they may be more than the driver holds.
        for path, (_, content) in zip(tallies, tallied.toLocalIterator(), strict=True):
            path.write_bytes(content)
        subprocess.run([*plumbline, "merge", *tallies, "--out", args.out], check=True)
    print(json.dumps(counts, sort_keys=True))
    spark.stop()


if __name__ == "__main__":
    main()
