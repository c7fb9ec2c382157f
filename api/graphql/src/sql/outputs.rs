//! Outputs of a rendered tree: for Diesel, or to find the tables, the text or the values in it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types;

use super::render::{Out, Render};
use super::tree::{Aggregate, Column, Condition, Expression, Join, Select};
use super::value::Value;

/// Adapter for Diesel's pass over a tree.
struct Pass<'a, 'b>(AstPass<'a, 'b, Pg>);

impl<'b> Out<'b> for Pass<'_, 'b> {
    fn sql(&mut self, text: &str) {
        self.0.push_sql(text);
    }

    fn value(&mut self, value: &'b Value) -> QueryResult<()> {
        let pass = &mut self.0;
        match value {
            Value::Text(text) => pass.push_bind_param::<sql_types::Text, _>(text),
            Value::Int(number) => pass.push_bind_param::<sql_types::Integer, _>(number),
            Value::Long(number) => pass.push_bind_param::<sql_types::BigInt, _>(number),
            Value::Float(number) => pass.push_bind_param::<sql_types::Double, _>(number),
            Value::Boolean(flag) => pass.push_bind_param::<sql_types::Bool, _>(flag),
            Value::Date(day) => pass.push_bind_param::<sql_types::Date, _>(day),
            Value::DateTime(moment) => pass.push_bind_param::<sql_types::Timestamptz, _>(moment),
            Value::Ids(ids) => pass.push_bind_param::<sql_types::Array<sql_types::Integer>, _>(ids),
            Value::Keys(keys) => {
                pass.push_bind_param::<sql_types::Array<sql_types::BigInt>, _>(keys)
            }
        }
    }
}

macro_rules! fragments {
    ($($part:ty),+) => {
        $(impl QueryFragment<Pg> for $part {
            fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                self.render(&mut Pass(pass))
            }
        })+
    };
}

fragments!(Aggregate, Column, Condition, Expression, Join, Select);

#[derive(Default)]
struct UsedTables(HashSet<String>);

impl<'b> Out<'b> for UsedTables {
    fn sql(&mut self, _: &str) {}

    fn column(&mut self, table: &str, _: &str) {
        if !self.0.contains(table) {
            self.0.insert(table.to_owned());
        }
    }

    fn value(&mut self, _: &'b Value) -> QueryResult<()> {
        Ok(())
    }
}

/// Returns the aliases of the tables whose columns a part uses.
pub fn used_tables(part: &impl Render) -> HashSet<String> {
    let mut used = UsedTables::default();
    // Rendering cannot fail here, because no value is bound.
    let _ = part.render(&mut used);
    used.0
}

#[derive(Default)]
struct Fingerprint(DefaultHasher);

impl<'b> Out<'b> for Fingerprint {
    fn sql(&mut self, text: &str) {
        self.0.write(text.as_bytes());
    }

    fn value(&mut self, value: &'b Value) -> QueryResult<()> {
        value.type_name().hash(&mut self.0);
        Ok(())
    }
}

/// Returns a hash of a statement's text, without its values.
pub fn fingerprint(part: &impl Render) -> u64 {
    let mut fingerprint = Fingerprint::default();
    let _ = part.render(&mut fingerprint);
    fingerprint.0.finish()
}

#[derive(Default)]
struct Key(String);

impl<'b> Out<'b> for Key {
    fn sql(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn value(&mut self, value: &'b Value) -> QueryResult<()> {
        let text = value.text();
        // Hash the length too, so that adjacent texts cannot be confused.
        for piece in [" value ", value.type_name(), " ", &text.len().to_string(), " ", &text] {
            self.0.push_str(piece);
        }
        Ok(())
    }
}

/// Returns a text that identifies a part, including its values. The text is never run.
pub fn key(part: &impl Render) -> String {
    let mut key = Key::default();
    let _ = part.render(&mut key);
    key.0
}
