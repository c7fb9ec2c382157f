//! Inbox: files put into a folder are loaded and moved to `done/` or `failed/`, each with a report
//! next to it.
//!
//! A file is loaded when it has stopped growing, no program has it open for writing, and it has its
//! final name. A loader killed at any moment leaves the file in the inbox; loading it again changes
//! nothing that was already stored.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::code::WarningCode;
use crate::load::{FileReport, LoadError, Options, PathError, Progress, load};

/// Interval between scans of the folder.
const PAUSE: Duration = Duration::from_secs(1);
/// Maximum pause while the warehouse is unreachable.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Time for which a file must be unchanged.
const SETTLED: Duration = Duration::from_secs(2);
/// Extensions that programs give to unfinished files.
const UNFINISHED: [&str; 6] = ["part", "partial", "tmp", "crdownload", "download", "swp"];

/// Result for one file; `error` is set if it was not loaded.
#[derive(Serialize)]
struct Beside<'a> {
    #[serde(flatten)]
    report: &'a FileReport,
    details: Vec<Detail<'a>>,
}

#[derive(Serialize)]
struct Detail<'a> {
    code: WarningCode,
    column: Option<&'a str>,
    value: Option<&'a str>,
    message: &'a str,
    first_row: u64,
    occurrences: u64,
}

/// Watches until `stop` ends, and calls `each` with the report of every file.
pub async fn watch(
    url: &str,
    folder: &Path,
    options: &Options,
    progress: &dyn Progress,
    mut each: impl FnMut(&FileReport),
    stop: impl Future<Output = ()>,
) -> Result<(), LoadError> {
    if !folder.is_dir() {
        return Err(PathError::Missing(format!("{} (a folder to watch)", folder.display())).into());
    }
    let mut seen = HashMap::new();
    let mut pause = PAUSE;
    let mut stop = std::pin::pin!(stop);
    loop {
        match take_up(url, folder, options, progress, &mut each, &mut seen).await {
            Ok(()) => pause = PAUSE,
            Err(error) => {
                pause = (pause * 2).min(LONGEST_PAUSE);
                tracing::error!(%error, retry_seconds = pause.as_secs(), "the warehouse cannot be \
                    loaded; the files wait in the inbox");
            }
        }
        tokio::select! {
            () = &mut stop => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

type Seen = HashMap<PathBuf, (u64, SystemTime, std::time::Instant)>;

/// Loads settled files. An error means that the warehouse, not a file, is at fault.
async fn take_up(
    url: &str,
    folder: &Path,
    options: &Options,
    progress: &dyn Progress,
    each: &mut impl FnMut(&FileReport),
    seen: &mut Seen,
) -> Result<(), LoadError> {
    let ready = settled(folder, seen);
    if ready.is_empty() {
        return Ok(());
    }
    let reports = load(url, &ready, options, progress).await?;
    for (path, report) in ready.iter().zip(&reports) {
        if report.may_load_later {
            tracing::warn!(file = %report.file, error = report.error, "stays in the inbox and is \
                tried again");
            continue;
        }
        seen.remove(path);
        if options.dry_run {
            // Nothing was stored, so the file stays; it is loaded again only after it changes.
            each(report);
            if let Some(key) = key(path) {
                seen.insert(
                    path.clone(),
                    (
                        key.0,
                        key.1,
                        std::time::Instant::now() + Duration::from_secs(u64::from(u32::MAX)),
                    ),
                );
            }
            continue;
        }
        if let Err(error) = put_away(folder, path, report) {
            tracing::error!(file = %path.display(), %error, "cannot be moved out of the inbox; \
                check the folder's permissions");
        }
        each(report);
    }
    Ok(())
}

fn key(path: &Path) -> Option<(u64, SystemTime)> {
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// Returns files whose size and time have been unchanged for a while, sorted by name.
fn settled(folder: &Path, seen: &mut Seen) -> Vec<PathBuf> {
    let mut present = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let unfinished = path
            .extension()
            .and_then(|extension| extension.to_str())
            .is_some_and(|extension| UNFINISHED.contains(&extension.to_ascii_lowercase().as_str()));
        if name.starts_with('.') || name.starts_with("~$") || unfinished {
            continue;
        }
        if let Some((bytes, modified)) = key(&path) {
            present.push(path.clone());
            let known =
                seen.get(&path).is_some_and(|(size, time, _)| (*size, *time) == (bytes, modified));
            if !known {
                seen.insert(path, (bytes, modified, std::time::Instant::now()));
            }
        }
    }
    seen.retain(|path, _| present.contains(path));
    present.retain(|path| {
        seen.get(path).is_some_and(|(_, _, since)| {
            std::time::Instant::now()
                .checked_duration_since(*since)
                .is_some_and(|lain| lain >= SETTLED)
        })
    });
    let written = if present.is_empty() { Vec::new() } else { being_written() };
    present.retain(|path| path.canonicalize().map_or(true, |path| !written.contains(&path)));
    present.sort();
    present
}

/// Returns files that a program has open for writing, where the system shows it (Linux, programs of
/// the same user).
fn being_written() -> Vec<PathBuf> {
    let entries = |path: PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten();
    let processes = entries(PathBuf::from("/proc")).filter(|entry| {
        entry.file_name().to_string_lossy().bytes().all(|letter| letter.is_ascii_digit())
    });
    let open = processes.flat_map(|process| {
        entries(process.path().join("fd")).map(move |file| (process.path(), file))
    });
    let writing = open.filter_map(|(process, file)| {
        let target = std::fs::read_link(file.path()).ok().filter(|target| target.is_absolute())?;
        let told = std::fs::read_to_string(process.join("fdinfo").join(file.file_name())).ok()?;
        let flags = told.lines().find_map(|line| line.strip_prefix("flags:"))?.trim();
        // Octal; the last two bits are 1 for writing and 2 for both.
        (u32::from_str_radix(flags, 8).ok()? & 3 != 0).then_some(target)
    });
    writing.collect()
}

/// Moves a file to `done/` or `failed/` under an unused name, after writing its report there.
fn put_away(folder: &Path, path: &Path, report: &FileReport) -> std::io::Result<()> {
    let target = folder.join(if report.error.is_some() { "failed" } else { "done" });
    std::fs::create_dir_all(&target)?;
    let index = free_name(&target, path);
    let details = report.details.iter().map(|warning| Detail {
        code: warning.code,
        column: warning.column.as_deref(),
        value: warning.value.as_deref(),
        message: &warning.message,
        first_row: warning.first_row,
        occurrences: warning.occurrences,
    });
    let text = serde_json::to_string_pretty(&Beside { report, details: details.collect() })?;
    let mut beside = index.clone().into_os_string();
    beside.push(".report.json");
    // The report is written first, so that every file in `done/` has one even if the loader is
    // killed here.
    std::fs::write(beside, text + "\n")?;
    std::fs::rename(path, &index)
}

/// Returns `storms.csv`, then `storms (2).csv`, `storms (3).csv` …
fn free_name(target: &Path, path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = name
        .split_once('.')
        .map_or((name.as_str(), String::new()), |(stem, rest)| (stem, format!(".{rest}")));
    let mut index = target.join(&name);
    let mut number = 2_u32;
    while index.exists() {
        index = target.join(format!("{stem} ({number}){ending}"));
        number += 1;
    }
    index
}
