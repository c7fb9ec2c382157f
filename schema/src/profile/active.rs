//! The profile of this process.

use std::sync::{LazyLock, OnceLock};

use crate::error::SchemaError;
use crate::profile::model::Profile;
use crate::profile::shipped;

pub(super) static ACTIVE: OnceLock<Profile> = OnceLock::new();

pub(super) static DEFAULT: LazyLock<Profile> = LazyLock::new(shipped::default);

/// Returns the profile that this process uses. Until a warehouse is opened, this is the default
/// profile.
pub fn active() -> &'static Profile {
    ACTIVE.get().unwrap_or(&DEFAULT)
}

/// Sets the profile of this process. A process serves one warehouse, so the first profile is final.
///
/// # Errors
/// Fails if the process uses another profile.
pub fn activate(profile: Profile) -> Result<(), SchemaError> {
    let id = profile.id.clone();
    let active = ACTIVE.get_or_init(|| profile);
    if active.id == id {
        return Ok(());
    }
    Err(SchemaError::Profile {
        profile: id,
        reason: format!(
            "this process works by profile {} already; use one process for each warehouse",
            active.id
        ),
    })
}
