//! List of corrective actions, filtered by status, due date, capability and text. Read through the
//! API.

use serde_json::Value;

use crate::answer::{nodes, total_count};
use crate::context::PageContext;
use crate::page::{Figure, FigureCell, Section, link, text_of};
use crate::parameters::{PageChoice, url_encoded};
use crate::query::{PageQuery, graphql_string};
use crate::wording::{capability, counted, days_between, plain, readable, thousands};

/// Actions per page.
const PAGE: usize = 25;
/// Statuses of open actions.
const OPEN: &str = "[PROPOSED, OPEN, IN_PROGRESS, DEFERRED]";
/// Statuses of completed actions.
const DONE: &str = "[COMPLETED, VALIDATED]";

/// Returns the GraphQL query for the chosen filters, earliest due date first.
pub fn query(context: &PageContext<'_>) -> PageQuery {
    let parameters = &context.parameters;
    let mut filters = Vec::new();
    match parameters.choice("status") {
        "done" => filters.push(format!("status: {{in: {DONE}}}")),
        "cancelled" => filters.push("status: {eq: CANCELLED}".into()),
        "all" => {}
        _ => filters.push(format!("status: {{in: {OPEN}}}")),
    }
    let as_of = context.as_of();
    match parameters.choice("due") {
        "overdue" => filters.push(format!("dueCurrentOn: {{lt: \"{as_of}\"}}")),
        "soon" => {
            let until = as_of.checked_add_days(chrono::Days::new(30)).unwrap_or(as_of);
            filters.push(format!("dueCurrentOn: {{gte: \"{as_of}\", lte: \"{until}\"}}"));
        }
        "none" => filters.push("dueCurrentOn: {isNull: true}".into()),
        _ => {}
    }
    if let Some((framework, code)) = parameters.choice("capability").split_once(':') {
        filters.push(format!(
            "capability: {{framework: {{eq: {}}}, code: {{eq: {}}}}}",
            graphql_string(framework),
            graphql_string(code)
        ));
    }
    if !parameters.choice("words").is_empty() {
        filters.push(format!("text: {{contains: {}}}", graphql_string(parameters.choice("words"))));
    }
    if let Some(region) = &parameters.region {
        filters.push(format!("regionCode: {{eq: {}}}", graphql_string(region)));
    }
    if let Some(framework) = &parameters.framework {
        filters.push(format!("framework: {{eq: {}}}", graphql_string(framework)));
    }
    if let (Some(from), to) = (parameters.from, parameters.to.unwrap_or(as_of)) {
        filters.push(format!("openedOn: {{gte: \"{from}\", lte: \"{to}\"}}"));
    } else if let Some(to) = parameters.to {
        filters.push(format!("openedOn: {{lte: \"{to}\"}}"));
    }
    let page = match (parameters.choice("after"), parameters.choice("before")) {
        ("", "") => format!("first: {PAGE}"),
        (after, "") => format!("first: {PAGE}, after: {}", graphql_string(after)),
        (_, before) => format!("last: {PAGE}, before: {}", graphql_string(before)),
    };
    PageQuery {
        name: "actions",
        query: format!(
            "{{ correctiveActions({page}, orderBy: [{{dueCurrentOn: ASC}}], filter: {{ {} }}) {{ \
             totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} \
             nodes {{ id text status openedOn dueOriginalOn dueCurrentOn completedOn region {{ \
             code }} capability {{ name }} ownerOrganization {{ name }} source {{ file row }} }} \
             }} }}",
            filters.join(", ")
        ),
    }
}

/// Returns the filters, the table and the paging links.
pub fn sections(context: &PageContext<'_>, answer: &Result<Value, String>) -> Vec<Section> {
    let parameters = &context.parameters;
    let option = |value: &str, text: &str| (value.to_owned(), text.to_owned());
    let codes = context.names().iter().filter(|(code, _)| {
        code.starts_with("PHEP") || parameters.choice("capability") == code.as_str()
    });
    let choice = |name: &str, label: &str, options: Vec<(String, String)>| PageChoice {
        name: name.into(),
        label: label.into(),
        options,
        chosen: parameters.choice(name).to_owned(),
    };
    let choices = vec![
        choice(
            "status",
            "Status",
            vec![
                option("", "Open"),
                option("done", "Completed"),
                option("cancelled", "Canceled"),
                option("all", "All"),
            ],
        ),
        choice(
            "due",
            "Due",
            vec![
                option("", "Any day"),
                option("overdue", "Overdue"),
                option("soon", "Within 30 days"),
                option("none", "No due date"),
            ],
        ),
        choice(
            "capability",
            "Capability",
            std::iter::once(option("", "All capabilities"))
                .chain(codes.map(|(code, _)| (code.clone(), capability(code, context.names()))))
                .collect(),
        ),
        choice("words", "Search text", Vec::new()),
    ];
    let mut sections = vec![
        Section::Heading(
            "All actions".into(),
            "Earliest due date first. The date filter uses the day an action was opened.".into(),
        ),
        Section::Choices(choices),
    ];
    let (list, reading) = match answer {
        Ok(answer) => {
            let total = total_count(answer, "correctiveActions");
            (
                nodes(answer, "correctiveActions"),
                if total == 0 {
                    "No action matches these filters.".to_owned()
                } else {
                    format!("{} in total.", counted(total as f64, "action", "actions"))
                },
            )
        }
        Err(message) => (&[][..], message.clone()),
    };
    let as_of = context.as_of().to_string();
    let rows = list.iter().map(|action| {
        let of = |path: &str| text_of(action.pointer(path));
        let (status, due) = (of("/status"), of("/dueCurrentOn"));
        let open = ["PROPOSED", "OPEN", "IN_PROGRESS", "DEFERRED"].contains(&status.as_str());
        let late = (open && !due.is_empty() && due < as_of).then(|| days_between(&due, &as_of));
        let moved = of("/dueOriginalOn");
        let is_moved = !moved.is_empty() && moved != due;
        let mut due = if due.is_empty() { "–".to_owned() } else { readable(due) };
        due += &late
            .map_or_else(String::new, |days| format!(", {} late", counted(days, "day", "days")));
        if is_moved {
            due += &format!(" (first {})", readable(moved));
        }
        let done = of("/completedOn");
        vec![
            link(of("/text"), format!("/record/{}", of("/id"))),
            FigureCell::from(if done.is_empty() {
                plain(&status)
            } else {
                format!("{} {}", plain(&status), readable(done))
            }),
            due.into(),
            context.region(&of("/region/code")).into(),
            of("/capability/name").into(),
            of("/ownerOrganization/name").into(),
            format!(
                "{}, row {}",
                of("/source/file"),
                thousands(action["source"]["row"].as_f64().unwrap_or_default())
            )
            .into(),
        ]
    });
    sections.push(
        Figure {
            title: "Actions".into(),
            reading,
            headings: ["Action", "Status", "Due", "Region", "Capability", "Owner", "From"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows.collect(),
            ..Figure::default()
        }
        .into(),
    );
    let none = Value::Null;
    let page = answer.as_ref().map_or(&none, |answer| &answer["correctiveActions"]["pageInfo"]);
    let chosen: Vec<String> = ["status", "due", "capability", "words"]
        .iter()
        .filter(|name| !parameters.choice(name).is_empty())
        .map(|name| format!("{name}={}", url_encoded(parameters.choice(name))))
        .collect();
    let step = |text: &str, name: &str, cursor: &Value| {
        let pairs = chosen
            .iter()
            .cloned()
            .chain([format!("{name}={}", url_encoded(&text_of(Some(cursor))))])
            .collect::<Vec<_>>();
        link(text, format!("/actions?{}", pairs.join("&")))
    };
    let mut steps = Vec::new();
    if page["hasPreviousPage"] == true {
        steps.push(step("← Previous page", "before", &page["startCursor"]));
    }
    if page["hasNextPage"] == true {
        steps.push(step("Next page →", "after", &page["endCursor"]));
    }
    if !steps.is_empty() {
        sections.push(Section::Steps(steps));
    }
    sections
}
