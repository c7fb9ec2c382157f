//! Loads files from memory, for tests of the loader.

use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_schema::testing::TestDatabase;

/// Loads files, given by name and text, in one batch.
///
/// # Panics
/// Panics if a file is not loaded, or one of its rows is rejected.
pub async fn load(database: &TestDatabase, files: &[(&str, &str)]) -> Vec<FileReport> {
    let inputs = files.iter().map(|(name, text)| {
        ((*name).to_owned(), Ok(Input::memory(name, text.as_bytes().to_vec())))
    });
    let reports =
        load_inputs(database.url(), inputs.collect(), &Options::default(), &Quiet).await.unwrap();
    for report in &reports {
        assert!(report.error.is_none() && report.rejected == 0, "{report:?}");
    }
    reports
}
