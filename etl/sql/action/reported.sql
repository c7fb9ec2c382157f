-- Stored reports of this source about the events in the file, with those of the file.
-- reads: {previous}
-- fills: reported_action
select *
from {previous} t
