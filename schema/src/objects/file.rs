//! A file of `schema/objects` or one made from a record type.

use crate::access::visible;

/// Start of a header line that names a required file.
pub(super) const REQUIRES: &str = "-- requires: ";

/// One file that defines views, functions, triggers or policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFile {
    /// Path below `schema/objects`, without extension.
    pub name: String,
    /// Names of the files whose objects this file uses.
    pub requires: Vec<String>,
    /// Statements, with the visibility rule inserted.
    pub sql: String,
    /// Digest of the statements.
    pub digest: String,
}

impl ObjectFile {
    /// Parses the header of a file and inserts the visibility rule.
    pub fn new(name: &str, text: &str) -> Self {
        let requires = text.lines().filter_map(|line| line.strip_prefix(REQUIRES));
        let requires = requires.map(|name| name.trim().to_owned()).collect();
        let sql = visible::expand(text);
        let digest = blake3::hash(sql.as_bytes()).to_hex().to_string();
        Self { name: name.to_owned(), requires, sql, digest }
    }
}
