//! Tests parsers with hostile input: they never panic, hang or lose a row. The order and repetition
//! of rows do not affect the merge.
//!
//! `HOTWASH_FUZZ_SECONDS` sets the duration of each mutation fuzzer; the default is one minute for
//! both together.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use hotwash_documents::input::Input;
use hotwash_etl::layout::Layouts;
use hotwash_etl::load::{Options, Quiet, load_inputs, parse};
use hotwash_etl::lookup::Lookup;
use hotwash_etl::source::{Sample, recognize, registry};
use hotwash_etl::{redact::redact, samples};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

/// Feeds the bytes to recognition and to every source; the counts must always add up.
fn feed(bytes: &[u8], lookup: &Lookup) {
    let input = Input::memory("fuzz", bytes);
    if let Ok(sample) = Sample::take(&input) {
        let _ = recognize(&sample, &Layouts::default()).map(|source| source.definition().id);
    }
    for source in registry() {
        if let Ok(told) = parse(*source, &input, lookup) {
            assert!(told.rejected <= told.read, "{}: {told:?}", source.definition().id);
        }
    }
}

/// Runs a test with a quarter of the usual cases, because every source reads each of them. The macro
/// of proptest would take all of `PROPTEST_CASES`.
fn with_fewer_cases<S: Strategy>(strategy: &S, test: impl Fn(S::Value)) {
    let usual = ProptestConfig::default();
    let mut runner = TestRunner::new(ProptestConfig { cases: (usual.cases / 4).max(1), ..usual });
    let run = |value| {
        test(value);
        Ok(())
    };
    runner.run(strategy, run).unwrap();
}

#[test]
fn any_bytes_are_read_or_refused_without_a_panic() {
    let bytes = proptest::collection::vec(any::<u8>(), 0..2_000);
    with_fewer_cases(&bytes, |bytes| feed(&bytes, &Lookup::default()));
}

#[test]
fn any_cells_under_the_right_headings_are_loaded_or_refused() {
    let headings = "femaDeclarationString,disasterNumber,state,declarationType,incidentType,\
                    incidentBeginDate,fipsCountyCode\n";
    let cells = proptest::collection::vec("[ -~\\n\u{e9}]{0,12}", 7 * 12);
    with_fewer_cases(&cells, |cells| {
        let cell = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let row = |row: &[String]| row.iter().map(cell).collect::<Vec<_>>().join(",");
        let rows = cells.chunks(7).map(row).collect::<Vec<_>>().join("\n");
        feed(format!("{headings}{rows}\n").as_bytes(), &Lookup::default());
    });
}

proptest! {
    #[test]
    fn planted_contact_details_never_survive(
        before in "[a-z ]{0,20}", after in "[a-z ]{0,20}",
        digits in "[2-9][0-9]{2}-[0-9]{3}-[0-9]{4}", user in "[a-z]{2,8}", host in "[a-z]{2,8}",
    ) {
        let email = format!("{user}@{host}.example.org");
        let text = format!("{before} {email} {digits} {after}");
        let (clean, count) = redact(&text);
        prop_assert!(!clean.contains(&email) && !clean.contains(&digits) && count >= 2, "{}", clean);
    }
}

#[test]
fn mutated_real_files_are_read_or_refused_without_a_panic() {
    let seconds =
        std::env::var("HOTWASH_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let mut random = StdRng::seed_from_u64(7);
    let seeds: Vec<Vec<u8>> = samples::public()
        .iter()
        .filter(|input| !input.name().ends_with(".parquet"))
        .map(|input| {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut input.text().unwrap(), &mut bytes).unwrap();
            bytes.truncate(20_000);
            bytes
        })
        .chain([
            samples::public()[3].whole(1 << 30).unwrap()[..200_000].to_vec(),
            samples::public()[1].whole(1 << 30).unwrap()[..20_000].to_vec(),
        ])
        .collect();
    while Instant::now() < deadline {
        let mut bytes = seeds[random.random_range(0..seeds.len())].clone();
        for _ in 0..random.random_range(1..20) {
            let place = random.random_range(0..bytes.len());
            match random.random_range(0..4) {
                0 => bytes[place] = random.random(),
                1 => bytes.truncate(place.max(1)),
                2 => bytes
                    .insert(place, *b"\",\n\r;#\0\xff-9".get(random.random_range(0..10)).unwrap()),
                _ => {
                    let end = (place + random.random_range(1..200)).min(bytes.len());
                    let copy = bytes[place..end].to_vec();
                    bytes.extend(copy);
                }
            }
        }
        feed(&bytes, &Lookup::default());
    }
}

/// Unzips an office file, changes some bytes of its parts, and zips it again.
fn mutated_document(original: &[u8], random: &mut StdRng) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut zip = zip::ZipArchive::new(Cursor::new(original)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..zip.len() {
        let mut part = zip.by_index(place).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let is_text = name.starts_with("word/document")
            || name.starts_with("xl/worksheets")
            || name.starts_with("xl/shared");
        if is_text && !bytes.is_empty() {
            for _ in 0..random.random_range(1..30) {
                let at = random.random_range(0..bytes.len());
                match random.random_range(0..5) {
                    0 => bytes[at] = random.random(),
                    1 => bytes.insert(at, *b"<>&\"/=0".get(random.random_range(0..7)).unwrap()),
                    2 => drop(bytes.remove(at)),
                    3 => {
                        let end = (at + random.random_range(1..400)).min(bytes.len());
                        let copy = bytes[at..end].to_vec();
                        bytes.splice(at..at, copy);
                    }
                    // Text of another cell in the document.
                    _ => {
                        let from = random.random_range(0..bytes.len());
                        let to = (from + 12).min(bytes.len());
                        let copy = bytes[from..to].to_vec();
                        let end = (at + copy.len()).min(bytes.len());
                        bytes[at..end].copy_from_slice(&copy[..end - at]);
                    }
                }
            }
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn mutated_documents_are_read_or_refused_without_a_panic() {
    let seconds =
        std::env::var("HOTWASH_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(40);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let mut random = StdRng::seed_from_u64(17);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents");
    let seeds: Vec<Vec<u8>> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "docx" || ending == "xlsx"))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    while Instant::now() < deadline {
        let bytes = mutated_document(&seeds[random.random_range(0..seeds.len())], &mut random);
        feed(&bytes, &Lookup::default());
    }
}

#[tokio::test]
async fn the_merge_is_idempotent_and_does_not_mind_the_order_of_rows() {
    let text = String::from_utf8(samples::public()[2].whole(1 << 30).unwrap()).unwrap();
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut random = StdRng::seed_from_u64(11);
    let mut pictures = Vec::new();
    for round in 0..3 {
        let database = TestDatabase::new().await;
        let mut shuffled = rows.clone();
        if round > 0 {
            shuffled.shuffle(&mut random);
            // Some rows twice, and the file in two overlapping parts.
            shuffled.extend(rows.iter().take(10).cloned());
        }
        let cut = random.random_range(1..shuffled.len());
        for part in [&shuffled[..cut], &shuffled[cut / 2..], &shuffled[..]] {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&headings).unwrap();
            for row in part {
                writer.write_record(row).unwrap();
            }
            let input = Input::memory("part.csv", writer.into_inner().unwrap());
            let reports = load_inputs(
                database.url(),
                vec![("part.csv".into(), Ok(input))],
                &Options::default(),
                &Quiet,
            )
            .await
            .unwrap();
            assert!(reports[0].error.is_none() && reports[0].is_accounted(), "{:?}", reports[0]);
        }
        let picture: String = connect(database.url())
            .await
            .unwrap()
            .query_one(
                "select md5(string_agg(source_id || encode(content_hash, 'hex'), ',' order \
                by source_id)) from warehouse.event",
                &[],
            )
            .await
            .unwrap()
            .get(0);
        pictures.push(picture);
    }
    assert!(pictures.windows(2).all(|pair| pair[0] == pair[1]), "{pictures:?}");
}

#[test]
fn a_line_without_end_is_refused_in_bounded_memory() {
    let mut bytes =
        b"femaDeclarationString,disasterNumber,state,declarationType,incidentType,incidentBeginDate,fipsCountyCode\n"
            .to_vec();
    bytes.resize(40 << 20, b'x');
    let error = parse(registry()[0], &Input::memory("long.csv", bytes), &Lookup::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("longer than 16 MiB"), "{error}");
}
