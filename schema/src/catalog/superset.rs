//! Generates an import bundle for Apache Superset: the connection, one data set per fact and
//! metric, and a starter dashboard.
//!
//! Every file is JSON, which is also valid YAML. Ids are derived from names, so importing a newer
//! bundle updates the older one.

mod chart;
mod dashboard;
mod dataset;
mod identity;

use std::io::{Cursor, Write};

use identity::{LAYOUT, id};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use super::BiRelation;
use crate::error::SchemaError;

/// Returns the bundle as a zip file. `address` is HOST:PORT/DATABASE and contains the login; the
/// import asks for the password.
///
/// # Errors
/// Fails when the zip file cannot be written.
pub fn superset(
    relations: &[BiRelation],
    address: &str,
    login: &str,
) -> Result<Vec<u8>, SchemaError> {
    let sets: Vec<dataset::Set> =
        relations.iter().filter_map(|relation| dataset::of(relation, relations)).collect();
    let mut files = vec![
        (
            "metadata.yaml".to_owned(),
            json!({"version": LAYOUT, "type": "Dashboard", "timestamp": "2000-01-01T00:00:00+00:00"}),
        ),
        ("databases/Hotwash.yaml".to_owned(), database(address, login)),
    ];
    files
        .extend(sets.iter().map(|set| (format!("datasets/Hotwash/{}.yaml", set.name), set.file())));
    let charts: Vec<chart::Chart> =
        chart::starter().into_iter().filter(|chart| chart.fits(&sets)).collect();
    files
        .extend(charts.iter().map(|chart| (format!("charts/{}.yaml", chart.slug()), chart.file())));
    files.push(("dashboards/Hotwash.yaml".to_owned(), dashboard::file(&charts)));
    zipped(&files)
        .map_err(|error| SchemaError::Database(format!("the bundle could not be written: {error}")))
}

fn database(address: &str, login: &str) -> Value {
    json!({
        "database_name": "Hotwash",
        "sqlalchemy_uri": format!("postgresql+psycopg2://{login}:XXXXXXXXXX@{address}"),
        "cache_timeout": null, "expose_in_sqllab": true, "allow_run_async": false, "allow_ctas": false, "allow_cvas": false,
        "allow_dml": false, "allow_file_upload": false, "extra": {"allows_virtual_table_explore": true},
        "uuid": id("database"), "version": LAYOUT,
    })
}

fn zipped(files: &[(String, Value)]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        out.start_file(format!("hotwash/{name}"), SimpleFileOptions::default())?;
        out.write_all(serde_json::to_string_pretty(content)?.as_bytes())?;
    }
    Ok(out.finish()?.into_inner())
}
