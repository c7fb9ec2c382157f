//! Reads SQL results into columns by binary COPY, without allocating a string per row.

use std::sync::Arc;

use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use hotwash_schema::SchemaError;
use hotwash_schema::copy::OpenTransaction;

use super::labels::Labels;
use super::names::SharedNames;
use super::tables::FieldKind;

/// A column builder.
pub(crate) enum Filling {
    Key(Vec<Option<i64>>),
    Integer(Vec<Option<i32>>),
    Flag(Vec<Option<i8>>),
    Number(Vec<Option<f64>>),
    Label(Vec<Option<i32>>, Labels),
}

impl Filling {
    fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Key => Self::Key(Vec::new()),
            FieldKind::Id | FieldKind::Day | FieldKind::Capability => Self::Integer(Vec::new()),
            FieldKind::Flag => Self::Flag(Vec::new()),
            FieldKind::Number => Self::Number(Vec::new()),
            FieldKind::Label | FieldKind::Set | FieldKind::Region => {
                Self::Label(Vec::new(), Labels::default())
            }
        }
    }

    /// Returns a builder that continues from an earlier list of labels.
    pub fn after(kind: FieldKind, names: Option<&Arc<Vec<String>>>) -> Self {
        match names {
            Some(names) => Self::Label(Vec::new(), Labels::after(names)),
            None => Self::of(kind),
        }
    }

    fn push(
        &mut self,
        kind: FieldKind,
        field: Option<&[u8]>,
        names: &SharedNames,
    ) -> Result<(), SchemaError> {
        let wrong = || {
            SchemaError::Database(format!(
                "snapshot: a {kind:?} came with {:?} bytes",
                field.map(<[u8]>::len)
            ))
        };
        let fixed =
            |bytes: &[u8]| <[u8; 4]>::try_from(bytes).map(i32::from_be_bytes).map_err(|_| wrong());
        let wide = |bytes: &[u8]| <[u8; 8]>::try_from(bytes).map_err(|_| wrong());
        match self {
            Self::Key(list) => list.push(field.map(wide).transpose()?.map(i64::from_be_bytes)),
            Self::Number(list) => list.push(field.map(wide).transpose()?.map(f64::from_be_bytes)),
            // Postgres counts days from 2000.
            Self::Integer(list) if kind == FieldKind::Day => {
                list.push(field.map(fixed).transpose()?.map(|days| days + 10_957))
            }
            Self::Integer(list) => list.push(field.map(fixed).transpose()?),
            Self::Flag(list) => {
                list.push(field.and_then(|bytes| bytes.first()).map(|byte| *byte as i8))
            }
            Self::Label(list, labels) if kind == FieldKind::Region => {
                let id = field.map(fixed).transpose()?.unwrap_or(-1);
                list.push(Some(labels.position(names.region(id))));
            }
            Self::Label(list, labels) => {
                let name = field.map(std::str::from_utf8).transpose().map_err(|_| wrong())?;
                list.push(name.map(|name| labels.position(name)));
            }
        }
        Ok(())
    }
}

/// Runs a statement and returns its columns.
pub(crate) async fn columns(
    transaction: &OpenTransaction<'_>,
    rows: &(impl QueryFragment<Pg> + Sync),
    kinds: &[(&'static str, FieldKind)],
    names: &SharedNames,
) -> Result<Vec<Filling>, SchemaError> {
    fill(
        transaction,
        rows,
        kinds,
        names,
        kinds.iter().map(|(_, kind)| Filling::of(*kind)).collect(),
    )
    .await
}

/// Runs the statement and appends its rows to the column builders.
pub(super) async fn fill(
    transaction: &OpenTransaction<'_>,
    rows: &(impl QueryFragment<Pg> + Sync),
    kinds: &[(&'static str, FieldKind)],
    names: &SharedNames,
    mut filling: Vec<Filling>,
) -> Result<Vec<Filling>, SchemaError> {
    transaction
        .copy_rows(rows, kinds.len(), |column, field| {
            match (filling.get_mut(column), kinds.get(column)) {
                (Some(filling), Some((_, kind))) => filling.push(*kind, field, names),
                _ => Ok(()),
            }
        })
        .await?;
    Ok(filling)
}
