//! `hotwash serve`: the server in the foreground until it is told to stop.

use super::{Context, Outcome};
use crate::http::{ServerConfig, ServerOptions};

/// Where and how to serve.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: ServerOptions,
}

/// Serves until SIGINT or SIGTERM, then finishes what is under way.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<Outcome> {
    let mut database = context.database().await?;
    database.supervise()?;
    crate::http::serve(ServerConfig::new(database.url(), context.home()?, arguments.options)).await?;
    Ok(Outcome::Done)
}
