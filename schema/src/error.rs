//! Errors of the warehouse, with the remedy for the operator.

use std::path::PathBuf;

use crate::loss::{Loss, REMEDY};

/// Error of the warehouse: its server, its schema, its reference data.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// No Postgres programs were found on this machine.
    #[error(
        "no Postgres was found (looked on PATH and in {looked}); install it with `{install}`, or \
         set DATABASE_URL to a server"
    )]
    NoPostgres {
        /// Folders searched.
        looked: String,
        /// The install command for this platform.
        install: &'static str,
    },
    /// A Postgres program failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Name of the program.
        program: String,
        /// Output of the program.
        said: String,
    },
    /// A file or folder could not be used.
    #[error("{}: {error}", path.display())]
    Path {
        /// Name of the program.
        path: PathBuf,
        /// Message of the operating system.
        error: std::io::Error,
    },
    /// The home folder contains no warehouse, and the command only reads one.
    #[error(
        "there is no warehouse in {} ({reason}); check HOTWASH_HOME or --home, or make one there \
         with \
         `hotwash demo`, `hotwash load` or `hotwash serve`",
        path.display()
    )]
    NoWarehouse {
        /// Home folder.
        path: PathBuf,
        /// Missing items.
        reason: &'static str,
    },
    /// The recorded port of the private Postgres is taken while other processes use the cluster at
    /// that port.
    #[error(
        "port {port} of the private Postgres in {} is taken by another program, and a running \
         Hotwash expects Postgres \
         there; free the port, or stop that Hotwash to let Postgres move to another port",
        path.display()
    )]
    PortTaken {
        /// Recorded port.
        port: u16,
        /// Folder of the cluster.
        path: PathBuf,
    },
    /// The address cannot be read.
    #[error(
        "DATABASE_URL is not a Postgres URL ({0}); write \
         postgres://USER:PASSWORD@HOST:PORT/DATABASE"
    )]
    Address(String),
    /// The server cannot be reached or rejects the connection.
    #[error("cannot reach Postgres at {server}: {said}; {remedy}", remedy = REMEDY)]
    Unreachable {
        /// Host and port, never the password.
        server: String,
        /// Output of the program.
        said: String,
    },
    /// The connection was lost while it was used.
    #[error("{loss}; {remedy}", loss = .0, remedy = REMEDY)]
    Lost(Loss),
    /// A statement took longer than its time limit, and was canceled.
    #[error("the database took longer than {} ms, and the statement was canceled", .0.as_millis())]
    TimeLimit(std::time::Duration),
    /// The database was migrated by a newer Hotwash.
    #[error(
        "the database is at schema {found}, newer than this Hotwash knows ({known}); use the newer \
         version of Hotwash"
    )]
    Newer {
        /// Newest migration of the database.
        found: String,
        /// Newest migration of this Hotwash.
        known: String,
    },
    /// The database lacks migrations.
    #[error("the database is at schema {found}, this Hotwash needs {known}; run `hotwash migrate`")]
    Older {
        /// Newest migration of the database, or `none`.
        found: String,
        /// Newest migration of this Hotwash.
        known: String,
    },
    /// The database was created by a development version whose migrations no longer exist.
    #[error(
        "the database is at schema {found}, which an early version of Hotwash made; its migrations \
         were replaced by {known}, and this version cannot upgrade it. Save it with `pg_dump`, \
         create an empty database (or choose another --home), and load your files again"
    )]
    Replaced {
        /// Newest unknown migration of the database.
        found: String,
        /// Newest migration of this Hotwash.
        known: String,
    },
    /// The days of a period are reversed.
    #[error("the first day {since} is after the last day {until}; give the earlier day first")]
    Period {
        /// First day.
        since: chrono::NaiveDate,
        /// Last day.
        until: chrono::NaiveDate,
    },
    /// A setting of the warehouse is invalid.
    #[error("{0}")]
    Setting(String),
    /// Views, functions, triggers or policies are from another version.
    #[error(
        "{count} files of views, functions, triggers and policies differ from this Hotwash's (the \
         first: {first}); run `hotwash migrate`"
    )]
    Objects {
        /// Number of files that differ.
        count: usize,
        /// First of them.
        first: String,
    },
    /// A migration failed; the database is as before it.
    #[error("migrating failed, and the database is as before: {0}")]
    Migration(String),
    /// A reference file has an error; none of it was stored.
    #[error("reference file {file}, row {row}{}: {value:?} {reason}", in_column(.column))]
    Reference {
        /// File name.
        file: String,
        /// Row; the header is row 1.
        row: u64,
        /// Column heading; empty if the error is in the entire row.
        column: String,
        /// Invalid value.
        value: String,
        /// Problem and remedy.
        reason: String,
    },
    /// A jurisdiction profile is wrong, or does not fit the warehouse.
    #[error("jurisdiction profile {profile}: {reason}")]
    Profile {
        /// Name or folder of the profile.
        profile: String,
        /// The problem, and what would be right.
        reason: String,
    },
    /// Another error of the database.
    #[error("the database says: {0}")]
    Database(String),
}

impl From<diesel::result::Error> for SchemaError {
    fn from(error: diesel::result::Error) -> Self {
        match Loss::of_diesel(&error) {
            Some(loss) => Self::Lost(loss),
            None => Self::Database(message(&error)),
        }
    }
}

impl From<diesel::ConnectionError> for SchemaError {
    fn from(error: diesel::ConnectionError) -> Self {
        match Loss::of_opening(&error) {
            Some(loss) => Self::Lost(loss),
            None => Self::Database(error.to_string()),
        }
    }
}

impl SchemaError {
    /// Returns whether the database is unavailable, so that a retry may succeed.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Unreachable { .. })
    }
}

/// Returns the server's message and detail, without SQL, from a Diesel error.
pub fn message(error: &diesel::result::Error) -> String {
    let diesel::result::Error::DatabaseError(_, said) = error else { return error.to_string() };
    match said.details() {
        Some(detail) => format!("{} ({detail})", said.message()),
        None => said.message().to_owned(),
    }
}

fn in_column(column: &str) -> String {
    if column.is_empty() { String::new() } else { format!(", column {column}") }
}
