//! `hotwash postgres start|stop|status`: controls the private Postgres.

use std::io::Write;

use anyhow::bail;
use hotwash_schema::cluster::{Cluster, Status};

use super::{Context, Outcome};

/// Arguments of `hotwash postgres`.
#[derive(clap::Args)]
pub struct PostgresArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Start it and keep it running until `postgres stop`
    Start,
    /// Stop it; stop a running server first, which would start it again
    Stop,
    /// Show whether it is running and how to connect
    Status {
        /// Print one JSON object; `url` connects with psql and other tools
        #[arg(long)]
        json: bool,
    },
}

/// Starts, stops or describes the private cluster.
pub async fn run(context: &Context, arguments: PostgresArguments) -> anyhow::Result<Outcome> {
    if context.database_url.is_some() {
        bail!(
            "DATABASE_URL names a server of your own; `hotwash postgres` is about the private one \
             (unset DATABASE_URL)"
        );
    }
    let home = match arguments.action {
        Action::Start => context.home()?,
        Action::Stop | Action::Status { .. } => context.existing_home()?,
    };
    let mut out = std::io::stdout().lock();
    match arguments.action {
        Action::Start => {
            let status = Cluster::start(&home).await?;
            writeln!(out, "{}", running(&status))?;
        }
        Action::Stop => {
            Cluster::stop(&home).await?;
            writeln!(
                out,
                "Postgres is stopped. A running `hotwash serve` or `hotwash demo` starts it again."
            )?;
        }
        Action::Status { json } => {
            let status = Cluster::status(&home).await?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&status)?)?;
            } else if status.running {
                writeln!(out, "{}", running(&status))?;
            } else {
                writeln!(out, "Postgres does not run; `hotwash postgres start` starts it.")?;
            }
        }
    }
    Ok(Outcome::Done)
}

/// Says where Postgres runs. The password is left out: terminals are recorded and shared.
fn running(status: &Status) -> String {
    format!(
        "Postgres is running at {}; `hotwash postgres status --json` prints its URL with the \
         password.",
        status.server().unwrap_or_default()
    )
}
