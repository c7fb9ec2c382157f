//! A chart as an SVG file of its own: title, chart, and where its numbers are from. It brings its
//! style sheet, and needs no other file.

use super::canvas::{escape, fit_text};
use crate::assets::STYLE;

/// Width of a chart in a file, in pixels.
pub const WIDTH: f64 = 960.0;
/// Margin around the chart in pixels.
const MARGIN: f64 = 24.0;
/// Font of the charts on pages.
const FONT: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/// Wraps a chart of [`WIDTH`] as an SVG file with a title above and a source below. `None` without
/// a chart.
pub fn standalone(chart: &str, title: &str, source: &str) -> Option<String> {
    let height: f64 = chart.split_once(" height=\"")?.1.split_once('"')?.0.parse().ok()?;
    // Addresses of pages mean nothing outside of the report.
    let mut parts = chart.split(" href=\"page:");
    let mut chart = parts.next()?.to_owned();
    chart.extend(parts.map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)));
    let chart =
        chart.replacen("<svg ", &format!("<svg x=\"{MARGIN}\" y=\"64\" overflow=\"visible\" "), 1);
    let (width, bottom) = (WIDTH + 2.0 * MARGIN, height + 64.0 + 36.0);
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{total}\" \
         viewBox=\"0 0 {width} {total}\"><style>{style}</style><rect width=\"{width}\" \
         height=\"{total}\" fill=\"#ffffff\"/><text x=\"{MARGIN}\" y=\"38\" \
         style=\"font-size:20px;font-weight:700\">{title}</text>{chart}<text x=\"{MARGIN}\" \
         y=\"{bottom}\" class=\"small\">{source}</text></svg>",
        total = bottom + 16.0,
        style = style(FONT),
        title = escape(&fit_text(title, WIDTH / 1.6)),
        source = escape(source)
    ))
}

/// Returns the style sheet of charts in light colors and one font, without CSS variables. They are
/// unknown to typst and to many programs that draw SVG.
pub fn style(font: &str) -> String {
    let between = |text: &'static str, begin: &str, end: &str| {
        text.split_once(begin)
            .and_then(|(_, rest)| rest.split_once(end))
            .map_or("", |(part, _)| part)
    };
    let mut rules = between(STYLE, "/* drawings */", "/* end of drawings */")
        .replace(".fig ", "")
        .replace("a:focus-visible .region", ".none");
    let mut colors: Vec<(&str, &str)> = between(STYLE, ":root {", "}")
        .split(';')
        .filter_map(|pair| pair.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .filter(|(name, _)| name.starts_with("--"))
        .collect();
    colors.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, value) in colors {
        rules = rules.replace(&format!("var({name})"), value);
    }
    format!("text{{font-family:{font};font-size:12px;fill:#14212b}}{rules}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::control::{Control, ControlPart, ControlPoint};

    #[test]
    fn drawings_elsewhere_take_their_colors_from_the_style_sheet() {
        let style = style("'Libertinus Serif'");
        assert!(style.contains(".p { fill: #0b5c8f; }") && !style.contains("var("), "{style}");
        assert!(style.contains(".icon.worse { fill: #b3400e; }"), "{style}");
    }

    #[test]
    fn a_chart_in_a_file_needs_no_page() {
        let point = ControlPoint {
            value: 9.0,
            href: "/events/7".into(),
            signals: vec!["above the upper limit".into()],
            ..ControlPoint::default()
        };
        let part = ControlPart { points: vec![point], ..ControlPart::default() };
        let chart = Control { parts: vec![part], ..Control::default() };
        let file = standalone(&chart.svg(WIDTH, "Times"), "Times <of> day", "As of Jun 30, 2026");
        let file = file.unwrap();
        assert!(file.contains("Times &lt;of&gt; day") && file.contains("As of Jun 30"), "{file}");
        assert!(!file.contains("href") && !file.contains("var(--"), "{file}");
        assert_eq!(standalone("", "Table", ""), None);
    }
}
