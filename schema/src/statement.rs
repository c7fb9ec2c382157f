//! Statements that follow from a description. Their text is a file, in which `{{part}}` stands for
//! a name or text of the description. Values of users are never parts: they are bound.

/// Fills in the parts of a file. A placeholder of the access rule (`{{own of w}}`) remains.
pub(crate) fn filled(file: &str, parts: &[(&str, &str)]) -> String {
    let mut rest = file.trim_end_matches('\n');
    let mut sql = String::with_capacity(rest.len() * 2);
    while let Some((before, after)) = rest.split_once("{{") {
        let part = after.split_once("}}").and_then(|(name, after)| {
            let (_, text) = parts.iter().find(|(known, _)| *known == name)?;
            Some((*text, after))
        });
        sql.push_str(before);
        match part {
            Some((text, after)) => {
                sql.push_str(text);
                rest = after;
            }
            None => {
                sql.push_str("{{");
                rest = after;
            }
        }
    }
    sql.push_str(rest);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_filled_in_everywhere_and_once() {
        let file = "select '{}', {{name}}_id from {{name}} where {{rule}} and {{own of w}}\n";
        assert_eq!(
            filled(file, &[("name", "event"), ("rule", "{{own of name}} = '{{name}}'")]),
            "select '{}', event_id from event where {{own of name}} = '{{name}}' and {{own of w}}"
        );
    }

    #[test]
    fn no_generated_object_has_an_empty_part() {
        for file in crate::objects::shipped() {
            assert!(!file.sql.contains("{{"), "{}: {}", file.name, file.sql);
        }
    }
}
