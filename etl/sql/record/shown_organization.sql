-- Id or name by which a staged record refers to an organization.
split_part(f.{reference}, chr(31),
    case split_part(f.{reference}, chr(31), 1) when 'id' then 2 else 4 end)
