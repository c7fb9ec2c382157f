//! Compares the rows of a metric with those of an earlier period.

use std::collections::HashMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use hotwash_schema::access::Viewer;
use hotwash_schema::vocabulary::ChangeVerdict;
use hotwash_statistics::{
    Times, benjamini_hochberg, log_rank, median_difference, number_of_clusters, rate_ratio,
};
use serde_json::Value;

use crate::clusters::{Clusters, ShareDifference};
use crate::definition::Unit;
use crate::evaluate::{MetricResult, evaluate};
use crate::facts::Facts;
use crate::metric::{Metric, RowTimes, find};
use crate::query::{Dimension, Grain, MetricError, MetricQuery, Period};
use crate::row::MetricRow;
use crate::row_clusters::{clusters, is_live, text};
use crate::snapshot::Snapshot;

/// Period with which rows are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// The period of the same length before.
    PreviousPeriod,
    /// The same period a year before.
    YearBefore,
    /// From the first of these days to the second.
    Between(NaiveDate, NaiveDate),
}

/// Limit of the false discovery rate among the rows that are called changed.
const FALSE_DISCOVERIES: f64 = 0.10;

/// Limit of the p value of a change, judged alone.
const SIGNIFICANT: f64 = 0.05;

/// Seed of resamples.
const SEED: u64 = 1;

/// Change of a value from an earlier period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// The row of the earlier period; `None` if there is none.
    pub previous: Option<MetricRow>,
    /// Value less that of the earlier period.
    pub difference: Option<f64>,
    /// 95% interval of the difference of shares (Newcombe) or of medians of times (bootstrap). An
    /// end is `None` where a curve does not reach one half.
    pub interval: Option<(Option<f64>, Option<f64>)>,
    /// Rate of events over that of the earlier period, for counts.
    pub ratio: Option<f64>,
    /// Ends of the exact 95% interval of the ratio; the upper one is `None` if it has no end.
    pub ratio_interval: Option<(f64, Option<f64>)>,
    /// Two-sided probability of a difference at least as large if nothing changed: the level at
    /// which the interval ends at no change for shares and counts, the log-rank test for times.
    pub p: Option<f64>,
    /// Verdict on the change.
    pub verdict: ChangeVerdict,
    /// True if the p value is under 0.05 and the interval leaves out no change. The verdict also
    /// depends on the other rows.
    is_beyond_chance: bool,
}

impl Change {
    /// Returns the verdict of a tested change to what it is without others.
    fn judge_alone(&mut self) {
        if self.is_beyond_chance {
            self.verdict = ChangeVerdict::Changed;
        }
    }
}

/// First and last day of a period.
pub type Window = (NaiveDate, NaiveDate);

/// What is known of the records behind two rows, the later one first.
#[derive(Clone, Copy, Debug)]
pub enum Behind<'a> {
    /// States as of two days. They share records, so their difference is not tested.
    States,
    /// Records of these days, independent of each other.
    Days(Window, Window),
    /// Records of two periods that cluster, as those of one event do.
    Clusters(&'a Clusters, &'a Clusters),
    /// Times to an event, some of them censored.
    Times(&'a Times, &'a Times),
}

/// Answers a metric query and compares each row with its earlier period.
///
/// Both periods are answered by [`evaluate`]. Rows about other regions are therefore compared only
/// as far as the release publishes both.
///
/// # Errors
/// As [`evaluate`], and if the query has no period to compare.
pub fn evaluate_changes(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
    earlier: Earlier,
    viewer: &Viewer,
) -> Result<(MetricResult, Vec<Change>), MetricError> {
    compare(snapshot, id, query, earlier, viewer, Medians::WithInterval)
}

/// Answers a metric query by period for publication, and compares each row with the period before.
/// Verdicts are corrected among the rows of one region. Differences of medians have no interval:
/// resamples of each row would take longer than all metrics. Those that the log-rank test calls
/// different are drawn for the verdict.
///
/// # Errors
/// As [`evaluate_changes`].
pub(crate) fn changes_to_publish(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
) -> Result<(MetricResult, Vec<Change>), MetricError> {
    let (earlier, viewer) = (Earlier::PreviousPeriod, Viewer::local());
    let (result, mut changes) =
        compare(snapshot, id, query, earlier, &viewer, Medians::WithoutInterval)?;
    correct_by_region(result.rows.iter(), &mut changes);
    Ok((result, changes))
}

/// How differences of medians are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Medians {
    /// With their interval.
    WithInterval,
    /// Without it.
    WithoutInterval,
}

fn compare(
    snapshot: &Snapshot,
    id: &str,
    query: &MetricQuery,
    earlier: Earlier,
    viewer: &Viewer,
    medians: Medians,
) -> Result<(MetricResult, Vec<Change>), MetricError> {
    let metric = find(id)?;
    let result = evaluate(snapshot, id, query, viewer)?;
    let is_state = metric.state_since(snapshot)?.is_some();
    let in_windows = !is_state && are_in_windows(metric, snapshot, query)?;
    let (previous_query, windows) = if query.period.is_some() {
        (by_period(query, earlier)?, None)
    } else {
        let windows = windows(query, earlier, is_state)?;
        let (_, (from, to)) = windows;
        let mut previous = query.clone();
        if query.from.is_some() || query.to.is_some() || !is_state {
            (previous.from, previous.to) = (Some(from), Some(to));
        }
        if is_state {
            previous.as_of = to;
        }
        (previous, Some(windows))
    };
    let rows_before = evaluate(snapshot, id, &previous_query, viewer)?.rows;
    let before = by_group(rows_before.iter().zip(0..));
    let times_of = |query: &MetricQuery| {
        let group_by = query.group_by.as_deref().unwrap_or(result.definition.default_group_by);
        let query = MetricQuery { as_of: result.as_of, group_by: None, ..query.clone() };
        metric.times(snapshot, &query, group_by)
    };
    let times = if in_windows { times_of(query)? } else { RowTimes::new() };
    let times_before = if times.is_empty() { RowTimes::new() } else { times_of(&previous_query)? };
    let (times, times_before) = (by_keys(&times), by_keys(&times_before));
    let clusters_of = |query: &MetricQuery, rows: &[MetricRow]| {
        let none = || Ok(vec![None; rows.len()]);
        if in_windows { clusters(snapshot, id, query, viewer, rows) } else { none() }
    };
    let own = clusters_of(query, &result.rows)?;
    // By period, the rows before are usually among the rows.
    let others = (previous_query != *query)
        .then(|| clusters_of(&previous_query, &rows_before))
        .transpose()?;
    let clusters_before = others.as_deref().unwrap_or(&own);
    let changes = result.rows.iter().zip(&own).map(|(row, own)| {
        let (start, windows) = match (windows, query.period.zip(row.period_start())) {
            (Some(windows), _) => (None, windows),
            (None, Some((grain, start))) => {
                let as_of =
                    if is_live(metric, query, viewer, row) { query.as_of } else { result.as_of };
                let (later, before) = periods(start, grain, earlier, as_of);
                (Some(before.0), (later, before))
            }
            // The metric has no row a period.
            (None, None) => {
                return Change { verdict: ChangeVerdict::NotTested, ..Change::default() };
            }
        };
        let at = before.get(&(row.group(), start)).copied();
        let before = at.map(|at: usize| &rows_before[at]);
        let live = before.filter(|_| is_live(metric, query, viewer, row));
        let times = live.and_then(|before| {
            let keys = [row, before].map(|row| text(&row.dimensions));
            Some((*times.get(&keys[0])?, *times_before.get(&keys[1])?))
        });
        let clustered = own.as_ref().zip(at.and_then(|at| clusters_before.get(at)?.as_ref()));
        let behind = match (times, clustered) {
            _ if !in_windows => Behind::States,
            (Some((later, earlier)), _) => Behind::Times(later, earlier),
            (None, Some((later, earlier))) => Behind::Clusters(later, earlier),
            (None, None) => Behind::Days(windows.0, windows.1),
        };
        judged(before, row, behind, medians)
    });
    let mut changes: Vec<Change> = changes.collect();
    correct(&mut changes);
    Ok((result, changes))
}

/// Compares rows by period, published about all regions, each with the row of the period before.
/// Their verdicts are corrected among the rows of one region.
///
/// # Errors
/// If the metric's records cannot be determined.
pub(crate) fn changes_of_released(
    snapshot: &Snapshot,
    metric: &dyn Metric,
    grain: Grain,
    as_of: NaiveDate,
    rows: &[&MetricRow],
) -> Result<Vec<Change>, MetricError> {
    let query = MetricQuery { period: Some(grain), as_of, ..MetricQuery::default() };
    let is_state = metric.state_since(snapshot)?.is_some();
    let in_windows = !is_state && are_in_windows(metric, snapshot, &query)?;
    let before = by_group(rows.iter().map(|row| (*row, *row)));
    let changes = rows.iter().map(|row| {
        let Some(start) = row.period_start() else {
            return Change { verdict: ChangeVerdict::NotTested, ..Change::default() };
        };
        let (later, earlier) = periods(start, grain, Earlier::PreviousPeriod, as_of);
        let before = before.get(&(row.group(), Some(earlier.0))).copied();
        let behind = if in_windows { Behind::Days(later, earlier) } else { Behind::States };
        between(before, row, behind)
    });
    let mut changes: Vec<Change> = changes.collect();
    correct_by_region(rows.iter().copied(), &mut changes);
    Ok(changes)
}

/// Corrects verdicts again, for readers who see the rows of one region only: among those of each
/// region.
fn correct_by_region<'a>(rows: impl Iterator<Item = &'a MetricRow>, changes: &mut [Change]) {
    let mut regions: HashMap<Option<&Value>, Vec<usize>> = HashMap::new();
    for (position, row) in rows.enumerate() {
        let region = row.dimensions.get(Dimension::Region.key());
        regions.entry(region).or_default().push(position);
    }
    for positions in regions.values() {
        let mut own: Vec<Change> =
            positions.iter().map(|position| changes[*position].clone()).collect();
        own.iter_mut().for_each(Change::judge_alone);
        correct(&mut own);
        for (position, change) in positions.iter().zip(own) {
            changes[*position] = change;
        }
    }
}

/// Returns something of rows by their group and the first day of their period.
fn by_group<'a, T>(
    rows: impl Iterator<Item = (&'a MetricRow, T)>,
) -> HashMap<(String, Option<NaiveDate>), T> {
    rows.map(|(row, of_row)| ((row.group(), row.period_start()), of_row)).collect()
}

/// Returns the times behind rows by all keys of the row.
fn by_keys(times: &RowTimes) -> HashMap<String, &Times> {
    times.iter().map(|(keys, times)| (text(keys), times.as_slice())).collect()
}

/// Returns a period that begins on a day, and its earlier period. The last period has only the
/// days until the as-of day.
fn periods(start: NaiveDate, grain: Grain, earlier: Earlier, as_of: NaiveDate) -> (Window, Window) {
    let end = |start| Period { start, grain }.end().min(as_of).max(start);
    let window = |start: NaiveDate| (start, end(start));
    (window(start), window(shifted(start, earlier, grain.months().0)))
}

/// Compares two rows of one metric.
pub fn between(before: Option<&MetricRow>, after: &MetricRow, behind: Behind<'_>) -> Change {
    judged(before, after, behind, Medians::WithInterval)
}

fn judged(
    before: Option<&MetricRow>,
    after: &MetricRow,
    behind: Behind<'_>,
    medians: Medians,
) -> Change {
    let mut change =
        Change { previous: before.cloned(), verdict: ChangeVerdict::TooFew, ..Change::default() };
    let Some((before, (old, new))) =
        before.and_then(|before| Some((before, before.value.zip(after.value)?)))
    else {
        return change;
    };
    change.difference = Some(new - old);
    if [before, after].iter().any(|row| !row.is_judged()) {
        return change;
    }
    change.verdict = ChangeVerdict::NotTested;
    let is_changed = match (after.unit, behind) {
        (Unit::Share, Behind::Days(..) | Behind::Clusters(..)) => {
            let Some((later, earlier)) = after.records().zip(before.records()) else {
                return change;
            };
            let found = match behind {
                Behind::Clusters(later, earlier) => ShareDifference::of_clusters(later, earlier),
                _ => ShareDifference::of(later, earlier),
            };
            let Some(found) = found else {
                change.verdict = ChangeVerdict::TooFew;
                return change;
            };
            change.interval = Some((Some(found.low), Some(found.high)));
            change.p = Some(found.p);
            found.beyond_chance() > 0.0
        }
        (Unit::Count, Behind::Days(later, earlier)) => {
            let days = |(from, to): Window| (to - from).num_days() as f64 + 1.0;
            let found = rate_ratio(new as u64, days(later), old as u64, days(earlier));
            let Some(found) = found else {
                change.verdict = ChangeVerdict::NoDetectableChange;
                return change;
            };
            change.ratio = found.ratio;
            change.ratio_interval = Some((found.low, found.high));
            change.p = Some(found.p);
            found.low > 1.0 || found.high.is_some_and(|high| high < 1.0)
        }
        (Unit::Days | Unit::Minutes, Behind::Times(later, earlier)) => {
            let Some(p) = log_rank(later, earlier) else {
                if [later, earlier].iter().any(|times| number_of_clusters(times) < 2) {
                    change.verdict = ChangeVerdict::TooFew;
                }
                return change;
            };
            change.p = Some(p);
            let is_shown = medians == Medians::WithInterval;
            let drawn =
                (is_shown || p < SIGNIFICANT).then(|| median_difference(later, earlier, SEED));
            change.interval = drawn.filter(|_| is_shown);
            // Curves may differ elsewhere than at their medians.
            let (low, high) = drawn.unwrap_or_default();
            p < SIGNIFICANT
                && (low.is_some_and(|low| low > 0.0) || high.is_some_and(|high| high < 0.0))
        }
        _ => return change,
    };
    change.is_beyond_chance = is_changed;
    change.verdict =
        if is_changed { ChangeVerdict::Changed } else { ChangeVerdict::NoDetectableChange };
    change
}

/// Retains as changed only rows that are discoveries among all rows.
pub(crate) fn correct(changes: &mut [Change]) {
    let tested: Vec<usize> =
        (0..changes.len()).filter(|position| changes[*position].p.is_some()).collect();
    let p: Vec<f64> = tested.iter().filter_map(|position| changes[*position].p).collect();
    for (position, found) in tested.into_iter().zip(benjamini_hochberg(&p, FALSE_DISCOVERIES)) {
        if !found {
            changes[position].verdict = ChangeVerdict::NoDetectableChange;
        }
    }
}

/// Returns true if the records of a metric each belong to a day, and so to one of two periods.
fn are_in_windows(
    metric: &dyn Metric,
    snapshot: &Snapshot,
    query: &MetricQuery,
) -> Result<bool, MetricError> {
    let facts = metric.facts(snapshot, query)?;
    Ok(facts.first().is_some_and(Facts::is_split_by_period))
}

/// Returns the query whose rows hold the earlier periods of another query by period.
fn by_period(query: &MetricQuery, earlier: Earlier) -> Result<MetricQuery, MetricError> {
    if let Earlier::Between(..) = earlier {
        return Err(MetricError::Compare(
            "rows of periods are compared with PREVIOUS_PERIOD or YEAR_BEFORE; leave out period \
             to compare with other days",
        ));
    }
    let months = query.period.map_or(0, |grain| grain.months().0);
    Ok(MetricQuery { from: query.from.map(|day| shifted(day, earlier, months)), ..query.clone() })
}

/// Returns the first and last day of a query without periods, and of the period before.
fn windows(
    query: &MetricQuery,
    earlier: Earlier,
    is_state: bool,
) -> Result<(Window, Window), MetricError> {
    let window = match (query.from, query.to) {
        (Some(from), Some(to)) => (from, to),
        // A state has no first day.
        _ if is_state && earlier != Earlier::PreviousPeriod => (query.as_of, query.as_of),
        _ => {
            return Err(MetricError::Compare(
                "compare needs a period to compare: give period, or from and to",
            ));
        }
    };
    let (from, to) = window;
    let next = to.succ_opt().unwrap_or(to);
    // Complete months stay complete months.
    let whole = is_first(from) && is_first(next);
    let before = match earlier {
        Earlier::Between(from, to) if from <= to => (from, to),
        Earlier::Between(from, to) => return Err(MetricError::Reversed { from, to }),
        Earlier::PreviousPeriod if whole => {
            let months = months_between(from, next);
            (back(from, months), back(next, months).pred_opt().unwrap_or(to))
        }
        Earlier::PreviousPeriod => {
            let days = Days::new((next - from).num_days().unsigned_abs());
            (from - days, to - days)
        }
        Earlier::YearBefore => (back(from, 12), back(next, 12).pred_opt().unwrap_or(to)),
    };
    Ok((window, before))
}

fn is_first(day: NaiveDate) -> bool {
    day.day() == 1
}

/// Months from one first of a month to another.
fn months_between(from: NaiveDate, to: NaiveDate) -> u32 {
    to.years_since(from).unwrap_or_default() * 12 + (to.month() + 12 - from.month()) % 12
}

/// Returns the day some months before.
fn back(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(day)
}

/// Returns the first day of the earlier period of one that has this many months.
fn shifted(start: NaiveDate, earlier: Earlier, months: i64) -> NaiveDate {
    let months = if earlier == Earlier::YearBefore { 12 } else { months };
    back(start, u32::try_from(months).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use hotwash_statistics::Observed;
    use rand::Rng;
    use serde_json::Map;

    use super::*;
    use crate::row::Reliability;

    fn row(unit: Unit, numerator: f64, denominator: Option<f64>) -> MetricRow {
        MetricRow {
            dimensions: Map::new(),
            value: Some(denominator.map_or(numerator, |denominator| numerator / denominator)),
            unit,
            numerator: Some(numerator),
            denominator,
            n: denominator.unwrap_or(numerator) as u64,
            ci_low: None,
            ci_high: None,
            reliability: Reliability::Ok,
            note: None,
            extra: Map::new(),
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn years() -> Behind<'static> {
        let year = |year: &str| (day(&format!("{year}-01-01")), day(&format!("{year}-12-31")));
        Behind::Days(year("2025"), year("2024"))
    }

    #[test]
    fn shares_are_compared_by_newcombe_and_few_records_are_not() {
        let (old, new) = (row(Unit::Share, 48.0, Some(80.0)), row(Unit::Share, 56.0, Some(70.0)));
        let found = between(Some(&old), &new, years());
        assert_eq!(found.verdict, ChangeVerdict::Changed);
        let (Some(low), Some(high)) = found.interval.unwrap() else { panic!() };
        assert!((low - 0.052_431).abs() < 1e-6 && (high - 0.333_873).abs() < 1e-6);
        let few = MetricRow { reliability: Reliability::LowN, ..old.clone() };
        assert_eq!(between(Some(&few), &new, years()).verdict, ChangeVerdict::TooFew);
        assert_eq!(between(None, &new, years()).verdict, ChangeVerdict::TooFew);
        // The quantity of a request is no record.
        let quantity = MetricRow { n: 3, ..old };
        assert_eq!(between(Some(&quantity), &new, years()).verdict, ChangeVerdict::NotTested);
    }

    #[test]
    fn counts_are_compared_by_their_days() {
        let (old, new) = (row(Unit::Count, 10.0, None), row(Unit::Count, 20.0, None));
        let (half, year) =
            ((day("2025-01-01"), day("2025-07-01")), (day("2024-01-01"), day("2024-12-29")));
        let found = between(Some(&old), &new, Behind::Days(half, year));
        assert_eq!((found.difference, found.ratio), (Some(10.0), Some(4.0)));
        assert_eq!(found.verdict, ChangeVerdict::Changed);
        assert_eq!(between(Some(&old), &new, Behind::States).verdict, ChangeVerdict::NotTested);
    }

    #[test]
    fn times_are_compared_by_their_curves() {
        let median = |days: f64| MetricRow { value: Some(days), ..row(Unit::Days, days, None) };
        let days = |shift: i64| (1..40).map(|day| Observed::of(day + shift, 1, 1)).collect();
        let (fast, slow): (Vec<Observed>, Vec<Observed>) = (days(0), days(30));
        let found = between(Some(&median(20.0)), &median(50.0), Behind::Times(&slow, &fast));
        assert_eq!((found.difference, found.verdict), (Some(30.0), ChangeVerdict::Changed));
        let (Some(low), Some(high)) = found.interval.unwrap() else { panic!() };
        assert!(0.0 < low && low < 30.0 && 30.0 < high, "{low} {high}");
        let same = between(Some(&median(20.0)), &median(20.0), Behind::Times(&fast, &fast));
        assert_eq!(same.verdict, ChangeVerdict::NoDetectableChange);
        // All actions of one event.
        let single: Vec<Observed> =
            slow.iter().map(|one| Observed { cluster: Some(1), ..*one }).collect();
        let one = between(Some(&median(20.0)), &median(50.0), Behind::Times(&single, &fast));
        assert_eq!((one.p, one.verdict), (None, ChangeVerdict::TooFew));
    }

    #[test]
    fn curves_that_differ_behind_equal_medians_have_not_changed() {
        let of = |tail: i64| -> Vec<Observed> {
            let early = (1..=60).map(|day| Observed::of(day, 1, 1));
            early.chain((61..=100).map(|day| Observed::of(day + tail, 1, 1))).collect()
        };
        let median = MetricRow { value: Some(50.0), ..row(Unit::Days, 50.0, None) };
        let found = between(Some(&median), &median, Behind::Times(&of(400), &of(0)));
        assert!(found.p.is_some_and(|p| p < 0.05), "{:?}", found.p);
        assert!(found.interval.is_some_and(|(low, high)| low < Some(0.0) && high > Some(0.0)));
        assert_eq!(found.verdict, ChangeVerdict::NoDetectableChange);
    }

    #[test]
    fn verdict_interval_and_p_value_of_clustered_shares_agree() {
        let (mut changed, mut random) = (0, hotwash_statistics::draws::seeded(3));
        for _ in 0..300 {
            let mut events = |share: f64| {
                let mut events = Clusters::default();
                for event in 0..8 {
                    let all = random.random_range(1..9_u32);
                    let good = if random.random_bool(share) { all } else { all / 2 };
                    events.add(Some(event), f64::from(good), f64::from(all));
                }
                events
            };
            let (one, other) = (events(0.9), events(0.2));
            let [new, old] =
                [&one, &other].map(|of| row(Unit::Share, of.sums().0, Some(of.sums().1)));
            let found = between(Some(&old), &new, Behind::Clusters(&one, &other));
            let (Some(low), Some(high)) = found.interval.unwrap() else { panic!() };
            let is_changed = found.verdict == ChangeVerdict::Changed;
            assert_eq!(is_changed, low > 0.0 || high < 0.0, "{found:?}");
            assert_eq!(is_changed, found.p.unwrap() < 0.05, "{found:?}");
            changed += usize::from(is_changed);
        }
        assert!((30..270).contains(&changed), "{changed}");
    }

    #[test]
    fn one_small_p_value_among_many_rows_is_no_discovery() {
        let of =
            |p: f64| Change { p: Some(p), verdict: ChangeVerdict::Changed, ..Change::default() };
        let mut changes = vec![of(0.04)];
        changes.extend((0..9).map(|_| of(0.9)));
        correct(&mut changes);
        assert_eq!(changes[0].verdict, ChangeVerdict::NoDetectableChange);
        let mut alone = vec![of(0.04)];
        correct(&mut alone);
        assert_eq!(alone[0].verdict, ChangeVerdict::Changed);
    }

    #[test]
    fn months_are_compared_with_months_and_days_with_as_many_days() {
        let window = |from: &str, to: &str, earlier| {
            let query =
                MetricQuery { from: Some(day(from)), to: Some(day(to)), ..MetricQuery::default() };
            let (from, to) = windows(&query, earlier, false).unwrap().1;
            format!("{from} {to}")
        };
        let previous = Earlier::PreviousPeriod;
        assert_eq!(window("2025-04-01", "2025-06-30", previous), "2025-01-01 2025-03-31");
        assert_eq!(window("2024-07-01", "2025-06-30", previous), "2023-07-01 2024-06-30");
        assert_eq!(window("2025-03-05", "2025-03-14", previous), "2025-02-23 2025-03-04");
        assert_eq!(
            window("2024-02-01", "2024-02-29", Earlier::YearBefore),
            "2023-02-01 2023-02-28"
        );
    }
}
