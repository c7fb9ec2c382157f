//! Ratings, findings and corrective actions.

use hotwash_schema::access::visible;
use hotwash_schema::formula::Formula::{Column, Condition, Parts, Sql};
use hotwash_schema::formula::{of, own};

use super::filters::{
    EVENT_KIND, EVENT_LOCAL_DATE, EVENT_SOURCE, IN_COUNTY, IN_REGION, WITH_HAZARD,
    WITH_HAZARD_CATEGORY,
};
use super::keys;
use crate::graphql::entity::{
    Entity, GroupKey, ScalarKind, field, hidden, join, list, one, within,
};

pub static CAPABILITY_RATING: Entity = Entity {
    name: "CapabilityRating",
    list: "capabilityRatings",
    connection: true,
    table: "warehouse.capability_rating",
    joins: &[
        join("e", "warehouse.event", "event_id"),
        join("s", "warehouse.rating_scale", "rating_scale_id"),
    ],
    only: None,
    id: "capability_rating_id",
    description: "A rating of a capability in an event. Scales are never converted into each \
        other.",
    fields: &[
        field("scale", of("s", "code"), ScalarKind::Text, "Scale: PSMU or FPN."),
        field("rating", own("rating"), ScalarKind::Text, "Value on the scale, e.g. P, S, M, U."),
        field(
            "level",
            own("level"),
            ScalarKind::Text,
            "CAPABILITY, TARGET or TASK; only CAPABILITY enters headline metrics.",
        ),
        field("subject", own("subject"), ScalarKind::Text, "Objective, target or task rated."),
        field("note", own("note"), ScalarKind::Text, "Explanation."),
        EVENT_LOCAL_DATE,
        EVENT_KIND,
        EVENT_SOURCE,
        IN_REGION,
        IN_COUNTY,
        WITH_HAZARD,
        WITH_HAZARD_CATEGORY,
        within(
            "capability",
            Sql("c.code"),
            ScalarKind::Text,
            Parts(&[
                Sql("exists (select 1 from warehouse.capability c where c.capability_id = "),
                Column("", "capability_id"),
                Sql(" and "),
                Condition,
                Sql(")"),
            ]),
            "Code of the capability within its framework.",
        ),
        within(
            "framework",
            Sql("f.code"),
            ScalarKind::Text,
            Parts(&[
                Sql("exists (select 1 from \
            warehouse.capability c join warehouse.capability_framework f using \
            (capability_framework_id) where c.capability_id = "),
                Column("", "capability_id"),
                Sql(" and "),
                Condition,
                Sql(")"),
            ]),
            "Framework of the capability.",
        ),
    ],
    relations: &[
        one("event", "Event", "event_id", "The event."),
        one("capability", "Capability", "capability_id", "The capability."),
        one(
            "organization",
            "Organization",
            "organization_id",
            "Organization rated; empty for the whole event.",
        )
        .skipping_none(),
    ],
    group_keys: &[
        &[keys::EVENT_REGION],
        keys::OF_CAPABILITY,
        &[
            keys::key("RATING", "rating", own("rating"), "Value on the scale."),
            keys::key("SCALE", "scale", of("s", "code"), "Scale."),
            keys::EVENT_KIND,
        ],
        keys::EVENT_HAZARD,
        &[keys::SOURCE],
        keys::EVENT_DAY,
    ],
    lineage: Some(""),
    visible: Some(visible::OF_EVENT),
    order: &["-localDate"],
};

pub static FINDING: Entity = Entity {
    name: "Finding",
    list: "findings",
    connection: true,
    table: "warehouse.finding",
    joins: &[join("e", "warehouse.event", "event_id")],
    only: None,
    id: "finding_id",
    description: "A strength or an area for improvement.",
    fields: &[
        field("kind", own("kind"), ScalarKind::Text, "STRENGTH or AREA_FOR_IMPROVEMENT."),
        field("number", own("number"), ScalarKind::Int, "Number within the event."),
        field("text", own("text"), ScalarKind::Text, "The observation."),
        field(
            "reference",
            own("reference"),
            ScalarKind::Text,
            "Plan, policy or procedure referred to.",
        ),
        field("analysis", own("analysis"), ScalarKind::Text, "Analysis or root cause."),
        field("recommendation", own("recommendation"), ScalarKind::Text, "Recommendation."),
        field(
            "elements",
            Parts(&[
                Sql("(select string_agg(x.code, ',' order by x.sort_order) from \
            warehouse.finding_element k join warehouse.element x using (element_id) where \
            k.finding_id = "),
                Column("", "finding_id"),
                Sql(")"),
            ]),
            ScalarKind::Text,
            "Capability elements (POETE), separated by commas.",
        ),
        EVENT_LOCAL_DATE,
        EVENT_KIND,
        EVENT_SOURCE,
        IN_REGION,
        IN_COUNTY,
        WITH_HAZARD,
        WITH_HAZARD_CATEGORY,
        within(
            "capability",
            Sql("c.code"),
            ScalarKind::Text,
            Parts(&[
                Sql("exists (select 1 from warehouse.capability c where c.capability_id = "),
                Column("", "capability_id"),
                Sql(" and "),
                Condition,
                Sql(")"),
            ]),
            "Code of the capability within its framework.",
        ),
        within(
            "framework",
            Sql("f.code"),
            ScalarKind::Text,
            Parts(&[
                Sql("exists (select 1 from \
            warehouse.capability c join warehouse.capability_framework f using \
            (capability_framework_id) where c.capability_id = "),
                Column("", "capability_id"),
                Sql(" and "),
                Condition,
                Sql(")"),
            ]),
            "Framework of the capability.",
        ),
    ],
    relations: &[
        one("event", "Event", "event_id", "The event."),
        one("capability", "Capability", "capability_id", "The capability."),
        one("organization", "Organization", "organization_id", "Organization concerned.")
            .skipping_none(),
        list(
            "correctiveActions",
            "CorrectiveAction",
            "finding_id",
            "Corrective actions that address the finding.",
        ),
    ],
    group_keys: &[
        &[keys::EVENT_REGION],
        keys::OF_CAPABILITY,
        &[
            keys::key("KIND", "kind", own("kind"), "Strength or area for improvement."),
            GroupKey {
                joins: &[
                    join("kk", "warehouse.finding_element", "finding_id").optional(),
                    join("kx", "warehouse.element", "element_id").to("kk", "element_id").optional(),
                ],
                ..keys::key(
                    "ELEMENT",
                    "element",
                    Parts(&[Sql("coalesce("), Column("kx", "code"), Sql(", 'unmapped')")]),
                    "Capability element.",
                )
            },
        ],
        keys::EVENT_HAZARD,
        &[keys::SOURCE],
        keys::EVENT_DAY,
    ],
    lineage: Some(""),
    visible: Some(visible::OF_EVENT),
    order: &["-localDate"],
};

/// Creates a column about the event that the newest report names, if that event is not loaded.
macro_rules! named_event {
    ($part:literal) => {
        Parts(&[
            Sql("case when "),
            Column("", "event_id"),
            Sql(concat!(
                " is null then (select ",
                $part,
                " from (select s.report ->> 'event_ref' as ref from \
                 warehouse.corrective_action_source s where s.corrective_action_id = "
            )),
            Column("", "corrective_action_id"),
            Sql(" and s.report ->> 'event_ref' is not null order by s.reported_on desc nulls \
                 last, s.batch_id desc limit 1) as named) end"),
        ])
    };
}

pub static CORRECTIVE_ACTION: Entity = Entity {
    name: "CorrectiveAction",
    list: "correctiveActions",
    connection: true,
    table: "warehouse.corrective_action",
    joins: &[
        join("r", "warehouse.region", "region_id"),
        join("e", "warehouse.event", "event_id").optional(),
    ],
    only: None,
    id: "corrective_action_id",
    description: "A corrective action of an improvement plan in its current state; overdue is \
        derived, never stored.",
    fields: &[
        field("text", own("text"), ScalarKind::Text, "Description of the action."),
        field(
            "issue",
            own("issue"),
            ScalarKind::Text,
            "Area for improvement that it addresses, as worded in the report.",
        ),
        field(
            "status",
            own("status"),
            ScalarKind::Text,
            "PROPOSED, OPEN, IN_PROGRESS, COMPLETED, VALIDATED, DEFERRED or CANCELLED.",
        ),
        field("priority", own("priority"), ScalarKind::Text, "HIGH, MEDIUM or LOW."),
        field("externalId", own("external_id"), ScalarKind::Text, "Id in a tracker."),
        field("openedOn", own("opened_on"), ScalarKind::Date, "Day it was opened.").required(),
        field("startOn", own("start_on"), ScalarKind::Date, "Day work was to start."),
        field("dueOriginalOn", own("due_original_on"), ScalarKind::Date, "First due date."),
        field("dueCurrentOn", own("due_current_on"), ScalarKind::Date, "Present due date."),
        field(
            "duePrecision",
            own("due_precision"),
            ScalarKind::Text,
            "day, month, quarter or year.",
        ),
        field("completedOn", own("completed_on"), ScalarKind::Date, "Day it was completed."),
        field("cancelledOn", own("cancelled_on"), ScalarKind::Date, "Day it was canceled."),
        field(
            "validatedOn",
            own("validated_on"),
            ScalarKind::Date,
            "Day its effect was validated.",
        ),
        field(
            "namedEvent",
            named_event!(
                "nullif(split_part(ref, chr(31), case when ref like 'id%' then 2 else 4 end), '')"
            ),
            ScalarKind::Text,
            "Name or id of an event that the documents name but that is not loaded.",
        ),
        field(
            "namedEventDate",
            named_event!(
                "case when ref like 'name%' then nullif(split_part(ref, chr(31), 3), '')::date end"
            ),
            ScalarKind::Date,
            "Date of that event as stated in the documents.",
        ),
        field(
            "sensitivity",
            own("sensitivity"),
            ScalarKind::Text,
            "PUBLIC, or RESTRICTED to its \
            region, even where its event is shared, statewide or \
             public.",
        ),
        hidden("regionCode", of("r", "code"), ScalarKind::Text, "Code of the responsible region."),
        within(
            "capability",
            Sql("c.code"),
            ScalarKind::Text,
            Parts(&[
                Sql("exists (select 1 from warehouse.capability c where c.capability_id = "),
                Column("", "capability_id"),
                Sql(" and "),
                Condition,
                Sql(")"),
            ]),
            "Code of the capability within its framework.",
        ),
        within(
            "framework",
            Sql("f.code"),
            ScalarKind::Text,
            Parts(&[
                Sql("exists (select 1 from \
            warehouse.capability c join warehouse.capability_framework f using \
            (capability_framework_id) where c.capability_id = "),
                Column("", "capability_id"),
                Sql(" and "),
                Condition,
                Sql(")"),
            ]),
            "Framework of the capability.",
        ),
    ],
    relations: &[
        one("event", "Event", "event_id", "The event."),
        one("finding", "Finding", "finding_id", "Finding that it addresses."),
        one("capability", "Capability", "capability_id", "The capability."),
        one("region", "Region", "region_id", "Responsible region."),
        one("ownerOrganization", "Organization", "organization_id", "Organization responsible.")
            .to("", "owner_organization_id")
            .skipping_none(),
        list("statusHistory", "ActionStatusChange", "corrective_action_id", "Its dated changes."),
    ],
    group_keys: &[
        &[keys::key("REGION", "region", of("r", "code"), "Responsible region.")],
        keys::OF_CAPABILITY,
        &[
            keys::key("STATUS", "status", own("status"), "Present status."),
            keys::key("PRIORITY", "priority", own("priority"), "Priority."),
            GroupKey {
                joins: &[
                    join("kk", "warehouse.corrective_action_element", "corrective_action_id")
                        .optional(),
                    join("kx", "warehouse.element", "element_id").to("kk", "element_id").optional(),
                ],
                ..keys::key(
                    "ELEMENT",
                    "element",
                    Parts(&[Sql("coalesce("), Column("kx", "code"), Sql(", 'unmapped')")]),
                    "Capability element.",
                )
            },
            keys::SOURCE,
            keys::year!(Column("", "opened_on")),
            keys::quarter!(Column("", "opened_on")),
            keys::month!(Column("", "opened_on")),
            keys::fiscal_year!(Column("", "opened_on")),
        ],
    ],
    lineage: Some(""),
    visible: Some(visible::ACTION),
    order: &["dueCurrentOn"],
};

pub static STATUS_CHANGE: Entity = Entity {
    name: "ActionStatusChange",
    list: "",
    connection: false,
    table: "warehouse.action_status_history",
    joins: &[join("a", "warehouse.corrective_action", "corrective_action_id")],
    only: None,
    id: "action_status_history_id",
    description: "A dated change of an action; its state on a day is the last change up to it.",
    fields: &[
        field("changedOn", own("changed_on"), ScalarKind::Date, "Day of the change.").required(),
        field(
            "change",
            own("change"),
            ScalarKind::Text,
            "OPENED, STATUS, DUE_DATE, COMPLETED, REOPENED, CANCELLED or VALIDATED.",
        ),
        field("status", own("status"), ScalarKind::Text, "Status after the change."),
        field("dueOn", own("due_on"), ScalarKind::Date, "Due date after the change."),
    ],
    relations: &[],
    group_keys: &[],
    lineage: Some(""),
    visible: Some(visible::OF_ACTION),
    order: &["changedOn"],
};
