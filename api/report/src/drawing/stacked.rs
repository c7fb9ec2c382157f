//! Stacked shares of the ratings P, S, M and U by period, each labeled with its letter.

use super::canvas::{Canvas, text_width};
use super::marks::{self, DrawnMark};
use crate::wording::percent;

/// Stacked bars.
#[derive(Clone, Debug, Default)]
pub struct Stacked {
    /// Period with its counts of P, S, M and U.
    pub periods: Vec<(String, [f64; 4])>,
    /// Marks, in slots of periods.
    pub marks: Vec<DrawnMark>,
}

impl Stacked {
    /// Returns the numbers that the chart shows, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let rows = self.periods.iter().map(|(label, counts)| {
            std::iter::once(label.clone()).chain(counts.iter().map(f64::to_string)).collect()
        });
        let headings = ["period", "P", "S", "M", "U"].map(str::to_owned).to_vec();
        std::iter::once(headings).chain(rows).collect()
    }

    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        if self.periods.is_empty() {
            return String::new();
        }
        let head = marks::head(&self.marks);
        let bottom = head + if width < 480.0 { 200.0 } else { 252.0 };
        let (left, top) = (44.0, 12.0 + head);
        let step = (width - left) / self.periods.len() as f64;
        let mut canvas = Canvas::new(width);
        for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let y = bottom - (bottom - top) * share;
            canvas.line("grid", (left, y), (width, y));
            canvas.text(left - 8.0, y + 4.0, "end", "small", &format!("{:.0}%", share * 100.0));
        }
        let label = self.periods.iter().map(|(label, _)| text_width(label)).fold(0.0, f64::max);
        let every = ((label + 12.0) / step).ceil().max(1.0) as usize;
        for (at, (label, counts)) in self.periods.iter().enumerate() {
            let total: f64 = counts.iter().sum();
            let (x, across) = (left + step * (at as f64 + 0.08), step * 0.84);
            let mut y = bottom;
            for ((class, letter), count) in
                [("p", "P"), ("s", "S"), ("m", "M"), ("u", "U")].into_iter().zip(counts)
            {
                if total == 0.0 || *count == 0.0 {
                    continue;
                }
                let tall = (bottom - top) * count / total;
                y -= tall;
                let share = percent(count / total);
                canvas.name_next(&format!("{label}: {count:.0} of {total:.0} {letter}, {share}"));
                canvas.rect(class, (x, y), (across, tall), 0.0);
                if tall > 13.0 && across > 11.0 {
                    canvas.text(
                        x + across / 2.0,
                        y + tall / 2.0 + 4.0,
                        "middle",
                        &format!("on-{class}"),
                        letter,
                    );
                }
            }
            if at % every == 0 {
                canvas.text(x + across / 2.0, bottom + 18.0, "middle", "small", label);
            }
        }
        marks::draw(&mut canvas, &self.marks, |slot| left + step * slot, (top, bottom));
        canvas.finish(bottom + 26.0, title)
    }
}
