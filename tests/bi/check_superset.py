"""Apache Superset, for real: a server of its own, the bundle imported, every chart of the dashboard asked through the API, and each
number compared with what `hotwash metric` (or, for charts over facts, the API) says.

    python tests/bi/check_superset.py HOTWASH      HOTWASH_HOME or DATABASE_URL and HOTWASH_URL name the warehouse and its server
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen
from uuid import uuid4

import psycopg2
from warehouse import Warehouse, free_port

CONFIG = """
SECRET_KEY = {secret!r}
SQLALCHEMY_DATABASE_URI = "sqlite:///{home}/superset.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
PREVENT_UNSAFE_DB_CONNECTIONS = False
CACHE_CONFIG = {{"CACHE_TYPE": "NullCache"}}
DATA_CACHE_CONFIG = {{"CACHE_TYPE": "NullCache"}}
FILTER_STATE_CACHE_CONFIG = {{"CACHE_TYPE": "SimpleCache"}}
EXPLORE_FORM_DATA_CACHE_CONFIG = {{"CACHE_TYPE": "SimpleCache"}}
"""


class Superset:
    """A Superset with a metadata database of its own, gone when closed."""

    def __init__(self, home: Path) -> None:
        config = home / "superset_config.py"
        config.write_text(CONFIG.format(secret=secrets.token_hex(32), home=home))
        self.environment = os.environ | {"SUPERSET_CONFIG_PATH": str(config), "SUPERSET_HOME": str(home), "FLASK_APP": "superset.app:create_app()"}
        self.home, self.token = home, ""
        self.password = secrets.token_hex(16)
        self.run("db", "upgrade")
        self.run(
            "fab", "create-admin", "--username", "admin", "--firstname", "Test", "--lastname", "Account", "--email", "admin@example.org",
            "--password", self.password,
        )
        self.run("init")
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        log = open(home / "server.log", "w")
        self.server = subprocess.Popen([*self.command(), "run", "-p", str(port), "--with-threads"], env=self.environment, stdout=log, stderr=log)
        for _ in range(240):
            try:
                urlopen(f"{self.base}/health", timeout=5)
                break
            except URLError:
                time.sleep(0.5)
        self.token = self.ask("/api/v1/security/login", {"username": "admin", "password": self.password, "provider": "db"})["access_token"]

    def command(self) -> list[str]:
        return [str(Path(sys.executable).parent / "superset")]

    def run(self, *arguments: str) -> None:
        done = subprocess.run([*self.command(), *arguments], env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"superset {arguments[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")

    def ask(self, path: str, body: object = None, form: tuple[bytes, str] | None = None) -> dict:
        headers = {"accept": "application/json"}
        content = None
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if form:
            content, headers["content-type"] = form
        elif body is not None:
            content, headers["content-type"] = json.dumps(body).encode(), "application/json"
        try:
            with urlopen(Request(self.base + path, content, headers), timeout=120) as answer:
                return json.load(answer)
        except HTTPError as error:
            raise SystemExit(f"Superset refuses {path}: {error.code} {error.read().decode()[:2000]}") from error

    def import_bundle(self, bundle: bytes, password: str) -> None:
        boundary = uuid4().hex
        fields = {"overwrite": "true", "passwords": json.dumps({"databases/Hotwash.yaml": password})}
        parts = [f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
        parts.append(
            f'--{boundary}\r\ncontent-disposition: form-data; name="formData"; filename="hotwash.zip"\r\ncontent-type: application/zip\r\n\r\n'.encode()
            + bundle
            + b"\r\n"
        )
        content = b"".join(parts) + f"--{boundary}--\r\n".encode()
        self.ask("/api/v1/dashboard/import/", form=(content, f"multipart/form-data; boundary={boundary}"))

    def close(self) -> None:
        self.server.terminate()
        self.server.wait(30)


def check(chart: dict, rows: list[dict], warehouse: Warehouse) -> int:
    """Compares a chart's numbers; gives how many were compared."""
    form = json.loads(chart["params"])
    name, view = chart["slice_name"], chart["datasource_name_text"].removeprefix("bi.")
    if not view.startswith("metric_"):
        return check_fact(name, view, rows, warehouse)
    grain = next(filter_["comparator"] for filter_ in form["adhoc_filters"] if filter_["subject"] == "grain")
    wanted = warehouse.metric(view.removeprefix("metric_"), grain)
    keys = {"region": "regionName", "capability": "capabilityName", "hazard": "hazardName", "period_start": "periodStart", "source": "source"}
    columns = [column if isinstance(column, str) else column["label"] for column in json.loads(chart["query_context"])["queries"][0]["columns"]]
    by = [column for column in columns if column in keys]
    known = {tuple(str(row[keys[column]]) for column in by): row for row in wanted}
    compared = 0
    for row in rows:
        key = tuple(as_day(row[column]) if column == "period_start" else str(row[column]) for column in by)
        truth = known[key]
        for column, value in row.items():
            field = warehouse.field(view.removeprefix("metric_"), column.removeprefix("max_"))
            if column in by or field is None:
                continue
            assert value == truth[field], f"{name}: {key} {column} is {value} in Superset and {truth[field]} in Hotwash"
            compared += 1
    expected = len(known) if form["viz_type"] != "table" else min(len(known), form["row_limit"])
    assert len(rows) == expected, f"{name}: {len(rows)} rows in Superset, {expected} in Hotwash"
    return compared


def as_day(value: object) -> str:
    """Superset gives days as milliseconds."""
    if isinstance(value, (int, float)):
        return time.strftime("%Y-%m-%d", time.gmtime(value / 1000))
    return str(value)[:10]


def check_fact(name: str, view: str, rows: list[dict], warehouse: Warehouse) -> int:
    """Charts over facts: their sum is the number of events, each counted once however many regions it has."""
    measure = next(column for column in rows[0] if column.startswith("sum_"))
    total = sum(row[measure] for row in rows)
    wanted = warehouse.query({"fact_exercise": "{ exercises { totalCount } }", "fact_incident": "{ incidents { totalCount } }"}[view])
    wanted = next(iter(wanted.values()))["totalCount"]
    assert abs(total - wanted) < 1e-6, f"{name}: {total} in Superset, {wanted} in Hotwash"
    return 1


def main() -> None:
    warehouse = Warehouse(sys.argv[1])
    login = f"superset_{secrets.token_hex(4)}"
    granted = warehouse.grant(login, "--role", "analyst")
    host, port, database = warehouse.address()
    with psycopg2.connect(host=host, port=port, dbname=database, user=login, password=granted["password"]) as connection:
        cursor = connection.cursor()
        cursor.execute("select max(as_of)::text from bi.metric_value where scope = 'LIVE'")
        warehouse.as_of = cursor.fetchone()[0]
    connection.close()
    home = Path(tempfile.mkdtemp(prefix="hotwash-superset-"))
    superset = None
    try:
        bundle = warehouse.run("bi", "describe", "--format", "superset", "--login", login)
        superset = Superset(home)
        superset.import_bundle(bundle, granted["password"])
        superset.import_bundle(bundle, granted["password"])  # again: updates, makes nothing twice
        dashboards = superset.ask("/api/v1/dashboard/")["result"]
        assert [board["dashboard_title"] for board in dashboards] == ["Hotwash: after-action overview"], dashboards
        datasets = superset.ask(f"/api/v1/dataset/?q={quote('(page_size:100)')}")
        print(f"Superset holds {datasets['count']} data sets and one dashboard")
        charts = superset.ask(f"/api/v1/dashboard/{dashboards[0]['id']}/charts")["result"]
        assert len(charts) == 10, f"{len(charts)} charts"
        for chart in charts:
            whole = superset.ask(f"/api/v1/chart/{chart['id']}")["result"]
            listed = superset.ask(f"/api/v1/chart/?q={quote('(page_size:100)')}")["result"]
            whole["datasource_name_text"] = next(one["datasource_name_text"] for one in listed if one["id"] == chart["id"])
            began = time.monotonic()
            answer = superset.ask(f"/api/v1/chart/{chart['id']}/data/?force=true")["result"][0]
            took = time.monotonic() - began
            assert not answer.get("error"), answer
            compared = check(whole, answer["data"], warehouse)
            print(f"  {whole['slice_name']:<42} {len(answer['data']):>4} rows, {compared:>4} numbers equal, {took * 1000:.0f} ms")
    finally:
        if superset:
            superset.close()
        warehouse.run("bi", "revoke", login)


main()
