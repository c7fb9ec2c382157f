//! Loads the data of `hotwash demo`, and counts the records of each document.

use hotwash_schema::connect::connect;
use hotwash_schema::profile;

use crate::generate::{Memory, Recipe, generate};
use crate::input::Input;
use crate::load::{FileReport, LoadError, Options, Progress, load_inputs};
use crate::samples;

/// Record kinds by file: singular, plural, and the tables with a file id.
const KINDS: [(&str, &str, &str); 8] = [
    (
        "exercise",
        "exercises",
        "warehouse.event_source t join warehouse.event e using (event_id) where e.kind = \
         'EXERCISE'",
    ),
    (
        "incident",
        "incidents",
        "warehouse.event_source t join warehouse.event e using (event_id) where e.kind = \
         'INCIDENT'",
    ),
    ("rating", "ratings", "warehouse.capability_rating t where true"),
    ("finding", "findings", "warehouse.finding t where true"),
    ("action", "actions", "warehouse.corrective_action_source t where true"),
    ("participant", "participants", "warehouse.participation t where true"),
    ("milestone", "milestones", "warehouse.milestone t where true"),
    ("hazard score", "hazard scores", "warehouse.risk_score t where true"),
];

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

/// Loads a fictional coalition, whose records are all marked so, and the bundled public files.
/// Loading again changes nothing.
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
    generate(&Recipe::default(), &generated)?;
    let mut inputs = documents();
    inputs.extend(generated.take().into_iter().map(|(name, bytes)| Input::memory(&name, bytes)));
    load_as(url, inputs, true, progress).await
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
    let options = Options { label: Some("demo".into()), fictional, ..Options::default() };
    load_inputs(url, inputs, &options, progress).await
}

/// Returns the records that were read from each of the coalition's documents.
///
/// # Errors
/// Returns an error if the warehouse cannot be read.
pub async fn contents(url: &str) -> Result<Vec<Contents>, LoadError> {
    let counts: Vec<String> = KINDS
        .iter()
        .map(|(_, _, from)| {
            format!("(select count(*) from {from} and t.file_id in (select file_id from file))")
        })
        .collect();
    let sql = format!(
        "with file as (select file_id, source from meta.file where name = $1 and status = 'LOADED') \
         select (select max(source) from file), array[{}]",
        counts.join(", ")
    );
    let client = connect(url).await?;
    let mut contents = Vec::new();
    for input in documents() {
        let row = client.query_one(&sql, &[&input.name()]).await?;
        let (Some(source), counts): (Option<String>, Vec<i64>) = (row.get(0), row.get(1)) else {
            continue;
        };
        let records = KINDS.iter().zip(counts).filter(|(_, count)| *count > 0);
        let records = records.map(|((one, many, _), count)| {
            format!("{count} {}", if count == 1 { one } else { many })
        });
        contents.push(Contents {
            file: input.name().to_owned(),
            source,
            records: records.collect::<Vec<_>>().join(", "),
        });
    }
    Ok(contents)
}
