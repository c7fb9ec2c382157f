//! Derives ids of actions whose tracker has none. An id comes from the subject of the action. Rows
//! of a file with the same subject also use the fields that distinguish them.

use std::collections::{HashMap, HashSet};

use hotwash_schema::label::normalize_label;

use super::sheet::{SheetContext, capability, event};
use crate::source::grid_rows::GridRecord;
use crate::source::record_id;

/// Heading under which a rejected row states the fields that distinguish it from other rows of its
/// file.
pub const SPLIT_BY: &str = "Shared Action";
/// Fields that may change between versions of a tracker, so an id contains them only where a file
/// needs them. The least changeable fields come first.
const SPLITTING: [&str; 8] =
    ["owner", "region", "start", "due_original", "due", "element", "priority", "id"];

/// Ids of the rows of one file.
#[derive(Default)]
pub struct Identities {
    /// Events of the rows with a stated id. Numbers such as `CA-1` can begin again for each event.
    numbered: HashMap<String, HashSet<String>>,
    /// Splitting fields of the rows that share a derived id.
    rows: HashMap<String, Vec<[String; SPLITTING.len()]>>,
}

impl Identities {
    /// Adds a row.
    pub fn add(&mut self, record: &GridRecord<'_>, about: &SheetContext) {
        let own = record.text("id");
        if is_name(&own) {
            self.numbered.entry(own).or_default().insert(event_key(record, about));
        } else {
            let fields = SPLITTING.map(|field| normalize_label(&record.text(field)));
            self.rows.entry(derived_id(record, about)).or_default().push(fields);
        }
    }

    /// Returns the id of a row: its own, or an id derived from its values.
    pub fn id(&self, record: &GridRecord<'_>, about: &SheetContext) -> String {
        let own = record.text("id");
        if self.is_unique(&own) {
            return own;
        }
        if is_name(&own) {
            return record_id::derived_id(&[&own, &event_key(record, about)]);
        }
        let made = derived_id(record, about);
        let fields = self.splitting(&made, record);
        if fields.is_empty() {
            return made;
        }
        let values: Vec<String> = fields.iter().map(|field| record.text(field)).collect();
        let parts: Vec<&str> =
            std::iter::once(made.as_str()).chain(values.iter().map(String::as_str)).collect();
        record_id::derived_id(&parts)
    }

    /// Returns whether an id identifies one action, so that it is not used for several events.
    pub fn is_unique(&self, id: &str) -> bool {
        is_name(id) && self.numbered.get(id).is_none_or(|events| events.len() == 1)
    }

    /// Returns the fields that distinguish a row from others of its file, for a rejected row.
    pub fn split_by(&self, record: &GridRecord<'_>, about: &SheetContext) -> Option<String> {
        if is_name(&record.text("id")) {
            return None;
        }
        let fields = self.splitting(&derived_id(record, about), record);
        (!fields.is_empty()).then(|| fields.join(", "))
    }

    /// Returns the smallest number of splitting fields, in order, that distinguish the rows of a
    /// derived id as well as all fields do.
    fn splitting(&self, made: &str, record: &GridRecord<'_>) -> Vec<&'static str> {
        let stated = record.text("shared").to_lowercase();
        let stated: HashSet<&str> = stated.split(',').map(str::trim).collect();
        let Some(rows) = self.rows.get(made) else { return Vec::new() };
        let mut chosen: Vec<usize> = Vec::new();
        for (index, field) in SPLITTING.iter().enumerate() {
            let kinds = |fields: &[usize]| {
                let rows = rows
                    .iter()
                    .map(|row| fields.iter().map(|field| row[*field].as_str()).collect::<Vec<_>>());
                rows.collect::<HashSet<_>>().len()
            };
            let more = [chosen.as_slice(), &[index]].concat();
            if stated.contains(field) || kinds(&more) > kinds(&chosen) {
                chosen = more;
            }
        }
        chosen.into_iter().map(|index| SPLITTING[index]).collect()
    }
}

/// Returns the event of a row, with its date.
fn event_key(record: &GridRecord<'_>, about: &SheetContext) -> String {
    let (name, on) = event(record, about).unwrap_or_default();
    let day = on.map(|day| day.to_string()).unwrap_or_default();
    normalize_label(&format!("{name} {day}"))
}

/// Derives the id of a row without one from the subject of its action.
fn derived_id(record: &GridRecord<'_>, about: &SheetContext) -> String {
    let (name, on) = event(record, about).unwrap_or_default();
    let event_date = on.map(|day| day.to_string()).unwrap_or_default();
    let title = if name.is_empty() { about.title.as_str() } else { "" };
    let (capability, issue, action) =
        (capability(record, about), record.text("issue"), record.text("action"));
    record_id::derived_id(&[&name, &event_date, &capability, &issue, &action, title])
}

/// Returns whether an id identifies an action, as `R3-2024-012` does; `12` only numbers a row.
pub fn is_name(id: &str) -> bool {
    id.chars().any(char::is_alphabetic)
        && id.chars().any(|letter| letter.is_ascii_digit())
        && crate::redact::redact(id).1 == 0
}
