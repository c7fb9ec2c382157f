//! API keys: shown once, stored as a hash, scoped to a role and regions. Keys expire, can be
//! revoked, and record their last use.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use diesel::dsl::{array, auto_type, exists, not, now};
use diesel::pg::Pg;
use diesel::sql_types::{Text, Timestamptz};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, IntoSql, NullableExpressionMethods,
    OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, sql_query,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use rand::RngCore;
use serde::Serialize;

use crate::SchemaError;
use crate::access::{Role, Viewer, unused_regions};
use crate::functions::{date_trunc, greatest};
use crate::pool::Pool;
use crate::regions;
use crate::tables::{api_key, ended_session, setting};

/// Number of first characters that identify a key in lookups and lists: `hw_` and nine more.
const PREFIX: usize = 12;

/// API key as listed, without its secret.
#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = api_key, check_for_backend(Pg))]
pub struct ApiKey {
    /// Purpose: a system or role.
    pub name: String,
    /// First characters of the key.
    pub prefix: String,
    /// Role and regions of the login.
    pub role: String,
    /// Regions whose detail it may read.
    #[diesel(column_name = region_codes)]
    pub regions: Vec<String>,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of expiry.
    pub expires_at: Option<DateTime<Utc>>,
    /// Time of revocation.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Time of last use, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// API key to create.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Purpose.
    pub name: String,
    /// Role and regions of the login.
    pub role: Role,
    /// Regions whose detail it may read.
    pub regions: Vec<String>,
    /// Days until it expires; none for never.
    pub days: Option<u32>,
}

/// Error of creating or using a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Error of the database.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The request is invalid.
    #[error("{0}")]
    Wrong(String),
}

impl From<diesel::result::Error> for KeyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Schema(error.into())
    }
}

/// API key as stored.
#[derive(Insertable)]
#[diesel(table_name = api_key, check_for_backend(Pg))]
struct StoredKey<'a> {
    name: &'a str,
    prefix: &'a str,
    key_hash: &'a [u8],
    role: &'a str,
    region_codes: &'a [String],
    expires_at: Option<DateTime<Utc>>,
}

/// Columns that a request needs of an active key.
#[derive(Queryable, Selectable)]
#[diesel(table_name = api_key, check_for_backend(Pg))]
struct ActiveKey {
    key_hash: Vec<u8>,
    name: String,
    role: String,
    region_codes: Vec<String>,
}

/// Selects keys that are neither revoked nor expired.
#[auto_type]
fn is_active() -> _ {
    let unexpired = api_key::expires_at.is_null().or(api_key::expires_at.gt(now));
    api_key::revoked_at.is_null().and(unexpired)
}

/// A key has 256 random bits, so a plain hash cannot be reversed by search.
fn hash(key: &str) -> blake3::Hash {
    blake3::hash(key.as_bytes())
}

/// Creates a key and returns it, the only time that it is shown.
///
/// # Errors
/// Fails when a region is unknown, role `region` has none or another role has some, or an active key
/// has the name.
pub async fn create(pool: &Pool, new: &NewKey) -> Result<String, KeyError> {
    if new.name.trim().is_empty() || new.name.trim() == Viewer::LOCAL {
        return Err(KeyError::Wrong(format!(
            "a key's name states its purpose, e.g. power-bi-region-3; {} is the local user's",
            Viewer::LOCAL
        )));
    }
    if new.role == Role::Region && new.regions.is_empty() {
        return Err(KeyError::Wrong(
            "a key of role region needs --region CODE: without one it would see no detail".into(),
        ));
    }
    if let Some(message) = unused_regions(new.role, &new.regions) {
        return Err(KeyError::Wrong(message));
    }
    let mut random = [0_u8; 32];
    rand::rng().fill_bytes(&mut random);
    let key = format!("hw_{}", URL_SAFE_NO_PAD.encode(random));
    let digest = hash(&key);
    let stored = StoredKey {
        name: new.name.trim(),
        prefix: &key[..PREFIX],
        key_hash: digest.as_bytes(),
        role: new.role.code(),
        region_codes: &new.regions,
        expires_at: new.days.map(|days| Utc::now() + chrono::Duration::days(i64::from(days))),
    };
    pool.run(async |connection| {
        connection.transaction(async |connection| store(connection, &stored).await).await
    })
    .await?;
    Ok(key)
}

async fn store(connection: &mut AsyncPgConnection, key: &StoredKey<'_>) -> Result<(), KeyError> {
    let known = regions::codes(connection).await?;
    if let Some(code) = key.region_codes.iter().find(|code| !known.contains(code)) {
        return Err(KeyError::Wrong(format!(
            "there is no region {code}; the regions are {}",
            known.join(", ")
        )));
    }
    // A concurrent creation of a key with the same name waits for this one.
    sql_query("lock table access.api_key in share row exclusive mode").execute(connection).await?;
    let namesake = api_key::table.filter(api_key::name.eq(key.name)).filter(is_active());
    let prefix = namesake.select(api_key::prefix).first::<String>(connection).await.optional()?;
    if let Some(prefix) = prefix {
        return Err(KeyError::Wrong(format!(
            "an active key is named {:?} already (it begins with {prefix}); choose another name, \
             or revoke that one first: hotwash key revoke {prefix}",
            key.name
        )));
    }
    diesel::insert_into(api_key::table).values(key).execute(connection).await?;
    Ok(())
}

/// Returns all keys, the newest first.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn list(pool: &Pool) -> Result<Vec<ApiKey>, KeyError> {
    let newest = (api_key::created_at.desc(), api_key::api_key_id.desc());
    let keys = api_key::table.select(ApiKey::as_select()).order(newest);
    pool.run(async |connection| Ok(keys.load(connection).await?)).await
}

/// Revokes the keys with this name or prefix; returns their number.
///
/// # Errors
/// Fails when the database cannot be written.
pub async fn revoke(pool: &Pool, name: &str) -> Result<usize, KeyError> {
    let first: String = name.chars().take(PREFIX).collect();
    let named = api_key::name.eq(name).or(api_key::prefix.eq(first));
    let revoke = diesel::update(api_key::table.filter(named.and(api_key::revoked_at.is_null())))
        .set(api_key::revoked_at.eq(now));
    pool.run(async |connection| Ok(revoke.execute(connection).await?)).await
}

/// Returns whether a key was ever created. From then on every viewer needs one, even after all keys
/// have expired.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn any_made(pool: &Pool) -> Result<bool, KeyError> {
    let any = diesel::select(exists(api_key::table.select(api_key::api_key_id)));
    pool.run(async |connection| Ok(any.get_result(connection).await?)).await
}

/// Active keys and ended sessions.
pub struct Active {
    /// Any key was ever created.
    pub any_made: bool,
    /// Prefixes of the active keys among the requested ones.
    pub prefixes: HashSet<String>,
    /// Ids of the ended sessions among the requested ones.
    pub ended: HashSet<String>,
}

/// Returns which keys with these prefixes are active, without recording a use, and which of these
/// sessions ended by sign-out.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn active_among(
    pool: &Pool,
    prefixes: &[String],
    sessions: &[String],
) -> Result<Active, KeyError> {
    let among = api_key::table
        .filter(api_key::prefix.eq_any(prefixes))
        .filter(is_active())
        .select(api_key::prefix);
    let ended = ended_session::table
        .filter(ended_session::session_id.eq_any(sessions))
        .select(ended_session::session_id);
    let active = diesel::select((
        exists(api_key::table.select(api_key::api_key_id)),
        array::<Text, _>(among),
        array::<Text, _>(ended),
    ));
    let (any_made, prefixes, ended) = pool
        .run(async |connection| {
            let row = active.get_result::<(bool, Vec<String>, Vec<String>)>(connection);
            Ok::<_, KeyError>(row.await?)
        })
        .await?;
    let set = |list: Vec<String>| list.into_iter().collect();
    Ok(Active { any_made, prefixes: set(prefixes), ended: set(ended) })
}

/// Returns the first characters of a key, which identify it.
pub fn prefix(key: &str) -> Option<&str> {
    key.starts_with("hw_").then(|| key.get(..PREFIX)).flatten()
}

/// Returns the viewer of a key; none if it is unknown, expired or revoked. Records its use.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn verify(pool: &Pool, key: &str) -> Result<Option<Viewer>, KeyError> {
    let Some(prefix) = prefix(key) else { return Ok(None) };
    let found = active(pool, prefix, None).await?;
    // Hashes are compared in constant time, as blake3 compares them.
    Ok(found.filter(|(known, _)| *known == hash(key)).map(|(_, viewer)| viewer))
}

/// Returns the viewer of a session's key, found by its first characters; none if the key has
/// expired or is revoked, or the session has ended.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn still_active(
    pool: &Pool,
    prefix: &str,
    session: &str,
) -> Result<Option<Viewer>, KeyError> {
    Ok(active(pool, prefix, Some(session)).await?.map(|(_, viewer)| viewer))
}

/// Returns the hash and the viewer of an active key, and records its use to the minute. None if the
/// session has ended.
async fn active(
    pool: &Pool,
    prefix: &str,
    session: Option<&str>,
) -> Result<Option<(blake3::Hash, Viewer)>, KeyError> {
    let minute = date_trunc("minute", now.into_sql::<Timestamptz>());
    let ended = ended_session::table
        .filter(ended_session::session_id.nullable().eq(session))
        .select(ended_session::session_id);
    let used =
        diesel::update(api_key::table.filter(api_key::prefix.eq(prefix)).filter(is_active()))
            .filter(not(exists(ended)))
            .set(api_key::last_used_at.eq(greatest(api_key::last_used_at, minute)))
            .returning(ActiveKey::as_returning());
    let key = pool
        .run(async |connection| {
            Ok::<_, KeyError>(used.get_result::<ActiveKey>(connection).await.optional()?)
        })
        .await?;
    let Some(key) = key else { return Ok(None) };
    let Ok(known) = <[u8; 32]>::try_from(key.key_hash) else { return Ok(None) };
    let role = Role::parse(&key.role).unwrap_or(Role::Viewer);
    Ok(Some((
        blake3::Hash::from_bytes(known),
        Viewer { name: key.name, role, regions: key.region_codes },
    )))
}

/// Returns whether a session ended by sign-out.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn is_session_ended(pool: &Pool, id: &str) -> Result<bool, KeyError> {
    let ended = diesel::select(exists(ended_session::table.find(id)));
    pool.run(async |connection| Ok(ended.get_result(connection).await?)).await
}

/// Ends a session for all servers of the warehouse, until its cookie expires. Deletes what expired
/// earlier.
///
/// # Errors
/// Fails when the database cannot be written.
pub async fn end_session(pool: &Pool, id: &str, expires_at: DateTime<Utc>) -> Result<(), KeyError> {
    let ended = (ended_session::session_id.eq(id), ended_session::expires_at.eq(expires_at));
    let end = diesel::insert_into(ended_session::table).values(ended).on_conflict_do_nothing();
    let expired = diesel::delete(ended_session::table.filter(ended_session::expires_at.lt(now)));
    pool.run(async |connection| {
        end.execute(connection).await?;
        expired.execute(connection).await?;
        Ok(())
    })
    .await
}

/// Returns the secret with which the warehouse's servers authenticate sessions; it is created at
/// first use.
///
/// # Errors
/// Fails when the database cannot be used.
pub async fn session_secret(pool: &Pool) -> Result<[u8; 32], SchemaError> {
    const NAME: &str = "session_secret";
    let known = setting::table.filter(setting::name.eq(NAME)).select(setting::value);
    let stored = pool
        .run(async |connection| {
            let stored = known.first::<serde_json::Value>(connection).await.optional()?;
            if stored.is_some() {
                return Ok(stored);
            }
            // Insert only if there is none: each statement on a table creates a new version of the
            // warehouse.
            let mut fresh = [0_u8; 32];
            rand::rng().fill_bytes(&mut fresh);
            let value = serde_json::json!(URL_SAFE_NO_PAD.encode(fresh));
            diesel::insert_into(setting::table)
                .values((setting::name.eq(NAME), setting::value.eq(value)))
                .on_conflict_do_nothing()
                .execute(connection)
                .await?;
            Ok::<_, SchemaError>(known.first(connection).await.optional()?)
        })
        .await?;
    let secret = stored
        .as_ref()
        .and_then(serde_json::Value::as_str)
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .and_then(|bytes| bytes.try_into().ok());
    secret.ok_or_else(|| {
        SchemaError::Database(
            "the setting session_secret is damaged: delete it, and all must sign in again".into(),
        )
    })
}
