//! The board pack as an accessible PDF (PDF/UA-1), typeset by typst from the same pages and charts:
//! cover, contents, narrative of the operator, summary, the state's chapters, one page per region,
//! and an appendix with data quality and methods.

mod alternative;
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
