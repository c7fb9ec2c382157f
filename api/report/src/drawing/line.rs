//! Line over time: the value of each period with its interval. Missing values are gaps.

use hotwash_metrics::Unit;

use super::canvas::{Canvas, text_width, ticks};
use crate::wording::{finest, value};

/// Value of a period.
#[derive(Clone, Debug, Default)]
pub struct LinePoint {
    /// Name of the period.
    pub period: String,
    /// Value.
    pub value: Option<f64>,
    /// Interval.
    pub interval: Option<(f64, f64)>,
    /// True if there are too few records to judge.
    pub hollow: bool,
}

/// A line over time.
#[derive(Clone, Debug)]
pub struct Line {
    /// Periods in time order.
    pub points: Vec<LinePoint>,
    /// Unit of the values.
    pub unit: Unit,
}

impl Line {
    /// Returns a scale that includes zero and everything drawn.
    fn scale(&self) -> Option<(f64, f64)> {
        let drawn = self.points.iter().flat_map(|point| {
            let ends = point.interval.into_iter().flat_map(|(low, high)| [low, high]);
            point.value.into_iter().chain(ends)
        });
        let drawn: Vec<f64> = drawn.filter(|at| at.is_finite()).collect();
        if drawn.is_empty() {
            return None;
        }
        let (low, high) =
            drawn.into_iter().fold((0.0, 0.0), |(low, high), at| (at.min(low), at.max(high)));
        Some(match self.unit {
            Unit::Share if low >= 0.0 => (0.0, 1.0),
            unit => (low, high.max(low + finest(unit))),
        })
    }

    /// Returns the numbers that the chart shows, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let rows = self.points.iter().map(|point| {
            let (low, high) = point.interval.unzip();
            let numbers = [point.value, low, high].map(number);
            std::iter::once(point.period.clone()).chain(numbers).collect()
        });
        let headings = ["period", "value", "ci_low", "ci_high"].map(str::to_owned).to_vec();
        std::iter::once(headings).chain(rows).collect()
    }

    /// Renders the chart as SVG; empty below two values, which are no course.
    pub fn svg(&self, width: f64, title: &str) -> String {
        let Some((low, high)) = self.scale() else { return String::new() };
        if self.points.iter().filter(|point| point.value.is_some()).count() < 2 {
            return String::new();
        }
        let grid = ticks(low, high, 4.0, finest(self.unit));
        let label = |at: f64| value(Some(at), self.unit);
        let widest = grid.iter().map(|tick| text_width(&label(*tick))).fold(0.0, f64::max);
        let (left, right, top, bottom) = (widest + 12.0, width - 12.0, 12.0, 192.0);
        let step = (right - left) / self.points.len() as f64;
        let x = |at: usize| left + step * (at as f64 + 0.5);
        let y = |value: f64| bottom - (bottom - top) * (value - low) / (high - low);
        let mut canvas = Canvas::new(width);
        for tick in grid {
            canvas.line("grid", (left, y(tick)), (right, y(tick)));
            canvas.text(left - 8.0, y(tick) + 4.0, "end", "small", &label(tick));
        }
        for (at, point) in self.points.iter().enumerate() {
            if let Some((low, high)) = point.interval {
                canvas.line("band-line", (x(at), y(low)), (x(at), y(high)));
            }
        }
        let drawn: Vec<Option<(f64, f64)>> = (self.points.iter().enumerate())
            .map(|(at, point)| point.value.map(|value| (x(at), y(value))))
            .collect();
        for run in drawn.split(Option::is_none) {
            let points: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
            canvas.course("line", &points);
        }
        for (point, at) in self.points.iter().zip(&drawn) {
            let Some(at) = at else { continue };
            let range = point.interval.map_or_else(String::new, |(low, high)| {
                format!(", 95% range {} to {}", label(low), label(high))
            });
            let text = value(point.value, self.unit);
            canvas.name_next(&format!("{}: {text}{range}", point.period));
            canvas.circle(if point.hollow { "hollow" } else { "dot" }, *at, 3.5);
        }
        let longest = self.points.iter().map(|point| text_width(&point.period)).fold(0.0, f64::max);
        let every = ((longest + 14.0) / step).ceil().max(1.0) as usize;
        // Name the last period, and every few before it.
        for (at, point) in self.points.iter().enumerate() {
            if (self.points.len() - 1 - at).is_multiple_of(every) {
                let middle = x(at).clamp(longest / 2.0, width - longest / 2.0);
                canvas.text(middle, bottom + 18.0, "middle", "small", &point.period);
            }
        }
        canvas.finish(bottom + 26.0, title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_gaps_and_intervals_and_two_values_at_least() {
        let line = |values: &[Option<f64>]| {
            let point = |value: &Option<f64>| LinePoint {
                period: "2025-Q1".into(),
                value: *value,
                interval: value.map(|value| (value - 0.1, value + 0.1)),
                hollow: false,
            };
            Line { points: values.iter().map(point).collect(), unit: Unit::Share }
        };
        let chart = line(&[Some(0.4), Some(0.5), None, Some(0.6), Some(0.7)]);
        let drawn = chart.svg(512.0, "Over time");
        assert_eq!(drawn.matches("<polyline").count(), 2, "{drawn}");
        assert_eq!(drawn.matches("class=\"band-line\"").count(), 4, "{drawn}");
        assert!(drawn.contains("data-value=\"2025-Q1: 40%, 95% range 30% to 50%\""), "{drawn}");
        assert!(drawn.contains(">0%<") && drawn.contains(">100%<"), "{drawn}");
        assert_eq!((chart.numbers().len(), chart.numbers()[3][1].as_str()), (6, ""));
        assert_eq!(line(&[None, Some(0.4), None]).svg(512.0, "Over time"), "");
        assert_eq!(line(&[]).svg(512.0, "Over time"), "");
    }
}
