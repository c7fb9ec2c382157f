//! Bars with their values; a part of each may be highlighted.

use super::canvas::{Canvas, lines, text_width};

/// One bar.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// Label.
    pub label: String,
    /// Value, drawn as the length.
    pub value: f64,
    /// Highlighted part of the value.
    pub part: f64,
    /// Value as printed after the bar.
    pub text: String,
}

/// Bar chart.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    /// Bars from top to bottom.
    pub lines: Vec<Bar>,
}

impl Bars {
    /// Returns the numbers that the chart shows, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let rows = self
            .lines
            .iter()
            .map(|bar| vec![bar.label.clone(), bar.value.to_string(), bar.part.to_string()]);
        let headings = ["label", "value", "highlighted part"].map(str::to_owned).to_vec();
        std::iter::once(headings).chain(rows).collect()
    }

    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        if self.lines.is_empty() {
            return String::new();
        }
        let most = self
            .lines
            .iter()
            .map(|bar| bar.value)
            .filter(|value| value.is_finite())
            .fold(1e-9, f64::max);
        let longest = self
            .lines
            .iter()
            .map(|bar| text_width(&bar.label))
            .fold(0.0, f64::max)
            .min(width * 0.42);
        let value_width = self.lines.iter().map(|bar| text_width(&bar.text)).fold(0.0, f64::max);
        let (left, right) = (longest + 16.0, width - value_width - 12.0);
        let mut canvas = Canvas::new(width);
        for (at, bar) in self.lines.iter().enumerate() {
            let y = 4.0 + 32.0 * at as f64;
            let across =
                if bar.value.is_finite() { (right - left) * bar.value / most } else { 0.0 };
            let label = lines(&bar.label, longest + 8.0);
            let first = y + 16.0 - 6.25 * (label.len() - 1) as f64;
            for (line, text) in label.iter().enumerate() {
                canvas.text(longest + 4.0, first + 12.5 * line as f64, "end", "label", text);
            }
            canvas.name_next(&format!("{}: {}", bar.label, bar.text));
            canvas.rect("bar", (left, y), (across.max(1.0), 24.0), 2.0);
            if bar.part > 0.0 {
                canvas.rect("part", (left, y), ((right - left) * bar.part / most, 24.0), 2.0);
            }
            canvas.text(left + across + 8.0, y + 16.0, "start", "value", &bar.text);
        }
        canvas.finish(4.0 + 32.0 * self.lines.len() as f64, title)
    }
}
