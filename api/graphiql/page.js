// The query page: GraphiQL over this server's own /graphql, with all it needs from this server.
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { GraphiQL } from "graphiql";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import "graphiql/style.css";
import "./page.css";

// The editor's languages work in threads of their own, which come from beside this script.
const workers = { json: "json.worker.js", graphql: "graphql.worker.js" };
globalThis.MonacoEnvironment = {
  getWorker: (_, label) =>
    new Worker(new URL(workers[label] ?? "editor.worker.js", import.meta.url), { type: "module" }),
};

const firstQuery = `# Ctrl-Enter runs the query; Ctrl-Space completes; the book on the left explains every field.
query Burden {
  incidentAggregate(
    filter: { localDate: { gte: "2020-01-01" } }
    groupBy: [HAZARD_CODE, YEAR]
    having: { count: { gte: 5 } }
    orderBy: [{ count: DESC }]
    limit: 10
  ) {
    key { hazardCode year }
    count
    sum { deathsDirect injuriesDirect }
  }
  metric(id: "incident_burden", groupBy: [REGION]) {
    snapshotVersion
    rows { region value n ciLow ciHigh reliability }
  }
}
`;

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const fetcher = createGraphiQLFetcher({
  url: "/graphql",
  subscriptionUrl: `${scheme}//${location.host}/graphql`,
});

createRoot(document.getElementById("graphiql")).render(
  createElement(GraphiQL, { fetcher, defaultQuery: firstQuery, defaultEditorToolsVisibility: "variables", shouldPersistHeaders: false },
    createElement(GraphiQL.Logo, null, createElement("a", { href: "/", className: "home" }, "Hotwash"))),
);
