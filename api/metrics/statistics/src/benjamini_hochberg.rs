//! Controls the false discovery rate of many tests: the Benjamini–Hochberg procedure (1995).

/// Returns for each p value whether it is a discovery when the false discovery rate is limited to
/// `q`.
///
/// ```
/// use hotwash_statistics::benjamini_hochberg;
///
/// // Fifteen p values: Benjamini and Hochberg 1995, section 3.2, where four are rejected.
/// let p = [
///     0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
///     0.5719, 0.6528, 0.7590, 1.0,
/// ];
/// let discoveries = benjamini_hochberg(&p, 0.05);
/// assert_eq!(discoveries.iter().filter(|is_discovery| **is_discovery).count(), 4);
/// ```
pub fn benjamini_hochberg(p: &[f64], q: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|one, two| p[*one].total_cmp(&p[*two]));
    let m = p.len() as f64;
    let last = order
        .iter()
        .enumerate()
        .filter(|(rank, position)| p[**position] <= (*rank as f64 + 1.0) / m * q)
        .map(|(rank, _)| rank)
        .next_back();
    let mut significant = vec![false; p.len()];
    if let Some(last) = last {
        for position in &order[..=last] {
            significant[*position] = true;
        }
    }
    significant
}

#[cfg(test)]
mod tests {
    use super::benjamini_hochberg;

    #[test]
    fn the_worked_example_of_the_paper_has_four_discoveries() {
        // Benjamini and Hochberg 1995, section 3.2: fifteen p values, q = 0.05.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        assert_eq!(
            benjamini_hochberg(&p, 0.05).iter().filter(|significant| **significant).count(),
            4
        );
        assert!(benjamini_hochberg(&[], 0.1).is_empty());
        assert_eq!(
            benjamini_hochberg(&[0.09, 0.08], 0.1),
            [true, true],
            "the larger p carries the smaller"
        );
    }
}
