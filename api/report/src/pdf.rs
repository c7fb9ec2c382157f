//! The board pack as an accessible PDF (PDF/UA-1), typeset by typst from the same pages and charts:
//! cover, contents, narrative of the operator, summary, the state's chapters, one page per region,
//! and an appendix with data quality and methods.

mod alternative;
mod error;
mod front;
mod logo;
mod methods;
mod narrative;
mod sections;
mod source;
mod world;

use hotwash_metrics::MetricError;
use hotwash_schema::access::Role;

use crate::context::PageContext;
use crate::definition::{Part, PathValues, Sheet};
use crate::drawing::Locator;
use crate::page::Page;
use crate::pages::{PAGES, find_page};
pub use error::PdfError;
pub use logo::Logo;
pub use narrative::{Narrative, NarrativeError};
use source::Source;
use world::Paper;

/// Typst definitions of the layout.
const PRELUDE: &str = include_str!("pdf/prelude.typ");

/// What the operator chooses about a board pack.
#[derive(Clone, Debug, Default)]
pub struct Pack {
    /// Name of the paper: `a4` or `us-letter`.
    pub paper: String,
    /// Title on the cover.
    pub title: String,
    /// Organization that publishes the pack; empty for none.
    pub organization: String,
    /// Logo on the cover.
    pub logo: Option<Logo>,
    /// Narrative before the summary.
    pub narrative: Option<Narrative>,
}

/// A page with its sheet, and the map that shows where its region lies.
struct Printed {
    sheet: &'static Sheet,
    page: Page,
    locator: Option<Locator>,
}

/// Returns the pages in print order.
fn pages(context: &PageContext<'_>) -> Result<Vec<Printed>, MetricError> {
    let mut found = Vec::new();
    let printed = PAGES.iter().filter_map(|page| Some((page, page.print.as_ref()?)));
    for (definition, sheet) in printed {
        for path in definition.all_paths(context)? {
            let values = definition.values(&path).unwrap_or_default();
            if sheet.part == Part::Region && !has_own_page(context, &values) {
                continue;
            }
            let locator = sheet.locator.map(|locator| locator(context, &values));
            let page = find_page(&path, context)?;
            found.extend(page.map(|page| Printed { sheet, page, locator }));
        }
    }
    found.sort_by_key(|printed| printed.sheet.part);
    Ok(found)
}

/// Reports whether a region has a page in this reader's pack. For members of a region these are
/// their own; of the others, comparisons show what is published.
fn has_own_page(context: &PageContext<'_>, values: PathValues<'_>) -> bool {
    context.viewer.role != Role::Region
        || values.iter().any(|code| context.viewer.sees_region(code))
}

/// Typesets the board pack for the context's viewer.
///
/// # Errors
/// Fails when a metric cannot be computed, or typst rejects the source.
pub fn pdf(context: &PageContext<'_>, pack: &Pack) -> Result<Vec<u8>, PdfError> {
    let mut source = Source::default();
    front::report(&mut source, context, pack);
    front::cover(&mut source, context, pack);
    front::contents(&mut source);
    if let Some(narrative) = &pack.narrative {
        let (title, no_question) = (source::quoted(&narrative.title), source::quoted(""));
        source.call("chapter", &[title, no_question, "0pt".to_owned()]);
        source.put(&narrative.text);
    }
    let (state, others): (Vec<Printed>, Vec<Printed>) =
        pages(context)?.into_iter().partition(|printed| printed.sheet.part == Part::State);
    state.iter().for_each(|printed| sections::write(&mut source, printed));
    source.call("notes", &[]);
    others.iter().for_each(|printed| sections::write(&mut source, printed));
    methods::write(&mut source);
    source.call("notes", &[]);
    Paper::new(source).pdf()
}

/// Typesets the summary alone: the first page of the board pack after its narrative.
///
/// # Errors
/// Fails when a metric cannot be computed, or typst rejects the source.
pub fn summary_pdf(context: &PageContext<'_>, pack: &Pack) -> Result<Vec<u8>, PdfError> {
    let mut source = Source::default();
    front::report(&mut source, context, pack);
    if let Some(summary) = pages(context)?.first() {
        sections::write(&mut source, summary);
    }
    Paper::new(source).pdf()
}
