//! `hotwash inspect FILE…`: shows what a load would make of a file, without storing anything.

use std::io::Write;
use std::path::PathBuf;

use hotwash_etl::inspect::{Inspection, Match, MatchState, Matches, inspect, suggest};
use hotwash_etl::load::{Options, expand};
use hotwash_etl::source::ColumnFate;

use super::table::Listing;
use super::{Context, Outcome};

/// Maximum number of events and organizations printed; `--json` prints more.
const LISTED: usize = 8;
/// Maximum number of warnings printed.
const WARNINGS: usize = 8;

/// Arguments of `hotwash inspect`.
#[derive(clap::Args)]
pub struct InspectArguments {
    /// Files, folders or patterns such as 'inbox/*.docx'
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read every file as this source instead of detecting the source from the content
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Read every file with this layout: a TOML file, the name of one in HOTWASH_HOME/layouts, or
    /// the name of an example
    #[arg(long, value_name = "LAYOUT", conflicts_with = "source")]
    layout: Option<PathBuf>,
    /// Print a draft layout for the table in one file: `hotwash inspect FILE --suggest >
    /// layout.toml`
    #[arg(long, conflicts_with_all = ["json", "source", "layout"])]
    suggest: bool,
    /// Print one JSON object per file
    #[arg(long)]
    json: bool,
}

/// Inspects each file and prints what was found.
pub async fn run(context: &Context, arguments: InspectArguments) -> anyhow::Result<Outcome> {
    let files = expand(&arguments.paths)?;
    // Lives until the end, since a private Postgres may stop with it.
    let database = context.existing_database().await;
    if database.is_err() {
        context.use_profile()?;
    }
    if arguments.suggest {
        let [file] = files.as_slice() else {
            anyhow::bail!("--suggest takes one file; {} were given", files.len());
        };
        let file = file.clone();
        let suggested = tokio::task::spawn_blocking(move || suggest(&file)).await?;
        write!(std::io::stdout().lock(), "{}", suggested.map_err(anyhow::Error::msg)?)?;
        return Ok(Outcome::Done);
    }
    let options = Options {
        source: arguments.source,
        layout: arguments.layout,
        layouts: context.layouts(),
        metrics: hotwash_metrics::ids(),
        ..Options::default()
    };
    let warehouse = match &database {
        Ok(database) => Ok(database.url().to_owned()),
        Err(error) => Err(error.to_string()),
    };
    let mut failed = false;
    for file in &files {
        let inspection = inspect(file, &options, &warehouse).await;
        failed |= inspection.error.is_some();
        if arguments.json {
            writeln!(std::io::stdout().lock(), "{}", serde_json::to_string(&inspection)?)?;
        } else {
            print(&inspection)?;
        }
    }
    Ok(if failed { Outcome::Failed } else { Outcome::Done })
}

fn print(inspection: &Inspection) -> anyhow::Result<()> {
    print_line(&inspection.file)?;
    if let (Some(source), Some(title)) = (&inspection.source, &inspection.title) {
        print_line(format!("  source         {source}: {title}"))?;
        print_line(format!(
            "  why            {}",
            inspection.reason.as_deref().unwrap_or_default()
        ))?;
    }
    let others: Vec<String> = inspection
        .candidates
        .iter()
        .filter(|candidate| Some(&candidate.source) != inspection.source.as_ref())
        .map(|candidate| format!("{} {:.2}", candidate.source, candidate.confidence))
        .collect();
    if !others.is_empty() {
        print_line(format!(
            "  other sources  {} (confidence; 0.75 reads a file)",
            others.join(", ")
        ))?;
    }
    if let Some(reason) = &inspection.without_warehouse {
        print_line(format!("  warehouse      none: {reason}"))?;
        print_line(
            "                 The shipped lists are used; events and organizations are not looked \
             up.",
        )?;
    }
    if let Some(error) = &inspection.error {
        print_line(format!("  cannot load    {error}"))?;
        return print_line("");
    }
    let records: Vec<String> = inspection
        .records
        .iter()
        .map(|count| format!("{} {}", count.count, count.record_type))
        .collect();
    print_line(format!(
        "  read           {} rows or records, {} rejected",
        inspection.read, inspection.rejected
    ))?;
    print_line(format!(
        "  records        {}",
        if records.is_empty() { "none".to_owned() } else { records.join(", ") }
    ))?;
    columns(inspection)?;
    matches("events", &inspection.events)?;
    matches("organizations", &inspection.organizations)?;
    rejects(inspection)?;
    warnings(inspection)?;
    print_line("")
}

fn print_line(line: impl AsRef<str>) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{}", hotwash_etl::visible(line.as_ref()))?)
}

fn columns(inspection: &Inspection) -> anyhow::Result<()> {
    if inspection.columns.is_empty() {
        return Ok(());
    }
    print_line("")?;
    let has_sheets = inspection.columns.iter().any(|column| column.sheet.is_some());
    let mut headings = vec!["column", "field", "unit", "value \u{2192} read as"];
    if has_sheets {
        headings.insert(0, "sheet");
    }
    let mut listing = Listing::new(&headings);
    for column in &inspection.columns {
        let field = match column.fate {
            ColumnFate::Read => column.field.clone().unwrap_or_default(),
            ColumnFate::Dropped => "dropped: personal".into(),
            ColumnFate::Unused => "not used".into(),
            ColumnFate::Unread => "NOT READ".into(),
        };
        let mut values: Vec<String> = column
            .values
            .iter()
            .map(|value| match &value.read_as {
                Some(read) if *read == value.raw => value.raw.clone(),
                Some(read) if read.is_empty() => format!("{} \u{2192} (empty)", value.raw),
                Some(read) => format!("{} \u{2192} {read}", value.raw),
                None => value.raw.clone(),
            })
            .collect();
        values.extend(column.remark.clone());
        let mut cells = vec![
            column.heading.clone(),
            field,
            column.unit.clone().unwrap_or_default(),
            values.join("\n"),
        ];
        if has_sheets {
            cells.insert(0, column.sheet.clone().unwrap_or_default());
        }
        listing.row(cells);
    }
    for constant in &inspection.constants {
        let mut cells = vec![
            "(constant)".to_owned(),
            constant.field.clone(),
            String::new(),
            constant.value.clone(),
        ];
        if has_sheets {
            cells.insert(0, String::new());
        }
        listing.row(cells);
    }
    Ok(listing.print()?)
}

fn matches(what: &str, matches: &Matches) -> anyhow::Result<()> {
    if matches.listed.is_empty() {
        return Ok(());
    }
    print_line("")?;
    let is_unknown = matches.listed.iter().all(|one| one.state == MatchState::Unknown);
    let counts = if is_unknown {
        "not looked up".to_owned()
    } else {
        format!(
            "{} matched, {} new, {} not in the warehouse",
            matches.matched, matches.new, matches.missing
        )
    };
    print_line(format!("{what}: {counts}"))?;
    for one in matches.listed.iter().take(LISTED) {
        print_line(format!("  {}", described(one)))?;
    }
    let further = matches.listed.len().saturating_sub(LISTED);
    if further > 0 {
        print_line(format!("  and {further} more; --json lists them"))
    } else {
        Ok(())
    }
}

fn described(one: &Match) -> String {
    let named = [&one.id, &one.name, &one.date];
    let named: Vec<&str> = named.into_iter().filter_map(|part| part.as_deref()).collect();
    let state = match (one.state, &one.known_as) {
        (MatchState::Matched, Some(known)) => format!("matched: {known}"),
        (MatchState::Matched, None) => "matched".into(),
        (MatchState::New, _) => "new".into(),
        (MatchState::Missing, _) => {
            "not in the warehouse: load it first; else rows that require it are rejected, and \
             others load without it"
                .into()
        }
        (MatchState::Unknown, _) => String::new(),
    };
    let state = if state.is_empty() { state } else { format!("  {state}") };
    format!("{}{state}", named.join(", "))
}

fn rejects(inspection: &Inspection) -> anyhow::Result<()> {
    if inspection.rejects.is_empty() {
        return Ok(());
    }
    print_line("")?;
    print_line(format!("first rejects of {}", inspection.rejected))?;
    for reject in &inspection.rejects {
        let column = reject.column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
        let value = reject
            .value
            .as_ref()
            .map(|value| format!(" \u{201c}{value}\u{201d}"))
            .unwrap_or_default();
        print_line(format!("  row {}{column}{value}: {}", reject.row, reject.reason))?;
    }
    Ok(())
}

fn warnings(inspection: &Inspection) -> anyhow::Result<()> {
    let shown: Vec<_> =
        inspection.warnings.iter().filter(|warning| !warning.code.is_about_columns()).collect();
    if shown.is_empty() {
        return Ok(());
    }
    print_line("")?;
    print_line(format!("warnings: {}", shown.len()))?;
    for warning in shown.iter().take(WARNINGS) {
        let row = if warning.first_row > 0 {
            format!("row {}", warning.first_row)
        } else {
            "file".into()
        };
        let column =
            warning.column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
        let value = warning
            .value
            .as_ref()
            .map(|value| format!(" \u{201c}{value}\u{201d}"))
            .unwrap_or_default();
        print_line(format!("  {row}{column}{value}: {}", warning.message))?;
    }
    Ok(())
}
