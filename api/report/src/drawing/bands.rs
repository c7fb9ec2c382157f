//! Stacked bars whose parts grow darker. Names of the parts are printed once above the first bar;
//! each part shows its count.

use super::canvas::{Canvas, Swatch, text_width};

/// Stacked bars.
#[derive(Clone, Debug, Default)]
pub struct BandChart {
    /// Names of the parts, lightest first.
    pub parts: Vec<String>,
    /// Label, the counts of its parts, and what is printed behind.
    pub lines: Vec<(String, Vec<f64>, String)>,
}

impl BandChart {
    /// Returns the numbers that the chart shows, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let headings = std::iter::once("label".to_owned()).chain(self.parts.iter().cloned());
        let rows = self.lines.iter().map(|(label, counts, _)| {
            std::iter::once(label.clone()).chain(counts.iter().map(f64::to_string)).collect()
        });
        std::iter::once(headings.collect()).chain(rows).collect()
    }

    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        let most =
            self.lines.iter().map(|(_, counts, _)| counts.iter().sum::<f64>()).fold(0.0, f64::max);
        if most <= 0.0 {
            return String::new();
        }
        let left =
            self.lines.iter().map(|(label, ..)| text_width(label)).fold(0.0, f64::max) + 16.0;
        let value_width =
            self.lines.iter().map(|(_, _, text)| text_width(text)).fold(0.0, f64::max);
        let right = width - value_width - 12.0;
        let mut canvas = Canvas::new(width);
        let classes: Vec<String> = (0..self.parts.len()).map(|at| format!("step{at}")).collect();
        let legend: Vec<(Swatch, &str, &str)> = classes
            .iter()
            .zip(&self.parts)
            .map(|(class, name)| (Swatch::Rect, class.as_str(), name.as_str()))
            .collect();
        let top = canvas.legend(0.0, &legend) + 8.0;
        for (at, (label, counts, text)) in self.lines.iter().enumerate() {
            let y = top + 32.0 * at as f64;
            canvas.text(left - 12.0, y + 16.0, "end", "label", label);
            let mut x = left;
            for (part, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
                let across = (right - left) * count / most;
                let number = format!("{count:.0}");
                let name = self.parts.get(part).map_or("", String::as_str);
                canvas.name_next(&format!("{label}, {name}: {number}"));
                canvas.rect(&format!("step{part}"), (x, y), (across, 24.0), 0.0);
                if across > text_width(&number) + 6.0 {
                    canvas.text(
                        x + across / 2.0,
                        y + 16.0,
                        "middle",
                        &format!("on-step{part}"),
                        &number,
                    );
                }
                x += across;
            }
            canvas.text(x + 8.0, y + 16.0, "start", "value", text);
        }
        canvas.finish(top + 32.0 * self.lines.len() as f64, title)
    }
}
