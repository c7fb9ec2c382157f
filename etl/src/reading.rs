//! What people write in documents: headings, days, statuses, elements, marks, as lists and rules that every source shares.

pub mod day;
pub mod headings;
pub mod items;
pub mod moment;
pub mod person;
pub mod status;
