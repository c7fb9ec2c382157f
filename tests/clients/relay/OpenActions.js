import { graphql } from "relay-runtime";

export const query = graphql`
  query OpenActionsQuery($id: ID!) {
    ...OpenActions_list
    node(id: $id) { ...OpenActions_action @alias(as: "action") }
  }
`;

export const list = graphql`
  fragment OpenActions_list on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" })
  @refetchable(queryName: "OpenActionsNextPage") {
    correctiveActions(first: $first, after: $after, filter: { status: { eq: OPEN } })
      @connection(key: "OpenActions_correctiveActions") {
      edges { node { id ...OpenActions_action } }
    }
  }
`;

export const action = graphql`
  fragment OpenActions_action on CorrectiveAction {
    text
    region { code }
    finding { text correctiveActions(first: 10) { totalCount nodes { id status } } }
  }
`;
