//! The beginning of a file, by which sources recognise it.

use std::io::Read;

use super::Definition;
use crate::input::{Input, decode};

/// First bytes and, where there are any, the headings.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// First bytes as they lie.
    pub magic: Vec<u8>,
    /// First 64 KiB of text, unzipped and decoded.
    pub text: String,
    /// Headings of the first row, or the keys of the first JSON record, or the columns of a Parquet file.
    pub headings: Vec<String>,
}

impl Sample {
    /// Takes it; the error says why the file cannot be read at all.
    pub fn take(input: &Input) -> Result<Self, String> {
        let mut magic = Vec::new();
        input.raw().and_then(|raw| raw.take(16).read_to_end(&mut magic)).map_err(|error| error.to_string())?;
        if magic.starts_with(b"PAR1") {
            let headings = super::ics209::columns(input).map_err(|error| error.to_string())?;
            return Ok(Self { magic, headings, ..Self::default() });
        }
        if magic.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err("this is an old Word or Excel file (or one with a password); save it as .docx or .xlsx without a password".into());
        }
        let mut text = Vec::new();
        let taken = input.decoded().and_then(|reader| reader.take(1 << 16).read_to_end(&mut text));
        if let Err(error) = taken
            && text.is_empty()
        {
            return Err(super::SourceError::from(error).to_string());
        }
        let text = decode(&text).trim_start_matches('\u{feff}').to_owned();
        if text.trim().is_empty() {
            return Err("the file is empty".into());
        }
        let headings = headings(&text);
        Ok(Self { magic, text, headings })
    }

    /// How many of these headings it has, as a share.
    pub fn share_of_headings(&self, wanted: &[&str]) -> f64 {
        let has = |name: &&&str| self.headings.iter().any(|heading| heading.eq_ignore_ascii_case(name));
        wanted.iter().filter(has).count() as f64 / wanted.len().max(1) as f64
    }

    /// What to say when no source knows it.
    pub fn unknown(&self, confidence: f64, nearest: &Definition) -> String {
        if self.headings.is_empty() || self.text.contains('\u{0}') {
            return "no known format: neither a table with headings nor a known document; `hotwash sources` lists what can be loaded".into();
        }
        let shown: Vec<String> =
            self.headings.iter().take(20).map(|heading| crate::redact::redact(heading).0.into_owned()).collect();
        let missing: Vec<&str> = nearest
            .headings
            .iter()
            .filter(|name| !self.headings.iter().any(|heading| heading.eq_ignore_ascii_case(name)))
            .copied()
            .collect();
        let near = if confidence > 0.0 {
            format!("; nearest is {} ({}), which also has {}", nearest.id, nearest.title, missing.join(", "))
        } else {
            String::new()
        };
        format!(
            "no source knows these headings: {}{near}; `hotwash sources` lists all, --source decides",
            shown.join(", ")
        )
    }
}

fn headings(text: &str) -> Vec<String> {
    let start = text.trim_start();
    if start.starts_with('{') || start.starts_with('[') {
        // A JSON key is a quoted string before a colon; the first hundred are enough to tell a source.
        let mut keys: Vec<String> = Vec::new();
        for (index, _) in start.match_indices("\":") {
            if let Some(key) = start[..index].rsplit('"').next()
                && !keys.iter().any(|known| known == key)
                && keys.len() < 100
            {
                keys.push(key.to_owned());
            }
        }
        return keys;
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).comment(Some(b'#')).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => record.iter().map(|heading| heading.trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}
