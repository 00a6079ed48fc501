-- What became of the writes of plans that are applied.
create table plan_writes (
    -- The plan's own digest.
    plan text not null,
    number integer not null,
    -- begun: nobody knows whether it was done; done; failed: it was refused by the platform.
    state text not null check (state in ('begun', 'done', 'failed')),
    -- The values of its reply that later writes need, by their paths, as a JSON object.
    reply text not null default '{}',
    primary key (plan, number)
) strict, without rowid;
