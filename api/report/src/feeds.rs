//! Overdue feeds in a sentence, for the top of each page.

use chrono::NaiveDate;
use hotwash_metrics::Feed;
use hotwash_schema::access::Viewer;

use crate::wording::{counted, day};

/// Maximum number of overdue feeds that the warning names.
const NAMED: usize = 3;

/// Reports whether a viewer may see a feed: one of their regions, or of all regions together.
pub fn is_seen(viewer: &Viewer, feed: &Feed) -> bool {
    match &feed.region {
        Some(region) => viewer.sees_region(region),
        None => viewer.sees_all_detail(),
    }
}

/// Returns a sentence that names the feeds overdue today; empty without any.
pub fn warning<'a>(feeds: impl Iterator<Item = &'a Feed>, today: NaiveDate) -> String {
    let overdue: Vec<&Feed> = feeds.filter(|feed| feed.is_overdue(today)).collect();
    let mut names: Vec<String> = overdue
        .iter()
        .take(NAMED)
        .map(|feed| {
            let name = feed.name();
            match feed.expected_by() {
                Some(expected) => format!("{name}, expected by {}", day(expected)),
                None => format!("{name}, which never came"),
            }
        })
        .collect();
    if overdue.len() > NAMED {
        let further = overdue.len() - NAMED;
        names.push(counted(further as f64, "further feed", "further feeds"));
    }
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("This feed is overdue: {one}."),
        several => format!("These feeds are overdue: {}.", several.join("; ")),
    }
}
