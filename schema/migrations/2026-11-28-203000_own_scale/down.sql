alter table warehouse.risk_score drop column rank_printed, drop column score_printed;
alter table warehouse.risk_assessment drop column scale;
