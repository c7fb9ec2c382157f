//! `/data`: can I trust it? What was loaded, what was rejected and why, what was redacted, what is
//! missing.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use hotwash_metrics::{Dimension, MetricError, Reliability, Unit};
use hotwash_schema::profile;
use serde_json::Value;

use crate::answer::{nodes, total_count};
use crate::context::{PageContext, extra, extra_value, key};
use crate::definition::{Part, ReportPage, Sheet};
use crate::drawing::{Dot, Dots, Drawing};
use crate::page::{Figure, FigureCell, Page, Section, Span, link, share_cell, text_of};
use crate::parts::{feeds, published, warnings};
use crate::query::PageQuery;
use crate::wording::{counted, day, excess, measured, plain, thousands, value};

/// Definition of the page.
pub static PAGE: ReportPage = ReportPage {
    menu: Some("Data"),
    print: Some(Sheet {
        title: Some("Appendix: data quality"),
        part: Part::Appendix,
        ..Sheet::PLAIN
    }),
    prerendered: true,
    copied: true,
    queries: |_, _| Ok(queries()),
    ..ReportPage::one("/data", page)
};

/// Maximum number of rejected rows read.
const LOOKED_AT: usize = 1_000;
/// Maximum number of unread columns shown.
const COLUMNS_SHOWN: usize = 50;

/// Maximum number of kinds of reasons shown.
const KINDS_SHOWN: usize = 20;

/// Returns the queries for loads and rejects.
fn queries() -> Vec<PageQuery> {
    vec![
        PageQuery {
            name: "loads",
            query: "{ batches(first: 12) { totalCount nodes { number startedAt status label \
                files(first: 1000) { totalCount nodes { name read inserted updated rejected error \
                } } } } }"
                .into(),
        },
        PageQuery {
            name: "rejects",
            query: format!(
                "{{ rejects(first: {LOOKED_AT}) {{ totalCount nodes {{ file column \
                value reason }} }} }}"
            ),
        },
        warnings::query(),
        PageQuery {
            name: "columns",
            query: format!(
                "{{ loadedColumns(first: {COLUMNS_SHOWN}, filter: {{ fate: {{ eq: UNREAD }}, \
                 filled: {{ gt: 0 }} }}) \
                 {{ totalCount nodes {{ file sheet heading filled samples nearest readInstead }} \
                 }} }}"
            ),
        },
    ]
}

/// Builds the page.
fn page(context: &PageContext<'_>) -> Result<Page, MetricError> {
    let rows = context.rows("data_quality", &context.metric_query("data_quality"))?;
    let sum = |name: &str| rows.iter().filter_map(|row| extra(row, name)).sum::<f64>();
    let mut sections = vec![Section::Lead(if rows.is_empty() {
        "No file has been loaded: hotwash load FOLDER reads a folder of documents.".into()
    } else {
        format!(
            "{} read from {}; {} rejected, {} not in the reference lists, and {} removed before \
             storage.",
            counted(sum("rowsRead"), "row was", "rows were"),
            counted(sum("files"), "file", "files"),
            counted(sum("rowsRejected"), "was", "were"),
            counted(sum("unmappedLabels"), "label is", "labels are"),
            counted(sum("redactions"), "contact detail was", "contact details were")
        )
    })];
    sections.push(jurisdiction().into());
    sections.push(sources(context, &rows).into());
    sections.extend(feeds::figure(context).map(Section::from));
    sections.push(through(context, &rows).into());
    sections.extend(context.answer("rejects").map(|answer| Section::from(rejects(answer))));
    sections.extend(context.answer("warnings").map(warnings::figure).map(Section::from));
    sections.extend(context.answer("columns").map(|answer| Section::from(unread(answer))));
    sections.extend(context.answer("loads").map(|answer| Section::from(loads(answer))));
    sections.push(published::section(context.snapshot.release()));
    sections.push(completeness(context)?.into());
    sections.push(requirements(context)?.into());
    Ok(Page {
        title: "Data".into(),
        question: "Can I trust it?".into(),
        sections,
        ..Page::default()
    })
}

/// The profile by which this warehouse reads regions, days and fiscal years.
fn jurisdiction() -> Figure {
    let profile = profile::active();
    let disciplines: Vec<String> =
        profile.core_disciplines.iter().map(|code| plain(code).to_lowercase()).collect();
    let counties = match profile.county_time_zones.len() {
        0 => String::new(),
        count => {
            format!("; {} on another zone", counted(count as f64, "county is", "counties are"))
        }
    };
    let lines = [
        ("Regions", format!("{} ({})", profile.regions.word, profile.region_codes().join(", "))),
        ("Basis", profile.municipalities.basis.trim().to_owned()),
        ("Time zone", format!("{}{counties}", profile.time_zone)),
        ("Fiscal year", format!("from {}", profile.fiscal_year.first_day())),
        ("Core disciplines", disciplines.join(", ")),
    ];
    Figure {
        title: format!("Jurisdiction: {}", profile.name),
        reading: format!(
            "Each {} belongs to one {}. The profile of the warehouse decides.",
            profile.municipalities.word, profile.regions.word
        ),
        headings: ["Item", "Value"].map(str::to_owned).to_vec(),
        rows: lines.into_iter().map(|(name, text)| vec![name.into(), text.into()]).collect(),
        ..Figure::default()
    }
}

fn sources(context: &PageContext<'_>, rows: &[hotwash_metrics::MetricRow]) -> Figure {
    let table = rows.iter().map(|row| {
        let count =
            |name: &str| FigureCell::from(extra(row, name).map(thousands).unwrap_or_default());
        vec![
            FigureCell::from(context.group(Dimension::Source, &key(row, Dimension::Source))),
            count("files"),
            count("rowsRead"),
            count("rowsLoaded"),
            count("rowsUnchanged"),
            count("rowsRejected"),
            row.value.map(|share| format!("{:.2}%", share * 100.0)).unwrap_or_default().into(),
            count("unmappedLabels"),
            count("redactions"),
        ]
    });
    Figure {
        title: "Loaded rows by source".into(),
        reading: "Read = loaded + unchanged + rejected, as the database enforces.".into(),
        headings: [
            "Source",
            "Files",
            "Read",
            "Loaded",
            "Unchanged",
            "Rejected",
            "Share rejected",
            "Unknown labels",
            "Contact details removed",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: table.collect(),
        metric: "data_quality".into(),
        ..Figure::default()
    }
}

/// What the newest day is of.
const NEWEST: &str = "Newest day of a region: its newest event, final report or action. Of a source: \
    its newest event.";

/// Table of the last day with records, of each region and source.
fn through(context: &PageContext<'_>, rows: &[hotwash_metrics::MetricRow]) -> Figure {
    let today = hotwash_metrics::MetricQuery::default().as_of;
    let as_of = context.as_of();
    let line = |kind: &str, name: String, newest: NaiveDate| {
        let days = (today - newest).num_days() as f64;
        vec![kind.into(), name.into(), day(newest).into(), counted(days, "day", "days").into()]
    };
    let reach = context.reach();
    let regions = reach.regions.iter().filter(|(code, _)| context.viewer.sees_region(code));
    let mut table: Vec<Vec<FigureCell>> =
        regions.map(|(code, newest)| line("Region", context.region(code), *newest)).collect();
    table.extend(rows.iter().filter_map(|row| {
        let days = extra(row, "daysSinceNewest")?;
        let newest = as_of - TimeDelta::days(days as i64);
        let source = context.group(Dimension::Source, &key(row, Dimension::Source));
        Some(line("Source", source, newest))
    }));
    Figure {
        title: "Data through".into(),
        reading: match reach.through.filter(|_| context.viewer.sees_all_detail()) {
            Some(through) => format!(
                "The coalition's records reach {}. Until a newer record comes, due dates and open \
                 actions are judged as of that day. {NEWEST}",
                day(through)
            ),
            None => NEWEST.into(),
        },
        headings: ["Of", "Name", "Newest day", "Age today"].map(str::to_owned).to_vec(),
        rows: table,
        span: Span::Half,
        ..Figure::default()
    }
}

/// Replaces each number, day or time of a text with an ellipsis.
fn without_numbers(text: &str) -> String {
    let (mut general, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        general.push_str(&rest[..at]);
        general.push('…');
        let number = &rest[at..];
        let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | ':');
        let end = number.find(|letter| !is_part(letter)).unwrap_or(number.len());
        rest = &number[number[..end].trim_end_matches(['-', ':']).len()..];
    }
    general + rest
}

/// Returns a reject's reason without the value it quotes and without numbers, so that similar
/// reasons are counted together.
fn kind_of(reject: &Value) -> (String, String) {
    let reason = text_of(reject.get("reason"));
    let value = text_of(reject.get("value"));
    let reason = if value.len() > 1 { reason.replace(&value, "…") } else { reason };
    (text_of(reject.get("column")), without_numbers(&reason))
}

fn rejects(answer: &Result<Value, String>) -> Figure {
    let list = answer.as_ref().map(|answer| nodes(answer, "rejects")).unwrap_or_default();
    let total = answer
        .as_ref()
        .ok()
        .map(|answer| total_count(answer, "rejects") as f64)
        .unwrap_or_default();
    let mut kinds: BTreeMap<(String, String), usize> = BTreeMap::new();
    for reject in list {
        *kinds.entry(kind_of(reject)).or_default() += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    Figure {
        title: "Rejected rows, by reason".into(),
        reading: match answer {
            Err(message) => message.clone(),
            Ok(_) if list.is_empty() => "No row was rejected, of those that you may see.".into(),
            Ok(_) if total > LOOKED_AT as f64 => {
                format!(
                    "The first {1} of {0} rejected rows. hotwash rejects writes them as CSV, to \
                     fix and load again.",
                    thousands(total),
                    thousands(LOOKED_AT as f64)
                )
            }
            Ok(_) => format!(
                "{}. hotwash rejects writes them as CSV, to fix and load again.",
                counted(total, "rejected row", "rejected rows")
            ),
        },
        headings: ["Column", "Reason", "Rows"].map(str::to_owned).to_vec(),
        rows: kinds
            .iter()
            .map(|((column, reason), count)| {
                vec![
                    column.as_str().into(),
                    reason.as_str().into(),
                    thousands(*count as f64).into(),
                ]
            })
            .collect(),
        most: Some(KINDS_SHOWN),
        span: Span::Half,
        ..Figure::default()
    }
}

/// Table of columns with data that no field of a record type uses.
fn unread(answer: &Result<Value, String>) -> Figure {
    let list = answer.as_ref().map(|answer| nodes(answer, "loadedColumns")).unwrap_or_default();
    let total = answer.as_ref().ok().map(|answer| total_count(answer, "loadedColumns") as f64);
    let rows = list.iter().map(|column| {
        let text = |name: &str| text_of(column.get(name));
        let file = [text("file"), text("sheet")]
            .into_iter()
            .filter(|name| !name.is_empty())
            .collect::<Vec<_>>();
        let near = match column["readInstead"].as_i64() {
            Some(position) => format!("column {position} is read"),
            None => text("nearest"),
        };
        vec![
            FigureCell::from(file.join(", ")),
            text("heading").into(),
            column["filled"].as_f64().map(thousands).unwrap_or_default().into(),
            text("samples").into(),
            near.into(),
        ]
    });
    Figure {
        title: "Columns that were not read".into(),
        reading: match answer {
            Err(message) => message.clone(),
            Ok(_) if list.is_empty() => {
                "No column with data was left out, of those that you may see.".into()
            }
            Ok(_) => format!(
                "{} with data {} not stored. If a column means the nearest known heading, rename \
                 it and load again.",
                counted(total.unwrap_or_default(), "column", "columns"),
                if total == Some(1.0) { "is" } else { "are" }
            ),
        },
        headings: ["File", "Column", "Filled cells", "For example", "Nearest"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
        ..Figure::default()
    }
}

fn loads(answer: &Result<Value, String>) -> Figure {
    let list = answer.as_ref().map(|answer| nodes(answer, "batches")).unwrap_or_default();
    let rows = list.iter().map(|batch| {
        let files = nodes(batch, "files");
        let total = total_count(batch, "files") as f64;
        let least = if total > files.len() as f64 { "more than " } else { "" };
        let sum = |name: &str| {
            format!(
                "{least}{}",
                thousands(files.iter().filter_map(|file| file[name].as_f64()).sum())
            )
        };
        let failed = files.iter().filter(|file| file["error"].is_string()).count();
        let names = match files {
            [] => "–".to_owned(),
            [one] => text_of(one.get("name")),
            _ => counted(total, "file", "files"),
        };
        vec![
            FigureCell::from(text_of(batch.get("number"))),
            text_of(batch.get("startedAt")).into(),
            names.into(),
            sum("read").into(),
            sum("inserted").into(),
            sum("updated").into(),
            sum("rejected").into(),
            if failed > 0 {
                let noun = if failed == 1 && least.is_empty() { "file" } else { "files" };
                format!("{least}{failed} {noun} rejected")
            } else {
                plain(&text_of(batch.get("status")))
            }
            .into(),
        ]
    });
    Figure {
        title: "Recent loads".into(),
        reading: match answer {
            Err(message) => message.clone(),
            Ok(_) if list.is_empty() => "No loads yet.".into(),
            Ok(answer) => {
                let excess = excess(list.len(), total_count(answer, "batches")).unwrap_or_default();
                format!("Newest first. {excess}").trim_end().to_owned()
            }
        },
        headings: ["Load", "Began", "Files", "Read", "New", "Changed", "Rejected", "Outcome"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
        ..Figure::default()
    }
}

fn completeness(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let rows = context.by("aar_completeness", &[Dimension::Region], &[], None)?;
    let lines = rows.iter().map(|row| Dot {
        label: context.region(&key(row, Dimension::Region)),
        value: row.value,
        interval: row.ci_low.zip(row.ci_high),
        text: value(row.value, row.unit),
        hollow: row.reliability != Reliability::Ok,
        ..Dot::default()
    });
    Ok(Figure {
        title: "Completeness of after-action reports".into(),
        reading: "Mean share of the eleven required parts of a report; not a measure of their \
            quality."
            .into(),
        drawing: Drawing::Dots(Dots::new(lines.collect(), Unit::Share)),
        headings: vec!["Region".into(), "Completeness".into()],
        rows: rows
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                vec![
                    link(context.region(&region), format!("/regions/{region}")),
                    link(
                        measured(row, "reports"),
                        format!("/records/aar_completeness?region={region}"),
                    ),
                ]
            })
            .collect(),
        metric: "aar_completeness".into(),
        records: "/records/aar_completeness".into(),
        span: Span::Half,
        ..Figure::default()
    })
}

fn requirements(context: &PageContext<'_>) -> Result<Figure, MetricError> {
    let rows = context.by("requirement_compliance", &[Dimension::Region], &[], None)?;
    Ok(Figure {
        title: "Program requirements".into(),
        reading: "Requirements met, of those due so far; an example list until you load your own."
            .into(),
        headings: ["Region", "Met", "Share", "Missed", "Still due"].map(str::to_owned).to_vec(),
        rows: rows
            .iter()
            .map(|row| {
                let region = key(row, Dimension::Region);
                vec![
                    link(context.region(&region), format!("/regions/{region}")),
                    match row.reliability {
                        Reliability::Suppressed => "suppressed".to_owned(),
                        _ => format!("{} of {}", text_of(extra_value(row, "met")), row.n),
                    }
                    .into(),
                    share_cell(row.value),
                    text_of(extra_value(row, "missed")).into(),
                    text_of(extra_value(row, "due")).into(),
                ]
            })
            .collect(),
        metric: "requirement_compliance".into(),
        span: Span::Half,
        ..Figure::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::kind_of;

    #[test]
    fn reasons_that_differ_in_their_value_alone_are_one_kind() {
        let reject = |value: &str| json!({"column": "start", "value": value, "reason": format!("{value} is not a date")});
        assert_eq!(kind_of(&reject("31-FEB-94")), kind_of(&reject("30-FEB-94")));
        assert_eq!(kind_of(&reject("x")).1, "x is not a date");
        let earlier = |row: u32| {
            json!({"column": "", "value": "a", "reason": format!("duplicate \
            of row {row}: 1994-05-06, one id")})
        };
        assert_eq!(kind_of(&earlier(3_348)), kind_of(&earlier(7)));
        assert_eq!(kind_of(&earlier(7)).1, "duplicate of row …: …, one id");
    }
}
