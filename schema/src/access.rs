//! Defines visibility in one place, for the snapshot, GraphQL and (as SQL) row-level security.
//! Depends on neither HTTP nor keys.

pub mod visible;

use serde::{Deserialize, Serialize};

pub use crate::vocabulary::Role;

/// Viewer of the data: a role, and for [`Role::Region`] the codes of its regions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Viewer {
    /// Name of the key, login or token subject; a system or role, never a person.
    pub name: String,
    /// Role and regions of the login.
    pub role: Role,
    /// Region codes of the jurisdiction whose detail the viewer may read.
    pub regions: Vec<String>,
}

impl Viewer {
    /// Name of the local user, which no key may have.
    pub const LOCAL: &str = "local";

    /// Creates the local user on loopback before the first key is created; it may read everything.
    pub fn local() -> Self {
        Self { name: Self::LOCAL.into(), role: Role::Admin, regions: Vec::new() }
    }

    /// Returns whether this is the local user.
    pub fn is_local(&self) -> bool {
        self.name == Self::LOCAL
    }

    /// Returns whether detail of every region is open to this viewer.
    pub fn sees_all_detail(&self) -> bool {
        matches!(self.role, Role::Admin | Role::Analyst)
    }

    /// Returns whether detail of the region with this code is open to this viewer.
    pub fn sees_region(&self, code: &str) -> bool {
        self.sees_all_detail()
            || (self.role == Role::Region && self.regions.iter().any(|own| own == code))
    }

    /// Returns whether any detail is open to this viewer: not to role viewer, nor to a region
    /// viewer without a region.
    pub fn sees_detail(&self) -> bool {
        self.sees_all_detail() || (self.role == Role::Region && !self.regions.is_empty())
    }

    /// Returns whether the viewer may read a record, by its sensitivity and regions.
    /// Public and statewide records are open to every viewer who may read detail; others are open
    /// to viewers of their regions. [`visible`] states the same rule in SQL, and a test compares
    /// them.
    ///
    /// A record without its own sensitivity has that of its event. Exceptions are risk assessments
    /// and resource requests, which are never public by their event, and corrective actions
    /// ([`Viewer::sees_action`]).
    ///
    /// ```
    /// use hotwash_schema::access::{Role, Viewer};
    ///
    /// let staff = Viewer { name: "staff".into(), role: Role::Region, regions: vec!["3".into()] };
    /// let (public, statewide) = (false, false);
    /// assert!(staff.sees_record(public, statewide, ["1", "3"].into_iter()));
    /// assert!(!staff.sees_record(public, statewide, ["1"].into_iter()));
    /// assert!(staff.sees_record(true, statewide, ["1"].into_iter()));
    /// // Role viewer reads aggregates only, even of public records.
    /// let reader = Viewer { role: Role::Viewer, ..staff };
    /// assert!(!reader.sees_record(true, true, ["3"].into_iter()));
    /// ```
    pub fn sees_record<'a>(
        &self,
        public: bool,
        statewide: bool,
        mut regions: impl Iterator<Item = &'a str>,
    ) -> bool {
        match self.role {
            Role::Admin | Role::Analyst => true,
            Role::Region => {
                self.sees_detail()
                    && (public || statewide || regions.any(|code| self.sees_region(code)))
            }
            Role::Viewer => false,
        }
    }

    /// Returns whether the viewer may read a corrective action. Its own sensitivity takes
    /// precedence over its event's: a restricted action is open only to its region. An action
    /// without a region has its event's regions, or all regions if the event is statewide. A public
    /// event does not open its actions.
    ///
    /// ```
    /// use hotwash_schema::access::{Role, Viewer};
    ///
    /// let staff = Viewer { name: "staff".into(), role: Role::Region, regions: vec!["3".into()] };
    /// let event_regions = || ["1", "3"].into_iter();
    /// // A restricted action of region 1 is closed, although the event took place in region 3 too.
    /// assert!(!staff.sees_action(false, Some("1"), true, event_regions()));
    /// // One that names no region is open to the regions of its event.
    /// assert!(staff.sees_action(false, None, false, event_regions()));
    /// ```
    pub fn sees_action<'a>(
        &self,
        public: bool,
        region: Option<&'a str>,
        event_statewide: bool,
        event_regions: impl Iterator<Item = &'a str>,
    ) -> bool {
        match region {
            Some(code) => self.sees_record(public, false, std::iter::once(code)),
            None => self.sees_record(public, event_statewide, event_regions),
        }
    }
}

/// Returns why these regions do not fit a role that is not bound to regions; `None` if they do.
pub fn unused_regions(role: Role, regions: &[String]) -> Option<String> {
    (role != Role::Region && !regions.is_empty()).then(|| {
        let name = role.code().to_lowercase();
        format!(
            "role {name} is not limited to regions: leave --region out, or choose --role region"
        )
    })
}
