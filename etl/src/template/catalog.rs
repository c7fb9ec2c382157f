//! The templates, as the record types describe them. Their example rows refer to each other. They
//! load in this order once they have real ids.

use std::sync::LazyLock;

use hotwash_schema::record::RECORD_TYPES;

use super::Template;

/// Prefix of ids in example rows; rows that still have it are rejected.
pub const EXAMPLE_ID: &str = "EXAMPLE-";

/// All templates, in the recommended order of loading.
pub static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let mut described: Vec<_> =
        RECORD_TYPES.iter().filter_map(|record| Some((record.template?, *record))).collect();
    described.sort_by_key(|(template, _)| template.order);
    described
        .into_iter()
        .map(|(template, record)| Template {
            name: template.name,
            about: template.about,
            columns: record.template_columns().collect(),
            record,
        })
        .collect()
});
