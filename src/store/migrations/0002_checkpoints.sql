-- How far a listing was worked through.
create table checkpoints (
    name text primary key,
    -- What is listed: a checkpoint of another listing does not count.
    listing text not null,
    -- The position of the next page, as JSON.
    position text not null,
    changed_at integer not null
) strict;
