//! Lists for coalitions' own records: capabilities, rating scales, organizations, and each list that
//! a record type references.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use diesel::sql_types::{BigInt, Integer, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::label::normalize_label;
use hotwash_schema::record::referenced_lists;

use super::capabilities::Capabilities;
use super::names::{Miss, NameIndex};
use crate::load::statement::{Statement, key_of};
use crate::sql::sql;
use hotwash_schema::copy::{Connection, RunStatement};

/// Referenced lists in which a name alone identifies no row. Others find their rows:
/// [`ReferenceLists::capability`], [`ReferenceLists::rating`] and
/// [`Lookup::county_named`](super::Lookup::county_named).
const NOT_BY_NAME: [&str; 3] = ["capability", "county", "rating_scale"];

/// List of which only the rows of the scheme in use count.
const REGION: &str = "region";

/// The lists.
#[derive(Clone, Debug)]
pub struct ReferenceLists {
    /// Capabilities of all frameworks.
    pub capabilities: Capabilities,
    /// Rows by code or name, by table.
    names: BTreeMap<&'static str, NameIndex>,
    /// Organizations by name, for suggestions only; the merge resolves them.
    pub organizations: NameIndex,
    pub(super) ratings: HashMap<(String, String), (i32, String)>,
}

impl Default for ReferenceLists {
    /// Returns the lists without rows.
    fn default() -> Self {
        let tables = referenced_lists().into_iter().filter(|table| !NOT_BY_NAME.contains(table));
        Self {
            capabilities: Capabilities::default(),
            names: tables.map(|table| (table, NameIndex::default())).collect(),
            organizations: NameIndex::default(),
            ratings: HashMap::new(),
        }
    }
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
        for (list, names) in lists.by_name() {
            let rows = Statement::of(sql!("lookup/names.sql"));
            let rows = rows.part_name("list", list).part_name("key", key_of(list));
            let rows: Vec<(String, String, i32)> =
                connection.rows::<(Text, Text, Integer), _>(rows).await?;
            for (code, name, id) in rows {
                // The name is added first, because it is the one suggested.
                names.add(&name, id);
                names.add(&code, id);
            }
        }
        let regions: Vec<(String, String, String, i32)> = connection
            .rows::<(Text, Text, Text, Integer), _>(sql!("lookup/region_names.sql").query())
            .await?;
        for (code, name, short_name, id) in regions {
            for label in [&code, &name, &short_name, &format!("Region {code}")] {
                lists.add_region(label, id);
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

    /// Returns the rows of a referenced list by code or name. A list that no record type references
    /// has no rows, and every name is unknown.
    pub fn of(&self, table: &str) -> &NameIndex {
        static EMPTY: LazyLock<NameIndex> = LazyLock::new(NameIndex::default);
        debug_assert!(self.names.contains_key(table), "no record type references {table} by name");
        self.names.get(table).unwrap_or(&EMPTY)
    }

    /// Returns the lists whose rows all count, by table.
    pub(super) fn by_name(&mut self) -> impl Iterator<Item = (&'static str, &mut NameIndex)> {
        let all = self.names.iter_mut().map(|(table, names)| (*table, names));
        all.filter(|(table, _)| *table != REGION)
    }

    /// Adds a label of a region in the scheme in use.
    pub(super) fn add_region(&mut self, label: &str, id: i32) {
        self.names.entry(REGION).or_default().add(label, id);
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
