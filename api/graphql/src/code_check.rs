//! Checks the codes that a query names against their reference lists in the warehouse.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::Error;
use hotwash_schema::nearest::choices;

use super::code_list::{CodeList, NamedCodes, UNMAPPED};
use super::error::bad_input;
use super::pool::{Planning, QueryPool, Row};
use super::shape::RowReader as _;
use super::sql::{Expression, Select, Source};

/// Alias of the list's table.
const LIST: &str = "l";

impl NamedCodes {
    /// Checks that the lists have these codes. Reads a list only for a code that it did not have
    /// when it was read before.
    ///
    /// # Errors
    /// Fails for the first unknown code, with the nearest one, or for a database error.
    pub async fn check(&self, pool: &QueryPool) -> Result<(), Error> {
        for (name, list, code) in self.iter() {
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
