//! How the numbers of a release differ from those of earlier releases of its series.

use std::collections::{BTreeMap, BTreeSet};

use super::contributors::Contributors;
use super::system::System;

/// How the numbers of a release differ from those of earlier releases.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Equal numbers: of the previous release, and of this one.
    pub equal: BTreeSet<(usize, usize)>,
    /// Changed numbers: of the previous release, and of this one. Each with who changed it.
    pub changed: BTreeMap<(usize, usize), Contributors>,
    /// Numbers of this release that equal an earlier published version.
    pub known: BTreeSet<usize>,
    /// Numbers of this release that differ from a published version by too few contributors, and
    /// these.
    pub small: BTreeMap<usize, Contributors>,
}

impl Changes {
    /// Protects the numbers that differ from a published version by too few contributors.
    pub fn protect_small(&self, system: &mut System) {
        self.small.keys().for_each(|at| system.variables[*at].protected = true);
    }
}
