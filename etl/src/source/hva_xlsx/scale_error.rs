//! Reasons why the scale of an assessment is unknown, and what to write.

use crate::source::SourceError;

/// Reason why the scale of an assessment is unknown.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScaleError {
    /// Values of a column exceed its stated scale.
    #[error(
        "the scale of {heading} is stated as {least} to {most}, and its greatest value is \
         {greatest}; correct one of them, or write `Scale: 1 to 5` above the table"
    )]
    Exceeded {
        /// Heading of the column.
        heading: String,
        /// Least score of the stated scale.
        least: f64,
        /// Greatest score of the stated scale.
        most: f64,
        /// Greatest value of the column.
        greatest: f64,
    },
    /// Two scales are stated for a column.
    #[error(
        "two scales are stated for {heading}, {} to {} and {} to {}; write the one it is on into \
         its heading, such as `{heading} (1-5)`", .one.0, .one.1, .other.0, .other.1
    )]
    Ambiguous {
        /// Heading of the column.
        heading: String,
        /// Least and greatest score of the first scale.
        one: (f64, f64),
        /// Least and greatest score of the other.
        other: (f64, f64),
    },
    /// No scale is stated, and the values imply none.
    #[error(
        "the scale of {} is not stated, and cannot be inferred from the highest score, {greatest}; \
         write it into the headings, such as `{} (1-5)`, or `Scale: 1 to 5` above the table",
        .headings.join(", "), .headings.first().map_or("Probability", String::as_str)
    )]
    Unstated {
        /// Headings of the columns.
        headings: Vec<String>,
        /// Highest score.
        greatest: f64,
    },
    /// The figures of a table by facility have no stated scale.
    #[error(
        "the table of hazards by facility does not state the scale of its figures, the highest of \
         which is {0}; write `Scale: 0 to 5` (or `Scale: 0 to 100 %`) in a cell above the table"
    )]
    UnstatedByFacility(f64),
    /// The figures are ranks.
    #[error(
        "the table ranks hazards, and a rank is not a risk that can be compared; load a table of \
         scores or risks"
    )]
    Ranks,
}

impl From<ScaleError> for SourceError {
    fn from(error: ScaleError) -> Self {
        Self::Unreadable(error.to_string())
    }
}
