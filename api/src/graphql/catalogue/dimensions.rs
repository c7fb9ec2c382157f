//! Regions, counties, hazards, capabilities, organizations.

use super::keys;
use crate::graphql::entity::{Entity, GroupKey, Many, Relation, ScalarKind, field};

pub static REGION: Entity = Entity {
    name: "Region",
    list: "regions",
    connection: false,
    from: "warehouse.region {t}",
    only: "{t}.region_scheme_id = (select region_scheme_id from warehouse.region_scheme where code \
        = meta.region_scheme())",
    id: "{t}.region_id",
    description: "A coalition region: one of the Health and Medical Coordinating Coalitions.",
    fields: &[
        field("code", "{t}.code", ScalarKind::Text, "Code, e.g. `4AB`."),
        field("name", "{t}.name", ScalarKind::Text, "Full name."),
        field("shortName", "{t}.short_name", ScalarKind::Text, "Name for charts and maps."),
        field("sponsor", "{t}.sponsor", ScalarKind::Text, "Sponsoring organization as published."),
        field(
            "publishedMunicipalities",
            "{t}.published_municipalities",
            ScalarKind::Int,
            "Number of member municipalities as published.",
        ),
        field(
            "municipalities",
            "(select count(*) from warehouse.municipality_region m where m.region_id = \
             {t}.region_id and m.valid_to is null)::int",
            ScalarKind::Int,
            "Number of member municipalities in the reference data.",
        ),
        field(
            "population",
            "(select coalesce(sum(m.population_2020), 0) from warehouse.municipality_region r join \
             warehouse.municipality m using (municipality_id) where r.region_id = {t}.region_id \
             and r.valid_to is null)::bigint",
            ScalarKind::Long,
            "Residents at the census of 2020.",
        ),
        field(
            "validFrom",
            "{t}.valid_from",
            ScalarKind::Date,
            "First day of validity; empty for always.",
        ),
        field(
            "validTo",
            "{t}.valid_to",
            ScalarKind::Date,
            "Last day of validity; empty while valid.",
        ),
    ],
    relations: &[],
    group_keys: &[],
    lineage: "",
    visible: "",
    order: &["code"],
};

pub static COUNTY: Entity = Entity {
    name: "County",
    list: "",
    connection: false,
    from: "warehouse.county {t}",
    only: "true",
    id: "{t}.county_id",
    description: "A US county or county equivalent.",
    fields: &[
        field("fips", "{t}.fips", ScalarKind::Text, "Five-digit FIPS code, e.g. `25025`."),
        field("name", "{t}.name", ScalarKind::Text, "Name without the word County."),
        field("state", "{t}.state_code", ScalarKind::Text, "Postal code of the state."),
    ],
    relations: &[],
    group_keys: &[],
    lineage: "",
    visible: "",
    order: &["fips"],
};

pub static HAZARD: Entity = Entity {
    name: "Hazard",
    list: "hazards",
    connection: false,
    from: "warehouse.hazard {t}",
    only: "true",
    id: "{t}.hazard_id",
    description: "A canonical hazard, to which every source's labels map.",
    fields: &[
        field("code", "{t}.code", ScalarKind::Text, "Code, e.g. `winter_storm`."),
        field(
            "category",
            "{t}.category",
            ScalarKind::Text,
            "natural, biological, technological, human, hazmat, operational, terrorism or \
             unmapped.",
        ),
        field("name", "{t}.name", ScalarKind::Text, "Name for people."),
        field("sortOrder", "{t}.sort_order", ScalarKind::Int, "Order in lists."),
    ],
    relations: &[],
    group_keys: &[],
    lineage: "",
    visible: "",
    order: &["sortOrder"],
};

pub static CAPABILITY: Entity = Entity {
    name: "Capability",
    list: "capabilities",
    connection: false,
    from: "warehouse.capability {t} join warehouse.capability_framework {t}f on \
        {t}f.capability_framework_id = {t}.capability_framework_id",
    only: "{t}.capability_id > 0",
    id: "{t}.capability_id",
    description: "A capability of one edition of a framework.",
    fields: &[
        field("framework", "{t}f.code", ScalarKind::Text, "Framework, e.g. `PHEP`."),
        field(
            "edition",
            "{t}f.edition",
            ScalarKind::Text,
            "Edition of the framework, e.g. `2018`.",
        ),
        field("code", "{t}.code", ScalarKind::Text, "Number or code within the framework."),
        field("name", "{t}.name", ScalarKind::Text, "Name."),
        field("domain", "{t}.domain", ScalarKind::Text, "Group or domain within the framework."),
        field("sortOrder", "{t}.sort_order", ScalarKind::Int, "Order in lists."),
    ],
    relations: &[],
    group_keys: &[],
    lineage: "",
    visible: "",
    order: &["sortOrder"],
};

pub static ORGANIZATION: Entity = Entity {
    name: "Organization",
    list: "organizations",
    connection: true,
    from: "warehouse.organization {t} join warehouse.discipline {t}d on {t}d.discipline_id = \
        {t}.discipline_id",
    only: "{t}.organization_id > 0",
    id: "{t}.organization_id",
    description: "An organization that plans, exercises or responds. Persons are never stored.",
    fields: &[
        field("name", "{t}.name", ScalarKind::Text, "Present name."),
        field(
            "discipline",
            "{t}d.code",
            ScalarKind::Text,
            "Discipline, e.g. `acute_care_hospital`.",
        ),
        field("disciplineName", "{t}d.name", ScalarKind::Text, "Discipline's name."),
        field(
            "stateCore",
            "{t}d.state_core",
            ScalarKind::Boolean,
            "Whether the discipline is one of the core disciplines of the state.",
        ),
        field(
            "hppCore",
            "{t}d.hpp_core",
            ScalarKind::Boolean,
            "One of the Hospital Preparedness Program's four core members.",
        ),
        field("staffedBeds", "{t}.staffed_beds", ScalarKind::Int, "Staffed beds."),
        field("active", "{t}.active", ScalarKind::Boolean, "Still in operation."),
    ],
    relations: &[Relation {
        name: "region",
        target: "Region",
        many: Many::One,
        through: "",
        on: "{u}.region_id = {t}.region_id",
        description: "Present region.",
    }],
    group_keys: &[&[
        GroupKey {
            join: "left join warehouse.region kg on kg.region_id = {t}.region_id",
            ..keys::key(
                "REGION",
                "region",
                "coalesce(kg.code, 'unmapped')",
                "Region code, e.g. `4AB`.",
            )
        },
        keys::key(
            "DISCIPLINE",
            "discipline",
            "{t}d.code",
            "Discipline, e.g. `acute_care_hospital`.",
        ),
    ]],
    lineage: "{t}",
    visible: "",
    order: &["name"],
};
