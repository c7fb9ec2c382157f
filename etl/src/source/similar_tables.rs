//! Recognizes, by their headings, common tables that no source reads. Each kind has a nearest
//! source and advice.

use super::Sample;
use crate::template::normalize_heading;

/// Kind of table.
pub struct SimilarTable {
    /// Name of the kind.
    pub what: &'static str,
    /// Id of the nearest source.
    pub source: &'static str,
    /// What to load instead, or how to write its headings.
    pub advice: &'static str,
    /// Minimum number of matching headings.
    least: usize,
    /// Headings, as templates write them.
    headings: &'static [&'static str],
}

const AS_INCIDENTS: &str = "to load its rows as incidents, write a layout with `hotwash inspect \
    FILE --suggest > layout.toml` and load \
    the file with `hotwash load --layout layout.toml FILE`";
const AS_ACTIONS: &str = "actions that follow from an event are read from a table with \
    Exercise/Incident, Corrective Action, \
    Responsible Organization, Due Date and Status";

static RELATIVES: [SimilarTable; 12] = [
    SimilarTable {
        what: "the fatalities file of NOAA Storm Events",
        source: "noaa_storm_events",
        advice: "load the details file of the same year, which counts the deaths of each event",
        least: 3,
        headings: &[
            "fat_yearmonth",
            "fat_day",
            "fat_time",
            "fatality_id",
            "fatality_type",
            "fatality_date",
            "fatality_age",
            "fatality_sex",
            "fatality_location",
            "event_yearmonth",
        ],
    },
    SimilarTable {
        what: "the locations file of NOAA Storm Events",
        source: "noaa_storm_events",
        advice: "load the details file of the same year, which locates each event",
        least: 4,
        headings: &[
            "yearmonth",
            "episode_id",
            "location_index",
            "range",
            "azimuth",
            "location",
            "latitude",
            "longitude",
            "lat2",
            "lon2",
        ],
    },
    SimilarTable {
        what: "a list of storm reports",
        source: "noaa_storm_events",
        advice: "load the details file of NOAA Storm Events, in which reports are verified",
        least: 5,
        headings: &[
            "time",
            "f_scale",
            "speed",
            "size",
            "location",
            "county",
            "state",
            "lat",
            "lon",
            "comments",
            "remark",
            "remarks",
            "valid",
            "valid2",
            "mag",
            "magnitude",
            "wfo",
            "typecode",
            "typetext",
            "city",
            "source",
            "om",
            "yr",
            "mo",
            "dy",
            "tz",
            "st",
            "stf",
            "inj",
            "fat",
            "loss",
            "slat",
            "slon",
            "utc",
            "hail",
            "wind",
        ],
    },
    SimilarTable {
        what: "an extract of NOAA Storm Events",
        source: "noaa_storm_events",
        advice: "load the file as NOAA gives it, with all its columns",
        least: 3,
        headings: &[
            "event_id",
            "event_type",
            "episode_id",
            "cz_name",
            "cz_name_str",
            "cz_type",
            "cz_fips",
            "cz_timezone",
            "begin_yearmonth",
            "begin_date_time",
            "begin_date",
            "begin_time",
            "end_date_time",
            "begin_lat",
            "begin_lon",
            "deaths_direct",
            "deaths_indirect",
            "injuries_direct",
            "injuries_indirect",
            "damage_property",
            "damage_property_num",
            "damage_crops",
            "damage_crops_num",
            "state_fips",
            "state_abbr",
            "month_name",
            "tor_f_scale",
            "magnitude_type",
            "flood_cause",
            "event_narrative",
            "episode_narrative",
            "wfo",
        ],
    },
    SimilarTable {
        what: "an extract of OpenFEMA",
        source: "openfema_declarations",
        advice: "load Disaster Declarations Summaries v2 as OpenFEMA gives them, with all their \
            columns",
        least: 2,
        headings: &[
            "disasternumber",
            "femadeclarationstring",
            "declarationtitle",
            "declarationtype",
            "declarationdate",
            "declarationrequestnumber",
            "fydeclared",
            "incidenttype",
            "incidentbegindate",
            "incidentenddate",
            "fipsstatecode",
            "fipscountycode",
            "placecode",
            "designatedarea",
            "lastrefresh",
            "ihprogramdeclared",
            "paprogramdeclared",
            "hmprogramdeclared",
            "disastercloseoutdate",
            "programtypecode",
            "pwnumber",
            "projectamount",
            "federalshareobligated",
            "totalobligated",
            "tribalrequest",
        ],
    },
    SimilarTable {
        what: "a risk register",
        source: "hva_xlsx",
        advice: "an assessment names a Hazard, its Probability and its Severity, or the Human, \
            Property and Business Impact, \
            in each row; a layout (`hotwash inspect FILE --suggest`) loads likelihood and impact \
            on a scale of their own",
        least: 3,
        headings: &[
            "risk",
            "risk_id",
            "risk_no",
            "risk_number",
            "risk_description",
            "description_of_risk",
            "risk_title",
            "risk_name",
            "risk_category",
            "risk_owner",
            "risk_score",
            "risk_rating",
            "risk_level",
            "risk_response",
            "inherent_risk",
            "residual_risk",
            "residual_score",
            "likelihood",
            "probability",
            "impact",
            "consequence",
            "severity",
            "mitigation",
            "mitigation_strategy",
            "mitigation_plan",
            "mitigation_action",
            "mitigation_actions",
            "control",
            "controls",
            "existing_controls",
            "treatment",
            "contingency",
            "contingency_plan",
        ],
    },
    SimilarTable {
        what: "a fire department's log",
        source: "duty_officer_log",
        advice: AS_INCIDENTS,
        least: 3,
        headings: &[
            "incident_type",
            "incident_number",
            "incident_no",
            "alarm_date",
            "alarm_time",
            "alarms",
            "alarm_level",
            "units_responding",
            "units",
            "apparatus",
            "engine",
            "company",
            "station",
            "district",
            "shift",
            "exposure",
            "fdid",
            "property_use",
            "property_loss",
            "arrival_time",
            "arrival",
            "controlled",
            "under_control",
            "cleared",
            "civilian_injuries",
            "civilian_deaths",
            "fire_injuries",
            "fire_service_injuries",
            "fire_service_deaths",
            "fatalities",
            "fire_cause",
            "dispatch_time",
            "en_route",
            "on_scene",
            "mutual_aid",
        ],
    },
    SimilarTable {
        what: "a log of ambulance or 911 calls",
        source: "duty_officer_log",
        advice: AS_INCIDENTS,
        least: 3,
        headings: &[
            "call_number",
            "call_no",
            "call_id",
            "call_type",
            "call_received",
            "call_time",
            "call_date",
            "nature",
            "nature_of_call",
            "run_number",
            "unit",
            "unit_id",
            "ambulance",
            "dispatched",
            "dispatch_time",
            "time_dispatched",
            "dispatch",
            "en_route",
            "enroute",
            "responding",
            "on_scene",
            "at_scene",
            "arrived",
            "arrived_on_scene",
            "transport",
            "transporting",
            "transported",
            "at_hospital",
            "destination",
            "hospital",
            "available",
            "in_service",
            "cleared",
            "chief_complaint",
            "complaint",
            "disposition",
            "priority",
            "acuity",
            "incident_number",
            "response_time",
        ],
    },
    SimilarTable {
        what: "a playbook",
        source: "improvement_plan_xlsx",
        advice: AS_ACTIONS,
        least: 3,
        headings: &[
            "trigger",
            "triggers",
            "trigger_point",
            "play",
            "play_no",
            "playbook",
            "phase",
            "action",
            "actions",
            "immediate_actions",
            "response_action",
            "step",
            "steps",
            "decision_point",
            "decision",
            "role",
            "responsible",
            "responsible_role",
            "responsible_party",
            "lead",
            "lead_role",
            "support",
            "timeframe",
            "time_frame",
            "timeline",
            "resources",
            "resources_needed",
            "reference",
            "escalation",
            "objective",
        ],
    },
    SimilarTable {
        what: "a checklist",
        source: "improvement_plan_xlsx",
        advice: AS_ACTIONS,
        least: 3,
        headings: &[
            "task",
            "tasks",
            "step",
            "item",
            "checklist_item",
            "item_description",
            "activity",
            "action",
            "yes",
            "no",
            "n_a",
            "na",
            "done",
            "complete",
            "completed",
            "check",
            "checked",
            "initials",
            "time",
            "date",
            "time_completed",
            "date_completed",
            "responsible",
            "responsible_person",
            "assigned_to",
            "position",
            "role",
            "owner",
            "due",
            "due_date",
            "status",
            "notes",
            "comments",
        ],
    },
    SimilarTable {
        what: "a list of incidents",
        source: "hotwash",
        advice: AS_INCIDENTS,
        least: 3,
        headings: &[
            "event_name",
            "incident_name",
            "storm_name",
            "event",
            "incident",
            "event_type",
            "incident_type",
            "type",
            "start_date",
            "end_date",
            "begin_date",
            "date",
            "county",
            "counties",
            "state",
            "town",
            "deaths",
            "fatalities",
            "injuries",
            "damage",
            "damages",
            "property_damage",
            "cost",
        ],
    },
    SimilarTable {
        what: "a list of exercises",
        source: "exercise_calendar",
        advice: "a calendar has Exercise Name, Exercise Type and Start Date",
        least: 3,
        headings: &[
            "exercise",
            "exercise_name",
            "exercise_title",
            "exercise_type",
            "type",
            "start_date",
            "exercise_date",
            "date",
            "sponsor",
            "host",
            "scenario",
            "location",
            "participants",
        ],
    },
];

impl SimilarTable {
    /// Returns whether a heading is one of the kind's headings.
    pub fn has(&self, heading: &str) -> bool {
        self.headings.contains(&normalize_heading(heading).as_str())
    }
}

/// Returns the kind of table with the most headings in the file. Of equal kinds, the one with the
/// rarest headings is returned: words such as `date` belong to many kinds.
pub fn similar_table(sample: &Sample) -> Option<&'static SimilarTable> {
    let headings: Vec<String> =
        sample.headings.iter().map(|heading| normalize_heading(heading)).collect();
    let has = |heading: &&&str| headings.iter().any(|own| own == **heading);
    let owners = |heading: &str| {
        RELATIVES.iter().filter(|kind| kind.headings.contains(&heading)).count().max(1)
    };
    let rated = RELATIVES.iter().filter_map(|kind| {
        let known: Vec<&&str> = kind.headings.iter().filter(has).collect();
        let weight: f64 = known.iter().map(|heading| 1.0 / owners(heading) as f64).sum();
        (known.len() >= kind.least).then_some((weight, kind))
    });
    rated.max_by(|one, two| one.0.total_cmp(&two.0)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::{RELATIVES, similar_table};
    use crate::source::{Sample, find};
    use crate::template::normalize_heading;

    #[test]
    fn headings_are_written_as_they_are_compared_and_sources_exist() {
        for kind in &RELATIVES {
            assert!(find(kind.source).is_ok(), "{}", kind.source);
            for heading in kind.headings {
                assert_eq!(normalize_heading(heading), *heading, "{}", kind.what);
            }
        }
    }

    #[test]
    fn each_kind_of_table_is_known_by_its_usual_headings() {
        for (headings, what, source) in [
            (
                "FAT_YEARMONTH,FAT_DAY,FAT_TIME,FATALITY_ID,EVENT_ID,FATALITY_TYPE",
                "fatalities",
                "noaa_storm_events",
            ),
            (
                "YEARMONTH,EPISODE_ID,EVENT_ID,LOCATION_INDEX,RANGE,AZIMUTH,LOCATION",
                "locations",
                "noaa_storm_events",
            ),
            (
                "Time,F_Scale,Location,County,State,Lat,Lon,Comments",
                "storm reports",
                "noaa_storm_events",
            ),
            (
                "VALID,LAT,LON,MAG,WFO,TYPETEXT,CITY,COUNTY,STATE,SOURCE,REMARK",
                "storm reports",
                "noaa_storm_events",
            ),
            (
                "EVENT_ID,STATE,EVENT_TYPE,BEGIN_DATE_TIME,DEATHS_DIRECT",
                "extract of NOAA",
                "noaa_storm_events",
            ),
            (
                "disasterNumber,state,declarationTitle,incidentBeginDate",
                "OpenFEMA",
                "openfema_declarations",
            ),
            (
                "Risk ID,Risk Description,Likelihood,Impact,Risk Score,Mitigation,Owner",
                "risk register",
                "hva_xlsx",
            ),
            (
                "incident_type,alarm_date,units_responding,civilian_injuries,fatalities",
                "fire",
                "duty_officer_log",
            ),
            (
                "Run Number,Unit,Dispatched,En Route,On Scene,At Hospital,Disposition",
                "911",
                "duty_officer_log",
            ),
            (
                "Phase,Trigger,Action,Responsible,Timeframe,Resources",
                "playbook",
                "improvement_plan_xlsx",
            ),
            ("Task,Responsible,Done,Initials,Comments", "checklist", "improvement_plan_xlsx"),
            ("Event Name,Event Type,Start Date,End Date,County,Deaths", "incidents", "hotwash"),
        ] {
            let sample = Sample {
                headings: headings.split(',').map(str::to_owned).collect(),
                ..Sample::default()
            };
            let found = similar_table(&sample).map(|kind| (kind.what, kind.source)).unwrap();
            assert!(found.0.contains(what) && found.1 == source, "{headings}: {found:?}");
        }
    }
}
