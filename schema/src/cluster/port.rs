//! Chooses the port of the private Postgres once, and records it in the home folder for every later
//! start. Saved connections of BI tools therefore stay valid.

use std::path::Path;

use rand::Rng;

/// Ports to choose from, below the range that systems use for outgoing connections. Such a
/// connection could otherwise occupy the port while Postgres is stopped.
const RANGE: std::ops::Range<u16> = 20_000..32_768;
/// Number of random ports tried before asking the system for one.
const TRIES: usize = 50;
/// File in the cluster's folder; an operator may write another port into it while Postgres is
/// stopped.
pub const FILE: &str = "port";

/// Returns the recorded port; none without a valid record.
pub fn recorded(folder: &Path) -> Option<u16> {
    std::fs::read_to_string(folder.join(FILE)).ok()?.trim().parse().ok().filter(|port| *port > 0)
}

/// Returns whether no process listens on this port of the loopback interface.
pub fn is_free(port: u16) -> bool {
    std::net::TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// Chooses a free port.
///
/// # Errors
/// Fails when the system has none.
pub fn choose() -> std::io::Result<u16> {
    let mut random = rand::rng();
    let found = (0..TRIES).map(|_| random.random_range(RANGE)).find(|port| is_free(*port));
    match found {
        Some(port) => Ok(port),
        None => Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_port_is_free_and_what_is_no_port_is_not_read() {
        let port = choose().unwrap();
        assert!(is_free(port) && RANGE.contains(&port));
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(!is_free(taken.local_addr().unwrap().port()));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(recorded(folder.path()), None);
        for (text, port) in
            [("25000\n", Some(25_000)), ("0", None), ("70000", None), ("", None), ("abc", None)]
        {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            assert_eq!(recorded(folder.path()), port, "{text:?}");
        }
    }
}
