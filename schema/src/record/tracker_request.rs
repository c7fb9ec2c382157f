//! Requests of sent trackers: one corrective action that an owner was asked about.

use super::fact::{Fact, FactColumn};
use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Template, Visibility};

/// Describes requests of sent trackers.
pub static TRACKER_REQUEST: RecordType = RecordType {
    name: "tracker_request",
    plural: "tracker_requests",
    order: Some("-asked_on"),
    staging: "stage_tracker_request",
    meaning: "A corrective action about which its owner was sent a tracker, and the day of the \
        first answer.",
    visibility: Visibility::OwnRegion,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "tracker_requests",
        about: "One corrective action of a sent tracker per row; `hotwash tracker` writes it.",
        order: 12,
        id_from: &[],
    }),
    facts: &[Fact {
        part: None,
        meaning: "One row an action that a sent tracker asked about.",
        joins: &[],
        measures: &[
            FactColumn::new("asked_count", "1", "1 a request, to sum."),
            FactColumn::new(
                "answered_in_time_count",
                "coalesce(answered_on <= due_on, false)::integer",
                "1 when answered by its due day, to sum.",
            ),
            FactColumn::new(
                "late_count",
                "(due_on < coalesce(answered_on, current_date))::integer",
                "1 when answered after its due day, or not answered and past it, to sum.",
            ),
        ],
    }],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "request_id",
            Kind::Identifier,
            "ID of the row in the sent tracker",
            "EXAMPLE-REQUEST-1",
        )
        .required()]),
        ColumnDef::new("tracker", Type::Text, "Sent tracker: one workbook.")
            .group_key()
            .required()
            .fact(&[FactColumn::own("Sent tracker: one workbook.")])
            .template(&[TemplateColumn::new(
                "tracker",
                Kind::Text,
                "Sent tracker: one workbook",
                "BCDFGHJK",
            )
            .required()]),
        ColumnDef::staged_only("action_source", Type::Text, "Source of the action.").template(&[
            TemplateColumn::new("action_source", Kind::Text, "Source of the action", "hotwash")
                .required(),
        ]),
        ColumnDef::new(
            "corrective_action_id",
            Type::BigInteger,
            "The action; empty if it is no longer in the warehouse.",
        )
        .staged_as("action_id", Type::Text)
        .stored_as(
            "(select min(s.corrective_action_id) from warehouse.corrective_action_source s \
             where s.source = f.action_source and s.source_id = f.action_id)",
        )
        .references("corrective_action")
        .fact(&[FactColumn::own("The action; joins fact_corrective_action.")])
        .template(&[TemplateColumn::new(
            "action_id",
            Kind::Identifier,
            "ID of the action in its source",
            "EXAMPLE-ACTION-1",
        )
        .required()]),
        ColumnDef::new("region_id", Type::Integer, "Region that owed the action when asked.")
            .references("region")
            .stored_as(
                "coalesce((select a.region_id from warehouse.corrective_action a \
                 join warehouse.corrective_action_source s using (corrective_action_id) \
                 where s.source = f.action_source and s.source_id = f.action_id \
                 order by s.corrective_action_id limit 1), -1)",
            )
            .fact(&[FactColumn::own("Region that owed the action when asked")])
            .required(),
        ColumnDef::new(
            "organization_id",
            Type::BigInteger,
            "Organization responsible for the action when asked.",
        )
        .references("organization")
        .stored_as(
            "coalesce((select a.owner_organization_id from warehouse.corrective_action a \
             join warehouse.corrective_action_source s using (corrective_action_id) \
             where s.source = f.action_source and s.source_id = f.action_id \
             order by s.corrective_action_id limit 1), -1)",
        )
        .fact(&[FactColumn::own("Organization responsible for the action when asked")])
        .or_unmapped()
        .required(),
        ColumnDef::new("asked_on", Type::Date, "Day the tracker was written.")
            .period()
            .required()
            .fact(&[
                FactColumn::day("Day the tracker was written; joins dim_date."),
                FactColumn::own("Day the tracker was written."),
            ])
            .template(&[TemplateColumn::new(
                "asked_on",
                Kind::Date,
                "Date the tracker was written",
                "2025-06-01",
            )
            .required()]),
        ColumnDef::new("due_on", Type::Date, "Day by which an answer was asked for.")
            .required()
            .not_before("asked_on")
            .fact(&[FactColumn::own("Day by which an answer was asked for.")])
            .template(&[TemplateColumn::new(
                "due_on",
                Kind::Date,
                "Date by which an answer is asked for",
                "2025-06-15",
            )
            .required()]),
        ColumnDef::new(
            "answered_on",
            Type::Date,
            "Day of the first answer; empty while there is none.",
        )
        .stored_as(
            "coalesce(f.answered_on, (select t.answered_on from warehouse.tracker_request t \
             where t.tracker_request_id = f.id))",
        )
        .not_before("asked_on")
        .template(&[TemplateColumn::new(
            "answered_on",
            Kind::Date,
            "Date of the first answer, unless a filled tracker states it",
            "2025-06-10",
        )])
        .fact(&[FactColumn::own("Day of the first answer; empty while there is none.")]),
    ],
};
