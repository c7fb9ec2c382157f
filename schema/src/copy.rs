//! A connection that runs COPY and Diesel statements in one transaction.
//!
//! A file is stored completely or not at all: COPY into its staging tables and the merge share one
//! transaction, and so one connection. A snapshot reads its tables by COPY, and its lists by
//! Diesel, at one moment. diesel-async has no COPY, and its connection does not lend its client.
//! This module therefore owns the client.

mod error;
mod out;
mod rows;
mod statement;

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use diesel::deserialize::FromSqlRow;
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::row::Row;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use futures::{SinkExt, Stream};
use tokio_postgres::{Client, CopyInSink, CopyOutStream, IsolationLevel, Transaction};

use crate::connect::connect;
use crate::error::SchemaError;
pub use error::Error;
use out::CopyOut;
pub use out::RowFormat;
use statement::{WrittenStatement, read};

/// A connection outside of a transaction.
pub struct Connection {
    client: Client,
}

impl Connection {
    /// Connects to a database.
    ///
    /// # Errors
    /// Fails as [`connect`] does.
    pub async fn open(url: &str) -> Result<Self, SchemaError> {
        Ok(Self { client: connect(url).await? })
    }

    /// Returns whether the connection is closed.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Begins a transaction, which is rolled back unless it is committed.
    ///
    /// # Errors
    /// Fails if the connection is lost.
    pub async fn begin(&mut self) -> Result<OpenTransaction<'_>, Error> {
        Ok(OpenTransaction(self.client.transaction().await?))
    }

    /// Begins a read-only transaction that sees one moment of the database.
    ///
    /// # Errors
    /// Fails if the connection is lost.
    pub async fn begin_snapshot(&mut self) -> Result<OpenTransaction<'_>, Error> {
        let builder = self.client.build_transaction();
        let builder = builder.isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        Ok(OpenTransaction(builder.start().await?))
    }

    /// Begins a read-only transaction that sees the exported moment of another transaction.
    ///
    /// # Errors
    /// Fails if the other transaction has ended.
    pub async fn join_snapshot(&mut self, moment: &str) -> Result<OpenTransaction<'_>, Error> {
        let transaction = self.begin_snapshot().await?;
        transaction.run_batch(&["set transaction snapshot '", moment, "'"].concat()).await?;
        Ok(transaction)
    }
}

/// A transaction that is open.
pub struct OpenTransaction<'a>(Transaction<'a>);

impl OpenTransaction<'_> {
    /// Commits the transaction.
    ///
    /// # Errors
    /// Fails if Postgres cannot commit, or the connection is lost.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.0.commit().await?)
    }

    /// Rolls the transaction back.
    ///
    /// # Errors
    /// Fails if the connection is lost.
    pub async fn rollback(self) -> Result<(), Error> {
        Ok(self.0.rollback().await?)
    }

    /// Returns the moment that the transaction sees, for [`Connection::join_snapshot`].
    ///
    /// # Errors
    /// Fails if the connection is lost.
    pub async fn export_snapshot(&self) -> Result<String, Error> {
        self.row::<Text, _>(sql_query("select pg_export_snapshot()")).await
    }

    /// Begins a COPY into a temporary table.
    ///
    /// # Errors
    /// Fails if the table does not exist, or the connection is lost.
    pub async fn copy_into(&self, table: &str, format: CopyFormat) -> Result<CopySink, Error> {
        let options = match format {
            CopyFormat::Binary => " from stdin (format binary)",
            CopyFormat::Text => " from stdin",
        };
        Ok(CopySink(Box::pin(self.0.copy_in(&["copy ", table, options].concat()).await?)))
    }
}

/// Format of the rows that a COPY receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyFormat {
    /// Binary: each value has exactly the type of its column.
    Binary,
    /// Text, separated by tabs.
    Text,
}

/// A COPY that receives rows.
pub struct CopySink(Pin<Box<CopyInSink<Bytes>>>);

impl CopySink {
    /// Sends bytes in the format of the COPY.
    ///
    /// # Errors
    /// Fails if Postgres ended the COPY, or the connection is lost.
    pub async fn send(&mut self, bytes: impl Into<Bytes>) -> Result<(), Error> {
        Ok(self.0.send(bytes.into()).await?)
    }

    /// Ends the COPY.
    ///
    /// # Errors
    /// Fails if Postgres rejects a row, or the connection is lost.
    pub async fn finish(mut self) -> Result<(), Error> {
        self.0.as_mut().finish().await?;
        Ok(())
    }
}

/// A COPY that returns bytes. The connection must outlive it.
pub struct CopyStream(Pin<Box<CopyOutStream>>);

impl Stream for CopyStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map_err(Error::from)
    }
}

/// Client of a connection, for the statements of this module only.
pub struct Lent<'a>(&'a Client);

/// Runs Diesel statements and COPY on a connection or in a transaction.
pub trait RunStatement {
    /// Returns the client that runs the statements.
    fn lent(&self) -> Lent<'_>;

    /// Runs statements without values.
    fn run_batch(&self, sql: &str) -> impl Future<Output = Result<(), Error>> + Send {
        let running = self.lent().0.batch_execute(sql);
        async move { Ok(running.await?) }
    }

    /// Runs a statement, and returns the number of its rows.
    fn execute(
        &self,
        statement: impl QueryFragment<Pg>,
    ) -> impl Future<Output = Result<u64, Error>> + Send {
        let (client, written) = (self.lent().0, WrittenStatement::of(&statement));
        async move { written?.execute(client).await }
    }

    /// Runs a statement, and returns its rows, read as the given SQL types.
    fn rows<ST, T: FromSqlRow<ST, Pg> + Send>(
        &self,
        statement: impl QueryFragment<Pg>,
    ) -> impl Future<Output = Result<Vec<T>, Error>> + Send {
        read(self.lent().0, WrittenStatement::of(&statement), |row| T::build_from_row(row))
    }

    /// Runs a statement, and returns its one row, read as the given SQL types.
    fn row<ST, T: FromSqlRow<ST, Pg> + Send>(
        &self,
        statement: impl QueryFragment<Pg>,
    ) -> impl Future<Output = Result<T, Error>> + Send {
        let reading = self.rows::<ST, T>(statement);
        async move { Ok(reading.await?.pop().ok_or(diesel::result::Error::NotFound)?) }
    }

    /// Runs a statement that counts, and returns the numbers of its one row.
    fn counts<const N: usize>(
        &self,
        statement: impl QueryFragment<Pg>,
    ) -> impl Future<Output = Result<[u64; N], Error>> + Send {
        let reading = read(self.lent().0, WrittenStatement::of(&statement), |row| {
            let mut counts = [0; N];
            for (index, count) in counts.iter_mut().enumerate() {
                *count = row.get_value::<BigInt, i64, _>(index)?.unsigned_abs();
            }
            Ok(counts)
        });
        async move { Ok(reading.await?.pop().ok_or(diesel::result::Error::NotFound)?) }
    }

    /// Runs a COPY of the rows of a query, which has no values.
    fn copy_out(
        &self,
        query: impl QueryFragment<Pg>,
        format: RowFormat,
    ) -> impl Future<Output = Result<CopyStream, Error>> + Send {
        let (client, copy) = (self.lent().0, WrittenStatement::of(&CopyOut { query, format }));
        async move { Ok(CopyStream(Box::pin(client.copy_out(&copy?.sql).await?))) }
    }
}

impl RunStatement for Connection {
    fn lent(&self) -> Lent<'_> {
        Lent(&self.client)
    }
}

impl RunStatement for OpenTransaction<'_> {
    fn lent(&self) -> Lent<'_> {
        Lent(self.0.client())
    }
}
