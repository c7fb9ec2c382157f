"""What every answer of the API must be, however the query was made: no fault of ours, a code on every error, and nothing of the inside."""

import re

import schemathesis

CODES = {"BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN", "QUERY_TOO_COMPLEX", "TIMEOUT", "UNAVAILABLE"}
# Tables, SQL, source files and panics.
INSIDE = re.compile(
    r"\b(warehouse|meta|access)\.[a-z_]+\b|\bselect\s+\S+\s+from\b|json_build_object|pg_catalog|\.rs:\d+|panicked|stack backtrace",
    re.IGNORECASE,
)


@schemathesis.check
def answers_as_promised(ctx, response, case):
    """Every answer is JSON with coded errors, and tells nothing of the inside."""
    assert response.status_code < 500, f"status {response.status_code}: {response.text[:500]}"
    answer = response.json()
    for error in answer.get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code in CODES, f"code {code}: {error}"
        found = INSIDE.search(error["message"])
        assert not found, f"the message tells of the inside ({found.group()}): {error}"
