//! Renders the sections of a page as HTML.

use crate::days::{Extent, days_within};
use crate::drawing::{Drawing, Icon, Spark, escape};
use crate::frame::PageFrame;
use crate::links::Links;
use crate::page::{
    ExcerptPart, Figure, FigureCell, FigureList, ONE_LINE, ONE_PIECE, Page, Section, Span,
    StoryLine, Tile,
};
use crate::parameters::{PageChoice, query_string};
use crate::wording::{day, described_period, excess};

/// Width of charts on a phone, in pixels.
const PHONE: f64 = 326.0;

/// Renders a section.
pub fn write(section: &Section, page: &Page, frame: &PageFrame, links: Links) -> String {
    match section {
        Section::Lead(text) => format!("<p class=\"lead\">{}</p>", escape(text)),
        Section::Heading(title, text) => {
            format!(
                "<div class=\"heading\"><h2>{}</h2><p>{}</p></div>",
                escape(title),
                escape(text)
            )
        }
        Section::Text(text) => format!("<p class=\"text\">{}</p>", escape(text)),
        Section::Story(lines) => {
            let lines: String = lines.iter().map(|line| story_line(line, frame, links)).collect();
            format!("<ul class=\"story\">{lines}</ul>")
        }
        Section::Tiles(tiles) => {
            let tiles: String = tiles.iter().map(|tile| self::tile(tile, frame, links)).collect();
            format!("<ul class=\"tiles\">{tiles}</ul>")
        }
        Section::Figure(figure) => self::figure(figure, page, frame, links),
        Section::Facts(title, facts) => {
            let facts: String = facts
                .iter()
                .map(|(name, cell)| {
                    format!(
                        "<div><dt>{}</dt><dd>{}</dd></div>",
                        escape(name),
                        anchor(&cell.href, &cell.text, frame, links)
                    )
                })
                .collect();
            format!(
                "<section class=\"card full\"><h2>{}</h2><dl>{facts}</dl></section>",
                escape(title)
            )
        }
        Section::Code(title, text) => format!(
            "<section class=\"card full\"><h2>{}</h2><pre \
             tabindex=\"0\"><code>{}</code></pre></section>",
            escape(title),
            escape(text)
        ),
        // Static files cannot answer a form.
        Section::Choices(_) if links == Links::Files => String::new(),
        Section::Choices(choices) => {
            let own = |name: &String| choices.iter().any(|choice| choice.name == *name);
            let carried: Vec<(String, String)> =
                frame.shared.iter().filter(|(name, _)| !own(name)).cloned().collect();
            let hidden_fields = hidden_fields(&carried);
            let fields: String = choices.iter().map(choice).collect();
            format!(
                "<form class=\"filters own\" method=\"get\" \
                 action=\"{}#list\">{hidden_fields}{fields}<button \
                 type=\"submit\">Apply</button></form>",
                escape(&page.path)
            )
        }
        Section::Steps(steps) => {
            let steps: String = steps
                .iter()
                .map(|step| {
                    format!("<span>{}</span>", anchor(&step.href, &step.text, frame, links))
                })
                .collect();
            format!("<p class=\"steps\">{steps}</p>")
        }
    }
}

/// Renders hidden fields of a form.
pub fn hidden_fields(pairs: &[(String, String)]) -> String {
    let field = |(name, value): &(String, String)| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
    };
    pairs.iter().map(field).collect()
}

/// Renders a filter: a select field, or a text field if there are no options.
pub fn choice(choice: &PageChoice) -> String {
    let (name, label) = (escape(&choice.name), escape(&choice.label));
    if choice.options.is_empty() {
        let chosen = escape(&choice.chosen);
        return format!(
            "<label>{label} <input type=\"search\" name=\"{name}\" value=\"{chosen}\"></label>"
        );
    }
    let options: String = choice
        .options
        .iter()
        .map(|(value, text)| {
            let chosen = if *value == choice.chosen { " selected" } else { "" };
            format!("<option value=\"{}\"{chosen}>{}</option>", escape(value), escape(text))
        })
        .collect();
    format!("<label>{label} <select name=\"{name}\">{options}</select></label>")
}

fn anchor(href: &str, text: &str, frame: &PageFrame, links: Links) -> String {
    with_link(href, escape(text), frame, links)
}

/// Links escaped text.
fn with_link(href: &str, text: String, frame: &PageFrame, links: Links) -> String {
    match links.to(href, &frame.shared).filter(|_| !href.is_empty()) {
        Some(href) => format!("<a href=\"{}\">{text}</a>", escape(&href)),
        None => text,
    }
}

/// Number of letters between the positions at which a long word may break.
const BREAK_EVERY: usize = 10;

/// Escapes the text of a cell. A word that is longer than [`ONE_PIECE`] may break.
fn breakable(text: &str) -> String {
    let pieces = |word: &str| {
        let letters: Vec<char> = word.chars().collect();
        let size = if letters.len() > ONE_PIECE { BREAK_EVERY } else { ONE_PIECE };
        let pieces = letters.chunks(size).map(|piece| escape(&piece.iter().collect::<String>()));
        pieces.collect::<Vec<_>>().join("<wbr>")
    };
    text.split_inclusive(char::is_whitespace).map(pieces).collect()
}

/// Returns the text of a cell and the excerpt below it, with the found words marked.
fn texts(cell: &FigureCell) -> (String, String) {
    let mark = |part: &ExcerptPart| {
        let text = breakable(&part.text);
        if part.is_match { format!("<mark>{text}</mark>") } else { text }
    };
    let marked: String = cell.excerpt.iter().map(mark).collect();
    let plain: String = cell.excerpt.iter().map(|part| part.text.as_str()).collect();
    match cell.text.split_once(plain.trim()) {
        _ if plain.trim().is_empty() => (breakable(&cell.text), String::new()),
        Some((before, after)) => {
            (format!("{}{}{}", breakable(before), marked.trim(), breakable(after)), String::new())
        }
        None => (breakable(&cell.text), format!("<p class=\"excerpt\">{marked}</p>")),
    }
}

/// Links to the counted records and the definition of a metric, and to the figure's files.
fn metric_links(
    metric: &str,
    records: &str,
    what: &str,
    files: &str,
    frame: &PageFrame,
    links: Links,
) -> String {
    let mut parts = Vec::new();
    // The page of the metric shows the same groups. The static copy has one page of a metric.
    let groups = records.strip_prefix("/records/").and_then(|path| path.split_once('?'));
    let chosen = groups.filter(|_| links == Links::Server);
    let chosen = chosen.map_or_else(String::new, |(_, query)| format!("?{query}"));
    let of = format!("<span class=\"hidden\">: {}</span>", escape(what));
    let mut part = |href: &str, text: &str| {
        if let Some(href) = links.to(href, &frame.shared) {
            parts.push(format!("<a href=\"{}\">{text}{of}</a>", escape(&href)));
        }
    };
    if !records.is_empty() {
        part(records, "See the records");
    }
    if !metric.is_empty() {
        part(&format!("/metrics/{metric}{chosen}"), "How this is calculated");
    }
    parts.push(files.to_owned());
    let parts = parts.concat();
    if parts.is_empty() { parts } else { format!("<p class=\"more\">{parts}</p>") }
}

/// Links to the numbers of a figure as CSV and to its chart as SVG. Static files have neither.
fn file_links(
    figure: &Figure,
    is_drawn: bool,
    page: &Page,
    frame: &PageFrame,
    links: Links,
) -> String {
    if links == Links::Files || figure.id.is_empty() || (figure.rows.is_empty() && !is_drawn) {
        return String::new();
    }
    let mut query = vec![("of".to_owned(), page.path.clone())];
    query.extend(frame.query.iter().cloned());
    let query = escape(&query_string(&query));
    let (id, of) =
        (&figure.id, format!("<span class=\"hidden\">: {}</span>", escape(&figure.title)));
    let file = |ending: &str, more: &str, text: &str| {
        format!("<a href=\"/figures/{id}.{ending}?{query}\"{more} download>{text}{of}</a>")
    };
    let picture = if is_drawn {
        file("svg", &format!(" data-picture=\"{id}\""), "SVG")
    } else {
        String::new()
    };
    file("csv", "", "CSV") + &picture
}

fn story_line(line: &StoryLine, frame: &PageFrame, links: Links) -> String {
    let sentences: String = line
        .sentences
        .iter()
        .map(|cell| format!("<p>{}</p>", anchor(&cell.href, &cell.text, frame, links)))
        .collect();
    format!("<li>{}<div><h2>{}</h2>{sentences}</div></li>", line.icon.svg(), escape(&line.heading))
}

fn tile(tile: &Tile, frame: &PageFrame, links: Links) -> String {
    let icon = tile.icon.map(Icon::svg).unwrap_or_default();
    let gauge =
        tile.share.map(|(share, interval)| gauge(share, interval, tile.hollow)).unwrap_or_default();
    let comparison = if tile.comparison.is_empty() {
        String::new()
    } else {
        format!("<p class=\"comparison\">{}</p>", escape(&tile.comparison))
    };
    let spark = tile.spark.as_ref().map(Spark::svg).filter(|spark| !spark.is_empty());
    let spark = spark.map_or_else(String::new, |spark| format!("<div>{spark}</div>"));
    format!(
        "<li class=\"tile{}\"><h2>{}</h2><p class=\"big\">{}</p><p \
         class=\"detail\">{}</p>{comparison}{gauge}{}<p \
         class=\"verdict\">{icon}<span>{}</span></p>{}</li>",
        if tile.hollow { " few" } else { "" },
        anchor(&tile.href, &tile.label, frame, links),
        escape(&tile.value),
        escape(&tile.detail),
        spark,
        escape(&tile.verdict),
        metric_links(&tile.metric, &tile.records, &tile.label, "", frame, links)
    )
}

/// Renders a share on a scale from 0 to 1, with its interval.
fn gauge(share: f64, interval: Option<(f64, f64)>, hollow: bool) -> String {
    let band = interval.map_or_else(String::new, |(low, high)| {
        format!(
            "<rect class=\"band\" x=\"{:.1}\" y=\"2\" width=\"{:.1}\" height=\"8\"/>",
            low * 208.0,
            (high - low) * 208.0
        )
    });
    format!(
        "<svg class=\"gauge\" viewBox=\"0 0 208 12\" width=\"208\" height=\"12\" \
         aria-hidden=\"true\" xmlns=\"http://www.w3.org/2000/svg\"><rect class=\"track\" y=\"5\" \
         width=\"208\" height=\"2\"/>{band}<circle class=\"{}\" cx=\"{:.1}\" cy=\"6\" \
         r=\"5\"/></svg>",
        if hollow { "hollow" } else { "dot" },
        (share * 208.0).clamp(5.0, 203.0)
    )
}

fn figure(figure: &Figure, page: &Page, frame: &PageFrame, links: Links) -> String {
    let (class, width) = match figure.span {
        Span::Full => ("full", 1072.0),
        Span::Half => ("half", 512.0),
        Span::Third => ("third", 326.0),
    };
    let title = escape(&figure.title);
    let drawing = |width: f64| with_links(&figure.drawing.svg(width, &figure.title), frame, links);
    let (wide, slim) =
        (drawing(width), if figure.span == Span::Third { String::new() } else { drawing(PHONE) });
    let drawn = match (wide.is_empty(), slim.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("<div class=\"draw\">{wide}</div>"),
        (false, false) => {
            format!("<div class=\"draw wide\">{wide}</div><div class=\"draw slim\">{slim}</div>")
        }
    };
    let mut table = table(figure, frame, links);
    if !matches!(figure.drawing, Drawing::None) && !drawn.is_empty() && !table.is_empty() {
        table = format!(
            "<details><summary>Show as table<span class=\"hidden\">: \
             {title}</span></summary>{table}</details>"
        );
    }
    let signs: String = figure
        .signs
        .iter()
        .map(|(icon, text)| format!("<li>{}<span>{}</span></li>", icon.svg(), escape(text)))
        .collect();
    let signs =
        if signs.is_empty() { String::new() } else { format!("<ul class=\"signs\">{signs}</ul>") };
    let lists: String =
        figure.lists.iter().map(|list| self::list(list, figure, frame, links)).collect();
    let cut =
        excess(figure.shown_rows().len(), figure.rows.len()).map_or_else(String::new, |cut| {
            let all = if links == Links::Files { "" } else { " The CSV has all." };
            format!("<p class=\"cut\">{cut}{all}</p>")
        });
    let reading = if figure.reading.is_empty() {
        String::new()
    } else {
        format!("<p class=\"reading\">{}</p>", escape(&figure.reading))
    };
    let files = file_links(figure, !drawn.is_empty(), page, frame, links);
    format!(
        "<section class=\"card {class}\" \
         id=\"{}\"><h2>{title}</h2>{reading}{}{signs}{drawn}{lists}{table}{cut}{}</section>",
        escape(&figure.id),
        ignored_filter_note(&figure.metric, frame),
        metric_links(&figure.metric, &figure.records, &figure.title, &files, frame, links)
    )
}

/// Renders a list below a chart. Marks of small charts are folded.
fn list(list: &FigureList, figure: &Figure, frame: &PageFrame, links: Links) -> String {
    let tag = if list.numbered { "ol" } else { "ul" };
    let items: String = list
        .items
        .iter()
        .map(|cells| {
            let cells: Vec<String> =
                cells.iter().map(|cell| anchor(&cell.href, &cell.text, frame, links)).collect();
            format!("<li>{}</li>", cells.join(" "))
        })
        .collect();
    let (title, items) = (escape(&list.title), format!("<{tag}>{items}</{tag}>"));
    if list.numbered && figure.span == Span::Third {
        let of = format!("<span class=\"hidden\"> ({})</span>", escape(&figure.title));
        return format!("<details class=\"below\"><summary>{title}{of}</summary>{items}</details>");
    }
    format!("<div class=\"below\"><p>{title}</p>{items}</div>")
}

/// Note about the period and filters that do not apply to this figure.
fn ignored_filter_note(metric: &str, frame: &PageFrame) -> String {
    let Ok(known) = hotwash_metrics::find(metric) else { return String::new() };
    let mut notes: Vec<String> = Vec::new();
    let is_chosen = !frame.chosen("from").is_empty() || !frame.chosen("to").is_empty();
    match Extent::of(metric) {
        Extent::Period => {}
        Extent::Delayed(months) => {
            let counted = days_within(metric, frame.period, frame.as_of);
            if counted != frame.period {
                let period = described_period(counted);
                notes.push(format!("{period}: later records have had less than {months} months."));
            }
        }
        // All records are the period of a release.
        Extent::Long if is_chosen || frame.period == (None, None) => {}
        Extent::State | Extent::Long => {
            notes.push(format!("As of {}; the period above does not apply.", day(frame.as_of)));
        }
    }
    let takes = |name: &str| {
        known.definition().dimensions.iter().any(|dimension| dimension.to_string() == name)
    };
    let missed: Vec<&str> = ["region", "framework"]
        .into_iter()
        .filter(|name| !frame.chosen(name).is_empty() && !takes(name))
        .collect();
    if !missed.is_empty() {
        notes.push(format!(
            "The {} {} not apply to this chart.",
            missed.join(" and "),
            if missed.len() == 1 { "filter does" } else { "filters do" }
        ));
    }
    if notes.is_empty() {
        String::new()
    } else {
        format!("<p class=\"filter-note\">{}</p>", notes.join(" "))
    }
}

fn table(figure: &Figure, frame: &PageFrame, links: Links) -> String {
    if figure.rows.is_empty() {
        return String::new();
    }
    let numeric = figure.number_columns();
    let class =
        |column: usize| if numeric.get(column) == Some(&true) { " class=\"number\"" } else { "" };
    let headings: String = figure
        .headings
        .iter()
        .enumerate()
        .map(|(column, heading)| {
            format!("<th scope=\"col\"{}>{}</th>", class(column), escape(heading))
        })
        .collect();
    let cell = |column: usize, cell: &FigureCell| {
        let bar = cell.bar.map_or_else(String::new, |share| {
            format!(
                "<svg class=\"mini\" viewBox=\"0 0 64 8\" width=\"64\" height=\"8\" \
                 aria-hidden=\"true\"><rect class=\"track\" width=\"64\" height=\"8\"/><rect \
                 class=\"bar\" width=\"{:.1}\" height=\"8\"/></svg>",
                share.clamp(0.0, 1.0) * 64.0
            )
        });
        // Keep short text, such as days and codes, on one line.
        let class = match class(column) {
            "" if (1..=ONE_LINE).contains(&cell.text.chars().count()) => " class=\"k\"",
            class => class,
        };
        let (text, excerpt) = texts(cell);
        let text = with_link(&cell.href, text, frame, links);
        format!("<td{class}>{text}{excerpt}{bar}</td>")
    };
    let rows: String = figure
        .shown_rows()
        .iter()
        .map(|row| {
            let cells: String =
                row.iter().enumerate().map(|(column, one)| cell(column, one)).collect();
            format!("<tr>{cells}</tr>")
        })
        .collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table: \
         {}\"><table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table></div>",
        escape(&figure.title)
    )
}

/// Replaces links of the form `page:PATH` in a chart by the report's links. A copy without that
/// page has no link.
fn with_links(svg: &str, frame: &PageFrame, links: Links) -> String {
    let mut parts = svg.split(" href=\"page:");
    let mut drawn = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (path, rest) = part.split_once('"').unwrap_or((part, ""));
        if let Some(href) = links.to(path, &frame.shared) {
            drawn += &format!(" href=\"{}\"", escape(&href));
        }
        drawn += rest;
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_words_of_a_cell_may_break() {
        assert_eq!(breakable("Medical Surge & more"), "Medical Surge &amp; more");
        assert_eq!(
            breakable("See https://example.org/surge/plans/2026 today"),
            "See https://ex<wbr>ample.org/<wbr>surge/plan<wbr>s/2026 today"
        );
        assert_eq!(breakable(&"<".repeat(31)).matches("<wbr>").count(), 3);
    }
}
