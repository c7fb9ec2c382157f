//! Record types of layouts: those of the templates, and events of one kind.

use crate::template::Template;

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

const fn plain(name: &'static str) -> RecordType {
    RecordType { name, template: name, constant: None }
}

const fn event(name: &'static str, kind: &'static str) -> RecordType {
    RecordType { name, template: "events", constant: Some(("kind", kind)) }
}

/// All record types.
pub const RECORD_TYPES: [RecordType; 14] = [
    event("incidents", "incident"),
    event("exercises", "exercise"),
    event("planned_events", "planned_event"),
    plain("events"),
    plain("organizations"),
    plain("participation"),
    plain("ratings"),
    plain("findings"),
    plain("actions"),
    RecordType { name: "risks", template: "risk_scores", constant: None },
    plain("risk_scores"),
    plain("milestones"),
    plain("resource_requests"),
    plain("information_requests"),
];

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
    use crate::template::TEMPLATES;

    #[test]
    fn every_template_has_a_record_type() {
        for template in TEMPLATES.iter() {
            assert!(
                RECORD_TYPES.iter().any(|known| known.template == template.name),
                "{}",
                template.name
            );
        }
        for known in &RECORD_TYPES {
            let template = known.template().unwrap();
            assert!(known.constant.is_none_or(|(column, _)| template.position(column).is_some()));
        }
    }
}
