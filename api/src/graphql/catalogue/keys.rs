//! Keys to group by that several types share.

use crate::graphql::entity::{GroupKey, Kind};

const fn text(
    name: &'static str,
    key: &'static str,
    sql: &'static str,
    join: &'static str,
    description: &'static str,
) -> GroupKey {
    GroupKey { name, key, sql, join, kind: Kind::Text, description }
}

/// A region of the event `{t}e`.
pub const EVENT_REGION: GroupKey = text(
    "REGION",
    "region",
    "coalesce(kg.code, 'unmapped')",
    "left join warehouse.event_region kr on kr.event_id = {t}.event_id left join warehouse.region kg on kg.region_id = kr.region_id",
    "Region code; an event in two regions counts in each.",
);
/// The region of the record's own `{t}r`.
pub const OWN_REGION: GroupKey = text("REGION", "region", "{t}r.code", "", "Code of the region.");
/// Kind of the event `{t}e`.
pub const EVENT_KIND: GroupKey = text("EVENT_KIND", "eventKind", "{t}e.kind", "", "Kind of event.");
/// Primary hazard of the event `{t}e`.
pub const EVENT_HAZARD: GroupKey = text(
    "HAZARD",
    "hazard",
    "kh.code",
    "join warehouse.hazard kh on kh.hazard_id = {t}e.hazard_id",
    "Code of the primary hazard.",
);
/// Source.
pub const SOURCE: GroupKey = text("SOURCE", "source", "{t}.source", "", "Source that brought the record.");
/// Kind of organisation of `{t}.organization_id`.
pub const DISCIPLINE: GroupKey = text(
    "DISCIPLINE",
    "discipline",
    "kd.code",
    "join warehouse.organization ko on ko.organization_id = {t}.organization_id join warehouse.discipline kd on kd.discipline_id = ko.discipline_id",
    "Kind of organisation.",
);

/// The year, quarter, month and fiscal year of a day.
macro_rules! by_day {
    ($day:literal) => {
        [
            crate::graphql::entity::GroupKey {
                name: "YEAR",
                key: "year",
                sql: concat!("extract(year from ", $day, ")::int"),
                join: "",
                kind: crate::graphql::entity::Kind::Int,
                description: "Calendar year.",
            },
            crate::graphql::entity::GroupKey {
                name: "QUARTER",
                key: "quarter",
                sql: concat!("date_trunc('quarter', (", $day, ")::timestamp)::date"),
                join: "",
                kind: crate::graphql::entity::Kind::Date,
                description: "First day of the calendar quarter.",
            },
            crate::graphql::entity::GroupKey {
                name: "MONTH",
                key: "month",
                sql: concat!("date_trunc('month', (", $day, ")::timestamp)::date"),
                join: "",
                kind: crate::graphql::entity::Kind::Date,
                description: "First day of the month.",
            },
            crate::graphql::entity::GroupKey {
                name: "FISCAL_YEAR",
                key: "fiscalYear",
                sql: concat!("extract(year from (", $day, ") + interval '6 months')::int"),
                join: "",
                kind: crate::graphql::entity::Kind::Int,
                description: "Fiscal year from 1 July, named by its ending year.",
            },
        ]
    };
}
pub(super) use by_day;
