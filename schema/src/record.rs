//! Record types, each described once: columns with type, vocabulary, reference and meaning, staging
//! and storage, use in the API, and the template. [`RECORD_TYPES`] lists them.
//!
//! Staging tables, the order of the COPY, the shared merge, the templates and their reader, fact
//! views, policies, and the record types of GraphQL and the exports follow from the descriptions. A
//! test compares them with the tables.

pub mod fact;
pub mod template;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::reference::ReferenceFile;
use crate::vocabulary::Vocabulary;
use fact::{Fact, FactColumn};
use template::{ColumnKind, TemplateColumn};

/// Maximum number of records that the API returns in one list.
pub const MAX_LISTED: i64 = 1000;

/// Declares the file of each record type, and lists the types. Referenced types come first.
macro_rules! registry {
    ($($file:ident: $($record:ident),+;)+) => {
        $(mod $file;)+
        $(pub use $file::{$($record),+};)+

        /// All record types. Referenced types come first.
        pub static RECORD_TYPES: &[&RecordType] = &[$($(&$record,)+)+];
    };
}

// The registry: a new record type is its file and one line here.
registry! {
    municipality: MUNICIPALITY;
    organization: ORGANIZATION;
    event: EVENT;
    event_county: EVENT_COUNTY;
    participation: PARTICIPATION;
    milestone: MILESTONE;
    information_request: INFORMATION_REQUEST, INFORMATION_REPORT;
    resource_request: RESOURCE_REQUEST;
    capability_rating: CAPABILITY_RATING;
    finding: FINDING;
    corrective_action: CORRECTIVE_ACTION;
    risk_assessment: RISK_ASSESSMENT;
    risk_score: RISK_SCORE;
    requirement: REQUIREMENT;
}

/// Returns the tables that records reference by an integer: lists and dimensions, whose rows files
/// name. Keys of records are big integers.
pub fn referenced_lists() -> BTreeSet<&'static str> {
    let columns = RECORD_TYPES.iter().flat_map(|record| record.columns);
    let is_list = |column: &&ColumnDef| {
        let data_type = column.stored.map(|stored| stored.data_type);
        let staged_type = column.staged.map(|staged| staged.data_type);
        [data_type, staged_type].contains(&Some(ColumnType::Integer))
            || staged_type == Some(ColumnType::Integers)
    };
    columns.filter(is_list).filter_map(|column| column.references).collect()
}

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
    /// Merged with its parent, whose staged column has the rows.
    WithParent,
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

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// `text`
    Text,
    /// `smallint`
    SmallInteger,
    /// `integer`
    Integer,
    /// `bigint`
    BigInteger,
    /// `double precision`
    Number,
    /// `boolean`
    Boolean,
    /// `date`
    Date,
    /// `timestamp with time zone`
    Moment,
    /// `jsonb`
    Json,
    /// `text[]`
    Texts,
    /// `integer[]`
    Integers,
    /// `double precision[]`
    Numbers,
}

impl ColumnType {
    /// Returns the name of the type in Postgres.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::SmallInteger => "smallint",
            Self::Integer => "integer",
            Self::BigInteger => "bigint",
            Self::Number => "double precision",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Moment => "timestamp with time zone",
            Self::Json => "jsonb",
            Self::Texts => "text[]",
            Self::Integers => "integer[]",
            Self::Numbers => "double precision[]",
        }
    }
}

/// Value of a column without a value in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WhenEmpty {
    /// Null. A required reference becomes the unmapped row, -1, and a list is empty.
    Null,
    /// A code of the column's vocabulary.
    Code(&'static str),
    /// An integer.
    Integer(i32),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// How exactly the time of another column is written: `day` without a time of day, else the
    /// first code of the vocabulary.
    PrecisionOf(&'static str),
}

/// Column of a staging table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagedColumn {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub data_type: ColumnType,
}

/// Column of a record's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredColumn {
    /// Name of the table, if it differs from the record's.
    pub table: Option<&'static str>,
    /// Name.
    pub name: &'static str,
    /// Type.
    pub data_type: ColumnType,
    /// SQL value over the staged record `f` with `event_id`, `organization_id` and `parent_id`.
    /// Empty if the staged column is the value.
    expression: Option<&'static str>,
}

/// Description of a column, from the template to the table.
#[derive(Clone, Copy, Debug)]
pub struct ColumnDef {
    /// Column of the staging table.
    pub staged: Option<StagedColumn>,
    /// Column of the record's table.
    pub stored: Option<StoredColumn>,
    /// True if the table has a value in each row.
    pub required: bool,
    /// Closed list of its values; none for any value.
    pub vocabulary: Option<&'static Vocabulary>,
    /// Referenced table.
    pub references: Option<&'static str>,
    /// File with the rows of the referenced table, if the table belongs to this record type.
    pub list: Option<&'static ReferenceFile>,
    /// True if records state an id or a name, which the merge resolves to the key of that table.
    pub resolved: bool,
    /// True if an unknown reference becomes the unmapped row, -1.
    pub or_unmapped: bool,
    /// Meaning: the comment of the table's column.
    pub meaning: &'static str,
    /// Value without one in the file.
    pub when_empty: WhenEmpty,
    /// True if a number must be above 0; otherwise it must not be negative.
    pub above_zero: bool,
    /// True for a planned time. The others of a record happen in the order of their columns.
    pub planned: bool,
    /// Template column of a time that this one must not precede.
    pub not_before: Option<&'static str>,
    /// Columns of the fact view that show the value.
    pub fact: &'static [FactColumn],
    /// Use of the column in the API.
    pub api: ApiColumn,
    /// Template columns that state the value.
    pub template: &'static [TemplateColumn],
}

/// Use of a column in the API: fields, filters, orders and exports follow from the column itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApiColumn {
    /// Name in snake case, if it is not that of the column without `_id`.
    pub name: Option<&'static str>,
    /// True if the API has no such field.
    pub is_internal: bool,
    /// True if aggregates group by the column. They always group by columns with a vocabulary.
    pub is_group_key: bool,
    /// True for the day of the record, by which aggregates group periods.
    pub is_period: bool,
    /// Name in snake case of the list in the referenced record, if it is not the type's plural.
    pub reverse: Option<&'static str>,
}

impl ColumnDef {
    const fn new(name: &'static str, data_type: ColumnType, meaning: &'static str) -> Self {
        Self {
            staged: Some(StagedColumn { name, data_type }),
            stored: Some(StoredColumn { table: None, name, data_type, expression: None }),
            required: false,
            vocabulary: None,
            references: None,
            list: None,
            resolved: false,
            or_unmapped: false,
            meaning,
            when_empty: WhenEmpty::Null,
            above_zero: false,
            planned: false,
            not_before: None,
            fact: &[],
            api: ApiColumn {
                name: None,
                is_internal: false,
                is_group_key: false,
                is_period: false,
                reverse: None,
            },
            template: &[],
        }
    }

    /// Describes a column from which the merge creates rows of other tables.
    const fn staged_only(name: &'static str, data_type: ColumnType, meaning: &'static str) -> Self {
        let mut column = Self::new(name, data_type, meaning);
        column.stored = None;
        column
    }

    /// Describes a column that is staged as a part of another one, or computed.
    const fn stored_only(name: &'static str, data_type: ColumnType, meaning: &'static str) -> Self {
        let mut column = Self::new(name, data_type, meaning);
        column.staged = None;
        column
    }

    /// Describes template columns that become the record's id or several columns.
    const fn in_template(template: &'static [TemplateColumn]) -> Self {
        let mut column = Self::new("", ColumnType::Text, "");
        column.staged = None;
        column.stored = None;
        column.template = template;
        column
    }

    const fn staged_as(mut self, name: &'static str, data_type: ColumnType) -> Self {
        self.staged = Some(StagedColumn { name, data_type });
        self
    }

    const fn resolved_from(mut self, name: &'static str) -> Self {
        self.resolved = true;
        self.staged_as(name, ColumnType::Text)
    }

    const fn or_unmapped(mut self) -> Self {
        self.or_unmapped = true;
        self
    }

    const fn stored_as(mut self, expression: &'static str) -> Self {
        if let Some(mut stored) = self.stored {
            stored.expression = Some(expression);
            self.stored = Some(stored);
        }
        self
    }

    const fn in_table(mut self, table: &'static str) -> Self {
        if let Some(mut stored) = self.stored {
            stored.table = Some(table);
            self.stored = Some(stored);
        }
        self
    }

    const fn references(mut self, table: &'static str) -> Self {
        self.references = Some(table);
        self
    }

    /// Describes the rows of the referenced table.
    const fn listed_in(mut self, file: &'static ReferenceFile) -> Self {
        self.list = Some(file);
        self
    }

    const fn one_of(mut self, vocabulary: &'static Vocabulary) -> Self {
        self.vocabulary = Some(vocabulary);
        self
    }

    /// Sets the name in the API.
    const fn named(mut self, name: &'static str) -> Self {
        self.api.name = Some(name);
        self
    }

    /// Leaves the column out of the API.
    const fn internal(mut self) -> Self {
        self.api.is_internal = true;
        self
    }

    /// Lets aggregates group by the column.
    const fn group_key(mut self) -> Self {
        self.api.is_group_key = true;
        self
    }

    /// Marks the day of the record.
    const fn period(mut self) -> Self {
        self.api.is_period = true;
        self
    }

    /// Sets the name of the list in the referenced record.
    const fn reverse(mut self, name: &'static str) -> Self {
        self.api.reverse = Some(name);
        self
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn when_empty(mut self, value: WhenEmpty) -> Self {
        self.when_empty = value;
        self
    }

    const fn above_zero(mut self) -> Self {
        self.above_zero = true;
        self
    }

    const fn planned(mut self) -> Self {
        self.planned = true;
        self
    }

    const fn not_before(mut self, column: &'static str) -> Self {
        self.not_before = Some(column);
        self
    }

    const fn fact(mut self, columns: &'static [FactColumn]) -> Self {
        self.fact = columns;
        self
    }

    const fn template(mut self, columns: &'static [TemplateColumn]) -> Self {
        self.template = columns;
        self
    }

    /// Returns the SQL value that the shared merge writes.
    fn merged_value(&self) -> Option<String> {
        let (staged, stored) = (self.staged?, self.stored?);
        let value = match (stored.expression, self.references) {
            (Some(expression), _) => expression.to_owned(),
            (None, Some(table)) if self.resolved => format!("f.{table}_id"),
            _ => format!("f.{}", staged.name),
        };
        Some(if self.or_unmapped { format!("coalesce({value}, -1)") } else { value })
    }
}

/// Region of a record that states none: the region of its organization.
const OWN_REGION: &str = "coalesce(nullif(f.region_id, -1), \
    (select o.region_id from warehouse.organization o where o.organization_id = \
    f.organization_id), -1)";

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
