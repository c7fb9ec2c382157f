-- Fetches the next reports.
fetch {count} from reports
