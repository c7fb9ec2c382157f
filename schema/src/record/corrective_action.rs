//! Corrective actions.

use super::template::{self, ColumnKind as Kind, TemplateColumn};
use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Template, Visibility};
use crate::vocabulary::{ActionPriority, ActionStatus, DuePrecision, Sensitivity};

/// Describes corrective actions.
pub static CORRECTIVE_ACTION: RecordType = RecordType {
    name: "corrective_action",
    plural: "corrective_actions",
    order: Some("due_current_on"),
    staging: "stage_action_report",
    meaning: "A corrective action of an improvement plan as it is now; its past is in \
        action_status_history.",
    visibility: Visibility::Action,
    merge: Merge::Matched,
    parent: None,
    template: Some(Template {
        name: "actions",
        about: "One corrective action of an improvement \
        plan per row.",
        order: 6,
        id_from: &[],
    }),
    fact: None,
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "action_id",
            Kind::Identifier,
            "Action ID",
            "EXAMPLE-ACTION-1",
        )
        .required()]),
        ColumnDef::new(
            "event_id",
            Type::BigInteger,
            "Event it came from; empty for actions \
            outside one.",
        )
        .resolved_from("event_ref")
        .references("event")
        .template(&[TemplateColumn::new(
            "event_id",
            Kind::Identifier,
            "ID of the event it came from",
            "EXAMPLE-EVENT-1",
        )]),
        ColumnDef::new("finding_id", Type::BigInteger, "Finding it answers.")
            .staged_as("finding_source_id", Type::Text)
            .references("finding")
            .template(&[TemplateColumn::new(
                "finding_id",
                Kind::Identifier,
                "ID of the finding it addresses",
                "EXAMPLE-FINDING-1",
            )]),
        ColumnDef::new("region_id", Type::Integer, "Region that owes it.")
            .references("region")
            .required()
            .template(&[TemplateColumn::new(
                "region",
                Kind::Text,
                "Responsible region; if empty, the owner's, else the event's",
                "1",
            )]),
        ColumnDef::new("capability_id", Type::Integer, "The capability.")
            .references("capability")
            .required()
            .template(&[
                template::FRAMEWORK,
                TemplateColumn::new(
                    "capability",
                    Kind::Text,
                    "Capability by number or name",
                    "10 Medical Surge",
                ),
            ]),
        ColumnDef::new("owner_organization_id", Type::BigInteger, "Organization responsible.")
            .resolved_from("owner_ref")
            .references("organization")
            .or_unmapped()
            .required()
            .template(&[TemplateColumn::new(
                "owner_organization_id",
                Kind::Identifier,
                "ID of the responsible organization",
                "EXAMPLE-ORG-1",
            )]),
        ColumnDef::new("external_id", Type::Text, "Id in a tracker, when it has one."),
        ColumnDef::staged_only("elements", Type::Integers, "Ids of its capability elements.")
            .references("element")
            .template(&[template::ELEMENTS]),
        ColumnDef::new(
            "issue",
            Type::Text,
            "Area for improvement it answers, as its report words \
            it; contact details redacted",
        ),
        ColumnDef::new("text", Type::Text, "What is to be done, redacted.").required().template(&[
            TemplateColumn::new(
                "text",
                Kind::Text,
                "What must be done",
                "Compare transport assumptions of all surge plans and publish the conflicts.",
            )
            .required(),
        ]),
        ColumnDef::new("priority", Type::Text, "HIGH, MEDIUM or LOW.")
            .one_of(ActionPriority::VOCABULARY)
            .template(&[TemplateColumn::new("priority", Kind::Choice, "Priority", "HIGH")]),
        ColumnDef::new("status", Type::Text, "Present status; overdue is derived, never stored.")
            .one_of(ActionStatus::VOCABULARY)
            .required()
            .template(&[TemplateColumn::new(
                "status",
                Kind::Choice,
                "Current status",
                "IN_PROGRESS",
            )
            .required()]),
        ColumnDef::new("opened_on", Type::Date, "Day it was opened.").period().required().template(
            &[TemplateColumn::new("opened_on", Kind::Date, "Date it was opened", "2025-04-10")
                .required()],
        ),
        ColumnDef::new("start_on", Type::Date, "Day work was to start.").template(&[
            TemplateColumn::new("start_on", Kind::Date, "Planned start date", "2025-04-15"),
        ]),
        ColumnDef::new("due_original_on", Type::Date, "First due date.").template(&[
            TemplateColumn::new("due_original_on", Kind::Date, "First due date", "2025-09-30"),
        ]),
        ColumnDef::new("due_current_on", Type::Date, "Present due date.")
            .staged_as("due_on", Type::Date)
            .template(&[TemplateColumn::new(
                "due_on",
                Kind::Date,
                "Current due date; the first due date if empty",
                "2025-12-31",
            )]),
        ColumnDef::staged_only(
            "due_changed_on",
            Type::Date,
            "Day on which the due date last \
            changed.",
        )
        .template(&[TemplateColumn::new(
            "due_changed_on",
            Kind::Date,
            "Date on which the due date last changed",
            "2025-09-15",
        )]),
        ColumnDef::new("due_precision", Type::Text, "How exactly the due date was given.")
            .one_of(DuePrecision::VOCABULARY),
        ColumnDef::new("due_text", Type::Text, "The due date as written."),
        ColumnDef::new("completed_on", Type::Date, "Day it was completed.").template(&[
            TemplateColumn::new("completed_on", Kind::Date, "Date it was completed", ""),
        ]),
        ColumnDef::new("cancelled_on", Type::Date, "Day it was canceled.").template(&[
            TemplateColumn::new("cancelled_on", Kind::Date, "Date it was canceled", ""),
        ]),
        ColumnDef::new("validated_on", Type::Date, "Day its effect was validated.").template(&[
            TemplateColumn::new("validated_on", Kind::Date, "Date a later event validated it", ""),
        ]),
        ColumnDef::new("validated_event_id", Type::BigInteger, "Event that validated it.")
            .resolved_from("validated_event_ref")
            .references("event")
            .template(&[TemplateColumn::new(
                "validated_event_id",
                Kind::Identifier,
                "ID of the event that validated it",
                "",
            )]),
        ColumnDef::in_template(&[TemplateColumn::new(
            "reported_on",
            Kind::Date,
            "Date the row describes; the latest date in the row if empty",
            "",
        )]),
        ColumnDef::new(
            "sensitivity",
            Type::Text,
            "PUBLIC, or RESTRICTED to its region, even where \
            its event is shared, state-wide or public.",
        )
        .one_of(Sensitivity::VOCABULARY)
        .required()
        .template(&[TemplateColumn::new(
            "sensitivity",
            Kind::Choice,
            "PUBLIC, or RESTRICTED to its region even if its event is shared, statewide or public; \
             RESTRICTED if empty",
            "RESTRICTED",
        )]),
    ],
};
