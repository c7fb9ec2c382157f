//! Parses `profile.toml`: keys, extension of another profile, and validation.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::Deserialize;

use super::{DEFINITION, FiscalYear, Holiday, LocalUnits, Profile, REQUIRED, Regions, embedded};
use crate::error::SchemaError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    state_code: String,
    time_zone: String,
    #[serde(default)]
    county_time_zones: BTreeMap<String, String>,
    fiscal_year_start: String,
    state_words: Vec<String>,
    state_organizations: Vec<String>,
    core_disciplines: Vec<String>,
    #[serde(default)]
    holidays: Vec<HolidayRule>,
    #[serde(default)]
    footer: String,
    regions: Regions,
    municipalities: LocalUnits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayRule {
    name: String,
    on: String,
}

impl Profile {
    /// Creates a profile from these files.
    pub(super) fn of(
        id: &str,
        mut files: BTreeMap<String, String>,
        is_shipped: bool,
    ) -> Result<Self, SchemaError> {
        let fault = |reason: String| SchemaError::Profile { profile: id.to_owned(), reason };
        let text = files.get(DEFINITION).ok_or_else(|| {
            fault(format!("has no {DEFINITION}; copy a folder of schema/profiles/ and change it"))
        })?;
        let wrong = |error: toml::de::Error| fault(format!("{DEFINITION}: {error}"));
        let mut table: toml::Table = text.parse().map_err(wrong)?;
        let mut all = BTreeMap::new();
        if let Some(base) = table.remove("extends") {
            let base = base.as_str().and_then(embedded::files).ok_or_else(|| {
                fault(format!(
                    "{DEFINITION}: extends {base} is not a shipped profile; there are {}",
                    embedded::ids().join(", ")
                ))
            })?;
            all.extend(base.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
            let base: toml::Table =
                all.get(DEFINITION).map_or("", String::as_str).parse().map_err(wrong)?;
            for (key, value) in base {
                table.entry(key).or_insert(value);
            }
        }
        table.remove("default");
        let definition: Definition = table.try_into().map_err(wrong)?;
        all.append(&mut files);
        if let Some(missing) = REQUIRED.iter().find(|name| !all.contains_key(**name)) {
            return Err(fault(format!("has no {missing}; every profile brings one")));
        }
        definition.check(id, all, is_shipped)
    }
}

impl Definition {
    fn check(
        self,
        id: &str,
        files: BTreeMap<String, String>,
        is_shipped: bool,
    ) -> Result<Profile, SchemaError> {
        let fault = |key: &str, value: &str, must: &str| SchemaError::Profile {
            profile: id.to_owned(),
            reason: format!("{DEFINITION}: {key} {value:?} {must}"),
        };
        let zone = |key: &str, name: &str| -> Result<Tz, SchemaError> {
            name.parse().map_err(|_| {
                fault(key, name, "must be a zone of the IANA list, such as America/Denver")
            })
        };
        let mut county_time_zones = BTreeMap::new();
        for (fips, name) in self.county_time_zones {
            if fips.len() != 5 || !fips.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(fault("county_time_zones", &fips, "must be five digits (FIPS)"));
            }
            county_time_zones.insert(fips, zone("county_time_zones", &name)?);
        }
        let start = &self.fiscal_year_start;
        let month = start.strip_suffix("-01").and_then(|month| month.parse().ok());
        let fiscal_year = month.and_then(FiscalYear::from_month).ok_or_else(|| {
            fault("fiscal_year_start", start, "must be the first of a month, such as 07-01")
        })?;
        let holidays = self.holidays.iter().map(|rule| {
            Holiday::parse(&rule.name, &rule.on).ok_or_else(|| {
                fault("holidays", &rule.on, "must be like 03-31, third Monday of April or day after fourth Thursday of November",)
            })
        });
        Ok(Profile {
            id: id.to_owned(),
            time_zone: zone("time_zone", &self.time_zone)?,
            county_time_zones,
            fiscal_year,
            holidays: holidays.collect::<Result<_, _>>()?,
            name: self.name,
            state_code: self.state_code,
            state_words: self.state_words,
            state_organizations: self.state_organizations,
            core_disciplines: self.core_disciplines,
            footer: self.footer,
            regions: self.regions,
            municipalities: self.municipalities,
            is_shipped,
            files,
        })
    }
}
