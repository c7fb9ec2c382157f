//! Statements in files of their own: `etl/sql/FOLDER/NAME.sql`, one statement each.
//!
//! A file begins with comments: its purpose, the tables that it reads and writes, and the names of
//! its values in order. A query with `fills: TABLE` fills a temporary table; a statement with
//! `creates: TABLE` creates one. `{part}` is filled in from the description of a record type
//! (`load/statement.rs`). Tests compare the tables with the statement, and check that each file is
//! used.

use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;

/// Statement of a file, with its values.
pub type BoundStatement<'a> = BoxedSqlQuery<'a, Pg, SqlQuery>;

/// A file with one statement.
#[derive(Clone, Copy, Debug)]
pub struct SqlFile {
    text: &'static str,
}

/// Returns the file at a path in `etl/sql`.
macro_rules! sql {
    ($path:literal) => {
        const {
            $crate::sql::SqlFile::of(include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/sql/",
                $path
            )))
        }
    };
}
pub(crate) use sql;

impl SqlFile {
    /// Describes a file with this text.
    pub const fn of(text: &'static str) -> Self {
        Self { text }
    }

    /// Returns the statement without the comments before it.
    pub fn statement(self) -> &'static str {
        let mut rest = self.text;
        while rest.starts_with("--") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
        rest
    }

    /// Returns the statement, to bind its values to.
    pub fn query<'a>(self) -> BoundStatement<'a> {
        sql_query(self.statement()).into_boxed()
    }

    /// Returns the temporary table that the query fills.
    pub fn fills(self) -> Option<&'static str> {
        self.header("fills").next()
    }

    /// Returns the temporary table that the statement creates.
    pub fn creates(self) -> Option<&'static str> {
        self.header("creates").next()
    }

    /// Returns the names of the values, in order.
    pub fn binds(self) -> impl Iterator<Item = &'static str> {
        self.header("binds")
    }

    /// Returns the names that a header line lists.
    fn header(self, name: &str) -> impl Iterator<Item = &'static str> {
        let header = &self.text[..self.text.len() - self.statement().len()];
        let mut lines = header.lines().map(|line| line.trim_start_matches("--"));
        let named = move |line: &&str| {
            line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with(':'))
        };
        let first = lines.find(named).and_then(|line| line.split_once(':'));
        let more = lines.take_while(|line| line.starts_with("     "));
        let listed = first.into_iter().map(|(_, list)| list).chain(more);
        listed.flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::SqlFile;

    fn files(folder: &Path, end: &str) -> Vec<(PathBuf, &'static str)> {
        let found = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap());
        let found = found.filter(|entry| entry.path().extension().is_some_and(|is| is == end));
        let read = found.map(|entry| {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            (entry.into_path(), &*text.leak())
        });
        read.collect()
    }

    fn statements() -> Vec<(String, SqlFile)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
        let found = files(&folder, "sql").into_iter().map(|(path, text)| {
            let path = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
            (path, SqlFile::of(text))
        });
        found.collect()
    }

    /// Returns the words of a statement and its punctuation, without literals.
    fn tokens(statement: &str) -> Vec<String> {
        let code: String = statement.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
        let mut tokens: Vec<String> = Vec::new();
        for letter in code.chars() {
            let in_word = |letter: char| letter.is_ascii_alphanumeric() || "_.${}".contains(letter);
            match tokens.last_mut() {
                Some(last) if in_word(letter) && last.chars().all(in_word) => last.push(letter),
                _ => tokens.push(letter.to_string()),
            }
        }
        tokens
    }

    /// Returns the tables that a statement reads, and those that it writes.
    fn tables(statement: &str, temporary: &BTreeSet<&str>) -> [BTreeSet<String>; 2] {
        let tokens = tokens(statement);
        let words: Vec<(&str, bool)> = tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| !token.trim().is_empty())
            .map(|(index, token)| (&**token, tokens.get(index + 1).is_some_and(|next| next == "(")))
            .collect();
        let [mut reads, mut writes] = [BTreeSet::new(), BTreeSet::new()];
        for (index, (word, is_call)) in words.iter().enumerate() {
            let before = |back: usize| index.checked_sub(back).map_or("", |at| words[at].0);
            let is_table = word.starts_with("warehouse.") || word.starts_with("meta.");
            let is_listed = ["from", "join", "using", "update", "into", ","].contains(&before(1));
            if *is_call || !(is_table || (is_listed && temporary.contains(word))) {
                continue;
            }
            let is_written = before(1) == "update"
                || (before(2) == "insert" && before(1) == "into")
                || (before(2) == "delete" && before(1) == "from");
            if is_written { &mut writes } else { &mut reads }.insert((*word).to_owned());
        }
        [reads, writes]
    }

    #[test]
    fn each_header_names_the_tables_and_the_values_of_its_statement() {
        let statements = statements();
        let mut temporary: BTreeSet<&str> =
            statements.iter().filter_map(|(_, file)| file.fills().or(file.creates())).collect();
        for (_, file) in &statements {
            let named = file.header("reads").chain(file.header("writes"));
            temporary.extend(named.filter(|table| !table.contains('.')));
        }
        for (path, file) in &statements {
            let about = file.text.lines().next().unwrap();
            assert!(about.starts_with("-- ") && !about.contains(':'), "{path}: {about}");
            let [reads, writes] = tables(file.statement(), &temporary);
            let stated = |name| file.header(name).map(str::to_owned).collect::<BTreeSet<_>>();
            assert_eq!(stated("reads"), reads, "{path} reads");
            assert_eq!(stated("writes"), writes, "{path} writes");
            assert!(file.fills().is_none() || writes.is_empty(), "{path} fills one table");
            let created = file.statement().strip_prefix("create temp table ");
            let created = created.and_then(|rest| rest.split(' ').next());
            assert_eq!(file.creates(), created, "{path} creates");
            let highest = tokens(file.statement())
                .iter()
                .filter_map(|token| token.split(':').next()?.strip_prefix('$')?.parse().ok())
                .max();
            assert_eq!(highest.unwrap_or(0), file.binds().count(), "{path} binds");
        }
    }

    #[test]
    fn each_file_is_used() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let code: String = files(&folder, "rs").iter().map(|(_, text)| *text).collect();
        for (path, _) in statements() {
            assert!(code.contains(&format!("sql!(\"{path}\")")), "etl/sql/{path} is not used");
        }
    }

    #[test]
    fn the_tables_of_a_statement_are_found() {
        let temporary = BTreeSet::from(["merging", "document"]);
        let statement = "with a as (delete from warehouse.event e using merging m, document d \
            where meta.zone() = 'from warehouse.region') insert into meta.file (a) select a from \
            warehouse.county on conflict do update set merging = 1";
        let [reads, writes] = tables(statement, &temporary);
        assert_eq!(
            reads.into_iter().collect::<Vec<_>>(),
            ["document", "merging", "warehouse.county"]
        );
        assert_eq!(writes.into_iter().collect::<Vec<_>>(), ["meta.file", "warehouse.event"]);
    }
}
