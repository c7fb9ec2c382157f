"""Measure a release over a large warehouse, and the requests of a server beside it, on one machine.

usage: tests/bench/release.py [RATINGS [ACTIONS]]   (default 5,000,000 and 300,000; needs psql, and a build at HOTWASH)

Makes the warehouse of metrics.py and serves it. One client requests a page of records and a metric in turn, idle, then beside
`hotwash release`, then while the server itself makes the release of the month. Prints seconds, processor seconds, and the ratio
of the 99th percentiles. BENCH_URL names an earlier run's warehouse; its latest release is made again.
"""

import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from metrics import HOTWASH, on_large_warehouse  # noqa: E402  (the same warehouse)

IDLE_SECONDS = 30
QUERIES = (
    "{ exercises(first: 50) { nodes { id event { name localDate } } } }",
    '{ metric(id: "capability_performance", groupBy: [REGION]) { rows { n value } } }',
)


def serve(environment: dict[str, str]) -> tuple[subprocess.Popen, str]:
    command = [HOTWASH, "serve", "--listen", "127.0.0.1:0", "--rate", "0", "--budget", "0", "--no-cache", "answers"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in server.stdout:
        if found := re.search(r"(http://127\.0\.0\.1:\d+)/graphql", line):
            return server, found.group(1)
    sys.exit("the server did not start")


def percentile(base: str, until: Callable[[], bool]) -> float:
    """Return the 99th percentile of the milliseconds of requests, one after the other, until the time has come."""
    times: list[float] = []
    while not until():
        for query in QUERIES:
            headers = {"content-type": "application/json"}
            request = urllib.request.Request(f"{base}/graphql", json.dumps({"query": query}).encode(), headers)
            began = time.monotonic()
            answer = json.load(urllib.request.urlopen(request))
            times.append(1000 * (time.monotonic() - began))
            assert "errors" not in answer, answer
        time.sleep(0.01)
    times.sort()
    return times[int(0.99 * (len(times) - 1))]


def idle(base: str) -> float:
    end = time.monotonic() + IDLE_SECONDS
    return percentile(base, lambda: time.monotonic() > end)


def measure(url: str, environment: dict[str, str]) -> None:
    environment = {**environment, "DATABASE_URL": url}
    sql = lambda text: subprocess.run(["psql", url, "-Atqc", text], check=True, capture_output=True, text=True).stdout.strip()
    server, base = serve(environment)
    try:
        # Prerendering and the release of a new month come first.
        time.sleep(IDLE_SECONDS)
        alone, spent = idle(base), lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        began, before = time.monotonic(), spent()
        command = threading.Thread(target=lambda: subprocess.run([HOTWASH, "release"], env=environment, check=True, capture_output=True))
        command.start()
        beside = percentile(base, lambda: not command.is_alive())
        command.join()
        print(f"release as a command {time.monotonic() - began:6.1f} s, {spent() - before:.1f} s of processors")
        print(f"  99th percentile beside it, ratio to idle {beside / alone:6.2f} ({beside:.1f} ms, idle {alone:.1f} ms)")
        sql("delete from meta.release")
        alone = idle(base)
        while sql("select count(*) from pg_locks where locktype = 'advisory' and objid = 7750") == "0":
            time.sleep(0.2)
        began = time.monotonic()
        checked = [began]

        def is_made() -> bool:
            if time.monotonic() - checked[0] < 1:
                return False
            checked[0] = time.monotonic()
            return sql("select count(*) from meta.release") != "0"

        beside = percentile(base, is_made)
        print(f"release by the server {time.monotonic() - began:6.1f} s")
        print(f"  99th percentile in it, ratio to idle {beside / alone:6.2f} ({beside:.1f} ms, idle {alone:.1f} ms)")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    on_large_warehouse(measure, 5_000_000, 300_000)
