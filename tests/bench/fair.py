"""Measure the delay of one key's queries by another key's heavy ones, in one run on one machine.

usage: tests/bench/fair.py [SECONDS]   (default 8; needs a build at HOTWASH)

Uses a generated coalition. One key repeats a simple query: first alone, then while another key runs 20 queries of 400 `or` terms.
Prints the latencies of the simple query and their ratio. Load may add at most 250 ms to its 99th percentile.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/hotwash/target"))
HOTWASH = os.environ.get("HOTWASH", os.path.join(TARGET, "release", "hotwash"))
SIMPLE = "{ events(first: 10) { nodes { name localDate hazard { name } } } }"


def heavy(number: int) -> str:
    terms = ", ".join(f'{{ text: {{ contains: "{number} {at}" }} }}' for at in range(400))
    return f"{{ correctiveActions(filter: {{ or: [{terms}] }}) {{ totalCount }} }}"


def post(base: str, key: str, query: str) -> float:
    """Return the seconds until an answer arrives."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    began = time.monotonic()
    answer = json.load(urllib.request.urlopen(urllib.request.Request(f"{base}/graphql", json.dumps({"query": query}).encode(), headers)))
    assert answer.get("data"), answer
    return time.monotonic() - began


def latencies(base: str, key: str) -> list[float]:
    until, taken = time.monotonic() + SECONDS, []
    while time.monotonic() < until:
        taken.append(1000 * post(base, key, SIMPLE))
        time.sleep(0.01)
    return sorted(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        environment = {**os.environ, "HOTWASH_HOME": os.path.join(home, "hotwash")}
        environment.pop("DATABASE_URL", None)
        run = lambda *command: subprocess.run([HOTWASH, *command], env=environment, check=True, capture_output=True, text=True).stdout
        server, stop = None, threading.Event()
        try:
            run("postgres", "start")
            folder = os.path.join(home, "coalition")
            run("generate", folder)
            run("load", folder)
            one, other = (run("key", "create", name, "--role", "analyst").strip() for name in ("light", "heavy"))
            options = ["--listen", "127.0.0.1:0", "--rate", "0", "--budget", "0", "--no-cache", "answers", "--timeout-ms", "60000"]
            server = subprocess.Popen([HOTWASH, "serve", *options], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/graphql", server.stdout.readline())):
                pass
            base = found.group(1)
            post(base, one, SIMPLE)
            alone = latencies(base, one)
            asked = [0] * 20

            def keep_asking(place: int) -> None:
                while not stop.is_set():
                    post(base, other, heavy(place + 20 * asked[place]))
                    asked[place] += 1

            threads = [threading.Thread(target=keep_asking, args=(place,)) for place in range(20)]
            for thread in threads:
                thread.start()
            time.sleep(1)
            beside = latencies(base, one)
            stop.set()
            for thread in threads:
                thread.join()
            late = lambda taken: taken[int(0.99 * (len(taken) - 1))]
            for name, taken in (("alone", alone), ("beside 20 heavy queries of another key", beside)):
                print(f"a simple query {name:<40} median {statistics.median(taken):7.1f} ms, 99th percentile {late(taken):7.1f} ms, n {len(taken)}")
            print(f"heavy queries answered: {sum(asked)}")
            print(f"ratio of the medians {statistics.median(beside) / statistics.median(alone):.1f}; delay at the 99th percentile {late(beside) - late(alone):.0f} ms (limit 250)")
        finally:
            stop.set()
            if server:
                server.terminate()
                server.wait()
            subprocess.run([HOTWASH, "postgres", "stop"], env=environment, check=False, capture_output=True)


main()
