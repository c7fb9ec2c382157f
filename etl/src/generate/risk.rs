//! Generates hazard vulnerability assessments: five organizations per region, each assessed twice
//! in two years.

use chrono::Months;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::people::People;
use super::tables::{GenerateError, Tables};
use super::{Recipe, Story};
use crate::template::CellValue;

const HAZARDS: [(&str, &str, [u8; 2]); 30] = [
    ("Hurricane", "Natural", [2, 2]),
    ("Tornado", "Natural", [1, 2]),
    ("Severe Thunderstorm", "Natural", [2, 1]),
    ("Snow Fall", "Natural", [3, 1]),
    ("Blizzard", "Natural", [2, 2]),
    ("Ice Storm", "Natural", [2, 2]),
    ("Earthquake", "Natural", [1, 2]),
    ("Temperature Extremes", "Natural", [2, 1]),
    ("Drought", "Natural", [1, 1]),
    ("Flood External", "Natural", [2, 2]),
    ("Wild Fire", "Natural", [1, 1]),
    ("Epidemic", "Natural", [2, 3]),
    ("Electrical Failure", "Technological", [2, 2]),
    ("Generator Failure", "Technological", [1, 2]),
    ("Water Failure", "Technological", [1, 2]),
    ("Communications Failure", "Technological", [2, 2]),
    ("HVAC Failure", "Technological", [2, 1]),
    ("Information Systems Failure", "Technological", [2, 2]),
    ("Fire Internal", "Technological", [1, 2]),
    ("Supply Shortage", "Technological", [2, 2]),
    ("Mass Casualty Incident (trauma)", "Human", [2, 3]),
    ("Mass Casualty Incident (medical/infectious)", "Human", [2, 2]),
    ("Active Shooter", "Human", [1, 3]),
    ("Cyber Attack", "Human", [2, 2]),
    ("Civil Disturbance", "Human", [1, 1]),
    ("Labor Action", "Human", [1, 1]),
    ("Bomb Threat", "Human", [1, 2]),
    ("Workplace Violence", "Human", [2, 1]),
    ("Chemical Exposure External", "Hazardous Materials", [1, 2]),
    ("Radiologic Exposure External", "Hazardous Materials", [1, 2]),
];

/// Writes the assessments.
pub fn write(
    recipe: &Recipe,
    people: &People,
    tables: &mut Tables,
    random: &mut ChaCha8Rng,
) -> Result<(), GenerateError> {
    for (region, code) in recipe.regions.iter().enumerate() {
        let is_untested = recipe.story(region) == Story::Untested;
        let assessors = people
            .members(region)
            .iter()
            .filter(|member| !["volunteer", "emergency_management"].contains(&member.discipline))
            .step_by(3)
            .take(5 * recipe.scale as usize);
        for (index, organization) in assessors.enumerate() {
            for (number, months) in [14_u32, 2].iter().enumerate() {
                let on =
                    recipe.as_of.checked_sub_months(Months::new(*months)).unwrap_or(recipe.as_of);
                let id = format!("FIC-HVA-{code}-{index}-{number}");
                for (hazard, category, usual) in HAZARDS {
                    let top = is_untested && hazard == "Cyber Attack";
                    let mut around = |usual: u8| -> i64 {
                        // Only one hazard of the region has the highest risk.
                        let highest = if is_untested { 2 } else { 3 };
                        if top {
                            3
                        } else {
                            (i64::from(usual) + random.random_range(-1..=1)).clamp(1, highest)
                        }
                    };
                    let probability = around(usual[0]);
                    let impacts = [around(usual[1]), around(usual[1]), around(usual[1])];
                    let readiness = [
                        random.random_range(1..=3),
                        random.random_range(1..=3),
                        random.random_range(1..=3),
                    ];
                    let applies = top || random.random_bool(0.93);
                    let score = |score: i64| CellValue::Integer(if applies { score } else { 0 });
                    tables.row(
                        "risk_scores",
                        &[
                            ("assessment_id", CellValue::text(id.as_str())),
                            ("organization_id", CellValue::text(organization.id.as_str())),
                            ("assessed_on", CellValue::Date(on)),
                            ("method", CellValue::text("kaiser_hva")),
                            ("edition", CellValue::text("2017")),
                            ("hazard", CellValue::text(hazard)),
                            ("category", CellValue::text(category)),
                            ("probability", score(probability)),
                            ("human_impact", score(impacts[0])),
                            ("property_impact", score(impacts[1])),
                            ("business_impact", score(impacts[2])),
                            ("preparedness", score(readiness[0])),
                            ("internal_response", score(readiness[1])),
                            ("external_response", score(readiness[2])),
                            ("alerts", CellValue::Integer(random.random_range(0..6))),
                            ("activations", CellValue::Integer(random.random_range(0..2))),
                        ],
                    )?;
                }
            }
        }
    }
    Ok(())
}
