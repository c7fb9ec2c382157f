"""Metrics of risk: profile, coverage, priority."""

import datetime as dt
from collections import defaultdict

from .capabilities import ratings
from .improvement import at_period_ends, standing
from .question import Ask, grouped, kept, keys_of, months_before, named, share


def assessments(w):
    """Assessments with their scores, a score a hazard."""
    scores = defaultdict(list)
    for s in w.risk_score:
        scores[s["risk_assessment_id"]].append(s)
    for a in w.risk_assessment:
        yield {"id": a["risk_assessment_id"], "organization": a["organization_id"], "region": a["region_id"], "on": a["assessed_on"], "scores": scores[a["risk_assessment_id"]]}


def latest(w, as_of, months=24):
    """Of each organization the latest assessment at the day and the one before it."""
    of = defaultdict(list)
    for a in assessments(w):
        if a["on"] <= as_of.isoformat():
            # One without an organization stands for its region.
            of[a["organization"] if int(a["organization"]) > 0 else f"region {a['region']}"].append(a)
    for list_ in of.values():
        list_.sort(key=lambda a: (a["on"], int(a["id"])))
        if list_[-1]["on"] >= months_before(as_of, months).isoformat():
            yield list_[-1], list_[-2] if len(list_) > 1 else None


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else None


def score_facts(w, ask, months):
    """A score of each organization and hazard; labels that mean the same hazard are pooled by the highest."""
    for a, before in latest(w, ask.as_of, months):
        of = lambda assessment: {h: [s for s in assessment["scores"] if s["hazard_id"] == h] for h in {s["hazard_id"] for s in assessment["scores"]}} if assessment else {}
        earlier = of(before)
        for hazard, scores in of(a).items():
            apply = [s for s in scores if s["applicable"] == "t"]
            highest = lambda name, some: max((float(s[name]) for s in some if s["applicable"] == "t" and s[name]), default=None)
            ranks = [int(s["rank_in_assessment"]) for s in apply if s["rank_in_assessment"]]
            yield {
                "day": dt.date.fromisoformat(a["on"]), "organization": a["organization"] if int(a["organization"]) > 0 else f"region {a['region']}", "applicable": bool(apply), "risk": highest("risk", apply),
                "inherent": highest("inherent_risk", apply), "rank": min(ranks, default=None), "before": highest("risk", earlier.get(hazard, [])), "hazard_id": hazard,
                "dims": {"region": [w.region_of(a["region"])], **w.hazard_dims(hazard), **w.organization_dims(a["organization"])},
            }


def first_assessed(w):
    return min((dt.date.fromisoformat(a["assessed_on"]) for a in w.risk_assessment), default=None)


@at_period_ends(first_assessed)
def risk_profile(w, ask):
    """Mean residual and inherent risk of each organization's latest assessment."""
    by = ask.group_by if ask.group_by is not None else ["hazard", "region"]
    for (key, start), facts in grouped(score_facts(w, ask, int(ask.parameter("months", 24))), Ask(ask.as_of, by, ask.where), by).items():
        apply = [f for f in facts if f["applicable"]]
        organizations = {f["organization"] for f in facts}
        applying = {f["organization"] for f in apply}
        pairs = [f for f in apply if f["before"] is not None]
        yield named(key, start, by, ask) | {
            "value": mean(f["risk"] for f in apply if f["risk"] is not None), "inherent": mean(f["inherent"] for f in apply if f["inherent"] is not None), "n": len(applying),
            "organizations": len(organizations), "shareApplicable": len(apply) / len(facts) if facts else None,
            "shareTop10": sum(bool(f["rank"]) and f["rank"] <= 10 for f in facts) / len(facts) if facts else None, "meanRank": mean(f["rank"] for f in apply if f["rank"]),
            "change": mean(f["risk"] - f["before"] for f in pairs), "reliability": "OK" if len(applying) >= 3 else "LOW_N"}


@at_period_ends(first_assessed)
def hazard_coverage(w, ask):
    """Of the region's top hazards the share that was exercised lately."""
    by = ask.group_by if ask.group_by is not None else ["region"]
    months, top = int(ask.parameter("months", 24)), int(ask.parameter("top", 10))
    risks = defaultdict(list)
    for f in score_facts(w, ask, 24):
        hazard = w.hazards[f["hazard_id"]]
        if f["applicable"] and f["dims"]["region"][0] != "unmapped" and hazard["category"] != "operational" and hazard["code"] != "unmapped":
            risks[(f["dims"]["region"][0], f["hazard_id"])].append(f["risk"])
    for region in sorted({r for r, _ in risks}):
        if "region" in ask.where and region not in ask.where["region"]:
            continue
        ranked = sorted(((-round(mean(v), 9), int(h), h) for (r, h), v in risks.items() if r == region))[:top]
        hazards = []
        for rank, (risk, _, id) in enumerate(ranked, 1):
            code = w.hazards[id]["code"]
            on = [e for e in w.events.values() if region in e["dims"]["region"] and code in e["all_hazards"] and e["counts"] and e["day"] <= ask.as_of]
            last = {kind: max((e["day"] for e in on if e["kind"] == kind), default=None) for kind in ("EXERCISE", "INCIDENT")}
            covered = last["EXERCISE"] is not None and last["EXERCISE"] >= months_before(ask.as_of, months)
            hazards.append({"hazard": code, "rank": rank, "risk": -risk, "covered": covered, "category": w.hazards[id]["category"]})
        if by == ["region"]:
            chosen = [h for h in hazards if all(h[{"hazard": "hazard", "hazard_category": "category"}[n]] in v for n, v in ask.where.items() if n != "region")]
            if chosen:
                yield {"region": region} | share(sum(h["covered"] for h in chosen), len(chosen)) | {"_hazards": chosen}


def improvement_priority(w, ask):
    """gap x exposure x (1 + overdue share), by region and capability."""
    ask = Ask(ask.as_of, ask.group_by, ask.where, parameters=ask.parameters)
    months = int(ask.parameter("months", 36))
    rated, links, counts = defaultdict(lambda: [0, 0]), defaultdict(set), {}
    for f in ratings(w, ask):
        if f["dims"]["hazard"][0] != "unmapped":
            links[f["dims"]["capability"][0]].add(f["dims"]["hazard"][0])
        if not f["event"]["counts"]:
            continue
        if months_before(ask.as_of, months) <= f["day"] <= ask.as_of:
            for region in f["dims"]["region"]:
                rated[(region, f["dims"]["capability"][0], f["dims"]["framework"][0])][0] += f["good"]
                rated[(region, f["dims"]["capability"][0], f["dims"]["framework"][0])][1] += 1
    risks = defaultdict(list)
    for f in score_facts(w, ask, 24):
        if f["applicable"]:
            if f["inherent"] is not None:
                risks[(f["dims"]["region"][0], f["dims"]["hazard"][0])].append(f["inherent"])
    means = {k: mean(v) for k, v in risks.items()}
    ids = {h["code"]: int(id) for id, h in w.hazards.items()}
    open_, late = defaultdict(int), defaultdict(int)
    for a in w.actions:
        now = standing(a, ask.as_of)
        if now and now["state"] == "open":
            key = (a["dims"]["region"][0], a["dims"]["capability"][0])
            open_[key] += 1
            late[key] += bool(now["due"] and now["due"] < ask.as_of)
    rows = []
    for (region, capability, framework), (good, n) in sorted(rated.items()):
        if any(value not in ask.where.get(name, [value]) for name, value in (("region", region), ("capability", capability), ("framework", framework))):
            continue
        linked = [h for h in links[capability] if (region, h) in means]
        # Equal but for the last bits: the hazard that was listed first.
        hazard = max(linked, key=lambda h: (round(means[(region, h)], 9), -ids[h]), default=None)
        own = [v for (r, _), values in risks.items() if r == region for v in values]
        exposure = means[(region, hazard)] if linked else mean(own)
        gap = 1 - (good + 0.5) / (n + 1)
        key = (region, capability)
        overdue = late[key] / open_[key] if open_[key] else 0
        rows.append({"region": region, "capability": capability, "gap": gap, "exposure": exposure, "exposureHazard": hazard, "overdueShare": overdue, "rated": n, "open": open_[key],
                     "value": gap * exposure * (1 + overdue) if exposure is not None else None, "n": n, "reliability": "OK" if n >= 5 else "LOW_N"})
    if ask.group_by in (None, ["region", "capability"]):
        yield from rows


METRICS = {m.__name__: m for m in (risk_profile, hazard_coverage, improvement_priority)}
