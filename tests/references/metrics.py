"""Asks Hotwash and the oracle the same questions over the same warehouse, and tells every difference.

    python metrics.py --hotwash target/debug/hotwash --url postgres://…     # exit 1 when an answer differs
"""

import argparse
import datetime as dt
import json
import math
import re
import subprocess
import sys
import urllib.error
import urllib.request

from oracle import capabilities, improvement, reports, response, risk
from oracle.question import CAMEL, Ask
from oracle.warehouse import Warehouse

METRICS = capabilities.METRICS | improvement.METRICS | reports.METRICS | risk.METRICS | response.METRICS
# Rows whose keys these are; the rest is compared.
KEYS = {"region", "hazard", "hazardCategory", "source", "capability", "framework", "eventKind", "exerciseType", "element", "discipline", "organization", "period"}
GRAINS = (None, "month", "quarter", "year", "fiscal_year")


def questions(as_of):
    """Every metric at its defaults and every grain, in the past, within days, by other groups and filters."""
    past, first, last = as_of - dt.timedelta(500), dt.date(2024, 2, 15), dt.date(2025, 10, 20)
    for id in METRICS:
        for grain in GRAINS:
            yield id, Ask(as_of, period=grain)
        yield id, Ask(past)
        yield id, Ask(past, period="quarter", first=first, last=last)
        yield id, Ask(as_of, first=first, last=last)
        if id != "data_quality":
            for code in ("3", "4AB", "unmapped"):
                yield id, Ask(as_of, where={"region": [code]})
    extra = [
        ("", ["capability_performance", "capability_trend", "poete_mix", "action_closure", "action_on_time", "action_overdue", "action_slippage", "action_time_to_close",
              "action_backlog", "action_validation", "repeat_findings", "aar_timeliness", "aar_completeness", "response_time", "response_control", "resource_fill",
              "information_response", "incident_burden", "exercise_cadence", "participation", "risk_profile", "exercise_incident_gap", "requirement_compliance", "action_forecast", "tracker_response"]),
        ("framework", ["capability_performance", "capability_trend", "exercise_incident_gap", "action_closure", "action_backlog", "repeat_findings"]),
        ("capability", ["capability_trend", "action_time_to_close", "action_slippage", "repeat_findings", "action_forecast", "poete_mix"]),
        ("region,capability", ["repeat_findings", "action_on_time", "exercise_incident_gap", "action_backlog", "poete_mix", "capability_trend"]),
        ("element", ["repeat_findings"]), ("region,element", ["poete_mix", "repeat_findings"]),
        ("event_kind", ["capability_performance", "aar_timeliness", "response_time", "information_response", "repeat_findings"]),
        ("exercise_type", ["exercise_cadence", "aar_timeliness", "response_time", "aar_completeness"]),
        ("hazard", ["capability_performance", "aar_timeliness", "response_time", "response_control", "resource_fill", "exercise_cadence", "risk_profile"]),
        ("hazard_category,region", ["incident_burden", "risk_profile", "resource_fill", "capability_performance", "exercise_cadence"]),
        ("discipline", ["participation", "information_response", "risk_profile", "requirement_compliance"]),
        ("region,discipline", ["participation", "requirement_compliance"]),
        ("organization", ["risk_profile", "requirement_compliance"]),
        ("source", ["incident_burden"]),
    ]
    for groups, ids in extra:
        for id in ids:
            yield id, Ask(as_of, group_by=[g for g in groups.split(",") if g])
            yield id, Ask(as_of, group_by=[g for g in groups.split(",") if g], period="fiscal_year")
    yield "repeat_findings", Ask(as_of, parameters={"months": 12})
    yield "aar_timeliness", Ask(as_of, parameters={"days": 90})
    yield "response_time", Ask(as_of, parameters={"fromMilestone": "notified", "toMilestone": "first_sitrep", "target": 30})
    yield "response_time", Ask(as_of, parameters={"fromMilestone": "activated", "toMilestone": "demobilized"})
    yield "response_control", Ask(as_of, parameters={"form": "mean"})
    yield "incident_burden", Ask(as_of, group_by=["region"], parameters={"response": "responded"})
    yield "risk_profile", Ask(as_of, parameters={"months": 6})
    yield "hazard_coverage", Ask(as_of, parameters={"months": 12, "top": 5})
    yield "improvement_priority", Ask(as_of, parameters={"months": 12})
    yield "capability_performance", Ask(as_of, where={"hazard_category": ["natural"], "framework": ["PHEP"]}, period="quarter")
    yield "repeat_findings", Ask(as_of, where={"element": ["planning"], "region": ["4AB"]})
    yield "participation", Ask(as_of, where={"discipline": ["acute_care_hospital"]}, period="year")


QUERY = """query ($id: ID!, $filter: MetricFilter, $by: [MetricDimension!], $period: Period, $from: Date, $to: Date, $asOf: Date, $parameters: JSON) {
  metric(id: $id, filter: $filter, groupBy: $by, period: $period, from: $from, to: $to, asOf: $asOf, parameters: $parameters) {
    rows { dimensions value unit numerator denominator n ciLow ciHigh reliability note extra } } }"""


class Server:
    """`hotwash serve` on a free port; GraphQL tells the same numbers as the command line, which a test of its own proves."""

    def __init__(self, hotwash, url):
        self.process = subprocess.Popen([hotwash, "serve", "--listen", "127.0.0.1:0", "--rate", "0", "--timeout-ms", "600000", "--database-url", url],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.base = found.group()
                return
        raise SystemExit("the server did not start")

    def ask(self, id, ask):
        variables = {
            "id": id, "filter": {CAMEL.get(n, n): {"in": v} for n, v in ask.where.items()} or None,
            "by": None if ask.group_by is None else [g.upper() for g in ask.group_by], "period": ask.period and ask.period.upper(),
            "from": ask.first and ask.first.isoformat(), "to": ask.last and ask.last.isoformat(), "asOf": ask.as_of.isoformat(), "parameters": ask.parameters or None,
        }
        body = json.dumps({"query": QUERY, "variables": {n: v for n, v in variables.items() if v is not None}}).encode()
        request = urllib.request.Request(f"{self.base}/graphql", body, {"content-type": "application/json"})
        try:
            answer = json.load(urllib.request.urlopen(request))
        except urllib.error.HTTPError as error:
            answer = json.load(error)
        if answer.get("errors"):
            return None, answer["errors"][0]["message"]
        return [row.pop("dimensions") | row.pop("extra") | row for row in answer["data"]["metric"]["rows"]], None


def told(id, ask):
    """The question as the command line takes it."""
    parts = [id, f"--as-of {ask.as_of}"]
    parts += [f"--group-by {','.join(ask.group_by) or chr(39) * 2}"] if ask.group_by is not None else []
    parts += [f"--where {name}={','.join(values)}" for name, values in ask.where.items()]
    parts += [f"--{option} {value}" for option, value in (("period", ask.period), ("from", ask.first), ("to", ask.last)) if value]
    return " ".join(parts + [f"--param {name}={value}" for name, value in ask.parameters.items()])


def same(ours, theirs):
    if ours is None or theirs is None or isinstance(theirs, (str, bool)):
        return ours == theirs
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(all(same(a.get(k), v) for k, v in b.items()) for a, b in zip(ours, theirs))
    return isinstance(ours, (int, float)) and math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


def keyed(rows):
    return {tuple(sorted((k, str(v)) for k, v in row.items() if k in KEYS)): row for row in rows}


def further(id, ask, row, mine):
    """What is compared in its own way."""
    if "_weeks" in mine:
        for share, (low, high) in mine["_weeks"].items():
            date = row.get(f"date{int(share * 100)}")
            weeks = None if date is None else (dt.date.fromisoformat(date) - mine.get("_as_of", ask.as_of)).days / 7
            if weeks is None or not low <= weeks <= (high or math.inf):
                yield f"date{int(share * 100)}: {date} is {weeks} weeks, expected {low} to {high}"
    if "_signals" in mine and row.get("points"):
        theirs = [set(p["signals"]) for p in row["points"]]
        if theirs != mine["_signals"]:
            yield f"signals: {theirs} expected {mine['_signals']}"
    if "_hazards" in mine:
        theirs = [(h["hazard"], h["covered"]) for h in row["hazards"]]
        expected = [(h["hazard"], h["covered"]) for h in mine["_hazards"]]
        if theirs != expected:
            yield f"hazards: {theirs} expected {expected}"


def differences(id, ask, rows, expected):
    ours, theirs = keyed(rows), keyed(expected)
    for key in theirs.keys() - ours.keys():
        yield f"row {dict(key)} is missing, expected value {theirs[key].get('value')} n {theirs[key].get('n')}"
    for key in ours.keys() - theirs.keys():
        yield f"row {dict(key)} is not expected: value {ours[key].get('value')} n {ours[key].get('n')}"
    for key in ours.keys() & theirs.keys():
        for name, value in theirs[key].items():
            if not name.startswith("_") and name not in KEYS and not same(ours[key].get(name), value):
                yield f"{dict(key)} {name}: {ours[key].get(name)} expected {value}"
        yield from (f"{dict(key)} {line}" for line in further(id, ask, ours[key], theirs[key]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--hotwash", required=True)
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.date(2026, 6, 30))
    arguments.add_argument("--only")
    arguments.add_argument("--lines", type=int, default=4, help="differences printed for each question")
    given = arguments.parse_args()
    w, server = Warehouse(given.url), Server(given.hotwash, given.url)
    asked, wrong = 0, 0
    try:
        for id, ask in questions(given.as_of):
            if given.only and id not in given.only.split(","):
                continue
            asked += 1
            rows, error = server.ask(id, ask)
            found = [error] if error else list(differences(id, ask, rows, list(METRICS[id](w, ask))))
            if found:
                wrong += 1
                print(told(id, ask))
                for text in sorted(found)[: given.lines]:
                    print("   ", text[:400])
                if len(found) > given.lines:
                    print(f"    … {len(found)} differences", flush=True)
    finally:
        server.process.kill()
    print(f"{asked} questions, {wrong} answered otherwise than by the oracle")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
