//! How the program talks to Postgres: through Diesel and typed statements, and without text that is
//! put together by `format!`. The limits below only shrink.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hotwash_tests::{crate_folders, repository};

/// Files that use tokio-postgres, by its name or by a client of `connect`, and why. Everything else
/// is Diesel.
const DRIVER_FILES: [(&str, &str); 6] = [
    ("schema/src/connect.rs", "opens a connection, and cancels its statement"),
    ("schema/src/connect/failure.rs", "turns the driver's errors into our own"),
    ("schema/src/connect/tls.rs", "reads an address, and encrypts"),
    ("schema/src/copy.rs", "COPY and Diesel statements in one transaction"),
    ("schema/src/copy/statement.rs", "runs Diesel statements on the connection of a COPY"),
    ("schema/src/pool.rs", "gives the connection to Diesel"),
];

/// Limit of [`DRIVER_FILES`].
const MOST_DRIVER_FILES: usize = 8;

/// Statements put together by `format!`, by folder or file, and why. Merge steps and snapshots move
/// to `.sql` files and to Diesel; each number only shrinks.
const ALLOWED: [(&str, usize, &str); 8] = [
    ("api/metrics/src/snapshot", 2, "rows that a snapshot has not seen, by table"),
    ("etl/src/lookup/lists.rs", 1, "rows of the lists that record types reference"),
    ("etl/src/load", 53, "set-based merge over temporary tables"),
    ("schema/src/catalog", 1, "statements that Superset runs"),
    ("schema/src/testing.rs", 5, "databases for tests: their commands take no parameters"),
    ("schema/src/objects/described.rs", 5, "views and policies of record types"),
    ("schema/src/reference", 2, "lists that are merged by their codes"),
    ("schema/src", 1, "staging table of a reference file"),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// Source files by their path in the repository, without their unit tests.
fn sources() -> BTreeMap<String, String> {
    let mut files = Vec::new();
    for folder in crate_folders() {
        rust_files(&repository().join(folder).join("src"), &mut files);
    }
    let text = |file: PathBuf| {
        let name = file.strip_prefix(repository()).unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
        (name, code)
    };
    files.into_iter().map(text).collect()
}

#[test]
fn few_files_use_the_driver_beside_diesel() {
    let allowed: Vec<&str> = DRIVER_FILES.iter().map(|(file, _)| *file).collect();
    assert!(allowed.len() <= MOST_DRIVER_FILES, "too many files use tokio-postgres: {allowed:?}");
    let files: Vec<String> =
        sources().into_iter().filter(|(_, code)| uses_driver(code)).map(|(name, _)| name).collect();
    assert_eq!(
        files, allowed,
        "other files use tokio-postgres than DRIVER_FILES says; use Diesel on \
         `hotwash_schema::pool`, or `hotwash_schema::copy` in the transaction of a COPY"
    );
}

/// Whether code names tokio-postgres, or imports the function that returns its client.
fn uses_driver(code: &str) -> bool {
    let imports_client = |import: &str| {
        let names = import.strip_prefix('{').and_then(|names| names.split('}').next());
        match names {
            Some(names) => names.split(',').any(|name| name.trim() == "connect"),
            None => import.starts_with("connect"),
        }
    };
    code.contains("tokio_postgres") || code.split("connect::").skip(1).any(imports_client)
}

#[test]
fn the_driver_is_found_by_its_name_and_by_its_client() {
    for code in ["use tokio_postgres::Row;", "use hotwash_schema::connect::connect;"] {
        assert!(uses_driver(code), "{code}");
    }
    assert!(uses_driver("use crate::connect::{\n    address,\n    connect,\n};"));
    assert!(!uses_driver("use hotwash_schema::connect::{address, server};"));
}

#[test]
fn no_statement_is_put_together_by_format() {
    let mut left: Vec<usize> = ALLOWED.iter().map(|(_, count, _)| *count).collect();
    let mut more = Vec::new();
    for (file, code) in sources() {
        for literal in formatted(&code).into_iter().filter(|text| is_sql(text)) {
            let place = ALLOWED.iter().position(|(place, ..)| file.starts_with(place));
            match place.and_then(|place| left.get_mut(place)).filter(|left| **left > 0) {
                Some(left) => *left -= 1,
                None => more.push(format!("{file}: {literal:?}")),
            }
        }
    }
    assert!(
        more.is_empty(),
        "SQL is built by format!; bind the values (in the API, build the statement of the parts \
         in api/graphql/src/sql):\n{}",
        more.join("\n")
    );
}

/// String literals that `format!` and its like fill in, with line breaks as single spaces.
fn formatted(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in code.split("format!(").skip(1) {
        let Some(literal) = piece.trim_start().strip_prefix('"') else { continue };
        let (mut text, mut letters) = (String::new(), literal.chars());
        while let Some(letter) = letters.next() {
            match letter {
                '"' => break,
                '\\' => match letters.next() {
                    Some('\n') => text.push(' '),
                    Some(escaped) => text.push(escaped),
                    None => break,
                },
                letter => text.push(letter),
            }
        }
        found.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    found
}

/// Whether a text is a statement of Postgres or a part of one; our SQL is written in small letters.
fn is_sql(text: &str) -> bool {
    const COMMANDS: [&str; 5] = ["create", "drop", "alter", "grant", "revoke"];
    const OBJECTS: [&str; 12] = [
        "table",
        "temporary",
        "view",
        "schema",
        "role",
        "database",
        "index",
        "policy",
        "function",
        "trigger",
        "system",
        "owned",
    ];
    let within = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words: Vec<&str> = text.split(|letter: char| !within(letter)).collect();
    let follows = |first: &str, then: &[&str]| {
        words.windows(2).any(|pair| pair[0] == first && then.contains(&pair[1]))
    };
    let has = |word: &str| words.contains(&word);
    has("select") && (has("from") || text.contains("(select"))
        || follows("insert", &["into"])
        || follows("delete", &["from"])
        || has("update") && has("set") && text.contains('=')
        || text.contains("copy (")
        || COMMANDS.iter().any(|command| follows(command, &OBJECTS))
        || has("where") && text.contains(" = ")
}

#[test]
fn the_scanner_finds_statements_and_no_prose() {
    for sql in [
        "select {columns} from {table}",
        "exists (select 1 {rest})",
        "insert into {table} values ({values})",
        "update {table} set a = {value}",
        "delete from {table}",
        "drop table {name}",
        "copy ({sql}) to stdout",
        "{before} where {name} = {value}",
    ] {
        assert!(is_sql(sql), "{sql}");
    }
    for prose in [
        "update the settings and try again",
        "select one of {names}",
        "created {role}",
        "[skip_rows_where] {name} = {value}",
    ] {
        assert!(!is_sql(prose), "{prose}");
    }
    let code = "format!(\n    \"select 1 \\\n     from {t}\"\n)";
    assert_eq!(formatted(code), ["select 1 from {t}"]);
}
