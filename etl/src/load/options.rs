//! Options of a load, and its progress.

use std::path::PathBuf;

/// Options of a load.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Id of the source by which every file is read; recognized by content if not given.
    pub source: Option<String>,
    /// Validates and merges, then rolls back.
    pub dry_run: bool,
    /// The records are fictional demonstration data.
    pub fictional: bool,
    /// Purpose of the load, as a note for readers.
    pub label: Option<String>,
    /// Ids of events that are not the same as the events of other documents they were matched to.
    pub not_same_as: Vec<String>,
    /// Layout by which every file is read: a path, or the name of a layout.
    pub layout: Option<PathBuf>,
    /// Ids of the metrics that a note may name; without them, it may name anything.
    pub metrics: Vec<&'static str>,
    /// Folder of layouts that apply to files with matching headings.
    pub layouts: Option<PathBuf>,
}

/// Receives the progress of a load.
pub trait Progress: Sync {
    /// Called when a file begins, with its size in bytes.
    fn start_file(&self, name: &str, bytes: u64);
    /// Called after each chunk, with the number of bytes read so far.
    fn advance(&self, bytes: u64);
    /// Called when a file is finished.
    fn end_file(&self, name: &str, summary: &str);
}

/// Ignores all progress.
pub struct Quiet;

impl Progress for Quiet {
    fn start_file(&self, _name: &str, _bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
    fn end_file(&self, _name: &str, _summary: &str) {}
}
