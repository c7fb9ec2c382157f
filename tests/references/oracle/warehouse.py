"""The tables of a warehouse, read through psql, with the dimensions of each record resolved."""

import csv
import datetime as dt
import glob
import io
import shutil
import subprocess
from collections import defaultdict
from zoneinfo import ZoneInfo

TABLES = """event incident exercise exercise_type event_region event_hazard region region_scheme municipality_region municipality
hazard discipline organization capability capability_framework rating_value capability_rating finding finding_element element
corrective_action corrective_action_element action_status_history objective after_action_report participation milestone
milestone_type information_request information_report resource_request risk_assessment risk_score requirement tracker_request""".split()
LOCAL = ZoneInfo("America/New_York")


def psql():
    """The psql program, also where it is not on PATH."""
    found = shutil.which("psql") or next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"), reverse=True)), None)
    if not found:
        raise SystemExit("psql is missing: install the PostgreSQL client")
    return found


def read(url, query):
    """Rows of a query as dictionaries of text; an empty field is None."""
    copy = f"copy ({query}) to stdout with (format csv, header)"
    text = subprocess.run([psql(), url, "-qAt", "-c", "set timezone to 'UTC'", "-c", copy], check=True, capture_output=True, text=True).stdout
    return [{name: value or None for name, value in row.items()} for row in csv.DictReader(io.StringIO(text))]


def day(text):
    return dt.date.fromisoformat(text) if text else None


def moment(text):
    return dt.datetime.fromisoformat(text).astimezone(dt.timezone.utc) if text else None


def minutes(text):
    """Whole minutes since 1970, as the stamps are kept."""
    at = moment(text)
    return None if at is None else round_half_even(at.timestamp() / 60)


def round_half_even(value):
    return int(round(value))


class Warehouse:
    """Everything that a metric may ask of, by plain Python records."""

    def __init__(self, url):
        self.url = url
        for table in TABLES:
            setattr(self, table, read(url, f"select * from warehouse.{table}"))
        self.file = read(url, "select * from meta.file")
        self._dimensions()
        self._events()
        self._actions()

    def _dimensions(self):
        hmcc = {s["region_scheme_id"] for s in self.region_scheme if s["code"] == "HMCC"}
        self.region_code = {r["region_id"]: r["code"] for r in self.region if r["region_scheme_id"] in hmcc}
        self.hazards = {h["hazard_id"]: h for h in self.hazard}
        frameworks = {f["capability_framework_id"]: f["code"] for f in self.capability_framework}
        self.capability_of = {
            c["capability_id"]: (f"{frameworks[c['capability_framework_id']]}:{c['code']}", frameworks[c["capability_framework_id"]])
            for c in self.capability
        }
        self.disciplines = {d["discipline_id"]: d for d in self.discipline}
        self.organizations = {o["organization_id"]: o for o in self.organization if int(o["organization_id"]) > 0}
        self.element_code = {e["element_id"]: e["code"] for e in self.element}
        people = defaultdict(int)
        town = {m["municipality_id"]: int(m["population_2020"] or 0) for m in self.municipality}
        for link in self.municipality_region:
            if not link["valid_to"]:
                people[link["region_id"]] += town[link["municipality_id"]]
        self.population = {code: people[id] for id, code in self.region_code.items()}

    def region_of(self, region_id):
        return self.region_code.get(region_id, "unmapped")

    def hazard_dims(self, hazard_id):
        hazard = self.hazards.get(hazard_id)
        return {"hazard": [hazard["code"] if hazard else "unmapped"], "hazard_category": [hazard["category"] if hazard else "unmapped"]}

    def capability_dims(self, capability_id):
        code, framework = self.capability_of.get(capability_id, ("unmapped", "unmapped"))
        return {"capability": [code], "framework": [framework]}

    def organization_dims(self, organization_id):
        organization = self.organizations.get(organization_id)
        discipline = self.disciplines[organization["discipline_id"]]["code"] if organization else "unmapped"
        return {"organization": [organization_id if organization else "unmapped"], "discipline": [discipline]}

    def _events(self):
        incident = {i["event_id"]: i for i in self.incident}
        exercise = {x["event_id"]: x for x in self.exercise}
        types = {t["exercise_type_id"]: t for t in self.exercise_type}
        regions, hazards = defaultdict(list), defaultdict(set)
        for link in self.event_region:
            regions[link["event_id"]].append(self.region_of(link["region_id"]))
        for link in self.event_hazard:
            hazards[link["event_id"]].add(self.hazards[link["hazard_id"]]["code"])
        report = {a["event_id"]: a for a in self.after_action_report}
        kinds = {t["milestone_type_id"]: t["code"] for t in self.milestone_type}
        # Every stamp with its minute, those known only to the day apart; and the local days of drafts and final reports.
        self.stamps, self.coarse, stamped = defaultdict(list), defaultdict(list), defaultdict(list)
        for stamp in self.milestone:
            kind, event = kinds[stamp["milestone_type_id"]], stamp["event_id"]
            if kind in ("aar_draft", "aar_final"):
                stamped[(event, kind)].append(moment(stamp["occurred_at"]).astimezone(LOCAL).date())
            (self.coarse if stamp["time_precision"] == "DAY" else self.stamps)[event].append((kind, minutes(stamp["occurred_at"])))
        self.events = {}
        for row in self.event:
            id = row["event_id"]
            i, x = incident.get(id), exercise.get(id)
            kind = types[x["exercise_type_id"]] if x else None
            self.events[id] = {
                "id": id, "name": row["name"], "kind": row["kind"], "status": row["status"], "source": row["source"],
                "day": day(row["local_date"]), "end": day(row["end_local_date"]) or day(row["local_date"]),
                "start_minute": minutes(row["start_at"]), "end_minute": minutes(row["end_at"]),
                "owes_aar": row["owes_aar"] == "t", "final_on": day(report[id]["final_on"]) if id in report else None,
                "final_stamp": min(stamped[(id, "aar_final")], default=None), "stamp": min(stamped[(id, "aar_draft")] + stamped[(id, "aar_final")], default=None),
                "response": i["response"] if i else None, "incident": i, "exercise": x,
                "operations": bool(kind) and kind["class"] == "OPERATIONS",
                "limit": int(x["time_limit_minutes"]) if x and x["time_limit_minutes"] else None,
                "all_hazards": hazards[id] | {self.hazards[row["hazard_id"]]["code"]},
                # What a coalition held or truly answered.
                "counts": row["status"] == "HELD" and (row["kind"] != "INCIDENT" or (i is not None and i["response"] != "NONE")),
                "dims": {
                    "region": sorted(set(regions[id])) or ["unmapped"], "event_kind": [row["kind"]],
                    "exercise_type": [kind["code"] if kind else "none"], "source": [row["source"]],
                    **self.hazard_dims(row["hazard_id"]),
                },
            }

    def _actions(self):
        history = defaultdict(list)
        for change in self.action_status_history:
            history[change["corrective_action_id"]].append(
                (day(change["changed_on"]), int(change["sequence"]), change["change"], change["status"], day(change["due_on"]))
            )
        self.actions = []
        for row in self.corrective_action:
            id = row["corrective_action_id"]
            self.actions.append({
                "id": id, "finding": row["finding_id"], "event": row["event_id"], "opened": day(row["opened_on"]),
                "due_original": day(row["due_original_on"]), "due_current": day(row["due_current_on"]),
                "completed": day(row["completed_on"]), "cancelled": day(row["cancelled_on"]), "validated": day(row["validated_on"]),
                "status": row["status"], "history": sorted(history[id]), "row": row,
                "dims": {
                    "region": [self.region_of(row["region_id"])], **self.capability_dims(row["capability_id"]),
                    **self.organization_dims(row["owner_organization_id"]),
                },
            })
