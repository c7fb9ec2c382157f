"""Real clients against the bi schema, as a BI author's login: reflection, types, comments, rows, refusals.

usage: clients.py BI_URL METRIC_JSON

BI_URL is a login made by `hotwash bi grant`; METRIC_JSON is the output of `hotwash metric capability_performance
--group-by region --format json`, whose values the published table must repeat to the last bit.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import urlsplit, parse_qs

import pandas
import polars
import sqlalchemy
from adbc_driver_postgresql import dbapi

DIMENSIONS = ["dim_date", "dim_region", "dim_organization", "dim_capability", "dim_hazard", "dim_event"]
FACTS = [
    "fact_incident", "fact_exercise", "fact_capability_rating", "fact_finding", "fact_corrective_action",
    "fact_action_backlog_daily", "fact_risk_score", "fact_milestone", "fact_resource_request", "fact_participation",
]
passed = 0


def check(what: str, right: bool, found: object = "") -> None:
    """Counts a check, or ends the run with what was found."""
    global passed
    if not right:
        sys.exit(f"FAILED: {what}: {found}")
    passed += 1


def sqlalchemy_reflects(url: str) -> None:
    engine = sqlalchemy.create_engine(url.replace("postgres://", "postgresql+psycopg2://", 1))
    inspector = sqlalchemy.inspect(engine)
    views = set(inspector.get_view_names("bi"))
    for view in DIMENSIONS + FACTS:
        check(f"SQLAlchemy sees bi.{view}", view in views, sorted(views))
        comment = inspector.get_table_comment(view, "bi")["text"]
        check(f"bi.{view} has a comment", bool(comment))
        for column in inspector.get_columns(view, "bi"):
            check(f"bi.{view}.{column['name']} has a comment", bool(column.get("comment")))
    for fact in FACTS:
        keys = [column["name"] for column in inspector.get_columns(fact, "bi") if column["name"].endswith("_key")]
        check(f"bi.{fact} has keys named as in the dimensions", bool(keys))
    with engine.connect() as connection:
        joined = connection.execute(sqlalchemy.text(
            "select count(*) from bi.fact_capability_rating join bi.dim_capability using (capability_key)"
        )).scalar_one()
        plain = connection.execute(sqlalchemy.text("select count(*) from bi.fact_capability_rating")).scalar_one()
    check("a join never loses a fact", joined == plain, (joined, plain))
    engine.dispose()


def writes_are_refused(url: str) -> None:
    engine = sqlalchemy.create_engine(url.replace("postgres://", "postgresql+psycopg2://", 1))
    for statement in ["delete from warehouse.event", "create table bi.x (a int)", "update bi.metric_value set value = 0"]:
        try:
            with engine.begin() as connection:
                connection.execute(sqlalchemy.text(statement))
        except sqlalchemy.exc.DBAPIError as error:
            refused = "permission denied" in str(error) or "read-only" in str(error)
            check(f"refused: {statement}", refused, error)
        else:
            sys.exit(f"FAILED: a BI login could do: {statement}")
    engine.dispose()


def pandas_and_polars_read_the_same(url: str) -> None:
    query = "select * from bi.fact_corrective_action order by 1"
    with dbapi.connect(url) as connection:
        frame = polars.read_database(query, connection)
    engine = sqlalchemy.create_engine(url.replace("postgres://", "postgresql+psycopg2://", 1))
    table = pandas.read_sql(query, engine)
    engine.dispose()
    check("ADBC/Polars and pandas read as many rows", len(frame) == len(table) > 0, (len(frame), len(table)))
    check("and the same columns", list(table.columns) == frame.columns, frame.columns)


def published_values_are_the_computed_ones(url: str, path: str) -> None:
    with open(path) as file:
        rows = {row["region"]: row["value"] for row in json.load(file)}
    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select dimensions->>'region', value from bi.metric_value where metric_id = 'capability_performance' "
            "and grain = 'ALL' and dimensions->>'region' is not null and not dimensions ? 'capability'"
        )
        published = dict(cursor.fetchall())
    for region, value in published.items():
        check(f"capability_performance of region {region}", rows.get(region) == value, (rows.get(region), value))


def odbc_counts(url: str) -> None:
    if not shutil.which("isql"):
        sys.exit("isql is missing: install unixodbc and odbc-postgresql")
    parts = urlsplit(url)
    driver = subprocess.run(
        ["find", "/usr/lib", "-name", "psqlodbcw.so"], capture_output=True, text=True, check=False
    ).stdout.split()[0]
    host = parts.hostname or parse_qs(parts.query).get("host", ["127.0.0.1"])[0]
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "odbc.ini"), "w") as file:
            file.write(
                f"[hotwash]\nDriver={driver}\nServername={host}\nPort={parts.port}\nDatabase={parts.path[1:]}\n"
                f"UserName={parts.username}\nPassword={parts.password}\nReadOnly=Yes\n"
            )
        answer = subprocess.run(
            ["isql", "-b", "-d,", "hotwash"], input="select count(*) from bi.fact_exercise;\n", text=True,
            capture_output=True, env={**os.environ, "ODBCINI": os.path.join(folder, "odbc.ini")}, check=False,
        )
    count = [line for line in answer.stdout.split() if line.isdigit()]
    check("psqlODBC counts the exercises", bool(count) and int(count[0]) > 0, answer.stdout + answer.stderr)


def jdbc_counts(url: str) -> None:
    jar = "/usr/share/java/postgresql.jar"
    if not os.path.exists(jar) or not shutil.which("java"):
        sys.exit("the JDBC driver is missing: install libpostgresql-jdbc-java and a JDK")
    parts = urlsplit(url)
    source = os.path.join(os.path.dirname(__file__), "Count.java")
    answer = subprocess.run(
        ["java", "-cp", jar, source, f"jdbc:postgresql://{parts.hostname}:{parts.port}{parts.path}",
         parts.username, parts.password], capture_output=True, text=True, check=False,
    )
    check("JDBC reads the catalogue and a view", answer.stdout.strip().endswith("ok"), answer.stdout + answer.stderr)


if __name__ == "__main__":
    bi_url, metric_json = sys.argv[1:3]
    sqlalchemy_reflects(bi_url)
    writes_are_refused(bi_url)
    pandas_and_polars_read_the_same(bi_url)
    published_values_are_the_computed_ones(bi_url, metric_json)
    odbc_counts(bi_url)
    jdbc_counts(bi_url)
    print(f"bi clients: {passed} passed, 0 failed")
