//! Sample files for `hotwash demo`, included in the binary so that it works anywhere and offline.

use hotwash_documents::input::Input;

/// Includes files of a folder by name.
macro_rules! files {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        [$(($name, include_bytes!(concat!("../samples/", $folder, $name)).as_slice())),+]
    };
}

const PUBLIC: [(&str, &[u8]); 4] = files![
    "":
    "disaster_declarations_summaries_v2.csv",
    "StormEvents_details-ftp_v1.0_d1994_c20170717.csv.gz",
    "storm_data_search_results_suffolk_ma.csv",
    "ics209_historical.parquet",
];
const COALITION: [(&str, &[u8]); 6] = files![
    "coalition/":
    "merrow_valley_full_scale_exercise_aar.docx",
    "coastal_storm_response_aar.docx",
    "region_3_improvement_plan_tracker.xlsx",
    "merrow_valley_hospital_hva.xlsx",
    "duty_officer_log.csv",
    "exercise_calendar.xlsx",
];

/// Returns real public records, unchanged.
pub fn public() -> Vec<Input> {
    inputs(&PUBLIC)
}

/// Returns documents of a fictional coalition, in the formats that coalitions use.
pub fn coalition() -> Vec<Input> {
    inputs(&COALITION)
}

fn inputs(files: &[(&str, &'static [u8])]) -> Vec<Input> {
    files.iter().map(|(name, bytes)| Input::memory(name, *bytes)).collect()
}
