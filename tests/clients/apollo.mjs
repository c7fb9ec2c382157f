// Apollo Client: pages of a Relay list put together in its cache, and records found again by their global ids.
import assert from "node:assert/strict";
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

const [url] = process.argv.slice(2);
let requests = 0;
const client = new ApolloClient({
  link: new HttpLink({ uri: `${url}/graphql`, fetch: (...asked) => (requests++, fetch(...asked)) }),
  cache: new InMemoryCache({ typePolicies: { Query: { fields: { incidents: relayStylePagination(["filter", "orderBy"]) } } } }),
});
const query = gql`
  query Page($after: String) {
    incidents(first: 10, after: $after, orderBy: [{ localDate: ASC }]) {
      totalCount
      edges { cursor node { id response event { id name regions { totalCount nodes { id code } } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
const first = (await client.query({ query })).data.incidents;
assert.equal(first.edges.length, 10);
const watched = client.watchQuery({ query });
const shown = watched.subscribe(() => {});
await watched.fetchMore({ variables: { after: first.pageInfo.endCursor } });
const both = client.readQuery({ query }).incidents;
assert.equal(both.edges.length, 20);
assert.equal(new Set(both.edges.map((edge) => edge.node.id)).size, 20, "no record twice");
assert.equal(requests, 2);
const again = await client.query({ query });
assert.equal(requests, 2, "answered from the cache");
assert.equal(again.data.incidents.edges.length, 20);
const { id, event } = both.edges[0].node;
assert.equal(client.cache.identify({ __typename: "Event", id: event.id }) in client.cache.extract(), true);
const node = await client.query({ query: gql`query Node($id: ID!) { node(id: $id) { id ... on Incident { response } } }`, variables: { id } });
assert.equal(node.data.node.__typename, "Incident");
console.log("Apollo Client: pages put together, records known by their ids");
shown.unsubscribe();
client.stop();
