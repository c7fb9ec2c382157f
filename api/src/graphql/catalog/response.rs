//! Milestones, requests and participation.

use hotwash_schema::access::visible;
use hotwash_schema::formula::Formula::{Column, Parts, Sql};
use hotwash_schema::formula::{of, own};

use super::filters::{
    EVENT_KIND, EVENT_LOCAL_DATE, EVENT_SOURCE, IN_COUNTY, IN_REGION, WITH_HAZARD,
    WITH_HAZARD_CATEGORY,
};
use super::keys;
use crate::graphql::entity::{Entity, GroupKey, ScalarKind, field, hidden, join, one};

pub static MILESTONE: Entity = Entity {
    name: "Milestone",
    list: "milestones",
    connection: true,
    table: "warehouse.milestone",
    joins: &[
        join("e", "warehouse.event", "event_id"),
        join("y", "warehouse.milestone_type", "milestone_type_id"),
    ],
    only: None,
    id: "milestone_id",
    description: "A time stamp in the life of an event.",
    fields: &[
        field("type", of("y", "code"), ScalarKind::Text, "What happened, e.g. `notified`."),
        field("typeName", of("y", "name"), ScalarKind::Text, "Description."),
        field("occurredAt", own("occurred_at"), ScalarKind::DateTime, "When.").required(),
        field(
            "timePrecision",
            own("time_precision"),
            ScalarKind::Text,
            "minute, hour or day; days never enter a metric of minutes.",
        ),
        field(
            "sequence",
            own("sequence"),
            ScalarKind::Int,
            "Sequence number of a milestone that occurred more than once.",
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
        one(
            "organization",
            "Organization",
            "organization_id",
            "Organization assessed; empty for the coalition.",
        ),
    ],
    group_keys: &[
        &[keys::EVENT_REGION, keys::EVENT_KIND],
        keys::EVENT_HAZARD,
        &[
            keys::key("TYPE", "type", of("y", "code"), "What happened, e.g. `notified`."),
            keys::SOURCE,
        ],
        keys::EVENT_DAY,
    ],
    lineage: Some(""),
    visible: Some(visible::OF_EVENT),
    order: &["occurredAt"],
};

pub static RESOURCE_REQUEST: Entity = Entity {
    name: "ResourceRequest",
    list: "resourceRequests",
    connection: true,
    table: "warehouse.resource_request",
    joins: &[join("r", "warehouse.region", "region_id")],
    only: None,
    id: "resource_request_id",
    description: "One line of a resource request (ICS-213RR).",
    fields: &[
        field("kind", own("kind"), ScalarKind::Text, "Information requested."),
        field("priority", own("priority"), ScalarKind::Text, "URGENT, ROUTINE or LOW."),
        field("status", own("status"), ScalarKind::Text, "OPEN, PARTIAL, FILLED or CANCELLED."),
        field(
            "quantityRequested",
            own("quantity_requested"),
            ScalarKind::Float,
            "Quantity requested.",
        ),
        field("quantityFilled", own("quantity_filled"), ScalarKind::Float, "Quantity filled."),
        field("requestedAt", own("requested_at"), ScalarKind::DateTime, "Time of the request.")
            .required(),
        field("neededBy", own("needed_by"), ScalarKind::DateTime, "Time needed."),
        field("assignedAt", own("assigned_at"), ScalarKind::DateTime, "Time a supplier was found."),
        field("filledAt", own("filled_at"), ScalarKind::DateTime, "Time filled."),
        hidden("regionCode", of("r", "code"), ScalarKind::Text, "Code of the region."),
    ],
    relations: &[
        one("event", "Event", "event_id", "The event."),
        one("region", "Region", "region_id", "Requesting region."),
        one("organization", "Organization", "organization_id", "The organization.").skipping_none(),
    ],
    group_keys: &[&[
        keys::key("REGION", "region", of("r", "code"), "Requesting region, e.g. `3`."),
        keys::key("KIND", "kind", own("kind"), "Information requested."),
        keys::key("PRIORITY", "priority", own("priority"), "`URGENT`, `ROUTINE` or `LOW`."),
        keys::key("STATUS", "status", own("status"), "`OPEN`, `PARTIAL`, `FILLED` or `CANCELLED`."),
        keys::SOURCE,
        keys::year!(Column("", "requested_at"), Sql(" at time zone (select meta.time_zone())")),
        keys::quarter!(Column("", "requested_at"), Sql(" at time zone (select meta.time_zone())")),
        keys::month!(Column("", "requested_at"), Sql(" at time zone (select meta.time_zone())")),
        keys::fiscal_year!(
            Column("", "requested_at"),
            Sql(" at time zone (select meta.time_zone())")
        ),
    ]],
    lineage: Some(""),
    visible: Some(visible::OWN),
    order: &["-requestedAt"],
};

pub static INFORMATION_REQUEST: Entity = Entity {
    name: "InformationRequest",
    list: "informationRequests",
    connection: true,
    table: "warehouse.information_request",
    joins: &[join("e", "warehouse.event", "event_id")],
    only: None,
    id: "information_request_id",
    description: "A request for essential elements of information to several organizations.",
    fields: &[
        field("label", own("label"), ScalarKind::Text, "Information requested."),
        field("platform", own("platform"), ScalarKind::Text, "Means."),
        field("askedAt", own("asked_at"), ScalarKind::DateTime, "Time sent.").required(),
        field("dueAt", own("due_at"), ScalarKind::DateTime, "Due time of answers."),
        field(
            "asked",
            Parts(&[
                Sql("(select count(*) from warehouse.information_report k where \
            k.information_request_id = "),
                Column("", "information_request_id"),
                Sql(")::int"),
            ]),
            ScalarKind::Int,
            "Number of organizations asked.",
        ),
        field(
            "answeredInTime",
            Parts(&[
                Sql("(select count(*) from warehouse.information_report k \
            where k.information_request_id = "),
                Column("", "information_request_id"),
                Sql(" and k.received_at <= "),
                Column("", "due_at"),
                Sql(")::int"),
            ]),
            ScalarKind::Int,
            "Number of organizations that answered by the due time.",
        ),
        EVENT_LOCAL_DATE,
        EVENT_KIND,
        EVENT_SOURCE,
        IN_REGION,
        IN_COUNTY,
        WITH_HAZARD,
        WITH_HAZARD_CATEGORY,
    ],
    relations: &[one("event", "Event", "event_id", "The event.")],
    group_keys: &[
        &[keys::EVENT_REGION, keys::EVENT_KIND],
        keys::EVENT_HAZARD,
        &[keys::key("PLATFORM", "platform", own("platform"), "Means."), keys::SOURCE],
        keys::EVENT_DAY,
    ],
    lineage: Some(""),
    visible: Some(visible::OF_EVENT),
    order: &["-askedAt"],
};

pub static PARTICIPATION: Entity = Entity {
    name: "Participation",
    list: "participation",
    connection: true,
    table: "warehouse.participation",
    joins: &[join("e", "warehouse.event", "event_id")],
    only: None,
    id: "participation_id",
    description: "Participation of an organization in an event.",
    fields: &[
        field(
            "role",
            own("role"),
            ScalarKind::Text,
            "player, controller, evaluator, observer, sponsor or responder.",
        ),
        field(
            "executivePresent",
            own("executive_present"),
            ScalarKind::Boolean,
            "An executive took part.",
        ),
        field(
            "participantCount",
            own("participant_count"),
            ScalarKind::Int,
            "People who took part, a count only.",
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
        one("organization", "Organization", "organization_id", "The organization.").skipping_none(),
        one("region", "Region", "region_id", "The organization's region at the time."),
    ],
    group_keys: &[
        &[keys::EVENT_REGION, keys::EVENT_KIND],
        keys::EVENT_HAZARD,
        &[
            keys::key("ROLE", "role", own("role"), "Part taken, e.g. `player`."),
            GroupKey {
                joins: &[
                    join("ko", "warehouse.organization", "organization_id"),
                    join("kd", "warehouse.discipline", "discipline_id").to("ko", "discipline_id"),
                ],
                ..keys::key(
                    "DISCIPLINE",
                    "discipline",
                    of("kd", "code"),
                    "Discipline of the organization, e.g. `local_public_health`.",
                )
            },
            keys::SOURCE,
        ],
        keys::EVENT_DAY,
    ],
    lineage: Some(""),
    visible: Some(visible::OF_EVENT),
    order: &["-localDate"],
};
