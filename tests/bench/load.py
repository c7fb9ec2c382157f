"""Measure loading and compare it with its limit, on one machine.

usage: tests/bench/load.py [ROWS]   (default 1,000,000; needs a release build and the Postgres client programs)

Generates ROWS rows in NOAA's bulk layout and loads them with all steps (validation, redaction, hash, lineage, merge). Loads
them again unchanged, and then copies the resulting fact rows with `psql \\copy` into copies of the fact tables with the same
indexes. Prints seconds for information, and ratios to compare with limits.
"""

import json
import os
import random
import sys

from private import HOTWASH, copy_beside, peak_memory, run, warehouse

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
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


def main() -> None:
    with warehouse() as (home, url, environment):
        path = os.path.join(home, "storms.csv")
        generate(path)
        measure(path, url, environment)


def measure(path: str, url: str, environment: dict[str, str]) -> None:
    first, told = run([HOTWASH, "load", "--json", path], environment)
    memory = peak_memory()
    report = json.loads(told)
    again, told = run([HOTWASH, "load", "--json", path], environment)
    unchanged = json.loads(told)
    facts = copy_beside(url, os.path.dirname(path), TABLES, environment, "including all")
    print(f"rows read {report['read']:,}, inserted {report['inserted']:,}; again: inserted {unchanged['inserted']}")
    print(f"{'':36}{'seconds':>9}{'ratio':>9}{'limit':>9}")
    print(f"{'psql copy of the fact rows':36}{facts:9.1f}{1:9.2f}")
    print(f"{'load':36}{report['seconds']:9.1f}{report['seconds'] / facts:9.2f}{3:9.2f}")
    print(f"{'load again, unchanged':36}{unchanged['seconds']:9.1f}{unchanged['seconds'] / report['seconds']:9.2f}{1:9.2f}  of the first load")
    print(f"{'whole command (with publication)':36}{first:9.1f}{first / facts:9.2f}")
    print(f"peak memory of any command: {memory:.0f} MiB (limit 1024)")
    del again


if __name__ == "__main__":
    main()
