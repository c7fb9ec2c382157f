//! Defines the description of a column: type, staging, storage, reference, template and API.

use super::fact::FactColumn;
use super::template::{ColumnKind, TemplateColumn};
use crate::reference::ReferenceFile;
use crate::vocabulary::Vocabulary;

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
    pub(super) expression: Option<&'static str>,
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
    /// Template column of a day or time that this one must not precede.
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
    /// True for a number that is a position, such as a coordinate or a place in a series:
    /// aggregates compute no sums or means of it.
    pub is_position: bool,
    /// Name in snake case of the list in the referenced record, if it is not the type's plural.
    pub reverse: Option<&'static str>,
}

impl ColumnDef {
    pub(super) const fn new(
        name: &'static str,
        data_type: ColumnType,
        meaning: &'static str,
    ) -> Self {
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
                is_position: false,
                reverse: None,
            },
            template: &[],
        }
    }

    /// Describes a column from which the merge creates rows of other tables.
    pub(super) const fn staged_only(
        name: &'static str,
        data_type: ColumnType,
        meaning: &'static str,
    ) -> Self {
        let mut column = Self::new(name, data_type, meaning);
        column.stored = None;
        column
    }

    /// Describes a column that is staged as a part of another one, or computed.
    pub(super) const fn stored_only(
        name: &'static str,
        data_type: ColumnType,
        meaning: &'static str,
    ) -> Self {
        let mut column = Self::new(name, data_type, meaning);
        column.staged = None;
        column
    }

    /// Describes template columns that become the record's id or several columns.
    pub(super) const fn in_template(template: &'static [TemplateColumn]) -> Self {
        let mut column = Self::new("", ColumnType::Text, "");
        column.staged = None;
        column.stored = None;
        column.template = template;
        column
    }

    pub(super) const fn staged_as(mut self, name: &'static str, data_type: ColumnType) -> Self {
        self.staged = Some(StagedColumn { name, data_type });
        self
    }

    pub(super) const fn resolved_from(mut self, name: &'static str) -> Self {
        self.resolved = true;
        self.staged_as(name, ColumnType::Text)
    }

    pub(super) const fn or_unmapped(mut self) -> Self {
        self.or_unmapped = true;
        self
    }

    pub(super) const fn stored_as(mut self, expression: &'static str) -> Self {
        if let Some(mut stored) = self.stored {
            stored.expression = Some(expression);
            self.stored = Some(stored);
        }
        self
    }

    pub(super) const fn in_table(mut self, table: &'static str) -> Self {
        if let Some(mut stored) = self.stored {
            stored.table = Some(table);
            self.stored = Some(stored);
        }
        self
    }

    pub(super) const fn references(mut self, table: &'static str) -> Self {
        self.references = Some(table);
        self
    }

    /// Describes the rows of the referenced table.
    pub(super) const fn listed_in(mut self, file: &'static ReferenceFile) -> Self {
        self.list = Some(file);
        self
    }

    pub(super) const fn one_of(mut self, vocabulary: &'static Vocabulary) -> Self {
        self.vocabulary = Some(vocabulary);
        self
    }

    /// Sets the name in the API.
    pub(super) const fn named(mut self, name: &'static str) -> Self {
        self.api.name = Some(name);
        self
    }

    /// Leaves the column out of the API.
    pub(super) const fn internal(mut self) -> Self {
        self.api.is_internal = true;
        self
    }

    /// Lets aggregates group by the column.
    pub(super) const fn group_key(mut self) -> Self {
        self.api.is_group_key = true;
        self
    }

    /// Marks the day of the record.
    pub(super) const fn period(mut self) -> Self {
        self.api.is_period = true;
        self
    }

    /// Marks a number that is a position, not an amount.
    pub(super) const fn position(mut self) -> Self {
        self.api.is_position = true;
        self
    }

    /// Sets the name of the list in the referenced record.
    pub(super) const fn reverse(mut self, name: &'static str) -> Self {
        self.api.reverse = Some(name);
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn when_empty(mut self, value: WhenEmpty) -> Self {
        self.when_empty = value;
        self
    }

    pub(super) const fn above_zero(mut self) -> Self {
        self.above_zero = true;
        self
    }

    pub(super) const fn planned(mut self) -> Self {
        self.planned = true;
        self
    }

    pub(super) const fn not_before(mut self, column: &'static str) -> Self {
        self.not_before = Some(column);
        self
    }

    pub(super) const fn fact(mut self, columns: &'static [FactColumn]) -> Self {
        self.fact = columns;
        self
    }

    pub(super) const fn template(mut self, columns: &'static [TemplateColumn]) -> Self {
        self.template = columns;
        self
    }

    /// Returns the SQL value that the shared merge writes.
    pub(super) fn merged_value(&self) -> Option<String> {
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
pub(super) const OWN_REGION: &str = "coalesce(nullif(f.region_id, -1), \
    (select o.region_id from warehouse.organization o where o.organization_id = \
    f.organization_id), -1)";

/// Event of a record that belongs to one.
pub(super) const OWN_EVENT: ColumnDef =
    ColumnDef::new("event_id", ColumnType::BigInteger, "The event.")
        .resolved_from("event_ref")
        .references("event")
        .required()
        .template(&[TemplateColumn::new(
            "event_id",
            ColumnKind::Identifier,
            "Event ID",
            "EXAMPLE-EVENT-1",
        )
        .required()]);
