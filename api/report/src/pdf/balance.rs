//! Distributes chapters over pages so that none is nearly empty. Charts of a chapter are drawn
//! wider or narrower, which makes them lower or higher on paper, until they fill their pages.

use typst::foundations::StyleChain;
use typst::introspection::Tag;
use typst::layout::{Abs, Frame, FrameItem};
use typst::model::HeadingElem;
use typst_layout::PagedDocument;

use super::error::PdfError;
use super::source::Source;
use super::world::Paper;

/// Share of a page that must be covered; a page with less counts as nearly empty.
const FULL_ENOUGH: f64 = 0.6;

/// Factors of the widths at which the charts of a chapter can be drawn, the best first.
const STRETCHES: [f64; 7] = [1.0, 1.08, 0.92, 1.16, 1.24, 0.84, 1.32];

/// Maximum number of layouts that are tried.
const MOST_TRIES: usize = 80;

/// Margins above and below the text, as in the prelude.
const MARGINS: [Abs; 2] = [Abs::raw(59.5), Abs::raw(53.9)];

/// Blank height that counts as part of the content around it, in points.
const GAP: f64 = 30.0;

/// A document with what its pages are filled with.
struct Attempt {
    document: PagedDocument,
    /// First page of each stretchable chapter.
    begins: Vec<usize>,
    /// Nearly empty pages, and how much is lacking on all of them together.
    sparse: Vec<usize>,
    lacking: f64,
}

impl Attempt {
    fn new(document: PagedDocument, titles: &[String]) -> Self {
        let mut begins = vec![0; titles.len()];
        for (at, page) in document.pages().iter().enumerate() {
            for heading in headings(&page.frame) {
                if let Some(chapter) = titles.iter().position(|title| *title == heading) {
                    begins[chapter] = at;
                }
            }
        }
        // The cover and the contents, before the first chapter, have a few lines on purpose.
        let first = begins.iter().min().copied().unwrap_or_default();
        let pages = document.pages().iter().enumerate().skip(first);
        let lacks = pages.map(|(at, page)| (at, FULL_ENOUGH - covered(&page.frame)));
        let (sparse, lacks): (Vec<usize>, Vec<f64>) =
            lacks.filter(|(_, lacks)| *lacks > 0.0).unzip();
        Self { document, begins, sparse, lacking: lacks.iter().sum() }
    }

    /// Returns the first nearly empty page from a page on.
    fn sparse_from(&self, from: usize) -> Option<usize> {
        self.sparse.iter().copied().find(|page| *page >= from)
    }
}

/// Lays out a pack, whose source follows from a stretch for each of its chapters with these titles.
///
/// # Errors
/// Fails if typst rejects the source.
pub fn balanced(
    titles: &[String],
    source: impl Fn(&[f64]) -> Source,
) -> Result<(Paper, PagedDocument), PdfError> {
    let attempt = |stretches: &[f64]| {
        let paper = Paper::new(source(stretches));
        let document = paper.document()?;
        Ok::<_, PdfError>((paper, Attempt::new(document, titles)))
    };
    let mut stretches = vec![STRETCHES[0]; titles.len()];
    let mut best = attempt(&stretches)?;
    let mut tries = 1;
    // First page that no stretch has failed to fill.
    let mut from = 0;
    while let Some(page) = best.1.sparse_from(from) {
        let mut better = None;
        // The chapter on the page, the one after it, and the one before it can change the page.
        let near = best.1.begins.iter().enumerate().rev().filter(|(_, begin)| **begin <= page + 1);
        let near: Vec<usize> = near.map(|(chapter, _)| chapter).take(3).collect();
        // Each alone, and the last two or three together: a page may vanish only if several shrink.
        let together = (2..=near.len()).map(|count| &near[..count]);
        let groups: Vec<&[usize]> = near.chunks(1).chain(together).collect();
        'found: for stretch in STRETCHES {
            for chapters in &groups {
                let mut changed = stretches.clone();
                for &chapter in *chapters {
                    changed[chapter] = stretch;
                }
                if changed == stretches || tries == MOST_TRIES {
                    continue;
                }
                let tried = attempt(&changed)?;
                tries += 1;
                let least = better
                    .as_ref()
                    .map_or(best.1.lacking, |(_, known): &(_, (_, Attempt))| known.1.lacking);
                if tried.1.lacking < least {
                    let is_solved = tried.1.sparse_from(from).is_none_or(|sparse| sparse > page);
                    better = Some((changed, tried));
                    if is_solved {
                        break 'found;
                    }
                }
            }
        }
        match better {
            Some((changed, tried)) => (stretches, best) = (changed, tried),
            None => from = page + 1,
        }
    }
    let Attempt { sparse, lacking, .. } = &best.1;
    tracing::debug!(tries, ?stretches, ?sparse, lacking, "the board pack is laid out");
    Ok((best.0, best.1.document))
}

/// Returns the titles of the chapters that begin in a frame.
fn headings(frame: &Frame) -> Vec<String> {
    let of_item = |item: &FrameItem| match item {
        FrameItem::Group(group) => headings(&group.frame),
        FrameItem::Tag(Tag::Start(content, _)) => {
            let heading = content.to_packed::<HeadingElem>();
            let chapter = heading.filter(|it| it.resolve_level(StyleChain::default()).get() == 1);
            chapter.map(|heading| heading.body.plain_text().to_string()).into_iter().collect()
        }
        _ => Vec::new(),
    };
    frame.items().flat_map(|(_, item)| of_item(item)).collect()
}

/// Returns the share of the height of a page's body that has text, lines or pictures.
fn covered(page: &Frame) -> f64 {
    let [top, bottom] = [MARGINS[0].to_pt(), (page.height() - MARGINS[1]).to_pt()];
    let mut spans = Vec::new();
    add_spans(page, 0.0, 1.0, &mut spans);
    spans.retain(|(from, to)| *to > top && *from < bottom);
    spans.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut sum, mut end) = (0.0, top);
    for (from, to) in spans {
        let from = if from - end <= GAP { end } else { from };
        let to = to.min(bottom);
        if to > end {
            sum += to - from.max(end);
            end = to;
        }
    }
    sum / (bottom - top)
}

/// Adds the heights between which the items of a frame lie, in points. The frame begins at a height
/// of the page, and is scaled.
fn add_spans(frame: &Frame, begin: f64, scale: f64, spans: &mut Vec<(f64, f64)>) {
    for (position, item) in frame.items() {
        let at = begin + scale * position.y.to_pt();
        let mut add = |above: f64, height: f64| {
            spans.push((at - scale * above, at + scale * (height - above)));
        };
        match item {
            FrameItem::Group(group) => {
                let transform = group.transform;
                let inner = at + scale * transform.ty.to_pt();
                add_spans(&group.frame, inner, scale * transform.sy.get(), spans);
            }
            FrameItem::Text(text) => add(0.8 * text.size.to_pt(), text.size.to_pt()),
            FrameItem::Shape(shape, _) => {
                let bounds = shape.bbox(false);
                add(-bounds.min.y.to_pt(), (bounds.max.y - bounds.min.y).to_pt());
            }
            FrameItem::Image(_, size, _) => add(0.0, size.y.to_pt()),
            FrameItem::Link(..) | FrameItem::Tag(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(stretches: &[f64]) -> Source {
        let mut source = Source::with_prelude();
        source.put("#show: report.with(title: \"Report\")");
        chapters(&mut source, stretches);
        source
    }

    fn chapters(source: &mut Source, stretches: &[f64]) {
        for ((title, figures), stretch) in [("Regions", 3), ("Risks", 2)].iter().zip(stretches) {
            source.call("chapter", &[format!("\"{title}\""), "\"\"".to_owned()]);
            for _ in 0..*figures {
                let height = 250.0 / stretch;
                source.put(&format!("#block(height: {height}pt, breakable: false, fill: red)[x]"));
            }
        }
    }

    /// Returns the covered share of each page.
    fn shares(document: &PagedDocument) -> Vec<f64> {
        document.pages().iter().map(|page| covered(&page.frame)).collect()
    }

    #[test]
    fn no_page_is_nearly_empty() {
        let titles = ["Regions", "Risks"].map(str::to_owned);
        let plain = Paper::new(pack(&[1.0, 1.0])).document().unwrap();
        let sparse = |document: &PagedDocument| {
            shares(document).into_iter().filter(|share| *share < FULL_ENOUGH).count()
        };
        let (_, document) = balanced(&titles, pack).unwrap();
        assert!(sparse(&plain) > 0, "{:?}", shares(&plain));
        assert_eq!(sparse(&document), 0, "{:?}", shares(&document));
    }

    #[test]
    fn a_page_that_nothing_fills_does_not_stop_the_search() {
        let titles = ["Notes", "Regions", "Risks"].map(str::to_owned);
        // A page break follows the notes, so no stretch fills their page.
        let with_notes = |stretches: &[f64]| {
            let mut source = Source::with_prelude();
            source.put("#show: report.with(title: \"Report\")");
            source.call("chapter", &["\"Notes\"", "\"\""].map(str::to_owned));
            source.put("#pagebreak()");
            chapters(&mut source, &stretches[1..]);
            source
        };
        let (_, document) = balanced(&titles, with_notes).unwrap();
        let shares = shares(&document);
        assert!(shares[0] < FULL_ENOUGH, "{shares:?}");
        assert!(shares[1..].iter().all(|share| *share >= FULL_ENOUGH), "{shares:?}");
    }

    #[test]
    fn a_chapter_moves_to_the_next_page_together_with_its_first_figure() {
        let mut source = Source::with_prelude();
        source.put("#show: report.with(title: \"Report\")\n#block(height: 300pt, fill: red)[x]");
        source.call("chapter", &["\"Risks\"", "\"Are they exercised?\""].map(str::to_owned));
        source.put("#block(height: 470pt, breakable: false, fill: red)[x]");
        let document = Paper::new(source).document().unwrap();
        let begins: Vec<usize> =
            document.pages().iter().map(|page| headings(&page.frame).len()).collect();
        assert_eq!(begins, [0, 1]);
    }
}
