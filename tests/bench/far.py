"""Compare metrics by a remote engine with Polars in this process, at several sizes of one warehouse, all on one machine.

usage: tests/bench/far.py [RATINGS …]   (default 1,000,000, 10,000,000 and 50,000,000; needs a release build, psql, PyPI's pysail
                                          and 500 bytes of disk per rating)

The first size is a warehouse from metrics.py. Each larger one has more copies of its ratings and is otherwise the same.
For each size, exports the tables: at first, again unchanged, and again after 10,000 new ratings. Then starts one server that
computes metrics itself, and one that uses Sail (`sail flight server`, two workers). Requests every metric of both with default
arguments, and prints medians over three days. Prints the memory of both servers and of the engine. Compares the answers byte
for byte. BENCH_HOME names a folder that stores the warehouse for the next run.
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

SIZES = [int(size) for size in sys.argv[1:]] or [1_000_000, 10_000_000, 50_000_000]
DAYS = ["2026-06-30", "2026-06-29", "2026-06-28"]
# Longer than any size needs, because the time itself is measured.
PATIENT = {"HOTWASH_PRERENDER_ROWS": "1000000000000", "HOTWASH_TIMEOUT_MS": "600000", "HOTWASH_ENGINE_TIMEOUT_MS": "600000"}
# Copies existing ratings under new ids and source ids. Drops constraints and indexes that only a loader needs.
GROW = """set session_replication_role = replica;
set synchronous_commit = off;
do $$
declare named text;
begin
    for named in select conname from pg_constraint where conrelid = 'warehouse.capability_rating'::regclass and contype = 'u' loop
        execute format('alter table warehouse.capability_rating drop constraint %I', named);
    end loop;
    for named in select indexrelid::regclass from pg_index where indrelid = 'warehouse.capability_rating'::regclass
            and not indisprimary and pg_get_indexdef(indexrelid) not like '%(event_id)' loop
        execute 'drop index ' || named;
    end loop;
    select string_agg(case attname
        when 'capability_rating_id' then 't.capability_rating_id + n * (select max(capability_rating_id) from warehouse.capability_rating)'
        when 'source_id' then 't.source_id || ''-'' || n' else 't.' || attname end, ', ' order by attnum) into named
    from pg_attribute where attrelid = 'warehouse.capability_rating'::regclass and attnum > 0 and not attisdropped;
    execute format('insert into warehouse.capability_rating overriding system value select %s
        from generate_series(1, %s) n cross join warehouse.capability_rating t', named, COPIES);
end $$;
set session_replication_role = origin;
-- The trigger slept: the version rises now.
delete from warehouse.capability_rating where false;
select setval(pg_get_serial_sequence('warehouse.capability_rating', 'capability_rating_id'), max(capability_rating_id)) from warehouse.capability_rating;
analyze warehouse.capability_rating"""
MORE = """insert into warehouse.capability_rating (event_id, capability_id, rating_scale_id, rating, level, source, source_id, batch_id, file_id,
    source_row, content_hash)
    select event_id, capability_id, rating_scale_id, rating, level, source, source_id || '-more', batch_id, file_id, source_row, content_hash
    from warehouse.capability_rating where level = 'CAPABILITY' order by capability_rating_id desc limit 10000"""


def memory(process: int) -> tuple[int, int]:
    """Return the current and maximum memory of a process, in MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return tuple(int(re.search(rf"{name}:\s+(\d+)", status)[1]) // 1024 for name in ("VmRSS", "VmHWM"))


def export(environment: dict[str, str], tables: str) -> str:
    """Return the report of an export, with its total time and its memory."""
    began = time.monotonic()
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-c", "import resource,subprocess,sys;subprocess.run(sys.argv[1:],check=True);"
         "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss//1024)", HOTWASH, "export", tables, "--only", "tables"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    said, peak = done.stdout.strip().rsplit("\n", 1)
    return f"{said.split(': ', 1)[1]}; whole command {time.monotonic() - began:.1f} s, {peak} MiB at most"


def warehouse(ratings: int, environment: dict[str, str]) -> str:
    """Return the address of a warehouse with this number of ratings, created or extended."""
    if not os.path.exists(environment["HOTWASH_HOME"]):
        return make(environment, ratings, ratings * 2 // 5)
    subprocess.run([HOTWASH, "postgres", "start"], env=environment, check=True, capture_output=True)
    told = subprocess.run([HOTWASH, "postgres", "status", "--json"], env=environment, check=True, capture_output=True)
    url = json.loads(told.stdout)["url"]
    ask = lambda sql: subprocess.run(["psql", url, "-XAtqc", sql], check=True, capture_output=True, text=True).stdout.strip()
    there = int(ask("select count(*) from warehouse.capability_rating"))
    if there < ratings * 0.9:
        ask(GROW.replace("COPIES", str(round(ratings / there) - 1)))
    size = ask("select pg_size_pretty(pg_database_size(current_database()))")
    print(f"{ask('select count(*) from warehouse.capability_rating')} ratings, {size} on disk")
    return url


def measure(ratings: int, home: str) -> None:
    environment = {**os.environ, "HOTWASH_HOME": os.path.join(home, "hotwash")}
    os.environ["HOTWASH_HOME"] = environment["HOTWASH_HOME"]
    url = warehouse(ratings, environment)
    tables = os.path.join(home, "tables")
    hotwash, sail = Hotwash(HOTWASH, Path(home)), Sail(Path(home) / "sail.log")
    hotwash.serve()  # creates the session secret, which raises the warehouse version
    hotwash.stop()
    print("export:           ", export(environment, tables))
    print("nothing changed:  ", export(environment, tables))
    try:
        sail.start()
        began = time.monotonic()
        here = hotwash.serve(**PATIENT)
        middle = time.monotonic()
        far = hotwash.serve(HOTWASH_ENGINE=sail.url, HOTWASH_ENGINE_TABLES=tables, **PATIENT)
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
    with contextlib.ExitStack() as stack:
        home = os.environ.get("BENCH_HOME") or stack.enter_context(tempfile.TemporaryDirectory())
        os.makedirs(home, exist_ok=True)
        os.chmod(home, 0o755)
        for ratings in SIZES:
            try:
                print(f"\n{ratings:,} ratings", flush=True)
                measure(ratings, home)
            finally:
                environment = {**os.environ, "HOTWASH_HOME": os.path.join(home, "hotwash")}
                subprocess.run([HOTWASH, "postgres", "stop"], env=environment, check=False, capture_output=True)


main()
