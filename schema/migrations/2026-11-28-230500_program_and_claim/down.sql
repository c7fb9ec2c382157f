alter table warehouse.event_source rename column claim to told;
alter view bi.fact_exercise rename column program to programme;
alter table warehouse.requirement rename column program to programme;
alter table warehouse.exercise rename column program to programme;
