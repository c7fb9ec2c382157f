create view bi.dim_date with (security_invoker = true) as
select
    date_key,
    calendar_date as date,
    year,
    quarter,
    month,
    day,
    iso_week,
    day_of_week,
    month_start,
    quarter_start,
    fiscal_year,
    fiscal_quarter,
    federal_fiscal_year,
    budget_period,
    holiday
from warehouse.calendar_date;

comment on view bi.dim_date is 'One row a day, 1950 to 2050.';
comment on column bi.dim_date.date_key is 'Key: the day as YYYYMMDD.';
comment on column bi.dim_date.date is 'The day.';
comment on column bi.dim_date.year is 'Calendar year.';
comment on column bi.dim_date.quarter is 'Calendar quarter, 1 to 4.';
comment on column bi.dim_date.month is 'Month, 1 to 12.';
comment on column bi.dim_date.day is 'Day of the month.';
comment on column bi.dim_date.iso_week is 'ISO week.';
comment on column bi.dim_date.day_of_week is 'ISO day of the week, 1 Monday to 7 Sunday.';
comment on column bi.dim_date.month_start is 'First day of the month.';
comment on column bi.dim_date.quarter_start is 'First day of the quarter.';
comment on column bi.dim_date.fiscal_year is 'Fiscal year of the jurisdiction, named by its ending year.';
comment on column bi.dim_date.fiscal_quarter is 'Quarter of that fiscal year, 1 to 4.';
comment on column bi.dim_date.federal_fiscal_year is
    'Federal fiscal year starting 1 October, named by its ending year.';
comment on column bi.dim_date.budget_period is 'Budget period of the present grant cycle.';
comment on column bi.dim_date.holiday is
    'Federal or state holiday on this day, by its own date; null on other days.';
