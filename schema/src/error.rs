//! What can go wrong with the warehouse itself, said so that an operator knows what to do.

use std::path::PathBuf;

/// An error of the warehouse: its server, its schema, its reference data.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// No Postgres programs were found on this machine.
    #[error(
        "no Postgres was found (looked on PATH and in {looked}); install it with `{install}`, or set DATABASE_URL to a server"
    )]
    NoPostgres {
        /// Where it was looked for.
        looked: String,
        /// The one command for this platform.
        install: &'static str,
    },
    /// A Postgres program failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Which one.
        program: String,
        /// What it said.
        said: String,
    },
    /// A file or folder could not be used.
    #[error("{}: {error}", path.display())]
    Path {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The server cannot be reached or refuses us.
    #[error("cannot reach Postgres at {server}: {said}; is it running, and is DATABASE_URL right?")]
    Unreachable {
        /// Host and port, never the password.
        server: String,
        /// What it said.
        said: String,
    },
    /// The database was migrated by a newer Hotwash.
    #[error(
        "the database is at schema {found}, newer than this Hotwash knows ({known}); use the newer version of Hotwash"
    )]
    Newer {
        /// Its newest migration.
        found: String,
        /// Ours.
        known: String,
    },
    /// The database lacks migrations.
    #[error("the database is at schema {found}, this Hotwash needs {known}; run `hotwash migrate`")]
    Older {
        /// Its newest migration, or `none`.
        found: String,
        /// Ours.
        known: String,
    },
    /// A migration failed; the database is as before it.
    #[error("migrating failed, and the database is as before: {0}")]
    Migration(String),
    /// A reference file is wrong; nothing of it was stored.
    #[error("reference file {file}, row {row}{}: {value:?} {reason}", in_column(.column))]
    Reference {
        /// File name.
        file: String,
        /// Row, the heading being row 1.
        row: u64,
        /// Column heading; empty when the row itself is wrong.
        column: String,
        /// Value at fault.
        value: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// Another error of the database.
    #[error("the database says: {0}")]
    Database(String),
}

impl From<tokio_postgres::Error> for SchemaError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(said(&error))
    }
}

/// What the server said, with its detail, without SQL.
pub fn said(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return match db.detail() {
            Some(detail) => format!("{} ({detail})", db.message()),
            None => db.message().to_owned(),
        };
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

fn in_column(column: &str) -> String {
    if column.is_empty() { String::new() } else { format!(", column {column}") }
}
