//! Reasons why a text is not a date or time, and the years of records.

/// First year of records; the oldest public feeds begin in 1950.
pub const FIRST_YEAR: i32 = 1950;
/// Last year of records.
pub const LAST_YEAR: i32 = 2100;

/// Reason why a text is not a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Not a date.
    #[error("must be a date, such as 2025-03-14 or March 14, 2025")]
    Day,
    /// Not a date and time.
    #[error("must be a date and time, such as 2025-03-14 09:20")]
    Moment,
    /// Time of day without a date.
    #[error("is a time without a date; add a column with the date")]
    Undated,
    /// Date with the day before the month, in a table whose other dates are read month first.
    #[error("begins with the day; must be month first, such as 03/14/2025, or 2025-03-14")]
    DayFirst,
    /// Year outside the range for records.
    #[error(
        "is of the year {0}; must be a date from {FIRST_YEAR} to {LAST_YEAR}, such as 2025-03-14"
    )]
    Year(i32),
}
