//! SQL functions that Diesel has no name for.

use diesel::define_sql_function;
use diesel::sql_types::{Array, Nullable, SingleValue, Text, Timestamptz};

define_sql_function! {
    /// Later of two times; the second when the first is null.
    fn greatest(first: Nullable<Timestamptz>, second: Timestamptz) -> Nullable<Timestamptz>;
}

define_sql_function! {
    /// Time rounded down to a unit such as `minute`.
    fn date_trunc(unit: Text, at: Timestamptz) -> Timestamptz;
}

define_sql_function! {
    /// Elements of an array, a row each; several of equal length advance together.
    fn unnest<T: SingleValue>(elements: Array<T>) -> T;
}

define_sql_function! {
    /// Version of the warehouse; every change raises it.
    #[sql_name = "meta.warehouse_version"]
    fn warehouse_version() -> diesel::sql_types::BigInt;
}
