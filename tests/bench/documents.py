"""Measure the time to load a document: an after-action report and a hazard vulnerability assessment, alone and in a folder.

usage: tests/bench/documents.py [COPIES]   (default 50; needs a release build)

Copies the sample documents of the tests under other names and dates, so that each describes another event or facility.
Prints the milliseconds that `load --json` reports for each kind: of single documents, each by its own command, and of a folder.
"""

import datetime
import json
import os
import statistics
import sys
import zipfile
from pathlib import Path

from private import HOTWASH, run, warehouse

COPIES = int(sys.argv[1]) if len(sys.argv) > 1 else 50
SAMPLES = Path(__file__).resolve().parents[2] / "etl" / "tests" / "documents"
SINGLE = 10
LIMIT = 100


def report(number: int) -> dict[str, str]:
    day = datetime.date(2023, 1, 5) + datetime.timedelta(days=9 * number)
    written = (day + datetime.timedelta(days=40)).strftime("%B %-d, %Y")
    return {
        "Merrimack Valley Mass Casualty Full-Scale Exercise": f"Example Number {number} Full-Scale Exercise",
        "June 4, 2025": day.strftime("%B %-d, %Y"),
        "July 30, 2025": written,
    }


def assessment(number: int) -> dict[str, str]:
    return {"Lowell Health Department": f"Example Number {number} Health Department"}


KINDS = [
    ("after-action report, DOCX", "aar_ip_full_scale_exercise.docx", report),
    ("hazard vulnerability assessment, XLSX", "hva_four_sheets.xlsx", assessment),
]


def copy(sample: Path, path: str, words: dict[str, str]) -> None:
    with zipfile.ZipFile(sample) as original, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as changed:
        for part in original.infolist():
            content = original.read(part)
            if part.filename.endswith(".xml"):
                text = content.decode()
                for known, other in words.items():
                    text = text.replace(known, other)
                content = text.encode()
            changed.writestr(part.filename, content)


def milliseconds(path: str, environment: dict[str, str]) -> list[float]:
    told = [json.loads(line) for line in run([HOTWASH, "load", "--json", path], environment)[1].splitlines()]
    for file in told:
        if file["error"] or not file["inserted"]:
            sys.exit(f"not loaded as new: {file}")
    return [1000 * file["seconds"] for file in told]


def main() -> None:
    print(f"{'milliseconds a document (limit ' + str(LIMIT) + ')':64}{'median':>8}{'lowest':>8}{'highest':>8}")
    with warehouse() as (home, _, environment):
        for kind, sample, words in KINDS:
            folder = os.path.join(home, sample)
            os.mkdir(folder)
            for number in range(COPIES):
                copy(SAMPLES / sample, os.path.join(folder, f"{number:03}{Path(sample).suffix}"), words(number))
            single = []
            for number in range(SINGLE):
                path = os.path.join(home, f"single{number:03}{Path(sample).suffix}")
                copy(SAMPLES / sample, path, words(COPIES + number))
                single += milliseconds(path, environment)
            for what, times in [(f"{SINGLE} single ones", single), (f"a folder of {COPIES}", milliseconds(folder, environment))]:
                print(f"{kind + ', ' + what:64}{statistics.median(times):8.0f}{min(times):8.0f}{max(times):8.0f}")


main()
