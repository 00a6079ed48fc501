-- Uploads of media files: where each stands, so that it goes on where it stopped.
create table uploads (
    -- Never used again, so that nobody resumes or forgets another upload than the one he saw.
    id integer primary key autoincrement,
    -- Whose media it becomes: the platform's address and the account's id there.
    target text not null,
    media_name text not null,
    -- The account's name in juben.toml.
    account text not null,
    path text not null,
    cover text,
    source_context text,
    size integer not null,
    part_size integer not null,
    -- open: its parts are being sent; ending: whether it has become media is not known; done: it has.
    state text not null check (state in ('open', 'ending', 'done')),
    -- The platform's name of an upload in parts.
    upload_id text,
    -- The media that had this name before, as a JSON array of ids.
    known text not null,
    media_id integer,
    changed_at integer not null,
    unique (target, media_name)
) strict;

-- The pieces of files that the platform has, with a digest of what was sent.
create table upload_parts (
    upload integer not null references uploads (id) on delete cascade,
    -- 1 the video, 2 the cover, as the platform counts.
    resource integer not null,
    number integer not null,
    etag text not null,
    digest blob not null,
    primary key (upload, resource, number)
) strict, without rowid;
