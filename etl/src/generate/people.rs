//! Generates fictional organizations in fictional towns, in every discipline; never persons.

use super::Recipe;
use super::tables::{GenerateError, Tables};
use crate::template::CellValue;

/// Organization.
#[derive(Clone, Debug)]
pub struct GeneratedOrganization {
    /// Id in the files.
    pub id: String,
    /// Name.
    pub name: String,
    /// Discipline code.
    pub discipline: &'static str,
}

/// Organizations by region, the coalition itself first.
pub struct People {
    regions: Vec<Vec<GeneratedOrganization>>,
}

const PLACES: [[&str; 7]; 6] = [
    [
        "Quabbin Ridge",
        "Alder Falls",
        "Mohawk Bend",
        "Pine Hollow",
        "Stonebrook",
        "Millriver",
        "Westering",
    ],
    [
        "Blackstone Hill",
        "Asher Mills",
        "Nashoba Fields",
        "Oakdam",
        "Sutterfield",
        "Twinponds",
        "Granite Vale",
    ],
    [
        "Merrow Valley",
        "Ipsley",
        "Saltmarsh Neck",
        "Harbor Point",
        "Danfield",
        "Cape Annis",
        "Linwood",
    ],
    [
        "Charlesbank",
        "Fresh Brook",
        "Arlen Heights",
        "Neponset Green",
        "Bluehill",
        "Waltmere",
        "Riverside",
    ],
    [
        "Old Harbor",
        "Eastgate",
        "Beacon Row",
        "Fort Point South",
        "Mattapan Square",
        "Longwood North",
        "Dorset Hill",
    ],
    [
        "Cranberry Shore",
        "Buzzard Cove",
        "Plymton",
        "Taunt River",
        "Sandneck",
        "Whalers Port",
        "Islands",
    ],
];
/// Kinds of organizations in a region: discipline, name, number.
const KINDS: [(&str, &str, usize); 10] = [
    ("acute_care_hospital", "Hospital", 4),
    ("community_health_center", "Community Health Center", 3),
    ("emergency_medical_services", "Ambulance Service", 3),
    ("local_public_health", "Board of Health", 4),
    ("long_term_care", "Nursing and Rehabilitation Center", 3),
    ("emergency_management", "Emergency Management", 1),
    ("home_health", "Visiting Nurses", 1),
    ("dialysis", "Dialysis Center", 1),
    ("behavioral_health", "Behavioral Health Services", 1),
    ("volunteer", "Medical Reserve Corps", 1),
];

/// Writes the organizations.
pub fn write(recipe: &Recipe, tables: &mut Tables) -> Result<People, GenerateError> {
    let mut regions = Vec::new();
    for (region, code) in recipe.regions.iter().enumerate() {
        let mut own = vec![GeneratedOrganization {
            id: format!("FIC-{code}-00"),
            name: format!("Region {code} Demonstration Coalition"),
            discipline: "coalition",
        }];
        for copy in 0..recipe.scale.min(20) {
            for (kind, (discipline, suffix, count)) in KINDS.iter().enumerate() {
                for number in 0..*count {
                    let index = PLACES[region % PLACES.len()][(kind + number * 2) % 7];
                    // More regions than lists of places use a list again, under other names.
                    let copies = region / PLACES.len() * 20 + copy as usize;
                    let again =
                        if copies == 0 { String::new() } else { format!(" {}", copies + 1) };
                    own.push(GeneratedOrganization {
                        id: format!(
                            "FIC-{code}-{:02}{}",
                            own.len(),
                            if copy == 0 { "" } else { "x" }
                        ),
                        name: format!("{index}{again} {suffix}"),
                        discipline,
                    });
                }
            }
        }
        for organization in &own {
            let beds = (organization.discipline == "acute_care_hospital")
                .then_some(80 + 37 * i64::try_from(organization.name.len() % 9).unwrap_or(0));
            tables.row(
                "organizations",
                &[
                    ("organization_id", CellValue::text(organization.id.as_str())),
                    ("name", CellValue::text(organization.name.as_str())),
                    ("discipline", CellValue::text(organization.discipline)),
                    ("region", CellValue::text(code.as_str())),
                    ("staffed_beds", CellValue::maybe(beds, CellValue::Integer)),
                    ("active", CellValue::YesNo(true)),
                ],
            )?;
        }
        regions.push(own);
    }
    Ok(People { regions })
}

impl People {
    /// Returns the organizations of a region without the coalition.
    pub fn members(&self, region: usize) -> &[GeneratedOrganization] {
        &self.regions[region][1..]
    }

    /// Returns the coalition of a region.
    pub fn coalition(&self, region: usize) -> &GeneratedOrganization {
        &self.regions[region][0]
    }
}
