//! Paths and links.

use std::path::Path;

use hotwash_tests::repository;

use super::{FILES, pages, pattern};

/// First components of paths that are no files of the repository: folders of a deployment, time
/// zones and media types.
const ELSEWHERE: [&str; 7] =
    ["HOTWASH_HOME", "postgres", "done", "failed", "America", "application", "text"];

/// Files and folders that a path names, from the root or from a folder below it. A component in
/// capitals (`NAME.rs`) is any name, and so is what `*` or `…` leaves out.
pub fn named_files(path: &str) -> Vec<&'static str> {
    let component = |part: &str| {
        let (stem, end) = part.split_at(part.find('.').unwrap_or(part.len()));
        let is_any = stem.len() > 1
            && stem.chars().all(|letter| letter.is_ascii_uppercase())
            && !FILES.contains(part);
        let part = format!("{}{end}", if is_any { "*" } else { stem });
        regex::escape(&part).replace(r"\*", "[^/]*").replace('…', "[^/]*")
    };
    let parts: Vec<String> = path.trim_end_matches('/').split('/').map(component).collect();
    let end = if path.ends_with('/') { "/" } else { "/?" };
    let wanted = pattern(&format!("(?:^|/){}{end}$", parts.join("/")));
    FILES.iter().filter(|file| wanted.is_match(file)).map(String::as_str).collect()
}

#[test]
fn every_path_that_a_page_names_is_in_the_repository() {
    let path = pattern(r"^[A-Za-z0-9_][A-Za-z0-9_.*…/-]*$");
    let file = pattern(r"^[a-z0-9_]+\.(?:rs|py|mjs|sql|toml|md|graphql|sh)$");
    let of_root = pattern(r"^(?:schema|etl|api|tests|notebooks|docs)/");
    let is_number = |word: &str| !word.chars().any(char::is_lowercase);
    let (mut missing, mut named) = (Vec::new(), 0);
    for page in &pages() {
        for code in page.code() {
            for word in code.text.split_whitespace().filter(|word| path.is_match(word)) {
                let is_alone = code.block.is_none() && word == code.text;
                let first = word.split('/').next().unwrap_or_default();
                let is_path = of_root.is_match(word)
                    || is_alone
                        && (word.contains('/') || file.is_match(word))
                        && !is_number(word)
                        && !ELSEWHERE.contains(&first);
                if is_path {
                    named += 1;
                    if named_files(word).is_empty() {
                        missing.push(format!("{}: {word}", page.name));
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "these are not in the repository:\n{}", missing.join("\n"));
    assert!(named > 100, "{named} paths are named");
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let link = pattern(r"\]\(([^)\s]+)\)");
    let (mut missing, mut followed) = (Vec::new(), 0);
    for page in &pages() {
        let targets = link.captures_iter(&page.text).map(|link| link[1].to_owned());
        for target in targets.filter(|target| !target.contains("://")) {
            followed += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let folder = Path::new(&page.name).parent().unwrap();
            let path =
                if file.is_empty() { Path::new(&page.name).into() } else { folder.join(file) };
            let path = repository().join(path);
            let is_there = path.exists()
                && (anchor.is_empty()
                    || std::fs::read_to_string(path).is_ok_and(|text| has_heading(&text, anchor)));
            if !is_there {
                missing.push(format!("{}: {target}", page.name));
            }
        }
    }
    assert!(missing.is_empty(), "these links lead nowhere:\n{}", missing.join("\n"));
    assert!(followed > 50, "{followed} links were followed");
}

/// Returns whether a heading has this anchor, as GitHub forms it.
fn has_heading(text: &str, anchor: &str) -> bool {
    let anchor_of = |heading: &str| -> String {
        let heading = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        heading
            .chars()
            .filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter))
            .collect()
    };
    text.lines().any(|line| line.starts_with('#') && anchor_of(line) == anchor)
}
