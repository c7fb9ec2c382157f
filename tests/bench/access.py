"""Measure the cost of access checks as a ratio, in one run on one machine.

usage: tests/bench/access.py [SECONDS [ROUNDS [ROWS]]]   (default 4, 4 and 400,000; needs wrk, and a build at HOTWASH)

Requests one page of 50 with two relations, of ROWS generated incidents. One server has no keys and serves the local user
without checks. On a copy of the database, another serves a key of role analyst: key, rate limit, budget, limits, access log.
A key of role region adds visibility in the statement. Answers are not cached. The servers alternate for several rounds.
Prints the median of the ratios.
"""

import glob
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import load  # noqa: E402  (the generated rows are the loader's)

SECONDS, ROUNDS, load.ROWS = ([int(one) for one in sys.argv[1:]] + [4, 4, 400_000][len(sys.argv) - 1 :])[:3]
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/hotwash/target"))
HOTWASH = os.environ.get("HOTWASH", os.path.join(TARGET, "release", "hotwash"))
QUERY = "{ incidents(first: 50) { nodes { id deathsDirect event { name localDate hazard { code name } regions { nodes { code } } } } } }"


def serve(environment: dict[str, str]) -> tuple[subprocess.Popen, str]:
    arguments = ["serve", "--listen", "127.0.0.1:0", "--rate", "1000000", "--budget", "1000000000000", "--no-cache", "answers", "--prerender-rows", str(10**12)]
    server = subprocess.Popen([HOTWASH, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/graphql", server.stdout.readline())):
        pass
    return server, found.group(1)


def rate(base: str, key: str, home: str) -> float:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
    body = json.dumps({"query": QUERY})
    answer = json.load(urllib.request.urlopen(urllib.request.Request(f"{base}/graphql", body.encode(), headers)))
    assert len(answer["data"]["incidents"]["nodes"]) == 50, answer
    script = os.path.join(home, "ask.lua")
    with open(script, "w") as file:
        file.write(f"wrk.method = 'POST'\nwrk.body = [[{body}]]\n")
        file.writelines(f"wrk.headers['{name}'] = '{value}'\n" for name, value in headers.items())
    command = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", "-s", script, f"{base}/graphql"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in said, said
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        environment = {**os.environ, "HOTWASH_HOME": os.path.join(home, "hotwash")}
        environment.pop("DATABASE_URL", None)
        run = lambda *command: subprocess.run([HOTWASH, *command], env=environment, check=True, capture_output=True, text=True).stdout
        servers = []
        try:
            run("postgres", "start")
            rows = os.path.join(home, "incidents.csv")
            load.generate(rows)
            run("load", rows)
            url = json.loads(run("postgres", "status", "--json"))["url"]
            folder, name = url.rsplit("/", 1)
            psql = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1:] or ["psql"]
            for address, sql in ((url, "vacuum analyze"), (f"{folder}/postgres", f"create database closed template {name}")):
                subprocess.run([psql[0], address, "-c", sql], check=True, capture_output=True)
            copy = {**environment, "DATABASE_URL": f"{folder}/closed"}
            made = lambda *role: subprocess.run([HOTWASH, "key", "create", role[0], "--role", *role], env=copy, check=True, capture_output=True, text=True).stdout.strip()
            analyst, region = made("analyst"), made("region", "--region", "4C")
            servers = [serve(one) for one in (environment, copy)]
            (_, free), (_, closed) = servers
            rounds = []
            for _ in range(ROUNDS):
                bare = rate(free, "", home)
                rounds.append((bare, rate(closed, analyst, home) / bare, rate(closed, region, home) / bare))
            print(f"incidents(first: 50) with hazard and regions, 16 connections, {ROUNDS} rounds of {SECONDS} s each, medians")
            print(f"  nobody is asked who they are  {statistics.median(one[0] for one in rounds):8.0f} requests/s")
            for place, name in ((1, "a key of role analyst"), (2, "a key of role region")):
                ratios = sorted(one[place] for one in rounds)
                print(f"  {name:<28}  {statistics.median(ratios):8.2f} of that ({ratios[0]:.2f} to {ratios[-1]:.2f})")
        finally:
            for server, _ in servers:
                server.terminate()
                server.wait()
            subprocess.run([HOTWASH, "postgres", "stop"], env=environment, check=False, capture_output=True)


if __name__ == "__main__":
    main()
