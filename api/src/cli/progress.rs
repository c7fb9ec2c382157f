//! Progress of a load: a bar on a terminal, plain lines in a log, nothing for programs.

use std::io::IsTerminal;
use std::sync::Mutex;

use hotwash_etl::load::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::logging::note;

/// Progress display of a load.
pub struct LoadProgress {
    bar: ProgressBar,
    lines: bool,
    file: Mutex<String>,
}

impl LoadProgress {
    /// Creates a bar if standard error is a terminal, or plain lines if `talk`.
    pub fn new(talk: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = if talk && terminal { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style =
            "{spinner} {msg:32!} {bar:30} {bytes:>10}/{total_bytes:10} {bytes_per_sec:>12}  {eta}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self { bar, lines: talk && !terminal, file: Mutex::default() }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for LoadProgress {
    fn start_file(&self, name: &str, bytes: u64) {
        self.bar.set_message(name.to_owned());
        self.bar.set_length(bytes);
        self.bar.set_position(0);
        if let Ok(mut file) = self.file.lock() {
            name.clone_into(&mut file);
        }
    }

    fn advance(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    fn end_file(&self, name: &str, summary: &str) {
        if self.lines {
            note(format_args!("{name}: {summary}"));
        }
    }
}
