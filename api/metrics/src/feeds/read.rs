//! Reads the state of the expected feeds from the warehouse.

use chrono::NaiveDate;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, Text};
use hotwash_schema::SchemaError;
use hotwash_schema::copy::RunStatement;
use hotwash_schema::nearest::choices;

use super::expectation::{Expectation, expected};
use super::feed::Feed;
use crate::snapshot::RegionEntry;
use crate::sql::sql;

/// Number of the expected feed from 1, newest record, records, missing headings, and tables.
type Columns = (BigInt, Nullable<Date>, BigInt, Array<Text>, Array<Text>);
type Found = (i64, Option<NaiveDate>, i64, Vec<String>, Vec<String>);

/// Returns the expected feeds, in the order of the file.
///
/// # Errors
/// Fails when the database does not answer, or a region is not one of `regions`.
pub(crate) async fn read(
    connection: &impl RunStatement,
    regions: &[&RegionEntry],
) -> Result<Vec<Feed>, SchemaError> {
    let pairs: Vec<(&Expectation, Option<&String>)> =
        expected().iter().flat_map(|one| by_region(one).map(move |region| (one, region))).collect();
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let known = |code: &str| regions.iter().find(|region| region.code == code);
    let unknown = pairs.iter().find(|(_, region)| region.is_some_and(|code| known(code).is_none()));
    if let Some((one, Some(region))) = unknown {
        let codes: Vec<&str> = regions.iter().map(|region| region.code.as_str()).collect();
        return Err(SchemaError::Setting(format!(
            "{}: region {region} is not known{}",
            one.position,
            choices(region, codes.iter().copied())
        )));
    }
    let texts = |text: fn(&Expectation, Option<&String>) -> String| -> Vec<String> {
        pairs.iter().map(|(one, region)| text(one, *region)).collect()
    };
    let (months, days): (Vec<i32>, Vec<i32>) =
        pairs.iter().map(|(one, _)| one.cadence.parts()).unzip();
    let statement = sql_query(sql!("feeds.sql"))
        .bind::<Array<Text>, _>(texts(|one, _| one.source.clone()))
        .bind::<Array<Text>, _>(texts(|_, region| region.cloned().unwrap_or_default()))
        .bind::<Array<Integer>, _>(months)
        .bind::<Array<Integer>, _>(days)
        .bind::<Array<Text>, _>(texts(|one, _| one.headings.join("\n")));
    let found: Vec<Found> = connection.rows::<Columns, _>(statement).await?;
    let feeds = pairs.into_iter().zip(found).map(
        |((one, region), (_, newest, records, missing_headings, tables))| Feed {
            source: one.source.clone(),
            source_name: one.name.clone(),
            region: region.cloned(),
            region_name: region.and_then(|code| known(code)).map(|region| region.label()),
            cadence: one.cadence,
            volume: one.volume,
            newest,
            records: records.unsigned_abs(),
            missing_headings,
            tables,
        },
    );
    Ok(feeds.collect())
}

/// Returns the regions of an expectation; one `None` if it names none.
fn by_region(one: &Expectation) -> impl Iterator<Item = Option<&String>> {
    let all = one.regions.is_empty().then_some(None);
    one.regions.iter().map(Some).chain(all)
}
