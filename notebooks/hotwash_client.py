"""A small typed client of the Hotwash GraphQL API for these notebooks: queries in, Polars frames out.

Set HOTWASH_URL (default http://127.0.0.1:8080), and HOTWASH_KEY where the server asks for a key (`hotwash key create`).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import polars as pl
from pydantic import BaseModel, JsonValue, TypeAdapter


class HotwashError(RuntimeError):
    """What the server refused, in its own words."""


class Extensions(BaseModel):
    """What comes with an error."""

    code: str = "ERROR"


class Problem(BaseModel):
    """An error of an answer."""

    message: str
    extensions: Extensions = Extensions()


class Answer(BaseModel):
    """The answer to a GraphQL request."""

    data: dict[str, JsonValue] | None = None
    errors: list[Problem] = []


class PageInfo(BaseModel):
    """Where a page ends."""

    hasNextPage: bool
    endCursor: str | None


class Page(BaseModel):
    """A page of a connection."""

    nodes: list[dict[str, JsonValue]]
    pageInfo: PageInfo


class Row(BaseModel):
    """A row of a metric."""

    dimensions: dict[str, JsonValue]
    value: float | None
    unit: str
    numerator: float | None
    denominator: float | None
    n: int
    ciLow: float | None
    ciHigh: float | None
    reliability: str
    note: str | None
    extra: dict[str, JsonValue]

    def cells(self) -> dict[str, JsonValue]:
        """The group keys, what the metric adds, and the values that every metric has."""
        own: dict[str, JsonValue] = {
            "value": self.value,
            "unit": self.unit,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "n": self.n,
            "ciLow": self.ciLow,
            "ciHigh": self.ciHigh,
            "reliability": self.reliability,
            "note": self.note,
        }
        return {**self.dimensions, **self.extra, **own}


class Result(BaseModel):
    """A metric's answer."""

    rows: list[Row]


class Status(BaseModel):
    """The state of the warehouse."""

    snapshotVersion: int


def fetch(request: Request, timeout: int) -> bytes:
    """The body of an answer. urllib does not state its type."""
    with urlopen(request, timeout=timeout) as response:  # type: ignore[misc]
        return bytes(response.read())  # type: ignore[misc]


REQUEST = TypeAdapter(dict[str, JsonValue])


@dataclass(frozen=True)
class Hotwash:
    """A connection to one Hotwash server. With `snapshot`, all requests name that snapshot: metrics are computed from
    it, and records that have changed since are an error (SNAPSHOT_MOVED).

    >>> hotwash = Hotwash()
    >>> "action_closure" in [metric["id"] for metric in hotwash.query("{ metrics { id } }")["metrics"]]
    True
    >>> frame = hotwash.metric("action_closure", group_by=["region"])
    >>> {"region", "value", "n", "ciLow", "ciHigh"} <= set(frame.columns)
    True
    >>> pinned = hotwash.pinned()
    >>> pinned.metric("action_closure").equals(hotwash.metric("action_closure"))
    True
    >>> Hotwash(snapshot=0).metric("action_closure")
    Traceback (most recent call last):
        ...
    hotwash_client.HotwashError: SNAPSHOT_GONE: ...
    >>> Hotwash(snapshot=0).export("regions")
    Traceback (most recent call last):
        ...
    hotwash_client.HotwashError: 410: ...
    >>> hotwash.query("{ nothing }")
    Traceback (most recent call last):
        ...
    hotwash_client.HotwashError: BAD_USER_INPUT: ...
    """

    url: str = field(default_factory=lambda: os.environ.get("HOTWASH_URL", "http://127.0.0.1:8080"))
    key: str | None = field(default_factory=lambda: os.environ.get("HOTWASH_KEY"), repr=False)
    snapshot: int | None = None

    def pinned(self) -> Hotwash:
        """The same connection, with all requests on the current snapshot. The server has it for at least ten minutes."""
        status = Status.model_validate(self.query("{ warehouse { snapshotVersion } }")["warehouse"])
        return replace(self, snapshot=status.snapshotVersion)

    def query(self, document: str, **variables: JsonValue) -> dict[str, JsonValue]:
        """Runs a GraphQL document and gives its `data`; raises HotwashError with the server's message and code."""
        body = REQUEST.dump_json({"query": document, "variables": variables})
        headers = {"content-type": "application/json", "accept": "application/json", **self._headers()}
        try:
            answer = Answer.model_validate_json(fetch(Request(f"{self.url}/graphql", body, headers), timeout=60))
        except HTTPError as error:
            answer = Answer.model_validate_json(error.read())
        except URLError as error:
            raise HotwashError(f"no answer from {self.url}: {error.reason}; is `hotwash serve` running?") from error
        if answer.errors:
            first = answer.errors[0]
            raise HotwashError(f"{first.extensions.code}: {first.message}")
        return answer.data or {}

    def pages(
        self, document: str, connection: str, size: int = 500, **variables: JsonValue
    ) -> Iterator[dict[str, JsonValue]]:
        """Every node of a connection; the document takes $first and $after and selects nodes and pageInfo."""
        after: str | None = None
        while True:
            page = Page.model_validate(self.query(document, first=size, after=after, **variables)[connection])
            yield from page.nodes
            if not page.pageInfo.hasNextPage:
                return
            after = page.pageInfo.endCursor

    def export(self, records: str, **equals: str) -> pl.DataFrame:
        """All records of a type, e.g. correctiveActions, that you may see; filters are equalities, e.g. status="OPEN"."""
        query = f"?{urlencode(equals)}" if equals else ""
        request = Request(f"{self.url}/export/{records}.parquet{query}", headers=self._headers())
        try:
            return pl.read_parquet(io.BytesIO(fetch(request, timeout=300)))
        except HTTPError as error:
            raise HotwashError(f"{error.code}: {error.read().decode(errors='replace')}") from error

    def _headers(self) -> dict[str, str]:
        authorization = {"authorization": f"Bearer {self.key}"} if self.key else {}
        snapshot = {"hotwash-snapshot": str(self.snapshot)} if self.snapshot is not None else {}
        return {**authorization, **snapshot}

    def metric(
        self,
        metric_id: str,
        *,
        group_by: list[str] | None = None,
        period: str | None = None,
        filter: Mapping[str, JsonValue] | None = None,
        as_of: str | None = None,
        parameters: Mapping[str, JsonValue] | None = None,
    ) -> pl.DataFrame:
        """A metric as a frame: the group keys, value, interval, n, reliability, and what the metric adds."""
        document = """
        query Metric($id: ID!, $filter: MetricFilter, $by: [MetricDimension!], $period: Period, $asOf: Date, $parameters: JSON) {
          metric(id: $id, filter: $filter, groupBy: $by, period: $period, asOf: $asOf, parameters: $parameters) {
            rows { dimensions value unit numerator denominator n ciLow ciHigh reliability note extra }
          }
        }
        """
        by: JsonValue = [dimension.upper() for dimension in group_by] if group_by is not None else None
        data = self.query(
            document,
            id=metric_id,
            filter=dict(filter) if filter is not None else None,
            by=by,
            period=period,
            asOf=as_of,
            parameters=dict(parameters) if parameters is not None else None,
        )
        rows = [row.cells() for row in Result.model_validate(data["metric"]).rows]
        return pl.DataFrame(rows, infer_schema_length=None, strict=False)
