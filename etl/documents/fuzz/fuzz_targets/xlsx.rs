//! Fuzzed parts of a workbook with one sheet: the sheet, its texts and its formats, divided by null
//! bytes.
#![no_main]

use hotwash_documents_fuzz::{archive, parts, read};

const WORKBOOK: &[u8] = br#"<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets>
    <sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const RELATIONSHIPS: &[u8] = br#"<Relationships>
    <Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>"#;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [sheet, texts, formats] = parts(bytes);
    read(archive(&[
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONSHIPS),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", texts),
        ("xl/styles.xml", formats),
    ]));
});
