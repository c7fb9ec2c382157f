//! Tests the private Postgres: shared by all commands, stopped after the last one, recovered after
//! a crash.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::os::unix::fs::PermissionsExt;

use hotwash_schema::cluster::Cluster;
use hotwash_schema::connect::connect;
use hotwash_schema::home::Home;

fn home(folder: &tempfile::TempDir) -> Home {
    // Under root, Postgres runs as another user, who must reach the folder.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    Home::open(Some(folder.path())).unwrap()
}

#[tokio::test]
async fn two_users_share_one_server_and_the_last_one_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(&folder);
    let first = Cluster::open(&home).await.unwrap();
    let second = Cluster::open(&home).await.unwrap();
    assert_eq!(first.url(), second.url());
    drop(first);
    connect(second.url()).await.unwrap().simple_query("select 1").await.unwrap();
    drop(second);
    assert!(
        !Cluster::status(&home).await.unwrap().running,
        "nothing is left running after the last user"
    );
}

#[tokio::test]
async fn a_server_that_was_killed_leaves_a_stale_lock_and_the_next_command_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(&folder);
    Cluster::start(&home).await.unwrap();
    let lock = folder.path().join("postgres/data/postmaster.pid");
    let process: i32 =
        std::fs::read_to_string(&lock).unwrap().lines().next().unwrap().trim().parse().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(process), nix::sys::signal::Signal::SIGKILL)
        .unwrap();
    assert!(lock.exists(), "the crash left its lock");
    let cluster = Cluster::open(&home).await.unwrap();
    connect(cluster.url()).await.unwrap().simple_query("select 1").await.unwrap();
    drop(cluster);
    assert!(Cluster::status(&home).await.unwrap().running, "it was started to stay");
    Cluster::stop(&home).await.unwrap();
    assert!(!Cluster::status(&home).await.unwrap().running);
}
