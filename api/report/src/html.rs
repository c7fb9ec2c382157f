//! Renders a page as HTML: complete without the script that adds to it, one style
//! sheet, nothing from other hosts.

mod section;

use askama::Template;
use hotwash_schema::profile;

use crate::definition::segments;
use crate::drawing::escape;
use crate::frame::PageFrame;
use crate::links::Links;
use crate::page::Page;
use crate::pages::PAGES;
use crate::parameters::{PageChoice, presets};
use crate::wording::day;

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
    chosen: bool,
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
    let periods = presets(frame.as_of).into_iter().enumerate().map(|(at, (name, days))| {
        let own = match days {
            // The first is the default.
            _ if at == 0 => "from=&to=&dates=".to_owned(),
            (Some(from), Some(last)) => format!("from={from}&to={last}&dates="),
            _ => "from=&to=&dates=all".to_owned(),
        };
        (to(&format!("{}?{own}", page.path)), name, days == frame.period)
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
        assets: if links == Links::Files { "" } else { "/assets/" },
        searchable: links != Links::Files,
        carried: section::hidden_fields(&frame.shared),
        words: escape(frame.query.iter().find(|(name, _)| name == "q").map_or("", |(_, q)| q)),
        chosen: links != Links::Files && !page.lost,
        title: escape(&page.title),
        question: escape(&page.question),
        action: escape(&page.path),
        banner: escape(&frame.banner),
        stale: escape(&frame.stale),
        as_of: day(frame.as_of),
        period: escape(&frame.described_period()),
        jurisdiction: escape(&profile::active().footer),
        frame,
    };
    template.render().unwrap_or_else(|error| {
        format!("<p>The page could not be written: {}</p>", escape(&error.to_string()))
    })
}

/// Returns the path of the menu entry to which a page belongs.
fn menu_path(path: &str) -> String {
    let first = segments(path)[0];
    let below = PAGES.iter().find(|page| page.first_segment() == first).and_then(|page| page.below);
    below.map_or_else(|| format!("/{first}"), str::to_owned)
}
