create view {{name}} with (security_invoker = true) as
select
{{columns}}
from {{from}};

comment on view {{name}} is {{meaning}};
{{comments}}
