//! Finds the processes of a cluster: its postmaster, and backends that outlive a killed postmaster.

use std::path::Path;
use std::time::{Duration, Instant};

/// Time for backends to exit by themselves after their postmaster is gone, and again after a
/// signal.
const PATIENCE: Duration = Duration::from_secs(1);

/// Returns the process id in `postmaster.pid`, if that process is alive and serves this data
/// folder.
pub fn postmaster(data: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
    // A single-user backend writes its id with a minus sign.
    let process = text.lines().next()?.trim().parse::<i32>().ok()?.unsigned_abs();
    serves(process, data).then_some(process)
}

/// Returns whether a process is alive, is a Postgres, and works in this data folder.
fn serves(process: u32, data: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        // `id (name) state …`: a killed process that was not yet reaped is a zombie and serves
        // nothing.
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let name = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
        let is_postgres = name.is_some_and(|(name, rest)| {
            name.contains("postgres")
                && !matches!(rest.trim_start().chars().next(), Some('Z' | 'X'))
        });
        // Every process of a cluster works in its data folder. If that cannot be read, the name
        // decides.
        is_postgres
            && std::fs::read_link(format!("/proc/{process}/cwd"))
                .map_or(true, |folder| is_same(&folder, data))
    }
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        let _ = data;
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(process as i32), None).is_ok()
    }
    #[cfg(not(unix))]
    {
        let _ = (process, data);
        true
    }
}

/// Ends backends that outlived their postmaster, because a new one cannot start while they use its
/// shared memory. Call only if [`postmaster`] has found none. On systems other than Linux, they
/// exit by themselves.
pub fn end_orphans(data: &Path) {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::signal::Signal;
        let began = Instant::now();
        // An idle backend exits at once; a working one gets a signal, and is then killed.
        for (after, signal) in
            [(PATIENCE, None), (PATIENCE, Some(Signal::SIGQUIT)), (PATIENCE, Some(Signal::SIGKILL))]
        {
            let left = orphans(data);
            if left.is_empty() || postmaster(data).is_some() {
                return;
            }
            if let Some(signal) = signal {
                tracing::warn!(count = left.len(), %signal, "ending processes of a Postgres that \
                    was killed");
                for process in left {
                    let _ = nix::sys::signal::kill(process, signal);
                }
            }
            let began = Instant::now();
            while began.elapsed() < after && !orphans(data).is_empty() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        tracing::debug!(
            took_ms = began.elapsed().as_millis() as u64,
            "processes of a Postgres that was killed"
        );
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (data, PATIENCE, Instant::now());
    }
}

#[cfg(target_os = "linux")]
fn is_same(folder: &Path, data: &Path) -> bool {
    data.canonicalize().is_ok_and(|data| folder == data)
}

#[cfg(target_os = "linux")]
fn orphans(data: &Path) -> Vec<nix::unistd::Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let ours = processes.filter(|process| {
        // The postmaster's id is recorded by the cluster; a backend's name alone is no evidence.
        std::fs::read_link(format!("/proc/{process}/cwd"))
            .is_ok_and(|folder| is_same(&folder, data))
            && serves(*process, data)
    });
    ours.map(|process| nix::unistd::Pid::from_raw(process as i32)).collect()
}
