//! Descriptions of record types for the API: columns, relations and group keys. Lists, filters,
//! order, paging, nesting and aggregates follow from them.

use hotwash_schema::formula::Formula;
use hotwash_schema::search::SearchText;

use super::code_list::CodeList;
use super::scalar::ScalarKind;
use super::sql::{Condition, Expression, Join, JoinKind, Select, Source, used_tables};

/// Column of a record type.
#[derive(Clone, Copy, Debug)]
pub struct EntityField {
    /// Name in GraphQL.
    pub name: &'static str,
    /// Expression.
    pub formula: Formula,
    /// Kind.
    pub kind: ScalarKind,
    /// Meaning, with its unit.
    pub description: &'static str,
    /// True for a field of the object; false for a column used only by filters.
    pub shown: bool,
    /// True if the column is never empty, so that an index can provide its order.
    pub required: bool,
    /// True for a number that is an amount, of which aggregates compute sums and means.
    pub is_amount: bool,
    /// Formula for filters over related rows: an `exists (…)` into which the comparison is
    /// inserted.
    pub within: Option<Formula>,
    /// Reference list that has all its values, if there is one.
    pub codes: Option<CodeList>,
}

impl EntityField {
    /// Marks the column as never empty.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets the reference list that has all its values.
    pub const fn listed_in(mut self, codes: CodeList) -> Self {
        self.codes = Some(codes);
        self
    }

    /// Returns whether values can be compared and ordered.
    pub fn is_comparable(&self) -> bool {
        self.kind != ScalarKind::Texts
    }
}

/// Cardinality of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// At most one record.
    One,
    /// List of records.
    List,
}

/// Table joined to those of a record type, by equality of two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableJoin {
    /// Suffix of the table's alias, e.g. `e`. Formulas name the table by it.
    pub alias: &'static str,
    /// Table.
    pub table: &'static str,
    /// Column of this table.
    pub column: &'static str,
    /// Column that equals it: the alias suffix of its table (empty for the type's own table) and
    /// its name.
    pub to: (&'static str, &'static str),
    /// True for a left join. Otherwise every record has exactly one match.
    pub is_optional: bool,
}

/// Creates a join by a reference of the type's own table that is never empty.
pub const fn join(alias: &'static str, table: &'static str, column: &'static str) -> TableJoin {
    TableJoin { alias, table, column, to: ("", column), is_optional: false }
}

impl TableJoin {
    /// Sets the column to join to.
    pub const fn to(mut self, join: &'static str, column: &'static str) -> Self {
        self.to = (join, column);
        self
    }

    /// Turns the join into a left join.
    pub const fn optional(mut self) -> Self {
        self.is_optional = true;
        self
    }

    fn under(&self, alias: &str) -> Join {
        let own = [alias, self.alias].concat();
        let (join, column) = self.to;
        let on = Condition::equal(
            Expression::column(&own, self.column),
            Expression::column(&[alias, join].concat(), column),
        );
        let kind = if self.is_optional { JoinKind::Left } else { JoinKind::Inner };
        Join { kind, source: Source::Table(self.table, own), on }
    }
}

/// Link table between a record and its related records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Name of the table, which has the relation's column.
    pub table: &'static str,
    /// Column that references the related record.
    pub column: &'static str,
    /// Condition that is true for each row that counts.
    pub only: Option<Formula>,
}

/// Relation to other records.
#[derive(Clone, Copy, Debug)]
pub struct Relation {
    /// Name in GraphQL.
    pub name: &'static str,
    /// Name of the related type.
    pub target: &'static str,
    /// Cardinality.
    pub many: Many,
    /// Link table, if any.
    pub link: Option<Link>,
    /// Column of the related record, or of the link table.
    pub column: &'static str,
    /// Column of this record that equals it: the alias suffix of its table and its name.
    pub to: (&'static str, &'static str),
    /// True if a key of 0 or less means that there is no related record.
    pub skips_none: bool,
    /// Meaning.
    pub description: &'static str,
}

/// Creates a relation to one record by a column with the same name in both tables.
pub const fn one(
    name: &'static str,
    target: &'static str,
    column: &'static str,
    description: &'static str,
) -> Relation {
    Relation {
        name,
        target,
        many: Many::One,
        link: None,
        column,
        to: ("", column),
        skips_none: false,
        description,
    }
}

/// Creates a relation to a list of records by a column with the same name in both tables.
pub const fn list(
    name: &'static str,
    target: &'static str,
    column: &'static str,
    description: &'static str,
) -> Relation {
    Relation { many: Many::List, ..one(name, target, column, description) }
}

impl Relation {
    /// Sets another column of this record.
    pub const fn to(mut self, join: &'static str, column: &'static str) -> Self {
        self.to = (join, column);
        self
    }

    /// Excludes related records with a key of 0 or less, which mean none.
    pub const fn skipping_none(mut self) -> Self {
        self.skips_none = true;
        self
    }

    /// Adds a link table that references the related record.
    pub const fn through(mut self, table: &'static str, column: &'static str) -> Self {
        self.link = Some(Link { table, column, only: None });
        self
    }

    /// Limits the rows of the link table to those for which a condition is true.
    pub const fn only(mut self, only: Formula) -> Self {
        if let Some(link) = self.link {
            self.link = Some(Link { only: Some(only), ..link });
        }
        self
    }
}

/// Group key.
#[derive(Clone, Copy, Debug)]
pub struct GroupKey {
    /// Name in the enum, e.g. `HAZARD_CODE`.
    pub name: &'static str,
    /// Name in the key object, e.g. `hazardCode`.
    pub key: &'static str,
    /// Expression.
    pub formula: Formula,
    /// Joins in addition to those of the type.
    pub joins: &'static [TableJoin],
    /// Kind of the value.
    pub kind: ScalarKind,
    /// Meaning.
    pub description: &'static str,
    /// Rule for the viewers who see the record that the key names; none if it is open to all.
    pub visible: Option<Formula>,
    /// Key, by its name in the enum, that this one names for people. Groups of that key have it.
    pub names: Option<&'static str>,
    /// Reference list that has all its values, if there is one.
    pub codes: Option<CodeList>,
}

impl GroupKey {
    /// Sets the reference list that has all its values.
    pub const fn listed_in(mut self, codes: CodeList) -> Self {
        self.codes = Some(codes);
        self
    }

    /// Returns whether a record can be in several groups: one of the joins may repeat it.
    pub fn repeats(&self) -> bool {
        self.joins.iter().any(|join| join.is_optional && join.column != key_of(join.table))
    }
}

/// Returns the name of a table's key column.
fn key_of(table: &str) -> String {
    let name = table.rsplit('.').next().unwrap_or(table);
    [name, "_id"].concat()
}

/// Record type.
#[derive(Clone, Copy, Debug)]
pub struct Entity {
    /// Name of the object type.
    pub name: &'static str,
    /// Name of the root list; empty if the type is available only through other types.
    pub list: &'static str,
    /// True if the list is a Relay connection; false for a plain list.
    pub connection: bool,
    /// The type's own table.
    pub table: &'static str,
    /// Tables joined to the type's own table. A statement contains only those that it uses.
    pub joins: &'static [TableJoin],
    /// Condition that is true for each of its rows.
    pub only: Option<Formula>,
    /// Key column, unique among the rows.
    pub id: &'static str,
    /// Meaning.
    pub description: &'static str,
    /// Columns.
    pub fields: &'static [EntityField],
    /// Relations.
    pub relations: &'static [Relation],
    /// Group keys; empty if the type has no aggregates.
    pub group_keys: &'static [GroupKey],
    /// Alias suffix of the table with `file_id`, `source_row` and `batch_id` (empty for the type's
    /// own table). None without lineage.
    pub lineage: Option<&'static str>,
    /// Rule for the rows that a region viewer may see; none if all are open.
    pub visible: Option<Formula>,
    /// Default order, as field names with a leading `-` for descending.
    pub order: &'static [&'static str],
    /// Text that full-text search reads, if any.
    pub search: Option<SearchText>,
    /// Times of a record between which aggregates measure minutes, if any.
    pub timeline: Option<Timeline>,
}

/// Times of a record by their type.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    /// First time for which a condition is true, inserted into the formula.
    pub first: Formula,
    /// Type of a time within `first`.
    pub code: Formula,
    /// Reference list of the types.
    pub codes: CodeList,
    /// Start of the record.
    pub start: Formula,
    /// Meaning of the minutes between two types.
    pub description: &'static str,
    /// Meaning of the first type.
    pub from: &'static str,
    /// Meaning of the second type.
    pub to: &'static str,
}

impl Entity {
    /// Returns the column that filters compare by this name.
    pub fn compared(&self, name: &str) -> Option<&'static EntityField> {
        self.fields.iter().find(|field| field.name == name && field.is_comparable())
    }

    /// Returns whether the records are of a dimension: few, open to everyone, and without lineage.
    pub fn is_dimension(&self) -> bool {
        self.visible.is_none() && self.lineage.is_none() && self.group_keys.is_empty()
    }

    /// Returns the key of the row of `alias`.
    pub fn key(&self, alias: &str) -> Expression {
        Expression::column(alias, self.id)
    }

    /// Returns the condition that is true for every record of the type.
    pub fn always(&self, alias: &str) -> Option<Condition> {
        self.only.as_ref().map(|only| Condition::Holds(Expression::of(only, alias)))
    }

    /// Adds the type's tables under `alias` to a statement: its own, and the joins that the
    /// statement needs. Omitted joins would change no row.
    pub fn complete(&self, alias: &str, further: &[TableJoin], mut select: Select) -> Select {
        let mut used = used_tables(&select);
        let mut joins = Vec::new();
        for join in self.joins.iter().chain(further).rev() {
            if used.contains(&[alias, join.alias].concat()) {
                used.insert([alias, join.to.0].concat());
                joins.push(join.under(alias));
            }
        }
        joins.reverse();
        joins.append(&mut select.joins);
        select.joins = joins;
        select.from = Some(Source::Table(self.table, alias.to_owned()));
        select
    }
}

/// Creates a column that is a field of the object.
pub const fn field(
    name: &'static str,
    formula: Formula,
    kind: ScalarKind,
    description: &'static str,
) -> EntityField {
    EntityField {
        name,
        formula,
        kind,
        description,
        shown: true,
        required: false,
        is_amount: kind.is_number(),
        within: None,
        codes: None,
    }
}

/// Creates a column for filters over related rows.
pub const fn within(
    name: &'static str,
    formula: Formula,
    kind: ScalarKind,
    within: Formula,
    description: &'static str,
) -> EntityField {
    EntityField { within: Some(within), ..hidden(name, formula, kind, description) }
}

/// Creates a column used only by filters.
pub const fn hidden(
    name: &'static str,
    formula: Formula,
    kind: ScalarKind,
    description: &'static str,
) -> EntityField {
    EntityField {
        name,
        formula,
        kind,
        description,
        shown: false,
        required: false,
        is_amount: false,
        within: None,
        codes: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::catalog::entity;
    use crate::sql::key;

    /// Nullable columns of each table, from the Diesel tables.
    fn nullable() -> BTreeMap<&'static str, Vec<&'static str>> {
        let text = include_str!("../../../schema/src/tables.rs");
        let (mut table, mut renamed, mut tables) = ("", None, BTreeMap::new());
        for line in text.lines().map(str::trim) {
            if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" ("))
            {
                table = name;
                tables.insert(table, Vec::new());
            } else if let Some(name) = line.strip_prefix("#[sql_name = \"") {
                renamed = name.strip_suffix("\"]");
            } else if let Some((name, kind)) = line.split_once(" -> ") {
                let name = renamed.take().unwrap_or(name);
                if kind.starts_with("Nullable<") {
                    tables.entry(table).or_default().push(name);
                }
            }
        }
        tables
    }

    #[test]
    fn a_field_is_required_where_its_column_is_not_null() {
        let nullable = nullable();
        assert!(nullable.len() > 40 && nullable["warehouse.event"].contains(&"end_at"));
        for entity in crate::catalog::ENTITIES.iter() {
            for field in entity.fields.iter().filter(|field| field.within.is_none()) {
                let Formula::Column(alias, column) = field.formula else { continue };
                let (mut table, mut at, mut is_optional) = (entity.table, alias, false);
                while let Some(join) = entity.joins.iter().find(|join| join.alias == at) {
                    if at == alias {
                        table = join.table;
                    }
                    (at, is_optional) = (join.to.0, is_optional || join.is_optional);
                }
                let may_be_null = is_optional || nullable[table].contains(&column);
                assert_eq!(field.required, !may_be_null, "{}.{}", entity.name, field.name);
            }
        }
    }

    #[test]
    fn a_join_stays_where_it_is_used_or_leads_to_one_that_is() {
        let joined = |name: &str, join: &str, column: &'static str| {
            let columns = vec![Expression::column(&format!("t1{join}"), column)];
            let select = Select { columns, ..Select::default() };
            key(&entity(name).unwrap().complete("t1", &[], select))
        };
        assert_eq!(joined("RiskScore", "", "risk"), "select t1.risk from warehouse.risk_score t1");
        assert_eq!(
            joined("RiskScore", "pr", "code"),
            "select t1pr.code from warehouse.risk_score t1 join warehouse.risk_assessment t1p on \
             t1p.risk_assessment_id = t1.risk_assessment_id join warehouse.region t1pr on \
             t1pr.region_id = t1p.region_id"
        );
    }
}
