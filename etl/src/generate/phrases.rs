//! Phrases of reports by capability and element, with gaps for the names and numbers of an event.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use super::tables::GenerateError;

const FILES: [&str; 3] = [
    include_str!("prose/phep_care.toml"),
    include_str!("prose/phep_countermeasures.toml"),
    include_str!("prose/phep_incident.toml"),
];

/// Area for improvement.
#[derive(Clone, Debug, Deserialize)]
pub struct AreaPhrases {
    /// Capability element.
    pub element: String,
    /// Observation.
    pub text: String,
    /// Root cause.
    pub analysis: String,
    /// Actions that address it.
    pub actions: Vec<String>,
}

/// Phrases about a capability.
#[derive(Clone, Debug, Deserialize)]
pub struct CapabilityPhrases {
    /// Framework.
    pub framework: String,
    /// Code.
    pub code: String,
    /// Objective that tests it.
    pub objective: String,
    /// Plans it refers to.
    pub references: Vec<String>,
    /// Strengths.
    pub strengths: Vec<String>,
    /// Areas for improvement.
    pub area: Vec<AreaPhrases>,
}

#[derive(Deserialize)]
struct File {
    capability: Vec<CapabilityPhrases>,
}

/// All phrases, by capability in the order of their codes.
pub struct Phrases {
    /// Capabilities.
    pub capabilities: Vec<CapabilityPhrases>,
}

/// Values for the gaps of a phrase.
pub struct Gaps<'a> {
    /// Two organizations.
    pub organizations: [&'a str; 2],
    /// Event.
    pub event: &'a str,
    /// Hazard.
    pub hazard: &'a str,
}

impl Phrases {
    /// Reads the phrases.
    pub fn read() -> Result<Self, GenerateError> {
        let mut capabilities = Vec::new();
        for text in FILES {
            let file: File =
                toml::from_str(text).map_err(|error| GenerateError::Phrases(error.to_string()))?;
            capabilities.extend(file.capability);
        }
        capabilities.sort_by_key(|capability| {
            (capability.framework.clone(), capability.code.parse::<u32>().unwrap_or(0))
        });
        capabilities.dedup_by(|one, two| one.framework == two.framework && one.code == two.code);
        Ok(Self { capabilities })
    }

    /// Returns the index of a capability.
    pub fn index_of(&self, framework: &str, code: &str) -> Result<usize, GenerateError> {
        let missing = || GenerateError::Phrases(format!("no phrases for {framework} {code}"));
        self.capabilities
            .iter()
            .position(|capability| capability.framework == framework && capability.code == code)
            .ok_or_else(missing)
    }
}

/// Returns a phrase with its gaps filled.
pub fn fill(phrase: &str, gaps: &Gaps<'_>, random: &mut ChaCha8Rng) -> String {
    let mut text = phrase
        .replace("{org}", gaps.organizations[0])
        .replace("{other}", gaps.organizations[1])
        .replace("{event}", gaps.event)
        .replace("{hazard}", gaps.hazard);
    for (gap, from, to) in [
        ("{n}", 3, 15),
        ("{hours}", 2, 10),
        ("{many}", 40, 240),
        ("{min}", 12, 95),
        ("{pct}", 35, 88),
    ] {
        while text.contains(gap) {
            text = text.replacen(gap, &random.random_range(from..to).to_string(), 1);
        }
    }
    text
}
