//! Input coercion by the GraphQL specification (3.12, 6.1.2, 6.4.1), applied to the document before
//! it runs. A missing variable is absent, not null. A single value counts as a list of one. Values
//! of a wrong type are rejected with what would fit.

use std::collections::{HashMap, HashSet};
use std::fmt;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition,
    OperationType, Selection, SelectionSet,
};
use async_graphql::registry::{MetaInputValue, MetaType, MetaTypeName, Registry};
use async_graphql::{Name, Pos, Positioned, ServerError, Variables};
use async_graphql_value::{ConstValue, Value};
use hotwash_schema::nearest::{choices, did_you_mean};

use super::guard::wrong;
use super::scalar::ScalarKind;
use super::sql;

/// Maximum number of characters of a value that a message repeats.
const LONGEST: usize = 80;

/// Checks the values in all operations of a document, without values for variables.
///
/// # Errors
/// Fails when a value does not fit its type, or a variable the place where it is used.
pub fn check(document: &ExecutableDocument, registry: &Registry) -> Result<(), ServerError> {
    let mut copy = document.clone();
    for (name, operation) in document.operations.iter() {
        let ExecutableDocument { operations, fragments } = &mut copy;
        let Some(selected) = operation_named(operations, name.map(Name::as_str)) else { continue };
        let reached = reached(&operation.node, fragments);
        let fragments = fragments.iter_mut().filter(|(name, _)| reached.contains(*name));
        Coercion::new(registry).operation(
            &mut selected.node,
            None,
            fragments.map(|(_, one)| one),
        )?;
    }
    Ok(())
}

/// Coerces the arguments and variables of the operation that will run, and drops the others. A
/// document without that operation is unchanged.
///
/// # Errors
/// Fails when a required variable is missing, or a value does not fit its type.
pub fn coerce(
    document: &mut ExecutableDocument,
    operation: Option<&str>,
    variables: &mut Variables,
    registry: &Registry,
) -> Result<(), ServerError> {
    let ExecutableDocument { operations, fragments } = document;
    let Some(selected) = operation_named(operations, operation) else { return Ok(()) };
    let reached = reached(&selected.node, fragments);
    fragments.retain(|name, _| reached.contains(name));
    let mut walk = Coercion::new(registry);
    walk.operation(&mut selected.node, Some(variables), fragments.values_mut())?;
    // Nothing references these variables any more, and the validator rejects unused ones.
    let left_out = walk.left_out;
    let is_used = |name: &Name| !left_out.contains(name);
    selected.node.variable_definitions.retain(|one| is_used(&one.node.name.node));
    if let (DocumentOperations::Multiple(list), Some(name)) = (operations, operation) {
        list.retain(|other, _| other == name);
    }
    Ok(())
}

/// Returns the operation that a name selects; without a name, the only one.
pub fn operation_named<'d>(
    operations: &'d mut DocumentOperations,
    name: Option<&str>,
) -> Option<&'d mut Positioned<OperationDefinition>> {
    match (operations, name) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Multiple(list), Some(name)) => list.get_mut(name),
        (DocumentOperations::Multiple(list), None) if list.len() == 1 => list.values_mut().next(),
        _ => None,
    }
}

/// Returns the names of the fragments that an operation uses, directly or not.
pub fn reached(
    operation: &OperationDefinition,
    fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
) -> HashSet<Name> {
    let (mut names, mut sets) = (HashSet::new(), vec![&operation.selection_set.node]);
    while let Some(set) = sets.pop() {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => sets.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = fragments.get(name)
                        && names.insert(name.clone())
                    {
                        sets.push(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
    names
}

/// Returns the root type of an operation.
pub fn root_type<'r>(operation: &OperationDefinition, registry: &'r Registry) -> Option<&'r str> {
    match operation.ty {
        OperationType::Query => Some(registry.query_type.as_str()),
        OperationType::Mutation => registry.mutation_type.as_deref(),
        OperationType::Subscription => registry.subscription_type.as_deref(),
    }
}

/// Origin of a value, which determines how enum members are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Document,
    Json,
}

/// A variable of the operation.
struct Declared {
    of: String,
    has_default: bool,
    is_absent: bool,
}

/// A step of the path to a value.
enum Step {
    Member(Name),
    Item(usize),
}

struct Coercion<'a> {
    registry: &'a Registry,
    declared: HashMap<Name, Declared>,
    /// Absent variables that the document uses.
    left_out: HashSet<Name>,
    path: Vec<Step>,
}

type ListArguments = Vec<(Positioned<Name>, Positioned<Value>)>;

impl<'a> Coercion<'a> {
    fn new(registry: &'a Registry) -> Self {
        let (declared, left_out, path) = (HashMap::new(), HashSet::new(), Vec::new());
        Self { registry, declared, left_out, path }
    }

    /// Coerces an operation and the fragments that it uses. Without `given`, no variable is taken
    /// to be absent.
    fn operation<'d>(
        &mut self,
        operation: &mut OperationDefinition,
        given: Option<&mut Variables>,
        fragments: impl Iterator<Item = &'d mut Positioned<FragmentDefinition>>,
    ) -> Result<(), ServerError> {
        self.variables(operation, given)?;
        self.directives(&mut operation.directives)?;
        let root = root_type(operation, self.registry);
        self.selection(&mut operation.selection_set.node, root)?;
        for fragment in fragments {
            let on = fragment.node.type_condition.node.on.node.clone();
            self.directives(&mut fragment.node.directives)?;
            self.selection(&mut fragment.node.selection_set.node, Some(&on))?;
        }
        Ok(())
    }

    /// Coerces the values of variables and their defaults.
    fn variables(
        &mut self,
        operation: &mut OperationDefinition,
        mut given: Option<&mut Variables>,
    ) -> Result<(), ServerError> {
        for definition in &mut operation.variable_definitions {
            let pos = definition.pos;
            let (name, of) =
                (definition.node.name.node.clone(), definition.node.var_type.node.to_string());
            let default = definition.node.default_value.as_mut();
            let has_default =
                default.as_ref().is_some_and(|default| default.node != ConstValue::Null);
            self.path = vec![Step::Member(Name::new(format!("${name}")))];
            let default = match default {
                Some(default) => {
                    self.constant(&of, &mut default.node, Origin::Document, pos)?;
                    Some(default.node.clone())
                }
                None => None,
            };
            let Some(given) = given.as_deref_mut() else {
                self.declared.insert(name, Declared { of, has_default, is_absent: false });
                continue;
            };
            if let Some(default) = default {
                given.entry(name.clone()).or_insert(default);
            } else if !given.contains_key(&name) && of.ends_with('!') {
                return Err(wrong(
                    &format!("{} must be given: its type is {of}", Path(&self.path)),
                    [pos],
                ));
            }
            if let Some(value) = given.get_mut(&name) {
                self.constant(&of, value, Origin::Json, pos)?;
            }
            let is_absent = !given.contains_key(&name);
            self.declared.insert(name, Declared { of, has_default, is_absent });
        }
        Ok(())
    }

    fn constant(
        &mut self,
        of: &str,
        value: &mut ConstValue,
        origin: Origin,
        pos: Pos,
    ) -> Result<(), ServerError> {
        let mut coerced = std::mem::take(value).into_value();
        self.value(of, false, &mut coerced, origin).map_err(|message| wrong(&message, [pos]))?;
        *value = coerced.into_const().unwrap_or_default();
        Ok(())
    }

    fn selection(&mut self, set: &mut SelectionSet, on: Option<&str>) -> Result<(), ServerError> {
        let registry = self.registry;
        let of = on.and_then(|on| registry.types.get(on));
        for item in &mut set.items {
            self.path.clear();
            self.directives(item.node.directives_mut())?;
            match &mut item.node {
                Selection::Field(field) => {
                    let field = &mut field.node;
                    let known = of.and_then(|of| of.field_by_name(&field.name.node));
                    self.path = vec![Step::Member(field.name.node.clone())];
                    self.arguments(&mut field.arguments, known.map(|known| &known.args))?;
                    let inner = known.map(|known| MetaTypeName::concrete_typename(&known.ty));
                    self.selection(&mut field.selection_set.node, inner)?;
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map(|condition| condition.node.on.node.clone());
                    self.selection(
                        &mut fragment.node.selection_set.node,
                        condition.as_deref().or(on),
                    )?;
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        Ok(())
    }

    fn directives(&mut self, directives: &mut [Positioned<Directive>]) -> Result<(), ServerError> {
        let registry = self.registry;
        for directive in directives {
            let name = &directive.node.name.node;
            self.path = vec![Step::Member(Name::new(format!("@{name}")))];
            let Some(known) = registry.directives.get(name.as_str()) else {
                return Err(wrong(&unknown_directive(name), [directive.pos]));
            };
            self.arguments(&mut directive.node.arguments, Some(&known.args))?;
        }
        Ok(())
    }

    fn arguments(
        &mut self,
        arguments: &mut ListArguments,
        known: Option<&IndexMap<String, MetaInputValue>>,
    ) -> Result<(), ServerError> {
        for (name, mut value) in std::mem::take(arguments) {
            self.path.push(Step::Member(name.node.clone()));
            let present = match known.and_then(|known| known.get(name.node.as_str())) {
                Some(argument) => {
                    let has_default = argument.default_value.is_some();
                    let coerced =
                        self.value(&argument.ty, has_default, &mut value.node, Origin::Document);
                    coerced.map_err(|message| wrong(&message, [value.pos]))?
                }
                None => self.untyped(&mut value.node),
            };
            self.path.pop();
            if present {
                arguments.push((name, value));
            }
        }
        Ok(())
    }

    /// Coerces a value to a type; returns false if the value is absent.
    fn value(
        &mut self,
        of: &str,
        has_default: bool,
        value: &mut Value,
        origin: Origin,
    ) -> Result<bool, String> {
        if let Value::Variable(name) = value {
            return self.variable(of, has_default, name);
        }
        match (MetaTypeName::create(of), &mut *value) {
            (MetaTypeName::NonNull(_), Value::Null) => {
                Err(format!("{} must not be null: its type is {of}", Path(&self.path)))
            }
            (MetaTypeName::NonNull(of), value) => self.value(of, false, value, origin),
            (_, Value::Null) => Ok(true),
            (MetaTypeName::List(of), Value::List(items)) => {
                for (at, item) in items.iter_mut().enumerate() {
                    self.path.push(Step::Item(at));
                    if !self.value(of, false, item, origin)? {
                        *item = Value::Null;
                    }
                    self.path.pop();
                }
                Ok(true)
            }
            (MetaTypeName::List(of), single) => {
                self.value(of, false, single, origin)?;
                *value = Value::List(vec![std::mem::take(single)]);
                Ok(true)
            }
            (MetaTypeName::Named(name), value) => self.named(name, value, origin),
        }
    }

    /// Checks where a variable is used; false when it is absent.
    fn variable(&mut self, of: &str, has_default: bool, name: &Name) -> Result<bool, String> {
        // The validator reports variables that are not declared.
        let Some(declared) = self.declared.get(name) else { return Ok(true) };
        let at = MetaTypeName::create(of);
        let at = if at.is_non_null() && (declared.has_default || has_default) {
            at.unwrap_non_null()
        } else {
            at
        };
        if !fits(MetaTypeName::create(&declared.of), at) {
            let path = Path(&self.path);
            return Err(format!(
                "{path} takes {of}, but ${name} is declared as {}; declare it as {of}",
                declared.of
            ));
        }
        Ok(self.given(name))
    }

    /// Removes absent variables where no type is known: in JSON scalars, and where the validator
    /// will reject the name.
    fn untyped(&mut self, value: &mut Value) -> bool {
        match value {
            Value::Variable(name) => return self.given(name),
            Value::List(items) => {
                for item in items {
                    if !self.untyped(item) {
                        *item = Value::Null;
                    }
                }
            }
            Value::Object(members) => members.retain(|_, member| self.untyped(member)),
            _ => {}
        }
        true
    }

    fn given(&mut self, name: &Name) -> bool {
        let is_absent = self.declared.get(name).is_some_and(|declared| declared.is_absent);
        if is_absent {
            self.left_out.insert(name.clone());
        }
        !is_absent
    }

    fn named(&mut self, name: &str, value: &mut Value, origin: Origin) -> Result<bool, String> {
        let registry = self.registry;
        match registry.types.get(name) {
            Some(MetaType::Enum { enum_values, .. }) => {
                let known = |word: &str| enum_values.contains_key(word);
                match value {
                    Value::Enum(word) if known(word) => {}
                    Value::String(word) if origin == Origin::Json && known(word) => {
                        *value = Value::Enum(Name::new(word))
                    }
                    other => {
                        let words = enum_values.keys().map(String::as_str);
                        let given = match &*other {
                            Value::String(word) => word.as_str(),
                            Value::Enum(word) => word.as_str(),
                            _ => "",
                        };
                        let near = did_you_mean(given, words.clone());
                        let words = words.collect::<Vec<_>>().join(", ");
                        return Err(self.must_be(&format!("{name}, one of {words}"), other) + &near);
                    }
                }
            }
            Some(MetaType::InputObject { input_fields, .. }) => {
                let Value::Object(members) = value else {
                    return Err(self.must_be(&format!("{name}, an object"), value));
                };
                let mut retained = IndexMap::with_capacity(members.len());
                for (member, mut value) in std::mem::take(members) {
                    self.path.push(Step::Member(member.clone()));
                    let present = match input_fields.get(member.as_str()) {
                        Some(field) => self.value(
                            &field.ty,
                            field.default_value.is_some(),
                            &mut value,
                            origin,
                        )?,
                        None => self.untyped(&mut value),
                    };
                    self.path.pop();
                    if present {
                        retained.insert(member, value);
                    }
                }
                *members = retained;
            }
            Some(MetaType::Scalar { .. }) => return self.scalar(name, value),
            _ => return Ok(self.untyped(value)),
        }
        Ok(true)
    }

    fn scalar(&mut self, name: &str, value: &mut Value) -> Result<bool, String> {
        let (does_fit, should_be) = match (name, &*value) {
            ("ID", Value::Number(number)) if number.is_i64() || number.is_u64() => {
                *value = Value::String(number.to_string());
                return Ok(true);
            }
            ("ID", value) => (matches!(value, Value::String(_)), "an id, a text"),
            ("String", value) => (matches!(value, Value::String(_)), "text"),
            ("Boolean", value) => (matches!(value, Value::Boolean(_)), "true or false"),
            ("Int", Value::Number(number)) => (
                number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
                "a whole number of 32 bits",
            ),
            ("Int", _) => (false, "a whole number"),
            ("Long", value) => {
                (matches!(value, Value::Number(_) | Value::String(_)), "a whole number")
            }
            ("Float", value) => (matches!(value, Value::Number(_)), "a number"),
            ("Date", value) => (is_of(ScalarKind::Date, value), "a day such as \"2026-06-30\""),
            ("DateTime", value) => {
                let does_fit = is_of(ScalarKind::DateTime, value);
                (does_fit, "a moment such as \"2026-06-30T14:00:00Z\"")
            }
            _ => return Ok(self.untyped(value)),
        };
        if does_fit { Ok(true) } else { Err(self.must_be(should_be, value)) }
    }

    fn must_be(&self, what: &str, value: &Value) -> String {
        let written = value.to_string();
        let mut shown: String = written.chars().take(LONGEST).collect();
        if shown.len() < written.len() {
            shown.push('…');
        }
        format!("{} must be {what}, not {shown}", Path(&self.path))
    }
}

/// Returns the message about a directive that queries do not have.
fn unknown_directive(name: &str) -> String {
    match name {
        "defer" | "stream" => format!(
            "@{name} is not supported: an answer arrives complete. Leave it out; to get a first \
             part sooner, send two queries, or page with `first` and `after`"
        ),
        _ => format!(
            "there is no directive @{name}{}",
            choices(name, ["include", "skip"].into_iter())
        ),
    }
}

/// Returns whether a text is a value of this kind.
fn is_of(kind: ScalarKind, value: &Value) -> bool {
    matches!(value, Value::String(text) if sql::Value::parse(kind, text).is_some())
}

/// Returns whether a variable of one type may be used where another is expected (specification
/// 5.8.5).
fn fits(variable: MetaTypeName<'_>, location: MetaTypeName<'_>) -> bool {
    let inner = MetaTypeName::create;
    match (variable, location) {
        (MetaTypeName::NonNull(variable), MetaTypeName::NonNull(location)) => {
            fits(inner(variable), inner(location))
        }
        (_, MetaTypeName::NonNull(_)) => false,
        (MetaTypeName::NonNull(variable), location) => fits(inner(variable), location),
        (MetaTypeName::List(variable), MetaTypeName::List(location)) => {
            fits(inner(variable), inner(location))
        }
        (MetaTypeName::Named(variable), MetaTypeName::Named(location)) => variable == location,
        _ => false,
    }
}

/// Writes a way as `correctiveActions.orderBy[0].status`.
struct Path<'a>(&'a [Step]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if at == 0 => write!(out, "{name}")?,
                Step::Member(name) => write!(out, ".{name}")?,
                Step::Item(item) => write!(out, "[{item}]")?,
            }
        }
        Ok(())
    }
}
