//! Lists in the API's answers to the queries of a page. A list that the query does not select is
//! found, not read as an empty one.

use serde_json::Value;

/// Returns the records of a list, by the list's name in the answer, or in a record of it. Empty if
/// there is no answer, or the list is null.
pub fn nodes<'a>(of: &'a Value, list: &str) -> &'a [Value] {
    selected(of, list, "nodes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Returns the number of all records of a list; 0 if there is no answer, or the list is null.
pub fn total_count(of: &Value, list: &str) -> usize {
    let total = selected(of, list, "totalCount").and_then(Value::as_u64);
    total.and_then(|total| usize::try_from(total).ok()).unwrap_or_default()
}

/// Returns a member of a list. One that the answer does not have is logged as an error, and stops a
/// debug build, so that the tests of the pages find it.
fn selected<'a>(of: &'a Value, list: &str, member: &str) -> Option<&'a Value> {
    if !is_selected(of, list, member) {
        tracing::error!(list, member, "the report reads a list that its query does not select");
        debug_assert!(false, "the query selects no {member} of {list}");
    }
    of.get(list)?.get(member)
}

fn is_selected(of: &Value, list: &str, member: &str) -> bool {
    match of.get(list) {
        Some(found) => found.is_null() || found.get(member).is_some(),
        None => of.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_read_by_the_name_that_its_query_selects() {
        let answer = json!({ "events": { "nodes": [{ "name": "Surge" }] }, "findings": null });
        assert_eq!(nodes(&answer, "events"), [json!({ "name": "Surge" })]);
        assert_eq!(nodes(&answer, "findings"), [] as [Value; 0]);
        assert_eq!(total_count(&Value::Null, "events"), 0);
        assert!(!is_selected(&answer, "event", "nodes"));
        assert!(!is_selected(&answer, "events", "totalCount"));
    }

    #[test]
    #[should_panic(expected = "the query selects no totalCount of events")]
    fn a_list_that_no_query_selects_stops_a_debug_build() {
        total_count(&json!({ "events": { "nodes": [] } }), "events");
    }
}
