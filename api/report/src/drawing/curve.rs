//! Falling curve with its confidence band, and the time by which half are done.

use super::canvas::{Canvas, text_width, ticks};
use crate::wording::percent;

/// Step of a curve: time, share, lower limit, upper limit.
pub type CurveStep = (f64, f64, f64, f64);

/// A survival curve.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    /// Steps in time order.
    pub steps: Vec<CurveStep>,
    /// Unit of time.
    pub unit: String,
    /// Time at which the curve crosses one half, with its label.
    pub half: Option<(f64, String)>,
    /// End of the time axis.
    pub until: f64,
}

impl Curve {
    /// Returns the numbers that the chart shows, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let rows = self
            .steps
            .iter()
            .map(|(time, share, low, high)| [time, share, low, high].map(f64::to_string).to_vec());
        let headings = ["time", "share", "ci_low", "ci_high"].map(str::to_owned).to_vec();
        std::iter::once(headings).chain(rows).collect()
    }

    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        let Some(last) = self.steps.last().map(|(time, ..)| *time) else { return String::new() };
        let (left, right, top, bottom) =
            (48.0, width - 16.0, 12.0, if width < 480.0 { 196.0 } else { 244.0 });
        let end = if self.until > 0.0 { last.min(self.until) } else { last }.max(1.0);
        let x = |time: f64| left + (right - left) * (time / end).min(1.0);
        let y = |share: f64| bottom - (bottom - top) * share;
        let mut canvas = Canvas::new(width);
        for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
            canvas.line("grid", (left, y(share)), (right, y(share)));
            canvas.text(
                left - 8.0,
                y(share) + 4.0,
                "end",
                "small",
                &format!("{:.0}%", share * 100.0),
            );
        }
        let path = |of: fn(&CurveStep) -> f64| {
            let (mut points, mut before) = (vec![(left, y(1.0))], 1.0);
            for step in self.steps.iter().filter(|step| step.0 <= end) {
                points.push((x(step.0), y(before)));
                before = of(step);
                points.push((x(step.0), y(before)));
            }
            points.push((x(end), y(before)));
            points
        };
        let mut band = path(|step| step.3);
        band.extend(path(|step| step.2).into_iter().rev());
        canvas.area("band", &band);
        canvas.course("line", &path(|step| step.1));
        // About one value for every eight pixels can be pointed at.
        let shown: Vec<&CurveStep> = self.steps.iter().filter(|step| step.0 <= end).collect();
        for (time, share, low, high) in shown.iter().step_by(shown.len() / 60 + 1) {
            let [share_text, low, high] = [share, low, high].map(|share| percent(*share));
            canvas.name_next(&format!("Day {time:.0}: {share_text} ({low} to {high})"));
            canvas.circle("hit", (x(*time), y(*share)), 3.0);
        }
        for tick in ticks(0.0, end, ((right - left) / 110.0).clamp(2.0, 6.0), 1.0) {
            canvas.text(x(tick), bottom + 18.0, "middle", "small", &format!("{tick:.0}"));
        }
        canvas.text(right, bottom + 34.0, "end", "small", &self.unit);
        if let Some((time, text)) = self.half.as_ref().filter(|(time, _)| *time <= end) {
            canvas.line("ref", (left, y(0.5)), (x(*time), y(0.5)));
            canvas.line("ref", (x(*time), y(0.5)), (x(*time), bottom));
            canvas.circle("dot", (x(*time), y(0.5)), 5.0);
            let room = x(*time) + 12.0 + text_width(text) < width;
            let (at, anchor) =
                if room { (x(*time) + 12.0, "start") } else { (x(*time) - 12.0, "end") };
            canvas.text(at, y(0.5) - 10.0, anchor, "strong", text);
        }
        canvas.finish(bottom + 40.0, title)
    }
}
