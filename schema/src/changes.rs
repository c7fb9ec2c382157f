//! What changed between two days: actions opened, closed, overdue and moved, final reports, and
//! requirements due soon.
//!
//! What happened in the period is separate from what was only learned in it: what lies before the
//! period, and was loaded within it. Superseded versions of records show what was known before.
//! Each change names its record, and the file and row that reported it.

use std::cmp::Reverse;

use chrono::NaiveDate;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde::Serialize;

use crate::access::{Viewer, visible};
use crate::error::SchemaError;
use crate::record::MAX_LISTED;
use crate::vocabulary::Vocabulary;

/// Declares the kinds of changes with codes, meanings and headings.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $code:literal, $one:literal, $many:literal;)+) => {
        /// Kind of a change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum ChangeKind {
            $($(#[doc = $doc])+ $kind),+
        }

        impl ChangeKind {
            /// All kinds in order.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The list as data.
            pub const VOCABULARY: &'static Vocabulary = &Vocabulary {
                name: "ChangeKind",
                meaning: "Kind of a change.",
                codes: &[$($code),+],
                meanings: &[$(concat!($($doc),+).trim_ascii()),+],
            };

            /// Returns the code.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code),+
                }
            }

            /// Returns the words after a number of such changes, such as `actions opened`.
            pub const fn words(self, count: usize) -> &'static str {
                match (self, count) {
                    $((Self::$kind, 1) => $one, (Self::$kind, _) => $many),+
                }
            }
        }
    };
}

kinds! {
    /// An action was opened.
    ActionOpened = "ACTION_OPENED", "action opened", "actions opened";
    /// An action was completed, validated or canceled.
    ActionClosed = "ACTION_CLOSED", "action closed or canceled",
        "actions closed or canceled";
    /// An open action became overdue: on the day after its due date.
    ActionOverdue = "ACTION_OVERDUE", "action newly overdue", "actions newly overdue";
    /// The due date of an action moved.
    ActionMoved = "ACTION_MOVED", "action with a new due date", "actions with a new due date";
    /// The final after-action report of an event came in.
    FinalReport = "FINAL_REPORT", "final report came in", "final reports came in";
    /// A requirement is due within 60 days after the period.
    RequirementDue = "REQUIREMENT_DUE", "requirement due within 60 days",
        "requirements due within 60 days";
}

/// One change of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Key of the record: an action, an event or a requirement.
    pub record_id: i64,
    /// Day of the change.
    pub day: NaiveDate,
    /// Text of the action, or name of the event or requirement.
    pub text: String,
    /// Codes of its regions.
    pub region: Option<String>,
    /// Organization that owns the action.
    pub owner: Option<String>,
    /// Due date before the change.
    pub due_before: Option<NaiveDate>,
    /// Due date after the change.
    pub due_on: Option<NaiveDate>,
    /// Load that reported the change.
    pub batch: Option<i32>,
    /// Local day of that load.
    pub loaded_on: Option<NaiveDate>,
    /// File that reported the change.
    pub file: Option<String>,
    /// Row in the file.
    pub row: Option<i64>,
}

/// Changes of one kind, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeGroup {
    /// Kind of the changes.
    pub kind: ChangeKind,
    /// There are more changes than the limit.
    pub is_truncated: bool,
    /// The changes, at most [`MAX_LISTED`].
    pub changes: Vec<Change>,
}

/// Changes between two days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// First day.
    pub since: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
    /// The viewer may read single records. Others see only requirements.
    pub has_records: bool,
    /// What happened in the period. Kinds without changes are left out.
    pub happened: Vec<ChangeGroup>,
    /// What happened before the period, and was loaded in it.
    pub learned: Vec<ChangeGroup>,
}

/// Loads of the period, and ids of the viewer's regions.
#[derive(QueryableByName)]
struct Scope {
    #[diesel(sql_type = Array<Integer>)]
    batches: Vec<i32>,
    #[diesel(sql_type = Array<Integer>)]
    regions: Vec<i32>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    is_learned: bool,
    #[diesel(sql_type = BigInt)]
    record_id: i64,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Text)]
    text: String,
    #[diesel(sql_type = Nullable<Text>)]
    region: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    owner: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    due_before: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    due_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Integer>)]
    batch_id: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    file: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    source_row: Option<i64>,
    #[diesel(sql_type = Nullable<Date>)]
    loaded_on: Option<NaiveDate>,
}

/// Returns the changes from the day `since` to the day `until` that the viewer may see.
///
/// # Errors
/// Fails if `since` is after `until`, or the database cannot be read.
pub async fn changes(
    connection: &mut AsyncPgConnection,
    viewer: &Viewer,
    since: NaiveDate,
    until: NaiveDate,
) -> Result<Changes, SchemaError> {
    if since > until {
        return Err(SchemaError::Period { since, until });
    }
    let mut moment = connection.build_transaction().repeatable_read().read_only();
    let found = moment.run(async |connection| rows(connection, viewer, since, until).await).await?;
    let groups = |learned: bool| {
        let group = |kind: &ChangeKind| {
            let rows =
                found.iter().filter(|row| row.is_learned == learned && row.kind == kind.code());
            let mut changes: Vec<Change> = rows.map(Change::from).collect();
            if *kind != ChangeKind::RequirementDue {
                changes.sort_by_key(|change| Reverse((change.day, change.record_id)));
            }
            let is_truncated = changes.len() as i64 > MAX_LISTED;
            changes.truncate(MAX_LISTED as usize);
            ChangeGroup { kind: *kind, is_truncated, changes }
        };
        let groups = ChangeKind::ALL.iter().map(group);
        groups.filter(|group| !group.changes.is_empty()).collect()
    };
    Ok(Changes {
        since,
        until,
        has_records: viewer.sees_detail(),
        happened: groups(false),
        learned: groups(true),
    })
}

/// Reads the changes at one moment. Compiling the statement would take longer than running it.
async fn rows(
    connection: &mut AsyncPgConnection,
    viewer: &Viewer,
    since: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Row>, SchemaError> {
    connection.batch_execute("set local jit = off").await?;
    let scope = sql_query(filled(include_str!("changes/batches.sql")))
        .bind::<Date, _>(since)
        .bind::<Date, _>(until)
        .bind::<Array<Text>, _>(&viewer.regions);
    let Scope { batches, regions } = scope.get_result(connection).await?;
    let found = sql_query(statement(viewer, !batches.is_empty()))
        .bind::<Date, _>(since)
        .bind::<Date, _>(until)
        .bind::<Bool, _>(viewer.sees_all_detail())
        .bind::<BigInt, _>(MAX_LISTED + 1)
        .bind::<Array<Integer>, _>(batches)
        .bind::<Array<Integer>, _>(regions);
    Ok(found.load(connection).await?)
}

impl From<&Row> for Change {
    fn from(row: &Row) -> Self {
        Self {
            record_id: row.record_id,
            day: row.day,
            text: row.text.clone(),
            region: row.region.clone(),
            owner: row.owner.clone(),
            due_before: row.due_before,
            due_on: row.due_on,
            batch: row.batch_id,
            loaded_on: row.loaded_on,
            file: row.file.clone(),
            row: row.source_row,
        }
    }
}

const OPENED: &str = include_str!("changes/opened.sql");
const CLOSED: &str = include_str!("changes/closed.sql");
const MOVED: &str = include_str!("changes/moved.sql");
const OVERDUE: &str = include_str!("changes/overdue.sql");
const OVERDUE_LEARNED: &str = include_str!("changes/overdue_learned.sql");

/// Returns one statement over all kinds: all changes are of one moment. Its values are the days,
/// whether the viewer sees all detail, the limit, the loads of the period, and the viewer's
/// regions.
fn statement(viewer: &Viewer, has_loads: bool) -> String {
    use ChangeKind::{
        ActionClosed, ActionMoved, ActionOpened, ActionOverdue, FinalReport, RequirementDue,
    };
    let mut parts = vec![part(include_str!("changes/requirement.sql"), RequirementDue, false)];
    if viewer.sees_detail() {
        let reports = "c.final_on between $1 and $2";
        // The clocks of an event differ from those of the database by less than two days.
        let stamps = "m.occurred_at >= $1 - 2 and m.occurred_at < $2 + 3";
        let happened = [
            (ActionOpened, OPENED),
            (ActionClosed, CLOSED),
            (ActionMoved, MOVED),
            (ActionOverdue, OVERDUE),
        ];
        parts.extend(happened.map(|(kind, sql)| action(sql, kind, false)));
        parts.push(report(reports, stamps, FinalReport, false));
        if has_loads {
            let learned = [
                (ActionOpened, OPENED),
                (ActionClosed, CLOSED),
                (ActionMoved, MOVED),
                (ActionOverdue, OVERDUE_LEARNED),
            ];
            parts.extend(learned.map(|(kind, sql)| action(sql, kind, true)));
            let reports = include_str!("changes/reports_learned.sql");
            parts.push(report(reports, "m.batch_id = any($5)", FinalReport, true));
        }
    }
    include_str!("changes/all.sql").replace("{parts}", &parts.join(" union all "))
}

/// Returns the changes of actions of one kind. Only the latest steps are examined, a few times the
/// limit, so that the time does not grow with the warehouse.
fn action(changes: &str, kind: ChangeKind, learned: bool) -> String {
    let (steps, earlier) = if learned {
        (include_str!("changes/learned_steps.sql"), include_str!("changes/known_before.sql"))
    } else {
        (include_str!("changes/happened_steps.sql"), include_str!("changes/state_before.sql"))
    };
    let steps_of = match kind {
        ChangeKind::ActionOpened => "array['OPENED']",
        ChangeKind::ActionClosed => "array['COMPLETED', 'VALIDATED', 'CANCELLED']",
        ChangeKind::ActionMoved => "array['DUE_DATE']",
        _ => "array['OPENED', 'STATUS', 'DUE_DATE', 'REOPENED']",
    };
    let steps = steps.replace("{steps_of}", steps_of);
    let changes = changes.replace("{steps}", &steps).replace("{earlier}", earlier);
    let action = include_str!("changes/action.sql").replace("{changes}", &changes);
    part(&action.replace("{seen}", &seen(&visible::ACTION.text("a", REGIONS))), kind, learned)
}

/// Returns the final reports for which a condition is true. Another one limits the time stamps.
fn report(reports: &str, stamps: &str, kind: ChangeKind, learned: bool) -> String {
    let all = include_str!("changes/final_reports.sql").replace("{stamps}", stamps);
    let report = include_str!("changes/report.sql").replace("{final}", &all);
    let report = report.replace("{reports}", reports);
    part(&report.replace("{seen}", &seen(&visible::EVENT.text("e", REGIONS))), kind, learned)
}

/// Ids of the viewer's regions in the statement.
const REGIONS: &str = "$6";

fn seen(condition: &str) -> String {
    format!("($3 or {condition})")
}

/// Returns a part of the statement.
fn part(sql: &str, kind: ChangeKind, learned: bool) -> String {
    filled(sql)
        .replace("{kind}", &format!("'{}'", kind.code()))
        .replace("{learned}", if learned { "true" } else { "false" })
        .replace("{closed}", "('COMPLETED', 'VALIDATED', 'CANCELLED')")
        .replace("{seen_version}", "($3 or v.is_open or v.region_ids && $6)")
}

/// Fills in the local days.
fn filled(sql: &str) -> String {
    sql.replace("{start}", "($1::timestamp at time zone (select meta.time_zone()))")
        .replace("{end}", "(($2 + 1)::timestamp at time zone (select meta.time_zone()))")
        .replace("{local_day}", "(b.started_at at time zone (select meta.time_zone()))::date")
}
