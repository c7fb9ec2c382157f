//! Filters shared by the records of an event.

use hotwash_schema::formula::Formula::{self, Column, Condition, Parts, Sql};
use hotwash_schema::formula::of;

use crate::graphql::entity::{EntityField, ScalarKind, hidden, within};

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
pub const EVENT_HAZARD: Formula = Parts(&[
    Sql(
        "exists (select 1 from warehouse.event_hazard k join warehouse.hazard h using (hazard_id) \
         where k.event_id = ",
    ),
    Column("", "event_id"),
    Sql(" and k.is_primary and "),
    Condition,
    Sql(")"),
]);
/// Local date of the record's event.
pub const EVENT_LOCAL_DATE: EntityField =
    hidden("localDate", of("e", "local_date"), ScalarKind::Date, "Local date of the event.")
        .required();
/// Kind of the record's event.
pub const EVENT_KIND: EntityField =
    hidden("eventKind", of("e", "kind"), ScalarKind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT.");
/// Source of the record's event.
pub const EVENT_SOURCE: EntityField =
    hidden("sourceName", of("e", "source"), ScalarKind::Text, "Source of the record.");
/// Region of the record's event.
pub const IN_REGION: EntityField = within(
    "region",
    Sql("g.code"),
    ScalarKind::Text,
    EVENT_REGION,
    "Code of a region that was affected or took part.",
);
/// County of the record's event.
pub const IN_COUNTY: EntityField = within(
    "county",
    Sql("c.fips"),
    ScalarKind::Text,
    EVENT_COUNTY,
    "Five-digit FIPS code of an affected county.",
);
/// Primary hazard of the record's event.
pub const WITH_HAZARD: EntityField =
    within("hazard", Sql("h.code"), ScalarKind::Text, EVENT_HAZARD, "Code of the primary hazard.");
/// Category of that hazard.
pub const WITH_HAZARD_CATEGORY: EntityField = within(
    "hazardCategory",
    Sql("h.category"),
    ScalarKind::Text,
    EVENT_HAZARD,
    "Category of the primary hazard.",
);
