//! Checks the codes that filters name. An unknown code is an error, not an empty answer.

use std::collections::BTreeSet;

use hotwash_schema::nearest::choices;

use crate::cube::{Condition, Cube, cube};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::snapshot::Snapshot;

/// Rejects a query whose filters name an unknown code.
///
/// # Errors
/// For the first unknown code; the message lists the known ones.
pub(crate) fn check(snapshot: &Snapshot, query: &MetricQuery) -> Result<(), MetricError> {
    for (dimension, wanted) in &query.filter {
        let known = if *dimension == Dimension::Organization {
            organizations(snapshot, wanted)?
        } else {
            snapshot.codes(*dimension)
        };
        if let Some(found) =
            wanted.iter().find(|code| !is_unmapped(*dimension, code) && !known.contains(*code))
        {
            let choices = match dimension {
                Dimension::Organization => {
                    "; there are the numbers of the list of organizations".to_owned()
                }
                _ => choices(found, known.iter().map(String::as_str)),
            };
            let (dimension, found) = (*dimension, found.clone());
            return Err(MetricError::UnknownCode { dimension, found, choices });
        }
    }
    Ok(())
}

/// Returns true for the group key of records without a code.
fn is_unmapped(dimension: Dimension, code: &str) -> bool {
    let none = match dimension {
        Dimension::ExerciseType | Dimension::Organization => "none",
        Dimension::Discipline => "any",
        Dimension::Source => "unrecognized",
        _ => "unmapped",
    };
    code == none || code == "unmapped" || code.ends_with(":unmapped")
}

/// Returns the requested organizations that exist.
fn organizations(snapshot: &Snapshot, wanted: &[String]) -> Result<BTreeSet<String>, MetricError> {
    let ids = wanted.iter().filter_map(|id| id.parse().ok()).collect();
    let known = Cube::of("organizations")
        .only(Condition::OneOf("organization_id", ids))
        .key("id", crate::cube::column("organization_id"));
    let groups = cube(snapshot, &known, &MetricQuery::always(), &[])?;
    Ok(groups
        .iter()
        .flat_map(|group| group.integer("id"))
        .flatten()
        .map(ToString::to_string)
        .collect())
}
