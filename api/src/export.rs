//! Exports: every record type and link table as CSV, JSON Lines, Parquet or Arrow, streamed in
//! constant memory, with GraphQL filters and the viewer's access rules. Files join by the ids of
//! the API, and a data package describes them. Metrics are exported in the same formats.

mod arrow;
mod cell;
mod columns;
mod event;
mod file;
mod format;
pub mod metric;
mod package;
mod parquet;
mod plan;
mod run;
mod write;

pub use cell::{ExportOptions, neutralized};
pub use event::{EventArchive, event_archive};
pub use file::{ExportFile, FILES, find, names};
pub use format::{ExportColumn, ExportError, Format};
pub use package::{PACKAGE, describe};
pub use plan::plan;
pub use run::{run, run_at};
