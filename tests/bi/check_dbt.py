"""The dbt sources in dbt itself: it parses them without a warning, and every test that the keys promise passes on the real warehouse.

    python tests/bi/check_dbt.py HOTWASH      HOTWASH_HOME or DATABASE_URL names the warehouse
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from warehouse import Warehouse

PROJECT = {"name": "hotwash", "version": "1.0.0", "profile": "hotwash", "flags": {"send_anonymous_usage_stats": False}}


def main() -> None:
    warehouse = Warehouse(sys.argv[1])
    host, port, database = warehouse.address()
    login = warehouse.grant(f"dbt_{secrets.token_hex(4)}", "--role", "analyst")
    target = {
        "type": "postgres", "host": host, "port": port, "dbname": database, "schema": "bi", "threads": 2,
        "user": login["login"], "password": login["password"],
    }
    try:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            # JSON is YAML, too.
            (home / "dbt_project.yml").write_text(json.dumps(PROJECT))
            (home / "profiles.yml").write_text(json.dumps({"hotwash": {"target": "warehouse", "outputs": {"warehouse": target}}}))
            (home / "models").mkdir()
            (home / "models" / "hotwash_sources.yml").write_bytes(warehouse.run("bi", "describe", "--format", "dbt"))

            def dbt(*arguments: str) -> str:
                command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments, "--profiles-dir", folder]
                done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=os.environ | {"DO_NOT_TRACK": "1"})
                assert done.returncode == 0, f"dbt {' '.join(arguments)}:\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
                return done.stdout

            dbt("--warn-error", "parse")
            told = dbt("test", "--select", "source:hotwash")
            results = json.loads((home / "target" / "run_results.json").read_text())["results"]
            passed = sum(result["status"] == "pass" for result in results)
            keys = sum("source_unique_" in result["unique_id"] for result in results)
            assert passed == len(results) > 100 and keys > 30, told[-3000:]
            print(f"  dbt: parsed without a warning, {passed} tests of the sources pass ({keys} keys are unique)")
    finally:
        warehouse.run("bi", "revoke", login["login"])


main()
