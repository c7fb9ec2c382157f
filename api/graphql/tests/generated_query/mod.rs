//! Queries with filters, generated from any bytes and the schema: each choice takes the next byte.
//! They run without a database, up to the statement that would be sent.

use std::sync::LazyLock;
use std::time::Duration;

use async_graphql::registry::{MetaField, MetaInputValue, MetaType, MetaTypeName, Registry};
use async_graphql::{Request, ServerError, Value};
use hotwash_cache::CacheBudget;
use hotwash_graphql::{Guard, Limits, QueryPool, ViewerScope, build};
use hotwash_schema::access::{Role, Viewer};
use tokio::runtime::Runtime;

/// Codes of errors for which the query, the viewer or the missing database is responsible.
const CODES: [&str; 4] = ["BAD_USER_INPUT", "QUERY_TOO_COMPLEX", "FORBIDDEN", "UNAVAILABLE"];

/// Texts for generated values: ids, wildcards, and what a database cannot store.
const TEXTS: [&str; 16] = [
    "",
    "OPEN",
    "surge",
    "50%_\\\\",
    "O'Brien; --",
    "\\u0000",
    "\\u0130i\\u0307",
    "\\uD83D\\uDE92",
    "RXZlbnQ6MQ",
    "RXZlbnQ6OTk5OTk5OTk5OTk5OTk5OTk5OTk",
    "2025-02-30",
    "0000-01-01",
    "-262143-01-01",
    "9223372036854775808",
    "NaN",
    "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
];

const DAYS: [&str; 4] = ["2025-02-28", "2024-02-29", "0001-01-01", "9999-12-31"];

const MOMENTS: [&str; 3] =
    ["2025-03-09T02:30:00Z", "2025-03-09T02:30:00.999999999+14:00", "9999-12-31T23:59:59Z"];

/// Integers that GraphQL's `Int` holds, and numbers that it does not.
const INTEGERS: [&str; 6] = ["0", "1", "-1", "49", "2147483647", "-2147483648"];
const NUMBERS: [&str; 7] = [
    "2147483648",
    "-9223372036854775808",
    "9223372036854775808",
    "0.5",
    "-1e308",
    "1e400",
    "5e-324",
];

/// Maximum length of a generated query, in bytes.
const LONGEST: usize = 20_000;

struct Api {
    guard: Guard,
    pool: QueryPool,
    runtime: Runtime,
}

static API: LazyLock<Api> = LazyLock::new(|| {
    let limits =
        Limits { depth: 15, fields: 500, aliases: 500, directives: 10, cost: 1_000_000_000 };
    let guard = Guard::new(build().unwrap(), limits, None, 0, &CacheBudget::default());
    // No server has this socket, so that each statement fails when it would be sent.
    let pool = QueryPool::new(
        "postgres:///none?host=/nonexistent&user=none",
        1,
        1,
        Duration::from_secs(60),
    );
    Api { guard, pool, runtime: Runtime::new().unwrap() }
});

/// How a query ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was rejected before it ran.
    Rejected,
    /// It ran, up to its first statement.
    Ran,
}

/// Generates a query and runs it.
///
/// # Panics
/// Panics for an error that is the server's fault, or has no code.
pub fn run(bytes: &[u8]) -> Outcome {
    let mut bytes = Bytes(bytes);
    let scope = viewer(&mut bytes);
    let registry = API.guard.schema().registry();
    let mut query = Query { bytes, registry, aliases: 0, text: String::new() };
    query.write();
    let text = query.text;
    let mut request = Request::new(text.as_str());
    let (outcome, errors) = match API.guard.admit(&mut request, &scope.viewer) {
        Err(errors) => (Outcome::Rejected, errors),
        // A text may close the list and open another field, which needs more than this.
        Ok(_) if !has_one_field(&mut request) => (Outcome::Rejected, Vec::new()),
        Ok(_) => {
            let request = request.data(API.pool.clone()).data(scope);
            (Outcome::Ran, API.runtime.block_on(API.guard.run(request)).errors)
        }
    };
    for error in errors {
        let code = code(&error);
        let is_expected = code.as_deref().is_some_and(|code| CODES.contains(&code));
        assert!(is_expected, "{code:?} {}\n{text}", error.message);
    }
    outcome
}

fn has_one_field(request: &mut Request) -> bool {
    let operations = request.parsed_query().map(|document| {
        let operations = document.operations.iter();
        operations
            .map(|(_, operation)| operation.node.selection_set.node.items.len())
            .sum::<usize>()
    });
    operations.is_ok_and(|fields| fields == 1)
}

fn code(error: &ServerError) -> Option<String> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code.clone()),
        _ => None,
    }
}

fn viewer(bytes: &mut Bytes<'_>) -> ViewerScope {
    let role = [Role::Admin, Role::Analyst, Role::Region, Role::Viewer][bytes.below(4)];
    let (codes, regions) =
        if role == Role::Region { (vec!["1".to_owned()], vec![1]) } else { <_>::default() };
    ViewerScope { viewer: Viewer { name: "generated".to_owned(), role, regions: codes }, regions }
}

/// Bytes that decide; zeros follow them.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `count`, which is at most 65,536.
    fn below(&mut self, count: usize) -> usize {
        let mut number = usize::from(self.next());
        if count > 256 {
            number = number << 8 | usize::from(self.next());
        }
        number % count.max(1)
    }

    /// Returns true for one byte in `count`, and false once all bytes are used.
    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }
}

struct Query<'a> {
    bytes: Bytes<'a>,
    registry: &'a Registry,
    aliases: usize,
    text: String,
}

impl Query<'_> {
    /// Writes a query of one list or aggregate.
    fn write(&mut self) {
        let lists: Vec<&MetaField> = self
            .registry
            .types
            .get("Query")
            .and_then(MetaType::fields)
            .into_iter()
            .flat_map(|fields| fields.values())
            .filter(|field| {
                // Metrics need a snapshot.
                field.args.get("filter").is_some_and(|filter| !filter.ty.contains("Metric"))
            })
            .collect();
        let list = lists[self.bytes.below(lists.len())];
        if self.bytes.one_in(8) {
            // The filter is any text.
            let filter = String::from_utf8_lossy(std::mem::take(&mut self.bytes.0));
            self.text = format!("{{ {}(filter: {filter}) {{ __typename }} }}", list.name);
            return;
        }
        self.text.push_str("{ ");
        self.field(list, 4, true);
        self.text.push('}');
    }

    /// Writes a field, with some of its arguments and of the fields below it.
    fn field(&mut self, field: &MetaField, levels: usize, is_filtered: bool) {
        self.aliases += 1;
        self.text.push_str(&format!("a{}: {}", self.aliases, field.name));
        let mut open = '(';
        for argument in field.args.values() {
            let is_written = argument.ty.ends_with('!')
                || is_filtered && argument.name == "filter"
                || self.bytes.one_in(4);
            if is_written {
                self.text.push(open);
                self.member(argument, 6);
                open = ' ';
            }
        }
        if open == ' ' {
            self.text.push(')');
        }
        self.selection(MetaTypeName::concrete_typename(&field.ty), levels);
    }

    fn selection(&mut self, name: &str, levels: usize) {
        match self.registry.types.get(name) {
            Some(MetaType::Object { fields, .. }) => {
                self.text.push_str(" { __typename ");
                let fields: Vec<&MetaField> = fields.values().collect();
                let count = if levels == 0 { 0 } else { 1 + self.bytes.below(3) };
                for _ in 0..count {
                    let field = fields[self.bytes.below(fields.len())];
                    if self.text.len() < LONGEST {
                        self.field(field, levels - 1, false);
                        self.text.push(' ');
                    }
                }
                self.text.push('}');
            }
            Some(MetaType::Interface { .. } | MetaType::Union { .. }) => {
                self.text.push_str(" { __typename }");
            }
            _ => {}
        }
    }

    fn choice(&mut self, list: &[&'static str]) -> &'static str {
        list[self.bytes.below(list.len())]
    }

    fn member(&mut self, input: &MetaInputValue, levels: usize) {
        self.text.push_str(&input.name);
        self.text.push_str(": ");
        self.value(&input.ty, levels);
    }

    /// Writes a value of a type, or rarely a senseless one.
    fn value(&mut self, of: &str, levels: usize) {
        if self.bytes.one_in(128) {
            let senseless =
                ["null", "[]", "{}", "$v", "OPEN", "[[1]]", "{eq: {eq: 1}}", "\"\"\"\n\"\"\"", "@"];
            return self.text.push_str(senseless[self.bytes.below(senseless.len())]);
        }
        match MetaTypeName::create(of) {
            MetaTypeName::NonNull(inner) => self.value(inner, levels),
            MetaTypeName::List(inner) => {
                self.text.push('[');
                for _ in 0..self.bytes.below(4) {
                    self.value(inner, levels.saturating_sub(1));
                    self.text.push(' ');
                }
                self.text.push(']');
            }
            MetaTypeName::Named(name) => self.named(name, levels),
        }
    }

    fn named(&mut self, name: &str, levels: usize) {
        match self.registry.types.get(name) {
            Some(MetaType::InputObject { input_fields, oneof, .. }) => {
                let fields: Vec<&MetaInputValue> = input_fields.values().collect();
                let is_end = levels == 0 || self.text.len() > LONGEST;
                let mut count = if is_end { 0 } else { 1 + self.bytes.below(3) };
                if *oneof {
                    count = 1;
                }
                self.text.push('{');
                let first = self.bytes.below(fields.len());
                // Each field once: neighbors in the list of the type.
                for at in first..first + count.min(fields.len()) {
                    self.member(fields[at % fields.len()], levels.saturating_sub(1));
                    self.text.push(' ');
                }
                self.text.push('}');
            }
            Some(MetaType::Enum { enum_values, .. }) => {
                let at = self.bytes.below(enum_values.len());
                self.text.extend(enum_values.get_index(at).map(|(name, _)| name.as_str()));
            }
            _ => {
                // A few values are of another kind.
                let kind = if self.bytes.one_in(32) { "" } else { name };
                let scalar = match kind {
                    "Boolean" => ["true", "false"][self.bytes.below(2)].to_owned(),
                    "Int" | "Long" => self.choice(&INTEGERS).to_owned(),
                    "Float" => self.choice(&NUMBERS).to_owned(),
                    "Date" => format!("\"{}\"", self.choice(&DAYS)),
                    "DateTime" => format!("\"{}\"", self.choice(&MOMENTS)),
                    "" => self.choice(&NUMBERS).to_owned(),
                    _ => format!("\"{}\"", self.choice(&TEXTS)),
                };
                self.text.push_str(&scalar);
            }
        }
    }
}
