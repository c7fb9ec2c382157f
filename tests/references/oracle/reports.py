"""Metrics of after-action reports, cadence, participation and requirements."""

from collections import defaultdict

from .question import grouped, keys_of, kept, median, months_before, named, period_end, period_start, periods, share
from .survival import Curve
import datetime as dt


def by_region(ask):
    return ask.group_by if ask.group_by is not None else ["region"]


def owing(w, ask):
    """Events that a coalition held or answered, that owe a report and have ended."""
    for e in w.events.values():
        if e["counts"] and e["owes_aar"] and e["end"] <= ask.as_of:
            final = next((on for on in (e["final_on"], e["final_stamp"]) if on and on <= ask.as_of), None)
            yield {"day": e["day"], "dims": e["dims"], "event": e, "final": final, "age": (ask.as_of - e["end"]).days,
                   "days": None if final is None else max((final - e["end"]).days, 0)}


def aar_timeliness(w, ask):
    """Share with a final report within the target, and Kaplan-Meier of the days."""
    by, target = by_region(ask), int(ask.parameter("days", 60))
    for (key, start), facts in grouped(owing(w, ask), ask, by).items():
        def within(days):
            old = [f for f in facts if f["age"] >= days]
            return sum(f["days"] is not None and f["days"] <= days for f in old), len(old)
        curve = Curve([(f["age"] if f["days"] is None else f["days"], f["days"] is not None) for f in facts])
        low, high = curve.median_interval()
        shares = {f"share{d}": (lambda hit: hit[0] / hit[1] if hit[1] else None)(within(d)) for d in (30, 60, 90, 120)}
        yield named(key, start, by, ask) | share(*within(target)) | shares | {
            "medianDays": curve.quantile(0.5), "medianLow": low, "medianHigh": high, "owed": len(facts), "final": curve.closed}


def completeness(w, ask):
    """Events that owe a report and have one, with the parts of it that are there."""
    group = lambda rows: {e: [r for r in rows if r["event_id"] == e] for e in {r["event_id"] for r in rows}}
    reports = {r["event_id"]: r for r in w.after_action_report}
    known = [a for a in w.corrective_action if dt.date.fromisoformat(a["opened_on"]) <= ask.as_of]
    objectives, rated, found, acted = group(w.objective), group(w.capability_rating), group(w.finding), group(known)
    there = {p["event_id"] for p in w.participation}
    with_element = {k["corrective_action_id"] for k in w.corrective_action_element}
    answered = {a["finding_id"] for a in known}
    text = {r["event_id"]: r for r in w.event}
    for id, e in w.events.items():
        if not (e["owes_aar"] and e["counts"] and e["end"] <= ask.as_of and (id in reports or id in found)):
            continue
        report = reports.get(id)
        own = [dt.date.fromisoformat(report[name]) for name in ("draft_on", "final_on") if report and report[name]]
        if (min(own, default=None) or e["stamp"] or e["end"]) > ask.as_of:
            continue
        gaps = [f for f in found.get(id, []) if f["kind"] == "AREA_FOR_IMPROVEMENT"]
        plan = acted.get(id, [])
        overview = report["has_overview"] == "t" if report else bool(e["exercise"] and e["exercise"]["scope"]) or bool(text[id]["narrative"])
        parts = [
            overview,
            any(int(o["capability_id"]) > 0 for o in objectives.get(id, [])) or any(r["subject"] for r in rated.get(id, [])),
            bool(rated.get(id)),
            *(bool(gaps) and all(test(f) for f in gaps) for test in (lambda f: f["reference"], lambda f: f["analysis"], lambda f: f["finding_id"] in answered)),
            *(bool(plan) and all(test(a) for a in plan) for test in (lambda a: int(a["owner_organization_id"]) > 0, lambda a: a["corrective_action_id"] in with_element,
                                                                    lambda a: a["start_on"], lambda a: a["due_original_on"])),
            bool(report and report["participants_listed"] == "t") or id in there,
        ]
        yield {"day": e["day"], "dims": e["dims"], "score": sum(map(bool, parts)) / len(parts)}


def aar_completeness(w, ask):
    """Mean of the parts that reports hold."""
    by = by_region(ask)
    for (key, start), facts in grouped(completeness(w, ask), ask, by).items():
        n = len(facts)
        yield named(key, start, by, ask) | {"value": sum(f["score"] for f in facts) / n if n else None, "n": n, "reliability": "OK" if n >= 5 else "LOW_N",
                                            "complete": sum(f["score"] > 1 - 1e-9 for f in facts)}


def exercise_cadence(w, ask):
    """Exercises held, and the share of operations-based ones."""
    by = by_region(ask)
    held = ({"day": e["day"], "dims": e["dims"], "operations": e["operations"]} for e in w.events.values() if e["kind"] == "EXERCISE" and e["status"] == "HELD" and e["day"] <= ask.as_of)
    for (key, start), facts in grouped(held, ask, by).items():
        operations = sum(f["operations"] for f in facts)
        part = share(operations, len(facts))
        yield named(key, start, by, ask) | {"value": len(facts), "n": len(facts), "operationsBased": operations, "operationsShare": part["value"],
                                            "operationsShareLow": part["ciLow"], "operationsShareHigh": part["ciHigh"]}


def participation(w, ask):
    """Active organizations that took part / active organizations; events with all core disciplines present."""
    by = by_region(ask)
    members = []
    for id, o in w.organizations.items():
        if o["active"] == "t" and w.region_of(o["region_id"]) != "unmapped" and w.organization_dims(id)["discipline"] != ["coalition"]:
            members.append({"id": id, "dims": {"region": [w.region_of(o["region_id"])], **w.organization_dims(id)}})
    there = defaultdict(set)
    for p in w.participation:
        there[p["event_id"]].add(p["organization_id"])
    events = [e for e in w.events.values() if e["counts"] and e["kind"] in ("EXERCISE", "INCIDENT")]
    events = [e for e in events if not (ask.first and e["day"] < ask.first or ask.last and e["day"] > ask.last) and e["day"] <= ask.as_of]
    free = type(ask)(ask.as_of, by, ask.where)
    groups = {}
    for m in members:
        if all(set(m["dims"][n]) & set(v) for n, v in ask.where.items()):
            for key in keys_of(m, free, by):
                groups.setdefault(key, []).append(m)
    present = sorted(e["day"] for e in events if there[e["id"]])
    spans = [None]
    if ask.period:
        if not (present or ask.first and ask.last):
            return
        spans = periods(ask.first or present[0], ask.last or present[-1], ask.period)
    core = {flag: {d["code"] for d in w.disciplines.values() if d[flag] == "t"} for flag in ("state_core", "hpp_core")}
    for key, of_group in sorted(groups.items()):
        fixed = dict(zip(by, key))
        for start in spans:
            inside = [e for e in events if start is None or period_start(e["day"], ask.period) == start]
            seen = set().union(*(there[e["id"]] for e in inside)) if inside else set()
            wanted = {fixed["region"]} if "region" in fixed else set(ask.where.get("region", [])) or None
            known = [e for e in inside if there[e["id"]] and (wanted is None or wanted & set(e["dims"]["region"]))]
            full = {flag: sum(codes <= {w.organization_dims(o)["discipline"][0] for o in there[e["id"]]} for e in known) for flag, codes in core.items()}
            row = named(key, start, by, ask) | share(sum(m["id"] in seen for m in of_group), len(of_group))
            if not {"discipline", "organization"} & (set(by) | set(ask.where)):
                row |= {"events": len(known), "stateCore": full["state_core"] / len(known) if known else None, "hppCore": full["hpp_core"] / len(known) if known else None}
            yield row


def requirement_compliance(w, ask):
    """Requirements met / requirements whose day has come."""
    by = by_region(ask)
    there = defaultdict(set)
    for p in w.participation:
        there[p["organization_id"]].add(p["event_id"])
    types = {t["exercise_type_id"]: t["code"] for t in w.exercise_type}
    facts = []
    for r in w.requirement:
        begin, due = dt.date.fromisoformat(r["period_start"]), dt.date.fromisoformat(r["due_on"])
        def counts(e):
            if not (begin <= e["day"] <= min(due, ask.as_of)) or e["status"] != "HELD":
                return False
            if e["kind"] == "INCIDENT":
                return r["incident_counts"] == "t" and e["response"] == "RESPONDED"
            if e["kind"] != "EXERCISE":
                return False
            fits_class = not r["exercise_class"] or (r["exercise_class"] == "OPERATIONS") == e["operations"]
            return fits_class and (not r["exercise_type_id"] or types[r["exercise_type_id"]] == e["dims"]["exercise_type"][0])
        fitting = [e for e in w.events.values() if counts(e)]
        known = lambda code: any(code in e["dims"]["region"] and e["day"] <= min(due, ask.as_of) and e["counts"] for e in w.events.values())
        if r["applies_to"] == "REGION":
            bound = [({"region": [code], "discipline": ["any"], "organization": ["none"]}, [e for e in fitting if code in e["dims"]["region"]])
                     for code in w.region_code.values() if code != "unmapped" and known(code)]
        else:
            bound = [({"region": [w.region_of(o["region_id"])], **w.organization_dims(id)}, [e for e in fitting if e["id"] in there[id]])
                     for id, o in w.organizations.items() if o["active"] == "t" and o["discipline_id"] == r["discipline_id"] and known(w.region_of(o["region_id"])) and w.region_of(o["region_id"]) != "unmapped"]
        for dims, of in bound:
            days = sorted(e["day"] for e in of)
            gap = not r["maximum_gap_days"] or gap_is_kept(days, int(r["minimum_events"]), int(r["maximum_gap_days"]))
            met = len(days) >= int(r["minimum_events"]) and gap
            facts.append({"day": due, "dims": dims, "met": met, "missed": not met and due < ask.as_of, "begin": begin})
    facts = [f for f in facts if f["begin"] <= ask.as_of]
    for (key, start), group in grouped(facts, ask, by).items():
        met, missed = sum(f["met"] for f in group), sum(f["missed"] for f in group)
        yield named(key, start, by, ask) | share(met, met + missed, minimum=1) | {"met": met, "missed": missed, "due": len(group) - met - missed}


def gap_is_kept(days, least, most):
    """Some `least` of the days lie so that no two neighbors are more than `most` apart."""
    run, longest = 1 if days else 0, 1 if days else 0
    for one, two in zip(days, days[1:]):
        run = run + 1 if (two - one).days <= most else 1
        longest = max(longest, run)
    return longest >= least


METRICS = {m.__name__: m for m in (aar_timeliness, aar_completeness, exercise_cadence, participation, requirement_compliance)}
