//! `hotwash bi grant|revoke|describe`: logins for BI tools, and what the tools will find.

use std::io::Write;

use anyhow::bail;
use hotwash_schema::access::Role;
use hotwash_schema::{bi, catalogue};

use super::{Context, Outcome, role};

/// What to do.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Make a read-only Postgres login, or change what it sees; prints its password once
    Grant {
        /// Name: lower-case letters, digits and underscores, e.g. tableau_region_3
        login: String,
        /// What it sees: region (detail of its regions), viewer (aggregates), analyst (all detail) or admin
        #[arg(long, default_value = "region", value_parser = role)]
        role: Role,
        /// Code of a region whose detail it sees; may be given again
        #[arg(long = "region", value_name = "CODE")]
        regions: Vec<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Remove a login and end its sessions
    Revoke {
        /// Its name
        login: String,
    },
    /// Print the data dictionary or a model file, generated from the star schema's own comments
    Describe {
        /// markdown and csv: the data dictionary; cube: a Cube model; dbt: a sources.yml
        #[arg(long, default_value = "markdown", value_parser = ["markdown", "csv", "cube", "dbt"])]
        format: String,
    },
}

/// Does it.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<Outcome> {
    let database = context.database().await?;
    let mut out = std::io::stdout().lock();
    match arguments.action {
        Action::Grant { login, role, regions, json } => {
            let granted = bi::grant(database.url(), &login, role, &regions).await?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&granted)?)?;
            } else {
                writeln!(out, "Login    {}\nPassword {}   (shown once)", granted.login, granted.password)?;
                if let Some(warning) = &granted.warning {
                    writeln!(out, "warning: {warning}")?;
                }
                writeln!(out, "{}", settings(database.url())?)?;
            }
        }
        Action::Revoke { login } => {
            if !bi::revoke(database.url(), &login).await? {
                bail!("there is no BI login {login:?}");
            }
            writeln!(out, "{login} is revoked.")?;
        }
        Action::Describe { format } => {
            let relations = catalogue::read(database.url()).await?;
            match format.as_str() {
                "csv" => write!(out, "{}", catalogue::csv(&relations))?,
                "cube" => write!(out, "{}", catalogue::cube(&relations))?,
                "dbt" => write!(out, "{}", catalogue::dbt(&relations))?,
                _ => write!(out, "{}\n\n{}", settings(database.url())?, catalogue::markdown(&relations))?,
            }
        }
    }
    Ok(Outcome::Done)
}

/// Where a tool connects, without any password.
fn settings(url: &str) -> anyhow::Result<String> {
    let address: tokio_postgres::Config = url.parse()?;
    Ok(format!(
        "Server   {}\nDatabase {}\nSchema   bi",
        hotwash_schema::connect::server(&address),
        address.get_dbname().unwrap_or("hotwash")
    ))
}
