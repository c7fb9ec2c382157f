"""Filters, groups and periods of a question, and the statistics that rows carry."""

import calendar
import datetime as dt
import itertools
from collections import OrderedDict
from dataclasses import dataclass, field

from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

CAMEL = {"hazard_category": "hazardCategory", "event_kind": "eventKind", "exercise_type": "exerciseType"}


@dataclass
class Ask:
    """A question to a metric."""

    as_of: dt.date
    group_by: list = None
    where: dict = field(default_factory=dict)
    period: str = None
    first: dt.date = None
    last: dt.date = None
    parameters: dict = field(default_factory=dict)

    def parameter(self, name, default):
        return self.parameters.get(name, default)


def months_before(when, months):
    """The same day of the month so many months before, or that month's last day."""
    year, month = divmod(when.year * 12 + when.month - 1 - months, 12)
    return dt.date(year, month + 1, min(when.day, calendar.monthrange(year, month + 1)[1]))


def period_start(when, grain):
    if grain == "month":
        return when.replace(day=1)
    if grain == "quarter":
        return dt.date(when.year, (when.month - 1) // 3 * 3 + 1, 1)
    if grain == "year":
        return dt.date(when.year, 1, 1)
    return dt.date(when.year if when.month >= 7 else when.year - 1, 7, 1)


def next_start(start, grain):
    index = start.year * 12 + start.month - 1 + {"month": 1, "quarter": 3}.get(grain, 12)
    return dt.date(index // 12, index % 12 + 1, 1)


def period_end(start, grain):
    return next_start(start, grain) - dt.timedelta(1)


def label(start, grain):
    if grain == "month":
        return f"{start:%Y-%m}"
    if grain == "quarter":
        return f"{start.year}-Q{(start.month - 1) // 3 + 1}"
    return str(start.year) if grain == "year" else f"FY{start.year + 1}"


def periods(first, last, grain):
    start, made = period_start(first, grain), []
    while start <= last:
        made.append(start)
        start = next_start(start, grain)
    return made


def kept(facts, ask):
    """The facts that the question's days and filters leave."""
    for fact in facts:
        if ask.first and fact["day"] < ask.first or ask.last and fact["day"] > ask.last:
            continue
        if all(set(fact["dims"][name]) & set(wanted) for name, wanted in ask.where.items()):
            yield fact


def keys_of(fact, ask, group_by):
    """Every group that a fact belongs to: one of two regions is in the group of each."""
    lists = []
    for name in group_by:
        values = fact["dims"][name]
        lists.append([v for v in values if name not in ask.where or v in ask.where[name]])
    return itertools.product(*lists)


def grouped(facts, ask, group_by, fill=True):
    """(keys, start of period or None) with their facts; periods without any between the first and the last are empty lists."""
    groups, starts = {}, set()
    for fact in kept(facts, ask):
        start = period_start(fact["day"], ask.period) if ask.period else None
        starts.add(start)
        for key in keys_of(fact, ask, group_by):
            groups.setdefault(key, {}).setdefault(start, []).append(fact)
    if ask.period and groups and fill:
        first, last = ask.first or min(starts), ask.last or max(starts)
        for of_period in groups.values():
            for start in periods(first, last, ask.period):
                of_period.setdefault(start, [])
    if not group_by and not ask.period and not groups:
        groups[()] = {None: []}
    return OrderedDict(((key, start), groups[key][start]) for key in sorted(groups) for start in sorted(groups[key], key=lambda s: s or dt.date.min))


def named(key, start, group_by, ask):
    row = {CAMEL.get(name, name): value for name, value in zip(group_by, key)}
    if ask.period and start is not None:
        row |= {"period": label(start, ask.period), "periodStart": start.isoformat()}
    return row


def share(numerator, denominator, n=None, minimum=5):
    """A proportion with its Wilson interval."""
    n = denominator if n is None else n
    low, high = proportion_confint(numerator, denominator, method="wilson") if denominator else (None, None)
    return {
        "value": numerator / denominator if denominator else None, "numerator": numerator, "denominator": denominator, "n": n,
        "ciLow": None if low is None else float(low), "ciHigh": None if high is None else float(high),
        "reliability": "OK" if n >= minimum else "LOW_N",
    }


def median(values):
    ordered, n = sorted(values), len(values)
    return None if not n else ordered[n // 2] if n % 2 else (ordered[n // 2 - 1] + ordered[n // 2]) / 2


def median_interval(values):
    """Order statistics k and n + 1 - k, k the largest with P(X < k) <= 0.025 for X binomial(n, 1/2)."""
    ordered, n = sorted(values), len(values)
    if n < 6:
        return None, None
    k = 0
    while binom.cdf(k, n, 0.5) <= 0.025:
        k += 1
    return (ordered[k - 1], ordered[n - k]) if k else (None, None)
