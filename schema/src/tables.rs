//! Diesel's view of the tables, generated from a migrated database by `HOTWASH_WRITE=1 cargo test
//! --workspace --test tables`.
#![allow(
    missing_docs,
    reason = "generated; the database's own comments say what each column means"
)]

diesel::table! {
    access.access_log (access_log_id) {
        access_log_id -> BigInt,
        at -> Timestamptz,
        request_id -> Text,
        viewer -> Text,
        role -> Text,
        operation -> Text,
        status -> Text,
        seconds -> Double,
    }
}

diesel::table! {
    access.api_key (api_key_id) {
        api_key_id -> Integer,
        name -> Text,
        prefix -> Text,
        key_hash -> Bytea,
        role -> Text,
        region_codes -> Array<Text>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    access.bi_login (login) {
        login -> Text,
        role -> Text,
        region_codes -> Array<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    access.ended_session (session_id) {
        session_id -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    bi.metric_value (metric_value_id) {
        metric_value_id -> BigInt,
        metric_id -> Text,
        grain -> Text,
        period -> Text,
        period_start -> Nullable<Date>,
        region_id -> Nullable<Integer>,
        capability_id -> Nullable<Integer>,
        hazard_id -> Nullable<Integer>,
        dimensions -> Jsonb,
        value -> Nullable<Double>,
        unit -> Text,
        numerator -> Nullable<Double>,
        denominator -> Nullable<Double>,
        n -> BigInt,
        ci_low -> Nullable<Double>,
        ci_high -> Nullable<Double>,
        reliability -> Text,
        note -> Nullable<Text>,
        extra -> Jsonb,
        previous_value -> Nullable<Double>,
        previous_n -> Nullable<BigInt>,
        difference -> Nullable<Double>,
        difference_low -> Nullable<Double>,
        difference_high -> Nullable<Double>,
        rate_ratio -> Nullable<Double>,
        rate_ratio_low -> Nullable<Double>,
        rate_ratio_high -> Nullable<Double>,
        change_p_value -> Nullable<Double>,
        change_verdict -> Nullable<Text>,
        as_of -> Date,
        warehouse_version -> BigInt,
        scope -> Text,
        partial -> Bool,
    }
}

diesel::table! {
    meta.batch (batch_id) {
        batch_id -> Integer,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        status -> Text,
        tool_version -> Text,
        label -> Nullable<Text>,
    }
}

diesel::table! {
    meta.file (file_id) {
        file_id -> Integer,
        batch_id -> Integer,
        name -> Text,
        source -> Nullable<Text>,
        digest -> Nullable<Text>,
        bytes -> Nullable<BigInt>,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        status -> Text,
        fictional -> Bool,
        read -> BigInt,
        inserted -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
        rejected -> BigInt,
        warnings -> BigInt,
        unmapped -> BigInt,
        redacted -> BigInt,
        seconds -> Nullable<Double>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    meta.file_column (file_column_id) {
        file_column_id -> BigInt,
        file_id -> Integer,
        number -> Integer,
        sheet -> Nullable<Text>,
        position -> Integer,
        heading -> Text,
        fate -> Text,
        field -> Nullable<Text>,
        filled -> BigInt,
        samples -> Array<Text>,
        nearest -> Nullable<Text>,
        read_instead -> Nullable<Integer>,
    }
}

diesel::table! {
    meta.reject (reject_id) {
        reject_id -> BigInt,
        file_id -> Integer,
        batch_id -> Integer,
        row_number -> BigInt,
        record_type -> Text,
        code -> Text,
        column_name -> Nullable<Text>,
        value -> Nullable<Text>,
        reason -> Text,
        row_content -> Nullable<Jsonb>,
        corrected_at -> Nullable<Timestamptz>,
        original_reject_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    meta.release (release_id) {
        release_id -> BigInt,
        as_of -> Date,
        made_at -> Timestamptz,
        warehouse_version -> BigInt,
        content -> Jsonb,
    }
}

diesel::table! {
    meta.schema_object (name) {
        name -> Text,
        file -> Text,
        file_digest -> Text,
        position -> Integer,
        definition_digest -> Text,
    }
}

diesel::table! {
    meta.setting (name) {
        name -> Text,
        value -> Jsonb,
    }
}

diesel::table! {
    meta.table_version (table_name) {
        table_name -> Text,
        version -> BigInt,
        changed_at -> Timestamptz,
        inserted -> BigInt,
        rewritten -> BigInt,
    }
}

diesel::table! {
    meta.warning (warning_id) {
        warning_id -> BigInt,
        file_id -> Integer,
        batch_id -> Integer,
        code -> Text,
        column_name -> Nullable<Text>,
        value -> Nullable<Text>,
        message -> Text,
        first_row -> Nullable<BigInt>,
        occurrences -> BigInt,
    }
}

diesel::table! {
    warehouse.action_status_history (action_status_history_id) {
        action_status_history_id -> BigInt,
        corrective_action_id -> BigInt,
        changed_on -> Date,
        sequence -> Integer,
        change -> Text,
        status -> Text,
        due_on -> Nullable<Date>,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
    }
}

diesel::table! {
    warehouse.after_action_report (event_id) {
        event_id -> BigInt,
        layout -> Text,
        has_overview -> Bool,
        draft_on -> Nullable<Date>,
        final_on -> Nullable<Date>,
        participants_listed -> Bool,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::table! {
    warehouse.assessment_method (assessment_method_id) {
        assessment_method_id -> Integer,
        code -> Text,
        name -> Text,
        formula -> Text,
    }
}

diesel::table! {
    warehouse.calendar_date (calendar_date_column) {
        #[sql_name = "calendar_date"]
        calendar_date_column -> Date,
        date_key -> Integer,
        year -> Integer,
        quarter -> Integer,
        month -> Integer,
        day -> Integer,
        iso_week -> Integer,
        day_of_week -> Integer,
        month_start -> Date,
        quarter_start -> Date,
        year_start -> Date,
        fiscal_year -> Integer,
        fiscal_quarter -> Integer,
        fiscal_year_start -> Date,
        federal_fiscal_year -> Integer,
        budget_period -> Nullable<Text>,
        holiday -> Nullable<Text>,
    }
}

diesel::table! {
    warehouse.capability (capability_id) {
        capability_id -> Integer,
        capability_framework_id -> Integer,
        code -> Text,
        name -> Text,
        normalized_name -> Text,
        domain -> Nullable<Text>,
        sort_order -> Integer,
    }
}

diesel::table! {
    warehouse.capability_alias (normalized_label, framework_code) {
        normalized_label -> Text,
        framework_code -> Text,
        capability_id -> Integer,
    }
}

diesel::table! {
    warehouse.capability_crosswalk (capability_crosswalk_id) {
        capability_crosswalk_id -> Integer,
        from_capability_id -> Integer,
        to_capability_id -> Integer,
        relation -> Text,
    }
}

diesel::table! {
    warehouse.capability_framework (capability_framework_id) {
        capability_framework_id -> Integer,
        code -> Text,
        edition -> Text,
        name -> Text,
        publisher -> Text,
    }
}

diesel::table! {
    warehouse.capability_function (capability_id, number) {
        capability_id -> Integer,
        number -> Integer,
        name -> Text,
    }
}

diesel::table! {
    warehouse.capability_mission_area (capability_id, mission_area_id) {
        capability_id -> Integer,
        mission_area_id -> Integer,
    }
}

diesel::table! {
    warehouse.capability_rating (capability_rating_id) {
        capability_rating_id -> BigInt,
        event_id -> BigInt,
        capability_id -> Integer,
        organization_id -> BigInt,
        level -> Text,
        subject -> Nullable<Text>,
        rating_scale_id -> Integer,
        rating -> Text,
        note -> Nullable<Text>,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::table! {
    warehouse.corrective_action (corrective_action_id) {
        corrective_action_id -> BigInt,
        event_id -> Nullable<BigInt>,
        finding_id -> Nullable<BigInt>,
        region_id -> Integer,
        capability_id -> Integer,
        owner_organization_id -> BigInt,
        external_id -> Nullable<Text>,
        text -> Text,
        priority -> Nullable<Text>,
        status -> Text,
        opened_on -> Date,
        start_on -> Nullable<Date>,
        due_original_on -> Nullable<Date>,
        due_current_on -> Nullable<Date>,
        due_precision -> Nullable<Text>,
        due_text -> Nullable<Text>,
        completed_on -> Nullable<Date>,
        cancelled_on -> Nullable<Date>,
        validated_on -> Nullable<Date>,
        validated_event_id -> Nullable<BigInt>,
        sensitivity -> Text,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
        issue -> Nullable<Text>,
        region_from_event -> Bool,
    }
}

diesel::table! {
    warehouse.corrective_action_element (corrective_action_id, element_id) {
        corrective_action_id -> BigInt,
        element_id -> Integer,
        weight -> Double,
    }
}

diesel::table! {
    warehouse.corrective_action_source (corrective_action_source_id) {
        source -> Text,
        source_id -> Text,
        corrective_action_id -> BigInt,
        matched_by -> Text,
        similarity -> Nullable<Double>,
        reported_on -> Nullable<Date>,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
        report -> Jsonb,
        corrective_action_source_id -> BigInt,
    }
}

diesel::table! {
    warehouse.county (county_id) {
        county_id -> Integer,
        fips -> Text,
        state_fips -> Text,
        state_code -> Text,
        name -> Text,
    }
}

diesel::table! {
    warehouse.discipline (discipline_id) {
        discipline_id -> Integer,
        code -> Text,
        name -> Text,
        state_core -> Bool,
        hpp_core -> Bool,
        sort_order -> Integer,
    }
}

diesel::table! {
    warehouse.element (element_id) {
        element_id -> Integer,
        code -> Text,
        name -> Text,
        sort_order -> Integer,
    }
}

diesel::table! {
    warehouse.event (event_id) {
        event_id -> BigInt,
        kind -> Text,
        name -> Text,
        start_at -> Timestamptz,
        end_at -> Nullable<Timestamptz>,
        local_date -> Date,
        end_local_date -> Nullable<Date>,
        time_zone -> Nullable<Text>,
        status -> Text,
        sensitivity -> Text,
        statewide -> Bool,
        owes_aar -> Bool,
        hazard_id -> Integer,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        narrative -> Nullable<Text>,
        source -> Text,
        source_id -> Text,
        source_version -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
        date_key -> Integer,
    }
}

diesel::table! {
    warehouse.event_county (event_id, county_id) {
        event_id -> BigInt,
        county_id -> Integer,
    }
}

diesel::table! {
    warehouse.event_hazard (event_id, hazard_id) {
        event_id -> BigInt,
        hazard_id -> Integer,
        is_primary -> Bool,
    }
}

diesel::table! {
    warehouse.event_link (event_link_id) {
        event_link_id -> BigInt,
        event_id -> BigInt,
        linked_event_id -> BigInt,
        relation -> Text,
    }
}

diesel::table! {
    warehouse.event_region (event_id, region_id) {
        event_id -> BigInt,
        region_id -> Integer,
        allocation_weight -> Double,
    }
}

diesel::table! {
    warehouse.event_source (source, source_id) {
        source -> Text,
        source_id -> Text,
        event_id -> BigInt,
        matched_by -> Text,
        similarity -> Nullable<Double>,
        source_version -> Text,
        claim -> Jsonb,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::table! {
    warehouse.event_source_label (event_id, field, label) {
        event_id -> BigInt,
        field -> Text,
        label -> Text,
    }
}

diesel::table! {
    warehouse.exercise (event_id) {
        event_id -> BigInt,
        exercise_type_id -> Integer,
        sponsor_organization_id -> BigInt,
        program -> Nullable<Text>,
        scope -> Nullable<Text>,
        scenario -> Nullable<Text>,
        time_limit_minutes -> Nullable<Integer>,
    }
}

diesel::table! {
    warehouse.exercise_type (exercise_type_id) {
        exercise_type_id -> Integer,
        code -> Text,
        name -> Text,
        class -> Text,
        sort_order -> Integer,
    }
}

diesel::table! {
    warehouse.finding (finding_id) {
        finding_id -> BigInt,
        event_id -> BigInt,
        number -> Nullable<Integer>,
        kind -> Text,
        capability_id -> Integer,
        organization_id -> BigInt,
        text -> Text,
        reference -> Nullable<Text>,
        analysis -> Nullable<Text>,
        recommendation -> Nullable<Text>,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::table! {
    warehouse.finding_element (finding_id, element_id) {
        finding_id -> BigInt,
        element_id -> Integer,
        weight -> Double,
    }
}

diesel::table! {
    warehouse.hazard (hazard_id) {
        hazard_id -> Integer,
        code -> Text,
        category -> Text,
        name -> Text,
        sort_order -> Integer,
    }
}

diesel::table! {
    warehouse.hazard_alias (scheme, normalized_label, hazard_id) {
        scheme -> Text,
        normalized_label -> Text,
        hazard_id -> Integer,
        weight -> Double,
        is_primary -> Bool,
    }
}

diesel::table! {
    warehouse.incident (event_id) {
        event_id -> BigInt,
        response -> Text,
        declaration_number -> Nullable<Text>,
        declaration_type -> Nullable<Text>,
        activation_level -> Nullable<Text>,
        activation_ordinal -> Nullable<SmallInt>,
        deaths_direct -> Nullable<Integer>,
        deaths_indirect -> Nullable<Integer>,
        injuries_direct -> Nullable<Integer>,
        injuries_indirect -> Nullable<Integer>,
        damage_property_usd -> Nullable<BigInt>,
        damage_crops_usd -> Nullable<BigInt>,
        evacuated -> Nullable<Integer>,
        patients -> Nullable<Integer>,
        hospitals_involved -> Nullable<Integer>,
        area_km2 -> Nullable<Double>,
        magnitude -> Nullable<Double>,
        magnitude_type -> Nullable<Text>,
    }
}

diesel::table! {
    warehouse.information_report (information_report_id) {
        information_report_id -> BigInt,
        information_request_id -> BigInt,
        organization_id -> BigInt,
        received_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    warehouse.information_request (information_request_id) {
        information_request_id -> BigInt,
        event_id -> BigInt,
        label -> Text,
        platform -> Nullable<Text>,
        asked_at -> Timestamptz,
        due_at -> Nullable<Timestamptz>,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::table! {
    warehouse.milestone (milestone_id) {
        milestone_id -> BigInt,
        event_id -> BigInt,
        milestone_type_id -> Integer,
        sequence -> Integer,
        occurred_at -> Timestamptz,
        time_precision -> Text,
        organization_id -> Nullable<BigInt>,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::table! {
    warehouse.milestone_type (milestone_type_id) {
        milestone_type_id -> Integer,
        code -> Text,
        name -> Text,
        sort_order -> Integer,
    }
}

diesel::table! {
    warehouse.mission_area (mission_area_id) {
        mission_area_id -> Integer,
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    warehouse.municipality (municipality_id) {
        municipality_id -> Integer,
        geoid -> Text,
        name -> Text,
        kind -> Text,
        county_id -> Integer,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        land_km2 -> Nullable<Double>,
        population_2010 -> Nullable<Integer>,
        population_2020 -> Nullable<Integer>,
    }
}

diesel::table! {
    warehouse.municipality_region (municipality_id, region_id, valid_from) {
        municipality_id -> Integer,
        region_id -> Integer,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        basis -> Text,
    }
}

diesel::table! {
    warehouse.note (note_id) {
        note_id -> BigInt,
        day -> Date,
        end_day -> Nullable<Date>,
        region_id -> Integer,
        metric -> Nullable<Text>,
        text -> Text,
        sensitivity -> Text,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::table! {
    warehouse.objective (objective_id) {
        objective_id -> BigInt,
        event_id -> BigInt,
        number -> Integer,
        text -> Text,
        capability_id -> Integer,
    }
}

diesel::table! {
    warehouse.organization (organization_id) {
        organization_id -> BigInt,
        source -> Text,
        source_id -> Text,
        name -> Text,
        normalized_name -> Text,
        region_id -> Integer,
        discipline_id -> Integer,
        municipality_id -> Nullable<Integer>,
        staffed_beds -> Nullable<Integer>,
        active -> Bool,
        batch_id -> Nullable<Integer>,
        file_id -> Nullable<Integer>,
        source_row -> Nullable<BigInt>,
        content_hash -> Nullable<Bytea>,
    }
}

diesel::table! {
    warehouse.organization_alias (normalized_name, region_id) {
        normalized_name -> Text,
        region_id -> Integer,
        organization_id -> BigInt,
    }
}

diesel::table! {
    warehouse.organization_version (organization_version_id) {
        organization_version_id -> BigInt,
        organization_id -> BigInt,
        name -> Text,
        region_id -> Integer,
        discipline_id -> Integer,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    warehouse.participation (participation_id) {
        participation_id -> BigInt,
        event_id -> BigInt,
        organization_id -> BigInt,
        region_id -> Integer,
        role -> Text,
        executive_present -> Nullable<Bool>,
        participant_count -> Nullable<Integer>,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::table! {
    warehouse.rating_scale (rating_scale_id) {
        rating_scale_id -> Integer,
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    warehouse.rating_value (rating_scale_id, code) {
        rating_scale_id -> Integer,
        code -> Text,
        name -> Text,
        ordinal -> Nullable<Integer>,
        met_objective -> Bool,
        counts_as_good -> Bool,
        excluded -> Bool,
    }
}

diesel::table! {
    warehouse.record_version (record_type, record_id, valid_to) {
        record_type -> Text,
        record_id -> BigInt,
        valid_from -> Timestamptz,
        valid_to -> Timestamptz,
        batch_id -> Nullable<Integer>,
        file_id -> Nullable<Integer>,
        source_row -> Nullable<BigInt>,
        is_open -> Bool,
        region_ids -> Array<Integer>,
        content -> Jsonb,
    }
}

diesel::table! {
    warehouse.region (region_id) {
        region_id -> Integer,
        region_scheme_id -> Integer,
        code -> Text,
        name -> Text,
        short_name -> Text,
        sponsor -> Nullable<Text>,
        published_municipalities -> Nullable<Integer>,
        predecessor_codes -> Nullable<Text>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    warehouse.region_scheme (region_scheme_id) {
        region_scheme_id -> Integer,
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    warehouse.requirement (requirement_id) {
        requirement_id -> Integer,
        program -> Text,
        code -> Text,
        period -> Text,
        name -> Text,
        applies_to -> Text,
        discipline_id -> Nullable<Integer>,
        exercise_class -> Nullable<Text>,
        exercise_type_id -> Nullable<Integer>,
        incident_counts -> Bool,
        minimum_events -> Integer,
        maximum_gap_days -> Nullable<Integer>,
        period_start -> Date,
        due_on -> Date,
    }
}

diesel::table! {
    warehouse.resource_request (resource_request_id) {
        resource_request_id -> BigInt,
        event_id -> Nullable<BigInt>,
        region_id -> Integer,
        organization_id -> BigInt,
        kind -> Text,
        priority -> Nullable<Text>,
        status -> Text,
        quantity_requested -> Double,
        quantity_filled -> Double,
        requested_at -> Timestamptz,
        needed_by -> Nullable<Timestamptz>,
        assigned_at -> Nullable<Timestamptz>,
        filled_at -> Nullable<Timestamptz>,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::table! {
    warehouse.risk_assessment (risk_assessment_id) {
        risk_assessment_id -> BigInt,
        organization_id -> BigInt,
        region_id -> Integer,
        assessment_method_id -> Integer,
        assessed_on -> Date,
        edition -> Nullable<Text>,
        overall_risk -> Nullable<Double>,
        sensitivity -> Text,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
        scale -> Nullable<Text>,
    }
}

diesel::table! {
    warehouse.risk_score (risk_score_id) {
        risk_score_id -> BigInt,
        risk_assessment_id -> BigInt,
        hazard_id -> Integer,
        label -> Text,
        category -> Nullable<Text>,
        probability -> Nullable<SmallInt>,
        human_impact -> Nullable<SmallInt>,
        property_impact -> Nullable<SmallInt>,
        business_impact -> Nullable<SmallInt>,
        preparedness -> Nullable<SmallInt>,
        internal_response -> Nullable<SmallInt>,
        external_response -> Nullable<SmallInt>,
        alerts -> Nullable<Integer>,
        activations -> Nullable<Integer>,
        applicable -> Bool,
        risk_printed -> Nullable<Double>,
        risk -> Nullable<Double>,
        inherent_risk -> Nullable<Double>,
        rank_in_assessment -> Nullable<Integer>,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
        score_printed -> Nullable<Text>,
        rank_printed -> Nullable<Integer>,
    }
}

diesel::table! {
    warehouse.tracker_request (tracker_request_id) {
        tracker_request_id -> BigInt,
        tracker -> Text,
        corrective_action_id -> Nullable<BigInt>,
        region_id -> Integer,
        organization_id -> BigInt,
        asked_on -> Date,
        due_on -> Date,
        answered_on -> Nullable<Date>,
        source -> Text,
        source_id -> Text,
        batch_id -> Integer,
        file_id -> Integer,
        source_row -> BigInt,
        content_hash -> Bytea,
    }
}

diesel::joinable!(action_status_history -> corrective_action (corrective_action_id));
diesel::joinable!(after_action_report -> event (event_id));
diesel::joinable!(capability -> capability_framework (capability_framework_id));
diesel::joinable!(capability_alias -> capability (capability_id));
diesel::joinable!(capability_function -> capability (capability_id));
diesel::joinable!(capability_mission_area -> capability (capability_id));
diesel::joinable!(capability_mission_area -> mission_area (mission_area_id));
diesel::joinable!(capability_rating -> capability (capability_id));
diesel::joinable!(capability_rating -> event (event_id));
diesel::joinable!(capability_rating -> organization (organization_id));
diesel::joinable!(corrective_action -> capability (capability_id));
diesel::joinable!(corrective_action -> finding (finding_id));
diesel::joinable!(corrective_action -> organization (owner_organization_id));
diesel::joinable!(corrective_action -> region (region_id));
diesel::joinable!(corrective_action_element -> corrective_action (corrective_action_id));
diesel::joinable!(corrective_action_element -> element (element_id));
diesel::joinable!(corrective_action_source -> corrective_action (corrective_action_id));
diesel::joinable!(event -> hazard (hazard_id));
diesel::joinable!(event_county -> county (county_id));
diesel::joinable!(event_county -> event (event_id));
diesel::joinable!(event_hazard -> event (event_id));
diesel::joinable!(event_hazard -> hazard (hazard_id));
diesel::joinable!(event_region -> event (event_id));
diesel::joinable!(event_region -> region (region_id));
diesel::joinable!(event_source -> event (event_id));
diesel::joinable!(event_source_label -> event (event_id));
diesel::joinable!(exercise -> event (event_id));
diesel::joinable!(exercise -> exercise_type (exercise_type_id));
diesel::joinable!(exercise -> organization (sponsor_organization_id));
diesel::joinable!(file -> batch (batch_id));
diesel::joinable!(file_column -> file (file_id));
diesel::joinable!(finding -> capability (capability_id));
diesel::joinable!(finding -> event (event_id));
diesel::joinable!(finding -> organization (organization_id));
diesel::joinable!(finding_element -> element (element_id));
diesel::joinable!(finding_element -> finding (finding_id));
diesel::joinable!(hazard_alias -> hazard (hazard_id));
diesel::joinable!(incident -> event (event_id));
diesel::joinable!(information_report -> information_request (information_request_id));
diesel::joinable!(information_report -> organization (organization_id));
diesel::joinable!(information_request -> event (event_id));
diesel::joinable!(milestone -> event (event_id));
diesel::joinable!(milestone -> milestone_type (milestone_type_id));
diesel::joinable!(milestone -> organization (organization_id));
diesel::joinable!(municipality -> county (county_id));
diesel::joinable!(municipality_region -> municipality (municipality_id));
diesel::joinable!(municipality_region -> region (region_id));
diesel::joinable!(note -> region (region_id));
diesel::joinable!(objective -> capability (capability_id));
diesel::joinable!(objective -> event (event_id));
diesel::joinable!(organization -> discipline (discipline_id));
diesel::joinable!(organization -> municipality (municipality_id));
diesel::joinable!(organization -> region (region_id));
diesel::joinable!(organization_alias -> organization (organization_id));
diesel::joinable!(organization_alias -> region (region_id));
diesel::joinable!(organization_version -> discipline (discipline_id));
diesel::joinable!(organization_version -> organization (organization_id));
diesel::joinable!(organization_version -> region (region_id));
diesel::joinable!(participation -> event (event_id));
diesel::joinable!(participation -> organization (organization_id));
diesel::joinable!(participation -> region (region_id));
diesel::joinable!(rating_value -> rating_scale (rating_scale_id));
diesel::joinable!(region -> region_scheme (region_scheme_id));
diesel::joinable!(reject -> batch (batch_id));
diesel::joinable!(reject -> file (file_id));
diesel::joinable!(requirement -> discipline (discipline_id));
diesel::joinable!(requirement -> exercise_type (exercise_type_id));
diesel::joinable!(resource_request -> event (event_id));
diesel::joinable!(resource_request -> organization (organization_id));
diesel::joinable!(resource_request -> region (region_id));
diesel::joinable!(risk_assessment -> assessment_method (assessment_method_id));
diesel::joinable!(risk_assessment -> organization (organization_id));
diesel::joinable!(risk_assessment -> region (region_id));
diesel::joinable!(risk_score -> hazard (hazard_id));
diesel::joinable!(risk_score -> risk_assessment (risk_assessment_id));
diesel::joinable!(tracker_request -> corrective_action (corrective_action_id));
diesel::joinable!(tracker_request -> organization (organization_id));
diesel::joinable!(tracker_request -> region (region_id));
diesel::joinable!(warning -> batch (batch_id));
diesel::joinable!(warning -> file (file_id));

diesel::allow_tables_to_appear_in_same_query!(
    access_log,
    api_key,
    bi_login,
    ended_session,
    metric_value,
    batch,
    file,
    file_column,
    reject,
    release,
    schema_object,
    setting,
    table_version,
    warning,
    action_status_history,
    after_action_report,
    assessment_method,
    calendar_date,
    capability,
    capability_alias,
    capability_crosswalk,
    capability_framework,
    capability_function,
    capability_mission_area,
    capability_rating,
    corrective_action,
    corrective_action_element,
    corrective_action_source,
    county,
    discipline,
    element,
    event,
    event_county,
    event_hazard,
    event_link,
    event_region,
    event_source,
    event_source_label,
    exercise,
    exercise_type,
    finding,
    finding_element,
    hazard,
    hazard_alias,
    incident,
    information_report,
    information_request,
    milestone,
    milestone_type,
    mission_area,
    municipality,
    municipality_region,
    note,
    objective,
    organization,
    organization_alias,
    organization_version,
    participation,
    rating_scale,
    rating_value,
    record_version,
    region,
    region_scheme,
    requirement,
    resource_request,
    risk_assessment,
    risk_score,
    tracker_request,
);
