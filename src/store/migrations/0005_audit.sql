-- Every write that was made on a platform: a row when it begins, before it is sent, and one when it is known how it ended.
create table audit_log (
    -- From 1, without a gap.
    number integer primary key,
    -- As a JSON object.
    content text not null,
    -- SHA-256, in hex, of the hash before it, the number and the content, with a line feed between each.
    hash text not null
) strict;

-- The last row, once more: it tells when rows at the end are gone.
create table audit_head (
    only integer primary key check (only = 1),
    number integer not null,
    hash text not null
) strict;
insert into audit_head (only, number, hash) values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
