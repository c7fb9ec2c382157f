//! Categories of hazards, as titles and section rows name them.

use crate::reading::headings::key;

/// Returns the category that a title or section row names.
pub fn category(text: &str) -> Option<&'static str> {
    let name = key(text);
    let name = name
        .trim_end_matches("occurringevents")
        .trim_end_matches("events")
        .trim_end_matches("hazards");
    match name {
        "natural" | "naturally" | "naturaloccurring" | "naturallyoccurring" => Some("natural"),
        "technological" | "technologic" | "technology" | "tech" => Some("technological"),
        "humanrelated" | "human" => Some("human"),
        "hazardousmaterials"
        | "hazardousmaterial"
        | "hazmat"
        | "hazardous"
        | "hazardousmaterialsrelated" => Some("hazmat"),
        _ => None,
    }
}
