//! Reads the beginning of a file, by which sources recognize it.

use std::io::Read;

use std::sync::Arc;

use hotwash_documents::archive::{self, Archive, Office};
use hotwash_documents::delimited::Records;
use hotwash_documents::grid::{self, Grid};
use hotwash_documents::input::{Input, decode};
use hotwash_documents::word::Document;

use super::error::SourceError;
use super::own_header::is_own_header;
use crate::error::ChoiceError;
use crate::reading::headings::{is_data, texts};
use crate::reading::person::may_be_person;
use crate::template::{FICTIONAL_MARK, parquet_fictional_key};

/// Number of filled rows of a sheet in a sample.
const SAMPLE_ROWS: usize = 60;

/// Sample of a file: its first bytes and its headings.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// First bytes, unchanged.
    pub magic: Vec<u8>,
    /// First 64 KiB of text, decompressed and decoded.
    pub text: String,
    /// The text has null bytes, so it is of an unknown format.
    pub is_binary: bool,
    /// Headings of the first row, keys of the first JSON record, or columns of a Parquet file.
    pub headings: Vec<String>,
    /// First rows of each sheet of a table.
    pub grids: Vec<Grid>,
    /// A Word document.
    pub word: Option<Arc<Document>>,
    /// The file declares its content fictional.
    pub fictional: bool,
}

impl Sample {
    /// Reads the sample; the error explains why the file cannot be read.
    pub fn take(input: &Input) -> Result<Self, ChoiceError> {
        let mut magic = Vec::new();
        input.raw().and_then(|raw| raw.take(16).read_to_end(&mut magic))?;
        if magic.starts_with(b"PAR1") {
            let headings = super::parquet_rows::columns(input)?;
            let fictional = super::parquet_rows::states(input, parquet_fictional_key());
            return Ok(Self { magic, headings, fictional, ..Self::default() });
        }
        if magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06") {
            return Self::office(magic, input);
        }
        if let Some(advice) = other_kind(&magic) {
            return Err(ChoiceError::Unsuitable(advice));
        }
        if magic.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(archive::old_office_file(input).into());
        }
        let mut text = Vec::new();
        let taken = input.decoded().and_then(|reader| reader.take(1 << 16).read_to_end(&mut text));
        if let Err(error) = taken
            && text.is_empty()
        {
            return Err(SourceError::from(error).into());
        }
        // Bytes that nobody sees are not an empty file: they are of an unknown format.
        let is_blank = |letter: char| letter.is_whitespace() || letter == '\u{feff}';
        if String::from_utf8_lossy(&text).chars().all(is_blank) {
            return Err(ChoiceError::Unsuitable("the file is empty"));
        }
        let is_binary = text.contains(&0);
        let text = decode(&text).trim_start_matches('\u{feff}').to_owned();
        let is_json = text.trim_start().starts_with(['{', '[']);
        let grids: Vec<Grid> = if is_json {
            Vec::new()
        } else {
            grid::csv_grid(input, SAMPLE_ROWS, is_own_header).into_iter().collect()
        };
        let headings = if is_json { keys(&text) } else { first_row(input) };
        let is_titled = headings.iter().filter(|heading| !heading.is_empty()).count() <= 1;
        let headings = match grids.first().filter(|_| is_titled) {
            Some(grid) => headed(std::slice::from_ref(grid)).unwrap_or(headings),
            None => headings,
        };
        let start = text.trim_start();
        let lower = start.get(..start.len().min(200)).unwrap_or_default().to_lowercase();
        if lower.starts_with("<!doctype html")
            || lower.starts_with("<html")
            || lower.starts_with("mime-version:")
        {
            return Err(ChoiceError::Unsuitable(
                "this is a web page, whatever its name ends with; open it in Word or Excel \
                and save it as .docx, .xlsx or .csv",
            ));
        }
        if lower.starts_with("<?xml") {
            return Err(ChoiceError::Unsuitable(
                "this is an XML file; open it in Word or Excel and save it as .docx or .xlsx",
            ));
        }
        if ["from:", "received:", "return-path:", "delivered-to:"]
            .iter()
            .any(|field| lower.starts_with(field))
        {
            let advice = "this is an e-mail; save what is attached to it and load that";
            return Err(ChoiceError::Unsuitable(advice));
        }
        let fictional = text.lines().take(5).any(|line| line.contains(FICTIONAL_MARK));
        Ok(Self { magic, headings, grids, fictional, text, is_binary, word: None })
    }

    fn office(magic: Vec<u8>, input: &Input) -> Result<Self, ChoiceError> {
        let archive = Archive::open(input)?;
        if archive.kind == Office::Word {
            let word = Document::read(&archive)?;
            // Headings of its tables and parts, for messages. The first cell of a table of contacts
            // may be a name.
            let tables = word
                .tables()
                .into_iter()
                .filter_map(|table| table.cells().into_iter().next())
                .flatten();
            let headings = tables
                .chain(word.headings(20).into_iter().map(str::to_owned))
                .filter(|text| !text.is_empty() && !may_be_person(text))
                .collect();
            return Ok(Self { magic, headings, word: Some(Arc::new(word)), ..Self::default() });
        }
        let grids = grid::sheets(&archive, SAMPLE_ROWS)?;
        let rows = || grids.iter().flat_map(|grid| &grid.rows);
        let fictional =
            rows().take(20).any(|row| texts(row).iter().any(|text| text.contains(FICTIONAL_MARK)));
        let headings = headed(&grids).unwrap_or_default();
        if rows().next().is_none() {
            let advice = "the workbook is empty: no sheet has a filled cell";
            return Err(ChoiceError::Unsuitable(advice));
        }
        Ok(Self { magic, headings, grids, fictional, ..Self::default() })
    }

    /// Returns the share of these headings that the sample has.
    pub fn share_of_headings(&self, wanted: &[&str]) -> f64 {
        let has =
            |name: &&&str| self.headings.iter().any(|heading| heading.eq_ignore_ascii_case(name));
        wanted.iter().filter(has).count() as f64 / wanted.len().max(1) as f64
    }
}

/// Returns the headings of the first table, which may be below titles; none if the rows are empty.
fn headed(grids: &[Grid]) -> Option<Vec<String>> {
    let rows = || grids.iter().flat_map(|grid| &grid.rows).take(SAMPLE_ROWS);
    let filled = |row: &&grid::GridRow| row.cells().iter().filter(|cell| !cell.is_empty()).count();
    let most = rows().map(|row| filled(&row)).max().unwrap_or_default();
    // A row of data may have more filled cells than the header.
    let headed = rows().find(|row| 3 * filled(row) >= 2 * most && !is_data(&texts(row)));
    let headings =
        headed.or_else(|| rows().max_by_key(|row| (filled(row), std::cmp::Reverse(row.number))))?;
    Some(texts(headings).into_iter().filter(|text| !text.is_empty()).collect())
}

/// Returns the kind of a file without a readable table or document, and what to do.
fn other_kind(magic: &[u8]) -> Option<&'static str> {
    let begins = |marks: &[&[u8]]| marks.iter().any(|mark| magic.starts_with(mark));
    if begins(&[b"%PDF"]) {
        Some(
            "this is a PDF, which has no tables to read; load the Word document or workbook that \
             it was \
             made from",
        )
    } else if begins(&[b"{\\rtf"]) {
        Some(
            "this is a Rich Text document, whatever its name ends with; open it in Word and save \
             it as .docx",
        )
    } else if begins(&[&[0xFF, 0xD8, 0xFF], b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*"]) {
        Some("this is a picture; load the document or workbook that it shows")
    } else if begins(&[b"Rar!", &[0x37, 0x7A, 0xBC, 0xAF]]) {
        Some("this is an archive; unpack it and load what it holds")
    } else {
        None
    }
}

/// Returns the keys of JSON: quoted strings before a colon. The first hundred are enough to
/// identify a source.
fn keys(text: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for (index, _) in text.match_indices("\":") {
        if let Some(key) = text[..index].rsplit('"').next()
            && !keys.iter().any(|known| known == key)
            && keys.len() < 100
        {
            keys.push(key.to_owned());
        }
    }
    keys
}

/// Returns the first row of a text table.
fn first_row(input: &Input) -> Vec<String> {
    let Ok(mut records) = Records::open(input, is_own_header) else { return Vec::new() };
    match records.advance() {
        Ok(Some(_)) => {
            records.record().iter().map(|heading| decode(heading).trim().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}
