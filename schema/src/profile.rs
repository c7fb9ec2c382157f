//! Jurisdiction profile: the data that fits Hotwash to one state. A profile is a folder with
//! `profile.toml`, lists of regions and municipalities, and optional map outlines.
//!
//! A warehouse stores its profile, and a process uses its warehouse's profile. No other code
//! contains a state's name, time zone, fiscal year or regions.

mod active;
mod definition;
mod embedded;
mod fiscal_year;
mod holiday;
mod model;
mod shipped;
mod store;

use std::collections::BTreeMap;
use std::path::Path;

use active::DEFAULT;
pub use active::{activate, active};
pub use fiscal_year::FiscalYear;
pub use holiday::Holiday;
use model::{DEFINITION, OUTLINES, REQUIRED};
pub use model::{LocalUnits, Profile, Regions};
pub(crate) use store::{choose, read};

use crate::error::SchemaError;

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
        embedded::ids()
    }

    /// Reads a profile from a folder. Missing files come from the profile that it extends.
    ///
    /// # Errors
    /// Fails if a file is missing or invalid; the error names the file.
    pub fn read(folder: &Path) -> Result<Self, SchemaError> {
        let path_error = |path: &Path, error| SchemaError::Path { path: path.to_owned(), error };
        let canonical = folder.canonicalize().map_err(|error| path_error(folder, error))?;
        // Only the root of a disk has no name.
        let id = canonical.file_name().unwrap_or(canonical.as_os_str());
        let id = id.to_string_lossy().into_owned();
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
        let profile = Self::of(&id, files, false)?;
        crate::reference::check(&profile)?;
        Ok(profile)
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
        for (list, part) in [
            ("scheme,code,name\nHPP,1,Region 1\n", "short_name"),
            ("scheme,code,name,short_name\nHPP,,Region 1,One\n", "row 2, column code"),
        ] {
            std::fs::write(folder.path().join("regions.csv"), list).unwrap();
            let error = named(&own).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("regions.csv"), "{error}");
        }
    }
}
