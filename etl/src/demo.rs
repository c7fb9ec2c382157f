//! Loads the data of `hotwash demo`, and counts the records of each document.

use chrono::{Datelike, NaiveDate};
use diesel::sql_types::{BigInt, Date, Nullable, Text};
use hotwash_documents::input::Input;
use hotwash_schema::{SchemaError, profile};

use crate::generate::{Memory, Recipe, generate};
use crate::load::{FileReport, LoadError, Options, Progress, load_inputs};
use crate::samples;
use crate::sql::sql;
use hotwash_schema::copy::{Connection, RunStatement};

/// Label of the demo's loads.
const LABEL: &str = "demo";

/// Records in the warehouse that came from one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// File name.
    pub file: String,
    /// Id of its source.
    pub source: String,
    /// Text such as `1 exercise, 4 ratings, 8 actions`.
    pub records: String,
}

/// Loads a fictional coalition, whose records are all marked so, and the bundled public files. Its
/// five years end with the last complete month. Loading again changes nothing, also months later.
///
/// # Errors
/// Returns an error if the warehouse cannot be used or the fictional data cannot be generated.
pub async fn load(url: &str, progress: &dyn Progress) -> Result<Vec<FileReport>, LoadError> {
    let mut reports = load_fictional(url, progress).await?;
    reports.extend(load_as(url, samples::public(), false, progress).await?);
    Ok(reports)
}

/// Loads only the fictional coalition: its documents, then the template files of its members.
///
/// # Errors
/// Returns the same errors as [`load`].
pub async fn load_fictional(
    url: &str,
    progress: &dyn Progress,
) -> Result<Vec<FileReport>, LoadError> {
    let generated = Memory::default();
    let as_of = last_day(url).await?;
    generate(&Recipe { as_of, ..Recipe::default() }, &generated)?;
    let mut inputs = documents();
    inputs.extend(generated.take().into_iter().map(|(name, bytes)| Input::memory(&name, bytes)));
    load_as(url, inputs, true, progress).await
}

/// Returns the last day of the generated data: the end of the month before the demo was first
/// loaded into this warehouse.
async fn last_day(url: &str) -> Result<NaiveDate, LoadError> {
    let connection = Connection::open(url).await?;
    let first = sql!("demo/first_loaded.sql").query().bind::<Text, _>(LABEL);
    let first = connection.rows::<(Nullable<Date>,), _>(first).await;
    let first: Vec<(Option<NaiveDate>,)> = first.map_err(SchemaError::from)?;
    let loaded = first.first().and_then(|(day,)| *day);
    let day = loaded.unwrap_or_else(|| profile::active().today());
    Ok(day.with_day(1).and_then(|first| first.pred_opt()).unwrap_or(day))
}

/// The documents of the fictional coalition. They name regions of the default profile; elsewhere
/// the generated files alone are the coalition.
fn documents() -> Vec<Input> {
    if profile::active().is_default() { samples::coalition() } else { Vec::new() }
}

async fn load_as(
    url: &str,
    inputs: Vec<Input>,
    fictional: bool,
    progress: &dyn Progress,
) -> Result<Vec<FileReport>, LoadError> {
    let inputs = inputs.into_iter().map(|input| (input.name().to_owned(), Ok(input))).collect();
    let options = Options { label: Some(LABEL.into()), fictional, ..Options::default() };
    load_inputs(url, inputs, &options, progress).await
}

/// Returns the records that were read from each of the coalition's documents.
///
/// # Errors
/// Returns an error if the warehouse cannot be read.
pub async fn contents(url: &str) -> Result<Vec<Contents>, LoadError> {
    let connection = Connection::open(url).await?;
    let mut contents = Vec::new();
    for input in documents() {
        let counted = sql!("demo/contents.sql").query().bind::<Text, _>(input.name());
        let counted = connection.rows::<(Nullable<Text>, Text, Text, BigInt), _>(counted).await;
        let counted: Vec<(Option<String>, String, String, i64)> =
            counted.map_err(SchemaError::from)?;
        let Some((Some(source), ..)) = counted.first() else { continue };
        let records = counted.iter().map(|(_, one, many, count)| {
            format!("{count} {}", if *count == 1 { one } else { many })
        });
        contents.push(Contents {
            file: input.name().to_owned(),
            source: source.clone(),
            records: records.collect::<Vec<_>>().join(", "),
        });
    }
    Ok(contents)
}
