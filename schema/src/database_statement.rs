//! Statements about databases, which take no bound values. Names are quoted as identifiers.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

/// Statement about a database of this name.
pub(crate) enum DatabaseStatement<'a> {
    /// Creates the database.
    Create(&'a str),
    /// Creates it as a copy of a template.
    CreateFrom(&'a str, &'a str),
    /// Marks it as a template.
    MarkTemplate(&'a str),
    /// Drops it, if it exists, and ends its connections.
    Drop(&'a str),
}

impl QueryId for DatabaseStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for DatabaseStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        let (command, name) = match self {
            Self::Create(name) | Self::CreateFrom(name, _) => ("create database ", name),
            Self::MarkTemplate(name) => ("alter database ", name),
            Self::Drop(name) => ("drop database if exists ", name),
        };
        out.push_sql(command);
        out.push_identifier(name)?;
        match self {
            Self::Create(_) => {}
            Self::CreateFrom(_, template) => {
                out.push_sql(" template ");
                out.push_identifier(template)?;
            }
            Self::MarkTemplate(_) => out.push_sql(" with is_template true"),
            Self::Drop(_) => out.push_sql(" with (force)"),
        }
        Ok(())
    }
}
