//! Columns of the templates, as people write them in a file.

/// Kind of value in a column, as written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Free text.
    Text,
    /// Identifier chosen by the author of the file.
    Identifier,
    /// One of the column's allowed values, in any case.
    Choice,
    /// Several values separated by semicolons, the main one first.
    List,
    /// Integer.
    Integer,
    /// Number.
    Number,
    /// Date, `2025-03-14`.
    Date,
    /// Date and time: local `2025-03-14 09:20`, or with offset `2025-03-14T09:20:00-04:00`.
    Moment,
    /// `yes` or `no`.
    YesNo,
}

impl ColumnKind {
    /// Returns a hint on how to write such a value, for template comments.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Identifier => "your own ID, any text",
            Self::Choice => "one of the values listed",
            Self::List => "values separated by ;",
            Self::Integer => "whole number",
            Self::Number => "number",
            Self::Date => "date, e.g. 2025-03-14",
            Self::Moment => "date and time, e.g. 2025-03-14 09:20",
            Self::YesNo => "yes or no",
        }
    }
}

/// Column of a template.
#[derive(Debug, Clone, Copy)]
pub struct TemplateColumn {
    /// Heading in the file.
    pub heading: &'static str,
    /// Kind of value.
    pub kind: ColumnKind,
    /// True if rows without a value are rejected.
    pub required: bool,
    /// Meaning of the column, for readers.
    pub about: &'static str,
    /// Value in the example row; empty for an empty cell.
    pub example: &'static str,
    /// Allowed values of a closed list; empty for any value. A choice without its own list has the
    /// vocabulary of its column.
    pub allowed: &'static [&'static str],
    /// Section of the loader's word lists with other spellings of its values, if there is one; the
    /// heading unless stated.
    pub words: &'static str,
}

impl TemplateColumn {
    /// Describes an optional column for any value.
    pub const fn new(
        heading: &'static str,
        kind: ColumnKind,
        about: &'static str,
        example: &'static str,
    ) -> Self {
        Self { heading, kind, required: false, about, example, allowed: &[], words: heading }
    }

    /// Marks the column as required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Limits the column to a closed list.
    pub const fn one_of(mut self, allowed: &'static [&'static str]) -> Self {
        self.allowed = allowed;
        self
    }

    /// Names the section of the loader's word lists with other spellings of the values.
    pub const fn words(mut self, section: &'static str) -> Self {
        self.words = section;
        self
    }

    /// Returns one line for readers: meaning, format, and whether a value is required.
    pub fn comment(&self) -> String {
        let need = if self.required { "required" } else { "optional" };
        let hint = if self.allowed.is_empty() {
            self.kind.hint().to_owned()
        } else {
            self.allowed.join(", ")
        };
        format!("{} [{need}; {hint}]", self.about)
    }
}

/// Framework of a capability.
pub(super) const FRAMEWORK: TemplateColumn = TemplateColumn::new(
    "framework",
    ColumnKind::Choice,
    "Capability framework; may be empty if the capability's name implies it",
    "PHEP",
)
.one_of(&["PHEP", "HPP", "HPP-2012", "FEMA", "TCL"]);

/// Capability, required.
pub(super) const CAPABILITY: TemplateColumn = TemplateColumn::new(
    "capability",
    ColumnKind::Text,
    "Capability by number or name",
    "10 Medical Surge",
)
.required();

/// Capability elements.
pub(super) const ELEMENTS: TemplateColumn = TemplateColumn::new(
    "elements",
    ColumnKind::List,
    "Capability elements: planning, organization, equipment, training, exercises",
    "planning; training",
);
