//! Lists the reference files. Files come after the files that they reference.

use super::file::{ReferenceFile, ReferenceKind, optional, required};
use crate::record::RECORD_TYPES;
use crate::vocabulary::{CrosswalkRelation, ExerciseClass, RequirementScope};

/// Adds the unmapped member of every dimension, so that a join never loses a fact; region 0 is
/// statewide. Lists merged by their codes have statements of their own.
pub const UNMAPPED: &[&str] = &[
    "insert into warehouse.region_scheme values (-1, 'NONE', 'No scheme') on conflict do nothing",
    "insert into warehouse.region (region_id, region_scheme_id, code, name, short_name) values \
        (-1, -1, 'unmapped', 'Unmapped', 'Unmapped'), (0, -1, 'statewide', 'State-wide', \
        'State-wide') on conflict do nothing",
    "insert into warehouse.county values (-1, 'unmapped', '', '', 'Unmapped') on conflict do \
     nothing",
    "insert into warehouse.discipline values (-1, 'unmapped', 'Unmapped', false, false, 999) on \
     conflict do nothing",
    "insert into warehouse.organization (organization_id, source, source_id, name, \
     normalized_name) values \
        (-1, 'hotwash', 'unmapped', 'Unmapped', '') on conflict do nothing",
    "insert into warehouse.capability_framework values (-1, 'NONE', '', 'No framework', '') on \
     conflict do nothing",
    "insert into warehouse.capability (capability_id, capability_framework_id, code, name, \
     normalized_name, sort_order) values \
        (-1, -1, 'unmapped', 'Unmapped', '', 999) on conflict do nothing",
    "insert into warehouse.hazard values (-1, 'unmapped', 'unmapped', 'Unmapped', 999) on conflict \
     do nothing",
];

/// Adds every day from 1950 to 2050, with the fiscal year of the profile. Federal budget periods of
/// HPP and PHEP begin on July 1 in every state.
pub const CALENDAR: &str = "insert into warehouse.calendar_date \
    select d, to_char(d, 'YYYYMMDD')::integer, extract(year from d), extract(quarter from d), \
    extract(month from d), \
        extract(day from d), extract(week from d), extract(isodow from d), date_trunc('month', d), \
        date_trunc('quarter', d), \
        date_trunc('year', d), extract(year from d + shift), extract(quarter from d + shift), \
        (date_trunc('year', d + shift) - shift)::date, extract(year \
        from d + interval '3 months'), \
        case when d >= '2024-07-01' and d < '2029-07-01' then \
            format('BP%s (FY%s)', extract(year from d + interval '6 months') - 2024, \
            right(extract(year from d + interval '6 months')::text, 2)) end \
    from generate_series('1950-01-01'::timestamp, '2050-12-31'::timestamp, interval '1 day') as \
    days(d), (select meta.fiscal_shift()) as fiscal(shift) \
    where not exists (select from warehouse.calendar_date) on conflict do nothing";

/// Names the holidays of the profile, and clears days that are none any longer. Parameters: the days
/// and their names.
pub const HOLIDAYS: &str = "update warehouse.calendar_date c set holiday = named.holiday \
    from warehouse.calendar_date d \
    left join unnest($1::date[], $2::text[]) as named(day, holiday) on named.day = d.calendar_date \
    where c.calendar_date = d.calendar_date and c.holiday is distinct from named.holiday";

/// Returns all files: the lists in the descriptions of record types, and [`FILES`].
pub fn files() -> impl Iterator<Item = &'static ReferenceFile> {
    let columns = RECORD_TYPES.iter().flat_map(|record| record.columns);
    columns.filter_map(|column| column.list).chain(FILES)
}

/// Municipalities with their regions, which a deployment can load from a file of its own.
pub const MUNICIPALITIES: ReferenceFile = ReferenceFile {
    name: "municipalities.csv",
    shared: None,
    columns: &[
        required("geoid", ReferenceKind::Text),
        required("municipality", ReferenceKind::Text),
        required("county", ReferenceKind::Text),
        required("county_fips", ReferenceKind::Text),
        required("type", ReferenceKind::Text),
        optional("latitude", ReferenceKind::Number),
        optional("longitude", ReferenceKind::Number),
        optional("land_km2", ReferenceKind::Number),
        optional("population_2010", ReferenceKind::Whole),
        optional("population_2020", ReferenceKind::Whole),
        required("region", ReferenceKind::Text),
        required("region_basis", ReferenceKind::Text),
    ],
    merge: &[
        "insert into warehouse.county (county_id, fips, state_fips, state_code, name) \
            select distinct s.county_fips::integer, s.county_fips, left(s.county_fips, 2), '', \
            s.county from stage s on conflict do nothing",
        "insert into warehouse.municipality as known (geoid, name, kind, county_id, latitude, \
         longitude, land_km2, population_2010, population_2020) \
            select s.geoid, s.municipality, s.type, s.county_fips::integer, s.latitude::double \
            precision, s.longitude::double precision, s.land_km2::double precision, \
            s.population_2010::integer, s.population_2020::integer from stage s order by \
            s.row_number \
            on conflict (geoid) do update set name = excluded.name, kind = excluded.kind, \
            county_id = excluded.county_id, latitude = excluded.latitude, \
            longitude = excluded.longitude, land_km2 = excluded.land_km2, population_2010 = \
            excluded.population_2010, population_2020 = excluded.population_2020 \
            where (known.name, known.kind, known.county_id, known.latitude, known.longitude, \
            known.land_km2, known.population_2010, known.population_2020) \
            is distinct from (excluded.name, excluded.kind, excluded.county_id, \
            excluded.latitude, excluded.longitude, excluded.land_km2, \
            excluded.population_2010, excluded.population_2020)",
        "delete from warehouse.municipality_region known using stage s, warehouse.municipality \
         m, warehouse.region r, warehouse.region_scheme c \
            where m.geoid = s.geoid and known.municipality_id = m.municipality_id and \
            r.region_id = known.region_id \
            and c.region_scheme_id = r.region_scheme_id and c.code = meta.region_scheme() and \
            r.code <> \
            s.region",
        "insert into warehouse.municipality_region as known (municipality_id, region_id, basis) \
            select m.municipality_id, r.region_id, s.region_basis from stage s join \
            warehouse.municipality m on m.geoid = s.geoid \
            join warehouse.region_scheme c on c.code = meta.region_scheme() join \
            warehouse.region r on \
            r.region_scheme_id = c.region_scheme_id and r.code = s.region \
            on conflict (municipality_id, region_id, valid_from) do update set basis = \
            excluded.basis where known.basis is distinct from excluded.basis",
    ],
};

/// Files that no single record type owns.
const FILES: &[ReferenceFile] = &[
    ReferenceFile {
        name: "region_schemes.csv",
        shared: None,
        columns: &[required("code", ReferenceKind::Text), required("name", ReferenceKind::Text)],
        merge: &["insert into warehouse.region_scheme as known (region_scheme_id, code, name) \
                select coalesce(t.region_scheme_id, (select \
                greatest(coalesce(max(region_scheme_id), 0), 0) from warehouse.region_scheme) + \
                row_number() over (partition by t.region_scheme_id is null order by \
                s.row_number)), s.\"code\", s.\"name\" \
                from stage s left join warehouse.region_scheme t on t.code = s.\"code\" order by \
                s.row_number \
                on conflict (code) do update set name = excluded.name where (known.name) is \
                distinct from (excluded.name)"],
    },
    ReferenceFile {
        name: "regions.csv",
        shared: None,
        columns: &[
            required("scheme", ReferenceKind::Text),
            required("code", ReferenceKind::Text),
            required("name", ReferenceKind::Text),
            required("short_name", ReferenceKind::Text),
            optional("sponsor", ReferenceKind::Text),
            optional("published_municipalities", ReferenceKind::Whole),
            optional("predecessor_codes", ReferenceKind::Text),
            optional("valid_from", ReferenceKind::Day),
            optional("valid_to", ReferenceKind::Day),
        ],
        merge: &[
            "insert into warehouse.region as known (region_id, region_scheme_id, code, name, \
             short_name, sponsor, published_municipalities, predecessor_codes, valid_from, \
             valid_to) \
                select coalesce(t.region_id, (select greatest(coalesce(max(region_id), 0), 0) from \
                warehouse.region) + row_number() over (partition by t.region_id is null order by \
                s.row_number)), \
                c.region_scheme_id, s.code, s.name, s.short_name, s.sponsor, \
                s.published_municipalities::integer, s.predecessor_codes, s.valid_from::date, \
                s.valid_to::date \
                from stage s join warehouse.region_scheme c on c.code = s.scheme \
                left join warehouse.region t on t.region_scheme_id = c.region_scheme_id and t.code \
                = s.code order by s.row_number \
                on conflict (region_scheme_id, code) do update set name = excluded.name, \
                short_name = excluded.short_name, sponsor = excluded.sponsor, \
                published_municipalities = excluded.published_municipalities, predecessor_codes = \
                excluded.predecessor_codes, valid_from = excluded.valid_from, valid_to = \
                excluded.valid_to \
                where (known.name, known.short_name, known.sponsor, \
                known.published_municipalities, known.predecessor_codes, known.valid_from, \
                known.valid_to) \
                is distinct from (excluded.name, excluded.short_name, excluded.sponsor, \
                excluded.published_municipalities, excluded.predecessor_codes, \
                excluded.valid_from, excluded.valid_to)",
        ],
    },
    ReferenceFile {
        name: "counties.csv",
        shared: Some(include_str!("../../reference/counties.csv")),
        columns: &[
            required("fips", ReferenceKind::Text),
            required("state_code", ReferenceKind::Text),
            required("name", ReferenceKind::Text),
        ],
        merge: &[
            "insert into warehouse.county as known (county_id, fips, state_fips, state_code, name) \
                select s.fips::integer, s.fips, left(s.fips, 2), s.state_code, s.name from stage s \
                on conflict (county_id) do update set state_code = excluded.state_code, name = \
                excluded.name \
                where (known.state_code, known.name) is distinct from (excluded.state_code, \
                excluded.name)",
        ],
    },
    MUNICIPALITIES,
    ReferenceFile {
        name: "disciplines.csv",
        shared: Some(include_str!("../../reference/disciplines.csv")),
        columns: &[
            required("code", ReferenceKind::Text),
            required("name", ReferenceKind::Text),
            required("hpp_core", ReferenceKind::YesNo),
            required("sort_order", ReferenceKind::Whole),
        ],
        merge: &[
            "insert into warehouse.discipline as known (discipline_id, code, name, state_core, \
             hpp_core, sort_order) \
                select coalesce(t.discipline_id, (select greatest(coalesce(max(discipline_id), 0), \
                0) from warehouse.discipline) + row_number() over (partition by t.discipline_id is \
                null order by s.row_number)), s.\"code\", s.\"name\", s.code = any \
                (meta.core_disciplines()), \
                s.\"hpp_core\"::boolean, s.\"sort_order\"::integer \
                from stage s left join warehouse.discipline t on t.code = s.\"code\" order by \
                s.row_number \
                on conflict (code) do update set name = excluded.name, state_core = \
                excluded.state_core, \
                hpp_core = excluded.hpp_core, sort_order = excluded.sort_order where (known.name, \
                known.state_core, known.hpp_core, known.sort_order) is distinct from \
                (excluded.name, \
                excluded.state_core, excluded.hpp_core, excluded.sort_order)",
        ],
    },
    ReferenceFile {
        name: "mission_areas.csv",
        shared: Some(include_str!("../../reference/mission_areas.csv")),
        columns: &[required("code", ReferenceKind::Text), required("name", ReferenceKind::Text)],
        merge: &["insert into warehouse.mission_area as known (mission_area_id, code, name) \
                select coalesce(t.mission_area_id, (select greatest(coalesce(max(mission_area_id), \
                0), 0) from warehouse.mission_area) + row_number() over (partition by \
                t.mission_area_id is null order by s.row_number)), s.\"code\", s.\"name\" \
                from stage s left join warehouse.mission_area t on t.code = s.\"code\" order by \
                s.row_number \
                on conflict (code) do update set name = excluded.name where (known.name) is \
                distinct from (excluded.name)"],
    },
    ReferenceFile {
        name: "capability_frameworks.csv",
        shared: Some(include_str!("../../reference/capability_frameworks.csv")),
        columns: &[
            required("code", ReferenceKind::Text),
            required("edition", ReferenceKind::Text),
            required("name", ReferenceKind::Text),
            required("publisher", ReferenceKind::Text),
        ],
        merge: &[
            "insert into warehouse.capability_framework as known (capability_framework_id, code, \
             edition, name, publisher) \
                select coalesce(t.capability_framework_id, (select \
                greatest(coalesce(max(capability_framework_id), 0), 0) from \
                warehouse.capability_framework) + row_number() over (partition by \
                t.capability_framework_id is null order by s.row_number)), \
                s.code, s.edition, s.name, s.publisher from stage s left join \
                warehouse.capability_framework t on t.code = s.code and t.edition = s.edition \
                order by s.row_number \
                on conflict (code, edition) do update set name = excluded.name, publisher = \
                excluded.publisher \
                where (known.name, known.publisher) is distinct from (excluded.name, \
                excluded.publisher)",
        ],
    },
    ReferenceFile {
        name: "capabilities.csv",
        shared: Some(include_str!("../../reference/capabilities.csv")),
        columns: &[
            required("framework", ReferenceKind::Text),
            required("edition", ReferenceKind::Text),
            required("code", ReferenceKind::Text),
            required("name", ReferenceKind::Text),
            required("normalized_name", ReferenceKind::Text),
            optional("domain", ReferenceKind::Text),
            required("sort_order", ReferenceKind::Whole),
            optional("mission_areas", ReferenceKind::Text),
        ],
        merge: &[
            "insert into warehouse.capability as known (capability_id, capability_framework_id, \
             code, name, normalized_name, domain, sort_order) \
                select coalesce(t.capability_id, (select greatest(coalesce(max(capability_id), 0), \
                0) from warehouse.capability) + row_number() over (partition by t.capability_id is \
                null order by s.row_number)), \
                f.capability_framework_id, s.code, s.name, s.normalized_name, s.domain, \
                s.sort_order::integer from stage s join warehouse.capability_framework f on f.code \
                = s.framework and f.edition = s.edition \
                left join warehouse.capability t on t.capability_framework_id = \
                f.capability_framework_id and t.code = s.code order by s.row_number \
                on conflict (capability_framework_id, code) do update set name = excluded.name, \
                normalized_name = excluded.normalized_name, domain = excluded.domain, sort_order = \
                excluded.sort_order \
                where (known.name, known.normalized_name, known.domain, known.sort_order) is \
                distinct from (excluded.name, excluded.normalized_name, excluded.domain, \
                excluded.sort_order)",
            "insert into warehouse.capability_mission_area (capability_id, mission_area_id) \
                select c.capability_id, m.mission_area_id from stage s join \
                warehouse.capability_framework f on f.code = s.framework and f.edition = s.edition \
                join warehouse.capability c on c.capability_framework_id = \
                f.capability_framework_id and c.code = s.code \
                cross join lateral unnest(string_to_array(s.mission_areas, ';')) as named(code) \
                join warehouse.mission_area m on m.code = named.code on conflict do nothing",
        ],
    },
    ReferenceFile {
        name: "capability_functions.csv",
        shared: Some(include_str!("../../reference/capability_functions.csv")),
        columns: &[
            required("framework", ReferenceKind::Text),
            required("edition", ReferenceKind::Text),
            required("capability", ReferenceKind::Text),
            required("number", ReferenceKind::Whole),
            required("name", ReferenceKind::Text),
        ],
        merge: &[
            "insert into warehouse.capability_function as known (capability_id, number, name) \
                select c.capability_id, s.number::integer, s.name from stage s join \
                warehouse.capability_framework f on f.code = s.framework and f.edition = s.edition \
                join warehouse.capability c on c.capability_framework_id = \
                f.capability_framework_id and c.code = s.capability \
                on conflict (capability_id, number) do update set name = excluded.name where \
                known.name is distinct from excluded.name",
        ],
    },
    ReferenceFile {
        name: "capability_aliases.csv",
        shared: Some(include_str!("../../reference/capability_aliases.csv")),
        columns: &[
            required("normalized_label", ReferenceKind::Text),
            optional("label_framework", ReferenceKind::Text),
            required("framework", ReferenceKind::Text),
            required("edition", ReferenceKind::Text),
            required("capability", ReferenceKind::Text),
        ],
        merge: &[
            "insert into warehouse.capability_alias as known (normalized_label, framework_code, \
             capability_id) \
                select s.normalized_label, coalesce(s.label_framework, ''), c.capability_id from \
                stage s join warehouse.capability_framework f on f.code = s.framework and \
                f.edition = s.edition join warehouse.capability c on c.capability_framework_id = \
                f.capability_framework_id and c.code = s.capability \
                on conflict (normalized_label, framework_code) do update set capability_id = \
                excluded.capability_id where known.capability_id is distinct from \
                excluded.capability_id",
        ],
    },
    ReferenceFile {
        name: "capability_crosswalk.csv",
        shared: Some(include_str!("../../reference/capability_crosswalk.csv")),
        columns: &[
            required("from_framework", ReferenceKind::Text),
            required("from_edition", ReferenceKind::Text),
            required("from_code", ReferenceKind::Text),
            required("to_framework", ReferenceKind::Text),
            required("to_edition", ReferenceKind::Text),
            required("to_code", ReferenceKind::Text),
            required("relation", ReferenceKind::Code(CrosswalkRelation::VOCABULARY)),
        ],
        merge: &["insert into warehouse.capability_crosswalk as known (from_capability_id, \
             to_capability_id, relation) \
                select a.capability_id, b.capability_id, s.relation from stage s \
                join warehouse.capability_framework fa on fa.code = s.from_framework and \
                fa.edition = s.from_edition join warehouse.capability a on \
                a.capability_framework_id = fa.capability_framework_id and a.code = s.from_code \
                join warehouse.capability_framework fb on fb.code = s.to_framework and fb.edition \
                = s.to_edition join warehouse.capability b on b.capability_framework_id = \
                fb.capability_framework_id and b.code = s.to_code \
                on conflict (from_capability_id, to_capability_id) do update set relation = \
                excluded.relation where known.relation is distinct from excluded.relation"],
    },
    ReferenceFile {
        name: "hazards.csv",
        shared: Some(include_str!("../../reference/hazards.csv")),
        columns: &[
            required("code", ReferenceKind::Text),
            required("category", ReferenceKind::Text),
            required("name", ReferenceKind::Text),
            required("sort_order", ReferenceKind::Whole),
        ],
        merge: &[
            "insert into warehouse.hazard as known (hazard_id, code, category, name, sort_order) \
                select coalesce(t.hazard_id, (select greatest(coalesce(max(hazard_id), 0), 0) from \
                warehouse.hazard) + row_number() over (partition by t.hazard_id is null order by \
                s.row_number)), s.\"code\", s.\"category\", s.\"name\", s.\"sort_order\"::integer \
                from stage s left join warehouse.hazard t on t.code = s.\"code\" order by \
                s.row_number \
                on conflict (code) do update set category = excluded.category, name = \
                excluded.name, sort_order = excluded.sort_order where (known.category, known.name, \
                known.sort_order) is distinct from (excluded.category, excluded.name, \
                excluded.sort_order)",
        ],
    },
    ReferenceFile {
        name: "hazard_aliases.csv",
        shared: Some(include_str!("../../reference/hazard_aliases.csv")),
        columns: &[
            required("scheme", ReferenceKind::Text),
            required("normalized_label", ReferenceKind::Text),
            required("hazard", ReferenceKind::Text),
            optional("weight", ReferenceKind::Number),
            optional("is_primary", ReferenceKind::YesNo),
        ],
        merge: &[
            "insert into warehouse.hazard_alias as known (scheme, normalized_label, hazard_id, \
             weight, is_primary) \
                select s.scheme, s.normalized_label, h.hazard_id, coalesce(s.weight::double \
                precision, 1), coalesce(s.is_primary::boolean, true) \
                from stage s join warehouse.hazard h on h.code = s.hazard \
                on conflict (scheme, normalized_label, hazard_id) do update set weight = \
                excluded.weight, is_primary = excluded.is_primary \
                where (known.weight, known.is_primary) is distinct from (excluded.weight, \
                excluded.is_primary)",
        ],
    },
    ReferenceFile {
        name: "rating_scales.csv",
        shared: Some(include_str!("../../reference/rating_scales.csv")),
        columns: &[required("code", ReferenceKind::Text), required("name", ReferenceKind::Text)],
        merge: &["insert into warehouse.rating_scale as known (rating_scale_id, code, name) \
                select coalesce(t.rating_scale_id, (select greatest(coalesce(max(rating_scale_id), \
                0), 0) from warehouse.rating_scale) + row_number() over (partition by \
                t.rating_scale_id is null order by s.row_number)), s.\"code\", s.\"name\" \
                from stage s left join warehouse.rating_scale t on t.code = s.\"code\" order by \
                s.row_number \
                on conflict (code) do update set name = excluded.name where (known.name) is \
                distinct from (excluded.name)"],
    },
    ReferenceFile {
        name: "rating_values.csv",
        shared: Some(include_str!("../../reference/rating_values.csv")),
        columns: &[
            required("scale", ReferenceKind::Text),
            required("code", ReferenceKind::Text),
            required("name", ReferenceKind::Text),
            optional("ordinal", ReferenceKind::Whole),
            required("met_objective", ReferenceKind::YesNo),
            required("counts_as_good", ReferenceKind::YesNo),
            required("excluded", ReferenceKind::YesNo),
        ],
        merge: &[
            "insert into warehouse.rating_value as known (rating_scale_id, code, name, ordinal, \
             met_objective, counts_as_good, excluded) \
                select c.rating_scale_id, s.code, s.name, s.ordinal::integer, \
                s.met_objective::boolean, s.counts_as_good::boolean, s.excluded::boolean \
                from stage s join warehouse.rating_scale c on c.code = s.scale \
                on conflict (rating_scale_id, code) do update set name = excluded.name, ordinal = \
                excluded.ordinal, met_objective = excluded.met_objective, counts_as_good = \
                excluded.counts_as_good, excluded = excluded.excluded \
                where (known.name, known.ordinal, known.met_objective, known.counts_as_good, \
                known.excluded) is distinct from (excluded.name, excluded.ordinal, \
                excluded.met_objective, excluded.counts_as_good, excluded.excluded)",
        ],
    },
    ReferenceFile::codes("elements.csv", include_str!("../../reference/elements.csv")),
    ReferenceFile {
        name: "exercise_types.csv",
        shared: Some(include_str!("../../reference/exercise_types.csv")),
        columns: &[
            required("code", ReferenceKind::Text),
            required("name", ReferenceKind::Text),
            required("class", ReferenceKind::Code(ExerciseClass::VOCABULARY)),
            required("sort_order", ReferenceKind::Whole),
        ],
        merge: &[],
    },
    ReferenceFile {
        name: "requirements.csv",
        shared: Some(include_str!("../../reference/requirements.csv")),
        columns: &[
            required("program", ReferenceKind::Text),
            required("code", ReferenceKind::Text),
            required("period", ReferenceKind::Text),
            required("name", ReferenceKind::Text),
            required("applies_to", ReferenceKind::Code(RequirementScope::VOCABULARY)),
            optional("discipline", ReferenceKind::Text),
            optional("exercise_class", ReferenceKind::Code(ExerciseClass::VOCABULARY)),
            optional("exercise_type", ReferenceKind::Text),
            required("incident_counts", ReferenceKind::YesNo),
            required("minimum_events", ReferenceKind::Whole),
            optional("maximum_gap_days", ReferenceKind::Whole),
            required("period_start", ReferenceKind::Day),
            required("due_on", ReferenceKind::Day),
        ],
        merge: &[
            "insert into warehouse.requirement as known (program, code, period, name, applies_to, \
             discipline_id, exercise_class, exercise_type_id, incident_counts, minimum_events, \
             maximum_gap_days, period_start, due_on) \
                select s.program, s.code, s.period, s.name, s.applies_to, d.discipline_id, \
                s.exercise_class, e.exercise_type_id, s.incident_counts::boolean, \
                s.minimum_events::integer, s.maximum_gap_days::integer, s.period_start::date, \
                s.due_on::date \
                from stage s left join warehouse.discipline d on d.code = s.discipline left join \
                warehouse.exercise_type e on e.code = s.exercise_type order by s.row_number \
                on conflict (program, code, period) do update set name = excluded.name, applies_to \
                = excluded.applies_to, discipline_id = excluded.discipline_id, exercise_class = \
                excluded.exercise_class, \
                exercise_type_id = excluded.exercise_type_id, incident_counts = \
                excluded.incident_counts, minimum_events = excluded.minimum_events, \
                maximum_gap_days = excluded.maximum_gap_days, period_start = \
                excluded.period_start, due_on = excluded.due_on \
                where (known.name, known.applies_to, known.discipline_id, known.exercise_class, \
                known.exercise_type_id, known.incident_counts, known.minimum_events, \
                known.maximum_gap_days, known.period_start, known.due_on) \
                is distinct from (excluded.name, excluded.applies_to, excluded.discipline_id, \
                excluded.exercise_class, excluded.exercise_type_id, excluded.incident_counts, \
                excluded.minimum_events, excluded.maximum_gap_days, excluded.period_start, \
                excluded.due_on)",
        ],
    },
];
