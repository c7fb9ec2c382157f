//! What every command shares: which database, which home folder, how to log.

use std::path::PathBuf;

/// Options of every command.
#[derive(clap::Args, Clone, Debug)]
pub struct Context {
    /// Postgres to use, e.g. postgres://hotwash@db.example.org/hotwash; without it a private one is run
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Folder for the private Postgres and settings; default: the platform's data folder
    #[arg(long, env = "HOTWASH_HOME", global = true, value_name = "FOLDER")]
    pub home: Option<PathBuf>,
    /// Log what happens to standard error: -v for steps, -vv for SQL and more
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Write logs as JSON lines (the server always does when its output is not a terminal)
    #[arg(long, env = "HOTWASH_LOG_JSON", global = true)]
    pub log_json: bool,
}

impl Context {
    /// Starts logging to standard error; `RUST_LOG` overrides the level.
    pub fn start_logging(&self) {
        use tracing_subscriber::EnvFilter;
        let level = match self.verbose {
            0 => "warn,hotwash=info",
            1 => "info",
            _ => "debug",
        };
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        if self.log_json {
            builder.json().flatten_event(true).init();
        } else {
            builder.with_target(false).compact().init();
        }
    }
}
