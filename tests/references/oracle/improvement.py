"""Metrics of the improvement plan: corrective actions as they stood on a day."""

import datetime as dt
import functools
from collections import Counter

import numpy as np

from .question import grouped, kept, keys_of, label, median, median_interval, months_before, named, next_start, period_end, period_start, periods, share
from .survival import Curve


def standing(action, when):
    """An action as it stood on a day, or None when it was not yet opened. Its own dates tell an ending that still holds;
    its dated history tells one that was taken back since, and the due date of then."""
    if action["opened"] > when:
        return None
    closed = {"COMPLETED": "completed", "VALIDATED": "completed", "CANCELLED": "cancelled"}
    state, since, due = "open", action["opened"], action["due_original"]
    for on, _, change, status, due_on in action["history"]:
        if on > when:
            break
        if change != "DUE_DATE" and closed.get(status, "open") != state:
            state, since = closed.get(status, "open"), on
        due = due_on or due
    if action["history"] and action["history"][-1][0] <= when:
        due = action["due_current"]
    for ending in ("completed", "cancelled"):
        if action[ending] and action[ending] <= when:
            state, since = ending, action[ending]
    if not any(change == "REOPENED" for _, _, change, _, _ in action["history"]) and state != "open" and action[state] is None:
        state = "open"
    return {"state": state, "due": due, "completed": since if state == "completed" else None, "cancelled": since if state == "cancelled" else None}


def at_period_ends(since):
    """A metric that tells how things stand: by period it tells how they stood at each period's end."""
    def wrap(metric):
        @functools.wraps(metric)
        def answer(w, ask):
            first = since(w)
            if not ask.period or first is None:
                yield from metric(w, ask)
                return
            last = min(ask.last or ask.as_of, ask.as_of)
            for start in periods(ask.first or first, last, ask.period):
                at = type(ask)(min(period_end(start, ask.period), last), ask.group_by, ask.where, parameters=ask.parameters)
                for row in metric(w, at):
                    yield row | {"period": label(start, ask.period), "periodStart": start.isoformat()} | {"_as_of": at.as_of}
        return answer
    return wrap


def first_opened(w):
    return min((a["opened"] for a in w.actions), default=None)


def opened(w, ask, day=lambda a: a["opened"]):
    """Actions opened by the as-of day, each with its standing then; the day by which periods go is chosen."""
    for action in w.actions:
        now = standing(action, ask.as_of)
        if now and day(action):
            yield {"day": day(action), "dims": action["dims"], "action": action, "now": now}


def by_region(ask):
    return ask.group_by if ask.group_by is not None else ["region"]


def action_closure(w, ask):
    """Completed / opened, cancelled ones out of both."""
    by = by_region(ask)
    counted = (f for f in opened(w, ask) if f["now"]["state"] != "cancelled")
    for (key, start), facts in grouped(counted, ask, by).items():
        yield named(key, start, by, ask) | share(sum(f["now"]["state"] == "completed" for f in facts), len(facts))


def action_on_time(w, ask):
    """Completed by the original due date / due."""
    by = by_region(ask)
    due = (f for f in opened(w, ask, lambda a: a["due_original"]) if f["day"] <= ask.as_of and f["now"]["state"] != "cancelled")
    for (key, start), facts in grouped(due, ask, by).items():
        met = sum(f["now"]["state"] == "completed" and f["now"]["completed"] <= f["day"] for f in facts)
        row = named(key, start, by, ask) | share(met, len(facts))
        if not ask.period:
            apart = [f for f in opened(w, ask) if not f["action"]["due_original"] and f["now"]["state"] != "cancelled"]
            row["withoutDueDate"] = sum(1 for f in kept(apart, ask) if key in list(keys_of(f, ask, by)))
        yield row


def action_slippage(w, ask):
    """Median of current less original due date."""
    by = by_region(ask)
    for (key, start), facts in grouped(opened(w, ask, lambda a: a["due_original"]), ask, by).items():
        days = [(f["now"]["due"] - f["action"]["due_original"]).days for f in facts]
        moved = [d for d in days if d]
        low, high = median_interval(days)
        yield named(key, start, by, ask) | {
            "value": median(days), "ciLow": low, "ciHigh": high, "n": len(days), "moved": len(moved), "medianMoved": median(moved),
            "shareMoved": len(moved) / len(days) if days else None, "reliability": "OK" if len(days) >= 6 else "LOW_N"}


@at_period_ends(first_opened)
def action_overdue(w, ask):
    """Open and past due, with age bands."""
    by = by_region(ask)
    for (key, start), facts in grouped(opened(w, ask), ask, by).items():
        pending = [f for f in facts if f["now"]["state"] == "open"]
        late = [(ask.as_of - f["now"]["due"]).days for f in pending if f["now"]["due"] and f["now"]["due"] < ask.as_of]
        band = lambda low, high: sum(low <= days <= high for days in late)
        yield named(key, start, by, ask) | {
            "value": len(late), "open": len(pending), "days1To30": band(1, 30), "days31To90": band(31, 90),
            "days91To180": band(91, 180), "daysOver180": band(181, 10**6)}


def action_time_to_close(w, ask):
    """Kaplan-Meier of the days from opened to completed."""
    by = by_region(ask)
    for (key, start), facts in grouped(opened(w, ask), ask, by).items():
        seen = []
        for f in facts:
            ended = {"completed": f["now"]["completed"], "cancelled": f["now"]["cancelled"], "open": ask.as_of}[f["now"]["state"]]
            seen.append(((ended - f["action"]["opened"]).days, f["now"]["state"] == "completed"))
        curve = Curve(seen)
        low, high = curve.median_interval()
        yield named(key, start, by, ask) | {
            "value": curve.quantile(0.5), "ciLow": low, "ciHigh": high, "n": curve.n, "closed": curve.closed,
            **{f"survival{d}": curve.at(d) for d in (90, 180, 365)},
            "curve": [dict(zip(("time", "survival", "low", "high"), step)) for step in curve.steps],
            "reliability": "OK" if curve.n >= 10 and curve.closed >= 5 else "LOW_N"}


def action_backlog(w, ask):
    """Open at the end of each period, and what went in and out within it."""
    by = ask.group_by if ask.group_by is not None else []
    members = list(opened(w, ask))
    groups = grouped(members, type(ask)(ask.as_of, by, ask.where), by)
    changes = {}
    for (key, _), facts in groups.items():
        moves = []
        for f in facts:
            action = f["action"]
            moves.append((action["opened"], "opened"))
            if not any(change == "REOPENED" for _, _, change, _, _ in action["history"]):
                moves += [(action[name], move) for name, move in (("completed", "closed"), ("cancelled", "cancelled")) if action[name] and action[name] <= ask.as_of]
                continue
            state = "open"
            for on, _, change, status, _ in action["history"]:
                new = {"COMPLETED": "closed", "VALIDATED": "closed", "CANCELLED": "cancelled"}.get(status, "open")
                if on <= ask.as_of and change != "DUE_DATE" and new != state:
                    moves.append((on, "reopened" if new == "open" else new))
                    state = new
        changes[key] = moves
    every = [day for moves in changes.values() for day, _ in moves]
    if not every:
        if not by and not ask.period:  # Nothing open in all is a true zero.
            yield named((), None, by, ask) | dict.fromkeys(("opened", "closed", "cancelled", "reopened", "value", "n"), 0)
        return
    first, last = ask.first or min(every), min(ask.last or ask.as_of, ask.as_of)
    spans = [(s, period_end(s, ask.period)) for s in periods(first, last, ask.period)] if ask.period else [(None, last)]
    for key, moves in changes.items():
        for start, end in spans:
            end = min(end, last)
            within = {name: sum(kind == name and (start is None or max(start, ask.first or start) <= day) and (start or not ask.first or day >= ask.first) and day <= end for day, kind in moves)
                      for name in ("opened", "closed", "cancelled", "reopened")}
            sign = {"opened": 1, "reopened": 1, "closed": -1, "cancelled": -1}
            yield named(key, start, by, ask) | within | {"value": sum(sign[kind] for day, kind in moves if day <= end)}


def action_validation(w, ask):
    """Validated / completed at least twelve months ago."""
    by = by_region(ask)
    old = [f | {"day": f["now"]["completed"]} for f in opened(w, ask) if f["now"]["state"] == "completed" and f["now"]["completed"] <= months_before(ask.as_of, 12)]
    for (key, start), facts in grouped(old, ask, by).items():
        proved = sum(bool(f["action"]["validated"]) and f["action"]["validated"] <= ask.as_of for f in facts)
        yield named(key, start, by, ask) | share(proved, len(facts))


def action_forecast(w, ask):
    """When the backlog is done: the distribution of the simulation computed exactly, as bounds for the draws."""
    by = by_region(ask)
    for (key, start), facts in grouped(opened(w, ask), type(ask)(ask.as_of, by, ask.where), by).items():
        weekly = [0] * 26
        for f in facts:
            if f["now"]["state"] == "completed":
                week = (ask.as_of - f["now"]["completed"]).days // 7
                if week < 26:
                    weekly[week] += 1
        pending, busy = sum(f["now"]["state"] == "open" for f in facts), sum(c > 0 for c in weekly)
        row = named(key, None, by, ask) | {"open": pending, "weeksWithClosures": busy, "n": pending}
        row["verdict"] = "DONE" if not pending else "TOO_FEW" if busy < 8 else "FORECAST"
        if row["verdict"] == "DONE":
            row |= {"value": 0, "ciLow": 0, "ciHigh": 0, "reliability": "OK"}
        if row["verdict"] == "FORECAST":
            row["_weeks"] = {share: weeks_within(pending, weekly, share) for share in (0.5, 0.85)}
        yield row


def weeks_within(pending, weekly, wanted, draws=10_000):
    """The fewest and most weeks that this quantile of so many draws may show, at five standard errors."""
    left, of = np.zeros(pending + 1), Counter(weekly)
    left[pending] = 1.0
    done, bounds, error = [0.0], [None, None], 5 * (wanted * (1 - wanted) / draws) ** 0.5
    while len(done) < 2000 and bounds[1] is None:
        after = np.zeros_like(left)
        after[0] = left[0]
        for closed, weeks in of.items():
            after[0] += left[1 : closed + 1].sum() * weeks / 26
            after[1 : max(pending + 1 - closed, 1)] += left[closed + 1 :] * weeks / 26
        left = after
        done.append(left[0])
        if bounds[0] is None and done[-1] >= wanted - error:
            bounds[0] = len(done) - 1
        if done[-1] >= wanted + error:
            bounds[1] = len(done) - 1
    return tuple(bounds)


def tracker_response(w, ask):
    """Answered by the due day / due, of what sent trackers asked."""
    by, facts = by_region(ask), []
    capability = {action["id"]: action["row"]["capability_id"] for action in w.actions}
    for r in w.tracker_request:
        due, answered = dt.date.fromisoformat(r["due_on"]), r["answered_on"]
        if due <= ask.as_of:
            answered = answered and dt.date.fromisoformat(answered) <= min(due, ask.as_of)
            dims = {"region": [w.region_of(r["region_id"])], **w.capability_dims(capability.get(r["corrective_action_id"])), **w.organization_dims(r["organization_id"])}
            facts.append({"day": due, "answered": bool(answered), "dims": dims})
    for (key, start), group in grouped(facts, ask, by).items():
        yield named(key, start, by, ask) | share(sum(f["answered"] for f in group), len(group))


METRICS = {m.__name__: m for m in (action_closure, action_on_time, action_slippage, action_overdue, action_time_to_close,
                                   action_backlog, action_validation, action_forecast, tracker_response)}
