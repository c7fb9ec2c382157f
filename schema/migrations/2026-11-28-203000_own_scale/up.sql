-- The scale of an assessment, and the score and rank that its sheet gives each hazard, which are kept beside ours.

alter table warehouse.risk_assessment add column scale text;
comment on column warehouse.risk_assessment.scale is 'Scale of its scores, such as 1 to 5; empty when it is not known.';
alter table warehouse.risk_score
    add column score_printed text,
    add column rank_printed integer check (rank_printed > 0);
comment on column warehouse.risk_score.score_printed is 'Risk by the sheet''s own formula, as printed, such as 20, 44% or High.';
comment on column warehouse.risk_score.rank_printed is 'Rank as the sheet printed it, 1 the highest.';
