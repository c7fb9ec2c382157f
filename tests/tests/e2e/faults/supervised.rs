//! A server with its private Postgres: the port stays the same, and killed processes are restarted.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hotwash_schema::connect::connect;
use hotwash_tests::bounds::wait_until;
use hotwash_tests::{Server, both, hotwash_at_home, output, repository};
use serde_json::Value;

/// A home folder whose private Postgres is stopped when this is dropped.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Under root, Postgres runs as another user, who must be able to read the folder.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = output(&mut hotwash_at_home(self.path(), arguments));
        assert!(output.status.success(), "{arguments:?}: {}", both(&output));
        both(&output)
    }

    fn serve(&self) -> Server {
        let home = self.path().to_owned();
        Server::start_as("", &[], &move |command: &mut Command| {
            command.env_remove("DATABASE_URL").env("HOTWASH_HOME", &home);
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join("postgres").join(name)
    }

    fn port(&self) -> u16 {
        std::fs::read_to_string(self.file("port")).unwrap().trim().parse().unwrap()
    }

    fn url(&self) -> String {
        let password = std::fs::read_to_string(self.file("password")).unwrap();
        format!("postgres://hotwash:{}@127.0.0.1:{}/hotwash", password.trim(), self.port())
    }

    fn postmaster(&self) -> Option<String> {
        Some(
            std::fs::read_to_string(self.file("data/postmaster.pid"))
                .ok()?
                .lines()
                .next()?
                .to_owned(),
        )
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = hotwash_at_home(self.path(), &["postgres", "stop"]).output();
    }
}

fn lists(server: &Server, first: u32) -> Option<i64> {
    let answer: Value =
        server.post(&format!("{{ events(first: {first}) {{ totalCount nodes {{ name }} }} }}"));
    answer["data"]["events"]["totalCount"].as_i64()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_its_postgres_again_at_the_same_port_whoever_ended_it() {
    let _limit = super::limit();
    let home = Home::new();
    let sample = repository().join("etl/samples/disaster_declarations_summaries_v2.csv");
    home.run(&["load", sample.to_str().unwrap()]);
    let port = home.port();
    let server = home.serve();
    assert_eq!(home.port(), port, "another start, the same port");
    let events = lists(&server, 1).unwrap();
    assert!(events > 0);

    // A busy backend does not notice that its postmaster is gone, so a new one cannot start yet.
    let busy = connect(&home.url()).await.unwrap();
    let work = tokio::spawn(async move {
        let _ = busy
            .query("select count(*) from generate_series(1, 1000000000000) g where g % 7 = 3", &[])
            .await;
    });
    let client = connect(&home.url()).await.unwrap();
    let sql = "select count(*) from pg_stat_activity where query like '%generate_series%' and pid \
        <> pg_backend_pid() and state = 'active'";
    while client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let killed = home.postmaster().unwrap();
    assert!(Command::new("kill").args(["-9", &killed]).status().unwrap().success());
    let began = Instant::now();
    let mut first = 1;
    wait_until("the server answers from its Postgres again", || {
        first += 1;
        home.postmaster().is_some_and(|process| process != killed)
            && lists(&server, first) == Some(events)
    });
    println!("answered {:.1} s after kill -9", began.elapsed().as_secs_f64());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?} after kill -9", began.elapsed());
    assert_eq!(home.port(), port);
    let _ = work.await;

    // Stopped cleanly by somebody else; loads of others are seen all the same.
    home.run(&["postgres", "stop"]);
    wait_until("the server answers after a clean stop", || {
        first += 1;
        lists(&server, first) == Some(events)
    });
    assert_eq!(home.port(), port);
    home.run(&[
        "load",
        repository().join("etl/samples/ics209_historical.parquet").to_str().unwrap(),
    ]);
    wait_until("the server follows a load through the new Postgres", || {
        first += 1;
        lists(&server, first).is_some_and(|count| count > events)
    });
    let metric = "{ metric(id: \"incident_burden\", groupBy: []) { rows { n } } }";
    wait_until("the snapshot follows too", || {
        server.data(metric)["metric"]["rows"][0]["n"].as_i64() > Some(events)
    });

    assert_eq!(server.stop(), Some(0));
    assert_eq!(home.postmaster(), None, "the last user stops it, and nobody starts it again");
}

#[test]
fn a_port_taken_by_another_program_is_reported_and_the_new_one_lasts() {
    let _limit = super::limit();
    let home = Home::new();
    home.run(&["migrate"]);
    let port = home.port();
    let other = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let message = home.run(&["status"]);
    let moved = home.port();
    assert_ne!(moved, port);
    for part in [&port.to_string(), &moved.to_string(), "another program", "hotwash bi describe"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    drop(other);
    let message = home.run(&["status"]);
    assert!(home.port() == moved && !message.contains("another program"), "{message}");
    assert!(home.run(&["bi", "describe"]).contains(&format!("127.0.0.1:{moved}")));
}
