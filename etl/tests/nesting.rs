//! Tests that files with the deepest nesting their size allows never crash the process: they load,
//! or are rejected with a reason.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use office::{Warehouse, p, zipped};

/// Numbers of levels, from deep for a document to those only an attacker writes.
const LEVELS: [usize; 6] = [10, 100, 130, 1_000, 10_000, 200_000];

/// Creates a Parquet file without rows whose only column is nested in this many groups.
fn parquet(levels: usize) -> Vec<u8> {
    fn varint(mut number: usize, out: &mut Vec<u8>) {
        while number > 0x7f {
            out.push(number as u8 | 0x80);
            number >>= 7;
        }
        out.push(number as u8);
    }
    // Version 1, then the list of the schema's elements in Thrift's compact protocol.
    let mut footer = vec![0x15, 0x02, 0x19, 0xfc];
    varint(levels + 2, &mut footer);
    footer.extend([0x48, 1, b'r', 0x15, 2, 0]);
    for _ in 0..levels {
        footer.extend([0x35, 0, 0x18, 1, b'g', 0x15, 2, 0]);
    }
    footer.extend([0x15, 2, 0x25, 0, 0x18, 1, b'x', 0]);
    // No rows, no row groups.
    footer.extend([0x16, 0, 0x19, 0x0c, 0]);
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [b"PAR1".as_slice(), &footer, &length, b"PAR1"].concat()
}

fn nested(open: &str, inner: &str, close: &str, levels: usize) -> String {
    [&open.repeat(levels), inner, &close.repeat(levels)].concat()
}

#[tokio::test]
async fn files_of_every_depth_load_or_are_rejected_with_a_reason() {
    let warehouse = Warehouse::new().await;
    for levels in LEVELS {
        let report = warehouse.load("deep.parquet", parquet(levels)).await;
        assert!(
            report.error.is_some(),
            "a Parquet file of {levels} levels is none of ours: {report:?}"
        );
        if levels > 64 {
            assert!(report.error.unwrap().contains("levels deep"), "{levels} levels");
        }
        for (open, close) in [
            ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
            ("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"),
            ("<w:p><w:r><w:txbxContent>", "</w:txbxContent></w:r></w:p>"),
            ("<w:x>", "</w:x>"),
        ] {
            let body = nested(open, &p("After-Action Report"), close, levels);
            let document =
                format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
            let report = warehouse
                .load("deep.docx", zipped(&[("word/document.xml", document.as_bytes())]))
                .await;
            let error = report.error.unwrap_or_default();
            if levels > 400 {
                assert!(
                    error.contains("nests its parts too deeply"),
                    "{open} of {levels} levels: {error}"
                );
            }
        }
        let sheet = nested("<c><is>", "<t>Hazard</t>", "</is></c>", levels);
        let parts = [
            ("[Content_Types].xml", "<Types/>".to_owned()),
            (
                "xl/workbook.xml",
                "<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" sheetId=\"1\" \
                r:id=\"r1\"/></sheets></workbook>"
                    .into(),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                "<Relationships><Relationship Id=\"r1\" Type=\"worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/></Relationships>"
                    .into(),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(
                    "<worksheet><sheetData><row \
                r=\"1\">{sheet}</row></sheetData></worksheet>"
                ),
            ),
        ];
        let report = warehouse
            .load(
                "deep.xlsx",
                zipped(&parts.each_ref().map(|(name, content)| (*name, content.as_bytes()))),
            )
            .await;
        assert!(
            report.error.is_some(),
            "a workbook of {levels} levels is none of ours: {report:?}"
        );
        let heading = "{\"#\":\"hotwash event template\"}\n";
        let row =
            format!("{heading}{{\"event_id\":{},\"name\":\"x\"}}\n", nested("[", "", "]", levels));
        let report = warehouse.load("deep.jsonl", row.into_bytes()).await;
        assert!(
            report.error.is_some() || report.rejected == report.read,
            "{levels} levels: {report:?}"
        );
    }
}
