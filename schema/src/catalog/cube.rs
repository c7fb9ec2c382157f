//! Generates a Cube data model: one cube per view, joined to its dimensions, with measures that are
//! correct over every grouping.
//!
//! Cube requires a primary key in every cube that joins another, and a single path between two
//! cubes. So only facts, the bridge and metrics have joins. A fact of events has one row per event
//! and region; its measures are weighted, so that regions add up to the state.

use std::fmt::Write;

use super::{Additivity, BiColumn, BiRelation, SHARES, quoted};

/// Returns the model as YAML.
pub fn cube(relations: &[BiRelation]) -> String {
    let mut out = String::from("cubes:\n");
    let mut roles: Vec<String> = Vec::new();
    for relation in relations {
        let cube = Cube { relation, weighted: relation.counts_by_event_region() };
        cube.write(&mut out);
        roles.extend(cube.joins().into_iter().filter_map(|join| join.role));
    }
    roles.sort();
    roles.dedup();
    for role in roles {
        let _ = writeln!(
            out,
            "  - name: dim_date_{role}\n    extends: dim_date\n    title: Date {role}"
        );
    }
    out
}

/// Name of the key dimension of a cube whose key has several columns.
const ROW_KEY: &str = "row_key";

struct Cube<'a> {
    relation: &'a BiRelation,
    /// The view has one row per event and region, with a weight.
    weighted: bool,
}

/// Join to a dimension.
struct Join {
    column: String,
    dimension: &'static str,
    key: &'static str,
    /// Role of the date, if the view has several; none for the first.
    role: Option<String>,
}

impl Join {
    /// Returns the name of the joined cube.
    fn target(&self) -> String {
        self.role
            .as_ref()
            .map_or_else(|| self.dimension.to_owned(), |role| format!("{}_{role}", self.dimension))
    }
}

impl Cube<'_> {
    fn write(&self, out: &mut String) {
        let relation = self.relation;
        let from = if self.weighted {
            let select = "SELECT f.*, COALESCE(b.region_id, -1) AS region_id, \
                COALESCE(b.allocation_weight, 1) AS allocation_weight";
            let join = "LEFT JOIN bi.bridge_event_region b ON b.event_id = f.event_id";
            format!("sql: \"{select} FROM bi.{} f {join}\"", relation.name)
        } else {
            format!("sql_table: bi.{}", relation.name)
        };
        let mut description = relation.comment.clone();
        if self.weighted {
            description += " One row for each region of the event: measures are weighted, so that \
                regions add up to the state.";
        }
        let _ = writeln!(
            out,
            "  - name: {}\n    {from}\n    description: {}",
            relation.name,
            text(&description)
        );
        let joins = self.joins();
        if !joins.is_empty() {
            let _ = writeln!(out, "    joins:");
        }
        for join in &joins {
            let (target, column, key) = (join.target(), &join.column, join.key);
            let on = format!("\"{{CUBE}}.{column} = {{{target}}}.{key}\"");
            let _ = writeln!(
                out,
                "      - name: {target}\n        relationship: many_to_one\n        sql: {on}"
            );
        }
        self.dimensions(out);
        self.measures(out);
    }

    /// Returns one join per dimension, and one per date if there are several.
    fn joins(&self) -> Vec<Join> {
        let relation = self.relation;
        if relation.name.starts_with("dim_") {
            return Vec::new();
        }
        let mut joins: Vec<Join> = Vec::new();
        for (column, dimension, key) in relation.joins() {
            let role = column.name.strip_suffix("_date_key").map(ToOwned::to_owned);
            joins.push(Join { column: column.name.clone(), dimension, key, role });
        }
        let mut add = |column: &str, dimension, key| {
            joins.push(Join { column: column.to_owned(), dimension, key, role: None });
        };
        if relation.key() == ["event_id"] {
            add("event_id", "dim_event", "event_id");
        }
        if self.weighted {
            add("region_id", "dim_region", "region_id");
        }
        joins
    }

    fn dimensions(&self, out: &mut String) {
        let mut key = self.relation.key();
        if self.weighted {
            key.push("region_id");
        }
        let _ = writeln!(out, "    dimensions:");
        if key.len() > 1 {
            let parts: Vec<String> =
                key.iter().map(|column| format!("{{CUBE}}.{column}")).collect();
            let sql = format!("\"CONCAT_WS('-', {})\"", parts.join(", "));
            let _ = writeln!(
                out,
                "      - name: {ROW_KEY}\n        sql: {sql}\n        type: string\n        \
                 primary_key: true"
            );
        }
        for column in self.relation.columns.iter().filter(|column| !self.is_measure(column)) {
            dimension(out, column);
            if key == [column.name.as_str()] {
                let _ = writeln!(out, "        primary_key: true\n        public: true");
            }
        }
        if self.weighted {
            let comment = "Region of the event, -1 for none; joins dim_region.".to_owned();
            dimension(
                out,
                &BiColumn { name: "region_id".into(), data_type: "integer".into(), comment },
            );
        }
    }

    fn is_measure(&self, column: &BiColumn) -> bool {
        self.relation.additivity(column) != Additivity::None
    }

    fn measures(&self, out: &mut String) {
        let _ = writeln!(out, "    measures:");
        if self.weighted {
            let about = "Records; one of an event in several regions is split by its weights.";
            measure(out, "row_count", "sum", Some("{CUBE}.allocation_weight"), about);
            let own = self.relation.key().join(" || '-' || {CUBE}.");
            let about = "Records, each counted once; never add it up over regions.";
            measure(
                out,
                "distinct_count",
                "count_distinct",
                Some(&format!("{{CUBE}}.{own}")),
                about,
            );
        } else {
            measure(out, "row_count", "count", None, "Rows.");
        }
        for column in &self.relation.columns {
            self.measure_of(out, column);
        }
        let has = |name: &str| self.relation.columns.iter().any(|column| column.name == name);
        for share in SHARES.iter().filter(|share| has(share.part) && has(share.whole)) {
            let sql = format!("1.0 * {{{}}} / NULLIF({{{}}}, 0)", share.part, share.whole);
            measure(out, share.name, "number", Some(&sql), share.meaning);
        }
    }

    fn measure_of(&self, out: &mut String, column: &BiColumn) {
        let (name, about) = (&column.name, &column.comment);
        let own = format!("{{CUBE}}.{name}");
        let weight = "{CUBE}.allocation_weight";
        match (self.relation.additivity(column), self.weighted) {
            (Additivity::None, _) => {}
            (Additivity::Additive, false) => measure(out, name, "sum", Some(&own), about),
            (Additivity::Additive, true) => {
                measure(out, name, "sum", Some(&format!("{own} * {weight}")), about)
            }
            (Additivity::Averaged, false) => measure(out, name, "avg", Some(&own), about),
            (Additivity::Averaged, true) => {
                let sql = format!(
                    "SUM({own} * {weight}) / NULLIF(SUM(CASE WHEN {own} IS NOT NULL THEN {weight} \
                     END), 0)"
                );
                measure(out, name, "number", Some(&sql), about);
            }
            (Additivity::OverRegions, _) => {
                let sql =
                    format!("CASE WHEN COUNT(DISTINCT {{CUBE}}.date_key) = 1 THEN SUM({own}) END");
                measure(
                    out,
                    name,
                    "number",
                    Some(&sql),
                    &format!("{about} Empty where several days meet."),
                );
            }
            (Additivity::Published, _) => {
                let sql = format!("CASE WHEN COUNT(*) = 1 THEN MAX({own}) END");
                measure(
                    out,
                    name,
                    "number",
                    Some(&sql),
                    &format!("{about} Empty where several published rows meet."),
                );
            }
        }
    }
}

fn dimension(out: &mut String, column: &BiColumn) {
    let (name, about) = (&column.name, text(&column.comment));
    let sql = format!("\"{{CUBE}}.{name}\"");
    let _ = writeln!(
        out,
        "      - name: {name}\n        sql: {sql}\n        type: {}\n        description: {about}",
        kind(column)
    );
}

fn measure(out: &mut String, name: &str, kind: &str, sql: Option<&str>, about: &str) {
    let _ = writeln!(
        out,
        "      - name: {name}\n        type: {kind}\n        description: {}",
        text(about)
    );
    if let Some(sql) = sql {
        let _ = writeln!(out, "        sql: {}", quoted(sql));
    }
}

/// Returns a description with escaped braces, which Cube treats as references.
fn text(text: &str) -> String {
    quoted(&text.replace('{', "\\{").replace('}', "\\}"))
}

fn kind(column: &BiColumn) -> &'static str {
    match column.data_type.as_str() {
        "boolean" => "boolean",
        "date" | "timestamp with time zone" => "time",
        "integer" | "bigint" | "smallint" | "double precision" | "numeric" => "number",
        _ => "string",
    }
}
