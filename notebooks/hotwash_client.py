"""A small typed helper over the Hotwash GraphQL API for these notebooks: queries in, Polars frames out.

Set HOTWASH_URL (default http://127.0.0.1:8080), and HOTWASH_KEY where the server asks for a key (`hotwash key create`).
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import polars as pl


class HotwashError(RuntimeError):
    """What the server refused, in its own words."""


@dataclass(frozen=True)
class Hotwash:
    """A connection to one Hotwash server.

    >>> hotwash = Hotwash()
    >>> "action_closure" in [metric["id"] for metric in hotwash.query("{ metrics { id } }")["metrics"]]
    True
    >>> frame = hotwash.metric("action_closure", group_by=["region"])
    >>> {"region", "value", "n", "ciLow", "ciHigh"} <= set(frame.columns)
    True
    >>> hotwash.query("{ nothing }")
    Traceback (most recent call last):
        ...
    hotwash_client.HotwashError: BAD_USER_INPUT: ...
    """

    url: str = field(default_factory=lambda: os.environ.get("HOTWASH_URL", "http://127.0.0.1:8080"))
    key: str | None = field(default_factory=lambda: os.environ.get("HOTWASH_KEY"), repr=False)

    def query(self, document: str, **variables: Any) -> dict[str, Any]:
        """Runs a GraphQL document and gives its `data`; raises HotwashError with the server's message and code."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        headers = {"content-type": "application/json", "accept": "application/json", **self._authorization()}
        try:
            with urlopen(Request(f"{self.url}/graphql", body, headers), timeout=60) as response:
                answer = json.load(response)
        except HTTPError as error:
            answer = json.load(error)
        except URLError as error:
            raise HotwashError(f"no answer from {self.url}: {error.reason}; is `hotwash serve` running?") from error
        if answer.get("errors"):
            first = answer["errors"][0]
            raise HotwashError(f"{first.get('extensions', {}).get('code', 'ERROR')}: {first['message']}")
        return answer["data"]

    def pages(self, document: str, connection: str, size: int = 500, **variables: Any) -> Iterator[dict[str, Any]]:
        """Every node of a connection; the document takes $first and $after and selects nodes and pageInfo."""
        after: str | None = None
        while True:
            page = self.query(document, first=size, after=after, **variables)[connection]
            yield from page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def export(self, records: str, **equals: str) -> pl.DataFrame:
        """All records of a type, e.g. correctiveActions, that you may see; filters are equalities, e.g. status="OPEN"."""
        query = f"?{urlencode(equals)}" if equals else ""
        request = Request(f"{self.url}/export/{records}.parquet{query}", headers=self._authorization())
        try:
            with urlopen(request, timeout=300) as response:
                return pl.read_parquet(io.BytesIO(response.read()))
        except HTTPError as error:
            raise HotwashError(f"{error.code}: {error.read().decode(errors='replace')}") from error

    def _authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"} if self.key else {}

    def metric(
        self,
        metric_id: str,
        *,
        group_by: list[str] | None = None,
        period: str | None = None,
        filter: dict[str, Any] | None = None,
        as_of: str | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> pl.DataFrame:
        """A metric as a frame: the group keys, value, interval, n, reliability, and what the metric adds."""
        document = """
        query Metric($id: ID!, $filter: MetricFilter, $by: [MetricDimension!], $period: Period, $asOf: Date, $parameters: JSON) {
          metric(id: $id, filter: $filter, groupBy: $by, period: $period, asOf: $asOf, parameters: $parameters) {
            rows { dimensions value unit numerator denominator n ciLow ciHigh reliability note extra }
          }
        }
        """
        by = [dimension.upper() for dimension in group_by] if group_by is not None else None
        data = self.query(
            document, id=metric_id, filter=filter, by=by, period=period, asOf=as_of, parameters=parameters
        )
        rows = [
            {**(row.pop("dimensions") or {}), **(row.pop("extra") or {}), **row} for row in data["metric"]["rows"]
        ]
        return pl.DataFrame(rows, infer_schema_length=None, strict=False)
