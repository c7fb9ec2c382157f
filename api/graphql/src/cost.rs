//! Query cost: fields times the records of their lists, plus the other measures that have limits.
//! Fragments are measured once, so that nested fragments cannot make measuring itself expensive.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Value, Variables};
use async_graphql_value::Value as InputValue;
use hotwash_metrics::{ExtraKind, MetricDefinition, registry};

use super::aggregate::functions::{
    COUNT_DISTINCT, FUNCTIONS, Function, MINUTES_BETWEEN, PERCENTILE,
};
use super::arguments::{MOST, PAGE};
use super::catalog::ENTITIES;
use super::entity::{Entity, Many};
use super::filter::KEY;
use super::full_text::SEARCH;
use super::search::HITS;

/// Assumed length of a list without a given size.
const LIST: u64 = 100;
/// Maximum nesting of selections with fragments expanded, as in the library that runs documents.
pub const MOST_NESTING: u64 = 32;
/// Lists of introspection and of metrics, with their assumed length.
const LISTS: [(&str, u64); 14] = [
    ("types", 200),
    ("fields", 20),
    ("args", 5),
    ("inputFields", 20),
    ("enumValues", 10),
    ("possibleTypes", 20),
    ("interfaces", 2),
    ("directives", 5),
    ("rows", LIST),
    ("metrics", LIST),
    ("compareRegions", 10),
    ("happened", 6),
    ("learned", 5),
    ("differences", 10),
];

/// Typed fields of metrics, and lists in their rows.
struct MetricNames {
    fields: HashSet<String>,
    lists: HashSet<&'static str>,
}

static METRICS: LazyLock<MetricNames> = LazyLock::new(|| {
    let definitions = || registry().iter().map(|metric| metric.definition());
    let extras = definitions().flat_map(|definition| definition.extras);
    let lists = extras.filter(|extra| matches!(extra.kind, ExtraKind::List(_)));
    MetricNames {
        fields: definitions().map(MetricDefinition::field_name).collect(),
        lists: lists.map(|extra| extra.name).collect(),
    }
});

/// Arguments whose conditions add cost.
const FILTERS: [&str; 2] = ["filter", "having"];
/// Cost of a comparison, which is evaluated for every record of the type.
const COMPARISON: u64 = 20;
/// Cost of a text search in every record.
const PATTERN: u64 = 500;
/// Cost of each value in a list of values.
const VALUE: u64 = 2;
/// Cost of a condition on related records, and of an aggregate's value that sorts the records.
const RELATED: u64 = 200;

/// Measured size and cost of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryCost {
    /// Maximum nesting of fields.
    pub depth: u64,
    /// Maximum nesting of selections with fragments expanded, including unused fragments.
    pub nesting: u64,
    /// Number of fields. Each alias counts as a field.
    pub fields: u64,
    /// Number of aliased fields.
    pub aliases: u64,
    /// Number of directives.
    pub directives: u64,
    /// Fields times the records of their lists, plus filter conditions.
    pub cost: u64,
    /// Cost of an aggregate's values that are computed for every record, whatever the number of
    /// groups.
    pub records: u64,
}

impl QueryCost {
    /// Adds the measures of two selections at the same level.
    fn plus(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            cost: self.cost.saturating_add(other.cost),
            records: self.records.saturating_add(other.records),
        }
    }
}

/// Position of a selection in the schema, as far as its lists matter.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Position {
    Query,
    /// Connection with this number of records.
    Connection(&'static str, u64),
    Edge(&'static str),
    Record(&'static str),
    /// Group of an aggregate.
    Group,
    /// Values of a group that are sorted to be computed.
    Sorted,
    /// Other values of a group.
    Values,
    Other,
}

/// Measures the operation with this name, or all operations.
pub fn measure(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) -> QueryCost {
    let named = document
        .operations
        .iter()
        .filter(|(name, _)| operation.is_none() || name.map(Name::as_str) == operation)
        .map(|(_, operation)| &operation.node);
    named.fold(QueryCost::default(), |sum, operation| {
        let mut walk = Walk { document, operation, variables, fragments: HashMap::new(), level: 0 };
        let mut own = walk.selection(&operation.selection_set.node, Position::Query);
        own.directives = own.directives.saturating_add(operation.directives.len() as u64);
        // The validator also visits unused fragments.
        for name in document.fragments.keys() {
            own.nesting = own.nesting.max(walk.fragment(name, Position::Other).nesting);
        }
        own.nesting = own.nesting.min(MOST_NESTING + 1);
        sum.plus(own)
    })
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// Measures of fragments by position. A fragment in progress counts as zero; validation rejects
    /// the cycle.
    fragments: HashMap<(&'a str, Position), QueryCost>,
    /// Current nesting of selections.
    level: u64,
}

impl<'a> Walk<'a> {
    fn selection(&mut self, set: &'a SelectionSet, position: Position) -> QueryCost {
        if set.items.is_empty() {
            return QueryCost::default();
        }
        if self.level > MOST_NESTING {
            // Stop measuring once the document is rejected. A chain of fragments can be as long as
            // the request.
            return QueryCost { nesting: 1, fields: 1, ..QueryCost::default() };
        }
        self.level += 1;
        let mut measured = self.items(set, position);
        self.level -= 1;
        measured.nesting += 1;
        measured
    }

    fn items(&mut self, set: &'a SelectionSet, position: Position) -> QueryCost {
        set.items.iter().fold(QueryCost::default(), |sum, item| {
            let (mut one, directives) = match &item.node {
                Selection::Field(field) => {
                    (self.field(&field.node, position), field.node.directives.len())
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    (
                        self.selection(&inline.node.selection_set.node, on_type(on, position)),
                        inline.node.directives.len(),
                    )
                }
                Selection::FragmentSpread(spread) => (
                    self.fragment(spread.node.fragment_name.node.as_str(), position),
                    spread.node.directives.len(),
                ),
            };
            one.directives = one.directives.saturating_add(directives as u64);
            sum.plus(one)
        })
    }

    fn fragment(&mut self, name: &'a str, position: Position) -> QueryCost {
        if let Some(known) = self.fragments.get(&(name, position)) {
            return *known;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            // Count the spread itself, so that empty fragments cannot multiply without limit.
            return QueryCost { fields: 1, ..QueryCost::default() };
        };
        self.fragments.insert((name, position), QueryCost::default());
        let on = Some(fragment.node.type_condition.node.on.node.as_str());
        let measured = self.selection(&fragment.node.selection_set.node, on_type(on, position));
        self.fragments.insert((name, position), measured);
        measured
    }

    fn field(&mut self, field: &'a Field, position: Position) -> QueryCost {
        let (inside, times) = self.below(field, position);
        let inner = self.selection(&field.selection_set.node, inside);
        let conditions: u64 = field
            .arguments
            .iter()
            .filter(|(name, _)| FILTERS.contains(&name.node.as_str()))
            .map(|(_, value)| self.value(&value.node).map_or(0, |value| conditions(&value)))
            .sum();
        // Groups are ordered by their own numbers.
        let is_list = !field.name.node.as_str().ends_with("Aggregate");
        let order = field.get_argument("orderBy").filter(|_| is_list);
        let order = order.and_then(|order| self.value(&order.node));
        let conditions = conditions.saturating_add(order.map_or(0, |order| order_cost(&order)));
        let records = inner.records.saturating_add(match position {
            Position::Sorted => RELATED,
            Position::Values if field.name.node.as_str() == MINUTES_BETWEEN => RELATED,
            _ => 0,
        });
        // The aggregate itself has the cost of its values.
        let (own, records) = if position == Position::Query { (records, 0) } else { (0, records) };
        let conditions = conditions.saturating_add(own);
        let is_search = position == Position::Query && field.name.node.as_str() == SEARCH;
        let conditions = conditions.saturating_add(if is_search { PATTERN } else { 0 });
        QueryCost {
            depth: inner.depth + 1,
            nesting: inner.nesting,
            fields: inner.fields.saturating_add(1),
            aliases: inner.aliases.saturating_add(u64::from(field.alias.is_some())),
            directives: inner.directives,
            records,
            cost: inner.cost.saturating_mul(times).saturating_add(conditions).saturating_add(1),
        }
    }

    /// Returns the position below a field, and the number of records there.
    fn below(&self, field: &Field, position: Position) -> (Position, u64) {
        let name = field.name.node.as_str();
        let given = || self.number(field, "first").or_else(|| self.number(field, "last"));
        match position {
            Position::Query => {
                if let Some(entity) =
                    ENTITIES.iter().find(|entity| !entity.list.is_empty() && entity.list == name)
                {
                    return if entity.connection {
                        (Position::Connection(entity.name, given().unwrap_or(PAGE as u64)), 1)
                    } else {
                        (Position::Record(entity.name), LIST)
                    };
                }
                let listed = match name {
                    "nodes" => field.get_argument("ids"),
                    "_entities" => field.get_argument("representations"),
                    _ => None,
                };
                if let Some(ids) = listed {
                    let ids = self.value(&ids.node);
                    let count = if let Some(Value::List(ids)) = ids { ids.len() as u64 } else { 1 };
                    return (Position::Other, count.max(1));
                }
                if METRICS.fields.contains(name) || name == "changes" {
                    return (Position::Other, 1);
                }
                if name == SEARCH {
                    return (Position::Other, given().unwrap_or(HITS as u64));
                }
                if name.ends_with("Aggregate") {
                    return (Position::Group, self.number(field, "limit").unwrap_or(MOST as u64));
                }
            }
            Position::Connection(entity, size) => match name {
                "nodes" => return (Position::Record(entity), size),
                "edges" => return (Position::Edge(entity), size),
                _ => {}
            },
            Position::Edge(entity) if name == "node" => return (Position::Record(entity), 1),
            Position::Record(entity) => {
                if let Some(relation) = named(entity).and_then(|entity| {
                    entity.relations.iter().find(|relation| relation.name == name)
                }) {
                    return match relation.many {
                        Many::One => (Position::Record(relation.target), 1),
                        Many::List => (
                            Position::Connection(relation.target, given().unwrap_or(PAGE as u64)),
                            1,
                        ),
                    };
                }
            }
            Position::Group => {
                let is_sorted = name == PERCENTILE
                    || name == COUNT_DISTINCT
                    || FUNCTIONS.contains(&(name, Function::Median));
                return (if is_sorted { Position::Sorted } else { Position::Values }, 1);
            }
            Position::Edge(_) | Position::Sorted | Position::Values | Position::Other => {}
        }
        let known = LISTS.iter().find(|(list, _)| *list == name).map(|(_, size)| *size);
        let default_size = match name {
            "records" | "changes" => PAGE as u64,
            list if METRICS.lists.contains(list) => LIST,
            _ => 1,
        };
        (Position::Other, given().or(known).unwrap_or(default_size))
    }

    /// Returns a given list size, at least 1. Sizes above the maximum are rejected by the resolver.
    fn number(&self, field: &Field, argument: &str) -> Option<u64> {
        match self.value(&field.get_argument(argument)?.node)? {
            Value::Number(number) => Some(number.as_u64().unwrap_or(1).clamp(1, 10 * MOST as u64)),
            _ => None,
        }
    }

    /// Returns a value with variables replaced; missing ones become null. Returns `None` if the
    /// value itself is a missing variable.
    fn value(&self, given: &InputValue) -> Option<Value> {
        if let InputValue::Variable(name) = given {
            return self.variable(name);
        }
        let put = |name: Name| {
            Ok::<_, std::convert::Infallible>(self.variable(&name).unwrap_or_default())
        };
        given.clone().into_const_with(put).ok()
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        self.variables.get(name).cloned().or_else(|| self.default_of(name))
    }

    fn default_of(&self, name: &Name) -> Option<Value> {
        let definition =
            self.operation.variable_definitions.iter().find(|one| one.node.name.node == *name)?;
        Some(definition.node.default_value.as_ref()?.node.clone())
    }
}

/// Returns the cost of a filter's conditions.
fn conditions(filter: &Value) -> u64 {
    let members = match filter {
        Value::Object(members) => members,
        Value::List(list) => return list.iter().map(conditions).sum(),
        _ => return 0,
    };
    let cost = |(name, value): (&Name, &Value)| match (name.as_str(), value) {
        (_, Value::Null) => 0,
        ("and" | "or" | "not", value) => conditions(value),
        (KEY, Value::Object(keys)) => RELATED + COMPARISON * keys.len() as u64,
        ("contains" | "startsWith", _) | (SEARCH, Value::String(_)) => PATTERN,
        ("in" | "notIn", Value::List(list)) => COMPARISON + VALUE * list.len() as u64,
        // A field contains comparisons; a related record contains fields.
        (_, Value::Object(inner))
            if inner.values().any(|value| matches!(value, Value::Object(_))) =>
        {
            RELATED + conditions(value)
        }
        (_, Value::Object(_)) => conditions(value),
        _ => COMPARISON,
    };
    members.iter().map(cost).fold(0, u64::saturating_add)
}

/// Returns the cost of an order by fields of related records.
fn order_cost(order: &Value) -> u64 {
    match order {
        Value::List(list) => list.iter().map(order_cost).fold(0, u64::saturating_add),
        Value::Object(members) => members
            .values()
            .filter(|value| matches!(value, Value::Object(_)))
            .map(|value| RELATED.saturating_add(order_cost(value)))
            .fold(0, u64::saturating_add),
        _ => 0,
    }
}

fn named(name: &str) -> Option<&'static Entity> {
    ENTITIES.iter().find(|entity| entity.name == name).copied()
}

/// Returns the position under a type condition.
fn on_type(on: Option<&str>, position: Position) -> Position {
    on.and_then(named).map_or(position, |entity| Position::Record(entity.name))
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use rstest::rstest;

    use super::*;

    fn of(query: &str, variables: serde_json::Value) -> QueryCost {
        measure(&parse_query(query).unwrap(), None, &Variables::from_json(variables))
    }

    #[rstest]
    #[case("{ regions { code } }", 1 + 100)]
    #[case("{ events { totalCount } }", 1 + 1)]
    #[case("{ events(first: 10) { nodes { name kind } } }", 1 + 1 + 10 * 2)]
    #[case("{ events(last: 10) { edges { node { name } } } }", 1 + 1 + 10 * (1 + 1))]
    #[case("query q($n: Int = 7) { events(first: $n) { nodes { name } } }", 1 + 1 + 7)]
    #[case("{ events(first: 10) { nodes { regions { nodes { code } } } } }", 1 + 1 + 10 * (1 + 1 + 50))]
    #[case("{ events(first: 10) { nodes { ...e } } } fragment e on Event { regions(first: 3) { \
        nodes { code } } }", 1 + 1 + 10 * (1 + 1 + 3))]
    #[case("{ incidentAggregate(limit: 5) { count } }", 1 + 5)]
    #[case("{ eventAggregate(limit: 5) { avg { durationHours } median { durationHours } } }",
        1 + 5 * 4 + 200)]
    #[case("{ eventAggregate(limit: 1) { max { minutesBetween(to: \"x\") } } }", 1 + 2 + 200)]
    #[case("{ nodes(ids: [\"x\", \"y\"]) { id } }", 1 + 2)]
    #[case("{ search(text: \"x\") { title } }", 1 + 500 + 20)]
    #[case("{ search(text: \"x\", first: 5) { event { name } } }", 1 + 500 + 5 * 2)]
    #[case("{ metric(id: \"x\") { rows { value records { totalCount } } } }", 1 + 1 + 100 * (1 + 51))]
    #[case("{ responseControl(last: 5) { rows { points { value } } } }", 1 + 1 + 100 * (1 + 100))]
    #[case("{ node(id: \"x\") { ... on Finding { text event { name } } } }", 1 + 1 + 1 + 1)]
    fn the_cost_is_the_fields_times_the_records_of_their_lists(
        #[case] query: &str,
        #[case] cost: u64,
    ) {
        assert_eq!(of(query, serde_json::json!({})).cost, cost, "{query}");
    }

    #[test]
    fn an_order_by_fields_of_related_records_costs_a_look_up_of_each() {
        let order = "{ findings(first: 1, orderBy: [{ number: ASC }, { event: { hazard: { name: \
            ASC } } }]) { totalCount } }";
        assert_eq!(of(order, serde_json::json!({})).cost, 1 + 1 + 2 * RELATED);
    }

    #[rstest]
    #[case("{}", 0)]
    #[case("{ name: { eq: \"x\" } }", 20)]
    #[case("{ name: { eq: \"x\", isNull: false }, kind: null }", 40)]
    #[case("{ name: { contains: \"x\" } }", 500)]
    #[case("{ kind: { in: [\"a\", \"b\", \"c\"] } }", 20 + 3 * 2)]
    #[case("{ search: \"x\" }", 500)]
    #[case("{ key: { region: \"3\", month: null } }", 200 + 2 * 20)]
    #[case(
        "{ or: [{ name: { contains: \"x\" } }, { name: { startsWith: \"y\" } }], not: { kind: { \
         ne: \"z\" } } }",
        1020
    )]
    #[case("{ hazard: { code: { eq: \"x\" } } }", 200 + 20)]
    fn each_condition_costs(#[case] filter: &str, #[case] cost: u64) {
        let document = format!("{{ events(filter: {filter}) {{ totalCount }} }}");
        assert_eq!(of(&document, serde_json::json!({})).cost, 2 + cost, "{document}");
        let given = "query q($f: EventFilter) { events(filter: $f) { totalCount } }";
        let parsed = parse_query(&document).unwrap();
        let value = match parsed.operations.iter().next().unwrap().1.node.selection_set.node.items
            [0]
        .node
        .clone()
        {
            async_graphql::parser::types::Selection::Field(field) => {
                field.node.arguments[0].1.node.clone()
            }
            _ => unreachable!("a field"),
        };
        let json = value.into_const().unwrap().into_json().unwrap();
        assert_eq!(of(given, serde_json::json!({ "f": json })).cost, 2 + cost, "as a variable");
        assert_eq!(of(given, serde_json::json!({})).cost, 2);
        let nested = "{ events(first: 10) { nodes { findings(filter: { and: [{ text: { eq: \"x\" } \
            }] }) { totalCount } } } }";
        assert_eq!(
            of(nested, serde_json::json!({})).cost,
            2 + 10 * (2 + 20),
            "once a record of the page"
        );
    }

    #[test]
    fn a_variable_decides_the_size_and_cannot_hide_it() {
        let query = "query q($n: Int) { events(first: $n) { nodes { name } } }";
        assert_eq!(of(query, serde_json::json!({ "n": 1000 })).cost, 1002);
        assert_eq!(of(query, serde_json::json!({ "n": -1 })).cost, 3);
    }

    #[test]
    fn fragments_that_multiply_are_counted_without_being_walked_each_time() {
        let mut query = "{ events(first: 1) { nodes { ...f0 } } } ".to_owned();
        for level in 0..60 {
            query += &format!("fragment f{level} on Event {{ ...f{0} ...f{0} }} ", level + 1);
        }
        query += "fragment f60 on Event { name }";
        assert!(of(&query, serde_json::json!({})).fields > 1 << 30);
        let letters: Vec<char> = ('a'..='z').collect();
        let pairs = letters
            .windows(2)
            .map(|pair| format!("fragment {0} on Query {{ ...{1} ...{1} }} ", pair[0], pair[1]));
        let of_nothing = format!(
            "{{ ...a }} {} fragment z on Query {{ ...nothing }}",
            pairs.collect::<String>()
        );
        assert!(of(&of_nothing, serde_json::json!({})).fields > 1 << 24);
        let circle = "{ events { nodes { ...a } } } fragment a on Event { ...b } fragment b on \
            Event { name ...a }";
        assert!(of(circle, serde_json::json!({})).fields < 10);
    }

    #[test]
    fn chains_of_fragments_are_measured_to_the_limit_whether_used_or_not() {
        for query in ["{ events { nodes { ...f0 } } }", "{ regions { code } }"] {
            let chain = |length: u64| {
                let links = (0..length)
                    .map(|link| format!("fragment f{link} on Event {{ ...f{} }} ", link + 1));
                format!(
                    "{query} {}fragment f{length} on Event {{ name }}",
                    links.collect::<String>()
                )
            };
            assert_eq!(of(&chain(20_000), serde_json::json!({})).nesting, MOST_NESTING + 1);
            assert!(of(&chain(20), serde_json::json!({})).nesting <= MOST_NESTING);
        }
    }

    #[test]
    fn depth_aliases_and_directives_are_counted_through_fragments() {
        let measured = of(
            "{ a: events @include(if: true) { nodes { ...f @skip(if: false) } } } fragment f on \
             Event { x: incident { event { name } } }",
            serde_json::json!({}),
        );
        assert_eq!(
            (measured.depth, measured.aliases, measured.directives, measured.fields),
            (5, 2, 2, 5)
        );
    }
}
