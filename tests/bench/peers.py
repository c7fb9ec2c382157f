"""Compare Hotwash with dlt, DuckDB and plain Polars on the same rows, and measure its memory per row and its start.

usage: tests/bench/peers.py [ROWS]   (default 200,000; needs a release build and tests/bench/requirements.txt)

Loads ROWS incidents with Hotwash, and the same file into the same Postgres with dlt. dlt uses Arrow, its fastest way, and does not
validate, redact or merge. Exports the incidents as Parquet and computes incidents by hazard in three ways: the metric over HTTP with
shares and provenance, and a plain group-by of the file in DuckDB and in Polars. All three counts must be equal. Each query runs five
times; the median is printed.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable

import dlt
import duckdb
import load
import polars
import pyarrow.csv
from private import HOTWASH, run, warehouse

load.ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
METRIC = '{ metric(id: "incident_burden", groupBy: [HAZARD], asOf: "2026-06-30") { rows { dimensions n } } }'


def seconds(once: Callable[[], object]) -> float:
    took = []
    for _ in range(6):
        began = time.perf_counter()
        once()
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:])


class Server:
    """Run a server without an answer cache until the block ends; `start` is the time until it was ready."""

    def __enter__(self) -> "Server":
        return self

    def __init__(self, environment: dict[str, str]) -> None:
        began = time.perf_counter()
        command = [HOTWASH, "serve", "--listen", "127.0.0.1:0", "--rate", "0", "--no-cache", "answers"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/graphql", self.process.stdout.readline())):
            pass
        self.base = found.group(1)
        while True:
            try:
                urllib.request.urlopen(f"{self.base}/readyz").close()
                break
            except OSError:
                time.sleep(0.02)
        self.start = time.perf_counter() - began

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def memory(self) -> int:
        """Return the resident memory in bytes."""
        line = next(one for one in open(f"/proc/{self.process.pid}/status") if one.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def ask(self) -> int:
        body = json.dumps({"query": METRIC}).encode()
        request = urllib.request.Request(f"{self.base}/graphql", body, {"content-type": "application/json"})
        answer = json.load(urllib.request.urlopen(request))
        assert "errors" not in answer, answer
        return sum(row["n"] for row in answer["data"]["metric"]["rows"])


def dlt_seconds(path: str, url: str, folder: str) -> float:
    os.environ.update({"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"})
    pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=dlt.destinations.postgres(url), dataset_name="peer")
    began = time.perf_counter()
    pipeline.run(pyarrow.csv.read_csv(path), table_name="storms", write_disposition="replace")
    return time.perf_counter() - began


def line(name: str, ours: float, theirs: float, unit: str = "s") -> None:
    print(f"{name:60} {ours:10.3f} {theirs:10.3f} {unit:3} ratio {ours / theirs:8.3f}")


def main() -> None:
    with warehouse() as (home, url, environment):
        with Server(environment) as empty:
            bare = empty.memory()
        path = os.path.join(home, "storms.csv")
        load.generate(path)
        report = json.loads(run([HOTWASH, "load", "--json", path], environment)[1])
        print(f"{load.ROWS:,} incidents; Hotwash, the peer, their ratio")
        line("load, of dlt's", report["seconds"], dlt_seconds(path, url, os.path.join(home, "dlt")))
        run([HOTWASH, "export", home, "--only", "incidents", "--format", "parquet"], environment)
        file = os.path.join(home, "incidents.parquet")
        sql = f"select hazard, count(*) as n, sum(deathsDirect) from '{file}' group by 1"
        frame = polars.scan_parquet(file).group_by("hazard").agg(polars.len().alias("n"), polars.col("deathsDirect").sum())
        counted = {sum(row[1] for row in duckdb.sql(sql).fetchall()), frame.collect()["n"].sum()}
        with Server(environment) as server:
            counted.add(server.ask())
            assert counted == {report["inserted"]}, (counted, report)
            ours = seconds(server.ask)
            line("incidents by hazard, of DuckDB's on Parquet", ours * 1000, seconds(lambda: duckdb.sql(sql).fetchall()) * 1000, "ms")
            line("incidents by hazard, of bare Polars' on Parquet", ours * 1000, seconds(frame.collect) * 1000, "ms")
            print(f"memory a row of the snapshot: {(server.memory() - bare) / report['inserted']:.0f} bytes")
            print(f"cold start, until ready with all rows: {server.start:.2f} s, of an empty warehouse's ratio {server.start / empty.start:.3f}")


if __name__ == "__main__":
    main()
