//! Milestones.

use super::fact::{Fact, FactColumn};
use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{
    ColumnDef, ColumnType as Type, Merge, OWN_EVENT, RecordType, Template, Visibility, WhenEmpty,
};
use crate::reference::ReferenceFile;
use crate::vocabulary::TimePrecision;

/// What can happen in an event.
static TYPES: ReferenceFile = ReferenceFile::codes(
    "milestone_types.csv",
    include_str!("../../reference/milestone_types.csv"),
);

/// Describes milestones.
pub static MILESTONE: RecordType = RecordType {
    name: "milestone",
    plural: "milestones",
    order: Some("occurred_at"),
    staging: "stage_milestone",
    meaning: "A time stamp in the life of an event.",
    visibility: Visibility::OfEvent,
    merge: Merge::Shared,
    parent: None,
    template: Some(Template {
        name: "milestones",
        about: "One time stamp of an event per row.",
        order: 8,
        id_from: &["event_id", "milestone", "organization_id"],
    }),
    facts: &[Fact {
        part: None,
        meaning: "One row a time stamp of an event.",
        joins: &[],
        measures: &[FactColumn::new(
            "minutes_since_start",
            "case when milestone.time_precision <> 'DAY' then \
                extract(epoch from milestone.occurred_at - event.start_at)::double precision / 60 \
                end",
            "Minutes since the event began; empty when known to the day only. Use the metric \
             response_time for events that are not over.",
        )],
    }],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "milestone_id",
            Kind::Identifier,
            "Time stamp ID; if empty, made from event, milestone and organization",
            "",
        )]),
        OWN_EVENT,
        ColumnDef::new("milestone_type_id", Type::Integer, "What happened.")
            .references("milestone_type")
            .listed_in(&TYPES)
            .named("kind")
            .group_key()
            .required()
            .fact(&[
                FactColumn::new(
                    "milestone",
                    "milestone_type.code",
                    "What happened, e.g. activated.",
                ),
                FactColumn::new("milestone_order", "milestone_type.sort_order", "Expected order."),
            ])
            .template(&[TemplateColumn::new(
                "milestone",
                Kind::Text,
                "notified, acknowledged, activated, first_sitrep, eei_collected, \
                     resource_requested, resource_filled, demobilized, hotwash_held, aar_draft, \
                     aar_final and others",
                "aar_final",
            )
            .required()
            .words("time_stamp")]),
        ColumnDef::new("sequence", Type::Integer, "Number, when it happened more than once.")
            .position()
            .required()
            .when_empty(WhenEmpty::Integer(1)),
        ColumnDef::new("occurred_at", Type::Moment, "When.")
            .required()
            .fact(&[FactColumn::own("When.")])
            .template(&[TemplateColumn::new(
                "occurred_at",
                Kind::Moment,
                "Date and time, in the jurisdiction's time zone unless it has an offset",
                "2025-05-02 12:00",
            )
            .required()]),
        ColumnDef::new(
            "time_precision",
            Type::Text,
            "How exactly it is known; days never enter a \
            metric of minutes.",
        )
        .one_of(TimePrecision::VOCABULARY)
        .required()
        .when_empty(WhenEmpty::PrecisionOf("occurred_at"))
        .fact(&[FactColumn::own("MINUTE, HOUR or DAY.")])
        .template(&[TemplateColumn::new(
            "precision",
            Kind::Choice,
            "Precision of the time; MINUTE if empty",
            "DAY",
        )]),
        ColumnDef::new(
            "organization_id",
            Type::BigInteger,
            "Organization it is about; empty for \
            the coalition.",
        )
        .resolved_from("organization_ref")
        .references("organization")
        .fact(&[FactColumn::own("Organization it is about, -1 the coalition")])
        .template(&[TemplateColumn::new(
            "organization_id",
            Kind::Identifier,
            "ID of the organization concerned, if any",
            "",
        )]),
    ],
};
