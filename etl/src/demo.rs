//! What `hotwash demo` loads.

use crate::load::{FileReport, LoadError, Options, Progress, load_inputs};
use crate::samples;

/// Loads the bundled files; again changes nothing.
pub async fn load(url: &str, progress: &dyn Progress) -> Result<Vec<FileReport>, LoadError> {
    let inputs = samples::public().into_iter().map(|input| (input.name().to_owned(), Ok(input))).collect();
    let options = Options { label: Some("demo".into()), ..Options::default() };
    load_inputs(url, inputs, &options, progress).await
}
