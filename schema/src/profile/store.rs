//! Profile of a warehouse. `meta.setting` stores it with all its files; functions of the schema
//! `meta` return parts of it to SQL.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::{GenericClient, Transaction};

use super::{DEFAULT, Profile, shipped};
use crate::error::SchemaError;
use crate::tables::setting;

/// Setting with the parts of the profile that the functions of `schema/objects/functions/meta`
/// read.
const SETTING: &str = "profile";
/// Setting with the files of the profile.
const FILES: &str = "profile_files";

/// Value of the setting `profile`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    id: String,
    is_shipped: bool,
    region_scheme: String,
    time_zone: String,
    /// Time zones of the profile, the state's first.
    time_zones: Vec<String>,
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
            fiscal_shift: profile.fiscal_year.shift(),
            core_disciplines: profile.core_disciplines.clone(),
        }
    }
}

/// Returns the profile of a warehouse, or `None` before it has one. Shipped profiles are returned
/// in this version's form.
pub(crate) async fn stored(client: &impl GenericClient) -> Result<Option<Profile>, SchemaError> {
    let sql = "select p.value, f.value from meta.setting p, meta.setting f where p.name = $1 and \
        f.name = $2";
    match client.query_opt(sql, &[&SETTING, &FILES]).await? {
        Some(row) => parse(row.get(0), row.get(1)).map(Some),
        None => Ok(None),
    }
}

/// Reads the profile as [`stored`] does, through Diesel.
pub(crate) async fn read(
    connection: &mut AsyncPgConnection,
) -> Result<Option<Profile>, SchemaError> {
    let settings = setting::table
        .filter(setting::name.eq_any([SETTING, FILES]))
        .order(setting::name)
        .select(setting::value);
    let mut settings =
        diesel_async::RunQueryDsl::load::<Value>(settings, connection).await?.into_iter();
    match (settings.next(), settings.next()) {
        (Some(profile), Some(files)) => parse(profile, files).map(Some),
        _ => Ok(None),
    }
}

fn parse(profile: Value, files: Value) -> Result<Profile, SchemaError> {
    let wrong = |error: serde_json::Error| {
        SchemaError::Database(format!("the setting {SETTING} cannot be read: {error}"))
    };
    let stored: Stored = serde_json::from_value(profile).map_err(wrong)?;
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
    transaction: &Transaction<'_>,
    wanted: Option<&Profile>,
) -> Result<Profile, SchemaError> {
    let known = stored(transaction).await?;
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
    if known.as_ref() == Some(&chosen) {
        return Ok(chosen);
    }
    for zone in chosen.time_zones() {
        let sql = "select exists (select from pg_timezone_names where name = $1)";
        if !transaction.query_one(sql, &[&zone.name()]).await?.get::<_, bool>(0) {
            return Err(SchemaError::Profile {
                profile: chosen.id,
                reason: format!(
                    "Postgres does not know the time zone {zone}; name it as pg_timezone_names does"
                ),
            });
        }
    }
    if is_refit {
        transaction.batch_execute(CLEAR).await?;
    }
    let keep = "insert into meta.setting (name, value) values ($1, $2) on conflict (name) do \
        update set value = excluded.value";
    for (name, value) in [
        (SETTING, serde_json::to_value(Stored::of(&chosen))),
        (FILES, serde_json::to_value(&chosen.files)),
    ] {
        let value = value.map_err(|error| {
            SchemaError::Database(format!("the profile cannot be stored: {error}"))
        })?;
        transaction.execute(keep, &[&name, &value]).await?;
    }
    Ok(chosen)
}

/// Removes the lists of the former profile from a warehouse without records.
const CLEAR: &str = "delete from warehouse.municipality_region; \
    delete from warehouse.municipality where municipality_id > 0; \
    delete from warehouse.region where region_id > 0; \
    delete from warehouse.region_scheme where region_scheme_id > 0; \
    delete from warehouse.calendar_date;";

async fn has_records(client: &impl GenericClient) -> Result<bool, SchemaError> {
    let sql = "select exists (select from warehouse.event where event_id > 0) \
        or exists (select from warehouse.organization where organization_id > 0) \
        or exists (select from warehouse.corrective_action) \
        or exists (select from warehouse.resource_request) \
        or exists (select from warehouse.risk_assessment)";
    Ok(client.query_one(sql, &[]).await?.get(0))
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
