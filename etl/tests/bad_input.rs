//! Tests broken files and broken databases: the error is clear, other files are loaded, and no file
//! is loaded in part.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load, load_inputs};
use hotwash_etl::samples;
use hotwash_schema::connect::connect;
use hotwash_schema::loss::REMEDY;
use hotwash_schema::testing::TestDatabase;

async fn load_bytes(database: &TestDatabase, name: &str, bytes: impl Into<Vec<u8>>) -> FileReport {
    let input = Input::memory(name, bytes.into());
    let reports =
        load_inputs(database.url(), vec![(name.into(), Ok(input))], &Options::default(), &Quiet)
            .await
            .unwrap();
    assert!(reports[0].is_accounted());
    reports.into_iter().next().unwrap()
}

async fn number(database: &TestDatabase, sql: &str) -> i64 {
    connect(database.url()).await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
}

fn sample(name: &str) -> Vec<u8> {
    samples::public()
        .into_iter()
        .find(|input| input.name().contains(name))
        .unwrap()
        .whole(1 << 30)
        .unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("hotwash-etl-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused_with_advice_and_stores_nothing() {
    let database = TestDatabase::new().await;
    let gzip = sample("1994");
    for (name, bytes, advice) in [
        ("empty.csv", Vec::new(), "empty"),
        ("blank.csv", b" \n \n".to_vec(), "empty"),
        ("other.csv", b"color,shape\nred,round\n".to_vec(), "color, shape"),
        ("half.csv.gz", gzip[..gzip.len() / 2].to_vec(), "truncated"),
        ("old.doc", vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0], "save it as .docx"),
        ("half.parquet", sample("ics209")[..100_000].to_vec(), "Parquet"),
        ("picture.png", vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13], "a picture"),
        ("report.pdf", b"%PDF-1.7\n1 0 obj\n".to_vec(), "a PDF"),
        ("report.doc", b"{\\rtf1 Exercise Name}".to_vec(), "save it as .docx"),
        ("board.xls", b"<html><body><table><tr><td>Incident</td></tr></table></body></html>".to_vec(), "a web page"),
        ("mail.eml", b"From: jane@example.org\nSubject: x\n".to_vec(), "an e-mail"),
        ("bytes.bin", vec![0, 1, 2, 0, 9, 0, 0, 7, 0], "no known format"),
        ("broken.json", br#"{"DisasterDeclarationsSummaries":[{"femaDeclarationString":"DR-1-MA","disasterNumber":1,"state":"MA","declarationType":"DR","incidentType":"Flood","incidentBeginDate":"2020-01-01","fipsCountyCode":"0"#.to_vec(), "JSON"),
    ] {
        let report = load_bytes(&database, name, bytes).await;
        let error = report.error.clone().unwrap_or_else(|| panic!("{name} was loaded: {report:?}"));
        assert!(error.contains(advice), "{name}: {error}");
    }
    assert_eq!(number(&database, "select count(*) from warehouse.event").await, 0);
    assert_eq!(
        number(
            &database,
            "select count(*) from meta.file where status = 'FAILED' and error is not null"
        )
        .await,
        13
    );
}

/// Creates a file in the container of office programs before 2007, with a stream of this name.
fn compound(stream: &str) -> Vec<u8> {
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.resize(1_536, 0);
    bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(4_096, 0);
    bytes
}

/// Marks each part of a zip archive as encrypted.
fn locked(mut bytes: Vec<u8>) -> Vec<u8> {
    for place in 0..bytes.len() - 10 {
        match &bytes[place..place + 4] {
            b"PK\x03\x04" => bytes[place + 6] |= 1,
            b"PK\x01\x02" => bytes[place + 8] |= 1,
            _ => {}
        }
    }
    bytes
}

#[tokio::test]
async fn an_old_locked_or_macro_document_is_refused_with_what_to_do_and_the_rest_of_the_folder_loads()
 {
    let database = TestDatabase::new().await;
    let path = folder("locked");
    let hva = std::fs::read(
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/documents/hva_four_sheets.xlsx"),
    )
    .unwrap();
    let letter = office::docx(&[
        office::heading(1, "Minutes of the board"),
        office::table(&[&["Attendance", "Votes"], &["All", "None"]]),
    ]);
    let macros =
        office::zipped(&[("word/document.xml", b"<w:document/>"), ("word/vbaProject.bin", b"x")]);
    for (name, bytes) in [
        ("a.doc", compound("WordDocument")),
        ("b.xls", compound("Workbook")),
        ("c.docx", compound("EncryptedPackage")),
        ("d.xlsx", locked(hva.clone())),
        ("e.docm", macros),
        ("f.docx", letter),
        ("g.xlsx", hva),
    ] {
        std::fs::write(path.join(name), bytes).unwrap();
    }
    let reports = load(database.url(), std::slice::from_ref(&path), &Options::default(), &Quiet)
        .await
        .unwrap();
    let advice = [
        "old Word document (.doc); open it in Word and save it as .docx",
        "old Excel workbook (.xls); open it in Excel and save it as .xlsx",
        "take the password off",
        "has a password",
        "without macros",
        "Minutes of the board",
    ];
    for (report, advice) in reports.iter().zip(advice) {
        let error = report.error.clone().unwrap_or_else(|| panic!("loaded: {report:?}"));
        assert!(error.contains(advice), "{}: {error}", report.file);
    }
    let letter = reports[5].error.clone().unwrap_or_default();
    assert!(letter.contains("Attendance") && letter.contains("nearest is"), "{letter}");
    assert_eq!(reports[6].inserted, 54);
    std::fs::remove_dir_all(path).unwrap();
}

#[tokio::test]
async fn a_sheet_of_a_million_empty_rows_is_read_as_what_it_holds() {
    let database = TestDatabase::new().await;
    let cells = |number: u32, texts: [&str; 6]| {
        let cells: String = ('A'..)
            .zip(texts)
            .map(|(column, text)| {
                format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
            })
            .collect();
        format!("<row r=\"{number}\">{cells}</row>")
    };
    let mut rows =
        cells(1, ["Event", "Core Capability", "Corrective Action", "Owner", "Due Date", "Status"]);
    for number in 2..1_000_001 {
        // Drawn with a border, and empty.
        write!(rows, "<row r=\"{number}\"><c r=\"A{number}\" s=\"0\"/></row>").unwrap();
    }
    rows += &cells(
        1_000_001,
        ["Winter Surge", "Medical Surge", "Revise the board", "MDPH", "6/30/2026", "Open"],
    );
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let bytes = office::zipped(&[
        ("xl/workbook.xml", format!("<workbook xmlns=\"{main}\" \
            xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>").as_bytes()),
        ("_rels/.rels", b"<Relationships \
            xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship \
            Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
        ("xl/_rels/workbook.xml.rels", b"<Relationships \
            xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship \
            Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
        ("xl/worksheets/sheet1.xml", format!("<worksheet \
            xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>").as_bytes()),
    ]);
    let report = load_bytes(&database, "empty.xlsx", bytes).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted),
        (Some("improvement_plan_xlsx"), 1, 1),
        "{report:?}"
    );
    assert_eq!(
        number(&database, "select source_row from warehouse.corrective_action").await,
        1_000_001
    );
}

#[tokio::test]
async fn headings_of_an_unknown_table_are_shown_with_the_nearest_source() {
    let database = TestDatabase::new().await;
    let text =
        "femaDeclarationString,disasterNumber,state,declarationType,color\nDR-1-MA,1,MA,DR,red\n";
    let error = load_bytes(&database, "near.csv", text).await.error.unwrap();
    for part in ["openfema_declarations", "color", "incidentType", "fipsCountyCode"] {
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn utf_16_and_latin_1_text_is_read_as_it_was_meant() {
    let database = TestDatabase::new().await;
    let text = String::from_utf8(sample("disaster")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let one = format!(
        "{}\n{}\n",
        lines[0],
        lines[1].replacen("TORNADOES", "TORNADO\u{e9}S", 1).replacen("SEVERE", "S\u{c9}VERE", 1)
    );
    let mut utf_16 = vec![0xFF, 0xFE];
    utf_16.extend(one.encode_utf16().flat_map(u16::to_le_bytes));
    let report = load_bytes(&database, "utf16.csv", utf_16).await;
    assert_eq!((report.read, report.inserted, report.error), (1, 1, None));
    let latin: Vec<u8> =
        one.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let report = load_bytes(&database, "latin1.csv", latin).await;
    assert_eq!(
        (report.read, report.unchanged, report.error),
        (1, 1, None),
        "the same text in another encoding is the same record"
    );
}

#[tokio::test]
async fn a_row_with_too_few_cells_is_refused_and_shown() {
    let database = TestDatabase::new().await;
    let text = String::from_utf8(sample("suffolk")).unwrap();
    let short = format!("{}\n1,SUFFOLK CO.\n", text.trim_end());
    let report = load_bytes(&database, "short.csv", short).await;
    assert_eq!((report.read, report.inserted, report.rejected), (84, 83, 1));
    let reasons = connect(database.url())
        .await
        .unwrap()
        .query_one("select reason, row_content::text from meta.reject", &[])
        .await
        .unwrap();
    assert!(reasons.get::<_, String>(0).contains("2 cells"), "{}", reasons.get::<_, String>(0));
    assert!(reasons.get::<_, String>(1).contains("SUFFOLK CO."));
}

#[tokio::test]
async fn a_quote_that_nobody_closes_takes_no_row_after_it_in_silence() {
    let heading = "organization_id,name,discipline,region,municipality,staffed_beds,active";
    let row = |number: u32, open: &str| {
        format!("\nA-{number},Hospital {number},acute_care_hospital,1,,10,{open}yes")
    };
    let text = heading.to_owned() + &row(1, "") + &row(2, "\"") + &row(3, "") + &row(4, "") + "\n";
    let database = TestDatabase::new().await;
    let report = load_bytes(&database, "open.csv", text).await;
    assert_eq!((report.read, report.inserted, report.rejected), (2, 1, 1));
    let reason = "select count(*) from meta.reject where reason like '%quotation mark has no \
        partner%' and row_number = 3";
    assert_eq!(number(&database, reason).await, 1);
}

#[tokio::test]
async fn a_line_or_a_quoted_cell_without_end_is_refused_in_bounded_memory() {
    let database = TestDatabase::new().await;
    let path = folder("endless");
    let text = String::from_utf8(sample("suffolk")).unwrap();
    let heading = text.lines().next().unwrap().to_owned();
    let file = path.join("endless.csv");
    let mut bytes = heading.clone().into_bytes();
    bytes.push(b'\n');
    bytes.resize(bytes.len() + (40 << 20), b'x');
    std::fs::write(&file, &bytes).unwrap();
    let quoted = path.join("quoted.csv");
    let row = "\n1,\"never closed".to_owned() + &"\nand another line of it".repeat(2_000_000);
    std::fs::write(&quoted, heading + &row).unwrap();
    let reports = load(database.url(), &[file, quoted], &Options::default(), &Quiet).await.unwrap();
    for (report, advice) in
        reports.iter().zip(["a line is longer than 16 MiB", "a quotation mark may have no partner"])
    {
        let error = report.error.clone().unwrap_or_else(|| panic!("loaded: {report:?}"));
        assert!(error.contains(advice) && error.starts_with("row 2: "), "{error}");
    }
    std::fs::remove_dir_all(path).unwrap();
}

#[tokio::test]
async fn a_missing_path_and_an_unknown_source_are_told_before_anything_is_loaded() {
    let database = TestDatabase::new().await;
    let missing =
        load(database.url(), &[PathBuf::from("no/such/file.csv")], &Options::default(), &Quiet)
            .await
            .unwrap_err();
    assert!(missing.to_string().contains("no such file"), "{missing}");
    let options = Options { source: Some("nosuch".into()), ..Options::default() };
    let unknown = load_inputs(database.url(), vec![], &options, &Quiet).await.unwrap_err();
    assert!(unknown.to_string().contains("openfema_declarations"), "{unknown}");
}

#[tokio::test]
async fn a_database_that_is_down_or_at_another_schema_version_is_told_with_what_to_do() {
    let down =
        load_inputs("postgres://hotwash@127.0.0.1:1/none", vec![], &Options::default(), &Quiet)
            .await
            .unwrap_err();
    assert!(down.to_string().contains("127.0.0.1:1"), "{down}");
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    client.batch_execute("delete from __diesel_schema_migrations").await.unwrap();
    let old = load_inputs(database.url(), vec![], &Options::default(), &Quiet).await.unwrap_err();
    assert!(old.to_string().contains("migrate"), "{old}");
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_stores_nothing_and_the_next_load_goes_on() {
    let database = TestDatabase::new().await;
    let url = database.url().to_owned();
    let loading = tokio::spawn(async move {
        let input =
            samples::public().into_iter().find(|input| input.name().contains("1994")).unwrap();
        load_inputs(&url, vec![("storms".into(), Ok(input))], &Options::default(), &Quiet).await
    });
    let client = connect(database.url()).await.unwrap();
    let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = \
        current_database() and pid <> pg_backend_pid() \
        and state <> 'idle' and query ilike 'copy stage_event%'";
    for _ in 0..2_000 {
        if client.query_one(cut, &[]).await.unwrap().get::<_, i64>(0) > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let reports = loading.await.unwrap().unwrap();
    let error = reports[0].error.clone().expect("the load was cut");
    assert!(error.contains("loading again is safe") && error.contains(REMEDY), "{error}");
    assert_eq!(number(&database, "select count(*) from warehouse.event").await, 0);
    let report = load_bytes(&database, "storms.csv.gz", sample("1994")).await;
    assert_eq!((report.inserted, report.rejected), (15_615, 12));
    assert_eq!(
        number(&database, "select count(*) from meta.file where status = 'RUNNING'").await,
        0
    );
}

#[tokio::test]
async fn an_inbox_loads_finished_files_and_moves_them_with_their_reports() {
    let database = TestDatabase::new().await;
    let inbox = folder("inbox");
    std::fs::write(inbox.join("suffolk.csv"), sample("suffolk")).unwrap();
    std::fs::write(inbox.join("other.csv"), "color,shape\nred,round\n").unwrap();
    std::fs::write(inbox.join("growing.csv.part"), "EVENT_ID").unwrap();
    let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
    let (url, watched) = (database.url().to_owned(), inbox.clone());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let watching = tokio::spawn(async move {
        let each = |report: &FileReport| sender.send(report.file.clone()).unwrap();
        let stop = async { drop(stopped.await) };
        hotwash_etl::watch::watch(&url, &watched, &Options::default(), &Quiet, each, stop).await
    });
    for _ in 0..2 {
        tokio::time::timeout(Duration::from_secs(60), told.recv()).await.unwrap().unwrap();
    }
    stop.send(()).unwrap();
    watching.await.unwrap().unwrap();
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(inbox.join("done/suffolk.csv.report.json")).unwrap())
            .unwrap();
    assert_eq!(
        (report["inserted"].as_u64(), report["source"].as_str()),
        (Some(83), Some("noaa_storm_events"))
    );
    assert!(inbox.join("done/suffolk.csv").exists() && !inbox.join("suffolk.csv").exists());
    assert!(
        inbox.join("failed/other.csv").exists()
            && inbox.join("failed/other.csv.report.json").exists()
    );
    assert!(inbox.join("growing.csv.part").exists(), "a file still being written stays");
    std::fs::remove_dir_all(inbox).unwrap();
}

#[tokio::test]
async fn a_folder_gives_one_report_a_file_in_the_order_of_names() {
    let database = TestDatabase::new().await;
    let path = folder("order");
    for (name, of) in [("a.csv", "suffolk"), ("b.csv", "disaster"), ("c.parquet", "ics209")] {
        std::fs::write(path.join(name), sample(of)).unwrap();
    }
    std::fs::write(path.join("d.csv"), "color\nred\n").unwrap();
    let reports = load(database.url(), std::slice::from_ref(&path), &Options::default(), &Quiet)
        .await
        .unwrap();
    let told: Vec<(&str, Option<&str>)> =
        reports.iter().map(|report| (report.file.as_str(), report.source.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("a.csv", Some("noaa_storm_events")),
            ("b.csv", Some("openfema_declarations")),
            ("c.parquet", Some("ics209")),
            ("d.csv", None)
        ]
    );
    assert!(reports[..3].iter().all(|report| report.error.is_none() && report.is_accounted()));
    std::fs::remove_dir_all(path).unwrap();
}

#[tokio::test]
async fn a_full_disk_in_the_merge_is_told_and_nothing_is_stored() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    // The error of Postgres when its disk is full, raised in the middle of the merge.
    client
        .batch_execute(
            "create function pg_temp_full() returns trigger language plpgsql as $$ begin raise \
             exception 'could not extend file: No space left on device' using errcode = '53100'; \
             end $$; \
             create trigger full_disk before insert on warehouse.event_county for each row execute \
             function pg_temp_full(); \
             alter table warehouse.event_county enable always trigger full_disk",
        )
        .await
        .unwrap();
    let bytes = sample("disaster_declarations_summaries_v2.csv");
    let report = load_bytes(&database, "full.csv", bytes.clone()).await;
    let error = report.error.unwrap_or_default();
    assert!(
        error.contains("disk is full") && error.contains("make room and load again"),
        "{error}"
    );
    assert_eq!(number(&database, "select count(*) from warehouse.event").await, 0);
    client.batch_execute("drop trigger full_disk on warehouse.event_county").await.unwrap();
    assert_eq!(load_bytes(&database, "full.csv", bytes).await.inserted, 687);
}

#[tokio::test]
async fn files_that_failed_are_noted_and_raise_no_version() {
    let database = TestDatabase::new().await;
    let path = folder("unknown");
    for number in 0..40 {
        std::fs::write(path.join(format!("{number}.csv")), "color,shape\nred,round\n").unwrap();
    }
    // A known source that fails while it is read.
    let gzip = sample("1994");
    std::fs::write(path.join("half.csv.gz"), &gzip[..gzip.len() / 2]).unwrap();
    let version = "select meta.warehouse_version()";
    let before = number(&database, version).await;
    for loads in 1..=2 {
        let reports =
            load(database.url(), std::slice::from_ref(&path), &Options::default(), &Quiet)
                .await
                .unwrap();
        assert!(reports.len() == 41 && reports.iter().all(|report| report.error.is_some()));
        assert_eq!(
            number(&database, "select count(*) from meta.file where status = 'FAILED'").await,
            41 * loads
        );
        assert_eq!(number(&database, version).await, before, "after load {loads}");
    }
    // One file among them is loaded: the version rises once.
    std::fs::write(path.join("good.csv"), sample("suffolk")).unwrap();
    let reports = load(database.url(), std::slice::from_ref(&path), &Options::default(), &Quiet)
        .await
        .unwrap();
    assert_eq!(reports.iter().filter(|report| report.error.is_none()).count(), 1);
    assert_eq!(number(&database, version).await, before + 1);
    std::fs::remove_dir_all(path).unwrap();
}
