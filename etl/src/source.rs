//! Defines sources. Each reads one file format, in one file of `source/`, with one line in the
//! registry below.

mod cell_labels;
pub(crate) mod column_counter;
mod column_usage;
pub(crate) mod csv_rows;
mod definition;
mod error;
mod grid_rows;
mod grids;
mod own_header;
pub(crate) mod parquet_rows;
mod record_id;
mod sample;
mod similar_tables;
pub(crate) mod table_rows;
mod timeline;
mod unknown;

use hotwash_documents::input::Input;

use crate::code::WarningCode;
use crate::error::ChoiceError;
use crate::layout::{LayoutSource, Layouts};
use crate::load::Sink;
pub use column_usage::{ColumnFate, ColumnUsage};
pub use definition::{Rank, Source, SourceDefinition};
pub use error::SourceError;
pub(crate) use own_header::is_own_header;
pub use sample::Sample;

/// Declares the modules of the sources and lists them.
macro_rules! registry {
    ($($file:ident::$source:ident,)*) => {
        $(pub(crate) mod $file;)*
        static SOURCES: &[&dyn Source] = &[$(&$file::$source,)*];
    };
}

// The registry: a new source is its file and one line here.
registry! {
    openfema_declarations::OpenfemaDeclarations,
    noaa_storm_events::NoaaStormEvents,
    ics209::Ics209,
    municipalities::Municipalities,
    hseep_aar_docx::HseepAarDocx,
    improvement_plan_xlsx::ImprovementPlanXlsx,
    owner_tracker::OwnerTracker,
    hva_xlsx::HvaXlsx,
    duty_officer_log::DutyOfficerLog,
    exercise_calendar::ExerciseCalendar,
    hotwash::Hotwash,
}

/// Returns all sources.
pub fn registry() -> &'static [&'static dyn Source] {
    SOURCES
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
            Err(ChoiceError::Unknown(unknown::message(sample, doubted, registry())))
        }
        [] => Err(ChoiceError::Unsuitable("no source is registered")),
    }
}

/// Warns of the sheets of a workbook that another source would read. A file is read by one source.
pub(crate) fn report_other_sheets(input: &Input, source: &dyn Source, sink: &mut Sink) {
    let own = source.definition().id;
    let Ok(sample) = Sample::take(input) else { return };
    if sample.grids.len() < 2 || own.starts_with(crate::layout::PREFIX) {
        return;
    }
    for grid in &sample.grids {
        let alone = Sample { grids: vec![grid.clone()], ..Sample::default() };
        let other = registry()
            .iter()
            .find(|other| other.definition().id != own && other.recognize(&alone) >= SURE);
        if let (Some(other), true) = (other, source.recognize(&alone) < SURE) {
            let message = format!(
                "looks like another kind of table ({}) and was not read, because a file is read as \
                 one kind; save the sheet as a file of its own and load it",
                other.definition().title
            );
            sink.warn(WarningCode::UnreadSheet, None, Some(&grid.name), &message, 0);
        }
    }
}

/// Returns the name of a source for readers. A layout has the name that its author gave it.
pub fn name_of(id: &str) -> String {
    let built_in = registry().iter().map(|source| source.definition()).find(|one| one.id == id);
    match built_in {
        Some(definition) => definition.name.to_owned(),
        None => id.strip_prefix(crate::layout::PREFIX).unwrap_or(id).replace('_', " "),
    }
}

/// Returns the source with this id.
pub fn find(id: &str) -> Result<&'static dyn Source, ChoiceError> {
    registry().iter().find(|source| source.definition().id == id).copied().ok_or_else(|| {
        let known: Vec<&str> = registry().iter().map(|source| source.definition().id).collect();
        ChoiceError::NoSource { found: id.to_owned(), known: known.join(", ") }
    })
}
