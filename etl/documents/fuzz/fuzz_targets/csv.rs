//! Any bytes as a text table: compression, encoding, delimiter, comments and quotation marks.
#![no_main]

use hotwash_documents::delimited::Records;
use hotwash_documents::grid::csv_grid;
use hotwash_documents::input::Input;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let input = Input::memory("fuzzed.csv", bytes.to_vec());
    let grid = csv_grid(&input, usize::MAX, |headings| headings.len() > 2);
    let Ok(mut records) = Records::open(&input, |headings| headings.len() > 2) else { return };
    let mut filled = 0;
    while let Ok(Some(_)) = records.advance() {
        filled += usize::from(records.record().iter().any(|cell| !cell.is_empty()));
    }
    // No row is invented.
    assert!(grid.map_or(0, |grid| grid.rows.len()) <= filled);
});
