//! Errors of choosing how a file is read: the file, the source or the layout.

use std::path::PathBuf;

use hotwash_documents::error::DocumentError;

/// Reason why no source reads a file, or why the chosen source or layout cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// The beginning of the file cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The file is empty, or of a kind that is never loaded; the text says what to do instead.
    #[error("{0}")]
    Unsuitable(&'static str),
    /// A row at the beginning of a JSON file cannot be read.
    #[error("row {row}: is not a JSON object on one line: {reason}")]
    JsonLine {
        /// Row, from 1.
        row: usize,
        /// Message of the parser.
        reason: String,
    },
    /// No source recognizes the file; the text names the nearest source or what to do.
    #[error("{0}")]
    Unknown(String),
    /// Two sources or layouts recognize the file.
    #[error("two {what} fit these headings: {one} and {two}; load the file with {remedy}")]
    Ambiguous {
        /// `sources` or `layouts`.
        what: &'static str,
        /// One of them, with its title or file.
        one: String,
        /// The other, with its title or file.
        two: String,
        /// Options that decide.
        remedy: String,
    },
    /// No source recognizes the file, and some layouts cannot be used.
    #[error("{unknown}; layouts that have faults: {layouts}")]
    FaultyLayouts {
        /// Reason without those layouts.
        unknown: Box<ChoiceError>,
        /// Faults of the layouts.
        layouts: String,
    },
    /// No source has this id.
    #[error("there is no source {found}; there are {known}")]
    NoSource {
        /// Given id.
        found: String,
        /// Known ids.
        known: String,
    },
    /// No layout is at this path or has this name.
    #[error(
        "there is no layout file {}, and no layout of that name; there are {known}. `hotwash \
         inspect FILE --suggest > layout.toml` writes one",
        found.display()
    )]
    NoLayout {
        /// Given path or name.
        found: PathBuf,
        /// Names of known layouts.
        known: String,
    },
    /// The file of a layout cannot be read.
    #[error("the layout {}: {reason}", path.display())]
    UnreadableLayout {
        /// Path of the layout.
        path: PathBuf,
        /// Message of the operating system.
        reason: String,
    },
    /// A layout has an error, with file, line and remedy.
    #[error("{0}")]
    InvalidLayout(String),
    /// Both a source and a layout were given.
    #[error("--source and --layout exclude each other; give one")]
    SourceAndLayout,
    /// The reader of the file panicked.
    #[error("the file broke its reader, which is our fault; please report its layout")]
    Broken,
}

impl From<DocumentError> for ChoiceError {
    fn from(error: DocumentError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<std::io::Error> for ChoiceError {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}
