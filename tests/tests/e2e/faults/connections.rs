//! Thousands of idle connections and many very slow ones: other clients still get answers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{Server, coalition};

use super::{fresh_metrics, load_all, mended};

const HEAD: &str = "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: \
    application/json\r\nContent-Length: 400\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn idle_and_slow_connections_are_closed_and_do_not_block_other_requests() {
    let _limit = super::limit();
    let (idle, slow) = if super::long() { (10_000, 1_000) } else { (1_000, 100) };
    let folder = tempfile::tempdir().unwrap();
    let files = coalition::small(folder.path());
    let expected = fresh_metrics(&files).await;
    let database = TestDatabase::new().await;
    let server = Server::start(database.url(), &[]);
    let address = server.base.trim_start_matches("http://").to_owned();
    let connect = || {
        let stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        stream
    };
    let idlers: Vec<TcpStream> = (0..idle).map(|_| connect()).collect();
    // Half of the slow ones send their head by and by, half their body.
    let mut slow: Vec<(TcpStream, usize)> = (0..slow)
        .map(|number| {
            let mut stream = connect();
            let sent = if number % 2 == 0 { 0 } else { HEAD.len() };
            stream.write_all(&HEAD.as_bytes()[..sent]).unwrap();
            (stream, sent)
        })
        .collect();
    // Meanwhile a folder is loaded, and the server follows.
    let loader = {
        let (url, files) = (database.url().to_owned(), files.clone());
        std::thread::spawn(move || load_all(&url, &files))
    };
    let deadline = Instant::now() + Duration::from_secs(120);
    let (mut ended, mut answers) = (0, 0);
    while !slow.is_empty() {
        slow.retain_mut(|(stream, sent)| {
            let byte = HEAD.as_bytes().get(*sent).copied().unwrap_or(b' ');
            *sent += 1;
            stream.set_nonblocking(true).unwrap();
            let mut message = [0; 512];
            let over = match stream.read(&mut message) {
                Ok(0) => true,
                Ok(count) => {
                    let message = String::from_utf8_lossy(&message[..count]).into_owned();
                    assert!(
                        message.starts_with("HTTP/1.1 408"),
                        "a slow request is told that it was too slow: {message}"
                    );
                    true
                }
                Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
            };
            stream.set_nonblocking(false).unwrap();
            let over = over || stream.write_all(&[byte]).is_err();
            ended += i32::from(over);
            !over
        });
        server.data("{ regions { code } warehouse { version } }");
        answers += 1;
        assert!(Instant::now() < deadline, "{} slow requests are still open", slow.len());
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(ended > 0 && answers > 1, "{ended} ended, {answers} others were answered meanwhile");
    assert_eq!(
        server.page("/readyz").0,
        200,
        "Postgres is reached beside {} idle connections",
        idlers.len()
    );
    loader.join().unwrap();
    let count = "{ metric(id: \"incident_burden\", groupBy: []) { rows { n } } }";
    while server.data(count)["metric"]["rows"][0]["n"].as_i64().unwrap_or(0) == 0 {
        assert!(Instant::now() < deadline, "the snapshot follows the load");
        std::thread::sleep(Duration::from_millis(100));
    }
    mended(database.url(), &files, &expected).await;
}
