//! Marks on time lines: activations from partial level upward, declarations, full-scale exercises,
//! and notes. They are read through the API, so that its access rule decides who sees them.

use chrono::{Months, NaiveDate};
use serde_json::Value;

use crate::answer::nodes;
use crate::context::PageContext;
use crate::drawing::DrawnMark;
use crate::page::{FigureCell, FigureList, link, text_of};
use crate::parts::record_links::event_href;
use crate::query::{PageQuery, graphql_string};
use crate::wording::day;

/// Maximum number of marks of a figure.
const MOST: usize = 5;
/// Maximum number of events and of notes that are read.
const READ: usize = 300;
/// Activation level from which an event is a mark: partial.
const PARTIAL: i64 = 2;

/// What a mark shows. The first are chosen first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Note,
    FullActivation,
    Declaration,
    PartialActivation,
    FullScaleExercise,
}

/// An event or a note that a time line shows.
#[derive(Clone, Debug, PartialEq)]
struct Mark {
    day: NaiveDate,
    end: Option<NaiveDate>,
    /// Codes of its regions; empty for the entire state.
    regions: Vec<String>,
    /// Metric whose figures show it; empty for all.
    metric: String,
    kind: Kind,
    words: String,
    href: String,
}

/// Returns the query for the marks of the last six years.
pub fn query(context: &PageContext<'_>) -> PageQuery {
    let as_of = context.as_of();
    let first = as_of.checked_sub_months(Months::new(72)).unwrap_or(as_of);
    let region = context.parameters.region.as_ref();
    let region = region
        .map_or_else(String::new, |code| format!(", regionCode: {{eq: {}}}", graphql_string(code)));
    let days = format!("{{gte: \"{first}\", lte: \"{as_of}\"}}");
    PageQuery {
        name: "marks",
        query: format!(
            "{{ events(first: {READ}, orderBy: [{{startAt: DESC}}], filter: {{ status: {{eq: \
             HELD}}, localDate: {days}{region}, or: [{{exercise: {{type: {{eq: \"FSE\"}}}}}}, \
             {{incident: {{activationOrdinal: {{gte: {PARTIAL}}}}}}}, {{incident: \
             {{declarationNumber: {{isNull: false}}}}}}] }}) {{ nodes {{ id name localDate \
             statewide regions {{ nodes {{ code }} }} incident {{ activationOrdinal \
             declarationNumber }} }} }} notes(first: {READ}, orderBy: [{{day: DESC}}], filter: {{ \
             day: {days} }}) {{ nodes {{ id day endDay metric text region {{ code }} }} }} }}"
        ),
    }
}

/// Reads the marks from the answer of the API.
fn read(answer: &Value) -> Vec<Mark> {
    let events = nodes(answer, "events").iter().filter_map(event);
    events.chain(nodes(answer, "notes").iter().filter_map(note)).collect()
}

fn date(value: &Value) -> Option<NaiveDate> {
    value.as_str()?.parse().ok()
}

fn event(event: &Value) -> Option<Mark> {
    let on = date(&event["localDate"])?;
    let level = event["incident"]["activationOrdinal"].as_i64().unwrap_or_default();
    let declaration = text_of(event["incident"].get("declarationNumber"));
    let (kind, what) = match level {
        _ if !event["incident"].is_object() => {
            (Kind::FullScaleExercise, "full-scale exercise".to_owned())
        }
        PARTIAL if declaration.is_empty() => {
            (Kind::PartialActivation, "partial activation".to_owned())
        }
        ..=PARTIAL => (Kind::Declaration, format!("declaration {declaration}")),
        _ if declaration.is_empty() => (Kind::FullActivation, "full activation".to_owned()),
        _ => (Kind::FullActivation, format!("full activation, declaration {declaration}")),
    };
    let codes = nodes(event, "regions").iter();
    let regions = if event["statewide"] == true {
        Vec::new()
    } else {
        codes.map(|region| text_of(region.get("code"))).collect()
    };
    Some(Mark {
        day: on,
        end: None,
        regions,
        metric: String::new(),
        kind,
        words: format!("{}: {} ({what})", day(on), text_of(event.get("name"))),
        href: event_href(event),
    })
}

fn note(note: &Value) -> Option<Mark> {
    let (on, end) = (date(&note["day"])?, date(&note["endDay"]));
    let until = end.map_or_else(String::new, |end| format!(" to {}", day(end)));
    Some(Mark {
        day: on,
        end,
        regions: note["region"]["code"].as_str().map(str::to_owned).into_iter().collect(),
        metric: text_of(note.get("metric")),
        kind: Kind::Note,
        words: format!("{}{until}: {} (note)", day(on), text_of(note.get("text"))),
        href: format!("/record/{}", text_of(note.get("id"))),
    })
}

/// A figure that shows marks.
pub struct TimeLine<'a> {
    /// Id of its metric.
    pub metric: &'a str,
    /// Code of its region; none for the state.
    pub region: Option<&'a str>,
    /// True if its limits can be computed anew from a mark on.
    pub can_rebase: bool,
}

impl TimeLine<'_> {
    /// Returns the marks to draw, in order of their days, and their list. `slot` places a day in
    /// the chart, if the chart shows it.
    pub fn marks(
        &self,
        context: &PageContext<'_>,
        slot: impl Fn(NaiveDate) -> Option<f64>,
    ) -> (Vec<DrawnMark>, Option<FigureList>) {
        match context.answer("marks") {
            Some(Ok(answer)) => self.choose(read(answer), slot),
            _ => (Vec::new(), None),
        }
    }

    fn choose(
        &self,
        marks: Vec<Mark>,
        slot: impl Fn(NaiveDate) -> Option<f64>,
    ) -> (Vec<DrawnMark>, Option<FigureList>) {
        let mut marks: Vec<(f64, Mark)> = marks
            .into_iter()
            .filter(|mark| mark.metric.is_empty() || mark.metric == self.metric)
            .filter(|mark| {
                let is_own = |region| mark.regions.iter().any(|code| code == region);
                mark.regions.is_empty() || self.region.is_none_or(is_own)
            })
            .filter_map(|mark| Some((slot(mark.day)?, mark)))
            .collect();
        if marks.is_empty() {
            return (Vec::new(), None);
        }
        marks.sort_by_key(|(_, mark)| (mark.kind, std::cmp::Reverse(mark.day)));
        let total = marks.len();
        marks.truncate(MOST);
        marks.sort_by_key(|(_, mark)| mark.day);
        let title = if marks.len() < total {
            format!(
                "{} of {total} marks: notes first, then activations, declarations and full-scale \
                 exercises, the latest first.",
                marks.len()
            )
        } else {
            "Marks of the chart:".to_owned()
        };
        let items = marks.iter().map(|(_, mark)| {
            let rebase = format!("/response?rebase={}", mark.day);
            let rebase = self.can_rebase.then(|| link("New limits from here", rebase));
            std::iter::once(link(mark.words.as_str(), mark.href.as_str())).chain(rebase).collect()
        });
        let list =
            FigureList { title, numbered: true, items: items.collect::<Vec<Vec<FigureCell>>>() };
        let drawn = marks.into_iter().map(|(at, mark)| DrawnMark {
            slot: at,
            until: mark.end.and_then(&slot).filter(|end| *end > at),
            words: mark.words,
        });
        (drawn.collect(), Some(list))
    }
}

/// Returns the slot of a day among periods that begin on these days, if it lies in one. All periods
/// have the length of a quarter.
pub fn slot_of_quarter(starts: &[NaiveDate], day: NaiveDate) -> Option<f64> {
    let at = starts.partition_point(|start| *start <= day).checked_sub(1)?;
    let next = starts[at].checked_add_months(Months::new(3))?;
    let part = (day - starts[at]).num_days() as f64 / (next - starts[at]).num_days() as f64;
    (part < 1.0).then_some(at as f64 + part)
}

/// Returns the slot of a day among points of these days, if it does not lie before the first.
pub fn slot_of_point(days: &[NaiveDate], day: NaiveDate) -> Option<f64> {
    let before = days.partition_point(|point| *point < day);
    (before > 0).then_some(before as f64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_line_shows_five_marks_of_its_region_and_lists_them() {
        let incident = |name: &str, day: &str, level: i64, declaration: Option<&str>| {
            json!({"id": "", "name": name, "localDate": day, "statewide": false,
                "regions": {"nodes": [{"code": "3"}]},
                "incident": {"activationOrdinal": level, "declarationNumber": declaration}})
        };
        let mut elsewhere = incident("Flood", "2026-05-05", 3, None);
        elsewhere["regions"] = json!({"nodes": [{"code": "1"}]});
        let mut exercise = incident("Surge", "2026-05-01", 0, None);
        exercise["incident"] = Value::Null;
        let note = |metric: Option<&str>, text: &str, end: Option<&str>| {
            json!({"id": "x", "day": "2026-04-02", "endDay": end, "metric": metric, "text": text,
                "region": null})
        };
        let marks = read(&json!({
            "events": {"nodes": [
                incident("Storm", "2026-04-20", 2, None),
                incident("Ice", "2026-06-01", 3, Some("DR-1")),
                incident("Heat", "2026-06-02", 0, Some("EM-2")),
                incident("Old", "2019-06-02", 3, None),
                elsewhere, exercise,
            ]},
            "notes": {"nodes": [
                note(None, "New rota", Some("2026-04-30")),
                note(Some("action_backlog"), "Not here", None),
                note(Some("response_control"), "New radio", None),
            ]},
        }));
        let starts: Vec<NaiveDate> = vec!["2026-04-01".parse().unwrap()];
        let line = TimeLine { metric: "response_control", region: Some("3"), can_rebase: true };
        let (drawn, list) = line.choose(marks, |day| slot_of_quarter(&starts, day));
        let list = list.unwrap();
        assert!(list.title.starts_with("5 of 6 marks"), "{}", list.title);
        let words: Vec<&str> = drawn.iter().map(|mark| mark.words.as_str()).collect();
        assert_eq!(
            words,
            [
                "Apr 2, 2026 to Apr 30, 2026: New rota (note)",
                "Apr 2, 2026: New radio (note)",
                "Apr 20, 2026: Storm (partial activation)",
                "Jun 1, 2026: Ice (full activation, declaration DR-1)",
                "Jun 2, 2026: Heat (declaration EM-2)",
            ]
        );
        assert!(drawn[0].until.is_some() && drawn[1].until.is_none());
        assert_eq!(list.items[1][1].href, "/response?rebase=2026-04-02");
        assert!((drawn[4].slot - 62.0 / 91.0).abs() < 1e-9, "{}", drawn[4].slot);
    }

    #[test]
    fn a_mark_lies_between_the_points_of_its_days() {
        let days: Vec<NaiveDate> =
            ["2026-01-01", "2026-02-01"].map(|day| day.parse().unwrap()).to_vec();
        for (day, slot) in [
            ("2025-12-31", None),
            ("2026-01-01", None),
            ("2026-01-15", Some(1.0)),
            ("2026-03-01", Some(2.0)),
        ] {
            assert_eq!(slot_of_point(&days, day.parse().unwrap()), slot, "{day}");
        }
    }
}
