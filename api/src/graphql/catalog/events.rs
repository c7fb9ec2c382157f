//! Events with incident and exercise details.

use hotwash_schema::access::visible;
use hotwash_schema::formula::Formula::{Column, Sql};
use hotwash_schema::formula::{of, own};

use super::filters::{
    EVENT_HAZARD, EVENT_KIND, EVENT_LOCAL_DATE, EVENT_SOURCE, IN_COUNTY, IN_REGION, WITH_HAZARD,
    WITH_HAZARD_CATEGORY,
};
use super::keys;
use crate::graphql::entity::{Entity, GroupKey, ScalarKind, field, join, list, one, within};

pub static EVENT: Entity = Entity {
    name: "Event",
    list: "events",
    connection: true,
    table: "warehouse.event",
    joins: &[],
    only: None,
    id: "event_id",
    description: "An incident, exercise or planned event, which most other records reference.",
    fields: &[
        field("name", own("name"), ScalarKind::Text, "Name."),
        field("kind", own("kind"), ScalarKind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT."),
        field("status", own("status"), ScalarKind::Text, "PLANNED, HELD or CANCELLED."),
        field("startAt", own("start_at"), ScalarKind::DateTime, "Start.").required(),
        field("endAt", own("end_at"), ScalarKind::DateTime, "End."),
        field(
            "localDate",
            own("local_date"),
            ScalarKind::Date,
            "Local date of the start, which decides the period.",
        )
        .required(),
        field("endLocalDate", own("end_local_date"), ScalarKind::Date, "Local date of the end."),
        field("timeZone", own("time_zone"), ScalarKind::Text, "Time zone of local times."),
        field(
            "sensitivity",
            own("sensitivity"),
            ScalarKind::Text,
            "PUBLIC, or RESTRICTED to the regions taking part.",
        ),
        field(
            "statewide",
            own("statewide"),
            ScalarKind::Boolean,
            "Whether it applies to the whole state.",
        ),
        field("owesAar", own("owes_aar"), ScalarKind::Boolean, "An after-action report is owed."),
        field("latitude", own("latitude"), ScalarKind::Float, "Degrees north."),
        field("longitude", own("longitude"), ScalarKind::Float, "Degrees east."),
        field(
            "narrative",
            own("narrative"),
            ScalarKind::Text,
            "Narrative, without contact details.",
        ),
        field(
            "sourceName",
            own("source"),
            ScalarKind::Text,
            "Source of the record, e.g. `noaa_storm_events`.",
        ),
        field("sourceId", own("source_id"), ScalarKind::Text, "Its id in the source."),
        IN_REGION,
        IN_COUNTY,
        within(
            "hazardCode",
            Sql("h.code"),
            ScalarKind::Text,
            EVENT_HAZARD,
            "Code of the primary hazard.",
        ),
        WITH_HAZARD_CATEGORY,
    ],
    relations: &[
        one("hazard", "Hazard", "hazard_id", "Primary hazard."),
        list("hazards", "Hazard", "event_id", "All hazards.")
            .through("warehouse.event_hazard", "hazard_id"),
        list("regions", "Region", "event_id", "Regions that were affected or took part.")
            .through("warehouse.event_region", "region_id"),
        list("counties", "County", "event_id", "Counties affected.")
            .through("warehouse.event_county", "county_id"),
        one("incident", "Incident", "event_id", "The incident part."),
        one("exercise", "Exercise", "event_id", "The exercise part."),
        list("capabilityRatings", "CapabilityRating", "event_id", "Ratings."),
        list("findings", "Finding", "event_id", "Strengths and areas for improvement."),
        list("correctiveActions", "CorrectiveAction", "event_id", "Corrective actions."),
        list("milestones", "Milestone", "event_id", "Time stamps."),
        list("resourceRequests", "ResourceRequest", "event_id", "Resource requests."),
        list("informationRequests", "InformationRequest", "event_id", "Requests for information."),
        list("participation", "Participation", "event_id", "Organizations that took part."),
    ],
    group_keys: &[&[
        keys::EVENT_REGION,
        keys::EVENT_COUNTY,
        GroupKey { joins: &[join("kh", "warehouse.hazard", "hazard_id")], ..keys::HAZARD },
        GroupKey { joins: &[join("kh", "warehouse.hazard", "hazard_id")], ..keys::HAZARD_CATEGORY },
        keys::key(
            "KIND",
            "kind",
            own("kind"),
            "Kind of event: `INCIDENT`, `EXERCISE` or `PLANNED_EVENT`.",
        ),
        keys::key("STATUS", "status", own("status"), "`PLANNED`, `HELD` or `CANCELLED`."),
        keys::SOURCE,
        keys::year!(Column("", "local_date")),
        keys::quarter!(Column("", "local_date")),
        keys::month!(Column("", "local_date")),
        keys::fiscal_year!(Column("", "local_date")),
    ]],
    lineage: Some(""),
    visible: Some(visible::EVENT),
    order: &["-localDate"],
};

pub static INCIDENT: Entity = Entity {
    name: "Incident",
    list: "incidents",
    connection: true,
    table: "warehouse.incident",
    joins: &[join("e", "warehouse.event", "event_id")],
    only: None,
    id: "event_id",
    description: "The incident part of an event. Public feeds report the hazard; `response` states \
        what the coalition did.",
    fields: &[
        field("response", own("response"), ScalarKind::Text, "NONE, MONITORED or RESPONDED."),
        field(
            "declarationNumber",
            own("declaration_number"),
            ScalarKind::Text,
            "Federal declaration, e.g. `DR-4637-TN`.",
        ),
        field("declarationType", own("declaration_type"), ScalarKind::Text, "DR, EM, FM or FS."),
        field(
            "activationLevel",
            own("activation_level"),
            ScalarKind::Text,
            "Level in the region's own words.",
        ),
        field(
            "activationOrdinal",
            own("activation_ordinal"),
            ScalarKind::Int,
            "0 none, 1 monitoring, 2 partial, 3 full.",
        ),
        field("deathsDirect", own("deaths_direct"), ScalarKind::Int, "Deaths caused directly."),
        field(
            "deathsIndirect",
            own("deaths_indirect"),
            ScalarKind::Int,
            "Deaths caused indirectly.",
        ),
        field(
            "injuriesDirect",
            own("injuries_direct"),
            ScalarKind::Int,
            "Injuries caused directly.",
        ),
        field(
            "injuriesIndirect",
            own("injuries_indirect"),
            ScalarKind::Int,
            "Injuries caused indirectly.",
        ),
        field(
            "damagePropertyUsd",
            own("damage_property_usd"),
            ScalarKind::Long,
            "Property damage in whole US dollars.",
        ),
        field(
            "damageCropsUsd",
            own("damage_crops_usd"),
            ScalarKind::Long,
            "Crop damage in whole US dollars.",
        ),
        field("evacuated", own("evacuated"), ScalarKind::Int, "People evacuated."),
        field("patients", own("patients"), ScalarKind::Int, "Patients cared for."),
        field(
            "hospitalsInvolved",
            own("hospitals_involved"),
            ScalarKind::Int,
            "Hospitals involved.",
        ),
        field("areaKm2", own("area_km2"), ScalarKind::Float, "Area in square kilometers."),
        field(
            "magnitude",
            own("magnitude"),
            ScalarKind::Float,
            "Magnitude as the source measures it.",
        ),
        field(
            "magnitudeType",
            own("magnitude_type"),
            ScalarKind::Text,
            "What the magnitude measures.",
        ),
        EVENT_LOCAL_DATE,
        EVENT_KIND,
        EVENT_SOURCE,
        IN_REGION,
        IN_COUNTY,
        WITH_HAZARD,
        WITH_HAZARD_CATEGORY,
    ],
    relations: &[
        one("event", "Event", "event_id", "The event."),
        list("regions", "Region", "event_id", "Regions affected.")
            .through("warehouse.event_region", "region_id"),
    ],
    group_keys: &[
        &[keys::EVENT_REGION, keys::EVENT_COUNTY],
        keys::EVENT_HAZARD,
        &[keys::EVENT_SOURCE],
        keys::EVENT_DAY,
        &[
            keys::key("RESPONSE", "response", own("response"), "Response of the coalition."),
            keys::key(
                "DECLARATION_TYPE",
                "declarationType",
                own("declaration_type"),
                "Type of federal declaration.",
            ),
        ],
    ],
    lineage: Some("e"),
    visible: Some(visible::OF_EVENT),
    order: &["-localDate"],
};

pub static EXERCISE: Entity = Entity {
    name: "Exercise",
    list: "exercises",
    connection: true,
    table: "warehouse.exercise",
    joins: &[
        join("e", "warehouse.event", "event_id"),
        join("x", "warehouse.exercise_type", "exercise_type_id"),
    ],
    only: None,
    id: "event_id",
    description: "The exercise part of an event.",
    fields: &[
        field("type", of("x", "code"), ScalarKind::Text, "SEM, WKS, TTX, GAME, DRL, FE or FSE."),
        field("typeName", of("x", "name"), ScalarKind::Text, "Type in words."),
        field("class", of("x", "class"), ScalarKind::Text, "discussion or operations."),
        field("program", own("program"), ScalarKind::Text, "Grant program of the exercise."),
        field("scope", own("scope"), ScalarKind::Text, "Scope."),
        field("scenario", own("scenario"), ScalarKind::Text, "Scenario."),
        field(
            "timeLimitMinutes",
            own("time_limit_minutes"),
            ScalarKind::Int,
            "Time limit in minutes.",
        ),
        EVENT_LOCAL_DATE,
        EVENT_KIND,
        EVENT_SOURCE,
        IN_REGION,
        IN_COUNTY,
        WITH_HAZARD,
        WITH_HAZARD_CATEGORY,
    ],
    relations: &[
        one("event", "Event", "event_id", "The event."),
        one("sponsor", "Organization", "organization_id", "Sponsor.")
            .to("", "sponsor_organization_id")
            .skipping_none(),
    ],
    group_keys: &[
        &[keys::EVENT_REGION],
        keys::EVENT_HAZARD,
        &[keys::EVENT_SOURCE],
        keys::EVENT_DAY,
        &[
            keys::key("TYPE", "type", of("x", "code"), "Type of exercise."),
            keys::key("CLASS", "class", of("x", "class"), "discussion or operations."),
        ],
    ],
    lineage: Some("e"),
    visible: Some(visible::OF_EVENT),
    order: &["-localDate"],
};
