-- Counts references without a referenced row.
-- reads: {locked}, {named}
(
    select count(*)
    from {named}) - (
    select count(*)
    from {locked})
