//! Dot plot: dots with intervals on one scale, a reference line, and each line's funnel shaded.

use hotwash_metrics::Unit;

use super::canvas::{Canvas, Swatch, fit_text, lines, text_width, ticks};
use super::icon::Icon;
use crate::wording::{finest, value};

/// Meaning of a dot's color.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// No judgment.
    #[default]
    Plain,
    /// Better than chance explains.
    Better,
    /// Worse than chance explains.
    Worse,
}

/// Smallest width of a scale of shares.
const NARROWEST: f64 = 0.2;

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
    /// Judgment; not plain if the value lies outside its funnel.
    pub tone: Tone,
    /// Trend, drawn as an arrow after the value.
    pub trend: Option<Icon>,
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
    /// Meaning of the values to compare with; empty if no line has one.
    pub compared_with: String,
}

impl Dots {
    /// Returns a dot plot without a reference and without values to compare with.
    pub fn new(lines: Vec<Dot>, unit: Unit) -> Self {
        Self { lines, reference: None, unit, compared_with: String::new() }
    }

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
            // A narrow scale makes small differences look large.
            Unit::Share if low >= 0.0 => {
                let high = high.clamp(NARROWEST, 1.0);
                (low.min(high - NARROWEST).max(0.0), high)
            }
            // Labels of whole numbers need whole numbers on the scale.
            Unit::Days | Unit::Minutes | Unit::Count => (low.floor(), high.ceil()),
            _ => (low, high),
        })
    }

    /// Returns what a line shows, in words.
    fn words(&self, line: &Dot) -> String {
        let range = line.interval.map_or_else(String::new, |(low, high)| {
            let [low, high] = [low, high].map(|end| value(Some(end), self.unit));
            format!(", 95% range {low} to {high}")
        });
        format!("{}: {}{range}", line.label, line.text)
    }

    /// Returns the numbers that the chart shows, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let headings =
            ["label", "value", "ci_low", "ci_high", "funnel_low", "funnel_high", "comparison"];
        let rows = self.lines.iter().map(|line| {
            let [interval, funnel] = [line.interval, line.funnel].map(Option::unzip);
            let numbers = [line.value, interval.0, interval.1, funnel.0, funnel.1, line.comparison];
            std::iter::once(line.label.clone()).chain(numbers.map(number)).collect()
        });
        std::iter::once(headings.map(str::to_owned).to_vec()).chain(rows).collect()
    }

    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        let Some((low, high)) = self.scale() else { return String::new() };
        let longest = self.lines.iter().map(|line| text_width(&line.label)).fold(0.0, f64::max);
        let value_width = self.lines.iter().map(|line| text_width(&line.text)).fold(0.0, f64::max);
        // Put long labels above their row in a narrow chart, and on several lines in a wide one.
        let is_wide = width > 600.0;
        let above = !is_wide && longest > width * 0.34;
        let longest = if is_wide { longest.min(width * 0.36) } else { longest };
        let left = if above { 8.0 } else { longest + 20.0 };
        let labels: Vec<Vec<String>> =
            self.lines.iter().map(|line| lines(&line.label, longest + 4.0)).collect();
        let most_lines = labels.iter().map(Vec::len).max().unwrap_or(1);
        // Arrows of trends have a column of their own at the right.
        let arrows = if self.lines.iter().any(|line| line.trend.is_some()) { 24.0 } else { 0.0 };
        let right = width - value_width - arrows - 20.0;
        let mut canvas = Canvas::new(width);
        let head = canvas.legend(0.0, &self.legend());
        let step = if above { 46.0 } else { (12.5 * most_lines as f64 + 5.0).max(30.0) };
        let top = head + if self.reference.is_some() { 28.0 } else { 12.0 };
        let bottom = top + step * self.lines.len() as f64;
        let x = |at: f64| left + (right - left) * ((at - low) / (high - low)).clamp(0.0, 1.0);
        let count = ((right - left) / 90.0).clamp(2.0, 6.0);
        for tick in ticks(low, high, count, finest(self.unit)) {
            canvas.line("grid", (x(tick), top - 6.0), (x(tick), bottom));
            let text = value(Some(tick), self.unit);
            canvas.text(x(tick), bottom + 16.0, "middle", "small", &text);
        }
        if let Some((at, text)) = &self.reference {
            canvas.line("ref", (x(*at), top - 8.0), (x(*at), bottom));
            let half = text_width(text) / 2.0;
            let at = x(*at).clamp(half, width - half);
            canvas.text(at, head + 12.0, "middle", "small strong", text);
        }
        for (at, line) in self.lines.iter().enumerate() {
            let y = top + step * at as f64 + if above { 30.0 } else { 14.0 };
            if above {
                canvas.text(0.0, y - 15.0, "start", "label", &fit_text(&line.label, width - 8.0));
            } else {
                let first = y + 4.0 - 6.25 * (labels[at].len() - 1) as f64;
                for (number, text) in labels[at].iter().enumerate() {
                    let y = first + 12.5 * number as f64;
                    canvas.text(left - 16.0, y, "end", "label", text);
                }
            }
            if let Some((low, high)) = line.funnel {
                canvas.rect("funnel", (x(low), y - 9.0), ((x(high) - x(low)).max(1.0), 18.0), 3.0);
            }
            if let Some(comparison) = line.comparison {
                canvas.line("comparison", (x(comparison), y - 9.0), (x(comparison), y + 9.0));
            }
            let tone = match line.tone {
                Tone::Plain => "",
                Tone::Better => " better",
                Tone::Worse => " worse",
            };
            if let Some((low, high)) = line.interval {
                canvas.line(&format!("whisker{tone}"), (x(low), y), (x(high), y));
            }
            if let Some(at) = line.value {
                canvas.name_next(&self.words(line));
                let class = if line.hollow { "hollow" } else { "dot" };
                if line.tone != Tone::Plain {
                    // Mark signals by shape as well as color.
                    canvas.diamond(tone.trim_start(), (x(at), y), 7.5);
                } else {
                    canvas.circle(class, (x(at), y), 5.5);
                }
            }
            canvas.text(width - arrows, y + 4.0, "end", "value", &line.text);
            if let Some(trend) = line.trend {
                arrow(&mut canvas, trend, (width - 9.0, y));
            }
        }
        canvas.finish(bottom + 24.0, title)
    }

    /// Returns the meaning of each shape that is drawn.
    fn legend(&self) -> Vec<(Swatch, &'static str, &str)> {
        let any = |has: fn(&Dot) -> bool| self.lines.iter().any(has);
        let better = |line: &Dot| matches!(line.trend, Some(Icon::Better(_)));
        let worse = |line: &Dot| matches!(line.trend, Some(Icon::Worse(_)));
        [
            (any(|line| line.funnel.is_some()), Swatch::Rect, "funnel", "normal variation"),
            (
                any(|line| line.comparison.is_some()),
                Swatch::Line,
                "comparison",
                self.compared_with.as_str(),
            ),
            (any(|line| line.tone == Tone::Better), Swatch::Diamond, "better", "clearly better"),
            (any(|line| line.tone == Tone::Worse), Swatch::Diamond, "worse", "clearly worse"),
            (
                any(|line| line.hollow && line.value.is_some()),
                Swatch::Circle,
                "hollow",
                "too few to judge",
            ),
            (any(better), Swatch::Up, "better", "improved over five years"),
            (any(worse), Swatch::Down, "worse", "got worse over five years"),
        ]
        .into_iter()
        .filter(|(drawn, ..)| *drawn)
        .map(|(_, swatch, class, text)| (swatch, class, text))
        .collect()
    }
}

/// Draws the arrow of a trend: up for better, down for worse, a bar for neither.
fn arrow(canvas: &mut Canvas, trend: Icon, at: (f64, f64)) {
    match trend {
        Icon::Better(_) => canvas.triangle("better", at, true),
        Icon::Worse(_) => canvas.triangle("worse", at, false),
        Icon::Steady => canvas.line("comparison", (at.0 - 5.0, at.1), (at.0 + 5.0, at.1)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_the_axis_differ_and_a_scale_of_shares_is_not_narrow() {
        let line = |share: f64| Dot { value: Some(share), ..Dot::default() };
        let dots = Dots::new([0.963, 0.971, 0.98].map(line).to_vec(), Unit::Share);
        let (low, high) = dots.scale().unwrap();
        assert!(high - low > NARROWEST - 1e-9 && high <= 1.0, "{low} {high}");
        let svg = dots.svg(512.0, "Completeness");
        let labels: Vec<&str> = svg
            .split("class=\"small\">")
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .collect();
        let mut distinct = labels.clone();
        distinct.dedup();
        assert!(labels.len() >= 2 && labels == distinct, "{labels:?}");
        let compared = Dots {
            lines: vec![Dot { comparison: Some(0.5), ..line(0.7) }],
            compared_with: "filled in full".into(),
            ..dots.clone()
        };
        assert!(compared.svg(512.0, "Filled").contains(">filled in full</text>"));
        let days = Dots { lines: [1.2, 1.4].map(line).to_vec(), unit: Unit::Days, ..dots };
        let svg = days.svg(512.0, "Days");
        for label in [">1 day<", ">2 days<"] {
            assert_eq!(svg.matches(label).count(), 1, "{svg}");
        }
    }
}
