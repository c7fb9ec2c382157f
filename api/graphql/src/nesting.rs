//! Nesting of brackets in documents and JSON, counted in the text before parsing. Parsers,
//! validators and filters recurse once per level, and a thread's stack is finite. This limit is far
//! below what exhausts the stack.

use async_graphql::{ServerError, Value};
use serde_json::Value as Json;

use super::guard::exceeded;

/// Maximum nesting of brackets in a document, in JSON, and in the values of variables.
pub const MOST: usize = 64;

/// Reason for rejecting a JSON text.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Brackets are nested deeper than `MOST` levels.
    #[error("brackets are nested {0} deep, more than the limit of {MOST}; nest less")]
    TooDeep(usize),
    /// The text is not JSON.
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
}

/// Parses untrusted JSON.
///
/// # Errors
/// Fails for nesting deeper than `MOST` levels, or text that is not JSON.
pub fn read_json(text: &[u8]) -> Result<Json, JsonError> {
    let nesting = of_json(text);
    if nesting > MOST {
        return Err(JsonError::TooDeep(nesting));
    }
    Ok(serde_json::from_slice(text)?)
}

/// Rejects nesting deeper than [`MOST`].
///
/// # Errors
/// Fails with `QUERY_TOO_COMPLEX`, which states the limit.
pub fn within(nesting: usize, what: &str) -> Result<(), ServerError> {
    if nesting <= MOST {
        return Ok(());
    }
    let instead = "nest less, e.g. list conditions side by side in one `and`";
    Err(exceeded(nesting as u64, MOST as u64, "nesting", what, instead))
}

/// Returns the maximum nesting of brackets in a GraphQL document, without strings and comments.
/// Never less than the depth of a parser, which stops at an unterminated string; the count
/// continues.
pub fn of_document(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut count, mut at) = (Count::default(), 0);
    // After one unterminated block string, all others are unterminated too.
    let mut blocks_end = true;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'#' => bytes[at..]
                .iter()
                .position(|byte| matches!(byte, b'\n' | b'\r'))
                .unwrap_or(bytes.len() - at),
            b'"' if blocks_end && bytes[at..].starts_with(BLOCK) => {
                match block_string(&bytes[at..]) {
                    Some(length) => length,
                    None => {
                        blocks_end = false;
                        2
                    }
                }
            }
            b'"' => string(&bytes[at..]),
            other => count.bracket(*other),
        };
    }
    count.deepest
}

/// Returns the maximum nesting of brackets in JSON, without strings.
pub fn of_json(text: &[u8]) -> usize {
    let (mut count, mut at) = (Count::default(), 0);
    while let Some(byte) = text.get(at) {
        at += if *byte == b'"' { string(&text[at..]) } else { count.bracket(*byte) };
    }
    count.deepest
}

/// Returns the maximum nesting of lists and objects in values.
pub fn of_values<'a>(values: impl Iterator<Item = &'a Value>) -> usize {
    let (mut deepest, mut open) = (0, values.map(|value| (value, 1)).collect::<Vec<_>>());
    while let Some((value, depth)) = open.pop() {
        match value {
            Value::List(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => {
                open.extend(members.values().map(|member| (member, depth + 1)))
            }
            _ => continue,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[derive(Default)]
struct Count {
    depth: usize,
    deepest: usize,
}

impl Count {
    /// Counts a byte if it is a bracket, and returns its length.
    fn bracket(&mut self, byte: u8) -> usize {
        match byte {
            b'{' | b'[' | b'(' => {
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
            }
            b'}' | b']' | b')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        1
    }
}

const BLOCK: &[u8] = b"\"\"\"";

/// Returns the length of the string at the start of a text. An unterminated string ends with its
/// line.
fn string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// Returns the length of the block string at the start of a text; none if it is unterminated.
fn block_string(text: &[u8]) -> Option<usize> {
    let mut at = BLOCK.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(BLOCK) {
            return Some(at + BLOCK.len());
        }
        at += if rest.starts_with(b"\\\"\"\"") { 4 } else { 1 };
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", 0)]
    #[case("{ regions { code } }", 2)]
    #[case("{ a(b: [{c: [1]}]) { d } }", 5)]
    #[case("{ a(b: \"[[[[\") }", 2)]
    #[case("{ a(b: \"\\\"[[[[\", c: [1]) }", 3)]
    #[case("{ a(b: \"\\\\\", c: [[1]]) }", 4)]
    #[case("{ a(b: \"\"\"[[\"[[\\\"\"\"[[\"\"\", c: [1]) }", 3)]
    #[case("{ a # [[[[\n (b: [1]) }", 3)]
    #[case("{ a(b: \"\", c: [1]) }", 3)]
    #[case("{ a(b: \"\"\"\"\"\", c: [1]) }", 3)]
    // Unterminated strings hide no brackets.
    #[case("{ a(b: \"[[[\n [[[", 5)]
    #[case("[\"\"\"\" [[[", 4)]
    #[case("[\"\"\" \" [[[\n[[", 6)]
    fn brackets_in_strings_and_comments_do_not_count(#[case] text: &str, #[case] nesting: usize) {
        assert_eq!(of_document(text), nesting, "{text}");
    }

    #[rstest]
    #[case("{\"a\":[{}]}", 3)]
    #[case("{\"a\":\"[[[\\\"[[\"}", 1)]
    #[case("\"\"\"[[[", 0)]
    fn the_nesting_of_json_is_counted(#[case] text: &str, #[case] nesting: usize) {
        assert_eq!(of_json(text.as_bytes()), nesting, "{text}");
    }

    #[test]
    fn a_text_of_open_quotation_marks_is_read_once() {
        let began = std::time::Instant::now();
        of_document(&"\"\"\" \" ".repeat(1 << 18));
        of_document(&"\"".repeat(1 << 20));
        assert!(began.elapsed() < std::time::Duration::from_secs(5));
    }

    #[test]
    fn what_is_too_deep_is_not_parsed() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(read_json(deep(MOST).as_bytes()).is_ok());
        for levels in [MOST + 1, 128, 100_000] {
            assert!(
                matches!(read_json(deep(levels).as_bytes()), Err(JsonError::TooDeep(found)) if found == levels)
            );
        }
        assert!(matches!(read_json(b"[}"), Err(JsonError::Malformed(_))));
        let value = Value::from_json(read_json(deep(3).as_bytes()).unwrap()).unwrap();
        assert_eq!(of_values([&value, &Value::Null].into_iter()), 3);
    }

    /// Returns the depth of the values and selections of a parsed document.
    fn parsed(set: &async_graphql::parser::types::SelectionSet) -> usize {
        use async_graphql::parser::types::Selection;
        let of = |selection: &Selection| match selection {
            Selection::Field(field) => {
                let values = field
                    .node
                    .arguments
                    .iter()
                    .filter_map(|(_, value)| value.node.clone().into_const());
                let values: Vec<Value> = values.collect();
                let arguments = usize::from(!values.is_empty()) + of_values(values.iter());
                arguments.max(parsed(&field.node.selection_set.node))
            }
            Selection::InlineFragment(inline) => parsed(&inline.node.selection_set.node),
            Selection::FragmentSpread(_) => 0,
        };
        set.items.iter().map(|item| 1 + of(&item.node)).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn no_document_is_parsed_deeper_than_it_counts(pieces in prop::collection::vec(
            prop::sample::select(vec![
                "[", "]", "{a:", "}", "1", "\"", "\"\"", "\"\"\"", "\\\"", "\\", "#", "\n", " ", "\"[\"", "#\"\n", "\"\"\"[\"\"\"",
            ]),
            0..30,
        )) {
            let text = format!("{{ a(b: [{}]) {{ c }} }}", pieces.concat());
            if let Ok(document) = async_graphql::parser::parse_query(&text) {
                for (_, operation) in document.operations.iter() {
                    prop_assert!(of_document(&text) >= parsed(&operation.node.selection_set.node), "{text}");
                }
            }
        }
    }
}
