// Composes Hotwash's subgraph with a small one by Apollo's own composition, then resolves the references as a gateway does: compose.mjs URL SDL
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { buildSchema, parse } from "graphql";

const [url, file] = process.argv.slice(2);
const ask = async (query, variables = {}) => {
  const body = JSON.stringify({ query, variables });
  const response = await fetch(`${url}/graphql`, { method: "POST", headers: { "content-type": "application/json", connection: "close" }, body });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
};
const { sdl } = (await ask("{ _service { sdl } }"))._service;
assert.equal(sdl, readFileSync(file, "utf8"), "served as `hotwash schema --federation` prints it");

const photos = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])
  type Query { photos: [Photo!]! }
  type Photo @key(fields: "number") { number: Int! event: Event! }
  type Event @key(fields: "id") { id: ID! photos(first: Int): [Photo!]! }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;
const services = [
  { name: "hotwash", url: `${url}/graphql`, typeDefs: parse(sdl) },
  { name: "photos", url: "http://127.0.0.1:1/graphql", typeDefs: parse(photos) },
];
const { errors, supergraphSdl, hints } = composeServices(services);
assert.equal(errors, undefined, errors?.map(({ message }) => message).join("\n"));
assert.match(supergraphSdl, /type Event[^{]*@join__type\(graph: HOTWASH, key: "id"\)/);
const api = buildSchema(supergraphSdl, { assumeValidSDL: true });
const event = api.getType("Event").getFields();
assert.ok(event.photos && event.findings && event.hazard, "an event has the fields of both");

// Photos refer to events by id; the gateway fetches what Hotwash knows of them.
const ids = (await ask("{ events(first: 3) { nodes { id name } } }")).events.nodes;
const representations = [...ids.map(({ id }) => ({ __typename: "Event", id })), { __typename: "Event", id: Buffer.from("Event:999999999").toString("base64").replace(/=+$/, "") }];
const fetched = await ask(
  "query($representations: [_Any!]!) { _entities(representations: $representations) { __typename ... on Event { id name } } }",
  { representations },
);
assert.deepEqual(fetched._entities, [...ids.map((one) => ({ __typename: "Event", ...one })), null]);
console.log(`@apollo/composition: a supergraph of two subgraphs, ${hints.length} hints; references are resolved`);
