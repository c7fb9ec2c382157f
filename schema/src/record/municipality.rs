//! Municipalities.

use super::{ColumnDef, ColumnType as Type, Merge, RecordType, Visibility};

/// Describes municipalities.
pub static MUNICIPALITY: RecordType = RecordType {
    name: "municipality",
    plural: "municipalities",
    order: Some("name"),
    staging: "stage_municipality",
    meaning: "A city or town by its ten-digit Census GEOID.",
    visibility: Visibility::Open,
    merge: Merge::Reference,
    parent: None,
    template: None,
    facts: &[],
    columns: &[
        ColumnDef::new("geoid", Type::Text, "Ten-digit Census 2020 county-subdivision id.")
            .required(),
        ColumnDef::new("name", Type::Text, "Name.")
            .staged_as("municipality", Type::Text)
            .required(),
        ColumnDef::stored_only("county_id", Type::Integer, "Its county.")
            .references("county")
            .required(),
        ColumnDef::staged_only("county", Type::Text, "Name of its county."),
        ColumnDef::staged_only("county_fips", Type::Text, "FIPS code of its county."),
        ColumnDef::new("kind", Type::Text, "city or town.")
            .staged_as("type", Type::Text)
            .group_key()
            .required(),
        ColumnDef::new("latitude", Type::Number, "Degrees north of a point in it.")
            .staged_as("latitude", Type::Text)
            .position(),
        ColumnDef::new("longitude", Type::Number, "Degrees east of a point in it.")
            .staged_as("longitude", Type::Text)
            .position(),
        ColumnDef::new("land_km2", Type::Number, "Land area in square kilometers.")
            .staged_as("land_km2", Type::Text),
        ColumnDef::new("population_2010", Type::Integer, "Residents, census of 2010.")
            .staged_as("population_2010", Type::Text),
        ColumnDef::new("population_2020", Type::Integer, "Residents, census of 2020.")
            .staged_as("population_2020", Type::Text),
        ColumnDef::staged_only("region", Type::Text, "Code of its region."),
        ColumnDef::staged_only("region_basis", Type::Text, "Where its region is stated."),
    ],
};
