//! Events.

use super::fact::{Fact, FactColumn};
use super::template::{ColumnKind as Kind, TemplateColumn};
use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Template, Visibility};
use crate::vocabulary::{EventKind, EventStatus, IncidentResponse, Sensitivity};

/// Duration of the event of which a row is a part.
const DURATION: FactColumn = FactColumn::new(
    "duration_hours",
    "extract(epoch from event.end_at - event.start_at)::double precision / 3600",
    "Hours from start to end, to average.",
);

/// Describes events.
pub static EVENT: RecordType = RecordType {
    name: "event",
    plural: "events",
    order: Some("-local_date"),
    staging: "stage_event",
    meaning: "An incident, exercise or planned event: what all other records refer to.",
    visibility: Visibility::Event,
    merge: Merge::Matched,
    parent: None,
    template: Some(Template {
        name: "events",
        about: "One incident, exercise or planned event per \
        row.",
        order: 2,
        id_from: &[],
    }),
    facts: &[
        Fact {
            part: Some("exercise"),
            meaning: "One row an exercise.",
            joins: &[],
            measures: &[
                FactColumn::new("status", "event.status", "PLANNED, HELD or CANCELLED."),
                FactColumn::new("exercise_count", "1", "1 an exercise, to sum."),
                DURATION,
            ],
        },
        Fact {
            part: Some("incident"),
            meaning: "One row an incident.",
            joins: &[],
            measures: &[
                FactColumn::new("incident_count", "1", "1 an incident, to sum."),
                DURATION,
                FactColumn::new(
                    "deaths",
                    "coalesce(incident.deaths_direct, 0) + coalesce(incident.deaths_indirect, 0)",
                    "Deaths, direct and indirect, a missing figure counting 0, to sum.",
                ),
                FactColumn::new(
                    "injuries",
                    "coalesce(incident.injuries_direct, 0) + coalesce(incident.injuries_indirect, \
                     0)",
                    "Injuries, direct and indirect, a missing figure counting 0, to sum.",
                ),
            ],
        },
    ],
    columns: &[
        ColumnDef::in_template(&[TemplateColumn::new(
            "event_id",
            Kind::Identifier,
            "Event ID, used \
            in the other templates",
            "EXAMPLE-EVENT-1",
        )
        .required()]),
        ColumnDef::new("kind", Type::Text, "INCIDENT, EXERCISE or PLANNED_EVENT.")
            .one_of(EventKind::VOCABULARY)
            .required()
            .template(&[
                TemplateColumn::new("kind", Kind::Choice, "Kind of event", "EXERCISE").required()
            ]),
        ColumnDef::new("name", Type::Text, "Name.").required().template(&[TemplateColumn::new(
            "name",
            Kind::Text,
            "Name of the event",
            "Example surge functional exercise",
        )
        .required()]),
        ColumnDef::new("start_at", Type::Moment, "Start.").required().template(&[
            TemplateColumn::new(
                "start_at",
                Kind::Moment,
                "Start; local time in time_zone unless it has an offset",
                "2025-03-14 09:00",
            )
            .required(),
        ]),
        ColumnDef::new("end_at", Type::Moment, "End; empty when unknown or not over.").template(&[
            TemplateColumn::new(
                "end_at",
                Kind::Moment,
                "End; empty while it is ongoing",
                "2025-03-14 13:30",
            ),
        ]),
        ColumnDef::new(
            "local_date",
            Type::Date,
            "Day of the start where it happened; periods go \
            by it.",
        )
        .period()
        .required(),
        ColumnDef::new("end_local_date", Type::Date, "Day of the end where it happened."),
        ColumnDef::new("time_zone", Type::Text, "Zone in which local times were given.").template(
            &[TemplateColumn::new(
                "time_zone",
                Kind::Text,
                "Time zone of local times; that of the county or the state if empty",
                "America/Chicago",
            )],
        ),
        ColumnDef::new("status", Type::Text, "PLANNED, HELD or CANCELLED.")
            .one_of(EventStatus::VOCABULARY)
            .required()
            .template(&[TemplateColumn::new(
                "status",
                Kind::Choice,
                "Status; HELD if empty",
                "HELD",
            )]),
        ColumnDef::staged_only("regions", Type::Integers, "Ids of its regions.").template(&[
            TemplateColumn::new(
                "regions",
                Kind::List,
                "Region codes; leave empty if statewide is yes",
                "1",
            ),
        ]),
        ColumnDef::staged_only("weights", Type::Numbers, "Share of each region."),
        ColumnDef::staged_only("counties", Type::Integers, "Ids of its counties.").template(&[
            TemplateColumn::new(
                "counties",
                Kind::List,
                "Counties by FIPS code or name; they decide regions and time zone left empty",
                "",
            ),
        ]),
        ColumnDef::new("statewide", Type::Boolean, "State-wide: seen by every region.")
            .required()
            .template(&[TemplateColumn::new(
                "statewide",
                Kind::YesNo,
                "Affects the entire state",
                "no",
            )]),
        ColumnDef::staged_only(
            "hazards",
            Type::Integers,
            "Ids of its hazards, the primary one \
            first.",
        )
        .template(&[TemplateColumn::new(
            "hazards",
            Kind::List,
            "Hazards, the primary one first",
            "mass_casualty_trauma; patient_surge",
        )]),
        ColumnDef::stored_only("hazard_id", Type::Integer, "Primary hazard.")
            .references("hazard")
            .required(),
        ColumnDef::new(
            "sensitivity",
            Type::Text,
            "PUBLIC, or RESTRICTED to the regions taking \
            part.",
        )
        .one_of(Sensitivity::VOCABULARY)
        .required()
        .template(&[TemplateColumn::new(
            "sensitivity",
            Kind::Choice,
            "PUBLIC, or RESTRICTED to the participating regions; RESTRICTED if empty",
            "RESTRICTED",
        )]),
        ColumnDef::new("owes_aar", Type::Boolean, "An after-action report is owed.")
            .required()
            .template(&[TemplateColumn::new(
                "owes_aar",
                Kind::YesNo,
                "An after-action report is due; if empty, yes for exercises and incidents with a \
             response",
                "yes",
            )]),
        ColumnDef::new("latitude", Type::Number, "Degrees north.").position(),
        ColumnDef::new("longitude", Type::Number, "Degrees east.").position(),
        ColumnDef::new("narrative", Type::Text, "What happened, redacted.").template(&[
            TemplateColumn::new(
                "narrative",
                Kind::Text,
                "What happened",
                "Functional exercise of regional patient distribution with four hospitals.",
            ),
        ]),
        ColumnDef::staged_only(
            "label_fields",
            Type::Texts,
            "Field of each label without an entry \
            in a reference list.",
        ),
        ColumnDef::staged_only("labels", Type::Texts, "The labels."),
        ColumnDef::stored_only("exercise_type_id", Type::Integer, "Type.")
            .fact(&[
                FactColumn::new(
                    "exercise_type",
                    "exercise_type.code",
                    "SEM, WKS, TTX, GAME, DRL, FE or FSE.",
                ),
                FactColumn::new(
                    "exercise_class",
                    "exercise_type.class",
                    "DISCUSSION or OPERATIONS.",
                ),
            ])
            .in_table("exercise")
            .references("exercise_type")
            .named("type")
            .group_key()
            .required()
            .template(&[TemplateColumn::new(
                "exercise_type",
                Kind::Choice,
                "Exercises: type",
                "FE",
            )
            .one_of(&["SEM", "WKS", "TTX", "GAME", "DRL", "FE", "FSE"])]),
        ColumnDef::stored_only("sponsor_organization_id", Type::BigInteger, "Sponsor.")
            .fact(&[FactColumn::own("Sponsor").named("organization_id")])
            .in_table("exercise")
            .references("organization")
            .reverse("sponsored_exercises")
            .named("sponsor")
            .required()
            .template(&[TemplateColumn::new(
                "sponsor_organization_id",
                Kind::Identifier,
                "Exercises: ID of the sponsoring organization",
                "EXAMPLE-ORG-1",
            )]),
        ColumnDef::stored_only("program", Type::Text, "Grant program of the exercise, e.g. HPP.")
            .fact(&[FactColumn::own("Grant program of the exercise.")])
            .in_table("exercise")
            .template(&[TemplateColumn::new(
                "program",
                Kind::Text,
                "Exercises: grant program that requires it, e.g. HPP",
                "HPP",
            )]),
        ColumnDef::stored_only("scope", Type::Text, "Scope, redacted.")
            .in_table("exercise")
            .template(&[TemplateColumn::new(
                "scope",
                Kind::Text,
                "Exercises: scope",
                "Four hours in four facilities; movement of patients simulated.",
            )]),
        ColumnDef::stored_only("scenario", Type::Text, "Scenario, redacted.")
            .in_table("exercise")
            .template(&[TemplateColumn::new(
                "scenario",
                Kind::Text,
                "Exercises: scenario",
                "A bus accident brings 60 injured persons to the region's hospitals.",
            )]),
        ColumnDef::stored_only(
            "time_limit_minutes",
            Type::Integer,
            "Time allowed by the exercise's rules, in minutes.",
        )
        .fact(&[FactColumn::own("Time allowed by its rules, minutes.")])
        .in_table("exercise")
        .template(&[TemplateColumn::new(
            "time_limit_minutes",
            Kind::Integer,
            "Exercises: time limit for its targets, in minutes",
            "240",
        )]),
        ColumnDef::new(
            "response",
            Type::Text,
            "What the coalition did: NONE, MONITORED or \
            RESPONDED.",
        )
        .fact(&[FactColumn::own("What the coalition did: NONE, MONITORED or RESPONDED.")])
        .in_table("incident")
        .one_of(IncidentResponse::VOCABULARY)
        .required()
        .template(&[TemplateColumn::new(
            "response",
            Kind::Choice,
            "Incidents: response of the coalition",
            "",
        )]),
        ColumnDef::new("declaration_number", Type::Text, "Federal declaration, e.g. DR-4637-TN.")
            .fact(&[FactColumn::own("Federal declaration.")])
            .in_table("incident"),
        ColumnDef::new("declaration_type", Type::Text, "DR, EM, FM or FS.")
            .in_table("incident")
            .group_key(),
        ColumnDef::stored_only("activation_level", Type::Text, "Level as the region calls it.")
            .in_table("incident")
            .template(&[TemplateColumn::new(
                "activation_level",
                Kind::Text,
                "Incidents: none, monitoring, partial or full",
                "",
            )]),
        ColumnDef::stored_only(
            "activation_ordinal",
            Type::SmallInteger,
            "0 none, 1 monitoring, 2 partial, 3 full.",
        )
        .position()
        .fact(&[FactColumn::own("Activation: 0 none, 1 monitoring, 2 partial, 3 full.")])
        .in_table("incident"),
        ColumnDef::new("deaths_direct", Type::Integer, "Deaths caused directly.")
            .fact(&[FactColumn::own("Deaths caused directly, to sum.")])
            .in_table("incident")
            .template(&[TemplateColumn::new(
                "deaths_direct",
                Kind::Integer,
                "Incidents: direct deaths",
                "",
            )]),
        ColumnDef::new("deaths_indirect", Type::Integer, "Deaths caused indirectly.")
            .fact(&[FactColumn::own("Deaths caused indirectly, to sum.")])
            .in_table("incident"),
        ColumnDef::new("injuries_direct", Type::Integer, "Injuries caused directly.")
            .in_table("incident")
            .template(&[TemplateColumn::new(
                "injuries_direct",
                Kind::Integer,
                "Incidents: people directly injured",
                "",
            )]),
        ColumnDef::new("injuries_indirect", Type::Integer, "Injuries caused indirectly.")
            .in_table("incident"),
        ColumnDef::new(
            "damage_property_usd",
            Type::BigInteger,
            "Property damage in whole US \
            dollars.",
        )
        .fact(&[FactColumn::own("Property damage, US dollars, to sum.")])
        .in_table("incident")
        .template(&[TemplateColumn::new(
            "damage_property_usd",
            Kind::Integer,
            "Incidents: property damage in US dollars",
            "",
        )]),
        ColumnDef::new("damage_crops_usd", Type::BigInteger, "Crop damage in whole US dollars.")
            .fact(&[FactColumn::own("Crop damage, US dollars, to sum.")])
            .in_table("incident"),
        ColumnDef::new("evacuated", Type::Integer, "People evacuated.")
            .fact(&[FactColumn::own("People evacuated, to sum.")])
            .in_table("incident")
            .template(&[TemplateColumn::new(
                "evacuated",
                Kind::Integer,
                "Incidents: people evacuated",
                "",
            )]),
        ColumnDef::new("area_km2", Type::Number, "Area in square kilometers.")
            .fact(&[FactColumn::own("Area in square kilometers.")])
            .in_table("incident"),
        ColumnDef::new("magnitude", Type::Number, "Magnitude as the source measures it.")
            .in_table("incident"),
        ColumnDef::new("magnitude_type", Type::Text, "What the magnitude measures.")
            .in_table("incident"),
        ColumnDef::staged_only(
            "detail",
            Type::Json,
            "Exercise, objectives, links, after-action \
            report and what only logs say of an incident.",
        ),
        ColumnDef::stored_only("patients", Type::Integer, "Patients cared for.")
            .fact(&[FactColumn::own("Patients cared for, to sum.")])
            .in_table("incident")
            .template(&[TemplateColumn::new("patients", Kind::Integer, "Incidents: patients", "")]),
        ColumnDef::stored_only("hospitals_involved", Type::Integer, "Hospitals involved.")
            .fact(&[FactColumn::own(
                "Hospitals involved, to average; a hospital may appear in several incidents.",
            )])
            .in_table("incident")
            .template(&[TemplateColumn::new(
                "hospitals_involved",
                Kind::Integer,
                "Incidents: hospitals involved",
                "",
            )]),
        ColumnDef::stored_only("layout", Type::Text, "Layout of the document, e.g. hseep_2013.")
            .in_table("after_action_report")
            .group_key()
            .required(),
        ColumnDef::stored_only("has_overview", Type::Boolean, "The overview was filled.")
            .in_table("after_action_report")
            .required(),
        ColumnDef::stored_only("draft_on", Type::Date, "Day of the draft.")
            .in_table("after_action_report"),
        ColumnDef::stored_only("final_on", Type::Date, "Day of the final report.")
            .in_table("after_action_report"),
        ColumnDef::stored_only(
            "participants_listed",
            Type::Boolean,
            "Participating organizations were listed.",
        )
        .in_table("after_action_report")
        .required(),
    ],
};
