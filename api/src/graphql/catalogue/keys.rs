//! Keys to group by that several types share.

use super::keys;
use crate::graphql::entity::{GroupKey, ScalarKind};

/// A key that is one of the type's own columns, as text.
pub const fn key(
    name: &'static str,
    key: &'static str,
    sql: &'static str,
    description: &'static str,
) -> GroupKey {
    GroupKey { name, key, sql, join: "", kind: ScalarKind::Text, description }
}

/// A region of the event.
pub const EVENT_REGION: GroupKey = GroupKey {
    join: "left join warehouse.event_region kr on kr.event_id = {t}.event_id left join \
        warehouse.region kg on kg.region_id = kr.region_id",
    ..key(
        "REGION",
        "region",
        "coalesce(kg.code, 'unmapped')",
        "Region code, e.g. `4AB`; an event in two regions counts in each.",
    )
};
/// A county of the event.
pub const EVENT_COUNTY: GroupKey = GroupKey {
    join: "left join warehouse.event_county ky on ky.event_id = {t}.event_id left join \
        warehouse.county kc on kc.county_id = ky.county_id",
    ..key(
        "COUNTY",
        "county",
        "coalesce(kc.fips, 'unmapped')",
        "County FIPS code, e.g. `25025`; an event in two counties counts in each.",
    )
};
const HAZARD_OF_EVENT: &str = "join warehouse.hazard kh on kh.hazard_id = {t}e.hazard_id";
/// The event's primary hazard.
pub const HAZARD: GroupKey = GroupKey {
    join: HAZARD_OF_EVENT,
    ..key("HAZARD", "hazard", "kh.code", "Code of the primary hazard, e.g. `winter_storm`.")
};
/// Its category.
pub const HAZARD_CATEGORY: GroupKey = GroupKey {
    join: HAZARD_OF_EVENT,
    ..key(
        "HAZARD_CATEGORY",
        "hazardCategory",
        "kh.category",
        "Category of the primary hazard, e.g. `natural`.",
    )
};
const CAPABILITY_JOIN: &str = "join warehouse.capability kp on kp.capability_id = \
    {t}.capability_id join warehouse.capability_framework kf on kf.capability_framework_id = \
    kp.capability_framework_id";
/// The record's capability.
pub const CAPABILITY: GroupKey = GroupKey {
    join: CAPABILITY_JOIN,
    ..key(
        "CAPABILITY",
        "capability",
        "kf.code || ':' || kp.code",
        "Capability as framework:code, e.g. `PHEP:6`.",
    )
};
/// The framework of its capability.
pub const FRAMEWORK: GroupKey = GroupKey {
    join: CAPABILITY_JOIN,
    ..key("FRAMEWORK", "framework", "kf.code", "Framework, e.g. `PHEP`.")
};
/// Kind of the event.
pub const EVENT_KIND: GroupKey = key(
    "EVENT_KIND",
    "eventKind",
    "{t}e.kind",
    "Kind of event: `INCIDENT`, `EXERCISE` or `PLANNED_EVENT`.",
);
/// Source of the event.
pub const EVENT_SOURCE: GroupKey =
    key("SOURCE", "source", "{t}e.source", "Source of the record, e.g. `noaa_storm_events`.");
/// Source of the record.
pub const SOURCE: GroupKey =
    key("SOURCE", "source", "{t}.source", "Source of the record, e.g. `noaa_storm_events`.");

/// The calendar year of a day.
macro_rules! year {
    ($day:literal) => {
        crate::graphql::entity::GroupKey {
            kind: crate::graphql::entity::ScalarKind::Int,
            ..keys::key(
                "YEAR",
                "year",
                concat!("extract(year from (", $day, "))::int"),
                "Calendar year, e.g. 2025.",
            )
        }
    };
}

/// The quarter of a day.
macro_rules! quarter {
    ($day:literal) => {
        crate::graphql::entity::GroupKey {
            kind: crate::graphql::entity::ScalarKind::Date,
            ..keys::key(
                "QUARTER",
                "quarter",
                concat!("date_trunc('quarter', (", $day, ")::timestamp)::date"),
                "First day of the calendar quarter, e.g. `2025-07-01`.",
            )
        }
    };
}

/// The month of a day.
macro_rules! month {
    ($day:literal) => {
        crate::graphql::entity::GroupKey {
            kind: crate::graphql::entity::ScalarKind::Date,
            ..keys::key(
                "MONTH",
                "month",
                concat!("date_trunc('month', (", $day, ")::timestamp)::date"),
                "First day of the month, e.g. `2025-08-01`.",
            )
        }
    };
}

/// The fiscal year of a day.
macro_rules! fiscal_year {
    ($day:literal) => {
        crate::graphql::entity::GroupKey {
            kind: crate::graphql::entity::ScalarKind::Int,
            ..keys::key(
                "FISCAL_YEAR",
                "fiscalYear",
                concat!("extract(year from (", $day, ") + (select meta.fiscal_shift()))::int"),
                "Fiscal year of the jurisdiction, named by its ending year, e.g. 2026.",
            )
        }
    };
}

pub(super) use {fiscal_year, month, quarter, year};

/// The primary hazard and its category, where the event stands beside as `{t}e`.
pub const EVENT_HAZARD: &[GroupKey] = &[HAZARD, HAZARD_CATEGORY];
/// The capability and its framework.
pub const OF_CAPABILITY: &[GroupKey] = &[CAPABILITY, FRAMEWORK];
/// The event's day at every grain.
pub const EVENT_DAY: &[GroupKey] = &[
    year!("{t}e.local_date"),
    quarter!("{t}e.local_date"),
    month!("{t}e.local_date"),
    fiscal_year!("{t}e.local_date"),
];
