//! Fact views for BI tools, as the record types describe them.

/// Fact view of a record type: one row a record. Columns that reference a dimension are in it;
/// other columns if their description says so.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Comment of the view.
    pub meaning: &'static str,
    /// Joined tables besides the event and referenced lists.
    pub joins: &'static [&'static str],
    /// Columns computed from the others.
    pub measures: &'static [FactColumn],
}

/// Column of a fact view.
#[derive(Clone, Copy, Debug)]
pub struct FactColumn {
    /// Name; empty for the name of the described column.
    pub name: &'static str,
    /// Value.
    pub value: FactValue,
    /// Comment. Numbers state how they combine, e.g. `, to sum`.
    pub meaning: &'static str,
}

/// Value of a fact view's column.
#[derive(Clone, Copy, Debug)]
pub enum FactValue {
    /// Value of the described column.
    Own,
    /// Key of the day, in the jurisdiction's time zone, of the described date and time.
    Day,
    /// SQL over the record's table, the event and the joined tables.
    Sql(&'static str),
}

impl FactColumn {
    /// Describes a column with the value and the name of the record's column. For a reference to a
    /// dimension, the comment continues with the dimension.
    pub const fn own(meaning: &'static str) -> Self {
        Self { name: "", value: FactValue::Own, meaning }
    }

    /// Describes the day of a date and time, `date_key`.
    pub const fn day(meaning: &'static str) -> Self {
        Self { name: "date_key", value: FactValue::Day, meaning }
    }

    /// Describes a computed column.
    pub const fn new(name: &'static str, sql: &'static str, meaning: &'static str) -> Self {
        Self { name, value: FactValue::Sql(sql), meaning }
    }
}
