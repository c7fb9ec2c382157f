//! Parses dates and times as documents write them, for every source and template.
//!
//! - **Years.** Two digits are a year from 1950 to 2049 ([`PIVOT`]). A year outside 1950 to 2100
//!   is rejected.
//! - **Dates.** Numbers are read month first. In documents typed by people, a first number above
//!   12 is a day, with a warning for the column ([`Order`]). Feeds and templates reject it.
//! - **Serial numbers.** A spreadsheet counts days from 1899-12-30, or from 1904-01-01 if the
//!   workbook declares it ([`DateSystem`]).
//! - **Times of day.** `24:00` and `2400` are midnight at the end of the day ([`Clock`]).
//! - **Zones.** A time with an offset or a word such as `EST` is an instant ([`Zone`]). Other times
//!   are local.
//! - **Clock changes.** The times of a row are resolved together, in chronological order
//!   ([`settle()`]).
//!
//! Depends on texts, numbers and calendars, but not on files, columns or records.

mod day;
mod order;
mod range;
mod serial;
mod settle;
mod stamp;
mod year;
mod yearless;
mod zone;

pub use hotwash_documents::clock::Clock;
pub use hotwash_documents::serial::DateSystem;

pub use day::{End, WrittenDay, day, exact_day, read_day};
pub use order::{Order, month_first};
pub use range::range;
pub use serial::{serial_moment, serial_text};
pub use settle::{Remark, Settled, days_at_home, settle, settle_one};
pub use stamp::{Stamp, stamp};
pub use year::{FIRST_YEAR, LAST_YEAR, PIVOT, plausible, year};
pub use yearless::{day_from, is_yearless, with_year};
pub use zone::{Zone, home, label_offset, zone_named};

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
