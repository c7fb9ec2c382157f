//! Generates ratings, findings and corrective actions.

use chrono::{Days, NaiveDate};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::events::GeneratedEvent;
use super::phrases::{AreaPhrases, CapabilityPhrases, Gaps, fill};
use super::tables::{GenerateError, Tables};
use super::trackers::{self, TrackedAction};
use super::{QUARTERS, Recipe, Story};
use crate::template::CellValue;

/// Writes a rating, with its findings and actions if the report is final.
pub fn write(
    recipe: &Recipe,
    event: &GeneratedEvent<'_>,
    capability: &CapabilityPhrases,
    rating: &str,
    tables: &mut Tables,
    random: &mut ChaCha8Rng,
) -> Result<(), GenerateError> {
    tables.row(
        "ratings",
        &[
            ("framework", CellValue::text(capability.framework.as_str())),
            ("capability", CellValue::text(capability.code.as_str())),
            ("event_id", CellValue::text(event.id.as_str())),
            ("level", CellValue::text("CAPABILITY")),
            ("subject", CellValue::text(capability.objective.as_str())),
            ("scale", CellValue::text("PSMU")),
            ("rating", CellValue::text(rating)),
        ],
    )?;
    if event.final_on.is_none() {
        return Ok(());
    }
    let areas = match rating {
        "P" => 0,
        "S" => usize::from(random.random_bool(0.55)),
        _ => 1 + usize::from(random.random_bool(0.35)),
    };
    if areas == 0 || random.random_bool(0.2) {
        let strength = &capability.strengths[random.random_range(0..capability.strengths.len())];
        finding(event, capability, None, strength, 0, tables, random)?;
    }
    let from = random.random_range(0..capability.area.len());
    for number in 0..areas {
        let area = &capability.area[(from + number) % capability.area.len()];
        let id = finding(event, capability, Some(area), &area.text, number + 1, tables, random)?;
        let first = random.random_range(0..area.actions.len());
        for at in 0..2.min(area.actions.len()) {
            let action = &area.actions[(first + at) % area.actions.len()];
            let course = course(recipe, event, random);
            write_action(
                recipe, event, capability, area, action, &id, at, &course, tables, random,
            )?;
        }
    }
    Ok(())
}

/// Writes the recurring gap in information sharing, found again although its action was completed.
pub fn write_relapse(
    event: &GeneratedEvent<'_>,
    capability: &CapabilityPhrases,
    recipe: &Recipe,
    tables: &mut Tables,
    random: &mut ChaCha8Rng,
) -> Result<(), GenerateError> {
    let Some(opened) = event.final_on else { return Ok(()) };
    let Some(area) = capability.area.iter().find(|area| area.element == "planning") else {
        return Ok(());
    };
    let id = finding(event, capability, Some(area), &area.text, 9, tables, random)?;
    let done = later(opened, 45);
    let course = Course {
        opened,
        due: Some(later(opened, 90)),
        moved: None,
        completed: (done <= recipe.as_of).then_some(done),
        cancelled: None,
        validated: None,
    };
    write_action(recipe, event, capability, area, &area.actions[0], &id, 9, &course, tables, random)
}

fn finding(
    event: &GeneratedEvent<'_>,
    capability: &CapabilityPhrases,
    area: Option<&AreaPhrases>,
    text: &str,
    number: usize,
    tables: &mut Tables,
    random: &mut ChaCha8Rng,
) -> Result<String, GenerateError> {
    let names = [event.present[0].name.as_str(), event.present[1].name.as_str()];
    let gaps = Gaps { organizations: names, event: &event.name, hazard: event.hazard };
    let id = format!("{}-{}{}-{number}", event.id, capability.framework, capability.code);
    let said = fill(text, &gaps, random);
    let analysis = area.map(|area| fill(&area.analysis, &gaps, random));
    let reference = &capability.references[random.random_range(0..capability.references.len())];
    tables.row(
        "findings",
        &[
            ("finding_id", CellValue::text(id.as_str())),
            ("event_id", CellValue::text(event.id.as_str())),
            (
                "kind",
                CellValue::text(if area.is_some() { "AREA_FOR_IMPROVEMENT" } else { "STRENGTH" }),
            ),
            ("framework", CellValue::text(capability.framework.as_str())),
            ("capability", CellValue::text(capability.code.as_str())),
            ("elements", CellValue::maybe(area, |area| CellValue::text(area.element.clone()))),
            ("text", CellValue::text(said)),
            ("reference", CellValue::text(reference.as_str())),
            ("analysis", CellValue::maybe(analysis, CellValue::text)),
        ],
    )?;
    Ok(id)
}

/// Dates of an action.
struct Course {
    opened: NaiveDate,
    due: Option<NaiveDate>,
    moved: Option<NaiveDate>,
    completed: Option<NaiveDate>,
    cancelled: Option<NaiveDate>,
    validated: Option<NaiveDate>,
}

fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

fn course(recipe: &Recipe, event: &GeneratedEvent<'_>, random: &mut ChaCha8Rng) -> Course {
    let opened = event.final_on.unwrap_or(event.on);
    let slow = event.story == Story::Aging;
    let due = later(opened, [90, 180, 270, 365][random.random_range(0..4)]);
    let moved = random
        .random_bool(if slow { 0.5 } else { 0.18 })
        .then(|| later(due, 90))
        .filter(|_| later(due, 0) <= recipe.as_of);
    // Exponentially distributed times to completion; some actions are never completed.
    let typical = if slow { 620.0 } else { 170.0 };
    let days = (-typical * random.random_range(0.02_f64..1.0).ln()) as u64 + 14;
    let never = random.random_bool(if slow { 0.4 } else { 0.08 });
    let completed = (!never).then(|| later(opened, days)).filter(|day| *day <= recipe.as_of);
    let cancelled = (completed.is_none() && random.random_bool(0.08))
        .then(|| later(opened, 120))
        .filter(|day| *day <= recipe.as_of);
    let validated = completed
        .filter(|_| random.random_bool(0.25))
        .map(|day| later(day, 150))
        .filter(|day| *day <= recipe.as_of);
    Course {
        opened,
        due: random.random_bool(0.95).then_some(due),
        moved,
        completed,
        cancelled,
        validated,
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of an action, each used once")]
fn write_action(
    recipe: &Recipe,
    event: &GeneratedEvent<'_>,
    capability: &CapabilityPhrases,
    area: &AreaPhrases,
    text: &str,
    finding: &str,
    number: usize,
    course: &Course,
    tables: &mut Tables,
    random: &mut ChaCha8Rng,
) -> Result<(), GenerateError> {
    let gaps = Gaps {
        organizations: [&event.present[0].name, &event.present[1].name],
        event: &event.name,
        hazard: event.hazard,
    };
    let owner = event.present[random.random_range(0..event.present.len())];
    let status = match course {
        Course { validated: Some(_), .. } => "VALIDATED",
        Course { completed: Some(_), .. } => "COMPLETED",
        Course { cancelled: Some(_), .. } => "CANCELLED",
        _ if random.random_bool(0.5) => "IN_PROGRESS",
        _ => "OPEN",
    };
    let proof = course.validated.filter(|_| event.quarter + 2 < QUARTERS);
    let moved = course.moved.filter(|_| course.due.is_some());
    let changed = moved
        .and(course.due)
        .filter(|day| course.completed.or(course.cancelled).is_none_or(|ended| *day <= ended));
    let moved = moved.filter(|_| changed.is_some());
    let id = format!("{finding}-A{number}");
    let ended = course.completed.or(course.cancelled);
    let tracked = TrackedAction { id: &id, owner: &owner.id, opened: course.opened, ended };
    trackers::write(recipe, &tracked, tables)?;
    tables.row(
        "actions",
        &[
            ("action_id", CellValue::text(id.as_str())),
            ("event_id", CellValue::text(event.id.as_str())),
            ("finding_id", CellValue::text(finding)),
            ("region", CellValue::text(event.region)),
            ("framework", CellValue::text(capability.framework.as_str())),
            ("capability", CellValue::text(capability.code.as_str())),
            ("elements", CellValue::text(area.element.as_str())),
            ("owner_organization_id", CellValue::text(owner.id.as_str())),
            ("text", CellValue::text(fill(text, &gaps, random))),
            ("priority", CellValue::text(["HIGH", "MEDIUM", "LOW"][random.random_range(0..3)])),
            ("status", CellValue::text(status)),
            ("opened_on", CellValue::Date(course.opened)),
            ("start_on", CellValue::Date(later(course.opened, 7))),
            ("due_original_on", CellValue::maybe(course.due, CellValue::Date)),
            ("due_on", CellValue::maybe(moved.or(course.due), CellValue::Date)),
            ("due_changed_on", CellValue::maybe(changed, CellValue::Date)),
            ("completed_on", CellValue::maybe(course.completed, CellValue::Date)),
            ("cancelled_on", CellValue::maybe(course.cancelled, CellValue::Date)),
            ("validated_on", CellValue::maybe(proof.or(course.validated), CellValue::Date)),
        ],
    )
}
