//! Tests that contact details planted in every text position of documents and workbooks reach no
//! table, reject or report.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use office::{Warehouse, bold, bullet, docx, heading, item, p, table, xlsx};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Returns a contact detail in one of its forms, and the part that must not be found anywhere.
fn details() -> impl Strategy<Value = (String, String)> {
    let number = ("[2-9][0-9]{2}", "[2-9][0-9]{2}", "[0-9]{4}");
    let shapes = 0..9_usize;
    let phone = (number, shapes).prop_map(|((area, exchange, line), shape)| {
        let written = match shape {
            0 => format!("{area}-{exchange}-{line}"),
            1 => format!("({area}) {exchange}-{line}"),
            2 => format!("{area}.{exchange}.{line}"),
            3 => format!("{area} {exchange} {line}"),
            4 => format!("+1 {area}-{exchange}-{line}"),
            5 => format!("1-{area}-{exchange}-{line} ext. 12"),
            6 => format!("cell {area}{exchange}{line}"),
            7 => format!("Phone: {area}{exchange}{line}"),
            _ => format!("({area}){exchange}-{line} x7"),
        };
        let kept = if matches!(shape, 6 | 7) {
            format!("{area}{exchange}{line}")
        } else {
            format!("{exchange}-{line}")
        };
        let kept = match shape {
            2 => format!("{exchange}.{line}"),
            3 => format!("{exchange} {line}"),
            _ => kept,
        };
        (written, kept)
    });
    let email = ("[a-z]{4,9}", "[a-z]{4,9}").prop_map(|(user, host)| {
        let address = format!("{user}.q@{host}.example.org");
        (address.clone(), address)
    });
    let names = prop::sample::select(vec!["Zebulon Quackenbush", "Ottoline Featherstone"]);
    let contact = (names, 0..5_usize).prop_map(|(name, shape)| {
        let written = match shape {
            0 => format!("Contact: {name}"),
            1 => format!("POC: {name}"),
            2 => format!("Dr. {name}"),
            3 => format!("Attn: {name}"),
            _ => format!("Mrs. {name}"),
        };
        (written, name.to_owned())
    });
    prop_oneof![phone, email, contact]
}

/// Creates files of each source with the texts planted in every text position.
fn files(texts: &[String]) -> Vec<(&'static str, Vec<u8>)> {
    let mut next = texts.iter().cycle();
    let mut plant = |text: &str| format!("{text} {}", next.next().unwrap());
    let mut rows = |rows: &[&[&str]], planted: &[usize]| -> Vec<Vec<String>> {
        rows.iter()
            .enumerate()
            .map(|(at, row)| {
                row.iter()
                    .enumerate()
                    .map(|(column, text)| {
                        if at > 0 && planted.contains(&column) {
                            plant(text)
                        } else {
                            (*text).to_owned()
                        }
                    })
                    .collect()
            })
            .collect()
    };
    let overview = rows(
        &[
            &["", ""],
            &["Exercise Name", "Winter Surge"],
            &["Scope", "A tabletop of two hours."],
            &["Objectives", "1. Share information."],
            &["Threat or Hazard", "Ice storm"],
            &["Scenario", "It freezes."],
            &["Participating Organizations", "Lawrence General Hospital"],
            &["Sponsor", "Region 3 HMCC"],
            &["Point of Contact", "The coordinator"],
        ],
        &[1],
    );
    let ratings = rows(
        &[
            &["Objective", "Core Capability", "P", "S", "M", "U"],
            &["Objective 1: Share", "Medical Surge", "X", "", "", ""],
            &["Objective 2: Surge", "Medical Surge", "X", "X", "", ""],
            &["Objective 3: Care", "Mass Caree", "", "", "X", ""],
        ],
        &[0, 1],
    );
    let plan = rows(
        &[
            &[
                "Core Capability",
                "Issue",
                "Corrective Action",
                "Capability Element",
                "Primary Responsible Organization",
                "POC",
                "Start Date",
                "Completion Date",
                "Status",
            ],
            &[
                "Medical Surge",
                "Beds counted twice.",
                "Revise the board.",
                "Planning",
                "Lawrence General Hospital",
                "x",
                "July 2025",
                "Q3 2025",
                "Open",
            ],
        ],
        &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    );
    let people =
        rows(&[&["Participating Organizations", "Number"], &["Holy Family Hospital", "3"]], &[0]);
    let timeline = rows(&[&["Date/Time", "Event"], &["0915", "Duty officer notified"]], &[1]);
    let word = |rows: &[Vec<String>]| {
        let rows: Vec<Vec<&str>> =
            rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        table(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
    };
    let mut overview_table = vec![vec!["Exercise Dates".to_owned(), "June 3, 2025".to_owned()]];
    overview_table.extend(overview.into_iter().skip(1));
    let mut plant = |text: &str| format!("{text} {}", next.next().unwrap());
    let aar = docx(&[
        p(&plant("After-Action Report")),
        word(&overview_table),
        heading(1, &plant("Analysis of Core Capabilities")),
        word(&ratings),
        heading(2, "Medical Surge"),
        bold("Strengths"),
        bullet(&plant("Staff knew the plan.")),
        item(1, &plant("They had trained.")),
        bold("Areas for Improvement"),
        p(&plant("Area for Improvement 1: Beds counted twice.")),
        p(&plant("Reference: Surge plan.")),
        p(&plant("Analysis: Two lists.")),
        p(&plant("Recommendation: One list.")),
        heading(1, "Appendix A: Improvement Plan"),
        word(&plan),
        heading(1, "Appendix B: Exercise Participants"),
        bullet(&plant("Anna Jaques Hospital")),
        word(&people),
        heading(1, &plant("Appendix C: Timeline")),
        word(&timeline),
        heading(1, &plant("Appendix D")),
        word(&[
            vec![plant("Hour"), plant("Wind"), plant("Rain")],
            vec![plant("1"), plant("2"), plant("3")],
        ]),
    ]);
    let sheet = |rows: Vec<Vec<String>>| {
        let rows: Vec<Vec<&str>> =
            rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        xlsx(&[("Sheet 1", &rows.iter().map(Vec::as_slice).collect::<Vec<_>>())])
    };
    let every = |rows: &[&[&str]], plant: &mut dyn FnMut(&str) -> String| -> Vec<Vec<String>> {
        let columns = rows[0].len();
        let mut all = vec![rows[0].iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()];
        // Each column in turn, then all of them.
        for planted in 0..=columns {
            for row in &rows[1..] {
                all.push(
                    row.iter()
                        .enumerate()
                        .map(|(column, text)| {
                            if column == planted || planted == columns {
                                plant(text)
                            } else {
                                (*text).to_owned()
                            }
                        })
                        .collect(),
                );
            }
        }
        all
    };
    let tracker = every(
        &[
            &[
                "ID",
                "Event",
                "Event Date",
                "Capability",
                "Issue",
                "Action Item",
                "POETE",
                "Owner",
                "Target Date",
                "Status",
                "Priority",
                "Region",
                "Notes",
                "Unknown column",
            ],
            &[
                "",
                "Winter Surge",
                "6/3/2025",
                "Medical Surge",
                "Beds",
                "Revise the board",
                "Planning",
                "MDPH",
                "Q3 2025",
                "Open",
                "High",
                "3",
                "x",
                "y",
            ],
        ],
        &mut plant,
    );
    let hva = every(
        &[
            &[
                "EVENT",
                "PROBABILITY",
                "HUMAN IMPACT",
                "PROPERTY IMPACT",
                "BUSINESS IMPACT",
                "PREPAREDNESS",
                "INTERNAL RESPONSE",
                "EXTERNAL RESPONSE",
                "RISK",
                "Notes",
            ],
            &["Hurricane", "1", "1", "1", "1", "1", "1", "1", "", "x"],
        ],
        &mut plant,
    );
    let hva = [
        vec![
            vec![plant("Lawrence General Hospital")],
            vec![plant("Facility:")],
            vec!["Date: 3/15/2025".to_owned()],
        ],
        hva,
    ]
    .concat();
    let log = every(
        &[
            &[
                "Incident ID",
                "Incident",
                "Hazard",
                "Region",
                "Town",
                "Level",
                "Notified",
                "Acknowledged",
                "Patients",
                "Remarks",
            ],
            &[
                "",
                "Mill fire",
                "Fire",
                "3",
                "Lawrence",
                "Partial",
                "3/14/2025 0915",
                "3/14/2025 0920",
                "4",
                "x",
            ],
        ],
        &mut plant,
    );
    let board = every(
        &[
            &["Incident Name", "Date/Time", "Significant Event", "Position"],
            &["Mill fire", "3/14/2025 0915", "Plan activated", "x"],
        ],
        &mut plant,
    );
    let calendar = every(
        &[
            &[
                "Exercise Name",
                "Type",
                "Date",
                "Status",
                "Region",
                "Sponsor",
                "Hazard",
                "Scenario",
                "Capabilities",
                "Program",
                "Scope",
            ],
            &[
                "Surge call",
                "Drill",
                "6/3/2025",
                "Held",
                "3",
                "MDPH",
                "Flood",
                "Water",
                "Medical Surge",
                "HPP",
                "Region",
            ],
        ],
        &mut plant,
    );
    vec![
        ("aar.docx", aar),
        ("tracker.xlsx", sheet(tracker)),
        ("hva.xlsx", sheet(hva)),
        ("log.xlsx", sheet(log)),
        ("board.xlsx", sheet(board)),
        ("calendar.xlsx", sheet(calendar)),
    ]
}

#[tokio::test]
async fn planted_contact_details_are_found_nowhere() {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let warehouse = Warehouse::new().await;
    let mut planted: Vec<String> = Vec::new();
    for _ in 0..4 {
        let drawn: Vec<(String, String)> =
            (0..97).map(|_| details().new_tree(&mut runner).unwrap().current()).collect();
        planted.extend(drawn.iter().map(|(_, kept)| kept.clone()));
        let texts: Vec<String> = drawn.into_iter().map(|(text, _)| text).collect();
        for (name, bytes) in files(&texts) {
            let report = warehouse.load(name, bytes).await;
            assert!(
                report.error.is_some() || report.is_accounted() && report.read > 0,
                "{report:?}"
            );
            let told = format!("{report:?}");
            for detail in &planted {
                assert!(!told.contains(detail.as_str()), "{name} tells {detail}: {told}");
            }
        }
    }
    planted.sort();
    planted.dedup();
    for row in warehouse.everything().await {
        for detail in &planted {
            assert!(!row.contains(detail.as_str()), "{detail} is stored: {row}");
        }
    }
}

#[tokio::test]
async fn hospitals_named_for_people_stay() {
    let warehouse = Warehouse::new().await;
    let body = table(&[
        &["Exercise Name", "Winter Surge"],
        &["Exercise Dates", "June 3, 2025"],
        &["Sponsor", "Region 3 HMCC"],
        &[
            "Participating Organizations",
            "Anna Jaques Hospital\nStephen M. Lawlor Center\nMartha's Vineyard Hospital\nBeth \
             Israel Deaconess Medical Center\nLawrence General",
        ],
    ]);
    warehouse.loaded("aar.docx", docx(&[body])).await;
    assert_eq!(
        warehouse
            .ask(
                "select o.name from warehouse.participation join warehouse.organization o \
            using (organization_id) order by 1"
            )
            .await,
        [
            "Anna Jaques Hospital",
            "Beth Israel Deaconess Medical Center",
            "Lawrence General",
            "Martha's Vineyard Hospital",
            "Stephen M. Lawlor Center"
        ]
    );
}
