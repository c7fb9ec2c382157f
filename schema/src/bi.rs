//! Logins for BI tools: read-only Postgres roles. Row-level security selects their rows by
//! `access.bi_login`.

use diesel::dsl::{auto_type, exists};
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use rand::Rng;
use serde::Serialize;

use crate::access::{Role, unused_regions};
use crate::error::SchemaError;
use crate::functions::{
    self, drop_login, open_to_readers, pg_roles, pg_stat_activity, pg_terminate_backend, set_login,
};
use crate::pool::Pool;
use crate::regions;
use crate::tables::bi_login;

/// Login that was just created or changed. Its password is shown once and never stored.
#[derive(Clone, Debug, Serialize)]
pub struct Granted {
    /// Name of the Postgres role.
    pub login: String,
    /// New password of the login.
    pub password: String,
    /// Role and regions of the login.
    pub role: Role,
    /// Codes of the regions whose detail the login sees.
    pub regions: Vec<String>,
    /// Remarks, e.g. that a region login without a region sees no detail.
    pub warning: Option<String>,
}

/// Default time limit for one statement of a BI login, in seconds.
pub const STATEMENT_TIMEOUT: u32 = 60;

/// Creates a read-only login, or changes the access and password of an existing one.
///
/// # Errors
/// Fails for a name that is not a plain identifier, or belongs to a role other than a BI login.
/// Also fails for an unknown region code, for regions of another role than `region`, or if the database user may not create roles.
pub async fn grant(
    pool: &Pool,
    login: &str,
    role: Role,
    regions: &[String],
) -> Result<Granted, SchemaError> {
    check_name(login)?;
    if let Some(message) = unused_regions(role, regions) {
        return Err(SchemaError::Database(message));
    }
    let warning = (role == Role::Region && regions.is_empty()).then(|| {
        format!(
            "{login} has role region and no region: it sees published aggregates and no \
            detail; grant it again with --region"
        )
    });
    let note = warning.clone().unwrap_or_else(|| {
        format!("Hotwash BI login: role {}, regions {}", role.code(), regions.join(", "))
    });
    let password = password();
    pool.run(async |connection| {
        connection
            .transaction(async |connection| {
                check_regions(connection, regions).await?;
                check_free(connection, login).await?;
                let seconds = i32::try_from(STATEMENT_TIMEOUT).unwrap_or(i32::MAX);
                let set = set_login(login, &password, &note, seconds);
                diesel::select(set).execute(connection).await?;
                let sees = (bi_login::role.eq(role.code()), bi_login::region_codes.eq(regions));
                diesel::insert_into(bi_login::table)
                    .values((bi_login::login.eq(login), sees))
                    .on_conflict(bi_login::login)
                    .do_update()
                    .set(sees)
                    .execute(connection)
                    .await?;
                Ok::<_, SchemaError>(())
            })
            .await
    })
    .await?;
    Ok(Granted { login: login.to_owned(), password, role, regions: regions.to_vec(), warning })
}

async fn check_regions(
    connection: &mut AsyncPgConnection,
    codes: &[String],
) -> Result<(), SchemaError> {
    let known = regions::codes(connection).await?;
    match codes.iter().find(|code| !known.contains(code)) {
        None => Ok(()),
        Some(unknown) => Err(SchemaError::Database(format!(
            "there is no region {unknown:?}; the regions are {}",
            known.join(", ")
        ))),
    }
}

/// Fails if a role with this name exists that is not a BI login.
async fn check_free(connection: &mut AsyncPgConnection, login: &str) -> Result<(), SchemaError> {
    let role = pg_roles::table.filter(pg_roles::rolname.eq(login)).select(pg_roles::rolname);
    let (exists, is_login) = diesel::select((exists(role), exists(known(login))))
        .get_result::<(bool, bool)>(connection)
        .await?;
    if exists && !is_login {
        return Err(SchemaError::Database(format!(
            "the role {login} exists in Postgres and is not a BI login of this warehouse; choose \
             another name"
        )));
    }
    Ok(())
}

/// Selects a login by its name.
#[auto_type]
fn known<'a>(login: &'a str) -> _ {
    bi_login::table.filter(bi_login::login.eq(login)).select(bi_login::login)
}

/// Changes the time limit for one statement of a login, in seconds.
///
/// # Errors
/// Fails if no BI login has this name.
pub async fn limit_statements(pool: &Pool, login: &str, seconds: u32) -> Result<(), SchemaError> {
    check_name(login)?;
    let seconds = i32::try_from(seconds).unwrap_or(i32::MAX);
    pool.run(async |connection| {
        if !diesel::select(exists(known(login))).get_result::<bool>(connection).await? {
            return Err(SchemaError::Database(format!("there is no BI login {login:?}")));
        }
        let limit = functions::limit_statements(login, seconds);
        diesel::select(limit).execute(connection).await?;
        Ok(())
    })
    .await
}

/// Ends the login's sessions and removes the login. Returns false if there was none.
///
/// # Errors
/// Fails if the database cannot be written.
pub async fn revoke(pool: &Pool, login: &str) -> Result<bool, SchemaError> {
    check_name(login)?;
    pool.run(async |connection| {
        let was_known = connection
            .transaction(async |connection| {
                let login_row = bi_login::table.filter(bi_login::login.eq(login));
                if diesel::delete(login_row).execute(connection).await? == 0 {
                    return Ok(false);
                }
                diesel::select(drop_login(login)).execute(connection).await?;
                Ok::<_, SchemaError>(true)
            })
            .await?;
        if was_known {
            pg_stat_activity::table
                .filter(pg_stat_activity::usename.eq(login))
                .select(pg_terminate_backend(pg_stat_activity::pid))
                .execute(connection)
                .await?;
        }
        Ok(was_known)
    })
    .await
}

/// Grants existing logins access to tables and views created by `migrate`.
#[auto_type]
pub(crate) fn open_to_logins() -> _ {
    bi_login::table
        .filter(bi_login::login.eq_any(pg_roles::table.select(pg_roles::rolname)))
        .select(open_to_readers(bi_login::login))
}

/// Returns whether a name needs no quoting anywhere, including a tool's connection string.
fn check_name(login: &str) -> Result<(), SchemaError> {
    let plain = login.starts_with(|first: char| first.is_ascii_lowercase())
        && login.len() <= 63
        && login.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !login.starts_with("pg_");
    if plain {
        return Ok(());
    }
    Err(SchemaError::Database(format!(
        "{login:?} cannot name a login; use up to 63 lower-case letters, digits and underscores, a \
         letter first, e.g. tableau_region_3"
    )))
}

fn password() -> String {
    let mut random = rand::rng();
    (0..32).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect()
}
