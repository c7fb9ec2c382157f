//! Writes the files of the data set: one file per template, row by row, by heading.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::Recipe;
use crate::template::{
    CellValue, SharedBuffer, TEMPLATES, TableWriter, Template, TemplateError, Wording, open_table,
};

/// Reason why the data set could not be written.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// Error of a table.
    #[error(transparent)]
    Table(#[from] TemplateError),
    /// Error of a file.
    #[error("{0} cannot be written: {1}")]
    File(PathBuf, std::io::Error),
    /// Error of the phrases.
    #[error("the generator's phrases are damaged: {0}")]
    Phrases(String),
}

/// Destination of the files.
pub trait OutputTarget {
    /// Opens a file with this name.
    ///
    /// # Errors
    /// When the file cannot be created.
    fn open(&self, name: &str) -> Result<Box<dyn Write + Send>, GenerateError>;
}

/// Folder for the files, which is created if it is missing.
pub struct Folder(pub PathBuf);

impl OutputTarget for Folder {
    fn open(&self, name: &str) -> Result<Box<dyn Write + Send>, GenerateError> {
        let path = self.0.join(name);
        std::fs::create_dir_all(&self.0)
            .map_err(|error| GenerateError::File(self.0.clone(), error))?;
        let file = File::create(&path).map_err(|error| GenerateError::File(path, error))?;
        Ok(Box::new(BufWriter::with_capacity(1 << 18, file)))
    }
}

/// Files in memory.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<String, SharedBuffer>>);

impl Memory {
    /// Returns the written files, by name.
    pub fn take(&self) -> Vec<(String, Vec<u8>)> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().map(|(name, buffer)| (name.clone(), buffer.take())).collect()
    }
}

impl OutputTarget for Memory {
    fn open(&self, name: &str) -> Result<Box<dyn Write + Send>, GenerateError> {
        let buffer = SharedBuffer::default();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), buffer.clone());
        Ok(Box::new(buffer))
    }
}

/// Open tables.
pub struct Tables {
    open: BTreeMap<&'static str, (&'static Template, Box<dyn TableWriter>)>,
}

impl Tables {
    /// Opens one file per template.
    pub fn open(recipe: &Recipe, index: &dyn OutputTarget) -> Result<Self, GenerateError> {
        let switch = if recipe.has_truths { "" } else { " --without-truths" };
        let origin = format!(
            "hotwash generate --scale {} --seed {} --as-of {}{switch}",
            recipe.scale, recipe.seed, recipe.as_of
        );
        let mut open = BTreeMap::new();
        for template in TEMPLATES.iter() {
            let out = index.open(&format!(
                "fictional_{}.{}",
                template.name,
                recipe.format.extension()
            ))?;
            open.insert(
                template.name,
                (
                    template,
                    open_table(template, recipe.format, Wording::Fictional(origin.clone()), out)?,
                ),
            );
        }
        Ok(Self { open })
    }

    /// Writes a row by heading; headings without a value are left empty.
    pub fn row(
        &mut self,
        table: &'static str,
        values: &[(&str, CellValue<'_>)],
    ) -> Result<(), GenerateError> {
        let Some((template, writer)) = self.open.get_mut(table) else { return Ok(()) };
        let mut row = vec![CellValue::Empty; template.columns.len()];
        for (heading, value) in values {
            if let Some(index) = template.position(heading) {
                row[index] = value.clone();
            }
        }
        Ok(writer.write(&row)?)
    }

    /// Completes all files.
    pub fn finish(self) -> Result<(), GenerateError> {
        for (_, (_, writer)) in self.open {
            writer.finish()?;
        }
        Ok(())
    }
}
