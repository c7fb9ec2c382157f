//! Staging tables: temporary, filled by COPY, gone with the transaction.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures::SinkExt;
use tokio_postgres::{Error, Transaction};

use crate::record::Table;

/// A temporary table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StageTable {
    /// Records of one kind.
    Records(Table),
    /// Refused rows.
    Rejects,
}

impl StageTable {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Records(Table::Event) => "stage_event",
            Self::Records(Table::EventCounty) => "stage_event_county",
            Self::Records(Table::Municipality) => "stage_municipality",
            Self::Rejects => "stage_reject",
        }
    }

    fn columns(self) -> &'static str {
        match self {
            Self::Records(Table::Event) => {
                "kind text, name text, start_at timestamptz, end_at timestamptz, local_date date, end_local_date date, time_zone text, \
                 sensitivity text, statewide boolean, latitude float8, longitude float8, narrative text, hazards int[], counties int[], \
                 regions int[], weights float8[], label_fields text[], labels text[], response text, declaration_number text, \
                 declaration_type text, deaths_direct int, deaths_indirect int, injuries_direct int, injuries_indirect int, \
                 damage_property_usd bigint, damage_crops_usd bigint, evacuated int, area_km2 float8, magnitude float8, magnitude_type text"
            }
            Self::Records(Table::EventCounty) => "event_source_id text, county_id int",
            Self::Records(Table::Municipality) => {
                "geoid text, municipality text, county text, county_fips text, type text, latitude text, longitude text, land_km2 text, \
                 population_2010 text, population_2020 text, hmcc_region text, region_basis text"
            }
            Self::Rejects => {
                "source_row bigint, record_type text, column_name text, value text, reason text, content jsonb"
            }
        }
    }

    fn create(self) -> String {
        let key = match self {
            Self::Records(_) => {
                "weight int, source_row bigint, source_id text, source_version text, content_hash bytea, "
            }
            Self::Rejects => "",
        };
        format!("create temp table {} ({key}{}) on commit drop", self.name(), self.columns())
    }
}

type Copying = std::pin::Pin<Box<tokio_postgres::CopyInSink<Bytes>>>;

/// The staging tables of a file.
#[derive(Default)]
pub struct Stages {
    made: BTreeSet<StageTable>,
    current: Option<(StageTable, Copying)>,
}

impl Stages {
    /// Whether any row was staged there.
    pub fn has(&self, table: StageTable) -> bool {
        self.made.contains(&table)
    }

    /// Appends COPY text to a table, making it first when it is new.
    pub async fn copy(
        &mut self,
        transaction: &Transaction<'_>,
        table: StageTable,
        chunk: Vec<u8>,
    ) -> Result<(), Error> {
        if self.current.as_ref().is_none_or(|(current, _)| *current != table) {
            self.end_copy().await?;
            if self.made.insert(table) {
                transaction.batch_execute(&table.create()).await?;
            }
            let sink = transaction.copy_in(&format!("copy {} from stdin", table.name())).await?;
            self.current = Some((table, Box::pin(sink)));
        }
        match &mut self.current {
            Some((_, sink)) => sink.send(Bytes::from(chunk)).await,
            None => Ok(()),
        }
    }

    async fn end_copy(&mut self) -> Result<(), Error> {
        match self.current.take() {
            Some((_, mut sink)) => sink.as_mut().finish().await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Ends copying and gathers statistics for the merge.
    pub async fn finish(&mut self, transaction: &Transaction<'_>) -> Result<(), Error> {
        self.end_copy().await?;
        for table in &self.made {
            transaction.batch_execute(&format!("analyze {}", table.name())).await?;
        }
        Ok(())
    }
}
