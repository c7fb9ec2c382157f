"""What the checks of BI clients compare with: the warehouse through Hotwash's own command line and API."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from functools import cache
from urllib.parse import urlsplit
from urllib.request import Request, urlopen


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Warehouse:
    """The warehouse that DATABASE_URL or HOTWASH_HOME names."""

    def __init__(self, binary: str) -> None:
        self.binary = binary
        self.as_of = ""  # the day the published metrics were computed for, which a check reads with its own client

    def run(self, *arguments: str) -> bytes:
        """Standard output of a command of Hotwash."""
        done = subprocess.run([self.binary, *arguments], capture_output=True)
        if done.returncode:
            raise SystemExit(f"hotwash {' '.join(arguments)} failed:\n{done.stderr.decode()}")
        return done.stdout

    def grant(self, login: str, *more: str) -> dict:
        """A BI login with its password."""
        return json.loads(self.run("bi", "grant", login, *more, "--json"))

    @cache
    def address(self) -> tuple[str, int, str]:
        """Host, port and database of Postgres."""
        url = os.environ.get("DATABASE_URL") or json.loads(self.run("postgres", "status", "--json"))["url"]
        parts = urlsplit(url)
        return parts.hostname or "localhost", parts.port or 5432, parts.path.strip("/") or "hotwash"

    def query(self, document: str) -> dict:
        """The API's answer."""
        request = Request(
            os.environ["HOTWASH_URL"] + "/graphql", json.dumps({"query": document}).encode(), {"content-type": "application/json"}
        )
        with urlopen(request, timeout=60) as answer:
            told = json.load(answer)
        assert "errors" not in told, told
        return told["data"]

    @cache
    def metric(self, metric: str, grain: str = "ALL") -> list[dict]:
        """Return the rows of a metric at its defaults, with the names that BI views show for codes."""
        period = [] if grain == "ALL" else ["--period", grain.lower()]
        rows = json.loads(self.run("metric", metric, *period, "--as-of", self.as_of, "--format", "json"))
        rows = rows["rows"] if isinstance(rows, dict) else rows
        names = self.names()
        for row in rows:
            for kind in ("region", "capability", "hazard"):
                if kind in row:
                    row[f"{kind}Name"] = names[kind].get(row[kind], row[kind])
        return rows

    @cache
    def names(self) -> dict[str, dict[str, str]]:
        """Names by code."""
        told = self.query("{ regions { code name } hazards { code name } capabilities { framework code name } }")
        return {
            "region": {row["code"]: row["name"] for row in told["regions"]},
            "hazard": {row["code"]: row["name"] for row in told["hazards"]},
            "capability": {f"{row['framework']}:{row['code']}": row["name"] for row in told["capabilities"]},
        }

    def field(self, metric: str, column: str) -> str | None:
        """The API's field behind a column of a BI view."""
        plain = column.replace("_", "").lower()
        fields = self.metric(metric)[0].keys()
        return next((field for field in fields if re.sub("[^a-z0-9]", "", field.lower()) == plain and not field.endswith("Name")), None)
