-- What people have allowed to packages, when they were asked.
create table answers (
    -- The package that they were asked about.
    package text not null,
    -- `version`: for the files that have this hash; `publisher`: for all that this key has signed.
    scope text not null check (scope in ('version', 'publisher')),
    subject text not null,
    -- As behind `--allow`, folders absolute.
    rights text not null,
    answered_at integer not null,
    primary key (package, scope, subject)
) strict;
