"""Python's clients gql and sgqlc, and the exports as pyarrow reads them: clients.py URL"""

import csv
import io
import json
import subprocess
import sys
import urllib.parse
import urllib.request

import pyarrow.ipc
import pyarrow.parquet
from gql import Client, gql
from gql.dsl import DSLQuery, DSLSchema, dsl_gql
from gql.transport.aiohttp import AIOHTTPTransport
from graphql import build_schema

URL = sys.argv[1]


def with_gql() -> None:
    client = Client(transport=AIOHTTPTransport(url=f"{URL}/graphql"), fetch_schema_from_transport=True)
    query = gql("query Count($filter: EventFilter) { events(filter: $filter, first: 3) { totalCount nodes { id name } } }")
    query.variable_values = {"filter": {"kind": {"eq": "INCIDENT"}}}
    answer = client.execute(query)
    assert answer["events"]["totalCount"] > 0 and len(answer["events"]["nodes"]) == 3, answer
    print("gql: the schema is read, a query checked against it and answered")


def with_the_dsl_of_gql() -> None:
    with open("schema.graphql") as file:
        schema = DSLSchema(build_schema(file.read()))
    groups = schema.Query.eventAggregate(groupBy=["KIND"], filter={"regionCode": {"eq": "3"}})
    groups = groups.select(
        schema.EventGroup.scope, schema.EventGroup.count, schema.EventGroup.key.select(schema.EventGroupKeys.kind)
    )
    answer = Client(transport=AIOHTTPTransport(url=f"{URL}/graphql")).execute(dsl_gql(DSLQuery(groups)))
    assert answer["eventAggregate"][0]["scope"] == "ALL_RECORDS", answer
    print("gql's DSL: an aggregate built from the schema and answered")


def with_sgqlc() -> None:
    with open("introspection.json", "w") as out:
        subprocess.run([sys.executable, "-m", "sgqlc.introspection", f"{URL}/graphql"], check=True, stdout=out)
    subprocess.run(["venv/bin/sgqlc-codegen", "schema", "introspection.json", "hotwash_schema.py"], check=True)
    import hotwash_schema
    from sgqlc.endpoint.http import HTTPEndpoint
    from sgqlc.operation import Operation

    operation = Operation(hotwash_schema.Query)
    page = operation.incidents(first=5, filter={"event": {"regions": {"code": {"is_null": False}}}})
    page.total_count()
    page.nodes.id()
    page.nodes.event().name()
    answer = operation + HTTPEndpoint(f"{URL}/graphql")(operation)
    assert answer.incidents.total_count > 0 and answer.incidents.nodes[0].event.name, answer
    print("sgqlc: classes made from the schema, a query built with them and answered")


def fetch(address: str, accept: str = "*/*") -> bytes:
    return urllib.request.urlopen(urllib.request.Request(URL + address, headers={"accept": accept})).read()


def exports() -> None:
    chosen = "?filter=" + urllib.parse.quote(json.dumps({"event": {"kind": {"eq": "INCIDENT"}}, "patients": {"isNull": False}}))
    rows = list(csv.DictReader(io.StringIO(fetch(f"/export/incidents.csv{chosen}").decode())))
    lines = [json.loads(line) for line in fetch(f"/export/incidents.jsonl{chosen}").splitlines()]
    arrow = pyarrow.ipc.open_file(pyarrow.py_buffer(fetch(f"/export/incidents.arrow{chosen}"))).read_all()
    parquet = pyarrow.parquet.read_table(pyarrow.py_buffer(fetch(f"/export/incidents.parquet{chosen}")))
    assert arrow.equals(parquet), (arrow.schema, parquet.schema)
    assert len(rows) == len(lines) == arrow.num_rows > 0
    for name, read in (("id", str), ("eventId", str), ("patients", int)):
        assert [read(row[name]) for row in rows] == [line[name] for line in lines] == arrow[name].to_pylist()
    assert str(arrow.schema.field("localDate").type) == "date32[day]"
    events = pyarrow.ipc.open_file(pyarrow.py_buffer(fetch("/export/events", "application/vnd.apache.arrow.file")))
    assert str(events.schema.field("startAt").type) == "timestamp[us, tz=UTC]"
    metric = pyarrow.parquet.read_table(pyarrow.py_buffer(fetch("/metrics/incident_burden.parquet?groupBy=REGION")))
    assert str(metric.schema.field("value").type) == "double" and metric.num_rows > 0
    print("pyarrow: exports in all formats hold the same rows")


with_gql()
with_the_dsl_of_gql()
with_sgqlc()
exports()
