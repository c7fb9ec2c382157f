//! Participations.

use super::fact::{Fact, FactColumn};
use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{
    ColumnDef, ColumnType as Type, Merge, OWN_EVENT, OWN_REGION, RecordType, Template, Visibility,
};
use crate::vocabulary::ParticipationRole;

/// Describes participations.
pub static PARTICIPATION: RecordType = RecordType {
    name: "participation",
    plural: "participations",
    order: Some("-local_date"),
    staging: "stage_participation",
    meaning: "An organization's part in an event.",
    visibility: Visibility::OfEvent,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "participation",
        about: "One organization's participation in one event per row.",
        order: 3,
        id_from: &["event_id", "organization_id", "role"],
    }),
    facts: &[Fact {
        part: None,
        meaning: "One row an organization's part in an event.",
        joins: &[],
        measures: &[FactColumn::new("participation_count", "1", "1 a part, to sum.")],
    }],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "participation_id",
            Kind::Identifier,
            "Row ID; if empty, made from event, organization and role",
            "",
        )]),
        OWN_EVENT,
        ColumnDef::new("organization_id", Type::BigInteger, "The organization.")
            .resolved_from("organization_ref")
            .references("organization")
            .required()
            .template(&[TemplateColumn::new(
                "organization_id",
                Kind::Identifier,
                "Organization ID",
                "EXAMPLE-ORG-1",
            )
            .required()]),
        ColumnDef::new("region_id", Type::Integer, "The organization's region at the time.")
            .references("region")
            .stored_as(OWN_REGION)
            .fact(&[FactColumn::own("Its region at the time")])
            .required(),
        ColumnDef::new("role", Type::Text, "Role.")
            .one_of(ParticipationRole::VOCABULARY)
            .required()
            .fact(&[FactColumn::own(
                "PLAYER, CONTROLLER, EVALUATOR, OBSERVER, SPONSOR or RESPONDER.",
            )])
            .template(&[
                TemplateColumn::new("role", Kind::Choice, "Role in the event", "PLAYER").required()
            ]),
        ColumnDef::new("executive_present", Type::Boolean, "An executive took part.")
            .fact(&[FactColumn::own("An executive took part.")])
            .template(&[TemplateColumn::new(
                "executive_present",
                Kind::YesNo,
                "An executive took part",
                "yes",
            )]),
        ColumnDef::new("participant_count", Type::Integer, "People who took part, a count only.")
            .fact(&[FactColumn::own("People who took part, to sum.")])
            .template(&[TemplateColumn::new(
                "participant_count",
                Kind::Integer,
                "Number of participants",
                "24",
            )]),
    ],
};
