//! Reference lists of the warehouse, whose codes filters, group keys and arguments name.

use hotwash_schema::formula::Formula::{Column, Parts, Sql};
use hotwash_schema::formula::own;

use super::words::leaked;
use crate::code_list::CodeList;

/// Creates a list of the codes in a column.
pub const fn column(meaning: &'static str, table: &'static str, name: &'static str) -> CodeList {
    CodeList { meaning, table, code: own(name) }
}

/// Regions, of every scheme.
pub const REGIONS: CodeList = column("a known region code", "warehouse.region", "code");
/// Counties.
pub const COUNTIES: CodeList = column("a known county FIPS code", "warehouse.county", "fips");
/// Hazards.
pub const HAZARDS: CodeList = column("a known hazard code", "warehouse.hazard", "code");
/// Categories of hazards.
pub const HAZARD_CATEGORIES: CodeList =
    column("a known hazard category", "warehouse.hazard", "category");
/// Frameworks of capabilities.
pub const FRAMEWORKS: CodeList =
    column("a known framework", "warehouse.capability_framework", "code");
/// Capabilities, each as its framework and code.
pub const CAPABILITIES: CodeList = CodeList {
    meaning: "a known capability such as PHEP:6",
    table: "warehouse.capability",
    code: Parts(&[
        Sql("(select f.code from warehouse.capability_framework f where \
             f.capability_framework_id = "),
        Column("", "capability_framework_id"),
        Sql(") || ':' || "),
        Column("", "code"),
    ]),
};
/// Capability elements.
pub const ELEMENTS: CodeList = column("a known capability element", "warehouse.element", "code");
/// Values of the rating scales.
pub const RATINGS: CodeList =
    column("a value of a known rating scale", "warehouse.rating_value", "code");
/// Sources of the loaded files.
pub const SOURCES: CodeList = column("the source of a loaded file", "meta.file", "source");

/// Returns the list of a table with codes and names, such as `discipline`.
pub fn of_table(table: &str) -> CodeList {
    let meaning = leaked(["a known ", &table.replace('_', " ")].concat());
    column(meaning, leaked(["warehouse.", table].concat()), "code")
}

/// Returns the list of a column whose codes no foreign key ties to it.
pub fn of_column(table: &str, column: &str) -> Option<CodeList> {
    match (table, column) {
        ("capability_rating", "rating") => Some(RATINGS),
        _ => None,
    }
}
