//! Object files of this version, in the order of their requirements.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::SchemaError;
use crate::objects::described;
use crate::objects::file::ObjectFile;

/// Lists every view, function, trigger and policy of the schemas with a digest of its definition.
/// The session's `search_path` must be `pg_catalog`, so that names are qualified.
pub(crate) const DEFINITIONS: &str = include_str!("definitions.sql");

/// Names and contents of the files of `schema/objects`.
pub(super) const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/objects.rs"));

/// Returns the files of this version, in no particular order.
pub fn shipped() -> Vec<ObjectFile> {
    let written = SHIPPED.iter().map(|(name, text)| ObjectFile::new(name, text));
    written.chain(described::files()).collect()
}

/// Returns where the objects of a file are defined, for messages.
pub(super) fn defined_in(name: &str) -> String {
    if described::files().any(|file| file.name == name) {
        format!("{name}, generated from a description in schema/src/record")
    } else {
        format!("schema/objects/{name}.sql")
    }
}

/// Sorts files so that each follows those it requires, otherwise by name.
///
/// # Errors
/// Fails if a file requires one that does not exist, or two files require each other.
pub(crate) fn ordered(files: &[ObjectFile]) -> Result<Vec<&ObjectFile>, SchemaError> {
    let mut waiting: BTreeMap<&str, &ObjectFile> =
        files.iter().map(|file| (file.name.as_str(), file)).collect();
    for file in files {
        if let Some(missing) =
            file.requires.iter().find(|name| !waiting.contains_key(name.as_str()))
        {
            return Err(SchemaError::Migration(format!(
                "{} requires {missing}, and there is no such file",
                defined_in(&file.name)
            )));
        }
    }
    let mut order = Vec::with_capacity(files.len());
    let mut done = BTreeSet::new();
    while !waiting.is_empty() {
        let ready = waiting
            .values()
            .find(|file| file.requires.iter().all(|name| done.contains(name.as_str())));
        let Some(next) = ready.copied() else {
            let names: Vec<&str> = waiting.into_keys().collect();
            return Err(SchemaError::Migration(format!(
                "files of schema/objects require each other in a circle: {}",
                names.join(", ")
            )));
        };
        waiting.remove(next.name.as_str());
        done.insert(next.name.as_str());
        order.push(next);
    }
    Ok(order)
}
