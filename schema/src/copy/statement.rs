//! Runs Diesel statements on a client of the driver.
//!
//! A statement goes to the client as text with the values that Diesel serialized, and Diesel reads
//! the rows. It is not prepared first, so it takes one round trip.

use std::num::NonZeroU32;
use std::ops::Range;

use bytes::BytesMut;
use diesel::pg::{
    FailedToLookupTypeError, Pg, PgMetadataCacheKey, PgMetadataLookup, PgQueryBuilder,
    PgTypeMetadata, PgValue,
};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{QueryBuilder, QueryFragment};
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};
use tokio_postgres::{Client, Column};

use super::error::{BoxedError, Error};

/// Runs a statement and reads each row.
pub(super) async fn read<T: Send>(
    client: &Client,
    written: Result<WrittenStatement, Error>,
    read_row: impl Fn(&ReadRow<'_>) -> Result<T, BoxedError> + Send,
) -> Result<Vec<T>, Error> {
    let written = written?;
    let rows = client.query_typed(&written.sql, &written.values()).await?;
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let oid = |column: &Column| {
        let untyped = || BoxedError::from(format!("the column {} has no type", column.name()));
        NonZeroU32::new(column.type_().oid()).ok_or_else(untyped)
    };
    let oids = first.columns().iter().map(oid).collect::<Result<Vec<_>, BoxedError>>()?;
    let read = rows.iter().map(|row| read_row(&ReadRow { row, oids: &oids }));
    Ok(read.collect::<Result<Vec<T>, BoxedError>>()?)
}

/// Text of a statement with its values, as Diesel writes them.
pub(super) struct WrittenStatement {
    pub(super) sql: String,
    values: Vec<(Value, Type)>,
}

impl WrittenStatement {
    pub(super) fn of(statement: &impl QueryFragment<Pg>) -> Result<Self, Error> {
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

    /// Runs the statement, and returns the number of its rows.
    pub(super) async fn execute(&self, client: &Client) -> Result<u64, Error> {
        Ok(client.execute_typed(&self.sql, &self.values()).await?)
    }

    fn values(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        let values = self.values.iter();
        values.map(|(value, kind)| (value as &(dyn ToSql + Sync), kind.clone())).collect()
    }
}

/// Rejects types that are not built into Postgres: no statement binds one.
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
pub(super) struct ReadRow<'r> {
    row: &'r tokio_postgres::Row,
    oids: &'r [NonZeroU32],
}

/// A field of a row.
pub(super) struct ReadField<'f> {
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
