//! Compares our statistics with values of reference libraries, to 1e-9.
//! `tests/references/reference_values.py` computed them.
#![allow(clippy::unwrap_used, missing_docs)]

use hotwash_statistics::order::{median, median_interval};
use hotwash_statistics::{
    Cluster, Observed, Signal, XmrForm, benjamini_hochberg, design_effect, effective_samples,
    exact_p, kaplan_meier, log_rank, mann_kendall, newcombe, newcombe_p, rate_ratio, theil_sen,
    wilson, xmr,
};
use serde_json::Value;

fn cases(method: &str) -> Vec<Value> {
    let all: Value =
        serde_json::from_str(include_str!("../../../../tests/references/reference_values.json"))
            .unwrap();
    let cases = all[method]["cases"].as_array().unwrap().clone();
    assert!(cases.len() > 10, "{method} has too few cases");
    cases
}

fn number(case: &Value, name: &str) -> f64 {
    case[name].as_f64().unwrap_or_else(|| panic!("{name} of {case}"))
}

fn numbers(case: &Value, name: &str) -> Vec<f64> {
    case[name].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn places(case: &Value, name: &str) -> Vec<usize> {
    case[name].as_array().unwrap().iter().map(|value| value.as_u64().unwrap() as usize).collect()
}

#[track_caller]
fn close(found: f64, wanted: f64, case: &Value) {
    assert!(
        (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0),
        "{found} is not {wanted} in {case}"
    );
}

#[test]
fn wilson_intervals_equal_statsmodels() {
    for case in cases("wilson") {
        let (low, high) = wilson(number(&case, "successes"), number(&case, "n")).unwrap();
        close(low, number(&case, "low"), &case);
        close(high, number(&case, "high"), &case);
    }
    assert_eq!(wilson(0.0, 0.0), None);
}

#[test]
fn newcombe_intervals_equal_statsmodels() {
    for case in cases("newcombe") {
        let [a, n, b, m] = ["a", "n", "b", "m"].map(|name| number(&case, name));
        let (difference, low, high) = newcombe(a, n, b, m).unwrap();
        close(difference, number(&case, "difference"), &case);
        close(low, number(&case, "low"), &case);
        close(high, number(&case, "high"), &case);
    }
    assert_eq!(newcombe(0.0, 0.0, 1.0, 2.0), None);
}

#[test]
fn p_values_of_two_shares_are_levels_of_the_intervals_of_statsmodels() {
    for case in cases("newcombe_p") {
        let [a, n, b, m] = ["a", "n", "b", "m"].map(|name| number(&case, name));
        close(newcombe_p(a, n, b, m).unwrap(), number(&case, "p"), &case);
    }
}

#[test]
fn clustered_shares_equal_the_cluster_robust_variance_of_statsmodels() {
    for case in cases("clustered_shares") {
        let [one, other] = ["one", "other"].map(|name| -> Vec<Cluster> {
            let pairs = case[name].as_array().unwrap().iter();
            pairs
                .map(|pair| Cluster::of(pair[0].as_f64().unwrap(), pair[1].as_f64().unwrap()))
                .collect()
        });
        for (clusters, effect) in
            [&one, &other].into_iter().zip(case["effects"].as_array().unwrap())
        {
            assert_eq!(design_effect(clusters).is_some(), effect.is_f64(), "{case}");
            close(design_effect(clusters).unwrap_or(1.0), effect.as_f64().unwrap_or(1.0), &case);
        }
        let [(a, n), (b, m)] = effective_samples(&one, &other).unwrap();
        for (found, expected) in [a, n, b, m].into_iter().zip(numbers(&case, "effective")) {
            close(found, expected, &case);
        }
        let (_, low, high) = newcombe(a, n, b, m).unwrap();
        close(low, number(&case, "low"), &case);
        close(high, number(&case, "high"), &case);
        close(newcombe_p(a, n, b, m).unwrap(), number(&case, "p"), &case);
    }
}

#[test]
fn ratios_of_rates_equal_scipy() {
    for case in cases("rate_ratio") {
        let [a, t, b, u] = ["a", "t", "b", "u"].map(|name| number(&case, name));
        let found = rate_ratio(a as u64, t, b as u64, u).unwrap();
        close(found.low, number(&case, "low"), &case);
        close(found.p, number(&case, "p"), &case);
        assert_eq!(found.ratio.is_some(), case["ratio"].is_f64(), "{case}");
        assert_eq!(found.high.is_some(), case["high"].is_f64(), "{case}");
        for (found, name) in [(found.ratio, "ratio"), (found.high, "high")] {
            if let Some(found) = found {
                close(found, number(&case, name), &case);
            }
        }
    }
}

#[test]
fn log_rank_tests_equal_lifelines() {
    let sample = |case: &Value, name: &str| -> Vec<Observed> {
        let pairs = case[name].as_array().unwrap().iter();
        let closed = |pair: &Value| u64::from(pair[1].as_bool().unwrap());
        pairs.map(|pair| Observed::of(pair[0].as_i64().unwrap(), closed(pair), 1)).collect()
    };
    for case in cases("log_rank") {
        let p = log_rank(&sample(&case, "one"), &sample(&case, "other")).unwrap();
        close(p, number(&case, "p"), &case);
    }
}

#[test]
fn log_rank_tests_of_clustered_times_equal_lifelines_over_the_variance_of_jung_and_jeong() {
    let sample = |case: &Value, name: &str| -> Vec<Observed> {
        let records = case[name].as_array().unwrap().iter();
        let observed = |record: &Value| Observed {
            cluster: record[0].as_i64(),
            time: record[1].as_i64().unwrap(),
            closed: u64::from(record[2].as_bool().unwrap()),
            all: 1,
        };
        records.map(observed).collect()
    };
    for case in cases("clustered_log_rank") {
        let p = log_rank(&sample(&case, "one"), &sample(&case, "other")).unwrap();
        close(p, number(&case, "p"), &case);
    }
}

#[test]
fn mann_kendall_equals_pymannkendall_also_with_ties() {
    for case in cases("mann_kendall") {
        let found = mann_kendall(&numbers(&case, "values")).unwrap();
        assert_eq!(found.s, case["s"].as_i64().unwrap(), "{case}");
        close(found.z, number(&case, "z"), &case);
        close(found.p, number(&case, "p"), &case);
        if case.get("variance").is_some() {
            close(found.variance, number(&case, "variance"), &case);
        }
    }
    assert_eq!((mann_kendall(&[]), mann_kendall(&[1.0])), (None, None));
}

#[test]
fn the_exact_probability_equals_counting_every_permutation() {
    for case in cases("exact_mann_kendall") {
        let found =
            exact_p(case["n"].as_u64().unwrap() as usize, case["s"].as_i64().unwrap()).unwrap();
        close(found, number(&case, "p"), &case);
    }
    assert_eq!(exact_p(40, 3), None, "only where it is worth its while");
}

#[test]
fn theil_sen_slopes_equal_scipy() {
    for case in cases("theil_sen") {
        let points: Vec<(f64, f64)> =
            numbers(&case, "x").into_iter().zip(numbers(&case, "y")).collect();
        let found = theil_sen(&points).unwrap();
        close(found.slope, number(&case, "slope"), &case);
        close(found.low, number(&case, "low"), &case);
        close(found.high, number(&case, "high"), &case);
    }
    assert_eq!((theil_sen(&[]), theil_sen(&[(1.0, 1.0)])), (None, None));
}

#[test]
fn kaplan_meier_equals_lifelines_with_ties_and_censoring_at_the_last_time() {
    for case in cases("kaplan_meier") {
        let observations: Vec<(i64, bool)> = numbers(&case, "times")
            .into_iter()
            .zip(numbers(&case, "closed"))
            .map(|(time, closed)| (time as i64, closed > 0.0))
            .collect();
        let found = kaplan_meier(&observations);
        for wanted in case["steps"].as_array().unwrap() {
            let step =
                found.steps.iter().find(|step| Some(step.time) == wanted["time"].as_i64()).unwrap();
            close(step.survival, number(wanted, "survival"), wanted);
            close(step.low, number(wanted, "low"), wanted);
            close(step.high, number(wanted, "high"), wanted);
        }
        let (low, high) = found.median_interval();
        assert_eq!(
            [found.quantile(0.5), low, high],
            ["median", "medianLow", "medianHigh"].map(|name| case[name].as_i64()),
            "{case}"
        );
    }
    assert_eq!((kaplan_meier(&[]).quantile(0.5), kaplan_meier(&[]).at(1)), (None, None));
}

#[test]
fn medians_and_their_intervals_equal_the_binomial_ranks() {
    for case in cases("order") {
        let values = numbers(&case, "values");
        assert_eq!(median(&values), case["median"].as_f64(), "{case}");
        assert_eq!(
            median_interval(&values),
            case["low"].as_f64().zip(case["high"].as_f64()),
            "{case}"
        );
    }
    assert_eq!((median(&[]), median_interval(&[])), (None, None));
}

#[test]
fn charts_in_both_forms_equal_the_formulas() {
    for case in cases("xmr") {
        let form = if case["form"] == "median" { XmrForm::Median } else { XmrForm::Mean };
        let found = xmr(&numbers(&case, "values"), form).unwrap();
        for (value, name) in [
            (found.center, "center"),
            (found.moving_range, "movingRange"),
            (found.upper, "upper"),
            (found.lower, "lower"),
            (found.range_limit, "rangeLimit"),
        ] {
            close(value, number(&case, name), &case);
        }
        let signals = [
            (Signal::Outside, "outside"),
            (Signal::MovingRange, "wide"),
            (Signal::Run, "runs"),
            (Signal::Trend, "trends"),
            (Signal::TwoOfThree, "pairs"),
        ];
        for (signal, name) in signals {
            let marked: Vec<usize> = (0..found.signals.len())
                .filter(|place| found.signals[*place].contains(&signal))
                .collect();
            assert_eq!(marked, places(&case, name), "{signal:?} in {case}");
        }
    }
}

#[test]
fn benjamini_hochberg_keeps_what_statsmodels_keeps() {
    for case in cases("benjamini_hochberg") {
        let kept = benjamini_hochberg(&numbers(&case, "p"), number(&case, "q"));
        let wanted: Vec<bool> =
            case["kept"].as_array().unwrap().iter().map(|kept| kept == true).collect();
        assert_eq!(kept, wanted, "{case}");
    }
}
