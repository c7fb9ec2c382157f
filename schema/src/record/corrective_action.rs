//! Corrective actions.

use super::fact::{Fact, FactColumn};
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
    facts: &[Fact {
        part: None,
        meaning: "One row a corrective action as it is today.",
        joins: &[include_str!("corrective_action/progress.sql")],
        measures: &[
            FactColumn::day_of(
                "progress.closed_on",
                "Day it was completed or canceled; joins dim_date.",
            )
            .named("closed_date_key"),
            FactColumn::new("action_count", "1", "1 an action, to sum."),
            FactColumn::new("open_count", "progress.is_open::integer", "1 while open, to sum."),
            FactColumn::new(
                "overdue_count",
                "(progress.days_overdue is not null)::integer",
                "1 when open and past its present due date, to sum.",
            ),
            FactColumn::new(
                "days_open",
                "coalesce(progress.closed_on, current_date) - corrective_action.opened_on",
                "Days from opening to closing, or to today; grows while open, so a mean misleads. \
                 Use the metric action_time_to_close.",
            ),
            FactColumn::new(
                "days_overdue",
                "progress.days_overdue",
                "Days past the present due date, to average; empty unless overdue.",
            ),
            FactColumn::new(
                "age_band",
                "case when not progress.is_open then 'closed' when \
                 corrective_action.due_current_on is null then 'no due date' when \
                 progress.days_overdue is null then 'not due' when progress.days_overdue <= 30 \
                 then '1-30' when progress.days_overdue <= 90 then '31-90' when \
                 progress.days_overdue <= 180 then '91-180' else '>180' end",
                "Days overdue in bands: closed, no due date, not due, 1-30, 31-90, 91-180, >180.",
            ),
            FactColumn::new(
                "slippage_days",
                "corrective_action.due_current_on - corrective_action.due_original_on",
                "Days the due date has moved, to average.",
            ),
        ],
    }],
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
        .fact(&[FactColumn::own("Event it came from")])
        .resolved_from("event_ref")
        .references("event")
        .template(&[TemplateColumn::new(
            "event_id",
            Kind::Identifier,
            "ID of the event it came from",
            "EXAMPLE-EVENT-1",
        )]),
        ColumnDef::new("finding_id", Type::BigInteger, "Finding it answers.")
            .fact(&[FactColumn::own("Finding it answers; joins fact_finding.")])
            .staged_as("finding_source_id", Type::Text)
            .references("finding")
            .template(&[TemplateColumn::new(
                "finding_id",
                Kind::Identifier,
                "ID of the finding it addresses",
                "EXAMPLE-FINDING-1",
            )]),
        ColumnDef::new("region_id", Type::Integer, "Region that owes it.")
            .fact(&[FactColumn::own("Region that owes it")])
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
            .fact(&[FactColumn::own("Organization responsible").named("organization_id")])
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
        ColumnDef::staged_only(
            "request_id",
            Type::Text,
            "Request of a sent tracker that the report answers.",
        ),
        ColumnDef::staged_only(
            "is_undated",
            Type::Boolean,
            "The row states no day of its own; that of the report follows from its dates.",
        ),
        ColumnDef::staged_only("elements", Type::Integers, "Ids of its capability elements.")
            .references("element")
            .template(&[template::ELEMENTS]),
        ColumnDef::new(
            "issue",
            Type::Text,
            "Area for improvement it answers, as its report words \
            it; contact details redacted",
        ),
        ColumnDef::new("text", Type::Text, "What is to be done, redacted.")
            .fact(&[FactColumn::own("What is to be done, redacted.").named("action")])
            .required()
            .template(&[TemplateColumn::new(
                "text",
                Kind::Text,
                "What must be done",
                "Compare transport assumptions of all surge plans and publish the conflicts.",
            )
            .required()]),
        ColumnDef::new("priority", Type::Text, "HIGH, MEDIUM or LOW.")
            .fact(&[FactColumn::own("HIGH, MEDIUM or LOW.")])
            .one_of(ActionPriority::VOCABULARY)
            .template(&[TemplateColumn::new("priority", Kind::Choice, "Priority", "HIGH")]),
        ColumnDef::new("status", Type::Text, "Present status; overdue is derived, never stored.")
            .fact(&[FactColumn::own(
                "PROPOSED, OPEN, IN_PROGRESS, COMPLETED, VALIDATED, DEFERRED or CANCELLED.",
            )])
            .one_of(ActionStatus::VOCABULARY)
            .required()
            .template(&[TemplateColumn::new(
                "status",
                Kind::Choice,
                "Current status",
                "IN_PROGRESS",
            )
            .required()]),
        ColumnDef::new("opened_on", Type::Date, "Day it was opened.")
            .fact(&[
                FactColumn::day("Day it was opened; joins dim_date."),
                FactColumn::own("Day it was opened."),
            ])
            .period()
            .required()
            .template(&[TemplateColumn::new(
                "opened_on",
                Kind::Date,
                "Date it was opened",
                "2025-04-10",
            )
            .required()]),
        ColumnDef::new("start_on", Type::Date, "Day work was to start.").template(&[
            TemplateColumn::new("start_on", Kind::Date, "Planned start date", "2025-04-15"),
        ]),
        ColumnDef::new("due_original_on", Type::Date, "First due date.")
            .fact(&[FactColumn::own("First due date.")])
            .template(&[TemplateColumn::new(
                "due_original_on",
                Kind::Date,
                "First due date",
                "2025-09-30",
            )]),
        ColumnDef::new("due_current_on", Type::Date, "Present due date.")
            .fact(&[
                FactColumn::day("Day it is due now; joins dim_date.").named("due_date_key"),
                FactColumn::own("Present due date."),
            ])
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
        ColumnDef::new("completed_on", Type::Date, "Day it was completed.")
            .fact(&[FactColumn::own("Day it was completed.")])
            .template(&[TemplateColumn::new(
                "completed_on",
                Kind::Date,
                "Date it was completed",
                "",
            )]),
        ColumnDef::new("cancelled_on", Type::Date, "Day it was canceled.").template(&[
            TemplateColumn::new("cancelled_on", Kind::Date, "Date it was canceled", ""),
        ]),
        ColumnDef::new("validated_on", Type::Date, "Day its effect was validated.").template(&[
            TemplateColumn::new("validated_on", Kind::Date, "Date a later event validated it", ""),
        ]),
        ColumnDef::new("validated_event_id", Type::BigInteger, "Event that validated it.")
            .resolved_from("validated_event_ref")
            .references("event")
            .reverse("validated_actions")
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
