//! A connection that runs Diesel statements and binary COPY in one transaction.
//!
//! A file is stored completely or not at all: COPY into its staging tables and the merge share one
//! transaction, and so one connection. diesel-async has no COPY, and its connection does not lend
//! its client. This module therefore owns the client. COPY goes to the client. A Diesel statement
//! goes to it as text with the values that Diesel serialized, and Diesel reads the rows. It is not
//! prepared first, so it takes one round trip. Nothing else in this crate knows tokio-postgres.

use std::num::NonZeroU32;
use std::ops::Range;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use diesel::deserialize::FromSqlRow;
use diesel::pg::{
    FailedToLookupTypeError, Pg, PgMetadataCacheKey, PgMetadataLookup, PgQueryBuilder,
    PgTypeMetadata, PgValue,
};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{QueryBuilder, QueryFragment};
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};
use diesel::sql_types::BigInt;
use futures::SinkExt;
use hotwash_schema::SchemaError;
use hotwash_schema::connect::connect;
use hotwash_schema::error::said;
use hotwash_schema::loss::Loss;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};
use tokio_postgres::{Client, CopyInSink, Transaction};

type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Error of a statement or of a COPY.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Postgres rejected it, or the connection was lost.
    #[error("{}", said(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// Diesel could not write the statement or read a row.
    #[error(transparent)]
    Diesel(#[from] diesel::result::Error),
}

impl Error {
    /// Returns the loss of the connection, if that is the cause.
    pub fn loss(&self) -> Option<Loss> {
        match self {
            Self::Postgres(error) => Loss::of(error),
            Self::Diesel(error) => Loss::of(error),
        }
    }

    /// Returns whether the server's disk is full.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Postgres(error)
            if error.code() == Some(&tokio_postgres::error::SqlState::DISK_FULL))
    }
}

impl From<BoxedError> for Error {
    fn from(error: BoxedError) -> Self {
        Self::Diesel(diesel::result::Error::DeserializationError(error))
    }
}

impl From<Error> for SchemaError {
    fn from(error: Error) -> Self {
        match error {
            Error::Postgres(error) => error.into(),
            Error::Diesel(error) => error.into(),
        }
    }
}

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
    pub async fn begin(&mut self) -> Result<OpenTransaction<'_>, Error> {
        Ok(OpenTransaction(self.client.transaction().await?))
    }
}

/// A transaction that is open.
pub struct OpenTransaction<'a>(Transaction<'a>);

impl OpenTransaction<'_> {
    /// Commits the transaction.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.0.commit().await?)
    }

    /// Rolls the transaction back.
    pub async fn rollback(self) -> Result<(), Error> {
        Ok(self.0.rollback().await?)
    }

    /// Begins a binary COPY into a temporary table.
    pub async fn copy_into(&self, table: &str) -> Result<CopySink, Error> {
        let copy = ["copy ", table, " from stdin (format binary)"].concat();
        Ok(CopySink(Box::pin(self.0.copy_in(&copy).await?)))
    }
}

/// A COPY that receives rows.
pub struct CopySink(Pin<Box<CopyInSink<Bytes>>>);

impl CopySink {
    /// Sends bytes in the format of a binary COPY.
    pub async fn send(&mut self, bytes: impl Into<Bytes>) -> Result<(), Error> {
        Ok(self.0.send(bytes.into()).await?)
    }

    /// Ends the COPY.
    pub async fn finish(mut self) -> Result<(), Error> {
        self.0.as_mut().finish().await?;
        Ok(())
    }
}

/// Runs Diesel statements on a connection or in a transaction.
pub trait RunStatement {
    /// Returns the client that runs the statements.
    fn client(&self) -> &Client;

    /// Runs statements without values.
    fn run_batch(&self, sql: &str) -> impl Future<Output = Result<(), Error>> + Send {
        let running = self.client().batch_execute(sql);
        async move { Ok(running.await?) }
    }

    /// Runs a statement, and returns the number of its rows.
    fn execute(
        &self,
        statement: impl QueryFragment<Pg>,
    ) -> impl Future<Output = Result<u64, Error>> + Send {
        let (client, written) = (self.client(), WrittenStatement::of(&statement));
        async move {
            let written = written?;
            Ok(client.execute_typed(&written.sql, &written.values()).await?)
        }
    }

    /// Runs a statement, and returns its rows, read as the given SQL types.
    fn rows<ST, T: FromSqlRow<ST, Pg> + Send>(
        &self,
        statement: impl QueryFragment<Pg>,
    ) -> impl Future<Output = Result<Vec<T>, Error>> + Send {
        read(self.client(), WrittenStatement::of(&statement), |row| T::build_from_row(row))
    }

    /// Runs a statement that counts, and returns the numbers of its one row.
    fn counts<const N: usize>(
        &self,
        statement: impl QueryFragment<Pg>,
    ) -> impl Future<Output = Result<[u64; N], Error>> + Send {
        let reading = read(self.client(), WrittenStatement::of(&statement), |row| {
            let mut counts = [0; N];
            for (index, count) in counts.iter_mut().enumerate() {
                *count = row.get_value::<BigInt, i64, _>(index)?.unsigned_abs();
            }
            Ok(counts)
        });
        async move { Ok(reading.await?.pop().ok_or(diesel::result::Error::NotFound)?) }
    }
}

impl RunStatement for Connection {
    fn client(&self) -> &Client {
        &self.client
    }
}

impl RunStatement for OpenTransaction<'_> {
    fn client(&self) -> &Client {
        self.0.client()
    }
}

/// Runs a statement and reads each row.
async fn read<T: Send>(
    client: &Client,
    written: Result<WrittenStatement, Error>,
    read_row: impl Fn(&ReadRow<'_>) -> Result<T, BoxedError> + Send,
) -> Result<Vec<T>, Error> {
    let written = written?;
    let rows = client.query_typed(&written.sql, &written.values()).await?;
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let oids: Option<Vec<NonZeroU32>> =
        first.columns().iter().map(|column| NonZeroU32::new(column.type_().oid())).collect();
    let oids = oids.unwrap_or_default();
    let read = rows.iter().map(|row| read_row(&ReadRow { row, oids: &oids }));
    Ok(read.collect::<Result<Vec<T>, BoxedError>>()?)
}

/// Text of a statement with its values, as Diesel writes them.
struct WrittenStatement {
    sql: String,
    values: Vec<(Value, Type)>,
}

impl WrittenStatement {
    fn of(statement: &impl QueryFragment<Pg>) -> Result<Self, Error> {
        let mut builder = PgQueryBuilder::default();
        statement.to_sql(&mut builder, &Pg)?;
        let mut collector = RawBytesBindCollector::<Pg>::new();
        statement.collect_binds(&mut collector, &mut BuiltInTypes, &Pg)?;
        let types = collector.metadata.into_iter().map(|metadata| {
            let oid = metadata.oid().map_err(BoxedError::from)?;
            Type::from_oid(oid).ok_or_else(|| BoxedError::from("a value has a custom type"))
        });
        let types = types.collect::<Result<Vec<Type>, BoxedError>>()?;
        let values = collector.binds.into_iter().map(Value).zip(types).collect();
        Ok(Self { sql: builder.finish(), values })
    }

    fn values(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        let values = self.values.iter();
        values.map(|(value, kind)| (value as &(dyn ToSql + Sync), kind.clone())).collect()
    }
}

/// Rejects types that are not built into Postgres: the loader binds none.
struct BuiltInTypes;

impl PgMetadataLookup for BuiltInTypes {
    fn lookup_type(&mut self, name: &str, schema: Option<&str>) -> PgTypeMetadata {
        let key = PgMetadataCacheKey::new(
            schema.map(|schema| schema.to_owned().into()),
            name.to_owned().into(),
        );
        PgTypeMetadata::from_result(Err(FailedToLookupTypeError::new(key)))
    }
}

/// A value as Diesel serialized it.
#[derive(Debug)]
struct Value(Option<Vec<u8>>);

impl ToSql for Value {
    fn to_sql(&self, _type: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
        let Some(bytes) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_type: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// A row that Diesel reads.
struct ReadRow<'r> {
    row: &'r tokio_postgres::Row,
    oids: &'r [NonZeroU32],
}

/// A field of a row.
struct ReadField<'f> {
    name: &'f str,
    value: Option<&'f [u8]>,
    oid: &'f NonZeroU32,
}

/// The bytes of a field, or none for null.
struct RawValue<'f>(Option<&'f [u8]>);

impl<'f> FromSql<'f> for RawValue<'f> {
    fn from_sql(_type: &Type, raw: &'f [u8]) -> Result<Self, BoxedError> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_type: &Type) -> Result<Self, BoxedError> {
        Ok(Self(None))
    }

    fn accepts(_type: &Type) -> bool {
        true
    }
}

impl RowSealed for ReadRow<'_> {}

impl RowIndex<usize> for ReadRow<'_> {
    fn idx(&self, index: usize) -> Option<usize> {
        (index < self.oids.len()).then_some(index)
    }
}

impl<'n> RowIndex<&'n str> for ReadRow<'_> {
    fn idx(&self, name: &'n str) -> Option<usize> {
        self.row.columns().iter().position(|column| column.name() == name)
    }
}

impl<'a> Row<'a, Pg> for ReadRow<'_> {
    type Field<'f>
        = ReadField<'f>
    where
        'a: 'f,
        Self: 'f;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        self.oids.len()
    }

    fn get<'f, I>(&'f self, index: I) -> Option<Self::Field<'f>>
    where
        'a: 'f,
        Self: RowIndex<I>,
    {
        let index = self.idx(index)?;
        Some(ReadField {
            name: self.row.columns().get(index)?.name(),
            value: self.row.try_get::<_, RawValue<'_>>(index).ok()?.0,
            oid: self.oids.get(index)?,
        })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

impl<'f> Field<'f, Pg> for ReadField<'f> {
    fn field_name(&self) -> Option<&str> {
        Some(self.name)
    }

    fn value(&self) -> Option<PgValue<'_>> {
        Some(PgValue::new(self.value?, self.oid))
    }
}
