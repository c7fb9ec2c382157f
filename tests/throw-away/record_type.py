"""Checks that the throw-away record type is found wherever records are. Called by `tests/throw-away/run`."""
import csv
import io
import json
import urllib.request
from pathlib import Path

from under_test import base, found, graphql, run, sql, url

# Template: the described columns, with the vocabulary in the comment.
template = run("template", "supply_checks")
headings = [line for line in template.splitlines() if not line.startswith("#")][0]
found("template", "supply_check_id,event_id,supply,quantity,checked_at,note", headings)
assert "[required; MASKS, GOWNS]" in template, template

# Load and rejects: the reader knows vocabulary and reference.
records = Path(__file__).parent / "records"
run("load", str(records), check=False)
rejects = list(csv.DictReader(io.StringIO(run("rejects", "--file", "supply_checks.csv"))))
found(
    "rejects",
    {"CHECK-4": "must be one of MASKS, GOWNS", "CHECK-5": "no event of the warehouse has this id or name and day"},
    {row["supply_check_id"]: row["reject_reason"].split(";")[0] for row in rejects},
)
found("redaction", "0", sql("select count(*) from warehouse.supply_check where note like '%555%'"))
run("load", str(records), check=False)
found("load again", "3", sql("select count(*) from warehouse.supply_check"))

# Status, dictionary and doctor.
tables = json.loads(run("status", "--json"))["tables"]
found("status", 3, tables["supply_check"])
dictionary = list(csv.DictReader(io.StringIO(run("bi", "describe", "--format", "csv"))))
described = {row["column"]: row["joins"] for row in dictionary if row["view"] == "fact_supply_check"}
found(
    "dictionary",
    {
        "supply_check_id": "",
        "event_id": "dim_event",
        "date_key": "dim_date",
        "hazard_id": "dim_hazard",
        "supply": "",
        "quantity": "",
        "check_count": "",
    },
    described,
)


def broken():
    checks = json.loads(run("doctor", "--json", check=False))["findings"]
    return [check["invariant"] for check in checks if check["broken"]]


found("doctor", [], broken())
sql("alter table warehouse.supply_check disable row level security")
found("doctor", ["row-level security is on wherever a policy is written"], broken())
sql("alter table warehouse.supply_check enable row level security")

# BI view: a region's login sees the rows of its region alone, an analyst's all.
for role, rows in (("region", "CHECK-1,CHECK-2"), ("analyst", "CHECK-1,CHECK-2,CHECK-3")):
    region = ["--region", "1"] if role == "region" else []
    granted = json.loads(run("bi", "grant", f"supply_{role}", "--role", role, *region, "--json"))
    address = url.split("://")[1].rsplit("@", 1)[-1]
    own = f"postgres://{granted['login']}:{granted['password']}@{address}"
    seen = "select string_agg(source_id, ',' order by source_id) from bi.fact_supply_check \
        join warehouse.supply_check using (supply_check_id)"
    found(f"BI view for a login of the role {role}", rows, sql(seen, own))

# GraphQL: list, filter, aggregate. Export: the same records.
data = graphql(
    """{
      list: supplyChecks(orderBy: [{checkedAt: ASC}]) { totalCount nodes { supply quantity note event { name } } }
      filtered: supplyChecks(filter: {supply: {eq: GOWNS}}) { nodes { quantity } }
      groups: supplyCheckAggregate(groupBy: [SUPPLY]) { key { supply } count sum { quantity } }
    }"""
)
found("GraphQL list", 3, data["list"]["totalCount"])
found("GraphQL relation", "Supply exercise in region 1", data["list"]["nodes"][0]["event"]["name"])
found("GraphQL filter", [{"quantity": 50}], data["filtered"]["nodes"])
groups = {group["key"]["supply"]: (group["count"], group["sum"]["quantity"]) for group in data["groups"]}
found("GraphQL aggregate", {"MASKS": (2, 470), "GOWNS": (1, 50)}, groups)
exported = urllib.request.urlopen(f"{base}/export/supplyChecks.csv").read().decode()
found("export", ["400", "50", "70"], sorted(row["quantity"] for row in csv.DictReader(io.StringIO(exported))))

print(
    "one migration, one file and one line: template, load, rejects, status, dictionary, doctor, BI view with its "
    "policy, GraphQL list, filter and aggregate, and export have the record type"
)
