// graphql-sse: subscriptions and queries over event streams, each in a request of its own.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-sse";

const [url, hotwash] = process.argv.slice(2);
const limit = setTimeout(() => { console.log("graphql-sse: no event within three minutes"); process.exit(1); }, 180_000);
const client = createClient({ url: `${url}/graphql`, singleConnection: false, retryAttempts: 0 });

const updates = client.iterate({ query: "subscription { warehouseUpdated { version } }" });
const { value: first } = await updates.next();
assert.ok(first.data.warehouseUpdated.version >= 0);
const example = execFileSync(hotwash, ["template", "events"], { encoding: "utf8" });
const file = join(mkdtempSync(join(tmpdir(), "hotwash-")), "events.csv");
writeFileSync(file, example.replaceAll("EXAMPLE-EVENT-1", `EXAMPLE-EVENT-SSE-${Date.now()}`));
execFileSync(hotwash, ["load", file], { stdio: "ignore" });
const { value: second } = await updates.next();
assert.ok(second.data.warehouseUpdated.version > first.data.warehouseUpdated.version);
await updates.return();

const results = [];
for await (const result of client.iterate({ query: "query Codes($first: Int) { events(first: $first) { nodes { id } } }", variables: { first: 2 } })) {
  results.push(result);
}
assert.equal(results.length, 1, "a query has one result, then completes");
assert.equal(results[0].data.events.nodes.length, 2);

const { value: invalid, done } = await client.iterate({ query: "{ nonsense }" }).next();
assert.equal(done, false);
assert.equal(invalid.errors[0].extensions.code, "BAD_USER_INPUT");

const many = Array.from({ length: 20 }, () => client.iterate({ query: "{ regions { code } }" }).next());
assert.ok((await Promise.all(many)).every(({ value }) => value.data.regions.length === 6));
client.dispose();
clearTimeout(limit);
console.log("graphql-sse: an event at once and after a load, queries, errors");
