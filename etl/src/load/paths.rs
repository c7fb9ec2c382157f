//! Files, folders and patterns into a list of files.

use std::path::{Path, PathBuf};

/// A path that names nothing.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// It is not there.
    #[error("{0}: there is no such file or folder")]
    Missing(String),
    /// A pattern that matches nothing.
    #[error("{0}: no file matches this pattern")]
    NoMatch(String),
    /// A folder without files.
    #[error("{0}: the folder holds no files")]
    EmptyFolder(String),
    /// A folder that may not be read.
    #[error("{path}: {error}; give the user that runs hotwash the right to read the folder")]
    Unreadable {
        /// Which one.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// The files of paths, folders (with their subfolders, but for hidden files and the inbox's `done`
/// and `failed`) and patterns.
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

/// The files of a folder and its subfolders. What cannot be listed is among them, so that it is
/// reported like a file.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let hidden = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() > 0
            && (name.starts_with('.')
                || name.starts_with("~$")
                || (entry.file_type().is_dir() && (name == "done" || name == "failed")))
    };
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !hidden(entry))
        .filter_map(|entry| match entry {
            Ok(entry) => entry.file_type().is_file().then(|| entry.into_path()),
            Err(error) => error.path().map(Path::to_path_buf),
        })
        .collect()
}
