do $$
declare
    one record;
begin
    for one in select viewname from pg_views where schemaname = 'bi' and viewname like 'metric\_%' loop
        execute format('drop view bi.%I', one.viewname);
    end loop;
end
$$;
drop function bi.show_metric(text, text);
drop view bi.fact_participation;
drop view bi.fact_resource_request;
drop view bi.fact_milestone;
drop view bi.fact_risk_score;
drop view bi.fact_action_backlog_daily;
drop view bi.fact_corrective_action;
drop view bi.fact_finding;
drop view bi.fact_capability_rating;
drop view bi.fact_exercise;
drop view bi.fact_incident;
drop view bi.bridge_event_region;
drop view bi.dim_event;
drop view bi.dim_hazard;
drop view bi.dim_capability;
drop view bi.dim_organization;
drop view bi.dim_region;
drop view bi.dim_date;
