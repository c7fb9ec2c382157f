//! `/trackers`: who was asked about open actions, who answered, who is late?

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use hotwash_metrics::{Dimension, MetricError, MetricQuery};
use serde_json::Value;

use crate::answer::{nodes, total_count};
use crate::context::{PageContext, key};
use crate::definition::ReportPage;
use crate::page::{Figure, FigureCell, Page, PagePeriod, Section, link, text_of};
use crate::query::{PageQuery, graphql_string};
use crate::wording::{counted, day, measured, thousands};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Trackers"),
    copied: true,
    needs_records: true,
    queries: |context, _| Ok(vec![query(context)]),
    ..ReportPage::one("/trackers", page)
};

/// Requests read, the newest first; those of a tracker follow each other.
const MOST: usize = 1000;
/// Rows of a table on the page.
const ROWS: usize = 40;
/// Statuses of open actions.
const OPEN: [&str; 4] = ["PROPOSED", "OPEN", "IN_PROGRESS", "DEFERRED"];

/// Returns the day by which lateness is judged: the chosen one, or today. A tracker may be sent
/// after the last day that the records reach.
fn judged_on(context: &PageContext<'_>) -> NaiveDate {
    context.parameters.as_of.unwrap_or_else(|| MetricQuery::default().as_of)
}

fn query(context: &PageContext<'_>) -> PageQuery {
    let today = judged_on(context);
    let last = context.parameters.to.map_or(today, |to| to.min(today));
    let mut filters = vec![format!("askedOn: {{lte: \"{last}\"}}")];
    if let Some(from) = context.parameters.from {
        filters.push(format!("askedOn: {{gte: \"{from}\"}}"));
    }
    if let Some(region) = &context.parameters.region {
        filters.push(format!("regionCode: {{eq: {}}}", graphql_string(region)));
    }
    let filter = filters.join(", ");
    let known = format!("answeredOn: {{lte: \"{today}\"}}");
    PageQuery {
        name: "trackers",
        query: format!(
            "{{ trackerRequests(first: {MOST}, orderBy: [{{askedOn: DESC}}, {{tracker: ASC}}], \
             filter: {{{filter}}}) {{ totalCount nodes {{ tracker askedOn dueOn answeredOn region \
             {{ code }} organization {{ name }} correctiveAction {{ id text status \
             trackerRequests(first: 1, orderBy: [{{answeredOn: DESC}}], filter: {{{known}}}) {{ \
             nodes {{ answeredOn }} }} }} }} }} answered: trackerRequests(first: 1, filter: \
             {{{filter}, {known}}}) {{ totalCount }} }}",
        ),
    }
}

/// Requests of one tracker to one owner in one region.
#[derive(Default)]
struct Asked {
    tracker: String,
    owner: String,
    region: String,
    asked_on: String,
    due_on: String,
    requests: usize,
    answered: usize,
    in_time: usize,
    first_answer: String,
    /// Ids and texts of open actions without an answer.
    unanswered: Vec<(String, String)>,
}

impl Asked {
    /// Returns whether the due day has passed and an open action has no answer.
    fn is_late(&self, today: &str) -> bool {
        !self.unanswered.is_empty() && self.due_on.as_str() < today
    }

    fn state(&self, today: &str) -> &'static str {
        match self {
            _ if self.is_late(today) => "Late",
            _ if self.unanswered.is_empty() && self.in_time == self.requests => "Answered in time",
            _ if self.unanswered.is_empty() => "Answered, or closed since",
            _ => "Awaited",
        }
    }
}

/// Returns the requests of complete trackers: a list that is cut ends within one. A tracker that
/// is longer than the list remains.
fn of_complete_trackers(nodes: &[Value], total: usize) -> &[Value] {
    let tracker = |node: &Value| text_of(node.pointer("/tracker"));
    let Some(last) = nodes.last().filter(|_| nodes.len() < total).map(tracker) else {
        return nodes;
    };
    match nodes.iter().rposition(|node| tracker(node) != last) {
        Some(end) => &nodes[..=end],
        None => nodes,
    }
}

/// Groups the requests of the answer, the newest tracker first. An answer to a later tracker also
/// answers earlier ones about the same action.
fn groups(nodes: &[Value], today: &str) -> Vec<Asked> {
    let mut groups: BTreeMap<(String, String, String), Asked> = BTreeMap::new();
    for node in nodes {
        let of = |path: &str| text_of(node.pointer(path));
        let (owner, region) = (of("/organization/name"), of("/region/code"));
        let tracker = of("/tracker");
        let key = (tracker.clone(), owner.clone(), region.clone());
        let asked = groups.entry(key).or_default();
        (asked.tracker, asked.owner, asked.region) = (tracker, owner, region);
        (asked.asked_on, asked.due_on) = (of("/askedOn"), of("/dueOn"));
        asked.requests += 1;
        // A later answer is not known on the day that is judged.
        let answered = Some(of("/answeredOn")).filter(|on| !on.is_empty() && on.as_str() <= today);
        match answered {
            Some(on) => {
                asked.answered += 1;
                asked.in_time += usize::from(on <= asked.due_on);
                if asked.first_answer.is_empty() || on < asked.first_answer {
                    asked.first_answer = on;
                }
            }
            None if of("/correctiveAction/trackerRequests/nodes/0/answeredOn")
                >= asked.asked_on => {}
            None if OPEN.contains(&of("/correctiveAction/status").as_str()) => {
                asked.unanswered.push((of("/correctiveAction/id"), of("/correctiveAction/text")));
            }
            None => {}
        }
    }
    let mut groups: Vec<Asked> = groups.into_values().collect();
    groups.sort_by(|one, two| {
        two.asked_on.cmp(&one.asked_on).then_with(|| one.owner.cmp(&two.owner))
    });
    groups
}

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let mut sections = Vec::new();
    match context.answer("trackers") {
        Some(Ok(answer)) => sections.extend(records(context, answer)),
        Some(Err(reason)) => sections.push(Section::Text(reason.clone())),
        None => sections.push(Section::Lead("The list of owners needs the server.".into())),
    }
    sections.push(by_region(context)?.into());
    sections.push(Section::Code(
        "Ask the owners of open actions".into(),
        "hotwash tracker --by owner --out FOLDER".into(),
    ));
    Ok(Page {
        title: "Trackers".into(),
        question: "Who was asked, who answered, and who is late?".into(),
        sections,
        by_region: true,
        period: PagePeriod::Own {
            shown: (context.parameters.from, context.parameters.to),
            default: ("All trackers".into(), (None, None)),
        },
        ..Page::default()
    })
}

fn records(context: &PageContext<'_>, answer: &Value) -> Vec<Section> {
    let today = judged_on(context).to_string();
    let total = total_count(answer, "trackerRequests");
    let nodes = of_complete_trackers(nodes(answer, "trackerRequests"), total);
    let groups = groups(nodes, &today);
    let late: Vec<&Asked> = groups.iter().filter(|asked| asked.is_late(&today)).collect();
    let answered = total_count(answer, "answered");
    let lead = if groups.is_empty() {
        "No tracker was sent about actions that you may see.".to_owned()
    } else {
        let times = |count: f64| counted(count, "time", "times");
        format!(
            "Owners were asked about an action {} and answered {}. {}",
            times(total as f64),
            times(answered as f64),
            lateness(&groups, &late, nodes.len() < total)
        )
    };
    let mut sections = vec![Section::Lead(lead)];
    if !groups.is_empty() {
        sections.push(late_figure(context, &late, &today).into());
        sections.push(sent_figure(context, &groups, &today).into());
    }
    sections
}

/// States how many trackers are late.
fn lateness(groups: &[Asked], late: &[&Asked], is_cut: bool) -> String {
    let sent: BTreeSet<&str> = groups.iter().map(|asked| asked.tracker.as_str()).collect();
    let late: BTreeSet<&str> = late.iter().map(|asked| asked.tracker.as_str()).collect();
    let counted = |count: usize| counted(count as f64, "tracker", "trackers");
    let verb = if late.len() == 1 { "is" } else { "are" };
    match (late.len(), is_cut) {
        (0, false) => "No tracker is late.".to_owned(),
        (count, false) => format!("{} {verb} late.", counted(count)),
        (count, true) => {
            let late = if count == 0 { "none is".into() } else { format!("{count} {verb}") };
            let newest = counted(sent.len());
            format!(
                "Of the newest {newest}, {late} late. Choose a period or a region to see others."
            )
        }
    }
}

fn owner_cells(context: &PageContext<'_>, asked: &Asked) -> [FigureCell; 2] {
    let region = context.region(&asked.region);
    let href = format!("/regions/{}", asked.region);
    let region = if asked.region == "unmapped" { region.into() } else { link(region, href) };
    let is_known = !asked.owner.is_empty() && asked.owner != "Unmapped";
    let owner = if is_known { asked.owner.as_str() } else { "unassigned" };
    [owner.into(), region]
}

fn late_figure(context: &PageContext<'_>, late: &[&Asked], today: &str) -> Figure {
    let mut late = late.to_vec();
    late.sort_by(|one, two| one.due_on.cmp(&two.due_on));
    // An action that several trackers asked about is listed with the first of them.
    let mut listed = BTreeSet::new();
    let rows = late.iter().filter_map(|asked| {
        let unanswered: Vec<&(String, String)> =
            asked.unanswered.iter().filter(|(id, _)| listed.insert(id.as_str())).collect();
        let (id, text) = unanswered.first()?;
        let text = match unanswered.len() - 1 {
            0 => text.clone(),
            more => format!("{text} (and {} more)", thousands(more as f64)),
        };
        let [owner, region] = owner_cells(context, asked);
        Some(vec![
            owner,
            region,
            link(text, format!("/record/{id}")),
            asked.asked_on.as_str().into(),
            asked.due_on.as_str().into(),
            thousands(crate::wording::days_between(&asked.due_on, today)).into(),
        ])
    });
    Figure {
        title: "Who is late".into(),
        reading: if late.is_empty() {
            format!("No open action was unanswered after its due day, as of {}.", readable(today))
        } else {
            format!(
                "Owners of open actions whose answer was due, and had not come by {}. The longest \
                 wait comes first. An action that several trackers asked about is listed with the \
                 first of them.",
                readable(today)
            )
        },
        headings: ["Owner", "Region", "Open action", "Asked", "Answer by", "Days late"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
        most: Some(ROWS),
        ..Figure::default()
    }
}

fn sent_figure(context: &PageContext<'_>, groups: &[Asked], today: &str) -> Figure {
    let rows = groups.iter().map(|asked| {
        let [owner, region] = owner_cells(context, asked);
        vec![
            owner,
            region,
            asked.asked_on.as_str().into(),
            asked.due_on.as_str().into(),
            thousands(asked.requests as f64).into(),
            thousands(asked.answered as f64).into(),
            asked.first_answer.as_str().into(),
            asked.state(today).into(),
        ]
    });
    Figure {
        title: "Who was asked, and who answered".into(),
        reading: "Each tracker with its owners, newest first. An owner answers an action by a \
                  change, or by stating that nothing changed."
            .into(),
        headings: [
            "Owner",
            "Region",
            "Asked",
            "Answer by",
            "Actions",
            "Answered",
            "First answer",
            "State",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.collect(),
        most: Some(ROWS),
        ..Figure::default()
    }
}

fn readable(today: &str) -> String {
    today.parse().map_or_else(|_| today.to_owned(), day)
}

fn by_region(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    const METRIC: &str = "tracker_response";
    let query = MetricQuery {
        group_by: Some(vec![Dimension::Region]),
        from: context.parameters.from,
        to: context.parameters.to,
        as_of: judged_on(context),
        ..context.metric_query(METRIC)
    };
    let rows = context.rows(METRIC, &query)?;
    Ok(Figure {
        title: "Answered by the due day, by region".into(),
        reading: if rows.is_empty() {
            context.absence(METRIC).into()
        } else {
            "Share of requests whose due day has come that were answered by it.".into()
        },
        headings: ["Region", "Answered in time"].map(str::to_owned).to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                vec![
                    link(context.region(&region), format!("/regions/{region}")),
                    link(measured(row, "requests"), format!("/records/{METRIC}?region={region}")),
                ]
            })
            .collect(),
        metric: METRIC.into(),
        records: format!("/records/{METRIC}"),
        ..Figure::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{groups, of_complete_trackers};

    fn request(owner: &str, due_on: &str, answered_on: Option<&str>, status: &str) -> Value {
        json!({
            "tracker": "BCDFGHJK", "askedOn": "2025-06-01", "dueOn": due_on,
            "answeredOn": answered_on, "region": {"code": "1"}, "organization": {"name": owner},
            "correctiveAction": {
                "id": owner, "text": "Revise the plan", "status": status,
                "trackerRequests": {"nodes": []},
            },
        })
    }

    #[test]
    fn an_owner_is_late_with_an_open_action_that_has_no_answer_after_its_due_day() {
        let nodes = [
            request("A", "2025-06-15", None, "OPEN"),
            request("B", "2025-06-15", Some("2025-06-10"), "OPEN"),
            request("C", "2025-06-15", None, "COMPLETED"),
            request("D", "2025-06-15", Some("2025-06-20"), "OPEN"),
        ];
        let states = |today: &str| {
            groups(&nodes, today).iter().map(|asked| asked.state(today)).collect::<Vec<_>>()
        };
        let closed = "Answered, or closed since";
        assert_eq!(states("2025-06-15"), ["Awaited", "Answered in time", closed, "Awaited"]);
        assert_eq!(states("2025-06-16"), ["Late", "Answered in time", closed, "Late"]);
        assert_eq!(states("2025-06-21"), ["Late", "Answered in time", closed, closed]);
    }

    #[test]
    fn an_answer_to_a_later_tracker_also_answers_the_earlier_one() {
        let earlier = |last: Option<&str>| {
            let mut earlier = request("A", "2025-06-15", None, "OPEN");
            let nodes: Vec<Value> = last.iter().map(|on| json!({"answeredOn": on})).collect();
            earlier["correctiveAction"]["trackerRequests"]["nodes"] = json!(nodes);
            groups(&[earlier], "2025-09-10")[0].state("2025-09-10")
        };
        assert_eq!(earlier(None), "Late");
        assert_eq!(earlier(Some("2025-05-31")), "Late", "an answer before the request");
        assert_eq!(earlier(Some("2025-09-10")), "Answered, or closed since");
    }

    #[test]
    fn a_list_that_is_cut_ends_with_a_complete_tracker() {
        let mut nodes: Vec<Value> =
            (0..4).map(|_| request("A", "2025-06-15", None, "OPEN")).collect();
        for node in &mut nodes[2..] {
            node["tracker"] = json!("CDFGHJKL");
        }
        assert_eq!(of_complete_trackers(&nodes, 4).len(), 4);
        assert_eq!(of_complete_trackers(&nodes, 5).len(), 2);
        assert_eq!(of_complete_trackers(&nodes[..2], 5).len(), 2, "a tracker longer than the list");
        assert!(of_complete_trackers(&[], 0).is_empty());
    }
}
