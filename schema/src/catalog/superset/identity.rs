//! Version and identifiers of the objects in a bundle.

/// Version of Superset's export layout.
pub(super) const LAYOUT: &str = "1.0.0";

/// Returns a stable id for a name, in the form of a UUID.
pub(super) fn id(name: &str) -> String {
    let hash = blake3::hash(format!("hotwash superset {name}").as_bytes()).to_hex();
    format!(
        "{}-{}-8{}-8{}-{}",
        &hash[..8],
        &hash[8..12],
        &hash[13..16],
        &hash[17..20],
        &hash[20..32]
    )
}
