//! The rule of [`Viewer::sees_record`](super::Viewer::sees_record) as SQL, written once: the
//! conditions of GraphQL's lists and the policies of row-level security (`schema/objects/policies`)
//! are put together from the same pieces. A test compares both with the rule in code.

use crate::formula::Formula::{self, Column, Parts, Regions, Sql};

/// Public records are open to everyone who may see detail.
macro_rules! public {
    ($join:literal) => {
        Parts(&[Column($join, "sensitivity"), Sql(" = 'PUBLIC'")])
    };
}
/// So are events of the state as a whole.
macro_rules! public_event {
    ($join:literal) => {
        Parts(&[Sql("("), public!($join), Sql(" or "), Column($join, "statewide"), Sql(")")])
    };
}
/// And what belongs to one of the viewer's regions.
macro_rules! own {
    ($join:literal) => {
        Parts(&[Column($join, "region_id"), Sql(" = any("), Regions, Sql(")")])
    };
}
/// The same of a row that a formula names itself.
const OWN_ROW: Formula = Parts(&[Sql("w.region_id = any("), Regions, Sql(")")]);
/// The row of an event is open.
macro_rules! open_event {
    ($join:literal) => {
        Parts(&[
            Sql("("),
            public_event!($join),
            Sql(" or exists (select 1 from warehouse.event_region w where w.event_id = "),
            Column($join, "event_id"),
            Sql(" and "),
            OWN_ROW,
            Sql("))"),
        ])
    };
}
macro_rules! public_or_own {
    ($join:literal) => {
        Parts(&[Sql("("), public!($join), Sql(" or "), own!($join), Sql(")")])
    };
}
/// A corrective action: its own mark decides, whatever its event's is. An action of which neither a
/// report nor its owner names a region is of its event's regions, a state-wide event's of all.
macro_rules! action {
    ($join:literal) => {
        Parts(&[
            Sql("("),
            public!($join),
            Sql(" or "),
            own!($join),
            Sql(" or ("),
            Column($join, "region_from_event"),
            Sql(" and exists (select 1 from warehouse.event v where v.event_id = "),
            Column($join, "event_id"),
            Sql(" and (v.statewide or exists (select 1 from warehouse.event_region w where \
                 w.event_id = v.event_id and "),
            OWN_ROW,
            Sql(")))))"),
        ])
    };
}

/// Events.
pub const EVENT: Formula = open_event!("");
/// What hangs on an event, which is joined as `e`.
pub const OF_EVENT: Formula = open_event!("e");
/// Corrective actions.
pub const ACTION: Formula = action!("");
/// What belongs to an action, which is joined as `a`.
pub const OF_ACTION: Formula = action!("a");
/// Risk assessments.
pub const ASSESSMENT: Formula = public_or_own!("");
/// What belongs to an assessment, which is joined as `a`.
pub const OF_ASSESSMENT: Formula = public_or_own!("a");
/// What is its region's alone.
pub const OWN: Formula = own!("");
/// What is open to no region.
pub const CLOSED: Formula = Sql("false");

/// Events, as far as no region decides.
const PUBLIC_EVENT: Formula = public_event!("");

/// The ids of the regions of a Postgres session.
const SESSION_REGIONS: &str = "(select access.viewer_regions())::integer[]";

/// Parts of the rule by the names that files of `schema/objects` use.
const RULES: [(&str, Formula); 4] = [
    ("public_event", PUBLIC_EVENT),
    ("own", OWN),
    ("action", ACTION),
    ("public_or_own", ASSESSMENT),
];

/// Fills the rule into the statements of a file: `{{own of w}}` becomes the condition that a
/// Postgres session's own regions include the one of the row `w`.
pub(crate) fn expand(sql: &str) -> String {
    let mut sql = sql.to_owned();
    for (name, part) in RULES {
        let start = format!("{{{{{name} of ");
        while let Some((before, rest)) = sql.split_once(&start) {
            let Some((row, after)) = rest.split_once("}}") else { break };
            let part = part.text(row, SESSION_REGIONS);
            sql = format!("{before}{part}{after}");
        }
    }
    sql
}
