//! Renders a page as HTML: complete without scripts, one style sheet, nothing from other hosts.

mod section;

use askama::Template;
use chrono::NaiveDate;
use hotwash_schema::profile;

use super::Page;
use super::drawing::escape;
use super::parameters::{PageChoice, presets, url_encoded};

/// The style sheet.
pub const STYLE: &str = include_str!("report.css");

/// Target of links: the server, or the files of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Paths of the server; parameters shared by all pages are added.
    Server,
    /// Names of files in one folder.
    Files,
}

impl Links {
    /// Returns a link to a path, which may have parameters of its own. `None` if the folder has no
    /// such page.
    pub fn to(self, href: &str, shared: &[(String, String)]) -> Option<String> {
        let (path, own) = href.split_once('?').unwrap_or((href, ""));
        match self {
            Self::Server => {
                let mine: Vec<&str> = own.split('&').filter(|pair| !pair.is_empty()).collect();
                let named =
                    |name: &str| mine.iter().any(|pair| pair.split('=').next() == Some(name));
                let pairs: Vec<String> = mine
                    .iter()
                    .filter(|pair| !pair.ends_with('='))
                    .map(|pair| (*pair).to_owned())
                    .chain(
                        // A file has no query string.
                        shared
                            .iter()
                            .filter(|(name, _)| !named(name) && !path.ends_with(".csv"))
                            .map(|(name, value)| format!("{name}={}", url_encoded(value))),
                    )
                    .collect();
                Some(if pairs.is_empty() {
                    path.to_owned()
                } else {
                    format!("{path}?{}", pairs.join("&"))
                })
            }
            // Single records, exports and queries need the server.
            Self::Files
                if ["/export", "/events", "/record", "/graphi"]
                    .iter()
                    .any(|start| path.starts_with(start)) =>
            {
                None
            }
            Self::Files if path.ends_with(".csv") || !own.is_empty() => None,
            Self::Files => Some(format!("{}.html", file_name(path))),
        }
    }
}

/// Name of a page's file, without its ending.
pub fn file_name(path: &str) -> String {
    let plain = path.trim_matches('/').replace(['/', ':'], "-");
    if plain.is_empty() { "index".into() } else { plain }
}

/// Frame of every page: as-of day, version and notices.
#[derive(Clone, Debug, Default)]
pub struct PageFrame {
    /// As-of day.
    pub as_of: NaiveDate,
    /// Version of the warehouse.
    pub version: i64,
    /// True if the warehouse contains fictional data.
    pub fictional: bool,
    /// Audience.
    pub audience: String,
    /// Warning, e.g. that the database is unavailable.
    pub banner: String,
    /// Parameters shared by all pages, carried along by links.
    pub shared: Vec<(String, String)>,
    /// First day asked for.
    pub from: String,
    /// Last day asked for.
    pub to: String,
    /// Choices of region and framework.
    pub choices: Vec<PageChoice>,
    /// True if the viewer signed in.
    pub signed_in: bool,
}

impl PageFrame {
    /// Returns the chosen value of a filter shared by all pages.
    fn chosen(&self, name: &str) -> &str {
        self.shared.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

#[derive(Template)]
#[template(path = "page.html", escape = "none")]
struct PageTemplate<'a> {
    frame: &'a PageFrame,
    menu: Vec<(String, &'static str, bool)>,
    presets: Vec<(String, String, bool)>,
    choices: Vec<String>,
    body: String,
    style: String,
    /// True if the page has a period filter.
    chosen: bool,
    title: String,
    question: String,
    action: String,
    banner: String,
    as_of: String,
    jurisdiction: String,
}

/// Menu entries: path, name, and the prefix of the paths below it.
const MENU: [(&str, &str, &str); 8] = [
    ("/", "Overview", "/ "),
    ("/regions", "Regions", "/regions/"),
    ("/capabilities", "Capabilities", "/capabilities/"),
    ("/risks", "Risks", "/risks/"),
    ("/actions", "Actions", "/actions/"),
    ("/response", "Response", "/response/"),
    // The path /metrics belongs to Prometheus; single metrics are below it.
    ("/metric", "Metrics", "/metrics/"),
    ("/data", "Data", "/data/"),
];

/// Formats a day for readers.
pub fn day(day: NaiveDate) -> String {
    day.format("%b %-d, %Y").to_string()
}

/// Renders a page.
pub fn render(page: &Page, frame: &PageFrame, links: Links) -> String {
    let to =
        |href: &str| links.to(href, &frame.shared).map(|href| escape(&href)).unwrap_or_default();
    let menu = MENU
        .iter()
        .map(|(path, name, below)| {
            (to(path), *name, *path == page.path || page.path.starts_with(below))
        })
        .collect();
    let periods = presets(frame.as_of).into_iter().map(|(name, from, to_day)| {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let here = day(from) == frame.from && day(to_day) == frame.to;
        (to(&format!("{}?from={}&to={}", page.path, day(from), day(to_day))), name, here)
    });
    let offered = |choice: &&PageChoice| match choice.name.as_str() {
        "region" => page.by_region,
        _ => page.by_framework,
    };
    let template = PageTemplate {
        menu,
        presets: periods.collect(),
        choices: frame.choices.iter().filter(offered).map(section::choice).collect(),
        body: page
            .sections
            .iter()
            .map(|section| section::write(section, page, frame, links))
            .collect(),
        style: if links == Links::Files {
            "report.css".to_owned()
        } else {
            "/assets/report.css".to_owned()
        },
        chosen: links != Links::Files && !page.lost,
        title: escape(&page.title),
        question: escape(&page.question),
        action: escape(&page.path),
        banner: escape(&frame.banner),
        as_of: day(frame.as_of),
        jurisdiction: escape(&profile::active().footer),
        frame,
    };
    template.render().unwrap_or_else(|error| {
        format!("<p>The page could not be written: {}</p>", escape(&error.to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_links_own_pairs_come_before_those_that_all_pages_share() {
        let shared = vec![
            ("region".to_owned(), "3".to_owned()),
            ("as_of".to_owned(), "2026-06-30".to_owned()),
        ];
        for (links, href, expected) in [
            (Links::Server, "/risks", Some("/risks?region=3&as_of=2026-06-30")),
            (Links::Server, "/records/x?region=1", Some("/records/x?region=1&as_of=2026-06-30")),
            (Links::Server, "/actions?region=", Some("/actions?as_of=2026-06-30")),
            (
                Links::Server,
                "/metrics/x.csv?asOf=2025-12-31",
                Some("/metrics/x.csv?asOf=2025-12-31"),
            ),
            (Links::Files, "/regions/4AB", Some("regions-4AB.html")),
            (Links::Files, "/", Some("index.html")),
            (Links::Files, "/records/x?region=1", None),
            (Links::Files, "/metrics/action_closure.csv", None),
        ] {
            assert_eq!(links.to(href, &shared).as_deref(), expected, "{href}");
        }
        assert_eq!(crate::report::parameters::query_string(&shared), "region=3&as_of=2026-06-30");
    }
}
