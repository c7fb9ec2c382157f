//! Archives around fuzzed parts: a mutation reaches the reader of a part instead of its checksum.

use std::io::{Cursor, Write};

use hotwash_documents::archive::{Archive, Office};
use hotwash_documents::grid::sheets;
use hotwash_documents::input::Input;
use hotwash_documents::word::Document;
use zip::write::SimpleFileOptions;

/// Reads everything in an office file.
pub fn read(bytes: Vec<u8>) {
    let input = Input::memory("fuzzed", bytes);
    let Ok(archive) = Archive::open(&input) else { return };
    archive.saved_at();
    match archive.kind {
        Office::Word => {
            if let Ok(document) = Document::read(&archive) {
                for table in document.tables() {
                    table.cells_under(0);
                }
                document.headings(20);
            }
        }
        Office::Workbook => {
            for mut grid in sheets(&archive, usize::MAX).into_iter().flatten() {
                grid.carry_down(0);
            }
        }
    }
}

/// Returns an archive with these parts, stored.
pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in parts {
        zip.start_file(*name, options).expect("a new part");
        zip.write_all(content).expect("memory takes everything");
    }
    zip.finish().expect("memory takes everything").into_inner()
}

/// Splits fuzzed bytes at null bytes, which no XML contains; missing parts are empty.
pub fn parts<const N: usize>(bytes: &[u8]) -> [&[u8]; N] {
    let mut parts = bytes.splitn(N, |byte| *byte == 0);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
