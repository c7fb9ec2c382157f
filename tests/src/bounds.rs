//! Bounds that end a test whatever happens: children and threads stop when their guard is dropped,
//! and no wait is for ever.

use std::collections::BTreeSet;
use std::process::{Child, Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longest time that one command of the binary, or one answer of a server, may take on a busy
/// machine.
pub const LONGEST: Duration = Duration::from_secs(300);

/// Processes to kill when the time limit of a test ends the test process.
static CHILDREN: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn children() -> std::sync::MutexGuard<'static, BTreeSet<u32>> {
    CHILDREN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kill(process: u32) {
    let _ = Command::new("kill").args(["-9", &process.to_string()]).status();
}

/// A child process that is killed when this is dropped.
pub struct Running {
    child: Option<Child>,
    id: u32,
}

impl Running {
    /// Starts it.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub fn spawn(command: &mut Command) -> Self {
        let child = command.spawn().expect("the program starts");
        let id = child.id();
        children().insert(id);
        Self { child: Some(child), id }
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The child, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        self.child.as_mut().expect("the child is taken only when this is")
    }

    /// Reports whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child().try_wait().expect("a child can be waited for").is_some()
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    /// Waits for its end and gives what it wrote into its pipes.
    ///
    /// # Panics
    /// When it takes longer than [`LONGEST`].
    pub fn output(mut self) -> Output {
        let child = self.child.take().expect("the child is taken once");
        let (send, receive) = channel();
        std::thread::spawn(move || send.send(child.wait_with_output()));
        match receive.recv_timeout(LONGEST) {
            Ok(output) => output.expect("a child can be waited for"),
            Err(_) => {
                kill(self.id);
                panic!("process {} did not end within {} seconds", self.id, LONGEST.as_secs());
            }
        }
    }

    fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
        children().remove(&self.id);
    }
}

/// Sets a flag when it is dropped, also by a failed assertion: threads that watch the flag end, and
/// their scope with them.
pub struct Stop<'a>(pub &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Ends the test process when the test takes longer than the limit; `cargo test` has no limit of
/// its own.
pub struct TimeLimit {
    _alive: Sender<()>,
}

impl TimeLimit {
    /// A limit of so many minutes from now.
    pub fn minutes(minutes: u64) -> Self {
        let name = std::thread::current().name().unwrap_or("a test").to_owned();
        let (alive, ended) = channel::<()>();
        std::thread::spawn(move || {
            if ended.recv_timeout(Duration::from_secs(minutes * 60))
                == Err(RecvTimeoutError::Timeout)
            {
                eprintln!("{name} did not end within {minutes} minutes; this test process ends");
                children().iter().copied().for_each(kill);
                std::process::exit(124);
            }
        });
        Self { _alive: alive }
    }
}

/// Waits until a condition is true.
///
/// # Panics
/// With what was waited for, after two minutes.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < deadline, "never came: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// HTTP client with a timeout.
pub static AGENT: LazyLock<ureq::Agent> = LazyLock::new(|| {
    // A connection of its own for each request: servers come and go in tests.
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_idle_connections(0);
    // Servers of tests have certificates of their own making.
    let tls = ureq::tls::TlsConfig::builder()
        .disable_verification(true)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    config.timeout_global(Some(LONGEST)).tls_config(tls).build().into()
});
