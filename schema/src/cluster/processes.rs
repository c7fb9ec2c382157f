//! Processes of a cluster: its postmaster, and backends that outlived a postmaster that was killed.

use std::path::Path;
use std::time::{Duration, Instant};

/// Time that backends have for ending by themselves after their postmaster is gone, and then after
/// being asked to.
const PATIENCE: Duration = Duration::from_secs(1);

/// Process id of the postmaster that `postmaster.pid` names, when that process lives and serves
/// this data folder.
pub fn postmaster(data: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
    // A single-user backend writes its id with a minus sign.
    let process = text.lines().next()?.trim().parse::<i32>().ok()?.unsigned_abs();
    serves(process, data).then_some(process)
}

/// Reports whether a process lives, is a Postgres, and works in this data folder.
fn serves(process: u32, data: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        // `id (name) state …`: a process that was killed and not yet reaped is a zombie and serves
        // nothing.
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let name = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
        let is_postgres = name.is_some_and(|(name, rest)| {
            name.contains("postgres")
                && !matches!(rest.trim_start().chars().next(), Some('Z' | 'X'))
        });
        // Every process of a cluster works in its data folder. Where that cannot be read, the name
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

/// Ends backends that outlived their postmaster: a new one cannot start while they hold its shared
/// memory. To be called only when [`postmaster`] has found none. Elsewhere than on Linux they end
/// by themselves.
pub fn end_orphans(data: &Path) {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::signal::Signal;
        let began = Instant::now();
        // An idle backend ends at once; one at work is asked to, then killed.
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
        // Unlike for the postmaster, whose id the cluster wrote down, its name alone proves
        // nothing.
        std::fs::read_link(format!("/proc/{process}/cwd"))
            .is_ok_and(|folder| is_same(&folder, data))
            && serves(*process, data)
    });
    ours.map(|process| nix::unistd::Pid::from_raw(process as i32)).collect()
}
