//! Lists for coalitions' own records: capabilities, disciplines, elements, types of exercises and
//! time stamps, methods, rating scales, regions, municipalities, organizations.

use std::collections::HashMap;

use hotwash_schema::SchemaError;
use hotwash_schema::label::normalize_label;
use tokio_postgres::Client;

use super::capabilities::Capabilities;
use super::names::{Miss, NameIndex};

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
    pub async fn read(client: &Client) -> Result<Self, SchemaError> {
        let mut lists = Self::default();
        for row in client
            .query(
                "select c.capability_id, c.code, c.name, f.code from warehouse.capability c join \
                 warehouse.capability_framework f using (capability_framework_id) \
                 where c.capability_id > 0 order by f.capability_framework_id, c.sort_order",
                &[],
            )
            .await?
        {
            lists.capabilities.add(row.get(0), row.get(3), row.get(1), row.get(2));
        }
        for row in client
            .query(
                "select normalized_label, framework_code, capability_id from \
                 warehouse.capability_alias order by 1, 2",
                &[],
            )
            .await?
        {
            lists.capabilities.add_alias(row.get(0), row.get(1), row.get(2));
        }
        for (names, table, columns) in [
            (&mut lists.disciplines, "discipline", "code, name"),
            (&mut lists.elements, "element", "code, name"),
            (&mut lists.exercise_types, "exercise_type", "code, name"),
            (&mut lists.milestone_types, "milestone_type", "code, name"),
            (&mut lists.assessment_methods, "assessment_method", "code, name"),
            (&mut lists.municipalities, "municipality", "geoid, name"),
            (&mut lists.hazards, "hazard", "code, name"),
        ] {
            let sql = format!(
                "select {columns}, {table}_id from warehouse.{table} where {table}_id > 0 order by \
                 3"
            );
            for row in client.query(&sql, &[]).await? {
                let (code, name): (String, String) = (row.get(0), row.get(1));
                // The name is added first, because it is the one suggested.
                names.add(&name, row.get(2));
                names.add(&code, row.get(2));
            }
        }
        for row in client
            .query(
                "select r.code, r.name, r.short_name, r.region_id from warehouse.region r join \
                 warehouse.region_scheme c using (region_scheme_id) \
                 where c.code = meta.region_scheme() and r.region_id > 0 order by r.region_id",
                &[],
            )
            .await?
        {
            for column in 0..3 {
                lists.regions.add(row.get(column), row.get(3));
            }
            lists.regions.add(&format!("Region {}", row.get::<_, String>(0)), row.get(3));
        }
        for row in client
            .query(
                "select s.code, v.code, v.name, v.rating_scale_id from warehouse.rating_value v \
                join warehouse.rating_scale s using (rating_scale_id)",
                &[],
            )
            .await?
        {
            let (scale, code, name): (String, String, String) =
                (row.get(0), row.get(1), row.get(2));
            for label in [&code, &name] {
                lists
                    .ratings
                    .insert((scale.clone(), normalize_label(label)), (row.get(3), code.clone()));
            }
        }
        for row in client
            .query(
                "select name, min(organization_id) from warehouse.organization where \
                organization_id > 0 group by name limit 100000",
                &[],
            )
            .await?
        {
            lists
                .organizations
                .add(row.get(0), i32::try_from(row.get::<_, i64>(1)).unwrap_or(i32::MAX));
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
