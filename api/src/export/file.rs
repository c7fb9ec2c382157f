//! Files of an export: one for each record type, and one for each link table. Plans and the data
//! package follow from their columns.

use std::sync::LazyLock;

use hotwash_graphql::catalog::ENTITIES;
use hotwash_graphql::catalog::references::{
    LINK_TABLES, LinkTable, Reference, file_name, references,
};
use hotwash_graphql::entity::{Entity, TableJoin};
use hotwash_graphql::scalar::ScalarKind;
use hotwash_schema::formula::Formula;
use hotwash_schema::nearest::choices;

use super::ExportError;

/// Group keys exported as additional columns, since each record has exactly one value.
const KEYS: [&str; 2] = ["HAZARD_CODE", "HAZARD_CATEGORY"];

/// File of an export.
#[derive(Debug)]
pub struct ExportFile {
    /// Name without extension, e.g. `correctiveActions`.
    pub name: &'static str,
    /// Meaning of a row.
    pub description: &'static str,
    /// Rows.
    pub rows: FileRows,
    /// Columns, in order.
    pub columns: Vec<FileColumn>,
}

/// Rows of a file.
#[derive(Clone, Copy, Debug)]
pub enum FileRows {
    /// Records of a type.
    Records(&'static Entity),
    /// Rows of a link table.
    Links(&'static LinkTable),
}

/// Column of a file.
#[derive(Debug)]
pub struct FileColumn {
    /// Name.
    pub name: &'static str,
    /// Kind of the values.
    pub kind: ScalarKind,
    /// Meaning.
    pub description: &'static str,
    /// True if the column is never empty.
    pub required: bool,
    /// Values.
    pub value: FileValue,
}

/// Values of a column.
#[derive(Debug)]
pub enum FileValue {
    /// Global id of the record.
    Id,
    /// Global id of another record; empty if the viewer may not see that record.
    Reference(Reference),
    /// Value of a formula, with the joins that it needs in addition to those of the type.
    Formula(Formula, &'static [TableJoin]),
}

impl FileColumn {
    fn reference(reference: Reference, required: bool) -> Self {
        Self {
            name: reference.name,
            kind: ScalarKind::Text,
            description: reference.description,
            required,
            value: FileValue::Reference(reference),
        }
    }
}

impl ExportFile {
    /// Returns the foreign keys.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.columns.iter().filter_map(|column| match &column.value {
            FileValue::Reference(reference) => Some(reference),
            FileValue::Id | FileValue::Formula(..) => None,
        })
    }

    fn of_records(of: &'static Entity) -> Self {
        let id = FileColumn {
            name: "id",
            kind: ScalarKind::Text,
            description: "Id of the record, as in GraphQL.",
            required: true,
            value: FileValue::Id,
        };
        let references = references(of).into_iter();
        let references = references.map(|reference| {
            FileColumn::reference(reference, reference.is_never_empty || reference.is_part)
        });
        let mut columns: Vec<FileColumn> = std::iter::once(id).chain(references).collect();
        for field in of.fields.iter().filter(|field| field.within.is_none()) {
            columns.push(FileColumn {
                name: field.name,
                kind: field.kind,
                description: field.description,
                // A text may be empty, which CSV cannot tell from no text.
                required: field.required
                    && !matches!(field.kind, ScalarKind::Text | ScalarKind::Texts),
                value: FileValue::Formula(field.formula, &[]),
            });
        }
        for key in of.group_keys.iter().filter(|key| KEYS.contains(&key.name)) {
            if columns.iter().all(|column| column.name != key.key) {
                columns.push(FileColumn {
                    name: key.key,
                    kind: key.kind,
                    description: key.description,
                    required: false,
                    value: FileValue::Formula(key.formula, key.joins),
                });
            }
        }
        let (name, rows) = (file_name(of), FileRows::Records(of));
        Self { name, description: of.description, rows, columns }
    }

    fn of_links(of: &'static LinkTable) -> Self {
        Self {
            name: of.name,
            description: "Links between records, a pair in each row.",
            rows: FileRows::Links(of),
            columns: of.sides.map(|side| FileColumn::reference(side, true)).into(),
        }
    }
}

/// All files.
pub static FILES: LazyLock<Vec<ExportFile>> = LazyLock::new(|| {
    let records = ENTITIES.iter().map(|entity| ExportFile::of_records(entity));
    records.chain(LINK_TABLES.iter().map(ExportFile::of_links)).collect()
});

/// Returns the names of all files.
pub fn names() -> Vec<&'static str> {
    FILES.iter().map(|file| file.name).collect()
}

/// Returns the file with a name.
///
/// # Errors
/// Fails for an unknown name.
pub fn find(name: &str) -> Result<&'static ExportFile, ExportError> {
    let found = FILES.iter().find(|file| file.name == name);
    found.ok_or_else(|| ExportError::Unknown {
        found: name.into(),
        choices: choices(name, names().into_iter()),
    })
}

/// Returns the file with the records of a type.
pub fn of_entity(of: &Entity) -> Option<&'static ExportFile> {
    let of_type =
        |file: &&ExportFile| matches!(file.rows, FileRows::Records(own) if own.name == of.name);
    FILES.iter().find(of_type)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_of_files_and_columns_are_unique() {
        let names: BTreeSet<&str> = names().into_iter().collect();
        assert_eq!(names.len(), FILES.len());
        for file in FILES.iter() {
            let columns: BTreeSet<&str> = file.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), file.columns.len(), "{}", file.name);
        }
    }

    #[test]
    fn every_referenced_type_has_a_file() {
        for file in FILES.iter() {
            for reference in file.references() {
                assert!(of_entity(reference.target).is_some(), "{}.{}", file.name, reference.name);
            }
        }
    }
}
