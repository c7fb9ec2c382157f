//! Reads municipalities with their coalition region: reference data that a deployment can replace
//! with its own file.

use hotwash_documents::input::Input;

use super::csv_rows::{self, Vocabulary, fault};
use super::{Rank, Sample, Source, SourceDefinition, SourceError};
use crate::load::Sink;
use crate::lookup::Lookup;
use crate::record::Municipality;

/// Source of municipalities.
pub struct Municipalities;

/// Columns of the reference file, in order.
pub const COLUMNS: [&str; 12] = [
    "geoid",
    "municipality",
    "county",
    "county_fips",
    "type",
    "latitude",
    "longitude",
    "land_km2",
    "population_2010",
    "population_2020",
    "region",
    "region_basis",
];

impl Source for Municipalities {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "municipalities",
            name: "Municipalities",
            title: "Municipalities and their coalition regions (reference data)",
            extensions: &[".csv"],
            headings: &["geoid", "municipality", "county", "county_fips", "region", "region_basis"],
        }
    }

    fn rank(&self, _sample: &Sample) -> Rank {
        Rank::Reference
    }

    fn read(&self, input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        csv_rows::read(input, "municipality", Vocabulary::new(&COLUMNS, &[]), sink, |row, sink| {
            let digits = |text: &str, width: usize| {
                text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit())
            };
            let checked = (|| {
                let geoid = row.get("geoid");
                if !digits(&geoid, 10) && !digits(&geoid, 5) {
                    return Err(fault(
                        "geoid",
                        &geoid,
                        "must be the Census id: ten digits, or five for a county",
                    ));
                }
                let county = row.get("county_fips");
                if !digits(&county, 5) {
                    return Err(fault("county_fips", &county, "must be five digits"));
                }
                for column in ["latitude", "longitude", "land_km2"] {
                    let text = row.get(column);
                    if !text.is_empty() && text.parse::<f64>().is_err() {
                        return Err(fault(column, &text, "must be a number"));
                    }
                }
                for column in ["population_2010", "population_2020"] {
                    let text = row.get(column);
                    if !text.is_empty() && text.parse::<u32>().is_err() {
                        return Err(fault(column, &text, "must be a whole number, not negative"));
                    }
                }
                for column in ["municipality", "type", "region_basis"] {
                    if row.get(column).is_empty() {
                        return Err(fault(column, "", "must not be empty"));
                    }
                }
                let region = row.get("region");
                if lookup.region(&region).is_none() {
                    return Err(fault(
                        "region",
                        &region,
                        "is not a region of this jurisdiction; add it to the regions.csv of its \
                         profile first",
                    ));
                }
                Ok(Municipality {
                    row: row.number,
                    geoid: geoid.into_owned(),
                    fields: COLUMNS.iter().map(|column| row.get(column).into_owned()).collect(),
                })
            })();
            match checked {
                Ok(municipality) => sink.record(&municipality)?,
                Err(fault) => row.reject(sink, "municipality", &fault),
            }
            Ok(())
        })
    }
}
