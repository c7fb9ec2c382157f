//! Tests the pool of Diesel connections: cancellation, replacement and rejection.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Integer};
use diesel::{IntoSql, sql_query};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use hotwash_schema::SchemaError;
use hotwash_schema::connect::connect;
use hotwash_schema::pool::{Pool, PoolOptions};
use hotwash_schema::testing::TestDatabase;

const SLEEPERS: &str = "select count(*) from pg_stat_activity where datname = current_database() \
    and state = 'active' and query like '%pg_sleep(61)%' and pid <> pg_backend_pid()";

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn one(pool: &Pool) -> Result<i32, SchemaError> {
    pool.run(async |connection| {
        Ok(diesel::select(1.into_sql::<Integer>()).get_result(connection).await?)
    })
    .await
}

async fn sleepers(pool: &Pool) -> i64 {
    pool.run(async |connection| {
        let row = sql_query(SLEEPERS).get_result::<Count>(connection).await?;
        Ok::<_, SchemaError>(row.count)
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_statement_whose_caller_goes_away_is_canceled_in_postgres() {
    let database = TestDatabase::new().await;
    let pool =
        Pool::with_options(database.url(), PoolOptions { connections: 1, ..Default::default() });
    let observer = Pool::new(database.url());
    let sleeping = tokio::spawn({
        let pool = pool.clone();
        async move {
            pool.run(async |connection| {
                sql_query("select pg_sleep(61)").execute(connection).await?;
                Ok::<_, SchemaError>(())
            })
            .await
        }
    });
    while sleepers(&observer).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sleeping.abort();
    assert!(sleeping.await.unwrap_err().is_cancelled());
    let began = Instant::now();
    assert_eq!(one(&pool).await.unwrap(), 1, "the only connection of the pool is free again");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    while sleepers(&observer).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the statement still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_connection_that_was_cut_is_replaced() {
    let database = TestDatabase::new().await;
    let pool =
        Pool::with_options(database.url(), PoolOptions { connections: 1, ..Default::default() });
    assert_eq!(one(&pool).await.unwrap(), 1);
    let cutter = connect(database.url()).await.unwrap();
    let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = \
        current_database() and pid <> pg_backend_pid()";
    let found: i64 = cutter.query_one(cut, &[]).await.unwrap().get(0);
    assert_eq!(found, 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(one(&pool).await.unwrap(), 1);
}

#[tokio::test]
async fn a_statement_that_is_cut_reports_the_loss_and_its_remedy() {
    let database = TestDatabase::new().await;
    let pool = Pool::new(database.url());
    let itself = pool.run(async |connection| {
        sql_query("select pg_terminate_backend(pg_backend_pid())").execute(connection).await?;
        Ok::<_, SchemaError>(())
    });
    let said = itself.await.unwrap_err();
    assert!(said.is_away(), "{said}");
}

#[tokio::test]
async fn a_transaction_that_was_left_open_does_not_return_to_the_pool() {
    let database = TestDatabase::new().await;
    let pool =
        Pool::with_options(database.url(), PoolOptions { connections: 1, ..Default::default() });
    let waiting = pool.run(async |connection: &mut AsyncPgConnection| {
        connection
            .transaction(async |connection| {
                sql_query("insert into meta.setting values ('left', '1')")
                    .execute(connection)
                    .await?;
                std::future::pending::<()>().await;
                Ok::<_, SchemaError>(())
            })
            .await
    });
    assert!(tokio::time::timeout(Duration::from_millis(300), waiting).await.is_err());
    let left = pool
        .run(async |connection| {
            let rows = "select count(*) from meta.setting where name = 'left'";
            let row = sql_query(rows).get_result::<Count>(connection).await?;
            Ok::<_, SchemaError>(row.count)
        })
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_pool_that_only_reads_reports_what_postgres_rejects() {
    let database = TestDatabase::new().await;
    let options = PoolOptions { is_read_only: true, ..Default::default() };
    let pool = Pool::with_options(database.url(), options);
    let rejected = pool.run(async |connection| {
        sql_query("delete from meta.setting").execute(connection).await?;
        Ok::<_, SchemaError>(())
    });
    assert_eq!(
        rejected.await.unwrap_err().to_string(),
        "the database says: cannot execute DELETE in a read-only transaction"
    );
}

#[tokio::test]
async fn a_time_limit_is_known_by_its_timer_and_not_by_words_or_codes() {
    let database = TestDatabase::new().await;
    let limit = Duration::from_millis(400);
    let options = PoolOptions { connections: 1, time_limit: Some(limit), ..Default::default() };
    let pool = Pool::with_options(database.url(), options);
    let observer = Pool::new(database.url());
    let error = async |statement: &'static str| {
        let failed = pool.run(async |connection| {
            sql_query(statement).execute(connection).await?;
            Ok::<_, SchemaError>(())
        });
        failed.await.unwrap_err()
    };
    let began = Instant::now();
    let late = error("select pg_sleep(61)").await;
    assert!(matches!(late, SchemaError::TimeLimit(at) if at == limit), "{late}");
    assert_eq!(
        late.to_string(),
        "the database took longer than 400 ms, and the statement was canceled"
    );
    while sleepers(&observer).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the statement still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // An operator's cancellation has the SQLSTATE of a time limit, but is not one.
    let canceled = error("do $$ begin raise query_canceled; end $$").await;
    assert!(matches!(canceled, SchemaError::Database(_)), "{canceled}");
    let words = "do $$ begin raise 'canceling statement due to statement timeout'; end $$";
    let error_of_words = error(words).await;
    assert!(matches!(error_of_words, SchemaError::Database(_)), "{error_of_words}");
    assert_eq!(one(&pool).await.unwrap(), 1, "the next statement has another connection");
}

#[tokio::test]
async fn postgres_ends_a_statement_whose_process_cannot_cancel_it() {
    let database = TestDatabase::new().await;
    let options = PoolOptions { time_limit: Some(Duration::from_secs(30)), ..Default::default() };
    let pool = Pool::with_options(database.url(), options);
    let limit = pool.run(async |connection| {
        let limit = "select setting::bigint as count from pg_settings where name = \
            'statement_timeout'";
        Ok::<_, SchemaError>(sql_query(limit).get_result::<Count>(connection).await?.count)
    });
    assert_eq!(limit.await.unwrap(), 35_000, "milliseconds");
}

#[tokio::test]
async fn an_address_that_leads_nowhere_has_the_message_of_a_single_connection() {
    for url in ["postgres://127.0.0.1:9/none", "mysql://127.0.0.1/none", "postgres://h/d?sslmode=x"]
    {
        let single = connect(url).await.err().unwrap();
        let pooled = one(&Pool::new(url)).await.unwrap_err();
        assert_eq!(pooled.to_string(), single.to_string());
        assert_eq!(pooled.is_away(), single.is_away());
    }
}

#[tokio::test]
async fn a_loss_is_known_by_the_connection_and_not_by_the_words_of_an_error() {
    let database = TestDatabase::new().await;
    let pool = Pool::new(database.url());
    let error = async |statement: &'static str| {
        let failed = pool.run(async |connection| {
            sql_query(statement).execute(connection).await?;
            Ok::<_, SchemaError>(())
        });
        failed.await.unwrap_err()
    };
    let words = "do $$ begin raise 'terminating connection due to administrator command'; end $$";
    let error_of_words = error(words).await;
    assert!(matches!(error_of_words, SchemaError::Database(_)), "{error_of_words}");
    let loss = error("select pg_terminate_backend(pg_backend_pid())").await;
    assert!(matches!(loss, SchemaError::Lost(_)), "{loss}");
    assert_eq!(one(&pool).await.unwrap(), 1, "the next statement has another connection");
}
