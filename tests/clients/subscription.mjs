// graphql-ws: the state comes at once, and again when a load in another process has changed the warehouse.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, hotwash] = process.argv.slice(2);
const client = createClient({ url: `${url.replace("http", "ws")}/graphql`, webSocketImpl: WebSocket });
const updates = client.iterate({ query: "subscription { warehouseUpdated { version snapshotVersion tables { table rows } } }" });
const limit = setTimeout(() => { console.log("no update within three minutes"); process.exit(1); }, 180_000);

const { value: first } = await updates.next();
assert.ok(first.data.warehouseUpdated.version >= 0);
const example = execFileSync(hotwash, ["template", "events"], { encoding: "utf8" });
const file = join(mkdtempSync(join(tmpdir(), "hotwash-")), "events.csv");
// A new event each time this runs.
writeFileSync(file, example.replaceAll("EXAMPLE-EVENT-1", `EXAMPLE-EVENT-${Date.now()}`));
execFileSync(hotwash, ["load", file], { stdio: "ignore" });
const { value: second } = await updates.next();
assert.ok(second.data.warehouseUpdated.version > first.data.warehouseUpdated.version);

// Queries go over the same socket.
const { value: asked } = await client.iterate({ query: "{ regions { code } }" }).next();
assert.equal(asked.data.regions.length, 6);
await client.dispose();
clearTimeout(limit);
console.log("graphql-ws: told of a load in another process");
