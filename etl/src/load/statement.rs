//! Statements of the merge. The text is a file of `etl/sql`. Parts that follow from a record type,
//! `{part}`, are filled in from its description.
//!
//! Only this module builds SQL from pieces. Text is static or from a description, identifiers are
//! quoted, and values are bound.

use std::borrow::Cow;

use diesel::QueryResult;
use diesel::pg::{Pg, PgQueryBuilder};
use diesel::query_builder::{AstPass, QueryBuilder, QueryFragment};
use diesel::result::Error::QueryBuilderError;
use diesel::sql_types::{Array, BigInt, Integer, Text};
use hotwash_schema::record::RecordType;

use crate::sql::{SqlFile, sql};

/// A piece of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// SQL text.
    Sql(Cow<'a, str>),
    /// An identifier, to quote.
    Name(Cow<'a, str>),
    /// A value, to bind.
    Value(Value<'a>),
    /// A part that is not filled in yet.
    Part(&'static str),
    /// A value that is not given yet.
    Unbound(&'static str),
}

/// A value to bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// Texts.
    Texts(Vec<&'a str>),
    /// An integer.
    Integer(i32),
    /// Row numbers.
    Rows(Vec<i64>),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i32> for Value<'_> {
    fn from(number: i32) -> Self {
        Self::Integer(number)
    }
}

impl<'a> From<Vec<&'a str>> for Value<'a> {
    fn from(texts: Vec<&'a str>) -> Self {
        Self::Texts(texts)
    }
}

impl From<Vec<i64>> for Value<'_> {
    fn from(rows: Vec<i64>) -> Self {
        Self::Rows(rows)
    }
}

/// A statement, or a part of one.
#[derive(Clone, Debug, Default)]
pub struct Statement<'a>(Vec<Piece<'a>>);

impl<'a> Statement<'a> {
    /// Returns the statement of a file.
    pub fn of(file: SqlFile) -> Self {
        let names: Vec<&'static str> = file.binds().collect();
        let (mut pieces, mut rest) = (Vec::new(), file.statement().trim_end());
        while let Some(index) = rest.find(['{', '$']) {
            let (before, at) = rest.split_at(index);
            let Some((piece, length)) = part(at).or_else(|| bind(at, &names)) else {
                let (text, after) = rest.split_at(index + 1);
                pieces.push(Piece::Sql(text.into()));
                rest = after;
                continue;
            };
            pieces.push(Piece::Sql(before.into()));
            pieces.push(piece);
            rest = &at[length..];
        }
        pieces.push(Piece::Sql(rest.into()));
        Self(pieces)
    }

    /// Returns a part with this text.
    pub fn sql(text: &'static str) -> Self {
        Self(vec![Piece::Sql(text.into())])
    }

    /// Returns a part with an identifier.
    pub fn name(name: impl Into<Cow<'a, str>>) -> Self {
        Self(vec![Piece::Name(name.into())])
    }

    /// Returns a part with a number.
    pub fn number(number: usize) -> Self {
        Self(vec![Piece::Sql(number.to_string().into())])
    }

    /// Returns the parts with a separator between them.
    pub fn joined(parts: impl IntoIterator<Item = Self>, separator: &'static str) -> Self {
        let mut joined = Self::default();
        for part in parts {
            if !joined.0.is_empty() {
                joined = joined.and(separator);
            }
            joined.0.extend(part.0);
        }
        joined
    }

    /// Returns SQL of a record type's description.
    fn described(text: String) -> Self {
        Self(vec![Piece::Sql(text.into())])
    }

    /// Appends text.
    pub fn and(mut self, text: &'static str) -> Self {
        self.0.push(Piece::Sql(text.into()));
        self
    }

    /// Appends an identifier.
    pub fn and_name(mut self, name: impl Into<Cow<'a, str>>) -> Self {
        self.0.push(Piece::Name(name.into()));
        self
    }

    /// Appends a part.
    pub fn and_part(mut self, part: Self) -> Self {
        self.0.extend(part.0);
        self
    }

    /// Returns the query in parentheses, to read from or to compare with.
    pub fn subquery(self) -> Self {
        Self::sql("(").and_part(self).and(")")
    }

    /// Returns whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the text of a statement without values.
    pub fn text(&self) -> QueryResult<String> {
        let mut text = PgQueryBuilder::default();
        self.to_sql(&mut text, &Pg)?;
        Ok(text.finish())
    }

    /// Fills in a part.
    pub fn part(self, name: &str, part: Self) -> Self {
        let filled = self.0.into_iter().flat_map(|piece| match piece {
            Piece::Part(found) if found == name => part.0.clone(),
            piece => vec![piece],
        });
        Self(filled.collect())
    }

    /// Fills in a part with an identifier.
    pub fn part_name(self, part: &str, name: impl Into<Cow<'a, str>>) -> Self {
        self.part(part, Self::name(name))
    }

    /// Gives a value.
    pub fn value(mut self, name: &str, value: impl Into<Value<'a>>) -> Self {
        let value = value.into();
        for piece in &mut self.0 {
            if matches!(piece, Piece::Unbound(found) if *found == name) {
                *piece = Piece::Value(value.clone());
            }
        }
        self
    }

    /// Fills in the tables, the columns and the names of a record type.
    pub fn of_record(self, record: &'static RecordType) -> Self {
        let key = key_of(record.name);
        let targets = record.merged_columns().map(|(target, _)| Self::name(target));
        let values = record.merged_columns().map(|(_, value)| Self::described(value));
        self.part_name("table", record.name)
            .part_name("key", key.clone())
            .part_name("stage", record.staging)
            .part_name("merging", merging_table(record))
            .part("targets", Self::joined(targets, ", "))
            .part("values", Self::joined(values, ", "))
            .value("record", record.name)
            .value("qualified_table", qualified(record.name))
            .value("key_name", key)
    }
}

/// Returns the part with which a text begins, and its length.
fn part(text: &'static str) -> Option<(Piece<'static>, usize)> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    (!name.is_empty() && name.chars().all(is_name)).then(|| (Piece::Part(name), name.len() + 2))
}

/// Returns the value with which a text begins, and its length.
fn bind(text: &'static str, names: &[&'static str]) -> Option<(Piece<'static>, usize)> {
    let number = text.strip_prefix('$')?;
    let length = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
    let index: usize = number[..length].parse().ok()?;
    Some((Piece::Unbound(names.get(index.checked_sub(1)?)?), length + 1))
}

/// Returns the name of a table of the warehouse with its schema.
pub fn qualified(table: &str) -> String {
    ["warehouse", table].join(".")
}

/// Returns the name of a table's key.
pub fn key_of(table: &str) -> String {
    [table, "id"].join("_")
}

/// Returns the name of the temporary table with the new and changed records of a type.
pub fn merging_table(record: &RecordType) -> String {
    ["merging", record.name].join("_")
}

/// A foreign key: schema and name of the referenced table, the columns, and the referenced columns.
pub type ForeignKey = (String, String, Vec<String>, Vec<String>);

/// Returns a query that counts the missing references of new records, each looked up once. Existing
/// rows are locked until the transaction ends, as under a foreign key.
pub fn unknown_references<'a>(
    record: &'static RecordType,
    keys: Vec<ForeignKey>,
) -> Option<Statement<'a>> {
    let (mut queries, mut counts) = (Vec::new(), Vec::new());
    for (index, (schema, table, columns, keys)) in keys.into_iter().enumerate() {
        let value_of = |column: &String| {
            record.merged_columns().find(|(target, _)| target == column).map(|(_, value)| value)
        };
        // The batch and the file exist: this transaction inserted them.
        let Some(values) = columns.iter().map(value_of).collect::<Option<Vec<String>>>() else {
            continue;
        };
        let values = values.into_iter().map(Statement::described);
        let stated = values.clone().map(|value| value.and(" is not null"));
        let keys = keys.into_iter().map(|key| Statement::sql("t.").and_name(key));
        let reference = |file| {
            Statement::of(file)
                .part_name("named", ["named", &index.to_string()].join("_"))
                .part_name("locked", ["locked", &index.to_string()].join("_"))
        };
        let named = reference(sql!("record/references.sql"))
            .of_record(record)
            .part("references", Statement::joined(values, ", "))
            .part("stated", Statement::joined(stated, " and "));
        let locked = reference(sql!("record/referenced.sql"))
            .part("referenced", Statement::name(schema).and(".").and_name(table))
            .part("keys", Statement::joined(keys, ", "));
        queries.extend([named, locked]);
        counts.push(reference(sql!("record/count_missing.sql")));
    }
    let queries = Statement::joined(queries, ", ");
    let counts = Statement::joined(counts, " + ");
    (!counts.is_empty())
        .then(|| Statement::sql("with ").and_part(queries).and(" select ").and_part(counts))
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for piece in &self.0 {
            match piece {
                Piece::Sql(text) => out.push_sql(text),
                Piece::Name(name) => out.push_identifier(name)?,
                Piece::Value(Value::Text(text)) => out.push_bind_param::<Text, str>(text)?,
                Piece::Value(Value::Texts(texts)) => {
                    out.push_bind_param::<Array<Text>, Vec<&str>>(texts)?;
                }
                Piece::Value(Value::Integer(number)) => {
                    out.push_bind_param::<Integer, i32>(number)?;
                }
                Piece::Value(Value::Rows(rows)) => {
                    out.push_bind_param::<Array<BigInt>, Vec<i64>>(rows)?;
                }
                Piece::Part(name) | Piece::Unbound(name) => {
                    let missing = format!("a statement of the loader lacks its part {name:?}");
                    return Err(QueryBuilderError(missing.into()));
                }
            }
        }
        Ok(())
    }
}

/// Fills a temporary table with the result of a query.
pub struct Fill<'a> {
    /// The table.
    pub table: &'a str,
    /// True if the table exists.
    pub exists: bool,
    /// The query.
    pub query: Statement<'a>,
}

impl QueryFragment<Pg> for Fill<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (before, after) =
            if self.exists { ("insert into ", " ") } else { ("create temp table ", " as ") };
        out.push_sql(before);
        out.push_identifier(self.table)?;
        out.push_sql(after);
        self.query.walk_ast(out)
    }
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::pg::Pg;
    use hotwash_schema::record::{self, RECORD_TYPES};

    use super::{Fill, Statement, unknown_references};
    use crate::sql::{SqlFile, sql};

    /// Returns the text of a statement and its values.
    fn written(statement: &Statement<'_>) -> String {
        let written = debug_query::<Pg, _>(statement).to_string();
        written.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_are_quoted_and_values_are_bound() {
        let text = "-- Finds rows.\n-- binds: source, near\nselect {columns} from {stage} f where \
            a = $1 and b < $2 and c ~ '^[0-9a-f]{24}$' and d <> '{}'\n";
        let columns = ["a", "b\" or true --"].map(Statement::name);
        let statement = Statement::of(SqlFile::of(text))
            .part("columns", Statement::joined(columns, ", "))
            .part_name("stage", "stage_event")
            .value("near", 3)
            .value("source", "x'; drop table event; --");
        assert_eq!(
            written(&statement),
            r#"select "a", "b"" or true --" from "stage_event" f where a = $1 and b < $2 and c ~ '^[0-9a-f]{24}$' and d <> '{}' -- binds: ["x'; drop table event; --", 3]"#
        );
    }

    #[test]
    fn a_part_keeps_its_values_wherever_it_is_filled_in() {
        let found = Statement::of(SqlFile::of("-- binds: source\nselect 1 where a = $1"));
        let found = found.value("source", "test").subquery();
        let outer = SqlFile::of("-- binds: file\nselect $1 from {found} f join {found} g");
        let statement = Statement::of(outer).value("file", 7).part("found", found);
        assert_eq!(
            written(&statement),
            "select $1 from (select 1 where a = $2) f join (select 1 where a = $3) g -- binds: [7, \
             \"test\", \"test\"]"
        );
    }

    #[test]
    fn a_statement_that_lacks_a_part_or_a_value_is_not_sent() {
        let statement = Statement::of(SqlFile::of("-- binds: source\nselect {columns} where $1"));
        let lacks = |statement: &Statement<'_>| statement.text().unwrap_err().to_string();
        assert!(lacks(&statement).contains("\"columns\""), "{}", lacks(&statement));
        let statement = statement.part_name("columns", "a");
        assert!(lacks(&statement).contains("\"source\""), "{}", lacks(&statement));
    }

    #[test]
    fn a_record_type_states_its_tables_and_columns() {
        let insert = Statement::of(sql!("record/insert.sql")).of_record(&record::MILESTONE);
        let insert = insert.value("source", "test").value("batch", 1).value("file", 2);
        assert_eq!(
            written(&insert),
            r#"insert into warehouse."milestone" ("milestone_id", "event_id", "milestone_type_id", "sequence", "occurred_at", "time_precision", "organization_id", source, source_id, batch_id, file_id, source_row, content_hash) select f.id, f.event_id, f.milestone_type_id, f.sequence, f.occurred_at, f.time_precision, f.organization_id, $1, f.source_id, $2, $3, f.source_row, f.content_hash from "merging_milestone" f where f.is_new order by f.id -- binds: ["test", 1, 2]"#
        );
    }

    #[test]
    fn missing_references_are_counted_once_for_each_foreign_key() {
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let key = |table: &str, column: &str| {
            ("warehouse".to_owned(), table.to_owned(), texts(&[column]), texts(&[column]))
        };
        let keys = vec![key("event", "event_id"), key("file", "file_id")];
        let statement = unknown_references(&record::MILESTONE, keys).unwrap();
        assert_eq!(
            written(&statement),
            r#"with "named_0" as materialized ( select distinct f.event_id from "merging_milestone" f where f.is_new and f.event_id is not null), "locked_0" as materialized ( select from "warehouse"."event" t where (t."event_id") in ( select * from "named_0") for key share) select ( select count(*) from "named_0") - ( select count(*) from "locked_0") -- binds: []"#
        );
        assert!(unknown_references(&record::MILESTONE, Vec::new()).is_none());
    }

    #[test]
    fn a_temporary_table_is_filled_or_created() {
        let filled = |exists| {
            let fill = Fill { table: "merging", exists, query: Statement::sql("select 1") };
            debug_query::<Pg, _>(&fill).to_string()
        };
        assert_eq!(filled(true), r#"insert into "merging" select 1 -- binds: []"#);
        assert_eq!(filled(false), r#"create temp table "merging" as select 1 -- binds: []"#);
    }

    #[test]
    fn statements_over_one_record_type_are_complete_for_each() {
        for record in RECORD_TYPES.iter().filter(|record| !record.staging.is_empty()) {
            for file in [
                sql!("record/count_repeated.sql"),
                sql!("record/count_merging.sql"),
                sql!("record/update.sql"),
                sql!("record/insert.sql"),
                sql!("record/move_split.sql"),
                sql!("record/later_version.sql"),
            ] {
                let statement = Statement::of(file).of_record(record);
                let statement = statement.value("source", "test").value("batch", 1);
                let text = statement.value("file", 2).text().unwrap();
                assert!(!text.contains(['{', '}']), "{text}");
            }
        }
    }
}
