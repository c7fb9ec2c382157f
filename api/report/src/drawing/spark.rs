//! Sparkline: a small chart without axes over the usual range; missing values are gaps.

use hotwash_metrics::Unit;

use super::canvas::Canvas;
use crate::wording::value;

/// A sparkline.
#[derive(Clone, Debug)]
pub struct Spark {
    /// Periods in time order, with their values.
    pub periods: Vec<(String, Option<f64>)>,
    /// Unit of the values.
    pub unit: Unit,
}

impl Spark {
    /// Renders the sparkline as SVG; empty below three values.
    pub fn svg(&self) -> String {
        let known: Vec<f64> = self.periods.iter().filter_map(|(_, value)| *value).collect();
        let Some(((first, _), (last, _))) = self.periods.first().zip(self.periods.last()) else {
            return String::new();
        };
        if known.len() < 3 {
            return String::new();
        }
        let (width, top, bottom) = (208.0, 6.0, 46.0);
        let (low, high) = known
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(*at), high.max(*at)));
        let x = |at: usize| 4.0 + (width - 8.0) * at as f64 / (self.periods.len() - 1) as f64;
        let y = |at: f64| bottom - (bottom - top) * (at - low) / (high - low).max(1e-9);
        let mut canvas = Canvas::new(width);
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        canvas.line("ref", (0.0, y(mean)), (width, y(mean)));
        let drawn: Vec<Option<(f64, f64)>> = self
            .periods
            .iter()
            .enumerate()
            .map(|(at, (_, value))| value.map(|value| (x(at), y(value))))
            .collect();
        for run in drawn.split(Option::is_none) {
            let points: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
            canvas.course("line", &points);
        }
        if let Some(newest) = drawn.iter().flatten().last() {
            canvas.circle("dot", *newest, 3.5);
        }
        for ((period, number), at) in self.periods.iter().zip(&drawn) {
            if let Some(at) = at {
                canvas.name_next(&format!("{period}: {}", value(*number, self.unit)));
                canvas.circle("hit", *at, 3.0);
            }
        }
        canvas.text(0.0, 62.0, "start", "small", first);
        canvas.text(width, 62.0, "end", "small", last);
        canvas.finish(66.0, &format!("Course from {first} to {last}")).replacen("fig", "spark", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_stays_a_gap_and_two_values_are_no_course() {
        let course = |values: &[Option<f64>]| Spark {
            periods: values.iter().map(|value| ("2025-Q1".to_owned(), *value)).collect(),
            unit: Unit::Count,
        };
        assert_eq!(course(&[Some(1.0), None, Some(2.0)]).svg(), "");
        let drawn = course(&[Some(1.0), Some(3.0), None, Some(2.0), Some(2.5)]).svg();
        assert_eq!(drawn.matches("<polyline").count(), 2, "{drawn}");
        assert_eq!(drawn.matches("data-value=\"2025-Q1: ").count(), 4, "{drawn}");
    }
}
