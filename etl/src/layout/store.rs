//! Finds layouts: a named file, the deployment's folder, and the examples in the binary.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::definition::Layout;
use super::source::LayoutSource;
use crate::error::ChoiceError;

/// Layouts of a folder.
#[derive(Clone, Debug, Default)]
pub struct Layouts {
    /// Valid layouts.
    pub sources: Vec<&'static LayoutSource>,
    /// Errors of the others.
    pub errors: Vec<String>,
}

/// Example layouts, by name.
const SHIPPED: [(&str, &str); 4] = [
    ("911-calls", include_str!("../../samples/layouts/911-calls.toml")),
    ("fire-incident-counts", include_str!("../../samples/layouts/fire-incident-counts.toml")),
    ("fire-incident-log", include_str!("../../samples/layouts/fire-incident-log.toml")),
    ("risk-register", include_str!("../../samples/layouts/risk-register.toml")),
];

/// Returns the example layouts in the binary as name and text.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &SHIPPED
}

/// Returns the source for a layout's text. The same text returns the same source, so that a loader
/// watching a folder for months stores each layout once.
fn source(file: &str, text: &str) -> Result<&'static LayoutSource, ChoiceError> {
    type Known = Mutex<HashMap<(String, String), &'static LayoutSource>>;
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let mut known =
        KNOWN.get_or_init(Known::default).lock().unwrap_or_else(PoisonError::into_inner);
    let key = (file.to_owned(), text.to_owned());
    if let Some(source) = known.get(&key) {
        return Ok(source);
    }
    let source = LayoutSource::of(
        Layout::read(file, text).map_err(|error| ChoiceError::InvalidLayout(error.to_string()))?,
    );
    known.insert(key, source);
    Ok(source)
}

fn read(path: &Path) -> Result<&'static LayoutSource, ChoiceError> {
    let file = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let text = std::fs::read_to_string(path).map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::InvalidData => {
                "is not UTF-8 text; a layout is a TOML file".to_owned()
            }
            _ => error.to_string(),
        };
        ChoiceError::UnreadableLayout { path: path.to_owned(), reason }
    })?;
    source(&file, &text)
}

/// Returns the layout at a path, or with a name in the folder or among the examples.
///
/// # Errors
/// Returns an error if none exists or the layout is invalid.
pub fn find(given: &Path, folder: Option<&Path>) -> Result<&'static LayoutSource, ChoiceError> {
    if given.is_file() {
        return read(given);
    }
    let name = given.to_string_lossy();
    let layouts = folder.map(in_folder).unwrap_or_default();
    if let Some(source) = layouts.sources.iter().find(|source| source.layout.name == name) {
        return Ok(source);
    }
    if let Some((name, text)) = SHIPPED.iter().find(|(known, _)| *known == name) {
        return source(&format!("{name}.toml"), text);
    }
    let own = layouts.sources.iter().map(|source| source.layout.name.as_str());
    let known: Vec<&str> = own.chain(SHIPPED.iter().map(|(name, _)| *name)).collect();
    Err(ChoiceError::NoLayout { found: given.to_owned(), known: known.join(", ") })
}

/// Returns the layouts of a folder, by name; a missing folder has none.
pub fn in_folder(folder: &Path) -> Layouts {
    let entries =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    paths.sort();
    let mut layouts = Layouts::default();
    for path in paths {
        match read(&path) {
            Ok(source) => {
                let same =
                    layouts.sources.iter().find(|known| known.layout.name == source.layout.name);
                match same {
                    Some(known) => layouts.errors.push(format!(
                        "{}: the name {} is that of {}, too; give each layout a name of its own",
                        source.layout.file, source.layout.name, known.layout.file
                    )),
                    None => layouts.sources.push(source),
                }
            }
            Err(error) => layouts.errors.push(error.to_string()),
        }
    }
    layouts
}
