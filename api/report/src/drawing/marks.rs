//! Marks of events and notes on a time line: numbered lines, explained in a list below the chart.

use super::canvas::Canvas;

/// A mark on a time line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DrawnMark {
    /// Position in slots of the chart: 2.5 is the middle of the third slot.
    pub slot: f64,
    /// End of a mark that lasts, in slots.
    pub until: Option<f64>,
    /// What happened, in words.
    pub words: String,
}

/// Room for the numbers above a chart, in pixels.
pub fn head(marks: &[DrawnMark]) -> f64 {
    if marks.is_empty() { 0.0 } else { 22.0 }
}

/// Draws marks in their order, each with its number. `x` places a slot; the numbers are drawn above
/// `top`, the lines from there to `bottom`.
pub fn draw(
    canvas: &mut Canvas,
    marks: &[DrawnMark],
    x: impl Fn(f64) -> f64,
    (top, bottom): (f64, f64),
) {
    let mut taken: Vec<f64> = Vec::new();
    for (at, mark) in marks.iter().enumerate() {
        let across = x(mark.slot);
        if let Some(until) = mark.until {
            canvas.rect("span", (across, top - 2.0), (x(until) - across, bottom - top + 2.0), 0.0);
        }
        canvas.line("mark", (across, top - 2.0), (across, bottom));
        // Move numbers of close marks apart.
        let mut center = across;
        while taken.iter().any(|other| (other - center).abs() < 17.0) {
            center += 1.0;
        }
        taken.push(center);
        canvas.name_next(&format!("{}. {}", at + 1, mark.words));
        canvas.circle("badge", (center, top - 11.0), 8.0);
        canvas.text(center, top - 7.0, "middle", "on-badge", &(at + 1).to_string());
    }
}
