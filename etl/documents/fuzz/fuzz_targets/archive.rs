//! Any bytes as an office file: the archive, its kind and its limits.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hotwash_documents_fuzz::read(bytes.to_vec()));
