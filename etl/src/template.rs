//! Hotwash's own input templates. Template files with comments and example rows, their reader, and
//! the generated demonstration data follow from the descriptions of record types.
//!
//! Covers headings and values as written; independent of the warehouse and of stored records.

mod catalog;
mod cell;
mod csv_table;
mod definition;
mod jsonl_table;
mod parquet_table;
mod table;
mod xlsx_table;

use std::io::Write;

pub use catalog::{EXAMPLE_ID, TEMPLATES};
pub use cell::CellValue;
pub use definition::{Template, TemplateError, normalize_heading};
pub use hotwash_schema::record::template::{ColumnKind, TemplateColumn};
pub use table::{FICTIONAL_MARK, SharedBuffer, TableFormat, TableWriter, Wording, open_table};

use crate::template::table::PARQUET_FICTIONAL_KEY;

impl Template {
    /// Returns the template with this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        let wanted = name.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        TEMPLATES.iter().find(|template| template.name == wanted)
    }

    /// Returns the template to which these headings belong: all its required columns are present,
    /// and it has more of the headings than any other template. `None` if no template fits or two
    /// fit equally.
    pub fn recognize<S: AsRef<str>>(headings: &[S]) -> Option<&'static Self> {
        let headings: Vec<String> =
            headings.iter().map(|heading| normalize_heading(heading.as_ref())).collect();
        let mut best: Option<(usize, &'static Self)> = None;
        let mut tied = false;
        for template in TEMPLATES.iter() {
            let has = |wanted: &str| headings.iter().any(|heading| heading == wanted);
            if !template
                .columns
                .iter()
                .filter(|column| column.required)
                .all(|column| has(column.heading))
            {
                continue;
            }
            let known = template.columns.iter().filter(|column| has(column.heading)).count();
            match best {
                Some((most, _)) if known < most => {}
                Some((most, _)) if known == most => tied = true,
                _ => {
                    best = Some((known, template));
                    tied = false;
                }
            }
        }
        best.filter(|_| !tied).map(|(_, template)| template)
    }
}

/// Writes the empty template `name` with comments and an example row. The row is rejected until its
/// ids are replaced.
///
/// # Errors
/// Returns an error if the name is unknown or `out` cannot be written.
pub fn write_template<W: Write + Send + 'static>(
    name: &str,
    format: TableFormat,
    out: W,
) -> Result<(), TemplateError> {
    let template = Template::by_name(name).ok_or_else(|| TemplateError::UnknownTemplate {
        name: name.to_owned(),
        known: TEMPLATES.iter().map(|template| template.name).collect::<Vec<_>>().join(", "),
    })?;
    let mut table = open_table(template, format, Wording::Template, Box::new(out))?;
    table.write(&template.example())?;
    table.finish()
}

/// Key in a Parquet file's metadata that marks it as fictional.
pub fn parquet_fictional_key() -> &'static str {
    PARQUET_FICTIONAL_KEY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_recognized_by_its_own_headings_alone() {
        for template in TEMPLATES.iter() {
            let all: Vec<&str> = template.columns.iter().map(|column| column.heading).collect();
            let needed: Vec<&str> = template
                .columns
                .iter()
                .filter(|column| column.required)
                .map(|column| column.heading)
                .collect();
            assert_eq!(Template::recognize(&all).map(|found| found.name), Some(template.name));
            assert_eq!(
                Template::recognize(&needed).map(|found| found.name),
                Some(template.name),
                "{needed:?}"
            );
        }
    }

    #[test]
    fn a_heading_is_known_in_any_case_and_spacing() {
        assert_eq!(normalize_heading("\u{feff}Event ID *"), "event_id");
        assert_eq!(normalize_heading("Due (original) on"), "due_original_on");
    }

    #[test]
    fn headings_of_something_else_are_no_template() {
        assert!(
            Template::recognize(&["incident_id", "incident_name", "hazard", "notified_at"])
                .is_none()
        );
    }

    #[test]
    fn an_unknown_template_is_refused_with_the_names_there_are() {
        let error =
            write_template("rating", TableFormat::Csv, std::io::sink()).unwrap_err().to_string();
        assert!(error.contains("\"rating\"") && error.contains("ratings"), "{error}");
    }
}
