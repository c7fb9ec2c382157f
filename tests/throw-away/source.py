"""Checks that the throw-away source is found wherever sources are. Called by `tests/throw-away/run`."""
import csv
import io
import json
from pathlib import Path

from under_test import found, graphql, run

# Sources.
titles = {source["id"]: source["title"] for source in json.loads(run("sources", "--json"))}
found("sources", "Tests of sirens, one row a test", titles.get("siren_tests"))

# Inspection: the source is recognized by content, and every column has a use.
file = Path(__file__).parent / "sirens" / "sirens.csv"
inspection = json.loads(run("inspect", str(file), "--json"))
found("inspection", ("siren_tests", 4, 2), tuple(inspection[key] for key in ("source", "read", "rejected")))
found("columns", {"READ"}, {column["fate"] for column in inspection["columns"]})

# Load: each record is counted once, and a second load changes nothing.
counts = ("source", "read", "inserted", "unchanged", "rejected", "redacted")


def load():
    report = json.loads(run("load", str(file), "--json", check=False).splitlines()[0])
    return tuple(report[key] for key in counts)


found("load", ("siren_tests", 4, 2, 0, 2, 1), load())
found("load again", ("siren_tests", 4, 0, 2, 2, 1), load())

# Rejects: file, row, column, value and reason.
reasons = [f"reject_{name}" for name in ("file", "row", "column", "value", "reason")]
rejects = list(csv.DictReader(io.StringIO(run("rejects", "--file", "sirens.csv"))))
found(
    "rejects",
    {
        ("sirens.csv", "4", "tested_on", "2025-06-31", "must be a date, such as 2025-03-14 or March 14, 2025"),
        ("sirens.csv", "5", "region", "99", "is not a region of this jurisdiction"),
    },
    {tuple(row[reason] for reason in reasons) for row in rejects},
)

# GraphQL: the records, with the source that brought them.
data = graphql(
    '''{ events(filter: {sourceName: {eq: "siren_tests"}}, orderBy: [{startAt: ASC}]) {
      nodes { sourceId narrative }
    } }'''
)
found("GraphQL", ["SIREN-1", "SIREN-2"], [event["sourceId"] for event in data["events"]["nodes"]])
found("redaction", "heard; call [redacted]", data["events"]["nodes"][0]["narrative"])

print(
    "one file and one line: list of sources, inspection, load, rejects with file, row and column, and GraphQL have "
    "the source"
)
