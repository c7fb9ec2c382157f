"""Measure the report's pages at demo size, in one run on one machine.

usage: tests/bench/pages.py   (needs a release build)

Loads the demo's records and requests each page of two servers. One has no page cache, as for the first request after a change
of the warehouse; the other has one. Prints the median of five requests, the raw and gzip sizes, and the time of the PDF.
"""

import gzip
import os
import re
import statistics
import subprocess
import tempfile
import time
import urllib.request

TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/hotwash/target"))
HOTWASH = os.environ.get("HOTWASH", os.path.join(TARGET, "release", "hotwash"))
AS_OF = "as_of=2026-06-30"
PAGES = [
    "/", "/regions", "/regions/1", "/capabilities", "/capabilities/PHEP/6", "/risks", "/actions", "/response", "/data", "/metric",
    "/metrics/capability_performance", "/metrics/action_time_to_close", "/records/capability_performance",
]


def look(base: str, path: str) -> tuple[float, bytes]:
    began = time.perf_counter()
    with urllib.request.urlopen(f"{base}{path}?{AS_OF}") as response:
        body = response.read()
    return (time.perf_counter() - began) * 1000, body


def measure(environment: dict[str, str], *options: str) -> dict[str, tuple[float, int, int]]:
    command = [HOTWASH, "serve", "--listen", "127.0.0.1:0", "--rate", "0", *options]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        base = ""
        while not base:
            found = re.search(r"(http://127\.0\.0\.1:\d+)/graphql", server.stdout.readline())
            base = found.group(1) if found else ""
        found = {}
        for path in PAGES:
            look(base, path)
            looks = [look(base, path) for _ in range(5)]
            body = looks[0][1]
            found[path] = (statistics.median(one for one, _ in looks), len(body), len(gzip.compress(body, 6)))
        return found
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        environment = {**os.environ, "HOTWASH_HOME": os.path.join(home, "hotwash")}
        environment.pop("DATABASE_URL", None)
        run = lambda *words: subprocess.run([HOTWASH, *words], env=environment, check=True, capture_output=True, text=True).stdout
        run("postgres", "start")
        try:
            run("demo", "--no-serve")
            first, kept = measure(environment, "--no-cache", "answers"), measure(environment)
            print(f"{'page':40} {'computed':>10} {'kept':>8} {'KB':>6} {'gzip KB':>8}")
            for path in PAGES:
                print(f"{path:40} {first[path][0]:7.0f} ms {kept[path][0]:5.1f} ms {first[path][1] / 1000:6.0f} {first[path][2] / 1000:8.0f}")
            print(f"slowest computed {max(one for one, *_ in first.values()):.0f} ms (limit 200), largest {max(size for _, size, _ in first.values()) / 1000:.0f} KB (limit 300)")
            for paper in ("us-letter", "a4"):
                file = os.path.join(home, f"{paper}.pdf")
                began = time.perf_counter()
                run("report", "--pdf", file, "--paper", paper, "--as-of", "2026-06-30")
                print(f"PDF, {paper}: {time.perf_counter() - began:.1f} s with reading the warehouse (limit 5), {os.path.getsize(file) // 1024} KiB")
        finally:
            subprocess.run([HOTWASH, "postgres", "stop"], env=environment, check=False, capture_output=True)


if __name__ == "__main__":
    main()
