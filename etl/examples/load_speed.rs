//! How fast a load is, next to what Postgres itself needs: generated rows in NOAA's bulk layout through the whole pipeline,
//! then the resulting fact rows by `psql \copy` into copies of their tables with the same indexes, on the same server.
//!
//! `cargo run --release -p hotwash-etl --example load_speed -- 1000000`
#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use hotwash_etl::load::{Options, Quiet, load};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use rand::{Rng, SeedableRng};

const TABLES: [(&str, &str); 6] = [
    ("event", "event_id"),
    ("incident", "event_id"),
    ("event_hazard", "event_id"),
    ("event_county", "event_id"),
    ("event_region", "event_id"),
    ("event_source_label", "event_id"),
];

#[tokio::main]
async fn main() {
    let rows: u64 = std::env::args().nth(1).map_or(1_000_000, |rows| rows.parse().unwrap());
    let folder = std::env::temp_dir().join(format!("hotwash-load-speed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("storm_events.csv");
    generate(&file, rows);
    println!("{rows} rows, {} MiB of CSV", std::fs::metadata(&file).unwrap().len() >> 20);

    let database = TestDatabase::new().await;
    let first = timed_load(database.url(), &file).await;
    let again = timed_load(database.url(), &file).await;
    let peak = peak_mebibytes();
    let baseline = copy(database.url(), &folder).await;
    std::fs::remove_dir_all(&folder).unwrap();

    println!("first load        {first:7.1} s");
    println!("loaded again      {again:7.1} s");
    println!("psql \\copy        {baseline:7.1} s  (the same fact rows, the same indexes)");
    println!("peak memory       {peak:7} MiB");
    println!("first / \\copy     {:7.2}  (must be at most 3)", first / baseline);
    println!("again / first     {:7.2}  (must be below 1)", again / first);
    let met = first / baseline <= 3.0 && again < first && peak < 1024;
    println!("{}", if met { "met" } else { "NOT MET" });
    std::process::exit(i32::from(!met));
}

async fn timed_load(url: &str, file: &Path) -> f64 {
    let began = Instant::now();
    let reports = load(url, &[file.to_path_buf()], &Options::default(), &Quiet).await.unwrap();
    let seconds = began.elapsed().as_secs_f64();
    println!("  {}", reports[0].summary());
    assert!(reports[0].error.is_none() && reports[0].rejected == 0);
    seconds
}

/// The most memory this process ever held.
fn peak_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kibibytes| kibibytes.parse::<u64>().ok()).unwrap_or(0) >> 10
}

fn psql() -> PathBuf {
    let mut found: Vec<PathBuf> = glob::glob("/usr/lib/postgresql/*/bin/psql")
        .unwrap()
        .flatten()
        .chain(glob::glob("/opt/homebrew/bin/psql").unwrap().flatten())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from("psql"))
}

fn run(url: &str, command: &str) {
    let status = Command::new(psql()).args(["-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", command]).status().unwrap();
    assert!(status.success(), "psql: {command}");
}

/// Seconds that `\copy` takes for the rows that the load made.
async fn copy(url: &str, folder: &Path) -> f64 {
    let client = connect(url).await.unwrap();
    let mut seconds = 0.0;
    for (table, order) in TABLES {
        let file = folder.join(format!("{table}.copy"));
        run(url, &format!("\\copy (select * from warehouse.{table} order by {order}) to '{}'", file.display()));
        client
            .batch_execute(&format!("create table public.{table} (like warehouse.{table} including all)"))
            .await
            .unwrap();
        let began = Instant::now();
        run(url, &format!("\\copy public.{table} from '{}'", file.display()));
        seconds += began.elapsed().as_secs_f64();
    }
    seconds
}

/// Seeded rows: 56 hazards' labels, counties of Massachusetts and Texas, forecast zones, damage with letters, narratives.
fn generate(file: &Path, rows: u64) {
    const HEADING: &str = "BEGIN_YEARMONTH,BEGIN_DAY,BEGIN_TIME,END_YEARMONTH,END_DAY,END_TIME,EPISODE_ID,EVENT_ID,STATE,STATE_FIPS,YEAR,MONTH_NAME,EVENT_TYPE,CZ_TYPE,CZ_FIPS,CZ_NAME,WFO,BEGIN_DATE_TIME,CZ_TIMEZONE,END_DATE_TIME,INJURIES_DIRECT,INJURIES_INDIRECT,DEATHS_DIRECT,DEATHS_INDIRECT,DAMAGE_PROPERTY,DAMAGE_CROPS,SOURCE,MAGNITUDE,MAGNITUDE_TYPE,FLOOD_CAUSE,CATEGORY,TOR_F_SCALE,TOR_LENGTH,TOR_WIDTH,TOR_OTHER_WFO,TOR_OTHER_CZ_STATE,TOR_OTHER_CZ_FIPS,TOR_OTHER_CZ_NAME,BEGIN_RANGE,BEGIN_AZIMUTH,BEGIN_LOCATION,END_RANGE,END_AZIMUTH,END_LOCATION,BEGIN_LAT,BEGIN_LON,END_LAT,END_LON,EPISODE_NARRATIVE,EVENT_NARRATIVE,DATA_SOURCE";
    const HAZARDS: [&str; 8] =
        ["Thunderstorm Wind", "Hail", "Flash Flood", "Winter Storm", "Tornado", "High Wind", "Heavy Snow", "Lightning"];
    const COUNTIES: [(&str, u8, u16, &str); 6] = [
        ("MASSACHUSETTS", 25, 27, "WORCESTER"),
        ("MASSACHUSETTS", 25, 17, "MIDDLESEX"),
        ("MASSACHUSETTS", 25, 25, "SUFFOLK"),
        ("MASSACHUSETTS", 25, 1, "BARNSTABLE"),
        ("TEXAS", 48, 113, "DALLAS"),
        ("TEXAS", 48, 201, "HARRIS"),
    ];
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut out = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    writeln!(out, "{HEADING}").unwrap();
    let mut line = String::new();
    for id in 0..rows {
        let (state, fips, county, name) = COUNTIES[random.random_range(0..COUNTIES.len())];
        let hazard = HAZARDS[random.random_range(0..HAZARDS.len())];
        let (year, month, day) =
            (random.random_range(1996..2025), random.random_range(1..13), random.random_range(1..29));
        let (hour, minute) = (random.random_range(0..23), random.random_range(0..60));
        let zone = if random.random_bool(0.3) { "Z" } else { "C" };
        line.clear();
        let _ = write!(
            line,
            "{year}{month:02},{day},{hour}{minute:02},{year}{month:02},{day},{}{minute:02},{},{},{state},{fips},{year},June,{hazard},{zone},{county},{name},BOX,,EST-5,,{},0,0,0,{}.00K,0.00K,Trained Spotter,{},EG,,,,,,,,,,1,N,TOWN,1,N,TOWN,{:.2},-{:.2},,,",
            hour + 1,
            id / 7,
            5_000_000 + id,
            random.random_range(0..2),
            random.random_range(0..500),
            random.random_range(30..80),
            random.random_range(41.0..43.0),
            random.random_range(69.0..74.0),
        );
        let _ = writeln!(
            line,
            "\"A front crossed the region, bringing strong winds and heavy rain to {name}.\",\"Trees and wires were down on several roads, {} customers lost power, and one road was closed for {} hours. Crews were at work until the next morning.\",CSV",
            random.random_range(10..9000),
            random.random_range(1..20)
        );
        out.write_all(line.as_bytes()).unwrap();
    }
    out.flush().unwrap();
}
