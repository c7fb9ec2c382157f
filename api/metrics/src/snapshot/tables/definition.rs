//! Definitions of tables, and the parts of SQL that they share.

/// Kind of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// `bigint`: a key, or minutes since 1970.
    Key,
    /// `integer`.
    Id,
    /// `date`.
    Day,
    /// `boolean`.
    Flag,
    /// `double precision`.
    Number,
    /// `text` with few distinct values.
    Label,
    /// `text` of several labels joined by `+`.
    Set,
    /// `integer`, the id of a region, stored as the region's code.
    Region,
    /// `integer`, the id of a capability, stored as the columns `capability` and `framework`.
    Capability,
}

/// Definition of a fact table.
pub struct TableDefinition {
    /// Name.
    pub name: &'static str,
    /// Source tables, with the rows to read again when one of them changes.
    pub sources: &'static [SourceTable],
    /// Column by which rows are read again: all rows with the same value together.
    pub by: &'static str,
    /// SQL of the table. A key in braces can be restricted to the values of `by` that are read
    /// again ([`restricted`]).
    pub sql: &'static str,
    /// Its own columns, in the order of the statement; the first is its key. Small lists are not
    /// joined by Postgres row by row: a capability comes as its id, a rating as its scale and code
    /// (`names.rs`).
    pub columns: &'static [(&'static str, FieldKind)],
    /// Only rows whose event has this flag.
    pub only: Option<&'static str>,
    /// Columns taken from its event, by `event_id`.
    pub event: &'static [&'static str],
    /// Columns with the days from which rows and values are known (`cube/as_of.rs`).
    pub dated: Dated,
}

/// Columns of days, or minutes since 1970, that state when a row or a value became known. Days that
/// may be in the future, such as due dates, are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// A row is known from the latest of these days.
    pub rows: &'static [&'static str],
    /// These values are known from their own day or minute, and missing before it.
    pub values: &'static [&'static str],
    /// Columns that are missing before the day or minute in another one.
    pub with: &'static [(&'static str, &'static str)],
}

impl Dated {
    /// For a table without days, or whose days do not state when rows became known.
    pub const NONE: Self = Self { rows: &[], values: &[], with: &[] };

    /// For rows that are known from the latest of these days, without later values.
    pub const fn rows(rows: &'static [&'static str]) -> Self {
        Self { rows, ..Self::NONE }
    }
}

/// Warehouse table behind a derived table.
pub struct SourceTable {
    /// Name, with its schema.
    pub table: &'static str,
    /// Effect of its inserts on the derived table. Updates and deletes always rebuild it.
    pub touches: Touches,
}

/// Effect of inserts into a source table on the derived table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touches {
    /// None: derived rows reference it by a foreign key, so existing rows reference none of the new
    /// ones.
    Nothing,
    /// Re-reads the derived rows whose `by` key this SQL returns; `t` is the source, `{new}` its
    /// inserted rows.
    Some(&'static str),
    /// Any insert rebuilds the derived table.
    All,
}

/// Source table whose inserts add or change some derived rows.
pub(super) const fn grows(table: &'static str, touched: &'static str) -> SourceTable {
    SourceTable { table, touches: Touches::Some(touched) }
}

/// Source table that derived rows reference by a foreign key.
pub(super) const fn refers(table: &'static str) -> SourceTable {
    SourceTable { table, touches: Touches::Nothing }
}

/// Source table of which any insert rebuilds the derived table.
pub(super) const fn decides(table: &'static str) -> SourceTable {
    SourceTable { table, touches: Touches::All }
}

/// Returns the SQL for all rows, or for rows with these keys.
pub fn restricted(sql: &str, keys: Option<&[i64]>) -> String {
    let listed = keys.map(|keys| {
        let keys: Vec<String> = keys.iter().map(i64::to_string).collect();
        format!(" = any ('{{{}}}'::bigint[])", keys.join(","))
    });
    let mut parts = sql.split(['{', '}']);
    let mut sql = parts.next().unwrap_or_default().to_owned();
    while let Some(key) = parts.next() {
        match &listed {
            Some(listed) => sql.extend([key, listed]),
            None => sql.push_str("true"),
        }
        sql.push_str(parts.next().unwrap_or_default());
    }
    sql
}

impl TableDefinition {
    /// Columns of days, minutes, flags and other numbers, but not of ids.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, FieldKind)> {
        let is_value = |(name, kind): &(&'static str, FieldKind)| match kind {
            FieldKind::Day | FieldKind::Flag | FieldKind::Number => true,
            FieldKind::Key | FieldKind::Id => !name.ends_with("_id") && *name != SCALE,
            _ => false,
        };
        let own = self.columns.iter().copied().filter(is_value);
        let is_rated = self.columns.iter().any(|(name, _)| *name == RATING);
        own.chain(MARKS.map(|name| (name, FieldKind::Flag)).into_iter().filter(move |_| is_rated))
    }

    /// Kind of a column.
    pub fn kind(&self, column: &str) -> Option<FieldKind> {
        let own = self.columns.iter().find(|(name, _)| *name == column).map(|(_, kind)| *kind);
        let sql = match column {
            "capability" | "framework" => {
                self.columns.iter().any(|(_, kind)| *kind == FieldKind::Capability)
            }
            _ => self.columns.iter().any(|(name, _)| *name == RATING) && MARKS.contains(&column),
        };
        let sql =
            sql.then_some(if MARKS.contains(&column) { FieldKind::Flag } else { FieldKind::Label });
        own.or(sql).or_else(|| {
            let of_event = self.event.contains(&column);
            EVENT.iter().find(|(name, _)| of_event && *name == column).map(|(_, kind)| *kind)
        })
    }
}

/// Column of a rating's scale.
pub const SCALE: &str = "scale";

/// Column of a rating's code, next to that of its scale. Both determine [`MARKS`].
pub const RATING: &str = "rating";

/// Columns of a rating.
pub const MARKS: [&str; 6] = ["good", "met", "p", "s", "m", "u"];

/// Columns that facts may take from their event. An unknown event has no values and no region.
pub const EVENT: &[(&str, FieldKind)] = &[
    ("local_date", FieldKind::Day),
    ("end_date", FieldKind::Day),
    ("hazard_id", FieldKind::Id),
    ("event_kind", FieldKind::Label),
    ("source", FieldKind::Label),
    ("exercise_type", FieldKind::Label),
    ("operations", FieldKind::Flag),
    // An incident that the coalition responded to, not only monitored.
    ("responded", FieldKind::Flag),
    (HELD, FieldKind::Flag),
    // Readable by everyone who may see detail: public, or about all of the state.
    ("public", FieldKind::Flag),
    ("regions", FieldKind::Set),
];

/// Tables behind the columns that facts take from their event.
pub const EVENT_SOURCES: &[SourceTable] = &[
    grows("warehouse.event", "select t.event_id from warehouse.event t where {new}"),
    grows("warehouse.event_region", "select t.event_id from warehouse.event_region t where {new}"),
    grows("warehouse.incident", "select t.event_id from warehouse.incident t where {new}"),
    grows("warehouse.exercise", "select t.event_id from warehouse.exercise t where {new}"),
];

/// Flag of events that took place: neither planned nor canceled. It is not a column of facts.
pub const HAPPENED: &str = "happened";

/// Flag of events whose facts count: the event was held, and if it was an incident, somebody
/// responded. A table with this column counts only rows of such events (`cube/as_of.rs`).
pub const HELD: &str = "held";

/// The events themselves, with their key.
pub const EVENTS_SQL: &str = "select e.event_id, e.local_date, coalesce(e.end_local_date, \
    e.local_date), e.hazard_id, e.kind, e.source, e.status, \
    case when e.sensitivity = 'PUBLIC' or e.statewide then 'PUBLIC' else 'RESTRICTED' end \
    from warehouse.event e where {e.event_id}";

/// Responses to incidents.
pub const INCIDENTS_SQL: &str =
    "select i.event_id, i.response from warehouse.incident i where {i.event_id}";

/// Types of exercises.
pub const EXERCISES_SQL: &str =
    "select x.event_id, x.exercise_type_id from warehouse.exercise x where {x.event_id}";

/// Regions of events.
pub const REGIONS_SQL: &str =
    "select r.event_id, r.region_id from warehouse.event_region r where {r.event_id}";
