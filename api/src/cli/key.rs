//! `hotwash key create|list|revoke`: API keys and their roles.

use std::io::Write;

use anyhow::bail;
use hotwash_schema::access::Role;
use hotwash_schema::keys::{self, ApiKey, NewKey};

use super::table::Listing;
use super::{Context, Outcome, role};
use crate::logging::note;

/// Arguments of `hotwash key`.
#[derive(clap::Args)]
pub struct KeyArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Create a key and print it once; once a key exists, every request needs one
    Create {
        /// Purpose of the key, e.g. power-bi-region-3; never a person's name
        name: String,
        /// Role: viewer (aggregates), region (detail of its regions), analyst (all detail) or admin
        #[arg(long, default_value = "analyst", value_parser = role)]
        role: Role,
        /// Code of a region whose detail the key may read; repeat for more
        #[arg(long = "region", value_name = "CODE")]
        regions: Vec<String>,
        /// Days until the key expires, at least 1; default: never
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        days: Option<u32>,
    },
    /// List the keys without their secrets
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key by name or first characters; its requests and open WebSockets end within two
    /// seconds
    Revoke {
        /// Name or first characters of the key
        name: String,
    },
}

/// Runs `hotwash key`.
pub async fn run(context: &Context, arguments: KeyArguments) -> anyhow::Result<Outcome> {
    let database = match arguments.action {
        Action::Create { .. } => context.database().await?,
        Action::List { .. } | Action::Revoke { .. } => context.existing_database().await?,
    };
    let mut out = std::io::stdout();
    match arguments.action {
        Action::Create { name, role, regions, days } => {
            if hotwash_etl::redact::redact(&name).1 > 0 {
                bail!("a key's name states its purpose, never a person or an address");
            }
            if hotwash_etl::visible(&name) != name || name.contains(['\t', '\n']) {
                bail!(
                    "a key's name is one line of visible characters, e.g. power-bi-region-3, not \
                     {name:?}"
                );
            }
            let key = keys::create(database.pool(), &NewKey { name, role, regions, days }).await?;
            writeln!(out, "{key}")?;
            note(format_args!(
                "Shown once: save it. Send it as `Authorization: Bearer {}…`; from now on every \
                 request needs a key.",
                &key[..12]
            ));
        }
        Action::List { json } => {
            let all = keys::list(database.pool()).await?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
                return Ok(Outcome::Done);
            }
            let mut listing = Listing::new(&[
                "name",
                "begins",
                "role",
                "regions",
                "made",
                "ends",
                "last used",
                "state",
            ]);
            let day = |at: Option<chrono::DateTime<chrono::Utc>>| {
                at.map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
            };
            for key in all {
                let state = state(&key);
                listing.row([
                    key.name,
                    key.prefix,
                    key.role,
                    key.regions.join(", "),
                    day(Some(key.created_at)),
                    day(key.expires_at),
                    day(key.last_used_at),
                    state.to_owned(),
                ]);
            }
            listing.print()?;
        }
        Action::Revoke { name } => {
            let revoked = keys::revoke(database.pool(), &name).await?;
            if revoked == 0 {
                bail!(
                    "no active key has the name or first characters {name:?}; `hotwash key list` \
                     lists the keys"
                );
            }
            writeln!(out, "{revoked} revoked")?;
            // Revoking the last key opens nothing: a leaked key may be why it is revoked.
            if keys::list(database.pool()).await?.iter().all(|key| state(key) != ACTIVE) {
                note(format_args!(
                    "no key is active now, and every request still needs one; make another with \
                     `hotwash key create`"
                ));
            }
        }
    }
    Ok(Outcome::Done)
}

/// State of a key that authenticates requests.
const ACTIVE: &str = "active";

/// Returns the state of a key.
fn state(key: &ApiKey) -> &'static str {
    if key.revoked_at.is_some() {
        "revoked"
    } else if key.expires_at.is_some_and(|at| at < chrono::Utc::now()) {
        "ended"
    } else {
        ACTIVE
    }
}
