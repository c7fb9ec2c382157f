//! Milestones, requests, participation.

use hotwash_schema::access::visible;

use super::keys;
use super::sql::{EVENT_COUNTY, EVENT_HAZARD, EVENT_REGION};
use crate::graphql::entity::{Entity, GroupKey, Kind, Many, Relation, field, hidden, within};

pub static MILESTONE: Entity = Entity {
    name: "Milestone",
    list: "milestones",
    connection: true,
    from: "warehouse.milestone {t} join warehouse.event {t}e on {t}e.event_id = {t}.event_id join warehouse.milestone_type {t}y on {t}y.milestone_type_id = {t}.milestone_type_id",
    only: "true",
    id: "{t}.milestone_id",
    description: "A time stamp in the life of an event.",
    fields: &[
        field("type", "{t}y.code", Kind::Text, "What happened, e.g. `notified`."),
        field("typeName", "{t}y.name", Kind::Text, "What happened, in words."),
        field("occurredAt", "{t}.occurred_at", Kind::DateTime, "When.").required(),
        field(
            "timePrecision",
            "{t}.time_precision",
            Kind::Text,
            "minute, hour or day; days never enter a metric of minutes.",
        ),
        field("sequence", "{t}.sequence", Kind::Int, "Number, when it happened more than once."),
        hidden("localDate", "{t}e.local_date", Kind::Date, "Day of the event where it happened.").required(),
        hidden("eventKind", "{t}e.kind", Kind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT."),
        hidden("sourceName", "{t}e.source", Kind::Text, "Source that brought it."),
        within("region", "g.code", Kind::Text, EVENT_REGION, "Code of a region it struck or that took part."),
        within("county", "c.fips", Kind::Text, EVENT_COUNTY, "Five-digit FIPS code of a county it struck."),
        within("hazard", "h.code", Kind::Text, EVENT_HAZARD, "Code of the primary hazard."),
        within("hazardCategory", "h.category", Kind::Text, EVENT_HAZARD, "Category of the primary hazard."),
    ],
    relations: &[
        Relation {
            name: "event",
            target: "Event",
            many: Many::One,
            through: "",
            on: "{u}.event_id = {t}.event_id",
            description: "The event.",
        },
        Relation {
            name: "organization",
            target: "Organization",
            many: Many::One,
            through: "",
            on: "{u}.organization_id = {t}.organization_id",
            description: "Organisation it is about; none for the coalition.",
        },
    ],
    group_keys: &{
        let [year, quarter, month, fiscal_year] = keys::by_day!("{t}e.local_date");
        [
            GroupKey {
                name: "TYPE",
                key: "type",
                sql: "{t}y.code",
                join: "",
                kind: Kind::Text,
                description: "What happened, e.g. `notified`.",
            },
            keys::EVENT_REGION,
            keys::EVENT_KIND,
            keys::EVENT_HAZARD,
            keys::SOURCE,
            year,
            quarter,
            month,
            fiscal_year,
        ]
    },
    lineage: "{t}",
    visible: visible::EVENT,
    order: &["occurredAt"],
};

pub static RESOURCE_REQUEST: Entity = Entity {
    name: "ResourceRequest",
    list: "resourceRequests",
    connection: true,
    from: "warehouse.resource_request {t} join warehouse.region {t}r on {t}r.region_id = {t}.region_id",
    only: "true",
    id: "{t}.resource_request_id",
    description: "One line of a resource request (ICS-213RR).",
    fields: &[
        field("kind", "{t}.kind", Kind::Text, "What was asked for."),
        field("priority", "{t}.priority", Kind::Text, "URGENT, ROUTINE or LOW."),
        field("status", "{t}.status", Kind::Text, "OPEN, PARTIAL, FILLED or CANCELLED."),
        field("quantityRequested", "{t}.quantity_requested", Kind::Float, "Quantity asked."),
        field("quantityFilled", "{t}.quantity_filled", Kind::Float, "Quantity filled."),
        field("requestedAt", "{t}.requested_at", Kind::DateTime, "When it was asked.").required(),
        field("neededBy", "{t}.needed_by", Kind::DateTime, "When it was needed."),
        field("assignedAt", "{t}.assigned_at", Kind::DateTime, "When a supplier was found."),
        field("filledAt", "{t}.filled_at", Kind::DateTime, "When it was filled."),
        hidden("regionCode", "{t}r.code", Kind::Text, "Code of the region."),
    ],
    relations: &[
        Relation {
            name: "event",
            target: "Event",
            many: Many::One,
            through: "",
            on: "{u}.event_id = {t}.event_id",
            description: "The event.",
        },
        Relation {
            name: "region",
            target: "Region",
            many: Many::One,
            through: "",
            on: "{u}.region_id = {t}.region_id",
            description: "Region that asked.",
        },
        Relation {
            name: "organization",
            target: "Organization",
            many: Many::One,
            through: "",
            on: "{u}.organization_id = {t}.organization_id and {u}.organization_id > 0",
            description: "The organisation.",
        },
    ],
    group_keys: &{
        let [year, quarter, month, fiscal_year] = keys::by_day!("{t}.requested_at at time zone 'America/New_York'");
        [
            keys::OWN_REGION,
            GroupKey {
                name: "KIND",
                key: "kind",
                sql: "{t}.kind",
                join: "",
                kind: Kind::Text,
                description: "What was asked for.",
            },
            GroupKey {
                name: "STATUS",
                key: "status",
                sql: "{t}.status",
                join: "",
                kind: Kind::Text,
                description: "OPEN, PARTIAL, FILLED or CANCELLED.",
            },
            GroupKey {
                name: "PRIORITY",
                key: "priority",
                sql: "coalesce({t}.priority, 'none')",
                join: "",
                kind: Kind::Text,
                description: "URGENT, ROUTINE, LOW or none.",
            },
            keys::SOURCE,
            year,
            quarter,
            month,
            fiscal_year,
        ]
    },
    lineage: "{t}",
    visible: visible::OWN,
    order: &["-requestedAt"],
};

pub static INFORMATION_REQUEST: Entity = Entity {
    name: "InformationRequest",
    list: "informationRequests",
    connection: true,
    from: "warehouse.information_request {t} join warehouse.event {t}e on {t}e.event_id = {t}.event_id",
    only: "true",
    id: "{t}.information_request_id",
    description: "A request for essential elements of information to several organisations.",
    fields: &[
        field("label", "{t}.label", Kind::Text, "What was asked for."),
        field("platform", "{t}.platform", Kind::Text, "Means."),
        field("askedAt", "{t}.asked_at", Kind::DateTime, "When it was sent.").required(),
        field("dueAt", "{t}.due_at", Kind::DateTime, "When answers were due."),
        field(
            "asked",
            "(select count(*) from warehouse.information_report k where k.information_request_id = {t}.information_request_id)::int",
            Kind::Int,
            "Organisations asked.",
        ),
        field(
            "answeredInTime",
            "(select count(*) from warehouse.information_report k where k.information_request_id = {t}.information_request_id and k.received_at <= {t}.due_at)::int",
            Kind::Int,
            "Organisations that answered by the due time.",
        ),
        hidden("localDate", "{t}e.local_date", Kind::Date, "Day of the event where it happened.").required(),
        hidden("eventKind", "{t}e.kind", Kind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT."),
        hidden("sourceName", "{t}e.source", Kind::Text, "Source that brought it."),
        within("region", "g.code", Kind::Text, EVENT_REGION, "Code of a region it struck or that took part."),
        within("county", "c.fips", Kind::Text, EVENT_COUNTY, "Five-digit FIPS code of a county it struck."),
        within("hazard", "h.code", Kind::Text, EVENT_HAZARD, "Code of the primary hazard."),
        within("hazardCategory", "h.category", Kind::Text, EVENT_HAZARD, "Category of the primary hazard."),
    ],
    relations: &[Relation {
        name: "event",
        target: "Event",
        many: Many::One,
        through: "",
        on: "{u}.event_id = {t}.event_id",
        description: "The event.",
    }],
    group_keys: &{
        let [year, quarter, month, fiscal_year] = keys::by_day!("{t}e.local_date");
        [
            GroupKey {
                name: "PLATFORM",
                key: "platform",
                sql: "coalesce({t}.platform, 'none')",
                join: "",
                kind: Kind::Text,
                description: "Means.",
            },
            keys::EVENT_REGION,
            keys::EVENT_KIND,
            keys::EVENT_HAZARD,
            keys::SOURCE,
            year,
            quarter,
            month,
            fiscal_year,
        ]
    },
    lineage: "{t}",
    visible: visible::EVENT,
    order: &["-askedAt"],
};

pub static PARTICIPATION: Entity = Entity {
    name: "Participation",
    list: "participation",
    connection: true,
    from: "warehouse.participation {t} join warehouse.event {t}e on {t}e.event_id = {t}.event_id",
    only: "true",
    id: "{t}.participation_id",
    description: "An organisation's part in an event.",
    fields: &[
        field("role", "{t}.role", Kind::Text, "player, controller, evaluator, observer, sponsor or responder."),
        field("executivePresent", "{t}.executive_present", Kind::Boolean, "An executive took part."),
        field("participantCount", "{t}.participant_count", Kind::Int, "People who took part, a count only."),
        hidden("localDate", "{t}e.local_date", Kind::Date, "Day of the event where it happened.").required(),
        hidden("eventKind", "{t}e.kind", Kind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT."),
        hidden("sourceName", "{t}e.source", Kind::Text, "Source that brought it."),
        within("region", "g.code", Kind::Text, EVENT_REGION, "Code of a region it struck or that took part."),
        within("county", "c.fips", Kind::Text, EVENT_COUNTY, "Five-digit FIPS code of a county it struck."),
        within("hazard", "h.code", Kind::Text, EVENT_HAZARD, "Code of the primary hazard."),
        within("hazardCategory", "h.category", Kind::Text, EVENT_HAZARD, "Category of the primary hazard."),
    ],
    relations: &[
        Relation {
            name: "event",
            target: "Event",
            many: Many::One,
            through: "",
            on: "{u}.event_id = {t}.event_id",
            description: "The event.",
        },
        Relation {
            name: "organization",
            target: "Organization",
            many: Many::One,
            through: "",
            on: "{u}.organization_id = {t}.organization_id and {u}.organization_id > 0",
            description: "The organisation.",
        },
        Relation {
            name: "region",
            target: "Region",
            many: Many::One,
            through: "",
            on: "{u}.region_id = {t}.region_id",
            description: "The organisation's region at the time.",
        },
    ],
    group_keys: &{
        let [year, quarter, month, fiscal_year] = keys::by_day!("{t}e.local_date");
        [
            GroupKey {
                name: "ROLE",
                key: "role",
                sql: "{t}.role",
                join: "",
                kind: Kind::Text,
                description: "player, controller, evaluator, observer, sponsor or responder.",
            },
            keys::DISCIPLINE,
            keys::EVENT_REGION,
            keys::EVENT_KIND,
            keys::EVENT_HAZARD,
            keys::SOURCE,
            year,
            quarter,
            month,
            fiscal_year,
        ]
    },
    lineage: "{t}",
    visible: visible::EVENT,
    order: &["-localDate"],
};
