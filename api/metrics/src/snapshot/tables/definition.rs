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
    /// again (`statement.rs`).
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
    /// Re-reads the derived rows whose `by` key is in this column of the inserted rows.
    By(&'static str),
    /// Re-reads the derived rows whose `by` key this SQL returns; `t` is the source, `{new}` its
    /// inserted rows.
    Through(&'static str),
    /// Any insert rebuilds the derived table.
    All,
}

/// Source table whose inserts add or change the derived rows with its key.
pub(super) const fn grows(table: &'static str, key: &'static str) -> SourceTable {
    SourceTable { table, touches: Touches::By(key) }
}

/// Source table whose inserts change the derived rows with the keys that a statement returns.
pub(super) const fn touches(table: &'static str, statement: &'static str) -> SourceTable {
    SourceTable { table, touches: Touches::Through(statement) }
}

/// Source table that derived rows reference by a foreign key.
pub(super) const fn refers(table: &'static str) -> SourceTable {
    SourceTable { table, touches: Touches::Nothing }
}

/// Source table of which any insert rebuilds the derived table.
pub(super) const fn decides(table: &'static str) -> SourceTable {
    SourceTable { table, touches: Touches::All }
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
    grows("warehouse.event", "event_id"),
    grows("warehouse.event_region", "event_id"),
    grows("warehouse.incident", "event_id"),
    grows("warehouse.exercise", "event_id"),
];

/// Flag of events that took place: neither planned nor canceled. It is not a column of facts.
pub const HAPPENED: &str = "happened";

/// Flag of events whose facts count: the event was held, and if it was an incident, somebody
/// responded. A table with this column counts only rows of such events (`cube/as_of.rs`).
pub const HELD: &str = "held";
