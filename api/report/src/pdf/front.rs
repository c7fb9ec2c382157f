//! Front matter: page layout, cover, contents, and how to read the figures.

use hotwash_schema::access::Role;
use hotwash_schema::profile;

use super::pack::Pack;
use super::source::{Source, array, quoted};
use crate::context::PageContext;
use crate::drawing::Icon;
use crate::wording::{day, described_period, listed};

/// Writes the layout of all pages, with their running heads.
pub fn report(source: &mut Source, context: &PageContext<'_>, pack: &Pack) {
    let frame = context.frame();
    let publisher = [pack.organization.as_str(), &pack.title];
    let publisher: Vec<&str> = publisher.into_iter().filter(|text| !text.is_empty()).collect();
    let as_of = day(frame.as_of);
    let foot = format!("As of {as_of} · data version {} · {}", frame.version, frame.audience);
    source.put(&format!(
        "#show: report.with(paper: {}, title: {}, author: {}, head: {}, foot: {}, fictional: {})",
        quoted(&pack.paper),
        quoted(&format!("{}, as of {as_of}", pack.title)),
        quoted(&pack.organization),
        quoted(&publisher.join(" · ")),
        quoted(&foot),
        frame.fictional
    ));
}

/// Writes the cover.
pub fn cover(source: &mut Source, context: &PageContext<'_>, pack: &Pack) {
    let frame = context.frame();
    let readers = match context.viewer.role {
        Role::Region => {
            let own: Vec<String> =
                context.viewer.regions.iter().map(|code| context.region(code)).collect();
            format!("Pack for {}", listed(&own))
        }
        Role::Viewer => "Pack of published figures".to_owned(),
        _ => "Pack for the state and all coalitions".to_owned(),
    };
    let version = format!("Version {}", frame.version);
    let mut facts = vec![
        ("Period", described_period(frame.period)),
        ("As of", day(frame.as_of)),
        ("Data", version),
        ("Readers", frame.audience),
    ];
    let overdue = context.overdue_feeds();
    if !overdue.is_empty() {
        facts.push(("Overdue", overdue));
    }
    let facts = facts.into_iter().map(|(name, value)| array([quoted(name), quoted(&value)]));
    let logo = match &pack.logo {
        Some(logo) => logo.add_to(source),
        None => "none".to_owned(),
    };
    source.call(
        "cover",
        &[
            quoted(&pack.title),
            quoted(&readers),
            quoted(&pack.organization),
            quoted(&profile::active().footer),
            logo,
            array(facts),
            frame.fictional.to_string(),
        ],
    );
}

/// Icons with their meaning.
const ICONS: [(Icon, &str); 8] = [
    (Icon::Better(true), "Improving; the arrow shows whether the value rises or falls."),
    (Icon::Worse(true), "Getting worse; the arrow shows whether the value rises or falls."),
    (Icon::Steady, "No change beyond chance."),
    (Icon::Unknown, "Too few records to judge."),
    (Icon::Signal, "Unusual values: ask what was different."),
    (Icon::Meets, "Reliably meets the target."),
    (Icon::Misses, "Reliably misses the target."),
    (Icon::HitAndMiss, "Meets or misses the target by chance."),
];

/// Words with their meaning.
const WORDS: [(&str, &str); 7] = [
    (
        "P, S, M, U",
        "Ratings of a capability: performed without challenges (P), with some challenges (S), with \
         major challenges (M), or unable to be performed (U).",
    ),
    ("Performed well", "Share of ratings that were P or S."),
    ("95% range", "Contains the true value in 95 of 100 cases. A wide range means few records."),
    (
        "Gray band",
        "Normal variation around the state's value. Only a value outside of it differs clearly.",
    ),
    ("Too few to judge", "Fewer records than the minimum of the figure. It is drawn hollow."),
    (
        "Overdue",
        "Records of a source did not come when they were expected. The figure is drawn hollow, and \
         its note names the source and the day.",
    ),
    (
        "Suppressed",
        "A number from too few organizations of another region. It is not shown, to protect them.",
    ),
];

/// Writes the table of contents, and how to read the figures.
pub fn contents(source: &mut Source) {
    let icons = ICONS.map(|(icon, text)| array([source.drawing(&icon.svg()), quoted(text)]));
    let words = WORDS.map(|(word, text)| array([quoted(word), quoted(text)]));
    source.call("contents", &[array(icons), array(words)]);
}
