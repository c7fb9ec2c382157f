//! How Postgres plans the statements of the API.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;

use diesel::row::Row as _;
use diesel::sql_types::{BigInt, Text};
use hotwash_graphql::pool::{Planning, QueryPool};
use hotwash_graphql::sql::{Comparison, Condition, Expression, Select, Source, Value};
use hotwash_schema::testing::TestDatabase;

/// Selects the names of the events with a hazard.
fn names(hazard: i32) -> Select {
    let is_hazard = Condition::Compare(
        Expression::column("t1", "hazard_id"),
        Comparison::Equal,
        Expression::Value(Value::Int(hazard)),
    );
    Select {
        columns: vec![Expression::column("t1", "name")],
        from: Some(Source::Table("warehouse.event", "t1".into())),
        conditions: vec![is_hazard],
        ..Select::default()
    }
}

/// Counts the events with a hazard.
fn count(hazard: i32) -> Select {
    Select { columns: vec![Expression::Sql("count(*)")], ..names(hazard) }
}

/// Returns the statements that the connection keeps prepared, with how often each was planned for
/// its values and how often by its generic plan.
async fn plans(pool: &QueryPool) -> Vec<(String, i64, i64)> {
    let column = |name| Expression::column("p", name);
    let prepared = Select {
        columns: vec![column("statement"), column("custom_plans"), column("generic_plans")],
        from: Some(Source::Table("pg_prepared_statements", "p".into())),
        ..Select::default()
    };
    let rows = pool.query(&prepared, Planning::Custom).await.unwrap();
    let plans = rows.iter().map(|row| {
        let statement = row.0.get_value::<Text, String, _>(0).unwrap();
        let [custom, generic] =
            [1, 2].map(|index| row.0.get_value::<BigInt, i64, _>(index).unwrap());
        (statement, custom, generic)
    });
    plans.filter(|(statement, ..)| statement.contains("warehouse.event")).collect()
}

#[tokio::test]
async fn a_list_gets_a_generic_plan_and_an_aggregate_is_planned_for_its_values() {
    let database = TestDatabase::new().await;
    let pool = QueryPool::new(database.url(), 1, 1, Duration::from_secs(60));
    for hazard in 1..=9 {
        pool.query(&names(hazard), Planning::Cached).await.unwrap();
        pool.query(&count(hazard), Planning::Custom).await.unwrap();
    }
    let plans = plans(&pool).await;
    let [(statement, custom, generic)] = &plans[..] else { panic!("{plans:?}") };
    assert!(statement.contains("t1.name"), "{statement}");
    // Postgres compares the generic plan with the first five.
    assert_eq!((*custom, *generic), (5, 4));
}
