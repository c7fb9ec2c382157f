//! Dates and times as documents write them, read in one place for every source and template.
//!
//! - **Years.** Two digits are of the years 1950 to 2049 ([`PIVOT`]). A year outside 1950 to 2100
//!   is rejected.
//! - **Days.** Numbers are read month first. In documents of people a first number above 12 is a
//!   day, and the column is warned of ([`Order`]); feeds and templates reject it. A serial number
//!   of a spreadsheet counts from 1899-12-30, or from 1904-01-01 in a workbook that says so
//!   ([`DateSystem`]).
//! - **Times of day.** `24:00` and `2400` are midnight at the end of the day ([`Clock`]).
//! - **Zones.** An offset or a word such as `EST` makes a moment an instant ([`Zone`]). Without one
//!   it is local time.
//! - **Clock changes.** The moments of a row are settled together, in the order in which they
//!   happen ([`settle()`]).
//!
//! Knows texts, numbers and calendars; knows nothing of files, columns or records.

mod clock;
mod day;
mod order;
mod range;
mod serial;
mod settle;
mod stamp;
mod year;
mod yearless;
mod zone;

pub use clock::Clock;
pub use day::{End, WrittenDay, day, exact_day, read_day};
pub use order::{Order, month_first};
pub use range::range;
pub use serial::DateSystem;
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
    /// A time of day without a date.
    #[error("is a time without a date; add a column with the date")]
    Undated,
    /// A date with the day before the month, where other dates of the table are read month first.
    #[error("begins with the day; must be month first, such as 03/14/2025, or 2025-03-14")]
    DayFirst,
    /// A year outside the range for records.
    #[error(
        "is of the year {0}; must be a date from {FIRST_YEAR} to {LAST_YEAR}, such as 2025-03-14"
    )]
    Year(i32),
}
