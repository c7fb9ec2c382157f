//! The story of the Overview: what got better, what got worse and what stands out.
//!
//! Every measure is compared over time and between regions, and every capability with the others.
//! Only what remains after correction for the number of comparisons (Benjamini and Hochberg) is
//! told, the largest effect beyond chance first.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use hotwash_metrics::{Clusters, Dimension, MetricError, MetricQuery, MetricRow, ShareDifference};
use hotwash_statistics::{benjamini_hochberg, trend};
use serde_json::Value;

use crate::context::{PageContext, extra, extra_value, key, start};
use crate::drawing::Icon;
use crate::page::{FigureCell, StoryLine, Tile, link, text_of};
use crate::parts::measures::{MEASURES, Measure, QUARTERS, points};
use crate::wording::{Better, capability, counted, inside, percent, readable, thousands};

/// Share of false discoveries accepted among what is told.
const FALSE_DISCOVERIES: f64 = 0.05;
/// Minimum number of records of a group that is compared with the others.
const FEWEST: f64 = 10.0;

/// Returns numerator and denominator of a reliable share of records.
fn counts(row: &MetricRow) -> Option<(f64, f64)> {
    row.records().filter(|_| row.is_judged())
}

/// Records behind a share.
struct Sample {
    numbers: (f64, f64),
    clusters: Option<Clusters>,
}

impl Sample {
    /// Returns the difference to another share.
    fn difference(&self, other: &Self) -> Option<ShareDifference> {
        match self.clusters.as_ref().zip(other.clusters.as_ref()) {
            Some((clusters, others)) => ShareDifference::of_clusters(clusters, others),
            None => ShareDifference::of(self.numbers, other.numbers),
        }
    }

    /// Returns the records that are not in a part of these.
    fn without(&self, part: &Self) -> Self {
        let clusters = self.clusters.as_ref().zip(part.clusters.as_ref());
        Self {
            numbers: (self.numbers.0 - part.numbers.0, self.numbers.1 - part.numbers.1),
            clusters: clusters.map(|(all, part)| all.without(part)),
        }
    }

    /// Returns the records of all samples.
    fn sum<'a>(samples: impl Iterator<Item = &'a Self>) -> Self {
        let mut all = Self { numbers: (0.0, 0.0), clusters: Some(Clusters::default()) };
        for one in samples {
            all.numbers = (all.numbers.0 + one.numbers.0, all.numbers.1 + one.numbers.1);
            match (&mut all.clusters, &one.clusters) {
                (Some(all), Some(own)) => all.merge(own),
                _ => all.clusters = None,
            }
        }
        all
    }
}

/// Returns the reliable shares that a query returns, each with the records behind it.
fn samples(
    context: &PageContext<'_>,
    id: &str,
    query: MetricQuery,
    group_by: &[Dimension],
) -> Result<Vec<(MetricRow, Sample)>, MetricError> {
    let query = MetricQuery { group_by: Some(group_by.to_vec()), ..query };
    let rows = context.rows(id, &query)?;
    let clusters = context.clusters(id, &query, &rows)?;
    let known = rows.into_iter().zip(clusters).filter_map(|(row, clusters)| {
        let numbers = counts(&row)?;
        Some((row, Sample { numbers, clusters }))
    });
    Ok(known.collect())
}

/// A comparison that may be told.
struct Comparison {
    /// True if it is an improvement, or better than the others.
    is_better: bool,
    /// Effect beyond chance.
    effect: f64,
    /// Probability of it by chance alone.
    p: f64,
    /// Region compared, if it is one.
    region: Option<String>,
    sentence: String,
    href: String,
}

/// Returns the comparisons that remain after correction for their number, largest effect first.
fn told(all: Vec<Comparison>) -> Vec<Comparison> {
    let p: Vec<f64> = all.iter().map(|one| one.p).collect();
    let significant = benjamini_hochberg(&p, FALSE_DISCOVERIES);
    let mut told: Vec<Comparison> = all
        .into_iter()
        .zip(significant)
        .filter(|(one, is_significant)| *is_significant && one.effect > 0.0)
        .map(|(one, _)| one)
        .collect();
    told.sort_by(|one, two| two.effect.total_cmp(&one.effect));
    told
}

/// Groups that a measure is compared in: the state, regions, or capabilities.
fn groupings(measure: &Measure) -> &'static [&'static [Dimension]] {
    match measure.metric {
        "capability_performance" => &[&[], &[Dimension::Region], &[Dimension::Capability]],
        _ => &[&[], &[Dimension::Region]],
    }
}

/// Name of a row's group, its page, and its region.
fn group(context: &PageContext<'_>, row: &MetricRow) -> (String, String, Option<String>) {
    let (region, code) = (key(row, Dimension::Region), key(row, Dimension::Capability));
    if !region.is_empty() {
        return (context.region(&region), format!("/regions/{region}"), Some(region));
    }
    if !code.is_empty() {
        let href = format!("/capabilities/{}", code.replace(':', "/"));
        return (capability(&code, context.names()), href, None);
    }
    ("State".to_owned(), "/regions".to_owned(), None)
}

/// Returns true if a larger value of the measure is an improvement.
fn rises_well(measure: &Measure) -> bool {
    measure.better == Better::Higher
}

fn is_unmapped(keys: &[String]) -> bool {
    keys.iter().any(|key| key == "unmapped")
}

/// Returns rows of a metric by group and key.
fn by_group(rows: Vec<MetricRow>, group_by: &[Dimension]) -> BTreeMap<Vec<String>, Vec<MetricRow>> {
    let mut groups: BTreeMap<Vec<String>, Vec<MetricRow>> = BTreeMap::new();
    for row in rows {
        let keys: Vec<String> = group_by.iter().map(|dimension| key(&row, *dimension)).collect();
        if !is_unmapped(&keys) {
            groups.entry(keys).or_default().push(row);
        }
    }
    groups
}

/// Returns the share of the last four quarters; none if one of them is suppressed.
fn of_last_year(quarters: &[MetricRow]) -> Option<f64> {
    let first = quarters.last().and_then(start)?.checked_sub_months(Months::new(9))?;
    let counts = quarters
        .iter()
        .filter(|row| start(row).is_some_and(|on| on >= first))
        .map(MetricRow::records)
        .collect::<Option<Vec<_>>>()?;
    let [part, all] =
        counts.iter().fold([0.0, 0.0], |[part, all], one| [part + one.0, all + one.1]);
    (all > 0.0).then(|| part / all)
}

/// Compares each measure over five years, by its quarterly values.
fn trends(context: &PageContext<'_>) -> Result<Vec<Comparison>, MetricError> {
    let mut found = Vec::new();
    for measure in MEASURES.iter().filter(|measure| measure.tests.trends()) {
        for group_by in groupings(measure) {
            let quarters = context.quarters(measure.metric, group_by, &[])?;
            let now = by_group(context.by(measure.metric, group_by, &[], None)?, group_by);
            for (keys, rows) in by_group(quarters, group_by) {
                let points = points(&rows);
                let tested = trend(&points, QUARTERS);
                let (Some(test), Some(slope)) = (tested.test, tested.slope) else { continue };
                if points.len() < QUARTERS {
                    continue;
                }
                let Some(row) = rows.last() else { continue };
                let (name, href, region) = group(context, row);
                let level = match context.has_default_period() {
                    true => now
                        .get(&keys)
                        .and_then(|rows| rows.first()?.value)
                        .map(|share| format!(", to {} now", percent(share))),
                    false => of_last_year(&rows)
                        .map(|share| format!(", to {} in the last four quarters", percent(share))),
                };
                let level = level.unwrap_or_default();
                found.push(Comparison {
                    is_better: (slope.slope > 0.0) == rises_well(measure),
                    effect: slope.low.max(-slope.high).max(0.0),
                    p: test.p,
                    region,
                    sentence: format!(
                        "{name}: {} {} by {:.0} points a year over five years{level}.",
                        measure.inside,
                        if slope.slope > 0.0 { "rose" } else { "fell" },
                        slope.slope.abs() * 100.0
                    ),
                    href,
                });
            }
        }
    }
    Ok(found)
}

/// Returns the query of the time before the page's period, equally long; none without a period.
fn before(context: &PageContext<'_>, id: &str) -> Option<MetricQuery> {
    let (from, to): (NaiveDate, NaiveDate) = match context.period() {
        (Some(from), Some(to)) if context.viewer.sees_all_detail() => (from, to),
        _ => return None,
    };
    let (length, end) = (to - from, from.pred_opt()?);
    Some(MetricQuery { from: Some(end - length), to: Some(end), ..context.metric_query(id) })
}

/// Compares each measure in the page's period with the time before it.
fn changes(context: &PageContext<'_>) -> Result<Vec<Comparison>, MetricError> {
    let mut found = Vec::new();
    let tested =
        MEASURES.iter().filter(|measure| measure.tests.trends() && measure.tests.differences());
    for measure in tested {
        for group_by in groupings(measure) {
            let Some(earlier) = before(context, measure.metric) else { continue };
            let keys = |row: &MetricRow| -> Vec<String> {
                group_by.iter().map(|dimension| key(row, *dimension)).collect()
            };
            let earlier = samples(context, measure.metric, earlier, group_by)?;
            let earlier: BTreeMap<Vec<String>, Sample> =
                earlier.into_iter().map(|(row, sample)| (keys(&row), sample)).collect();
            let now = context.metric_query(measure.metric);
            for (new, sample) in &samples(context, measure.metric, now, group_by)? {
                let keys = keys(new);
                let Some(old) = earlier.get(&keys).filter(|_| !is_unmapped(&keys)) else {
                    continue;
                };
                let Some(difference) = sample.difference(old) else { continue };
                let (name, href, region) = group(context, new);
                found.push(Comparison {
                    is_better: (difference.value > 0.0) == rises_well(measure),
                    effect: difference.beyond_chance(),
                    p: difference.p,
                    region,
                    sentence: format!(
                        "{name}: {} {} from {} to {} against the time before.",
                        measure.inside,
                        if difference.value > 0.0 { "rose" } else { "fell" },
                        percent(old.numbers.0 / old.numbers.1),
                        percent(sample.numbers.0 / sample.numbers.1)
                    ),
                    href,
                });
            }
        }
    }
    Ok(found)
}

/// Compares each group of a measure with the others together.
fn against_others(
    context: &PageContext<'_>,
    measure: &Measure,
    group_by: &[Dimension],
    others: &str,
) -> Result<Vec<Comparison>, MetricError> {
    let known = samples(context, measure.metric, context.metric_query(measure.metric), group_by)?;
    let total = Sample::sum(known.iter().map(|(_, one)| one));
    let compared = known.iter().filter_map(|(row, one)| {
        let rest = total.without(one);
        let has_enough = one.numbers.1 >= FEWEST && rest.numbers.1 >= FEWEST;
        let difference = has_enough.then(|| one.difference(&rest)).flatten()?;
        let (name, href, region) = group(context, row);
        Some(Comparison {
            is_better: (difference.value > 0.0) == rises_well(measure),
            effect: difference.beyond_chance(),
            p: difference.p,
            region,
            sentence: format!(
                "{name} stands apart in {}: {}, against {} in the other {others}.",
                measure.inside,
                percent(one.numbers.0 / one.numbers.1),
                percent(rest.numbers.0 / rest.numbers.1)
            ),
            href,
        })
    });
    Ok(compared.collect())
}

/// Compares how often findings of a capability came back in a region after a completed action.
fn relapses(context: &PageContext<'_>) -> Result<Vec<Comparison>, MetricError> {
    let group_by = [Dimension::Capability, Dimension::Region];
    let query = context.five_years("repeat_findings", &group_by);
    let rows = context.rows("repeat_findings", &query)?;
    let known: Vec<(&MetricRow, (f64, f64))> = rows
        .iter()
        .filter(|row| row.is_judged())
        .filter_map(|row| Some((row, (extra(row, "relapse")?, row.n as f64))))
        .collect();
    let total = known.iter().fold((0.0, 0.0), |sum, (_, one)| (sum.0 + one.0, sum.1 + one.1));
    let compared = known.iter().filter_map(|(row, one)| {
        let rest = (total.0 - one.0, total.1 - one.1);
        let difference =
            ShareDifference::of(*one, rest).filter(|_| one.1 >= FEWEST && rest.1 >= FEWEST)?;
        let (code, region) = (key(row, Dimension::Capability), key(row, Dimension::Region));
        Some(Comparison {
            is_better: difference.value < 0.0,
            effect: difference.beyond_chance(),
            p: difference.p,
            sentence: format!(
                "{} in {}: {} of {} findings came back after a completed action, against {} \
                 elsewhere.",
                capability(&code, context.names()),
                context.region(&region),
                thousands(one.0),
                thousands(one.1),
                percent(rest.0 / rest.1)
            ),
            href: format!("/capabilities/{}?region={region}", code.replace(':', "/")),
            region: Some(region),
        })
    });
    Ok(compared.collect())
}

/// Names the region whose highest risk was never exercised, or not for the longest time.
fn hazard(context: &PageContext<'_>) -> Result<Option<FigureCell>, MetricError> {
    let rows = context.by("hazard_coverage", &[Dimension::Region], &[], None)?;
    let tops = rows.iter().filter_map(|row| {
        let hazards = extra_value(row, "hazards")?.as_array()?;
        let top = hazards.iter().find(|hazard| hazard["rank"] == 1)?;
        (top["covered"] != true).then(|| (key(row, Dimension::Region), top.clone()))
    });
    let risk = |top: &Value| top["risk"].as_f64().unwrap_or_default();
    let highest = tops.max_by(|one, two| risk(&one.1).total_cmp(&risk(&two.1)));
    Ok(highest.map(|(region, top)| {
        let name = inside(&context.hazard(top["hazard"].as_str().unwrap_or_default()));
        let region_name = context.region(&region);
        let sentence = match top["monthsSinceExercise"].as_i64() {
            None => format!("{region_name} has never exercised its top risk, {name}."),
            Some(months) => {
                let ago = counted(months as f64, "month", "months");
                format!("{region_name} last exercised its top risk, {name}, {ago} ago.")
            }
        };
        link(sentence, format!("/regions/{region}"))
    }))
}

/// Names the activation farthest outside its region's control limits, beyond chance for the number
/// of activations.
fn activation(context: &PageContext<'_>) -> Result<Option<FigureCell>, MetricError> {
    let rows = context.by("response_control", &[Dimension::Region], &[], None)?;
    let mut events = 0;
    let mut farthest: Option<(f64, FigureCell)> = None;
    for row in &rows {
        let list = extra_value(row, "points").and_then(Value::as_array);
        events += row.n;
        let Some((mean, upper)) = row.value.zip(extra(row, "upper")) else { continue };
        for point in list.into_iter().flatten() {
            let minutes = point["value"].as_f64().unwrap_or_default();
            // The limits are three standard deviations from the mean.
            let deviations = 3.0 * (minutes - mean) / (upper - mean).max(f64::MIN_POSITIVE);
            if farthest.as_ref().is_none_or(|(known, _)| deviations > *known) {
                let on = text_of(point.get("at")).chars().take(10).collect();
                let sentence = format!(
                    "{}: one activation took {} minutes on {}, against {} on average.",
                    context.region(&key(row, Dimension::Region)),
                    thousands(minutes),
                    readable(on),
                    thousands(mean)
                );
                let event = point["event"].as_i64().map(|id| format!("/events/{id}"));
                farthest = Some((deviations, link(sentence, event.unwrap_or_default())));
            }
        }
    }
    // The tail of the normal distribution is below exp(−z² / 2) / 2.
    let p = |deviations: f64| events as f64 * (-deviations * deviations / 2.0).exp() / 2.0;
    Ok(farthest
        .filter(|(deviations, _)| *deviations > 0.0 && p(*deviations) < FALSE_DISCOVERIES)
        .map(|(_, cell)| cell))
}

/// States how much of the overdue actions a region holds, if it is more than twice its part.
fn overdue(context: &PageContext<'_>, region: &str) -> Result<String, MetricError> {
    let rows = context.by("action_overdue", &[Dimension::Region], &[], None)?;
    let known: Vec<&MetricRow> = rows.iter().filter(|row| row.value.is_some()).collect();
    let late = |row: &&MetricRow| row.value.unwrap_or_default();
    let total: f64 = known.iter().map(late).sum();
    let own = known.iter().find(|row| key(row, Dimension::Region) == region).map_or(0.0, late);
    let whose = if known.len() < rows.len() { " of the regions shown" } else { "" };
    Ok(if own > 0.0 && own * known.len() as f64 > 2.0 * total {
        format!(" It holds {} of {} overdue actions{whose}.", thousands(own), thousands(total))
    } else {
        String::new()
    })
}

/// Returns what the headline measures show: those that got better, or those that got worse.
fn headlines(tiles: &[Tile], is_better: bool) -> Vec<FigureCell> {
    let moved = tiles.iter().filter(|tile| match tile.icon {
        Some(Icon::Better(_)) => is_better,
        Some(Icon::Worse(_)) => !is_better,
        _ => false,
    });
    let sentences = moved.filter_map(|tile| {
        let movement = tile.movement.as_ref()?;
        Some(link(format!("{}: {movement}.", tile.label), tile.href.as_str()))
    });
    sentences.collect()
}

/// Returns the lines of the story. Where no comparison shows a change, the headline measures do,
/// which include states such as the overdue actions.
pub fn story(context: &PageContext<'_>, tiles: &[Tile]) -> Result<Vec<StoryLine>, MetricError> {
    let mut over_time = trends(context)?;
    over_time.extend(changes(context)?);
    let count = over_time.len();
    let over_time = told(over_time);
    let moved = |is_better: bool, nothing: &str| {
        if let Some(one) = over_time.iter().find(|one| one.is_better == is_better) {
            return vec![link(one.sentence.as_str(), one.href.as_str())];
        }
        let mut sentences = headlines(tiles, is_better);
        if sentences.is_empty() {
            let compared = thousands(count as f64);
            let none = format!("{nothing}: none of {compared} comparisons over time shows it.");
            sentences.push(none.into());
        }
        sentences
    };
    let better = moved(true, "Nothing got clearly better");
    let worse = moved(false, "Nothing got clearly worse");

    let (mut regions, mut capabilities) = (Vec::new(), Vec::new());
    for measure in MEASURES.iter().filter(|measure| measure.tests.differences()) {
        regions.extend(against_others(context, measure, &[Dimension::Region], "regions")?);
    }
    if let Some(ratings) = MEASURES.first() {
        let by = [Dimension::Capability];
        capabilities.extend(against_others(context, ratings, &by, "capabilities")?);
    }
    capabilities.extend(relapses(context)?);
    let mut stands_out: Vec<FigureCell> = Vec::new();
    if let Some(first) = told(regions).into_iter().next() {
        let overdue = match first.region.as_deref().filter(|_| !first.is_better) {
            Some(region) => overdue(context, region)?,
            None => String::new(),
        };
        stands_out.push(link(format!("{}{overdue}", first.sentence), first.href));
    }
    let weakness = told(capabilities).into_iter().find(|one| !one.is_better);
    stands_out.extend(weakness.map(|one| link(one.sentence, one.href)));
    stands_out.extend(hazard(context)?);
    stands_out.extend(activation(context)?);
    if stands_out.is_empty() {
        stands_out.push("No region, capability or hazard stands apart by more than chance.".into());
    }
    let line = |heading: &str, icon: Icon, sentences: Vec<FigureCell>| {
        // Only what is told has a page to go to.
        let icon =
            if sentences.iter().all(|one| one.href.is_empty()) { Icon::Steady } else { icon };
        StoryLine { heading: heading.to_owned(), icon, sentences }
    };
    Ok(vec![
        line("Better", Icon::Better(true), better),
        line("Worse", Icon::Worse(false), worse),
        line("Stands out", Icon::Signal, stands_out),
    ])
}
