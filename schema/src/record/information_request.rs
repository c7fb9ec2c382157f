//! Information requests and the answers to them.

use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{
    ColumnDef, ColumnType as Type, Merge, OWN_EVENT, Parent, RecordType, Template, Visibility,
};

/// Describes information requests.
pub static INFORMATION_REQUEST: RecordType = RecordType {
    name: "information_request",
    plural: "information_requests",
    order: Some("-asked_at"),
    staging: "stage_information_request",
    meaning: "A request for essential elements of information to several organizations.",
    visibility: Visibility::OfEvent,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "information_requests",
        about: "One organization in one request for essential elements of information per row.",
        order: 10,
        id_from: &[],
    }),
    facts: &[],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "information_request_id",
            Kind::Identifier,
            "Request ID; the same for all organizations in the request",
            "EXAMPLE-EEI-1",
        )
        .required()]),
        OWN_EVENT,
        ColumnDef::new("label", Type::Text, "What was requested.").required().template(&[
            TemplateColumn::new(
                "label",
                Kind::Text,
                "Information requested",
                "Available beds by type",
            )
            .required(),
        ]),
        ColumnDef::new("platform", Type::Text, "Means, e.g. WebEOC.").group_key().template(&[
            TemplateColumn::new("platform", Kind::Text, "Platform of the request", "web form"),
        ]),
        ColumnDef::new("asked_at", Type::Moment, "When it was sent.").required().template(&[
            TemplateColumn::new(
                "asked_at",
                Kind::Moment,
                "Date and time of the request",
                "2025-03-14 09:15",
            )
            .required(),
        ]),
        ColumnDef::new("due_at", Type::Moment, "When answers were due.").template(&[
            TemplateColumn::new(
                "due_at",
                Kind::Moment,
                "Date and time the answer was due",
                "2025-03-14 10:15",
            ),
        ]),
        ColumnDef::staged_only(
            "reports",
            Type::Json,
            "Organizations asked, with the time of each answer.",
        ),
        ColumnDef::in_template(&[
            TemplateColumn::new(
                "organization_id",
                Kind::Identifier,
                "ID of the organization that must answer",
                "EXAMPLE-ORG-1",
            )
            .required(),
            TemplateColumn::new(
                "received_at",
                Kind::Moment,
                "Date and time of its answer; empty if none",
                "2025-03-14 09:50",
            ),
        ]),
    ],
};

/// Describes the answers to an information request.
pub static INFORMATION_REPORT: RecordType = RecordType {
    name: "information_report",
    plural: "information_reports",
    order: Some("-received_at"),
    staging: "",
    meaning: "An organization's answer to a request; empty received_at means requested and not \
        answered.",
    visibility: Visibility::OfParent,
    merge: Merge::WithParent,
    parent: Some(Parent { staged: "reports", record: "information_request" }),
    template: None,
    facts: &[],
    columns: &[
        ColumnDef::stored_only("information_request_id", Type::BigInteger, "The request.")
            .references("information_request")
            .required(),
        ColumnDef::stored_only("organization_id", Type::BigInteger, "The organization asked.")
            .references("organization")
            .required(),
        ColumnDef::stored_only("received_at", Type::Moment, "When the answer came."),
    ],
};
