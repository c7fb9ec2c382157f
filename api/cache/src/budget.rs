//! The memory budget of all caches, divided among its parts.

use std::fmt;
use std::str::FromStr;

/// Default budget in MiB.
pub const DEFAULT_MEBIBYTES: usize = 512;

/// Part of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Columns of large record types, for aggregates.
    Columns,
    /// Cubes of the metrics.
    Cubes,
    /// Answers to GraphQL requests, and report pages.
    Answers,
    /// Rows of the metrics.
    Rows,
    /// Former snapshots, which requests may name.
    Snapshots,
    /// Parsed GraphQL documents.
    Documents,
    /// Verified credentials.
    Credentials,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 7] = [
        Self::Columns,
        Self::Cubes,
        Self::Answers,
        Self::Rows,
        Self::Snapshots,
        Self::Documents,
        Self::Credentials,
    ];

    /// Name in options and in Prometheus.
    pub fn name(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Cubes => "cubes",
            Self::Answers => "answers",
            Self::Rows => "rows",
            Self::Snapshots => "snapshots",
            Self::Documents => "documents",
            Self::Credentials => "credentials",
        }
    }

    /// Share of the budget, in percent.
    pub fn percent(self) -> usize {
        match self {
            Self::Columns => 50,
            Self::Cubes => 20,
            Self::Answers | Self::Rows => 10,
            Self::Snapshots => 8,
            Self::Documents | Self::Credentials => 1,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Error of a name that is no part of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPart(String);

impl fmt::Display for UnknownPart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Part::ALL.map(Part::name).join(", ");
        write!(out, "{:?} is no part of the cache; give one of {names}", self.0)
    }
}

impl std::error::Error for UnknownPart {}

impl FromStr for Part {
    type Err = UnknownPart;

    fn from_str(text: &str) -> Result<Self, UnknownPart> {
        Self::ALL
            .into_iter()
            .find(|part| part.name() == text)
            .ok_or_else(|| UnknownPart(text.to_owned()))
    }
}

/// Memory budget of all caches of a process.
#[derive(Clone, Debug)]
pub struct CacheBudget {
    mebibytes: usize,
    off: Vec<Part>,
}

impl Default for CacheBudget {
    fn default() -> Self {
        Self::new(DEFAULT_MEBIBYTES)
    }
}

impl CacheBudget {
    /// Returns a budget of this many MiB. With 0, nothing is cached.
    pub fn new(mebibytes: usize) -> Self {
        Self { mebibytes, off: Vec::new() }
    }

    /// Turns parts off. The other parts keep their shares.
    pub fn without(mut self, parts: &[Part]) -> Self {
        self.off.extend(parts);
        self
    }

    /// Returns the share of a part in bytes; 0 if it is turned off.
    pub fn bytes_of(&self, part: Part) -> usize {
        if self.off.contains(&part) { 0 } else { (self.mebibytes << 20) / 100 * part.percent() }
    }
}
