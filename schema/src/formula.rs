//! SQL of the record types as data: text with the columns that it uses, so that joins are chosen
//! from structure and no text is parsed.

/// SQL expression over one record; which table a column belongs to is part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// Column of a table of the record type: its join (empty for the type's own table) and name.
    Column(&'static str, &'static str),
    /// Constant SQL.
    Sql(&'static str),
    /// Formulas one after another.
    Parts(&'static [Formula]),
    /// Place for a condition: the comparison of a filter over related rows.
    Condition,
    /// Place for the array of the ids of the viewer's regions.
    Regions,
}

/// Column of the record type's own table.
pub const fn own(name: &'static str) -> Formula {
    Formula::Column("", name)
}

/// Column of a joined table.
pub const fn of(join: &'static str, name: &'static str) -> Formula {
    Formula::Column(join, name)
}

impl Formula {
    /// Returns its SQL for rows of `table`, with the SQL of the viewer's regions.
    pub fn text(&self, table: &str, regions: &str) -> String {
        match self {
            Self::Column(join, name) => [table, join, ".", name].concat(),
            Self::Sql(text) => (*text).to_owned(),
            Self::Parts(parts) => parts.iter().map(|part| part.text(table, regions)).collect(),
            Self::Condition => "true".to_owned(),
            Self::Regions => regions.to_owned(),
        }
    }

    /// Returns the formula over rows that are joined as `join`. Its text lives as long as the
    /// process, as do the descriptions of record types.
    pub fn under(self, join: &str) -> Self {
        match self {
            Self::Column(of, name) => Self::Column([join, of].concat().leak(), name),
            Self::Parts(parts) => {
                Self::Parts(parts.iter().map(|part| part.under(join)).collect::<Vec<_>>().leak())
            }
            Self::Sql(_) | Self::Condition | Self::Regions => self,
        }
    }

    /// Returns whether its columns are all that it reads: it has no statement within.
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Column(..))
    }
}
