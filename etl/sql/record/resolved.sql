-- Staged records with the ids of what they refer to.
-- reads: {stage}
select f.*{ids}
from {stage} f {joins}
