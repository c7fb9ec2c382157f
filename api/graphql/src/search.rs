//! The query `search`, which ranks findings, corrective actions and events by the words of a text.

use async_graphql::Error;
use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use hotwash_schema::global_id::global_id;
use hotwash_schema::search::SearchText;
use serde_json::{Value as Json, json};

use super::catalog::ENTITIES;
use super::entity::Entity;
use super::error::{bad_input, internal};
use super::full_text::{ABOUT_WORDS, SEARCH, matches, query, words};
use super::node;
use super::pool::{Planning, QueryPool, Row};
use super::scalar::ScalarKind;
use super::shape::RowReader as _;
use super::sql::{Condition, Expression, Order, Select, parts};
use super::value::{by_name, owned};
use super::viewer_scope::ViewerScope;

/// Hits by default.
pub const HITS: i64 = 20;
/// Maximum number of hits.
const MOST_HITS: i64 = 100;
/// Maximum number of matching records of a type that are ranked, the newest.
const MOST_RANKED: i64 = 5_000;
/// Alias of the searched table.
const ALIAS: &str = "t1";
/// Characters around a matching word in an excerpt from Postgres. No document contains them.
const MARKS: [char; 2] = ['\u{2}', '\u{3}'];

/// Registers the types of the query.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let record_types = searched().fold(
        Enum::new("SearchRecordType").description("Record type with searched text."),
        |record_types, (entity, _)| {
            record_types.item(EnumItem::new(record_type_of(entity)).description(entity.description))
        },
    );
    let text = |name: &str| Field::new(name, TypeRef::named_nn(TypeRef::STRING), by_name);
    let part = Object::new("SearchExcerptPart")
        .description("Part of an excerpt, with or without a matching word.")
        .field(text("text").description("Plain text."))
        .field(
            Field::new("isMatch", TypeRef::named_nn(TypeRef::BOOLEAN), by_name)
                .description("True for a matching word."),
        );
    let excerpt = TypeRef::named_nn_list_nn("SearchExcerptPart");
    let hit = Object::new("SearchHit")
        .description("Record that matches a search.")
        .field(
            Field::new("recordType", TypeRef::named_nn("SearchRecordType"), by_name)
                .description("Its record type."),
        )
        .field(
            Field::new("id", TypeRef::named_nn(TypeRef::ID), by_name)
                .description("Its global id, for `node`."),
        )
        .field(text("title").description("Name of an event; text of a finding or an action."))
        .field(
            Field::new("excerpt", excerpt, by_name)
                .description("Fragments with matching words, as plain text in parts."),
        )
        .field(
            Field::new("rank", TypeRef::named_nn(TypeRef::FLOAT), by_name)
                .description("Relevance; comparable within one answer only."),
        )
        .field(node::record(
            "event",
            "Event",
            "event",
            "The event, or that of the finding or action. Empty if there is none, or if the viewer \
             may not see it.",
        ))
        .field(node::record("record", "Node", "id", "The record."));
    schema.register(record_types).register(part).register(hit)
}

/// Builds the query.
pub fn field() -> Field {
    Field::new(SEARCH, TypeRef::named_nn_list("SearchHit"), |ctx| {
        FieldFuture::new(async move {
            let hits = resolve(&ctx).await?;
            Ok(Some(owned(hits.iter().map(SearchHit::json).collect())))
        })
    })
    .description(format!(
        "Findings, corrective actions and events with these words, the most relevant first. Ranks \
         the newest {MOST_RANKED} matches of each type."
    ))
    .argument(InputValue::new("text", TypeRef::named_nn(TypeRef::STRING)).description(ABOUT_WORDS))
    .argument(
        InputValue::new("recordTypes", TypeRef::named_nn_list("SearchRecordType"))
            .description("Record types to search; all unless given."),
    )
    .argument(
        InputValue::new("first", TypeRef::named(TypeRef::INT))
            .description(format!("Maximum number of hits, 1 to {MOST_HITS}; {HITS} unless given.")),
    )
}

/// Record that matches a search.
struct SearchHit {
    entity: &'static Entity,
    key: i64,
    title: String,
    rank: f64,
    excerpt: String,
    event: Option<i64>,
}

impl SearchHit {
    fn of(entity: &'static Entity, row: &Row) -> Result<Self, Error> {
        let text = |at| row.with_text(at, |text| text.unwrap_or_default().to_owned());
        Ok(Self {
            entity,
            key: row.long(0)?.ok_or_else(|| internal(&"a hit has no key"))?,
            title: text(1)?,
            rank: row.float(2)?.unwrap_or_default(),
            excerpt: text(3)?,
            event: row.long(4)?,
        })
    }

    fn json(&self) -> Json {
        json!({
            "recordType": record_type_of(self.entity),
            "id": global_id(self.entity.name, self.key),
            "title": self.title,
            "rank": self.rank,
            "excerpt": excerpt_parts(&self.excerpt),
            "event": self.event.map(|key| global_id("Event", key)),
        })
    }
}

/// Returns the parts of an excerpt from Postgres.
fn excerpt_parts(excerpt: &str) -> Vec<Json> {
    let (mut parts, mut is_match) = (Vec::new(), false);
    for part in excerpt.split(MARKS) {
        if !part.is_empty() {
            parts.push(json!({ "text": part, "isMatch": is_match }));
        }
        is_match = !is_match;
    }
    parts
}

/// Returns the record types with searched text.
fn searched() -> impl Iterator<Item = (&'static Entity, &'static SearchText)> {
    ENTITIES.iter().filter_map(|entity| Some((*entity, entity.search.as_ref()?)))
}

/// Returns the name of a record type in `SearchRecordType`.
fn record_type_of(entity: &Entity) -> String {
    entity.table.trim_start_matches("warehouse.").to_ascii_uppercase()
}

async fn resolve(ctx: &ResolverContext<'_>) -> Result<Vec<SearchHit>, Error> {
    let (pool, seen) = (ctx.data::<QueryPool>()?, ctx.data::<ViewerScope>()?);
    let words = words("text", ctx.args.try_get("text")?.as_value())?;
    let limit = match ctx.args.try_get("first") {
        Ok(first) if !first.is_null() => match first.i64() {
            Ok(number) if (1..=MOST_HITS).contains(&number) => number,
            _ => {
                return Err(bad_input(format!(
                    "first: {} must lie between 1 and {MOST_HITS}",
                    first.as_value()
                )));
            }
        },
        _ => HITS,
    };
    let chosen: Option<Vec<String>> = match ctx.args.try_get("recordTypes") {
        Ok(chosen) if !chosen.is_null() => {
            let chosen = chosen.list()?;
            let names = chosen.iter().map(|one| one.enum_name().map(str::to_owned));
            Some(names.collect::<Result<_, _>>()?)
        }
        _ => None,
    };
    let mut hits = Vec::new();
    for (entity, text) in searched() {
        if chosen.as_ref().is_none_or(|chosen| chosen.contains(&record_type_of(entity))) {
            let select = statement(seen, entity, text, &words, limit)?;
            for row in pool.query(&select, Planning::Custom).await? {
                hits.push(SearchHit::of(entity, &row)?);
            }
        }
    }
    if hits.is_empty() {
        let stems = parts([Expression::Sql("numnode("), query(&words), Expression::Sql(")")]);
        let select = Select { columns: vec![stems.cast("bigint")], ..Select::default() };
        let counted = pool.query(&select, Planning::Custom).await?;
        if counted.first().map(|row| row.long(0)).transpose()?.flatten() == Some(0) {
            return Err(bad_input(format!(
                "text: {words:?} has only words that searches ignore, such as `the`; add one that \
                 says what to find"
            )));
        }
    }
    hits.sort_by(|one, other| other.rank.total_cmp(&one.rank));
    hits.truncate(limit as usize);
    Ok(hits)
}

/// Builds the statement for the most relevant records of a type: key, title, rank, excerpt, event.
fn statement(
    seen: &ViewerScope,
    entity: &'static Entity,
    text: &SearchText,
    words: &str,
    limit: i64,
) -> Result<Select, Error> {
    let matching = {
        let alias = "m1";
        let mut conditions = vec![matches(text, alias, words)];
        conditions.extend(entity.always(alias));
        conditions.extend(seen.condition(entity, alias)?);
        let newest = Order { by: entity.key(alias), direction: "desc" };
        let select = Select {
            columns: vec![entity.key(alias)],
            conditions,
            order: vec![newest],
            limit: Some(MOST_RANKED),
            ..Select::default()
        };
        Expression::Select(Box::new(entity.complete(alias, &[], select)))
    };
    let of = |formula| Expression::of(formula, ALIAS);
    let sql = Expression::Sql;
    let rank = parts([sql("ts_rank("), of(&text.words), sql(", "), query(words), sql(")")])
        .cast(ScalarKind::Float.sql());
    let excerpt = parts([
        sql("ts_headline('english', "),
        of(&text.text),
        sql(", "),
        query(words),
        sql(", 'StartSel=' || chr(2) || ',StopSel=' || chr(3) || \
            ',MaxFragments=2,MaxWords=30,MinWords=10,FragmentDelimiter=\" … \"')"),
    ]);
    let key = entity.key(ALIAS);
    let select = Select {
        columns: vec![
            key.clone().cast("bigint"),
            of(&text.title),
            rank.clone(),
            excerpt,
            Expression::column(ALIAS, "event_id").cast("bigint"),
        ],
        conditions: vec![Condition::Holds(parts([key.clone(), sql(" in "), matching]))],
        order: vec![Order { by: rank, direction: "desc" }, Order { by: key, direction: "desc" }],
        limit: Some(limit),
        ..Select::default()
    };
    Ok(entity.complete(ALIAS, &[], select))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_split_at_its_marks() {
        let parts = excerpt_parts("\u{2}Radios\u{3} of two <b>agencies</b> \u{2}failed\u{3}");
        let expected = [("Radios", true), (" of two <b>agencies</b> ", false), ("failed", true)];
        let expected =
            expected.map(|(text, is_match)| json!({ "text": text, "isMatch": is_match }));
        assert_eq!(parts, expected);
    }
}
