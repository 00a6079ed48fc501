-- Jobs, their due times, their runs, and what platforms have told. Moments are in milliseconds since 1970.

-- What is known of a job besides its definition, which is in juben.toml.
create table jobs (
    name text primary key,
    -- Its due times are counted from here: when it was seen first, or began to be due otherwise.
    since integer not null,
    -- Every due time up to here has its row in fires.
    accepted_until integer not null,
    -- What its due times come from: patterns and zone. Others begin to count anew.
    schedule text not null,
    -- When a person paused it.
    paused_at integer,
    -- Runs in a row that ended alike: 3 went well, -2 failed.
    streak integer not null default 0
) strict;

-- Every order to run, once: by its due time, by an event, by a person.
create table fires (
    -- Never used again, so that nobody sees or stops another one than he meant.
    id integer primary key autoincrement,
    job text not null,
    cause text not null check (cause in ('schedule', 'event', 'hand', 'replay')),
    -- What makes it the same one: the due time, the event's id, the request's name.
    mark text not null,
    due integer not null,
    -- waiting: it is to run at not_before; running; and how it ended.
    state text not null check (state in ('waiting', 'running', 'ran', 'skipped', 'missed', 'unknown')),
    -- Why it ended so, in words.
    reason text,
    -- When the next attempt may begin: the due time with its jitter, or the end of a pause.
    not_before integer not null,
    -- The attempts that have begun; it grows with each, and what an earlier one says no longer counts.
    attempt integer not null default 0,
    -- One row for many that were missed: so many due times, the last at `until`.
    times integer not null default 1,
    until integer,
    -- What it needs beyond the job's definition, as JSON: the parameters of a person, the event.
    given text,
    unique (job, cause, mark)
) strict;
create index fires_going on fires (not_before, id) where state in ('waiting', 'running');
create index fires_of_job on fires (job, due);

-- Every attempt of a fire.
create table runs (
    id integer primary key autoincrement,
    fire integer not null references fires (id) on delete cascade,
    job text not null,
    attempt integer not null,
    state text not null check (state in ('running', 'done', 'failed', 'partial', 'cancelled', 'timed_out', 'unknown')),
    began integer not null,
    ended integer,
    script text not null,
    -- SHA-256 of its text, in hex.
    script_hash text,
    account text,
    -- As a JSON object.
    parameters text not null,
    -- What it ended with, as JSON.
    result text,
    -- What went wrong, as JSON: kind, message, hint, report.
    error text,
    -- A person wants it to end: ask or kill.
    stop text check (stop in ('ask', 'kill')),
    unique (fire, attempt)
) strict;
create index runs_of_job on runs (job, id);
create index runs_by_end on runs (ended);
create index runs_going on runs (id) where state = 'running';

-- What a run printed and logged.
create table run_lines (
    run integer not null references runs (id) on delete cascade,
    number integer not null,
    at integer not null,
    -- print, error, warn, info, debug
    level text not null,
    text text not null,
    primary key (run, number)
) strict, without rowid;

-- The calls that a run made.
create table run_calls (
    run integer not null references runs (id) on delete cascade,
    number integer not null,
    at integer not null,
    took integer not null,
    operation text not null,
    account text not null,
    effect text not null,
    attempts integer not null,
    -- ok, or the kind of the error.
    outcome text not null,
    message text,
    primary key (run, number)
) strict, without rowid;

-- What platforms have told, once each.
create table events (
    id integer primary key autoincrement,
    account text not null,
    -- The platform's own name of it.
    name text not null,
    -- What makes it the same one when it comes again.
    mark text not null,
    received integer not null,
    -- The message as JSON.
    body text not null,
    -- Whether the jobs that run on it have their fires.
    handled integer not null default 0,
    unique (account, mark)
) strict;
create index events_new on events (id) where handled = 0;
create index events_by_name on events (name, id);

-- What scripts keep by state::, each job its own.
create table script_state (
    space text not null,
    key text not null,
    -- As JSON.
    value text not null,
    -- When it is forgotten.
    until integer,
    changed_at integer not null,
    primary key (space, key)
) strict, without rowid;

-- The calls of a day, as the platforms count them: a day of China.
create table quota_used (
    day text not null,
    account text not null,
    operation text not null,
    calls integer not null,
    primary key (day, account, operation)
) strict, without rowid;
