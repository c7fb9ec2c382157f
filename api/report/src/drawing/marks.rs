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

/// Radius of a number's circle, and distance between the centers of two, in pixels.
const RADIUS: f64 = 8.0;
const APART: f64 = 17.0;

/// Returns where the numbers of marks are drawn: at their positions if there is room, apart from
/// each other, and within the chart's width.
fn centers(positions: &[f64], width: f64) -> Vec<f64> {
    let mut centers = positions.to_vec();
    let mut order: Vec<usize> = (0..centers.len()).collect();
    order.sort_by(|one, two| centers[*one].total_cmp(&centers[*two]));
    let mut least = f64::MIN;
    for &at in &order {
        centers[at] = centers[at].max(least);
        least = centers[at] + APART;
    }
    let mut most = width - RADIUS - 1.0;
    for &at in order.iter().rev() {
        centers[at] = centers[at].min(most);
        most = centers[at] - APART;
    }
    centers
}

/// Draws marks in their order, each with its number. `x` places a slot; the numbers are drawn above
/// `top`, the lines from there to `bottom`.
pub fn draw(
    canvas: &mut Canvas,
    marks: &[DrawnMark],
    x: impl Fn(f64) -> f64,
    (top, bottom): (f64, f64),
) {
    let positions: Vec<f64> = marks.iter().map(|mark| x(mark.slot)).collect();
    let centers = centers(&positions, canvas.width());
    for (at, mark) in marks.iter().enumerate() {
        let (across, center) = (positions[at], centers[at]);
        if let Some(until) = mark.until {
            canvas.rect("span", (across, top - 2.0), (x(until) - across, bottom - top + 2.0), 0.0);
        }
        canvas.line("mark", (across, top - 2.0), (across, bottom));
        canvas.name_next(&format!("{}. {}", at + 1, mark.words));
        canvas.circle("badge", (center, top - 11.0), RADIUS);
        canvas.text(center, top - 7.0, "middle", "on-badge", &(at + 1).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::centers;

    #[test]
    fn numbers_of_marks_stay_apart_and_within_the_chart() {
        assert_eq!(centers(&[50.0, 90.0], 300.0), [50.0, 90.0]);
        assert_eq!(centers(&[296.0, 290.0, 291.0], 300.0), [291.0, 257.0, 274.0]);
    }
}
