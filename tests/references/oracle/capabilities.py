"""Metrics of capabilities: performance, trend, gap, POETE mix, repeat findings."""

from collections import defaultdict

import numpy as np
import pymannkendall
from scipy.stats import theilslopes
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from .question import grouped, kept, keys_of, label, months_before, named, period_start, share


def ratings(w, ask):
    """Ratings at capability level that were observed, until the as-of day."""
    values = {(v["rating_scale_id"], v["code"]): v for v in w.rating_value}
    for row in w.capability_rating:
        value, event = values[(row["rating_scale_id"], row["rating"])], w.events[row["event_id"]]
        if row["level"] != "CAPABILITY" or value["excluded"] == "t" or event["day"] > ask.as_of or not event["counts"]:
            continue
        yield {
            "day": event["day"], "event": event, "good": value["counts_as_good"] == "t", "met": value["met_objective"] == "t",
            "letter": {"P": "p", "S": "s", "M": "m", "U": "u"}.get(row["rating"], "other"),
            "capability_id": row["capability_id"],
            "dims": {**event["dims"], **w.capability_dims(row["capability_id"]), **w.organization_dims(row["organization_id"])},
        }


def capability_performance(w, ask):
    """(P + S) / rated, Wilson."""
    by = ask.group_by if ask.group_by is not None else ["capability", "region"]
    for (key, start), facts in grouped(ratings(w, ask), ask, by).items():
        counts = {letter: sum(f["letter"] == letter for f in facts) for letter in "psmu"}
        met = sum(f["met"] for f in facts)
        yield named(key, start, by, ask) | share(sum(f["good"] for f in facts), len(facts)) | counts | {
            "otherScales": sum(f["letter"] == "other" for f in facts), "objectiveMet": met / len(facts) if facts else None}


def capability_trend(w, ask):
    """Mann-Kendall and Theil-Sen over quarterly shares of P and S."""
    by = ask.group_by if ask.group_by is not None else ["region"]
    rows = []
    grain = ask.period or "quarter"
    whole = type(ask)(**{**vars(ask), "period": None})
    for (key, start), facts in grouped(ratings(w, ask), whole, by).items():
        if not facts:
            continue
        quarters = defaultdict(lambda: [0, 0])
        for fact in facts:
            cell = quarters[period_start(fact["day"], grain)]
            cell[0] += fact["good"]
            cell[1] += 1
        starts = sorted(quarters)
        values = [quarters[q][0] / quarters[q][1] for q in starts]
        years = [q.year + (q.month - 1) / 12 for q in starts]
        row = named(key, None, by, ask) | {"periods": len(values), "n": len(facts), "verdict": "TOO_FEW", "value": None, "pValue": None}
        row["reliability"] = "OK" if len(values) >= 6 else "LOW_N"
        if len(values) >= 2:
            # pymannkendall divides by zero when all are equal: then there is no trend.
            test = pymannkendall.original_test(values) if len(set(values)) > 1 else None
            slope, _, low, high = theilslopes(values, years, 0.95)
            row |= {"pValue": float(test.p) if test else 1.0, "s": int(test.s) if test else 0, "z": float(test.z) if test else 0.0,
                    "slope": float(slope), "value": float(slope), "ciLow": float(low), "ciHigh": float(high)}
            if len(values) >= 6:
                row["verdict"] = "NO_DETECTABLE_TREND" if row["pValue"] >= 0.05 else "IMPROVING" if row["s"] > 0 else "DECLINING"
        rows.append(row)
    judged = [r for r in rows if r["verdict"] != "TOO_FEW"]
    if judged:
        for row, keep in zip(judged, multipletests([r["pValue"] for r in judged], 0.10, "fdr_bh")[0]):
            row["significantInList"] = bool(keep)
    return rows


def exercise_incident_gap(w, ask):
    """Share in exercises less share in incidents, Newcombe."""
    by = ask.group_by if ask.group_by is not None else ["capability"]
    both = (f for f in ratings(w, ask) if f["event"]["kind"] in ("EXERCISE", "INCIDENT"))
    for (key, start), facts in grouped(both, ask, by).items():
        sides = {kind: [f["good"] for f in facts if f["event"]["kind"] == kind] for kind in ("EXERCISE", "INCIDENT")}
        (a, n), (b, m) = ((sum(sides[k]), len(sides[k])) for k in ("EXERCISE", "INCIDENT"))
        row = named(key, start, by, ask) | {"exerciseN": n, "incidentN": m, "exerciseShare": a / n if n else None, "incidentShare": b / m if m else None,
                                            "n": n + m, "value": None, "ciLow": None, "ciHigh": None, "reliability": "OK" if min(n, m) >= 5 else "LOW_N"}
        if n and m:
            low, high = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
            row |= {"value": a / n - b / m, "ciLow": float(low), "ciHigh": float(high)}
        yield row


def areas(w, ask):
    """Areas for improvement with their elements by weight."""
    elements = defaultdict(dict)
    for link in w.finding_element:
        elements[link["finding_id"]][w.element_code[link["element_id"]]] = float(link["weight"])
    for row in w.finding:
        if row["kind"] != "AREA_FOR_IMPROVEMENT" or w.events[row["event_id"]]["day"] > ask.as_of:
            continue
        event = w.events[row["event_id"]]
        if not event["counts"]:
            continue
        yield {
            "id": row["finding_id"], "day": event["day"], "event": event, "elements": elements[row["finding_id"]],
            "capability_id": row["capability_id"],
            "dims": {**event["dims"], **w.capability_dims(row["capability_id"]), **w.organization_dims(row["organization_id"]),
                     "element": sorted(elements[row["finding_id"]])},
        }


def free_of_element(ask):
    return type(ask)(**{**vars(ask), "where": {k: v for k, v in ask.where.items() if k != "element"}})


def poete_mix(w, ask):
    """Share of areas for improvement by element; an area of several counts for each by its weight."""
    by = ask.group_by if ask.group_by is not None else ["element"]
    others = [name for name in by if name != "element"]
    found = [f for f in areas(w, ask) if f["elements"]]
    seen = {e for f in kept(found, free_of_element(ask)) for e in f["elements"]}
    elements = [e for e in sorted(seen) if e in ask.where.get("element", seen)]
    free = free_of_element(ask)
    for (key, start), facts in grouped(found, free, others).items():
        for element in elements:
            weight = sum(f["elements"].get(element, 0) for f in facts)
            yield named(key, start, others, ask) | {"element": element} | share(weight, len(facts))


def repeats(w, ask):
    """Each area with the earlier areas of a region, capability and element that it repeats."""
    found = [f for f in areas(w, ask) if f["elements"]]
    earlier = defaultdict(list)
    for area in found:
        for region in area["dims"]["region"]:
            for element in area["elements"]:
                # What no list knows is not the same as another that none knows.
                if int(area["capability_id"]) < 0 or "unmapped" in (region, element):
                    continue
                earlier[(region, area["capability_id"], element)].append(area)
    return found, earlier


def completions(action):
    """Each day on which an action was completed, also where it was taken up again."""
    return [on for on, _, change, _, _ in action["history"] if change == "COMPLETED"] + [action["completed"]] * bool(action["completed"])


def repeat_findings(w, ask):
    """Areas that came before / areas, split by what had been done about the earlier ones."""
    by = ask.group_by if ask.group_by is not None else ["region"]
    months = int(ask.parameter("months", 36))
    found, earlier = repeats(w, ask)
    actions = defaultdict(list)
    for action in w.actions:
        actions[action["finding"]].append(action)
    groups = grouped(found, ask, by)
    for (key, start), facts in groups.items():
        fixed = dict(zip(by, key))
        counts = {"relapse": 0, "stillOpen": 0, "neverActioned": 0}
        for area in facts:
            regions = [fixed["region"]] if "region" in fixed else [r for r in area["dims"]["region"] if r in ask.where.get("region", [r])]
            elements = [fixed["element"]] if "element" in fixed else [e for e in area["elements"] if e in ask.where.get("element", [e])]
            before = {
                e["id"]: e for r in regions for x in elements for e in earlier[(r, area["capability_id"], x)]
                if e["event"]["id"] != area["event"]["id"] and months_before(area["day"], months) <= e["day"] < area["day"]
            }
            if not before:
                continue
            taken = [a for id in before for a in actions[id] if a["opened"] <= ask.as_of]
            if any(on < area["day"] for a in taken for on in completions(a)):
                counts["relapse"] += 1
            elif taken:
                counts["stillOpen"] += 1
            else:
                counts["neverActioned"] += 1
        again = sum(counts.values())
        yield named(key, start, by, ask) | share(again, len(facts)) | counts | {"repeats": again, "relapseShare": counts["relapse"] / again if again else None}


METRICS = {m.__name__: m for m in (capability_performance, capability_trend, exercise_incident_gap, poete_mix, repeat_findings)}
