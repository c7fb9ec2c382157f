select {{columns}} from {{from}}
