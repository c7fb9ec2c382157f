//! Expands paths, folders and patterns into a list of files.

use std::path::{Path, PathBuf};

/// A path that matches no file.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// The path does not exist.
    #[error("{0}: there is no such file or folder")]
    Missing(String),
    /// The pattern matches no file.
    #[error("{0}: no file matches this pattern")]
    NoMatch(String),
    /// The folder contains no files.
    #[error("{0}: the folder holds no files")]
    EmptyFolder(String),
    /// The folder cannot be read.
    #[error("{path}: {error}; give the user that runs hotwash the right to read the folder")]
    Unreadable {
        /// Path of the folder.
        path: String,
        /// Error of the operating system.
        error: std::io::Error,
    },
}

/// Returns the files of paths, folders and patterns. Folders include subfolders, except hidden
/// files and the inbox's `done` and `failed`.
pub fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, PathError> {
    let mut files = Vec::new();
    for path in paths {
        let shown = path.display().to_string();
        if path.is_dir() {
            std::fs::read_dir(path)
                .map_err(|error| PathError::Unreadable { path: shown.clone(), error })?;
            let found = walk(path);
            if found.is_empty() {
                return Err(PathError::EmptyFolder(shown));
            }
            files.extend(found);
        } else if path.exists() {
            files.push(path.clone());
        } else if shown.contains(['*', '?', '[']) {
            let matched: Vec<PathBuf> = glob::glob(&shown)
                .into_iter()
                .flatten()
                .flatten()
                .filter(|file| file.is_file())
                .collect();
            if matched.is_empty() {
                return Err(PathError::NoMatch(shown));
            }
            files.extend(matched);
        } else {
            return Err(PathError::Missing(shown));
        }
    }
    Ok(files)
}

/// Returns the files of a folder and its subfolders, also those that links lead to. Entries that
/// cannot be listed are included, so that they are reported like files.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let hidden = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() > 0
            && (name.starts_with('.')
                || name.starts_with("~$")
                || ["Thumbs.db", "desktop.ini"].contains(&name.as_ref())
                || (entry.file_type().is_dir() && (name == "done" || name == "failed")))
    };
    walkdir::WalkDir::new(folder)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !hidden(entry))
        .filter_map(|entry| match entry {
            Ok(entry) => entry.file_type().is_file().then(|| entry.into_path()),
            Err(error) => error.path().map(Path::to_path_buf),
        })
        .collect()
}
