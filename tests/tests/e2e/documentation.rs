//! The pages for readers: what they name exists, and the first ones stay short.

mod commands;
mod names;
mod paths;
mod queries;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use hotwash_tests::repository;
use regex::Regex;

/// Folders of the working tree that hold nothing of the repository.
const INSTALLED: [&str; 4] = ["node_modules", "target", "venv", "__pycache__"];

/// One page: its path in the repository, and its text.
struct Page {
    name: String,
    text: String,
}

/// Code on a page.
struct Code {
    text: String,
    /// The language of a block; none for a span in a sentence or a table.
    block: Option<String>,
}

impl Page {
    fn read(name: &str) -> Self {
        Self { name: name.to_owned(), text: read(name) }
    }

    /// Spans in code font, and the blocks.
    fn code(&self) -> Vec<Code> {
        let span = pattern("`([^`]+)`");
        let mut found = Vec::new();
        for (at, part) in self.text.split("\n```").enumerate() {
            if at % 2 == 1 {
                let (language, text) = part.split_once('\n').unwrap_or((part, ""));
                found.push(Code { text: text.to_owned(), block: Some(language.to_owned()) });
            } else {
                let spans = span.captures_iter(part).map(|span| span[1].replace('\n', " "));
                found.extend(spans.map(|text| Code { text, block: None }));
            }
        }
        found
    }
}

fn pages() -> Vec<Page> {
    let first = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];
    let docs = FILES.iter().filter(|file| file.starts_with("docs/") && file.ends_with(".md"));
    let pages: Vec<Page> =
        first.into_iter().chain(docs.map(String::as_str)).map(Page::read).collect();
    assert!(pages.len() > 15, "{} pages were found", pages.len());
    pages
}

fn read(name: &str) -> String {
    std::fs::read_to_string(repository().join(name)).unwrap()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

/// Files of the repository, and its folders with a slash at the end.
static FILES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let relative = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if !path.is_dir() {
                found.insert(relative);
            } else if !name.starts_with('.') && !INSTALLED.contains(&name.as_str()) {
                found.insert(format!("{relative}/"));
                walk(&path, root, found);
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(&repository(), &repository(), &mut found);
    found
});

/// Text of the Rust files, by path.
static RUST: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let rust = FILES.iter().filter(|file| file.ends_with(".rs"));
    rust.map(|file| (file.clone(), read(file))).collect()
});

#[test]
fn every_setting_that_a_page_names_is_read() {
    let setting = pattern(r"\bHOTWASH_[A-Z_]+\b");
    let programs = FILES.iter().filter(|file| {
        ["rs", "py", "sh"].iter().any(|end| file.ends_with(&format!(".{end}")))
            && !file.starts_with("tests/tests/")
    });
    let code: String = programs.map(|file| read(file)).collect();
    let mut named = BTreeSet::new();
    for page in &pages() {
        for found in setting.find_iter(&page.text).map(|found| found.as_str()) {
            let is_read = code.contains(&format!("\"{found}\""));
            assert!(is_read, "{} names {found}, which nothing reads", page.name);
            named.insert(found.to_owned());
        }
    }
    assert!(named.len() > 10, "{named:?}");
}

#[test]
fn the_first_pages_stay_short() {
    for (name, most) in [("README.md", 120), ("ARCHITECTURE.md", 200)] {
        let lines = read(name).lines().count();
        assert!(lines <= most, "{name} has {lines} lines; shorten it to {most}");
    }
    for (line, text) in read("ARCHITECTURE.md").lines().enumerate() {
        let width = text.chars().count();
        assert!(
            width <= 100,
            "ARCHITECTURE.md:{} has {width} characters; wrap it at 100",
            line + 1
        );
    }
}
