//! Names of the workbooks: safe on every system, and the same for the same owners and day.

use std::collections::HashMap;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// Maximum length of the part that names the owner.
const LONGEST: usize = 60;

/// Returns a file name for each title. Titles that look alike are numbered in their order.
pub fn file_names(titles: &[&str], day: NaiveDate) -> Vec<String> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    let names = titles.iter().map(|title| {
        let plain = plain(title);
        let count = taken.entry(plain.clone()).or_default();
        *count += 1;
        match *count {
            1 => format!("{plain}-{day}.xlsx"),
            number => format!("{plain}_{number}-{day}.xlsx"),
        }
    });
    names.collect()
}

/// Returns a title in lower-case ASCII letters, digits and hyphens. The day that follows keeps it
/// from being a reserved name, such as `con`.
fn plain(title: &str) -> String {
    let letters = title.nfkd().filter(char::is_ascii).map(|letter| letter.to_ascii_lowercase());
    let letters: String =
        letters.map(|letter| if letter.is_ascii_alphanumeric() { letter } else { ' ' }).collect();
    let words = letters.split_whitespace().collect::<Vec<_>>().join("-");
    let short = words.get(..LONGEST.min(words.len())).unwrap_or_default().trim_end_matches('-');
    if short.is_empty() { "owner".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::file_names;

    #[test]
    fn names_are_safe_stable_and_distinct() {
        let titles = [
            "St. Mary's Hospital",
            "St Mary s Hospital",
            "../../etc/passwd",
            "CON",
            "Hôpital Général",
            "病院",
            "unassigned",
        ];
        let names = file_names(&titles, "2025-06-01".parse().unwrap());
        assert_eq!(
            names,
            [
                "st-mary-s-hospital-2025-06-01.xlsx",
                "st-mary-s-hospital_2-2025-06-01.xlsx",
                "etc-passwd-2025-06-01.xlsx",
                "con-2025-06-01.xlsx",
                "hopital-general-2025-06-01.xlsx",
                "owner-2025-06-01.xlsx",
                "unassigned-2025-06-01.xlsx",
            ]
        );
        let long = "a ".repeat(200);
        assert!(file_names(&[&long], "2025-06-01".parse().unwrap())[0].len() < 80);
    }
}
