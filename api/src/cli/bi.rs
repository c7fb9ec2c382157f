//! `hotwash bi grant|revoke|describe`: logins for BI tools, and the tables they read.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use hotwash_schema::access::Role;
use hotwash_schema::{bi, catalog};

use super::{Context, Outcome, role};

/// Arguments of `hotwash bi`.
#[derive(clap::Args)]
pub struct BiArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Create a read-only Postgres login or change its role; prints the password once
    Grant {
        /// Login name: lowercase letters, digits and underscores, e.g. tableau_region_3
        login: String,
        /// Role: region (detail of its regions), viewer (aggregates), analyst (all detail) or admin
        #[arg(long, default_value = "region", value_parser = role)]
        role: Role,
        /// Code of a region whose detail it may read; repeat for more
        #[arg(long = "region", value_name = "CODE")]
        regions: Vec<String>,
        /// Time limit of one statement in seconds; it is canceled after that
        #[arg(long, value_name = "SECONDS", default_value_t = bi::STATEMENT_TIMEOUT, value_parser = clap::value_parser!(u32).range(1..=3600))]
        timeout: u32,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Remove a login and end its sessions
    Revoke {
        /// Login name
        login: String,
    },
    /// Print the data dictionary or a model file, generated from the star schema's own comments
    Describe {
        /// markdown and csv: the data dictionary; cube: a Cube model; dbt: a sources.yml; superset:
        /// a bundle to import, with datasets, measures and a starter dashboard
        #[arg(long, default_value = "markdown", value_parser = ["markdown", "csv", "cube", "dbt", "superset"])]
        format: String,
        /// File to write instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Login of the Superset bundle; Superset asks for its password on import
        #[arg(long, default_value = "superset", value_name = "LOGIN")]
        login: String,
    },
}

/// Runs `hotwash bi`.
pub async fn run(context: &Context, arguments: BiArguments) -> anyhow::Result<Outcome> {
    let database = match arguments.action {
        Action::Grant { .. } => context.database().await?,
        Action::Revoke { .. } | Action::Describe { .. } => context.existing_database().await?,
    };
    let mut out = std::io::stdout().lock();
    match arguments.action {
        Action::Grant { login, role, regions, timeout, json } => {
            let granted = bi::grant(database.pool(), &login, role, &regions).await?;
            if timeout != bi::STATEMENT_TIMEOUT {
                bi::limit_statements(database.pool(), &login, timeout).await?;
            }
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&granted)?)?;
            } else {
                writeln!(
                    out,
                    "Login    {}\nPassword {}   (shown once)",
                    granted.login, granted.password
                )?;
                if let Some(warning) = &granted.warning {
                    writeln!(out, "warning: {warning}")?;
                }
                writeln!(out, "{}", settings(database.url())?)?;
            }
        }
        Action::Revoke { login } => {
            if !bi::revoke(database.pool(), &login).await? {
                bail!("no BI login is named {login:?}");
            }
            writeln!(out, "{login} is revoked.")?;
        }
        Action::Describe { format, out: file, login } => {
            hotwash_metrics::show_metrics(database.url()).await?;
            let relations = catalog::read(database.url()).await?;
            let description = match format.as_str() {
                "csv" => catalog::csv(&relations)?,
                "cube" => catalog::cube(&relations).into_bytes(),
                "dbt" => catalog::dbt(&relations).into_bytes(),
                "superset" if file.is_none() && out.is_terminal() => {
                    bail!(
                        "a Superset bundle is a ZIP file; write it with --out hotwash-superset.zip"
                    )
                }
                "superset" => catalog::superset(&relations, &address(database.url())?, &login)?,
                _ => format!("{}\n\n{}", settings(database.url())?, catalog::markdown(&relations))
                    .into_bytes(),
            };
            match file {
                Some(file) => std::fs::write(&file, description).with_context(|| {
                    format!("{} cannot be written; choose another path", file.display())
                })?,
                None => out.write_all(&description)?,
            }
        }
    }
    Ok(Outcome::Done)
}

/// Connection settings for a tool, without the password.
fn settings(url: &str) -> anyhow::Result<String> {
    let address = hotwash_schema::connect::address(url)?.config;
    Ok(format!(
        "Server   {}\nDatabase {}\nSchema   bi\n\n\
         Large results come in pages, so that a tool never holds all rows at once:\n  \
         ODBC   UseDeclareFetch=1;Fetch=10000;ExtraFloatDigits=3\n  \
         JDBC   ?defaultRowFetchSize=10000\n\n\
         A login has 20 connections, and 60 seconds a statement unless it was granted another \
         --timeout.",
        hotwash_schema::connect::server(&address),
        address.get_dbname().unwrap_or("hotwash")
    ))
}

/// Returns HOST:PORT/DATABASE of a connection string.
fn address(url: &str) -> anyhow::Result<String> {
    let address = hotwash_schema::connect::address(url)?.config;
    let server = hotwash_schema::connect::server(&address);
    Ok(format!("{server}/{}", address.get_dbname().unwrap_or("hotwash")))
}
