//! Codes of reference lists that a query names. A deployment may extend these lists, so their codes
//! are texts and no enums. A code that its list lacks is an error, not an empty answer.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Error, Value};
use hotwash_schema::formula::Formula;
use hotwash_schema::nearest::choices;

use super::error::bad_input;
use super::pool::{Planning, QueryPool, Row};
use super::shape::RowReader as _;
use super::sql::{Expression, Select, Source};

/// Code of the records without a code, in every list.
pub const UNMAPPED: &str = "unmapped";

/// Alias of the list's table.
const LIST: &str = "l";

/// Reference list.
#[derive(Clone, Copy, Debug)]
pub struct CodeList {
    /// What a code is, e.g. `a known hazard code`. No two lists share it.
    pub meaning: &'static str,
    /// Table.
    pub table: &'static str,
    /// Code of a row.
    pub code: Formula,
}

/// Codes that a query names, each with the name of the field or argument.
#[derive(Debug, Default)]
pub struct NamedCodes(Vec<(&'static str, CodeList, String)>);

impl NamedCodes {
    /// Adds a code, or the codes of a list of values.
    pub fn add(&mut self, name: &'static str, list: CodeList, value: &Value) {
        match value {
            Value::String(code) if code != UNMAPPED => self.0.push((name, list, code.clone())),
            Value::List(items) => items.iter().for_each(|item| self.add(name, list, item)),
            _ => {}
        }
    }

    /// Checks that the lists have these codes. Reads a list only for a code that it did not have
    /// when it was read before.
    ///
    /// # Errors
    /// Fails for the first unknown code, with the nearest one, or for a database error.
    pub async fn check(&self, pool: &QueryPool) -> Result<(), Error> {
        for (name, list, code) in &self.0 {
            if pool.codes().has(list, code) {
                continue;
            }
            let known = Arc::new(read(pool, list).await?);
            pool.codes().store(list, &known);
            if !known.contains(code) {
                let choices = choices(code, known.iter().map(String::as_str));
                let meaning = list.meaning;
                return Err(bad_input(format!("{name}: \"{code}\" must be {meaning}{choices}")));
            }
        }
        Ok(())
    }
}

async fn read(pool: &QueryPool, list: &CodeList) -> Result<BTreeSet<String>, Error> {
    let code = Expression::of(&list.code, LIST);
    let select = Select {
        columns: vec![code.clone()],
        from: Some(Source::Table(list.table, LIST.to_owned())),
        groups: vec![code],
        ..Select::default()
    };
    let rows = pool.query(&select, Planning::Cached).await?;
    let code = |row: &Row| row.with_text(0, |code| code.map(ToOwned::to_owned));
    let codes = rows.iter().map(code).collect::<Result<Vec<_>, _>>()?;
    Ok(codes.into_iter().flatten().filter(|code| code != UNMAPPED).collect())
}

/// Codes of the lists that were read, by the meaning of a list. One entry for each list, so they
/// need no limit.
#[derive(Default)]
pub struct KnownCodes(Mutex<HashMap<&'static str, Arc<BTreeSet<String>>>>);

impl KnownCodes {
    fn has(&self, list: &CodeList, code: &str) -> bool {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.get(list.meaning).is_some_and(|codes| codes.contains(code))
    }

    fn store(&self, list: &CodeList, codes: &Arc<BTreeSet<String>>) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.insert(list.meaning, Arc::clone(codes));
    }
}
