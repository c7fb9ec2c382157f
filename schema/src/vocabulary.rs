//! Closed lists of codes, each defined once. The parser, the check constraints of the tables, the
//! templates, GraphQL and the data dictionary use the same spelling: `SCREAMING_SNAKE_CASE`.

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;

/// A closed list of codes as data, for templates, GraphQL and the data dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Vocabulary {
    /// Name of its type, here and in GraphQL.
    pub name: &'static str,
    /// Meaning of the list.
    pub meaning: &'static str,
    /// Codes in order.
    pub codes: &'static [&'static str],
    /// Meaning of each code, in the same order.
    pub meanings: &'static [&'static str],
}

impl Vocabulary {
    /// Returns the code that is written this way in any case, with spaces or hyphens for
    /// underscores. Sources handle aliases.
    pub fn find(&self, text: &str) -> Option<&'static str> {
        let text = text.trim().replace([' ', '-'], "_");
        self.codes.iter().find(|code| code.eq_ignore_ascii_case(&text)).copied()
    }
}

macro_rules! vocabularies {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident {
            $(
                $(#[doc = $word_doc:literal])+
                $(#[default $($default:tt)*])?
                $word:ident = $code:literal
            ),+ $(,)?
        }
    )+) => {
        /// All closed lists.
        pub const VOCABULARIES: &[&Vocabulary] = &[$($name::VOCABULARY),+];

        $(
            $(#[doc = $doc])+
            #[derive(
                Clone,
                Copy,
                Debug,
                Default,
                PartialEq,
                Eq,
                Hash,
                PartialOrd,
                Ord,
                diesel::expression::AsExpression,
                diesel::deserialize::FromSqlRow,
                serde::Serialize,
                serde::Deserialize,
            )]
            #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
            #[diesel(sql_type = Text)]
            pub enum $name {
                $(
                    $(#[doc = $word_doc])+
                    $(#[default $($default)*])?
                    $word
                ),+
            }

            impl $name {
                /// All values in order.
                pub const ALL: &'static [Self] = &[$(Self::$word),+];

                /// Codes of all values in order.
                pub const CODES: &'static [&'static str] = &[$($code),+];

                /// The list as data.
                pub const VOCABULARY: &'static Vocabulary = &Vocabulary {
                    name: stringify!($name),
                    meaning: concat!($($doc),+).trim_ascii(),
                    codes: Self::CODES,
                    meanings: &[$(concat!($($word_doc),+).trim_ascii()),+],
                };

                /// Returns the stored code.
                pub const fn code(self) -> &'static str {
                    match self {
                        $(Self::$word => $code),+
                    }
                }

                /// Parses a code in any case, with spaces or hyphens for underscores. Sources
                /// handle aliases.
                pub fn parse(text: &str) -> Option<Self> {
                    let code = Self::VOCABULARY.find(text)?;
                    Self::ALL.iter().find(|word| word.code() == code).copied()
                }

                /// Lists the allowed codes, for messages.
                pub fn allowed() -> String {
                    Self::CODES.join(", ")
                }
            }

            impl ToSql<Text, Pg> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                    <str as ToSql<Text, Pg>>::to_sql(self.code(), out)
                }
            }

            impl FromSql<Text, Pg> for $name {
                fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                    let code = <String as FromSql<Text, Pg>>::from_sql(value)?;
                    let found = Self::ALL.iter().find(|word| word.code() == code);
                    found.copied().ok_or_else(|| {
                        format!("{code:?} is not one of {}", Self::allowed()).into()
                    })
                }
            }
        )+
    };
}

vocabularies! {
    /// Access of a viewer. Every role may read aggregates of all regions; the role determines
    /// access to detail. The widest is first.
    Role {
        /// All detail, and management of keys and logins.
        Admin = "ADMIN",
        /// Detail of all regions.
        Analyst = "ANALYST",
        /// Detail of the viewer's own regions, and statewide and public records.
        Region = "REGION",
        /// Aggregates only.
        #[default]
        Viewer = "VIEWER",
    }

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

    /// Status of an event.
    EventStatus {
        /// It is scheduled.
        Planned = "PLANNED",
        /// It took place.
        #[default]
        Held = "HELD",
        /// It was canceled.
        Cancelled = "CANCELLED",
    }

    /// Relation of two events.
    LinkRelation {
        /// The linked event is the public record of this one.
        #[default]
        PublicRecord = "PUBLIC_RECORD",
        /// The linked event contains this one.
        Parent = "PARENT",
        /// Both are the same event in two sources.
        SameAs = "SAME_AS",
    }

    /// Role of an organization in an event.
    ParticipationRole {
        /// Player.
        #[default]
        Player = "PLAYER",
        /// Controller.
        Controller = "CONTROLLER",
        /// Evaluator.
        Evaluator = "EVALUATOR",
        /// Observer.
        Observer = "OBSERVER",
        /// Sponsor.
        Sponsor = "SPONSOR",
        /// Responder to a real incident.
        Responder = "RESPONDER",
    }

    /// Precision of a time stamp.
    TimePrecision {
        /// To the minute.
        #[default]
        Minute = "MINUTE",
        /// To the hour.
        Hour = "HOUR",
        /// To the day; excluded from measures in minutes.
        Day = "DAY",
    }

    /// Precision of a due date.
    DuePrecision {
        /// A day.
        #[default]
        Day = "DAY",
        /// A month; its last day is stored.
        Month = "MONTH",
        /// A quarter; its last day is stored.
        Quarter = "QUARTER",
        /// A year; its last day is stored.
        Year = "YEAR",
    }

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

    /// Kind of finding.
    FindingKind {
        /// Strength.
        Strength = "STRENGTH",
        /// Area for improvement.
        #[default]
        AreaForImprovement = "AREA_FOR_IMPROVEMENT",
    }

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

    /// Readers of a record.
    Sensitivity {
        /// Members of its regions, and roles that see all detail.
        #[default]
        Restricted = "RESTRICTED",
        /// Everybody.
        Public = "PUBLIC",
    }

    /// Response of a coalition to an incident.
    IncidentResponse {
        /// No response.
        #[default]
        None = "NONE",
        /// The coalition watched.
        Monitored = "MONITORED",
        /// The coalition responded.
        Responded = "RESPONDED",
    }

    /// Class of an exercise type, as HSEEP divides them.
    ExerciseClass {
        /// Discussion-based.
        #[default]
        Discussion = "DISCUSSION",
        /// Operations-based.
        Operations = "OPERATIONS",
    }

    /// Relation of capabilities of two editions; only exact ones may be pooled.
    CrosswalkRelation {
        /// The same capability.
        #[default]
        Exact = "EXACT",
        /// Nearly the same.
        Close = "CLOSE",
        /// The second is broader.
        Broader = "BROADER",
        /// The second is narrower.
        Narrower = "NARROWER",
        /// They overlap.
        Related = "RELATED",
    }

    /// Unit that a requirement applies to.
    RequirementScope {
        /// Each region.
        #[default]
        Region = "REGION",
        /// Each organization of a discipline.
        Discipline = "DISCIPLINE",
    }

    /// Status of a load.
    BatchStatus {
        /// It runs.
        #[default]
        Running = "RUNNING",
        /// It ended.
        Done = "DONE",
        /// It failed.
        Failed = "FAILED",
    }

    /// Status of a file in a load.
    FileStatus {
        /// It is being read.
        #[default]
        Running = "RUNNING",
        /// Its records are stored.
        Loaded = "LOADED",
        /// None of it is stored.
        Failed = "FAILED",
    }

    /// Use of a column of a file.
    ColumnFate {
        /// A field reads it.
        #[default]
        Read = "READ",
        /// It names persons and is never stored.
        Dropped = "DROPPED",
        /// It is known and not needed.
        Unused = "UNUSED",
        /// It is unknown.
        Unread = "UNREAD",
    }

    /// Way in which a source record found its event.
    EventMatch {
        /// It made the event.
        #[default]
        New = "NEW",
        /// It is similar to the event.
        Similarity = "SIMILARITY",
        /// An operator split it from the event.
        Apart = "APART",
    }

    /// Way in which a report found its corrective action.
    ActionMatch {
        /// It made the action.
        #[default]
        New = "NEW",
        /// By the ID in its source.
        SourceId = "SOURCE_ID",
        /// By an ID that sources share.
        ExternalId = "EXTERNAL_ID",
        /// By the request of a sent tracker.
        Request = "REQUEST",
        /// It is similar to the action.
        Similarity = "SIMILARITY",
    }

    /// Period of a published value.
    PublishedGrain {
        /// A month.
        #[default]
        Month = "MONTH",
        /// A quarter.
        Quarter = "QUARTER",
        /// A fiscal year.
        FiscalYear = "FISCAL_YEAR",
        /// All time.
        All = "ALL",
    }

    /// Unit of a value of a metric.
    MetricUnit {
        /// A share of 0 to 1.
        #[default]
        Share = "SHARE",
        /// A count.
        Count = "COUNT",
        /// Days.
        Days = "DAYS",
        /// Minutes.
        Minutes = "MINUTES",
        /// Change of a share in a year.
        SharePerYear = "SHARE_PER_YEAR",
        /// A score without a unit.
        Score = "SCORE",
    }

    /// Reliability of a value of a metric.
    Reliability {
        /// Enough records.
        #[default]
        Ok = "OK",
        /// Enough records, but a feed that should have brought newer ones is overdue.
        Stale = "STALE",
        /// Few records.
        LowN = "LOW_N",
        /// Not published.
        Suppressed = "SUPPRESSED",
    }

    /// Readers of a published value.
    PublishedScope {
        /// Members of its region, and roles that see all detail.
        #[default]
        Live = "LIVE",
        /// All others: a row of the release.
        Released = "RELEASED",
        /// Everybody.
        Open = "OPEN",
    }

    /// Verdict on the change between two periods.
    ChangeVerdict {
        /// The interval leaves out no change, and so does the correction for many rows.
        Changed = "CHANGED",
        /// No change is detectable. There may be one.
        NoDetectableChange = "NO_DETECTABLE_CHANGE",
        /// One of the periods has too few records, records of a single event, no value, or is not
        /// published.
        TooFew = "TOO_FEW",
        /// The values are not tested: no shares of records, no counts of a period, no known times.
        #[default]
        NotTested = "NOT_TESTED",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const MIGRATION: &str = include_str!("../migrations/2026-11-29-000001_warehouse/up.sql");

    /// Closed list of each column, by table and column.
    fn lists() -> BTreeMap<&'static str, &'static Vocabulary> {
        BTreeMap::from([
            ("access.api_key.role", Role::VOCABULARY),
            ("access.bi_login.role", Role::VOCABULARY),
            ("bi.metric_value.change_verdict", ChangeVerdict::VOCABULARY),
            ("bi.metric_value.grain", PublishedGrain::VOCABULARY),
            ("bi.metric_value.reliability", Reliability::VOCABULARY),
            ("bi.metric_value.scope", PublishedScope::VOCABULARY),
            ("bi.metric_value.unit", MetricUnit::VOCABULARY),
            ("meta.batch.status", BatchStatus::VOCABULARY),
            ("meta.file_column.fate", ColumnFate::VOCABULARY),
            ("meta.file.status", FileStatus::VOCABULARY),
            ("warehouse.action_status_history.change", ActionChange::VOCABULARY),
            ("warehouse.action_status_history.status", ActionStatus::VOCABULARY),
            ("warehouse.corrective_action_source.matched_by", ActionMatch::VOCABULARY),
            ("warehouse.capability_crosswalk.relation", CrosswalkRelation::VOCABULARY),
            ("warehouse.capability_rating.level", RatingLevel::VOCABULARY),
            ("warehouse.corrective_action.due_precision", DuePrecision::VOCABULARY),
            ("warehouse.corrective_action.priority", ActionPriority::VOCABULARY),
            ("warehouse.corrective_action.sensitivity", Sensitivity::VOCABULARY),
            ("warehouse.corrective_action.status", ActionStatus::VOCABULARY),
            ("warehouse.event.kind", EventKind::VOCABULARY),
            ("warehouse.event.sensitivity", Sensitivity::VOCABULARY),
            ("warehouse.event.status", EventStatus::VOCABULARY),
            ("warehouse.event_link.relation", LinkRelation::VOCABULARY),
            ("warehouse.event_source.matched_by", EventMatch::VOCABULARY),
            ("warehouse.exercise_type.class", ExerciseClass::VOCABULARY),
            ("warehouse.finding.kind", FindingKind::VOCABULARY),
            ("warehouse.incident.response", IncidentResponse::VOCABULARY),
            ("warehouse.milestone.time_precision", TimePrecision::VOCABULARY),
            ("warehouse.note.sensitivity", Sensitivity::VOCABULARY),
            ("warehouse.participation.role", ParticipationRole::VOCABULARY),
            ("warehouse.requirement.applies_to", RequirementScope::VOCABULARY),
            ("warehouse.requirement.exercise_class", ExerciseClass::VOCABULARY),
            ("warehouse.resource_request.priority", RequestPriority::VOCABULARY),
            ("warehouse.resource_request.status", RequestStatus::VOCABULARY),
            ("warehouse.risk_assessment.sensitivity", Sensitivity::VOCABULARY),
        ])
    }

    /// Lists of the check constraints, sorted, without the unmapped member of a dimension.
    fn checked() -> BTreeMap<String, Vec<String>> {
        let (mut table, mut lists) = ("", BTreeMap::new());
        for line in MIGRATION.lines() {
            if let Some(name) = line.strip_prefix("create table ") {
                table = name.split_whitespace().next().unwrap();
            }
            let Some((_, check)) = line.split_once("check (") else { continue };
            let Some((column, codes)) = check.split_once(" in (") else { continue };
            let codes = codes.split_once(')').unwrap().0.split(',');
            let mut codes: Vec<String> =
                codes.map(|code| code.trim().trim_matches('\'').to_owned()).collect();
            codes.retain(|code| code != "UNMAPPED");
            codes.sort();
            lists.insert([table, column].join("."), codes);
        }
        lists
    }

    #[test]
    fn check_constraints_have_the_codes_of_one_vocabulary_each() {
        let sorted = |list: &Vocabulary| {
            let mut codes: Vec<String> = list.codes.iter().map(|code| (*code).to_owned()).collect();
            codes.sort();
            codes
        };
        let wanted: BTreeMap<String, Vec<String>> =
            lists().iter().map(|(column, list)| ((*column).to_owned(), sorted(list))).collect();
        assert_eq!(checked(), wanted);
    }

    #[test]
    fn every_vocabulary_constrains_a_column_and_is_parsed_as_it_is_stored() {
        let constrained: Vec<&Vocabulary> = lists().into_values().collect();
        for list in VOCABULARIES {
            assert!(constrained.contains(list), "{} constrains no column", list.name);
            assert_eq!(list.codes.len(), list.meanings.len());
            for (code, meaning) in list.codes.iter().zip(list.meanings) {
                let written = format!(" {} ", code.to_lowercase().replace('_', "-"));
                assert_eq!(list.find(&written), Some(*code));
                assert!(meaning.ends_with('.') && !meaning.starts_with(' '), "{meaning:?}");
            }
            assert_eq!(list.find("NONSENSE"), None);
        }
    }

    #[test]
    fn descriptions_and_the_dictionary_spell_codes_as_they_are_stored() {
        for record in crate::record::RECORD_TYPES {
            for column in record.columns {
                let Some(list) = column.vocabulary else { continue };
                assert!(VOCABULARIES.contains(&list), "{}: {}", record.name, list.name);
                let comments = column.fact.iter().filter(|fact| fact.name.is_empty());
                for comment in comments.map(|fact| fact.meaning) {
                    for code in list.codes {
                        assert!(
                            comment.contains(code),
                            "{}: {comment:?} lacks {code}",
                            record.name
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn codes_are_in_screaming_snake_case() {
        for code in checked().values().flatten() {
            let fits = |letter: char| {
                letter.is_ascii_uppercase() || letter == '_' || letter.is_ascii_digit()
            };
            assert!(code.chars().all(fits), "{code}");
        }
    }

    #[test]
    fn words_are_read_in_any_case_and_written_as_stored() {
        assert_eq!(
            ActionStatus::parse(" in progress ").map(ActionStatus::code),
            Some("IN_PROGRESS")
        );
        assert_eq!(EventKind::parse("planned-event"), Some(EventKind::PlannedEvent));
        assert_eq!(TimePrecision::parse("day"), Some(TimePrecision::Day));
        assert_eq!(EventKind::parse("party"), None);
    }
}
