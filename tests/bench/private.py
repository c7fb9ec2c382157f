"""Private warehouse for one benchmark: the binary at HOTWASH or of the release build, with its own Postgres, deleted at the end."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.expanduser("~/.cache/hotwash/target"))
HOTWASH = os.environ.get("HOTWASH", os.path.join(TARGET, "release", "hotwash"))


def run(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Run a command and return its seconds and its output; exit if the command fails."""
    began = time.monotonic()
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(f"{' '.join(command)}: {answer.stdout}{answer.stderr}")
    return time.monotonic() - began, answer.stdout


def peak_memory() -> float:
    """Return the maximum memory of any command so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


@contextlib.contextmanager
def warehouse() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Create a migrated warehouse; return its folder, its address and the environment for the binary."""
    if not os.path.exists(HOTWASH):
        sys.exit("build it first: cargo build --release")
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        environment = {**os.environ, "HOTWASH_HOME": home}
        environment.pop("DATABASE_URL", None)
        run([HOTWASH, "postgres", "start"], environment)
        try:
            run([HOTWASH, "migrate"], environment)
            url = json.loads(run([HOTWASH, "postgres", "status", "--json"], environment)[1])["url"]
            yield home, url, environment
        finally:
            run([HOTWASH, "postgres", "stop"], environment)


def copy_beside(url: str, folder: str, tables: list[str], environment: dict[str, str], like: str) -> float:
    """Return the seconds in which `psql` copies the rows of warehouse tables into new tables with the same columns, one by one."""
    seconds = 0.0
    for table in tables:
        path = f"{folder}/{table}.tsv"
        run(["psql", "-q", url, "-c", f"\\copy warehouse.{table} to '{path}'"], environment)
        run(["psql", "-q", url, "-c", f"create table copy_{table} (like warehouse.{table} {like})"], environment)
    for table in tables:
        seconds += run(["psql", "-q", url, "-c", f"\\copy copy_{table} from '{folder}/{table}.tsv'"], environment)[0]
        os.remove(f"{folder}/{table}.tsv")
        run(["psql", "-q", url, "-c", f"drop table copy_{table}"], environment)
    return seconds
