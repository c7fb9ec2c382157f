-- Values of an unknown reference, with the first row and the number of rows of each.
-- reads: {retained}
select {value}, min(f.source_row), count(*)
from {retained} f
where {missing} and {value} <> ''
group by 1
order by 2
limit 100
