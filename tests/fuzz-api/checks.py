"""Check every answer of the API: no internal error, a code on every error, and no internal details."""

import re

import schemathesis

CODES = {"BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN", "QUERY_TOO_COMPLEX", "RATE_LIMITED", "TIMEOUT", "UNAVAILABLE"}
# Tables, SQL, source files and panics.
INSIDE = re.compile(
    r"\b(warehouse|meta|access)\.[a-z_]+\b|\bselect\s+\S+\s+from\b|json_build_object|pg_catalog|\.rs:\d+|panicked|stack backtrace",
    re.IGNORECASE,
)


@schemathesis.check
def answers_as_promised(ctx, response, case):
    """Check that every answer is JSON with coded errors and without internal details."""
    assert response.status_code < 500, f"status {response.status_code}: {response.text[:500]}"
    answer = response.json()
    for error in answer.get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code in CODES, f"code {code}: {error}"
        found = INSIDE.search(error["message"])
        assert not found, f"the message tells of the inside ({found.group()}): {error}"
