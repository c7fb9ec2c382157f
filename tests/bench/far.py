"""Metrics by an engine on other machines beside Polars on this one, at several sizes of one warehouse, all on the same machine.

usage: tests/bench/far.py [RATINGS …]   (1,000,000 and 10,000,000 unless given; needs a release build, psql and PyPI's pysail)

For each size: makes the warehouse as metrics.py does, exports its tables, again with nothing changed and again after 10,000 new
ratings; starts one server that computes and one that asks Sail (`sail flight server`, two workers); asks every metric of both as it
is by default, medians of three days; tells the memory of both servers and of the engine. The answers are compared byte for byte.
BENCH_HOME names a folder that keeps the warehouses for the next run.
"""

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "engine"))

from check import Hotwash, ask
from metrics import HOTWASH, make
from sail import Sail

SIZES = [int(size) for size in sys.argv[1:]] or [1_000_000, 10_000_000]
DAYS = ["2026-06-30", "2026-06-29", "2026-06-28"]
MORE = """insert into warehouse.capability_rating (event_id, capability_id, rating_scale_id, rating, level, source, source_id, batch_id, file_id,
    source_row, content_hash)
    select event_id, capability_id, rating_scale_id, rating, level, source, source_id || '-more', batch_id, file_id, source_row, content_hash
    from warehouse.capability_rating where level = 'CAPABILITY' order by capability_rating_id desc limit 10000"""


def memory(process: int) -> tuple[int, int]:
    """MiB that a process holds, and held at most."""
    status = Path(f"/proc/{process}/status").read_text()
    return tuple(int(re.search(rf"{name}:\s+(\d+)", status)[1]) // 1024 for name in ("VmRSS", "VmHWM"))


def export(environment: dict[str, str], tables: str) -> str:
    """What an export tells, with its whole time and its memory."""
    began = time.monotonic()
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-c", "import resource,subprocess,sys;subprocess.run(sys.argv[1:],check=True);"
         "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss//1024)", HOTWASH, "export", tables, "--only", "tables"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    said, peak = done.stdout.strip().rsplit("\n", 1)
    return f"{said.split(': ', 1)[1]}; whole command {time.monotonic() - began:.1f} s, {peak} MiB at most"


def measure(ratings: int, home: str) -> None:
    environment = {**os.environ, "HOTWASH_HOME": os.path.join(home, "hotwash")}
    os.environ["HOTWASH_HOME"] = environment["HOTWASH_HOME"]
    if os.path.exists(environment["HOTWASH_HOME"]):
        subprocess.run([HOTWASH, "postgres", "start"], env=environment, check=True, capture_output=True)
        told = subprocess.run([HOTWASH, "postgres", "status", "--json"], env=environment, check=True, capture_output=True)
        url = json.loads(told.stdout)["url"]
    else:
        url = make(environment, ratings, ratings * 2 // 5)
    tables = os.path.join(home, "tables")
    hotwash, sail = Hotwash(HOTWASH, Path(home)), Sail(Path(home) / "sail.log")
    hotwash.serve()  # makes the secret of sessions, which is a new version of the warehouse
    hotwash.stop()
    print("export:           ", export(environment, tables))
    print("nothing changed:  ", export(environment, tables))
    try:
        sail.start()
        began = time.monotonic()
        here = hotwash.serve(HOTWASH_AHEAD_ROWS="1000000000000")
        middle = time.monotonic()
        far = hotwash.serve(HOTWASH_ENGINE=sail.url, HOTWASH_ENGINE_TABLES=tables, HOTWASH_AHEAD_ROWS="1000000000000")
        print(f"a server is ready after {middle - began:.1f} s, with an engine after {time.monotonic() - middle:.1f} s")
        sums = [0.0, 0.0]
        for metric in json.loads(hotwash.run("metrics", "--json")):
            took = [[], []]
            for day in DAYS:
                answers = []
                for at, base in enumerate((here, far)):
                    began = time.monotonic()
                    answers.append(ask(base, f"/metrics/{metric['id']}.json", asOf=day))
                    took[at].append(1_000 * (time.monotonic() - began))
                assert answers[0] == answers[1], metric["id"]
            medians = [statistics.median(times) for times in took]
            sums = [one + other for one, other in zip(sums, medians, strict=True)]
            print(f"  {metric['id']:24}{medians[0]:8.0f} ms here{medians[1]:8.0f} ms by the engine")
        print(f"  {'all':24}{sums[0]:8.0f} ms here{sums[1]:8.0f} ms by the engine")
        for name, process in (("server", hotwash.servers[0].pid), ("server with an engine", hotwash.servers[1].pid), ("engine", sail.process.pid)):
            print("memory of the {}: {} MiB, {} at most".format(name, *memory(process)))
    finally:
        hotwash.stop()
        sail.kill()
    subprocess.run(["psql", url, "-qc", MORE], check=True)
    print("10,000 more rated:", export(environment, tables))


def main() -> None:
    os.environ.pop("DATABASE_URL", None)
    for ratings in SIZES:
        with contextlib.ExitStack() as stack:
            if kept := os.environ.get("BENCH_HOME"):
                home = os.path.join(kept, str(ratings))
                os.makedirs(home, exist_ok=True)
            else:
                home = stack.enter_context(tempfile.TemporaryDirectory())
            os.chmod(home, 0o755)
            try:
                print(f"\n{ratings:,} ratings")
                measure(ratings, home)
            finally:
                environment = {**os.environ, "HOTWASH_HOME": os.path.join(home, "hotwash")}
                subprocess.run([HOTWASH, "postgres", "stop"], env=environment, check=False, capture_output=True)


main()
