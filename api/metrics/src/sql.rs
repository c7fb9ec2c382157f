//! Statements in files of their own: `api/metrics/sql/NAME.sql`, each with its purpose on top.

/// Returns the statement of a file at a path in `api/metrics/sql`.
macro_rules! sql {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $path))
    };
}
pub(crate) use sql;
