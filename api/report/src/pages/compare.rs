//! `/compare`: two periods or two regions next to each other.

use chrono::{Months, NaiveDate};
use hotwash_metrics::{
    Behind, Change, Dimension, MetricError, MetricRow, Reliability, Unit, between,
};
use hotwash_schema::vocabulary::ChangeVerdict;
use hotwash_statistics::benjamini_hochberg;

use crate::context::PageContext;
use crate::days::days_within;
use crate::definition::ReportPage;
use crate::drawing::{Dot, Dots, Drawing, Icon, Tone};
use crate::page::{Figure, Page, Section, link};
use crate::parameters::{Days, PageChoice, With, presets};
use crate::parts::measures::{MEASURES, Measure};
use crate::wording::{change, day, measured, value};

/// Definition of the page.
pub static PAGE: ReportPage =
    ReportPage { below: Some("/regions"), ..ReportPage::one("/compare", page) };

/// Share of false differences accepted among those that are named together.
const FALSE_DISCOVERIES: f64 = 0.05;

/// One of the two sides.
struct Side {
    /// Code of its region; none for all.
    region: Option<String>,
    period: Days,
}

/// A measure on both sides.
struct Compared {
    measure: &'static Measure,
    rows: [MetricRow; 2],
    change: Change,
}

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let sides = sides(context);
    let names = names(context, &sides);
    let mut compared = Vec::new();
    for measure in &MEASURES {
        compared.extend(compare(context, measure, &sides)?);
    }
    // Only differences that remain after correction for their number are named.
    let p: Vec<f64> = compared.iter().map(|one| one.change.p.unwrap_or(1.0)).collect();
    for (one, is_one) in compared.iter_mut().zip(benjamini_hochberg(&p, FALSE_DISCOVERIES)) {
        if one.change.verdict == ChangeVerdict::Changed && !is_one {
            one.change.verdict = ChangeVerdict::NoDetectableChange;
        }
    }
    let mut lead = format!("{} compared with {}.", names[0], names[1]);
    if as_of_other(context, &sides) < context.as_of() {
        lead.push_str(
            " Both periods are judged equally long after their end, so that actions had equal time.",
        );
    }
    let sections = vec![
        Section::Choices(choices(context)),
        Section::Lead(lead),
        figure(&compared, &names).into(),
    ];
    Ok(Page {
        title: "Compare".into(),
        question: "Do two periods or two regions differ by more than chance?".into(),
        sections,
        by_region: true,
        by_framework: true,
        ..Page::default()
    })
}

/// Returns the two sides: the page's region and period, and those to compare with.
fn sides(context: &PageContext<'_>) -> [Side; 2] {
    let parameters = &context.parameters;
    let period = context.period();
    let region = match parameters.choice("with_region") {
        "" => parameters.region.clone(),
        "all" => None,
        code => Some(code.to_owned()),
    };
    let is_other_region = region != parameters.region;
    let with = match parameters.with {
        // Two regions are compared in one period.
        None if is_other_region => With::SamePeriod,
        with => with.unwrap_or(With::PeriodBefore),
    };
    let other = match (with, period) {
        (With::Days(from, to), _) => (Some(from), Some(to)),
        (With::PeriodBefore, (Some(from), Some(to))) => before(from, to),
        (With::YearBefore, (from, to)) => {
            let year = |day: NaiveDate| day.checked_sub_months(Months::new(12));
            (from.and_then(year), to.and_then(year))
        }
        (With::SamePeriod | With::PeriodBefore, period) => period,
    };
    [Side { region: parameters.region.clone(), period }, Side { region, period: other }]
}

/// Returns the period of the same length before. Twelve months before are twelve months.
fn before(from: NaiveDate, to: NaiveDate) -> Days {
    let (end, next) = (from.pred_opt(), to.succ_opt());
    let is_length = |months: &Months| next.is_some() && from.checked_add_months(*months) == next;
    let start = match (1..=120).map(Months::new).find(is_length) {
        Some(months) => from.checked_sub_months(months),
        None => end.map(|end| end - (to - from)),
    };
    (start, end)
}

/// Returns the as-of day of the second side: as long after its period as the page's as-of day is
/// after the first. Otherwise the actions of an earlier period had more time to be closed. Releases
/// have a day of their own.
fn as_of_other(context: &PageContext<'_>, sides: &[Side; 2]) -> NaiveDate {
    let as_of = context.as_of();
    match (sides[0].period.1, sides[1].period.1) {
        (Some(first), Some(other)) if other < first && context.viewer.sees_all_detail() => {
            as_of - (first - other)
        }
        _ => as_of,
    }
}

/// Names both sides by what differs: region, period, or both.
fn names(context: &PageContext<'_>, sides: &[Side; 2]) -> [String; 2] {
    let is_one_region = sides[0].region == sides[1].region;
    let is_one_period = sides[0].period == sides[1].period;
    [&sides[0], &sides[1]].map(|side| {
        let region = side.region.as_deref();
        let region = region.map_or_else(|| "All regions".to_owned(), |code| context.region(code));
        let period = match side.period {
            (Some(from), Some(to)) => format!("{} to {}", day(from), day(to)),
            (Some(from), None) => format!("from {}", day(from)),
            (None, Some(to)) => format!("up to {}", day(to)),
            (None, None) => "all records".to_owned(),
        };
        match (is_one_region, is_one_period) {
            (true, false) => period,
            (false, true) => region,
            _ => format!("{region}, {period}"),
        }
    })
}

fn compare(
    context: &PageContext<'_>,
    measure: &'static Measure,
    sides: &[Side; 2],
) -> Result<Option<Compared>, MetricError> {
    let (mut rows, mut clusters) = (Vec::new(), Vec::new());
    for (side, as_of) in sides.iter().zip([context.as_of(), as_of_other(context, sides)]) {
        let mut query = context.metric_query(measure.metric);
        query.as_of = as_of;
        query.group_by = Some(Vec::new());
        (query.from, query.to) = days_within(measure.metric, side.period, as_of);
        query.filter.remove(&Dimension::Region);
        if let Some(region) = &side.region {
            query.filter.insert(Dimension::Region, vec![region.clone()]);
        }
        let found = context.rows(measure.metric, &query)?;
        clusters
            .push(context.clusters(measure.metric, &query, &found)?.into_iter().next().flatten());
        rows.extend(found.into_iter().next());
    }
    let Ok([first, second]) = <[MetricRow; 2]>::try_from(rows) else { return Ok(None) };
    let as_of = context.as_of();
    let window = |side: &Side| (side.period.0.unwrap_or(as_of), side.period.1.unwrap_or(as_of));
    let behind = match clusters.as_slice() {
        _ if !measure.tests.differences() => Behind::States,
        [Some(first), Some(second)] => Behind::Clusters(first, second),
        _ => Behind::Days(window(&sides[0]), window(&sides[1])),
    };
    let change = between(Some(&second), &first, behind);
    Ok(Some(Compared { measure, rows: [first, second], change }))
}

fn figure(compared: &[Compared], names: &[String; 2]) -> Figure {
    let lines = compared.iter().filter(|one| one.rows[0].unit == Unit::Share).map(|one| {
        let tone = match change(&one.change, one.measure.better).0 {
            Icon::Better(_) => Tone::Better,
            Icon::Worse(_) => Tone::Worse,
            _ => Tone::Plain,
        };
        let [first, second] = &one.rows;
        Dot {
            label: one.measure.label.into(),
            value: first.value,
            interval: first.ci_low.zip(first.ci_high),
            comparison: second.value,
            text: value(first.value, first.unit),
            hollow: first.reliability != Reliability::Ok,
            tone,
            ..Dot::default()
        }
    });
    let differ = compared.iter().filter(|one| one.change.verdict == ChangeVerdict::Changed).count();
    let reading = match differ {
        0 => "No measure differs by more than chance.".to_owned(),
        1 => "One measure differs by more than chance.".to_owned(),
        count => format!("{count} measures differ by more than chance."),
    };
    Figure {
        title: "Side by side".into(),
        reading: format!("{reading} Each dot, with its 95% range, shows {}.", names[0]),
        drawing: Drawing::Dots(Dots {
            compared_with: names[1].clone(),
            ..Dots::new(lines.collect(), Unit::Share)
        }),
        headings: ["Measure", &names[0], &names[1], "Difference (95% interval)"]
            .map(str::to_owned)
            .to_vec(),
        rows: compared
            .iter()
            .map(|one| {
                let [first, second] = [0, 1].map(|at| measured(&one.rows[at], one.measure.what));
                vec![
                    link(one.measure.label, format!("/metrics/{}", one.measure.metric)),
                    first.into(),
                    second.into(),
                    change(&one.change, one.measure.better).1.into(),
                ]
            })
            .collect(),
        ..Figure::default()
    }
}

fn choices(context: &PageContext<'_>) -> Vec<PageChoice> {
    let parameters = &context.parameters;
    let option = |value: &str, text: &str| (value.to_owned(), text.to_owned());
    let regions = context.regions().into_iter().map(|(code, name)| {
        let text = format!("{name} ({code})");
        (code, text)
    });
    let mut periods = vec![
        option("", "Suggested period"),
        option("before", "Period before"),
        option("year", "Same period a year before"),
        option("same", "Same period"),
    ];
    let days = presets(context.as_of()).into_iter().filter_map(|(name, (from, to))| {
        let (from, to) = from.zip(to)?;
        Some((With::Days(from, to).to_string(), name))
    });
    periods.extend(days);
    let chosen = parameters.with.map(|with| with.to_string()).unwrap_or_default();
    if !periods.iter().any(|(value, _)| *value == chosen) {
        periods.push((chosen.clone(), chosen.replace("..", " to ")));
    }
    vec![
        PageChoice { name: "with".into(), label: "Compare with".into(), options: periods, chosen },
        PageChoice {
            name: "with_region".into(),
            label: "Region to compare with".into(),
            options: [option("", "Same region"), option("all", "All regions")]
                .into_iter()
                .chain(regions)
                .collect(),
            chosen: parameters.choice("with_region").to_owned(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn the_period_before_has_as_many_months_or_days() {
        for (from, to, expected) in [
            ("2025-11-01", "2026-10-31", ("2024-11-01", "2025-10-31")),
            ("2024-03-01", "2024-03-31", ("2024-02-01", "2024-02-29")),
            ("2026-01-10", "2026-01-19", ("2025-12-31", "2026-01-09")),
        ] {
            let expected = (expected.0.parse().ok(), expected.1.parse().ok());
            assert_eq!(before(from.parse().unwrap(), to.parse().unwrap()), expected, "{from}");
        }
    }
}
