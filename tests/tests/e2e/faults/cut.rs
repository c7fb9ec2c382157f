//! A connection cut during a COPY: the file is not loaded, and the report states so.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hotwash_schema::connect::connect;
use hotwash_schema::loss::REMEDY;
use hotwash_schema::testing::TestDatabase;
use hotwash_tests::{repository, soundness};

use super::{fresh_metrics, load, mended};

/// Passes connections on to the server; when so many bytes went to it, the connection that sent the
/// last one is cut, once.
fn proxy(server: String, bytes: i64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let left = Arc::new(AtomicI64::new(bytes));
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let upstream = TcpStream::connect(&server).unwrap();
            let (up, down) =
                ((client.try_clone().unwrap(), upstream.try_clone().unwrap()), (upstream, client));
            let left = Arc::clone(&left);
            std::thread::spawn(move || pass(up.0, up.1, Some(&left)));
            std::thread::spawn(move || pass(down.0, down.1, None));
        }
    });
    port
}

fn pass(mut from: TcpStream, mut to: TcpStream, left: Option<&AtomicI64>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let sent = count as i64;
        let cut =
            left.is_some_and(|left| (0..sent).contains(&left.fetch_sub(sent, Ordering::Relaxed)));
        if cut || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_during_a_copy_stores_nothing_of_the_file_and_advises_to_load_again() {
    let _limit = super::limit();
    let storms =
        repository().join("etl/samples/StormEvents_details-ftp_v1.0_d1994_c20170717.csv.gz");
    let expected = fresh_metrics(&storms).await;
    let stored = "select count(*) from warehouse.event";
    for bytes in [40_000, 90_000, 150_000] {
        let database = TestDatabase::new().await;
        let (credentials, rest) = database.url().rsplit_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let port = proxy(server.to_owned(), bytes);
        let reports = load(&format!("{credentials}@127.0.0.1:{port}/{name}"), &storms);
        let message = reports[0]["error"].as_str().unwrap_or_default();
        assert!(
            message.contains(REMEDY) && message.contains("loading again is safe"),
            "{bytes} bytes: {:?}",
            reports[0]
        );
        let client = connect(database.url()).await.unwrap();
        let count: i64 = client.query_one(stored, &[]).await.unwrap().get(0);
        assert_eq!(count, 0, "{bytes} bytes: a file loads whole or not at all");
        soundness::sound(database.url()).await;
        mended(database.url(), &storms, &expected).await;
    }
}
