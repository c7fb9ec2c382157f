//! Several items in one cell: numbered or bulleted lines, or numbers within one line (`1. Revise
//! the plan. 2. Train staff.`).

use std::sync::LazyLock;

use regex::Regex;

#[expect(clippy::expect_used, reason = "the patterns are constants, compiled by the tests")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[\u{2022}\u{25cf}\u{25aa}\u{25e6}*\u{2013}-]\s*|o\s+|\d{1,2}(?:\.\d{1,2})+\s+|\(?\d{1,2}(?:\.\d{1,2})*[.)]\s*|\(?[a-z][.)]\s+)+",
    )
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|\s)\(?(\d{1,2})[.)]\s+"));

/// Returns a line without its leading bullets and numbers; a date (`12.5.2025`) is unchanged.
pub fn unmarked(line: &str) -> &str {
    let line = line.trim();
    match MARKED.find(line) {
        Some(mark)
            if mark.end() < line.len()
                && !line[mark.end()..].starts_with(|letter: char| {
                    letter.is_ascii_digit() && !mark.as_str().ends_with(char::is_whitespace)
                }) =>
        {
            line[mark.end()..].trim()
        }
        _ => line,
    }
}

/// Returns the items of a cell without their marks, or the entire text if it has no items.
pub fn items(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_item = |line: &&str| unmarked(line).len() < line.len();
    if lines.iter().filter(|line| is_item(line)).count() >= 2 {
        let mut items: Vec<String> = Vec::new();
        for line in &lines {
            // A line without a mark continues the item above; a line that ends with a colon
            // introduces the list.
            match items.last_mut() {
                Some(last) if !is_item(line) => {
                    last.push('\n');
                    last.push_str(line);
                }
                _ if line.ends_with(':') && !is_item(line) => {}
                _ => items.push(unmarked(line).to_owned()),
            }
        }
        return items;
    }
    if let [line] = lines.as_slice() {
        if let Some(items) = lettered(line) {
            return items;
        }
        let marks: Vec<(usize, usize)> = NUMBER
            .captures_iter(line)
            .filter_map(|found| found.get(0).zip(found.get(1)?.as_str().parse::<usize>().ok()))
            .zip(1..)
            .take_while(|((_, number), expected)| number == expected)
            .map(|((mark, _), _)| (mark.start(), mark.end()))
            .collect();
        if marks.len() >= 2 && marks[0].0 == 0 {
            let ends = marks.iter().skip(1).map(|(start, _)| *start).chain([line.len()]);
            return marks
                .iter()
                .zip(ends)
                .map(|((_, from), to)| line[*from..to].trim().to_owned())
                .collect();
        }
    }
    let whole = lines.join("\n");
    if whole.is_empty() { Vec::new() } else { vec![unmarked(&whole).to_owned()] }
}

/// Returns the items of a line such as `a) Name an owner. b) Publish a schedule.`
fn lettered(line: &str) -> Option<Vec<String>> {
    static LETTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|\s)\(?([a-h])\)\s+"));
    let marks: Vec<(usize, usize)> = LETTER
        .captures_iter(line)
        .filter_map(|found| found.get(0).zip(found[1].chars().next()))
        .zip('a'..)
        .take_while(|((_, letter), expected)| letter == expected)
        .map(|((mark, _), _)| (mark.start(), mark.end()))
        .collect();
    let ends = marks.iter().skip(1).map(|(start, _)| *start).chain([line.len()]);
    (marks.len() >= 2 && marks[0].0 == 0).then(|| {
        marks.iter().zip(ends).map(|((_, from), to)| line[*from..to].trim().to_owned()).collect()
    })
}

/// Returns one answer per item: from a text with as many items or lines, or the same text for all.
pub fn answers(text: &str, count: usize, by_line: bool) -> Vec<String> {
    let parts = items(text);
    if parts.len() == count {
        return parts;
    }
    let lines: Vec<&str> = text.lines().map(unmarked).filter(|line| !line.is_empty()).collect();
    if by_line && lines.len() == count {
        return lines.into_iter().map(str::to_owned).collect();
    }
    vec![text.lines().map(unmarked).collect::<Vec<_>>().join("\n"); count]
}

#[cfg(test)]
mod tests {
    use super::{items, unmarked};

    #[test]
    fn items_are_told_apart_and_what_is_no_list_stays_whole() {
        for (text, expected) in [
            ("1. Revise the plan\n2. Train staff", vec!["Revise the plan", "Train staff"]),
            ("\u{2022} Revise\nthe plan\n\u{2022} Train", vec!["Revise\nthe plan", "Train"]),
            ("1. Revise the plan. 2. Train staff.", vec!["Revise the plan.", "Train staff."]),
            ("1.1 Revise the plan", vec!["Revise the plan"]),
            ("1.1.1 Revise the plan", vec!["Revise the plan"]),
            ("1.2. Revise the plan", vec!["Revise the plan"]),
            ("Revise the plan,\nthen train", vec!["Revise the plan,\nthen train"]),
            ("Buy 2. Sell 3.", vec!["Buy 2. Sell 3."]),
            ("a) one\nb) two", vec!["one", "two"]),
            ("a) Name one. b) Train two.", vec!["Name one.", "Train two."]),
            ("option (b) of the plan", vec!["option (b) of the plan"]),
            ("Steps:\n- one\n- two", vec!["one", "two"]),
            ("", vec![]),
        ] {
            assert_eq!(items(text), expected, "{text}");
        }
        for (text, expected) in
            [("12.5.2025", "12.5.2025"), ("6/30/2025", "6/30/2025"), ("1)Go", "Go")]
        {
            assert_eq!(unmarked(text), expected, "{text}");
        }
    }
}
