//! Options of the board pack: what the operator adds to the report's pages.

#[cfg(feature = "pdf")]
use std::path::Path;
use std::path::PathBuf;

#[cfg(feature = "pdf")]
use anyhow::Context as _;
#[cfg(feature = "pdf")]
use hotwash_report::{Logo, Narrative, Pack};

/// Options of the board pack.
#[derive(clap::Args, Clone, Debug)]
pub struct PackOptions {
    /// Title of the board pack
    #[arg(long, env = "HOTWASH_REPORT_TITLE", default_value = "Improvement report")]
    pub report_title: String,
    /// Organization that publishes the board pack, for its cover and running heads
    #[arg(
        long,
        env = "HOTWASH_REPORT_ORGANIZATION",
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub report_organization: String,
    /// Logo on the cover of the board pack: a PNG, JPEG, WebP or SVG image
    #[arg(long, env = "HOTWASH_REPORT_LOGO", value_name = "FILE")]
    pub report_logo: Option<PathBuf>,
    /// Narrative at the beginning of the board pack: a Markdown file
    #[arg(long, env = "HOTWASH_REPORT_NARRATIVE", value_name = "FILE")]
    pub report_narrative: Option<PathBuf>,
}

#[cfg(feature = "pdf")]
impl PackOptions {
    /// Reads the files that the options name.
    ///
    /// # Errors
    /// Fails when a file cannot be read or printed.
    pub fn pack(&self, paper: &str) -> anyhow::Result<Pack> {
        let logo = self.report_logo.as_deref().map(logo).transpose()?;
        let narrative = self.report_narrative.as_deref().map(narrative).transpose()?;
        Ok(Pack {
            paper: paper.to_owned(),
            title: self.report_title.clone(),
            organization: self.report_organization.clone(),
            logo,
            narrative,
        })
    }
}

#[cfg(feature = "pdf")]
fn logo(file: &Path) -> anyhow::Result<Logo> {
    let bytes = std::fs::read(file)
        .with_context(|| format!("{}: the logo cannot be read", file.display()))?;
    Logo::new(bytes).with_context(|| file.display().to_string())
}

#[cfg(feature = "pdf")]
fn narrative(file: &Path) -> anyhow::Result<Narrative> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{}: the narrative cannot be read", file.display()))?;
    Narrative::read(&text).with_context(|| file.display().to_string())
}
