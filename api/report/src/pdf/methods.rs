//! Appendix of methods: definition, computation and reference of each metric.

use super::source::{Source, array, quoted};

/// Writes the appendix.
pub fn write(source: &mut Source) {
    let title = quoted("Appendix: methods");
    source.call("chapter", &[title, quoted("What is counted, and how?"), "0pt".to_owned()]);
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
    source.call("methods", &[array(metrics)]);
}
