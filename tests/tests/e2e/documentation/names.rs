//! Names of code.

use super::paths::named_files;
use super::{Page, RUST, pages, pattern, read};

#[test]
fn every_name_of_code_that_a_page_gives_is_declared() {
    // `file.rs`: `name`, `name` (`file.rs`), and `name` in `file.rs`.
    let name = "`((?:[A-Za-z_]+::)*[A-Za-z_]+!?)`";
    let file = "`([a-z_/]+\\.rs)`";
    let qualified = pattern(r"`((?:[A-Za-z_]+::)+[A-Za-z_]+)(?:\(\))?`");
    let after = pattern(&format!("{file}: {name}"));
    let before = pattern(&format!(r"{name} (?:\(|in ){file}"));
    let (mut missing, mut named) = (Vec::new(), 0);
    for page in &pages() {
        let text = page.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for found in qualified.captures_iter(&text) {
            let mut parts = found[1].rsplit("::");
            let (last, of) = (parts.next().unwrap(), parts.next().unwrap());
            named += 1;
            if !declares_in(of, last) {
                missing.push(format!("{}: {}", page.name, &found[1]));
            }
        }
        let placed =
            after.captures_iter(&text).map(|found| (found[1].to_owned(), found[2].to_owned()));
        let placed_before =
            before.captures_iter(&text).map(|found| (found[2].to_owned(), found[1].to_owned()));
        for (file, name) in placed.chain(placed_before) {
            let last = declaration(name.rsplit("::").next().unwrap());
            named += 1;
            if !named_files(&file).iter().any(|file| last.is_match(&RUST[*file])) {
                missing.push(format!("{}: {name} in {file}", page.name));
            }
        }
    }
    // The map of the code also gives names without a path.
    let bare =
        pattern(r"^(?:[a-z]+(?:_[a-z]+)+!?|[A-Z][a-z]+(?:[A-Z][a-z]+)*|[A-Z]{2,}(?:_[A-Z]+)*)$");
    let is_setting = |name: &str| name.starts_with("HOTWASH_");
    for code in Page::read("ARCHITECTURE.md").code() {
        if code.block.is_none() && bare.is_match(&code.text) && !is_setting(&code.text) {
            named += 1;
            let declared = declaration(&code.text);
            if !RUST.values().any(|text| declared.is_match(text)) {
                missing.push(format!("ARCHITECTURE.md: {}", code.text));
            }
        }
    }
    assert!(missing.is_empty(), "no code declares:\n{}", missing.join("\n"));
    assert!(named > 50, "{named} names are given");
}

/// Matches Rust text that declares a name: an item, a macro, a variant or a field.
fn declaration(name: &str) -> regex::Regex {
    let name = regex::escape(name.trim_end_matches('!'));
    let item = "(?:fn|struct|enum|trait|type|const|static|mod|macro_rules!)";
    pattern(&format!(r"(?m)\b{item} {name}\b|^\s+(?:pub )?{name}(?:,|\(| \{{|:)"))
}

/// Returns whether code declares `of::name`, where `of` is a type, a module or a crate.
fn declares_in(of: &str, name: &str) -> bool {
    let is_type = of.starts_with(char::is_uppercase);
    let type_of = pattern(&format!(r"\b(?:struct|enum|trait|type|impl|for)\b[^{{;\n]*\b{of}\b"));
    let krate = of.strip_prefix("hotwash_").map(|krate| format!("{krate}/src/"));
    let declared = declaration(name);
    let exported = pattern(&format!(r"pub use [^;]*\b{name}\b"));
    RUST.iter().any(|(file, text)| {
        let is_module = file.ends_with(&format!("/{of}.rs"))
            || krate.as_ref().is_some_and(|krate| file.contains(krate));
        let is_there = if is_type { type_of.is_match(text) } else { is_module };
        is_there && (declared.is_match(text) || !is_type && exported.is_match(text))
    })
}

/// A name that nothing declares is found out.
#[test]
fn an_invented_name_is_declared_nowhere() {
    assert!(declares_in("Viewer", "sees_record") && !declares_in("Viewer", "sees_through"));
    assert!(declares_in("migrate", "migrate") && !declares_in("migrate", "emigrate"));
    assert!(declares_in("hotwash_graphql", "build") && !declares_in("guard", "demolish"));
    assert!(!declaration("admit").is_match(&read("api/graphql/src/coerce.rs")));
}
