//! The rule of [`Viewer::sees_record`](super::Viewer::sees_record) as SQL, written once: the
//! conditions of GraphQL's lists and the policies of row-level security (`schema/objects/policies`)
//! are put together from the same pieces. A test compares both with the rule in code.

/// Public records are open to everyone who may see detail.
macro_rules! public {
    ($row:literal) => {
        concat!($row, ".sensitivity = 'PUBLIC'")
    };
}
/// So are events of the state as a whole.
macro_rules! public_event {
    ($row:literal) => {
        concat!("(", public!($row), " or ", $row, ".statewide)")
    };
}
/// And what belongs to one of the viewer's regions.
macro_rules! own {
    ($row:literal) => {
        concat!($row, ".region_id = any({regions})")
    };
}
/// The row of an event is open.
macro_rules! open_event {
    ($row:literal) => {
        concat!(
            "(",
            public_event!($row),
            " or exists (select 1 from warehouse.event_region w where w.event_id = ",
            $row,
            ".event_id and ",
            own!("w"),
            "))"
        )
    };
}
macro_rules! public_or_own {
    ($row:literal) => {
        concat!("(", public!($row), " or ", own!($row), ")")
    };
}
/// A corrective action: its own mark decides, whatever its event's is. An action of which neither a
/// report nor its owner names a region is of its event's regions, a state-wide event's of all.
macro_rules! action {
    ($row:literal) => {
        concat!(
            "(",
            public!($row),
            " or ",
            own!($row),
            " or (",
            $row,
            ".region_from_event and exists (select 1 from warehouse.event v where v.event_id = ",
            $row,
            ".event_id and (v.statewide or exists (select 1 from warehouse.event_region w where \
             w.event_id = v.event_id and ",
            own!("w"),
            ")))))"
        )
    };
}

/// Events. `{t}` stands for the row, `{regions}` for the ids of the viewer's regions.
pub const EVENT: &str = open_event!("{t}");
/// What hangs on an event, which stands beside it as `{t}e`.
pub const OF_EVENT: &str = open_event!("{t}e");
/// Corrective actions.
pub const ACTION: &str = action!("{t}");
/// What belongs to an action, which stands beside it as `{t}a`.
pub const OF_ACTION: &str = action!("{t}a");
/// Risk assessments.
pub const ASSESSMENT: &str = public_or_own!("{t}");
/// What belongs to an assessment, which stands beside it as `{t}a`.
pub const OF_ASSESSMENT: &str = public_or_own!("{t}a");
/// What is its region's alone.
pub const OWN: &str = own!("{t}");
/// What is open to no region.
pub const CLOSED: &str = "false";

/// Events, as far as no region decides.
const PUBLIC_EVENT: &str = public_event!("{t}");

/// The ids of the regions of a Postgres session.
const SESSION_REGIONS: &str = "(select access.viewer_regions())::integer[]";

/// Parts of the rule by the names that files of `schema/objects` use.
const PARTS: [(&str, &str); 4] = [
    ("public_event", PUBLIC_EVENT),
    ("own", OWN),
    ("action", ACTION),
    ("public_or_own", ASSESSMENT),
];

/// Fills the rule into the statements of a file: `{{own of w}}` becomes the condition that a
/// Postgres session's own regions include the one of the row `w`.
pub(crate) fn expand(sql: &str) -> String {
    let mut sql = sql.to_owned();
    for (name, part) in PARTS {
        let start = format!("{{{{{name} of ");
        while let Some((before, rest)) = sql.split_once(&start) {
            let Some((row, after)) = rest.split_once("}}") else { break };
            let part = part.replace("{t}", row).replace("{regions}", SESSION_REGIONS);
            sql = format!("{before}{part}{after}");
        }
    }
    sql
}
