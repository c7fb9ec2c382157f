//! The report on paper, typeset by typst from the same pages and drawings.

use std::collections::HashMap;

use chrono::Datelike;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_pdf::PdfOptions;

use super::html::Frame;
use super::{Page, Section};

/// Colours and letters of the drawings on paper.
const PRINT_STYLE: &str = "<style>text{font-family:'Libertinus Serif';font-size:12px;fill:#16202a}.small{font-size:11px;fill:#4d5b68}.line{fill:none;stroke:#0b5c8f;stroke-width:2}.thin{fill:none;stroke:#6ba6cd}.dot{fill:#0b5c8f}.hollow{fill:#fff;stroke:#0b5c8f;stroke-width:1.5}.signal{fill:#b3400e}.whisker{stroke:#0b5c8f;stroke-width:2}.ref{stroke:#4d5b68;stroke-dasharray:3 3}.limit{stroke:#b3400e;stroke-dasharray:6 4}.grid{stroke:#d5dce2}.funnel{fill:#4d5b68;fill-opacity:.16}.band{fill:#0b5c8f;fill-opacity:.16}.bar{fill:#0b5c8f}.p{fill:#0b5c8f}.s{fill:#6ba6cd}.m{fill:#f0a860}.u{fill:#b3400e}.on-p,.on-u,.on-heat{fill:#fff}.on-s,.on-m{fill:#16202a}.heat{fill:#0b5c8f;stroke:#d5dce2}.framed{stroke:#b3400e;stroke-width:2.5}.region{fill:#0b5c8f;stroke:#fff;stroke-width:2}.map-label{font-size:19px}</style>";

struct Paper {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: Source,
    files: HashMap<String, Bytes>,
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
        let name = format!("{:?}", id.vpath());
        self.files
            .iter()
            .find(|(known, _)| name.contains(known.as_str()))
            .map(|(_, bytes)| bytes.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        let today = chrono::Local::now().date_naive();
        Datetime::from_ymd(today.year(), today.month().try_into().ok()?, today.day().try_into().ok()?)
    }
}

/// Text safe in typst markup.
fn safe(text: &str) -> String {
    text.chars()
        .flat_map(|letter| if "\\#$*_`<>@[]~=-+/'\"".contains(letter) { vec!['\\', letter] } else { vec![letter] })
        .collect()
}

/// Typesets the pages.
///
/// # Errors
/// When typst refuses what we wrote, which is our fault.
pub fn pdf(pages: &[Page], frame: &Frame, paper: &str) -> Result<Vec<u8>, String> {
    let mut files = HashMap::new();
    let mut text = format!(
        "#set document(title: \"Hotwash report\")\n#set page(paper: \"{paper}\", margin: 2cm, numbering: \"1 / 1\", footer: context [#set text(8pt, fill: luma(90)); As of {} · warehouse version {} · {} #h(1fr) #counter(page).display()])\n#set text(font: \"Libertinus Serif\", size: 10pt)\n#show heading.where(level: 1): it => {{ pagebreak(weak: true); text(20pt, it.body); v(4pt) }}\n#show heading.where(level: 2): it => block(above: 16pt, below: 6pt, text(12pt, it.body))\n#v(6cm)\n#text(30pt, weight: \"bold\")[Improvement report]\n\n#text(14pt)[Health and medical coordinating coalitions]\n\n#text(11pt)[As of {}]\n\n{}\n",
        safe(&frame.as_of),
        frame.version,
        safe(&frame.audience),
        safe(&frame.as_of),
        if frame.fictional {
            "#text(fill: rgb(\"#b3400e\"))[Fictional demonstration data: exercises, ratings, actions and risk scores are invented.]"
        } else {
            ""
        }
    );
    for page in pages {
        text += &format!("= {}\n#text(fill: luma(90))[{}]\n\n", safe(&page.title), safe(&page.question));
        for section in &page.sections {
            match section {
                Section::Text(said) => text += &format!("{}\n\n", safe(said)),
                Section::Tiles(tiles) => {
                    let cells: String = tiles.iter().map(|tile| format!("[#text(8pt)[{}]\\ #text(17pt, weight: \"bold\")[{}]\\ #text(8pt, fill: luma(90))[{} {}]],", safe(&tile.label), safe(&tile.value), safe(&tile.detail), safe(&tile.verdict))).collect();
                    text += &format!("#grid(columns: 3, gutter: 12pt, {cells})\n\n");
                }
                Section::Figure(figure) | Section::Table(figure) => {
                    // A drawing stays with its title; a long table may run over pages.
                    if !figure.svg.is_empty() {
                        text += "#block(breakable: false)[\n";
                    }
                    text += &format!("== {}\n{}\n\n", safe(&figure.title), safe(&figure.reading));
                    if figure.svg.is_empty() {
                        let rows: String = figure
                            .rows
                            .iter()
                            .take(40)
                            .map(|row| row.iter().map(|cell| format!("[{}],", safe(&cell.text))).collect::<String>())
                            .collect();
                        let headings: String =
                            figure.headings.iter().map(|heading| format!("[*{}*],", safe(heading))).collect();
                        text += &format!(
                            "#text(8pt)[#table(columns: {}, stroke: none, inset: 3pt, table.header({headings}), table.hline(stroke: 0.5pt), {rows})]\n\n",
                            figure.headings.len()
                        );
                    } else {
                        let name = format!("figure{}.svg", files.len());
                        let drawn = figure.svg.replacen('>', &format!(">{PRINT_STYLE}"), 1);
                        files.insert(name.clone(), Bytes::from_string(drawn));
                        text += &format!("#image(\"/{name}\", width: 100%)\n]\n\n");
                    }
                }
            }
        }
    }
    let fonts: Vec<Font> = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    let paper = Paper {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        main: Source::detached(text),
        files,
    };
    let said = |errors: &[typst::diag::SourceDiagnostic]| {
        errors.iter().map(|error| error.message.to_string()).collect::<Vec<_>>().join("; ")
    };
    let document = typst::compile(&paper).output.map_err(|errors| said(&errors))?;
    typst_pdf::pdf(&document, &PdfOptions::default()).map_err(|errors| said(&errors))
}
