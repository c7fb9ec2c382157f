//! The log on standard error.
//!
//! A server's log never blocks and never fails its caller: lines wait in a bounded queue for a
//! thread of their own. A line that finds the queue full, or that cannot be written, is dropped and
//! counted. The next line that can be written reports the count.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use hotwash_etl::visible;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// Lines that may wait to be written.
const QUEUE_LINES: usize = 4_096;
/// Time that the end of the process waits for standard error.
const LAST_WRITE: Duration = Duration::from_secs(2);

/// Lines that could not be written.
static UNWRITTEN: AtomicU64 = AtomicU64::new(0);
/// Lines that found the queue full.
static OVERFLOWED: OnceLock<ErrorCounter> = OnceLock::new();

/// Number of log lines dropped since the start of the process.
pub fn dropped_lines() -> u64 {
    let overflowed = OVERFLOWED.get().map_or(0, ErrorCounter::dropped_lines);
    UNWRITTEN.load(Ordering::Relaxed) + overflowed as u64
}

/// Writes what still waits in the queue when dropped, for two seconds at most.
pub struct LogGuard(Option<WorkerGuard>);

impl Drop for LogGuard {
    fn drop(&mut self) {
        if let Some(guard) = self.0.take() {
            // The guard prints to standard output when the queue is stuck, which may block or
            // panic: not here.
            within(LAST_WRITE, move || drop(guard));
        }
    }
}

/// Starts logging: straight to standard error for a command, through the queue for a server.
pub fn start(server: bool, json: bool, filter: EnvFilter) -> LogGuard {
    // A server's log is for machines, unless a person watches it.
    let json = json || (server && !io::stderr().is_terminal());
    let (writer, guard) = match standard_error().filter(|_| server) {
        None => (BoxMakeWriter::new(io::stderr), None),
        Some(out) => {
            let writer = LineWriter { out, json, reported: 0, torn: false };
            let queue = NonBlockingBuilder::default()
                .lossy(true)
                .buffered_lines_limit(QUEUE_LINES)
                .thread_name("log");
            let (queue, guard) = queue.finish(writer);
            OVERFLOWED.get_or_init(|| queue.error_counter());
            // The standard hook writes to standard error itself and would block the thread that
            // panicked.
            std::panic::set_hook(Box::new(|panic| {
                let backtrace = std::backtrace::Backtrace::capture();
                tracing::error!(target: "hotwash::panic", %backtrace, "{panic}");
            }));
            (BoxMakeWriter::new(queue), Some(guard))
        }
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        // Color codes are for terminals, not for pipes and files.
        .with_ansi(io::stderr().is_terminal())
        .log_internal_errors(false);
    if json {
        builder.json().flatten_event(true).init();
    } else {
        builder.with_target(false).compact().init();
    }
    LogGuard(guard)
}

/// Opens standard error once more. A write that blocks would hold the lock of `io::stderr()`, for
/// which all its other users wait.
#[cfg(unix)]
fn standard_error() -> Option<std::fs::File> {
    use std::os::fd::AsFd;
    io::stderr().as_fd().try_clone_to_owned().ok().map(Into::into)
}

/// Opens standard error.
#[cfg(not(unix))]
fn standard_error() -> Option<io::Stderr> {
    Some(io::stderr())
}

/// Writes a note for the user to standard error, without characters that would command the
/// terminal; failures are ignored.
pub fn note(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{}", visible(&text.to_string()));
}

/// Writes the last message of the process. A server does not wait indefinitely for a reader.
pub fn last_note(server: bool, label: &'static str, text: String) {
    if server {
        within(LAST_WRITE, move || labeled(label, &text));
    } else {
        labeled(label, &text);
    }
}

fn labeled(label: &str, text: &str) {
    let _ = writeln!(io::stderr(), "{label} {}", visible(text));
}

/// Runs work on its own thread and stops waiting after the limit.
fn within(limit: Duration, work: impl FnOnce() + Send + 'static) {
    let (done, is_done) = sync_channel(1);
    std::thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    let _ = is_done.recv_timeout(limit);
}

/// Writes lines to a file or pipe, counts those that fail, and reports the count once lines can be
/// written again.
struct LineWriter<W> {
    out: W,
    json: bool,
    /// Dropped lines already reported.
    reported: u64,
    /// The last line was cut short.
    torn: bool,
}

impl<W: Write> Write for LineWriter<W> {
    /// Accepts one line and never fails, since the calling thread could not handle the error.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let dropped = dropped_lines();
        let mut text = Vec::with_capacity(line.len() + 160);
        if self.torn {
            text.push(b'\n');
        }
        if dropped > self.reported {
            text.extend_from_slice(self.report(dropped - self.reported).as_bytes());
        }
        text.extend_from_slice(line);
        let mut written = 0;
        while written < text.len() {
            match self.out.write(&text[written..]) {
                Ok(0) => break,
                Ok(bytes) => written += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        if written == text.len() {
            self.reported = dropped;
            self.torn = false;
        } else {
            self.torn = self.torn || written > 0;
            UNWRITTEN.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W> LineWriter<W> {
    /// Returns the line that reports dropped lines, in the form of the other lines.
    fn report(&self, count: u64) -> String {
        let timestamp = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let message = "log lines were dropped because standard error could not be written";
        if self.json {
            let line = serde_json::json!({
                "timestamp": timestamp, "level": "WARN", "message": message, "dropped": count, "target": "hotwash::logging",
            });
            format!("{line}\n")
        } else {
            format!("{timestamp}  WARN {message} dropped={count}\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accepts a number of bytes, then fails until repaired.
    struct Disk {
        room: usize,
        text: Vec<u8>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.room);
            if taken == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= taken;
            self.text.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted_and_reported_once_on_a_line_of_their_own() {
        let disk = Disk { room: 10, text: Vec::new() };
        let mut writer =
            LineWriter { out: disk, json: true, reported: dropped_lines(), torn: false };
        let before = dropped_lines();
        writer.write_all(b"first\n").unwrap();
        writer.write_all(b"cut short\n").unwrap();
        writer.write_all(b"lost\n").unwrap();
        assert_eq!(dropped_lines() - before, 2);
        writer.out.room = 10_000;
        writer.write_all(b"fourth\n").unwrap();
        writer.write_all(b"fifth\n").unwrap();
        let text = String::from_utf8(writer.out.text).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            (lines[0], lines[1], lines[3], lines[4]),
            ("first", "cut ", "fourth", "fifth"),
            "{text}"
        );
        let report: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
        assert_eq!(report["dropped"], 2, "{report}");
    }
}
