-- How the things that later writes of the plan are about were after this write, by their keys, as a JSON object.
alter table plan_writes add column left_behind text not null default '{}';
