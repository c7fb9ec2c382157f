//! Building blocks of all charts: shapes with CSS classes, escaped text, round axis ticks.

use std::fmt::Write;

/// Escapes text for SVG and HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Estimates the width of a text in pixels, at the font size of charts.
pub fn text_width(text: &str) -> f64 {
    text.chars().map(|letter| if letter.is_uppercase() || letter == '%' { 8.2 } else { 6.5 }).sum()
}

/// Shortens a text to a width, with an ellipsis. A code at its end, such as `(PHEP 11)`, stays.
pub fn fit_text(text: &str, width: f64) -> String {
    if text_width(text) <= width {
        return text.to_owned();
    }
    if let Some((name, code)) = text.rsplit_once(" (") {
        let rest = width - text_width(" (") - text_width(code);
        if code.ends_with(')') && rest > width / 2.0 {
            return format!("{} ({code}", fit_text(name, rest));
        }
    }
    let mut short = String::new();
    for letter in text.chars() {
        if text_width(&short) + 14.0 > width {
            break;
        }
        short.push(letter);
    }
    format!("{}…", short.trim_end())
}

/// Splits a text into lines of a width at its blanks; only a longer word is shortened.
pub fn lines(text: &str, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if text_width(line) + text_width(word) + text_width(" ") <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fit_text(word, width)),
        }
    }
    lines
}

/// Returns round values from `low` to `high`, about `count` of them: multiples of `finest`, the
/// smallest difference that labels can show. So no two labels are equal, and none is rounded.
pub fn ticks(low: f64, high: f64, count: f64, finest: f64) -> Vec<f64> {
    let rough = ((high - low) / count).max(finest);
    let power = 10_f64.powf(rough.log10().floor());
    let is_multiple = |step: f64| ((step / finest).round() * finest - step).abs() < step * 1e-6;
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough * (1.0 - 1e-9) && is_multiple(*step));
    let step = step.unwrap_or(power * 10.0);
    let (first, last) = ((low / step).ceil() as i64, ((high + step * 1e-6) / step).floor() as i64);
    (first..=last).take(32).map(|number| number as f64 * step).collect()
}

/// Sample of a shape in a legend.
#[derive(Clone, Copy, Debug)]
pub enum Swatch {
    /// Filled rectangle.
    Rect,
    /// Dot.
    Circle,
    /// Diamond, the shape of a signal.
    Diamond,
    /// Vertical line.
    Line,
    /// Triangle that points up.
    Up,
    /// Triangle that points down.
    Down,
}

/// Shapes collected into one SVG.
pub struct Canvas {
    width: f64,
    body: String,
    /// Attribute of the next shape that names its value.
    named: String,
}

impl Canvas {
    pub fn new(width: f64) -> Self {
        Self { width, body: String::new(), named: String::new() }
    }

    /// Returns the width in pixels.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Names the value of the next shape. The script of the pages shows it on hover, focus and tap.
    pub fn name_next(&mut self, value: &str) {
        self.named = format!(" data-value=\"{}\"", escape(value));
    }

    pub fn text(&mut self, x: f64, y: f64, anchor: &str, class: &str, text: &str) {
        let _ = write!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{}</text>",
            escape(text)
        );
    }

    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
            from.0, from.1, to.0, to.1
        );
    }

    pub fn rect(&mut self, class: &str, at: (f64, f64), size: (f64, f64), radius: f64) {
        // Skip what would be written as 0.0: it is invisible and causes a warning in the PDF.
        if size.0 < 0.05 || size.1 < 0.05 {
            self.named.clear();
            return;
        }
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" \
             rx=\"{radius}\"{}/>",
            at.0,
            at.1,
            size.0,
            size.1,
            std::mem::take(&mut self.named)
        );
    }

    pub fn circle(&mut self, class: &str, at: (f64, f64), radius: f64) {
        let _ = write!(
            self.body,
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\"{}/>",
            at.0,
            at.1,
            std::mem::take(&mut self.named)
        );
    }

    pub fn course(&mut self, class: &str, points: &[(f64, f64)]) {
        // One point is no line, and causes a warning in the PDF.
        if points.len() < 2 {
            return;
        }
        let _ = write!(self.body, "<polyline class=\"{class}\" points=\"{}\"/>", listed(points));
    }

    pub fn area(&mut self, class: &str, points: &[(f64, f64)]) {
        let _ = write!(
            self.body,
            "<polygon class=\"{class}\" points=\"{}\"{}/>",
            listed(points),
            std::mem::take(&mut self.named)
        );
    }

    /// Draws a diamond, the shape of a signal.
    pub fn diamond(&mut self, class: &str, at: (f64, f64), radius: f64) {
        let ((x, y), r) = (at, radius);
        self.area(class, &[(x, y - r), (x + r, y), (x, y + r), (x - r, y)]);
    }

    /// Draws a triangle that points up or down.
    pub fn triangle(&mut self, class: &str, at: (f64, f64), up: bool) {
        let ((x, y), tip) = (at, if up { -5.5 } else { 5.5 });
        self.area(class, &[(x, y + tip), (x + 6.0, y - tip), (x - 6.0, y - tip)]);
    }

    /// Draws a legend from a height on: sample, class and meaning of each shape. Returns the height
    /// below it.
    pub fn legend(&mut self, top: f64, entries: &[(Swatch, &str, &str)]) -> f64 {
        let (mut x, mut y) = (0.0, top + 12.0);
        for (swatch, class, text) in entries {
            if x > 0.0 && x + 20.0 + text_width(text) > self.width {
                (x, y) = (0.0, y + 18.0);
            }
            let center = (x + 7.0, y - 4.0);
            match swatch {
                Swatch::Rect => self.rect(class, (x, y - 10.0), (14.0, 12.0), 2.0),
                Swatch::Circle => self.circle(class, center, 5.0),
                Swatch::Diamond => self.diamond(class, center, 6.5),
                Swatch::Up => self.triangle(class, center, true),
                Swatch::Down => self.triangle(class, center, false),
                Swatch::Line => self.line(class, (x + 7.0, y - 11.0), (x + 7.0, y + 3.0)),
            }
            self.text(x + 20.0, y, "start", "small", text);
            x += text_width(text) + 38.0;
        }
        if entries.is_empty() { top } else { y + 8.0 }
    }

    pub fn raw(&mut self, svg: &str) {
        self.body.push_str(svg);
    }

    /// Returns the SVG as an image with a title.
    pub fn finish(self, height: f64, title: &str) -> String {
        self.close(height, title, "img")
    }

    /// Returns the SVG as a group with a title, for charts that contain links.
    pub fn finish_with_links(self, height: f64, title: &str) -> String {
        self.close(height, title, "group")
    }

    fn close(self, height: f64, title: &str, role: &str) -> String {
        let (width, body) = (self.width, self.body);
        format!(
            "<svg class=\"fig\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
             height=\"{height:.0}\" role=\"{role}\" aria-label=\"{}\" \
             xmlns=\"http://www.w3.org/2000/svg\">{body}</svg>",
            escape(title)
        )
    }
}

fn listed(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use hotwash_metrics::Unit;
    use proptest::prelude::*;

    use super::*;
    use crate::wording::{finest, value};

    proptest! {
        #[test]
        fn no_two_ticks_of_an_axis_have_the_same_label(
            low in -1e4..1e4_f64,
            range in 0.0..1e5_f64,
            count in 2.0..8.0_f64,
            scale in 0..6_i32,
            unit in 0..6_usize,
        ) {
            use Unit::{Count, Days, Minutes, Score, Share, SharePerYear};
            let units = [Share, SharePerYear, Days, Minutes, Score, Count];
            let (unit, scale) = (units[unit], 10_f64.powi(-scale));
            let (low, high) = (low * scale, (low + range) * scale);
            let labels: Vec<String> = ticks(low, high, count, finest(unit))
                .into_iter()
                .map(|tick| value(Some(tick), unit))
                .collect();
            let distinct: std::collections::BTreeSet<&String> = labels.iter().collect();
            prop_assert_eq!(distinct.len(), labels.len(), "{:?}", labels);
        }
    }

    #[test]
    fn ticks_are_round_and_lie_within() {
        assert_eq!(ticks(0.0, 1.0, 4.0, 0.01), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(0.0, 612.0, 3.0, 1.0), [0.0, 250.0, 500.0]);
        assert_eq!(ticks(3.0, 3.0, 4.0, 1.0).len(), 1);
        // No label can state 2.5 actions.
        assert_eq!(ticks(0.0, 9.0, 4.0, 1.0), [0.0, 5.0]);
    }

    #[test]
    fn words_are_escaped_and_cut_where_they_do_not_fit() {
        assert_eq!(escape("<a \"b\"> & c"), "&lt;a &quot;b&quot;&gt; &amp; c");
        assert_eq!(fit_text("Medical Surge", 200.0), "Medical Surge");
        assert!(fit_text("Medical Materiel Management and Distribution", 90.0).ends_with('…'));
        let coded = fit_text("Medical Materiel Management and Distribution (PHEP 9)", 200.0);
        assert!(coded.ends_with("… (PHEP 9)") && text_width(&coded) <= 200.0, "{coded}");
        assert_eq!(lines("Medical Surge", 200.0), ["Medical Surge"]);
        assert_eq!(
            lines("Public Health Laboratory Testing", 130.0),
            ["Public Health", "Laboratory Testing"]
        );
        assert_eq!(lines("Distribution", 30.0).len(), 1);
    }
}
