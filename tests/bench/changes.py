"""Measure `changes` over a large warehouse, through GraphQL, as the page and the command compute it.

usage: tests/bench/changes.py [RATINGS] [ACTIONS]   (default 5,000,000 and 2,000,000; needs a release build and Postgres' psql)

Makes the warehouse of metrics.py, or uses that of BENCH_URL. Asks for the changes of a week, a month and a year up to the last
day with records, each as of another day so that no answer is cached, and prints median and maximum in milliseconds. The
speed promised for a month is 500 ms.
"""

import datetime
import json
import statistics
import sys
import time
import urllib.request

from metrics import on_large_warehouse, run
from release import serve

ROUNDS = 11
QUERY = """{{ changes(since: "{since}", until: "{until}") {{ happened {{ kind isTruncated changes {{ day text file row }} }}
  learned {{ kind isTruncated changes {{ day text file row }} }} }} }}"""


def post(base: str, query: str) -> dict[str, object]:
    request = urllib.request.Request(
        f"{base}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"}
    )
    answer = json.load(urllib.request.urlopen(request, timeout=600))
    if "errors" in answer:
        sys.exit(f"{query}: {answer}")
    return answer["data"]


def measure(url: str, environment: dict[str, str]) -> None:
    last = run(["psql", url, "-Atc", "select max(changed_on) from warehouse.action_status_history where changed_on <= now()"], environment)
    last_day = datetime.date.fromisoformat(last.strip())
    server, base = serve({**environment, "DATABASE_URL": url})
    try:
        print(f"{'changes of':12} {'median ms':>10} {'maximum ms':>11} {'listed':>7}")
        for name, days in [("a week", 7), ("a month", 30), ("a year", 365)]:
            times, listed = [], 0
            for back in range(ROUNDS):
                until = last_day - datetime.timedelta(days=back)
                began = time.monotonic()
                found = post(base, QUERY.format(since=until - datetime.timedelta(days=days), until=until))
                times.append(1000 * (time.monotonic() - began))
                groups = [*found["changes"]["happened"], *found["changes"]["learned"]]
                listed = max(listed, sum(len(group["changes"]) for group in groups))
            print(f"{name:12} {statistics.median(times):10.0f} {max(times):11.0f} {listed:7}")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    on_large_warehouse(measure, 5_000_000, 2_000_000)
