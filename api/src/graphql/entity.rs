//! What a record type is to the API: its columns, relations and group keys. From this one
//! description follow lists, filters, ordering, paging, nesting and aggregates.

use hotwash_schema::formula::Formula;

use super::sql::{Condition, Expression, Join, JoinKind, Select, Source, used_tables};

/// Kind of a column, which decides its GraphQL type, its filter and how text becomes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarKind {
    /// Text.
    Text,
    /// A whole number that fits 32 bits.
    Int,
    /// A larger whole number; as a JSON number.
    Long,
    /// A number.
    Float,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A moment.
    DateTime,
}

impl ScalarKind {
    /// Type in Postgres to which filter values are cast.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "integer",
            Self::Long => "bigint",
            Self::Float => "double precision",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "timestamptz",
        }
    }

    /// Type in GraphQL.
    pub fn graphql(self) -> &'static str {
        match self {
            Self::Text => "String",
            Self::Int => "Int",
            Self::Long => "Long",
            Self::Float => "Float",
            Self::Boolean => "Boolean",
            Self::Date => "Date",
            Self::DateTime => "DateTime",
        }
    }

    /// Returns whether it can be summed and averaged.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Long | Self::Float)
    }
}

/// A column.
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
    /// Shown as a field of the object (others serve filters alone).
    pub shown: bool,
    /// Never empty, so that an index can give its order.
    pub required: bool,
    /// For filters over related rows: an `exists (…)` with a place for the comparison of the
    /// formula.
    pub within: Option<Formula>,
}

impl EntityField {
    /// The same column, never empty.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// Cardinality of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// One or none.
    One,
    /// A list.
    List,
}

/// Table joined to those of a record type, by equality of two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableJoin {
    /// End of its alias, e.g. `e`; formulas name it by this.
    pub alias: &'static str,
    /// Table.
    pub table: &'static str,
    /// Its column.
    pub column: &'static str,
    /// Column that equals it: the join it belongs to (empty for the type's own table) and its name.
    pub to: (&'static str, &'static str),
    /// Records without a match stay; else every record has exactly one.
    pub is_optional: bool,
}

/// Join by a reference of the type's own table that is never empty.
pub const fn join(alias: &'static str, table: &'static str, column: &'static str) -> TableJoin {
    TableJoin { alias, table, column, to: ("", column), is_optional: false }
}

impl TableJoin {
    /// The same join to another column.
    pub const fn to(mut self, join: &'static str, column: &'static str) -> Self {
        self.to = (join, column);
        self
    }

    /// The same join where records without a match stay.
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

/// Table between a record and its related ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Table; it has the relation's column.
    pub table: &'static str,
    /// Column by which it references the related record.
    pub column: &'static str,
}

/// A relation.
#[derive(Clone, Copy, Debug)]
pub struct Relation {
    /// Name in GraphQL.
    pub name: &'static str,
    /// The related type.
    pub target: &'static str,
    /// One or several.
    pub many: Many,
    /// Table between, if any.
    pub link: Option<Link>,
    /// Column of the related record, or of the table between.
    pub column: &'static str,
    /// Column of this record that equals it, with the join it belongs to.
    pub to: (&'static str, &'static str),
    /// Member 0 or less of the related type stands for none.
    pub skips_none: bool,
    /// Meaning.
    pub description: &'static str,
}

/// Relation to one record by a column that both tables name alike.
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

/// Relation to a list of records by a column that both tables name alike.
pub const fn list(
    name: &'static str,
    target: &'static str,
    column: &'static str,
    description: &'static str,
) -> Relation {
    Relation { many: Many::List, ..one(name, target, column, description) }
}

impl Relation {
    /// The same relation by another column of this record.
    pub const fn to(mut self, join: &'static str, column: &'static str) -> Self {
        self.to = (join, column);
        self
    }

    /// The same relation, where member 0 or less of the related type stands for none.
    pub const fn skipping_none(mut self) -> Self {
        self.skips_none = true;
        self
    }

    /// The same relation through a table that references the related record.
    pub const fn through(mut self, table: &'static str, column: &'static str) -> Self {
        self.link = Some(Link { table, column });
        self
    }
}

/// A key to group by.
#[derive(Clone, Copy, Debug)]
pub struct GroupKey {
    /// Name in the enum, e.g. `HAZARD`.
    pub name: &'static str,
    /// Name in the key object, e.g. `hazard`.
    pub key: &'static str,
    /// Expression.
    pub formula: Formula,
    /// Joins it needs beside those of the type.
    pub joins: &'static [TableJoin],
    /// Kind of its value.
    pub kind: ScalarKind,
    /// Meaning.
    pub description: &'static str,
}

/// A record type.
#[derive(Clone, Copy, Debug)]
pub struct Entity {
    /// Name of the object type.
    pub name: &'static str,
    /// Name of the list in the query, empty when it is reached through others alone.
    pub list: &'static str,
    /// True if the list is a Relay connection (else a plain list).
    pub connection: bool,
    /// The type's own table.
    pub table: &'static str,
    /// Tables joined to it; a statement has those that it uses.
    pub joins: &'static [TableJoin],
    /// Always true of its rows.
    pub only: Option<Formula>,
    /// Column of its key, unique among its rows.
    pub id: &'static str,
    /// Meaning.
    pub description: &'static str,
    /// Columns.
    pub fields: &'static [EntityField],
    /// Relations.
    pub relations: &'static [Relation],
    /// Keys to group by, in lists that types share; empty when it is not aggregated. Read them
    /// through [`Entity::keys`].
    pub group_keys: &'static [&'static [GroupKey]],
    /// Join whose table has `file_id`, `source_row` and `batch_id` (empty for the type's own table);
    /// none without lineage.
    pub lineage: Option<&'static str>,
    /// Which rows a region viewer may see; none when all are open.
    pub visible: Option<Formula>,
    /// Order when none is asked, as field names with a leading `-` for descending.
    pub order: &'static [&'static str],
}

impl Entity {
    /// Group keys, in the order of the schema.
    pub fn keys(&self) -> impl Iterator<Item = &'static GroupKey> + use<> {
        self.group_keys.iter().copied().flatten()
    }

    /// The end of the alias under which a relation's one record is joined to this type's tables by a
    /// reference that is never empty, e.g. `e`.
    pub fn beside(&self, relation: &Relation) -> Option<&'static str> {
        let target = super::catalogue::entity(relation.target);
        let is_whole = relation.many == Many::One
            && relation.link.is_none()
            && !relation.skips_none
            && target.joins.is_empty();
        let is_it = |join: &&TableJoin| {
            !join.is_optional
                && join.table == target.table
                && (join.column, join.to) == (relation.column, relation.to)
        };
        self.joins.iter().filter(|_| is_whole).find(is_it).map(|join| join.alias)
    }

    /// Key of the row of `alias`.
    pub fn key(&self, alias: &str) -> Expression {
        Expression::column(alias, self.id)
    }

    /// Condition that is true of every record of the type.
    pub fn always(&self, alias: &str) -> Option<Condition> {
        self.only.as_ref().map(|only| Condition::Holds(Expression::of(only, alias)))
    }

    /// Completes a statement with the type's tables under `alias`: its own, and the joins whose
    /// columns the statement uses, or on which such joins depend. Other joins change no row.
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

/// A shown column.
pub const fn field(
    name: &'static str,
    formula: Formula,
    kind: ScalarKind,
    description: &'static str,
) -> EntityField {
    EntityField { name, formula, kind, description, shown: true, required: false, within: None }
}

/// A column for filters over related rows.
pub const fn within(
    name: &'static str,
    formula: Formula,
    kind: ScalarKind,
    within: Formula,
    description: &'static str,
) -> EntityField {
    EntityField {
        name,
        formula,
        kind,
        description,
        shown: false,
        required: false,
        within: Some(within),
    }
}

/// A column for filters alone.
pub const fn hidden(
    name: &'static str,
    formula: Formula,
    kind: ScalarKind,
    description: &'static str,
) -> EntityField {
    EntityField { name, formula, kind, description, shown: false, required: false, within: None }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::entity;
    use super::super::sql::key;
    use super::*;

    #[test]
    fn a_related_record_stands_beside_where_it_is_joined_by_what_is_never_empty() {
        let suffix = |name: &str, relation: &str| {
            let of = entity(name);
            of.beside(of.relations.iter().find(|one| one.name == relation).unwrap())
        };
        assert_eq!(suffix("Incident", "event"), Some("e"));
        assert_eq!(suffix("CapabilityRating", "event"), Some("e"));
        assert_eq!(suffix("CorrectiveAction", "event"), None, "an action may have none");
        assert_eq!(suffix("Incident", "regions"), None);
        assert_eq!(suffix("Exercise", "sponsor"), None);
    }

    #[test]
    fn a_join_stays_where_it_is_used_or_leads_to_one_that_is() {
        let joined = |name: &str, join: &str, column: &'static str| {
            let columns = vec![Expression::column(&format!("t1{join}"), column)];
            let select = Select { columns, ..Select::default() };
            key(&entity(name).complete("t1", &[], select))
        };
        assert_eq!(joined("RiskScore", "", "risk"), "select t1.risk from warehouse.risk_score t1");
        assert_eq!(
            joined("RiskScore", "r", "code"),
            "select t1r.code from warehouse.risk_score t1 join warehouse.risk_assessment t1a on \
             t1a.risk_assessment_id = t1.risk_assessment_id join warehouse.region t1r on \
             t1r.region_id = t1a.region_id"
        );
        assert_eq!(
            joined("CorrectiveAction", "e", "name"),
            "select t1e.name from warehouse.corrective_action t1 left join warehouse.event t1e on \
             t1e.event_id = t1.event_id"
        );
    }
}
