//! Kinds of values, the same for the columns of records, group keys and statements.

use hotwash_schema::vocabulary::Vocabulary;

/// Kind of a column. Determines its GraphQL type, its filter and how text becomes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarKind {
    /// Text.
    Text,
    /// List of texts. It is not compared; a filter of the same name compares its items.
    Texts,
    /// Code of a closed list.
    Code(&'static Vocabulary),
    /// Key of a record of this type, as a global id.
    Id(&'static str),
    /// 32-bit integer.
    Int,
    /// 64-bit integer, as a JSON number.
    Long,
    /// Floating-point number.
    Float,
    /// Boolean.
    Boolean,
    /// Date.
    Date,
    /// Time.
    DateTime,
}

impl ScalarKind {
    /// Returns the Postgres type to which filter values are cast.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Text | Self::Code(_) => "text",
            Self::Texts => "text[]",
            Self::Int => "integer",
            Self::Long | Self::Id(_) => "bigint",
            Self::Float => "double precision",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "timestamptz",
        }
    }

    /// Returns the GraphQL type of a value, or of an item of a list.
    pub fn graphql(self) -> &'static str {
        match self {
            Self::Text | Self::Texts => "String",
            Self::Code(list) => list.name,
            Self::Id(_) => "ID",
            Self::Int => "Int",
            Self::Long => "Long",
            Self::Float => "Float",
            Self::Boolean => "Boolean",
            Self::Date => "Date",
            Self::DateTime => "DateTime",
        }
    }

    /// Returns whether values can be summed and averaged.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Long | Self::Float)
    }
}
