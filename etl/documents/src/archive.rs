//! Opens the zip archive of an office file, determines its kind, and rejects zip bombs.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use crate::error::DocumentError;
use crate::input::Input;

/// Maximum size of an office file on disk, in bytes.
const LARGEST_FILE: u64 = 256 << 20;
/// Maximum total size of its decompressed parts, in bytes.
const LARGEST_UNZIPPED: u64 = 512 << 20;
/// Maximum number of parts.
const MOST_PARTS: usize = 10_000;

/// Returns the error of a file in the container of office programs before 2007, which still serves
/// files with a password.
pub fn old_office_file(input: &Input) -> DocumentError {
    const SEARCHED: u64 = 64 << 20;
    let mut bytes = Vec::new();
    if let Ok(raw) = input.raw() {
        // An unreadable file contains no marker; the message stays true.
        let _ = raw.take(SEARCHED).read_to_end(&mut bytes);
    }
    let has = |stream: &str| {
        let name: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(name.len()).any(|found| found == name)
    };
    DocumentError::OtherFormat(if has("EncryptedPackage") {
        "this document has a password; open it in its program, take the password off and save it \
         again"
    } else if has("WordDocument") {
        "this is an old Word document (.doc); open it in Word and save it as .docx"
    } else if has("Workbook") || has("Book") {
        "this is an old Excel workbook (.xls); open it in Excel and save it as .xlsx"
    } else {
        "this is an old Word or Excel file (or one with a password); save it as .docx or .xlsx \
         without a password"
    })
}

/// Kind of office file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Office {
    /// Excel workbook (`.xlsx`).
    Workbook,
    /// Word document (`.docx`).
    Word,
}

/// An open office file, with its kind and its bytes, which decompress within bounds.
pub struct Archive {
    /// Kind of the file.
    pub kind: Office,
    /// A sheet can have merged cells.
    pub has_merges: bool,
    /// A sheet can have hidden rows or columns, formulas, or struck-through text of its own.
    pub has_notes: bool,
    bytes: Vec<u8>,
}

/// Searches a sheet's part for merged cells and notes while its size is counted.
#[derive(Default)]
struct SheetScan {
    has_merges: bool,
    has_notes: bool,
    /// End of the previous chunk, where a name can begin.
    rest: Vec<u8>,
}

impl SheetScan {
    const MERGE: &[u8] = b"mergeCell ";
    /// Byte patterns of a note: a hidden row or column, a formula, struck-through text.
    const NOTES: [&[u8]; 5] = [b"hidden=", b"f>", b"f ", b"f/>", b"strike"];

    fn look(&mut self, bytes: &[u8]) {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'm' => self.has_merges |= bytes[at..].starts_with(Self::MERGE),
                b'h' => self.has_notes |= bytes[at..].starts_with(Self::NOTES[0]),
                b'<' | b':' => {
                    self.has_notes |=
                        Self::NOTES[1..].iter().any(|name| bytes[at + 1..].starts_with(name));
                }
                _ => {}
            }
        }
    }
}

impl io::Write for SheetScan {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !(self.has_merges && self.has_notes) {
            // The boundary between two chunks is searched separately.
            let longest = Self::MERGE.len();
            self.rest.extend_from_slice(&bytes[..bytes.len().min(longest)]);
            let seam = std::mem::take(&mut self.rest);
            self.look(&seam);
            self.look(bytes);
            self.rest.extend_from_slice(&bytes[bytes.len().saturating_sub(longest)..]);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Archive {
    /// Opens an archive.
    pub fn open(input: &Input) -> Result<Self, DocumentError> {
        let bytes = input.whole(LARGEST_FILE)?;
        let damaged = |error| DocumentError::damaged("the file is damaged or cut short", error);
        let mut zip = ZipArchive::new(Cursor::new(&bytes)).map_err(damaged)?;
        if zip.len() > MOST_PARTS {
            return Err(DocumentError::TooLarge(format!(
                "the archive holds {} parts; an office document has fewer than {MOST_PARTS}",
                zip.len()
            )));
        }
        let names: Vec<String> =
            zip.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
        let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
        let kind = if has("xl/workbook.xml") {
            Office::Workbook
        } else if has("word/document.xml") {
            Office::Word
        } else {
            return Err(DocumentError::OtherFormat(if has("xl/workbook.bin") {
                "this is a binary workbook (.xlsb); save it as .xlsx"
            } else if has("mimetype") {
                "this is an OpenDocument file; save it as .xlsx or .docx"
            } else {
                "this is a zip archive, but neither a workbook nor a Word document; unpack it and \
                 load what it holds"
            }));
        };
        if names.iter().any(|name| name.to_ascii_lowercase().ends_with("vbaproject.bin")) {
            return Err(DocumentError::OtherFormat(
                "this document holds macros, which are not read; save it as .xlsx or .docx without \
                 macros",
            ));
        }
        // Sizes stated in the archive can be wrong, so each part is decompressed once and counted.
        let mut left = LARGEST_UNZIPPED;
        let mut scan = SheetScan::default();
        for index in 0..zip.len() {
            let unreadable = |error| {
                DocumentError::damaged(
                    format!("part {index} of the document cannot be read"),
                    error,
                )
            };
            if zip.by_index_raw(index).map_err(unreadable)?.encrypted() {
                return Err(DocumentError::Password);
            }
            let part = zip.by_index(index).map_err(unreadable)?;
            let name = part.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
            let mut part = part.take(left + 1);
            let copied = if name.starts_with("xl/worksheets/") {
                io::copy(&mut part, &mut scan)
            } else {
                io::copy(&mut part, &mut io::sink())
            };
            let counted = copied.map_err(|error| {
                DocumentError::damaged(format!("the part {name} is damaged"), error)
            })?;
            left = left.checked_sub(counted).ok_or_else(|| {
                DocumentError::TooLarge(format!(
                    "the document unzips to more than {} MiB: no report or table is so large; it \
                     is rejected",
                    LARGEST_UNZIPPED >> 20
                ))
            })?;
        }
        Ok(Self { kind, has_merges: scan.has_merges, has_notes: scan.has_notes, bytes })
    }

    /// Returns the bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns a part by name; empty if it is missing.
    pub fn part(&self, name: &str) -> Result<Vec<u8>, DocumentError> {
        let damaged = |error| DocumentError::damaged("the file is damaged", error);
        let mut zip = ZipArchive::new(Cursor::new(&self.bytes)).map_err(damaged)?;
        let Ok(part) = zip.by_name(name) else { return Ok(Vec::new()) };
        let mut content = Vec::new();
        part.take(LARGEST_UNZIPPED).read_to_end(&mut content)?;
        Ok(content)
    }

    /// Returns the times when the document was last saved and created, as its properties write them.
    pub fn saved_at(&self) -> Vec<String> {
        let properties = self.part("docProps/core.xml").unwrap_or_default();
        let text = String::from_utf8_lossy(&properties);
        let value = |name: &&str| {
            let from = text.find(&format!("<{name}"))?;
            let value = text[from..].split('>').nth(1)?;
            value.split('<').next().map(str::to_owned)
        };
        ["dcterms:modified", "dcterms:created"].iter().filter_map(value).collect()
    }
}
