-- The warehouse: its tables with their constraints, indexes and comments, grouped by record type.
-- Names are singular, snake_case and spelled out; every table and column has a comment. Views, functions, triggers
-- and policies are in schema/objects, which `hotwash migrate` applies anew whenever a file there changed.

create schema warehouse;
create schema meta;
create schema bi;
create schema access;

comment on schema warehouse is
    'What happened and what was learned: dimensions and facts, written by the loader only.';
comment on schema meta is 'How records came in: batches, files, rejects, warnings, versions.';
comment on schema bi is 'What business-intelligence tools read: published metrics and star-schema views.';
comment on schema access is 'Who may see what: API keys, BI logins, the access log.';

-- Loads: how records were read, and what was rejected.

create table meta.batch (
    batch_id integer generated always as identity primary key,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    status text not null default 'RUNNING' check (status in ('RUNNING','DONE','FAILED')),
    tool_version text not null,
    label text
);

comment on table meta.batch is 'One run of the loader: one or more files given together.';
comment on column meta.batch.batch_id is 'Number of the load, counting up.';
comment on column meta.batch.started_at is 'When the load began.';
comment on column meta.batch.finished_at is
    'When the load ended; empty while it runs or after it was killed.';
comment on column meta.batch.status is 'RUNNING, DONE or FAILED.';
comment on column meta.batch.tool_version is 'Version of Hotwash that loaded it.';
comment on column meta.batch.label is 'What the load was for, e.g. demo.';

create table meta.file (
    file_id integer generated always as identity primary key,
    batch_id integer not null references meta.batch,
    name text not null,
    source text,
    digest text,
    bytes bigint,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    status text not null default 'RUNNING' check (status in ('RUNNING','LOADED','FAILED')),
    fictional boolean not null default false,
    read bigint not null default 0 check (read >= 0),
    inserted bigint not null default 0 check (inserted >= 0),
    updated bigint not null default 0 check (updated >= 0),
    unchanged bigint not null default 0 check (unchanged >= 0),
    rejected bigint not null default 0 check (rejected >= 0),
    warnings bigint not null default 0 check (warnings >= 0),
    unmapped bigint not null default 0 check (unmapped >= 0),
    redacted bigint not null default 0 check (redacted >= 0),
    seconds double precision,
    error text,
    constraint read_is_accounted_for
        check (status <> 'LOADED' or read = inserted + updated + unchanged + rejected)
);

create index file_batch_id_idx on meta.file (batch_id);
create index file_source_finished_at_idx on meta.file (source, finished_at);

comment on table meta.file is
    'One input file within a load; its counts always satisfy read = inserted + updated + unchanged + '
    'rejected.';
comment on column meta.file.file_id is 'Number of the file, counting up.';
comment on column meta.file.batch_id is 'The load it came with.';
comment on column meta.file.name is 'File name without its folder.';
comment on column meta.file.source is 'The source (format) it was read as; empty when none was recognized.';
comment on column meta.file.digest is 'BLAKE3 digest of the file''s bytes, hexadecimal.';
comment on column meta.file.bytes is 'Size in bytes.';
comment on column meta.file.started_at is 'When reading began.';
comment on column meta.file.finished_at is 'When it was merged or rejected.';
comment on column meta.file.status is 'RUNNING, LOADED or FAILED (nothing stored).';
comment on column meta.file.fictional is 'True for generated demonstration data.';
comment on column meta.file.read is 'Records read.';
comment on column meta.file.inserted is 'Records new to the warehouse.';
comment on column meta.file.updated is 'Records that changed.';
comment on column meta.file.unchanged is 'Records already known with the same content.';
comment on column meta.file.rejected is 'Records rejected, each listed in meta.reject.';
comment on column meta.file.warnings is 'Warnings given, listed in meta.warning.';
comment on column meta.file.unmapped is 'Labels that no reference list knows.';
comment on column meta.file.redacted is 'Personal contact details replaced by [redacted].';
comment on column meta.file.seconds is 'Wall time in seconds.';
comment on column meta.file.error is 'Why the file was rejected, if it was.';

create table meta.file_column (
    file_column_id bigint generated always as identity primary key,
    file_id integer not null references meta.file on delete cascade,
    number integer not null check (number > 0),
    sheet text,
    position integer not null check (position > 0),
    heading text not null,
    fate text not null check (fate in ('READ','DROPPED','UNUSED','UNREAD')),
    field text,
    filled bigint not null default 0 check (filled >= 0),
    samples text[] not null default '{}',
    nearest text,
    read_instead integer,
    unique (file_id, number)
);

comment on table meta.file_column is 'One column of a loaded file and what became of it.';
comment on column meta.file_column.file_column_id is 'Number of the column, counting up.';
comment on column meta.file_column.file_id is 'The file that contains it.';
comment on column meta.file_column.number is 'Its number in the file, over all sheets, from 1.';
comment on column meta.file_column.sheet is 'Name of its sheet; empty for a file without sheets.';
comment on column meta.file_column.position is 'Position in the table, starting at 1.';
comment on column meta.file_column.heading is
    'Heading as the file writes it, redacted; empty when it has none.';
comment on column meta.file_column.fate is
    'READ into a field, DROPPED because it names persons, UNUSED by its source, or UNREAD.';
comment on column meta.file_column.field is 'The field that its heading means.';
comment on column meta.file_column.filled is 'Cells that are not empty.';
comment on column meta.file_column.samples is 'Up to three values of an unread column, redacted.';
comment on column meta.file_column.nearest is 'The known heading nearest to that of an unread column.';
comment on column meta.file_column.read_instead is
    'Position of the column that is read instead, where two mean one field.';

create table meta.reject (
    reject_id bigint generated always as identity primary key,
    file_id integer not null references meta.file on delete cascade,
    batch_id integer not null references meta.batch,
    row_number bigint not null,
    record_type text not null,
    code text not null,
    column_name text,
    value text,
    reason text not null,
    row_content jsonb,
    corrected_at timestamptz,
    original_reject_id bigint
);

create index reject_batch_id_idx on meta.reject (batch_id);
create index reject_file_id_idx on meta.reject (file_id);

comment on table meta.reject is 'One rejected row: its position, what was wrong, what would be right.';
comment on column meta.reject.reject_id is 'Number of the rejected row.';
comment on column meta.reject.file_id is 'The file that contains it.';
comment on column meta.reject.batch_id is 'The load it came with.';
comment on column meta.reject.row_number is 'Row in the file, the first row of the file being 1.';
comment on column meta.reject.record_type is 'What the row was to become, e.g. incident.';
comment on column meta.reject.code is 'Kind of fault, e.g. MISSING_VALUE; docs/errors.md explains each.';
comment on column meta.reject.column_name is 'The column at fault, as headed in the file.';
comment on column meta.reject.value is 'The value at fault, redacted, at most 200 characters.';
comment on column meta.reject.reason is 'What is wrong and what would be right.';
comment on column meta.reject.row_content is
    'The complete row by heading, redacted, so that it can be fixed and loaded again.';
comment on column meta.reject.corrected_at is
    'When a later file brought the row in corrected form; empty while it is open.';
comment on column meta.reject.original_reject_id is
    'First reject of the same row, if an attempt to correct it was rejected too; empty otherwise.';

create table meta.warning (
    warning_id bigint generated always as identity primary key,
    file_id integer not null references meta.file on delete cascade,
    batch_id integer not null references meta.batch,
    code text not null,
    column_name text,
    value text,
    message text not null,
    first_row bigint,
    occurrences bigint not null default 1
);

create index warning_file_id_idx on meta.warning (file_id);

comment on table meta.warning is 'One kind of doubtful value in a file that was loaded all the same.';
comment on column meta.warning.warning_id is 'Number of the warning.';
comment on column meta.warning.file_id is 'The file that contains it.';
comment on column meta.warning.batch_id is 'The load it came with.';
comment on column meta.warning.code is 'Kind of warning, e.g. UNMAPPED_HAZARD; docs/errors.md explains each.';
comment on column meta.warning.column_name is 'The column it is about.';
comment on column meta.warning.value is 'The value, redacted, at most 200 characters.';
comment on column meta.warning.message is 'What was found and what was done.';
comment on column meta.warning.first_row is 'The first row where it was seen.';
comment on column meta.warning.occurrences is 'How often it was seen.';

-- Versions, settings and releases.

create table meta.table_version (
    table_name text primary key,
    version bigint not null default 0,
    changed_at timestamptz not null default now(),
    inserted bigint not null default 0,
    rewritten bigint not null default 0
);

comment on table meta.table_version is
    'A counter a table, raised in each transaction that changes it, so that snapshots refresh only what '
    'changed.';
comment on column meta.table_version.table_name is 'Schema-qualified table, e.g. warehouse.event.';
comment on column meta.table_version.version is 'Raised by one at each change.';
comment on column meta.table_version.changed_at is 'When it last changed.';
comment on column meta.table_version.inserted is 'Rows inserted since this is counted.';
comment on column meta.table_version.rewritten is
    'Rows updated or deleted since this is counted; a truncation counts as one, as does each statement '
    'where Postgres does not count (track_counts).';

create sequence meta.warehouse_version_seq;
comment on sequence meta.warehouse_version_seq is
    'Number of the warehouse''s present version; raised by each transaction that changes it.';

create table meta.setting (
    name text primary key,
    value jsonb not null
);

comment on table meta.setting is 'Small facts about this warehouse, e.g. whether it holds fictional data.';
comment on column meta.setting.name is 'Name of the setting.';
comment on column meta.setting.value is 'Its value.';

create table meta.release (
    release_id bigint generated always as identity primary key,
    as_of date not null,
    made_at timestamptz not null default now(),
    warehouse_version bigint not null,
    content jsonb not null
);

comment on table meta.release is
    'Releases: fixed tables of every metric, as published about regions that are not the reader''s own.';
comment on column meta.release.release_id is 'Number of the release, from 1.';
comment on column meta.release.as_of is 'Day that it was computed for: the last of a month.';
comment on column meta.release.made_at is 'When it was made.';
comment on column meta.release.warehouse_version is 'Version of the warehouse that it was made from.';
comment on column meta.release.content is
    'Its tables, and what contributors brought to each cell. Read by Hotwash alone.';

create table meta.schema_object (
    name text primary key,
    file text not null,
    file_digest text not null,
    position integer not null,
    definition_digest text not null
);

comment on table meta.schema_object is 'Views, functions, triggers and policies that migrate created, and from which file.';
comment on column meta.schema_object.name is 'Kind and name, e.g. view bi.dim_event.';
comment on column meta.schema_object.file is 'File of schema/objects that defines it, without its ending.';
comment on column meta.schema_object.file_digest is 'Digest of the file as it was applied.';
comment on column meta.schema_object.position is 'Position of the file in the order of application.';
comment on column meta.schema_object.definition_digest is
    'Digest of the definition in the database right after; another one later means a change by hand.';

-- Regions, counties and municipalities.

create table warehouse.region_scheme (
    region_scheme_id integer primary key,
    code text not null unique,
    name text not null
);

comment on table warehouse.region_scheme is 'A way to cut the state into regions; documents mix several.';
comment on column warehouse.region_scheme.region_scheme_id is 'Surrogate key.';
comment on column warehouse.region_scheme.code is 'Code of the scheme, as in region_schemes.csv.';
comment on column warehouse.region_scheme.name is 'Full name.';

create table warehouse.region (
    region_id integer primary key,
    region_scheme_id integer not null references warehouse.region_scheme,
    code text not null,
    name text not null,
    short_name text not null,
    sponsor text,
    published_municipalities integer,
    predecessor_codes text,
    valid_from date,
    valid_to date,
    unique (region_scheme_id, code)
);

comment on table warehouse.region is
    'One region of a scheme with its dates of validity; -1 is unmapped, 0 is state-wide.';
comment on column warehouse.region.region_id is 'Surrogate key; -1 unmapped, 0 state-wide.';
comment on column warehouse.region.region_scheme_id is 'The scheme it belongs to.';
comment on column warehouse.region.code is 'Code within the scheme, e.g. 4AB.';
comment on column warehouse.region.name is 'Full name.';
comment on column warehouse.region.short_name is 'Name for charts and maps.';
comment on column warehouse.region.sponsor is 'Sponsoring organization as published.';
comment on column warehouse.region.published_municipalities is
    'Number of member municipalities as published.';
comment on column warehouse.region.predecessor_codes is 'Codes it replaced, separated by commas.';
comment on column warehouse.region.valid_from is 'First day of validity; empty for always.';
comment on column warehouse.region.valid_to is 'Last day of validity; empty while valid.';

create table warehouse.county (
    county_id integer primary key,
    fips text not null unique,
    state_fips text not null,
    state_code text not null,
    name text not null
);

comment on table warehouse.county is
    'A US county or county equivalent by its five-digit FIPS code; -1 is unmapped.';
comment on column warehouse.county.county_id is 'Surrogate key: the FIPS code as a number; -1 unmapped.';
comment on column warehouse.county.fips is 'Five-digit FIPS code of state and county.';
comment on column warehouse.county.state_fips is 'Two-digit FIPS code of the state.';
comment on column warehouse.county.state_code is 'Two-letter postal code of the state.';
comment on column warehouse.county.name is 'Name without the word County.';

create table warehouse.municipality (
    municipality_id integer generated by default as identity primary key,
    geoid text not null unique,
    name text not null,
    kind text not null,
    county_id integer not null references warehouse.county,
    latitude double precision,
    longitude double precision,
    land_km2 double precision check (land_km2 >= 0),
    population_2010 integer check (population_2010 >= 0),
    population_2020 integer check (population_2020 >= 0)
);

comment on table warehouse.municipality is 'A city or town by its ten-digit Census GEOID.';
comment on column warehouse.municipality.municipality_id is 'Surrogate key.';
comment on column warehouse.municipality.geoid is 'Ten-digit Census 2020 county-subdivision id.';
comment on column warehouse.municipality.name is 'Name.';
comment on column warehouse.municipality.kind is 'city or town.';
comment on column warehouse.municipality.county_id is 'Its county.';
comment on column warehouse.municipality.latitude is 'Degrees north of a point in it.';
comment on column warehouse.municipality.longitude is 'Degrees east of a point in it.';
comment on column warehouse.municipality.land_km2 is 'Land area in square kilometers.';
comment on column warehouse.municipality.population_2010 is 'Residents, census of 2010.';
comment on column warehouse.municipality.population_2020 is 'Residents, census of 2020.';

create table warehouse.municipality_region (
    municipality_id integer not null references warehouse.municipality,
    region_id integer not null references warehouse.region,
    valid_from date not null default '0001-01-01',
    valid_to date,
    basis text not null,
    primary key (municipality_id, region_id, valid_from)
);

create index municipality_region_region_id_idx on warehouse.municipality_region (region_id);

comment on table warehouse.municipality_region is
    'Which region a municipality belongs to, with dates and how sure it is.';
comment on column warehouse.municipality_region.municipality_id is 'The municipality.';
comment on column warehouse.municipality_region.region_id is 'The region.';
comment on column warehouse.municipality_region.valid_from is 'First day of membership.';
comment on column warehouse.municipality_region.valid_to is 'Last day of membership; empty while it lasts.';
comment on column warehouse.municipality_region.basis is
    'How sure: published, published-counties or approximate.';

-- Organizations and their disciplines.

create table warehouse.discipline (
    discipline_id integer primary key,
    code text not null unique,
    name text not null,
    state_core boolean not null,
    hpp_core boolean not null,
    sort_order integer not null
);

comment on table warehouse.discipline is 'A kind of health or medical organization.';
comment on column warehouse.discipline.discipline_id is 'Surrogate key; -1 unmapped.';
comment on column warehouse.discipline.code is 'Code, e.g. acute_care_hospital.';
comment on column warehouse.discipline.name is 'Full name.';
comment on column warehouse.discipline.state_core is 'One of the core disciplines of the state, by its jurisdiction profile.';
comment on column warehouse.discipline.hpp_core is
    'One of the Hospital Preparedness Program''s four core members.';
comment on column warehouse.discipline.sort_order is 'Order in lists.';

create table warehouse.organization (
    organization_id bigint generated by default as identity primary key,
    source text not null,
    source_id text not null,
    name text not null,
    normalized_name text not null,
    region_id integer not null default -1 references warehouse.region,
    discipline_id integer not null default -1 references warehouse.discipline,
    municipality_id integer references warehouse.municipality,
    staffed_beds integer check (staffed_beds >= 0),
    active boolean not null default true,
    batch_id integer,
    file_id integer,
    source_row bigint,
    content_hash bytea,
    unique (source, source_id)
);

create index organization_normalized_name_idx on warehouse.organization (normalized_name);
create index organization_region_id_idx on warehouse.organization (region_id);
create index organization_municipality_id_idx on warehouse.organization (municipality_id)
    where municipality_id is not null;

comment on table warehouse.organization is
    'A durable organization as it is now; -1 is unmapped. Its past is in organization_version.';
comment on column warehouse.organization.organization_id is 'Surrogate key; -1 unmapped.';
comment on column warehouse.organization.source is 'Where it was first named.';
comment on column warehouse.organization.source_id is 'Its id there, or its normalized name and region.';
comment on column warehouse.organization.name is 'Present name.';
comment on column warehouse.organization.normalized_name is
    'Name in lower case without punctuation, for matching.';
comment on column warehouse.organization.region_id is 'Present region.';
comment on column warehouse.organization.discipline_id is 'Present discipline.';
comment on column warehouse.organization.municipality_id is 'Seat.';
comment on column warehouse.organization.staffed_beds is 'Staffed beds, for hospitals and long-term care.';
comment on column warehouse.organization.active is 'Still in operation.';
comment on column warehouse.organization.batch_id is 'Load that brought this version.';
comment on column warehouse.organization.file_id is 'File that brought it.';
comment on column warehouse.organization.source_row is 'Row in the file.';
comment on column warehouse.organization.content_hash is
    'Digest of the content, to detect changes.';

create table warehouse.organization_version (
    organization_version_id bigint generated always as identity primary key,
    organization_id bigint not null references warehouse.organization,
    name text not null,
    region_id integer not null references warehouse.region,
    discipline_id integer not null references warehouse.discipline,
    valid_from date not null,
    valid_to date
);

create index organization_version_organization_id_idx on warehouse.organization_version (organization_id);

comment on table warehouse.organization_version is
    'Name, region and discipline of an organization over time (type 2).';
comment on column warehouse.organization_version.organization_version_id is 'Surrogate key.';
comment on column warehouse.organization_version.organization_id is 'The organization.';
comment on column warehouse.organization_version.name is 'Name in this period.';
comment on column warehouse.organization_version.region_id is 'Region in this period.';
comment on column warehouse.organization_version.discipline_id is 'Discipline in this period.';
comment on column warehouse.organization_version.valid_from is 'First day.';
comment on column warehouse.organization_version.valid_to is 'Last day; empty for the present.';

create table warehouse.organization_alias (
    normalized_name text not null,
    region_id integer not null default -1 references warehouse.region,
    organization_id bigint not null references warehouse.organization,
    primary key (normalized_name, region_id)
);

comment on table warehouse.organization_alias is 'Another name by which documents call an organization.';
comment on column warehouse.organization_alias.normalized_name is 'Alias in lower case without punctuation.';
comment on column warehouse.organization_alias.region_id is 'Region in which the alias is used; -1 anywhere.';
comment on column warehouse.organization_alias.organization_id is 'The organization meant.';

-- Capabilities, of every framework and edition.

create table warehouse.mission_area (
    mission_area_id integer primary key,
    code text not null unique,
    name text not null
);

comment on table warehouse.mission_area is 'A mission area of the National Preparedness Goal.';
comment on column warehouse.mission_area.mission_area_id is 'Surrogate key.';
comment on column warehouse.mission_area.code is 'Code.';
comment on column warehouse.mission_area.name is 'Name.';

create table warehouse.capability_framework (
    capability_framework_id integer primary key,
    code text not null,
    edition text not null,
    name text not null,
    publisher text not null,
    unique (code, edition)
);

comment on table warehouse.capability_framework is 'An edition of a capability list.';
comment on column warehouse.capability_framework.capability_framework_id is 'Surrogate key; -1 unmapped.';
comment on column warehouse.capability_framework.code is 'PHEP, HPP, HPP-2012, FEMA, TCL, ESF8, ASPR.';
comment on column warehouse.capability_framework.edition is 'Edition, e.g. 2018.';
comment on column warehouse.capability_framework.name is 'Full name.';
comment on column warehouse.capability_framework.publisher is 'Publishing agency.';

create table warehouse.capability (
    capability_id integer primary key,
    capability_framework_id integer not null references warehouse.capability_framework,
    code text not null,
    name text not null,
    normalized_name text not null,
    domain text,
    sort_order integer not null,
    unique (capability_framework_id, code)
);

comment on table warehouse.capability is
    'One capability of one framework edition; never overwritten; -1 is unmapped.';
comment on column warehouse.capability.capability_id is 'Surrogate key; -1 unmapped.';
comment on column warehouse.capability.capability_framework_id is 'Its framework.';
comment on column warehouse.capability.code is 'Number or code within the framework.';
comment on column warehouse.capability.name is 'Name.';
comment on column warehouse.capability.normalized_name is
    'Name in lower case without punctuation, for matching.';
comment on column warehouse.capability.domain is 'Group or domain within the framework.';
comment on column warehouse.capability.sort_order is 'Order in lists.';

create table warehouse.capability_mission_area (
    capability_id integer not null references warehouse.capability,
    mission_area_id integer not null references warehouse.mission_area,
    primary key (capability_id, mission_area_id)
);

comment on table warehouse.capability_mission_area is 'Mission areas of a capability.';
comment on column warehouse.capability_mission_area.capability_id is 'The capability.';
comment on column warehouse.capability_mission_area.mission_area_id is 'The mission area.';

create table warehouse.capability_function (
    capability_id integer not null references warehouse.capability,
    number integer not null,
    name text not null,
    primary key (capability_id, number)
);

comment on table warehouse.capability_function is 'A function of a capability.';
comment on column warehouse.capability_function.capability_id is 'The capability.';
comment on column warehouse.capability_function.number is 'Number of the function.';
comment on column warehouse.capability_function.name is 'What it is, in short.';

create table warehouse.capability_alias (
    normalized_label text not null,
    framework_code text not null default '',
    capability_id integer not null references warehouse.capability,
    primary key (normalized_label, framework_code)
);

comment on table warehouse.capability_alias is 'Another spelling of a capability in documents.';
comment on column warehouse.capability_alias.normalized_label is 'Label in lower case without punctuation.';
comment on column warehouse.capability_alias.framework_code is
    'Framework the label is used in; empty for any.';
comment on column warehouse.capability_alias.capability_id is 'The capability meant.';

create table warehouse.capability_crosswalk (
    capability_crosswalk_id integer generated by default as identity primary key,
    from_capability_id integer not null references warehouse.capability,
    to_capability_id integer not null references warehouse.capability,
    relation text not null check (relation in ('EXACT','CLOSE','BROADER','NARROWER','RELATED')),
    unique (from_capability_id, to_capability_id)
);

create index capability_crosswalk_to_capability_id_idx
    on warehouse.capability_crosswalk (to_capability_id);

comment on table warehouse.capability_crosswalk is
    'How capabilities of two editions relate; only exact ones may be pooled.';
comment on column warehouse.capability_crosswalk.capability_crosswalk_id is 'Surrogate key.';
comment on column warehouse.capability_crosswalk.from_capability_id is 'From.';
comment on column warehouse.capability_crosswalk.to_capability_id is 'To.';
comment on column warehouse.capability_crosswalk.relation is 'EXACT, CLOSE, BROADER, NARROWER or RELATED.';

-- Hazards.

create table warehouse.hazard (
    hazard_id integer primary key,
    code text not null unique,
    category text not null,
    name text not null,
    sort_order integer not null
);

comment on table warehouse.hazard is 'A canonical hazard; -1 is unmapped.';
comment on column warehouse.hazard.hazard_id is 'Surrogate key; -1 unmapped.';
comment on column warehouse.hazard.code is 'Code, e.g. winter_storm.';
comment on column warehouse.hazard.category is
    'natural, biological, technological, human, hazmat, operational, terrorism or unmapped.';
comment on column warehouse.hazard.name is 'Name for people.';
comment on column warehouse.hazard.sort_order is 'Order in lists.';

create table warehouse.hazard_alias (
    scheme text not null,
    normalized_label text not null,
    hazard_id integer not null references warehouse.hazard,
    weight double precision not null default 1 check (weight > 0 and weight <= 1),
    is_primary boolean not null default true,
    primary key (scheme, normalized_label, hazard_id)
);

comment on table warehouse.hazard_alias is
    'What a source''s hazard label means; a label may mean several hazards with weights that sum to 1.';
comment on column warehouse.hazard_alias.scheme is 'openfema, noaa, nri, hva, ics209 or any.';
comment on column warehouse.hazard_alias.normalized_label is 'Label in lower case without punctuation.';
comment on column warehouse.hazard_alias.hazard_id is 'The hazard meant.';
comment on column warehouse.hazard_alias.weight is 'Share of the label that means this hazard.';
comment on column warehouse.hazard_alias.is_primary is 'The first-named hazard of the label.';

-- Scales, types and methods.

create table warehouse.rating_scale (
    rating_scale_id integer primary key,
    code text not null unique,
    name text not null
);

comment on table warehouse.rating_scale is
    'A scale of capability ratings; scales are never converted into each other.';
comment on column warehouse.rating_scale.rating_scale_id is 'Surrogate key.';
comment on column warehouse.rating_scale.code is 'PSMU or FPN.';
comment on column warehouse.rating_scale.name is 'Name.';

create table warehouse.rating_value (
    rating_scale_id integer not null references warehouse.rating_scale,
    code text not null,
    name text not null,
    ordinal integer,
    met_objective boolean not null,
    counts_as_good boolean not null,
    excluded boolean not null,
    primary key (rating_scale_id, code)
);

comment on table warehouse.rating_value is 'A value of a rating scale.';
comment on column warehouse.rating_value.rating_scale_id is 'The scale.';
comment on column warehouse.rating_value.code is 'P, S, M, U, NOT_OBSERVED, …';
comment on column warehouse.rating_value.name is 'Meaning.';
comment on column warehouse.rating_value.ordinal is 'Rank, best first; empty when excluded.';
comment on column warehouse.rating_value.met_objective is 'The objective was met.';
comment on column warehouse.rating_value.counts_as_good is 'Counts in the headline share.';
comment on column warehouse.rating_value.excluded is 'Leaves the denominator.';

create table warehouse.element (
    element_id integer primary key,
    code text not null unique,
    name text not null,
    sort_order integer not null
);

comment on table warehouse.element is 'A capability element (POETE).';
comment on column warehouse.element.element_id is 'Surrogate key; -1 unmapped.';
comment on column warehouse.element.code is 'planning, organization, equipment, training, exercises.';
comment on column warehouse.element.name is 'Name.';
comment on column warehouse.element.sort_order is 'Order in lists.';

create table warehouse.exercise_type (
    exercise_type_id integer primary key,
    code text not null unique,
    name text not null,
    class text not null check (class in ('DISCUSSION','OPERATIONS','UNMAPPED')),
    sort_order integer not null
);

comment on table warehouse.exercise_type is 'A type of exercise (HSEEP).';
comment on column warehouse.exercise_type.exercise_type_id is 'Surrogate key; -1 unmapped.';
comment on column warehouse.exercise_type.code is 'SEM, WKS, TTX, GAME, DRL, FE, FSE.';
comment on column warehouse.exercise_type.name is 'Name.';
comment on column warehouse.exercise_type.class is 'discussion, operations or unmapped.';
comment on column warehouse.exercise_type.sort_order is 'Order of building blocks.';

create table warehouse.assessment_method (
    assessment_method_id integer primary key,
    code text not null unique,
    name text not null,
    formula text not null
);

comment on table warehouse.assessment_method is
    'A method of risk assessment; only scores of the same method are compared as numbers.';
comment on column warehouse.assessment_method.assessment_method_id is 'Surrogate key; -1 unmapped.';
comment on column warehouse.assessment_method.code is 'kaiser_hva, …';
comment on column warehouse.assessment_method.name is 'Name.';
comment on column warehouse.assessment_method.formula is 'How risk follows from the scores.';

create table warehouse.milestone_type (
    milestone_type_id integer primary key,
    code text not null unique,
    name text not null,
    sort_order integer not null
);

comment on table warehouse.milestone_type is 'A point in the life of an event that is time-stamped.';
comment on column warehouse.milestone_type.milestone_type_id is 'Surrogate key; -1 unmapped.';
comment on column warehouse.milestone_type.code is 'notified, acknowledged, activated, …';
comment on column warehouse.milestone_type.name is 'Name.';
comment on column warehouse.milestone_type.sort_order is 'Expected order; another order gives a warning.';

-- Requirements of grant programs.

create table warehouse.requirement (
    requirement_id integer generated by default as identity primary key,
    program text not null,
    code text not null,
    period text not null,
    name text not null,
    applies_to text not null default 'REGION' check (applies_to in ('REGION','DISCIPLINE')),
    discipline_id integer references warehouse.discipline,
    exercise_class text check (exercise_class in ('DISCUSSION','OPERATIONS')),
    exercise_type_id integer references warehouse.exercise_type,
    incident_counts boolean not null default false,
    minimum_events integer not null default 1 check (minimum_events > 0),
    maximum_gap_days integer check (maximum_gap_days > 0),
    period_start date not null,
    due_on date not null,
    unique (program, code, period)
);

comment on table warehouse.requirement is
    'Rule of a grant program for a period, e.g. one full-scale exercise a year.';
comment on column warehouse.requirement.requirement_id is 'Surrogate key.';
comment on column warehouse.requirement.program is 'HPP, PHEP, CMS, …';
comment on column warehouse.requirement.code is 'Code within the program.';
comment on column warehouse.requirement.period is 'Period it is for, e.g. FY2026.';
comment on column warehouse.requirement.name is 'What must be done.';
comment on column warehouse.requirement.applies_to is 'Each region, or each organization of a discipline.';
comment on column warehouse.requirement.discipline_id is 'The discipline, when it applies to one.';
comment on column warehouse.requirement.exercise_class is 'Class of exercise that counts; empty for any.';
comment on column warehouse.requirement.exercise_type_id is 'Type of exercise that counts; empty for any.';
comment on column warehouse.requirement.incident_counts is
    'A real incident that was responded to counts as well.';
comment on column warehouse.requirement.minimum_events is 'How many are needed.';
comment on column warehouse.requirement.maximum_gap_days is
    'Longest time allowed between two of them, in days.';
comment on column warehouse.requirement.period_start is 'First day of the period.';
comment on column warehouse.requirement.due_on is 'Last day to meet it.';

-- The calendar.

create table warehouse.calendar_date (
    calendar_date date primary key,
    date_key integer not null unique,
    year integer not null,
    quarter integer not null,
    month integer not null,
    day integer not null,
    iso_week integer not null,
    day_of_week integer not null,
    month_start date not null,
    quarter_start date not null,
    year_start date not null,
    fiscal_year integer not null,
    fiscal_quarter integer not null,
    fiscal_year_start date not null,
    federal_fiscal_year integer not null,
    budget_period text,
    holiday text
);

comment on table warehouse.calendar_date is 'One day, 1950 to 2050.';
comment on column warehouse.calendar_date.calendar_date is 'The day.';
comment on column warehouse.calendar_date.date_key is 'The day as the number yyyymmdd.';
comment on column warehouse.calendar_date.year is 'Calendar year.';
comment on column warehouse.calendar_date.quarter is 'Calendar quarter, 1 to 4.';
comment on column warehouse.calendar_date.month is 'Month, 1 to 12.';
comment on column warehouse.calendar_date.day is 'Day of the month.';
comment on column warehouse.calendar_date.iso_week is 'ISO week.';
comment on column warehouse.calendar_date.day_of_week is 'ISO day of the week, Monday 1.';
comment on column warehouse.calendar_date.month_start is 'First day of its month.';
comment on column warehouse.calendar_date.quarter_start is 'First day of its quarter.';
comment on column warehouse.calendar_date.year_start is 'First day of its year.';
comment on column warehouse.calendar_date.fiscal_year is
    'Fiscal year of the jurisdiction, named by its ending year.';
comment on column warehouse.calendar_date.fiscal_quarter is 'Quarter of that fiscal year.';
comment on column warehouse.calendar_date.fiscal_year_start is 'First day of that fiscal year.';
comment on column warehouse.calendar_date.federal_fiscal_year is 'Federal fiscal year: from 1 October.';
comment on column warehouse.calendar_date.budget_period is 'HPP/PHEP budget period, e.g. BP1 (FY25).';
comment on column warehouse.calendar_date.holiday is
    'Federal or state holiday on this day, by its own date; null on other days.';

-- Events: incidents, exercises and planned events, with their regions, counties and hazards.

create table warehouse.event (
    event_id bigint generated by default as identity primary key,
    kind text not null check (kind in ('INCIDENT','EXERCISE','PLANNED_EVENT')),
    name text not null,
    start_at timestamptz not null,
    end_at timestamptz,
    local_date date not null,
    end_local_date date,
    time_zone text,
    status text not null default 'HELD' check (status in ('PLANNED','HELD','CANCELLED')),
    sensitivity text not null default 'RESTRICTED' check (sensitivity in ('PUBLIC','RESTRICTED')),
    statewide boolean not null default false,
    owes_aar boolean not null default false,
    hazard_id integer not null default -1 references warehouse.hazard,
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    narrative text,
    source text not null,
    source_id text not null,
    source_version text not null default '',
    batch_id integer not null,
    file_id integer not null,
    source_row bigint not null,
    content_hash bytea not null,
    date_key integer not null generated always as (
        (date_part('year', local_date) * 10000 + date_part('month', local_date) * 100
            + date_part('day', local_date))::integer
    ) stored,
    unique (source, source_id),
    constraint ends_after_start check (end_at is null or end_at >= start_at)
);

-- The indexes by day answer for the day's key without reading the event.
create index event_local_date_event_id_idx
    on warehouse.event (local_date, event_id)
    include (date_key, hazard_id);
create index event_kind_local_date_event_id_idx on warehouse.event (kind, local_date, event_id)
    include (date_key);
-- The newest events a page at a time, without sorting all of them.
create index event_start_at_event_id_idx on warehouse.event (start_at, event_id);
-- The events of a hazard, the newest first.
create index event_hazard_id_local_date_event_id_idx
    on warehouse.event (hazard_id, local_date, event_id);
-- Full-text search; schema/src/search.rs has the same expression.
create index event_words_idx on warehouse.event using gin ((
    setweight(to_tsvector('english', left(name, 200000)), 'A') || setweight(
        to_tsvector('english', left(coalesce(narrative, ''), 200000)), 'B')));

comment on table warehouse.event is 'An incident, exercise or planned event: what all other records refer to.';
comment on column warehouse.event.event_id is 'Surrogate key.';
comment on column warehouse.event.kind is 'INCIDENT, EXERCISE or PLANNED_EVENT.';
comment on column warehouse.event.name is 'Name.';
comment on column warehouse.event.start_at is 'Start.';
comment on column warehouse.event.end_at is 'End; empty when unknown or not over.';
comment on column warehouse.event.local_date is 'Day of the start where it happened; periods go by it.';
comment on column warehouse.event.end_local_date is 'Day of the end where it happened.';
comment on column warehouse.event.time_zone is 'Zone in which local times were given.';
comment on column warehouse.event.status is 'PLANNED, HELD or CANCELLED.';
comment on column warehouse.event.sensitivity is 'PUBLIC, or RESTRICTED to the regions taking part.';
comment on column warehouse.event.statewide is 'State-wide: seen by every region.';
comment on column warehouse.event.owes_aar is 'An after-action report is owed.';
comment on column warehouse.event.hazard_id is
    'Primary hazard.';
comment on column warehouse.event.latitude is 'Degrees north.';
comment on column warehouse.event.longitude is 'Degrees east.';
comment on column warehouse.event.narrative is 'What happened, redacted.';
comment on column warehouse.event.source is 'Source that brought it, e.g. noaa_storm_events.';
comment on column warehouse.event.source_id is 'Its id in the source.';
comment on column warehouse.event.source_version is
    'Version the source itself states, e.g. its refresh time; an older one never replaces a newer, '
    'whatever the order of loading.';
comment on column warehouse.event.batch_id is 'Load that brought this version.';
comment on column warehouse.event.file_id is 'File that brought it.';
comment on column warehouse.event.source_row is 'Row in the file.';
comment on column warehouse.event.content_hash is 'Digest of the content, to detect changes.';
comment on column warehouse.event.date_key is 'The local day as the number yyyymmdd; follows local_date.';

create table warehouse.incident (
    event_id bigint primary key references warehouse.event on delete cascade,
    response text not null default 'NONE' check (response in ('NONE','MONITORED','RESPONDED')),
    declaration_number text,
    declaration_type text,
    activation_level text,
    activation_ordinal smallint check (activation_ordinal between 0 and 3),
    deaths_direct integer check (deaths_direct >= 0),
    deaths_indirect integer check (deaths_indirect >= 0),
    injuries_direct integer check (injuries_direct >= 0),
    injuries_indirect integer check (injuries_indirect >= 0),
    damage_property_usd bigint check (damage_property_usd >= 0),
    damage_crops_usd bigint check (damage_crops_usd >= 0),
    evacuated integer check (evacuated >= 0),
    patients integer check (patients >= 0),
    hospitals_involved integer check (hospitals_involved >= 0),
    area_km2 double precision check (area_km2 >= 0),
    magnitude double precision,
    magnitude_type text
);

comment on table warehouse.incident is 'The incident part of an event.';
comment on column warehouse.incident.event_id is 'The event.';
comment on column warehouse.incident.response is 'What the coalition did: NONE, MONITORED or RESPONDED.';
comment on column warehouse.incident.declaration_number is 'Federal declaration, e.g. DR-4637-TN.';
comment on column warehouse.incident.declaration_type is 'DR, EM, FM or FS.';
comment on column warehouse.incident.activation_level is 'Level as the region calls it.';
comment on column warehouse.incident.activation_ordinal is '0 none, 1 monitoring, 2 partial, 3 full.';
comment on column warehouse.incident.deaths_direct is 'Deaths caused directly.';
comment on column warehouse.incident.deaths_indirect is 'Deaths caused indirectly.';
comment on column warehouse.incident.injuries_direct is 'Injuries caused directly.';
comment on column warehouse.incident.injuries_indirect is 'Injuries caused indirectly.';
comment on column warehouse.incident.damage_property_usd is 'Property damage in whole US dollars.';
comment on column warehouse.incident.damage_crops_usd is 'Crop damage in whole US dollars.';
comment on column warehouse.incident.evacuated is 'People evacuated.';
comment on column warehouse.incident.patients is 'Patients cared for.';
comment on column warehouse.incident.hospitals_involved is 'Hospitals involved.';
comment on column warehouse.incident.area_km2 is 'Area in square kilometers.';
comment on column warehouse.incident.magnitude is 'Magnitude as the source measures it.';
comment on column warehouse.incident.magnitude_type is 'What the magnitude measures.';

create table warehouse.exercise (
    event_id bigint primary key references warehouse.event on delete cascade,
    exercise_type_id integer not null default -1 references warehouse.exercise_type,
    sponsor_organization_id bigint not null default -1 references warehouse.organization,
    program text,
    scope text,
    scenario text,
    time_limit_minutes integer check (time_limit_minutes > 0)
);

create index exercise_sponsor_organization_id_idx on warehouse.exercise (sponsor_organization_id)
    where sponsor_organization_id > 0;

comment on table warehouse.exercise is 'The exercise part of an event.';
comment on column warehouse.exercise.event_id is 'The event.';
comment on column warehouse.exercise.exercise_type_id is 'Type.';
comment on column warehouse.exercise.sponsor_organization_id is 'Sponsor.';
comment on column warehouse.exercise.program is 'Grant program of the exercise, e.g. HPP.';
comment on column warehouse.exercise.scope is 'Scope, redacted.';
comment on column warehouse.exercise.scenario is 'Scenario, redacted.';
comment on column warehouse.exercise.time_limit_minutes is
    'Time allowed by the exercise''s rules, in minutes.';

create table warehouse.event_region (
    event_id bigint not null references warehouse.event on delete cascade,
    region_id integer not null references warehouse.region,
    allocation_weight double precision not null default 1
        check (allocation_weight > 0 and allocation_weight <= 1),
    primary key (event_id, region_id)
);

create index event_region_region_id_event_id_idx on warehouse.event_region (region_id, event_id);

comment on table warehouse.event_region is 'Regions an event struck or that took part in it.';
comment on column warehouse.event_region.event_id is 'The event.';
comment on column warehouse.event_region.region_id is 'The region.';
comment on column warehouse.event_region.allocation_weight is
    'Share of the event given to the region; sums to 1 an event.';

create table warehouse.event_county (
    event_id bigint not null references warehouse.event on delete cascade,
    county_id integer not null references warehouse.county,
    primary key (event_id, county_id)
);

create index event_county_county_id_event_id_idx on warehouse.event_county (county_id, event_id);

comment on table warehouse.event_county is 'Counties an event struck.';
comment on column warehouse.event_county.event_id is 'The event.';
comment on column warehouse.event_county.county_id is 'The county.';

create table warehouse.event_hazard (
    event_id bigint not null references warehouse.event on delete cascade,
    hazard_id integer not null references warehouse.hazard,
    is_primary boolean not null,
    primary key (event_id, hazard_id)
);

create index event_hazard_hazard_id_event_id_idx on warehouse.event_hazard (hazard_id, event_id);
create unique index event_hazard_one_primary on warehouse.event_hazard (event_id) where is_primary;

comment on table warehouse.event_hazard is 'Hazards of an event, one of them primary.';
comment on column warehouse.event_hazard.event_id is 'The event.';
comment on column warehouse.event_hazard.hazard_id is 'The hazard.';
comment on column warehouse.event_hazard.is_primary is 'The primary hazard.';

create table warehouse.event_link (
    event_link_id bigint generated by default as identity primary key,
    event_id bigint not null references warehouse.event on delete cascade,
    linked_event_id bigint not null references warehouse.event on delete cascade,
    relation text not null check (relation in ('PUBLIC_RECORD','PARENT','SAME_AS')),
    unique (event_id, linked_event_id, relation)
);

create index event_link_linked_event_id_idx on warehouse.event_link (linked_event_id);

comment on table warehouse.event_link is 'How two events belong together.';
comment on column warehouse.event_link.event_link_id is 'Surrogate key.';
comment on column warehouse.event_link.event_id is 'The event.';
comment on column warehouse.event_link.linked_event_id is 'The other event.';
comment on column warehouse.event_link.relation is
    'PUBLIC_RECORD: the feed''s record behind a coalition''s incident; PARENT; SAME_AS.';

create table warehouse.event_source_label (
    event_id bigint not null references warehouse.event on delete cascade,
    field text not null,
    label text not null,
    primary key (event_id, field, label)
);

comment on table warehouse.event_source_label is
    'Labels of a record as the source wrote them, kept for the unmapped.';
comment on column warehouse.event_source_label.event_id is 'The event.';
comment on column warehouse.event_source_label.field is 'Field, e.g. hazard or zone.';
comment on column warehouse.event_source_label.label is 'Label as written.';

create table warehouse.event_source (
    source text not null,
    source_id text not null,
    event_id bigint not null references warehouse.event on delete cascade deferrable initially deferred,
    matched_by text not null check (matched_by in ('NEW','SIMILARITY','APART')),
    similarity double precision check (similarity between 0 and 1),
    source_version text not null default '',
    claim jsonb not null,
    batch_id integer not null,
    file_id integer not null,
    source_row bigint not null,
    content_hash bytea not null,
    primary key (source, source_id)
);

create index event_source_event_id_idx on warehouse.event_source (event_id);

comment on table warehouse.event_source is 'What each of a coalition''s documents states about an event.';
comment on column warehouse.event_source.source is 'Source, e.g. exercise_calendar.';
comment on column warehouse.event_source.source_id is 'Id of the event in the source.';
comment on column warehouse.event_source.event_id is 'The event.';
comment on column warehouse.event_source.matched_by is
    'NEW: its own event; SIMILARITY: matched to an event of another document; APART: split from it by hand.';
comment on column warehouse.event_source.similarity is
    'Likeness of the names, 0 to 1, where it was matched by similarity.';
comment on column warehouse.event_source.source_version is 'Version the source states.';
comment on column warehouse.event_source.claim is 'What the source states about the event, as it was merged.';
comment on column warehouse.event_source.batch_id is 'Load.';
comment on column warehouse.event_source.file_id is 'File.';
comment on column warehouse.event_source.source_row is 'Row in the file.';
comment on column warehouse.event_source.content_hash is 'Hash of what it states.';

-- After-action reports and objectives.

create table warehouse.after_action_report (
    event_id bigint primary key references warehouse.event on delete cascade,
    layout text not null,
    has_overview boolean not null default false,
    draft_on date,
    final_on date,
    participants_listed boolean not null default false,
    batch_id integer not null,
    file_id integer not null,
    source_row bigint not null,
    content_hash bytea not null
);

-- Final reports of a period, by their day and by the load that reported them.
create index after_action_report_final_on_idx on warehouse.after_action_report (final_on);
create index after_action_report_batch_id_idx on warehouse.after_action_report (batch_id);

comment on table warehouse.after_action_report is 'The after-action report of an event.';
comment on column warehouse.after_action_report.event_id is 'The event.';
comment on column warehouse.after_action_report.layout is 'Layout of the document, e.g. hseep_2013.';
comment on column warehouse.after_action_report.has_overview is 'The overview was filled.';
comment on column warehouse.after_action_report.draft_on is 'Day of the draft.';
comment on column warehouse.after_action_report.final_on is 'Day of the final report.';
comment on column warehouse.after_action_report.participants_listed is
    'Participating organizations were listed.';
comment on column warehouse.after_action_report.batch_id is 'Load that brought this version.';
comment on column warehouse.after_action_report.file_id is 'File that brought it.';
comment on column warehouse.after_action_report.source_row is 'Row in the file.';
comment on column warehouse.after_action_report.content_hash is 'Digest of the content.';

create table warehouse.objective (
    objective_id bigint generated by default as identity primary key,
    event_id bigint not null references warehouse.event on delete cascade,
    number integer not null,
    text text not null,
    capability_id integer not null default -1 references warehouse.capability,
    unique (event_id, number)
);

create index objective_capability_id_idx on warehouse.objective (capability_id)
    where capability_id > 0;

comment on table warehouse.objective is 'An objective of an event.';
comment on column warehouse.objective.objective_id is 'Surrogate key.';
comment on column warehouse.objective.event_id is 'The event.';
comment on column warehouse.objective.number is 'Number within the event.';
comment on column warehouse.objective.text is 'The objective, redacted.';
comment on column warehouse.objective.capability_id is 'Capability it exercises.';

-- Columns of a record's lineage, which the tables of records share.

create temporary table lineage (
    source text not null,
    source_id text not null,
    batch_id integer not null,
    file_id integer not null,
    source_row bigint not null,
    content_hash bytea not null
) on commit drop;

comment on column lineage.source is 'Source that brought it.';
comment on column lineage.source_id is 'Its id in the source.';
comment on column lineage.batch_id is 'Load that brought this version.';
comment on column lineage.file_id is 'File that brought it.';
comment on column lineage.source_row is 'Row in the file.';
comment on column lineage.content_hash is 'Digest of the content.';

-- Participation.

create table warehouse.participation (
    participation_id bigint generated by default as identity primary key,
    event_id bigint not null references warehouse.event on delete cascade,
    organization_id bigint not null references warehouse.organization,
    region_id integer not null default -1 references warehouse.region,
    role text not null default 'PLAYER'
        check (role in ('PLAYER','CONTROLLER','EVALUATOR','OBSERVER','SPONSOR','RESPONDER')),
    executive_present boolean,
    participant_count integer check (participant_count >= 0),
    like lineage including comments,
    unique (source, source_id)
);

create index participation_event_id_idx on warehouse.participation (event_id);
create index participation_organization_id_idx on warehouse.participation (organization_id);

comment on table warehouse.participation is 'An organization''s part in an event.';
comment on column warehouse.participation.participation_id is 'Surrogate key.';
comment on column warehouse.participation.event_id is 'The event.';
comment on column warehouse.participation.organization_id is 'The organization.';
comment on column warehouse.participation.region_id is 'The organization''s region at the time.';
comment on column warehouse.participation.role is 'Role.';
comment on column warehouse.participation.executive_present is 'An executive took part.';
comment on column warehouse.participation.participant_count is 'People who took part, a count only.';

-- Milestones.

create table warehouse.milestone (
    milestone_id bigint generated by default as identity primary key,
    event_id bigint not null references warehouse.event on delete cascade,
    milestone_type_id integer not null references warehouse.milestone_type,
    sequence integer not null default 1,
    occurred_at timestamptz not null,
    time_precision text not null default 'MINUTE' check (time_precision in ('MINUTE','HOUR','DAY')),
    organization_id bigint references warehouse.organization,
    like lineage including comments,
    unique (source, source_id)
);

create index milestone_event_id_milestone_type_id_idx on warehouse.milestone (event_id, milestone_type_id);
create index milestone_organization_id_idx on warehouse.milestone (organization_id)
    where organization_id > 0;

comment on table warehouse.milestone is 'A time stamp in the life of an event.';
comment on column warehouse.milestone.milestone_id is 'Surrogate key.';
comment on column warehouse.milestone.event_id is 'The event.';
comment on column warehouse.milestone.milestone_type_id is 'What happened.';
comment on column warehouse.milestone.sequence is 'Number, when it happened more than once.';
comment on column warehouse.milestone.occurred_at is 'When.';
comment on column warehouse.milestone.time_precision is
    'How exactly it is known; days never enter a metric of minutes.';
comment on column warehouse.milestone.organization_id is 'Organization it is about; empty for the coalition.';

-- Information requests and reports.

create table warehouse.information_request (
    information_request_id bigint generated by default as identity primary key,
    event_id bigint not null references warehouse.event on delete cascade,
    label text not null,
    platform text,
    asked_at timestamptz not null,
    due_at timestamptz,
    like lineage including comments,
    unique (source, source_id)
);

create index information_request_event_id_idx on warehouse.information_request (event_id);

comment on table warehouse.information_request is
    'A request for essential elements of information to several organizations.';
comment on column warehouse.information_request.information_request_id is 'Surrogate key.';
comment on column warehouse.information_request.event_id is 'The event.';
comment on column warehouse.information_request.label is 'What was requested.';
comment on column warehouse.information_request.platform is 'Means, e.g. WebEOC.';
comment on column warehouse.information_request.asked_at is 'When it was sent.';
comment on column warehouse.information_request.due_at is 'When answers were due.';

create table warehouse.information_report (
    information_report_id bigint generated by default as identity primary key,
    information_request_id bigint not null references warehouse.information_request on delete cascade,
    organization_id bigint not null references warehouse.organization,
    received_at timestamptz,
    unique (information_request_id, organization_id)
);

create index information_report_organization_id_idx on warehouse.information_report (organization_id);

comment on table warehouse.information_report is
    'An organization''s answer to a request; empty received_at means requested and not answered.';
comment on column warehouse.information_report.information_report_id is 'Surrogate key.';
comment on column warehouse.information_report.information_request_id is 'The request.';
comment on column warehouse.information_report.organization_id is 'The organization asked.';
comment on column warehouse.information_report.received_at is 'When the answer came.';

-- Resource requests.

create table warehouse.resource_request (
    resource_request_id bigint generated by default as identity primary key,
    event_id bigint references warehouse.event on delete cascade,
    region_id integer not null default -1 references warehouse.region,
    organization_id bigint not null default -1 references warehouse.organization,
    kind text not null,
    priority text check (priority in ('URGENT','ROUTINE','LOW')),
    status text not null default 'OPEN' check (status in ('OPEN','FILLED','PARTIAL','CANCELLED')),
    quantity_requested double precision not null check (quantity_requested > 0),
    quantity_filled double precision not null default 0 check (quantity_filled >= 0),
    requested_at timestamptz not null,
    needed_by timestamptz,
    assigned_at timestamptz,
    filled_at timestamptz,
    like lineage including comments,
    unique (source, source_id),
    constraint filled_after_requested check (filled_at is null or filled_at >= requested_at)
);

create index resource_request_event_id_idx on warehouse.resource_request (event_id);
create index resource_request_region_id_idx on warehouse.resource_request (region_id);
create index resource_request_organization_id_idx on warehouse.resource_request (organization_id)
    where organization_id > 0;

comment on table warehouse.resource_request is 'One line of a resource request (ICS-213RR).';
comment on column warehouse.resource_request.resource_request_id is 'Surrogate key.';
comment on column warehouse.resource_request.event_id is 'The event; empty for requests outside one.';
comment on column warehouse.resource_request.region_id is 'Region that made the request.';
comment on column warehouse.resource_request.organization_id is 'Organization that made the request.';
comment on column warehouse.resource_request.kind is 'What was requested.';
comment on column warehouse.resource_request.priority is 'URGENT, ROUTINE or LOW.';
comment on column warehouse.resource_request.status is 'OPEN, PARTIAL, FILLED or CANCELLED.';
comment on column warehouse.resource_request.quantity_requested is 'Quantity requested.';
comment on column warehouse.resource_request.quantity_filled is 'Quantity filled.';
comment on column warehouse.resource_request.requested_at is 'When it was requested.';
comment on column warehouse.resource_request.needed_by is 'When it was needed.';
comment on column warehouse.resource_request.assigned_at is 'When a supplier was found.';
comment on column warehouse.resource_request.filled_at is 'When it was filled.';

-- Capability ratings.

create table warehouse.capability_rating (
    capability_rating_id bigint generated by default as identity primary key,
    event_id bigint not null references warehouse.event on delete cascade,
    capability_id integer not null references warehouse.capability,
    organization_id bigint not null default -1 references warehouse.organization,
    level text not null default 'CAPABILITY' check (level in ('CAPABILITY','TARGET','TASK')),
    subject text,
    rating_scale_id integer not null,
    rating text not null,
    note text,
    like lineage including comments,
    unique (source, source_id),
    foreign key (rating_scale_id, rating) references warehouse.rating_value (rating_scale_id, code)
);

create index capability_rating_event_id_idx
    on warehouse.capability_rating (event_id);
-- One capability over the years, from the index alone.
create index capability_rating_capability_id_event_id_idx on warehouse.capability_rating
    (capability_id, event_id) include (rating_scale_id, level, rating);
create index capability_rating_organization_id_idx on warehouse.capability_rating (organization_id)
    where organization_id > 0;

comment on table warehouse.capability_rating is
    'A rating of a capability in an event; only level CAPABILITY enters headline metrics.';
comment on column warehouse.capability_rating.capability_rating_id is 'Surrogate key.';
comment on column warehouse.capability_rating.event_id is 'The event.';
comment on column warehouse.capability_rating.capability_id is 'The capability.';
comment on column warehouse.capability_rating.organization_id is 'Organization rated, unless the entire event was.';
comment on column warehouse.capability_rating.level is 'CAPABILITY, TARGET or TASK.';
comment on column warehouse.capability_rating.subject is 'Objective, target or task rated, redacted.';
comment on column warehouse.capability_rating.rating_scale_id is 'Scale: PSMU or FPN.';
comment on column warehouse.capability_rating.rating is 'Value on the scale, e.g. P.';
comment on column warehouse.capability_rating.note is 'Explanation, redacted.';

-- Findings.

create table warehouse.finding (
    finding_id bigint generated by default as identity primary key,
    event_id bigint not null references warehouse.event on delete cascade,
    number integer,
    kind text not null check (kind in ('STRENGTH','AREA_FOR_IMPROVEMENT')),
    capability_id integer not null default -1 references warehouse.capability,
    organization_id bigint not null default -1 references warehouse.organization,
    text text not null,
    reference text,
    analysis text,
    recommendation text,
    like lineage including comments,
    unique (source, source_id)
);

create index finding_event_id_idx
    on warehouse.finding (event_id);
-- The areas for improvement of a capability, from the index alone.
create index finding_capability_id_event_id_idx on warehouse.finding (capability_id, event_id)
    include (kind);
create index finding_organization_id_idx on warehouse.finding (organization_id)
    where organization_id > 0;
-- Full-text search; schema/src/search.rs has the same expression.
create index finding_words_idx on warehouse.finding using gin ((
    setweight(to_tsvector('english', left(text, 200000)), 'A') || setweight(
        to_tsvector('english', left(coalesce(analysis, '') || ' ' || coalesce(recommendation, '') || ' ' || coalesce(reference, ''), 200000)), 'B')));

comment on table warehouse.finding is 'A strength or an area for improvement.';
comment on column warehouse.finding.finding_id is 'Surrogate key.';
comment on column warehouse.finding.event_id is 'The event.';
comment on column warehouse.finding.number is 'Number within the event.';
comment on column warehouse.finding.kind is 'STRENGTH or AREA_FOR_IMPROVEMENT.';
comment on column warehouse.finding.capability_id is 'The capability.';
comment on column warehouse.finding.organization_id is 'Organization it is about, unless it is the entire event.';
comment on column warehouse.finding.text is 'The observation, redacted.';
comment on column warehouse.finding.reference is 'Plan, policy or procedure referred to.';
comment on column warehouse.finding.analysis is 'Analysis or root cause, redacted.';
comment on column warehouse.finding.recommendation is 'Recommendation, redacted.';

create table warehouse.finding_element (
    finding_id bigint not null references warehouse.finding on delete cascade,
    element_id integer not null references warehouse.element,
    weight double precision not null check (weight > 0 and weight <= 1),
    primary key (finding_id, element_id)
);

comment on table warehouse.finding_element is 'Capability elements of a finding; weights sum to 1 a finding.';
comment on column warehouse.finding_element.finding_id is 'The finding.';
comment on column warehouse.finding_element.element_id is 'The element.';
comment on column warehouse.finding_element.weight is 'Share of the finding.';

-- Corrective actions, the reports that state them, and their history.

create table warehouse.corrective_action (
    corrective_action_id bigint generated by default as identity primary key,
    event_id bigint references warehouse.event on delete cascade,
    finding_id bigint references warehouse.finding on delete set null,
    region_id integer not null default -1 references warehouse.region,
    capability_id integer not null default -1 references warehouse.capability,
    owner_organization_id bigint not null default -1 references warehouse.organization,
    external_id text,
    text text not null,
    priority text check (priority in ('HIGH','MEDIUM','LOW')),
    status text not null
        check (status in ('PROPOSED','OPEN','IN_PROGRESS','COMPLETED','VALIDATED','DEFERRED','CANCELLED')),
    opened_on date not null,
    start_on date,
    due_original_on date,
    due_current_on date,
    due_precision text check (due_precision in ('DAY','MONTH','QUARTER','YEAR')),
    due_text text,
    completed_on date,
    cancelled_on date,
    validated_on date,
    validated_event_id bigint references warehouse.event on delete set null,
    sensitivity text not null default 'RESTRICTED' check (sensitivity in ('PUBLIC','RESTRICTED')),
    like lineage including comments,
    issue text,
    region_from_event boolean not null default false,
    unique (source, source_id),
    constraint completed_not_before_opened check (completed_on is null or completed_on >= opened_on)
);

create index corrective_action_event_id_idx
    on warehouse.corrective_action (event_id);
create index corrective_action_finding_id_idx on warehouse.corrective_action (finding_id);
-- Open and overdue actions by region, with the columns that decide who may see an action.
create index corrective_action_region_id_status_idx on warehouse.corrective_action (region_id, status)
    include (due_current_on, event_id, sensitivity);
create index corrective_action_capability_id_idx on warehouse.corrective_action (capability_id);
create index corrective_action_external_id_idx on warehouse.corrective_action (external_id)
    where external_id is not null;
-- The actions due first, a page at a time, without sorting all of them.
create index corrective_action_due_current_on_corrective_action_id_idx
    on warehouse.corrective_action (due_current_on, corrective_action_id);
create index corrective_action_owner_organization_id_idx
    on warehouse.corrective_action (owner_organization_id) where owner_organization_id > 0;
create index corrective_action_validated_event_id_idx
    on warehouse.corrective_action (validated_event_id) where validated_event_id is not null;
-- Full-text search; schema/src/search.rs has the same expression.
create index corrective_action_words_idx on warehouse.corrective_action using gin ((
    setweight(to_tsvector('english', left(text, 200000)), 'A') || setweight(
        to_tsvector('english', left(coalesce(issue, ''), 200000)), 'B')));

comment on table warehouse.corrective_action is
    'A corrective action of an improvement plan as it is now; its past is in action_status_history.';
comment on column warehouse.corrective_action.corrective_action_id is 'Surrogate key.';
comment on column warehouse.corrective_action.event_id is
    'Event it came from; empty for actions outside one.';
comment on column warehouse.corrective_action.finding_id is 'Finding it answers.';
comment on column warehouse.corrective_action.region_id is 'Region that owes it.';
comment on column warehouse.corrective_action.capability_id is 'The capability.';
comment on column warehouse.corrective_action.owner_organization_id is 'Organization responsible.';
comment on column warehouse.corrective_action.external_id is 'Id in a tracker, when it has one.';
comment on column warehouse.corrective_action.text is 'What is to be done, redacted.';
comment on column warehouse.corrective_action.priority is 'HIGH, MEDIUM or LOW.';
comment on column warehouse.corrective_action.status is 'Present status; overdue is derived, never stored.';
comment on column warehouse.corrective_action.opened_on is 'Day it was opened.';
comment on column warehouse.corrective_action.start_on is 'Day work was to start.';
comment on column warehouse.corrective_action.due_original_on is 'First due date.';
comment on column warehouse.corrective_action.due_current_on is 'Present due date.';
comment on column warehouse.corrective_action.due_precision is 'How exactly the due date was given.';
comment on column warehouse.corrective_action.due_text is 'The due date as written.';
comment on column warehouse.corrective_action.completed_on is 'Day it was completed.';
comment on column warehouse.corrective_action.cancelled_on is 'Day it was canceled.';
comment on column warehouse.corrective_action.validated_on is 'Day its effect was validated.';
comment on column warehouse.corrective_action.validated_event_id is 'Event that validated it.';
comment on column warehouse.corrective_action.sensitivity is
    'PUBLIC, or RESTRICTED to its region, even where its event is shared, state-wide or public.';
comment on column warehouse.corrective_action.source is 'Source that brought it first.';
comment on column warehouse.corrective_action.source_id is 'Its id in that source.';
comment on column warehouse.corrective_action.issue is
    'Area for improvement it answers, as its report words it; contact details redacted';
comment on column warehouse.corrective_action.region_from_event is
    'Neither a report nor the owner names a region; region_id is the first of the event''s regions, and '
    'all of these see the action.';

create table warehouse.corrective_action_element (
    corrective_action_id bigint not null references warehouse.corrective_action on delete cascade,
    element_id integer not null references warehouse.element,
    weight double precision not null check (weight > 0 and weight <= 1),
    primary key (corrective_action_id, element_id)
);

comment on table warehouse.corrective_action_element is
    'Capability elements of an action; weights sum to 1 an action.';
comment on column warehouse.corrective_action_element.corrective_action_id is 'The action.';
comment on column warehouse.corrective_action_element.element_id is 'The element.';
comment on column warehouse.corrective_action_element.weight is 'Share of the action.';

create table warehouse.corrective_action_source (
    source text not null,
    source_id text not null,
    corrective_action_id bigint not null references warehouse.corrective_action on delete cascade
        deferrable initially deferred,
    matched_by text not null
        check (matched_by in ('NEW','SOURCE_ID','EXTERNAL_ID','REQUEST','SIMILARITY')),
    similarity double precision check (similarity between 0 and 1),
    reported_on date,
    batch_id integer not null,
    file_id integer not null,
    source_row bigint not null,
    content_hash bytea not null,
    report jsonb not null default '{}',
    corrective_action_source_id bigint generated always as identity primary key
);

create index corrective_action_source_corrective_action_id_idx
   
    on warehouse.corrective_action_source (corrective_action_id);
-- Of one row on one day the last report counts: a corrected file loaded again replaces the wrong one.
create unique index corrective_action_source_report
    on warehouse.corrective_action_source (source, source_id, reported_on) nulls not distinct;
-- Finds the reports that name an event which is not loaded yet, when it is loaded.
create index corrective_action_source_without_event
    on warehouse.corrective_action_source ((report ->> 'event_ref'))
    where report ->> 'event_id' is null and report ->> 'event_ref' is not null;

comment on table warehouse.corrective_action_source is
    'Every record of a document or tracker that describes an action, so that several reports are one action.';
comment on column warehouse.corrective_action_source.source is 'Source.';
comment on column warehouse.corrective_action_source.source_id is 'Its id in the source.';
comment on column warehouse.corrective_action_source.corrective_action_id is 'The action it is.';
comment on column warehouse.corrective_action_source.matched_by is 'How it was recognized.';
comment on column warehouse.corrective_action_source.similarity is
    'Text similarity, 0 to 1, when matched by it.';
comment on column warehouse.corrective_action_source.reported_on is 'Day the report speaks of.';
comment on column warehouse.corrective_action_source.batch_id is 'Load.';
comment on column warehouse.corrective_action_source.file_id is 'File.';
comment on column warehouse.corrective_action_source.source_row is 'Row in the file.';
comment on column warehouse.corrective_action_source.content_hash is 'Digest of the content.';
comment on column warehouse.corrective_action_source.report is 'What the report said, as it was merged';
comment on column warehouse.corrective_action_source.corrective_action_source_id is 'Surrogate key';

create table warehouse.action_status_history (
    action_status_history_id bigint generated by default as identity primary key,
    corrective_action_id bigint not null references warehouse.corrective_action on delete cascade,
    changed_on date not null,
    sequence integer not null default 1,
    change text not null
        check (change in ('OPENED','STATUS','DUE_DATE','COMPLETED','REOPENED','CANCELLED','VALIDATED')),
    status text not null
        check (status in ('PROPOSED','OPEN','IN_PROGRESS','COMPLETED','VALIDATED','DEFERRED','CANCELLED')),
    due_on date,
    batch_id integer not null,
    file_id integer not null,
    source_row bigint not null,
    unique (corrective_action_id, changed_on, sequence)
);

-- Changes of a period: by their day, by the load that reported them, and by the due date.
create index action_status_history_change_changed_on_idx
    on warehouse.action_status_history (change, changed_on, corrective_action_id);
create index action_status_history_batch_id_idx
    on warehouse.action_status_history (batch_id, change, changed_on);
create index action_status_history_due_on_idx
    on warehouse.action_status_history (due_on, corrective_action_id);

comment on table warehouse.action_status_history is
    'Each dated change of an action; the state on a day is the last row up to it.';
comment on column warehouse.action_status_history.action_status_history_id is 'Surrogate key.';
comment on column warehouse.action_status_history.corrective_action_id is 'The action.';
comment on column warehouse.action_status_history.changed_on is 'Day of the change.';
comment on column warehouse.action_status_history.sequence is 'Order within the day.';
comment on column warehouse.action_status_history.change is 'What changed.';
comment on column warehouse.action_status_history.status is 'Status after it.';
comment on column warehouse.action_status_history.due_on is 'Due date after it.';
comment on column warehouse.action_status_history.batch_id is 'Load that reported it.';
comment on column warehouse.action_status_history.file_id is 'File that reported it.';
comment on column warehouse.action_status_history.source_row is 'Row in the file.';

create table warehouse.tracker_request (
    tracker_request_id bigint generated by default as identity primary key,
    tracker text not null,
    corrective_action_id bigint references warehouse.corrective_action on delete set null,
    region_id integer not null default -1 references warehouse.region,
    organization_id bigint not null default -1 references warehouse.organization,
    asked_on date not null,
    due_on date not null,
    answered_on date,
    like lineage including comments,
    unique (source, source_id),
    constraint due_after_asked check (due_on >= asked_on)
);

create index tracker_request_corrective_action_id_idx
    on warehouse.tracker_request (corrective_action_id);
create index tracker_request_region_id_idx on warehouse.tracker_request (region_id);
create index tracker_request_organization_id_idx on warehouse.tracker_request (organization_id)
    where organization_id > 0;
create index tracker_request_asked_on_idx on warehouse.tracker_request (asked_on);

comment on table warehouse.tracker_request is
    'A corrective action about which its owner was sent a tracker, and the day of the first answer.';
comment on column warehouse.tracker_request.tracker_request_id is 'Surrogate key.';
comment on column warehouse.tracker_request.tracker is 'Sent tracker: one workbook.';
comment on column warehouse.tracker_request.corrective_action_id is
    'The action; empty if it is no longer in the warehouse.';
comment on column warehouse.tracker_request.region_id is 'Region that owed the action when asked.';
comment on column warehouse.tracker_request.organization_id is
    'Organization responsible for the action when asked.';
comment on column warehouse.tracker_request.asked_on is 'Day the tracker was written.';
comment on column warehouse.tracker_request.due_on is 'Day by which an answer was asked for.';
comment on column warehouse.tracker_request.answered_on is
    'Day of the first answer; empty while there is none.';

-- Risk assessments and scores.

create table warehouse.note (
    note_id bigint generated by default as identity primary key,
    day date not null,
    end_day date,
    region_id integer not null default -1 references warehouse.region,
    metric text,
    text text not null,
    sensitivity text not null default 'RESTRICTED' check (sensitivity in ('PUBLIC','RESTRICTED')),
    like lineage including comments,
    unique (source, source_id),
    constraint ends_after_its_day check (end_day is null or end_day >= day)
);

create index note_day_idx on warehouse.note (day);
create index note_region_id_idx on warehouse.note (region_id);

comment on table warehouse.note is
    'A note on a day that explains figures, such as a new on-call rota. Charts show it.';
comment on column warehouse.note.note_id is 'Surrogate key.';
comment on column warehouse.note.day is 'Day, or first day.';
comment on column warehouse.note.end_day is 'Last day; empty for a single day.';
comment on column warehouse.note.region_id is 'Region; unmapped for the entire state.';
comment on column warehouse.note.metric is 'Metric of the figures; empty for all.';
comment on column warehouse.note.text is 'The note, redacted.';
comment on column warehouse.note.sensitivity is 'PUBLIC, or RESTRICTED to its region.';

create table warehouse.risk_assessment (
    risk_assessment_id bigint generated by default as identity primary key,
    organization_id bigint not null default -1 references warehouse.organization,
    region_id integer not null default -1 references warehouse.region,
    assessment_method_id integer not null references warehouse.assessment_method,
    assessed_on date not null,
    edition text,
    overall_risk double precision check (overall_risk between 0 and 1),
    sensitivity text not null default 'RESTRICTED' check (sensitivity in ('PUBLIC','RESTRICTED')),
    like lineage including comments,
    scale text,
    unique (source, source_id)
);

create index risk_assessment_organization_id_assessed_on_idx
    on warehouse.risk_assessment (organization_id, assessed_on);
create index risk_assessment_region_id_idx on warehouse.risk_assessment (region_id);

comment on table warehouse.risk_assessment is 'One organization''s assessment of its hazards.';
comment on column warehouse.risk_assessment.risk_assessment_id is 'Surrogate key.';
comment on column warehouse.risk_assessment.organization_id is 'Organization that assessed.';
comment on column warehouse.risk_assessment.region_id is 'Its region.';
comment on column warehouse.risk_assessment.assessment_method_id is 'Method.';
comment on column warehouse.risk_assessment.assessed_on is 'Day of the assessment.';
comment on column warehouse.risk_assessment.edition is 'Edition of the form.';
comment on column warehouse.risk_assessment.overall_risk is
    'Mean probability/3 times mean severity/18, 0 to 1.';
comment on column warehouse.risk_assessment.sensitivity is 'PUBLIC, or RESTRICTED to its region.';
comment on column warehouse.risk_assessment.scale is
    'Scale of its scores, such as 1 to 5; empty when it is not known.';

create table warehouse.risk_score (
    risk_score_id bigint generated by default as identity primary key,
    risk_assessment_id bigint not null references warehouse.risk_assessment on delete cascade,
    hazard_id integer not null default -1 references warehouse.hazard,
    label text not null,
    category text,
    probability smallint check (probability between 0 and 3),
    human_impact smallint check (human_impact between 0 and 3),
    property_impact smallint check (property_impact between 0 and 3),
    business_impact smallint check (business_impact between 0 and 3),
    preparedness smallint check (preparedness between 0 and 3),
    internal_response smallint check (internal_response between 0 and 3),
    external_response smallint check (external_response between 0 and 3),
    alerts integer check (alerts >= 0),
    activations integer check (activations >= 0),
    applicable boolean not null,
    risk_printed double precision check (risk_printed between 0 and 1),
    risk double precision check (risk between 0 and 1),
    inherent_risk double precision check (inherent_risk between 0 and 1),
    rank_in_assessment integer check (rank_in_assessment > 0),
    like lineage including comments,
    score_printed text,
    rank_printed integer check (rank_printed > 0),
    unique (source, source_id)
);

create index risk_score_risk_assessment_id_idx on warehouse.risk_score (risk_assessment_id);
create index risk_score_hazard_id_idx on warehouse.risk_score (hazard_id);

comment on table warehouse.risk_score is 'One hazard within a risk assessment.';
comment on column warehouse.risk_score.risk_score_id is 'Surrogate key.';
comment on column warehouse.risk_score.risk_assessment_id is 'The assessment.';
comment on column warehouse.risk_score.hazard_id is 'The hazard.';
comment on column warehouse.risk_score.label is 'Hazard as the sheet names it.';
comment on column warehouse.risk_score.category is 'Category as the sheet names it.';
comment on column warehouse.risk_score.probability is 'Likelihood, 0 not applicable to 3 high.';
comment on column warehouse.risk_score.human_impact is 'Death or injury, 0 to 3.';
comment on column warehouse.risk_score.property_impact is 'Physical losses, 0 to 3.';
comment on column warehouse.risk_score.business_impact is 'Interruption of services, 0 to 3.';
comment on column warehouse.risk_score.preparedness is 'Preplanning, 1 high to 3 low or none.';
comment on column warehouse.risk_score.internal_response is 'Own response, 1 high to 3 low or none.';
comment on column warehouse.risk_score.external_response is 'Community response, 1 high to 3 low or none.';
comment on column warehouse.risk_score.alerts is 'Alerts in the year.';
comment on column warehouse.risk_score.activations is 'Activations in the year.';
comment on column warehouse.risk_score.applicable is 'Probability above 0: the hazard applies.';
comment on column warehouse.risk_score.risk_printed is 'Risk as the sheet printed it, 0 to 1.';
comment on column warehouse.risk_score.risk is 'Risk by the formula, 0 to 1.';
comment on column warehouse.risk_score.inherent_risk is 'Probability/3 times the three impacts/9, 0 to 1.';
comment on column warehouse.risk_score.rank_in_assessment is
    'Rank by risk among the assessment''s applicable hazards, 1 the highest.';
comment on column warehouse.risk_score.score_printed is
    'Risk by the sheet''s own formula, as printed, such as 20, 44% or High.';
comment on column warehouse.risk_score.rank_printed is 'Rank as the sheet printed it, 1 the highest.';

-- Superseded versions of records: one row for each change, written by triggers (schema/src/objects/versions.rs).
-- Rows store what decided who could see the version, so that row-level security holds for both days.

create table warehouse.record_version (
    record_type text not null,
    record_id bigint not null,
    valid_from timestamptz not null,
    valid_to timestamptz not null,
    batch_id integer,
    file_id integer,
    source_row bigint,
    is_open boolean not null,
    region_ids integer[] not null,
    content jsonb not null,
    primary key (record_type, record_id, valid_to),
    constraint ends_not_before_beginning check (valid_from <= valid_to)
);

-- Changes of a period, and versions to delete after their retention.
create index record_version_valid_to_record_type_idx
    on warehouse.record_version (valid_to, record_type);

comment on table warehouse.record_version is
    'Superseded versions of records: one row each time that a load changed a record. The present version '
    'is the record itself.';
comment on column warehouse.record_version.record_type is 'Record type, e.g. corrective_action.';
comment on column warehouse.record_version.record_id is 'Key of the record in the table of its type.';
comment on column warehouse.record_version.valid_from is
    'When the version was loaded: the end of the version before, or the start of its load.';
comment on column warehouse.record_version.valid_to is 'When a load superseded it.';
comment on column warehouse.record_version.batch_id is 'Load that brought this version; empty for shipped rows.';
comment on column warehouse.record_version.file_id is 'File that brought it.';
comment on column warehouse.record_version.source_row is 'Row in the file.';
comment on column warehouse.record_version.is_open is
    'Viewers of all regions could see the version when it was superseded: for row-level security.';
comment on column warehouse.record_version.region_ids is
    'Regions whose viewers could see it when it was superseded: for row-level security.';
comment on column warehouse.record_version.content is
    'Columns of the record, and of the parts of an event, that had a value.';

-- Published metrics, and sums for dashboards over millions of rows. Both are renewed with each publication.
-- The sums store what decides who may see the records behind them, so that row-level security holds for both.

create table bi.metric_value (
    metric_value_id bigint generated always as identity primary key,
    metric_id text not null,
    grain text not null check (grain in ('MONTH','QUARTER','FISCAL_YEAR','ALL')),
    period text not null default '',
    period_start date,
    region_id integer,
    capability_id integer,
    hazard_id integer,
    dimensions jsonb not null default '{}',
    value double precision,
    unit text not null check (unit in ('SHARE','COUNT','DAYS','MINUTES','SHARE_PER_YEAR','SCORE')),
    numerator double precision,
    denominator double precision,
    n bigint not null,
    ci_low double precision,
    ci_high double precision,
    reliability text not null check (reliability in ('OK','STALE','LOW_N','SUPPRESSED')),
    note text,
    extra jsonb not null default '{}',
    previous_value double precision,
    previous_n bigint,
    difference double precision,
    difference_low double precision,
    difference_high double precision,
    rate_ratio double precision,
    rate_ratio_low double precision,
    rate_ratio_high double precision,
    change_p_value double precision,
    change_verdict text check (change_verdict in ('CHANGED','NO_DETECTABLE_CHANGE','TOO_FEW','NOT_TESTED')),
    as_of date not null,
    warehouse_version bigint not null,
    scope text not null default 'LIVE' check (scope in ('LIVE','RELEASED','OPEN')),
    partial boolean not null default false
);

create index metric_value_metric_id_grain_period_idx on bi.metric_value (metric_id, grain, period);

comment on table bi.metric_value is
    'Published metrics: one row a metric, period, group and version of the warehouse.';
comment on column bi.metric_value.metric_value_id is 'Surrogate key.';
comment on column bi.metric_value.metric_id is 'Metric, e.g. capability_performance.';
comment on column bi.metric_value.grain is 'Length of the period.';
comment on column bi.metric_value.period is 'Period, e.g. 2025-Q3; empty for all time.';
comment on column bi.metric_value.period_start is 'First day of the period.';
comment on column bi.metric_value.region_id is 'Region of the row, when grouped by region.';
comment on column bi.metric_value.capability_id is 'Capability of the row, when grouped by capability.';
comment on column bi.metric_value.hazard_id is 'Hazard of the row, when grouped by hazard.';
comment on column bi.metric_value.dimensions is 'All group keys by name.';
comment on column bi.metric_value.value is 'The value; empty where undefined.';
comment on column bi.metric_value.unit is
    'Unit of the value: SHARE (0 to 1), COUNT, DAYS, MINUTES, SHARE_PER_YEAR or SCORE.';
comment on column bi.metric_value.numerator is 'Numerator.';
comment on column bi.metric_value.denominator is 'Denominator.';
comment on column bi.metric_value.n is 'Number of records behind the value.';
comment on column bi.metric_value.ci_low is 'Lower end of the 95% interval.';
comment on column bi.metric_value.ci_high is 'Upper end of the 95% interval.';
comment on column bi.metric_value.reliability is 'OK, STALE, LOW_N or SUPPRESSED.';
comment on column bi.metric_value.note is 'What to know about the value.';
comment on column bi.metric_value.extra is 'What the metric adds, e.g. verdict and slope.';
comment on column bi.metric_value.previous_value is
    'Value of the period before; empty for all time, and where that period has none. Never add it up.';
comment on column bi.metric_value.previous_n is
    'Records behind the value of the period before, a count. Never add it up over rows.';
comment on column bi.metric_value.difference is 'Value less that of the period before. Never add it up.';
comment on column bi.metric_value.difference_low is
    'Lower end of the 95% interval of a difference of shares (Newcombe).';
comment on column bi.metric_value.difference_high is 'Upper end of the 95% interval of a difference of shares.';
comment on column bi.metric_value.rate_ratio is
    'Rate a day over that of the period before, for counts of a period. Never add it up.';
comment on column bi.metric_value.rate_ratio_low is 'Lower end of the exact 95% interval of the ratio.';
comment on column bi.metric_value.rate_ratio_high is
    'Upper end of the exact 95% interval of the ratio; empty if it has no end.';
comment on column bi.metric_value.change_p_value is
    'Two-sided probability of a difference at least as large if nothing changed.';
comment on column bi.metric_value.change_verdict is
    'CHANGED, NO_DETECTABLE_CHANGE, TOO_FEW or NOT_TESTED: whether the value differs from the period '
    'before beyond chance, corrected among the rows of the same metric, grain and region.';
comment on column bi.metric_value.as_of is 'Day the metric was computed for.';
comment on column bi.metric_value.warehouse_version is 'Version of the warehouse it was computed from.';
comment on column bi.metric_value.scope is
    'Who reads the row: LIVE for its own region and for roles that see all detail, RELEASED for '
    'everybody else, OPEN for all.';
comment on column bi.metric_value.partial is
    'Some row of the same released table is suppressed: readers of several regions do not see the table.';

create table bi.fact_capability_rating_monthly (
    capability_rating_monthly_id bigint generated always as identity primary key,
    date_key integer not null,
    region_id integer not null,
    capability_id integer not null,
    hazard_id integer not null,
    event_kind text not null,
    level text not null,
    scale text not null,
    rating text not null,
    rating_count double precision not null,
    rated_count double precision not null,
    good_count double precision not null,
    met_objective_count double precision not null,
    is_open boolean not null,
    event_region_ids integer[] not null,
    warehouse_version bigint not null
);

comment on table bi.fact_capability_rating_monthly is
    'Ratings by month, region, capability, hazard, kind of event, level, scale and value: the fast fact '
    'for dashboards over many years. An event in several regions is split by its weights, so that sums '
    'over regions are right. As of the last publication.';
comment on column bi.fact_capability_rating_monthly.capability_rating_monthly_id is 'Key.';
comment on column bi.fact_capability_rating_monthly.date_key is
    'First day of the month in which the event began; joins dim_date.';
comment on column bi.fact_capability_rating_monthly.region_id is
    'Region of the event, -1 for none; joins dim_region.';
comment on column bi.fact_capability_rating_monthly.capability_id is 'Joins dim_capability.';
comment on column bi.fact_capability_rating_monthly.hazard_id is
    'Primary hazard of the event; joins dim_hazard.';
comment on column bi.fact_capability_rating_monthly.event_kind is 'INCIDENT, EXERCISE or PLANNED_EVENT.';
comment on column bi.fact_capability_rating_monthly.level is
    'CAPABILITY, TARGET or TASK; filter CAPABILITY for the headline share.';
comment on column bi.fact_capability_rating_monthly.scale is 'Rating scale; never mix scales.';
comment on column bi.fact_capability_rating_monthly.rating is 'Value, e.g. P.';
comment on column bi.fact_capability_rating_monthly.rating_count is 'Ratings, a weighted count, to sum.';
comment on column bi.fact_capability_rating_monthly.rated_count is
    'Ratings that count in the denominator, a weighted count, to sum.';
comment on column bi.fact_capability_rating_monthly.good_count is 'Ratings P or S, a weighted count, to sum.';
comment on column bi.fact_capability_rating_monthly.met_objective_count is
    'Ratings with the objective met, a weighted count, to sum.';
comment on column bi.fact_capability_rating_monthly.is_open is
    'The events are public or state-wide: for row-level security.';
comment on column bi.fact_capability_rating_monthly.event_region_ids is
    'All regions of the events: for row-level security.';
comment on column bi.fact_capability_rating_monthly.warehouse_version is
    'Version of the warehouse it was summed from.';

create table bi.action_change_daily (
    action_change_daily_id bigint generated always as identity primary key,
    day date not null,
    region_id integer not null,
    opened bigint not null,
    completed bigint not null,
    cancelled bigint not null,
    reopened bigint not null,
    is_open boolean not null,
    event_region_ids integer[] not null,
    warehouse_version bigint not null
);

comment on table bi.action_change_daily is
    'What fact_action_backlog_daily adds up: actions opened, completed, canceled and reopened by day '
    'and region, from their dated history. As of the last publication.';
comment on column bi.action_change_daily.action_change_daily_id is 'Key.';
comment on column bi.action_change_daily.day is 'The day.';
comment on column bi.action_change_daily.region_id is 'Region that owes the actions; joins dim_region.';
comment on column bi.action_change_daily.opened is 'Actions opened on the day, to sum.';
comment on column bi.action_change_daily.completed is 'Actions completed on the day, to sum.';
comment on column bi.action_change_daily.cancelled is 'Actions canceled on the day, to sum.';
comment on column bi.action_change_daily.reopened is 'Actions taken up again on the day, to sum.';
comment on column bi.action_change_daily.is_open is
    'The actions are public, or of a state-wide event and of no region of their own: for row-level security.';
comment on column bi.action_change_daily.event_region_ids is
    'All regions of the events, of actions that name no region themselves: for row-level security.';
comment on column bi.action_change_daily.warehouse_version is 'Version of the warehouse it was summed from.';

-- Access: API keys, BI logins, the access log.

create table access.api_key (
    api_key_id integer generated always as identity primary key,
    name text not null,
    prefix text not null unique,
    key_hash bytea not null,
    role text not null check (role in ('ADMIN','ANALYST','REGION','VIEWER')),
    region_codes text[] not null default '{}',
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);

comment on table access.api_key is 'A key to the API; only its digest is stored.';
comment on column access.api_key.api_key_id is 'Number of the key.';
comment on column access.api_key.name is 'What it is for: a system or role, never a person.';
comment on column access.api_key.prefix is 'First characters, to distinguish keys.';
comment on column access.api_key.key_hash is 'BLAKE3 digest of the key.';
comment on column access.api_key.role is 'ADMIN, ANALYST, REGION or VIEWER.';
comment on column access.api_key.region_codes is 'Regions whose detail it sees, for role REGION.';
comment on column access.api_key.created_at is 'When it was made.';
comment on column access.api_key.expires_at is 'When it ends; empty for never.';
comment on column access.api_key.revoked_at is 'When it was revoked.';
comment on column access.api_key.last_used_at is 'When it was last used, to the minute.';

create table access.ended_session (
    session_id text primary key,
    expires_at timestamptz not null
);

comment on table access.ended_session is 'A session of the report that ended by sign-out, until its cookie expires.';
comment on column access.ended_session.session_id is 'Id in the cookie of the session.';
comment on column access.ended_session.expires_at is 'When the cookie expires; the row is deleted some time later.';

create table access.bi_login (
    login text primary key,
    role text not null check (role in ('ADMIN','ANALYST','REGION','VIEWER')),
    region_codes text[] not null default '{}',
    created_at timestamptz not null default now()
);

comment on table access.bi_login is 'A Postgres login for a BI tool and what it may see.';
comment on column access.bi_login.login is 'Name of the Postgres role.';
comment on column access.bi_login.role is 'ADMIN, ANALYST, REGION or VIEWER.';
comment on column access.bi_login.region_codes is 'Regions whose detail it sees, for role REGION.';
comment on column access.bi_login.created_at is 'When it was granted.';

create table access.access_log (
    access_log_id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    request_id text not null,
    viewer text not null,
    role text not null,
    operation text not null,
    status text not null,
    seconds double precision not null
);

create index access_log_at_idx on access.access_log (at);

comment on table access.access_log is 'Who requested what: one row per request.';
comment on column access.access_log.access_log_id is 'Number of the request.';
comment on column access.access_log.at is 'When.';
comment on column access.access_log.request_id is 'Id that is also in the logs and the response.';
comment on column access.access_log.viewer is 'Name of the key or login.';
comment on column access.access_log.role is 'Role it had.';
comment on column access.access_log.operation is
    'What was requested, e.g. the GraphQL operation''s name and root fields.';
comment on column access.access_log.status is 'Outcome.';
comment on column access.access_log.seconds is 'Time taken.';
