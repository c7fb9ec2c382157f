//! Decides which numbers of a release are published. The most useful come first. A number is
//! published only if no reader can derive a protected number from it, all published ones, and all
//! earlier releases.
//!
//! This is complementary cell suppression as a greedy choice, with an exact audit after each step.
//! See Fischetti and Salazar-González, "Solving the Cell Suppression Problem on Tabular Data with
//! Linear Constraints", Management Science 47 (2001), and Hundepool and others, "Statistical
//! Disclosure Control" (2012), chapter 4. No suppression is superfluous: publishing any one more
//! number would reveal a protected one.

use super::knowledge::ReaderAudit;
use super::system::{Rules, System};

/// Numbers that are published together or not at all.
#[derive(Clone, Debug)]
pub(crate) struct CellCandidate {
    /// The variables that the numbers reveal.
    pub variables: Vec<usize>,
    /// How useful the numbers are to readers; higher is decided earlier.
    pub priority: u8,
    /// Number of facts behind the numbers.
    pub n: u64,
    /// Whether the numbers are published.
    pub decision: Decision,
}

/// The decision on a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Not decided yet.
    Undecided,
    /// The numbers are published.
    Published,
    /// The numbers are suppressed.
    Suppressed,
}

/// Decides all candidates, and returns what each reader knows then.
///
/// Numbers that are large, but suppressed, are protected as well: those of a region from every other
/// reader, and those of the state from readers without a region. A member of a region can add the
/// region's own cells to published ones, and so derive a state total.
///
/// The audits are those before the release. `stated` are the numbers that an earlier release states.
pub(super) fn decide(
    system: &System,
    mut before: Vec<ReaderAudit>,
    candidates: &mut [CellCandidate],
    stated: &[bool],
    rules: Rules,
) -> Vec<ReaderAudit> {
    loop {
        let mut decided = candidates.to_vec();
        let mut audits = before.clone();
        decide_once(system, &mut audits, &mut decided, rules);
        let mut stated = stated.to_vec();
        published_numbers(&decided).for_each(|at| stated[at] = true);
        let mut is_complete = true;
        for (at, variable) in system.variables.iter().enumerate() {
            let is_open = variable.n > 0 && !stated[at] && !variable.protected;
            let is_derived = |audit: &ReaderAudit| {
                let is_concerned = variable.region.is_some() || audit.reader.is_none();
                is_concerned && audit.derives(at)
            };
            if is_open && rules.complementary && audits.iter().any(is_derived) {
                is_complete = false;
                let region = variable.region.as_deref();
                before.iter_mut().for_each(|audit| audit.protect_suppressed(at, region));
            }
        }
        if is_complete {
            candidates.clone_from_slice(&decided);
            return audits;
        }
    }
}

/// Returns the numbers of the candidates that are published.
pub(super) fn published_numbers(candidates: &[CellCandidate]) -> impl Iterator<Item = usize> {
    let published = candidates.iter().filter(|candidate| candidate.decision == Decision::Published);
    published.flat_map(|candidate| candidate.variables.iter().copied())
}

/// Decides all undecided candidates, each for all readers.
fn decide_once(
    system: &System,
    audits: &mut [ReaderAudit],
    candidates: &mut [CellCandidate],
    rules: Rules,
) {
    let mut order: Vec<usize> = (0..candidates.len())
        .filter(|at| candidates[*at].decision == Decision::Undecided)
        .collect();
    order.sort_by_key(|at| (std::cmp::Reverse((candidates[*at].priority, candidates[*at].n)), *at));
    for at in order {
        let candidate = &mut candidates[at];
        let is_protected = candidate.variables.iter().any(|at| system.variables[*at].protected);
        let against = audits
            .iter_mut()
            .filter(|_| !is_protected && rules.complementary)
            .position(|audit| !audit.publish_if_safe(&candidate.variables));
        if let Some(against) = against {
            audits[..against].iter_mut().for_each(ReaderAudit::undo_latest);
        }
        candidate.decision = if is_protected || against.is_some() {
            Decision::Suppressed
        } else {
            Decision::Published
        };
    }
}
