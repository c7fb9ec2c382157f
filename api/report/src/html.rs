//! Renders a page as HTML: complete without the script that adds to it, one style
//! sheet, nothing from other hosts.

mod section;

use askama::Template;
use chrono::NaiveDate;
use hotwash_schema::profile;

use crate::definition::segments;
use crate::drawing::escape;
use crate::frame::PageFrame;
use crate::links::Links;
use crate::page::{Page, PagePeriod};
use crate::pages::PAGES;
use crate::parameters::{Days, PageChoice, presets};
use crate::wording::{day, described_period};

#[derive(Template)]
#[template(path = "page.html", escape = "none")]
struct PageTemplate<'a> {
    frame: &'a PageFrame,
    menu: Vec<(String, &'static str, bool)>,
    presets: Vec<(String, String, bool)>,
    choices: Vec<String>,
    body: String,
    /// Folder of style sheet and script.
    assets: &'static str,
    /// True if the page has the field for searches. Static files cannot answer it.
    searchable: bool,
    /// Hidden fields with the parameters that all pages share.
    carried: String,
    /// Words searched on this page.
    words: String,
    /// True if the page has a period filter.
    is_filtered: bool,
    /// First day of the period; empty for all.
    from: String,
    /// Last day of the period; empty for all.
    to: String,
    title: String,
    question: String,
    action: String,
    banner: String,
    stale: String,
    as_of: String,
    period: String,
    jurisdiction: String,
}

/// Renders a page.
pub fn render(page: &Page, frame: &PageFrame, links: Links) -> String {
    let to =
        |href: &str| links.to(href, &frame.shared).map(|href| escape(&href)).unwrap_or_default();
    let current = menu_path(&page.path);
    let entries = PAGES.iter().filter_map(|entry| Some((entry.path, entry.menu?)));
    let menu = entries.map(|(path, title)| (to(path), title, path == current)).collect();
    let (period, offered) = periods(page, frame);
    let presets = offered.into_iter().enumerate().map(|(at, (name, days))| {
        let own = match days {
            // The first is the default.
            _ if at == 0 => "from=&to=&dates=".to_owned(),
            (Some(from), Some(last)) => format!("from={from}&to={last}&dates="),
            _ => "from=&to=&dates=all".to_owned(),
        };
        (to(&format!("{}?{own}", page.path)), name, Some(days) == period)
    });
    let iso = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let (from, last) = period.unwrap_or_default();
    let offered = |choice: &&PageChoice| match choice.name.as_str() {
        "region" => page.by_region,
        _ => page.by_framework,
    };
    let template = PageTemplate {
        menu,
        presets: presets.collect(),
        choices: frame.choices.iter().filter(offered).map(section::choice).collect(),
        body: page
            .sections
            .iter()
            .map(|section| section::write(section, page, frame, links))
            .collect(),
        assets: if links == Links::Files { "" } else { "/assets/" },
        searchable: links != Links::Files,
        carried: section::hidden_fields(&frame.shared),
        words: escape(frame.query.iter().find(|(name, _)| name == "q").map_or("", |(_, q)| q)),
        is_filtered: links != Links::Files && period.is_some(),
        from: iso(from),
        to: iso(last),
        title: escape(&page.title),
        question: escape(&page.question),
        action: escape(&page.path),
        banner: escape(&frame.banner),
        stale: escape(&frame.stale),
        as_of: day(frame.as_of),
        period: period.map(described_period).unwrap_or_default(),
        jurisdiction: escape(&profile::active().footer),
        frame,
    };
    template.render().unwrap_or_else(|error| {
        format!("<p>The page could not be written: {}</p>", escape(&error.to_string()))
    })
}

/// Returns the period of a page, and the periods that it offers, the default first. A page without
/// a period has none.
fn periods(page: &Page, frame: &PageFrame) -> (Option<Days>, Vec<(String, Days)>) {
    let common = presets(frame.as_of);
    match &page.period {
        PagePeriod::Shared => (Some(frame.period), common),
        PagePeriod::None => (None, Vec::new()),
        PagePeriod::Own { shown, default } => {
            let limited = common.into_iter().filter(|(_, days)| *days != (None, None));
            (Some(*shown), std::iter::once(default.clone()).chain(limited).collect())
        }
    }
}

/// Returns the path of the menu entry to which a page belongs.
fn menu_path(path: &str) -> String {
    let first = segments(path)[0];
    let below = PAGES.iter().find(|page| page.first_segment() == first).and_then(|page| page.below);
    below.map_or_else(|| format!("/{first}"), str::to_owned)
}
