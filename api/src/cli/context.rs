//! Options of every command: database, home folder and logging.

use std::ffi::OsString;
use std::path::PathBuf;

use hotwash_etl::reading::headings;
use hotwash_schema::database::Database;
use hotwash_schema::home::Home;
use hotwash_schema::migrate;
use hotwash_schema::profile::{self, Profile};
use tracing_subscriber::EnvFilter;

use crate::expectations;
use crate::logging::{self, LogGuard};

/// Group of these options in the help.
const EVERY_COMMAND: &str = "Options of every command";

/// Options of every command.
#[derive(clap::Args, Clone, Debug)]
pub struct Context {
    /// Settings file; default: /etc/hotwash/hotwash.toml if it exists. Empty: none
    #[arg(long, env = "HOTWASH_SETTINGS", global = true, help_heading = EVERY_COMMAND, value_name = "FILE")]
    pub settings: Option<OsString>,
    /// Postgres to use, e.g. postgres://hotwash@db.example.org/hotwash; default: a private one
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true, help_heading = EVERY_COMMAND, value_name = "URL")]
    pub database_url: Option<String>,
    /// Folder for the private Postgres and layouts; default: the platform's data folder
    #[arg(long, env = "HOTWASH_HOME", global = true, help_heading = EVERY_COMMAND, value_name = "FOLDER")]
    pub home: Option<PathBuf>,
    /// Jurisdiction profile: the name of a shipped one, or a folder; default: that of the warehouse
    #[arg(long, env = "HOTWASH_PROFILE", global = true, help_heading = EVERY_COMMAND, value_name = "NAME|FOLDER")]
    pub profile: Option<String>,
    /// File with the feeds that are expected, e.g. /etc/hotwash/expectations.toml
    #[arg(long, env = "HOTWASH_EXPECTATIONS", global = true, help_heading = EVERY_COMMAND, value_name = "FILE")]
    pub expectations: Option<PathBuf>,
    /// What is logged to standard error, by severity and part, e.g. warn,hotwash=debug
    #[arg(
        long,
        env = "RUST_LOG",
        global = true, help_heading = EVERY_COMMAND,
        value_name = "FILTER",
        value_parser = log_filter
    )]
    pub log: Option<String>,
    /// Log more to standard error, whatever --log says: -v for steps, -vv for SQL and more
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = EVERY_COMMAND)]
    pub verbose: u8,
    /// Write logs as JSON lines; the default of a server whose output is not a terminal
    #[arg(long, env = "HOTWASH_LOG_JSON", global = true, help_heading = EVERY_COMMAND)]
    pub log_json: bool,
}

impl Context {
    /// Returns the home folder, created if it is missing.
    pub fn home(&self) -> anyhow::Result<Home> {
        Ok(Home::open(self.home.as_deref())?)
    }

    /// Returns the home folder of a read-only command, which creates none.
    pub fn existing_home(&self) -> anyhow::Result<Home> {
        Ok(Home::find(self.home.as_deref())?)
    }

    /// Returns the folder of layouts if there is a home folder.
    pub fn layouts(&self) -> Option<PathBuf> {
        self.existing_home().ok().map(|home| home.path().join("layouts"))
    }

    /// Reads the headings of the home folder, if there is one.
    pub fn use_headings(&self) {
        if let Ok(home) = self.existing_home() {
            headings::use_folder(home.path());
        }
    }

    /// Reads the expected feeds, if a file of them is named.
    pub fn use_expectations(&self) -> anyhow::Result<()> {
        let file = self.expectations.as_ref().filter(|file| !file.as_os_str().is_empty());
        if let Some(file) = file {
            hotwash_metrics::expect(expectations::read(file, self.layouts().as_deref())?);
        }
        Ok(())
    }

    /// Returns the jurisdiction profile that was chosen.
    pub fn profile(&self) -> anyhow::Result<Option<Profile>> {
        let name = self.profile.as_deref().filter(|name| !name.is_empty());
        Ok(name.map(Profile::named).transpose()?)
    }

    /// Makes a command without a warehouse work by the profile that was chosen.
    pub fn use_profile(&self) -> anyhow::Result<()> {
        match self.profile()? {
            Some(profile) => Ok(profile::activate(profile)?),
            None => Ok(()),
        }
    }

    /// Checks the schema of a warehouse, and that its profile is the one that was chosen.
    async fn check(&self, database: &Database) -> anyhow::Result<()> {
        migrate::check(database.pool()).await?;
        let own = &profile::active().id;
        match self.profile()? {
            Some(chosen) if chosen.id != *own => anyhow::bail!(
                "the warehouse has the jurisdiction profile {own}, not {}; leave the choice out, \
                 or run `hotwash migrate --profile {}` on a warehouse without records",
                chosen.id,
                chosen.id
            ),
            _ => Ok(()),
        }
    }

    /// Returns the database, ready to use. A private one is created if it is missing and migrated
    /// to this version's schema.
    pub async fn database(&self) -> anyhow::Result<Database> {
        let database = self.unmigrated_database().await?;
        if self.database_url.is_none() {
            migrate::migrate_with(database.url(), self.profile()?.as_ref()).await?;
        } else {
            self.check(&database).await?;
        }
        Ok(database)
    }

    /// Returns the database of a read-only command: nothing is created or migrated.
    pub async fn existing_database(&self) -> anyhow::Result<Database> {
        let database = match self.database_url.as_deref() {
            Some(url) => Database::at(url),
            None => Database::private_existing(&self.existing_home()?).await?,
        };
        self.check(&database).await?;
        Ok(database)
    }

    /// Returns the database without migrating it; a private one is created if it is missing.
    pub async fn unmigrated_database(&self) -> anyhow::Result<Database> {
        match self.database_url.as_deref() {
            Some(url) => Ok(Database::at(url)),
            None => Ok(Database::private(&self.home()?).await?),
        }
    }

    /// Starts logging to standard error.
    pub fn start_logging(&self, server: bool) -> LogGuard {
        let filter = match (self.verbose, self.log.as_deref()) {
            (0, Some(filter)) if !filter.is_empty() => filter,
            (0, _) if server => "warn,hotwash=info",
            (0, _) => "warn",
            (1, _) => "info",
            _ => "debug",
        };
        logging::start(server, self.log_json, EnvFilter::new(filter))
    }
}

/// Checks the filter of `--log`.
fn log_filter(filter: &str) -> Result<String, String> {
    match EnvFilter::try_new(filter) {
        Ok(_) => Ok(filter.to_owned()),
        Err(error) => Err(format!("{error}; write it as warn, debug or warn,hotwash=debug")),
    }
}
