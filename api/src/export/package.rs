//! Describes exported files as a Frictionless Data Package: columns with types, and keys.
//! <https://specs.frictionlessdata.io/tabular-data-package/>

use std::collections::BTreeSet;

use hotwash_graphql::scalar::ScalarKind;
use serde_json::{Map, Value, json};

use super::Format;
use super::cell::ExportOptions;
use super::file::{ExportFile, FileColumn, FileRows, FileValue, of_entity};

/// Name of the file that describes a package.
pub const PACKAGE: &str = "datapackage.json";

/// Returns the description of a package of these files.
pub fn describe(files: &[&ExportFile], options: ExportOptions) -> Value {
    let included: BTreeSet<&str> = files.iter().map(|file| file.name).collect();
    let resources = files.iter().map(|file| resource(file, &included, options.format));
    let mut package = json!({
        "name": "hotwash",
        "title": "After-action records",
        "resources": resources.collect::<Vec<_>>(),
    });
    if options.format == Format::Csv {
        package["profile"] = json!("tabular-data-package");
        if !options.keeps_formulas {
            package["description"] = json!(
                "An apostrophe precedes each text that a spreadsheet would run as a formula."
            );
        }
    }
    package
}

fn resource(file: &ExportFile, included: &BTreeSet<&str>, format: Format) -> Value {
    let media_type = format.media_type().split(';').next().unwrap_or_default();
    let mut resource = json!({
        "name": resource_name(file.name),
        "path": format!("{}.{}", file.name, format.ending()),
        "description": file.description,
        "format": format.ending(),
        "mediatype": media_type,
        "schema": schema(file, included),
    });
    if format == Format::Csv {
        resource["profile"] = json!("tabular-data-resource");
        resource["encoding"] = json!("utf-8");
    }
    resource
}

/// Turns `correctiveActions` into `corrective-actions`, because a resource has a lower-case name.
fn resource_name(name: &str) -> String {
    name.chars().fold(String::new(), |mut text, letter| {
        if letter.is_ascii_uppercase() {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
        text
    })
}

fn schema(file: &ExportFile, included: &BTreeSet<&str>) -> Value {
    let primary_key: Vec<&str> = match file.rows {
        FileRows::Records(_) => vec!["id"],
        FileRows::Links(_) => file.columns.iter().map(|column| column.name).collect(),
    };
    let foreign_keys = file.references().filter_map(|reference| {
        let target = of_entity(reference.target)?.name;
        included.contains(target).then(|| {
            // An empty name means the file itself.
            let resource = if target == file.name { String::new() } else { resource_name(target) };
            json!({
                "fields": [reference.name],
                "reference": { "resource": resource, "fields": ["id"] },
            })
        })
    });
    json!({
        "fields": file.columns.iter().map(field).collect::<Vec<_>>(),
        "primaryKey": primary_key,
        "foreignKeys": foreign_keys.collect::<Vec<_>>(),
    })
}

fn field(column: &FileColumn) -> Value {
    let mut constraints = Map::new();
    if column.required {
        constraints.insert("required".into(), json!(true));
    }
    if matches!(column.value, FileValue::Id) {
        constraints.insert("unique".into(), json!(true));
    }
    if let ScalarKind::Code(list) = column.kind {
        constraints.insert("enum".into(), json!(list.codes));
    }
    json!({
        "name": column.name,
        "type": field_type(column.kind),
        "description": column.description,
        "constraints": constraints,
    })
}

fn field_type(kind: ScalarKind) -> &'static str {
    match kind {
        ScalarKind::Text | ScalarKind::Texts | ScalarKind::Code(_) => "string",
        ScalarKind::Int | ScalarKind::Long | ScalarKind::Id(_) => "integer",
        ScalarKind::Float => "number",
        ScalarKind::Boolean => "boolean",
        ScalarKind::Date => "date",
        ScalarKind::DateTime => "datetime",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_resource_has_a_lower_case_name() {
        assert_eq!(super::resource_name("correctiveActions"), "corrective-actions");
    }
}
