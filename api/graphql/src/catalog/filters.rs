//! Filters shared by the records of an event.

use hotwash_schema::formula::Formula::{self, Column, Condition, Parts, Sql};
use hotwash_schema::formula::of;
use hotwash_schema::vocabulary::EventKind;

use super::code_lists::{
    CAPABILITIES, COUNTIES, FRAMEWORKS, HAZARD_CATEGORIES, HAZARDS, REGIONS, SOURCES,
};
use super::keys;
use crate::entity::{EntityField, hidden, within};
use crate::scalar::ScalarKind;

/// Filters of the records that depend on an event, which is joined as `e`.
pub const OF_EVENT: [EntityField; 6] = [
    hidden("localDate", of("e", "local_date"), ScalarKind::Date, "Local date of the event.")
        .required(),
    hidden(
        "eventKind",
        of("e", "kind"),
        ScalarKind::Code(EventKind::VOCABULARY),
        "Kind of the event.",
    )
    .required(),
    IN_REGION,
    IN_COUNTY,
    IN_HAZARD,
    IN_HAZARD_CATEGORY,
];
/// Filters of the records with a hazard of their own, which is joined as `h`.
pub const OWN_HAZARD: [EntityField; 2] = [
    hidden("hazardCode", of("h", "code"), ScalarKind::Text, "Code of the hazard.")
        .required()
        .listed_in(HAZARDS),
    hidden("hazardCategory", of("h", "category"), ScalarKind::Text, "Category of the hazard.")
        .required()
        .listed_in(HAZARD_CATEGORIES),
];
/// Filters of the records with a capability, which is joined as `kp` and its framework as `kf`.
pub const OF_CAPABILITY: [EntityField; 2] = [
    hidden(
        "capabilityKey",
        keys::CAPABILITY_FORMULA,
        ScalarKind::Text,
        "Framework and code of the capability, e.g. `PHEP:6`.",
    )
    .required()
    .listed_in(CAPABILITIES),
    hidden("framework", of("kf", "code"), ScalarKind::Text, "Framework of the capability.")
        .required()
        .listed_in(FRAMEWORKS),
];
/// Filter of the records with a county of their own, which is joined as `c`.
pub const OWN_COUNTY: EntityField =
    hidden("countyFips", of("c", "fips"), ScalarKind::Text, "Five-digit FIPS code of the county.")
        .required()
        .listed_in(COUNTIES);

/// Creates the filter by the source of a record.
pub fn source_name(formula: Formula) -> EntityField {
    hidden("sourceName", formula, ScalarKind::Text, keys::SOURCE.description)
        .required()
        .listed_in(SOURCES)
}

/// Condition on the event's regions.
const EVENT_REGION: Formula = Parts(&[
    Sql(
        "exists (select 1 from warehouse.event_region r join warehouse.region g using (region_id) \
         where r.event_id = ",
    ),
    Column("", "event_id"),
    Sql(" and "),
    Condition,
    Sql(")"),
]);
/// Condition on the event's counties.
const EVENT_COUNTY: Formula = Parts(&[
    Sql(
        "exists (select 1 from warehouse.event_county k join warehouse.county c using (county_id) \
         where k.event_id = ",
    ),
    Column("", "event_id"),
    Sql(" and "),
    Condition,
    Sql(")"),
]);
/// Condition on the event's primary hazard.
const EVENT_HAZARD: Formula = Parts(&[
    Sql(
        "exists (select 1 from warehouse.event_hazard k join warehouse.hazard h using (hazard_id) \
         where k.event_id = ",
    ),
    Column("", "event_id"),
    Sql(" and k.is_primary and "),
    Condition,
    Sql(")"),
]);
/// Region of the record's event.
pub const IN_REGION: EntityField = within(
    "regionCode",
    Sql("g.code"),
    ScalarKind::Text,
    EVENT_REGION,
    "Code of a region that was affected or took part.",
)
.listed_in(REGIONS);
/// Primary hazard of the record's event.
pub const IN_HAZARD: EntityField = within(
    "hazardCode",
    Sql("h.code"),
    ScalarKind::Text,
    EVENT_HAZARD,
    "Code of the primary hazard.",
)
.listed_in(HAZARDS);
/// Category of the primary hazard of the record's event.
pub const IN_HAZARD_CATEGORY: EntityField = within(
    "hazardCategory",
    Sql("h.category"),
    ScalarKind::Text,
    EVENT_HAZARD,
    "Category of the primary hazard.",
)
.listed_in(HAZARD_CATEGORIES);
/// County of the record's event.
pub const IN_COUNTY: EntityField = within(
    "countyFips",
    Sql("c.fips"),
    ScalarKind::Text,
    EVENT_COUNTY,
    "Five-digit FIPS code of an affected county.",
)
.listed_in(COUNTIES);
