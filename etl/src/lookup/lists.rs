//! Lists for coalitions' own records: capabilities, rating scales, organizations, and each list that
//! a record type references.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::{BigInt, Integer, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::label::normalize_label;
use hotwash_schema::record::referenced_lists;

use super::capabilities::Capabilities;
use super::named_list::NamedList;
use super::names::{Miss, NameIndex};
use crate::load::statement::{Statement, key_of};
use crate::sql::sql;
use hotwash_schema::copy::{Connection, RunStatement};

/// Referenced lists in which a name alone identifies no row. Others find their rows:
/// [`ReferenceLists::capability`], [`ReferenceLists::rating`] and
/// [`Lookup::county_named`](super::Lookup::county_named).
const NOT_BY_NAME: [&str; 3] = ["capability", "county", "rating_scale"];

/// A table that no record type references by name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no record type references a list {0} by name")]
pub struct UnknownList(String);

/// The lists.
#[derive(Clone, Debug)]
pub struct ReferenceLists {
    /// Capabilities of all frameworks.
    pub capabilities: Capabilities,
    /// Rows by code or name of the lists that code names, by position.
    named: [NameIndex; NamedList::ALL.len()],
    /// Rows by code or name of other lists that record types reference, by table.
    described: BTreeMap<&'static str, NameIndex>,
    /// Organizations by name, for suggestions only; the merge resolves them.
    pub organizations: NameIndex,
    pub(super) ratings: HashMap<(String, String), (i32, String)>,
}

impl Default for ReferenceLists {
    /// Returns the lists without rows.
    fn default() -> Self {
        let is_other =
            |table: &&str| !NOT_BY_NAME.contains(table) && NamedList::of_table(table).is_none();
        let tables = referenced_lists().into_iter().filter(is_other);
        Self {
            capabilities: Capabilities::default(),
            named: Default::default(),
            described: tables.map(|table| (table, NameIndex::default())).collect(),
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

    /// Returns the rows of a list by code or name.
    pub fn of(&self, list: NamedList) -> &NameIndex {
        &self.named[list as usize]
    }

    /// Returns the rows of the list that a column of a record type references, by code or name.
    ///
    /// # Errors
    /// Fails for a table that no record type references by name.
    pub fn of_table(&self, table: &str) -> Result<&NameIndex, UnknownList> {
        match NamedList::of_table(table) {
            Some(list) => Ok(self.of(list)),
            None => self.described.get(table).ok_or_else(|| UnknownList(table.to_owned())),
        }
    }

    /// Returns the lists whose rows all count, by table.
    pub(super) fn by_name(&mut self) -> impl Iterator<Item = (&'static str, &mut NameIndex)> {
        let named = NamedList::ALL.into_iter().zip(&mut self.named);
        let named = named.filter(|(list, _)| *list != NamedList::Region);
        let described = self.described.iter_mut().map(|(table, names)| (*table, names));
        named.map(|(list, names)| (list.table(), names)).chain(described)
    }

    /// Adds a label of a region in the scheme in use.
    pub(super) fn add_region(&mut self, label: &str, id: i32) {
        self.named[NamedList::Region as usize].add(label, id);
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

#[cfg(test)]
mod tests {
    use super::ReferenceLists;

    #[test]
    fn an_unknown_list_is_an_error_and_not_an_empty_list() {
        let lists = ReferenceLists::default();
        assert!(lists.of_table("region").is_ok());
        let error = lists.of_table("regions").unwrap_err();
        assert_eq!(error.to_string(), "no record type references a list regions by name");
    }
}
