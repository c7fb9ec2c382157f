//! Closed lists of words, as the warehouse stores them.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$word_doc])* $word),+
        }

        impl $name {
            /// All words, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$word),+];

            /// As stored.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$word => $code),+
                }
            }

            /// The word of a code, in any case, with spaces or hyphens for underscores; aliases are
            /// the sources' matter.
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.trim().replace([' ', '-'], "_");
                Self::ALL.iter().find(|word| word.code().eq_ignore_ascii_case(&text)).copied()
            }

            /// What is allowed, for messages.
            pub fn allowed() -> String {
                Self::ALL.iter().map(|word| word.code()).collect::<Vec<_>>().join(", ")
            }
        }
    };
}

words! {
    /// Kind of event.
    Kind {
        /// It happened.
        #[default]
        Incident = "INCIDENT",
        /// It was practiced.
        Exercise = "EXERCISE",
        /// It was planned for, such as a marathon.
        PlannedEvent = "PLANNED_EVENT",
    }
}

words! {
    /// Whether an event took place.
    EventStatus {
        /// It did.
        #[default]
        Held = "HELD",
        /// It is to come.
        Planned = "PLANNED",
        /// It was called off.
        Cancelled = "CANCELLED",
    }
}

words! {
    /// How two events belong together.
    LinkRelation {
        /// The linked event is the public record behind this one.
        #[default]
        PublicRecord = "public_record",
        /// The linked event contains this one.
        Parent = "parent",
        /// Both are the same, told by two sources.
        SameAs = "same_as",
    }
}

words! {
    /// What an organization did in an event.
    Role {
        /// Played.
        #[default]
        Player = "player",
        /// Controlled.
        Controller = "controller",
        /// Evaluated.
        Evaluator = "evaluator",
        /// Looked on.
        Observer = "observer",
        /// Sponsored.
        Sponsor = "sponsor",
        /// Responded to a real incident.
        Responder = "responder",
    }
}

words! {
    /// How exact a time stamp is.
    TimePrecision {
        /// To the minute.
        #[default]
        Minute = "minute",
        /// To the hour.
        Hour = "hour",
        /// To the day: it stays out of measures in minutes.
        Day = "day",
    }
}

words! {
    /// How exact a due date is.
    DuePrecision {
        /// A day.
        #[default]
        Day = "day",
        /// A month: its last day stands.
        Month = "month",
        /// A quarter: its last day stands.
        Quarter = "quarter",
        /// A year: its last day stands.
        Year = "year",
    }
}

words! {
    /// Urgency of a resource request, as on form ICS-213RR.
    RequestPriority {
        /// At once.
        Urgent = "URGENT",
        /// As usual.
        #[default]
        Routine = "ROUTINE",
        /// When there is time.
        Low = "LOW",
    }
}

words! {
    /// State of a resource request.
    RequestStatus {
        /// Not filled yet.
        #[default]
        Open = "OPEN",
        /// Filled in full.
        Filled = "FILLED",
        /// Filled in part.
        Partial = "PARTIAL",
        /// Withdrawn.
        Cancelled = "CANCELLED",
    }
}

words! {
    /// What was rated; only the capability level enters headline metrics.
    RatingLevel {
        /// A core capability.
        #[default]
        Capability = "CAPABILITY",
        /// A capability target.
        Target = "TARGET",
        /// A critical task.
        Task = "TASK",
    }
}

words! {
    /// Kind of finding.
    FindingKind {
        /// What went well.
        Strength = "STRENGTH",
        /// What must improve.
        #[default]
        AreaForImprovement = "AREA_FOR_IMPROVEMENT",
    }
}

words! {
    /// Priority of a corrective action.
    Priority {
        /// High.
        High = "HIGH",
        /// Medium.
        #[default]
        Medium = "MEDIUM",
        /// Low.
        Low = "LOW",
    }
}

words! {
    /// Status of a corrective action; overdue is derived, never stored.
    ActionStatus {
        /// Suggested.
        Proposed = "PROPOSED",
        /// Agreed, not begun.
        #[default]
        Open = "OPEN",
        /// Begun.
        InProgress = "IN_PROGRESS",
        /// Declared done.
        Completed = "COMPLETED",
        /// Proven by a later event.
        Validated = "VALIDATED",
        /// Put off: still open for backlog and overdue.
        Deferred = "DEFERRED",
        /// Given up.
        Cancelled = "CANCELLED",
    }
}

words! {
    /// A change in the life of a corrective action.
    Change {
        /// It was opened.
        #[default]
        Opened = "OPENED",
        /// Its status changed otherwise.
        Status = "STATUS",
        /// Its due date moved.
        DueDate = "DUE_DATE",
        /// It was completed.
        Completed = "COMPLETED",
        /// It was opened again.
        Reopened = "REOPENED",
        /// It was given up.
        Cancelled = "CANCELLED",
        /// A later event proved it.
        Validated = "VALIDATED",
    }
}

#[cfg(test)]
mod tests {
    use super::{ActionStatus, Kind};

    #[test]
    fn words_are_read_in_any_case_and_written_as_stored() {
        assert_eq!(
            ActionStatus::parse(" in progress ").map(ActionStatus::code),
            Some("IN_PROGRESS")
        );
        assert_eq!(Kind::parse("planned-event"), Some(Kind::PlannedEvent));
        assert_eq!(Kind::parse("party"), None);
    }
}
