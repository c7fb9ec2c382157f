//! Control chart (XmR): values in time order with mean and natural limits. Signals have a larger,
//! different shape and show their value.

use super::canvas::{Canvas, text_width};

/// A control chart.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Values, with true for a signal.
    pub points: Vec<(f64, bool)>,
    /// Mean.
    pub center: f64,
    /// Natural process limits.
    pub limits: Option<(f64, f64)>,
    /// Target value.
    pub target: Option<f64>,
    /// Name of the first and the last moment.
    pub ends: (String, String),
}

impl Control {
    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        if self.points.is_empty() {
            return String::new();
        }
        let (left, right, top, bottom) = (8.0, width - 84.0, 16.0, 152.0);
        let most = self.points.iter().map(|(value, _)| *value);
        let most =
            most.chain(self.limits.map(|(_, upper)| upper)).chain(self.target).fold(1.0, f64::max)
                * 1.06;
        let x = |at: usize| left + (right - left) * (at as f64 + 0.5) / self.points.len() as f64;
        let y = |value: f64| bottom - (bottom - top) * value / most;
        let mut canvas = Canvas::new(width);
        let mut taken: Vec<f64> = Vec::new();
        let mut name = |canvas: &mut Canvas, value: f64, class: &str, text: String| {
            // Move overlapping labels apart.
            let mut at = y(value) + 4.0;
            while taken.iter().any(|other| (other - at).abs() < 13.0) {
                at += 1.0;
            }
            taken.push(at);
            canvas.text(right + 8.0, at, "start", class, &text);
        };
        if let Some((lower, upper)) = self.limits {
            canvas.rect("natural", (left, y(upper)), (right - left, y(lower) - y(upper)), 0.0);
            canvas.line("limit", (left, y(upper)), (right, y(upper)));
            name(&mut canvas, upper, "small", format!("limit {upper:.0}"));
            if lower > 0.0 {
                canvas.line("limit", (left, y(lower)), (right, y(lower)));
                name(&mut canvas, lower, "small", format!("limit {lower:.0}"));
            }
        }
        canvas.line("ref", (left, y(self.center)), (right, y(self.center)));
        name(&mut canvas, self.center, "small strong", format!("mean {:.0}", self.center));
        if let Some(target) = self.target {
            canvas.line("target", (left, y(target)), (right, y(target)));
            name(&mut canvas, target, "small", format!("target {target:.0}"));
        }
        canvas.line("axis", (left, bottom), (right, bottom));
        let course: Vec<(f64, f64)> =
            self.points.iter().enumerate().map(|(at, (value, _))| (x(at), y(*value))).collect();
        canvas.course("thin", &course);
        let radius = if self.points.len() > 80 { 2.0 } else { 3.2 };
        let mut last = f64::MIN;
        for (at, (value, marked)) in self.points.iter().enumerate() {
            let (x, y) = (x(at), y(*value));
            if *marked {
                // A longer time is worse.
                let class = if *value > self.center { "worse" } else { "better" };
                canvas.diamond(class, (x, y), 6.0);
                let text = format!("{value:.0}");
                if x - last > text_width(&text) + 4.0 {
                    canvas.text(x, y - 10.0, "middle", "small", &text);
                    last = x;
                }
            } else {
                canvas.circle("dot", (x, y), radius);
            }
        }
        canvas.text(left, bottom + 18.0, "start", "small", &self.ends.0);
        canvas.text(right, bottom + 18.0, "end", "small", &self.ends.1);
        canvas.finish(bottom + 24.0, title)
    }
}
