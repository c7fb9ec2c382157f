//! What `hotwash demo` loads.

use crate::generate::{Memory, Recipe, generate};
use crate::input::Input;
use crate::load::{FileReport, LoadError, Options, Progress, load_inputs};
use crate::samples;

/// Loads the bundled public files and a fictional coalition's, which its files say; again changes nothing.
pub async fn load(url: &str, progress: &dyn Progress) -> Result<Vec<FileReport>, LoadError> {
    let made = Memory::default();
    generate(&Recipe::default(), &made)?;
    let fictional = made.take().into_iter().map(|(name, bytes)| Input::memory(&name, bytes));
    let inputs =
        samples::public().into_iter().chain(fictional).map(|input| (input.name().to_owned(), Ok(input))).collect();
    let options = Options { label: Some("demo".into()), ..Options::default() };
    load_inputs(url, inputs, &options, progress).await
}
