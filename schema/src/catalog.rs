//! Reads the star schema `bi` from the database's own comments and keys. All model files for BI
//! tools are generated from this one catalog.

mod cube;
mod dbt;
mod dictionary;
mod relation;
mod superset;

pub use cube::cube;
pub use dbt::dbt;
pub use dictionary::{csv, markdown};
use diesel::sql_query;
use diesel::sql_types::Text;
use relation::quoted;
pub use relation::{Additivity, BiColumn, BiRelation, SHARES, ShareOf};
pub use superset::superset;

use crate::copy::{Connection, RunStatement};
use crate::error::SchemaError;

/// Relation and comment, then column, type and comment.
type RelationColumns = (Text, Text, Text, Text, Text);

/// Reads all relations of the schema `bi`: dimensions, the bridge, facts and metrics.
pub async fn read(url: &str) -> Result<Vec<BiRelation>, SchemaError> {
    let connection = Connection::open(url).await?;
    let rows = connection
        .rows::<RelationColumns, (String, String, String, String, String)>(sql_query(
            "select c.relname::text, coalesce(obj_description(c.oid), ''), a.attname::text, \
             format_type(a.atttypid, a.atttypmod), \
                    coalesce(col_description(c.oid, a.attnum), '') \
             from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on \
             a.attrelid = c.oid \
             where n.nspname = 'bi' and c.relkind in ('r', 'v') and a.attnum > 0 and not \
             a.attisdropped \
             order by array_position(array['dim', 'bridge', 'fact', 'metric'], \
             split_part(c.relname, '_', 1)), c.relname, a.attnum",
        ))
        .await?;
    let mut relations: Vec<BiRelation> = Vec::new();
    for (name, comment, column, data_type, column_comment) in rows {
        if relations.last().is_none_or(|last| last.name != name) {
            relations.push(BiRelation { name, comment, columns: Vec::new() });
        }
        if let Some(last) = relations.last_mut() {
            last.columns.push(BiColumn { name: column, data_type, comment: column_comment });
        }
    }
    Ok(relations)
}
