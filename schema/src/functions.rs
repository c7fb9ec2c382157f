//! SQL functions that Diesel has no name for.

use diesel::define_sql_function;
use diesel::sql_types::{
    Array, BigInt, Integer, Nullable, SingleValue, SqlType, Text, Timestamptz,
};

use crate::tables::bi_login;

/// Result of a function that returns nothing.
#[derive(Clone, Copy, Debug, SqlType)]
#[diesel(postgres_type(oid = 2278, array_oid = 0))]
pub struct Void;

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
    fn warehouse_version() -> BigInt;
}

define_sql_function! {
    /// Object id of a table by its name; null when there is none.
    fn to_regclass(name: Text) -> Nullable<diesel::sql_types::Oid>;
}

define_sql_function! {
    /// Lets a role read the star schema and the tables beneath it.
    #[sql_name = "access.open_to_readers"]
    fn open_to_readers(reader: Text) -> Void;
}

define_sql_function! {
    /// Waits for a lock of the session and takes it.
    fn pg_advisory_lock(space: Integer, key: Integer) -> Void;
}

define_sql_function! {
    /// Waits for a lock of the session with one number, and takes it.
    #[sql_name = "pg_advisory_lock"]
    fn lock_session(key: BigInt) -> Void;
}

define_sql_function! {
    /// Releases a lock of the session; false if the session does not have it.
    #[sql_name = "pg_advisory_unlock"]
    fn unlock_session(key: BigInt) -> diesel::sql_types::Bool;
}

define_sql_function! {
    /// Waits for a lock of the transaction, and takes it.
    #[sql_name = "pg_advisory_xact_lock"]
    fn lock_transaction(key: BigInt) -> Void;
}

define_sql_function! {
    /// Takes a lock of the transaction; false when another session has it.
    fn pg_try_advisory_xact_lock(space: Integer, key: Integer) -> diesel::sql_types::Bool;
}

define_sql_function! {
    /// Ends a session of the server.
    fn pg_terminate_backend(process: Integer) -> diesel::sql_types::Bool;
}

define_sql_function! {
    /// Makes a role a read-only login.
    #[sql_name = "access.set_login"]
    fn set_login(login: Text, password: Text, note: Text, seconds: Integer) -> Void;
}

define_sql_function! {
    /// Limits the time that one statement of a login may take.
    #[sql_name = "access.limit_statements"]
    fn limit_statements(login: Text, seconds: Integer) -> Void;
}

define_sql_function! {
    /// Drops a login and its rights.
    #[sql_name = "access.drop_login"]
    fn drop_login(login: Text) -> Void;
}

diesel::table! {
    /// Roles of the server.
    pg_catalog.pg_roles (rolname) {
        /// Name of the role.
        rolname -> Text,
    }
}

diesel::table! {
    /// Sessions of the server.
    pg_catalog.pg_stat_activity (pid) {
        /// Process of the session.
        pid -> Integer,
        /// Role of the session.
        usename -> Nullable<Text>,
    }
}

diesel::table! {
    /// Databases of the server.
    pg_catalog.pg_database (datname) {
        /// Name of the database.
        datname -> Text,
        /// Whether it can be cloned by every role that may create databases.
        datistemplate -> Bool,
    }
}

diesel::table! {
    /// Time zones that the server knows.
    pg_catalog.pg_timezone_names (name) {
        /// Name of the time zone.
        name -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(pg_roles, bi_login);

define_sql_function! {
    /// Current time, which advances within a transaction.
    fn clock_timestamp() -> Timestamptz;
}
