//! Limit of open connections, so that file descriptors remain for Postgres and files.

/// File descriptors reserved for Postgres, files and the runtime.
const RESERVED: usize = 256;
/// Maximum number of open connections; further clients wait in the system's queue.
const MAX_CONNECTIONS: usize = 20_000;

/// Raises the limit of open files and returns the number of connections that fit.
///
/// # Errors
/// Fails when the limit cannot be read.
pub fn allow() -> anyhow::Result<usize> {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        let wanted = hard.min((MAX_CONNECTIONS + RESERVED) as u64);
        let limit = if wanted > soft && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() {
            wanted
        } else {
            soft
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(limit.saturating_sub(RESERVED).clamp(64, MAX_CONNECTIONS))
    }
    #[cfg(not(unix))]
    Ok(MAX_CONNECTIONS)
}
