//! What a source is: one file format, in one file of `source/`, with one line in the registry below.

mod csv_rows;
mod duty_officer_log;
mod exercise_calendar;
mod grid_rows;
mod hotwash;
mod hseep_aar_docx;
mod hva_xlsx;
mod ics209;
mod improvement_plan_xlsx;
mod municipalities;
mod noaa_storm_events;
mod openfema_declarations;
mod parquet_rows;
mod sample;
mod table_rows;
pub(crate) mod time;

use serde::Serialize;

use crate::input::Input;
use crate::load::Sink;
use crate::lookup::Lookup;
pub use sample::Sample;

/// The registry: a new source is its file and one line here.
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

/// All sources.
pub fn registry() -> &'static [&'static dyn Source] {
    &SOURCES
}

/// What a source is, for lists and messages.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Definition {
    /// Id, as in `--source`.
    pub id: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Usual file extensions; a file is recognised by its content all the same.
    pub extensions: &'static [&'static str],
    /// Headings that tell it from others.
    pub headings: &'static [&'static str],
}

/// What must load before what. Files of one rank load one after the other, but for those that stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Reference rows, which other files are read by.
    Reference,
    /// Organisations, which other files name.
    Organizations,
    /// Feeds that refer to no other record: files of different sources load side by side.
    StandsAlone,
    /// Events and assessments, on which other records hang.
    Events,
    /// Records that hang on events: ratings, findings, requests, milestones.
    HangsOnEvents,
    /// Records that hang on those: corrective actions and their trackers.
    HangsOnFindings,
}

/// A file format.
pub trait Source: Sync {
    /// What it is.
    fn definition(&self) -> Definition;

    /// How sure it is that this is its format, 0 to 1, from the file's beginning; never from its name.
    fn recognise(&self, sample: &Sample) -> f64 {
        sample.share_of_headings(self.definition().headings)
    }

    /// When its files load, next to others of the same command.
    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Events
    }

    /// Whether a file tells all that this source says of the events in it, so that a later version takes the place of an
    /// earlier one: what it leaves out is gone.
    fn is_whole(&self) -> bool {
        false
    }

    /// Reads the whole file into the sink; a bad row is a reject, never an error.
    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError>;
}

/// Why a whole file is refused.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The loader ended first.
    #[error("the load was broken off")]
    BrokenOff,
}

impl From<std::io::Error> for SourceError {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(match error.kind() {
            std::io::ErrorKind::UnexpectedEof => "the file ends in the middle: it is truncated; fetch it again".into(),
            _ => error.to_string(),
        })
    }
}

impl From<csv::Error> for SourceError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::from(error),
            other => Self::Unreadable(format!("the table cannot be read: {other:?}")),
        }
    }
}

impl SourceError {
    /// The error, with the row at which it was met.
    pub fn at_row(self, row: u64) -> Self {
        match self {
            Self::Unreadable(said) => Self::Unreadable(format!("row {row}: {said}")),
            other => other,
        }
    }
}

/// The source that knows this file, or why none does: the headings found and the nearest known source.
pub fn recognise(sample: &Sample) -> Result<&'static dyn Source, String> {
    let mut best: Vec<(f64, &'static dyn Source)> =
        registry().iter().map(|source| (source.recognise(sample), *source)).collect();
    best.sort_by(|left, right| right.0.total_cmp(&left.0));
    match best.first() {
        Some((confidence, source)) if *confidence >= 0.75 => Ok(*source),
        Some((confidence, source)) if *confidence > 0.0 => Err(sample.unknown(*confidence, &source.definition())),
        Some((_, first)) => {
            // None knows it at all: the nearest has most of its headings.
            let shared = |source: &&dyn Source| sample.share_of_headings(source.definition().headings);
            let nearest =
                registry().iter().copied().max_by(|one, two| shared(one).total_cmp(&shared(two))).unwrap_or(*first);
            Err(sample.unknown(shared(&nearest), &nearest.definition()))
        }
        None => Err("no source is registered".into()),
    }
}

/// The source of this id.
pub fn find(id: &str) -> Result<&'static dyn Source, String> {
    registry().iter().find(|source| source.definition().id == id).copied().ok_or_else(|| {
        let known: Vec<&str> = registry().iter().map(|source| source.definition().id).collect();
        format!("there is no source {id}; there are {}", known.join(", "))
    })
}
