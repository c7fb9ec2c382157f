//! Profiles that this version embeds.

use std::collections::BTreeMap;

use super::embedded::{Files, PROFILES, files};
use super::{DEFINITION, Profile};
use crate::error::SchemaError;

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
