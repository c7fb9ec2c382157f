//! Fuzzed parts of a Word document: its text and its styles, divided by a null byte.
#![no_main]

use hotwash_documents_fuzz::{archive, parts, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [document, styles, properties] = parts(bytes);
    read(archive(&[
        ("word/document.xml", document),
        ("word/styles.xml", styles),
        ("docProps/core.xml", properties),
    ]));
});
