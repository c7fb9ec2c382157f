//! A plan as SQL that distributed engines take: plain expressions over whole numbers, written once for all of them.
//!
//! Days are DATE columns, and become days since 1970; flags are 0 or 1; sets are labels joined by `+`.

use crate::ask::Grain;
use crate::cube::{Condition, Measure, Order, Plan, Term};
use crate::snapshot::{Kind, table};

/// The statement of a plan over a table that the engine knows by this name: the count, the keys, the measures.
pub fn statement(plan: &Plan, source: &str) -> String {
    let keys: Vec<String> = plan.keys.iter().map(|(_, term)| value(plan.table, term)).collect();
    let mut selected = vec!["count(*) as n".to_owned()];
    selected.extend(keys.iter().enumerate().map(|(at, key)| format!("{key} as key{at}")));
    let measures = plan.measures.iter().enumerate();
    selected.extend(measures.map(|(at, (_, measure))| format!("{} as measure{at}", aggregate(plan.table, measure))));
    let grouped = if keys.is_empty() { String::new() } else { format!(" group by {}", keys.join(", ")) };
    format!("select {} from {source}{}{grouped}", selected.join(", "), only(plan))
}

/// The statement of the smallest different values of a column among the records that a plan counts.
pub fn smallest(plan: &Plan, source: &str, column: &str, first: usize) -> String {
    format!("select distinct {column} as key0 from {source}{} order by key0 limit {first}", only(plan))
}

fn only(plan: &Plan) -> String {
    if plan.only.is_empty() {
        return String::new();
    }
    let conditions: Vec<String> = plan.only.iter().map(|condition| test(plan.table, condition)).collect();
    format!(" where {}", conditions.join(" and "))
}

fn aggregate(of: &str, measure: &Measure) -> String {
    match measure {
        Measure::Sum(term) => format!("sum(cast({} as bigint))", value(of, term)),
        Measure::Count(condition) => {
            format!("sum(cast(case when {} then 1 else 0 end as bigint))", test(of, condition))
        }
        Measure::Largest(term) => format!("max({})", value(of, term)),
        Measure::Smallest(term) => format!("min({})", value(of, term)),
    }
}

fn value(of: &str, term: &Term) -> String {
    match term {
        Term::Column(name) if table(of).kind(name) == Some(Kind::Day) => {
            format!("datediff({name}, date '1970-01-01')")
        }
        Term::Column(name) => (*name).to_owned(),
        Term::Number(number) => format!("({number})"),
        Term::Period(name, grain) => {
            let month = format!("(extract(year from {name}) * 12 + extract(month from {name}) - 1)");
            let into = |months: i64, shift: i64| format!("({month} - ({month} + {shift}) % {months})");
            match grain {
                Grain::Month => month,
                Grain::Quarter => into(3, 0),
                Grain::Year => into(12, 0),
                Grain::FiscalYear => into(12, 6),
            }
        }
        Term::Less(one, other) => format!("({} - {})", value(of, one), value(of, other)),
        Term::AtLeast(one, other) => {
            let (one, other) = (value(of, one), value(of, other));
            format!("case when {one} < {other} then {other} else {one} end")
        }
        Term::Else(one, other) => format!("coalesce({}, {})", value(of, one), value(of, other)),
        Term::When(condition, one, other) => {
            format!("case when {} then {} else {} end", test(of, condition), value(of, one), value(of, other))
        }
        Term::Missing => "null".to_owned(),
    }
}

fn test(of: &str, condition: &Condition) -> String {
    let joined = |list: &[Condition], with: &str, nothing: &str| match list {
        [] => nothing.to_owned(),
        list => format!("({})", list.iter().map(|one| test(of, one)).collect::<Vec<_>>().join(with)),
    };
    let any =
        |tests: Vec<String>| if tests.is_empty() { "false".to_owned() } else { format!("({})", tests.join(" or ")) };
    match condition {
        Condition::Compare(one, order, other) => {
            let sign = match order {
                Order::Equal => "=",
                Order::Under => "<",
                Order::UpTo => "<=",
            };
            format!("({} {sign} {})", value(of, one), value(of, other))
        }
        Condition::OneOf(_, numbers) if numbers.is_empty() => "false".to_owned(),
        Condition::OneOf(name, numbers) => {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            format!("({name} in ({}))", numbers.join(", "))
        }
        Condition::Named(name, names) => any(names.iter().map(|text| format!("{name} = {}", literal(text))).collect()),
        Condition::Holds(name, names) => any(names
            .iter()
            .filter(|text| !text.contains('+'))
            .map(|text| format!("instr(concat('+', {name}, '+'), {}) > 0", literal(&format!("+{text}+"))))
            .collect()),
        Condition::Known(term) => format!("({} is not null)", value(of, term)),
        Condition::All(list) => joined(list, " and ", "true"),
        Condition::Any(list) => joined(list, " or ", "false"),
        Condition::Not(one) => format!("(not {})", test(of, one)),
    }
}

/// A text without quotation marks or backslashes, on which dialects differ: those stand as their codes.
fn literal(text: &str) -> String {
    if !text.contains(['\'', '\\']) {
        return format!("'{text}'");
    }
    let pieces = text.chars().map(|letter| match letter {
        '\'' | '\\' => format!("chr({})", u32::from(letter)),
        other => format!("'{other}'"),
    });
    format!("concat({})", pieces.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::{literal, statement};
    use crate::ask::Grain;
    use crate::cube::{Condition, Cube, Plan, Term, column, is, whole};

    #[test]
    fn a_plan_is_one_plain_statement() {
        let cube = Cube::of("ratings").sums(&["good"]).count("held", is("held"));
        let plan = Plan {
            table: "ratings",
            only: vec![
                column("local_date").up_to(whole(20_000)),
                Condition::Holds("regions", vec!["4C".into()]),
                Condition::Named("capability", vec!["it's".into()]),
            ],
            keys: vec![("regions", column("regions")), ("period", Term::Period("local_date", Grain::Quarter))],
            measures: cube.measures,
        };
        insta::assert_snapshot!(statement(&plan, "ratings"), @"select count(*) as n, regions as key0, ((extract(year from local_date) * 12 + extract(month from local_date) - 1) - ((extract(year from local_date) * 12 + extract(month from local_date) - 1) + 0) % 3) as key1, sum(cast(good as bigint)) as measure0, sum(cast(case when (held in (1)) then 1 else 0 end as bigint)) as measure1 from ratings where (datediff(local_date, date '1970-01-01') <= (20000)) and (instr(concat('+', regions, '+'), '+4C+') > 0) and (capability = concat('i', 't', chr(39), 's')) group by regions, ((extract(year from local_date) * 12 + extract(month from local_date) - 1) - ((extract(year from local_date) * 12 + extract(month from local_date) - 1) + 0) % 3)");
    }

    #[test]
    fn no_text_leaves_its_quotation_marks() {
        for text in ["a' or '1' = '1", "\\", "'"] {
            let made = literal(text);
            assert!(!made.contains("' or '1") && !made.contains("'''") && !made.contains('\\'), "{made}");
        }
    }
}
