//! Defines sources. Each reads one file format, in one file of `source/`, with one line in the
//! registry below.

pub(crate) mod column_usage;
pub(crate) mod csv_rows;
mod duty_officer_log;
mod exercise_calendar;
mod grid_rows;
pub(crate) mod hotwash;
mod hseep_aar_docx;
mod hva_xlsx;
mod ics209;
mod improvement_plan_xlsx;
mod municipalities;
mod noaa_storm_events;
mod openfema_declarations;
pub(crate) mod parquet_rows;
mod sample;
mod similar_tables;
pub(crate) mod table_rows;
mod timeline;

use hotwash_documents::error::DocumentError;
use hotwash_documents::input::Input;
use serde::Serialize;

use crate::error::ChoiceError;
use crate::layout::{LayoutSource, Layouts};
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::template::Template;
pub use column_usage::{ColumnFate, ColumnUsage};
pub use sample::Sample;

/// Registry: a new source is one file and one line here.
static SOURCES: [&dyn Source; 10] = [
    &openfema_declarations::OpenfemaDeclarations,
    &noaa_storm_events::NoaaStormEvents,
    &ics209::Ics209,
    &municipalities::Municipalities,
    &hseep_aar_docx::HseepAarDocx,
    &improvement_plan_xlsx::ImprovementPlanXlsx,
    &hva_xlsx::HvaXlsx,
    &duty_officer_log::DutyOfficerLog,
    &exercise_calendar::ExerciseCalendar,
    &hotwash::Hotwash,
];

/// Returns all sources.
pub fn registry() -> &'static [&'static dyn Source] {
    &SOURCES
}

/// Description of a source, for lists and messages.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SourceDefinition {
    /// Id, as in `--source`.
    pub id: &'static str,
    /// Title for readers.
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
///         SourceDefinition { id: "shelters", title: "Shelters", extensions: &["csv"], headings }
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

/// Reason why a file is rejected.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The loader stopped first.
    #[error("the load was broken off")]
    BrokenOff,
}

impl From<DocumentError> for SourceError {
    fn from(error: DocumentError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<std::io::Error> for SourceError {
    fn from(error: std::io::Error) -> Self {
        DocumentError::from(error).into()
    }
}

impl SourceError {
    /// Returns the error with the row where it occurred.
    pub fn at_row(self, row: u64) -> Self {
        match self {
            Self::Unreadable(said) => Self::Unreadable(format!("row {row}: {said}")),
            other => other,
        }
    }
}

impl From<SourceError> for ChoiceError {
    fn from(error: SourceError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Minimum confidence with which a source is chosen by content.
const SURE: f64 = 0.75;
/// Minimum confidence with which a source is named in the message about a rejected file.
const DOUBTFUL: f64 = 0.3;
/// Minimum lead in confidence over the next source.
const MARGIN: f64 = 0.02;

/// Returns the source that recognizes this file. The error names the headings found and the nearest
/// sources. Layouts apply to files that no built-in source recognizes. If both do, or two layouts,
/// the user must choose.
pub fn recognize(sample: &Sample, layouts: &Layouts) -> Result<&'static dyn Source, ChoiceError> {
    let fitting: Vec<&'static LayoutSource> =
        layouts.sources.iter().copied().filter(|source| source.fits(sample)).collect();
    let known = built_in(sample);
    match (known, fitting.as_slice()) {
        // A file with our own template is never another table.
        (Ok(source), _) if source.recognize(sample) >= 1.0 && source.definition().id == OWN => {
            Ok(source)
        }
        (Ok(source), []) => Ok(source),
        (Err(_), [layout]) => Ok(*layout),
        (Ok(source), [layout, ..]) => {
            let built_in = source.definition();
            Err(ChoiceError::Ambiguous {
                what: "sources",
                one: format!("{} ({})", built_in.id, built_in.title),
                two: format!("the layout {} ({})", layout.layout.name, layout.layout.file),
                remedy: format!("--source {} or --layout {}", built_in.id, layout.layout.name),
            })
        }
        (Err(_), [one, two, ..]) => Err(ChoiceError::Ambiguous {
            what: "layouts",
            one: format!("{} ({})", one.layout.name, one.layout.file),
            two: format!("{} ({})", two.layout.name, two.layout.file),
            remedy: format!("--layout {} or --layout {}", one.layout.name, two.layout.name),
        }),
        (Err(reason), []) if layouts.errors.is_empty() => Err(reason),
        (Err(reason), []) => {
            let layouts = layouts.errors.join("; ");
            Err(ChoiceError::FaultyLayouts { unknown: Box::new(reason), layouts })
        }
    }
}

/// Id of the source of our own templates.
const OWN: &str = "hotwash";

/// Returns the built-in source that recognizes this file.
fn built_in(sample: &Sample) -> Result<&'static dyn Source, ChoiceError> {
    let mut rated: Vec<(f64, &'static dyn Source)> =
        registry().iter().map(|source| (source.recognize(sample), *source)).collect();
    rated.sort_by(|left, right| right.0.total_cmp(&left.0));
    match rated.as_slice() {
        // A file with our own template is never another table.
        [(first, one), (second, two), ..]
            if *second >= SURE && *first < 1.0 && first - second < MARGIN =>
        {
            let (one, two) = (one.definition(), two.definition());
            Err(ChoiceError::Ambiguous {
                what: "sources",
                one: format!("{} ({})", one.id, one.title),
                two: format!("{} ({})", two.id, two.title),
                remedy: format!("--source {} or --source {}", one.id, two.id),
            })
        }
        [(first, source), ..] if *first >= SURE => Ok(*source),
        [(first, source), ..] => {
            let doubted = Some(*source).filter(|_| *first >= DOUBTFUL);
            Err(ChoiceError::Unknown(sample.unknown(doubted)))
        }
        [] => Err(ChoiceError::Unsuitable("no source is registered")),
    }
}

/// Returns whether these are the headings of one of our own formats, above which comments are
/// allowed.
pub fn is_own_header<S: AsRef<str>>(headings: &[S]) -> bool {
    let has = |name: &str| {
        headings.iter().any(|heading| heading.as_ref().trim().eq_ignore_ascii_case(name))
    };
    Template::recognize(headings).is_some() || municipalities::COLUMNS.iter().all(|name| has(name))
}

/// Returns the source with this id.
pub fn find(id: &str) -> Result<&'static dyn Source, ChoiceError> {
    registry().iter().find(|source| source.definition().id == id).copied().ok_or_else(|| {
        let known: Vec<&str> = registry().iter().map(|source| source.definition().id).collect();
        ChoiceError::NoSource { found: id.to_owned(), known: known.join(", ") }
    })
}
