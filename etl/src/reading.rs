//! What people write in documents: headings, days, statuses, elements, marks, counts, as lists and rules that every source shares.

pub mod count;
pub mod day;
pub mod headings;
pub mod items;
pub mod mark;
pub mod moment;
pub mod number;
pub mod person;
pub mod status;
pub mod yearless;
