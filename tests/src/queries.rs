//! Random queries over the entire schema: lists, nested records, filters, orders and aggregates,
//! generated from introspection.

use std::collections::BTreeMap;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, IteratorRandom};
use serde_json::Value;

use crate::Server;

const INTROSPECTION: &str = "{ __schema { types { kind name enumValues { name } \
    inputFields { name type { kind name ofType { kind name ofType { kind name ofType { kind name } \
    } } } } \
    fields { name type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } \
             args { name type { kind name ofType { kind name ofType { kind name ofType { kind name \
             } } } } } } } } }";

/// Root fields about loads, the current time or all regions' aggregates; never compared.
const APART: [&str; 9] = [
    "node",
    "nodes",
    "search",
    "batches",
    "rejects",
    "warnings",
    "metrics",
    "compareRegions",
    "warehouse",
];

/// Returns true if a root field is never compared, as are the fields of metrics.
fn is_apart(root: &Member) -> bool {
    APART.contains(&root.name.as_str()) || root.of.ends_with("MetricResult")
}

/// Types whose records are open to everyone.
const OPEN: [&str; 4] = ["CapabilityCrosswalk", "Municipality", "Organization", "Requirement"];

#[derive(Default)]
struct Type {
    fields: Vec<Member>,
    inputs: Vec<Member>,
    values: Vec<String>,
}

struct Member {
    name: String,
    kind: String,
    of: String,
    list: bool,
    arguments: Vec<(String, String)>,
}

/// The schema, and values and ids that occur in the warehouse.
pub struct Queries {
    types: BTreeMap<String, Type>,
    values: BTreeMap<(String, String), Vec<Value>>,
    ids: BTreeMap<String, Vec<String>>,
}

/// Returns kind and name of the innermost type, and whether it is in a list.
fn innermost(of: &Value) -> (String, String, bool) {
    let mut list = false;
    let mut at = of;
    while at["ofType"].is_object() {
        list |= at["kind"] == "LIST";
        at = &at["ofType"];
    }
    let text = |name: &str| at[name].as_str().unwrap_or_default().to_owned();
    (text("kind"), text("name"), list)
}

fn members(list: &Value) -> Vec<Member> {
    let member = |one: &Value| {
        let (kind, of, list) = innermost(&one["type"]);
        let arguments = one["args"].as_array().into_iter().flatten();
        let arguments = arguments.map(|argument| {
            (
                argument["name"].as_str().unwrap_or_default().to_owned(),
                innermost(&argument["type"]).1,
            )
        });
        Member {
            name: one["name"].as_str().unwrap_or_default().to_owned(),
            kind,
            of,
            list,
            arguments: arguments.collect(),
        }
    };
    list.as_array().into_iter().flatten().map(member).collect()
}

impl Queries {
    /// Reads the schema of a server that shows everything to every viewer.
    pub fn of(server: &Server) -> Self {
        let answer = server.data(INTROSPECTION);
        let mut types = BTreeMap::new();
        for one in answer["__schema"]["types"].as_array().into_iter().flatten() {
            let values = one["enumValues"].as_array().into_iter().flatten();
            let made = Type {
                fields: members(&one["fields"]),
                inputs: members(&one["inputFields"]),
                values: values
                    .filter_map(|value| value["name"].as_str().map(str::to_owned))
                    .collect(),
            };
            types.insert(one["name"].as_str().unwrap_or_default().to_owned(), made);
        }
        let mut queries = Self { types, values: BTreeMap::new(), ids: BTreeMap::new() };
        for list in queries.lists() {
            let name = queries.record_of(&list);
            let scalars: Vec<String> = queries.types[&name]
                .fields
                .iter()
                .filter(|field| field.kind != "OBJECT" && field.arguments.is_empty())
                .map(|field| field.name.clone())
                .collect();
            let page = server
                .data(&format!("{{ {list}(first: 150) {{ nodes {{ {} }} }} }}", scalars.join(" ")));
            for node in page[&list]["nodes"].as_array().into_iter().flatten() {
                for (field, value) in node.as_object().into_iter().flatten() {
                    if field == "id" {
                        let id = value.as_str().unwrap_or_default().to_owned();
                        queries.ids.entry(name.clone()).or_default().push(id);
                    } else if !value.is_null() {
                        queries
                            .values
                            .entry((name.clone(), field.clone()))
                            .or_default()
                            .push(value.clone());
                    }
                }
            }
        }
        queries
    }

    /// Lists of records, by their fields of the query.
    pub fn lists(&self) -> Vec<String> {
        let roots = self.types["Query"].fields.iter();
        let connections =
            roots.filter(|field| field.of.ends_with("Connection") && !is_apart(field));
        connections.map(|field| field.name.clone()).collect()
    }

    fn record_of(&self, list: &str) -> String {
        let field = self.types["Query"].fields.iter().find(|field| field.name == list);
        field.map(|field| field.of.trim_end_matches("Connection").to_owned()).unwrap_or_default()
    }

    /// Some ids, with their types, of records that are not open to everyone.
    pub fn ids(&self, random: &mut StdRng, count: usize) -> Vec<(String, String)> {
        let kinds: Vec<_> = self
            .ids
            .iter()
            .filter(|(kind, ids)| !ids.is_empty() && !OPEN.contains(&kind.as_str()))
            .collect();
        let some = (0..count).filter_map(|_| {
            let (kind, ids) = kinds.choose(random)?;
            Some(((*kind).clone(), ids.choose(random)?.clone()))
        });
        some.collect()
    }

    /// A query for one record.
    pub fn node(&self, kind: &str, id: &str, random: &mut StdRng) -> String {
        format!(
            "{{ node(id: \"{id}\") {{ id ... on {kind} {} }} }}",
            self.selection(kind, 2, random)
        )
    }

    /// Any query.
    pub fn any(&self, random: &mut StdRng) -> String {
        let roots = self.types["Query"].fields.iter().filter(|field| !is_apart(field));
        let Some(root) = roots.choose(random) else { return String::new() };
        let mut arguments = self.arguments(root, random);
        if root.of.ends_with("Group")
            && !arguments.iter().any(|argument| argument.starts_with("groupBy"))
        {
            arguments.push("groupBy: []".into());
        }
        format!("{{ {}{} {} }}", root.name, joined(&arguments), self.selection(&root.of, 4, random))
    }

    /// Returns an aggregate with all group fields except sums of fractions, which depend on the
    /// order of records.
    pub fn aggregate(&self, random: &mut StdRng) -> String {
        let roots = self.types["Query"].fields.iter().filter(|field| field.of.ends_with("Group"));
        let Some(root) = roots.choose(random) else { return String::new() };
        let group = &self.types[&root.of];
        let of = |name: &str| {
            group.fields.iter().find(|field| field.name == name).map(|field| &self.types[&field.of])
        };
        let names = |made: Option<&Type>| -> Vec<String> {
            made.map(|made| made.fields.iter().map(|field| field.name.clone()).collect())
                .unwrap_or_default()
        };
        let whole: Vec<String> = of("sum").map_or_else(Vec::new, |sums| {
            let whole = sums.fields.iter().filter(|field| field.of == "Long");
            whole.map(|field| field.name.clone()).collect()
        });
        let mut arguments: Vec<String> = self.arguments(root, random);
        arguments.retain(|argument| !argument.starts_with("orderBy"));
        let function = *["sum", "avg", "min", "max"].choose(random).unwrap_or(&"sum");
        let mut order = vec!["{ count: DESC }".to_owned(), "{ key: DESC }".to_owned()];
        if let Some(field) = whole.choose(random) {
            order.push(format!("{{ {function}: {{ {field}: DESC }} }}"));
            if random.random_bool(0.2) {
                arguments.push(format!(
                    "having: {{ {function}: {{ {field}: {{ gte: {} }} }} }}",
                    random.random_range(0..5)
                ));
            }
        }
        if random.random_bool(0.2)
            && !arguments.iter().any(|argument| argument.starts_with("having"))
        {
            arguments
                .push(format!("having: {{ count: {{ gt: {} }} }}", random.random_range(0..20)));
        }
        if random.random_bool(0.6) {
            let order: Vec<String> = order.choose_multiple(random, 2).cloned().collect();
            arguments.push(format!("orderBy: [{}]", order.join(", ")));
        }
        if random.random_bool(0.2) {
            arguments.push(format!("limit: {}", random.random_range(0..6)));
        }
        let mut reported =
            vec!["count".to_owned(), format!("key {{ {} }}", names(of("key")).join(" "))];
        for function in ["sum", "avg"].iter().filter(|_| !whole.is_empty()) {
            reported.push(format!("{function} {{ {} }}", whole.join(" ")));
        }
        for function in ["min", "max"] {
            let plain = of(function).into_iter().flat_map(|made| &made.fields);
            let plain = plain.filter(|field| field.arguments.is_empty());
            let all: Vec<String> = plain.map(|field| field.name.clone()).collect();
            if !all.is_empty() {
                reported.push(format!("{function} {{ {} }}", all.join(" ")));
            }
        }
        format!("{{ {}{} {{ {} }} }}", root.name, joined(&arguments), reported.join(" "))
    }

    fn arguments(&self, field: &Member, random: &mut StdRng) -> Vec<String> {
        let mut arguments = Vec::new();
        for (name, of) in &field.arguments {
            match name.as_str() {
                "filter" if random.random_bool(0.7) => {
                    arguments.push(format!("filter: {}", self.filter(of, 3, random)));
                }
                "first" if random.random_bool(0.8) => {
                    arguments.push(format!("first: {}", random.random_range(1..12)))
                }
                "orderBy"
                    if of.ends_with("Order")
                        && !of.contains("Aggregate")
                        && random.random_bool(0.4) =>
                {
                    arguments.push(format!("orderBy: [{}]", self.order(of, 2, random)));
                }
                "groupBy" => {
                    let count = random.random_range(0..3);
                    let keys: Vec<&str> = self.types[of]
                        .values
                        .choose_multiple(random, count)
                        .map(String::as_str)
                        .collect();
                    arguments.push(format!("groupBy: [{}]", keys.join(", ")));
                }
                "p" => arguments.push(format!("p: 0.{}", random.random_range(1..10))),
                _ => {}
            }
        }
        arguments
    }

    /// An order by a field, of the record or of related records.
    fn order(&self, of: &str, depth: usize, random: &mut StdRng) -> String {
        let inputs = self.types[of].inputs.iter();
        let inputs = inputs.filter(|input| input.kind != "INPUT_OBJECT" || depth > 0);
        let Some(by) = inputs.choose(random) else { return "{}".into() };
        let direction = if by.kind == "INPUT_OBJECT" {
            self.order(&by.of, depth - 1, random)
        } else {
            (*["ASC", "DESC"].choose(random).unwrap_or(&"ASC")).to_owned()
        };
        format!("{{ {}: {direction} }}", by.name)
    }

    fn selection(&self, of: &str, depth: usize, random: &mut StdRng) -> String {
        let Some(made) = self.types.get(of) else { return "{ __typename }".into() };
        let mut parts: Vec<String> = vec!["__typename".into()];
        let (leaves, branches): (Vec<&Member>, Vec<&Member>) = made
            .fields
            .iter()
            .partition(|field| !matches!(field.kind.as_str(), "OBJECT" | "INTERFACE"));
        let page = of.ends_with("Connection") || of.ends_with("Edge");
        for field in leaves.iter().filter(|field| field.name == "id" || page) {
            parts.push(field.name.clone());
        }
        let count = random.random_range(1..=4);
        let plain: Vec<&&Member> =
            leaves.iter().filter(|field| field.arguments.is_empty()).collect();
        for field in plain.choose_multiple(random, count) {
            if !parts.contains(&field.name) {
                parts.push(field.name.clone());
            }
        }
        if depth > 0 {
            let count = if page { 2 } else { random.random_range(0..=2) };
            for field in branches.choose_multiple(random, count) {
                // Sums of fractions depend on the order of the records.
                if matches!(field.name.as_str(), "sum" | "avg" | "edges" | "source") {
                    continue;
                }
                let next = if page { depth } else { depth - 1 };
                let arguments = joined(&self.arguments(field, random));
                parts.push(format!(
                    "{}{arguments} {}",
                    field.name,
                    self.selection(&field.of, next, random)
                ));
            }
        }
        format!("{{ {} }}", parts.join(" "))
    }

    fn filter(&self, of: &str, depth: usize, random: &mut StdRng) -> String {
        let Some(made) = self.types.get(of) else { return "{}".into() };
        let record = of.trim_end_matches("ListFilter").trim_end_matches("Filter");
        let mut parts: Vec<String> = Vec::new();
        let count = random.random_range(1..=2);
        for field in made.inputs.choose_multiple(random, count) {
            let nested = field.kind == "INPUT_OBJECT"
                && self.types[&field.of].inputs.iter().any(|input| input.name == "and");
            if nested && depth == 0 {
                continue;
            }
            if field.kind == "SCALAR" {
                parts.push(format!("{}: \"plan or training\"", field.name));
                continue;
            }
            parts.push(match (nested, field.list) {
                (true, true) => {
                    format!("{}: [{}]", field.name, self.filter(&field.of, depth - 1, random))
                }
                (true, false) => {
                    format!("{}: {}", field.name, self.filter(&field.of, depth - 1, random))
                }
                _ => format!("{}: {}", field.name, self.comparison(record, field, random)),
            });
        }
        format!("{{ {} }}", parts.join(" "))
    }

    fn comparison(&self, record: &str, field: &Member, random: &mut StdRng) -> String {
        let Some(operator) =
            self.types.get(&field.of).and_then(|operators| operators.inputs.choose(random))
        else {
            return "{}".into();
        };
        let known = self.values.get(&(record.to_owned(), field.name.clone()));
        let value = match (operator.kind.as_str(), operator.of.as_str(), known) {
            ("ENUM", of, _) => self.types[of].values.choose(random).cloned().unwrap_or_default(),
            (_, "ID", _) => "null".to_owned(),
            (_, "Boolean", _) => random.random_bool(0.5).to_string(),
            (_, _, Some(values)) if random.random_bool(0.9) => {
                values.choose(random).map(Value::to_string).unwrap_or_default()
            }
            (_, "Int" | "Long" | "Float", _) => random.random_range(0..50).to_string(),
            (_, "Date", _) => format!("\"202{}-06-30\"", random.random_range(0..7)),
            (_, "DateTime", _) => format!("\"202{}-06-30T12:00:00Z\"", random.random_range(0..7)),
            _ => format!(
                "\"{}\"",
                ["1", "2", "3", "4AB", "4C", "5", "biological", "a", "e"]
                    .choose(random)
                    .unwrap_or(&"1")
            ),
        };
        // A known value may be text where the schema has an enum.
        let value =
            if operator.kind == "ENUM" { value.trim_matches('"').to_owned() } else { value };
        if operator.list {
            format!("{{ {}: [{value}] }}", operator.name)
        } else {
            format!("{{ {}: {value} }}", operator.name)
        }
    }
}

fn joined(arguments: &[String]) -> String {
    if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) }
}
