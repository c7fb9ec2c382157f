//! Limit of open connections, so that file descriptors remain for Postgres and files.

/// Kept for Postgres, files and the runtime.
const KEPT: usize = 256;
/// More are refused by the system until some end.
const MOST: usize = 20_000;

/// Raises this process's limit of open files as far as it may, and gives the connections that fit
/// in it.
///
/// # Errors
/// Fails when the limit cannot be read.
pub fn allow() -> anyhow::Result<usize> {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        let wanted = hard.min((MOST + KEPT) as u64);
        let limit = if wanted > soft && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() {
            wanted
        } else {
            soft
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(limit.saturating_sub(KEPT).clamp(64, MOST))
    }
    #[cfg(not(unix))]
    Ok(MOST)
}
