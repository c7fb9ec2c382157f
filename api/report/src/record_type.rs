//! Record types of the API, as the page of a single record shows them.

/// Finds a record type by its name; the server knows them all.
pub type FindRecordType = fn(&str) -> Option<RecordType>;

/// Record type.
#[derive(Clone, Debug)]
pub struct RecordType {
    /// Name in GraphQL.
    pub name: &'static str,
    /// Meaning.
    pub description: &'static str,
    /// Fields of the object.
    pub fields: Vec<RecordField>,
    /// Related records, at most one of each.
    pub related: Vec<RelatedRecord>,
    /// True if the API states the file and row of a record.
    pub has_source: bool,
}

/// Field of a record.
#[derive(Clone, Debug)]
pub struct RecordField {
    /// Name in GraphQL.
    pub name: &'static str,
    /// Kind of its values.
    pub kind: FieldKind,
}

/// Kind of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Yes or no.
    Boolean,
    /// Code of a closed list, such as `IN_PROGRESS`.
    Code,
    /// Text, list of texts, number, date or time.
    Other,
}

/// Relation to a record that has a name or a text.
#[derive(Clone, Debug)]
pub struct RelatedRecord {
    /// Name of the relation in GraphQL.
    pub name: &'static str,
    /// Name of the related type.
    pub target: &'static str,
    /// Field that names the related record.
    pub named_by: &'static str,
}
