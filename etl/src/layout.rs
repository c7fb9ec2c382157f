//! Layouts of a deployment's own: a TOML file says which column of a table feeds which field of a
//! record type.
//!
//! A layout turns each row of a stranger's table into a row of one of our templates. All reading of
//! fields, vocabularies and checks are those of the template.

mod check;
mod error;
mod field;
mod head;
mod moment;
mod record_type;
mod source;
mod store;
mod table;
mod value;
mod written;

pub use error::LayoutError;
pub use field::{Field, Origins};
pub(crate) use head::Head;
pub use record_type::{RECORD_TYPES, RecordType};
pub use source::{LayoutSource, PREFIX};
pub use store::{Layouts, find, in_folder, shipped};
pub(crate) use value::word;

use chrono_tz::Tz;

use crate::reading::headings::lists;
use crate::template::{Template, normalize_heading};

/// A layout whose every key was checked.
#[derive(Debug)]
pub struct Layout {
    /// File that it was read from.
    pub file: String,
    /// Its name.
    pub name: String,
    /// What the table is.
    pub about: String,
    /// Name under which its ids are unique.
    pub source: String,
    /// The template whose rows it makes.
    pub template: &'static Template,
    /// Sheets that it reads; none for all that have the headings.
    pub sheets: Vec<String>,
    /// Rows above the header.
    pub skip_leading_rows: u64,
    /// Headings that a file must have.
    pub required: Vec<String>,
    /// Headings known and not used.
    pub ignored: Vec<String>,
    /// Headings and the values by which a row is left out; `""` means an empty cell, a `*` at the
    /// end any further text.
    pub skipped: Vec<(String, Vec<String>)>,
    /// Zone of local times.
    pub zone: Option<Tz>,
    /// How dates and times are written.
    pub formats: Formats,
    /// Character before the decimals of a number.
    pub decimal: char,
    /// The fields, each with its column of the template.
    pub fields: Vec<Field>,
}

/// How dates and times are written, as strftime has it; any usual style when empty.
#[derive(Clone, Debug, Default)]
pub struct Formats {
    /// Of a date.
    pub date: Option<String>,
    /// Of a time of day.
    pub time: Option<String>,
    /// Of both in one cell.
    pub date_time: Option<String>,
}

impl Layout {
    /// Reads a layout; `file` names it in messages.
    ///
    /// # Errors
    /// When it is no TOML, a key is unknown, or a value is not allowed.
    ///
    /// ```
    /// use hotwash_etl::layout::Layout;
    ///
    /// let text = r#"
    /// name = "drill-log"
    /// record = "actions"
    /// key = ["No"]
    ///
    /// [fields]
    /// text = "Action"
    /// status = { constant = "OPEN" }
    /// opened_on = "Date"
    /// "#;
    /// let layout = Layout::read("drill-log.toml", text)?;
    /// assert_eq!(layout.template.name, "actions");
    /// assert!(layout.fits(&["No", "ACTION", "Date", "Remarks"]) && !layout.fits(&["Action"]));
    /// // A fault states the line and what is allowed.
    /// let error = Layout::read("layout.toml", &text.replace("actions\"\n", "acts\"\n")).unwrap_err();
    /// assert!(error.line > 0 && error.message.contains("actions"), "{error}");
    /// # Ok::<(), hotwash_etl::layout::LayoutError>(())
    /// ```
    pub fn read(file: &str, text: &str) -> Result<Self, LayoutError> {
        check::layout(file, text)
    }

    /// The field of a template's column.
    pub fn field(&self, column: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.column.heading == column)
    }

    /// Whether headings are those of this layout: all that it requires are among them.
    pub fn fits<S: AsRef<str>>(&self, headings: &[S]) -> bool {
        !self.required.is_empty()
            && self
                .required
                .iter()
                .all(|wanted| headings.iter().any(|heading| same_heading(heading.as_ref(), wanted)))
    }
}

/// Whether two headings are the same: in any case, spacing and punctuation.
pub fn same_heading(one: &str, two: &str) -> bool {
    let (left, right) = (normalize_heading(one), normalize_heading(two));
    if left.is_empty() && right.is_empty() { one.trim() == two.trim() } else { left == right }
}

/// Whether a column of this heading names persons or how to reach them.
fn is_personal(heading: &str) -> bool {
    lists().is_dropped(heading)
}
