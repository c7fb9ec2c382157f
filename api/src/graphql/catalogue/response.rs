//! Milestones, requests, participation.

use hotwash_schema::access::visible;

use super::keys;
use super::sql::{EVENT_COUNTY, EVENT_HAZARD, EVENT_REGION};
use crate::graphql::entity::{Entity, GroupKey, Many, Relation, ScalarKind, field, hidden, within};

pub static MILESTONE: Entity = Entity {
    name: "Milestone",
    list: "milestones",
    connection: true,
    from: "warehouse.milestone {t} join warehouse.event {t}e on {t}e.event_id = {t}.event_id join \
        warehouse.milestone_type {t}y on {t}y.milestone_type_id = {t}.milestone_type_id",
    only: "true",
    id: "{t}.milestone_id",
    description: "A time stamp in the life of an event.",
    fields: &[
        field("type", "{t}y.code", ScalarKind::Text, "What happened, e.g. `notified`."),
        field("typeName", "{t}y.name", ScalarKind::Text, "Description."),
        field("occurredAt", "{t}.occurred_at", ScalarKind::DateTime, "When.").required(),
        field(
            "timePrecision",
            "{t}.time_precision",
            ScalarKind::Text,
            "minute, hour or day; days never enter a metric of minutes.",
        ),
        field(
            "sequence",
            "{t}.sequence",
            ScalarKind::Int,
            "Sequence number of a milestone that occurred more than once.",
        ),
        hidden("localDate", "{t}e.local_date", ScalarKind::Date, "Local date of the event.")
            .required(),
        hidden("eventKind", "{t}e.kind", ScalarKind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT."),
        hidden("sourceName", "{t}e.source", ScalarKind::Text, "Source of the record."),
        within(
            "region",
            "g.code",
            ScalarKind::Text,
            EVENT_REGION,
            "Code of a region that was affected or took part.",
        ),
        within(
            "county",
            "c.fips",
            ScalarKind::Text,
            EVENT_COUNTY,
            "Five-digit FIPS code of an affected county.",
        ),
        within("hazard", "h.code", ScalarKind::Text, EVENT_HAZARD, "Code of the primary hazard."),
        within(
            "hazardCategory",
            "h.category",
            ScalarKind::Text,
            EVENT_HAZARD,
            "Category of the primary hazard.",
        ),
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
            description: "Organization assessed; empty for the coalition.",
        },
    ],
    group_keys: &[
        &[keys::EVENT_REGION, keys::EVENT_KIND],
        keys::EVENT_HAZARD,
        &[keys::key("TYPE", "type", "{t}y.code", "What happened, e.g. `notified`."), keys::SOURCE],
        keys::EVENT_DAY,
    ],
    lineage: "{t}",
    visible: visible::OF_EVENT,
    order: &["occurredAt"],
};

pub static RESOURCE_REQUEST: Entity = Entity {
    name: "ResourceRequest",
    list: "resourceRequests",
    connection: true,
    from: "warehouse.resource_request {t} join warehouse.region {t}r on {t}r.region_id = \
        {t}.region_id",
    only: "true",
    id: "{t}.resource_request_id",
    description: "One line of a resource request (ICS-213RR).",
    fields: &[
        field("kind", "{t}.kind", ScalarKind::Text, "Information requested."),
        field("priority", "{t}.priority", ScalarKind::Text, "URGENT, ROUTINE or LOW."),
        field("status", "{t}.status", ScalarKind::Text, "OPEN, PARTIAL, FILLED or CANCELLED."),
        field(
            "quantityRequested",
            "{t}.quantity_requested",
            ScalarKind::Float,
            "Quantity requested.",
        ),
        field("quantityFilled", "{t}.quantity_filled", ScalarKind::Float, "Quantity filled."),
        field("requestedAt", "{t}.requested_at", ScalarKind::DateTime, "Time of the request.")
            .required(),
        field("neededBy", "{t}.needed_by", ScalarKind::DateTime, "Time needed."),
        field("assignedAt", "{t}.assigned_at", ScalarKind::DateTime, "Time a supplier was found."),
        field("filledAt", "{t}.filled_at", ScalarKind::DateTime, "Time filled."),
        hidden("regionCode", "{t}r.code", ScalarKind::Text, "Code of the region."),
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
            description: "Requesting region.",
        },
        Relation {
            name: "organization",
            target: "Organization",
            many: Many::One,
            through: "",
            on: "{u}.organization_id = {t}.organization_id and {u}.organization_id > 0",
            description: "The organization.",
        },
    ],
    group_keys: &[&[
        keys::key("REGION", "region", "{t}r.code", "Requesting region, e.g. `3`."),
        keys::key("KIND", "kind", "{t}.kind", "Information requested."),
        keys::key("PRIORITY", "priority", "{t}.priority", "`URGENT`, `ROUTINE` or `LOW`."),
        keys::key("STATUS", "status", "{t}.status", "`OPEN`, `PARTIAL`, `FILLED` or `CANCELLED`."),
        keys::SOURCE,
        keys::year!("{t}.requested_at at time zone (select meta.time_zone())"),
        keys::quarter!("{t}.requested_at at time zone (select meta.time_zone())"),
        keys::month!("{t}.requested_at at time zone (select meta.time_zone())"),
        keys::fiscal_year!("{t}.requested_at at time zone (select meta.time_zone())"),
    ]],
    lineage: "{t}",
    visible: visible::OWN,
    order: &["-requestedAt"],
};

pub static INFORMATION_REQUEST: Entity = Entity {
    name: "InformationRequest",
    list: "informationRequests",
    connection: true,
    from: "warehouse.information_request {t} join warehouse.event {t}e on {t}e.event_id = \
        {t}.event_id",
    only: "true",
    id: "{t}.information_request_id",
    description: "A request for essential elements of information to several organizations.",
    fields: &[
        field("label", "{t}.label", ScalarKind::Text, "Information requested."),
        field("platform", "{t}.platform", ScalarKind::Text, "Means."),
        field("askedAt", "{t}.asked_at", ScalarKind::DateTime, "Time sent.").required(),
        field("dueAt", "{t}.due_at", ScalarKind::DateTime, "Due time of answers."),
        field(
            "asked",
            "(select count(*) from warehouse.information_report k where k.information_request_id = \
             {t}.information_request_id)::int",
            ScalarKind::Int,
            "Number of organizations asked.",
        ),
        field(
            "answeredInTime",
            "(select count(*) from warehouse.information_report k where k.information_request_id = \
             {t}.information_request_id and k.received_at <= {t}.due_at)::int",
            ScalarKind::Int,
            "Number of organizations that answered by the due time.",
        ),
        hidden("localDate", "{t}e.local_date", ScalarKind::Date, "Local date of the event.")
            .required(),
        hidden("eventKind", "{t}e.kind", ScalarKind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT."),
        hidden("sourceName", "{t}e.source", ScalarKind::Text, "Source of the record."),
        within(
            "region",
            "g.code",
            ScalarKind::Text,
            EVENT_REGION,
            "Code of a region that was affected or took part.",
        ),
        within(
            "county",
            "c.fips",
            ScalarKind::Text,
            EVENT_COUNTY,
            "Five-digit FIPS code of an affected county.",
        ),
        within("hazard", "h.code", ScalarKind::Text, EVENT_HAZARD, "Code of the primary hazard."),
        within(
            "hazardCategory",
            "h.category",
            ScalarKind::Text,
            EVENT_HAZARD,
            "Category of the primary hazard.",
        ),
    ],
    relations: &[Relation {
        name: "event",
        target: "Event",
        many: Many::One,
        through: "",
        on: "{u}.event_id = {t}.event_id",
        description: "The event.",
    }],
    group_keys: &[
        &[keys::EVENT_REGION, keys::EVENT_KIND],
        keys::EVENT_HAZARD,
        &[keys::key("PLATFORM", "platform", "{t}.platform", "Means."), keys::SOURCE],
        keys::EVENT_DAY,
    ],
    lineage: "{t}",
    visible: visible::OF_EVENT,
    order: &["-askedAt"],
};

pub static PARTICIPATION: Entity = Entity {
    name: "Participation",
    list: "participation",
    connection: true,
    from: "warehouse.participation {t} join warehouse.event {t}e on {t}e.event_id = {t}.event_id",
    only: "true",
    id: "{t}.participation_id",
    description: "Participation of an organization in an event.",
    fields: &[
        field(
            "role",
            "{t}.role",
            ScalarKind::Text,
            "player, controller, evaluator, observer, sponsor or responder.",
        ),
        field(
            "executivePresent",
            "{t}.executive_present",
            ScalarKind::Boolean,
            "An executive took part.",
        ),
        field(
            "participantCount",
            "{t}.participant_count",
            ScalarKind::Int,
            "People who took part, a count only.",
        ),
        hidden("localDate", "{t}e.local_date", ScalarKind::Date, "Local date of the event.")
            .required(),
        hidden("eventKind", "{t}e.kind", ScalarKind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT."),
        hidden("sourceName", "{t}e.source", ScalarKind::Text, "Source of the record."),
        within(
            "region",
            "g.code",
            ScalarKind::Text,
            EVENT_REGION,
            "Code of a region that was affected or took part.",
        ),
        within(
            "county",
            "c.fips",
            ScalarKind::Text,
            EVENT_COUNTY,
            "Five-digit FIPS code of an affected county.",
        ),
        within("hazard", "h.code", ScalarKind::Text, EVENT_HAZARD, "Code of the primary hazard."),
        within(
            "hazardCategory",
            "h.category",
            ScalarKind::Text,
            EVENT_HAZARD,
            "Category of the primary hazard.",
        ),
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
            description: "The organization.",
        },
        Relation {
            name: "region",
            target: "Region",
            many: Many::One,
            through: "",
            on: "{u}.region_id = {t}.region_id",
            description: "The organization's region at the time.",
        },
    ],
    group_keys: &[
        &[keys::EVENT_REGION, keys::EVENT_KIND],
        keys::EVENT_HAZARD,
        &[
            keys::key("ROLE", "role", "{t}.role", "Part taken, e.g. `player`."),
            GroupKey {
                join: "join warehouse.organization ko on ko.organization_id = {t}.organization_id \
                    join warehouse.discipline kd on kd.discipline_id = ko.discipline_id",
                ..keys::key(
                    "DISCIPLINE",
                    "discipline",
                    "kd.code",
                    "Discipline of the organization, e.g. `local_public_health`.",
                )
            },
            keys::SOURCE,
        ],
        keys::EVENT_DAY,
    ],
    lineage: "{t}",
    visible: visible::OF_EVENT,
    order: &["-localDate"],
};
