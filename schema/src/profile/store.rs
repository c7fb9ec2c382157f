//! Profile of a warehouse. `meta.setting` stores it with all its files; functions of the schema
//! `meta` return parts of it to SQL.

use std::collections::BTreeMap;

use diesel::dsl::exists;
use diesel::sql_types::{Bool, Jsonb};
use diesel::upsert::excluded;
use diesel::{ExpressionMethods, QueryDsl, insert_into, select, sql_query};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DEFAULT, Profile, shipped};
use crate::copy::{OpenTransaction, RunStatement};
use crate::error::SchemaError;
use crate::functions::pg_timezone_names;
use crate::tables::setting;

/// Setting with the parts of the profile that the functions of `schema/objects/functions/meta`
/// read.
const SETTING: &str = "profile";
/// Setting with the files of the profile.
const FILES: &str = "profile_files";

/// Part of the setting `profile` that names the profile.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredName {
    id: String,
    is_shipped: bool,
}

/// Value of the setting `profile`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    id: String,
    is_shipped: bool,
    region_scheme: String,
    time_zone: String,
    /// Time zones of the profile, the state's first.
    time_zones: Vec<String>,
    /// Time zones of counties that differ from the state's, by FIPS code.
    county_time_zones: BTreeMap<String, String>,
    /// Months to add to a day so that its calendar year is the fiscal year.
    fiscal_shift: u32,
    core_disciplines: Vec<String>,
}

impl Stored {
    fn of(profile: &Profile) -> Self {
        Self {
            id: profile.id.clone(),
            is_shipped: profile.is_shipped,
            region_scheme: profile.regions.scheme.clone(),
            time_zone: profile.time_zone.name().to_owned(),
            time_zones: profile.time_zones().iter().map(|zone| zone.name().to_owned()).collect(),
            county_time_zones: profile
                .county_time_zones
                .iter()
                .map(|(county, zone)| (county.clone(), zone.name().to_owned()))
                .collect(),
            fiscal_shift: profile.fiscal_year.shift(),
            core_disciplines: profile.core_disciplines.clone(),
        }
    }
}

/// Values of the profile's two settings, in the order of their names.
#[diesel::dsl::auto_type(no_type_alias)]
fn settings() -> _ {
    let names: [&'static str; 2] = [SETTING, FILES];
    setting::table.filter(setting::name.eq_any(names)).order(setting::name).select(setting::value)
}

/// Returns the profile of a warehouse, or `None` before it has one.
pub(crate) async fn read(
    connection: &mut AsyncPgConnection,
) -> Result<Option<Profile>, SchemaError> {
    of_settings(diesel_async::RunQueryDsl::load(settings(), connection).await?)
}

fn of_settings(settings: Vec<Value>) -> Result<Option<Profile>, SchemaError> {
    match <[Value; 2]>::try_from(settings) {
        Ok([profile, files]) => parse(profile, files).map(Some),
        Err(_) => Ok(None),
    }
}

fn parse(profile: Value, files: Value) -> Result<Profile, SchemaError> {
    let wrong = |error: serde_json::Error| {
        SchemaError::Database(format!("the setting {SETTING} cannot be read: {error}"))
    };
    let stored: StoredName = serde_json::from_value(profile).map_err(wrong)?;
    let files: BTreeMap<String, String> = serde_json::from_value(files).map_err(wrong)?;
    Profile::of(&stored.id, files, stored.is_shipped)
}

/// Selects and stores the profile of a migrated warehouse: the requested one, else the stored one,
/// else the default.
///
/// # Errors
/// Fails if the warehouse contains records under a profile with other regions, time zones or fiscal
/// year.
pub(crate) async fn choose(
    transaction: &OpenTransaction<'_>,
    wanted: Option<&Profile>,
) -> Result<Profile, SchemaError> {
    let stored = transaction.rows::<Jsonb, Value>(settings()).await?;
    let known = of_settings(stored.clone())?;
    let current = known.as_ref().unwrap_or(&DEFAULT);
    let renewed = if current.is_shipped { shipped::find(&current.id)? } else { None };
    let chosen = wanted.or(renewed.as_ref()).unwrap_or(current).clone();
    let is_refit = !chosen.fits(current);
    if is_refit && has_records(transaction).await? {
        return Err(SchemaError::Profile {
            profile: chosen.id,
            reason: format!(
                "this warehouse holds records under profile {}, whose regions, time zone or \
                 fiscal year differ; load them into an empty warehouse with the new profile \
                 (another DATABASE_URL or HOTWASH_HOME), or keep profile {}",
                current.id, current.id
            ),
        });
    }
    let values = values_of(&chosen)?;
    if stored == values {
        return Ok(chosen);
    }
    for zone in chosen.time_zones() {
        let named = pg_timezone_names::table.filter(pg_timezone_names::name.eq(zone.name()));
        if !transaction.row::<Bool, bool>(select(exists(named))).await? {
            return Err(SchemaError::Profile {
                profile: chosen.id,
                reason: format!(
                    "Postgres does not know the time zone {zone}; name it as pg_timezone_names does"
                ),
            });
        }
    }
    if is_refit {
        transaction.run_batch(CLEAR).await?;
    }
    for (name, value) in [SETTING, FILES].into_iter().zip(values) {
        let kept = insert_into(setting::table)
            .values((setting::name.eq(name), setting::value.eq(value)))
            .on_conflict(setting::name)
            .do_update()
            .set(setting::value.eq(excluded(setting::value)));
        transaction.execute(kept).await?;
    }
    Ok(chosen)
}

/// Returns the values of a profile's two settings, in the order of their names.
fn values_of(profile: &Profile) -> Result<[Value; 2], SchemaError> {
    let unstorable = |error: serde_json::Error| {
        SchemaError::Database(format!("the profile cannot be stored: {error}"))
    };
    Ok([
        serde_json::to_value(Stored::of(profile)).map_err(unstorable)?,
        serde_json::to_value(&profile.files).map_err(unstorable)?,
    ])
}

/// Removes the lists of the former profile from a warehouse without records.
const CLEAR: &str = "delete from warehouse.municipality_region; \
    delete from warehouse.municipality where municipality_id > 0; \
    delete from warehouse.region where region_id > 0; \
    delete from warehouse.region_scheme where region_scheme_id > 0; \
    delete from warehouse.calendar_date;";

async fn has_records(transaction: &OpenTransaction<'_>) -> Result<bool, SchemaError> {
    let sql = "select exists (select from warehouse.event where event_id > 0) \
        or exists (select from warehouse.organization where organization_id > 0) \
        or exists (select from warehouse.corrective_action) \
        or exists (select from warehouse.resource_request) \
        or exists (select from warehouse.risk_assessment)";
    Ok(transaction.row::<Bool, bool>(sql_query(sql)).await?)
}

impl Profile {
    /// Returns whether records loaded under another profile remain correct under this one.
    fn fits(&self, other: &Self) -> bool {
        let decisive = |profile: &Self| {
            (
                profile.regions.scheme.clone(),
                profile.time_zone,
                profile.county_time_zones.clone(),
                profile.fiscal_year,
            )
        };
        decisive(self) == decisive(other)
    }
}
