//! A page as HTML: complete without a script, one style sheet, nothing from another host.

use askama::Template;

use super::figure::escape;
use super::{Page, Section};

/// The style sheet.
pub const STYLE: &str = include_str!("report.css");

/// How links are written: on the server, or between files of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Paths of the server; the query goes along.
    Server,
    /// Names of files beside each other.
    Files,
}

impl Links {
    /// A link to a path of ours.
    pub fn to(self, path: &str, query: &str) -> String {
        match self {
            Self::Server if query.is_empty() => path.to_owned(),
            Self::Server => format!("{path}?{query}"),
            Self::Files => format!("{}.html", file_name(path)),
        }
    }
}

/// Name of a page's file, without its ending.
pub fn file_name(path: &str) -> String {
    let plain = path.trim_matches('/').replace(['/', ':'], "-");
    if plain.is_empty() { "index".into() } else { plain }
}

/// What every page says of itself.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Day it speaks for.
    pub as_of: String,
    /// Version of the warehouse.
    pub version: i64,
    /// What it holds is invented, in part.
    pub fictional: bool,
    /// Who may see it.
    pub audience: String,
    /// What is wrong, e.g. a database that is away.
    pub banner: String,
    /// The question's query string, to be carried along.
    pub query: String,
    /// First day asked for.
    pub from: String,
    /// Last day asked for.
    pub to: String,
    /// Signed in with a session.
    pub signed_in: bool,
}

#[derive(Template)]
#[template(path = "page.html", escape = "none")]
struct PageTemplate<'a> {
    frame: &'a Frame,
    menu: Vec<(String, &'static str, bool)>,
    body: String,
    style: String,
    files: bool,
    title: String,
    question: String,
    action: String,
    banner: String,
}

/// Pages of the menu: where each leads, its name, and the beginning of the paths below it.
const MENU: [(&str, &str, &str); 8] = [
    ("/", "Overview", "/ "),
    ("/regions", "Regions", "/regions/"),
    ("/capabilities", "Capabilities", "/capabilities/"),
    ("/risks", "Risks", "/risks/"),
    ("/actions", "Actions", "/actions/"),
    ("/response", "Response", "/response/"),
    // The path /metrics is Prometheus'; its single pages are below it.
    ("/metric", "Metrics", "/metrics/"),
    ("/data", "Data", "/data/"),
];

/// The page.
pub fn render(page: &Page, frame: &Frame, links: Links) -> String {
    let menu = MENU
        .iter()
        .map(|(path, name, below)| {
            let here = *path == page.path || page.path.starts_with(below);
            (escape(&links.to(path, &frame.query)), *name, here)
        })
        .collect();
    let style = if links == Links::Files { "report.css".to_owned() } else { "/assets/report.css".to_owned() };
    let body = page.sections.iter().map(|section| self::section(section, frame, links)).collect();
    let template = PageTemplate {
        frame,
        menu,
        body,
        style,
        files: links == Links::Files,
        title: escape(&page.title),
        question: escape(&page.question),
        action: escape(&page.path),
        banner: escape(&frame.banner),
    };
    template
        .render()
        .unwrap_or_else(|error| format!("<p>The page could not be written: {}</p>", escape(&error.to_string())))
}

fn anchor(href: &str, said: &str, frame: &Frame, links: Links) -> String {
    // Exports and queries are the server's alone.
    if href.is_empty() || (links == Links::Files && (href.starts_with("/export") || href.starts_with("/events"))) {
        return escape(said);
    }
    format!("<a href=\"{}\">{}</a>", escape(&links.to(href, &frame.query)), escape(said))
}

fn section(section: &Section, frame: &Frame, links: Links) -> String {
    match section {
        Section::Text(said) => format!("<p class=\"text\">{}</p>", escape(said)),
        Section::Tiles(tiles) => {
            let tiles: String = tiles
                .iter()
                .map(|tile| {
                    format!(
                        "<li class=\"tile{}\"><h3>{}</h3><p class=\"big\">{}</p><p class=\"detail\">{}</p>{}<p class=\"verdict\">{}</p></li>",
                        if tile.hollow { " few" } else { "" },
                        anchor(&tile.href, &tile.label, frame, links),
                        escape(&tile.value),
                        escape(&tile.detail),
                        tile.spark,
                        escape(&tile.verdict)
                    )
                })
                .collect();
            format!("<ul class=\"tiles\">{tiles}</ul>")
        }
        Section::Figure(figure) | Section::Table(figure) => {
            let mut table = String::new();
            if !figure.rows.is_empty() {
                let headings: String = figure
                    .headings
                    .iter()
                    .map(|heading| format!("<th scope=\"col\">{}</th>", escape(heading)))
                    .collect();
                let rows: String = figure
                    .rows
                    .iter()
                    .map(|row| {
                        let cells: String = row
                            .iter()
                            .map(|cell| {
                                format!(
                                    "<td{}>{}</td>",
                                    if is_number(&cell.text) { " class=\"number\"" } else { "" },
                                    anchor(&cell.href, &cell.text, frame, links)
                                )
                            })
                            .collect();
                        format!("<tr>{cells}</tr>")
                    })
                    .collect();
                table = format!(
                    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table></div>",
                    escape(&figure.title)
                );
            }
            if !figure.svg.is_empty() && !table.is_empty() {
                table = format!("<details><summary>Show the numbers</summary>{table}</details>");
            }
            let drawn = with_links(&figure.svg, frame, links);
            let more = if figure.href.is_empty() {
                String::new()
            } else {
                format!("<p class=\"more\">{}</p>", anchor(&figure.href, "What is this number?", frame, links))
            };
            let drawn = if drawn.is_empty() { String::new() } else { format!("<div class=\"draw\">{drawn}</div>") };
            format!(
                "<section><h2>{}</h2><p class=\"reading\">{}</p>{drawn}{table}{more}</section>",
                escape(&figure.title),
                escape(&figure.reading)
            )
        }
    }
}

/// A drawing whose links, written as `page:PATH`, lead where this report's pages stand.
fn with_links(svg: &str, frame: &Frame, links: Links) -> String {
    let mut parts = svg.split("href=\"page:");
    let mut drawn = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (path, rest) = part.split_once('"').unwrap_or((part, ""));
        drawn += &format!("href=\"{}\"{rest}", escape(&links.to(path, &frame.query)));
    }
    drawn
}

fn is_number(text: &str) -> bool {
    text.chars().next().is_some_and(|first| first.is_ascii_digit() || first == '−' || first == '+' || first == '–')
        && text.len() < 24
}
