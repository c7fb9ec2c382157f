//! Restarts the private Postgres if it exits while a server uses it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use super::Place;
use super::processes::postmaster;
use crate::SchemaError;

/// Time between two checks of the postmaster.
const INTERVAL: Duration = Duration::from_millis(500);
/// Time after which a restarted Postgres counts as healthy again.
const CALM: Duration = Duration::from_secs(300);
/// Maximum pause between two starts.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Thread that watches the postmaster; it ends when dropped.
pub struct Supervisor {
    _running: Sender<()>,
}

impl Supervisor {
    /// Starts to watch.
    ///
    /// # Errors
    /// Fails when the thread cannot be started.
    pub fn start(place: Place) -> Result<Self, SchemaError> {
        let (running, ended) = channel();
        let thread = std::thread::Builder::new().name("postgres-supervisor".into());
        let folder = place.folder.clone();
        thread
            .spawn(move || watch(&place, &ended))
            .map_err(|error| super::path_error(&folder, error))?;
        Ok(Self { _running: running })
    }
}

fn watch(place: &Place, ended: &Receiver<()>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return tracing::error!(%error, "the private Postgres is not supervised"),
    };
    let mut starts = Starts::default();
    let mut pause = INTERVAL;
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        pause = INTERVAL;
        let data = place.data();
        if postmaster(&data).is_some() {
            continue;
        }
        let wait = starts.wait(Instant::now());
        if !wait.is_zero() {
            pause = wait.min(INTERVAL);
            continue;
        }
        starts.begin(Instant::now());
        let how = if data.join("postmaster.pid").exists() {
            "was killed or crashed"
        } else {
            "was stopped"
        };
        tracing::warn!(start = starts.count, "the private Postgres {how}; starting it again");
        match runtime.block_on(start(place, ended)) {
            Ok(true) => tracing::info!(start = starts.count, "the private Postgres runs again"),
            Ok(false) => return,
            Err(error) => {
                let retry_seconds = starts.wait(Instant::now()).as_secs();
                tracing::error!(%error, start = starts.count, retry_seconds, "the private Postgres \
                    could not be started");
            }
        }
    }
}

/// Restarts Postgres at the same port, unless another process has done so. Returns false if
/// supervision has ended.
async fn start(place: &Place, ended: &Receiver<()>) -> Result<bool, SchemaError> {
    let _control = place.lock("control.lock", true)?;
    // The process that ends the supervision stops Postgres under this lock; it must not be
    // restarted.
    if ended.try_recv() == Err(TryRecvError::Disconnected) {
        return Ok(false);
    }
    place.run(false).await?;
    Ok(true)
}

/// Number of starts, which determines the pause before the next: none, then 1, 2, 4 … 60 seconds.
#[derive(Default)]
struct Starts {
    count: u32,
    last: Option<Instant>,
}

impl Starts {
    fn wait(&mut self, now: Instant) -> Duration {
        let Some(last) = self.last else { return Duration::ZERO };
        let passed = now.saturating_duration_since(last);
        if passed > CALM {
            *self = Self::default();
            return Duration::ZERO;
        }
        let pause =
            Duration::from_secs(1 << self.count.saturating_sub(1).min(6)).min(LONGEST_PAUSE);
        pause.saturating_sub(passed)
    }

    fn begin(&mut self, now: Instant) {
        self.count += 1;
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_become_rarer_and_a_calm_time_forgives() {
        let (mut starts, mut now) = (Starts::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..10 {
            let pause = starts.wait(now);
            pauses.push(pause.as_secs());
            now += pause;
            starts.begin(now);
        }
        assert_eq!(pauses, [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        now += CALM + Duration::from_secs(1);
        assert_eq!((starts.wait(now), starts.count), (Duration::ZERO, 0));
    }
}
