//! Record types of layouts: those of the templates, and events of one kind.

use std::sync::LazyLock;

use crate::template::{TEMPLATES, Template};

/// Record type and its template.
#[derive(Clone, Copy, Debug)]
pub struct RecordType {
    /// Name in a layout.
    pub name: &'static str,
    /// Name of the template.
    template: &'static str,
    /// Field with the same value in all rows.
    pub constant: Option<(&'static str, &'static str)>,
}

const fn event(name: &'static str, kind: &'static str) -> RecordType {
    RecordType { name, template: "events", constant: Some(("kind", kind)) }
}

/// Names that no template has.
const OTHER_NAMES: [RecordType; 4] = [
    event("incidents", "incident"),
    event("exercises", "exercise"),
    event("planned_events", "planned_event"),
    RecordType { name: "risks", template: "risk_scores", constant: None },
];

/// All record types.
pub static RECORD_TYPES: LazyLock<Vec<RecordType>> = LazyLock::new(|| {
    let templates = TEMPLATES.iter().map(|template| template.name);
    let plain = templates.map(|name| RecordType { name, template: name, constant: None });
    OTHER_NAMES.into_iter().chain(plain).collect()
});

impl RecordType {
    /// Returns the record type with this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        RECORD_TYPES.iter().find(|known| known.name == name)
    }

    /// Returns its template.
    pub fn template(&self) -> Option<&'static Template> {
        Template::by_name(self.template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_is_a_field_of_the_template() {
        for known in RECORD_TYPES.iter() {
            let template = known.template().unwrap();
            assert!(known.constant.is_none_or(|(column, _)| template.position(column).is_some()));
        }
    }
}
