// Apollo Client with automatic persisted queries: a document goes over the wire once, then only its hash; GET works too.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const [url] = process.argv.slice(2);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
for (const useGETForHashedQueries of [false, true]) {
  const sent = [];
  const noted = (uri, options) => {
    const text = options.method === "GET" ? decodeURIComponent(uri) : options.body;
    sent.push(`${options.method} ${/"query"|[?&]query=/.test(text) ? "document" : "hash"}`);
    return fetch(uri, options);
  };
  const client = new ApolloClient({
    link: ApolloLink.from([
      new PersistedQueryLink({ sha256, useGETForHashedQueries }),
      new HttpLink({ uri: `${url}/graphql`, fetch: noted }),
    ]),
    cache: new InMemoryCache(),
  });
  // A document that no earlier run has sent.
  const query = gql(`query Codes${Date.now()}${useGETForHashedQueries} { regions { code } }`);
  for (let number = 0; number < 3; number++) {
    const { data } = await client.query({ query, fetchPolicy: "network-only" });
    assert.equal(data.regions.length, 6);
  }
  const named = useGETForHashedQueries ? "GET hash" : "POST hash";
  assert.deepEqual(sent, [named, "POST document", named, named]);
  client.stop();
}
console.log("Apollo Client: persisted queries are sent once, then named by their hash");
