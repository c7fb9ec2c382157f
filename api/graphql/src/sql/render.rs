//! Renders a tree as SQL.

use diesel::QueryResult;

use super::tree::{Aggregate, Column, Comparison, Condition, Expression, Join, JoinKind, Names};
use super::tree::{Order, Select, Source};
use super::value::Value;

/// Maximum number of members of a JSON object in one call. Postgres functions take at most 100
/// arguments.
const MOST_MEMBERS: usize = 45;

/// Receives the output of a rendered tree.
pub trait Out<'b> {
    /// Appends constant SQL.
    fn sql(&mut self, text: &str);

    /// Appends a column of a table by the table's alias.
    fn column(&mut self, table: &str, name: &str) {
        self.sql(table);
        self.sql(".");
        self.sql(name);
    }

    /// Appends a bound value.
    ///
    /// # Errors
    /// Fails when Diesel cannot bind it.
    fn value(&mut self, value: &'b Value) -> QueryResult<()>;
}

/// Part of a statement.
pub trait Render {
    /// Renders the part.
    ///
    /// # Errors
    /// Fails when Diesel cannot bind a value.
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()>;
}

/// Renders parts with a separator between them.
pub fn separated<'b, T: Render>(
    parts: &'b [T],
    separator: &str,
    out: &mut dyn Out<'b>,
) -> QueryResult<()> {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.sql(separator);
        }
        part.render(out)?;
    }
    Ok(())
}

impl Render for Source {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        match self {
            Self::Table(table, alias) => {
                out.sql(table);
                out.sql(" ");
                out.sql(alias);
            }
            Self::Select(select, alias) => {
                out.sql("(");
                select.render(out)?;
                out.sql(") ");
                out.sql(alias);
            }
        }
        Ok(())
    }
}

impl Render for Join {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        out.sql(match self.kind {
            JoinKind::Inner => " join ",
            JoinKind::Left => " left join ",
            JoinKind::LeftLateral => " left join lateral ",
        });
        self.source.render(out)?;
        out.sql(" on ");
        self.on.render(out)
    }
}

impl Render for Order {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        self.by.render(out)?;
        out.sql(" ");
        out.sql(self.direction);
        Ok(())
    }
}

impl Render for Select {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        out.sql("select ");
        if self.columns.is_empty() {
            out.sql("1");
        }
        for (at, column) in self.columns.iter().enumerate() {
            if at > 0 {
                out.sql(", ");
            }
            column.render(out)?;
            match &self.names {
                Names::None => {}
                Names::Numbered(numbers) => {
                    let number = numbers.get(at).copied().unwrap_or(at);
                    out.sql(&[" as c", &number.to_string()].concat());
                }
                Names::Listed(names) => {
                    let name = names.get(at).copied().unwrap_or_default();
                    out.sql(&[" as \"", name, "\""].concat());
                }
            }
        }
        if let Some(from) = &self.from {
            out.sql(" from ");
            from.render(out)?;
        }
        separated(&self.joins, "", out)?;
        clause(" where ", &self.conditions, " and ", out)?;
        clause(" group by ", &self.groups, ", ", out)?;
        clause(" having ", &self.having, " and ", out)?;
        clause(" order by ", &self.order, ", ", out)?;
        if let Some(limit) = self.limit {
            out.sql(" limit ");
            out.sql(&limit.to_string());
        }
        Ok(())
    }
}

/// Writes a clause, unless it is empty.
fn clause<'b, T: Render>(
    word: &str,
    parts: &'b [T],
    separator: &str,
    out: &mut dyn Out<'b>,
) -> QueryResult<()> {
    if parts.is_empty() {
        return Ok(());
    }
    out.sql(word);
    separated(parts, separator, out)
}

impl Render for Condition {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        match self {
            Self::Always(truth) => out.sql(if *truth { "true" } else { "false" }),
            Self::All(list) if list.is_empty() => out.sql("true"),
            Self::Any(list) if list.is_empty() => out.sql("false"),
            Self::All(list) => enclosed(list, " and ", out)?,
            Self::Any(list) => enclosed(list, " or ", out)?,
            Self::Not(inner) => {
                out.sql("not coalesce(");
                inner.render(out)?;
                out.sql(", false)");
            }
            Self::Compare(left, comparison, right) => {
                left.render(out)?;
                out.sql(comparison.sql());
                right.render(out)?;
            }
            Self::Empty(expression) => {
                expression.render(out)?;
                out.sql(" is null");
            }
            Self::Given(expression) => {
                expression.render(out)?;
                out.sql(" is not null");
            }
            Self::In(_, values) if values.is_empty() => out.sql("false"),
            Self::NotIn(_, values) if values.is_empty() => out.sql("true"),
            Self::In(expression, values) => {
                expression.render(out)?;
                out.sql(" in (");
                separated(values, ", ", out)?;
                out.sql(")");
            }
            Self::NotIn(expression, values) => {
                out.sql("(");
                expression.render(out)?;
                out.sql(" is null or ");
                expression.render(out)?;
                out.sql(" not in (");
                separated(values, ", ", out)?;
                out.sql("))");
            }
            Self::Contains(expression, value) => {
                out.sql("strpos(");
                render_folded(expression, value, out)?;
                out.sql(") > 0");
            }
            Self::StartsWith(expression, value) => {
                out.sql("starts_with(");
                render_folded(expression, value, out)?;
                out.sql(")");
            }
            Self::Exists(select) => {
                out.sql("exists (");
                select.render(out)?;
                out.sql(")");
            }
            Self::Holds(expression) => expression.render(out)?,
        }
        Ok(())
    }
}

/// Writes a text and a searched text without the difference of case. Postgres makes `i` of the
/// dotted capital I, so that a search for it would find every i. Where it is searched, it is
/// therefore folded as Unicode says: to an i with a dot above.
fn render_folded<'b>(
    text: &'b Expression,
    searched: &'b Value,
    out: &mut dyn Out<'b>,
) -> QueryResult<()> {
    let (before, after) = match searched {
        Value::Text(text) if text.contains(['\u{130}', '\u{307}']) => {
            ("lower(replace(", ", U&'\\0130', U&'i\\0307'))")
        }
        _ => ("lower(", ")"),
    };
    out.sql(before);
    text.render(out)?;
    out.sql(after);
    out.sql(", ");
    out.sql(before);
    out.value(searched)?;
    out.sql(after);
    Ok(())
}

fn enclosed<'b>(list: &'b [Condition], separator: &str, out: &mut dyn Out<'b>) -> QueryResult<()> {
    out.sql("(");
    separated(list, separator, out)?;
    out.sql(")");
    Ok(())
}

impl Render for Value {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        out.value(self)
    }
}

impl Comparison {
    fn sql(self) -> &'static str {
        match self {
            Self::Equal => " = ",
            Self::Unequal => " <> ",
            Self::Distinct => " is distinct from ",
            Self::Less => " < ",
            Self::LessOrEqual => " <= ",
            Self::Greater => " > ",
            Self::GreaterOrEqual => " >= ",
        }
    }
}

impl Render for Column {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        out.column(&self.table, self.name);
        Ok(())
    }
}

impl Render for Expression {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        match self {
            Self::Column(column) => column.render(out)?,
            Self::Output(table, at) => out.column(table, &["c", &at.to_string()].concat()),
            Self::Value(value) => out.value(value)?,
            Self::Sql(text) => out.sql(text),
            Self::Number(number) => out.sql(&number.to_string()),
            Self::Parts(list) => separated(list, "", out)?,
            Self::Cast(inner, to) => {
                out.sql("(");
                inner.render(out)?;
                out.sql(")::");
                out.sql(to);
            }
            Self::Object(members) => render_object(members, out)?,
            Self::Aggregate(aggregate) => aggregate.render(out)?,
            Self::Condition(condition) => condition.render(out)?,
            Self::Select(select) => {
                out.sql("(");
                select.render(out)?;
                out.sql(")");
            }
        }
        Ok(())
    }
}

fn render_object<'b>(members: &'b [(Value, Expression)], out: &mut dyn Out<'b>) -> QueryResult<()> {
    if members.len() <= MOST_MEMBERS {
        return render_members("json_build_object(", members, out);
    }
    out.sql("(");
    for (at, chunk) in members.chunks(MOST_MEMBERS).enumerate() {
        if at > 0 {
            out.sql(" || ");
        }
        render_members("jsonb_build_object(", chunk, out)?;
    }
    out.sql(")::json");
    Ok(())
}

fn render_members<'b>(
    function: &str,
    members: &'b [(Value, Expression)],
    out: &mut dyn Out<'b>,
) -> QueryResult<()> {
    out.sql(function);
    for (at, (name, member)) in members.iter().enumerate() {
        if at > 0 {
            out.sql(", ");
        }
        out.value(name)?;
        out.sql(", ");
        member.render(out)?;
    }
    out.sql(")");
    Ok(())
}

impl Render for Aggregate {
    fn render<'b>(&'b self, out: &mut dyn Out<'b>) -> QueryResult<()> {
        let (function, over) = match self {
            Self::Count => {
                out.sql("count(*)");
                return Ok(());
            }
            Self::WholeMean(over) => {
                out.sql("sum(");
                over.render(out)?;
                out.sql(")::double precision / nullif(count(");
                over.render(out)?;
                out.sql("), 0)");
                return Ok(());
            }
            Self::Percentile(share, over) => {
                out.sql("percentile_cont(");
                out.value(share)?;
                out.sql(") within group (order by ");
                over.render(out)?;
                out.sql(")");
                return Ok(());
            }
            Self::Distinct(over) => ("count(distinct ", over),
            Self::Sum(over) => ("sum(", over),
            Self::Mean(over) => ("avg(", over),
            Self::Least(over) => ("min(", over),
            Self::Greatest(over) => ("max(", over),
        };
        out.sql(function);
        over.render(out)?;
        out.sql(")");
        Ok(())
    }
}
