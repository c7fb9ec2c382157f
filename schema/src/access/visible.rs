//! The rule of [`Viewer::sees_record`](super::Viewer::sees_record) as SQL, written once: the
//! conditions of GraphQL's lists and the policies of row-level security are put together from the
//! same pieces. A test compares both with the rule in code.

use tokio_postgres::Client;

use crate::SchemaError;

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
/// The row's event is open to a session of Postgres, by a view that runs with its owner's rights,
/// so that policies do not call each other in circles.
macro_rules! session_event {
    () => {
        "exists (select 1 from access.visible_event v where v.event_id = {t}.event_id)"
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

/// The ids of the regions of a Postgres session.
const SESSION_REGIONS: &str = "(select access.viewer_regions())::integer[]";
/// Name under which the rule that was installed last is kept.
const SETTING: &str = "visibility_rule";

/// Tables of an event.
const EVENT_TABLES: [&str; 15] = [
    "event",
    "incident",
    "exercise",
    "event_region",
    "event_county",
    "event_hazard",
    "event_link",
    "event_source_label",
    "after_action_report",
    "objective",
    "participation",
    "milestone",
    "information_request",
    "capability_rating",
    "finding",
];
/// Tables with a rule of their own, as a session asks it.
const WITH_RULE: [(&str, &str); 3] =
    [("corrective_action", ACTION), ("risk_assessment", ASSESSMENT), ("resource_request", OWN)];
/// Tables that are open with the row that they belong to.
const PARTS: [(&str, &str); 6] = [
    ("information_report", "information_request"),
    ("finding_element", "finding"),
    ("corrective_action_element", "corrective_action"),
    ("corrective_action_source", "corrective_action"),
    ("action_status_history", "corrective_action"),
    ("risk_score", "risk_assessment"),
];

/// The statements that make the rule hold for sessions of Postgres.
pub(crate) fn statements() -> String {
    let rule =
        |text: &str, table: &str| text.replace("{t}", table).replace("{regions}", SESSION_REGIONS);
    let mut sql = format!(
        "create or replace view access.visible_event as
             select e.event_id from warehouse.event e where (select access.sees_detail()) and {}
             union all
             select w.event_id from warehouse.event_region w where (select access.sees_detail()) \
            and {};",
        public_event!("e"),
        rule(own!("w"), ""),
    );
    let mut policy = |table: &str, open: String| {
        sql += &format!(
            "drop policy if exists visible on warehouse.{table};
             create policy visible on warehouse.{table} for select using ((select \
                access.sees_all_detail()) or {open});
             alter table warehouse.{table} enable row level security;"
        );
    };
    for table in EVENT_TABLES {
        policy(table, rule(session_event!(), table));
    }
    for (table, text) in WITH_RULE {
        policy(table, format!("((select access.sees_detail()) and {})", rule(text, table)));
    }
    for (table, whole) in PARTS {
        policy(
            table,
            format!(
                "exists (select 1 from warehouse.{whole} w where w.{whole}_id = {table}.{whole}_id)"
            ),
        );
    }
    sql
}

/// Makes the rule hold for sessions of Postgres, when it is not the one that holds already.
///
/// # Errors
/// Fails when the database cannot be written.
pub async fn install(client: &mut Client) -> Result<(), SchemaError> {
    let sql = statements();
    let mark = serde_json::json!(blake3::hash(sql.as_bytes()).to_hex().as_str());
    let known =
        client.query_opt("select value from meta.setting where name = $1", &[&SETTING]).await?;
    if known.is_some_and(|row| row.get::<_, serde_json::Value>(0) == mark) {
        return Ok(());
    }
    let transaction = client.transaction().await?;
    transaction.batch_execute(&sql).await?;
    let keep = "insert into meta.setting (name, value) values ($1, $2) on conflict (name) do \
        update set value = excluded.value";
    transaction.execute(keep, &[&SETTING, &mark]).await?;
    transaction.commit().await?;
    Ok(())
}
