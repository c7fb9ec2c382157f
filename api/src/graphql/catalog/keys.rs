//! Group keys shared by several types.

use hotwash_schema::formula::Formula::{self, Column, Parts, Sql};
use hotwash_schema::formula::{of, own};

use super::keys;
use crate::graphql::entity::{GroupKey, ScalarKind, TableJoin, join};

/// Creates a key from one of the type's own columns, as text.
pub const fn key(
    name: &'static str,
    key: &'static str,
    formula: Formula,
    description: &'static str,
) -> GroupKey {
    GroupKey { name, key, formula, joins: &[], kind: ScalarKind::Text, description }
}

/// A region of the event.
pub const EVENT_REGION: GroupKey = GroupKey {
    joins: &[
        join("kr", "warehouse.event_region", "event_id").optional(),
        join("kg", "warehouse.region", "region_id").to("kr", "region_id").optional(),
    ],
    ..key(
        "REGION",
        "region",
        Parts(&[Sql("coalesce("), Column("kg", "code"), Sql(", 'unmapped')")]),
        "Region code, e.g. `4AB`; an event in two regions counts in each.",
    )
};
/// A county of the event.
pub const EVENT_COUNTY: GroupKey = GroupKey {
    joins: &[
        join("ky", "warehouse.event_county", "event_id").optional(),
        join("kc", "warehouse.county", "county_id").to("ky", "county_id").optional(),
    ],
    ..key(
        "COUNTY",
        "county",
        Parts(&[Sql("coalesce("), Column("kc", "fips"), Sql(", 'unmapped')")]),
        "County FIPS code, e.g. `25025`; an event in two counties counts in each.",
    )
};
const HAZARD_OF_EVENT: &[TableJoin] =
    &[join("kh", "warehouse.hazard", "hazard_id").to("e", "hazard_id")];
/// The event's primary hazard.
pub const HAZARD: GroupKey = GroupKey {
    joins: HAZARD_OF_EVENT,
    ..key("HAZARD", "hazard", of("kh", "code"), "Code of the primary hazard, e.g. `winter_storm`.")
};
/// Category of the event's primary hazard.
pub const HAZARD_CATEGORY: GroupKey = GroupKey {
    joins: HAZARD_OF_EVENT,
    ..key(
        "HAZARD_CATEGORY",
        "hazardCategory",
        of("kh", "category"),
        "Category of the primary hazard, e.g. `natural`.",
    )
};
const CAPABILITY_JOIN: &[TableJoin] = &[
    join("kp", "warehouse.capability", "capability_id"),
    join("kf", "warehouse.capability_framework", "capability_framework_id")
        .to("kp", "capability_framework_id"),
];
/// The record's capability.
pub const CAPABILITY: GroupKey = GroupKey {
    joins: CAPABILITY_JOIN,
    ..key(
        "CAPABILITY",
        "capability",
        Parts(&[Column("kf", "code"), Sql(" || ':' || "), Column("kp", "code")]),
        "Capability as framework:code, e.g. `PHEP:6`.",
    )
};
/// Framework of the record's capability.
pub const FRAMEWORK: GroupKey = GroupKey {
    joins: CAPABILITY_JOIN,
    ..key("FRAMEWORK", "framework", of("kf", "code"), "Framework, e.g. `PHEP`.")
};
/// Kind of the event.
pub const EVENT_KIND: GroupKey = key(
    "EVENT_KIND",
    "eventKind",
    of("e", "kind"),
    "Kind of event: `INCIDENT`, `EXERCISE` or `PLANNED_EVENT`.",
);
/// Source of the event.
pub const EVENT_SOURCE: GroupKey =
    key("SOURCE", "source", of("e", "source"), "Source of the record, e.g. `noaa_storm_events`.");
/// Source of the record.
pub const SOURCE: GroupKey =
    key("SOURCE", "source", own("source"), "Source of the record, e.g. `noaa_storm_events`.");

/// Concatenates SQL, a formula and SQL.
macro_rules! around {
    ($before:literal, [$($part:expr),+], $after:literal) => {
        hotwash_schema::formula::Formula::Parts(&[
            hotwash_schema::formula::Formula::Sql($before),
            $($part),+,
            hotwash_schema::formula::Formula::Sql($after),
        ])
    };
}

/// Creates the key for the calendar year of a date.
macro_rules! year {
    ($($day:expr),+) => {
        crate::graphql::entity::GroupKey {
            kind: crate::graphql::entity::ScalarKind::Int,
            ..keys::key(
                "YEAR",
                "year",
                keys::around!("extract(year from (", [$($day),+], "))::int"),
                "Calendar year, e.g. 2025.",
            )
        }
    };
}

/// Creates the key for the quarter of a date.
macro_rules! quarter {
    ($($day:expr),+) => {
        crate::graphql::entity::GroupKey {
            kind: crate::graphql::entity::ScalarKind::Date,
            ..keys::key(
                "QUARTER",
                "quarter",
                keys::around!("date_trunc('quarter', (", [$($day),+], ")::timestamp)::date"),
                "First day of the calendar quarter, e.g. `2025-07-01`.",
            )
        }
    };
}

/// Creates the key for the month of a date.
macro_rules! month {
    ($($day:expr),+) => {
        crate::graphql::entity::GroupKey {
            kind: crate::graphql::entity::ScalarKind::Date,
            ..keys::key(
                "MONTH",
                "month",
                keys::around!("date_trunc('month', (", [$($day),+], ")::timestamp)::date"),
                "First day of the month, e.g. `2025-08-01`.",
            )
        }
    };
}

/// Creates the key for the fiscal year of a date.
macro_rules! fiscal_year {
    ($($day:expr),+) => {
        crate::graphql::entity::GroupKey {
            kind: crate::graphql::entity::ScalarKind::Int,
            ..keys::key(
                "FISCAL_YEAR",
                "fiscalYear",
                keys::around!(
                    "extract(year from (",
                    [$($day),+],
                    ") + (select meta.fiscal_shift()))::int"
                ),
                "Fiscal year of the jurisdiction, named by its ending year, e.g. 2026.",
            )
        }
    };
}

pub(super) use {around, fiscal_year, month, quarter, year};

/// Primary hazard and category, for types that join the event as `e`.
pub const EVENT_HAZARD: &[GroupKey] = &[HAZARD, HAZARD_CATEGORY];
/// The capability and its framework.
pub const OF_CAPABILITY: &[GroupKey] = &[CAPABILITY, FRAMEWORK];
/// Date of the event by year, quarter, month and fiscal year.
pub const EVENT_DAY: &[GroupKey] = &[
    year!(Column("e", "local_date")),
    quarter!(Column("e", "local_date")),
    month!(Column("e", "local_date")),
    fiscal_year!(Column("e", "local_date")),
];
