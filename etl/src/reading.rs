//! What people write in documents: headings, dates and times, statuses, elements, marks, counts, as
//! lists and rules that every source shares.

pub mod count;
pub mod headings;
pub mod items;
pub mod mark;
pub mod number;
pub mod person;
pub mod status;
pub mod time;
