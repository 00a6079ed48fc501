-- The plans that were made here: what apply is given is compared with them.
create table made_plans (
    -- The plan's own digest.
    digest text not null primary key,
    -- When, in seconds since 1970.
    made_at integer not null
) strict, without rowid;
