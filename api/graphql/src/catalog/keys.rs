//! Group keys shared by several types.

use hotwash_schema::formula::Formula::{self, Column, Parts, Sql};
use hotwash_schema::formula::{of, own};
use hotwash_schema::vocabulary::{EventKind, Vocabulary};

use super::code_lists::{
    CAPABILITIES, COUNTIES, FRAMEWORKS, HAZARD_CATEGORIES, HAZARDS, REGIONS, SOURCES,
};
use super::words::{camel, leaked, upper};
use crate::entity::{GroupKey, TableJoin, join};
use crate::scalar::ScalarKind::{self, Date, Int};

/// Creates a key from one of the type's own columns, as text.
pub const fn key(
    name: &'static str,
    key: &'static str,
    formula: Formula,
    description: &'static str,
) -> GroupKey {
    GroupKey {
        name,
        key,
        formula,
        joins: &[],
        kind: ScalarKind::Text,
        description,
        visible: None,
        names: None,
        codes: None,
    }
}

/// Creates a key from a column with codes of a closed list.
pub const fn code(
    name: &'static str,
    key: &'static str,
    formula: Formula,
    list: &'static Vocabulary,
    description: &'static str,
) -> GroupKey {
    GroupKey { kind: ScalarKind::Code(list), ..self::key(name, key, formula, description) }
}

/// A region of the event.
pub const EVENT_REGION: GroupKey = GroupKey {
    joins: &[
        join("kr", "warehouse.event_region", "event_id").optional(),
        join("kg", "warehouse.region", "region_id").to("kr", "region_id").optional(),
    ],
    ..key(
        "REGION_CODE",
        "regionCode",
        Parts(&[Sql("coalesce("), Column("kg", "code"), Sql(", 'unmapped')")]),
        "Region code, e.g. `4AB`; an event in two regions counts in each.",
    )
    .listed_in(REGIONS)
};
/// A county of the event.
pub const EVENT_COUNTY: GroupKey = GroupKey {
    joins: &[
        join("ky", "warehouse.event_county", "event_id").optional(),
        join("kc", "warehouse.county", "county_id").to("ky", "county_id").optional(),
    ],
    ..key(
        "COUNTY_FIPS",
        "countyFips",
        Parts(&[Sql("coalesce("), Column("kc", "fips"), Sql(", 'unmapped')")]),
        "Five-digit FIPS code of the county, e.g. `25025`; an event in two counties counts in each.",
    )
    .listed_in(COUNTIES)
};
/// County of a record, which is joined as `c`.
pub const OWN_COUNTY: GroupKey =
    key("COUNTY_FIPS", "countyFips", of("c", "fips"), "Five-digit FIPS code, e.g. `25025`.")
        .listed_in(COUNTIES);
/// Joins of the capability of a record and of its framework.
pub const CAPABILITY_JOINS: [TableJoin; 2] = [
    join("kp", "warehouse.capability", "capability_id"),
    join("kf", "warehouse.capability_framework", "capability_framework_id")
        .to("kp", "capability_framework_id"),
];
/// Framework and code of the capability of a record.
pub const CAPABILITY_FORMULA: Formula =
    Parts(&[Column("kf", "code"), Sql(" || ':' || "), Column("kp", "code")]);
/// The capability of a record and its framework.
pub const OF_CAPABILITY: [GroupKey; 2] = [
    key(
        "CAPABILITY_KEY",
        "capabilityKey",
        CAPABILITY_FORMULA,
        "Capability as framework:code, e.g. `PHEP:6`.",
    )
    .listed_in(CAPABILITIES),
    key("FRAMEWORK", "framework", of("kf", "code"), "Framework, e.g. `PHEP`.")
        .listed_in(FRAMEWORKS),
];
/// Kind of the event.
pub const EVENT_KIND: GroupKey =
    code("EVENT_KIND", "eventKind", of("e", "kind"), EventKind::VOCABULARY, "Kind of event.");
/// Source of the record.
pub const SOURCE: GroupKey = key(
    "SOURCE_NAME",
    "sourceName",
    own("source"),
    "Source of the record, e.g. `noaa_storm_events`.",
)
.listed_in(SOURCES);

/// The hazard of a record and its category, joined as `h`.
pub const OWN_HAZARD: [GroupKey; 2] = [
    key("HAZARD_CODE", "hazardCode", of("h", "code"), "Code of the hazard, e.g. `winter_storm`.")
        .listed_in(HAZARDS),
    key(
        "HAZARD_CATEGORY",
        "hazardCategory",
        of("h", "category"),
        "Category of the hazard, e.g. `natural`.",
    )
    .listed_in(HAZARD_CATEGORIES),
];

/// Returns the keys for a day: its year, quarter, month and fiscal year. `about` names the day and
/// its time zone. With a name, the keys are those of that column; without, those of the record.
pub fn of_day(day: Formula, name: Option<&str>, about: &str) -> [GroupKey; 4] {
    let of = |before, after| Parts(vec![Sql(before), day, Sql(after)].leak());
    let period = |period: &str, kind, formula, meaning: &str| {
        let name = name.map_or_else(|| period.to_owned(), |name| [name, "_", period].concat());
        let about = leaked([meaning, " of ", about, "."].concat());
        GroupKey { kind, ..key(upper(&name), camel(&name), formula, about) }
    };
    [
        period("year", Int, of("extract(year from (", "))::int"), "Calendar year, e.g. 2025,"),
        period(
            "quarter",
            Date,
            of("date_trunc('quarter', (", ")::timestamp)::date"),
            "First day of the calendar quarter, e.g. `2025-07-01`,",
        ),
        period(
            "month",
            Date,
            of("date_trunc('month', (", ")::timestamp)::date"),
            "First day of the month, e.g. `2025-08-01`,",
        ),
        period(
            "fiscal_year",
            Int,
            of("extract(year from (", ") + (select meta.fiscal_shift()))::int"),
            "Fiscal year of the jurisdiction, named by its ending year, e.g. 2026,",
        ),
    ]
}

/// Creates the key of a reference to a record, e.g. `eventId` of `event`: its global id.
pub fn reference(
    name: &'static str,
    target: &'static str,
    formula: Formula,
    about: &'static str,
) -> GroupKey {
    let name = leaked([name, "_id"].concat());
    let about = leaked([about.trim_end_matches('.'), ", by its id."].concat());
    let kind = ScalarKind::Id(target);
    GroupKey { kind, ..key(upper(name), camel(name), formula, about) }
}

/// Creates the name of the record of another key, e.g. `eventName` of `eventId`.
pub fn name_of(of: &GroupKey, name: Formula) -> GroupKey {
    let about = leaked(["Name of `", of.key, "`, in groups by it."].concat());
    let snake = leaked([of.name.to_ascii_lowercase().trim_end_matches("_id"), "_name"].concat());
    let kind = ScalarKind::Text;
    GroupKey {
        name: upper(snake),
        key: camel(snake),
        formula: name,
        kind,
        description: about,
        names: Some(of.name),
        codes: None,
        ..*of
    }
}
