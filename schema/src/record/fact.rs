//! Fact views for BI tools, as the record types describe them.

/// Fact view of a record type: one row a record. Columns that reference a dimension and have its
/// key's name are in it; other columns if their description says so.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Table of a part of events whose rows the view shows, such as `incident`. None for the table
    /// of the record itself.
    pub part: Option<&'static str>,
    /// Comment of the view.
    pub meaning: &'static str,
    /// Joins besides those of the event and of lists from which columns are computed.
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
    /// Key of the described date, or of the day of the described time in the jurisdiction's time
    /// zone.
    Day,
    /// Key of the day of a date, which is SQL over the same tables as [`Self::Sql`].
    DayOf(&'static str),
    /// SQL over the record's table, the event and the joined tables.
    Sql(&'static str),
}

impl FactColumn {
    /// Describes a column with the value and the name of the record's column. For a reference to a
    /// dimension, the comment continues with the dimension.
    pub const fn own(meaning: &'static str) -> Self {
        Self { name: "", value: FactValue::Own, meaning }
    }

    /// Describes the day of a date or time, `date_key`.
    pub const fn day(meaning: &'static str) -> Self {
        Self { name: "date_key", value: FactValue::Day, meaning }
    }

    /// Describes the day of a computed date, `date_key`.
    pub const fn day_of(sql: &'static str, meaning: &'static str) -> Self {
        Self { name: "date_key", value: FactValue::DayOf(sql), meaning }
    }

    /// Sets the name in the view.
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Describes a computed column.
    pub const fn new(name: &'static str, sql: &'static str, meaning: &'static str) -> Self {
        Self { name, value: FactValue::Sql(sql), meaning }
    }
}
