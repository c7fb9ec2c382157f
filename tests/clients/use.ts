// Does not run: what the generated types promise is what is used here.
import type { AnyMetricQuery, ClosureQuery, GroupsQueryVariables, OpenActionsQuery, OpenActionsQueryVariables } from "./generated.js";
import type { Json } from "./json.js";

export const variables: OpenActionsQueryVariables = {
  filter: { status: { in: ["OPEN", "IN_PROGRESS"] }, event: { hazard: { category: { eq: "biological" } } }, not: { text: { isNull: true } } },
  first: 10,
};
export const groups: GroupsQueryVariables = { by: ["HAZARD_CODE", "YEAR"], having: { count: { gte: 5 }, sum: { deathsDirect: { gt: 0 } } } } as GroupsQueryVariables;

export function opened(answer: OpenActionsQuery): string[] {
  // A day that is never empty has no null in its type.
  return (answer.correctiveActions?.nodes ?? []).map((action) => action.openedOn.slice(0, 4) + (action.event?.hazard?.category ?? ""));
}

export function shares(answer: ClosureQuery): number {
  return (answer.actionClosure?.rows ?? []).reduce((sum, row) => sum + (row.value ?? 0) * row.n, 0);
}

// The generic metric has JSON, which is typed too.
export function extras(answer: AnyMetricQuery): Json[] {
  return (answer.metric?.rows ?? []).map((row) => row.extra);
}
