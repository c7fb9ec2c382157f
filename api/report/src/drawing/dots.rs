//! Dot plot: dots with intervals on one scale, a reference line, and each line's funnel shaded.

use hotwash_metrics::Unit;

use super::canvas::{Canvas, fit_text, text_width, ticks};
use crate::wording::value;

/// One line of a dot plot.
#[derive(Clone, Debug, Default)]
pub struct Dot {
    /// Label.
    pub label: String,
    /// Value.
    pub value: Option<f64>,
    /// Interval.
    pub interval: Option<(f64, f64)>,
    /// Funnel: range that chance alone explains.
    pub funnel: Option<(f64, f64)>,
    /// Value to compare with, e.g. the state's.
    pub comparison: Option<f64>,
    /// Value as printed at the right.
    pub text: String,
    /// True if there are too few records to judge.
    pub hollow: bool,
    /// True if the value lies outside its funnel.
    pub signal: bool,
}

/// A dot plot.
#[derive(Clone, Debug)]
pub struct Dots {
    /// Lines.
    pub lines: Vec<Dot>,
    /// Reference line through all rows, with its label.
    pub reference: Option<(f64, String)>,
    /// Unit of the scale.
    pub unit: Unit,
}

impl Dots {
    /// Returns a scale with round ends that includes everything drawn.
    fn scale(&self) -> Option<(f64, f64)> {
        let ends = |pair: Option<(f64, f64)>| pair.into_iter().flat_map(|(low, high)| [low, high]);
        let drawn = self.lines.iter().flat_map(|line| {
            line.value
                .into_iter()
                .chain(line.comparison)
                .chain(ends(line.interval))
                .chain(ends(line.funnel))
        });
        let (low, high) = drawn
            .chain(self.reference.as_ref().map(|(at, _)| *at))
            .filter(|at| at.is_finite())
            .fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
        if low > high {
            return None;
        }
        let (low, high) = if low >= 0.0 && low < high * 0.6 { (0.0, high) } else { (low, high) };
        let room = ((high - low) * 0.04).max(1e-6);
        let (low, high) = (if low == 0.0 { 0.0 } else { low - room }, high + room);
        Some(match self.unit {
            Unit::Share if low >= 0.0 => (low.max(0.0), high.min(1.0).max(low + 0.02)),
            _ => (low, high),
        })
    }

    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        let Some((low, high)) = self.scale() else { return String::new() };
        let longest = self.lines.iter().map(|line| text_width(&line.label)).fold(0.0, f64::max);
        let value_width = self.lines.iter().map(|line| text_width(&line.text)).fold(0.0, f64::max);
        // Put long labels above their row if the margin is too narrow.
        let above = longest > width * if width > 600.0 { 0.46 } else { 0.34 };
        let left = if above { 8.0 } else { longest + 20.0 };
        let right = width - value_width - 20.0;
        let (step, top) =
            (if above { 46.0 } else { 30.0 }, if self.reference.is_some() { 28.0 } else { 12.0 });
        let bottom = top + step * self.lines.len() as f64;
        let x = |at: f64| left + (right - left) * ((at - low) / (high - low)).clamp(0.0, 1.0);
        let mut canvas = Canvas::new(width);
        for tick in ticks(low, high, ((right - left) / 90.0).clamp(2.0, 6.0)) {
            canvas.line("grid", (x(tick), top - 6.0), (x(tick), bottom));
            canvas.text(x(tick), bottom + 16.0, "middle", "small", &value(Some(tick), self.unit));
        }
        if let Some((at, text)) = &self.reference {
            canvas.line("ref", (x(*at), top - 8.0), (x(*at), bottom));
            let half = text_width(text) / 2.0;
            canvas.text(x(*at).clamp(half, width - half), 12.0, "middle", "small strong", text);
        }
        for (at, line) in self.lines.iter().enumerate() {
            let y = top + step * at as f64 + if above { 30.0 } else { 14.0 };
            if above {
                canvas.text(0.0, y - 15.0, "start", "label", &fit_text(&line.label, width - 8.0));
            } else {
                canvas.text(left - 16.0, y + 4.0, "end", "label", &line.label);
            }
            if let Some((low, high)) = line.funnel {
                canvas.rect("funnel", (x(low), y - 9.0), ((x(high) - x(low)).max(1.0), 18.0), 3.0);
            }
            if let Some(comparison) = line.comparison {
                canvas.line("comparison", (x(comparison), y - 9.0), (x(comparison), y + 9.0));
            }
            let tone = if line.signal { " signal" } else { "" };
            if let Some((low, high)) = line.interval {
                canvas.line(&format!("whisker{tone}"), (x(low), y), (x(high), y));
            }
            if let Some(at) = line.value {
                let class = if line.hollow { "hollow" } else { "dot" };
                if line.signal {
                    // Mark signals by shape as well as color.
                    let (x, y) = (x(at), y);
                    canvas.area(
                        "dot signal",
                        &[(x, y - 7.5), (x + 7.5, y), (x, y + 7.5), (x - 7.5, y)],
                    );
                } else {
                    canvas.circle(class, (x(at), y), 5.5);
                }
            }
            canvas.text(width, y + 4.0, "end", "value", &line.text);
        }
        canvas.finish(bottom + 24.0, title)
    }
}
