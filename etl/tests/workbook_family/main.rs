//! Tests the template family of workbooks: risk assessments, trackers, logs and calendars with
//! other headings, layouts and styles. Each workbook is created in memory and counted by hand.
#![allow(clippy::unwrap_used, missing_docs)]

mod assessments;
mod calendars;
mod facilities;
mod logs;
#[path = "../office/mod.rs"]
mod office;
mod trackers;
mod variants;
