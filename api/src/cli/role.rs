//! The role that an option names.

/// Parses a role name given as an argument.
pub(super) fn role(name: &str) -> Result<hotwash_schema::access::Role, String> {
    use hotwash_schema::access::Role;
    Role::parse(name).ok_or_else(|| format!("no such role; use one of {}", Role::allowed()))
}
