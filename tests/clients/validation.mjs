// graphql-js, the reference implementation, judges each case of the validation table as its author did: validation.mjs SCHEMA TABLE
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { buildSchema, parse, specifiedRules, validate } from "graphql";

const [sdl, table] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
const schema = buildSchema(sdl);
const cases = JSON.parse(table);
/** Operations whose kind the schema lacks; version 16 finds them when it executes a document. */
const unsupported = ({ definitions }) =>
  definitions.filter(({ operation }) => operation && !schema.getRootType(operation)).map(({ operation }) => `there is no ${operation}`);
const errors = (document) => {
  try {
    const parsed = parse(document);
    return [...validate(schema, parsed, specifiedRules).map(({ message }) => message), ...unsupported(parsed)];
  } catch (error) {
    return [error.message];
  }
};
const other = cases.filter(({ valid, document }) => valid !== (errors(document).length === 0));
for (const { rule, document } of other) console.log(`${rule}: ${document}\n  ${errors(document).join("\n  ")}`);
assert.equal(other.length, 0, `${other.length} of ${cases.length} cases are judged in another way`);
// The depth of introspection is a limit of graphql-js, not a rule of the specification.
const names = specifiedRules.map(({ name }) => name.replace(/Rule$/, "")).filter((name) => name !== "MaxIntrospectionDepth");
const known = new Set([...names, "OperationTypeExistence", "Syntax"]);
for (const rule of known) {
  const missing = [true, false].filter((valid) => !cases.some((one) => one.rule === rule && one.valid === valid));
  assert.ok(missing.length === 0, `${rule} has no case that is ${missing.map((valid) => (valid ? "valid" : "invalid"))}`);
}
console.log(`graphql-js: ${cases.length} cases of ${known.size} rules are judged alike`);
