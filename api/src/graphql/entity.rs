//! What a record type is to the API: its columns, relations and group keys. From this one
//! description follow lists, filters, ordering, paging, nesting and aggregates. `{t}` in SQL stands
//! for the alias of the type's table.

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
    pub sql: &'static str,
    /// Kind.
    pub kind: ScalarKind,
    /// Meaning, with its unit.
    pub description: &'static str,
    /// Shown as a field of the object (others serve filters alone).
    pub shown: bool,
    /// Never empty, so that an index can give its order.
    pub required: bool,
    /// For filters over related rows: an `exists (…)` with `{condition}` for the comparison of
    /// `sql`.
    pub within: Option<&'static str>,
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

/// A relation: `{t}` is this type's table, `{u}` the related one's.
#[derive(Clone, Copy, Debug)]
pub struct Relation {
    /// Name in GraphQL.
    pub name: &'static str,
    /// The related type.
    pub target: &'static str,
    /// One or several.
    pub many: Many,
    /// Tables between, if any, as a `join … on …` to be put behind the related table.
    pub through: &'static str,
    /// Condition that ties the two.
    pub on: &'static str,
    /// Meaning.
    pub description: &'static str,
}

/// A key to group by.
#[derive(Clone, Copy, Debug)]
pub struct GroupKey {
    /// Name in the enum, e.g. `HAZARD`.
    pub name: &'static str,
    /// Name in the key object, e.g. `hazard`.
    pub key: &'static str,
    /// Expression.
    pub sql: &'static str,
    /// Joins it needs.
    pub join: &'static str,
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
    /// Tables: the type's own, and those joined by a reference that is never empty, or by a left
    /// join.
    pub from: &'static str,
    /// Always true of its rows.
    pub only: &'static str,
    /// Key, unique among its rows.
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
    /// Column prefix of lineage (`{t}` or another alias with `file_id`, `source_row`, `batch_id`);
    /// empty without.
    pub lineage: &'static str,
    /// Which rows a region viewer may see, with `{regions}` for its region ids; empty when all are
    /// open.
    pub visible: &'static str,
    /// Order when none is asked, as field names with a leading `-` for descending.
    pub order: &'static [&'static str],
}

impl Entity {
    /// Group keys, in the order of the schema.
    pub fn keys(&self) -> impl Iterator<Item = &'static GroupKey> + use<> {
        self.group_keys.iter().copied().flatten()
    }

    /// Where a relation's one record stands among this type's tables, joined by what is never
    /// empty: the end of its alias, e.g. `e`.
    pub fn beside(&self, relation: &Relation) -> Option<&'static str> {
        let table = super::catalogue::entity(relation.target).from.strip_suffix(" {t}")?;
        if relation.many == Many::List || !relation.through.is_empty() {
            return None;
        }
        self.from.split(" join ").zip(self.from.split(" join ").skip(1)).find_map(
            |(before, piece)| {
                let (name, on) =
                    piece.strip_prefix(table)?.strip_prefix(" {t}")?.split_once(" on ")?;
                let on = on.strip_suffix(" left").unwrap_or(on);
                let same = on == relation.on.replace("{u}", &format!("{{t}}{name}"));
                (same && !before.ends_with(" left")).then_some(name)
            },
        )
    }

    /// The tables under `alias` that a statement uses: a join whose columns stand nowhere in it
    /// changes no row.
    pub fn tables(&self, alias: &str, used: &str) -> String {
        let marked = self.from.replace(" left join ", " join left ").replace("{t}", alias);
        let mut pieces: Vec<&str> = marked.split(" join ").collect();
        let own = pieces.remove(0);
        let mut needed = used.to_owned();
        let mut joins = Vec::new();
        for piece in pieces.iter().rev() {
            let (word, table) =
                piece.strip_prefix("left ").map_or(("join", *piece), |table| ("left join", table));
            let name = table.split_whitespace().nth(1).unwrap_or_default();
            if needed.contains(&format!("{name}.")) {
                needed.push_str(table);
                joins.push(format!(" {word} {table}"));
            }
        }
        joins.reverse();
        format!("{own}{}", joins.concat())
    }
}

/// A shown column.
pub const fn field(
    name: &'static str,
    sql: &'static str,
    kind: ScalarKind,
    description: &'static str,
) -> EntityField {
    EntityField { name, sql, kind, description, shown: true, required: false, within: None }
}

/// A column for filters over related rows.
pub const fn within(
    name: &'static str,
    sql: &'static str,
    kind: ScalarKind,
    within: &'static str,
    description: &'static str,
) -> EntityField {
    EntityField {
        name,
        sql,
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
    sql: &'static str,
    kind: ScalarKind,
    description: &'static str,
) -> EntityField {
    EntityField { name, sql, kind, description, shown: false, required: false, within: None }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::entity;

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
        let score = entity("RiskScore");
        assert_eq!(score.tables("t1", "t1.risk > 0"), "warehouse.risk_score t1");
        let by_region = score.tables("t1", "t1r.code = 'x'");
        assert!(
            by_region.contains("risk_assessment t1a") && !by_region.contains("hazard"),
            "{by_region}"
        );
        let action = entity("CorrectiveAction").tables("t1", "t1e.name = 'x'");
        assert!(
            action.contains("left join warehouse.event t1e on") && !action.contains("t1r"),
            "{action}"
        );
    }
}
