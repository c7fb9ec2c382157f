//! Sparkline: a small chart without axes over the usual range; missing values are gaps.

use super::canvas::Canvas;

/// A sparkline.
#[derive(Clone, Debug, Default)]
pub struct Spark {
    /// Values in time order.
    pub values: Vec<Option<f64>>,
    /// Name of the first and the last period.
    pub ends: (String, String),
}

impl Spark {
    /// Renders the sparkline as SVG; empty below three values.
    pub fn svg(&self) -> String {
        let known: Vec<f64> = self.values.iter().flatten().copied().collect();
        if known.len() < 3 {
            return String::new();
        }
        let (width, top, bottom) = (208.0, 6.0, 46.0);
        let (low, high) = known
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(*at), high.max(*at)));
        let x = |at: usize| 4.0 + (width - 8.0) * at as f64 / (self.values.len() - 1) as f64;
        let y = |at: f64| bottom - (bottom - top) * (at - low) / (high - low).max(1e-9);
        let mut canvas = Canvas::new(width);
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        canvas.line("ref", (0.0, y(mean)), (width, y(mean)));
        for run in
            self.values.iter().enumerate().collect::<Vec<_>>().split(|(_, value)| value.is_none())
        {
            let points: Vec<(f64, f64)> = run
                .iter()
                .filter_map(|(at, value)| value.map(|value| (x(*at), y(value))))
                .collect();
            canvas.course("line", &points);
        }
        if let Some((at, value)) = self
            .values
            .iter()
            .enumerate()
            .rev()
            .find_map(|(at, value)| value.map(|value| (at, value)))
        {
            canvas.circle("dot", (x(at), y(value)), 3.5);
        }
        canvas.text(0.0, 62.0, "start", "small", &self.ends.0);
        canvas.text(width, 62.0, "end", "small", &self.ends.1);
        canvas
            .finish(66.0, &format!("Course from {} to {}", self.ends.0, self.ends.1))
            .replacen("fig", "spark", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_stays_a_gap_and_two_values_are_no_course() {
        let course = |values: &[Option<f64>]| Spark {
            values: values.to_vec(),
            ends: ("2025-Q1".into(), "2026-Q1".into()),
        };
        assert_eq!(course(&[Some(1.0), None, Some(2.0)]).svg(), "");
        let drawn = course(&[Some(1.0), Some(3.0), None, Some(2.0), Some(2.5)]).svg();
        assert_eq!(drawn.matches("<polyline").count(), 2, "{drawn}");
    }
}
