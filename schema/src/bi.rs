//! Logins for BI tools: read-only Postgres roles whose rows row-level security chooses by
//! `access.bi_login`.

use rand::Rng;
use serde::Serialize;

use crate::access::Role;
use crate::connect::connect;
use crate::error::SchemaError;

/// A login just made or changed; its password is shown once and stored nowhere.
#[derive(Clone, Debug, Serialize)]
pub struct Granted {
    /// Name of the Postgres role.
    pub login: String,
    /// New password of the login.
    pub password: String,
    /// Role and regions of the login.
    pub role: Role,
    /// Codes of the regions whose detail it sees.
    pub regions: Vec<String>,
    /// Remarks, e.g. that a region login without a region sees no detail.
    pub warning: Option<String>,
}

/// Longest time one statement of a BI login may take unless it is granted another, in seconds.
pub const STATEMENT_TIMEOUT: u32 = 60;

/// Opens tables and views that `migrate` made to the logins there are.
pub(crate) const OPEN_TO_LOGINS: &str = "select access.open_to_readers(login::name) from \
    access.bi_login where exists (select from pg_roles where rolname = login)";

/// Makes a read-only login, or changes what an existing one sees and gives it a new password.
///
/// # Errors
/// A name that is no plain identifier or belongs to a role that is not a BI login; an unknown
/// region code; a database user that may not create roles.
pub async fn grant(
    url: &str,
    login: &str,
    role: Role,
    regions: &[String],
) -> Result<Granted, SchemaError> {
    check_name(login)?;
    let mut client = connect(url).await?;
    let transaction = client.transaction().await?;
    let known: Vec<String> = transaction
        .query(
            "select region.code from warehouse.region join warehouse.region_scheme s using \
             (region_scheme_id) \
             where s.code = meta.region_scheme() and region_id > 0 order by 1",
            &[],
        )
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect();
    if let Some(unknown) = regions.iter().find(|code| !known.contains(code)) {
        return Err(SchemaError::Database(format!(
            "there is no region {unknown:?}; the regions are {}",
            known.join(", ")
        )));
    }
    let row = transaction
        .query_one(
            "select exists (select from pg_roles where rolname = $1), exists (select from \
             access.bi_login where login = $1), current_database()",
            &[&login],
        )
        .await?;
    let (exists, ours, database): (bool, bool, String) = (row.get(0), row.get(1), row.get(2));
    if exists && !ours {
        return Err(SchemaError::Database(format!(
            "the role {login} exists in Postgres and is no BI login of this warehouse; choose \
             another name"
        )));
    }
    let password = password();
    let verb = if exists { "alter" } else { "create" };
    let warning = (role == Role::Region && regions.is_empty()).then(|| {
        format!(
            "{login} has role region and no region: it sees published aggregates and no \
            detail; grant it again with --region"
        )
    });
    let told = warning.clone().unwrap_or_else(|| {
        format!("Hotwash BI login: role {}, regions {}", role.as_str(), regions.join(", "))
    });
    transaction
        .batch_execute(&format!(
            "{verb} role {login} with login nosuperuser nocreatedb nocreaterole noinherit \
             connection limit 20 password '{password}'; \
             comment on role {login} is '{}'; \
             alter role {login} in database \"{}\" set default_transaction_read_only = on; \
             alter role {login} in database \"{}\" set statement_timeout = '{STATEMENT_TIMEOUT}s'; \
             alter role {login} in database \"{}\" set idle_in_transaction_session_timeout = \
             '5min'; \
             alter role {login} in database \"{}\" set jit = off; \
             alter role {login} in database \"{}\" set search_path = bi",
            told.replace('\'', "''"),
            quoted(&database),
            quoted(&database),
            quoted(&database),
            quoted(&database),
            quoted(&database),
        ))
        .await?;
    // What a sort may spill to disk; only a superuser, or who was given the right, may bound it.
    let may: bool = transaction
        .query_one("select has_parameter_privilege('temp_file_limit', 'set')", &[])
        .await?
        .get(0);
    if may {
        transaction
            .batch_execute(&format!("alter role {login} set temp_file_limit = '4GB'"))
            .await?;
    }
    transaction.execute("select access.open_to_readers($1::text::name)", &[&login]).await?;
    transaction
        .execute(
            "insert into access.bi_login (login, role, region_codes) values ($1, $2, $3) \
             on conflict (login) do update set role = excluded.role, region_codes = \
             excluded.region_codes",
            &[&login, &role.as_str(), &regions],
        )
        .await?;
    transaction.commit().await?;
    Ok(Granted { login: login.to_owned(), password, role, regions: regions.to_vec(), warning })
}

/// Gives a login another limit for one statement, in seconds.
///
/// # Errors
/// A name that belongs to no BI login.
pub async fn limit_statements(url: &str, login: &str, seconds: u32) -> Result<(), SchemaError> {
    check_name(login)?;
    let client = connect(url).await?;
    let row = client
        .query_one(
            "select exists (select from access.bi_login where login = $1), current_database()",
            &[&login],
        )
        .await?;
    let (known, database): (bool, String) = (row.get(0), row.get(1));
    if !known {
        return Err(SchemaError::Database(format!("there is no BI login {login:?}")));
    }
    let sql = format!(
        "alter role {login} in database \"{}\" set statement_timeout = '{seconds}s'",
        quoted(&database)
    );
    client.batch_execute(&sql).await?;
    Ok(())
}

/// Ends the login's sessions and removes it; false when there was none.
pub async fn revoke(url: &str, login: &str) -> Result<bool, SchemaError> {
    check_name(login)?;
    let mut client = connect(url).await?;
    let transaction = client.transaction().await?;
    let known =
        transaction.execute("delete from access.bi_login where login = $1", &[&login]).await? > 0;
    if !known {
        return Ok(false);
    }
    let exists: bool = transaction
        .query_one("select exists (select from pg_roles where rolname = $1)", &[&login])
        .await?
        .get(0);
    if exists {
        transaction
            .batch_execute(&format!(
                "alter role {login} nologin; drop owned by {login}; drop role {login}"
            ))
            .await?;
    }
    transaction.commit().await?;
    client
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1",
            &[&login],
        )
        .await?;
    Ok(true)
}

/// A name that needs no quoting anywhere, also in a tool's connection string.
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

fn quoted(name: &str) -> String {
    name.replace('"', "\"\"")
}

fn password() -> String {
    let mut random = rand::rng();
    (0..32).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect()
}
