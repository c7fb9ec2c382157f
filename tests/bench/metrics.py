"""Measure metrics over a large warehouse, and compare them with plain Polars and the same query in SQL, on one machine.

usage: tests/bench/metrics.py [RATINGS] [ACTIONS]   (default 5,000,000 and 2,000,000; needs Rust and Postgres' psql)

Loads the demo and multiplies its coalition records inside Postgres, because loading them as files would measure the loader.
Builds and runs the release benchmark: every metric with its default groups, the cube against its limits, publication, and the
refresh of a snapshot after 10,000 new ratings. BENCH_URL names an earlier run's warehouse to use instead of a new one.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/hotwash/target"))
HOTWASH = os.environ.get("HOTWASH", os.path.join(TARGET, "release", "hotwash"))


def run(command: list[str], environment: dict[str, str]) -> str:
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(f"{' '.join(command)}: {answer.stdout}{answer.stderr}")
    return answer.stdout


def make(environment: dict[str, str], ratings: int, actions: int) -> str:
    """Return the address of a warehouse with about this number of ratings and actions."""
    run([HOTWASH, "postgres", "start"], environment)
    run([HOTWASH, "demo", "--no-serve"], environment)
    url = json.loads(run([HOTWASH, "postgres", "status", "--json"], environment))["url"]

    def count(table: str) -> int:
        return int(run(["psql", url, "-Atc", f"select count(*) from warehouse.{table}"], environment))

    copies = {
        "ratings": -(-ratings // count("capability_rating")) - 1,
        "actions": -(-actions // count("corrective_action")) - 1,
        "rest": max(1, 1_000_000 * ratings // 5_000_000 // count("finding")),
        "people": max(1, 800_000 * ratings // 5_000_000 // count("participation")),
    }
    began = time.monotonic()
    variables = [part for name, value in copies.items() for part in ("-v", f"{name}={value}")]
    run(["psql", url, "-At", "-v", "ON_ERROR_STOP=1", *variables, "-f", os.path.join(ROOT, "tests", "bench", "metrics.sql")], environment)
    print(f"made {count('capability_rating'):,} ratings and {count('corrective_action'):,} actions in {time.monotonic() - began:.0f} s")
    return url


def on_large_warehouse(measure: Callable[[str, dict[str, str]], None], ratings: int, actions: int) -> None:
    """Measure on the warehouse of BENCH_URL, or on a new one with these numbers, unless the command names others."""
    ratings, actions = ([int(one) for one in sys.argv[1:]] + [ratings, actions][len(sys.argv) - 1 :])[:2]
    environment = dict(os.environ)
    environment.pop("DATABASE_URL", None)
    if url := os.environ.get("BENCH_URL"):
        return measure(url, environment)
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        environment["HOTWASH_HOME"] = os.path.join(home, "hotwash")
        try:
            measure(make(environment, ratings, actions), environment)
        finally:
            subprocess.run([HOTWASH, "postgres", "stop"], env=environment, check=False, capture_output=True)


def measure(url: str, environment: dict[str, str]) -> None:
    # Build the full workspace. Alone, the example would build Polars again, with fewer features than the binary's.
    subprocess.run(["cargo", "build", "--quiet", "--release", "--workspace", "--example", "measure"], cwd=ROOT, check=True)
    example = os.path.join(TARGET, "release", "examples", "measure")
    subprocess.run([example, "--refresh"], cwd=ROOT, env={**environment, "DATABASE_URL": url}, check=True)


if __name__ == "__main__":
    on_large_warehouse(measure, 5_000_000, 2_000_000)
