//! Creates office files in memory for tests: Word documents from paragraphs and tables, and
//! workbooks from rows. Provides a warehouse to load and query.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use std::io::{Cursor, Write};

use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use zip::write::SimpleFileOptions;

/// Headings of the template's ratings table.
pub const HEAD: [&str; 6] = [
    "Objective",
    "Core Capability",
    "Performed without Challenges (P)",
    "Performed with Some Challenges (S)",
    "Performed with Major Challenges (M)",
    "Unable to be Performed (U)",
];

const STYLES: &str = r#"<w:styles xmlns:w="w"><w:style w:styleId="Heading1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="Heading2"><w:name w:val="heading 2"/></w:style><w:style w:styleId="Heading3"><w:name w:val="heading 3"/></w:style><w:style w:styleId="Heading4"><w:name w:val="heading 4"/></w:style><w:style w:styleId="ListBullet"><w:name w:val="List Bullet"/></w:style></w:styles>"#;

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns text as runs, with line ends as soft breaks.
fn runs(text: &str, properties: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| format!("<w:t xml:space=\"preserve\">{}</w:t>", escaped(line)))
        .collect();
    format!("<w:r>{properties}{}</w:r>", lines.join("<w:br/>"))
}

pub fn p(text: &str) -> String {
    format!("<w:p>{}</w:p>", runs(text, ""))
}

pub fn heading(level: u8, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"Heading{level}\"/></w:pPr>{}</w:p>", runs(text, ""))
}

pub fn bold(text: &str) -> String {
    format!("<w:p>{}</w:p>", runs(text, "<w:rPr><w:b/></w:rPr>"))
}

/// Returns bold words followed by plain words, in one paragraph.
pub fn run_in(head: &str, text: &str) -> String {
    format!("<w:p>{}{}</w:p>", runs(head, "<w:rPr><w:b/></w:rPr>"), runs(text, ""))
}

pub fn bullet(text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"ListBullet\"/></w:pPr>{}</w:p>", runs(text, ""))
}

/// Returns a numbered list item at a level.
pub fn item(level: u8, text: &str) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId \
         w:val=\"3\"/></w:numPr></w:pPr>{}</w:p>",
        runs(text, "")
    )
}

/// Returns a cell. `^` continues the cell above, `v:` starts such a merge, `3|` spans three
/// columns, and `<` is WordprocessingML. Lines of other texts are paragraphs.
fn cell(text: &str) -> String {
    let (span, text) = match text.split_once('|') {
        Some((digits, rest)) if digits.len() == 1 && digits.parse::<u8>().is_ok() => (digits, rest),
        _ => ("1", text),
    };
    let (merge, text) = match text.strip_prefix("v:") {
        Some(rest) => ("<w:vMerge w:val=\"restart\"/>", rest),
        None if text == "^" => ("<w:vMerge/>", ""),
        None => ("", text),
    };
    let content =
        if text.starts_with('<') { text.to_owned() } else { text.split('\n').map(p).collect() };
    format!("<w:tc><w:tcPr><w:gridSpan w:val=\"{span}\"/>{merge}</w:tcPr>{content}</w:tc>")
}

pub fn table(rows: &[&[&str]]) -> String {
    let rows: String = rows
        .iter()
        .map(|row| {
            format!("<w:tr>{}</w:tr>", row.iter().map(|text| cell(text)).collect::<String>())
        })
        .collect();
    format!("<w:tbl><w:tblGrid/>{rows}</w:tbl>")
}

pub fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn docx(body: &[String]) -> Vec<u8> {
    let document = format!(
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\" \
         xmlns:w14=\"w14\"><w:body>{}<w:sectPr/></w:body></w:document>",
        body.concat()
    );
    zipped(&[("word/document.xml", document.as_bytes()), ("word/styles.xml", STYLES.as_bytes())])
}

/// Returns the overview that a report needs, of an exercise of region 3 on June 3, 2025. Each call
/// returns a different exercise name, so many reports can be loaded into one warehouse.
pub fn overview() -> String {
    static MADE: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    let name = format!(
        "Winter Surge Tabletop {}",
        MADE.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    );
    heading(1, "Exercise Overview")
        + &table(&[
            &["Exercise Name", &name],
            &["Exercise Dates", "June 3, 2025"],
            &["Scope", "A tabletop exercise of two hours"],
            &["Threat or Hazard", "Ice storm"],
            &["Sponsor", "Region 3 HMCC"],
        ])
}

/// Sheet: its name and its rows; numeric cells are written as numbers.
pub type Sheet<'a> = (&'a str, &'a [&'a [&'a str]]);

pub fn xlsx(sheets: &[Sheet<'_>]) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (row, cells) in (0..).zip(rows.iter()) {
            for (column, text) in (0..).zip(cells.iter()) {
                match text.parse::<f64>() {
                    _ if text.is_empty() => {}
                    Ok(number) => {
                        sheet.write_number(row, column, number).unwrap();
                    }
                    Err(_) if text.starts_with('=') => {
                        let formula = rust_xlsxwriter::Formula::new(*text).set_result("");
                        sheet.write_formula(row, column, formula).unwrap();
                    }
                    Err(_) => {
                        sheet.write_string(row, column, *text).unwrap();
                    }
                }
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

pub struct Warehouse {
    pub database: TestDatabase,
}

impl Warehouse {
    pub async fn new() -> Self {
        Self { database: TestDatabase::new().await }
    }

    pub async fn load(&self, name: &str, bytes: Vec<u8>) -> FileReport {
        let inputs = vec![(name.to_owned(), Ok(Input::memory(name, bytes)))];
        let report = load_inputs(self.database.url(), inputs, &Options::default(), &Quiet)
            .await
            .unwrap()
            .remove(0);
        assert!(report.error.is_some() || report.is_accounted(), "{report:?}");
        report
    }

    /// Loads a file as [`Warehouse::load`] does, and panics if it is rejected.
    pub async fn loaded(&self, name: &str, bytes: Vec<u8>) -> FileReport {
        let report = self.load(name, bytes).await;
        assert_eq!(report.error, None, "{report:?}");
        report
    }

    /// Returns the rows of a statement with one text column.
    pub async fn ask(&self, sql: &str) -> Vec<String> {
        let client = connect(self.database.url()).await.unwrap();
        client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Returns every row of every table, with the name of its table, to search for forbidden
    /// content.
    pub async fn everything(&self) -> Vec<String> {
        let tables = self
            .ask(
                "select format('%I.%I', table_schema, table_name) from information_schema.tables \
                where table_schema in ('warehouse', 'meta') and table_type = 'BASE TABLE'",
            )
            .await;
        let mut rows = Vec::new();
        for table in tables {
            rows.extend(self.ask(&format!("select '{table} ' || t::text from {table} t")).await);
        }
        rows
    }

    /// Returns the ratings of the last file; the functions below do the same for other records.
    pub async fn ratings(&self) -> Vec<String> {
        self.ask(
            "select concat_ws(' | ', r.subject, c.name, r.rating) from warehouse.capability_rating \
             r join warehouse.capability c using (capability_id) \
             where r.file_id = (select max(file_id) from meta.file) order by 1",
        )
        .await
    }

    pub async fn findings(&self) -> Vec<String> {
        self.ask(
            "select concat_ws(' | ', case f.kind when 'STRENGTH' then 'S' else 'A' end, c.name, \
             replace(f.text, chr(10), ' / '), \
                 'R ' || f.reference, 'A ' || f.analysis, 'D ' || f.recommendation) \
             from warehouse.finding f join warehouse.capability c using (capability_id) \
             where f.file_id = (select max(file_id) from meta.file) order by 1",
        )
        .await
    }

    pub async fn actions(&self) -> Vec<String> {
        self.ask(
            "select concat_ws(' | ', c.name, f.text, a.text, case when o.organization_id > 0 then \
             o.name else '-' end, a.status, coalesce(a.due_original_on::text, a.due_text), \
             a.completed_on::text) \
             from warehouse.corrective_action a join warehouse.capability c using (capability_id) \
             left join warehouse.finding f using (finding_id) \
             left join warehouse.organization o on o.organization_id = a.owner_organization_id \
             where a.file_id = (select max(file_id) from meta.file) order by 1",
        )
        .await
    }

    pub async fn scores(&self) -> Vec<String> {
        self.ask(
            "select concat_ws(' ', s.label || ':', coalesce(round(s.risk::numeric * 100)::text, \
             '-')) from warehouse.risk_score s \
             where s.file_id = (select max(file_id) from meta.file) order by 1",
        )
        .await
    }

    /// Returns the rejected rows as `hotwash rejects` prints them, with some cells corrected.
    pub async fn mended(&self, cells: &[(&str, &str)]) -> String {
        let rejects =
            hotwash_schema::rejects::read(self.database.pool(), None, None, true).await.unwrap();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let headings: Vec<String> =
            rejects[0].content.iter().map(|(heading, _)| heading.clone()).collect();
        writer.write_record(headings.iter().map(String::as_str).chain(["reject_reason"])).unwrap();
        for reject in &rejects {
            let row = headings.iter().map(|heading| {
                let mended = cells
                    .iter()
                    .find(|(name, _)| name == heading)
                    .map(|(_, value)| (*value).to_owned());
                mended.unwrap_or_else(|| reject.cell(heading).to_owned())
            });
            writer.write_record(row.chain([reject.reason.clone()])).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }
}

pub fn codes(report: &FileReport) -> Vec<&'static str> {
    let mut codes: Vec<&'static str> =
        report.details.iter().map(|warning| warning.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
