//! The public files that `hotwash demo` loads, carried in the binary so that it works anywhere and offline.

use crate::input::Input;

const FILES: [(&str, &[u8]); 4] = [
    ("disaster_declarations_summaries_v2.csv", include_bytes!("../samples/disaster_declarations_summaries_v2.csv")),
    (
        "StormEvents_details-ftp_v1.0_d1994_c20170717.csv.gz",
        include_bytes!("../samples/StormEvents_details-ftp_v1.0_d1994_c20170717.csv.gz"),
    ),
    ("storm_data_search_results_suffolk_ma.csv", include_bytes!("../samples/storm_data_search_results_suffolk_ma.csv")),
    ("ics209_historical.parquet", include_bytes!("../samples/ics209_historical.parquet")),
];

/// Real public records, unchanged.
pub fn public() -> Vec<Input> {
    FILES.iter().map(|(name, bytes)| Input::memory(name, *bytes)).collect()
}
