//! Reads the tests of a town's sirens; thrown away after the test (`tests/throw-away/run`).

use hotwash_documents::input::Input;

use super::csv_rows::{self, CsvRow, Fault, Vocabulary, fault};
use super::{Source, SourceDefinition, SourceError};
use crate::load::Sink;
use crate::lookup::{Lookup, UNMAPPED};
use crate::reading::time::{days_at_home, home};
use crate::record::{Event, EventKind, Exercise};

/// Source of siren tests.
pub struct SirenTests;

/// Columns of the file.
const COLUMNS: [&str; 4] = ["siren_test", "tested_on", "region", "remark"];

impl Source for SirenTests {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "siren_tests",
            name: "Siren tests",
            title: "Tests of sirens, one row a test",
            extensions: &[".csv"],
            headings: &COLUMNS,
        }
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        csv_rows::read(input, "exercise", Vocabulary::new(&COLUMNS, &[]), sink, |row, sink| {
            match siren_test(row, lookup, sink) {
                Ok(event) => sink.record(&event)?,
                Err(fault) => row.reject(sink, "exercise", &fault),
            }
            Ok(())
        })
    }
}

/// Returns the exercise of a row.
fn siren_test(row: &CsvRow<'_>, lookup: &Lookup, sink: &mut Sink) -> Result<Event, Fault> {
    let tested_on = csv_rows::day("tested_on", &row.get("tested_on"))?;
    let region = row.get("region");
    let Some(region_id) = lookup.region(&region) else {
        return Err(fault("region", &region, "is not a region of this jurisdiction"));
    };
    let (start_at, end_at) = days_at_home(tested_on, tested_on);
    Ok(Event {
        row: row.number,
        source_id: row.get("siren_test").into_owned(),
        kind: EventKind::Exercise,
        name: format!("Siren test {}", row.get("siren_test")),
        start_at,
        end_at: Some(end_at),
        local_date: tested_on,
        end_local_date: Some(tested_on),
        time_zone: Some(home().name().into()),
        narrative: Some(sink.redacted(&row.get("remark"))),
        hazards: vec![UNMAPPED],
        regions: vec![(region_id, 1.0)],
        exercise: Some(Exercise { exercise_type_id: UNMAPPED, ..Exercise::default() }),
        ..Event::default()
    })
}
