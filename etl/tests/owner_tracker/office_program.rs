//! Trackers as office programs store them: LibreOffice with shared strings, styled empty cells and
//! without protection; others with inline strings, and with dates as text of ISO 8601.

use chrono::NaiveDate;
use hotwash_documents::grid::{Grid, GridCell};

use crate::copy::Copy;
use crate::office::zipped;
use crate::warehouse::{actions, answers, codes, load, sent, warehouse};

/// How a program stores texts and dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    /// Shared strings, some in runs; dates as serial numbers with a style of their own.
    SharedStrings,
    /// Texts within the cells; dates as serial numbers.
    InlineStrings,
    /// Texts within the cells; dates as `2025-06-30T00:00:00`.
    IsoDates,
}

const PROGRAMS: [Program; 3] = [Program::SharedStrings, Program::InlineStrings, Program::IsoDates];
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn serial(day: NaiveDate) -> i64 {
    (day - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days()
}

/// Returns the letters of a column.
fn letters(column: usize) -> char {
    char::from(b'A' + u8::try_from(column).unwrap())
}

/// Returns a sheet, and adds its texts to the shared strings.
fn sheet(grid: &Grid, program: Program, shared: &mut Vec<String>) -> String {
    let mut rows = String::new();
    for (number, row) in (1..).zip(&grid.rows) {
        let mut cells = String::new();
        for (column, cell) in row.cells().iter().enumerate() {
            let at = format!("r=\"{}{number}\"", letters(column));
            cells += &match cell {
                GridCell::Empty => format!("<c {at} s=\"1\"/>"),
                GridCell::Moment(moment) if program == Program::IsoDates => {
                    format!("<c {at} s=\"1\" t=\"d\"><v>{}</v></c>", moment.format("%FT%T"))
                }
                GridCell::Moment(moment) => {
                    format!("<c {at} s=\"1\" t=\"n\"><v>{}</v></c>", serial(moment.date()))
                }
                other if program == Program::SharedStrings => {
                    shared.push(other.text());
                    format!("<c {at} s=\"0\" t=\"s\"><v>{}</v></c>", shared.len() - 1)
                }
                other => format!(
                    "<c {at} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                    escaped(&other.text())
                ),
            };
        }
        rows +=
            &format!("<row r=\"{number}\" customFormat=\"false\" hidden=\"false\">{cells}</row>");
    }
    format!(
        "<worksheet xmlns=\"{MAIN}\"><sheetPr filterMode=\"false\"/><sheetData>{rows}</sheetData>\
         </worksheet>"
    )
}

/// Returns the shared strings; every other one is split into runs, as programs store cells that
/// were edited in part.
fn shared_strings(texts: &[String]) -> String {
    let items = texts.iter().enumerate().map(|(index, text)| {
        let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
        let run = |part: &str| {
            format!("<r><rPr><b/></rPr><t xml:space=\"preserve\">{}</t></r>", escaped(part))
        };
        if index % 2 == 0 {
            format!("<si><t xml:space=\"preserve\">{}</t></si>", escaped(text))
        } else {
            format!("<si>{}{}</si>", run(&text[..middle]), run(&text[middle..]))
        }
    });
    let items: String = items.collect();
    format!("<sst xmlns=\"{MAIN}\" count=\"{0}\" uniqueCount=\"{0}\">{items}</sst>", texts.len())
}

/// Returns the bytes of the file as the program saves it.
fn save(copy: &Copy, program: Program) -> Vec<u8> {
    let mut shared = Vec::new();
    let sheets: Vec<String> =
        copy.sheets.iter().map(|grid| sheet(grid, program, &mut shared)).collect();
    let (mut names, mut links, mut files) = (String::new(), String::new(), Vec::new());
    for ((number, grid), xml) in (1..).zip(&copy.sheets).zip(sheets) {
        let state = if grid.name == "hotwash" { "hidden" } else { "visible" };
        names += &format!(
            "<sheet name=\"{}\" sheetId=\"{number}\" state=\"{state}\" r:id=\"rId{number}\"/>",
            grid.name
        );
        links += &format!(
            "<Relationship Id=\"rId{number}\" Type=\"{RELATIONSHIPS}/worksheet\" \
             Target=\"/xl/worksheets/sheet{number}.xml\"/>"
        );
        files.push((format!("xl/worksheets/sheet{number}.xml"), xml));
    }
    for (id, part) in [("rId8", "styles"), ("rId9", "sharedStrings")] {
        links += &format!(
            "<Relationship Id=\"{id}\" Type=\"{RELATIONSHIPS}/{part}\" Target=\"{part}.xml\"/>"
        );
    }
    let root = [
        (format!("{RELATIONSHIPS}/officeDocument"), "xl/workbook.xml"),
        (format!("{PACKAGE}/relationships/metadata/core-properties"), "docProps/core.xml"),
    ];
    let root: String = (1..)
        .zip(root)
        .map(|(id, (kind, target))| {
            format!("<Relationship Id=\"rId{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
        })
        .collect();
    let of_package = |name: &str, content: &str| {
        format!("<{name} xmlns=\"{PACKAGE}/relationships\">{content}</{name}>")
    };
    files.extend([
        ("_rels/.rels".to_owned(), of_package("Relationships", &root)),
        ("xl/_rels/workbook.xml.rels".to_owned(), of_package("Relationships", &links)),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONSHIPS}\"><workbookPr \
                 date1904=\"false\"/><workbookProtection/><sheets>{names}</sheets></workbook>"
            ),
        ),
        (
            "xl/styles.xml".to_owned(),
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" \
                 formatCode=\"yyyy\\-mm\\-dd\"/></numFmts><cellXfs count=\"2\"><xf numFmtId=\"0\"/>\
                 <xf numFmtId=\"164\" applyNumberFormat=\"true\"/></cellXfs></styleSheet>"
            ),
        ),
        ("xl/sharedStrings.xml".to_owned(), shared_strings(&shared)),
        (
            "docProps/core.xml".to_owned(),
            format!(
                "<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" \
                 xmlns:dcterms=\"http://purl.org/dc/terms/\" \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dcterms:modified \
                 xsi:type=\"dcterms:W3CDTF\">{}T12:00:00Z</dcterms:modified></cp:coreProperties>",
                copy.saved_on
            ),
        ),
    ]);
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zipped(&files)
}

#[tokio::test]
async fn a_file_that_an_office_program_saved_unchanged_says_nothing() {
    let database = warehouse().await;
    let (_folder, copy) = sent(&database).await;
    let before = actions(&database).await;
    for program in PROGRAMS {
        let report = load(&database, save(&copy, program)).await;
        assert_eq!((report.read, codes(&report)), (0, vec!["NOTHING_ANSWERED - -".to_owned()]));
    }
    assert_eq!(actions(&database).await, before);
}

#[tokio::test]
async fn edits_are_read_alike_from_the_files_of_all_office_programs() {
    for program in PROGRAMS {
        let database = warehouse().await;
        let (_folder, copy) = sent(&database).await;
        let report = load(&database, save(&copy.filled(), program)).await;
        let counts = (report.read, report.inserted, report.updated, report.rejected);
        assert_eq!(counts, (3, 1, 2, 0), "{program:?}: {report:?}");
        assert_eq!(report.details, [], "{program:?}");
        let after = actions(&database).await;
        for line in [
            "Revise the bed board | COMPLETED | 2025-06-30 | 2025-06-03 | Fairbrook Hospital",
            "Set a clock time for reports | OPEN | 2025-09-30 | - | Fairbrook Hospital",
            "Train the night shift | IN_PROGRESS | 2025-12-31 | - | Fairbrook Hospital",
        ] {
            assert!(after.iter().any(|found| found.starts_with(line)), "{program:?}: {after:?}");
        }
        assert_eq!(answers(&database).await[0], "A1 2025-06-01 2025-06-15 2025-06-05");
    }
}
