//! `hotwash serve`: runs the server in the foreground.

use super::{Context, Outcome};
use crate::http::{ServerConfig, ServerOptions};

/// Arguments of `hotwash serve`.
#[derive(clap::Args)]
pub struct ServeArguments {
    #[command(flatten)]
    pub(super) options: ServerOptions,
}

/// Serves until SIGINT or SIGTERM, then finishes running requests.
pub async fn run(context: &Context, arguments: ServeArguments) -> anyhow::Result<Outcome> {
    let mut database = context.database().await?;
    database.supervise()?;
    crate::http::serve(ServerConfig::new(database.url(), arguments.options)).await?;
    Ok(Outcome::Done)
}
