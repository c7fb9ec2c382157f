//! Any filter of a list: the query is answered or rejected with a code, up to its statement.
#![no_main]

#[path = "../../tests/generated_query/mod.rs"]
mod generated_query;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    generated_query::run(bytes);
});
