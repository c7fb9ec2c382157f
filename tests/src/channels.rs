//! A warehouse with secret numbers, and every channel through which a reader might learn them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use regex::Regex;

use crate::Server;
use crate::bounds::AGENT;

/// Numbers of region 1 that one organization alone accounts for: ratings, those of them that are P,
/// the good ones, exercises, incidents, actions, the completed and the open ones. None is the
/// number of an event of another region.
pub const SECRET: [u64; 8] = [613, 557, 571, 139, 109, 787, 211, 576];
/// Ratings in each further region, all of three organizations.
pub const RATINGS: [(&str, u64); 5] =
    [("2", 173), ("3", 179), ("4AB", 181), ("4C", 191), ("5", 193)];
/// Actions in each further region.
pub const ACTIONS: [(&str, u64); 5] =
    [("2", 223), ("3", 227), ("4AB", 229), ("4C", 233), ("5", 239)];

#[derive(Default)]
struct Files {
    organizations: String,
    events: String,
    participation: String,
    milestones: String,
    ratings: String,
    actions: String,
    risks: String,
}

/// Records of one region.
struct Region<'a> {
    code: &'a str,
    organizations: usize,
    exercises: u64,
    incidents: u64,
    /// Ratings P, S, M and U.
    ratings: [u64; 4],
    completed: u64,
    open: u64,
    minutes: i64,
    report_days: u64,
    /// Impact of each hazard, 0 to 3.
    impact: u8,
}

impl Files {
    fn region(&mut self, region: &Region<'_>, today: NaiveDate) {
        let code = region.code;
        let organizations: Vec<String> =
            (0..region.organizations).map(|number| format!("O-{code}-{number}")).collect();
        for organization in &organizations {
            let _ = writeln!(
                self.organizations,
                "{organization},Organization {organization},acute_care_hospital,{code}"
            );
            for hazard in ["Flood", "Pandemic", "Blizzard"] {
                let impact = region.impact;
                let _ = writeln!(
                    self.risks,
                    "H-{organization},{organization},{},{hazard},2,{impact},{impact},{impact},1,1,1",
                    today - Days::new(200)
                );
            }
        }
        let kinds = [("exercise", region.exercises), ("incident", region.incidents)];
        let mut events = Vec::new();
        for (kind, count) in kinds {
            for number in 0..count {
                let id = format!("E-{code}-{kind}-{number}");
                let day = today - Days::new(200 + number % 400);
                let response = if kind == "incident" { "RESPONDED" } else { "" };
                let _ = writeln!(
                    self.events,
                    "{id},{kind},Event {kind},{day} 09:00,{day} 17:00,{code},flood,yes,{response}"
                );
                for organization in &organizations {
                    let _ = writeln!(self.participation, "{id},{organization},player");
                }
                let activated = 9 * 60 + region.minutes;
                let _ = writeln!(self.milestones, "{id},notified,{day} 09:00");
                let _ = writeln!(
                    self.milestones,
                    "{id},activated,{day} {:02}:{:02}",
                    activated / 60,
                    activated % 60
                );
                let _ = writeln!(
                    self.milestones,
                    "{id},aar_final,{} 12:00",
                    day + Days::new(region.report_days)
                );
                events.push(id);
            }
        }
        let ratings = ["P", "S", "M", "U"].into_iter().zip(region.ratings);
        let ratings = ratings.flat_map(|(rating, count)| (0..count).map(move |_| rating));
        for (number, rating) in ratings.enumerate() {
            let event = &events[number % events.len()];
            let _ = writeln!(
                self.ratings,
                "R-{code}-{number},{event},PHEP,{},{rating}",
                1 + number % 3
            );
        }
        for number in 0..region.completed + region.open {
            let owner = &organizations[number as usize % organizations.len()];
            let opened = today - Days::new(300 + number % 300);
            let (status, completed) = if number < region.completed {
                ("COMPLETED", (opened + Days::new(40)).to_string())
            } else {
                ("OPEN", String::new())
            };
            let due = opened + Days::new(60);
            let _ = writeln!(
                self.actions,
                "A-{code}-{number},{code},PHEP,{},{owner},Act,{status},{opened},{due},{completed}",
                1 + number % 3
            );
        }
    }
}

/// Writes the files of the warehouse, dated before the day of a release.
///
/// # Panics
/// When a file cannot be written.
pub fn write(folder: &Path, today: NaiveDate) {
    let mut files = Files::default();
    files.region(
        &Region {
            code: "1",
            organizations: 1,
            exercises: 139,
            incidents: 109,
            ratings: [557, 14, 21, 21],
            completed: 211,
            open: 576,
            minutes: 347,
            report_days: 143,
            impact: 3,
        },
        today,
    );
    for ((code, ratings), (_, actions)) in RATINGS.into_iter().zip(ACTIONS) {
        let quarter = ratings / 4;
        files.region(
            &Region {
                code,
                organizations: 3,
                exercises: 30,
                incidents: 30,
                ratings: [ratings - 3 * quarter, quarter, quarter, quarter],
                completed: actions / 3,
                open: actions - actions / 3,
                minutes: 40,
                report_days: 50,
                impact: 2,
            },
            today,
        );
    }
    for (name, heading, rows) in [
        ("1-organizations", "organization_id,name,discipline,region", &files.organizations),
        (
            "2-events",
            "event_id,kind,name,start_at,end_at,regions,hazards,owes_aar,response",
            &files.events,
        ),
        ("3-participation", "event_id,organization_id,role", &files.participation),
        ("4-milestones", "event_id,milestone,occurred_at", &files.milestones),
        ("5-ratings", "rating_id,event_id,framework,capability,rating", &files.ratings),
        (
            "6-actions",
            "action_id,region,framework,capability,owner_organization_id,text,status,opened_on,due_original_on,completed_on",
            &files.actions,
        ),
        (
            "7-risk_scores",
            "assessment_id,organization_id,assessed_on,hazard,probability,human_impact,property_impact,business_impact,preparedness,internal_response,external_response",
            &files.risks,
        ),
    ] {
        std::fs::write(folder.join(format!("{name}.csv")), format!("{heading}\n{rows}"))
            .expect("the file is written");
    }
}

/// Answer of one URL or query.
pub struct Answer {
    /// Query or URL.
    pub requested: String,
    /// HTTP status.
    pub status: u16,
    /// Text, or binary data as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// The words and numbers that a person reads.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let is_markup =
            ["<!", "<svg", "<?xml"].iter().any(|start| text.trim_start().starts_with(start));
        if is_markup { words(&text) } else { text.into_owned() }
    }
}

/// Returns what a page or a drawing says: its text, and the attributes that are read or shown.
/// Coordinates and addresses say nothing.
fn words(markup: &str) -> String {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\s(?:aria-label|alt|title|content|value|data-[a-z-]+)="([^"]*)""#).unwrap()
    });
    let mut text = String::new();
    for (at, piece) in markup.split('<').enumerate() {
        let (tag, after) =
            if at == 0 { ("", piece) } else { piece.split_once('>').unwrap_or((piece, "")) };
        for said in SAID.captures_iter(tag) {
            text.push_str(&said[1]);
            text.push(' ');
        }
        text.push_str(after);
        text.push(' ');
    }
    text
}

/// Returns the integers in a text: `1,530` is one number, and `0.613` contains none.
pub fn numbers(text: &str) -> BTreeSet<u64> {
    let is_part =
        |character: char| character.is_ascii_digit() || character == '.' || character == ',';
    let words = text.split(|character: char| !is_part(character));
    words
        .flat_map(|word| {
            // Lists of numbers contain commas too; a thousands separator is followed by three
            // digits.
            let grouped = word.split(',').skip(1).all(|part| part.len() == 3) && word.len() > 4;
            if grouped {
                vec![word.replace(',', "")]
            } else {
                word.split(',').map(str::to_owned).collect()
            }
        })
        .filter_map(|word| word.trim_end_matches('.').trim_end_matches(".0").parse().ok())
        .collect()
}

/// Gets an address with a key.
pub fn get(server: &Server, key: Option<&str>, path: &str) -> Answer {
    let mut request =
        AGENT.get(format!("{}{path}", server.base)).header("accept", "text/html, */*;q=0.5");
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let mut response = request.call().expect("the server answers");
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(1 << 28).read_to_vec().unwrap_or_default();
    Answer { requested: path.to_owned(), status, body }
}

/// Sends a GraphQL query with a key.
pub fn query(server: &Server, key: Option<&str>, query: &str) -> Answer {
    let (status, _, answer) = server.query_as(key, query);
    let mut answer = answer;
    // The cost and the version of the warehouse count nothing of a region.
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("extensions");
    }
    Answer { requested: query.to_owned(), status, body: answer.to_string().into_bytes() }
}

/// The pages that links lead to, some of each kind.
pub fn pages(server: &Server, key: Option<&str>) -> Vec<Answer> {
    let mut open = vec!["/".to_owned()];
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    let mut of_kind = std::collections::BTreeMap::<String, usize>::new();
    let mut answers = Vec::new();
    while let Some(path) = open.pop() {
        let answer = get(server, key, &path);
        let html = String::from_utf8_lossy(&answer.body).into_owned();
        for link in html.split(" href=\"").skip(1).filter_map(|rest| rest.split(['"', '#']).next())
        {
            let link = link.replace("&amp;", "&");
            // The measurements of the server count its requests, which may equal a secret by chance.
            let is_aside = ["/assets", "/sign"].iter().any(|start| link.starts_with(start));
            if !link.starts_with('/') || is_aside || link == "/metrics" {
                continue;
            }
            let kind = format!(
                "{}{}",
                link.split(['/', '?']).nth(1).unwrap_or_default(),
                link.contains('?')
            );
            let few = ["events", "record", "records"].iter().any(|one| kind.starts_with(one))
                || link.contains('?');
            let count = of_kind.entry(kind).or_default();
            if (few && *count >= 8) || !seen.insert(link.clone()) {
                continue;
            }
            *count += 1;
            open.push(link);
        }
        answers.push(answer);
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_are_found_however_they_are_written() {
        let found = numbers("n 613, of 1,530; [17,19] 0.487 2026-06-30 \"v\":211.0 E-276x");
        for number in [613, 1530, 17, 19, 211, 276] {
            assert!(found.contains(&number), "{number} of {found:?}");
        }
        assert!(!found.contains(&487) && !found.contains(&530));
    }
}
