//! Closed lists of codes, as the warehouse stores them.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$word_doc])* $word),+
        }

        impl $name {
            /// All values in order.
            pub const ALL: &'static [Self] = &[$(Self::$word),+];

            /// Returns the stored code.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$word => $code),+
                }
            }

            /// Parses a code in any case, with spaces or hyphens for underscores. Sources handle
            /// aliases.
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.trim().replace([' ', '-'], "_");
                Self::ALL.iter().find(|word| word.code().eq_ignore_ascii_case(&text)).copied()
            }

            /// Lists the allowed codes, for messages.
            pub fn allowed() -> String {
                Self::ALL.iter().map(|word| word.code()).collect::<Vec<_>>().join(", ")
            }
        }
    };
}

words! {
    /// Kind of event.
    EventKind {
        /// Something that happened.
        #[default]
        Incident = "INCIDENT",
        /// An exercise.
        Exercise = "EXERCISE",
        /// A planned event, such as a marathon.
        PlannedEvent = "PLANNED_EVENT",
    }
}

words! {
    /// Status of an event.
    EventStatus {
        /// It took place.
        #[default]
        Held = "HELD",
        /// It is scheduled.
        Planned = "PLANNED",
        /// It was canceled.
        Cancelled = "CANCELLED",
    }
}

words! {
    /// Relation of two events.
    LinkRelation {
        /// The linked event is the public record of this one.
        #[default]
        PublicRecord = "public_record",
        /// The linked event contains this one.
        Parent = "parent",
        /// Both are the same event in two sources.
        SameAs = "same_as",
    }
}

words! {
    /// Role of an organization in an event.
    ParticipationRole {
        /// Player.
        #[default]
        Player = "player",
        /// Controller.
        Controller = "controller",
        /// Evaluator.
        Evaluator = "evaluator",
        /// Observer.
        Observer = "observer",
        /// Sponsor.
        Sponsor = "sponsor",
        /// Responder to a real incident.
        Responder = "responder",
    }
}

words! {
    /// Precision of a time stamp.
    TimePrecision {
        /// To the minute.
        #[default]
        Minute = "minute",
        /// To the hour.
        Hour = "hour",
        /// To the day; excluded from measures in minutes.
        Day = "day",
    }
}

words! {
    /// Precision of a due date.
    DuePrecision {
        /// A day.
        #[default]
        Day = "day",
        /// A month; its last day is stored.
        Month = "month",
        /// A quarter; its last day is stored.
        Quarter = "quarter",
        /// A year; its last day is stored.
        Year = "year",
    }
}

words! {
    /// Urgency of a resource request, as on form ICS-213RR.
    RequestPriority {
        /// Immediate.
        Urgent = "URGENT",
        /// Routine.
        #[default]
        Routine = "ROUTINE",
        /// Low.
        Low = "LOW",
    }
}

words! {
    /// Status of a resource request.
    RequestStatus {
        /// Not filled yet.
        #[default]
        Open = "OPEN",
        /// Completely filled.
        Filled = "FILLED",
        /// Partially filled.
        Partial = "PARTIAL",
        /// Withdrawn.
        Cancelled = "CANCELLED",
    }
}

words! {
    /// Level of a rating; only the capability level enters headline metrics.
    RatingLevel {
        /// Core capability.
        #[default]
        Capability = "CAPABILITY",
        /// Capability target.
        Target = "TARGET",
        /// Critical task.
        Task = "TASK",
    }
}

words! {
    /// Kind of finding.
    FindingKind {
        /// Strength.
        Strength = "STRENGTH",
        /// Area for improvement.
        #[default]
        AreaForImprovement = "AREA_FOR_IMPROVEMENT",
    }
}

words! {
    /// Priority of a corrective action.
    ActionPriority {
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
        /// Agreed but not started.
        #[default]
        Open = "OPEN",
        /// Started.
        InProgress = "IN_PROGRESS",
        /// Reported as completed.
        Completed = "COMPLETED",
        /// Validated by a later event.
        Validated = "VALIDATED",
        /// Postponed; still counts as backlog and overdue.
        Deferred = "DEFERRED",
        /// Canceled.
        Cancelled = "CANCELLED",
    }
}

words! {
    /// Kind of change in an action's history.
    ActionChange {
        /// Opened.
        #[default]
        Opened = "OPENED",
        /// Other change of status.
        Status = "STATUS",
        /// Change of the due date.
        DueDate = "DUE_DATE",
        /// Completion.
        Completed = "COMPLETED",
        /// Reopening.
        Reopened = "REOPENED",
        /// Cancellation.
        Cancelled = "CANCELLED",
        /// Validation by a later event.
        Validated = "VALIDATED",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hotwash_schema::record::{self, RecordType};

    use super::*;

    fn described(record: &RecordType, column: &str) -> BTreeSet<&'static str> {
        let is_named = |name: &str| name == column;
        let mut columns = record.columns.iter();
        let column = columns.find(|column| column.stored.is_some_and(|found| is_named(found.name)));
        column.unwrap().vocabulary.iter().copied().collect()
    }

    #[test]
    fn words_are_those_of_the_described_columns() {
        macro_rules! same {
            ($($words:ident = $record:ident . $column:literal),* $(,)?) => {$(
                assert_eq!(
                    $words::ALL.iter().map(|word| word.code()).collect::<BTreeSet<_>>(),
                    described(&record::$record, $column),
                );
            )*};
        }
        same!(
            EventKind = EVENT."kind",
            EventStatus = EVENT."status",
            ParticipationRole = PARTICIPATION."role",
            TimePrecision = MILESTONE."time_precision",
            RequestPriority = RESOURCE_REQUEST."priority",
            RequestStatus = RESOURCE_REQUEST."status",
            RatingLevel = CAPABILITY_RATING."level",
            FindingKind = FINDING."kind",
            ActionPriority = CORRECTIVE_ACTION."priority",
            ActionStatus = CORRECTIVE_ACTION."status",
            DuePrecision = CORRECTIVE_ACTION."due_precision",
        );
    }

    #[test]
    fn words_are_read_in_any_case_and_written_as_stored() {
        assert_eq!(
            ActionStatus::parse(" in progress ").map(ActionStatus::code),
            Some("IN_PROGRESS")
        );
        assert_eq!(EventKind::parse("planned-event"), Some(EventKind::PlannedEvent));
        assert_eq!(EventKind::parse("party"), None);
    }
}
