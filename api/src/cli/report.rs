//! `hotwash report`: the leadership report as a PDF or a folder of pages.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use chrono::NaiveDate;
use hotwash_metrics::{MetricCaches, Snapshot};
use hotwash_report::{self as report, Links, PageParameters, SCRIPT, STYLE};
use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::nearest::choices;

use super::day::day;
use super::table::Listing;
use super::{Context, Outcome};
use crate::engine::EngineOptions;
use crate::pack::PackOptions;
use crate::page_context::{OwnedPageContext, RecordReader};

/// Arguments of `hotwash report`.
#[derive(clap::Args, Clone)]
#[group(id = "target", required = true, multiple = true)]
pub struct ReportArguments {
    /// PDF file to write
    #[arg(long, value_name = "FILE", group = "target")]
    pdf: Option<PathBuf>,
    /// Folder for static pages
    #[arg(long, value_name = "FOLDER", group = "target")]
    html: Option<PathBuf>,
    /// List all pages: path, menu title, and where they appear
    #[arg(long, group = "target")]
    list_pages: bool,
    /// With --list-pages: print a JSON array, which has the paths of each page too
    #[arg(long, requires = "list_pages")]
    json: bool,
    /// Paper size of the PDF
    #[arg(long, default_value = "us-letter", value_parser = ["a4", "us-letter"])]
    paper: String,
    /// Date on which open, overdue and censored records are decided; default: the newest day of
    /// the records, or the day of the release for published figures
    #[arg(long, value_parser = day)]
    as_of: Option<NaiveDate>,
    /// First day of the period
    #[arg(long, value_parser = day)]
    from: Option<NaiveDate>,
    /// Last day of the period
    #[arg(long, value_parser = day)]
    to: Option<NaiveDate>,
    /// Reader: analyst (all detail), viewer (small cells suppressed), or region:3 (detail of
    /// region 3, of others what is published; several: region:4AB,4C)
    #[arg(long = "for", default_value = "analyst", value_name = "READER", value_parser = reader)]
    reader: Viewer,
    /// Write one report for each region, each with the rights of its members: region-3.pdf in the
    /// folder --pdf, and pages in the folder region-3 of --html
    #[arg(long, conflicts_with_all = ["reader", "list_pages"])]
    each_region: bool,
    #[command(flatten)]
    pack: PackOptions,
    #[command(flatten)]
    engine: EngineOptions,
}

/// Parses the reader of a report.
fn reader(text: &str) -> Result<Viewer, String> {
    let role = match text.split_once(':') {
        Some(("region", codes)) => {
            return Ok(region_reader(codes.split(',').map(str::to_owned).collect()));
        }
        None if text == "analyst" => Role::Analyst,
        None if text == "viewer" => Role::Viewer,
        _ => return Err("use analyst, viewer, or region: and codes, such as region:3".to_owned()),
    };
    Ok(Viewer { name: LOCAL.to_owned(), role, regions: Vec::new() })
}

/// Name of the reader of a report.
const LOCAL: &str = "local";

fn region_reader(regions: Vec<String>) -> Viewer {
    Viewer { name: LOCAL.to_owned(), role: Role::Region, regions }
}

/// Writes the report.
pub async fn run(context: &Context, arguments: ReportArguments) -> anyhow::Result<Outcome> {
    anyhow::ensure!(
        cfg!(feature = "pdf") || arguments.pdf.is_none(),
        "this build has no PDF: build it with the feature pdf, or write pages with --html FOLDER"
    );
    if let (Some(from), Some(to)) = (arguments.from, arguments.to) {
        anyhow::ensure!(from <= to, "the period is reversed: --from {from} is after --to {to}");
    }
    let database = context.existing_database().await?;
    let url = database.url().to_owned();
    let source = arguments.engine.source(&url)?;
    let snapshot = Arc::new(source.snapshot(MetricCaches::default()).await?);
    let records = RecordReader::new(&url)?;
    for (reader, target) in targets(&snapshot, &arguments)? {
        let mut context = OwnedPageContext::new(Arc::clone(&snapshot), &reader);
        context.parameters = PageParameters {
            from: arguments.from,
            to: arguments.to,
            as_of: arguments.as_of,
            ..PageParameters::default()
        };
        if target.pdf.is_some() {
            // Only the asks of the summary are single records.
            records.read(&mut context, "/").await?;
        }
        let arguments = arguments.clone();
        tokio::task::spawn_blocking(move || write(&context.borrow(), &arguments, &target))
            .await??;
    }
    Ok(Outcome::Done)
}

/// Files of one report.
struct Target {
    pdf: Option<PathBuf>,
    html: Option<PathBuf>,
}

/// Returns the readers, and the files for each.
fn targets(
    snapshot: &Snapshot,
    arguments: &ReportArguments,
) -> anyhow::Result<Vec<(Viewer, Target)>> {
    let regions = snapshot.regions.values().filter(|region| region.id > 0);
    let known: Vec<&str> = regions.map(|region| region.code.as_str()).collect();
    let mut chosen = arguments.reader.regions.iter();
    if let Some(unknown) = chosen.find(|code| !known.contains(&code.as_str())) {
        anyhow::bail!(
            "--for: region {unknown} is not known{}",
            choices(unknown, known.iter().copied())
        );
    }
    let (pdf, html) = (arguments.pdf.clone(), arguments.html.clone());
    if !arguments.each_region {
        return Ok(vec![(arguments.reader.clone(), Target { pdf, html })]);
    }
    if let Some(folder) = &pdf {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be created", folder.display()))?;
    }
    let target = |code: &str| Target {
        pdf: pdf.as_ref().map(|folder| folder.join(format!("region-{code}.pdf"))),
        html: html.as_ref().map(|folder| folder.join(format!("region-{code}"))),
    };
    Ok(known.into_iter().map(|code| (region_reader(vec![code.to_owned()]), target(code))).collect())
}

/// Writes the report for one reader.
fn write(
    context: &report::PageContext<'_>,
    arguments: &ReportArguments,
    target: &Target,
) -> anyhow::Result<()> {
    let frame = context.frame();
    if arguments.list_pages {
        list(context, arguments.json)?;
    }
    if let Some(folder) = &target.html {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be created", folder.display()))?;
        let pages = report::static_pages(context)?;
        for page in &pages {
            let path = folder.join(format!("{}.html", report::file_name(&page.path)));
            write_file(&path, report::render(page, &frame, Links::Files).as_bytes())?;
        }
        write_file(&folder.join("report.css"), STYLE.as_bytes())?;
        write_file(&folder.join("report.js"), SCRIPT.as_bytes())?;
        writeln!(
            std::io::stdout(),
            "{} pages written; open {}",
            pages.len(),
            folder.join("index.html").display()
        )?;
    }
    #[cfg(feature = "pdf")]
    if let Some(file) = &target.pdf {
        let bytes = report::pdf(context, &arguments.pack.pack(&arguments.paper)?)?;
        write_file(file, &bytes)?;
        writeln!(std::io::stdout(), "{} written ({} KiB)", file.display(), bytes.len() / 1024)?;
    }
    Ok(())
}

/// Page in the list of pages.
#[derive(serde::Serialize)]
struct ListedPage {
    path: &'static str,
    menu: Option<&'static str>,
    printed: bool,
    prerendered: bool,
    copied: bool,
    /// All paths of a page with variable segments; empty if only the database knows them.
    paths: Vec<String>,
}

impl ListedPage {
    /// Places where the page appears.
    fn places(&self) -> String {
        let places = [
            (self.printed, "PDF"),
            (self.copied, "static copy"),
            (self.prerendered, "prerendered"),
        ];
        let places = places.into_iter().filter(|(appears, _)| *appears);
        places.map(|(_, place)| place).collect::<Vec<_>>().join(", ")
    }
}

/// Lists all pages of the report.
fn list(context: &report::PageContext<'_>, json: bool) -> anyhow::Result<()> {
    let pages = report::PAGES.iter().map(|page| {
        anyhow::Ok(ListedPage {
            path: page.path,
            menu: page.menu,
            printed: page.print.is_some(),
            prerendered: page.prerendered,
            copied: page.copied,
            paths: page.all_paths(context)?,
        })
    });
    let pages = pages.collect::<anyhow::Result<Vec<_>>>()?;
    if json {
        writeln!(std::io::stdout().lock(), "{}", serde_json::to_string_pretty(&pages)?)?;
        return Ok(());
    }
    let mut listing = Listing::new(&["path", "menu", "#pages", "appears in"]);
    for page in pages {
        let count = match page.paths.len() {
            0 => "one per record".to_owned(),
            count => count.to_string(),
        };
        listing.row([page.path, page.menu.unwrap_or_default(), &count, &page.places()]);
    }
    Ok(listing.print()?)
}

/// Writes a file atomically: an existing file is replaced only once the new one is complete.
fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    // A pipe or a device, such as /dev/stdout, is written as it is.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, bytes)
            .with_context(|| format!("{} cannot be written", path.display()));
    }
    let temporary = path.with_extension("part");
    let written =
        std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written.with_context(|| format!("{} cannot be written", path.display()))
}
