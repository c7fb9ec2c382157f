//! API keys: shown once, stored as a hash, scoped to a role and regions, expiring, revocable, their last use recorded.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hotwash_schema::SchemaError;
use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::connect::connect;
use rand::RngCore;
use serde::Serialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Letters of a key by which it is found and named in lists: `hw_` and nine more.
const PREFIX: usize = 12;

/// A key as lists show it: never the key itself.
#[derive(Clone, Debug, Serialize)]
pub struct Key {
    /// What it is for: a system or role.
    pub name: String,
    /// Its first letters.
    pub prefix: String,
    /// What it may see.
    pub role: String,
    /// Regions whose detail it sees.
    pub regions: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// What it may see.
    pub role: Role,
    /// Regions whose detail it sees.
    pub regions: Vec<String>,
    /// Days until it ends; none for never.
    pub days: Option<u32>,
}

/// Why a key could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// What was asked cannot be.
    #[error("{0}")]
    Wrong(String),
}

impl From<tokio_postgres::Error> for KeyError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Schema(error.into())
    }
}

fn hash(key: &str) -> Vec<u8> {
    // A key holds 256 random bits: a plain hash cannot be searched through.
    Sha256::digest(key.as_bytes()).to_vec()
}

/// Makes a key and gives it, the only time that it is seen.
///
/// # Errors
/// When a region is unknown, or role `region` has none.
pub async fn create(url: &str, new: &NewKey) -> Result<String, KeyError> {
    if new.name.trim().is_empty() || hotwash_etl::redact::redact(&new.name).1 > 0 {
        return Err(KeyError::Wrong(
            "a key's name says what it is for, e.g. power-bi-region-3; never a person or an address".into(),
        ));
    }
    if new.role == Role::Region && new.regions.is_empty() {
        return Err(KeyError::Wrong(
            "a key of role region needs --region CODE: without one it would see no detail".into(),
        ));
    }
    let client = connect(url).await?;
    for code in &new.regions {
        let known = client
            .query_one(
                "select exists (select from warehouse.region r join warehouse.region_scheme c using (region_scheme_id) where c.code = 'HMCC' and r.code = $1)",
                &[code],
            )
            .await?;
        if !known.get::<_, bool>(0) {
            return Err(KeyError::Wrong(format!("there is no region {code}; `hotwash status` lists the regions")));
        }
    }
    let mut random = [0_u8; 32];
    rand::rng().fill_bytes(&mut random);
    let key = format!("hw_{}", URL_SAFE_NO_PAD.encode(random));
    let expires = new.days.map(|days| Utc::now() + chrono::Duration::days(i64::from(days)));
    client
        .execute(
            "insert into access.api_key (name, prefix, key_hash, role, region_codes, expires_at) values ($1, $2, $3, $4, $5, $6)",
            &[&new.name.trim(), &&key[..PREFIX], &hash(&key), &new.role.as_str(), &new.regions, &expires],
        )
        .await?;
    Ok(key)
}

/// All keys, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(url: &str) -> Result<Vec<Key>, KeyError> {
    let client = connect(url).await?;
    let rows = client
        .query(
            "select name, prefix, role, region_codes, created_at, expires_at, revoked_at, last_used_at from access.api_key order by created_at desc, api_key_id desc",
            &[],
        )
        .await?;
    let key = |row: &tokio_postgres::Row| Key {
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
/// When the database cannot be written.
pub async fn revoke(url: &str, name: &str) -> Result<u64, KeyError> {
    let client = connect(url).await?;
    let sql = "update access.api_key set revoked_at = now() where (name = $1 or prefix = left($1, 12)) and revoked_at is null";
    Ok(client.execute(sql, &[&name]).await?)
}

/// Whether any key can be used now: then everybody needs one.
///
/// # Errors
/// When the database cannot be read.
pub async fn any_active(url: &str) -> Result<bool, KeyError> {
    let client = connect(url).await?;
    let sql = "select exists (select from access.api_key where revoked_at is null and (expires_at is null or expires_at > now()))";
    Ok(client.query_one(sql, &[]).await?.get(0))
}

/// Who a key stands for; none when it is unknown, ended or revoked. Records its use.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify(url: &str, key: &str) -> Result<Option<Viewer>, KeyError> {
    if !key.starts_with("hw_") || key.len() < PREFIX || !key.is_ascii() {
        return Ok(None);
    }
    let client = connect(url).await?;
    let row = client
        .query_opt(
            "select key_hash, name, role, region_codes, api_key_id from access.api_key \
             where prefix = $1 and revoked_at is null and (expires_at is null or expires_at > now())",
            &[&&key[..PREFIX]],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let known: Vec<u8> = row.get(0);
    if !bool::from(known.ct_eq(&hash(key))) {
        return Ok(None);
    }
    client
        .execute(
            "update access.api_key set last_used_at = now() where api_key_id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')",
            &[&row.get::<_, i32>(4)],
        )
        .await?;
    let role = match row.get::<_, &str>(2) {
        "admin" => Role::Admin,
        "analyst" => Role::Analyst,
        "region" => Role::Region,
        _ => Role::Viewer,
    };
    Ok(Some(Viewer { name: row.get(1), role, regions: row.get(3) }))
}
