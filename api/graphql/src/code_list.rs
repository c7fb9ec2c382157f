//! Codes of reference lists that a query names. A deployment may extend these lists, so their codes
//! are texts and no enums. A code that its list lacks is an error, not an empty answer.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Value;
use hotwash_schema::formula::Formula;

/// Code of the records without a code, in every list.
pub const UNMAPPED: &str = "unmapped";

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

    /// Returns the codes, each with the name of the field or argument and its list.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(&'static str, CodeList, String)> {
        self.0.iter()
    }
}

/// Codes of the lists that were read, by the meaning of a list. One entry for each list, so they
/// need no limit.
#[derive(Default)]
pub struct KnownCodes(Mutex<HashMap<&'static str, Arc<BTreeSet<String>>>>);

impl KnownCodes {
    pub(super) fn has(&self, list: &CodeList, code: &str) -> bool {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.get(list.meaning).is_some_and(|codes| codes.contains(code))
    }

    pub(super) fn store(&self, list: &CodeList, codes: &Arc<BTreeSet<String>>) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.insert(list.meaning, Arc::clone(codes));
    }
}
