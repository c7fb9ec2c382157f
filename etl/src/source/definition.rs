//! Defines what a source is: its description, the rank of its files, and how it reads them.

use hotwash_documents::input::Input;
use serde::Serialize;

use super::error::SourceError;
use super::sample::Sample;
use crate::load::Sink;
use crate::lookup::Lookup;

/// Description of a source, for lists and messages.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SourceDefinition {
    /// Id, as in `--source`.
    pub id: &'static str,
    /// Name for readers of the report.
    pub name: &'static str,
    /// Title for operators: what its files are.
    pub title: &'static str,
    /// Usual file extensions; files are recognized by content.
    pub extensions: &'static [&'static str],
    /// Headings that it needs, or of which it needs most.
    pub headings: &'static [&'static str],
}

/// Order of loading. Files of one rank load one after the other, except those that are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Reference rows, by which other files are read.
    Reference,
    /// Organizations, which other files name.
    Organizations,
    /// Feeds that refer to no other record; files of different sources load in parallel.
    Independent,
    /// Events and assessments, on which other records depend.
    Events,
    /// Records that depend on events, such as ratings and findings.
    DependsOnEvents,
    /// Records that depend on findings: corrective actions and their trackers.
    DependsOnFindings,
    /// Records that depend on corrective actions: what sent trackers asked.
    DependsOnActions,
    /// Sent trackers that came back, which depend on what was asked.
    Answers,
}

/// A file format.
///
/// ```
/// use hotwash_documents::input::Input;
/// use hotwash_etl::load::{Sink, parse};
/// use hotwash_etl::lookup::Lookup;
/// use hotwash_etl::source::{SourceDefinition, Sample, Source, SourceError};
///
/// struct Shelters;
///
/// impl Source for Shelters {
///     fn definition(&self) -> SourceDefinition {
///         let headings = &["Shelter", "Beds"];
///         SourceDefinition {
///             id: "shelters",
///             name: "Shelters",
///             title: "Shelters (CSV)",
///             extensions: &["csv"],
///             headings,
///         }
///     }
///
///     fn read(&self, input: &Input, _: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
///         for (row, line) in (2..).zip(std::io::read_to_string(input.text()?)?.lines().skip(1)) {
///             sink.read_one()?;
///             if line.ends_with(',') {
///                 let reason = "is empty; enter a number of beds";
///                 sink.reject(row, "organization", Some("Beds"), None, reason, None);
///             }
///         }
///         Ok(())
///     }
/// }
///
/// let input = Input::memory("shelters.csv", &b"Shelter,Beds\nGym,\nArmory,200\n"[..]);
/// assert_eq!(Shelters.recognize(&Sample::take(&input)?), 1.0);
/// let outcome = parse(&Shelters, &input, &Lookup::default())?;
/// assert_eq!((outcome.read, outcome.rejected), (2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Source: Sync {
    /// Returns the source's description.
    fn definition(&self) -> SourceDefinition;

    /// Returns the confidence, 0 to 1, that a file has this format. It depends on the file's
    /// beginning, never on its name.
    fn recognize(&self, sample: &Sample) -> f64 {
        sample.share_of_headings(self.definition().headings)
    }

    /// Returns the share of the file's headings that the source knows, 0 to 1. It finds the nearest
    /// source of a file that none recognizes.
    fn nearness(&self, sample: &Sample) -> f64 {
        sample.share_of_headings(self.definition().headings)
    }

    /// Returns the rank of its files among the others of one load.
    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    /// Returns whether a file contains everything that this source reports about its events. If so,
    /// a later version replaces an earlier one, and what it lacks is removed.
    fn is_complete(&self) -> bool {
        false
    }

    /// Reads all records of the file into the sink. An invalid row is a reject, never an error.
    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError>;
}
