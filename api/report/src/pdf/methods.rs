//! Appendix of methods: definition, computation and reference of each metric.

use super::source::{Source, array, quoted};

/// Title of the appendix.
pub const TITLE: &str = "Appendix: methods";

/// Size of its text in points.
const SIZE: f64 = 7.5;

/// Writes the appendix, in smaller text if it is stretched.
pub fn write(source: &mut Source, stretch: f64) {
    source.call("chapter", &[quoted(TITLE), quoted("What is counted, and how?")]);
    let text = "Intervals contain the true value with 95% confidence; shares have Wilson intervals. \
                A figure with fewer records than its minimum is called too few to judge. A trend \
                is named only when a two-sided Mann-Kendall test finds one at p < 0.05. Suppressed \
                marks a number from too few organizations of another region.";
    source.call("par", &[quoted(text)]);
    let metrics = hotwash_metrics::registry().iter().map(|metric| {
        let definition = metric.definition();
        let texts =
            [definition.title, definition.question, definition.formula, definition.reference];
        array(texts.map(quoted))
    });
    source.call("methods", &[format!("{:.2}pt", SIZE / stretch), array(metrics)]);
}
