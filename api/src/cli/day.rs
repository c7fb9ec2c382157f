//! A date that an option gives.

use chrono::NaiveDate;
use hotwash_schema::day::parse_day;

/// Parses a date given as an argument.
///
/// # Errors
/// Fails for another spelling than `2026-06-30`, with what to write instead.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    let meant = || text.trim().parse().ok().map(|day: NaiveDate| day.to_string());
    let meant = || meant().filter(|day| parse_day(day).is_some());
    parse_day(text).ok_or_else(|| {
        format!("must be a date such as {}", meant().as_deref().unwrap_or("2026-06-30"))
    })
}

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use chrono::NaiveDate;
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::day;
    use crate::cli::CommandLine;

    #[test]
    fn an_error_says_what_to_write() {
        assert_eq!(day("2026-06-30"), Ok("2026-06-30".parse().unwrap()));
        for (text, meant) in [
            ("2025-1-1", "2025-01-01"),
            (" 2025-06-30", "2025-06-30"),
            ("yesterday", "2026-06-30"),
            ("2025-02-30", "2026-06-30"),
            ("+12025-01-01", "2026-06-30"),
        ] {
            assert_eq!(day(text), Err(format!("must be a date such as {meant}")), "{text:?}");
        }
    }

    #[test]
    fn every_option_with_a_date_takes_one_spelling() {
        let command = CommandLine::command();
        let mut found = Vec::new();
        for subcommand in command.get_subcommands() {
            let is_date = |option: &&clap::Arg| {
                option.get_value_parser().type_id() == TypeId::of::<NaiveDate>()
            };
            for option in subcommand.get_arguments().filter(is_date) {
                let long = option.get_long().unwrap();
                let given = format!("--{long}=2025-1-1");
                let arguments = ["hotwash", subcommand.get_name(), given.as_str()];
                let error = command.clone().try_get_matches_from(arguments).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::ValueValidation, "{given}: {error}");
                let text = error.to_string();
                assert!(text.contains("must be a date such as 2025-01-01"), "{given}: {text}");
                found.push(format!("{} {long}", subcommand.get_name()));
            }
        }
        assert!(found.len() >= 10 && found.contains(&"metric as-of".to_owned()), "{found:?}");
    }
}
