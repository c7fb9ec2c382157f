//! Defines the description of a record type: access, merge, template, fact view and columns.

use std::cmp::Ordering;

use super::column::{ColumnDef, StagedColumn};
use super::fact::Fact;
use super::template::{ColumnKind, TemplateColumn};

/// Description of a record type. Two descriptions are equal if their names are.
#[derive(Debug)]
pub struct RecordType {
    /// Name of the type and of its table in the schema `warehouse`. Its key is `NAME_id`.
    pub name: &'static str,
    /// Plural of the name, and in camel case the name of its list in the API and the exports.
    pub plural: &'static str,
    /// Column of the default order of the list, with a leading `-` for descending. None if the API
    /// has no such list.
    pub order: Option<&'static str>,
    /// Name of its staging table; empty if its rows are shipped or staged with its parent.
    pub staging: &'static str,
    /// Meaning of one row: the comment of its table.
    pub meaning: &'static str,
    /// Access rule for the records.
    pub visibility: Visibility,
    /// Method of merging staged records.
    pub merge: Merge,
    /// Reference to another record of the same source.
    pub parent: Option<Parent>,
    /// Template, if people can fill one in.
    pub template: Option<Template>,
    /// Fact views for BI tools: of the record, and of parts that only some records have.
    pub facts: &'static [Fact],
    /// Columns in the order of its template and of its staging table.
    pub columns: &'static [ColumnDef],
}

/// Access rule for the records of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Everyone who can read the warehouse may read them.
    Open,
    /// The event's own sensitivity and regions decide.
    Event,
    /// Viewers of the event may read them.
    OfEvent,
    /// The action's own sensitivity and region decide.
    Action,
    /// Only viewers of the region may read them.
    OwnRegion,
    /// Public records are open to everyone, others to viewers of the region.
    PublicOrOwnRegion,
    /// Viewers of the parent record may read them.
    OfParent,
}

/// Method of merging staged records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Shared merge: by source and id in the source, with an expression for each column.
    Shared,
    /// Custom merge, because records are matched to rows of other sources.
    Matched,
    /// Merged with its parent or its event, whose staged column has the rows.
    WithParent,
    /// Custom merge by a code. Other records reference the rows, which state no file or source.
    Reference,
    /// None: the rows are shipped with this version (`schema/reference`).
    Shipped,
}

/// Reference to a parent record of the same source.
#[derive(Clone, Copy, Debug)]
pub struct Parent {
    /// Staged column with the parent's id in the source.
    pub staged: &'static str,
    /// Name of the parent's record type.
    pub record: &'static str,
}

/// Template of a record type.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Name on the command line, e.g. `ratings`.
    pub name: &'static str,
    /// Meaning of one row.
    pub about: &'static str,
    /// Position in the recommended order of loading.
    pub order: u8,
    /// Headings whose values identify a row without an id of its own.
    pub id_from: &'static [&'static str],
}

/// Need of a record type for a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The type has no such reference.
    No,
    /// The reference is optional; an unknown one is a warning.
    May,
    /// The reference is required; an unknown one is a reject.
    Must,
}

impl RecordType {
    /// Returns the columns of the staging table, in the order of the COPY.
    pub fn staged_columns(&self) -> impl Iterator<Item = StagedColumn> {
        self.columns.iter().filter_map(|column| column.staged)
    }

    /// Returns the columns that the shared merge writes, with their SQL values.
    pub fn merged_columns(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.columns.iter().filter_map(|column| Some((column.stored?.name, column.merged_value()?)))
    }

    /// Returns the columns of the template.
    pub fn template_columns(&self) -> impl Iterator<Item = TemplateColumn> {
        self.columns.iter().flat_map(|column| {
            column.template.iter().map(|written| {
                let own = written.kind != ColumnKind::Choice || !written.allowed.is_empty();
                match column.vocabulary {
                    Some(list) if !own => written.one_of(list.codes),
                    _ => *written,
                }
            })
        })
    }

    /// Returns the staged references to a table, which the merge resolves.
    pub fn references_to(&self, table: &'static str) -> impl Iterator<Item = &'static ColumnDef> {
        self.columns
            .iter()
            .filter(move |column| column.resolved && column.references == Some(table))
    }

    /// Returns whether superseded versions of the records are stored. Rows without a file of their own
    /// change with the record that they belong to.
    pub fn is_versioned(&self) -> bool {
        matches!(self.merge, Merge::Shared | Merge::Matched) && self.order.is_some()
    }

    /// Returns whether the records need an event.
    pub fn event(&self) -> Need {
        self.need(self.references_to("event").next())
    }

    /// Returns the staged column of the organization, and whether the records need one.
    pub fn organization(&self) -> (&'static str, Need) {
        let column = self.references_to("organization").next();
        let staged = column.and_then(|column| column.staged).map_or("", |staged| staged.name);
        (staged, self.need(column))
    }

    fn need(&self, column: Option<&ColumnDef>) -> Need {
        match column {
            None => Need::No,
            Some(column) if column.required && !column.or_unmapped => Need::Must,
            Some(_) => Need::May,
        }
    }
}

impl PartialEq for RecordType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for RecordType {}

impl PartialOrd for RecordType {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RecordType {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}
