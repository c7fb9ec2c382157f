#!/usr/bin/env python3
"""Measure the star schema: the typical dashboard query of each view, at 5,000,000 ratings and 2,000,000 actions.

    tests/bench/bi.py HOTWASH [--ratings 5000000] [--keep FOLDER]

Loads the demo's fictional coalition into a private Postgres and multiplies it in SQL, because a load of that size takes most of
an hour. Runs each query three times and prints the fastest time with the machine's load. One measurement uses a single process.
The other uses a BI login of role analyst, with row-level security and the settings of the server and the login. Only events,
ratings, findings and actions are multiplied; their dates, hazards, capabilities and regions are unchanged.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

# Each relation of the star schema with a dashboard's query: measures by one or two groups, over the last two years or all.
RECENT = "d.date >= date '2024-07-01'"
BRIDGED = "join bi.bridge_event_region b using (event_id) join bi.dim_region r on r.region_id = b.region_id"
QUERIES: dict[str, str] = {
    "dim_event: by year and kind": "select d.year, e.kind, count(*) from bi.dim_event e join bi.dim_date d using (date_key) group by 1, 2",
    "bridge_event_region: events by region": "select region_id, sum(allocation_weight) from bi.bridge_event_region group by 1",
    "fact_incident: damage by year and hazard": "select d.year, h.category, sum(incident_count), sum(damage_property_usd) from bi.fact_incident f "
    "join bi.dim_date d using (date_key) join bi.dim_hazard h using (hazard_id) group by 1, 2",
    "fact_exercise: by fiscal year, type and region": "select d.fiscal_year, f.exercise_type, r.region, sum(exercise_count * allocation_weight) "
    f"from bi.fact_exercise f join bi.dim_date d using (date_key) {BRIDGED} group by 1, 2, 3",
    "fact_capability_rating: one capability by quarter": "select d.quarter_start, sum(good_count)::float / sum(rated_count) from bi.fact_capability_rating f "
    "join bi.dim_date d using (date_key) join bi.dim_capability c using (capability_id) where c.framework = 'PHEP' and c.code = '10' and level = 'CAPABILITY' group by 1",
    "fact_capability_rating: this quarter by region": "select r.region, sum(good_count * allocation_weight) / sum(rated_count * allocation_weight) from bi.fact_capability_rating f "
    f"join bi.dim_date d using (date_key) {BRIDGED} where d.date >= date '2026-04-01' group by 1",
    "fact_capability_rating, every row, by capability and year": "select c.capability, d.fiscal_year, sum(good_count)::float / sum(rated_count) from bi.fact_capability_rating f "
    "join bi.dim_date d using (date_key) join bi.dim_capability c using (capability_id) group by 1, 2",
    "fact_capability_rating_monthly: all years by region and quarter": "select r.region, d.quarter_start, sum(good_count) / nullif(sum(rated_count), 0) from bi.fact_capability_rating_monthly f "
    "join bi.dim_date d using (date_key) join bi.dim_region r using (region_id) where level = 'CAPABILITY' group by 1, 2",
    "fact_capability_rating_monthly: all years by capability and year": "select c.capability, d.fiscal_year, sum(good_count) / nullif(sum(rated_count), 0) from bi.fact_capability_rating_monthly f "
    "join bi.dim_date d using (date_key) join bi.dim_capability c using (capability_id) where level = 'CAPABILITY' group by 1, 2",
    "fact_finding: areas by capability, two years": "select c.capability, sum(area_count) from bi.fact_finding f "
    f"join bi.dim_date d using (date_key) join bi.dim_capability c using (capability_id) where {RECENT} group by 1",
    "fact_corrective_action: open and overdue by region": "select r.region, sum(open_count), sum(overdue_count) from bi.fact_corrective_action "
    "join bi.dim_region r using (region_id) group by 1",
    "fact_corrective_action: overdue by age band": "select age_band, count(*) from bi.fact_corrective_action where overdue_count = 1 group by 1",
    "fact_action_backlog_daily: month ends by region": "select d.date, region_id, open_at_end from bi.fact_action_backlog_daily f "
    "join bi.dim_date d using (date_key) where d.day = 1",
    "fact_risk_score: latest by hazard": "select h.hazard, avg(risk) from bi.fact_risk_score join bi.dim_hazard h using (hazard_id) where is_latest and applicable group by 1",
    "fact_milestone: median minutes by milestone": "select milestone, percentile_cont(0.5) within group (order by minutes_since_start) from bi.fact_milestone group by 1",
    "fact_resource_request: filled by kind": "select kind, sum(filled_in_full_count)::float / sum(request_count) from bi.fact_resource_request group by 1",
    "fact_participation: organizations by year": "select d.year, count(distinct organization_id) from bi.fact_participation join bi.dim_date d using (date_key) group by 1",
    "metric_capability_performance: quarters": "select period_start, region, capability, value, ci_low, ci_high from bi.metric_capability_performance where grain = 'QUARTER'",
    "metric_incident_burden: months": "select period_start, hazard, value from bi.metric_incident_burden where grain = 'MONTH'",
}

# New rows of a table: ids increase by k times a step, and the source's id is unique. Other values are unchanged.
STEP = 10_000_000
LOGIN = "bench_analyst"
COPIED = {
    "event": ("event_id", ["event_id"], "t.source = 'hotwash' and t.event_id < {step}", "ratings"),
    "exercise": (None, ["event_id"], "t.event_id in (select event_id from rated)", "ratings"),
    "event_region": (None, ["event_id"], "t.event_id in (select event_id from rated)", "ratings"),
    "capability_rating": ("capability_rating_id", ["event_id", "capability_rating_id"], "t.capability_rating_id < {step}", "ratings"),
    "finding": ("finding_id", ["event_id", "finding_id"], "t.finding_id < {step}", "actions"),
    "corrective_action": ("corrective_action_id", ["event_id", "finding_id", "corrective_action_id"], "t.corrective_action_id < {step}", "actions"),
}


class Database:
    """Connection to Postgres through psql, which needs no installed package."""

    def __init__(self, url: str) -> None:
        self.url = url
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"))
        self.psql = str(programs[-1]) if programs else "psql"

    def run(self, sql: str) -> str:
        done = subprocess.run([self.psql, self.url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{done.stderr}\n{sql}")
        return done.stdout.strip()

    def timed(self, sql: str, settings: str = "set max_parallel_workers_per_gather = 0; set jit = off") -> tuple[float, float]:
        """Return elapsed and processor milliseconds of a query, including planning, without sending the rows.

        By default one process without helpers runs the query. Processor time hardly depends on the machine's other load.
        """
        session = subprocess.Popen([self.psql, self.url, "-XAtq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

        def ask(text: str) -> str:
            session.stdin.write(f"{text};\n\\echo done\n")
            session.stdin.flush()
            lines: list[str] = []
            while (line := session.stdout.readline()) and line != "done\n":
                lines.append(line)
            return "".join(lines)

        ask(settings)
        process = int(ask("select pg_backend_pid()"))
        spent = lambda: sum(int(field) for field in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11:13])
        before = spent()
        told = json.loads(ask(f"explain (analyze, timing off, summary on, format json) {sql}"))[0]
        ticks = spent() - before
        session.stdin.close()
        session.wait()
        return told["Planning Time"] + told["Execution Time"], ticks * 1000 / os.sysconf("SC_CLK_TCK")


def multiply(database: Database, ratings: int, actions: int) -> None:
    have = int(database.run("select count(*) from warehouse.capability_rating"))
    times = {"ratings": max(0, round(ratings / have) - 1)}
    times["actions"] = max(0, round(actions / int(database.run("select count(*) from warehouse.corrective_action"))) - 1)
    database.run("create table if not exists public.rated as select distinct event_id from warehouse.event where source = 'hotwash'")
    for table, (_, ids, where, scale) in COPIED.items():
        columns = database.run(
            f"select string_agg(attname, ',' order by attnum) from pg_attribute where attrelid = 'warehouse.{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''"
        ).split(",")
        moved = [
            f"t.{column} + k * {STEP}::bigint" if column in ids else f"t.{column} || '#' || k" if column == "source_id" else f"t.{column}"
            for column in columns
        ]
        began = time.monotonic()
        database.run(
            "set session_replication_role = replica; set search_path = public, warehouse; "
            f"insert into warehouse.{table} ({', '.join(columns)}) overriding system value "
            f"select {', '.join(moved)} from warehouse.{table} t, generate_series(1, {times[scale]}) k where {where.format(step=STEP)}"
        )
        print(f"  {table}: {int(database.run(f'select count(*) from warehouse.{table}')):,} rows, {time.monotonic() - began:.0f} s", flush=True)
    database.run("vacuum analyze")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("hotwash")
    arguments.add_argument("--ratings", type=int, default=5_000_000)
    arguments.add_argument("--actions", type=int, default=2_000_000)
    arguments.add_argument("--keep", help="folder of the private Postgres, to measure again without building it")
    asked = arguments.parse_args()
    home = asked.keep or tempfile.mkdtemp(prefix="hotwash-bench-bi-")
    Path(home).mkdir(exist_ok=True)
    os.chmod(home, 0o755)
    os.environ["HOTWASH_HOME"] = home
    command = lambda *more: subprocess.run([asked.hotwash, *more], check=True, capture_output=True, text=True).stdout
    command("postgres", "start")
    try:
        if not asked.keep or not any(Path(home).glob("*/data/base")):
            command("demo", "--no-serve")
        database = Database(json.loads(command("postgres", "status", "--json"))["url"])
        if int(database.run("select count(*) from warehouse.capability_rating")) < asked.ratings * 0.9:
            multiply(database, asked.ratings, asked.actions)
        command("migrate")
        print(f"load of the machine: {os.getloadavg()[0]:.1f}, {database.run('select pg_size_pretty(pg_database_size(current_database()))')} on disk")
        database.run("update meta.table_version set version = version + 1 where table_name = 'warehouse.capability_rating'")
        began = time.monotonic()
        database.run("select bi.summarize()")
        print(f"sums for dashboards renewed in {time.monotonic() - began:.1f} s")
        began = time.monotonic()
        command("migrate")
        print(f"snapshot read and all metrics published in {time.monotonic() - began:.1f} s\n")
        granted = json.loads(command("bi", "grant", LOGIN, "--role", "analyst", "--json"))
        login = Database(f"postgres://{LOGIN}:{granted['password']}@{database.url.rpartition('@')[2]}")
        print("| typical dashboard query | ms in one process | of the processor | ms as a login gets it | of its processor |\n|---|---|---|---|---|")
        for name, sql in QUERIES.items():
            clock, processor = min(database.timed(sql) for _ in range(3))
            gets, spends = min(login.timed(sql, "select 1") for _ in range(3))
            print(f"| {name} | {clock:.0f} | {processor:.0f} | {gets:.0f} | {spends:.0f} |", flush=True)
        command("bi", "revoke", LOGIN)
    finally:
        command("postgres", "stop")
        if not asked.keep:
            shutil.rmtree(home)


main()
