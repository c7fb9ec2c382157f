//! Merges staged records into the warehouse by natural key, within the file's transaction.

mod action;
mod event;
mod fact;
mod municipality;
mod organization;
mod resolve;
mod risk;
mod version;

use diesel::deserialize::FromSqlRow;
use diesel::pg::Pg;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Text};
use hotwash_schema::record::{self, Merge, Need, RECORD_TYPES, RecordType};

pub(crate) use resolve::NEAR;

use super::report::Warning;
use super::session::TempTables;
use super::stage::{StageTable, Stages};
use crate::code::RejectCode;
use crate::sql::{BoundStatement, SqlFile, sql};
use hotwash_schema::copy::{Error, OpenTransaction, RunStatement};

/// Numbers of merged rows.
#[derive(Debug, Default)]
pub struct Counts {
    /// New rows.
    pub inserted: u64,
    /// Changed rows.
    pub updated: u64,
    /// Rows stored by an earlier load with the same content.
    pub unchanged: u64,
    /// Rows rejected for a missing reference or as duplicates.
    pub rejected: u64,
    /// At least one row was rejected as a duplicate of another.
    has_duplicates: bool,
    /// Remarks about rows that were stored.
    pub warnings: Vec<Warning>,
}

/// State of the merge of one file.
pub struct MergeContext<'a> {
    /// The open transaction.
    pub transaction: &'a OpenTransaction<'a>,
    /// Temporary tables of the connection.
    pub temp_tables: &'a TempTables,
    /// Staging tables of the file.
    pub stages: &'a Stages,
    /// Id of the source.
    pub source: &'a str,
    /// Id of the load.
    pub batch: i32,
    /// Id of the file.
    pub file: i32,
    /// Ids of events of this source that are not the same as the events they were matched to.
    pub not_same_as: &'a [String],
    /// A file contains everything that its source reports about its events
    /// ([`Source::is_complete`](crate::source::Source::is_complete)).
    pub complete_documents: bool,
}

impl MergeContext<'_> {
    fn has(&self, record: &'static RecordType) -> bool {
        self.stages.has(StageTable::Records(record))
    }

    /// Returns the source id as an SQL literal.
    fn source_literal(&self) -> String {
        format!("'{}'", self.source.replace('\'', "''"))
    }

    /// Returns the statement of a file with the values of this merge: `source`, `batch`, `file` and
    /// `near`. The caller binds those that follow.
    fn bound(&self, file: SqlFile) -> BoundStatement<'_> {
        file.binds().fold(file.query(), |statement, name| match name {
            "source" => statement.bind::<Text, _>(self.source),
            "batch" => statement.bind::<Integer, _>(self.batch),
            "file" => statement.bind::<Integer, _>(self.file),
            "near" => statement.bind::<Integer, _>(NEAR),
            _ => statement,
        })
    }

    /// Runs the statement of a file, or fills the temporary table of its query. Returns the number
    /// of rows.
    async fn step(&self, file: SqlFile) -> Result<u64, Error> {
        match file.fills() {
            Some(table) => {
                self.temp_tables.fill_from(self.transaction, table, self.bound(file)).await
            }
            None => self.transaction.execute(self.bound(file)).await,
        }
    }

    /// Runs several statements, each sent before the one before it has ended.
    async fn steps(&self, files: &[SqlFile]) -> Result<(), Error> {
        let running = files.iter().map(|file| self.step(*file));
        futures::future::try_join_all(running).await.map(|_| ())
    }

    /// Returns the numbers that the statement of a file counts.
    async fn counts<const N: usize>(&self, file: SqlFile) -> Result<[u64; N], Error> {
        self.transaction.counts(self.bound(file)).await
    }

    /// Returns the rows of the statement of a file.
    async fn rows<ST, T: FromSqlRow<ST, Pg> + Send>(&self, file: SqlFile) -> Result<Vec<T>, Error> {
        self.transaction.rows::<ST, T>(self.bound(file)).await
    }

    async fn run(&self, sql: &str) -> Result<u64, Error> {
        self.transaction.execute(sql_query(sql)).await
    }

    /// Fills a temporary table with the result of a query.
    async fn fill(&self, table: &str, query: &str) -> Result<(), Error> {
        self.temp_tables.fill(self.transaction, table, query).await
    }

    /// Runs a statement only if a query finds rows it would change. A statement without rows would
    /// still raise the table's version.
    async fn run_where(&self, found: &str, sql: &str) -> Result<u64, Error> {
        let found = self
            .transaction
            .rows::<Bool, bool>(sql_query(format!("select exists ({found})")))
            .await?;
        if found == [true] { self.run(sql).await } else { Ok(0) }
    }

    /// Adds an index and statistics for the key of a temporary table, if the table has enough rows.
    async fn prepare_keys(&self, table: &str, key: &str, rows: u64) -> Result<(), Error> {
        if rows >= MANY {
            self.temp_tables.mark_analyzed();
            self.run(&format!("create index on {table} ({key})")).await?;
            self.run(&format!("analyze {table} ({key})")).await?;
        }
        Ok(())
    }

    async fn insert(&self, insert: Insert<'_>) -> Result<u64, Error> {
        match insert {
            Insert::File(file) => self.step(file).await,
            Insert::Text(sql) => self.run(sql).await,
        }
    }

    async fn count_unknown(&self, unknown: Unknown<'_>) -> Result<u64, Error> {
        match unknown {
            Unknown::None => Ok(0),
            Unknown::CountedBy(file) => self.counts(file).await.map(|[count]| count),
            Unknown::CountedByText(sql) => number(self.transaction, sql).await,
        }
    }

    /// Runs inserts of `rows` rows. Many rows are inserted without foreign key checks, which would
    /// take longer than everything else. Instead, `unknown` counts the missing references, each
    /// looked up once. Only a superuser may do this, as on the private cluster; others insert as
    /// usual.
    async fn run_inserts(
        &self,
        rows: u64,
        unknown: Unknown<'_>,
        statements: &[(&str, Insert<'_>)],
    ) -> Result<(), Error> {
        let proven = rows >= MANY
            && self.rows::<Bool, bool>(sql!("merge/is_superuser.sql")).await? == [true]
            && self.count_unknown(unknown).await? == 0;
        if !proven {
            for (_, statement) in statements {
                self.insert(*statement).await?;
            }
            return Ok(());
        }
        for (table, _) in statements {
            self.run(&format!("select meta.begin_writing('warehouse.{table}')")).await?;
        }
        self.run("set local session_replication_role = replica").await?;
        let mut written = Vec::new();
        for (table, statement) in statements {
            if self.insert(*statement).await? > 0 {
                written.push(table);
            }
        }
        self.run("set local session_replication_role = origin").await?;
        // The trigger that raises a table's version was disabled as well; a statement without rows
        // fires it.
        for table in written {
            self.run(&format!("delete from warehouse.{table} where false")).await?;
        }
        Ok(())
    }
}

/// Number of rows from which statistics, indexes and set-based reference checks save time.
const MANY: u64 = 1_000;

/// An insert into a table of the warehouse.
#[derive(Clone, Copy)]
enum Insert<'a> {
    /// The statement of a file.
    File(SqlFile),
    /// A statement that follows from a record type.
    Text(&'a str),
}

/// References of inserted rows that may be missing.
#[derive(Clone, Copy)]
enum Unknown<'a> {
    /// None: the rows refer only to rows resolved or added in this transaction.
    None,
    /// Counted by the statement of a file.
    CountedBy(SqlFile),
    /// Counted by a statement that follows from a record type.
    CountedByText(&'a str),
}

/// Merges all staged tables, referenced tables first.
pub async fn merge(merging: &MergeContext<'_>) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    if merging.has(&record::MUNICIPALITY) {
        municipality::merge(merging, &mut counts).await?;
    }
    if merging.has(&record::ORGANIZATION) {
        organization::merge(merging, &mut counts).await?;
    }
    resolve::organizations(merging, &mut counts).await?;
    if merging.has(&record::EVENT) {
        event::merge(merging, &mut counts).await?;
    }
    if merging.has(&record::EVENT_COUNTY) {
        event::merge_counties(merging, &mut counts).await?;
    }
    resolve::events(merging).await?;
    if merging.has(&record::EVENT) {
        event::link(merging, &mut counts).await?;
    }
    if merging.complete_documents {
        version::compare(merging, &mut counts).await?;
    }
    for record in RECORD_TYPES {
        if *record == &record::CORRECTIVE_ACTION {
            action::merge(merging, &mut counts).await?;
        } else if record.merge == Merge::Shared {
            fact::merge(merging, record, &mut counts).await?;
        }
    }
    if counts.has_duplicates {
        merging.step(sql!("merge/store_duplicates.sql")).await?;
    }
    if merging.stages.has(StageTable::Rejects) {
        merging.step(sql!("merge/store_rejects.sql")).await?;
    }
    Ok(counts)
}

/// Returns the number that a statement counts.
async fn number(transaction: &OpenTransaction<'_>, sql: &str) -> Result<u64, Error> {
    transaction.counts(sql_query(sql)).await.map(|[count]| count)
}

/// Rejects all but one of the records with the same id, each with the remaining row and the
/// differences. Records with all required references (the rows of `complete`) come first, then the
/// newest version, then the content that sorts last, then the first row. So the order of rows never
/// matters.
async fn reject_duplicates(
    merging: &MergeContext<'_>,
    record_type: &'static RecordType,
    complete: Option<&str>,
    counts: &mut Counts,
) -> Result<(), Error> {
    let (transaction, stage) = (merging.transaction, StageTable::Records(record_type));
    let name = stage.name();
    let repeated = format!(
        "select count(*) from (select from {name} group by source_id having count(*) > 1 limit 1) \
         as repeated"
    );
    if number(transaction, &repeated).await? == 0 {
        return Ok(());
    }
    // Rejects are written last, like those of the files. Otherwise files that load at the same time
    // would wait for each other.
    transaction
        .run_batch(
            "create temporary table if not exists duplicate_reject on commit drop as \
             select file_id, batch_id, row_number, record_type, code, value, reason, row_content \
             from \
             meta.reject with no data",
        )
        .await?;
    counts.has_duplicates = true;
    let complete = complete.unwrap_or(name);
    let content = if stage.has_content() { "s.row_content::jsonb" } else { "null::jsonb" };
    let sql = format!(
        "with repeated as (select source_id from {name} group by source_id having count(*) > 1), \
         complete as (select distinct f.source_id, f.source_row from {complete} f join repeated \
         using (source_id)), \
         ranked as (select s.ctid as place, s.source_id, s.source_row, s.content_hash, \
         s.source_version, {content} as content, \
             row_number() over (partition by s.source_id order by c.source_row is null, \
             s.source_version desc, s.content_hash desc, s.source_row) as rank \
             from {name} s join repeated using (source_id) \
             left join complete c on c.source_id = s.source_id and c.source_row = s.source_row), \
         gone as (delete from {name} s using ranked where ranked.rank > 1 and s.ctid = ranked.place \
             returning s.weight, s.source_id, s.source_row, s.content_hash, s.source_version, \
             {content} as content), \
         rejected as (insert into duplicate_reject (file_id, batch_id, row_number, record_type, \
         code, value, reason, row_content) \
             select {}, {}, g.source_row, '{}', '{}', case when g.source_id !~ '^[0-9a-f]{{24}}' \
             then \
             left(g.source_id, 200) end, \
                 case when (g.content_hash, g.source_version) = (f.content_hash, f.source_version) \
                     then format('duplicate of row %s: both say the same, and one of them is \
                     read', f.source_row) \
                 else format('duplicate of row %1$s, which is read instead: %2$s%3$s; give each \
                 record an id of its own, or keep one of the rows', \
                     f.source_row, \
                     case when g.source_id ~ '^[0-9a-f]{{24}}' then 'both say the same of all that \
                     tells two records apart' \
                         else 'both have this id' end, \
                     coalesce(', and they differ in ' || (select string_agg(key, ', ' order by \
                     key) from jsonb_each_text(g.content) \
                         where value is distinct from f.content ->> key), '')) end, \
                 g.content \
             from gone g join ranked f on f.source_id = g.source_id and f.rank = 1 \
             cross join generate_series(1, g.weight) order by g.source_row) \
         select coalesce(sum(weight), 0)::bigint, coalesce(array_agg(source_row) filter (where \
         weight > 0), '{{}}') from gone",
        merging.file,
        merging.batch,
        record_type.name,
        RejectCode::DuplicateRecord.as_str(),
    );
    let rejected = transaction.rows::<(BigInt, Array<BigInt>), _>(sql_query(sql)).await?;
    let (rows, gone): (i64, Vec<i64>) = rejected.into_iter().next().unwrap_or_default();
    counts.rejected += rows.unsigned_abs();
    // What the row of a rejected event reports besides, such as time stamps, is dropped with it.
    if record_type == &record::EVENT && !gone.is_empty() {
        let supported = RECORD_TYPES.iter().filter(|record| {
            record.merge == Merge::Shared && record.event() != Need::No && merging.has(record)
        });
        for record in supported {
            let stage = StageTable::Records(record).name();
            let dropped =
                ["delete from ", stage, " where weight = 0 and source_row = any($1)"].concat();
            transaction.execute(sql_query(dropped).bind::<Array<BigInt>, _>(gone.clone())).await?;
        }
    }
    Ok(())
}
