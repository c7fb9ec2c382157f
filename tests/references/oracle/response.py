"""Metrics of response: times, their stability, resources, information; burden and data quality."""

import datetime as dt
from collections import defaultdict
from statistics import median as middle

import numpy as np

from .question import grouped, median, named, share
from .survival import Curve
from .warehouse import LOCAL, day, minutes, moment


def by_region(ask):
    return ask.group_by if ask.group_by is not None else ["region"]


def minute_of(when):
    """The end of a day in local time, in minutes since 1970."""
    return int(dt.datetime.combine(when + dt.timedelta(1), dt.time(), LOCAL).timestamp() // 60)


def pairs(w, ask):
    """Events with the first milestone, and the minutes to the second or to where it was cut off."""
    start, stop = ask.parameter("fromMilestone", "notified"), ask.parameter("toMilestone", "activated")
    until = minute_of(ask.as_of)
    for e in w.events.values():
        known = lambda kind, stamps: min((at for name, at in stamps[e["id"]] if name == kind and at < until), default=None)
        begun, ended = known(start, w.stamps), known(stop, w.stamps)
        if not e["counts"] or begun is None or e["day"] > ask.as_of:
            continue
        if ended is None and known(stop, w.coarse) is not None:
            continue
        if ended is not None and ended < begun:
            continue
        if ended is None:
            cut = min(e["start_minute"] + e["limit"] if e["limit"] else e["end_minute"] or until, until)
            time = max(cut - begun, 0)
        else:
            time = ended - begun
        yield {"day": e["day"], "dims": e["dims"], "event": e, "time": time, "done": ended is not None, "begun": begun}


def response_time(w, ask):
    """Kaplan-Meier of the minutes between two milestones."""
    by, target = by_region(ask), float(ask.parameter("target", 60))
    for (key, start), facts in grouped(pairs(w, ask), ask, by).items():
        curve = Curve([(f["time"], f["done"]) for f in facts])
        low, high = curve.median_interval()
        n = len(facts)
        # A pair cut off before the target tells nothing about it.
        judged = [f for f in facts if f["done"] or f["time"] >= target]
        yield named(key, start, by, ask) | {
            "value": curve.quantile(0.5), "ciLow": low, "ciHigh": high, "n": n, "incomplete": n - curve.closed,
            "p90": curve.quantile(0.9) if n >= 10 else None, "withinTarget": sum(f["done"] and f["time"] <= target for f in judged) / len(judged) if judged else None,
            "reliability": "OK" if n >= 6 else "LOW_N"}


def response_control(w, ask):
    """XmR chart of the completed times in time order."""
    by, form = by_region(ask), ask.parameter("form", "median")
    for (key, start), facts in grouped((f for f in pairs(w, ask) if f["done"]), ask, by).items():
        facts.sort(key=lambda f: (f["event"]["start_minute"], f["time"]))
        values = [f["time"] for f in facts]
        row = named(key, start, by, ask) | {"n": len(values), "verdict": "TOO_FEW", "reliability": "OK" if len(values) >= 8 else "LOW_N"}
        if len(values) >= 8:
            chart = xmr(values, form)
            row |= chart | {"value": chart.pop("center"), "provisional": len(values) < 12}
            row["signals"] = sum(bool(s) for s in row["_signals"])
            row["verdict"] = "SIGNALS" if row["signals"] else "STABLE"
            row.pop("center", None)
        yield row


def xmr(values, form):
    """Center, limits and the signals of each point."""
    center = sum(values) / len(values)
    ranges = [abs(b - a) for a, b in zip(values, values[1:])]
    middle_range, width, factor = (median(ranges), 3.145, 3.865) if form == "median" else (sum(ranges) / len(ranges), 2.660, 3.267)
    reach, limit = width * middle_range, factor * middle_range
    upper, lower = center + reach, max(center - reach, 0.0)
    signals = [set() for _ in values]
    for i, v in enumerate(values):
        if v > upper or v < lower:
            signals[i].add("OUTSIDE")
        if i and ranges[i - 1] > limit:
            signals[i].add("MOVING_RANGE")
    for i in range(len(values) - 7):
        if all(v > center for v in values[i:i + 8]) or all(v < center for v in values[i:i + 8]):
            for j in range(i, i + 8):
                signals[j].add("RUN_OF_8")
    for i in range(len(values) - 5):
        steps = np.diff(values[i:i + 6])
        if (steps > 0).all() or (steps < 0).all():
            for j in range(i, i + 6):
                signals[j].add("TREND_OF_6")
    # Two thirds of the way to the limit on that side, where it would be were it not cut at 0: two sigma.
    for far in (lambda v: v > center + reach * 2 / 3, lambda v: v < center - reach * 2 / 3):
        for i in range(len(values) - 2):
            beyond = [j for j in range(i, i + 3) if far(values[j])]
            if len(beyond) >= 2:
                for j in beyond:
                    signals[j].add("TWO_OF_THREE")
    return {"center": center, "upper": upper, "lower": lower, "movingRange": middle_range, "rangeLimit": limit, "_signals": signals}


def resource_fill(w, ask):
    """Quantity filled / asked, share filled in full, time to fill, share on time."""
    by, facts = by_region(ask), []
    for r in w.resource_request:
        event = w.events.get(r["event_id"])
        on = event["day"] if event else moment(r["requested_at"]).astimezone(LOCAL).date()
        filled, until = minutes(r["filled_at"]), minute_of(ask.as_of)
        if r["status"] == "CANCELLED" or on > ask.as_of or minutes(r["requested_at"]) >= until:
            continue
        late = filled is not None and filled >= until
        quantity = 0.0 if late else float(r["quantity_filled"])
        hazards = {n: event["dims"][n] for n in ("hazard", "hazard_category")} if event else {"hazard": ["unmapped"], "hazard_category": ["unmapped"]}
        facts.append({
            "day": on, "asked": float(r["quantity_requested"]), "filled": min(quantity, float(r["quantity_requested"])),
            "at": minutes(r["requested_at"]), "done": None if late else filled, "needed": minutes(r["needed_by"]),
            "full": quantity >= float(r["quantity_requested"]),
            "dims": {"region": [w.region_of(r["region_id"])], **hazards, **w.organization_dims(r["organization_id"])},
        })
    for (key, start), group in grouped(facts, ask, by).items():
        asked, filled = sum(f["asked"] for f in group), sum(f["filled"] for f in group)
        full = share(sum(f["full"] for f in group), len(group))
        done = lambda f: f["done"] is not None
        curve = Curve([(max((f["done"] if done(f) else minute_of(ask.as_of)) - f["at"], 0), done(f)) for f in group])
        due = [f for f in group if f["needed"] is not None and f["needed"] <= minute_of(ask.as_of)]
        yield named(key, start, by, ask) | {
            "value": filled / asked if asked else None, "n": len(group), "numerator": filled, "denominator": asked, "shareFull": full["value"], "shareFullLow": full["ciLow"],
            "shareFullHigh": full["ciHigh"], "medianMinutes": curve.quantile(0.5), "reliability": full["reliability"],
            "onTime": sum(done(f) and f["done"] <= f["needed"] for f in due) / len(due) if due else None}


def information_response(w, ask):
    """Reports received by the due time / asked; time until 90 % had reported."""
    by = by_region(ask)
    requests = {q["information_request_id"]: q for q in w.information_request}
    facts = []
    for r in w.information_report:
        q = requests[r["information_request_id"]]
        event = w.events[q["event_id"]]
        until = minute_of(ask.as_of)
        if not event["counts"] or event["day"] > ask.as_of or minutes(q["asked_at"]) >= until:
            continue
        received, due = minutes(r["received_at"]), minutes(q["due_at"])
        received = received if received is not None and received < until else None
        facts.append({"day": event["day"], "dims": {**event["dims"], **w.organization_dims(r["organization_id"])}, "request": r["information_request_id"],
                      "after": None if received is None else received - minutes(q["asked_at"]),
                      "in_time": received is not None and (due is None or received <= due), "due": due})
    for (key, start), group in grouped(facts, ask, by).items():
        of = defaultdict(list)
        for f in group:
            of[f["request"]].append(f["after"])
        reached = []
        for times in of.values():
            came = sorted(t for t in times if t is not None)
            need = -(-len(times) * 9 // 10)
            if len(came) >= need:
                reached.append(came[need - 1])
        yield named(key, start, by, ask) | share(sum(f["in_time"] for f in group), len(group)) | {
            "requests": len(of), "answered": sum(f["after"] is not None for f in group), "reached90": len(reached)}


def incident_burden(w, ask):
    """Incidents, deaths, injuries, damage, and each per 100,000 residents."""
    by = ask.group_by if ask.group_by is not None else ["hazard"]
    def total(values):
        known = [int(v) for v in values if v not in (None, "")]
        return sum(known) if known else None
    facts = []
    for e in w.events.values():
        i = e["incident"]
        if i is None or e["status"] != "HELD" or e["day"] > ask.as_of or ask.parameter("response", "all") == "responded" and i["response"] == "NONE":
            continue
        facts.append({"day": e["day"], "dims": e["dims"], "deaths": (i["deaths_direct"], i["deaths_indirect"]),
                      "injuries": (i["injuries_direct"], i["injuries_indirect"]), "damage": (i["damage_property_usd"],)})
    for (key, start), group in grouped(facts, ask, by).items():
        amount = lambda name: total(v for f in group for v in f[name]) if group else 0
        row = named(key, start, by, ask) | {"value": len(group), "n": len(group), "deaths": amount("deaths"),
                                            "injuries": amount("injuries"), "damagePropertyUsd": amount("damage")}
        people = w.population.get(row.get("region"), 0)
        if people:
            row |= {"population": people} | {f"{name}Per100k": None if amount is None else amount / people * 100_000 for name, amount in (
                ("incidents", row["value"]), ("deaths", row["deaths"]), ("injuries", row["injuries"]), ("damagePropertyUsd", row["damagePropertyUsd"]))}
        yield row


def data_quality(w, ask):
    """Rows rejected / rows read of the files loaded, by source."""
    by = ask.group_by if ask.group_by is not None else ["source"]
    newest = {}
    for e in w.events.values():
        if e["day"] <= ask.as_of:
            newest[e["source"]] = max(newest.get(e["source"], dt.date.min), e["day"])
    facts = [{"day": moment(f["finished_at"]).date(), "file": f, "dims": {"source": [f["source"] or "unrecognized"]}} for f in w.file if f["status"] == "LOADED"]
    for (key, start), group in grouped(facts, ask, by).items():
        total = lambda *names: sum(int(f["file"][n]) for f in group for n in names)
        yield named(key, start, by, ask) | share(total("rejected"), total("read"), minimum=1) | {
            "files": len(group), "rowsRead": total("read"), "rowsLoaded": total("inserted", "updated"),
            "rowsUnchanged": total("unchanged"), "rowsRejected": total("rejected"), "warnings": total("warnings"), "unmappedLabels": total("unmapped"), "redactions": total("redacted")} | (
            {"daysSinceNewest": (ask.as_of - max(newest[s] for s in sources)).days if (sources := {f["dims"]["source"][0] for f in group} & newest.keys()) else None} if group else {})


METRICS = {m.__name__: m for m in (response_time, response_control, resource_fill, information_response, incident_burden, data_quality)}
