"""What access checks cost, measured as a ratio in one run on one machine.

usage: tests/bench/access.py [SECONDS] [ROUNDS]   (4 and 4 unless given; needs wrk and a build: HOTWASH names the binary)

One warehouse of the demo's records, one page of 50 incidents with two relations. A server without a key answers the local user, whom nothing is asked;
beside it one answers a key of role analyst (key, turn, budget, limits, access log) and one of role region (the same, and visibility in
the statement). Kept answers are off. They take turns, several rounds, and the median of the ratios is printed.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import urllib.request

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 4
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 4
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/hotwash/target"))
HOTWASH = os.environ.get("HOTWASH", os.path.join(TARGET, "release", "hotwash"))
QUERY = "{ incidents(first: 50) { nodes { id deathsDirect event { name localDate hazard { code name } regions { code } } } } }"


def serve(environment: dict[str, str]) -> tuple[subprocess.Popen, str]:
    arguments = ["serve", "--listen", "127.0.0.1:0", "--rate", "1000000", "--budget", "1000000000000", "--answers-mib", "0"]
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
        homes = {name: {**os.environ, "HOTWASH_HOME": os.path.join(home, name)} for name in ("open", "closed")}
        servers = []
        try:
            for environment in homes.values():
                environment.pop("DATABASE_URL", None)
                subprocess.run([HOTWASH, "postgres", "start"], env=environment, check=True, capture_output=True)
                subprocess.run([HOTWASH, "demo", "--no-serve"], env=environment, check=True, capture_output=True)
            made = lambda *role: subprocess.run([HOTWASH, "key", "create", role[0], "--role", *role], env=homes["closed"], check=True, capture_output=True, text=True).stdout.strip()
            analyst, region = made("analyst"), made("region", "--region", "4C")
            servers = [serve(environment) for environment in homes.values()]
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
            for environment in homes.values():
                subprocess.run([HOTWASH, "postgres", "stop"], env=environment, check=False, capture_output=True)


if __name__ == "__main__":
    main()
