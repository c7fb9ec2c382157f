"""Serving measured beside its limit, in one run on one machine.

usage: tests/bench/serve.py [SECONDS]   (8 unless given; needs a release build, wrk, and Postgres' pgbench)

Loads the demo's records, asks `incidents(first: 50)` with hazard and regions over 16 connections, and then lets pgbench run the very
statement that the server sent, over as many connections. Prints requests a second, the 99th percentile, and their ratio.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 8
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/hotwash/target"))
HOTWASH = os.environ.get("HOTWASH", os.path.join(TARGET, "release", "hotwash"))
QUERY = "{ incidents(first: 50) { nodes { id deathsDirect event { name localDate hazard { code name } regions { code } } } } }"


def pg(program: str) -> str:
    for folder in sorted((os.path.join("/usr/lib/postgresql", one, "bin") for one in os.listdir("/usr/lib/postgresql")), reverse=True):
        if os.path.exists(os.path.join(folder, program)):
            return os.path.join(folder, program)
    return program


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        environment = {**os.environ, "HOTWASH_HOME": os.path.join(home, "hotwash")}
        environment.pop("DATABASE_URL", None)
        subprocess.run([HOTWASH, "postgres", "start"], env=environment, check=True, capture_output=True)
        try:
            subprocess.run([HOTWASH, "demo", "--no-serve"], env=environment, check=True, capture_output=True)
            status = json.loads(subprocess.run([HOTWASH, "postgres", "status", "--json"], env=environment, check=True, capture_output=True, text=True).stdout)
            compare(environment, status["url"], home)
        finally:
            subprocess.run([HOTWASH, "postgres", "stop"], env=environment, check=False, capture_output=True)


def measure(environment: dict[str, str], url: str, home: str, mebibytes: str) -> tuple[float, str, str, int]:
    server = subprocess.Popen([HOTWASH, "serve", "--listen", "127.0.0.1:0", "--rate", "0", "--answers-mib", mebibytes], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        base = ""
        while not base:
            found = re.search(r"(http://127\.0\.0\.1:\d+)/graphql", server.stdout.readline())
            base = found.group(1) if found else ""
        time.sleep(1)
        body = json.dumps({"query": QUERY})
        request = urllib.request.Request(f"{base}/graphql", body.encode(), {"content-type": "application/json"})
        answer = json.load(urllib.request.urlopen(request))
        assert len(answer["data"]["incidents"]["nodes"]) == 50, answer
        script = os.path.join(home, "ask.lua")
        with open(script, "w") as file:
            file.write(f"wrk.method = 'POST'\nwrk.body = [[{body}]]\nwrk.headers['content-type'] = 'application/json'\n")
        said = subprocess.run(["wrk", "-t1", "-c16", f"-d{SECONDS}s", "--latency", "-s", script, f"{base}/graphql"], check=True, capture_output=True, text=True).stdout
        ours = float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))
        slowest = re.search(r"99%\s+(\S+)", said).group(1)
        sql = subprocess.run([pg("psql"), url, "-At", "-c", "select query from pg_stat_activity where application_name = 'hotwash api' and query like '%json%' limit 1"], check=True, capture_output=True, text=True).stdout.strip()
        memory = next(line for line in open(f"/proc/{server.pid}/status") if line.startswith("VmRSS")).split()[1]
    finally:
        server.terminate()
        server.wait()
    return ours, slowest, sql, int(memory) // 1024


def compare(environment: dict[str, str], url: str, home: str) -> None:
    kept, kept_slowest, _, _ = measure(environment, url, home, "64")
    ours, slowest, sql, memory = measure(environment, url, home, "0")
    file = os.path.join(home, "page.sql")
    with open(file, "w") as out:
        out.write(sql.rstrip(";") + ";\n")
    said = subprocess.run([pg("pgbench"), "-n", "-M", "prepared", "-c", "16", "-j", "1", "-T", str(SECONDS), "-f", file, url], check=True, capture_output=True, text=True).stdout
    bare = float(re.search(r"tps = ([\d.]+)", said).group(1))
    print(f"incidents(first: 50) with hazard and regions, 16 connections, {SECONDS} s each")
    print(f"  Hotwash, answer kept until the warehouse changes {kept:8.0f} requests/s, 99th percentile {kept_slowest}, {kept / bare:.2f} of the bare statement")
    print(f"  Hotwash, asked of Postgres each time             {ours:8.0f} requests/s, 99th percentile {slowest}, {ours / bare:.2f} of the bare statement, {memory} MiB")
    print(f"  pgbench, same SQL                                {bare:8.0f} statements/s")


if __name__ == "__main__":
    main()
