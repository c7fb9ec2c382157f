//! Text tables: finds their delimiter and their beginning, and returns their records one by one.
//!
//! Every reader of a CSV file, and the sample by which it is recognized, opens it here, so that all
//! read the same cells.

use std::io::Read;

use crate::error::DocumentError;
use crate::input::{Input, RecordTracker, decode};

/// Number of bytes searched for the delimiter and the beginning of the table.
const SNIFFED: u64 = 1 << 16;
/// Possible delimiters; the last of equally good ones is used.
const DELIMITERS: [u8; 4] = [b'|', b'\t', b';', b','];

/// Recognizes the headings of a table above which comment lines are allowed.
pub type IsCommentedHeader = fn(&[String]) -> bool;

/// Records of a text table, from its first row.
pub struct Records {
    reader: csv::Reader<Box<dyn Read + Send>>,
    claim: RecordTracker,
    delimiter: u8,
    /// Bytes of the text before the first record.
    skipped: u64,
    record: csv::ByteRecord,
    /// Number of the current record.
    number: u64,
    /// Largest number of cells in a record so far.
    widest: usize,
    /// A cell of the current record contains further records.
    swallows: bool,
}

impl Records {
    /// Opens a file. Skips a byte-order mark, a line such as `sep=;`, and the comments above a
    /// header that may have them.
    pub fn open(
        input: &Input,
        is_commented_header: IsCommentedHeader,
    ) -> Result<Self, DocumentError> {
        let mut start = Vec::new();
        input.text()?.take(SNIFFED).read_to_end(&mut start)?;
        let Beginning { skipped, comments, delimiter } = Beginning::of(&start, is_commented_header);
        // The text is opened again: its tracker must follow the records, not the search for the
        // delimiter.
        let (mut text, claim) = input.records()?;
        std::io::copy(&mut text.by_ref().take(skipped as u64), &mut std::io::sink())?;
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(1 << 18)
            .from_reader(text);
        Ok(Self {
            reader,
            claim,
            delimiter,
            skipped: skipped as u64,
            record: csv::ByteRecord::new(),
            number: comments,
            widest: 0,
            swallows: false,
        })
    }

    /// Reads the next record, and returns its row as a spreadsheet counts: from 1, with empty lines
    /// and comments, without a line such as `sep=;`. A cell of several lines is in one row.
    pub fn advance(&mut self) -> Result<Option<u64>, DocumentError> {
        let before = self.reader.position().line();
        let read = self.reader.read_byte_record(&mut self.record);
        if !read.map_err(|error| DocumentError::from(error).at_row(self.number + 1))? {
            return Ok(None);
        }
        let passed = self.reader.position().line() - before;
        let passed = passed + u64::from(self.claim.ends_within_line());
        let in_cells = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        self.claim.end_record();
        self.number += passed.saturating_sub(in_cells).max(1);
        self.swallows = in_cells > 0
            && self.record.iter().any(|cell| holds_record(cell, self.delimiter, self.widest));
        self.widest = self.widest.max(self.record.len());
        Ok(Some(self.number))
    }

    /// Returns the current record.
    pub fn record(&self) -> &csv::ByteRecord {
        &self.record
    }

    /// Returns an error if the current record ends with the text inside an unclosed quotation mark, or
    /// if one that is closed further below swallowed other records.
    pub fn open_quote(&self) -> Option<DocumentError> {
        let start = self.skipped + self.record.position().map_or(0, csv::Position::byte);
        let last_cell = self.record.iter().next_back().unwrap_or_default();
        let is_open = self.swallows || self.claim.is_open(start, self.delimiter, last_cell);
        is_open.then_some(DocumentError::OpenQuote)
    }
}

/// Minimum number of delimiters by which a record is recognized inside a cell.
const LEAST_DELIMITERS: usize = 3;

/// Returns whether a cell of several lines contains as many delimiters as separate the cells of a
/// record. Prose has a space after them.
fn holds_record(cell: &[u8], delimiter: u8, columns: usize) -> bool {
    let tight = |pair: &&[u8]| pair[0] == delimiter && !pair[1].is_ascii_whitespace();
    let needed = columns.saturating_sub(1);
    needed >= LEAST_DELIMITERS
        && cell.contains(&b'\n')
        && cell.windows(2).filter(tight).count() >= needed
}

/// Beginning of the table in the text, and its delimiter.
struct Beginning {
    skipped: usize,
    /// Number of lines of comments above it.
    comments: u64,
    delimiter: u8,
}

impl Beginning {
    fn of(start: &[u8], is_commented_header: IsCommentedHeader) -> Self {
        let mut skipped = if start.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        let first = line(&start[skipped..]);
        if let Some(delimiter) = stated_delimiter(first) {
            skipped += length_with_end(&start[skipped..], first);
            return Self::below_comments(start, skipped, delimiter, is_commented_header);
        }
        let delimiter = delimiter(&start[skipped..]);
        Self::below_comments(start, skipped, delimiter, is_commented_header)
    }

    fn below_comments(
        start: &[u8],
        skipped: usize,
        delimiter: u8,
        is_commented_header: IsCommentedHeader,
    ) -> Self {
        let length = comments(&start[skipped..], delimiter, is_commented_header);
        let comments = &start[skipped..skipped + length];
        let comments = comments.iter().filter(|byte| **byte == b'\n').count() as u64;
        Self { skipped: skipped + length, comments, delimiter }
    }
}

/// Returns the number of bytes of comment lines above a header that may have them; 0 without such a
/// header.
fn comments(text: &[u8], delimiter: u8, is_commented_header: IsCommentedHeader) -> usize {
    let mut skipped = 0;
    while is_comment(line(&text[skipped..])) || skipped > 0 && is_blank(line(&text[skipped..])) {
        let length = length_with_end(&text[skipped..], line(&text[skipped..]));
        if length == 0 {
            return 0;
        }
        skipped += length;
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(&text[skipped..]);
    let mut header = csv::ByteRecord::new();
    let is_read = skipped > 0 && reader.read_byte_record(&mut header).unwrap_or(false);
    let headings: Vec<String> = header.iter().map(|name| decode(name).into_owned()).collect();
    if is_read && is_commented_header(&headings) { skipped } else { 0 }
}

/// Returns whether a line is a comment, including one quoted by a spreadsheet.
fn is_comment(line: &[u8]) -> bool {
    line.starts_with(b"#") || line.starts_with(b"\"#")
}

fn is_blank(line: &[u8]) -> bool {
    !line.is_empty()
        && line.iter().all(|byte| byte.is_ascii_whitespace() || DELIMITERS.contains(byte))
}

/// Returns the first line without its end.
fn line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    &text[..end]
}

fn length_with_end(text: &[u8], line: &[u8]) -> usize {
    text.len().min(line.len() + 1)
}

/// Returns the delimiter in a first line such as `sep=;`, which spreadsheets write and hide.
fn stated_delimiter(line: &[u8]) -> Option<u8> {
    let text = line.trim_ascii();
    let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
    match text {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => Some(*delimiter),
        // A tab at the end of the line was trimmed.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => Some(b'\t'),
        _ => None,
    }
}

/// Returns the delimiter that occurs equally often in most lines, outside quotation marks.
fn delimiter(start: &[u8]) -> u8 {
    let mut lines: [Vec<usize>; DELIMITERS.len()] = Default::default();
    for line in start.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        if is_comment(line) && lines.iter().all(Vec::is_empty) {
            continue;
        }
        let (mut counts, mut quoted) = ([0_usize; DELIMITERS.len()], false);
        for byte in line {
            quoted ^= *byte == b'"';
            if let Some(index) =
                DELIMITERS.iter().position(|known| known == byte).filter(|_| !quoted)
            {
                counts[index] += 1;
            }
        }
        lines
            .iter_mut()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .for_each(|(lines, count)| lines.push(count));
    }
    // Prose has varying numbers of commas; most lines of a table have the same number of
    // delimiters.
    let agreeing = |counts: &Vec<usize>| {
        let lines_with = |count: &usize| counts.iter().filter(|other| *other == count).count();
        counts.iter().map(|count| (lines_with(count), *count)).max().unwrap_or_default()
    };
    let best = (0..DELIMITERS.len()).max_by_key(|index| {
        let (lines, count) = agreeing(&lines[*index]);
        lines * count
    });
    best.filter(|index| !lines[*index].is_empty()).map_or(b',', |index| DELIMITERS[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let is_template: IsCommentedHeader =
            |headings| headings.iter().any(|name| name == "event_id");
        let input = Input::memory("a.csv", text.as_bytes());
        let mut records = Records::open(&input, is_template).unwrap();
        let mut rows = Vec::new();
        while records.advance().unwrap().is_some() {
            rows.push(records.record().iter().map(|cell| decode(cell).into_owned()).collect());
        }
        rows
    }

    #[test]
    fn every_delimiter_line_end_and_mark_gives_the_same_cells() {
        let expected = [
            ["Item", "Action, in words", "Due"],
            ["#1", "Buy 40 cots; train", "2026"],
            ["2", "Test | drill", ""],
        ];
        for delimiter in [",", ";", "\t", "|"] {
            for end in ["\n", "\r\n", "\r"] {
                for before in [
                    "",
                    "\u{feff}",
                    &format!("sep={delimiter}{end}"),
                    &format!("\u{feff}sep={delimiter}{end}"),
                ] {
                    let quoted = |cell: &&str| {
                        if cell.contains([',', ';', '|']) {
                            format!("\"{cell}\"")
                        } else {
                            (*cell).into()
                        }
                    };
                    let lines: Vec<String> = expected
                        .iter()
                        .map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(delimiter))
                        .collect();
                    let text = format!("{before}{}{end}", lines.join(end));
                    assert_eq!(cells(&text), expected, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let text = "# Comment\n\nevent_id,what\n\n\nE1,\"two\n\nlines\"\nE2,one\n\nE3,last";
        for (end, last) in ["\n", "\r\n", "\r"].iter().flat_map(|end| [(end, ""), (end, *end)]) {
            let text = text.replace('\n', end) + last;
            for before in ["", "sep=,\n"] {
                let input = Input::memory("a.csv", format!("{before}{text}").as_bytes());
                let mut records = Records::open(&input, |names| names[0] == "event_id").unwrap();
                let numbers: Vec<u64> = std::iter::from_fn(|| records.advance().unwrap()).collect();
                assert_eq!(numbers, [3, 6, 7, 9], "{text:?}");
            }
        }
    }

    #[test]
    fn prose_with_commas_does_not_hide_semicolons() {
        let text =
            "id;what;due\n1;Buy cots, blankets, lamps, radios;2026\n2;Train, drill, repeat;2027\n";
        assert_eq!(cells(text)[1], ["1", "Buy cots, blankets, lamps, radios", "2026"]);
        assert_eq!(
            cells("Events\nname,place\nA,Lynn; Salem\nB,Peabody\n")[2],
            ["A", "Lynn; Salem"]
        );
    }

    #[test]
    fn number_signs_begin_comments_only_above_a_header_that_may_have_them() {
        let template = "# Hotwash template: ratings.\n# rating_id: \
            text\nevent_id,capability,rating\nE1,Surge,P\n#2,Surge,P\n";
        assert_eq!(cells(template).len(), 3, "the row below the header is no comment");
        let quoted =
            "\"# Hotwash template, with a comma\",,\nevent_id,capability,rating\nE1,Surge,P\n";
        assert_eq!(cells(quoted).len(), 2);
        assert_eq!(cells("#,Action,Due\n1,Buy,2026\n#2,Train,2026\n").len(), 3);
        assert_eq!(cells("# tracker of Region 3\nAction,Due\nBuy,2026\n").len(), 3);
    }
}
