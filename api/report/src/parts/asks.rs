//! Three asks: the oldest overdue action of each of the first priorities, with owner and due date.

use hotwash_metrics::{Dimension, MetricError, MetricRow};
use hotwash_schema::access::Role;
use serde_json::Value;

use crate::answer::nodes;
use crate::context::{PageContext, extra, key};
use crate::page::{Figure, FigureCell, link, text_of};
use crate::parts::priorities::ranked;
use crate::query::{PageQuery, graphql_string};
use crate::wording::{capability, counted, days_between, percent, readable};

/// Number of asks.
const ASKS: usize = 3;

/// Returns the first priorities with overdue actions.
fn first(context: &PageContext<'_>) -> Result<Vec<MetricRow>, MetricError> {
    let (rows, _) = ranked(context)?;
    let late = |row: &MetricRow| extra(row, "overdueShare").is_some_and(|share| share > 0.0);
    // Members of a region ask its owners; of other regions they see no action.
    let is_asked = |row: &MetricRow| {
        context.viewer.role != Role::Region
            || context.viewer.sees_region(&key(row, Dimension::Region))
    };
    Ok(rows.into_iter().filter(|row| late(row) && is_asked(row)).take(ASKS).collect())
}

/// Returns the query for the oldest overdue action of each priority.
///
/// # Errors
/// Fails when the priorities cannot be computed.
pub fn queries(context: &PageContext<'_>) -> Result<Vec<PageQuery>, MetricError> {
    let as_of = context.as_of();
    let asked: Vec<String> = first(context)?
        .iter()
        .enumerate()
        .filter_map(|(at, row)| {
            let (region, both) = (key(row, Dimension::Region), key(row, Dimension::Capability));
            let (framework, code) = both.split_once(':')?;
            Some(format!(
                "a{at}: correctiveActions(first: 1, orderBy: [{{dueCurrentOn: ASC}}], filter: {{ \
                 status: {{in: [PROPOSED, OPEN, IN_PROGRESS, DEFERRED]}}, regionCode: {{eq: {}}}, \
                 dueCurrentOn: {{lt: \"{as_of}\"}}, capability: {{framework: {{eq: {}}}, code: \
                 {{eq: {}}}}} }}) {{ nodes {{ id text dueCurrentOn ownerOrganization {{ name }} }} \
                 }}",
                graphql_string(&region),
                graphql_string(framework),
                graphql_string(code)
            ))
        })
        .collect();
    let query = format!("{{ {} }}", asked.join(" "));
    Ok(if asked.is_empty() { Vec::new() } else { vec![PageQuery { name: "asks", query }] })
}

/// Returns the figure of the asks.
///
/// # Errors
/// Fails when the priorities cannot be computed.
pub fn figure(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let priorities = first(context)?;
    let as_of = context.as_of().to_string();
    let answer = context.answer("asks").and_then(|answer| answer.as_ref().ok());
    let rows = priorities.iter().enumerate().map(|(at, row)| {
        let (region, code) = (key(row, Dimension::Region), key(row, Dimension::Capability));
        let found = answer.and_then(|answer| nodes(answer, &format!("a{at}")).first());
        let [ask, owner, due] = match found {
            Some(action) => action_cells(action, &as_of),
            None => {
                let late = extra(row, "overdueShare").map(percent).unwrap_or_default();
                let href = format!("/actions?region={region}&capability={code}&due=overdue");
                let text = format!("Finish or re-date the overdue actions ({late} of the open)");
                [link(text, href), "–".into(), "–".into()]
            }
        };
        vec![
            ask,
            owner,
            due,
            link(context.region(&region), format!("/regions/{region}")),
            link(
                capability(&code, context.names()),
                format!("/capabilities/{}", code.replace(':', "/")),
            ),
        ]
    });
    let rows: Vec<Vec<FigureCell>> = rows.collect();
    Ok(Figure {
        title: "Three asks".into(),
        reading: if rows.is_empty() {
            "No open action is overdue.".into()
        } else {
            "The oldest overdue action of each top priority: finish it, or agree on a new date."
                .into()
        },
        headings: ["Ask", "Owner", "Due", "Region", "Capability"].map(str::to_owned).to_vec(),
        rows,
        ..Figure::default()
    })
}

/// Returns what to finish, its owner and its due date.
fn action_cells(action: &Value, as_of: &str) -> [FigureCell; 3] {
    let of = |path: &str| text_of(action.pointer(path));
    let due = of("/dueCurrentOn");
    let late = counted(days_between(&due, as_of), "day", "days");
    let owner = Some(of("/ownerOrganization/name")).filter(|name| !name.is_empty());
    [
        link(of("/text"), format!("/record/{}", of("/id"))),
        owner.unwrap_or_else(|| "No owner yet".to_owned()).into(),
        format!("{}, {late} ago", readable(due)).into(),
    ]
}
