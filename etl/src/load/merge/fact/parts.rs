//! Rows of other tables that belong to a record, and totals that follow from it. They differ by
//! nature from one record type to the next.

use hotwash_schema::record::RecordType;

use crate::sql::{SqlFile, sql};

/// Rows that belong to the records of a type.
#[derive(Default)]
pub struct Parts {
    /// Their tables, keyed by the record's id, each with the statement that fills it.
    pub tables: &'static [(&'static str, SqlFile)],
    /// Query that counts missing references of these tables.
    pub unknown: Option<SqlFile>,
    /// Statements that compute totals.
    pub totals: &'static [SqlFile],
}

/// Returns the parts of a record type.
pub fn parts_of(record: &RecordType) -> Parts {
    match record.name {
        "information_request" => Parts {
            tables: &[("information_report", sql!("information_request/insert_reports.sql"))],
            ..Parts::default()
        },
        "finding" => Parts {
            tables: &[("finding_element", sql!("finding/insert_elements.sql"))],
            unknown: Some(sql!("finding/count_unknown_elements.sql")),
            ..Parts::default()
        },
        "risk_score" => Parts {
            totals: &[sql!("risk_score/rank.sql"), sql!("risk_score/overall.sql")],
            ..Parts::default()
        },
        _ => Parts::default(),
    }
}
