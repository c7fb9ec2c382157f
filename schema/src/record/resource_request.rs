//! Resource requests.

use super::fact::{Fact, FactColumn};
use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{
    ColumnDef, ColumnType as Type, Merge, OWN_REGION, RecordType, Template, Visibility, WhenEmpty,
};
use crate::vocabulary::{RequestPriority, RequestStatus};

/// Describes resource requests.
pub static RESOURCE_REQUEST: RecordType = RecordType {
    name: "resource_request",
    plural: "resource_requests",
    order: Some("-requested_at"),
    staging: "stage_resource_request",
    meaning: "One line of a resource request (ICS-213RR).",
    visibility: Visibility::OwnRegion,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "resource_requests",
        about: "One line of a resource request (ICS-213RR) per row.",
        order: 9,
        id_from: &[],
    }),
    facts: &[Fact {
        part: None,
        meaning: "One row a line of a resource request.",
        joins: &[],
        measures: &[
            FactColumn::new(
                "filled_in_full_count",
                "(quantity_filled >= quantity_requested)::integer",
                "1 when filled in full, to sum.",
            ),
            FactColumn::new(
                "hours_to_fill",
                "extract(epoch from filled_at - requested_at)::double precision / 3600",
                "Hours from request to filling; empty while unfilled, so a mean leaves out the \
                 slowest. Use the metric resource_fill.",
            ),
            FactColumn::new(
                "on_time",
                "filled_at <= needed_by",
                "Filled by the time needed; empty when unfilled or no time was given.",
            ),
        ],
    }],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "resource_request_id",
            Kind::Identifier,
            "Request line ID",
            "EXAMPLE-REQUEST-1",
        )
        .required()]),
        ColumnDef::new("event_id", Type::BigInteger, "The event; empty for requests outside one.")
            .resolved_from("event_ref")
            .references("event")
            .template(&[TemplateColumn::new(
                "event_id",
                Kind::Identifier,
                "Event ID",
                "EXAMPLE-EVENT-1",
            )]),
        ColumnDef::new("region_id", Type::Integer, "Region that made the request.")
            .references("region")
            .stored_as(OWN_REGION)
            .fact(&[FactColumn::own("Region that made the request")])
            .required()
            .template(&[TemplateColumn::new("region", Kind::Text, "Requesting region", "1")]),
        ColumnDef::new("organization_id", Type::BigInteger, "Organization that made the request.")
            .resolved_from("organization_ref")
            .references("organization")
            .fact(&[FactColumn::own("Organization that made the request")])
            .or_unmapped()
            .required()
            .template(&[TemplateColumn::new(
                "organization_id",
                Kind::Identifier,
                "ID of the requesting organization",
                "EXAMPLE-ORG-1",
            )]),
        ColumnDef::new("kind", Type::Text, "What was requested.")
            .group_key()
            .required()
            .fact(&[FactColumn::own("What was requested.")])
            .template(&[TemplateColumn::new(
                "resource",
                Kind::Text,
                "Generic kind of resource",
                "Ambulance, basic life support",
            )
            .required()]),
        ColumnDef::new("priority", Type::Text, "URGENT, ROUTINE or LOW.")
            .one_of(RequestPriority::VOCABULARY)
            .fact(&[FactColumn::own("URGENT, ROUTINE or LOW.")])
            .template(&[TemplateColumn::new("priority", Kind::Choice, "Priority", "URGENT")]),
        ColumnDef::new("status", Type::Text, "OPEN, PARTIAL, FILLED or CANCELLED.")
            .one_of(RequestStatus::VOCABULARY)
            .required()
            .when_empty(WhenEmpty::Code(RequestStatus::Open.code()))
            .fact(&[FactColumn::own("OPEN, PARTIAL, FILLED or CANCELLED.")])
            .template(&[TemplateColumn::new(
                "status",
                Kind::Choice,
                "Status; OPEN if empty",
                "FILLED",
            )]),
        ColumnDef::new("quantity_requested", Type::Number, "Quantity requested.")
            .required()
            .above_zero()
            .fact(&[
                FactColumn::new("request_count", "1", "1 a request, to sum."),
                FactColumn::own("Quantity requested, to sum within one kind."),
            ])
            .template(&[TemplateColumn::new(
                "quantity_requested",
                Kind::Number,
                "Quantity requested",
                "6",
            )
            .required()]),
        ColumnDef::new("quantity_filled", Type::Number, "Quantity filled.")
            .required()
            .when_empty(WhenEmpty::Number(0.0))
            .fact(&[FactColumn::own("Quantity filled, to sum within one kind.")])
            .template(&[TemplateColumn::new(
                "quantity_filled",
                Kind::Number,
                "Quantity delivered",
                "6",
            )]),
        ColumnDef::new("requested_at", Type::Moment, "When it was requested.")
            .period()
            .required()
            .fact(&[FactColumn::day(
                "Day of the request, in the jurisdiction's time zone; joins dim_date.",
            )])
            .template(&[TemplateColumn::new(
                "requested_at",
                Kind::Moment,
                "Date and time of the request",
                "2025-03-14 09:40",
            )
            .required()]),
        ColumnDef::new("needed_by", Type::Moment, "When it was needed.").planned().template(&[
            TemplateColumn::new(
                "needed_by",
                Kind::Moment,
                "Date and time by which it was needed",
                "2025-03-14 11:00",
            ),
        ]),
        ColumnDef::new("assigned_at", Type::Moment, "When a supplier was found.").template(&[
            TemplateColumn::new(
                "assigned_at",
                Kind::Moment,
                "Date and time it was assigned",
                "2025-03-14 09:55",
            ),
        ]),
        ColumnDef::new("filled_at", Type::Moment, "When it was filled.")
            .not_before("requested_at")
            .template(&[TemplateColumn::new(
                "filled_at",
                Kind::Moment,
                "Date and time the last item arrived",
                "2025-03-14 10:50",
            )]),
    ],
};
