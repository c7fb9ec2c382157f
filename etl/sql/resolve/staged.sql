-- References in a column of staged records.
-- reads: {stage}
select {column} as ref
from {stage}
