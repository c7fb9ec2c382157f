//! The board pack as an accessible PDF (PDF/UA-1), typeset by typst from the same pages and charts:
//! cover, contents, narrative of the operator, summary, the state's chapters, one page per region,
//! and an appendix with data quality and methods.

mod alternative;
mod balance;
mod error;
mod fonts;
mod front;
mod logo;
mod methods;
mod narrative;
mod pack;
mod printed;
mod sections;
mod source;
mod world;

use balance::balanced;

use crate::context::PageContext;
use crate::definition::Part;
pub use error::PdfError;
pub use logo::Logo;
pub use narrative::{Narrative, NarrativeError};
pub use pack::Pack;
use printed::{Printed, pages};
use source::Source;
use world::Paper;

/// Typesets the board pack for the context's viewer.
///
/// # Errors
/// Fails when a metric cannot be computed, or typst rejects the source.
pub fn pdf(context: &PageContext<'_>, pack: &Pack) -> Result<Vec<u8>, PdfError> {
    let printed = pages(context)?;
    let mut titles: Vec<String> = chapters(&printed).map(|it| it.title().to_owned()).collect();
    titles.push(methods::TITLE.to_owned());
    let (paper, document) =
        balanced(&titles, |stretches| written(context, pack, &printed, stretches))?;
    paper.pdf(&document)
}

/// Returns the pages that are chapters; regions have a page of their own.
fn chapters(printed: &[Printed]) -> impl Iterator<Item = &Printed> {
    printed.iter().filter(|printed| printed.sheet.part != Part::Region)
}

/// Writes the board pack, with a stretch for each chapter and for the methods.
fn written(
    context: &PageContext<'_>,
    pack: &Pack,
    printed: &[Printed],
    stretches: &[f64],
) -> Source {
    let mut source = Source::with_prelude();
    front::report(&mut source, context, pack);
    front::cover(&mut source, context, pack);
    front::contents(&mut source);
    if let Some(narrative) = &pack.narrative {
        source.call("chapter", &[source::quoted(&narrative.title), source::quoted("")]);
        source.put(&narrative.text);
    }
    let mut stretches = stretches.iter().copied();
    let mut next = || stretches.next().unwrap_or(1.0);
    for printed in printed {
        let stretch = if printed.sheet.part == Part::Region { 1.0 } else { next() };
        sections::write(&mut source, printed, stretch);
    }
    methods::write(&mut source, next());
    source
}

/// Typesets the summary alone: the first page of the board pack after its narrative.
///
/// # Errors
/// Fails when a metric cannot be computed, or typst rejects the source.
pub fn summary_pdf(context: &PageContext<'_>, pack: &Pack) -> Result<Vec<u8>, PdfError> {
    let mut source = Source::with_prelude();
    front::report(&mut source, context, pack);
    if let Some(summary) = pages(context)?.first() {
        sections::write(&mut source, summary, 1.0);
    }
    let paper = Paper::new(source);
    paper.pdf(&paper.document()?)
}
