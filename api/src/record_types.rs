//! Record types of GraphQL, as the report shows a single record of them.

use hotwash_report::{FieldKind, RecordField, RecordType, RelatedRecord};

use hotwash_graphql::catalog::{ENTITIES, entity};
use hotwash_graphql::entity::{Entity, Many};
use hotwash_graphql::scalar::ScalarKind;

/// Returns the record type with a name.
pub fn find(name: &str) -> Option<RecordType> {
    let of: &Entity = ENTITIES.iter().find(|entity| entity.name == name)?;
    let fields = of.fields.iter().filter(|field| field.shown);
    let related = of.relations.iter().filter(|relation| relation.many == Many::One);
    Some(RecordType {
        name: of.name,
        description: of.description,
        fields: fields
            .map(|field| RecordField { name: field.name, kind: kind(field.kind) })
            .collect(),
        related: related
            .filter_map(|relation| {
                Some(RelatedRecord {
                    name: relation.name,
                    target: relation.target,
                    named_by: naming(relation.target)?,
                })
            })
            .collect(),
        has_source: of.lineage.is_some(),
    })
}

/// Returns the field that names a related record.
fn naming(target: &str) -> Option<&'static str> {
    let fields = entity(target).ok()?.fields;
    ["name", "text"]
        .into_iter()
        .find(|wanted| fields.iter().any(|field| field.name == *wanted && field.shown))
}

fn kind(kind: ScalarKind) -> FieldKind {
    match kind {
        ScalarKind::Boolean => FieldKind::Boolean,
        ScalarKind::Code(_) => FieldKind::Code,
        _ => FieldKind::Other,
    }
}
