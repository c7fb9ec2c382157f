//! How the program talks to Postgres: through Diesel, typed statements and named files, and without
//! text that is put together of pieces. The limit below only shrinks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hotwash_tests::{crate_folders, repository};

/// Files that use tokio-postgres, by its name or by a client of `connect`, and why. Everything else
/// is Diesel.
const DRIVER_FILES: [(&str, &str); 7] = [
    ("schema/src/connect.rs", "opens a connection, and cancels its statement"),
    ("schema/src/connect/failure.rs", "turns the driver's errors into our own"),
    ("schema/src/connect/tls.rs", "reads an address, and encrypts"),
    ("schema/src/copy.rs", "COPY and Diesel statements in one transaction"),
    ("schema/src/copy/error.rs", "unites the errors of the driver and of Diesel"),
    ("schema/src/copy/statement.rs", "runs Diesel statements on the connection of a COPY"),
    ("schema/src/pool.rs", "gives the connection to Diesel"),
];

/// Limit of [`DRIVER_FILES`].
const MOST_DRIVER_FILES: usize = 8;

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
fn no_statement_is_put_together_of_pieces() {
    let mut more = Vec::new();
    for (file, code) in sources() {
        let statements = put_together(&code).into_iter().filter(|text| is_sql(text));
        more.extend(statements.map(|literal| format!("{file}: {literal:?}")));
    }
    assert!(
        more.is_empty(),
        "SQL is built from pieces of text. Bind the values, and write the statement as typed \
         Diesel or as a file with a header. In the loader: a file of etl/sql, whose `{{part}}` \
         etl/src/load/statement.rs fills in from a record type's description. In the schema: a \
         file whose `{{{{part}}}}` schema/src/statement.rs fills in. In the API: the typed parts of \
         api/graphql/src/sql.\n{}",
        more.join("\n")
    );
}

/// String literals that the code fills in or puts together, with line breaks as single spaces:
/// arguments of `format!` and its like, operands of `+`, elements that are joined, and texts with
/// a `{name}` to replace.
fn put_together(code: &str) -> Vec<String> {
    let found = literals(code).into_iter().filter(|(before, text, after)| {
        let before = before.trim_end();
        let call = before.rsplit([';', '{', '}']).next().unwrap_or_default();
        let is_formatted = ["format!(", "format_args!(", "concat!(", "push_str(", "+", "+="]
            .iter()
            .any(|end| before.ends_with(end));
        let is_written = ["write!(", "writeln!("].iter().any(|name| call.contains(name));
        let is_joined = after.split_once(']').is_some_and(|(elements, rest)| {
            let rest = rest.trim_start();
            !elements.contains('[') && (rest.starts_with(".concat(") || rest.starts_with(".join("))
        });
        let is_name =
            |text: &str| text.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        let names = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        let has_name = names.into_iter().any(|(name, _)| !name.is_empty() && is_name(name));
        is_formatted || is_written || is_joined || has_name
    });
    let found = found.map(|(_, text, _)| text.split_whitespace().collect::<Vec<_>>().join(" "));
    found.collect()
}

/// String literals with the code before and after each.
fn literals(code: &str) -> Vec<(&str, String, &str)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(step) = code[at..].find(['"', '\'', '/']) {
        let start = at + step;
        let (before, rest) = code.split_at(start);
        at = start + 1;
        if rest.starts_with("//") {
            at = start + rest.find('\n').unwrap_or(rest.len());
        } else if let Some(character) = rest.strip_prefix('\'') {
            // A lifetime has no closing quote.
            let escaped = character.starts_with('\\');
            let length = character.chars().next().map_or(0, char::len_utf8);
            if escaped {
                at += 2 + character[2..].find('\'').map_or(0, |end| end + 1);
            } else if character[length..].starts_with('\'') {
                at += length + 1;
            }
        } else if let Some(literal) = rest.strip_prefix('"') {
            let marks = before.trim_end_matches('#');
            if let Some(marked) = marks.strip_suffix('r') {
                let end = format!("\"{}", &before[marks.len()..]);
                let length = literal.find(&end).unwrap_or(literal.len());
                at = code.len().min(at + length + end.len());
                found.push((marked, literal[..length].to_owned(), &code[at..]));
                continue;
            }
            let (mut text, mut letters) = (String::new(), literal.char_indices());
            while let Some((index, letter)) = letters.next() {
                match letter {
                    '"' => {
                        at += index + 1;
                        break;
                    }
                    '\\' => match letters.next() {
                        Some((_, '\n')) => text.push(' '),
                        Some((_, escaped)) => text.push(escaped),
                        None => break,
                    },
                    letter => text.push(letter),
                }
            }
            found.push((before, text, &code[at..]));
        }
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
        || has("where") && text.split_once("where").is_some_and(|(_, rest)| rest.contains(" = "))
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
        "name = {} # the name of the system where its records come from",
    ] {
        assert!(!is_sql(prose), "{prose}");
    }
    for (code, text) in [
        ("format!(\n    \"select 1 \\\n     from {t}\"\n)", "select 1 from {t}"),
        ("write!(out, \"select {} from t\", column)", "select {} from t"),
        ("let sql = start + \" from t\";", "from t"),
        ("sql.push_str(r#\"where a = \"b\"\"#)", "where a = \"b\""),
        ("if letter == '\"' { [\"copy (\", sql, \")\"].concat() }", "copy ("),
        ("const NEW: &'static str = \"select a from {table}\";", "select a from {table}"),
    ] {
        assert_eq!(put_together(code)[0], text, "{code}");
    }
    let code = "// format!(\"select {a} from b\")\nquery(\"select a from b where c = '{}'\")";
    assert!(put_together(code).is_empty());
}
