"""Run all benchmarks and their comparisons on one machine: `python3 tests/bench [--quick]`.

Runs the benchmarks of this folder five times (three with --quick) and prints the median, minimum and maximum of each ratio.
Each benchmark generates its own data. Needs a release build (`cargo build --release`), Postgres' client programs, wrk, Node.js
with npm, and Python with venv. Reports and installs the peers into the cache folder: dlt, DuckDB and Polars from PyPI,
PostGraphile from npm. `--only NAME` runs one benchmark, `--verbose` shows its output.
"""

import argparse
import filecmp
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "hotwash"
NUMBER = r"([\d.,]+)"
# Benchmark: arguments of a quick run and of a full run, and values in its output: name, pattern, limit.
BENCHES: dict[str, tuple[list[str], list[str], list[tuple[str, str, str]]]] = {
    "load.py": (["20000"], ["1000000"], [
        ("load, ratio to psql \\copy of the same rows", rf"^load  +{NUMBER} +(?P<ratio>{NUMBER})", "3"),
        ("load again unchanged, ratio to the first load", rf"^load again, unchanged +{NUMBER} +(?P<ratio>{NUMBER})", "1"),
        ("maximum peak memory of any command, MiB", rf"^peak memory of any command: (?P<ratio>{NUMBER})", "1024"),
    ]),
    "generate.py": (["2", "2000"], ["100", "100000"], [
        ("a coalition's records, ratio to \\copy with indexes", rf"^load of .*? records +{NUMBER} +(?P<ratio>{NUMBER})", "3"),
    ]),
    "serve.py": (["1", "20000"], ["6", "400000"], [
        ("list, not cached, requests/s, ratio to PostGraphile", rf"(?s)^a list.*?asked of Postgres each time .*?, +(?P<ratio>{NUMBER}) times", "4"),
        ("list, cached, requests/s, ratio to PostGraphile", rf"(?s)^a list.*?answer kept until a load .*?, +(?P<ratio>{NUMBER}) times", ""),
        ("aggregate, a new one each time, ratio to PostGraphile", rf"another filter each time .*?, +(?P<ratio>{NUMBER}) times", "4"),
        ("list of another day each time, not cached, ratio to PostGraphile", rf"filters that change (?P<ratio>{NUMBER})", ""),
        ("filtered count, not cached, ratio to PostGraphile", rf"filtered count (?P<ratio>{NUMBER})", ""),
        ("count by hazard between days, not cached, ratio to PostGraphile", rf"count by hazard (?P<ratio>{NUMBER})$", ""),
        ("all rows as Parquet, ratio to binary COPY", rf"^  parquet .*? s, +(?P<ratio>{NUMBER}) times", "2"),
    ]),
    "access.py": (["2", "2", "20000"], ["4", "4", "400000"], [
        ("a key of role analyst, requests/s, ratio to no key", rf"a key of role analyst +(?P<ratio>{NUMBER})", "0.9"),
        ("a key of role region, requests/s, ratio to no key", rf"a key of role region +(?P<ratio>{NUMBER})", "0.9"),
    ]),
    "fair.py": (["3"], ["8"], [
        ("a simple query's delay beside another key's heavy ones, ms", rf"delay at the 99th percentile (?P<ratio>-?{NUMBER})", "250"),
    ]),
    "peers.py": (["20000"], ["400000"], [
        ("load, ratio to dlt", rf"^load, of dlt's .*ratio +(?P<ratio>{NUMBER})", ""),
        ("incidents by hazard, ratio to DuckDB on Parquet", rf"of DuckDB's .*ratio +(?P<ratio>{NUMBER})", ""),
        ("incidents by hazard, ratio to plain Polars on Parquet", rf"of bare Polars' .*ratio +(?P<ratio>{NUMBER})", ""),
        ("memory per row of the snapshot, bytes", rf"^memory a row of the snapshot: (?P<ratio>{NUMBER})", ""),
        ("cold start, seconds", rf"^cold start, .*?: (?P<ratio>{NUMBER}) s", ""),
    ]),
    "pages.py": ([], [], [("slowest page computed, ms", rf"^slowest computed (?P<ratio>{NUMBER})", "200")]),
    "metrics.py": (["50000", "20000"], ["5000000", "2000000"], []),
    "release.py": (["50000", "20000"], ["5000000", "300000"], [
        ("a release as a command, s", rf"^release as a command +(?P<ratio>{NUMBER}) s", "60"),
        ("requests beside it, 99th percentile, ratio to idle", rf"beside it, ratio to idle +(?P<ratio>{NUMBER})", "2"),
        ("requests while the server makes it, 99th percentile, ratio to idle", rf"in it, ratio to idle +(?P<ratio>{NUMBER})", "2"),
    ]),
    "changes.py": (["50000", "20000"], ["5000000", "2000000"], []),
    "bi.py": (["--ratings", "50000"], ["--ratings", "5000000"], []),
}  # fmt: skip
# Benchmarks that print their own tables with medians. They run once, and not with --quick, because they are slow or build an example.
SHOWN = {"metrics.py", "changes.py", "bi.py"}


def python() -> str:
    """Return a Python interpreter with the peers installed."""
    folder, wanted = CACHE / "bench", HERE / "requirements.txt"
    installed = folder / "installed-requirements"
    if not (installed.exists() and filecmp.cmp(wanted, installed, shallow=False)):
        print("tests/bench installs (pip, into its cache folder): dlt, DuckDB, Polars, pyarrow", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder / "venv"], check=True)
        subprocess.run([folder / "venv/bin/pip", "install", "-q", "--disable-pip-version-check", "-r", wanted], check=True)
        shutil.copy(wanted, installed)
    return str(folder / "venv/bin/python")


def said(name: str, arguments: list[str], interpreter: str) -> str:
    if name == "bi.py":
        arguments = [os.environ["CARGO_TARGET_DIR"] + "/release/hotwash", *arguments]
    answer = subprocess.run([interpreter, HERE / name, *arguments], capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(f"tests/bench/{name} failed:\n{answer.stdout}{answer.stderr}")
    return answer.stdout


def machine() -> str:
    memory = next(one for one in open("/proc/meminfo") if one.startswith("MemTotal")).split()[1]
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{os.cpu_count()} cores, {int(memory) // 1024 // 1024} GiB, {platform.system()} {platform.machine()}; load before: {load}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 tests/bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small data, three rounds: under ten minutes")
    parser.add_argument("--only", choices=[*BENCHES], action="append", help="only this bench; may be given again")
    parser.add_argument("--verbose", action="store_true", help="also what each bench prints")
    asked = parser.parse_args()
    # The target folder of plain cargo, else that of tests/run.
    own = HERE.parents[1] / "target"
    os.environ.setdefault("CARGO_TARGET_DIR", str(own if (own / "release/hotwash").exists() else CACHE / "target"))
    rounds, interpreter, began = 3 if asked.quick else 5, python(), time.monotonic()
    print(f"{machine()}; medians of {rounds}\n\n| {'measure':52} | median | lowest to highest | limit |\n|---|---|---|---|", flush=True)
    for name, (quick, whole, taken) in BENCHES.items():
        if (asked.only and name not in asked.only) or (name in SHOWN and asked.quick and not asked.only):
            continue
        arguments = quick if asked.quick else whole
        if name in SHOWN:
            print(f"\n{name} {' '.join(arguments)}\n{said(name, arguments, interpreter)}", flush=True)
            continue
        texts = [said(name, arguments, interpreter) for _ in range(rounds)]
        if asked.verbose:
            print("\n".join(texts))
        for measure, pattern, limit in taken:
            found = [re.search(pattern, text, re.MULTILINE) for text in texts]
            if not all(found):
                sys.exit(f"tests/bench/{name} does not print {measure!r} any more:\n{texts[0]}")
            ratios = sorted(float(one["ratio"].replace(",", "")) for one in found)
            row = f"{statistics.median(ratios):g} | {ratios[0]:g} to {ratios[-1]:g} | {limit}"
            print(f"| {measure:52} | {row} |", flush=True)
    print(f"\n{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
