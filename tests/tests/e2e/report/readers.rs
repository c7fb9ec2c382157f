//! What members of a region read: their own records next to the release about other regions.

use hotwash_tests::coalition::{generated, released};
use hotwash_tests::{Server, run};

use super::text;

/// Returns the pages that a member of region 3 reads, as text.
async fn read_as_region_3(paths: &[&str]) -> Vec<String> {
    let database = generated(1).await;
    released(database.url());
    let arguments = ["key", "create", "third-region", "--role", "region", "--region", "3"];
    let key = run(database.url(), &arguments);
    let server = Server::start(database.url(), &[]);
    let read = |path: &&str| {
        let mut response = ureq::get(format!("{}{path}", server.base))
            .header("authorization", format!("Bearer {}", key.trim()))
            .call()
            .unwrap();
        text(&response.body_mut().read_to_string().unwrap())
    };
    paths.iter().map(read).collect()
}

/// Returns the text between two words of a page.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    page.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default()
}

#[tokio::test]
async fn ranks_of_an_own_region_are_not_mixed_with_published_ones() {
    let database = generated(1).await;
    released(database.url());
    let arguments = ["key", "create", "third-region", "--role", "region", "--region", "3"];
    let key = run(database.url(), &arguments);
    let server = Server::start(database.url(), &[]);
    let ranks = |filter: &str| -> Vec<(String, Option<i64>)> {
        let query = format!(
            "{{ improvementPriority{filter} {{ rows {{ region {{ code }} value rank }} }} }}"
        );
        let (_, _, answer) = server.query_as(Some(key.trim()), &query);
        let rows = answer["data"]["improvementPriority"]["rows"].as_array().unwrap().clone();
        let known = rows.into_iter().filter(|row| !row["value"].is_null());
        known
            .map(|row| (row["region"]["code"].as_str().unwrap().to_owned(), row["rank"].as_i64()))
            .collect()
    };
    let all = ranks("");
    assert!(all.iter().any(|(region, _)| region == "3"), "{all:?}");
    assert!(all.iter().all(|(region, rank)| (region == "3") == rank.is_none()), "{all:?}");
    let own = ranks("(filter: { region: { eq: \"3\" } })");
    assert!(!own.is_empty() && own.iter().all(|(_, rank)| rank.is_some()), "{own:?}");
}

#[tokio::test]
async fn own_and_published_figures_describe_one_day_and_name_what_is_missing() {
    let pages = read_as_region_3(&["/", "/regions/3", "/risks", "/actions"]).await;
    let [overview, region, risks, actions] = &pages[..] else { panic!("four pages") };

    // One as-of day, and it is the release's.
    let day = between(overview, "last as of ", ";").trim();
    assert!(day.len() > 8 && overview.contains(&format!("As of {day}")), "{overview}");
    assert!(region.contains(&format!("As of {day}")), "{region}");
    let own = between(region, "open actions on ", "State");
    let own_overdue = between(region, "Actions overdue", " of ").trim().to_owned();
    assert!(own.contains(day), "{region}");
    let of_regions = between(actions, "Overdue, by age", "When will the backlog");
    assert!(of_regions.contains(&format!("{own_overdue} of ")), "{own_overdue}: {of_regions}");

    // The generated records end in June.
    assert!(overview.contains("No data of Northeast (3) since Jun "), "{overview}");
    assert!(overview.contains("may be done already."), "{overview}");

    // Levels of five years are not called those of now.
    let better = between(overview, "Better", "Worse");
    assert!(!better.contains(" now."), "{better}");

    // Priorities are in one order: that of the number shown.
    let table = between(overview, "What needs a decision", "Share of ratings that were P or S");
    let priorities: Vec<f64> = table
        .split_whitespace()
        .filter(|word| word.len() == 4 && word.starts_with("0."))
        .map(|word| word.parse().unwrap())
        .collect();
    assert!(priorities.len() > 5, "{table}");
    assert!(priorities.is_sorted_by(|one, other| one >= other), "{priorities:?}");
    assert!(!overview.contains("Likely rank"), "own and published items have no common rank");

    // Suppressed is no zero, and no lack of quarters.
    for page in [overview, region] {
        assert!(!page.contains("– of 0"), "{page}");
        assert!(!page.contains("(0 of 6 needed)"), "{page}");
        assert!(!page.contains("default parameters"), "{page}");
    }
    assert!(overview.contains("your access covers Northeast (3) only"), "{overview}");
    assert!(risks.contains("top risks of Northeast (3)"), "{risks}");
    assert!(risks.contains("Top risks are listed for your own region only."), "{risks}");
}
