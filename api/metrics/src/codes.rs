//! Codes that filters name: one that no list knows is an error, not an empty answer.

use std::collections::BTreeSet;

use crate::cube::{Condition, Cube, cube};
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::snapshot::Snapshot;

/// Codes named in a message, at most.
const NAMED: usize = 40;

/// Rejects a question whose filters name a code that is not known.
///
/// # Errors
/// The first such code, with those that there are.
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
            let named: Vec<&str> = known.iter().take(NAMED).map(String::as_str).collect();
            let named = match (*dimension, known.len() - named.len()) {
                (Dimension::Organization, _) => {
                    "the numbers of the list of organizations".to_owned()
                }
                (_, 0) if named.is_empty() => "none yet".to_owned(),
                (_, 0) => named.join(", "),
                (_, others) => format!("{} and {others} others", named.join(", ")),
            };
            return Err(MetricError::UnknownCode {
                dimension: *dimension,
                found: found.clone(),
                known: named,
            });
        }
    }
    Ok(())
}

/// Group keys of what has no code of its own.
fn is_unmapped(dimension: Dimension, code: &str) -> bool {
    let none = match dimension {
        Dimension::ExerciseType | Dimension::Organization => "none",
        Dimension::Discipline => "any",
        Dimension::Source => "unrecognised",
        _ => "unmapped",
    };
    code == none || code == "unmapped" || code.ends_with(":unmapped")
}

/// Those of these organizations that there are.
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
