//! Tests everything around the tables: overview, participants, unfilled prompts, hidden text.

use crate::office::{HEAD, Warehouse, bold, bullet, docx, heading, overview, p, table};

async fn events(warehouse: &Warehouse) -> Vec<String> {
    warehouse
        .ask(
            "select concat_ws(' | ', e.kind, e.name, e.local_date, e.end_local_date, \
             coalesce(t.code, '-'), \
                 (select string_agg(r.code, ',') from warehouse.event_region join warehouse.region \
                 r using (region_id) where event_region.event_id = e.event_id)) \
             from warehouse.event e left join warehouse.exercise x using (event_id) left join \
             warehouse.exercise_type t using (exercise_type_id) order by 1",
        )
        .await
}

#[tokio::test]
async fn an_overview_is_read_in_a_table_in_four_columns_or_in_paragraphs() {
    let ratings = table(&[&HEAD, &["Objective 1", "Medical Surge", "X", "", "", ""]]);
    let healthcare = heading(1, "Exercise/Incident/Event Overview")
        + &table(&[
            &["2|Overview"],
            &["Event Name:", "Winter Surge Tabletop"],
            &["Event Dates:", "June 3-5, 2025, 0800-1600"],
            &["Scope", "Tabletop exercise"],
            &["Public Health Preparedness Capabilities", "4 Medical Surge"],
            &["Hazard or Threat", "Ice storm"],
            &["Sponsor(s)", "Region 3 HMCC"],
            &["Point of Contact", "Name: Jane Doe\nPhone: 978-555-0100"],
            &["Name", "Jane Doe"],
            &["Email", "jane@example.org"],
        ]);
    let four = table(&[
        &["Exercise Name", "Winter Surge Tabletop", "Exercise Date(s)", "June 3\u{2013}5, 2025"],
        &["Exercise Type", "TTX", "Threat/Hazard", "Ice storm"],
        &["Sponsor", "Region 3 HMCC", "Location", "Lawrence"],
    ]);
    let paragraphs = p("Section 1: Exercise Overview")
        + &bold("Exercise Details")
        + &bold("Exercise Name")
        + &p("Winter Surge Tabletop")
        + &bold("Type of Exercise")
        + &p("Tabletop")
        + &bold("Exercise Start Date")
        + &p("June 3, 2025")
        + &bold("Exercise End Date")
        + &p("June 5, 2025")
        + &bold("Sponsor")
        + &p("Region 3 HMCC")
        + &bold("Exercise Planning Team Leadership")
        + &p("Jane Doe, jane@example.org");
    let lines = p("Exercise Name: Winter Surge Tabletop")
        + &p("Exercise Dates: 6/3/2025 to 6/5/2025")
        + &p("Exercise Type: Table-top")
        + &p("Sponsor: Region 3 HMCC");
    let warehouse = Warehouse::new().await;
    for (name, body) in [
        ("healthcare", healthcare),
        ("four columns", four),
        ("paragraphs", paragraphs),
        ("lines", lines),
    ] {
        let report = warehouse.loaded("aar.docx", docx(&[body, ratings.clone()])).await;
        assert_eq!(report.rejected, 0, "{name}: {report:?}");
        assert_eq!(
            events(&warehouse).await,
            ["EXERCISE | Winter Surge Tabletop | 2025-06-03 | 2025-06-05 | TTX | 3"],
            "{name}"
        );
        for table in [
            "warehouse.event",
            "warehouse.exercise",
            "warehouse.organization",
            "warehouse.objective",
            "meta.warning",
        ] {
            let found = warehouse
                .ask(&format!(
                    "select t::text from {table} t where t::text ilike '%jane%' or t::text like \
                     '%555-0100%'"
                ))
                .await;
            assert!(found.is_empty(), "{name}: {found:?}");
        }
    }
}

#[tokio::test]
async fn incidents_and_planned_events_are_told_from_exercises() {
    let warehouse = Warehouse::new().await;
    for (label, name, expected) in [
        ("Incident Name", "Ice Storm Response", "INCIDENT"),
        ("Event Name", "Boston Marathon 2025", "PLANNED_EVENT"),
        ("Exercise/Incident/Event Name", "Flu Season Surge", "INCIDENT"),
        ("Exercise/Incident/Event Name", "Flu Season Drill", "EXERCISE"),
    ] {
        let body = table(&[
            &[label, name],
            &["Date", "May 30 \u{2013} June 2, 2024"],
            &["Sponsor", "Region 3 HMCC"],
        ]);
        warehouse
            .loaded(
                "aar.docx",
                docx(&[body, table(&[&HEAD, &["Objective 1", "Medical Surge", "X", "", "", ""]])]),
            )
            .await;
        let found = warehouse
            .ask(
                "select concat_ws(' ', kind, local_date, end_local_date) from \
            warehouse.event where file_id = (select max(file_id) from meta.file)",
            )
            .await;
        assert_eq!(found, [format!("{expected} 2024-05-30 2024-06-02")], "{name}");
    }
}

#[tokio::test]
async fn a_template_that_nobody_filled_in_is_refused_and_its_prompts_are_never_stored() {
    let warehouse = Warehouse::new().await;
    let empty = table(&[
        &["Exercise Name", "[Insert the formal name of exercise]"],
        &["Exercise Dates", "[Indicate the start and end dates]"],
        &["Sponsor", "[Insert the name of the sponsor]"],
        &["Scope", "[Exercise type]"],
    ]);
    let ratings = table(&[&HEAD, &["[Objective 1]", "[Core capability]", "", "", "", ""]]);
    let report = warehouse.load("template.docx", docx(&[empty, ratings])).await;
    assert!(report.error.is_some() || (report.inserted, report.rejected) == (0, 1), "{report:?}");
    let half = table(&[
        &["Exercise Name", "Winter Surge Tabletop"],
        &["Exercise Dates", "June 3, 2025 [insert times]"],
        &["Scope", "[Describe the scope]"],
        &["Sponsor", "Region 3 HMCC"],
    ]);
    let report = warehouse.loaded("half.docx", docx(&[half])).await;
    assert_eq!((report.read, report.inserted), (1, 1), "{report:?}");
    assert!(
        warehouse
            .ask("select event::text from warehouse.event where event::text like '%[%]%'")
            .await
            .is_empty()
    );
    assert!(
        warehouse
            .ask(
                "select exercise::text from warehouse.exercise where exercise::text ilike \
                '%describe%'"
            )
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn participants_are_read_from_lists_by_discipline_and_from_tables() {
    let bullets = heading(1, "Appendix B: Exercise Participants")
        + &bold("Hospitals")
        + &bullet("Lawrence General Hospital (12)")
        + &bullet("Holy Family Hospital")
        + &bold("Emergency Medical Services")
        + &bullet("Cataldo Ambulance Service")
        + &heading(1, "Appendix C: Acronyms")
        + &bullet("EOC");
    let rows = p("APPENDIX B: EXERCISE PARTICIPANTS")
        + &table(&[
            &["Participating Organizations", "Number of Participants"],
            &["Hospitals", ""],
            &["Lawrence General Hospital", "12"],
            &["Holy Family Hospital", ""],
            &["2|EMS"],
            &["Cataldo Ambulance Service", ""],
        ]);
    let signed = heading(1, "Appendix B: Exercise Participants")
        + &table(&[
            &["Name", "Organization", "E-mail"],
            &["Jane Doe", "Lawrence General Hospital", "jane@example.org"],
            &["John Roe", "Holy Family Hospital", ""],
            &["Ann Poe", "Cataldo Ambulance Service", ""],
            &["Tim Moe", "Lawrence General Hospital", ""],
        ]);
    let warehouse = Warehouse::new().await;
    for (name, body) in [("bullets", bullets), ("rows", rows), ("signed", signed)] {
        warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
        let found = warehouse
            .ask(
                "select o.name from warehouse.participation p join warehouse.organization o using \
                (organization_id) where p.file_id = (select max(file_id) from meta.file) order by \
                1",
            )
            .await;
        assert_eq!(
            found,
            ["Cataldo Ambulance Service", "Holy Family Hospital", "Lawrence General Hospital"],
            "{name}"
        );
    }
}

#[tokio::test]
async fn text_boxes_nested_tables_hidden_text_and_struck_rows_are_read_as_they_show() {
    let boxed = "<w:p><w:r><w:t>Before \
        </w:t><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>After-Action Report, July 30, \
        2025</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></w:r><w:r><w:t>and \
        after</w:t></w:r></w:p>"
        .to_owned();
    let framed = table(&[&[overview().as_str()]]);
    let hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Strength 9: Delete this help \
         text.</w:t></w:r></w:p>"
        .to_owned();
    let prompt = "<w:p><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click \
        or tap here to enter text.</w:t></w:r></w:sdtContent></w:sdt></w:p>";
    let struck = table(&[
        &HEAD,
        &["Objective 1", "Medical Surge", "X", "", "", prompt],
        &["Objective 2", "Mass Care", "X", "", "", ""],
    ])
    .replacen(
        "<w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"1\"/></w:tcPr><w:p><w:r><w:t \
            xml:space=\"preserve\">Objective 2",
        "<w:tr><w:trPr><w:del \
                w:id=\"1\"/></w:trPr><w:tc><w:tcPr><w:gridSpan \
                w:val=\"1\"/></w:tcPr><w:p><w:r><w:t xml:space=\"preserve\">Objective 2",
        1,
    );
    let warehouse = Warehouse::new().await;
    let report = warehouse
        .loaded("aar.docx", docx(&[boxed, framed, heading(1, "Analysis"), hidden, struck]))
        .await;
    assert_eq!((report.read, report.inserted), (2, 2), "{report:?}");
    assert_eq!(warehouse.ratings().await, ["Objective 1 | Medical Surge | P"]);
    assert_eq!(
        warehouse.ask("select final_on::text from warehouse.after_action_report").await,
        ["2025-07-30"]
    );
}

#[tokio::test]
async fn a_table_that_is_none_of_the_templates_is_told() {
    let warehouse = Warehouse::new().await;
    let body = heading(1, "Appendix D: Weather")
        + &table(&[&["Hour", "Wind", "Rain"], &["0900", "12", "3"]]);
    let report = warehouse.loaded("aar.docx", docx(&[overview(), body])).await;
    assert!(
        report.details.iter().any(|warning| warning.code.as_str() == "UNKNOWN_TABLE"
            && warning.value.as_deref() == Some("Appendix D: Weather")),
        "{report:?}"
    );
}
