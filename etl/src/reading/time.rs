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
mod error;
mod order;
mod range;
mod serial;
mod settle;
mod stamp;
mod year;
mod yearless;
mod zone;

pub use day::{End, WrittenDay, day, exact_day, read_day};
pub use error::{FIRST_YEAR, LAST_YEAR, Unread};
pub use hotwash_documents::clock::Clock;
pub use hotwash_documents::serial::DateSystem;
pub use order::{Order, month_first};
pub use range::{has_separate_days, range};
pub use serial::{serial_moment, serial_text};
pub use settle::{Remark, Settled, days_at_home, settle, settle_one};
pub use stamp::{Stamp, stamp};
pub use year::{PIVOT, plausible, year};
pub use yearless::{day_from, is_yearless, with_year};
pub use zone::{Zone, home, label_offset, zone_named};
