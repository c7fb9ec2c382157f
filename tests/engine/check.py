"""Metrics computed by an engine on other machines (Sail over Arrow Flight SQL, a cluster of two workers on loopback) against Polars on
this one: the same bytes for all metrics, whatever they are grouped or filtered by; an engine or a file that is lost is an error and
never another number; an export writes only what changed, and a server swaps when it is done.

    python tests/engine/check.py HOTWASH      HOTWASH_HOME is an empty folder, which the demo is loaded into
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sail import Sail

AS_OF = "2026-06-30"


class Hotwash:
    """The binary, its commands and its servers."""

    def __init__(self, binary: str, logs: Path) -> None:
        self.binary, self.logs = binary, logs
        self.servers: list[subprocess.Popen[bytes]] = []

    def run(self, *arguments: str, **environment: str) -> str:
        """Standard output of a command."""
        done = subprocess.run([self.binary, *arguments], capture_output=True, env={**os.environ, **environment})
        if done.returncode:
            raise SystemExit(f"hotwash {' '.join(arguments)} failed:\n{done.stderr.decode()}")
        return done.stdout.decode()

    def refuse(self, said: str, *arguments: str, **environment: str) -> None:
        """A command that must fail with these words."""
        done = subprocess.run([self.binary, *arguments], capture_output=True, env={**os.environ, **environment})
        assert done.returncode == 1 and said in done.stderr.decode(), f"{arguments}: {done.returncode} {done.stderr.decode()}"

    def serve(self, **environment: str) -> str:
        """Starts a server; its address."""
        name = self.logs / f"server-{len(self.servers)}"
        with name.open("wb") as out, name.with_suffix(".err").open("wb") as said:
            command = [self.binary, "serve", "--listen", "127.0.0.1:0", "--rate", "0", "--budget", "0"]
            server = subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=said)
        self.servers.append(server)
        for _ in range(6_000):
            if found := re.search(r"(http://\S+)/graphql", name.read_text()):
                return found[1]
            if server.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"hotwash serve did not start:\n{name.with_suffix('.err').read_text()}")

    def export(self, folder: Path) -> dict[str, int]:
        """Exports the tables; what was done."""
        said = self.run("export", str(folder), "--only", "tables")
        print("  " + said.strip())
        found = re.search(r"version (\d+) .* (\d+) rows in (\d+) partitions .*; (\d+) written, (\d+) as they were, (\d+) old", said)
        assert found, said
        return dict(zip(("version", "rows", "partitions", "written", "kept", "removed"), map(int, found.groups()), strict=True))

    def stop(self) -> None:
        """Stops the servers."""
        for server in self.servers:
            server.terminate()
        for server in self.servers:
            server.wait()
        self.servers.clear()


def ask(base: str, path: str, **query: str) -> tuple[int, bytes]:
    """Status and body of an answer."""
    address = f"{base}{path}" + (f"?{urlencode(query)}" if query else "")
    try:
        with urlopen(Request(address, headers={"accept": "application/json"}), timeout=600) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


def graphql(base: str, document: str) -> bytes:
    """The body of a GraphQL answer."""
    body = json.dumps({"query": document}).encode()
    with urlopen(Request(base + "/graphql", body, {"content-type": "application/json"}), timeout=600) as answer:
        return answer.read()


def questions(definitions: list[dict]) -> list[tuple[str, dict[str, str]]]:
    """Return queries of every metric: at its defaults, ungrouped, by each dimension, by year, of a region, and by all of these together."""
    asked = []
    for one in definitions:
        path, dimensions = f"/metrics/{one['id']}.json", one["dimensions"]
        plain = {"asOf": AS_OF}
        asked.append((path, plain))
        asked.append((path, {**plain, "groupBy": ""}))
        asked.extend((path, {**plain, "groupBy": dimension}) for dimension in dimensions)
        asked.append((path, {**plain, "period": "YEAR"}))
        asked.append((path, {**plain, "period": "FISCAL_YEAR", "from": "2023-01-01", "to": "2025-12-31"}))
        if "region" in dimensions:
            asked.append((path, {**plain, "region": "3"}))
            asked.append((path, {**plain, "region": "3,4C", "groupBy": "region", "period": "QUARTER"}))
        if "capability" in dimensions:
            asked.append((path, {**plain, "capability": "PHEP:10,HPP:4", "groupBy": "capability"}))
        if "event_kind" in dimensions:
            asked.append((path, {**plain, "event_kind": "PLANNED_EVENT"}))
        if "hazard_category" in dimensions:
            asked.append((path, {**plain, "hazard_category": "natural", "groupBy": "hazard_category"}))
        asked.append((path, {**plain, "asOf": "1999-01-01"}))
    return asked


def compare(here: str, far: str, asked: list[tuple[str, dict[str, str]]]) -> None:
    """Check that both give the same bytes for every query."""
    took = {here: 0.0, far: 0.0}
    told = 0
    for path, query in asked:
        answers = []
        for base in (here, far):
            began = time.monotonic()
            answers.append(ask(base, path, **query))
            took[base] += time.monotonic() - began
        assert answers[0] == answers[1], f"{path} {query}:\n{answers[0][1][:1500].decode()}\n{answers[1][1][:1500].decode()}"
        told += answers[0][0] == 200
    assert told > 0.8 * len(asked), f"only {told} of {len(asked)} questions had an answer"
    print(
        f"  {len(asked)} questions, {told} answered, the others refused alike: the same bytes; "
        f"{took[here]:.1f} s here, {took[far]:.1f} s by the engine"
    )


def records(here: str, far: str, definitions: list[dict]) -> None:
    """The same records behind each row."""
    for one in definitions:
        document = f'{{ metric(id: "{one["id"]}", asOf: "{AS_OF}") {{ rows {{ n records(first: 7) {{ totalCount nodes {{ id type }} }} }} }} }}'
        assert graphql(here, document) == graphql(far, document), one["id"]
    print(f"  the records behind the rows of {len(definitions)} metrics: the same bytes")


def refusals(hotwash: Hotwash, sail: Sail, folder: Path, tables: Path) -> None:
    """Check that unsupported settings are rejected with a remedy."""
    metric = ("metric", "action_closure")
    hotwash.refuse("writes Parquet alone", "export", str(folder), "--only", "tables", "--format", "csv")
    hotwash.refuse("needs HOTWASH_ENGINE_TABLES", *metric, HOTWASH_ENGINE=sail.url)
    hotwash.refuse("cannot be an engine", *metric, HOTWASH_ENGINE="postgres://127.0.0.1:1", HOTWASH_ENGINE_TABLES=str(tables))
    hotwash.refuse("--only tables", *metric, HOTWASH_ENGINE=sail.url, HOTWASH_ENGINE_TABLES=str(folder / "nowhere"))
    # The engine looks in a folder that is not there.
    manifest = {"HOTWASH_ENGINE_MANIFEST": str(tables / "manifest.json"), "HOTWASH_ENGINE_TABLES": str(folder / "nowhere")}
    hotwash.refuse("find the tables in HOTWASH_ENGINE_TABLES", *metric, HOTWASH_ENGINE=sail.url, **manifest)
    print("  another format, no tables, no engine, no manifest, another folder: said so")


def lose_the_engine(here: str, far: str, sail: Sail) -> None:
    """Kill the engine during queries, several times: answers are correct, other results are clean errors, and service resumes."""
    said: list[tuple[str, tuple[int, bytes]]] = []
    running = True

    def keep_asking(start: int) -> None:
        day = start
        while running:
            # Each day is another query, so that no cached answer matches.
            as_of = (date(2012, 1, 1) + timedelta(days=day)).isoformat()
            said.append((as_of, ask(far, "/metrics/capability_performance.json", asOf=as_of, groupBy="region,capability")))
            day += 3

    askers = [threading.Thread(target=keep_asking, args=(start,)) for start in range(3)]
    for asker in askers:
        asker.start()
    for pause in (0.9, 1.3, 1.7):
        time.sleep(pause)
        sail.kill()
        time.sleep(2.5)
        sail.start()
        time.sleep(2.0)
    running = False
    for asker in askers:
        asker.join()
    right = [one for one in said if one[1][0] == 200]
    for as_of, answer in right:
        assert answer == ask(here, "/metrics/capability_performance.json", asOf=as_of, groupBy="region,capability"), as_of
    for as_of, (status, body) in said:
        assert status == 200 or (status == 503 and b"did not answer" in body), f"{as_of}: {status} {body.decode()}"
    assert right and len(right) < len(said), f"{len(right)} of {len(said)} were answered: no kill met a question"
    status, _ = ask(far, "/metrics/action_backlog.json", asOf="2024-03-03")
    assert status == 200, "it goes on when the engine is back"
    print(f"  three kills under {len(said)} questions: {len(right)} right, {len(said) - len(right)} a clean error (503), none wrong")


def lose_a_file(far: str, tables: Path) -> None:
    """A file that the engine does not find, which it reads over in silence, is an error."""
    part = max(tables.glob("ratings/year=*/region=*/part-*.parquet"), key=lambda path: path.stat().st_size)
    away = part.with_suffix(".away")
    part.rename(away)
    status, body = ask(far, "/metrics/capability_performance.json", asOf="2026-06-29", groupBy="")
    away.rename(part)
    assert status == 503 and b"no number is given of a part" in body, f"{status} {body.decode()}"
    again, _ = ask(far, "/metrics/capability_performance.json", asOf="2026-06-29", groupBy="")
    assert again == 200
    print("  a file that is gone: a clean error (503); back again: an answer")


def load_more(hotwash: Hotwash, here: str, far: str, tables: Path, before: dict[str, int]) -> None:
    """Check that a small load rewrites few partitions, and that the server switches to them by itself."""
    more = tables.parent / "actions.csv"
    more.write_text(hotwash.run("template", "actions").replace("EXAMPLE-", "E-"))
    hotwash.run("load", str(more))
    version = lambda base: json.loads(ask(base, "/readyz")[1])["snapshotVersion"]  # noqa: E731
    until(lambda: version(here) > before["version"])
    assert version(far) == before["version"], "until the tables are exported, the version before is told"
    after = hotwash.export(tables)
    assert 0 < after["written"] <= 10 and after["written"] < after["partitions"] / 4, after
    until(lambda: version(far) == version(here) == after["version"])
    compare(here, far, [(f"/metrics/{name}.json", {"asOf": AS_OF}) for name in ("action_closure", "action_backlog", "data_quality")])


def until(holds) -> None:
    """Waits for something, not for ever."""
    for _ in range(200):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to pass within 20 s")


def main() -> None:
    """Checks it all."""
    with tempfile.TemporaryDirectory() as folder:
        logs, tables = Path(folder), Path(folder) / "tables"
        hotwash, sail = Hotwash(sys.argv[1], logs), Sail(Path(folder) / "sail.log")
        try:
            hotwash.run("demo", "--no-serve")
            # The first start creates the secret of sessions, which is a new version of the warehouse.
            here = hotwash.serve()
            first = hotwash.export(tables)
            again = hotwash.export(tables)
            assert (again["written"], again["kept"]) == (0, first["partitions"]), again
            engine = {"HOTWASH_ENGINE": sail.url, "HOTWASH_ENGINE_TABLES": str(tables)}
            sail.start()
            far = hotwash.serve(**engine)
            definitions = json.loads(hotwash.run("metrics", "--json"))
            compare(here, far, questions(definitions))
            records(here, far, definitions)
            arguments = ("metric", "capability_trend", "--as-of", AS_OF, "--format", "json")
            assert hotwash.run(*arguments) == hotwash.run(*arguments, **engine), "the command line"
            refusals(hotwash, sail, logs, tables)
            lose_a_file(far, tables)
            lose_the_engine(here, far, sail)
            load_more(hotwash, here, far, tables, first)
        finally:
            hotwash.stop()
            sail.kill()


if __name__ == "__main__":
    main()
