"""The clients that BI tools are made of, on a real warehouse: SQLAlchemy, ODBC, JDBC, Polars over ADBC, pandas. Each reads the same
published metric and must give Hotwash's own numbers, to the last bit.

    python tests/bi/check_clients.py HOTWASH      HOTWASH_HOME or DATABASE_URL and HOTWASH_URL name the warehouse and its server
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas
import polars
import sqlalchemy
from warehouse import Warehouse

METRIC = "capability_performance"
QUERY = f"select capability_code || ' ' || region_code as cell, value from bi.metric_{METRIC} where grain = 'ALL' and value is not null order by 1"
JDBC = Path("/usr/share/java/postgresql.jar")
# Columns that join a dimension: the name is the same on both sides.
KEYS = {
    "region_id": "dim_region",
    "event_id": "dim_event",
    "capability_id": "dim_capability",
    "hazard_id": "dim_hazard",
    "organization_id": "dim_organization",
    "date_key": "dim_date",
}


def same(client: str, rows: dict[str, float], wanted: dict[str, float]) -> None:
    assert rows == wanted, f"{client}: {len(rows)} rows, {len(wanted)} wanted, or other numbers"
    print(f"  {client:<22} {len(rows)} numbers equal to the last bit")


def reflect(engine: sqlalchemy.Engine) -> None:
    """Every relation is found, speaks for itself, and joins its dimensions without losing or doubling a row."""
    inspector = sqlalchemy.inspect(engine)
    relations = inspector.get_table_names("bi") + inspector.get_view_names("bi")
    columns, joins = 0, 0
    with engine.connect() as connection:
        for relation in relations:
            assert inspector.get_table_comment(relation, "bi")["text"], f"{relation} has no comment"
            reflected = {column["name"]: column for column in inspector.get_columns(relation, "bi")}
            for name, column in reflected.items():
                assert column["comment"], f"{relation}.{name} has no comment"
                columns += 1
                if name not in KEYS or relation == KEYS[name]:
                    continue
                home = {one["name"]: one for one in inspector.get_columns(KEYS[name], "bi")}
                assert type(home[name]["type"]) is type(column["type"]), f"{relation}.{name} has another type than its dimension"
                lost = connection.scalar(
                    sqlalchemy.text(
                        f"select count(*) from bi.{relation} f where f.{name} is not null "
                        f"and (select count(*) from bi.{KEYS[name]} d where d.{name} = f.{name}) <> 1"
                        if relation.startswith(("dim_", "metric_"))
                        else f"select (select count(*) from bi.{relation} where {name} is not null) "
                        f"- (select count(*) from bi.{relation} join bi.{KEYS[name]} using ({name}))"
                    )
                )
                assert lost == 0, f"{relation}.{name} loses or doubles {lost} rows against {KEYS[name]}"
                joins += 1
    assert inspector.get_pk_constraint("metric_value", "bi")["constrained_columns"] == ["metric_value_id"]
    print(f"  SQLAlchemy reflection  {len(relations)} relations, {columns} columns with comments, {joins} joins that lose nothing")


def odbc(host: str, port: int, database: str, login: dict) -> dict[str, float]:
    """psqlODBC through isql, as Power BI and Excel connect; text and doubles as the driver gives them."""
    with tempfile.TemporaryDirectory() as folder:
        driver = next(Path("/usr/lib").rglob("psqlodbcw.so"))
        Path(folder, "odbc.ini").write_text(
            f"[hotwash]\nDriver={driver}\nServername={host}\nPort={port}\nDatabase={database}\nUseDeclareFetch=1\nFetch=10000\n"
            "ExtraFloatDigits=3\n"
        )
        done = subprocess.run(
            ["isql", "hotwash", login["login"], login["password"], "-b", "-d|", "-c", "-m300"],
            input=f"{QUERY}\n", env=os.environ | {"ODBCINI": f"{folder}/odbc.ini", "ODBCSYSINI": folder}, capture_output=True, text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split("|") for line in done.stdout.splitlines() if re.match(r"[A-Z]+:", line)]
    return {cell.strip(): float(value) for cell, value in lines}


def jdbc(host: str, port: int, database: str, login: dict) -> tuple[dict[str, float], dict[str, str]]:
    done = subprocess.run(
        ["java", "-cp", str(JDBC), str(Path(__file__).with_name("Jdbc.java")), f"jdbc:postgresql://{host}:{port}/{database}", login["login"], f"metric_{METRIC}", QUERY],
        env=os.environ | {"PGPASSWORD": login["password"]}, capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return (
        {cell: float(value) for kind, cell, value in lines if kind == "row"},
        {name: told for kind, name, told in lines if kind == "column"},
    )


def main() -> None:
    warehouse = Warehouse(sys.argv[1])
    host, port, database = warehouse.address()
    logins: list[str] = []

    def grant(*more: str) -> dict:
        login = warehouse.grant(f"clients_{secrets.token_hex(4)}", *more)
        logins.append(login["login"])
        return login

    def url(login: dict, driver: str) -> str:
        return f"{driver}://{login['login']}:{login['password']}@{host}:{port}/{database}"

    try:
        analyst = grant("--role", "analyst")
        engine = sqlalchemy.create_engine(url(analyst, "postgresql+pg8000"))
        with engine.connect() as connection:
            warehouse.as_of = connection.scalar(sqlalchemy.text("select max(as_of)::text from bi.metric_value where scope = 'LIVE'"))
        wanted = {f"{row['capability']} {row['region']}": row["value"] for row in warehouse.metric(METRIC) if row["value"] is not None}
        assert len(wanted) > 20, "load data first: hotwash demo"
        reflect(engine)
        same("pandas", dict(pandas.read_sql(QUERY, engine).itertuples(index=False, name=None)), wanted)
        frame = polars.read_database_uri(QUERY, url(analyst, "postgresql"), engine="adbc")
        same("Polars over ADBC", dict(frame.iter_rows()), wanted)
        if shutil.which("isql"):
            same("psqlODBC through isql", odbc(host, port, database, analyst), wanted)
        else:
            print("  isql is missing: ODBC skipped (apt-get install unixodbc odbc-postgresql)")
        if shutil.which("java") and JDBC.exists():
            rows, comments = jdbc(host, port, database, analyst)
            same("JDBC", rows, wanted)
            assert all(comments.values()) and "value" in comments, comments
        else:
            print("  Java or its driver is missing: JDBC skipped (apt-get install default-jre-headless libpostgresql-jdbc-java)")
        engine.dispose()

        nowhere = sqlalchemy.create_engine(url(grant("--role", "region"), "postgresql+pg8000"))
        with nowhere.connect() as connection:
            for view in ("dim_event", "fact_capability_rating", "fact_corrective_action", "fact_action_backlog_daily", "fact_risk_score"):
                assert connection.scalar(sqlalchemy.text(f"select count(*) from bi.{view}")) == 0, view
            told = connection.scalar(sqlalchemy.text("select shobj_description(oid, 'pg_authid') from pg_roles where rolname = session_user"))
            assert "no region" in told, told
        with nowhere.connect() as connection:
            try:
                connection.execute(sqlalchemy.text("create table bi.mine (id integer)"))
                raise SystemExit("a BI login could write")
            except sqlalchemy.exc.DBAPIError as error:
                assert "read-only" in str(error), error
        nowhere.dispose()
        print("  a login with no region sees no rows, its comment says why, and it writes nothing")
    finally:
        for login in logins:
            warehouse.run("bi", "revoke", login)


main()
