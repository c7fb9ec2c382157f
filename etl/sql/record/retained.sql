-- Staged records with all required references.
-- reads: {resolved}
select f.*
from {resolved} f
where {known}
