//! Input files for sources: opened, decompressed, decoded and bounded. Handles bytes and lines
//! only, no formats.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use flate2::read::MultiGzDecoder;

use crate::encoding;
use crate::text::{visible, without_guard};

/// Maximum length of a record in bytes; a longer one indicates a broken file.
pub const LONGEST_RECORD: usize = 16 << 20;
/// Number of final bytes of a text that are retained, to see how it ends.
const LONGEST_TAIL: usize = 1 << 16;
/// Maximum size in bytes of a decompressed file.
const LARGEST_UNZIPPED: u64 = 64 << 30;

/// Number of first bytes from which the encoding is detected.
const PEEKED: usize = 512;
/// Number of first bytes in which letters of an old encoding are searched.
const SAMPLED: u64 = 1 << 20;

/// Storage of the bytes.
#[derive(Clone, Debug)]
enum Storage {
    File(PathBuf),
    Memory(Arc<[u8]>),
}

/// Input file.
#[derive(Clone, Debug)]
pub struct Input {
    name: String,
    index: Storage,
    bytes: u64,
    read: Arc<AtomicU64>,
}

/// Reason why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It does not exist or is not a file.
    #[error("{0}")]
    Unreadable(String),
    /// It is empty.
    #[error("the file is empty")]
    Empty,
}

impl Input {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        let unreadable =
            |error: io::Error| InputError::Unreadable(format!("{}: {error}", path.display()));
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() {
            // A folder gets here if its files could not be listed.
            std::fs::read_dir(path).map_err(unreadable)?;
            return Err(InputError::Unreadable(format!("{} is not a file", path.display())));
        }
        if metadata.len() == 0 {
            return Err(InputError::Empty);
        }
        let name = path
            .file_name()
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        Ok(Self {
            name: visible(&name).into_owned(),
            index: Storage::File(path.to_path_buf()),
            bytes: metadata.len(),
            read: Arc::default(),
        })
    }

    /// Returns a file in memory.
    pub fn memory(name: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            name: visible(name).into_owned(),
            bytes: bytes.len() as u64,
            index: Storage::Memory(bytes),
            read: Arc::default(),
        }
    }

    /// Returns the name without its folder and without invisible characters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the size on disk in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the number of bytes read so far, out of [`Input::bytes`].
    pub fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }

    /// Returns the bytes as stored.
    pub fn raw(&self) -> io::Result<Box<dyn Read + Send>> {
        self.read.store(0, Ordering::Relaxed);
        let counted = Arc::clone(&self.read);
        Ok(match &self.index {
            Storage::File(path) => Box::new(Counted { inner: File::open(path)?, read: counted }),
            Storage::Memory(bytes) => {
                Box::new(Counted { inner: Cursor::new(Arc::clone(bytes)), read: counted })
            }
        })
    }

    /// Returns the BLAKE3 digest of the stored bytes in hexadecimal.
    pub fn digest(&self) -> io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(self.raw()?)?;
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Reads all bytes, up to `limit`.
    pub fn whole(&self, limit: u64) -> io::Result<Vec<u8>> {
        if self.bytes > limit {
            return Err(io::Error::other(format!(
                "the file has {} MiB; files of this kind are read up to {} MiB",
                self.bytes >> 20,
                limit >> 20
            )));
        }
        let mut bytes = Vec::new();
        self.raw()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Returns the text: decompressed if it is gzip, converted from UTF-16 or Mac Roman to UTF-8, with
    /// line feeds as line ends and no line longer than [`LONGEST_RECORD`]. Bytes that are not UTF-8
    /// remain; the field decoder reads them as Latin-1.
    pub fn text(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(self.records()?.0)
    }

    /// Returns the text like [`Input::text`], with a claim. If the caller ends the claim after each
    /// record, records longer than [`LONGEST_RECORD`] are rejected, such as one with an unclosed
    /// quotation mark.
    pub fn records(&self) -> io::Result<(Box<dyn Read + Send>, RecordTracker)> {
        let claim = RecordTracker::default();
        let lines = LineFeeds { inner: self.decoded()?, after_return: false };
        let bounded = Bounded { inner: lines, line: 0, claim: claim.clone() };
        Ok((Box::new(bounded), claim))
    }

    /// Returns the text like [`Input::text`], with lines of any length, as in JSON.
    pub fn decoded(&self) -> io::Result<Box<dyn Read + Send>> {
        let mut sample = Vec::new();
        self.unzipped()?.take(SAMPLED).read_to_end(&mut sample)?;
        let mut unzipped = BufReader::with_capacity(1 << 18, self.unzipped()?);
        let head = peek(&mut unzipped)?;
        let encoding = match encoding::utf16(&head) {
            None if encoding::is_mac_roman(&sample) => Some(encoding_rs::MACINTOSH),
            found => found,
        };
        Ok(match encoding {
            Some(encoding) => Box::new(Decoded::new(unzipped, encoding)),
            None => Box::new(unzipped),
        })
    }

    /// Returns the bytes: decompressed if they are gzip.
    fn unzipped(&self) -> io::Result<Box<dyn Read + Send>> {
        let mut raw = BufReader::with_capacity(1 << 18, self.raw()?);
        let head = peek(&mut raw)?;
        Ok(if head.starts_with(&[0x1F, 0x8B]) {
            Box::new(MultiGzDecoder::new(raw).take(LARGEST_UNZIPPED))
        } else {
            Box::new(raw)
        })
    }
}

/// Number of bytes since the last record ended, and the end of the text. Counting starts when the
/// first record ends.
#[derive(Clone, Default)]
pub struct RecordTracker {
    counted: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
    tail: Arc<Mutex<Tail>>,
}

/// The last bytes of a text.
#[derive(Default)]
struct Tail {
    bytes: Vec<u8>,
    /// Total number of bytes so far.
    total: u64,
}

impl Tail {
    fn take(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let new = &bytes[bytes.len().saturating_sub(LONGEST_TAIL)..];
        let over = (self.bytes.len() + new.len()).saturating_sub(LONGEST_TAIL);
        self.bytes.drain(..over.min(self.bytes.len()));
        self.bytes.extend_from_slice(new);
    }

    /// Returns the text from this byte on, if the tail reaches back that far.
    fn from(&self, start: u64) -> Option<&[u8]> {
        let first = self.total - self.bytes.len() as u64;
        self.bytes.get(usize::try_from(start.checked_sub(first)?).ok()?..)
    }
}

impl RecordTracker {
    /// Marks the end of a record.
    pub fn end_record(&self) {
        self.counted.store(1, Ordering::Relaxed);
    }

    /// Returns whether the text has ended without a line end.
    pub fn ends_within_line(&self) -> bool {
        let tail = || self.tail.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.ended.load(Ordering::Relaxed) && tail().bytes.last().is_some_and(|byte| *byte != b'\n')
    }

    /// Returns whether the last record ends with the text inside an unclosed quotation mark.
    /// `start` is its first byte, `delimiter` separates its cells, `last_cell` is its last cell. If
    /// so, the file was truncated there, or the cell contains further records.
    pub fn is_open(&self, start: u64, delimiter: u8, last_cell: &[u8]) -> bool {
        if !self.ended.load(Ordering::Relaxed) {
            return false;
        }
        let tail = self.tail.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let ends_quoted = tail.bytes.trim_ascii_end().last() == Some(&b'"');
        match tail.from(start) {
            Some(record) => ends_within_quotes(record, delimiter),
            // The record is longer than the tail: lines in its last cell can be records.
            None => !ends_quoted && last_cell.trim_ascii_end().contains(&b'\n'),
        }
    }
}

/// Returns whether records end inside a cell with an open quotation mark. A mark opens a cell at
/// its beginning; two marks are an escaped one.
fn ends_within_quotes(text: &[u8], delimiter: u8) -> bool {
    let (mut quoted, mut begins) = (false, true);
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let is_line_end = matches!(byte, b'\n' | b'\r');
        match byte {
            b'"' if quoted && text.get(at + 1) == Some(&b'"') => at += 1,
            b'"' if quoted || begins => quoted = !quoted,
            _ => {}
        }
        begins = !quoted && (*byte == delimiter || is_line_end);
        at += 1;
    }
    quoted
}

fn peek<R: Read>(reader: &mut BufReader<R>) -> io::Result<Vec<u8>> {
    use std::io::BufRead;
    let head = reader.fill_buf()?;
    Ok(head[..head.len().min(PEEKED)].to_vec())
}

/// Decodes a field as UTF-8, or as Latin-1 (Windows-1252) if it is not UTF-8, and removes
/// characters that nobody sees.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => visible(text),
        Err(_) => {
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes);
            visible(&text).into_owned().into()
        }
    }
}

/// Decodes a cell of a text table. A formula loses the apostrophe that an export put before it.
pub fn decode_cell(bytes: &[u8]) -> Cow<'_, str> {
    without_guard(decode(bytes))
}

struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Rejects lines and records that are too long.
struct Bounded<R> {
    inner: R,
    line: usize,
    claim: RecordTracker,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.claim.ended.store(count == 0, Ordering::Relaxed);
        self.claim
            .tail
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take(&buffer[..count]);
        match buffer[..count].iter().rposition(|byte| *byte == b'\n') {
            Some(last) => self.line = count - last,
            None => self.line += count,
        }
        if self.line > LONGEST_RECORD {
            return Err(endless("a line is longer than", "this is not a table of records"));
        }
        let counted = &self.claim.counted;
        if counted.load(Ordering::Relaxed) > 0
            && counted.fetch_add(count as u64, Ordering::Relaxed) > LONGEST_RECORD as u64
        {
            return Err(endless("a row is longer than", "a quotation mark may have no partner"));
        }
        Ok(count)
    }
}

/// Converts all line ends to line feeds: carriage returns, alone or with a line feed.
struct LineFeeds<R> {
    inner: R,
    /// True if the last byte was a carriage return.
    after_return: bool,
}

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.inner.read(buffer)?;
            let read = &mut buffer[..count];
            if count == 0 || !self.after_return && !read.contains(&b'\r') {
                return Ok(count);
            }
            let mut filled = 0;
            for at in 0..count {
                let byte = read[at];
                let is_end_of_return = byte == b'\n' && self.after_return;
                self.after_return = byte == b'\r';
                if !is_end_of_return {
                    read[filled] = if byte == b'\r' { b'\n' } else { byte };
                    filled += 1;
                }
            }
            // Nothing is left of the line feed after a carriage return, but the text goes on.
            if filled > 0 {
                return Ok(filled);
            }
        }
    }
}

fn endless(what: &str, likely: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{what} {} MiB: {likely}", LONGEST_RECORD >> 20),
    )
}

/// Converts another encoding to UTF-8 while reading.
struct Decoded<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    fn new(inner: R, encoding: &'static encoding_rs::Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            ready: Vec::new(),
            given: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            let mut raw = [0_u8; 1 << 14];
            let count = self.inner.read(&mut raw)?;
            self.ended = count == 0;
            self.ready.resize(self.decoder.max_utf8_buffer_length(count).unwrap_or(1 << 16), 0);
            let (_, _, written, _) =
                self.decoder.decode_to_utf8(&raw[..count], &mut self.ready, self.ended);
            self.ready.truncate(written);
            self.given = 0;
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_is_a_line_feed_wherever_a_buffer_ends() {
        let text = b"a\r\nb\rc\n\r\n\r\rd\r\n";
        for size in 1..text.len() {
            let mut lines = LineFeeds { inner: text.as_slice(), after_return: false };
            let (mut buffer, mut read) = (vec![0; size], Vec::new());
            while let count @ 1.. = lines.read(&mut buffer).unwrap() {
                read.extend_from_slice(&buffer[..count]);
            }
            assert_eq!(read, b"a\nb\nc\n\n\n\nd\n", "buffers of {size}");
        }
    }
}
