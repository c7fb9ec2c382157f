//! Layouts of a deployment: TOML files that map the columns of a table to the fields of a record
//! type.
//!
//! A layout turns each row of a foreign table into a row of one of our templates. The template's
//! own reader then reads, looks up and checks the fields.

mod check;
mod error;
mod field;
mod head;
mod moment;
mod raw;
mod record_type;
mod source;
mod store;
mod table;
mod value;

pub use error::{LayoutError, nearest};
pub use field::{LayoutField, Origins};
pub(crate) use head::Head;
pub use record_type::{RECORD_TYPES, RecordType};
pub use source::{LayoutSource, PREFIX};
pub use store::{Layouts, find, in_folder, shipped};
pub(crate) use value::word;

use chrono_tz::Tz;

use crate::reading::headings::lists;
use crate::template::{Template, normalize_heading};

/// A layout with checked keys and values.
#[derive(Debug)]
pub struct Layout {
    /// File from which it was read.
    pub file: String,
    /// Name.
    pub name: String,
    /// Description of the table.
    pub about: String,
    /// Source name within which its ids are unique.
    pub source: String,
    /// Template whose rows it produces.
    pub template: &'static Template,
    /// Sheets it reads; empty for all sheets with the headings.
    pub sheets: Vec<String>,
    /// Number of rows above the header.
    pub skip_leading_rows: u64,
    /// Headings that a file must have.
    pub required: Vec<String>,
    /// Headings that are known and not used.
    pub ignored: Vec<String>,
    /// Headings, with the values by which a row is skipped. `""` means an empty cell; a final `*`
    /// matches any further text.
    pub skipped: Vec<(String, Vec<String>)>,
    /// Time zone of local times.
    pub zone: Option<Tz>,
    /// Formats of dates and times.
    pub formats: Formats,
    /// Decimal separator of numbers.
    pub decimal: char,
    /// Fields, each with its column of the template.
    pub fields: Vec<LayoutField>,
}

/// Formats of dates and times in strftime notation; any usual format if empty.
#[derive(Clone, Debug, Default)]
pub struct Formats {
    /// Format of a date.
    pub date: Option<String>,
    /// Format of a time of day.
    pub time: Option<String>,
    /// Format of both in one cell.
    pub date_time: Option<String>,
}

impl Layout {
    /// Reads a layout; `file` names it in messages.
    ///
    /// # Errors
    /// Returns an error if the text is not TOML, a key is unknown, or a value is not allowed.
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

    /// Returns the field for a template's column.
    pub fn field(&self, column: &str) -> Option<&LayoutField> {
        self.fields.iter().find(|field| field.column.heading == column)
    }

    /// Returns whether the headings include all that the layout requires.
    pub fn fits<S: AsRef<str>>(&self, headings: &[S]) -> bool {
        !self.required.is_empty()
            && self
                .required
                .iter()
                .all(|wanted| headings.iter().any(|heading| same_heading(heading.as_ref(), wanted)))
    }
}

/// Returns whether two headings are equal, ignoring case, spacing and punctuation.
pub fn same_heading(one: &str, two: &str) -> bool {
    let (left, right) = (normalize_heading(one), normalize_heading(two));
    if left.is_empty() && right.is_empty() { one.trim() == two.trim() } else { left == right }
}

/// Returns whether a column with this heading contains names or contact details of persons.
fn is_personal(heading: &str) -> bool {
    lists().is_dropped(heading)
}
