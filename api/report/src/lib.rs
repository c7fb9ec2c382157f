//! The leadership report: pages of figures, sentences and tables. Every number comes from the same
//! functions as the API. Pages are data; `html` and `pdf` render them.
//!
//! The crate knows neither the server nor GraphQL. A page states the GraphQL queries that it needs;
//! the server runs them under its access rules and passes the answers.
#![cfg_attr(test, allow(clippy::unwrap_used))]
// The sheets of pages are read by the PDF only.
#![cfg_attr(not(feature = "pdf"), allow(dead_code))]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod answer;
mod assets;
mod context;
mod days;
mod definition;
mod drawing;
mod extras;
mod feeds;
mod frame;
mod html;
mod links;
mod outlines;
mod page;
mod pages;
mod parameters;
mod parts;
#[cfg(feature = "pdf")]
mod pdf;
mod query;
mod record_type;
mod summary;
mod wording;

pub use assets::{SCRIPT, STYLE};
pub use context::PageContext;
pub use definition::ReportPage;
pub use frame::PageFrame;
pub use html::render;
pub use links::{Links, file_name};
pub use page::{Figure, Page, Section};
pub use pages::{
    PAGES, find, find_page, not_found_page, page_queries, prerendered_paths, static_pages,
};
pub use parameters::{PageChoice, PageParameters, ParameterError};
#[cfg(feature = "pdf")]
pub use pdf::{Logo, Narrative, NarrativeError, Pack, PdfError, pdf, summary_pdf};
pub use query::{PageAnswers, PageQuery};
pub use record_type::{FieldKind, FindRecordType, RecordField, RecordType, RelatedRecord};
pub use summary::summary_text;
pub use wording::{
    ago, counted, day as printed_day, moment as printed_moment, sentence, value as printed_value,
    with_readable_days,
};
