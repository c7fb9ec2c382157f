//! The board pack: its structure for assistive technology, its pages and its readers.

use std::collections::BTreeSet;
use std::path::Path;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, Name, Object};
use hotwash_tests::coalition::{generated, released};
use hotwash_tests::{both, hotwash, pdf_ink, run};

/// An element of a PDF's structure tree.
struct Element {
    role: String,
    alternative: Vec<u8>,
    children: Vec<Element>,
}

/// Returns the elements below a value of `/K`. Numbers are marked content.
fn elements(value: Object<'_>) -> Vec<Element> {
    match value {
        Object::Array(array) => array.iter::<Object<'_>>().flat_map(elements).collect(),
        Object::Dict(dict) => {
            let Some(role) = dict.get::<Name<'_>>("S") else { return Vec::new() };
            let alternative = dict.get::<hayro_syntax::object::String<'_>>("Alt");
            vec![Element {
                role: role.as_str().to_owned(),
                alternative: alternative.map(|text| text.as_bytes().to_vec()).unwrap_or_default(),
                children: dict.get::<Object<'_>>("K").map(elements).unwrap_or_default(),
            }]
        }
        _ => Vec::new(),
    }
}

/// Calls a function with every element, in reading order.
fn visit<'a>(elements: &'a [Element], call: &mut impl FnMut(&'a Element)) {
    for element in elements {
        call(element);
        visit(&element.children, call);
    }
}

/// Returns the titles of a level of the outline.
fn bookmarks(first: Option<Dict<'_>>) -> Vec<String> {
    let mut titles = Vec::new();
    let mut next = first;
    while let Some(entry) = next {
        let title = entry.get::<hayro_syntax::object::String<'_>>("Title").unwrap();
        titles.push(decoded(title.as_bytes()));
        next = entry.get::<Dict<'_>>("Next");
    }
    titles
}

/// Decodes a text of a PDF, in UTF-16 or ASCII.
fn decoded(bytes: &[u8]) -> String {
    match bytes.strip_prefix(&[0xfe, 0xff]) {
        Some(wide) => {
            let units = wide.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            String::from_utf16_lossy(&units.collect::<Vec<_>>())
        }
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Checks what PDF/UA-1 demands of the structure, and returns the chapters.
fn chapters_of_accessible(bytes: &[u8]) -> Vec<String> {
    let pdf = Pdf::new(bytes.to_vec()).unwrap();
    let root: Dict<'_> = pdf.xref().get(pdf.xref().root_id()).unwrap();
    let language = root.get::<hayro_syntax::object::String<'_>>("Lang").unwrap();
    assert_eq!(language.as_bytes(), b"en-US");
    let marks: Dict<'_> = root.get("MarkInfo").unwrap();
    assert_eq!(marks.get::<bool>("Marked"), Some(true));
    let preferences: Dict<'_> = root.get("ViewerPreferences").unwrap();
    assert_eq!(preferences.get::<bool>("DisplayDocTitle"), Some(true));
    let metadata = root.get::<hayro_syntax::object::Stream<'_>>("Metadata").unwrap();
    let metadata = String::from_utf8(metadata.decoded().unwrap().to_vec()).unwrap();
    assert!(metadata.contains("<pdfuaid:part>1</pdfuaid:part>"), "{metadata}");
    assert!(metadata.contains("Readiness report, as of Jun 30, 2026"), "{metadata}");
    for page in pdf.pages().iter() {
        let order = page.raw().get::<Name<'_>>("Tabs").unwrap();
        assert_eq!(order.as_str(), "S", "tabs follow the structure");
    }
    let tree: Dict<'_> = root.get("StructTreeRoot").unwrap();
    let tree = elements(tree.get("K").unwrap());
    let (mut level, mut figures, mut tables, mut heads) = (0, 0, 0, 0);
    visit(&tree, &mut |element| match element.role.as_str() {
        "Figure" => {
            figures += 1;
            assert!(element.alternative.len() > 10, "figure {figures} has no alternative text");
        }
        "Table" => tables += 1,
        "TH" => heads += 1,
        role => {
            let found = role.strip_prefix('H').and_then(|level| level.parse::<u32>().ok());
            if let Some(found) = found {
                assert!(found <= level + 1, "H{level} is followed by H{found}");
                level = found;
            }
        }
    });
    assert!(figures > 20 && tables > 5 && heads >= 2 * tables, "{figures} {tables} {heads}");
    let outline: Dict<'_> = root.get("Outlines").unwrap();
    bookmarks(outline.get("First"))
}

/// Writes a pack and returns it.
fn pack(url: &str, file: &Path, arguments: &[&str]) -> Vec<u8> {
    let fixed = ["report", "--as-of", "2026-06-30", "--pdf", file.to_str().unwrap()];
    run(url, &[&fixed, arguments].concat());
    std::fs::read(file).unwrap()
}

const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"30\">\
                    <rect width=\"90\" height=\"30\" fill=\"#0b5c8f\"/></svg>";

#[tokio::test]
async fn the_board_pack_is_accessible_full_and_small_on_both_papers() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("logo.svg"), LOGO).unwrap();
    std::fs::write(path("year.md"), "# Our year\n\nWe met **all** goals.\n\n## Next\n\n- More\n")
        .unwrap();
    let (logo, narrative) = (path("logo.svg"), path("year.md"));
    let options = [
        "--report-title",
        "Readiness report",
        "--report-organization",
        "Example Coalition",
        "--report-logo",
        logo.to_str().unwrap(),
        "--report-narrative",
        narrative.to_str().unwrap(),
    ];
    for (paper, width) in [("us-letter", 612.0), ("a4", 595.3)] {
        let arguments = [&options[..], &["--paper", paper]].concat();
        let bytes = pack(database.url(), &path("pack.pdf"), &arguments);
        assert!(bytes.len() < 1 << 20, "{paper}: {} bytes", bytes.len());
        let chapters = chapters_of_accessible(&bytes);
        let of_regions = |title: &&String| title.contains("(region ");
        let regions: Vec<&String> = chapters.iter().filter(of_regions).collect();
        assert_eq!(regions.len(), 6, "{chapters:?}");
        let others: Vec<&str> =
            chapters.iter().filter(|title| !of_regions(title)).map(String::as_str).collect();
        assert_eq!(
            others,
            [
                "Our year",
                "Summary",
                "Regions",
                "Capabilities",
                "Risks",
                "Improvement plan",
                "Response",
                "Appendix: data quality",
                "Appendix: methods",
            ]
        );
        let pdf = Pdf::new(bytes).unwrap();
        for (at, page) in pdf.pages().iter().enumerate() {
            assert!((page.media_box().width() - width).abs() < 0.5, "{paper}");
            // The cover has a few lines on purpose.
            let drawn = page.page_stream().unwrap().len();
            assert!(at == 0 || drawn > 10_000, "{paper}: page {}: {drawn} bytes", at + 1);
        }
        let shares = pdf_ink(path("pack.pdf").to_str().unwrap()).unwrap_or_default();
        let sparse = shares.iter().skip(1).position(|share| *share < 0.5);
        assert_eq!(sparse, None, "{paper}: a page after the cover is nearly empty: {shares:.2?}");
    }
}

#[tokio::test]
async fn each_region_gets_a_pack_with_its_own_page() {
    let database = generated(1).await;
    released(database.url());
    let folder = tempfile::tempdir().unwrap();
    run(database.url(), &["report", "--each-region", "--pdf", folder.path().to_str().unwrap()]);
    let files: BTreeSet<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = ["1", "2", "3", "4AB", "4C", "5"].map(|code| format!("region-{code}.pdf"));
    assert_eq!(files, BTreeSet::from(expected));
    let own = |code: &str| {
        let bytes = std::fs::read(folder.path().join(format!("region-{code}.pdf"))).unwrap();
        let pdf = Pdf::new(bytes).unwrap();
        let root: Dict<'_> = pdf.xref().get(pdf.xref().root_id()).unwrap();
        let chapters = bookmarks(root.get::<Dict<'_>>("Outlines").unwrap().get("First"));
        let file = folder.path().join(format!("region-{code}.pdf"));
        let shares = pdf_ink(file.to_str().unwrap()).unwrap_or_default();
        // The cover and the contents have a few lines on purpose.
        let sparse = shares.iter().skip(2).position(|share| *share < 0.5);
        assert_eq!(sparse, None, "{code}: a page is nearly empty: {shares:.2?}");
        chapters.into_iter().filter(|title| title.contains("(region ")).collect::<Vec<_>>()
    };
    assert_eq!(own("3"), ["Northeast Massachusetts (region 3)"]);
    assert_eq!(own("4C").len(), 1);
}

#[tokio::test]
async fn what_cannot_be_printed_is_named_with_file_and_remedy() {
    let database = generated(1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("logo.svg"), "no image").unwrap();
    std::fs::write(path("year.md"), "Text\n\n![Chart](chart.png)\n").unwrap();
    let failure = |arguments: &[&str]| {
        let pdf = path("pack.pdf");
        let arguments = [&["report", "--pdf", &pdf], arguments].concat();
        let output = hotwash(database.url(), &arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        both(&output)
    };
    for (arguments, parts) in [
        (["--report-logo", &path("logo.svg")], ["logo.svg", "PNG, JPEG, WebP or SVG"]),
        (["--report-logo", &path("none.png")], ["none.png", "cannot be read"]),
        (["--report-narrative", &path("year.md")], ["year.md", "line 3: an image"]),
        (["--for", "region:9"], ["region 9 is not known", "1, 2, 3, 4AB, 4C, 5"]),
        (["--for", "board"], ["board", "use analyst, viewer, or region:"]),
    ] {
        let message = failure(&arguments);
        assert!(parts.iter().all(|part| message.contains(part)), "{arguments:?}: {message}");
    }
}
