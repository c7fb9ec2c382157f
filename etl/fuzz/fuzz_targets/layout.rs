//! Any text as a layout, divided by a null byte from the table that it reads.
#![no_main]

use std::sync::Mutex;

use hotwash_documents::input::Input;
use hotwash_etl::layout::{Layout, LayoutSource};
use hotwash_etl::load::parse;
use hotwash_etl::lookup::Lookup;

/// Sources live as long as the process; the list shows the leak detector that they are no leaks.
static SOURCES: Mutex<Vec<&'static LayoutSource>> = Mutex::new(Vec::new());

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let (Some(text), table) = (parts.next(), parts.next()) else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let layout = match Layout::read("fuzzed.toml", text) {
        Ok(layout) => layout,
        Err(error) => {
            // An error names the file, and says what is wrong.
            let message = error.to_string();
            assert!(message.starts_with("fuzzed.toml") && message.len() > 20, "{message}");
            return;
        }
    };
    let source = LayoutSource::of(layout);
    SOURCES.lock().expect("one thread").push(source);
    let input = Input::memory("fuzzed.csv", table.unwrap_or_default().to_vec());
    if let Ok(totals) = parse(source, &input, &Lookup::default()) {
        assert!(totals.rejected <= totals.read, "{totals:?}");
    }
});
