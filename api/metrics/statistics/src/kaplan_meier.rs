//! Computes the Kaplan–Meier estimate with log(−log) Greenwood limits and the Brookmeyer–Crowley
//! interval of the median.

use super::wilson::Z_95;

/// Point of the curve at a time with a closure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalStep {
    /// Time.
    pub time: i64,
    /// Share not closed after this time.
    pub survival: f64,
    /// Lower 95% limit.
    pub low: f64,
    /// Upper 95% limit.
    pub high: f64,
}

/// Kaplan–Meier estimate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KaplanMeier {
    /// Steps at each time with a closure.
    pub steps: Vec<SurvivalStep>,
    /// Largest time observed, closed or censored.
    pub last: Option<i64>,
    /// Number of observations.
    pub n: usize,
    /// Number of closures.
    pub events: usize,
}

/// Computes the estimate from times, each with whether it ended in a closure or was censored. An
/// observation censored at a time is still at risk at that time.
///
/// ```
/// use hotwash_statistics::kaplan_meier;
///
/// // Weeks in remission with 6-MP (Freireich and others 1963), as in Kleinbaum and Klein, Survival
/// // Analysis: nine of 21 relapse, the others are censored.
/// let relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|week| (week, true));
/// let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|week| (week, false));
/// let found = kaplan_meier(&[&relapsed[..], &censored[..]].concat());
/// assert_eq!((found.n, found.events), (21, 9));
/// for (week, share) in [(6, 0.857), (7, 0.807), (10, 0.753), (16, 0.627), (23, 0.448)] {
///     assert!(found.at(week).is_some_and(|survival| (survival - share).abs() < 0.0006));
/// }
/// assert_eq!(found.quantile(0.5), Some(23));
/// ```
pub fn kaplan_meier(observations: &[(i64, bool)]) -> KaplanMeier {
    let counted: Vec<(i64, u64, u64)> =
        observations.iter().map(|(time, closed)| (*time, u64::from(*closed), 1)).collect();
    kaplan_meier_counted(&counted)
}

/// Computes the same estimate from times, each with its number of closures and its number of
/// observations.
///
/// ```
/// use hotwash_statistics::{kaplan_meier, kaplan_meier_counted};
///
/// // Three of four are closed on day 6; one is open on day 9.
/// let counted = kaplan_meier_counted(&[(6, 3, 4), (9, 0, 1)]);
/// let listed = kaplan_meier(&[(6, true), (6, true), (6, true), (6, false), (9, false)]);
/// assert_eq!(counted, listed);
/// ```
pub fn kaplan_meier_counted(observations: &[(i64, u64, u64)]) -> KaplanMeier {
    let mut sorted: Vec<(i64, u64, u64)> =
        observations.iter().copied().filter(|(_, _, all)| *all > 0).collect();
    sorted.sort_unstable();
    let all: u64 = sorted.iter().map(|(_, _, all)| *all).sum();
    let mut at_risk = all;
    let (mut survival, mut greenwood) = (1.0_f64, 0.0_f64);
    let (mut steps, mut events) = (Vec::new(), 0);
    for group in sorted.chunk_by(|left, right| left.0 == right.0) {
        let closed: u64 = group.iter().map(|(_, closed, _)| *closed).sum();
        if closed > 0 {
            let (d, n) = (closed as f64, at_risk as f64);
            survival *= 1.0 - d / n;
            greenwood += if closed == at_risk { f64::INFINITY } else { d / (n * (n - d)) };
            let (low, high) = limits(survival, greenwood);
            steps.push(SurvivalStep { time: group[0].0, survival, low, high });
        }
        at_risk -= group.iter().map(|(_, _, all)| *all).sum::<u64>();
        events += closed;
    }
    KaplanMeier {
        steps,
        last: sorted.last().map(|(time, _, _)| *time),
        n: all as usize,
        events: events as usize,
    }
}

fn limits(survival: f64, greenwood: f64) -> (f64, f64) {
    if survival <= 0.0 {
        return (0.0, 0.0);
    }
    if survival >= 1.0 {
        return (1.0, 1.0);
    }
    let width = Z_95 * greenwood.sqrt() / survival.ln();
    let (one, other) = (survival.powf(width.exp()), survival.powf((-width).exp()));
    (one.min(other), one.max(other))
}

impl KaplanMeier {
    /// Returns the share not closed after `time`; none past the largest observed time, unless the
    /// curve reached 0.
    pub fn at(&self, time: i64) -> Option<f64> {
        let survival = self
            .steps
            .iter()
            .take_while(|step| step.time <= time)
            .last()
            .map_or(1.0, |step| step.survival);
        (survival == 0.0 || self.last.is_some_and(|last| time <= last)).then_some(survival)
    }

    /// Returns the first time at which the share not closed is at most `1 − share`; none if there
    /// is no such time.
    pub fn quantile(&self, share: f64) -> Option<i64> {
        self.steps.iter().find(|step| step.survival <= 1.0 - share + 1e-12).map(|step| step.time)
    }

    /// Returns the 95% interval of the median; an end that the curve does not reach is none.
    pub fn median_interval(&self) -> (Option<i64>, Option<i64>) {
        let first = |limit: fn(&SurvivalStep) -> f64| {
            self.steps.iter().find(|step| limit(step) <= 0.5).map(|step| step.time)
        };
        (first(|step| step.low), first(|step| step.high))
    }
}

#[cfg(test)]
mod tests {
    use super::kaplan_meier;

    /// Values of lifelines 0.29 `KaplanMeierFitter`.
    #[test]
    fn the_curve_its_limits_and_its_median_equal_the_reference() {
        let days = [10, 25, 25, 40, 60, 60, 90, 120, 150, 200, 30, 75, 180, 210];
        let closed = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0];
        let observations: Vec<(i64, bool)> =
            days.iter().zip(closed).map(|(day, closed)| (*day, closed == 1)).collect();
        let found = kaplan_meier(&observations);
        for (day, survival) in [
            (10, 0.928_571),
            (25, 0.785_714),
            (40, 0.707_143),
            (60, 0.55),
            (90, 0.458_333),
            (120, 0.366_667),
            (180, 0.244_444),
        ] {
            assert!(
                (found.at(day).unwrap() - survival).abs() < 1e-6,
                "S({day}) = {:?}",
                found.at(day)
            );
        }
        for (day, low, high) in [(60, 0.257_842, 0.768_211), (90, 0.183_251, 0.698_597)] {
            let step = found.steps.iter().find(|step| step.time == day).unwrap();
            assert!((step.low - low).abs() < 1e-6 && (step.high - high).abs() < 1e-6, "{step:?}");
        }
        assert_eq!((found.quantile(0.5), found.median_interval()), (Some(90), (Some(25), None)));
        assert_eq!(found.at(365), None, "nobody was followed past day 210");
    }

    #[test]
    fn nothing_observed_and_all_closed_at_once_are_answered() {
        assert_eq!(kaplan_meier(&[]).at(10), None);
        let all = kaplan_meier(&[(5, true), (5, true)]);
        assert_eq!((all.at(5), all.at(400), all.quantile(0.5)), (Some(0.0), Some(0.0), Some(5)));
    }
}
