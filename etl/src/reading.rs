//! Rules and word lists for what people write in documents: headings, dates and times, statuses,
//! elements, marks, counts. All sources share them.

pub mod count;
pub mod dates;
pub mod headings;
pub mod items;
pub mod mark;
pub mod number;
pub mod person;
pub mod status;
pub mod time;
