"""Loading measured beside its limit, in one run on one machine.

usage: tests/bench/load.py [ROWS]   (1,000,000 unless given; needs a release build and the Postgres client programs)

Generates ROWS rows in NOAA's bulk layout, loads them with everything on (validation, redaction, hash, lineage, merge), loads
them again unchanged, and then copies the resulting fact rows with `psql \\copy` into copies of the fact tables with the same
indexes. Prints seconds for orientation and ratios to judge by.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/hotwash/target"))
HOTWASH = os.path.join(TARGET, "release", "hotwash")
TABLES = ["event", "incident", "event_hazard", "event_county", "event_region", "event_source_label"]
HEADINGS = (
    "BEGIN_YEARMONTH,BEGIN_DAY,BEGIN_TIME,END_YEARMONTH,END_DAY,END_TIME,EPISODE_ID,EVENT_ID,STATE,STATE_FIPS,EVENT_TYPE,CZ_TYPE,"
    "CZ_FIPS,CZ_NAME,WFO,CZ_TIMEZONE,INJURIES_DIRECT,INJURIES_INDIRECT,DEATHS_DIRECT,DEATHS_INDIRECT,DAMAGE_PROPERTY,DAMAGE_CROPS,"
    "SOURCE,MAGNITUDE,MAGNITUDE_TYPE,BEGIN_LAT,BEGIN_LON,EPISODE_NARRATIVE,EVENT_NARRATIVE"
)


def generate(path: str) -> None:
    draw = random.Random(2026)
    kinds = ["Hail", "Thunderstorm Wind", "Flash Flood", "Tornado", "Winter Storm", "High Wind", "Heat", "Flood"]
    damage = ["0", "", "25K", "1.5M", "5.00K", "250K"]
    counties = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27]
    with open(path, "w") as file:
        file.write(HEADINGS + "\n")
        for number in range(ROWS):
            year, month, day = draw.randint(1996, 2024), draw.randint(1, 12), draw.randint(1, 28)
            hour = draw.randint(0, 22)
            file.write(
                f"{year}{month:02},{day},{hour * 100},{year}{month:02},{day},{hour * 100 + 100},{number // 7},{number + 1},"
                f"MASSACHUSETTS,25,{draw.choice(kinds)},C,{draw.choice(counties)},SOMEWHERE,BOX,EST-5,{draw.randint(0, 3)},0,"
                f"{int(draw.random() < 0.01)},0,{draw.choice(damage)},0,Public,{draw.randint(30, 90)},EG,"
                f"{41 + draw.random():.4f},{-70 - draw.random():.4f},,\"Trees and wires were reported down, number {number}.\"\n"
            )


def run(command: list[str], environment: dict[str, str], text: str | None = None) -> tuple[float, str]:
    began = time.monotonic()
    answer = subprocess.run(command, env=environment, input=text, capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(f"{' '.join(command)}: {answer.stdout}{answer.stderr}")
    return time.monotonic() - began, answer.stdout


def main() -> None:
    if not os.path.exists(HOTWASH):
        sys.exit("build it first: cargo build --release")
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        environment = {**os.environ, "HOTWASH_HOME": home}
        environment.pop("DATABASE_URL", None)
        path = os.path.join(home, "storms.csv")
        generate(path)
        run([HOTWASH, "postgres", "start"], environment)
        try:
            run([HOTWASH, "migrate"], environment)
            url = json.loads(run([HOTWASH, "postgres", "status", "--json"], environment)[1])["url"]
            measure(path, url, environment)
        finally:
            run([HOTWASH, "postgres", "stop"], environment)


def measure(path: str, url: str, environment: dict[str, str]) -> None:
    first, told = run([HOTWASH, "load", "--json", path], environment)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    report = json.loads(told)
    again, told = run([HOTWASH, "load", "--json", path], environment)
    unchanged = json.loads(told)
    folder = os.path.dirname(path)
    facts = 0.0
    for table in TABLES:
        run(["psql", "-q", url, "-c", f"\\copy warehouse.{table} to '{folder}/{table}.tsv'"], environment)
        run(["psql", "-q", url, "-c", f"create table copy_{table} (like warehouse.{table} including all)"], environment)
    for table in TABLES:
        seconds, _ = run(["psql", "-q", url, "-c", f"\\copy copy_{table} from '{folder}/{table}.tsv'"], environment)
        facts += seconds
    print(f"rows read {report['read']:,}, inserted {report['inserted']:,}; again: inserted {unchanged['inserted']}")
    print(f"{'':36}{'seconds':>9}{'ratio':>9}{'limit':>9}")
    print(f"{'psql copy of the fact rows':36}{facts:9.1f}{1:9.2f}")
    print(f"{'load':36}{report['seconds']:9.1f}{report['seconds'] / facts:9.2f}{3:9.2f}")
    print(f"{'load again, unchanged':36}{unchanged['seconds']:9.1f}{unchanged['seconds'] / report['seconds']:9.2f}{1:9.2f}  of the first load")
    print(f"{'whole command (with publication)':36}{first:9.1f}{first / facts:9.2f}")
    print(f"peak memory of any command: {memory:.0f} MiB (limit 1024)")
    del again


main()
