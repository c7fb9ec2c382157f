//! API keys: shown once, stored as a hash, scoped to a role and regions, expiring and revocable,
//! with their last use.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rand::RngCore;
use serde::Serialize;
use tokio_postgres::Client;

use crate::SchemaError;
use crate::access::{Role, Viewer};
use crate::connect::connect;

/// Letters of a key by which it is found and named in lists: `hw_` and nine more.
const PREFIX: usize = 12;

/// A key as lists show it: never the key itself.
#[derive(Clone, Debug, Serialize)]
pub struct ApiKey {
    /// Purpose: a system or role.
    pub name: String,
    /// First characters of the key.
    pub prefix: String,
    /// Role and regions of the login.
    pub role: String,
    /// Regions whose detail it sees.
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

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Purpose.
    pub name: String,
    /// Role and regions of the login.
    pub role: Role,
    /// Regions whose detail it sees.
    pub regions: Vec<String>,
    /// Days until it ends; none for never.
    pub days: Option<u32>,
}

/// Error of creating or using a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The request is invalid.
    #[error("{0}")]
    Wrong(String),
}

impl From<tokio_postgres::Error> for KeyError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Schema(error.into())
    }
}

/// A key holds 256 random bits: a plain hash cannot be searched through.
fn hash(key: &str) -> blake3::Hash {
    blake3::hash(key.as_bytes())
}

/// Makes a key and gives it, the only time that it is seen.
///
/// # Errors
/// Fails when a region is unknown, role `region` has none, or an active key bears the name.
pub async fn create(url: &str, new: &NewKey) -> Result<String, KeyError> {
    if new.name.trim().is_empty() || new.name.trim() == Viewer::LOCAL {
        return Err(KeyError::Wrong(format!(
            "a key's name says what it is for, e.g. power-bi-region-3; {} is the local user's",
            Viewer::LOCAL
        )));
    }
    if new.role == Role::Region && new.regions.is_empty() {
        return Err(KeyError::Wrong(
            "a key of role region needs --region CODE: without one it would see no detail".into(),
        ));
    }
    let mut client = connect(url).await?;
    let known: Vec<String> = client
        .query(
            "select r.code from warehouse.region r join warehouse.region_scheme c using \
             (region_scheme_id) where c.code = 'HMCC' and r.region_id > 0 order by 1",
            &[],
        )
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect();
    if let Some(code) = new.regions.iter().find(|code| !known.contains(code)) {
        return Err(KeyError::Wrong(format!(
            "there is no region {code}; the regions are {}",
            known.join(", ")
        )));
    }
    let mut random = [0_u8; 32];
    rand::rng().fill_bytes(&mut random);
    let key = format!("hw_{}", URL_SAFE_NO_PAD.encode(random));
    let expires = new.days.map(|days| Utc::now() + chrono::Duration::days(i64::from(days)));
    let name = new.name.trim();
    let transaction = client.transaction().await?;
    // A second key of one name made at the same moment waits for this one.
    transaction.batch_execute("lock table access.api_key in share row exclusive mode").await?;
    let active = "select prefix from access.api_key where name = $1 and revoked_at is null and \
        (expires_at is null or expires_at > now())";
    if let Some(row) = transaction.query_opt(&format!("{active} limit 1"), &[&name]).await? {
        return Err(KeyError::Wrong(format!(
            "an active key is named {name:?} already (it begins with {}); choose another name, or \
             revoke that one first: hotwash key revoke {}",
            row.get::<_, String>(0),
            row.get::<_, String>(0)
        )));
    }
    transaction
        .execute(
            "insert into access.api_key (name, prefix, key_hash, role, region_codes, expires_at) \
             values ($1, $2, $3, $4, $5, $6)",
            &[
                &name,
                &&key[..PREFIX],
                &hash(&key).as_bytes().as_slice(),
                &new.role.as_str(),
                &new.regions,
                &expires,
            ],
        )
        .await?;
    transaction.commit().await?;
    Ok(key)
}

/// All keys, the newest first.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn list(url: &str) -> Result<Vec<ApiKey>, KeyError> {
    let client = connect(url).await?;
    let rows = client
        .query(
            "select name, prefix, role, region_codes, created_at, expires_at, revoked_at, \
             last_used_at from access.api_key order by created_at desc, api_key_id desc",
            &[],
        )
        .await?;
    let key = |row: &tokio_postgres::Row| ApiKey {
        name: row.get(0),
        prefix: row.get(1),
        role: row.get(2),
        regions: row.get(3),
        created_at: row.get(4),
        expires_at: row.get(5),
        revoked_at: row.get(6),
        last_used_at: row.get(7),
    };
    Ok(rows.iter().map(key).collect())
}

/// Revokes the keys of this name or prefix; gives how many.
///
/// # Errors
/// Fails when the database cannot be written.
pub async fn revoke(url: &str, name: &str) -> Result<u64, KeyError> {
    let client = connect(url).await?;
    let sql = "update access.api_key set revoked_at = now() where (name = $1 or prefix = left($1, \
        12)) and revoked_at is null";
    Ok(client.execute(sql, &[&name]).await?)
}

/// Returns whether a key has ever been made: from then on everybody needs one, also when all have
/// ended.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn any_made(url: &str) -> Result<bool, KeyError> {
    let client = connect(url).await?;
    Ok(client.query_one("select exists (select from access.api_key)", &[]).await?.get(0))
}

/// Keys that are active.
pub struct Active {
    /// True if a key was ever made.
    pub any_made: bool,
    /// Prefixes of the active ones among those asked for.
    pub prefixes: HashSet<String>,
}

/// Finds which of the keys with these prefixes are active, without recording a use.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn active_among(client: &Client, prefixes: &[String]) -> Result<Active, KeyError> {
    let sql = "select exists (select from access.api_key), array(select prefix from access.api_key \
               where prefix = any($1) and revoked_at is null and (expires_at is null or expires_at \
               > now()))";
    let row = client.query_one(sql, &[&prefixes]).await?;
    Ok(Active {
        any_made: row.get(0),
        prefixes: row.get::<_, Vec<String>>(1).into_iter().collect(),
    })
}

/// First letters of a key, by which it is found.
pub fn prefix(key: &str) -> Option<&str> {
    key.starts_with("hw_").then(|| key.get(..PREFIX)).flatten()
}

/// Returns the viewer of a key; none if it is unknown, expired or revoked. Records its use.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn verify(url: &str, key: &str) -> Result<Option<Viewer>, KeyError> {
    let Some(prefix) = prefix(key) else { return Ok(None) };
    let found = active(url, prefix).await?;
    // Hashes are compared in constant time, as blake3 compares them.
    Ok(found.filter(|(known, _)| *known == hash(key)).map(|(_, viewer)| viewer))
}

/// Returns the viewer of a session's key, found by its first characters; none if it has expired or
/// is revoked.
///
/// # Errors
/// Fails when the database cannot be read.
pub async fn still_active(url: &str, prefix: &str) -> Result<Option<Viewer>, KeyError> {
    Ok(active(url, prefix).await?.map(|(_, viewer)| viewer))
}

/// An active key's hash and viewer; its use is recorded to the minute.
async fn active(url: &str, prefix: &str) -> Result<Option<(blake3::Hash, Viewer)>, KeyError> {
    let client = connect(url).await?;
    let row = client
        .query_opt(
            "update access.api_key set last_used_at = greatest(last_used_at, date_trunc('minute', \
             now())) \
             where prefix = $1 and revoked_at is null and (expires_at is null or expires_at > \
             now()) returning key_hash, name, role, region_codes",
            &[&prefix],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let Ok(known) = <[u8; 32]>::try_from(row.get::<_, &[u8]>(0)) else { return Ok(None) };
    let role = Role::parse(row.get(2)).unwrap_or(Role::Viewer);
    Ok(Some((
        blake3::Hash::from_bytes(known),
        Viewer { name: row.get(1), role, regions: row.get(3) },
    )))
}

/// The secret with which a warehouse's servers authenticate their sessions, made when it is first
/// asked for.
///
/// # Errors
/// Fails when the database cannot be used.
pub async fn session_secret(url: &str) -> Result<[u8; 32], SchemaError> {
    let client = connect(url).await?;
    let known = "select value from meta.setting where name = 'session_secret'";
    let mut kept = client.query_opt(known, &[]).await?;
    if kept.is_none() {
        // Only where there is none: each statement on a table makes a new version of the warehouse.
        let mut fresh = [0_u8; 32];
        rand::rng().fill_bytes(&mut fresh);
        let insert = "insert into meta.setting (name, value) values ('session_secret', $1) on \
            conflict (name) do nothing";
        client.execute(insert, &[&serde_json::json!(URL_SAFE_NO_PAD.encode(fresh))]).await?;
        kept = client.query_opt(known, &[]).await?;
    }
    let kept = kept.map_or(serde_json::Value::Null, |row| row.get(0));
    let secret = kept
        .as_str()
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .and_then(|bytes| bytes.try_into().ok());
    secret.ok_or_else(|| {
        SchemaError::Database(
            "the setting session_secret is damaged: delete it, and all must sign in again".into(),
        )
    })
}
