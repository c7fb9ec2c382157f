-- Ends the reading of reports.
close reports
