//! Defines a reference file: its columns, and how it is merged.

use crate::statement::filled;
use crate::vocabulary::Vocabulary;

/// Reference file.
#[derive(Debug)]
pub struct ReferenceFile {
    /// File name.
    pub name: &'static str,
    /// Text that all profiles share; `None` for a list that every profile contains.
    pub shared: Option<&'static str>,
    /// Columns.
    pub columns: &'static [ReferenceColumn],
    /// Statements that merge the temporary table `stage` into the warehouse. Empty for a list that
    /// is merged by its codes.
    pub merge: &'static [&'static str],
}

impl ReferenceFile {
    /// Describes a list of codes with their names and order, which all profiles share.
    pub(crate) const fn codes(name: &'static str, text: &'static str) -> Self {
        Self { name, shared: Some(text), columns: CODES, merge: &[] }
    }

    /// Returns the table of the rows. A file has the plural of its name.
    pub fn table(&self) -> String {
        let plural = self.name.trim_end_matches(".csv");
        match plural.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => plural.strip_suffix('s').unwrap_or(plural).to_owned(),
        }
    }

    /// Returns the statements that merge the temporary table `stage` into the warehouse.
    pub fn statements(&self) -> Vec<String> {
        if self.merge.is_empty() {
            vec![self.merge_by_code()]
        } else {
            self.merge.iter().map(|statement| (*statement).to_owned()).collect()
        }
    }

    /// Returns the statement that adds the rows of new codes, and changes those of known ones.
    fn merge_by_code(&self) -> String {
        let table = self.table();
        let others = || self.columns.iter().filter(|column| column.name != "code");
        let named = |of: &str| listed(others(), |column| format!("{of}.{}", column.name));
        let columns = listed(self.columns.iter(), |column| column.name.to_owned());
        let value = |column: &ReferenceColumn| format!("s.{}{}", column.name, column.kind.cast());
        filled(
            include_str!("merge_by_code.sql"),
            &[
                ("table", &table),
                ("columns", &columns),
                ("values", &listed(self.columns.iter(), value)),
                ("changes", &listed(others(), |column| format!("{0} = excluded.{0}", column.name))),
                ("known", &named("known")),
                ("excluded", &named("excluded")),
            ],
        )
    }

    /// Returns the statement that adds the unmapped member of a list merged by its codes.
    pub fn unmapped(&self) -> Option<String> {
        let table = self.table();
        self.merge.is_empty().then(|| {
            let columns = listed(self.columns.iter(), |column| column.name.to_owned());
            let values = listed(self.columns.iter(), |column| column.unmapped().to_owned());
            filled(
                include_str!("unmapped.sql"),
                &[("table", &table), ("columns", &columns), ("values", &values)],
            )
        })
    }
}

fn listed<'a>(
    columns: impl Iterator<Item = &'a ReferenceColumn>,
    text: impl Fn(&ReferenceColumn) -> String,
) -> String {
    columns.map(text).collect::<Vec<String>>().join(", ")
}

/// Column of a reference file.
#[derive(Debug)]
pub struct ReferenceColumn {
    /// Heading.
    pub name: &'static str,
    /// Kind of its values.
    pub kind: ReferenceKind,
    /// Every row must have a value.
    pub required: bool,
}

/// Kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// Any text.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    YesNo,
    /// An ISO date.
    Day,
    /// A code of this list, in any case; stored as the list spells it.
    Code(&'static Vocabulary),
}

impl ReferenceColumn {
    /// Returns the value of the unmapped member.
    fn unmapped(&self) -> &'static str {
        match (self.name, self.kind) {
            ("code", _) => "'unmapped'",
            ("name", _) => "'Unmapped'",
            (_, ReferenceKind::Whole | ReferenceKind::Number) => "999",
            (_, ReferenceKind::YesNo) => "false",
            (_, ReferenceKind::Code(_)) => "'UNMAPPED'",
            (_, ReferenceKind::Text) => "''",
            (_, ReferenceKind::Day) => "null",
        }
    }
}

impl ReferenceKind {
    /// Returns the cast from text to the type of the table's column.
    fn cast(self) -> &'static str {
        match self {
            Self::Text | Self::Code(_) => "",
            Self::Whole => "::integer",
            Self::Number => "::double precision",
            Self::YesNo => "::boolean",
            Self::Day => "::date",
        }
    }
}

pub(crate) const fn required(name: &'static str, kind: ReferenceKind) -> ReferenceColumn {
    ReferenceColumn { name, kind, required: true }
}

pub const fn optional(name: &'static str, kind: ReferenceKind) -> ReferenceColumn {
    ReferenceColumn { name, kind, required: false }
}

/// Columns of a list of codes.
const CODES: &[ReferenceColumn] = &[
    required("code", ReferenceKind::Text),
    required("name", ReferenceKind::Text),
    required("sort_order", ReferenceKind::Whole),
];
