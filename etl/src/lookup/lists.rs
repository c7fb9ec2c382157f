//! Lists for coalitions' own records: capabilities, disciplines, elements, types of exercises and
//! time stamps, methods, rating scales, regions, municipalities, organizations.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Integer, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::label::normalize_label;

use super::capabilities::Capabilities;
use super::names::{Miss, NameIndex};
use crate::load::connection::{Connection, RunStatement};
use crate::sql::sql;

/// The lists.
#[derive(Clone, Debug, Default)]
pub struct ReferenceLists {
    /// Capabilities of all frameworks.
    pub capabilities: Capabilities,
    /// Disciplines by code or name.
    pub disciplines: NameIndex,
    /// Capability elements by code or name.
    pub elements: NameIndex,
    /// Exercise types by code or name.
    pub exercise_types: NameIndex,
    /// Milestone types by code or name.
    pub milestone_types: NameIndex,
    /// Assessment methods by code or name.
    pub assessment_methods: NameIndex,
    /// Coalition regions by code, name or short name.
    pub regions: NameIndex,
    /// Municipalities by Census id or name.
    pub municipalities: NameIndex,
    /// Hazards by code or name.
    pub hazards: NameIndex,
    /// Organizations by name, for suggestions only; the merge resolves them.
    pub organizations: NameIndex,
    pub(super) ratings: HashMap<(String, String), (i32, String)>,
}

impl ReferenceLists {
    /// Reads the lists from the warehouse.
    pub async fn read(connection: &Connection) -> Result<Self, SchemaError> {
        let mut lists = Self::default();
        let capabilities: Vec<(i32, String, String, String)> = connection
            .rows::<(Integer, Text, Text, Text), _>(sql!("lookup/capabilities.sql").query())
            .await?;
        for (id, code, name, framework) in &capabilities {
            lists.capabilities.add(*id, framework, code, name);
        }
        let aliases: Vec<(String, String, i32)> = connection
            .rows::<(Text, Text, Integer), _>(sql!("lookup/capability_aliases.sql").query())
            .await?;
        for (label, framework, id) in aliases {
            lists.capabilities.add_alias(label, framework, id);
        }
        let names: Vec<(String, String, String, i32)> = connection
            .rows::<(Text, Text, Text, Integer), _>(sql!("lookup/names.sql").query())
            .await?;
        for (list, code, name, id) in names {
            let names = match list.as_str() {
                "assessment_method" => &mut lists.assessment_methods,
                "discipline" => &mut lists.disciplines,
                "element" => &mut lists.elements,
                "exercise_type" => &mut lists.exercise_types,
                "hazard" => &mut lists.hazards,
                "milestone_type" => &mut lists.milestone_types,
                _ => &mut lists.municipalities,
            };
            // The name is added first, because it is the one suggested.
            names.add(&name, id);
            names.add(&code, id);
        }
        let regions: Vec<(String, String, String, i32)> = connection
            .rows::<(Text, Text, Text, Integer), _>(sql!("lookup/region_names.sql").query())
            .await?;
        for (code, name, short_name, id) in regions {
            for label in [&code, &name, &short_name, &format!("Region {code}")] {
                lists.regions.add(label, id);
            }
        }
        let ratings: Vec<(String, String, String, i32)> = connection
            .rows::<(Text, Text, Text, Integer), _>(sql!("lookup/ratings.sql").query())
            .await?;
        for (scale, code, name, id) in ratings {
            for label in [&code, &name] {
                lists.ratings.insert((scale.clone(), normalize_label(label)), (id, code.clone()));
            }
        }
        let organizations: Vec<(String, i64)> =
            connection.rows::<(Text, BigInt), _>(sql!("lookup/organizations.sql").query()).await?;
        for (name, id) in organizations {
            lists.organizations.add(&name, i32::try_from(id).unwrap_or(i32::MAX));
        }
        Ok(lists)
    }

    /// Returns the names of a referenced table whose rows a file names, by the table's name.
    pub fn of(&self, table: &str) -> Option<&NameIndex> {
        Some(match table {
            "assessment_method" => &self.assessment_methods,
            "discipline" => &self.disciplines,
            "element" => &self.elements,
            "exercise_type" => &self.exercise_types,
            "hazard" => &self.hazards,
            "milestone_type" => &self.milestone_types,
            "municipality" => &self.municipalities,
            "region" => &self.regions,
            _ => return None,
        })
    }

    /// Returns the capability for a label, see `Capabilities::find`.
    pub fn capability(&self, label: &str, framework: Option<&str>) -> Result<i32, Miss> {
        self.capabilities.find(label, framework)
    }

    /// Returns the scale's id and the value's code for a rating given by code or name.
    pub fn rating(&self, scale: &str, value: &str) -> Option<(i32, String)> {
        self.ratings.get(&(scale.to_owned(), normalize_label(value))).cloned()
    }
}
