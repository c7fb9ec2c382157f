//! Fuzz test of `HOTWASH_FUZZ_MINUTES`: deep, wide and senseless values. The server stays up,
//! answers in time and with an error code. `HOTWASH_FUZZ_SEED` repeats a run.

use std::time::{Duration, Instant};

use hotwash_schema::testing::TestDatabase;
use hotwash_tests::websocket::{Received, Socket};
use hotwash_tests::{Server, coalition, run};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

/// Maximum size of a generated document, in bytes; a request may have a million.
const LONGEST: usize = 700_000;
/// Maximum time for an answer: the server's own limit plus slack for a busy machine.
const SLOWEST: Duration = Duration::from_secs(30);
const CODES: [&str; 4] = ["BAD_USER_INPUT", "QUERY_TOO_COMPLEX", "FORBIDDEN", "TIMEOUT"];
/// Words for generated values, some of them from the schema.
const WORDS: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ":",
    "$",
    "$v",
    "$f",
    "@skip",
    "...",
    "!",
    "\"",
    "\"\"\"",
    "\\",
    "#",
    "\n",
    ",",
    "and",
    "or",
    "not",
    "eq",
    "in",
    "status",
    "event",
    "incident",
    "name",
    "null",
    "true",
    "-1",
    "1e400",
    "\"é\\u0000\"",
    "ASC",
];
const OPENERS: [(&str, &str); 10] = [
    ("{and:[", "]}"),
    ("{or:", "}"),
    ("{not:", "}"),
    ("{event:", "}"),
    ("{a:", "}"),
    ("[", "]"),
    ("[1,", "]"),
    ("{status:{eq:\"]}\"},not:", "}"),
    ("{b:\"\"\"{[\"\"\",c:", "}"),
    ("[#[{\"\n", "]"),
];

struct Maker {
    random: StdRng,
}

impl Maker {
    /// A number up to `most`, small ones as likely as large ones.
    fn size(&mut self, most: u32) -> usize {
        let bits = self.random.random_range(0.0..f64::from(most).ln());
        bits.exp() as usize
    }

    fn scalar(&mut self) -> String {
        match self.random.random_range(0..8) {
            0 => "null".into(),
            1 => self.random.random_range(i64::MIN..i64::MAX).to_string(),
            2 => "\"OPEN\"".into(),
            3 => "OPEN".into(),
            4 => format!("{:?}", self.random.random_range(-1e300..1e300)),
            5 => "$v".into(),
            6 => "true".into(),
            _ => format!("\"{}\"", "x".repeat(self.size(5_000))),
        }
    }

    /// Returns nested brackets around a value, complete or cut off.
    fn deep(&mut self) -> String {
        let levels = self.size(100_000);
        let one_kind =
            self.random.random_bool(0.5).then(|| *OPENERS.choose(&mut self.random).unwrap());
        let mut open = String::new();
        let mut closers = Vec::new();
        while closers.len() < levels && open.len() < LONGEST / 2 {
            let (opener, closer) =
                one_kind.unwrap_or_else(|| *OPENERS.choose(&mut self.random).unwrap());
            open += opener;
            closers.push(closer);
        }
        open += if self.random.random_bool(0.5) { "{}" } else { "1" };
        if self.random.random_bool(0.1) {
            closers.truncate(self.size(levels as u32 + 2));
        }
        open.extend(closers.into_iter().rev());
        open
    }

    /// A list or object of many members.
    fn wide(&mut self) -> String {
        let (members, inner) = (self.size(50_000), self.small(3));
        let is_list = self.random.random_bool(0.5);
        let mut text = String::from(if is_list { "[" } else { "{" });
        for member in 0..members {
            if text.len() > LONGEST {
                break;
            }
            text += &if is_list { format!("{inner},") } else { format!("m{member}:{inner},") };
        }
        text + if is_list { "]" } else { "}" }
    }

    /// A well-formed value some levels deep, of the schema's words.
    fn small(&mut self, levels: u32) -> String {
        if levels == 0 || self.random.random_bool(0.3) {
            return self.scalar();
        }
        let members = self.random.random_range(0..4);
        if self.random.random_bool(0.4) {
            let items: Vec<String> = (0..members).map(|_| self.small(levels - 1)).collect();
            return format!("[{}]", items.join(","));
        }
        let names = [
            "and", "or", "not", "status", "eq", "ne", "in", "isNull", "contains", "event", "name",
            "openedOn", "count",
        ];
        let items: Vec<String> = (0..members)
            .map(|_| {
                format!("{}:{}", names.choose(&mut self.random).unwrap(), self.small(levels - 1))
            })
            .collect();
        format!("{{{}}}", items.join(","))
    }

    fn soup(&mut self) -> String {
        let length = self.size(3_000);
        (0..length).map(|_| *WORDS.choose(&mut self.random).unwrap()).collect::<Vec<_>>().join(" ")
    }

    fn value(&mut self) -> String {
        match self.random.random_range(0..6) {
            0 | 1 => self.deep(),
            2 => self.wide(),
            3 => self.soup(),
            _ => self.small(7),
        }
    }

    /// A document with values where values may be, and selections, fragments and types that
    /// multiply.
    fn document(&mut self) -> String {
        let value = self.value();
        match self.random.random_range(0..14) {
            0 | 1 => format!(
                "query($v: String) {{ correctiveActions(filter: {value}) {{ totalCount }} }}"
            ),
            2 => format!("{{ events(orderBy: {value}, first: 2) {{ nodes {{ name }} }} }}"),
            3 => format!("{{ incidentAggregate(groupBy: {value}) {{ count }} }}"),
            4 => format!("{{ incidentAggregate(having: {value}, limit: 3) {{ count }} }}"),
            5 => format!("{{ metric(id: \"action_overdue\", parameters: {value}) {{ asOf }} }}"),
            6 => format!("{{ metric(id: \"action_overdue\", filter: {value}) {{ asOf }} }}"),
            7 => format!(
                "query($f: CorrectiveActionFilter = {value}) {{ correctiveActions(filter: $f) {{ \
                 totalCount }} }}"
            ),
            8 => format!("{{ __typename @include(if: {value}) }}"),
            9 => format!("{{ node(id: {value}) {{ id }} }}"),
            10 => value,
            11 => {
                let levels = self.size(20_000);
                let open = ["{a", "{...on Query", "{a:a", "{a(b:1)"]
                    .choose(&mut self.random)
                    .unwrap()
                    .repeat(levels);
                format!("{{a{open}{}}}", "}".repeat(levels))
            }
            12 => {
                let (count, spreads) = (self.size(5_000), self.random.random_range(1..4));
                let links = (0..count).map(|link| {
                    format!(
                        "fragment f{link} on Query {{{}}}",
                        format!("...f{} ", link + 1).repeat(spreads)
                    )
                });
                format!("{{...f0}} {}", links.collect::<String>())
            }
            _ => {
                format!("query($f: {}Int) {{ regions {{ code }} }}", "[".repeat(self.size(100_000)))
            }
        }
    }

    /// JSON for a variable, not always well formed.
    fn variable(&mut self) -> String {
        let levels = self.size(60_000);
        let (open, close) =
            *[("{\"and\":[", "]}"), ("{\"not\":", "}"), ("[", "]"), ("{\"status\":{\"in\":", "}}")]
                .choose(&mut self.random)
                .unwrap();
        let inner = *["{}", "1", "null", "\"[[[\\\"\""].choose(&mut self.random).unwrap();
        let wide = format!("{inner},").repeat(self.size(20_000));
        match self.random.random_range(0..3) {
            0 => format!("[{wide}{inner}]"),
            1 => format!("{{\"status\":{{\"in\":[{wide}{inner}]}}}}"),
            _ => format!("{}{inner}{}", open.repeat(levels), close.repeat(levels)),
        }
    }
}

/// Checks that an answer has data or coded errors, none of them the server's own.
fn check(what: &str, answer: &Value) {
    let list = answer.as_array().cloned().unwrap_or_else(|| vec![answer.clone()]);
    for one in list {
        assert!(
            one["data"].is_object() || one["errors"].is_array(),
            "{what}: neither data nor errors"
        );
        for error in one["errors"].as_array().into_iter().flatten() {
            let code = error["extensions"]["code"].as_str().unwrap_or("none");
            let message = error["message"].as_str().unwrap_or_default();
            assert!(CODES.contains(&code), "{what}: code {code}, {message}");
            assert!(!message.contains("internal"), "{what}: {message}");
            assert!(message.len() < 4_000, "{what}: the message repeats the query");
        }
    }
}

#[tokio::test]
#[ignore = "long: tests/run --fuzz-values"]
async fn deep_and_wide_values_are_answered_in_time_and_end_nothing() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<f64>().ok());
    let minutes = number("HOTWASH_FUZZ_MINUTES").unwrap_or(10.0);
    let seed = number("HOTWASH_FUZZ_SEED")
        .map_or_else(|| rand::rng().random_range(0..1 << 32), |seed| seed as u64);
    println!("fuzzing values for {minutes} minutes; HOTWASH_FUZZ_SEED={seed} repeats it");
    let mut maker = Maker { random: StdRng::seed_from_u64(seed) };
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    run(database.url(), &["load", coalition::small(folder.path()).to_str().unwrap()]);
    let key = run(database.url(), &["key", "create", "program", "--role", "analyst"]);
    let server = Server::start(database.url(), &["--rate", "0", "--budget", "0"]);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(SLOWEST))
        .build()
        .into();
    let bearer = format!("Bearer {}", key.trim());
    let mut socket = Socket::with_key(&server.base, key.trim());
    let (mut requested, mut slowest) = (0_u64, Duration::ZERO);
    let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    while Instant::now() < end {
        requested += 1;
        let document = maker.document();
        let variables = if maker.random.random_bool(0.2) {
            format!("{{\"f\":{},\"v\":\"OPEN\"}}", maker.variable())
        } else {
            "{}".into()
        };
        let body = format!("{{\"query\":{},\"variables\":{variables}}}", json!(document));
        let mut shown = document.clone();
        shown.truncate((0..=300).rev().find(|at| document.is_char_boundary(*at)).unwrap_or(0));
        let what = format!("HOTWASH_FUZZ_SEED={seed}, request {requested}: {shown}");
        let post = |body: &str| -> Value {
            let request =
                agent.post(format!("{}/graphql", server.base)).header("authorization", &bearer);
            let mut response = request
                .content_type("application/json")
                .send(body)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            response.body_mut().read_json().unwrap_or_else(|error| panic!("{what}: {error}"))
        };
        let began = Instant::now();
        match maker.random.random_range(0..4) {
            0 => check(&what, &post(&format!("[{body},{{\"query\":\"{{regions{{code}}}}\"}}]"))),
            1 if document.len() + variables.len() < 8_000 => {
                let request =
                    agent.get(format!("{}/graphql", server.base)).header("authorization", &bearer);
                let mut response = request
                    .query("query", &document)
                    .query("variables", &variables)
                    .call()
                    .unwrap_or_else(|error| panic!("{what}: {error}"));
                // An address that is too long for the server has no answer in JSON.
                if let Ok(answer) = response.body_mut().read_json() {
                    check(&what, &answer);
                }
            }
            2 => match socket.run_text(&body) {
                Received::Message(answer) => check(&what, &answer),
                _ => socket = Socket::with_key(&server.base, key.trim()),
            },
            _ => check(&what, &post(&body)),
        }
        slowest = slowest.max(began.elapsed());
        assert!(began.elapsed() < SLOWEST, "{what}: took {:?}", began.elapsed());
    }
    assert_eq!(server.page("/readyz").0, 200);
    println!("{requested} requests, the slowest {slowest:?}; the server lives");
}
