// Breaking changes of the GraphQL schema since the last release must be in its changelog: schema_changes.mjs REPOSITORY
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const repository = process.argv[2];
const git = (...command) =>
  execFileSync("git", ["-C", repository, ...command], { encoding: "utf8", maxBuffer: 1 << 28 });
const present = readFileSync(`${repository}/api/schema.graphql`, "utf8");
const changelog = readFileSync(`${repository}/docs/schema-changelog.md`, "utf8");

async function breaking(before, after) {
  const changes = await diff(buildSchema(before), buildSchema(after));
  return changes.filter((change) => change.criticality.level === CriticalityLevel.Breaking);
}

// The check itself: a removed field is found.
const earlier = present.replace(/^type Query \{$/m, "type Query {\n\tadded: Int\n");
if (!(await breaking(earlier, present)).some((change) => change.path === "Query.added")) {
  throw new Error("graphql-inspector did not find that Query.added was removed");
}

const releases = git("tag", "--list", "v*", "--sort=-v:refname").split("\n").filter(Boolean);
if (releases.length === 0) {
  console.log("graphql-inspector: nothing is released, so no change of the schema breaks a client");
} else {
  const changes = await breaking(git("show", `${releases[0]}:api/schema.graphql`), present);
  const missing = changes.filter((change) => !changelog.includes(`\`${change.path}\``));
  for (const change of missing) {
    console.error(`docs/schema-changelog.md does not name \`${change.path}\`: ${change.message}`);
  }
  if (missing.length > 0) process.exit(1);
  console.log(`graphql-inspector: the changelog names every breaking change since ${releases[0]}`);
}
