//! Jurisdiction profile: the data that fits Hotwash to one state. A profile is a folder with
//! `profile.toml`, lists of regions and municipalities, and optional map outlines.
//!
//! A warehouse stores its profile, and a process uses its warehouse's profile. No other code
//! contains a state's name, time zone, fiscal year or regions.

mod definition;
mod fiscal_year;
mod holiday;
mod shipped;
mod store;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

use crate::error::SchemaError;

pub use definition::{LocalUnits, Regions};
pub use fiscal_year::FiscalYear;
pub use holiday::Holiday;
pub(crate) use store::{choose, read};

/// Name of the file that describes a profile.
const DEFINITION: &str = "profile.toml";
/// Name of the file with municipal outlines.
const OUTLINES: &str = "outlines.json";
/// Reference lists that every profile provides.
const REQUIRED: [&str; 3] = ["region_schemes.csv", "regions.csv", "municipalities.csv"];

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
    is_shipped: bool,
    files: BTreeMap<String, String>,
}

static ACTIVE: OnceLock<Profile> = OnceLock::new();
static DEFAULT: LazyLock<Profile> = LazyLock::new(shipped::default);

/// Returns the profile that this process uses. Until a warehouse is opened, this is the default
/// profile.
pub fn active() -> &'static Profile {
    ACTIVE.get().unwrap_or(&DEFAULT)
}

/// Sets the profile of this process. A process serves one warehouse, so the first profile is final.
///
/// # Errors
/// Fails if the process uses another profile.
pub fn activate(profile: Profile) -> Result<(), SchemaError> {
    let id = profile.id.clone();
    let active = ACTIVE.get_or_init(|| profile);
    if active.id == id {
        return Ok(());
    }
    Err(SchemaError::Profile {
        profile: id,
        reason: format!(
            "this process works by profile {} already; use one process for each warehouse",
            active.id
        ),
    })
}

impl Profile {
    /// Returns the shipped profile with this name, or reads the folder at this path.
    ///
    /// # Errors
    /// Fails if neither exists, or if a file in the folder is missing or invalid.
    pub fn named(name: &str) -> Result<Self, SchemaError> {
        if let Some(profile) = shipped::find(name)? {
            return Ok(profile);
        }
        let folder = Path::new(name);
        if folder.is_dir() {
            return Self::read(folder);
        }
        Err(SchemaError::Profile {
            profile: name.to_owned(),
            reason: format!(
                "is neither a shipped profile nor a folder; the shipped profiles are {}",
                Self::shipped().join(", ")
            ),
        })
    }

    /// Returns whether this is the default profile, to which the bundled fictional documents
    /// belong.
    pub fn is_default(&self) -> bool {
        self.id == DEFAULT.id
    }

    /// Returns the names of the shipped profiles.
    pub fn shipped() -> Vec<&'static str> {
        shipped::PROFILES.iter().map(|(id, _)| *id).collect()
    }

    /// Reads a profile from a folder. Missing files come from the profile that it extends.
    ///
    /// # Errors
    /// Fails if a file is missing or invalid; the error names the file.
    pub fn read(folder: &Path) -> Result<Self, SchemaError> {
        let path_error = |path: &Path, error| SchemaError::Path { path: path.to_owned(), error };
        let canonical = folder.canonicalize().map_err(|error| path_error(folder, error))?;
        let id = canonical.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(|error| path_error(folder, error))? {
            let path = entry.map_err(|error| path_error(folder, error))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let is_list = crate::reference::names().any(|known| known == name);
            if is_list || [DEFINITION, OUTLINES].contains(&name) {
                let text =
                    std::fs::read_to_string(&path).map_err(|error| path_error(&path, error))?;
                files.insert(name.to_owned(), text);
            }
        }
        Self::of(&id.unwrap_or_default(), files, false)
    }

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
        holiday::holidays_of(&all, years)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_profile_is_whole_and_one_is_the_default() {
        for id in Profile::shipped() {
            let profile = Profile::named(id).unwrap();
            assert_eq!(profile.id, id);
            assert!(REQUIRED.iter().all(|name| profile.file(name).is_some()), "{id}");
        }
        assert!(Profile::shipped().contains(&active().id.as_str()));
    }

    #[test]
    fn a_profile_is_found_by_name_or_folder() {
        let missing = Profile::named("atlantis").unwrap_err().to_string();
        assert!(missing.contains("atlantis") && missing.contains(&active().id), "{missing}");
        let folder = tempfile::tempdir().unwrap();
        let named = |text: &str| {
            std::fs::write(folder.path().join(DEFINITION), text).unwrap();
            Profile::named(folder.path().to_str().unwrap())
        };
        let own = format!("extends = \"{}\"\nname = \"Own\"\n", active().id);
        let profile = named(&own).unwrap();
        assert_eq!((profile.name.as_str(), profile.time_zone), ("Own", active().time_zone));
        assert_eq!(profile.outlines(), active().outlines());
        for (wrong, part) in [
            ("time_zone = \"Mars/Olympus\"", "Mars/Olympus"),
            ("fiscal_year_start = \"07-15\"", "07-15"),
            ("fiscal_year_starts = \"07-01\"", "fiscal_year_starts"),
            ("holidays = [{ name = \"X\", on = \"every day\" }]", "every day"),
            ("[county_time_zones]\n12 = \"America/Denver\"", "12"),
        ] {
            let error = named(&format!("{own}{wrong}\n")).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains(DEFINITION), "{error}");
        }
    }
}
