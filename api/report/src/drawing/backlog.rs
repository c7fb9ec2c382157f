//! Backlog chart: open actions as an area, opened and closed ones as bars above and below a line.

use super::canvas::{Canvas, text_width, ticks};
use super::marks::{self, DrawnMark};
use crate::wording::thousands;

/// Backlog over time.
#[derive(Clone, Debug, Default)]
pub struct Backlog {
    /// Period, open at its end, opened and closed in it.
    pub periods: Vec<(String, f64, f64, f64)>,
    /// Marks, in slots of periods.
    pub marks: Vec<DrawnMark>,
}

impl Backlog {
    /// Returns the numbers that the chart shows, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let rows = self.periods.iter().map(|(label, open, opened, closed)| {
            let counts = [open, opened, closed].map(f64::to_string);
            std::iter::once(label.clone()).chain(counts).collect()
        });
        let headings = ["period", "open", "opened", "closed"].map(str::to_owned).to_vec();
        std::iter::once(headings).chain(rows).collect()
    }

    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        let Some((_, open_now, ..)) = self.periods.last() else { return String::new() };
        let text = format!("{} open", thousands(*open_now));
        let (left, right) =
            (44.0, width - 1.2 * text_width("opened").max(text_width(&text)) - 16.0);
        let head = marks::head(&self.marks);
        let (top, middle, bottom) = (14.0 + head, 168.0 + head, 272.0 + head);
        let most = self.periods.iter().map(|(_, open, ..)| *open).fold(1.0, f64::max);
        let flow = self
            .periods
            .iter()
            .map(|(_, _, opened, closed)| opened.max(*closed))
            .fold(1.0, f64::max);
        let step = (right - left) / self.periods.len() as f64;
        let x = |at: usize| left + step * (at as f64 + 0.5);
        let y = |open: f64| middle - (middle - top) * open / most;
        let mut canvas = Canvas::new(width);
        for tick in ticks(0.0, most, 3.0, 1.0) {
            canvas.line("grid", (left, y(tick)), (right, y(tick)));
            canvas.text(left - 8.0, y(tick) + 4.0, "end", "small", &thousands(tick));
        }
        let points: Vec<(f64, f64)> =
            self.periods.iter().enumerate().map(|(at, (_, open, ..))| (x(at), y(*open))).collect();
        let ends = [(x(self.periods.len() - 1), y(0.0)), (x(0), y(0.0))];
        canvas.area("band", &[&points[..], &ends[..]].concat());
        canvas.course("line", &points);
        canvas.circle("dot", (x(self.periods.len() - 1), y(*open_now)), 4.0);
        canvas.text(right + 8.0, y(*open_now) + 4.0, "start", "strong", &text);
        for (at, (label, open, opened, closed)) in self.periods.iter().enumerate() {
            canvas.name_next(&format!(
                "{label}: {} open, {} opened, {} closed",
                thousands(*open),
                thousands(*opened),
                thousands(*closed)
            ));
            canvas.circle("hit", (x(at), y(*open)), 4.0);
        }
        marks::draw(&mut canvas, &self.marks, |slot| left + step * slot, (top, middle));
        let (base, tall) = (222.0 + head, 40.0);
        canvas.line("axis", (left, base), (right, base));
        let label = self.periods.iter().map(|(label, ..)| text_width(label)).fold(0.0, f64::max);
        let every = ((label + 14.0) / step).ceil().max(1.0) as usize;
        for (at, (label, _, opened, closed)) in self.periods.iter().enumerate() {
            let across = (step * 0.7).max(1.0);
            canvas.rect(
                "opened",
                (x(at) - across / 2.0, base - tall * opened / flow),
                (across, tall * opened / flow),
                1.0,
            );
            canvas.rect(
                "closed",
                (x(at) - across / 2.0, base),
                (across, tall * closed / flow),
                1.0,
            );
            if at % every == 0 {
                canvas.text(x(at), bottom + 16.0, "middle", "small", label);
            }
        }
        canvas.text(right + 8.0, base - 14.0, "start", "small", "opened");
        canvas.text(right + 8.0, base + 22.0, "start", "small", "closed");
        canvas.finish(bottom + 24.0, title)
    }
}
