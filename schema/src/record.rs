//! Record types, each described once: columns with type, vocabulary, reference and meaning, staging
//! and storage, use in the API, and the template. [`RECORD_TYPES`] lists them.
//!
//! Staging tables, the order of the COPY, the shared merge, the templates and their reader, fact
//! views, policies, and the record types of GraphQL and the exports follow from the descriptions. A
//! test compares them with the tables.

mod column;
pub mod fact;
mod record_type;
pub mod template;

use std::collections::BTreeSet;

pub use column::{ApiColumn, ColumnDef, ColumnType, StagedColumn, StoredColumn, WhenEmpty};
use column::{OWN_EVENT, OWN_REGION};
pub use record_type::{Merge, Need, Parent, RecordType, Template, Visibility};

/// Maximum number of records that the API returns in one list.
pub const MAX_LISTED: i64 = 1000;

/// Declares the file of each record type, and lists the types. Referenced types come first.
macro_rules! registry {
    ($($file:ident: $($record:ident),+;)+) => {
        $(mod $file;)+
        $(pub use $file::{$($record),+};)+

        /// All record types. Referenced types come first.
        pub static RECORD_TYPES: &[&RecordType] = &[$($(&$record,)+)+];
    };
}

// The registry: a new record type is its file and one line here.
registry! {
    municipality: MUNICIPALITY;
    organization: ORGANIZATION;
    event: EVENT;
    event_county: EVENT_COUNTY;
    event_link: EVENT_LINK;
    objective: OBJECTIVE;
    participation: PARTICIPATION;
    milestone: MILESTONE;
    information_request: INFORMATION_REQUEST, INFORMATION_REPORT;
    resource_request: RESOURCE_REQUEST;
    capability_rating: CAPABILITY_RATING;
    finding: FINDING;
    corrective_action: CORRECTIVE_ACTION;
    risk_assessment: RISK_ASSESSMENT;
    risk_score: RISK_SCORE;
    requirement: REQUIREMENT;
    capability_crosswalk: CAPABILITY_CROSSWALK;
    note: NOTE;
    tracker_request: TRACKER_REQUEST;
}

/// Returns the tables that records reference by an integer: lists and dimensions, whose rows files
/// name. Keys of records are big integers.
pub fn referenced_lists() -> BTreeSet<&'static str> {
    let columns = RECORD_TYPES.iter().flat_map(|record| record.columns);
    let is_list = |column: &&ColumnDef| {
        let data_type = column.stored.map(|stored| stored.data_type);
        let staged_type = column.staged.map(|staged| staged.data_type);
        [data_type, staged_type].contains(&Some(ColumnType::Integer))
            || staged_type == Some(ColumnType::Integers)
    };
    columns.filter(is_list).filter_map(|column| column.references).collect()
}
