//! Capabilities as documents name them: with a number (`4 Medical Surge`), a framework (`Medical
//! Surge (HPP)`), as `Capability 10: Medical Surge`, as `PHEP 10`, or several in one cell.

use std::collections::HashMap;

use hotwash_schema::label::normalize_label;

use super::names::{Miss, NameIndex};
use crate::reading::headings::{Section, lists};

/// A capability.
#[derive(Clone, Debug)]
struct Capability {
    id: i32,
    framework: String,
    code: String,
}

/// All capabilities by name.
#[derive(Clone, Debug, Default)]
pub struct Capabilities {
    known: HashMap<String, Vec<Capability>>,
    names: NameIndex,
    codes: HashMap<(String, String), i32>,
    by_id: HashMap<i32, String>,
}

/// Words around a capability's name that are not part of it.
const AROUND: [&str; 28] = [
    "capability",
    "capabilities",
    "core",
    "target",
    "number",
    "no",
    "the",
    "and",
    "phep",
    "hpp",
    "fema",
    "tcl",
    "esf8",
    "esf",
    "aspr",
    "cdc",
    "npg",
    "dhs",
    "hhs",
    "hcc",
    "edition",
    "response",
    "recovery",
    "prevention",
    "protection",
    "mitigation",
    "summary",
    "performance",
];

/// Framework and number found in the words around a name.
#[derive(Default)]
struct Hints {
    framework: String,
    number: String,
}

impl Capabilities {
    /// Adds a capability of a framework.
    pub fn add(&mut self, id: i32, framework: &str, code: &str, name: &str) {
        self.names.add(name, id);
        self.codes.insert((framework.to_owned(), code.to_owned()), id);
        self.by_id.insert(id, code.to_owned());
        let capability = Capability { id, framework: framework.to_owned(), code: code.to_owned() };
        self.known.entry(normalize_label(name)).or_default().push(capability);
    }

    /// Returns the name of a capability.
    pub fn name(&self, id: i32) -> Option<&str> {
        self.names.name(id)
    }

    /// Maps a normalized label to a capability within its framework.
    pub fn add_alias(&mut self, label: String, framework: String, id: i32) {
        let code = self.by_id.get(&id).cloned().unwrap_or_default();
        self.known.entry(label).or_default().push(Capability { id, framework, code });
    }

    /// Returns the capability of a cell or heading. Uses the framework or number in the text, then
    /// the given framework, then the first match. Text after a colon, a dash or in brackets is
    /// optional.
    pub fn find(&self, label: &str, framework: Option<&str>) -> Result<i32, Miss> {
        if let Some(found) = self.exact(label, framework) {
            return Ok(found);
        }
        let parts: Vec<&str> =
            label.split([':', '(', ')', '[', ']', '\u{2013}', '\u{2014}', '\n', '|']).collect();
        let parts = parts
            .into_iter()
            .flat_map(|part| part.split(" - "))
            .filter(|part| !part.trim().is_empty());
        let mut found = parts.clone().filter_map(|part| self.exact(part, framework));
        if let (Some(only), None) = (found.next(), found.next()) {
            return Ok(only);
        }
        let bare: Vec<String> = parts.map(normalize_label).collect();
        let longest =
            bare.iter().map(|part| trimmed(part)).max_by_key(String::len).unwrap_or_default();
        Err(Miss { nearest: self.names.nearest(&longest) })
    }

    /// Returns the capability like [`Capabilities::find`], for a text with only the name and the
    /// words around it.
    pub fn exact(&self, label: &str, framework: Option<&str>) -> Option<i32> {
        let key = normalize_label(label);
        self.spelled(&key, framework).or_else(|| {
            let spelled = |word| lists().field(Section::Abbreviation, word).unwrap_or(word);
            let full = key.split(' ').map(spelled).collect::<Vec<_>>().join(" ");
            (full != key).then(|| self.spelled(&full, framework))?
        })
    }

    fn spelled(&self, key: &str, framework: Option<&str>) -> Option<i32> {
        let words: Vec<&str> = key.split(' ').collect();
        if let Some(known) = self.known.get(key) {
            return choose(known, &Hints::default(), framework);
        }
        // Tries the longest name that remains when words around it are removed.
        let before = words.iter().take_while(|word| is_around(word)).count();
        let after = words.iter().rev().take_while(|word| is_around(word)).count();
        let mut spans: Vec<(usize, usize)> = (0..=before)
            .flat_map(|from| (words.len() - after..=words.len()).map(move |to| (from, to)))
            .filter(|(from, to)| from < to)
            .collect();
        spans.sort_by_key(|(from, to)| (std::cmp::Reverse(to - from), *from));
        for (from, to) in spans {
            if let Some(known) = self.known.get(&words[from..to].join(" ")) {
                return choose(known, &hints(words[..from].iter().chain(&words[to..])), framework);
            }
        }
        if before < words.len() {
            return None;
        }
        // `PHEP 10` has no name.
        let told = hints(words.iter());
        let framework =
            if told.framework.is_empty() { framework.unwrap_or_default() } else { &told.framework };
        self.codes.get(&(framework.to_uppercase(), told.number)).copied()
    }

    /// Splits a cell with several capabilities: by lines or semicolons, or by commas, slashes and
    /// `and` if each part is known. Unknown text is returned unchanged.
    pub fn split(&self, text: &str) -> Vec<String> {
        let lines: Vec<&str> = text
            .lines()
            .flat_map(|line| line.split(';'))
            .map(|line| line.trim_matches(['\u{2022}', '*', '\u{25aa}', ' ', '\t', ',']))
            .filter(|line| !line.is_empty())
            .collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            // A name can be broken over lines.
            let joined = (at + 1..=lines.len().min(at + 4)).rev().find_map(|to| {
                let joined = lines[at..to].join(" ");
                self.exact(&joined, None).map(|_| (to, joined))
            });
            let (to, names) = match joined {
                Some((to, name)) => (to, vec![name]),
                None => (
                    at + 1,
                    self.split_line(lines[at]).unwrap_or_else(|| vec![lines[at].to_owned()]),
                ),
            };
            found.extend(names);
            at = to;
        }
        found
    }

    fn split_line(&self, line: &str) -> Option<Vec<String>> {
        let line = line.trim();
        if line.is_empty() {
            return Some(Vec::new());
        }
        if self.exact(line, None).is_some() {
            return Some(vec![line.to_owned()]);
        }
        let mut cuts: Vec<(usize, usize)> = [",", "/", "&", " and ", "|", "+", " - "]
            .iter()
            .flat_map(|mark| {
                line.match_indices(mark).map(|(index, found)| (index, index + found.len()))
            })
            .collect();
        cuts.sort_unstable_by(|one, two| two.cmp(one));
        cuts.truncate(40);
        cuts.into_iter().find_map(|(from, to)| {
            let name = line[..from].trim();
            self.exact(name, None)?;
            let rest = line[to..].trim().trim_start_matches("and ");
            let mut names = vec![name.to_owned()];
            names.extend(self.split_line(rest).filter(|rest| !rest.is_empty())?);
            Some(names)
        })
    }
}

fn is_around(word: &str) -> bool {
    AROUND.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit())
}

fn trimmed(key: &str) -> String {
    let words: Vec<&str> = key.split(' ').collect();
    let from = words.iter().take_while(|word| is_around(word)).count();
    words[from..].join(" ")
}

fn hints<'a>(words: impl Iterator<Item = &'a &'a str>) -> Hints {
    let mut hints = Hints::default();
    for word in words {
        match *word {
            "phep" | "cdc" => hints.framework = "PHEP".into(),
            "hpp" => hints.framework = "HPP".into(),
            "fema" | "npg" | "dhs" => hints.framework = "FEMA".into(),
            "tcl" => hints.framework = "TCL".into(),
            "esf8" | "esf" => hints.framework = "ESF8".into(),
            "aspr" => hints.framework = "ASPR".into(),
            "2012" => hints.framework = "HPP-2012".into(),
            word if word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit()) => {
                hints.number = word.trim_start_matches('0').to_owned();
            }
            _ => {}
        }
    }
    hints
}

/// Chooses among capabilities with the same name: by framework in the text, then by number, then by
/// expected framework.
fn choose(known: &[Capability], hints: &Hints, framework: Option<&str>) -> Option<i32> {
    let of = |wanted: &str| {
        let wanted = wanted.to_uppercase();
        let own = known
            .iter()
            .filter(|one| !wanted.is_empty() && one.framework.to_uppercase().starts_with(&wanted));
        own.clone()
            .find(|one| one.code == hints.number)
            .or_else(|| own.clone().next())
            .map(|one| one.id)
    };
    let numbered = || {
        known
            .iter()
            .find(|one| !hints.number.is_empty() && one.code == hints.number)
            .map(|one| one.id)
    };
    of(&hints.framework)
        .or_else(numbered)
        .or_else(|| of(framework.unwrap_or_default()))
        .or_else(|| known.first().map(|one| one.id))
}

#[cfg(test)]
mod tests {
    use super::Capabilities;

    fn capabilities() -> Capabilities {
        let mut all = Capabilities::default();
        for (id, framework, code, name) in [
            (3, "PHEP", "3", "Emergency Operations Coordination"),
            (6, "PHEP", "6", "Information Sharing"),
            (10, "PHEP", "10", "Medical Surge"),
            (24, "HPP", "4", "Medical Surge"),
            (32, "HPP-2012", "10", "Medical Surge"),
            (40, "FEMA", "1", "Planning"),
            (45, "FEMA", "25", "On-scene Security, Protection, and Law Enforcement"),
            (46, "FEMA", "19", "Environmental Response/Health and Safety"),
            (60, "TCL", "30", "Medical Surge"),
        ] {
            all.add(id, framework, code, name);
        }
        all
    }

    #[test]
    fn a_name_is_found_with_what_documents_write_around_it() {
        let all = capabilities();
        for (label, expected) in [
            ("Medical Surge", 10),
            ("medical  SURGE.", 10),
            ("10. Medical Surge", 10),
            ("4 Medical Surge", 24),
            ("Medical Surge (HPP)", 24),
            ("Medical Surge (HPP 2012)", 32),
            ("10 Medical Surge (HPP)", 32),
            ("HPP Capability 4: Medical Surge", 24),
            ("Capability 10: Medical Surge", 10),
            ("Capability #10 \u{2013} Medical Surge", 10),
            ("Core Capability 1: Medical Surge", 10),
            ("PHEP Capability 10 - Medical Surge", 10),
            ("PHEP 10", 10),
            ("PHEP Capability 6", 6),
            ("Medical Surge (TCL)", 60),
            ("Medical Surge (immediate bed availability)", 10),
            ("Target Capability: Medical Surge", 10),
            ("Environmental Response / Health & Safety", 46),
            ("On-scene Security Protection & Law Enforcement", 45),
        ] {
            assert_eq!(all.find(label, None).ok(), Some(expected), "{label}");
        }
        assert_eq!(all.find("Medical Surge", Some("HPP")).ok(), Some(24));
        let miss = all.find("Core Capability 1: Medical Surgee", None).unwrap_err();
        assert_eq!(miss.nearest.as_deref(), Some("Medical Surge"));
    }

    #[test]
    fn several_in_one_cell_are_told_apart_and_names_with_commas_stay_whole() {
        let all = capabilities();
        for (text, expected) in [
            ("Medical Surge\nInformation Sharing", vec!["Medical Surge", "Information Sharing"]),
            (
                "\u{2022} Medical Surge\n\u{2022} Information Sharing",
                vec!["Medical Surge", "Information Sharing"],
            ),
            ("Medical Surge; Information Sharing", vec!["Medical Surge", "Information Sharing"]),
            ("Medical Surge / Information Sharing", vec!["Medical Surge", "Information Sharing"]),
            (
                "Medical Surge, Information Sharing and Planning",
                vec!["Medical Surge", "Information Sharing", "Planning"],
            ),
            (
                "On-scene Security, Protection, and Law Enforcement, Planning",
                vec!["On-scene Security, Protection, and Law Enforcement", "Planning"],
            ),
            (
                "Emergency Operations\nCoordination\nPlanning",
                vec!["Emergency Operations Coordination", "Planning"],
            ),
            ("Quilting, and Knitting", vec!["Quilting, and Knitting"]),
        ] {
            assert_eq!(all.split(text), expected, "{text}");
        }
    }
}
