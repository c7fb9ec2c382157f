// Audits a running server against the GraphQL-over-HTTP specification: node audit.mjs URL
import { serverAudits } from "graphql-http";

const url = process.argv[2];
let failed = 0;
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const result = await audit.fn();
  if (result.status !== "ok") {
    failed += result.status === "notice" ? 0 : 1;
    console.log(`${result.status} ${audit.id}: ${audit.name}: ${result.reason ?? ""}`);
  }
}
console.log(`graphql-http audit: ${failed} errors or warnings`);
process.exit(failed ? 1 : 0);
