"""Measure loading a coalition's own records, a large tracker and the generated data set, and compare it with copying the same rows.

usage: tests/bench/generate.py [SCALE] [ROWS]   (default 100 and 100,000; needs a release build and psql)

Loads a tracker of ROWS corrective actions and then a newer one of the same actions. Generates the fictional data set of SCALE
and loads it. Then copies the resulting rows with `psql \\copy` into tables without indexes, and into tables with the same
indexes. Prints seconds for information, and ratios with their limits.
"""

import json
import os
import random
import sys

from private import HOTWASH, copy_beside, peak_memory, run, warehouse

SCALE = sys.argv[1] if len(sys.argv) > 1 else "100"
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
TABLES = [
    "organization", "organization_version", "event", "event_source", "incident", "exercise", "event_region", "event_hazard",
    "event_county", "event_source_label", "objective", "after_action_report", "participation", "milestone",
    "information_request", "information_report", "resource_request", "capability_rating", "finding", "finding_element",
    "corrective_action", "corrective_action_element", "corrective_action_source", "action_status_history", "risk_assessment",
    "risk_score",
]  # fmt: skip
VERBS = ["Revise", "Test", "Adopt", "Review", "Update", "Print", "Publish", "Shorten"]
THINGS = ["surge annex", "call-down list", "radio plan", "shelter agreement", "transport plan", "triage protocol"]
CAPABILITIES = ["Medical Surge", "Information Sharing", "Mass Care", "Community Preparedness"]
OWNERS = ["Example General Hospital", "Example Board of Health", "Example EMS", "Example Coalition"]


def tracker(path: str, day: str, done: float) -> None:
    draw = random.Random(7)
    with open(path, "w") as file:
        file.write(f"Improvement plan tracker as of {day}\n\nID,Capability,Issue,Corrective Action,Owner,Start,Due,Status\n")
        for number in range(ROWS):
            status = "Completed 3/1/2025" if draw.random() < done else draw.choice(["Open", "In Progress", "50%"])
            file.write(
                f"R{number % 5 + 1}-2024-{number:06},{draw.choice(CAPABILITIES)},Gap number {number} was found in the plan,"
                f"{draw.choice(VERBS)} the {draw.choice(THINGS)} of facility {number} and tell every member of the coalition,"
                f"{draw.choice(OWNERS)},2024-{draw.randint(1, 12):02}-{draw.randint(1, 28):02},2025-{draw.randint(1, 12):02}-15,{status}\n"
            )


def line(what: str, seconds: float, ratio: str = "", limit: str = "") -> None:
    print(f"{what:52}{seconds:9.1f}{ratio:>9}{limit:>24}")


def main() -> None:
    print(f"{'':52}{'seconds':>9}{'ratio':>9}{'limit':>24}")
    with warehouse() as (home, _, environment):
        for name, day, done in [("older", "2025-01-01", 0.1), ("newer", "2025-07-01", 0.5)]:
            path = os.path.join(home, f"{name}.csv")
            tracker(path, day, done)
            told = json.loads(run([HOTWASH, "load", "--json", path], environment)[1])
            line(f"{name} tracker of {ROWS:,} rows", told["seconds"], "", "10.0 s" if name == "older" else "")
        line(f"newer tracker again, {told['read']:,} read", json.loads(run([HOTWASH, "load", "--json", path], environment)[1])["seconds"])
    with warehouse() as (home, url, environment):
        folder = os.path.join(home, "fictional")
        before = peak_memory()
        seconds, _ = run([HOTWASH, "generate", folder, "--scale", SCALE, "--seed", "1"], environment)
        line(f"generate --scale {SCALE} (peak {max(before, peak_memory()):.0f} MiB)", seconds)
        told = [json.loads(text) for text in run([HOTWASH, "load", "--json", folder], environment)[1].splitlines()]
        loading = sum(report["seconds"] for report in told)
        rows = sum(report["inserted"] for report in told)
        indexed = copy_beside(url, home, TABLES, environment, "including all")
        bare = copy_beside(url, home, TABLES, environment, "including generated")
        line("psql copy of the rows into bare tables", bare, f"{1:.2f}")
        line("psql copy of the rows into tables with indexes", indexed, f"{indexed / bare:.2f}")
        line(f"load of {rows:,} records", loading, f"{loading / indexed:.2f}", "3 of copy with indexes")
        for report in told:
            line(f"  {report['file']}, {report['read']:,} read", report["seconds"])
    print(f"peak memory of any command: {peak_memory():.0f} MiB (limit 1024)")


main()
