//! Generates a quarter of a region: exercises and incidents with participants, time stamps,
//! requests and ratings.

mod generated;

use chrono::{DateTime, Duration, NaiveDate, Utc};
pub use generated::GeneratedEvent;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::people::{GeneratedOrganization, People};
use super::phrases::Phrases;
use super::tables::{GenerateError, Tables};
use super::{QUARTERS, Recipe, Story, improvement};
use crate::reading::time::{Stamp, home, settle_one};
use crate::template::CellValue;

/// State of a region that continues from quarter to quarter.
#[derive(Clone, Debug, Default)]
pub struct RegionState {
    /// Balance of good ratings still due, which spreads a share evenly instead of by chance.
    owed: f64,
    /// Events so far.
    events: u32,
    /// Capability to rate next.
    next: usize,
    /// Activations with time stamps so far.
    timed: u32,
}

/// Returns one state per region.
pub fn states(recipe: &Recipe) -> Vec<RegionState> {
    recipe.regions.iter().map(|_| RegionState { owed: 0.5, ..RegionState::default() }).collect()
}

const HAZARDS: [(&str, &str, &str); 12] = [
    ("winter_storm", "Winter Storm", "a winter storm"),
    ("mass_casualty_trauma", "Mass Casualty", "a crash with many injured"),
    ("epidemic", "Respiratory Surge", "a surge of respiratory illness"),
    ("power_failure", "Power Failure", "a long power failure"),
    ("hurricane", "Hurricane", "a hurricane"),
    ("flood", "River Flood", "a river flood"),
    ("it_failure", "Records Outage", "an outage of electronic records"),
    ("chemical_external", "Chemical Release", "a chemical release"),
    ("extreme_heat", "Heat Wave", "a heat wave"),
    ("active_shooter", "Active Shooter", "an armed assault"),
    ("ice_storm", "Ice Storm", "an ice storm"),
    ("cyber_attack", "Cyber Attack", "a cyber attack"),
];
const TYPES: [(&str, &str, i64); 7] = [
    ("TTX", "Tabletop", 180),
    ("DRL", "Drill", 120),
    ("FE", "Functional Exercise", 300),
    ("TTX", "Tabletop", 150),
    ("WKS", "Workshop", 240),
    ("FSE", "Full-Scale Exercise", 480),
    ("SEM", "Seminar", 120),
];

/// Returns the share of good ratings of a region in a quarter.
fn share(story: Story, quarter: u32, random: &mut ChaCha8Rng) -> f64 {
    let quarter = f64::from(quarter);
    match story {
        Story::Improving => 0.45 + 0.45 * quarter / f64::from(QUARTERS - 1),
        Story::Flat => 0.68 + if (quarter as u32).is_multiple_of(2) { 0.08 } else { -0.08 },
        Story::Untested => 0.66 + random.random_range(-0.08..0.08),
        Story::Aging => 0.58 + random.random_range(-0.08..0.08),
        Story::Steady => 0.75 + random.random_range(-0.08..0.08),
        Story::Ordinary => 0.68 + random.random_range(-0.08..0.08),
        Story::Relapsing => 0.70 + random.random_range(-0.08..0.08),
    }
}

/// Writes a quarter.
#[expect(clippy::too_many_arguments, reason = "the parts of the generator, each used")]
pub fn write_quarter(
    recipe: &Recipe,
    region: usize,
    quarter: u32,
    state: &mut RegionState,
    people: &People,
    phrases: &Phrases,
    tables: &mut Tables,
    random: &mut ChaCha8Rng,
) -> Result<(), GenerateError> {
    let good = share(recipe.story(region), quarter, random);
    let exercises = 2 * recipe.scale + u32::from(quarter.is_multiple_of(5));
    let incidents = recipe.scale + u32::from(quarter % 7 == 3);
    for number in 0..exercises + incidents {
        let is_exercise = number < exercises;
        let on = recipe.day(quarter, (f64::from(number) + 0.5) / f64::from(exercises + incidents));
        let event =
            write_event(recipe, region, quarter, on, is_exercise, state, people, tables, random)?;
        let rated = if is_exercise { 7 } else { 5 };
        let mut capabilities: Vec<usize> =
            (0..rated).map(|at| (state.next + at) % phrases.capabilities.len()).collect();
        state.next += rated;
        // The region that relapses rates Information Sharing each time.
        let sharing = phrases.index_of("PHEP", "6")?;
        if recipe.story(region) == Story::Relapsing && !capabilities.contains(&sharing) {
            capabilities[0] = sharing;
        }
        for capability in capabilities {
            state.owed += good;
            let is_good = state.owed >= 1.0;
            if is_good {
                state.owed -= 1.0;
            }
            let rating = match (is_good, random.random_bool(0.5)) {
                (true, true) => "P",
                (true, false) => "S",
                (false, true) => "M",
                (false, false) => {
                    if random.random_bool(0.4) {
                        "U"
                    } else {
                        "M"
                    }
                }
            };
            improvement::write(
                recipe,
                &event,
                &phrases.capabilities[capability],
                rating,
                tables,
                random,
            )?;
        }
        if recipe.story(region) == Story::Relapsing && is_exercise && number == 0 {
            improvement::write_relapse(
                &event,
                &phrases.capabilities[sharing],
                recipe,
                tables,
                random,
            )?;
        }
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the parts of the generator, each used")]
fn write_event<'a>(
    recipe: &'a Recipe,
    region: usize,
    quarter: u32,
    on: NaiveDate,
    is_exercise: bool,
    state: &mut RegionState,
    people: &'a People,
    tables: &mut Tables,
    random: &mut ChaCha8Rng,
) -> Result<GeneratedEvent<'a>, GenerateError> {
    let code = recipe.regions[region].as_str();
    state.events += 1;
    // One region never experiences its top risk.
    let known =
        if recipe.story(region) == Story::Untested { HAZARDS.len() - 1 } else { HAZARDS.len() };
    let (hazard, short, words) = HAZARDS[(state.events as usize * 5 + region * 3) % known];
    let (type_code, type_name, minutes) = TYPES[(state.events as usize + region) % TYPES.len()];
    let operations = ["DRL", "FE", "FSE"].contains(&type_code);
    let id = format!("FIC-{}-{code}-{:04}", if is_exercise { "EX" } else { "IN" }, state.events);
    let name = if is_exercise {
        format!("Region {code} {short} {type_name} {}", on.format("%Y-%m"))
    } else {
        format!("Region {code} {short} Response {}", on.format("%Y-%m"))
    };
    let start = at(on, random.random_range(7..11), random.random_range(0..60));
    let length = if is_exercise { minutes } else { random.random_range(6..70) * 60 };
    let end = start + Duration::minutes(length);
    let responded = !is_exercise && !state.events.is_multiple_of(4);
    let owes_aar = is_exercise || responded;
    let level = if responded {
        if state.events.is_multiple_of(3) { "full" } else { "partial" }
    } else {
        "monitoring"
    };
    let mut values = vec![
        ("event_id", CellValue::text(id.as_str())),
        ("kind", CellValue::text(if is_exercise { "exercise" } else { "incident" })),
        ("name", CellValue::text(name.as_str())),
        ("start_at", CellValue::Moment(start)),
        ("end_at", CellValue::Moment(end)),
        ("time_zone", CellValue::text(home().name())),
        ("status", CellValue::text("HELD")),
        ("regions", CellValue::text(code)),
        ("hazards", CellValue::text(hazard)),
        ("owes_aar", CellValue::YesNo(owes_aar)),
        (
            "narrative",
            CellValue::text(format!(
                "Fictional: members of region {code} {} {words}.",
                if is_exercise { "practiced their response to" } else { "responded to" }
            )),
        ),
    ];
    if is_exercise {
        values.extend([
            ("exercise_type", CellValue::text(type_code)),
            ("sponsor_organization_id", CellValue::text(people.coalition(region).id.as_str())),
            (
                "program",
                CellValue::text(if state.events.is_multiple_of(2) { "HPP" } else { "PHEP" }),
            ),
            (
                "scope",
                CellValue::text(format!(
                    "{} hours with members of several disciplines.",
                    minutes / 60
                )),
            ),
            ("scenario", CellValue::text(format!("Fictional: {words} strikes the region."))),
            ("time_limit_minutes", CellValue::Integer(minutes)),
        ]);
    } else {
        values.extend([
            ("response", CellValue::text(if responded { "RESPONDED" } else { "MONITORED" })),
            ("activation_level", CellValue::text(level)),
            ("patients", CellValue::Integer(random.random_range(0..60))),
            ("hospitals_involved", CellValue::Integer(random.random_range(1..5))),
        ]);
    }
    tables.row("events", &values)?;
    let members = people.members(region);
    let step = 1 + (state.events as usize % 2);
    let from = random.random_range(0..members.len());
    let present: Vec<&GeneratedOrganization> =
        (0..10).map(|at| &members[(from + at * step) % members.len()]).collect();
    let mut seen = std::collections::BTreeSet::new();
    for organization in present.iter().filter(|organization| seen.insert(organization.id.clone())) {
        tables.row(
            "participation",
            &[
                ("event_id", CellValue::text(id.as_str())),
                ("organization_id", CellValue::text(organization.id.as_str())),
                ("role", CellValue::text(if is_exercise { "PLAYER" } else { "RESPONDER" })),
                ("executive_present", CellValue::YesNo(random.random_bool(0.4))),
                ("participant_count", CellValue::Integer(random.random_range(1..20))),
            ],
        )?;
    }
    let final_on = owes_aar
        .then(|| aar_days(random))
        .flatten()
        .map(|days| (end + Duration::days(days)).date_naive())
        .filter(|day| *day <= recipe.as_of);
    let story = recipe.story(region);
    let event = GeneratedEvent {
        id,
        name,
        region: code,
        story,
        quarter,
        hazard: words,
        on,
        present,
        final_on,
    };
    if !is_exercise || operations {
        write_times(&event, start, end, state, responded || is_exercise, tables, random)?;
    }
    if let Some(day) = final_on {
        milestone(&event, "aar_final", at(day, 12, 0), "DAY", tables)?;
    }
    if responded {
        write_requests(&event, start, tables, random)?;
    }
    Ok(event)
}

/// Returns the days from an event to its final report; none if it is never written.
fn aar_days(random: &mut ChaCha8Rng) -> Option<i64> {
    match random.random_range(0..100) {
        0..80 => Some(random.random_range(20..75)),
        80..92 => Some(random.random_range(75..150)),
        _ => None,
    }
}

fn write_times(
    event: &GeneratedEvent<'_>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    state: &mut RegionState,
    activated: bool,
    tables: &mut Tables,
    random: &mut ChaCha8Rng,
) -> Result<(), GenerateError> {
    let acknowledged = start + Duration::minutes(random.random_range(2..15));
    milestone(event, "notified", start, "MINUTE", tables)?;
    milestone(event, "acknowledged", acknowledged, "MINUTE", tables)?;
    if activated {
        state.timed += 1;
        let minutes = match event.story {
            // About 32 minutes, stable except for one outlier.
            Story::Steady if state.timed == 23 => 150,
            Story::Steady if state.timed.is_multiple_of(2) => random.random_range(18..=28),
            Story::Steady => random.random_range(36..=46),
            _ => 15 + (random.random_range(0.0_f64..1.0).powi(2) * 75.0) as i64,
        };
        let active = start + Duration::minutes(minutes.max(15));
        milestone(event, "activated", active, "MINUTE", tables)?;
        let report = active + Duration::minutes(random.random_range(20..110));
        if random.random_bool(0.85) && report < end {
            milestone(event, "first_sitrep", report, "MINUTE", tables)?;
        }
    }
    milestone(event, "demobilized", end, "MINUTE", tables)
}

fn milestone(
    event: &GeneratedEvent<'_>,
    name: &str,
    moment: DateTime<Utc>,
    precision: &str,
    tables: &mut Tables,
) -> Result<(), GenerateError> {
    tables.row(
        "milestones",
        &[
            ("event_id", CellValue::text(event.id.as_str())),
            ("milestone", CellValue::text(name)),
            ("occurred_at", CellValue::Moment(moment)),
            ("precision", CellValue::text(precision)),
        ],
    )
}

fn write_requests(
    event: &GeneratedEvent<'_>,
    start: DateTime<Utc>,
    tables: &mut Tables,
    random: &mut ChaCha8Rng,
) -> Result<(), GenerateError> {
    const RESOURCES: [&str; 6] = [
        "Ambulance, basic life support",
        "Ventilator, transport",
        "Nurse, registered",
        "Generator, 100 kW",
        "Respirator, N95 (case)",
        "Cot, medical",
    ];
    for number in 0..2 {
        let asked = start + Duration::minutes(random.random_range(40..240));
        let quantity = random.random_range(2..20);
        let (status, filled, after) = match random.random_range(0..10) {
            0 => ("OPEN", 0, None),
            1 | 2 => ("PARTIAL", quantity / 2, None),
            _ => ("FILLED", quantity, Some(random.random_range(30..400))),
        };
        tables.row(
            "resource_requests",
            &[
                ("resource_request_id", CellValue::text(format!("{}-R{number}", event.id))),
                ("event_id", CellValue::text(event.id.as_str())),
                ("region", CellValue::text(event.region)),
                ("organization_id", CellValue::text(event.present[number].id.as_str())),
                ("resource", CellValue::text(RESOURCES[random.random_range(0..RESOURCES.len())])),
                ("priority", CellValue::text(if number == 0 { "URGENT" } else { "ROUTINE" })),
                ("status", CellValue::text(status)),
                ("quantity_requested", CellValue::Number(quantity as f64)),
                ("quantity_filled", CellValue::Number(filled as f64)),
                ("requested_at", CellValue::Moment(asked)),
                ("needed_by", CellValue::Moment(asked + Duration::hours(4))),
                (
                    "filled_at",
                    CellValue::maybe(after, |minutes: i64| {
                        CellValue::Moment(asked + Duration::minutes(minutes))
                    }),
                ),
            ],
        )?;
    }
    let asked = start + Duration::minutes(60);
    let mut seen = std::collections::BTreeSet::new();
    for organization in event.present.iter().filter(|organization| seen.insert(&organization.id)) {
        let answered = random
            .random_bool(0.85)
            .then(|| asked + Duration::minutes(random.random_range(5..100)));
        tables.row(
            "information_requests",
            &[
                ("information_request_id", CellValue::text(format!("{}-I", event.id))),
                ("event_id", CellValue::text(event.id.as_str())),
                ("label", CellValue::text("Available beds by type")),
                ("platform", CellValue::text("web form")),
                ("asked_at", CellValue::Moment(asked)),
                ("due_at", CellValue::Moment(asked + Duration::hours(1))),
                ("organization_id", CellValue::text(organization.id.as_str())),
                ("received_at", CellValue::maybe(answered, CellValue::Moment)),
            ],
        )?;
    }
    Ok(())
}

fn at(day: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
    let local = day.and_hms_opt(hour, minute, 0).unwrap_or_default();
    settle_one(&Stamp::of_local(local), home()).at
}
