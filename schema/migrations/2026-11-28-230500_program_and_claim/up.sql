-- American spelling, and the glossary's word for what one source says of an event.
alter table warehouse.exercise rename column programme to program;
alter table warehouse.requirement rename column programme to program;
alter view bi.fact_exercise rename column programme to program;
alter table warehouse.event_source rename column told to claim;
comment on column warehouse.exercise.program is 'Grant program of the exercise, e.g. HPP.';
comment on column warehouse.requirement.code is 'Code within the program.';
comment on table warehouse.requirement is 'Rule of a grant program for a period, e.g. one full-scale exercise a year.';
comment on column bi.fact_exercise.program is 'Grant program of the exercise.';
comment on column warehouse.event_source.claim is 'What the source states about the event, as it was merged.';
