//! Generates a fictional coalition's data in Hotwash's own templates from a seed, with built-in
//! facts that the metrics must find.
//!
//! Uses the templates and the phrases; independent of the warehouse.

mod events;
mod improvement;
mod notes;
mod people;
mod phrases;
mod recipe;
mod risk;
mod tables;
mod trackers;

use hotwash_schema::profile;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
pub use recipe::Recipe;
use recipe::{QUARTERS, STORIES, Story};
pub use tables::{Folder, GenerateError, Memory, OutputTarget};

/// Lists facts in every generated data set, for any scale and seed.
pub fn truths() -> Vec<String> {
    let regions = profile::active().region_codes();
    STORIES.iter().zip(&regions).map(|(story, region)| story.text(region)).collect()
}

/// Writes the data set. Its memory does not depend on the scale.
///
/// # Errors
/// Returns an error if a file cannot be written.
pub fn generate(recipe: &Recipe, index: &dyn OutputTarget) -> Result<(), GenerateError> {
    let mut tables = tables::Tables::open(recipe, index)?;
    let mut random = ChaCha8Rng::seed_from_u64(recipe.seed);
    let phrases = phrases::Phrases::read()?;
    let people = people::write(recipe, &mut tables)?;
    risk::write(recipe, &people, &mut tables, &mut random)?;
    notes::write(recipe, &mut tables)?;
    let mut states = events::states(recipe);
    for quarter in 0..QUARTERS {
        for (region, state) in states.iter_mut().enumerate() {
            events::write_quarter(
                recipe,
                region,
                quarter,
                state,
                &people,
                &phrases,
                &mut tables,
                &mut random,
            )?;
        }
    }
    tables.finish()
}
