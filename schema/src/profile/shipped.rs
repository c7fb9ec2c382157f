//! Profiles embedded in this version: every folder of `schema/profiles/`.

use std::collections::BTreeMap;

use super::{DEFINITION, Profile};
use crate::error::SchemaError;

/// File names with their texts.
type Files = &'static [(&'static str, &'static str)];

// `PROFILES: &[(&str, Files)]`, written by build.rs from the folders.
include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// Returns the files of a shipped profile.
pub fn files(id: &str) -> Option<Files> {
    PROFILES.iter().find(|(known, _)| *known == id).map(|(_, files)| *files)
}

/// Returns a shipped profile.
pub fn find(id: &str) -> Result<Option<Profile>, SchemaError> {
    let Some(files) = files(id) else { return Ok(None) };
    let owned: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Profile::of(id, owned, true).map(Some)
}

/// Returns the shipped profile whose definition contains `default = true`.
#[expect(clippy::expect_used, reason = "the shipped profiles are constants, read by the tests")]
pub fn default() -> Profile {
    let is_default = |files: Files| {
        files.iter().any(|(name, text)| {
            *name == DEFINITION && text.lines().any(|line| line.trim() == "default = true")
        })
    };
    let (id, _) =
        PROFILES.iter().find(|(_, files)| is_default(files)).expect("one profile is the default");
    find(id).expect("the default profile is well formed").expect("the default profile is shipped")
}
