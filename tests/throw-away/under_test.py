"""The program, server and warehouse that `tests/throw-away/run` started, as its checks use them."""
import json
import subprocess
import sys
import urllib.request

hotwash, base, psql, url = sys.argv[1:]


def run(*arguments, check=True):
    """Runs a command of the program and returns what it prints."""
    result = subprocess.run([hotwash, *arguments], capture_output=True, text=True)
    if check and result.returncode:
        sys.exit(f"hotwash {' '.join(arguments)}: {result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def sql(statement, address=url):
    """Returns what psql prints for a statement."""
    command = [psql, address, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def graphql(query):
    """Returns the data of a query."""
    request = urllib.request.Request(
        f"{base}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"}
    )
    answer = json.load(urllib.request.urlopen(request))
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def found(where, expected, actual):
    """Ends the check unless an interface shows what is expected."""
    if expected != actual:
        sys.exit(f"{sys.argv[0]}: {where}: expected {expected}, found {actual}")
