//! Data of a profile.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::profile::fiscal_year::FiscalYear;
use crate::profile::holiday::{Holiday, holidays_of};

/// Name of the file that describes a profile.
pub(super) const DEFINITION: &str = "profile.toml";

/// Name of the file with municipal outlines.
pub(super) const OUTLINES: &str = "outlines.json";

/// Reference lists that every profile provides.
pub(super) const REQUIRED: [&str; 3] = ["region_schemes.csv", "regions.csv", "municipalities.csv"];

/// Scheme of the regions by which coalitions report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regions {
    /// Code of the scheme in `region_schemes.csv`.
    pub scheme: String,
    /// Term for one region, e.g. `mutual aid region`.
    pub word: String,
    /// Words that precede or follow a region code in a text, in lower case.
    pub words: Vec<String>,
}

/// Local units that make up the regions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalUnits {
    /// Term for one unit, e.g. `municipality` or `county`.
    pub word: String,
    /// Basis on which units are assigned to regions.
    pub basis: String,
}

/// Jurisdiction profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Name of the profile's folder.
    pub id: String,
    /// Name of the state.
    pub name: String,
    /// Postal code of the state.
    pub state_code: String,
    /// Time zone of local times without a zone.
    pub time_zone: Tz,
    /// Time zones of counties that differ from the state's, by FIPS code.
    pub county_time_zones: BTreeMap<String, Tz>,
    /// The state's fiscal year.
    pub fiscal_year: FiscalYear,
    /// Words for the entire state in lists of regions, in lower case.
    pub state_words: Vec<String>,
    /// Words in the names of state organizations.
    pub state_organizations: Vec<String>,
    /// Codes of the state's core disciplines.
    pub core_disciplines: Vec<String>,
    /// State holidays in addition to the federal ones.
    pub holidays: Vec<Holiday>,
    /// Last line of report pages.
    pub footer: String,
    /// Scheme of the regions by which coalitions report.
    pub regions: Regions,
    /// Local units that make up the regions.
    pub municipalities: LocalUnits,
    pub(super) is_shipped: bool,
    pub(super) files: BTreeMap<String, String>,
}

impl Profile {
    /// Returns the text of a reference list or of the outlines, if the profile provides it.
    pub fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// Returns municipal outlines for the map as JSON; `None` without a map.
    pub fn outlines(&self) -> Option<&str> {
        self.file(OUTLINES)
    }

    /// Returns a digest that changes with every file of the profile.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (name, text) in &self.files {
            hasher.update(name.as_bytes()).update(&[0]).update(text.as_bytes()).update(&[0]);
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }

    /// Returns the codes of the regions by which coalitions report, in the order of the list.
    pub fn region_codes(&self) -> Vec<String> {
        let text = self.file("regions.csv").unwrap_or_default();
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        let rows = reader.deserialize::<BTreeMap<String, String>>().flatten();
        let own = rows.filter(|row| row.get("scheme") == Some(&self.regions.scheme));
        own.filter_map(|mut row| row.remove("code")).collect()
    }

    /// Returns the time zone of a county, by its FIPS code.
    pub fn county_time_zone(&self, fips: &str) -> Tz {
        self.county_time_zones.get(fips).copied().unwrap_or(self.time_zone)
    }

    /// Returns the time zones of the state and its counties, the state's first.
    pub fn time_zones(&self) -> Vec<Tz> {
        let mut zones = vec![self.time_zone];
        for zone in self.county_time_zones.values() {
            if !zones.contains(zone) {
                zones.push(*zone);
            }
        }
        zones
    }

    /// Returns today's date in the state's time zone.
    pub fn today(&self) -> NaiveDate {
        Utc::now().with_timezone(&self.time_zone).date_naive()
    }

    /// Returns the first instant of a day in the state's time zone.
    pub fn midnight(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        let local = self.time_zone.from_local_datetime(&midnight).earliest();
        local.map_or_else(|| midnight.and_utc(), |local| local.with_timezone(&Utc))
    }

    /// Returns the holidays of these years: the federal ones, then the state's.
    pub fn holidays_of(&self, years: std::ops::RangeInclusive<i32>) -> BTreeMap<NaiveDate, String> {
        let all: Vec<_> = Holiday::federal().chain(self.holidays.iter().cloned()).collect();
        holidays_of(&all, years)
    }
}
