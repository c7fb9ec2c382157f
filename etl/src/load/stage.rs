//! Staging tables: temporary tables filled by binary COPY and cleared before the next file.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::SinkExt;
use tokio_postgres::{Error, Transaction};

use super::session::TempTables;
use crate::copy::{HEADER, TRAILER};
use crate::record::RecordTable;

/// Columns with which every record begins.
const KEY: &str =
    "weight int, source_row bigint, source_id text, source_version text, content_hash bytea";

/// A staging table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StageTable {
    /// Records of one kind.
    Records(RecordTable),
    /// Rejected rows.
    Rejects,
}

impl StageTable {
    /// Returns the table's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Records(table) => match table {
                RecordTable::Municipality => "stage_municipality",
                RecordTable::Organization => "stage_organization",
                RecordTable::Event => "stage_event",
                RecordTable::EventCounty => "stage_event_county",
                RecordTable::Participation => "stage_participation",
                RecordTable::Milestone => "stage_milestone",
                RecordTable::InformationRequest => "stage_information_request",
                RecordTable::ResourceRequest => "stage_resource_request",
                RecordTable::CapabilityRating => "stage_capability_rating",
                RecordTable::Finding => "stage_finding",
                RecordTable::ActionReport => "stage_action_report",
                RecordTable::RiskAssessment => "stage_risk_assessment",
                RecordTable::RiskScore => "stage_risk_score",
            },
            Self::Rejects => "stage_reject",
        }
    }

    /// Returns the columns in the order in which records write them.
    fn columns(self) -> &'static str {
        let Self::Records(table) = self else {
            return "source_row bigint, record_type text, column_name text, value text, reason \
                text, content jsonb";
        };
        match table {
            RecordTable::Municipality => {
                "geoid text, municipality text, county text, county_fips text, type text, latitude \
                 text, longitude text, land_km2 text, \
                 population_2010 text, population_2020 text, region text, region_basis text"
            }
            RecordTable::Organization => {
                "name text, normalized_name text, region_id int, discipline_id int, \
                 municipality_id int, staffed_beds int, active boolean, \
                 aliases text[], valid_from date"
            }
            RecordTable::Event => {
                "kind text, name text, start_at timestamptz, end_at timestamptz, local_date date, \
                 end_local_date date, time_zone text, \
                 status text, sensitivity text, statewide boolean, owes_aar boolean, latitude \
                 float8, longitude float8, narrative text, \
                 hazards int[], counties int[], regions int[], weights float8[], label_fields \
                 text[], labels text[], response text, \
                 declaration_number text, declaration_type text, deaths_direct int, \
                 deaths_indirect int, injuries_direct int, \
                 injuries_indirect int, damage_property_usd bigint, damage_crops_usd bigint, \
                 evacuated int, area_km2 float8, \
                 magnitude float8, magnitude_type text, detail jsonb"
            }
            RecordTable::EventCounty => "event_source_id text, county_id int",
            RecordTable::Participation => {
                "event_ref text, organization_ref text, region_id int, role text, \
                 executive_present boolean, participant_count int"
            }
            RecordTable::Milestone => {
                "event_ref text, milestone_type_id int, sequence int, occurred_at timestamptz, \
                 time_precision text, organization_ref text"
            }
            RecordTable::InformationRequest => {
                "event_ref text, label text, platform text, asked_at timestamptz, due_at \
                 timestamptz, reports jsonb"
            }
            RecordTable::ResourceRequest => {
                "event_ref text, region_id int, organization_ref text, kind text, priority text, \
                 status text, quantity_requested float8, \
                 quantity_filled float8, requested_at timestamptz, needed_by timestamptz, \
                 assigned_at timestamptz, filled_at timestamptz"
            }
            RecordTable::CapabilityRating => {
                "event_ref text, capability_id int, organization_ref text, level text, subject \
                 text, rating_scale_id int, rating text, note text"
            }
            RecordTable::Finding => {
                "event_ref text, number int, kind text, capability_id int, organization_ref text, \
                 text text, reference text, analysis text, \
                 recommendation text, elements int[]"
            }
            RecordTable::ActionReport => {
                "event_ref text, finding_source_id text, region_id int, capability_id int, \
                 owner_ref text, external_id text, issue text, text text, \
                 priority text, status text, opened_on date, start_on date, due_on date, \
                 due_original_on date, due_changed_on date, due_precision text, \
                 due_text text, completed_on date, cancelled_on date, validated_on date, \
                 validated_event_ref text, \
                 sensitivity text, elements int[]"
            }
            RecordTable::RiskAssessment => {
                "organization_ref text, region_id int, assessment_method_id int, assessed_on date, \
                 edition text, scale text, \
                 sensitivity text"
            }
            RecordTable::RiskScore => {
                "assessment_source_id text, hazard_id int, label text, category text, probability \
                 smallint, human_impact smallint, \
                 property_impact smallint, business_impact smallint, preparedness smallint, \
                 internal_response smallint, \
                 external_response smallint, alerts int, activations int, risk_printed float8, \
                 score_printed text, rank_printed int, \
                 applicable boolean, risk float8, inherent_risk float8"
            }
        }
    }

    /// Returns whether records keep their source row because the merge can still reject them.
    pub fn has_content(self) -> bool {
        !matches!(
            self,
            Self::Rejects
                | Self::Records(
                    RecordTable::Municipality
                        | RecordTable::Organization
                        | RecordTable::Event
                        | RecordTable::EventCounty
                )
        )
    }

    /// Returns the names of a record's columns, without the source row.
    pub fn column_names(self) -> impl Iterator<Item = &'static str> {
        KEY.split(", ")
            .chain(self.columns().split(", "))
            .filter_map(|column| column.split_whitespace().next())
    }

    /// Returns the declarations of all columns.
    fn column_declarations(self) -> String {
        let key = if self == Self::Rejects { String::new() } else { format!("{KEY}, ") };
        let content = if self.has_content() { "row_content text, " } else { "" };
        format!("{key}{content}{}", self.columns())
    }
}

/// Number of bytes from which a staged table gets statistics; below, every plan is equally good.
const WORTH_STATISTICS: usize = 256 << 10;

type CopySink = std::pin::Pin<Box<tokio_postgres::CopyInSink<Bytes>>>;

/// The staging tables of a file.
#[derive(Default)]
pub struct Stages {
    /// Bytes staged in each table.
    staged: BTreeMap<StageTable, usize>,
    current: Option<(StageTable, CopySink)>,
}

impl Stages {
    /// Returns whether the table has rows.
    pub fn has(&self, table: StageTable) -> bool {
        self.staged.contains_key(&table)
    }

    /// Appends tuples to a table, and creates the table if it is new.
    pub async fn copy(
        &mut self,
        transaction: &Transaction<'_>,
        temp_tables: &TempTables,
        table: StageTable,
        chunk: Vec<u8>,
    ) -> Result<(), Error> {
        let is_new = !self.has(table);
        *self.staged.entry(table).or_default() += chunk.len();
        temp_tables.add_bytes(chunk.len());
        if self.current.as_ref().is_none_or(|(current, _)| *current != table) {
            self.end_copy().await?;
            if is_new {
                temp_tables.create(transaction, table.name(), &table.column_declarations()).await?;
            }
            let sink = transaction
                .copy_in(&format!("copy {} from stdin (format binary)", table.name()))
                .await?;
            let mut sink: CopySink = Box::pin(sink);
            sink.send(Bytes::from_static(HEADER)).await?;
            self.current = Some((table, sink));
        }
        match &mut self.current {
            Some((_, sink)) => sink.send(Bytes::from(chunk)).await,
            None => Ok(()),
        }
    }

    async fn end_copy(&mut self) -> Result<(), Error> {
        match self.current.take() {
            Some((_, mut sink)) => {
                sink.send(Bytes::copy_from_slice(&TRAILER)).await?;
                sink.as_mut().finish().await.map(|_| ())
            }
            None => Ok(()),
        }
    }

    /// Ends the COPY and gathers statistics for the merge.
    pub async fn finish(
        &mut self,
        transaction: &Transaction<'_>,
        temp_tables: &TempTables,
    ) -> Result<(), Error> {
        self.end_copy().await?;
        for (table, _) in self.staged.iter().filter(|(_, bytes)| **bytes >= WORTH_STATISTICS) {
            temp_tables.mark_analyzed();
            transaction.batch_execute(&format!("analyze {}", table.name())).await?;
        }
        Ok(())
    }
}
