//! Open WebSockets and event streams, and their limits per key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::message::Close;
use crate::http::credential::Credential;

/// A limit of one key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum LimitReached {
    /// Number of connections.
    #[error("this key has {0} WebSockets and event streams open; close one")]
    Connections(usize),
    /// Number of running operations.
    #[error(
        "this key has {0} operations under way over WebSockets and event streams; complete one, \
         then try again"
    )]
    Operations(usize),
}

/// All open sockets of this server.
#[derive(Default)]
pub struct Sockets(Mutex<Open>);

#[derive(Default)]
struct Open {
    next: u64,
    sockets: HashMap<u64, Entry>,
    /// Number of running operations by viewer name.
    operations: HashMap<String, usize>,
}

struct Entry {
    /// Viewer name and credential; none before `connection_init`.
    owner: Option<(String, Arc<Credential>)>,
    closing: watch::Sender<Option<Close>>,
}

impl Sockets {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of open sockets.
    pub fn count(&self) -> usize {
        self.lock().sockets.len()
    }

    /// Closes all sockets.
    pub fn close_all(&self) {
        for entry in self.lock().sockets.values() {
            entry.closing.send_replace(Some(Close::new(Close::GOING_AWAY, "Going away")));
        }
    }

    /// Registers a socket until the registration is dropped.
    pub fn open(self: &Arc<Self>) -> (Registration, watch::Receiver<Option<Close>>) {
        let (closing, is_closing) = watch::channel(None);
        let mut open = self.lock();
        let id = open.next;
        open.next += 1;
        open.sockets.insert(id, Entry { owner: None, closing });
        (Registration { id, sockets: Arc::clone(self) }, is_closing)
    }

    /// Counts an operation of a viewer until the permit is dropped.
    ///
    /// # Errors
    /// Fails when the viewer has reached the limit of running operations.
    pub fn begin_operation(
        self: &Arc<Self>,
        viewer: &str,
        most: usize,
    ) -> Result<OperationPermit, LimitReached> {
        let mut open = self.lock();
        let running = open.operations.entry(viewer.to_owned()).or_default();
        if *running >= most {
            return Err(LimitReached::Operations(most));
        }
        *running += 1;
        Ok(OperationPermit { viewer: viewer.to_owned(), sockets: Arc::clone(self) })
    }

    /// Credentials in use, with their socket ids.
    pub fn credentials(&self) -> Vec<(u64, Arc<Credential>)> {
        let open = self.lock();
        let owned = open
            .sockets
            .iter()
            .filter_map(|(id, entry)| Some((*id, Arc::clone(&entry.owner.as_ref()?.1))));
        owned.collect()
    }

    /// Closes a socket.
    pub fn close(&self, id: u64, close: Close) {
        if let Some(entry) = self.lock().sockets.get(&id) {
            entry.closing.send_replace(Some(close));
        }
    }
}

/// An open socket.
pub struct Registration {
    id: u64,
    sockets: Arc<Sockets>,
}

impl Registration {
    /// Assigns the socket to its viewer.
    ///
    /// # Errors
    /// Fails when the viewer has reached the limit of sockets.
    pub fn acknowledge(
        &self,
        viewer: &str,
        credential: Arc<Credential>,
        most: usize,
    ) -> Result<(), LimitReached> {
        let mut open = self.sockets.lock();
        let owned = open
            .sockets
            .values()
            .filter(|entry| entry.owner.as_ref().is_some_and(|(name, _)| name == viewer));
        if owned.count() >= most {
            return Err(LimitReached::Connections(most));
        }
        if let Some(entry) = open.sockets.get_mut(&self.id) {
            entry.owner = Some((viewer.to_owned(), credential));
        }
        Ok(())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.sockets.lock().sockets.remove(&self.id);
    }
}

/// A running operation.
pub struct OperationPermit {
    viewer: String,
    sockets: Arc<Sockets>,
}

impl Drop for OperationPermit {
    fn drop(&mut self) {
        let mut open = self.sockets.lock();
        if let Some(running) = open.operations.get_mut(&self.viewer) {
            *running -= 1;
            if *running == 0 {
                open.operations.remove(&self.viewer);
            }
        }
    }
}
