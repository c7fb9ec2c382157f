//! The invariants of ARCHITECTURE.md that a machine can check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hotwash_tests::imports::Imports;
use hotwash_tests::{crate_folders, repository};
use regex::Regex;

#[test]
fn the_picture_of_crates_equals_the_manifests() {
    let page = std::fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let names = |text: &str| text.split(", ").map(str::to_owned).collect::<BTreeSet<_>>();
    let mut drawn = BTreeMap::new();
    let lines = page.lines().filter(|line| !line.starts_with(' '));
    for (crates, imported) in lines.filter_map(|line| line.split_once(" ─▶ ")) {
        let imported = if imported == "(none)" { BTreeSet::new() } else { names(imported) };
        drawn.extend(names(crates).into_iter().map(|folder| (folder, imported.clone())));
    }
    let folders = crate_folders();
    let package = |folder: &String| format!("hotwash-{}", folder.rsplit('/').next().unwrap());
    let imports = |folder: &String| {
        let manifest = std::fs::read_to_string(repository().join(folder).join("Cargo.toml"));
        let manifest = manifest.unwrap();
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
        let of_ours = dependencies.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
        let of_ours: BTreeSet<String> = of_ours.map(str::to_owned).collect();
        folders.iter().filter(|other| of_ours.contains(&package(other))).cloned().collect()
    };
    let built: BTreeMap<_, BTreeSet<String>> =
        folders.iter().map(|folder| (folder.clone(), imports(folder))).collect();
    assert_eq!(drawn, built, "left: ARCHITECTURE.md; right: the Cargo.toml files");
}

/// Circles of imports make files that can only be understood, changed and compiled together.
#[test]
fn files_of_a_crate_import_one_another_in_no_circle() {
    for folder in crate_folders() {
        let imports = Imports::read(&repository().join(folder).join("src"));
        let circles = imports.circles();
        assert!(
            circles.is_empty(),
            "files import one another in a circle; move what both sides need into a module of its \
             own. The imports of each: {:#?}",
            circles.iter().map(|circle| imports.within(circle)).collect::<Vec<_>>()
        );
    }
}

#[test]
fn polars_is_known_to_metrics_and_exports_alone() {
    for file in source_files_but(&["api/metrics"]) {
        let allowed = file.to_string_lossy().contains("api/src/export");
        assert!(
            allowed || !mentions(&file, "polars::"),
            "{} knows Polars; only exports and metrics may",
            file.display()
        );
    }
}

#[test]
fn only_the_server_knows_http_and_graphql() {
    let forbid = |word: &str, servers: &[&str]| {
        for file in source_files_but(servers) {
            assert!(!mentions(&file, word), "{} knows {word}", file.display());
        }
    };
    forbid("actix_web::", &["api"]);
    forbid("async_graphql::", &["api", "api/graphql"]);
}

#[test]
fn code_knows_no_jurisdiction() {
    let mut files = source_files_but(&[]);
    for folder in ["schema/objects", "schema/migrations"] {
        files.extend(files_below(&repository().join(folder), &["sql"]));
    }
    assert!(files.len() > 300, "{} files were found", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        // Tests read samples of one state.
        let code = text.split("#[cfg(test)]").next().unwrap();
        for name in ["HMCC", "New_York", "Massachusetts", "massachusetts"] {
            assert!(
                !code.contains(name),
                "{} names {name}; it belongs to a profile in schema/profiles",
                file.display()
            );
        }
    }
}

#[test]
fn no_file_names_this_machine_or_a_registry() {
    let forbidden = [
        concat!("/ro", "ot/"),
        concat!("/wo", "rk/"),
        concat!("cdn.", "jsdelivr"),
        concat!("unp", "kg.com"),
    ];
    let mut files: Vec<PathBuf> = ["schema", "etl", "api", "tests", "notebooks", "docs"]
        .into_iter()
        .flat_map(text_files)
        .collect();
    files
        .extend(["README.md", "ARCHITECTURE.md", "Cargo.toml"].map(|name| repository().join(name)));
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for word in forbidden {
            assert!(!text.contains(word), "{} contains {word}", file.display());
        }
    }
}

/// A throw-away metric would touch its file and one line: so does each that is there.
#[test]
fn a_metric_is_one_file_and_one_line_of_the_registry() {
    let metrics = repository().join("api/metrics/src");
    let registry = std::fs::read_to_string(metrics.join("metric.rs")).unwrap();
    let files = rust_files("api/metrics/src");
    let mut found = 0;
    for file in
        files.iter().filter(|file| file.parent().is_some_and(|folder| folder.ends_with("metric")))
    {
        let text = std::fs::read_to_string(file).unwrap();
        let Some(name) =
            text.split("impl Metric for ").nth(1).and_then(|rest| rest.split(' ').next())
        else {
            continue;
        };
        let module = file.file_stem().unwrap().to_string_lossy().into_owned();
        let lines = code_lines(&registry);
        assert_eq!(
            lines.filter(|line| line.contains(&module) || line.contains(name)).count(),
            1,
            "{module} has one line in the registry"
        );
        // Code shared by metrics is in `metric/`; nothing else in the engine names a metric.
        let named = format!("\"{module}\"");
        for other in files.iter().filter(|other| !other.to_string_lossy().contains("/metric/")) {
            assert!(!mentions(other, &named), "{} names the metric {module}", other.display());
        }
        found += 1;
    }
    assert!(found >= 27, "{found} metrics were found");
}

/// A throw-away page would touch its file and one line: so does each that is there.
#[test]
fn a_page_is_one_file_and_one_line_of_the_registry() {
    let report = repository().join("api/report/src");
    let registry = std::fs::read_to_string(report.join("pages.rs")).unwrap();
    let files = rust_files("api/report/src/pages");
    let listed = registry.split_once("\nregistry! {\n").unwrap().1.split_once('}').unwrap().0;
    let mut listed: Vec<&str> = listed.lines().map(|line| line.trim_matches([' ', ','])).collect();
    listed.sort_unstable();
    let stem = |file: &PathBuf| file.file_stem().unwrap().to_string_lossy().into_owned();
    let mut written: Vec<String> = files.iter().map(stem).collect();
    written.sort_unstable();
    assert_eq!(written, listed);
    // Pages, and parts that link to them, name paths; menu, PDF, links and server name none.
    let others: Vec<PathBuf> = rust_files("api/report/src")
        .into_iter()
        .chain(rust_files("api/src/http"))
        .chain(rust_files("api/src/cli"))
        .filter(|file| {
            ["/pages/", "/parts/"].iter().all(|part| !file.to_string_lossy().contains(part))
        })
        .collect();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let path = text.split("..ReportPage::").nth(1).and_then(|rest| rest.split('"').nth(1));
        let path = path.unwrap_or_else(|| panic!("{} defines no page", file.display()));
        let named = format!("\"{path}\"");
        for other in others.iter().filter(|_| path != "/") {
            let text = std::fs::read_to_string(other).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            assert!(
                code_lines(code).all(|line| !line.contains(&named)),
                "{} names the page {path}",
                other.display()
            );
        }
    }
}

/// Most files that may name a record type: its description and the registry, and what differs by
/// nature, such as its metrics, pages, sources and columns of the snapshot.
const MOST_FILES_OF_A_RECORD_TYPE: [(&str, usize); 2] = [("milestone", 11), ("participation", 16)];

#[test]
fn few_files_name_a_record_type() {
    for (record, most) in MOST_FILES_OF_A_RECORD_TYPE {
        let named = |file: &PathBuf| {
            let text = std::fs::read_to_string(file).unwrap().to_lowercase();
            // Unit tests do not count, nor does schema/src/tables.rs.
            let is_test = file.file_name().is_some_and(|name| name == "tests.rs");
            let is_generated = text.contains("generated from a migrated database");
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            !is_test && !is_generated && code.contains(record)
        };
        let files: Vec<PathBuf> = source_files_but(&["tests"]).into_iter().filter(named).collect();
        assert!(
            (3..=most).contains(&files.len()),
            "{} files name the record type {record}, more than {most}; follow its description in \
             schema/src/record instead: {files:#?}",
            files.len()
        );
    }
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let page = std::fs::read_to_string(repository().join("SECURITY.md")).unwrap();
    let code: String = ["schema", "etl", "api", "tests"]
        .into_iter()
        .flat_map(rust_files)
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    // Other tables have fewer columns.
    let is_row = |line: &&str| {
        line.starts_with("| ") && line.ends_with(" |") && line.matches(" | ").count() == 4
    };
    let channels = page.lines().filter(is_row).skip(1);
    let mut named = 0;
    for channel in channels {
        let tests = channel.trim_end_matches('|').rsplit('|').next().unwrap();
        for test in
            tests.split('`').skip(1).step_by(2).filter(|test| !test.starts_with("tests/run "))
        {
            // A name that is cut short ends with an ellipsis.
            let start = test.trim_end_matches('…');
            let end = if start == test { "(" } else { "" };
            assert!(
                code.contains(&format!("fn {start}{end}")),
                "SECURITY.md names {test}, which is no test"
            );
            named += 1;
        }
    }
    assert!(named > 20, "{named} tests are named");
}

/// One list states which errors have which status; `docs/errors.md` is generated from it.
#[test]
fn statuses_and_codes_of_errors_are_stated_by_the_list_alone() {
    let status = Regex::new(concat!(
        r"(StatusCode|HttpResponse)::",
        r"(BAD_|UNAUTH|FORB|NOT_|PAYL|UNSUPP|TOO_|INTERNAL|SERVICE|GATEWAY|",
        r"[A-Z]\w*(Error|Found|Unavailable|Timeout|Acceptable|Request)\b)",
    ))
    .unwrap();
    let list = std::fs::read_to_string(repository().join("api/graphql/src/error.rs")).unwrap();
    let codes: Vec<&str> = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix("code: \"")?.strip_suffix("\","))
        .collect();
    assert!(codes.len() >= 13, "{codes:?}");
    for file in rust_files("api/src").into_iter().chain(rust_files("api/graphql/src")) {
        let is_list = ["api/graphql/src/error.rs", "api/src/http/error.rs"]
            .iter()
            .any(|list| file.ends_with(list));
        if is_list {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for line in code_lines(text.split("#[cfg(test)]").next().unwrap()) {
            // Readiness is no error answer: its body states the status of each part.
            let is_readiness = line.contains("ServiceUnavailable().json(body)");
            assert!(is_readiness || !status.is_match(line), "{}: {line}", file.display());
            for code in &codes {
                let quoted = format!("\"{code}\"");
                assert!(!line.contains(&quoted), "{}: {line}", file.display());
            }
        }
    }
}

/// An error that another crate gets is a type that states what is wrong and what to do.
#[test]
fn public_functions_return_no_text_as_their_error() {
    let function =
        Regex::new(r"(?s)\bpub (?:async |const )*fn (\w+)[^{;]*?->\s*Result<([^{;]*?)>\s*[{;]")
            .unwrap();
    let mut faults = Vec::new();
    for file in source_files_but(&[]) {
        let path = file.strip_prefix(repository()).unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let code: String = code_lines(text.split("#[cfg(test)]").next().unwrap()).collect();
        for found in function.captures_iter(&code) {
            let is_text = found[2].trim_end_matches([' ', ',']).ends_with(", String");
            if is_text {
                faults.push(format!("{path}: {}", &found[1]));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Only `extras.rs` notices a name that no metric declares.
#[test]
fn the_report_reads_extra_values_in_one_place() {
    let reads = Regex::new(r"\.extra\s*(\.get\(|\[)").unwrap();
    let reading: Vec<PathBuf> = rust_files("api/report/src")
        .into_iter()
        .filter(|file| reads.is_match(&std::fs::read_to_string(file).unwrap()))
        .collect();
    assert_eq!(reading, [repository().join("api/report/src/extras.rs")]);
}

/// Returns the source files of all crates but some.
fn source_files_but(left_out: &[&str]) -> Vec<PathBuf> {
    let folders = crate_folders().into_iter();
    let rest = folders.filter(|folder| !left_out.contains(&folder.as_str()));
    rest.flat_map(|folder| rust_files(&format!("{folder}/src"))).collect()
}

fn mentions(file: &Path, word: &str) -> bool {
    code_lines(&std::fs::read_to_string(file).unwrap()).any(|line| line.contains(word))
}

/// Returns the lines that are not comments, whose examples may name anything.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    files_below(&repository().join(folder), &["rs"])
}

fn text_files(folder: &str) -> Vec<PathBuf> {
    files_below(
        &repository().join(folder),
        &["rs", "toml", "md", "sql", "html", "css", "js", "mjs", "json", "py", "sh", "ipynb"],
    )
}

fn files_below(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["node_modules", ".venv", "target"].contains(&name.as_str()) {
            found.extend(files_below(&path, extensions));
        } else if path.extension().is_some_and(|end| extensions.iter().any(|wanted| end == *wanted))
        {
            found.push(path);
        }
    }
    found
}

/// Crates that `cargo` builds into the binary with these features.
fn built_with(features: &str) -> BTreeSet<String> {
    let mut command = std::process::Command::new(env!("CARGO"));
    command.args(["tree", "--offline", "--package", "hotwash", "--edges", "normal"]);
    command.args(["--prefix", "none", "--format", "{p}", "--no-default-features"]);
    command.args(["--features", features]).current_dir(repository());
    // Features of this package alone, whatever the developer's environment unites.
    command.env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION");
    let output = hotwash_tests::output(&mut command);
    assert!(output.status.success(), "{}", hotwash_tests::both(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn a_feature_that_is_off_leaves_out_its_libraries() {
    let features = [
        ("demo-data", &[][..]),
        ("engine", &["arrow-flight", "tonic"]),
        ("oidc", &["jsonwebtoken"]),
        ("pdf", &["pulldown-cmark", "typst", "typst-pdf"]),
    ];
    let names: Vec<&str> = features.iter().map(|(name, _)| *name).collect();
    let all = built_with(&names.join(","));
    assert_eq!(all, built_with("default"), "a feature is not on by default");
    for (feature, libraries) in features {
        let others: Vec<&str> = names.iter().copied().filter(|name| *name != feature).collect();
        let without = built_with(&others.join(","));
        for library in libraries {
            assert!(all.contains(*library), "{feature} does not need {library}");
            assert!(!without.contains(*library), "{library} is built without {feature}");
        }
    }
}
