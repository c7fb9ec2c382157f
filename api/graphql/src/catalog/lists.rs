//! Lists of the records that reference a row: by a column, by a link table, or through their event.

use hotwash_schema::record::EVENT;

use super::additions::ADDITIONS;
use super::record_table::{RecordTable, record_tables};
use super::words::{camel, key, leaked, pascal};
use crate::entity::{Link, Relation, list};
use crate::names::title;

/// Returns the lists of the records that reference a row of a table.
pub fn lists_of(table: &str) -> Vec<Relation> {
    let mut lists = direct(table);
    for list in linked(table).into_iter().chain(of_events(table)) {
        // A record's own reference counts before that of its event.
        if lists.iter().all(|known| known.name != list.name) {
            lists.push(list);
        }
    }
    lists
}

/// Returns the lists of the records whose columns reference the table.
fn direct(table: &str) -> Vec<Relation> {
    let columns = record_tables().flat_map(|of| of.columns().map(move |column| (of, column)));
    let referencing = columns.filter(|(_, (column, _))| column.references == Some(table));
    let lists = referencing.map(|(of, (column, stored))| {
        let name = camel(RecordTable::relation_name(column, stored.name));
        let about = about(of, &[" whose `", name, "` this is."]);
        let plural = column.api.reverse.unwrap_or(of.plural());
        let list = list(camel(plural), pascal(of.name()), stored.name, about).to("", key(table));
        // Indexes by organization leave out the records without one.
        if table == "organization" { list.skipping_none() } else { list }
    });
    lists.collect()
}

/// Returns the lists of the records whose link tables reference the table.
fn linked(table: &str) -> Vec<Relation> {
    let mut lists = Vec::new();
    for of in record_tables() {
        for (name, column, link) in links(of, table) {
            let about = about(of, &[" among whose `", name, "` this is."]);
            let list = list(camel(of.plural()), pascal(of.name()), column, about);
            lists.push(Relation { link: Some(link), ..list });
        }
    }
    lists
}

/// Returns the lists of the records whose event references the table.
fn of_events(table: &str) -> Vec<Relation> {
    let event = RecordTable { record: &EVENT, part: None };
    let own = event.columns().find(|(column, _)| column.references == Some(table));
    let (name, how, column, link) = match own {
        Some((column, stored)) => {
            let name = camel(RecordTable::relation_name(column, stored.name));
            let link = Link { table: "warehouse.event", column: "event_id", only: None };
            (name, " of events whose `", stored.name, link)
        }
        None => match links(event, table).into_iter().next() {
            Some((name, column, link)) => (name, " of events among whose `", column, link),
            None => return Vec::new(),
        },
    };
    let lists = record_tables().filter(|of| of.is_of_event()).map(|of| {
        let about = about(of, &[how, name, "` this is."]);
        let list = list(camel(of.plural()), pascal(of.name()), column, about);
        Relation { link: Some(link), ..list }
    });
    lists.collect()
}

/// Returns the link tables between a record and a table: the name of the relation, the column that
/// references the table, and the link to the record.
fn links(of: RecordTable, table: &str) -> Vec<(&'static str, &'static str, Link)> {
    let own = |column: &str| column == key(of.record.name);
    let additions = ADDITIONS.iter().filter(|addition| addition.table == of.name());
    let relations = additions.flat_map(|addition| addition.relations);
    let links = relations.filter_map(|relation| {
        let link = relation.link.filter(|link| link.column == key(table))?;
        let back = Link { column: relation.column, ..link };
        own(relation.column).then_some((relation.name, link.column, back))
    });
    links.collect()
}

/// Returns the description of a list.
fn about(of: RecordTable, rest: &[&str; 3]) -> &'static str {
    leaked(title(&of.plural().replace('_', " ")) + &rest.concat())
}
