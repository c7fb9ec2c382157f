//! Inputs of typst: one source, its images and the bundled fonts; nothing from the machine.

use chrono::Datelike;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::error::PdfError;
use super::fonts::{fonts, printable};
use super::source::Source as Written;

/// Inputs of one PDF.
pub struct Paper {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    main: Source,
    images: Vec<(String, Bytes)>,
}

impl Paper {
    pub fn new(written: Written) -> Self {
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(fonts())),
            main: Source::detached(printable(&written.text)),
            images: written.images,
        }
    }

    /// Returns the pages.
    ///
    /// # Errors
    /// Fails with what typst rejects, and where.
    pub fn document(&self) -> Result<PagedDocument, PdfError> {
        typst::compile(self).output.map_err(|errors| self.rejected(&errors))
    }

    /// Returns the PDF of the pages. Typst checks that it conforms to PDF/UA-1, which assistive
    /// technology needs.
    ///
    /// # Errors
    /// Fails with what typst rejects, and where.
    pub fn pdf(&self, document: &PagedDocument) -> Result<Vec<u8>, PdfError> {
        let standards = PdfStandards::new(&[PdfStandard::Ua_1])
            .map_err(|error| PdfError::Typst(error.message().to_string()))?;
        let options = PdfOptions { standards, ..PdfOptions::default() };
        typst_pdf::pdf(document, &options).map_err(|errors| self.rejected(&errors))
    }

    fn rejected(&self, errors: &[SourceDiagnostic]) -> PdfError {
        PdfError::Typst(self.error_message(errors))
    }

    fn error_message(&self, errors: &[SourceDiagnostic]) -> String {
        let excerpt = |error: &SourceDiagnostic| {
            let range = self.range(error.span)?;
            Some(self.main.text().get(range)?.chars().take(80).collect::<String>())
        };
        errors
            .iter()
            .map(|error| match excerpt(error) {
                Some(excerpt) => format!("{} at `{excerpt}`", error.message),
                None => error.message.to_string(),
            })
            .collect::<Vec<_>>()
            .join("; ")
    }
}

impl World for Paper {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::NotSource) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let name = id.get().vpath().get_without_slash();
        let known = self.images.iter().find(|(known, _)| known == name);
        known.map(|(_, bytes)| bytes.clone()).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        fonts().get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        let today = chrono::Local::now().date_naive();
        Datetime::from_ymd(
            today.year(),
            today.month().try_into().ok()?,
            today.day().try_into().ok()?,
        )
    }
}

#[cfg(test)]
mod tests {
    use typst::layout::{Abs, Frame, FrameItem};

    use super::super::source::quoted;
    use super::*;

    /// Returns the width of the widest text with the letters of a long word.
    fn widest_text(frame: &Frame) -> Abs {
        let width = |item: &FrameItem| match item {
            FrameItem::Text(text) if text.text.contains("xx") => text.width(),
            FrameItem::Group(group) => widest_text(&group.frame),
            _ => Abs::zero(),
        };
        frame.items().map(|(_, item)| width(item)).max().unwrap_or_default()
    }

    #[test]
    fn a_long_word_stays_in_its_column() {
        let word = "https://portal.example.org/".to_owned() + &"x".repeat(250);
        let mut source = Written::with_prelude();
        source.put("#show: report.with(title: \"Report\")");
        source.put(&format!("#table(columns: (60pt, 60pt), {}, [next])", quoted(&word)));
        let paper = Paper::new(source);
        let document = paper.document().unwrap();
        paper.pdf(&document).unwrap();
        let widest = document.pages().iter().map(|page| widest_text(&page.frame)).max();
        assert!(widest.is_some_and(|widest| widest <= Abs::pt(60.0)), "{widest:?}");
    }

    #[test]
    fn any_character_of_a_record_is_printed() {
        let text = "\u{2705} \u{533B}\u{9662}, \u{645}\u{633}\u{62A}\u{634}\u{641}\u{649} \u{1F469}\u{200D}\u{1F692} \u{E000} e\u{301}";
        let mut source = Written::default();
        source.put(
            "#set document(title: \"Report\")\n#set text(font: (\"Roboto\", \"DejaVu Sans Mono\"))",
        );
        source.put(&format!("#{}", quoted(text)));
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"20\"><text y=\"15\">{text}</text></svg>"
        );
        let drawing = source.drawing(&svg);
        source.put(&format!("#image({drawing}, alt: {})", quoted(text)));
        let paper = Paper::new(source);
        let pdf = paper.pdf(&paper.document().unwrap()).unwrap();
        assert!(pdf.starts_with(b"%PDF"), "{} bytes", pdf.len());
    }
}
