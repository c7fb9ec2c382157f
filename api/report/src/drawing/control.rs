//! Control chart (XmR): values in time order with mean and natural limits. Signals have a larger,
//! different shape, show their value, and link to their event. After a rebase, each part has its
//! own mean and limits.

use super::canvas::{Canvas, escape, text_width};
use super::marks::{self, DrawnMark};
use crate::wording::thousands;

/// A point of a control chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlPoint {
    /// Value in minutes.
    pub value: f64,
    /// Day, for readers.
    pub day: String,
    /// Link to the event.
    pub href: String,
    /// Names of its signals; empty for a point without.
    pub signals: Vec<String>,
}

/// Points with a mean and limits of their own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlPart {
    /// Points in time order.
    pub points: Vec<ControlPoint>,
    /// Mean.
    pub center: f64,
    /// Natural process limits.
    pub limits: Option<(f64, f64)>,
}

/// A control chart.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// One part, or two after a rebase.
    pub parts: Vec<ControlPart>,
    /// Target value.
    pub target: Option<f64>,
    /// Marks, in slots of points.
    pub marks: Vec<DrawnMark>,
}

impl Control {
    /// Returns all points in time order.
    fn points(&self) -> impl Iterator<Item = &ControlPoint> {
        self.parts.iter().flat_map(|part| &part.points)
    }

    /// Returns the numbers that the chart shows, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let headings = ["day", "value", "signals", "mean", "lower limit", "upper limit"];
        let rows = self.parts.iter().flat_map(|part| {
            let end = |end: Option<f64>| end.map(|end| end.to_string()).unwrap_or_default();
            let (lower, upper) = part.limits.unzip();
            part.points.iter().map(move |point| {
                let signals = point.signals.join("; ");
                let limits = [part.center.to_string(), end(lower), end(upper)];
                [point.day.clone(), point.value.to_string(), signals]
                    .into_iter()
                    .chain(limits)
                    .collect()
            })
        });
        std::iter::once(headings.map(str::to_owned).to_vec()).chain(rows).collect()
    }

    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        let count = self.points().count();
        let Some((first, last)) = self.points().next().zip(self.points().last()) else {
            return String::new();
        };
        // Between the numbers of marks and the points is room for the values of signals.
        let values_above = if self.marks.is_empty() { 0.0 } else { 14.0 };
        let head = marks::head(&self.marks) + values_above;
        let (left, right, top, bottom) = (8.0, width - 84.0, 16.0 + head, 152.0 + head);
        let uppers = self.parts.iter().filter_map(|part| part.limits).map(|(_, upper)| upper);
        let values = self.points().map(|point| point.value);
        let most = values.chain(uppers).chain(self.target).fold(1.0, f64::max) * 1.06;
        let slot = |slot: f64| left + (right - left) * slot / count as f64;
        let x = |at: usize| slot(at as f64 + 0.5);
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
        let (mut begin, mut is_linked) = (0, false);
        for (number, part) in self.parts.iter().enumerate() {
            let end = begin + part.points.len();
            let (from, to) = (slot(begin as f64), slot(end as f64));
            begin = end;
            // The numbers of an earlier part are in the sentences.
            let is_named = number + 1 == self.parts.len();
            if let Some((lower, upper)) = part.limits {
                canvas.rect("natural", (from, y(upper)), (to - from, y(lower) - y(upper)), 0.0);
                for limit in [upper, lower].into_iter().filter(|limit| *limit > 0.0) {
                    canvas.line("limit", (from, y(limit)), (to, y(limit)));
                    if is_named {
                        name(&mut canvas, limit, "small", format!("limit {}", thousands(limit)));
                    }
                }
            }
            if !part.points.is_empty() {
                canvas.line("ref", (from, y(part.center)), (to, y(part.center)));
                if is_named {
                    let text = format!("mean {}", thousands(part.center));
                    name(&mut canvas, part.center, "small strong", text);
                }
            }
        }
        if let Some(target) = self.target {
            canvas.line("target", (left, y(target)), (right, y(target)));
            name(&mut canvas, target, "small", format!("target {}", thousands(target)));
        }
        canvas.line("axis", (left, bottom), (right, bottom));
        marks::draw(&mut canvas, &self.marks, slot, (top - values_above, bottom));
        let course: Vec<(f64, f64)> =
            self.points().enumerate().map(|(at, point)| (x(at), y(point.value))).collect();
        canvas.course("thin", &course);
        let radius = if count > 80 { 2.0 } else { 3.2 };
        let mut named_to = f64::MIN;
        let parts =
            self.parts.iter().flat_map(|part| part.points.iter().map(move |point| (part, point)));
        for (at, (part, point)) in parts.enumerate() {
            let (x, y) = (x(at), y(point.value));
            let words = format!("{}: {} minutes", point.day, thousands(point.value));
            if point.signals.is_empty() {
                canvas.name_next(&words);
                canvas.circle("dot", (x, y), radius);
                continue;
            }
            let words = format!("{words}, {}", point.signals.join(", "));
            if !point.href.is_empty() {
                is_linked = true;
                canvas.raw(&format!(
                    "<a href=\"page:{}\" aria-label=\"{}\">",
                    escape(&point.href),
                    escape(&words)
                ));
            }
            canvas.name_next(&words);
            // A longer time is worse.
            let class = if point.value > part.center { "worse" } else { "better" };
            canvas.diamond(class, (x, y), 6.0);
            if !point.href.is_empty() {
                canvas.raw("</a>");
            }
            let text = thousands(point.value);
            if x - named_to > text_width(&text) + 4.0 {
                canvas.text(x, y - 10.0, "middle", "small", &text);
                named_to = x;
            }
        }
        canvas.text(left, bottom + 18.0, "start", "small", &first.day);
        canvas.text(right, bottom + 18.0, "end", "small", &last.day);
        let height = bottom + 24.0;
        if is_linked {
            canvas.finish_with_links(height, title)
        } else {
            canvas.finish(height, title)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_links_to_its_event_and_a_rebased_part_has_its_own_limits() {
        let point = |value: f64, signals: &[&str]| ControlPoint {
            value,
            day: "Jun 3, 2026".into(),
            href: "/events/7".into(),
            signals: signals.iter().map(|name| (*name).to_owned()).collect(),
        };
        let part = |points: Vec<ControlPoint>, center: f64| ControlPart {
            points,
            center,
            limits: Some((0.0, center * 2.0)),
        };
        let chart = Control {
            parts: vec![
                part(vec![point(40.0, &[]), point(182.0, &["above the upper limit"])], 50.0),
                part(vec![point(20.0, &[])], 20.0),
            ],
            target: Some(60.0),
            marks: vec![DrawnMark {
                slot: 1.0,
                until: Some(2.5),
                words: "Jun 1, 2026: new rota".into(),
            }],
        };
        let svg = chart.svg(512.0, "Times");
        let signal = "<a href=\"page:/events/7\" aria-label=\"Jun 3, 2026: 182 minutes, above the \
                      upper limit\">";
        assert_eq!((svg.matches(signal).count(), svg.matches("<a ").count()), (1, 1), "{svg}");
        assert_eq!(svg.matches("class=\"natural\"").count(), 2, "{svg}");
        assert_eq!(svg.matches("class=\"span\"").count(), 1, "{svg}");
        assert!(svg.contains("data-value=\"1. Jun 1, 2026: new rota\""), "{svg}");
        assert_eq!(chart.numbers().len(), 4);
        assert_eq!(chart.numbers()[3], ["Jun 3, 2026", "20", "", "20", "0", "40"]);
        assert_eq!(Control::default().svg(512.0, "Times"), "");
    }
}
