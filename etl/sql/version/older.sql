-- Documents of the file of which a later version is loaded.
-- reads: document
select source_version, known_version, source_row
from document
where is_old
