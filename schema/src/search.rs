//! Full-text search: the words of a record, which an index of its table holds, and the text from
//! which excerpts are taken. Words are English stems without stop words, from the first 200,000
//! characters, because Postgres rejects longer lists of words. Those of the first column weigh
//! more.

use crate::formula::Formula::{self, Column, Parts, Sql};
use crate::formula::own;

/// Searched text of a record type.
#[derive(Clone, Copy, Debug)]
pub struct SearchText {
    /// Words with their weights. An index of the table has the same expression.
    pub words: Formula,
    /// Title of a hit.
    pub title: Formula,
    /// Text from which excerpts are taken.
    pub text: Formula,
}

/// Joins further columns, which may be empty.
macro_rules! further {
    ($column:literal $(, $more:literal)*) => {
        Parts(&[
            Sql("coalesce("), Column("", $column), Sql(", '')"),
            $(Sql(" || ' ' || coalesce("), Column("", $more), Sql(", '')"),)*
        ])
    };
}

/// Describes the searched text of a table: its first column, and further ones.
macro_rules! search_text {
    ($first:literal $(, $more:literal)+) => {
        SearchText {
            words: Parts(&[
                Sql("(setweight(to_tsvector('english', left("),
                Column("", $first),
                Sql(", 200000)), 'A') || setweight(to_tsvector('english', left("),
                further!($($more),+),
                Sql(", 200000)), 'B'))"),
            ]),
            title: own($first),
            text: Parts(&[Column("", $first), Sql(" || ' ' || "), further!($($more),+)]),
        }
    };
}

/// Name and narrative of events.
pub const EVENT: SearchText = search_text!("name", "narrative");
/// Text of findings, with analysis, recommendation and reference.
pub const FINDING: SearchText = search_text!("text", "analysis", "recommendation", "reference");
/// Text of corrective actions, with the area for improvement.
pub const CORRECTIVE_ACTION: SearchText = search_text!("text", "issue");

/// Searched tables of the schema `warehouse`.
pub const SEARCHED: [(&str, SearchText); 3] =
    [("finding", FINDING), ("corrective_action", CORRECTIVE_ACTION), ("event", EVENT)];
