//! End-to-end tests of the real `hotwash` binary over a real Postgres. Nothing here is shipped.
//!
//! Build the workspace before running them (`tests/run` does): they start `target/…/hotwash`.
//!
//! ```
//! use hotwash_tests::repository;
//!
//! assert!(repository().join("ARCHITECTURE.md").is_file());
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStderr, Command, Output, Stdio};
use std::time::{Duration, Instant};

use bounds::{AGENT, Running};
use serde_json::Value;

pub mod bounds;
pub mod channels;
pub mod coalition;
pub mod imports;
pub mod protocols;
pub mod queries;
pub mod soundness;
pub mod websocket;

/// Root of the repository under test. Read at run time, since clones may share one target folder.
pub fn repository() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    let root = package.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.expect("the package lies in the repository").to_path_buf()
}

/// Folders of the crates that make the binary, as the workspace lists them.
pub fn crate_folders() -> Vec<String> {
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).expect("the manifest");
    let members = manifest.split("members = [").nth(1).and_then(|rest| rest.split(']').next());
    let members = members.expect("a list of members").split(',').map(str::trim);
    let names = members.map(|member| member.trim_matches('"').to_owned());
    names.filter(|name| !name.is_empty() && name != "tests").collect()
}

/// Path of the `hotwash` binary in the target folder of these tests.
pub fn binary() -> PathBuf {
    let here = std::env::current_exe().expect("a test knows its own path");
    let folder = here.ancestors().nth(2).expect("tests run from target/PROFILE/deps");
    let binary = folder.join(format!("hotwash{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.exists(),
        "build the workspace first (cargo build --workspace): {} is missing",
        binary.display()
    );
    binary
}

/// A command line of the binary on the given database, with nothing of the caller's environment
/// deciding.
pub fn hotwash(database_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .args(arguments)
        .env("DATABASE_URL", database_url)
        .env("HOTWASH_SETTINGS", "")
        .env_remove("HOTWASH_HOME")
        .env_remove("RUST_LOG");
    command.stdin(Stdio::null());
    command
}

/// Runs it to its end and expects success; gives standard output.
pub fn run(database_url: &str, arguments: &[&str]) -> String {
    let output = output(&mut hotwash(database_url, arguments));
    assert!(output.status.success(), "hotwash {arguments:?} failed:\n{}", both(&output));
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

/// Runs a command to its end, which must come within a bounded time.
pub fn output(command: &mut Command) -> Output {
    Running::spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped())).output()
}

/// A command line of the binary on a private Postgres in this home folder.
pub fn hotwash_at_home(home: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = hotwash("", arguments);
    command.env_remove("DATABASE_URL").env("HOTWASH_HOME", home);
    command
}

/// Standard output and error together, for messages.
pub fn both(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Returns the text of a PDF file, or none if pdftotext is missing.
pub fn pdf_text(file: &str) -> Option<String> {
    match Command::new("pdftotext").args([file, "-"]).output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            eprintln!("pdftotext (poppler-utils) is missing: the text of the PDF is not read");
            None
        }
    }
}

/// Returns the share of each page's body that is covered with ink, by poppler; none without it. Blank
/// heights of up to 30 points count as part of what is around them.
pub fn pdf_ink(file: &str) -> Option<Vec<f64>> {
    /// Dots per point, and margins of the body in points.
    const DOTS: f64 = 0.5;
    const MARGINS: [f64; 2] = [59.5, 53.9];
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("page");
    let resolution = (72.0 * DOTS).to_string();
    let Ok(output) =
        Command::new("pdftoppm").args(["-gray", "-r", &resolution, file]).arg(&target).output()
    else {
        eprintln!("pdftoppm (poppler-utils) is missing: the pages of the PDF are not measured");
        return None;
    };
    assert!(output.status.success(), "{}", both(&output));
    let pages = std::fs::read_dir(folder.path()).unwrap().map(|page| page.unwrap().path());
    let mut pages: Vec<PathBuf> = pages.collect();
    pages.sort();
    let share = |page: &PathBuf| {
        let bytes = std::fs::read(page).unwrap();
        // `P5`, width, height and the lightest value, then one byte a dot.
        let mut words = bytes.splitn(4, u8::is_ascii_whitespace);
        let mut word = || std::str::from_utf8(words.next().unwrap()).unwrap().to_owned();
        assert_eq!(word(), "P5");
        let (width, height): (usize, usize) = (word().parse().unwrap(), word().parse().unwrap());
        let dots = &bytes[bytes.len() - width * height..];
        let (top, bottom) = (MARGINS[0] * DOTS, height as f64 - MARGINS[1] * DOTS);
        let is_inked = |row: &&[u8]| row.iter().any(|dot| *dot < 225);
        let inked = dots.chunks(width).enumerate().filter(|(_, row)| is_inked(row));
        let (mut sum, mut end) = (0.0, top);
        for row in inked.map(|(at, _)| at as f64).filter(|at| *at >= top && *at < bottom) {
            sum += if row + 1.0 - end <= 30.0 * DOTS { row + 1.0 - end } else { 1.0 };
            end = row + 1.0;
        }
        sum / (bottom - top)
    };
    Some(pages.iter().map(share).collect())
}

/// A server on a free port of the loopback interface, stopped when dropped.
pub struct Server {
    child: Running,
    /// `http://127.0.0.1:PORT`, or `https:` with TLS.
    pub base: String,
}

impl Server {
    /// Starts `hotwash serve` on the database and waits until it is ready.
    pub fn start(database_url: &str, more: &[&str]) -> Self {
        Self::start_as(database_url, more, &|_| {})
    }

    /// As [`Server::start`], with its command changed first, e.g. its environment.
    pub fn start_as(database_url: &str, more: &[&str], change: &dyn Fn(&mut Command)) -> Self {
        let mut arguments = vec!["serve"];
        if !more.contains(&"--listen") {
            arguments.extend(["--listen", "127.0.0.1:0"]);
        }
        // A release published during the test would invalidate caches.
        arguments.push("--no-releases");
        arguments.extend(more);
        let mut command = hotwash(database_url, &arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        change(&mut command);
        let mut child = Running::spawn(&mut command);
        let output = BufReader::new(child.child().stdout.take().expect("standard output is piped"));
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let deadline = Instant::now() + Duration::from_secs(60);
        let base = loop {
            let line = receive
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
                .expect("the server prints its address within a minute");
            let line = line.replace("0.0.0.0", "127.0.0.1");
            if let Some(at) =
                line.find("http://127.0.0.1:").or_else(|| line.find("https://127.0.0.1:"))
            {
                break line[at..]
                    .split_whitespace()
                    .next()
                    .unwrap()
                    .trim_end_matches('/')
                    .to_owned();
            }
        };
        let base = base.trim_end_matches("/graphql").trim_end_matches("/graphiql").to_owned();
        let server = Self { child, base };
        while Instant::now() < deadline {
            if AGENT
                .get(format!("{}/readyz", server.base))
                .call()
                .is_ok_and(|ready| ready.status() == 200)
            {
                return server;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server at {} was not ready within a minute", server.base);
    }

    /// Posts a GraphQL query and gives its `data`; errors fail the test.
    pub fn data(&self, query: &str) -> Value {
        let answer = self.post(query);
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].clone()
    }

    /// Posts a GraphQL query and returns the complete answer.
    pub fn post(&self, query: &str) -> Value {
        let body = serde_json::json!({ "query": query });
        let mut response = AGENT
            .post(format!("{}/graphql", self.base))
            .send_json(&body)
            .expect("the server answers");
        response.body_mut().read_json().expect("the answer is JSON")
    }

    /// Posts a GraphQL query with this key, or none: status, headers and the answer.
    pub fn query_as(&self, key: Option<&str>, query: &str) -> (u16, Vec<(String, String)>, Value) {
        let mut request = AGENT.post(format!("{}/graphql", self.base));
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut response =
            request.send_json(serde_json::json!({ "query": query })).expect("the server answers");
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect();
        let status = response.status().as_u16();
        (status, headers, response.body_mut().read_json().unwrap_or_default())
    }

    /// Gets a page: status, content type and text.
    pub fn page(&self, path: &str) -> (u16, String, String) {
        let mut response =
            AGENT.get(format!("{}{path}", self.base)).call().expect("the server answers");
        let kind = response
            .headers()
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        (response.status().as_u16(), kind, response.body_mut().read_to_string().unwrap_or_default())
    }

    /// A measurement of `/metrics`.
    pub fn measured(&self, name: &str) -> i64 {
        let (_, _, text) = self.page("/metrics");
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")))
            .expect("it is measured");
        line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()).expect("it is a number")
            as i64
    }

    /// Stops the server as a supervisor does and returns the exit code.
    pub fn stop(self) -> Option<i32> {
        let reported =
            Command::new("kill").arg(self.child.id().to_string()).status().expect("kill runs");
        assert!(reported.success(), "the server was there to be stopped");
        self.child.output().status.code()
    }

    /// Stops the server as a supervisor does and returns the exit code. Fails the test if the
    /// server does not exit in time.
    pub fn stop_within(mut self, limit: Duration) -> Option<i32> {
        let reported =
            Command::new("kill").arg(self.child.id().to_string()).status().expect("kill runs");
        assert!(reported.success(), "the server was there to be stopped");
        let deadline = Instant::now() + limit;
        loop {
            if self.child.has_ended() {
                return self.child.output().status.code();
            }
            assert!(Instant::now() < deadline, "not stopped {limit:?} after SIGTERM");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its standard error, where the command was changed to pipe it.
    pub fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.child().stderr.take()
    }

    /// Process id, for signals.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}
