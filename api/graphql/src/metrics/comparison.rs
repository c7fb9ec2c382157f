//! Regions compared with the state.

use async_graphql::dynamic::{Enum, Field, Object, SchemaBuilder, TypeRef};
use hotwash_metrics::{Comparison, FUNNEL_POSITION};
use serde_json::{Value as Json, json};

use super::answer::{row_json, with_value};
use crate::objects::enum_of;
use crate::value::{by_name, json_by_name};

/// Registers the types of comparisons.
pub fn register(schema: SchemaBuilder) -> SchemaBuilder {
    let number = |name: &str, description: &str| {
        Field::new(name, TypeRef::named(TypeRef::FLOAT), by_name).description(description)
    };
    let position: Enum = enum_of(&FUNNEL_POSITION);
    let comparison = Object::new("RegionComparison")
        .description(
            "A region compared with the state, with the funnel within which regions differ by \
             chance alone.",
        )
        .field(
            Field::new("region", TypeRef::named_nn(TypeRef::STRING), by_name)
                .description("Region code."),
        );
    let comparison = with_value(comparison, by_name)
        .field(number("state", "Statewide value."))
        .field(number("difference", "Region less state."))
        .field(number("funnelLow", "Lower 95% funnel limit around the state's share."))
        .field(number("funnelHigh", "Upper 95% funnel limit."))
        .field(number("funnelLow998", "Lower 99.8% funnel limit."))
        .field(number("funnelHigh998", "Upper 99.8% funnel limit."))
        .field(
            Field::new("funnelPosition", TypeRef::named_nn(FUNNEL_POSITION.name), by_name)
                .description("Position in relation to the 99.8% funnel."),
        )
        .field(
            Field::new("extra", TypeRef::named_nn("JSON"), json_by_name)
                .description("Further values of the metric, by name."),
        );
    schema.register(position).register(comparison)
}

/// Returns a comparison as JSON.
pub fn comparison_json(one: &Comparison) -> Json {
    let mut json = row_json(&one.row);
    json["region"] = one.region.clone().into();
    json["state"] = json!(one.state);
    json["difference"] = json!(one.difference);
    for (low, high, funnel) in [
        ("funnelLow", "funnelHigh", one.funnel),
        ("funnelLow998", "funnelHigh998", one.wide_funnel),
    ] {
        json[low] = json!(funnel.map(|(low, _)| low));
        json[high] = json!(funnel.map(|(_, high)| high));
    }
    json["funnelPosition"] = one.funnel_position.into();
    json
}
