//! Computes the XmR chart of single values in time order, with limits from the median or the mean
//! moving range.

/// Method of computing the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XmrForm {
    /// Mean ± 3.145 × median moving range: one outlier cannot widen its own limits.
    Median,
    /// Mean ± 2.660 × mean moving range.
    Mean,
}

/// Rule by which a point is a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// Outside a limit.
    Outside,
    /// One of eight in a row on one side of the mean.
    Run,
    /// One of six in a row rising or falling.
    Trend,
    /// One of two in three beyond two thirds of the way to a limit, on the same side.
    TwoOfThree,
    /// The moving range is above the limit.
    MovingRange,
}

impl Signal {
    /// Returns the code used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outside => "OUTSIDE",
            Self::Run => "RUN_OF_8",
            Self::Trend => "TREND_OF_6",
            Self::TwoOfThree => "TWO_OF_THREE",
            Self::MovingRange => "MOVING_RANGE",
        }
    }
}

/// XmR chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Xmr {
    /// Mean of the values.
    pub center: f64,
    /// Median or mean moving range.
    pub moving_range: f64,
    /// Upper natural limit.
    pub upper: f64,
    /// Lower natural limit, at least 0.
    pub lower: f64,
    /// Limit of the moving range.
    pub range_limit: f64,
    /// Signals of each point.
    pub signals: Vec<Vec<Signal>>,
}

/// Computes the chart of values in time order; none for fewer than two values.
///
/// ```
/// use hotwash_statistics::{XmrForm, xmr};
///
/// // Viscosity of aircraft primer paint: Montgomery, Introduction to Statistical Quality Control,
/// // table 6.6. Center 33.52, mean moving range 0.48, limits 32.24 and 34.80; no point is outside.
/// let values = [
///     33.75, 33.05, 34.00, 33.81, 33.46, 34.02, 33.68, 33.27, 33.49, 33.20, 33.62, 33.00, 33.54,
///     33.12, 33.84,
/// ];
/// let chart = xmr(&values, XmrForm::Mean).expect("there are two values");
/// let near = |found: f64, printed: f64| (found - printed).abs() < 0.01;
/// assert!(near(chart.center, 33.52) && near(chart.moving_range, 0.48));
/// assert!(near(chart.lower, 32.24) && near(chart.upper, 34.80));
/// assert!(chart.signals.iter().all(Vec::is_empty));
/// ```
pub fn xmr(values: &[f64], form: XmrForm) -> Option<Xmr> {
    if values.len() < 2 {
        return None;
    }
    let center = values.iter().sum::<f64>() / values.len() as f64;
    let ranges: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let (moving_range, width, range_factor) = match form {
        XmrForm::Median => (super::order::median(&ranges)?, 3.145, 3.865),
        XmrForm::Mean => (ranges.iter().sum::<f64>() / ranges.len() as f64, 2.660, 3.267),
    };
    let (upper, free_lower, range_limit) =
        (center + width * moving_range, center - width * moving_range, range_factor * moving_range);
    let mut signals = vec![Vec::new(); values.len()];
    let mut flag =
        |positions: std::ops::Range<usize>, signal: Signal, which: &dyn Fn(usize) -> bool| {
            for position in positions {
                if which(position) && !signals[position].contains(&signal) {
                    signals[position].push(signal);
                }
            }
        };
    for (position, value) in values.iter().enumerate() {
        if *value > upper || *value < free_lower.max(0.0) {
            flag(position..position + 1, Signal::Outside, &|_| true);
        }
        if position > 0 && ranges[position - 1] > range_limit {
            flag(position..position + 1, Signal::MovingRange, &|_| true);
        }
    }
    for start in 0..values.len().saturating_sub(7) {
        let run = &values[start..start + 8];
        if run.iter().all(|value| *value > center) || run.iter().all(|value| *value < center) {
            flag(start..start + 8, Signal::Run, &|_| true);
        }
    }
    for start in 0..values.len().saturating_sub(5) {
        let run = &values[start..start + 6];
        if run.windows(2).all(|pair| pair[1] > pair[0])
            || run.windows(2).all(|pair| pair[1] < pair[0])
        {
            flag(start..start + 6, Signal::Trend, &|_| true);
        }
    }
    let far = 2.0 / 3.0 * (upper - center);
    for start in 0..values.len().saturating_sub(2) {
        for direction in [1.0, -1.0] {
            let beyond = |position: usize| direction * (values[position] - center) > far;
            if (start..start + 3).filter(|position| beyond(*position)).count() >= 2 {
                flag(start..start + 3, Signal::TwoOfThree, &beyond);
            }
        }
    }
    Some(Xmr { center, moving_range, upper, lower: free_lower.max(0.0), range_limit, signals })
}

#[cfg(test)]
mod tests {
    use super::{Signal, XmrForm, xmr};

    const TIMES: [f64; 10] = [32.0, 45.0, 28.0, 60.0, 38.0, 41.0, 35.0, 120.0, 44.0, 39.0];

    #[test]
    fn the_median_form_flags_the_outlier_that_hides_itself_under_mean_limits() {
        let mean = xmr(&TIMES, XmrForm::Mean).unwrap();
        assert!(
            (mean.center - 48.2).abs() < 1e-9
                && (mean.moving_range - 28.777_777_777_777_78).abs() < 1e-9
        );
        assert!(
            (mean.upper - 124.748_888_888_888_89).abs() < 1e-9
                && mean.lower == 0.0
                && (mean.range_limit - 94.017).abs() < 1e-9
        );
        assert!(mean.signals.iter().all(|signals| !signals.contains(&Signal::Outside)));
        let median = xmr(&TIMES, XmrForm::Median).unwrap();
        assert!((median.moving_range - 17.0).abs() < 1e-9 && (median.upper - 101.665).abs() < 1e-9);
        assert!(median.signals[7].contains(&Signal::Outside));
    }

    #[test]
    fn runs_trends_and_pairs_are_named_and_equal_values_are_quiet() {
        assert!(xmr(&[5.0; 12], XmrForm::Median).unwrap().signals.iter().all(Vec::is_empty));
        let rising: Vec<f64> = (0..6).map(|position| f64::from(position) * 2.0).collect();
        assert!(
            xmr(&rising, XmrForm::Mean)
                .unwrap()
                .signals
                .iter()
                .all(|signals| signals.contains(&Signal::Trend))
        );
        let shifted = [[10.0, 11.0].repeat(5), [20.0, 21.0].repeat(4)].concat();
        let found = xmr(&shifted, XmrForm::Mean).unwrap();
        assert!(
            found.signals[17].contains(&Signal::Run) && found.signals[0].contains(&Signal::Run)
        );
        assert_eq!(xmr(&[1.0], XmrForm::Median), None);
    }
}
