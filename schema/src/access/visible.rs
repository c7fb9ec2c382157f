//! States the rule of [`Viewer::sees_record`](super::Viewer::sees_record) as SQL, once. The
//! conditions of GraphQL's lists and the policies of row-level security (`schema/objects/policies`)
//! are built from the same parts. A test compares both with the rule in Rust.

use crate::formula::Formula::{self, Column, Parts, Regions, Sql};

/// Public records are open to everyone who may see detail.
macro_rules! public {
    ($join:literal) => {
        Parts(&[Column($join, "sensitivity"), Sql(" = 'PUBLIC'")])
    };
}
/// Events of the state are open too.
macro_rules! public_event {
    ($join:literal) => {
        Parts(&[Sql("("), public!($join), Sql(" or "), Column($join, "statewide"), Sql(")")])
    };
}
/// Records of the viewer's regions are open.
macro_rules! own {
    ($join:literal) => {
        Parts(&[Column($join, "region_id"), Sql(" = any("), Regions, Sql(")")])
    };
}
/// Same condition for a row that a formula names itself.
const OWN_ROW: Formula = Parts(&[Sql("w.region_id = any("), Regions, Sql(")")]);
/// Condition that an event is open.
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
/// Condition that a corrective action is open. Its own sensitivity decides, not its event's. An
/// action without a region in its report or from its owner has its event's regions, or all regions
/// for a statewide event.
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
/// Records that depend on an event, which is joined as `e`.
pub const OF_EVENT: Formula = open_event!("e");
/// Corrective actions.
pub const ACTION: Formula = action!("");
/// Records that depend on an action, which is joined as `a`.
pub const OF_ACTION: Formula = action!("a");
/// Records that are public or visible only in their own region.
pub const PUBLIC_OR_OWN: Formula = Parts(&[Sql("("), public!(""), Sql(" or "), own!(""), Sql(")")]);
/// Records visible only in their own region.
pub const OWN: Formula = own!("");
/// Records visible in no region.
pub const CLOSED: Formula = Sql("false");

/// Events that are visible in all regions.
const PUBLIC_EVENT: Formula = public_event!("");

/// Ids of the regions of a Postgres session.
const SESSION_REGIONS: &str = "(select access.viewer_regions())::integer[]";

/// Parts of the rule, by the names used in the files of `schema/objects`.
const RULES: [(&str, Formula); 4] = [
    ("public_event", PUBLIC_EVENT),
    ("own", OWN),
    ("action", ACTION),
    ("public_or_own", PUBLIC_OR_OWN),
];

/// Replaces placeholders of the rule in the statements of a file. `{{own of w}}` becomes the
/// condition that the session's own regions include the region of the row `w`.
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
