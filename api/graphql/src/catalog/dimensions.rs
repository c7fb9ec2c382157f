//! Regions, counties, hazards and capabilities, which have no description of their own.

use hotwash_schema::formula::Formula::{Column, Parts, Sql};
use hotwash_schema::formula::{of, own};

use super::code_lists::{CAPABILITIES, COUNTIES, FRAMEWORKS, HAZARD_CATEGORIES, HAZARDS, REGIONS};
use crate::entity::{Entity, field, join};
use crate::scalar::ScalarKind;

pub static REGION: Entity = Entity {
    name: "Region",
    list: "regions",
    connection: false,
    table: "warehouse.region",
    joins: &[],
    only: Some(Parts(&[
        Column("", "region_scheme_id"),
        Sql(" = (select region_scheme_id from warehouse.region_scheme where code = \
             meta.region_scheme())"),
    ])),
    id: "region_id",
    description: "A coalition region: one of the Health and Medical Coordinating Coalitions.",
    fields: &[
        field("code", own("code"), ScalarKind::Text, "Code, e.g. `4AB`.")
            .required()
            .listed_in(REGIONS),
        field("name", own("name"), ScalarKind::Text, "Full name.").required(),
        field("shortName", own("short_name"), ScalarKind::Text, "Name for charts and maps.")
            .required(),
        field("sponsor", own("sponsor"), ScalarKind::Text, "Sponsoring organization as published."),
        field(
            "publishedMunicipalities",
            own("published_municipalities"),
            ScalarKind::Int,
            "Number of member municipalities as published.",
        ),
        field(
            "municipalityCount",
            Parts(&[
                Sql("(select count(*) from warehouse.municipality_region m where m.region_id = "),
                Column("", "region_id"),
                Sql(" and m.valid_to is null)::int"),
            ]),
            ScalarKind::Int,
            "Number of member municipalities in the reference data.",
        )
        .required(),
        field(
            "population",
            Parts(&[
                Sql("(select coalesce(sum(m.population_2020), 0) from \
            warehouse.municipality_region r join warehouse.municipality m using (municipality_id) \
            where r.region_id = "),
                Column("", "region_id"),
                Sql(" and r.valid_to is null)::bigint"),
            ]),
            ScalarKind::Long,
            "Residents at the census of 2020.",
        )
        .required(),
        field(
            "validFrom",
            own("valid_from"),
            ScalarKind::Date,
            "First day of validity; empty for always.",
        ),
        field(
            "validTo",
            own("valid_to"),
            ScalarKind::Date,
            "Last day of validity; empty while valid.",
        ),
    ],
    relations: &[],
    group_keys: &[],
    lineage: None,
    visible: None,
    order: &["code"],
    search: None,
    timeline: None,
};

pub static COUNTY: Entity = Entity {
    name: "County",
    list: "",
    connection: false,
    table: "warehouse.county",
    joins: &[],
    only: None,
    id: "county_id",
    description: "A US county or county equivalent.",
    fields: &[
        field("fips", own("fips"), ScalarKind::Text, "Five-digit FIPS code, e.g. `25025`.")
            .required()
            .listed_in(COUNTIES),
        field("name", own("name"), ScalarKind::Text, "Name without the word County.").required(),
        field("state", own("state_code"), ScalarKind::Text, "Postal code of the state.").required(),
    ],
    relations: &[],
    group_keys: &[],
    lineage: None,
    visible: None,
    order: &["fips"],
    search: None,
    timeline: None,
};

pub static HAZARD: Entity = Entity {
    name: "Hazard",
    list: "hazards",
    connection: false,
    table: "warehouse.hazard",
    joins: &[],
    only: None,
    id: "hazard_id",
    description: "A canonical hazard, to which every source's labels map.",
    fields: &[
        field("code", own("code"), ScalarKind::Text, "Code, e.g. `winter_storm`.")
            .required()
            .listed_in(HAZARDS),
        field(
            "category",
            own("category"),
            ScalarKind::Text,
            "natural, biological, technological, \
            human, hazmat, operational, terrorism or \
             unmapped.",
        )
        .required()
        .listed_in(HAZARD_CATEGORIES),
        field("name", own("name"), ScalarKind::Text, "Name for people.").required(),
        field("sortOrder", own("sort_order"), ScalarKind::Int, "Order in lists.").required(),
    ],
    relations: &[],
    group_keys: &[],
    lineage: None,
    visible: None,
    order: &["sortOrder"],
    search: None,
    timeline: None,
};

pub static CAPABILITY: Entity = Entity {
    name: "Capability",
    list: "capabilities",
    connection: false,
    table: "warehouse.capability",
    joins: &[join("f", "warehouse.capability_framework", "capability_framework_id")],
    only: Some(Parts(&[Column("", "capability_id"), Sql(" > 0")])),
    id: "capability_id",
    description: "A capability of one edition of a framework.",
    fields: &[
        field("framework", of("f", "code"), ScalarKind::Text, "Framework, e.g. `PHEP`.")
            .required()
            .listed_in(FRAMEWORKS),
        field(
            "edition",
            of("f", "edition"),
            ScalarKind::Text,
            "Edition of the framework, e.g. `2018`.",
        )
        .required(),
        field("code", own("code"), ScalarKind::Text, "Number or code within the framework.")
            .required(),
        field(
            "key",
            Parts(&[Column("f", "code"), Sql(" || ':' || "), Column("", "code")]),
            ScalarKind::Text,
            "Framework and code as metrics and group keys write them, e.g. `PHEP:10`.",
        )
        .required()
        .listed_in(CAPABILITIES),
        field("name", own("name"), ScalarKind::Text, "Name.").required(),
        field("domain", own("domain"), ScalarKind::Text, "Group or domain within the framework."),
        field("sortOrder", own("sort_order"), ScalarKind::Int, "Order in lists.").required(),
    ],
    relations: &[],
    group_keys: &[],
    lineage: None,
    visible: None,
    order: &["sortOrder"],
    search: None,
    timeline: None,
};
