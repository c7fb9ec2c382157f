//! Files that pages need besides themselves.

/// The style sheet.
pub const STYLE: &str = include_str!("report.css");

/// The script that adds to complete pages: values of charts, sortable tables, pictures.
pub const SCRIPT: &str = include_str!("report.js");
