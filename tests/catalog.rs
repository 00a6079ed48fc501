//! The documents agree with themselves, with docs/catalog.md, and with the list of operations below.

use juben::{
    catalog::{self, Batch, Catalog, Effect, Operation, PageEnd, PageStyle, Pages, Schema, Type, check, check_value},
    client,
    error::Kind,
};
use rhai::{Dynamic, Engine, Map};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

/// Every operation: module, how many, names in the order of the reference.
const OPERATIONS: [(&str, usize, &str); 5] = [
    (
        "drama",
        32,
        "single_file_upload pull_upload get_task apply_upload upload_part commit_upload list_media get_media \
         get_media_link delete_media audit_drama list_dramas get_drama submit_replace_medias replace_media \
         modify_basic_info get_latest_audit_info get_cdn_usage get_cdn_logs list_packages authorize_drama \
         deauthorize_drama get_authorize_objects get_authorized_objects authorize_app deauthorize_app \
         get_authorize_apps get_authorized_apps authorize_copyright deauthorize_copyright \
         get_copyright_authorization_list get_copyright_authorized_list",
    ),
    (
        "drama_player",
        9,
        "set_recommend_switch set_flush_dramas set_recommended_dramas publish list_published set_monetization \
         get_monetization process_promotion list_finder_events",
    ),
    (
        "novel",
        23,
        "create_book update_book delete_book list_books get_book create_chapter batch_create_chapters \
         delete_chapter replace_chapter list_chapters get_chapter reorder_chapter update_chapter_seq audit_book \
         add_book_auth query_book_auth del_book_auth add_app_auth query_app_auth del_app_auth set_preview \
         get_preview set_recommend",
    ),
    (
        "platform",
        13,
        "get_access_token get_stable_access_token start_push_ticket get_component_access_token \
         create_preauth_code query_auth refresh_authorizer_token list_authorizers upload_temp_media \
         get_temp_media get_permanent_material clear_quota get_api_quota",
    ),
    (
        "polyv",
        39,
        "list_video get_video_info update_info delete_video update_video_category get_category add_category \
         update_category delete_category update_category_profile create_play_token v2_search_videos v2_get_video \
         v2_update_info v2_delete_videos v2_recover_videos v2_set_forbidden v2_get_play_status v2_set_play_status \
         v2_list_by_uploader v2_list_new v2_get_categories v2_add_category v2_rename_category v2_delete_category \
         v2_move_videos v2_upload_cover v2_upload_cover_url v2_grab_upload v2_list_grab_tasks v2_upload_init \
         v2_upload_token legacy_upload_file v2_account_space v2_play_times v2_play_statistics v2_play_ranking \
         v2_view_log_day v2_view_log_month",
    ),
];

/// Fields of requests and replies that are reserved words of the language, at any depth: `engine` makes names of them,
/// or scripts would have to write `#{ "new": … }` and `reply["new"]`.
const RESERVED_FIELDS: [&str; 1] = ["new"]; // of drama.submit_replace_medias

/// GET calls that change something all the same.
const WRITING_GETS: [&str; 1] = ["platform.get_access_token"]; // a new token ends the one before

/// The kinds of what a platform answers.
const KINDS_OF_CODES: [Kind; 7] =
    [Kind::Auth, Kind::Quota, Kind::Throttled, Kind::NotFound, Kind::Refused, Kind::Conflict, Kind::Server];

/// What `x-juben-from` may say.
const SOURCES: [&str; 10] = [
    "account.appid",
    "account.secret",
    "account.userid",
    "account.writetoken",
    "account.refresh_token",
    "component.appid",
    "component.secret",
    "component.ticket",
    "clock.ms",
    "default",
];

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(Catalog::builtin);

fn operations() -> Vec<Arc<Operation>> {
    CATALOG.operations().collect()
}

fn documents() -> Vec<(&'static str, Value)> {
    catalog::documents().map(|(name, text)| (name, serde_json::from_str(text).unwrap())).collect()
}

#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Collect what is wrong with each operation.
#[track_caller]
fn each(mut judge: impl FnMut(&Operation, &mut Vec<String>)) {
    let mut all = Vec::new();
    for operation in operations() {
        let mut faults = Vec::new();
        judge(&operation, &mut faults);
        all.extend(faults.into_iter().map(|fault| format!("{}: {fault}", operation.full_name())));
    }
    none(all);
}

/// The schema at a path such as `data.contents`, through alternatives and the items of arrays.
fn at<'a>(schema: &'a Schema, path: &str) -> Option<&'a Schema> {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let here =
        schema.properties.get(step).and_then(|field| if rest.is_empty() { Some(field) } else { at(field, rest) });
    here.or_else(|| schema.any_of.iter().find_map(|option| at(option, path)))
        .or_else(|| schema.items.as_deref().and_then(|items| at(items, path)))
}

fn script_value(json: &Value) -> Dynamic {
    client::decode(json.to_string().as_bytes()).unwrap()
}

/// Call `see` with every object of a document and the way to it.
fn walk(value: &Value, way: &str, see: &mut impl FnMut(&str, &serde_json::Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            see(way, fields);
            fields.iter().for_each(|(name, inner)| walk(inner, &format!("{way}/{name}"), see));
        }
        Value::Array(items) => items.iter().for_each(|inner| walk(inner, way, see)),
        _ => {}
    }
}

/// The operations as they are written, with the way to them.
fn raw_operations(document: &Value) -> Vec<(String, &Value)> {
    let items = document["paths"].as_object().unwrap().iter();
    let methods = |item: &'_ Value| item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    items
        .flat_map(|(path, item)| methods(item).into_iter().map(move |method| (path, item, method)))
        .filter(|(_, _, method)| ["get", "post", "put", "patch", "delete"].contains(&method.as_str()))
        .map(|(path, item, method)| (format!("{method} {path}"), &item[&method]))
        .collect()
}

#[test]
fn the_catalog_has_exactly_the_operations_of_the_reference() {
    let mut expected = BTreeSet::new();
    for (module, count, names) in OPERATIONS {
        assert_eq!(names.split_whitespace().count(), count, "{module}");
        expected.extend(names.split_whitespace().map(|name| format!("{module}.{name}")));
    }
    let found: BTreeSet<_> = CATALOG.names().iter().map(|name| name.full()).collect();
    assert_eq!(expected.len(), 116);
    assert_eq!(found, expected);
    assert_eq!(CATALOG.names().len(), 116);
}

#[test]
fn a_name_leads_to_its_operation_in_every_spelling() {
    for (position, name) in CATALOG.names().iter().enumerate() {
        let operation = CATALOG.at(position);
        assert_eq!((operation.module.as_str(), operation.name.as_str()), (&*name.module, &*name.function));
        assert_eq!(operation.alias.as_deref().unwrap_or_default(), name.alias);
        for spelling in [name.full(), operation.script_name(), format!("{}.{}", name.module, name.alias)] {
            if !spelling.ends_with('.') {
                assert_eq!(CATALOG.find(&spelling).unwrap().full_name(), name.full(), "{spelling}");
            }
        }
    }
}

#[test]
fn no_two_operations_or_aliases_make_one_function() {
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    each(|operation, faults| {
        for function in [Some(&operation.name), operation.alias.as_ref()].into_iter().flatten() {
            let function = format!("{}::{function}", operation.module);
            if let Some(other) = owners.insert(function.clone(), operation.full_name()) {
                faults.push(format!("`{function}` is also {other}"));
            }
        }
    });
}

#[test]
fn modules_and_functions_can_be_written_in_a_script() {
    let engine = Engine::new();
    each(|operation, faults| {
        for function in [Some(&operation.name), operation.alias.as_ref()].into_iter().flatten() {
            let call = format!("{}::{function}(#{{}})", operation.module);
            faults.extend(engine.compile(&call).err().map(|error| format!("{call}: {error}")));
        }
    });
}

#[test]
fn only_known_fields_are_reserved_words() {
    fn names(schema: &Schema, found: &mut BTreeSet<String>) {
        found.extend(schema.properties.keys().cloned());
        schema.properties.values().chain(schema.items.as_deref()).for_each(|inner| names(inner, found));
    }
    let mut fields = BTreeSet::new();
    for operation in operations() {
        names(&operation.input, &mut fields);
        names(&operation.reply.schema, &mut fields);
    }
    let engine = Engine::new();
    assert!(engine.compile("#{ new: 1 }").is_err());
    fields.retain(|name| engine.compile(format!("#{{ {name}: 1 }}.{name}")).is_err());
    assert_eq!(fields, RESERVED_FIELDS.into_iter().map(str::to_owned).collect());
}

#[test]
fn path_query_and_body_fields_of_an_operation_have_different_names() {
    let mut faults = Vec::new();
    for (name, document) in documents() {
        let schema = |it: &Value| match it["$ref"].as_str() {
            Some(target) => document.pointer(&target[1..]).unwrap().clone(),
            None => it.clone(),
        };
        for (way, operation) in raw_operations(&document) {
            let mut names = BTreeSet::new();
            let parameters =
                operation["parameters"].as_array().into_iter().flatten().map(|it| schema(it)["name"].clone());
            let media = operation["requestBody"]["content"].as_object().and_then(|content| content.values().next());
            let body = media.map(|media| schema(&media["schema"])).unwrap_or_default();
            let fields = body["properties"].as_object().into_iter().flat_map(|it| it.keys().cloned().map(Value::from));
            for field in parameters.chain(fields) {
                if !names.insert(field.to_string()) {
                    faults.push(format!("{name}, {way}: {field} is there twice"));
                }
            }
        }
    }
    none(faults);
}

#[test]
fn every_reference_leads_to_something() {
    let mut faults = Vec::new();
    for (name, document) in documents() {
        walk(&document, "", &mut |way, fields| {
            let target = fields.get("$ref").and_then(Value::as_str);
            let lost = target.filter(|target| document.pointer(target.trim_start_matches('#')).is_none());
            faults.extend(lost.map(|target| format!("{name}{way}: {target} is not there")));
        });
    }
    none(faults);
}

#[test]
fn every_extension_is_in_the_vocabulary_and_every_word_of_it_is_used() {
    let manual = std::fs::read_to_string("docs/catalog.md").unwrap();
    let word = |it: &str| it.split(|it: char| !it.is_ascii_lowercase() && it != '-').next().unwrap_or("").to_owned();
    let known: BTreeSet<_> = manual.match_indices("x-juben-").map(|(start, _)| word(&manual[start..])).collect();
    let known: BTreeSet<_> = known.into_iter().filter(|word| word != "x-juben-").collect();
    let mut used = BTreeSet::new();
    for (_, document) in documents() {
        walk(&document, "", &mut |_, fields| used.extend(fields.keys().filter(|key| key.starts_with("x-")).cloned()));
    }
    assert_eq!(used, known);
}

#[test]
fn every_operation_says_what_it_is_and_what_it_does() {
    let modules: BTreeSet<_> = CATALOG.modules().map(|(name, _)| name.to_owned()).collect();
    let mut count = 0;
    let mut faults = Vec::new();
    for (name, document) in documents() {
        for (way, operation) in raw_operations(&document) {
            count += 1;
            for key in ["operationId", "summary", "tags", "responses", "x-juben-effect", "x-juben-errors"] {
                if operation.get(key).is_none() {
                    faults.push(format!("{name}, {way}: no `{key}`"));
                }
            }
            if !modules.contains(operation["tags"][0].as_str().unwrap_or_default()) {
                faults.push(format!("{name}, {way}: the module is not described under `tags`"));
            }
        }
    }
    none(faults);
    assert_eq!(count, 116);
}

#[test]
fn effects_depend_on_fields_that_exist() {
    each(|operation, faults| {
        for case in &operation.effects.when {
            match operation.input.properties.get(&case.field) {
                None => faults.push(format!("there is no field `{}`", case.field)),
                Some(field) => {
                    let value = script_value(&case.equals);
                    faults.extend(check_value(field, &value, &case.field).err().map(|problem| problem.message));
                }
            }
        }
    });
}

#[test]
fn a_get_is_a_read_but_for_those_that_are_known() {
    each(|operation, faults| {
        let writes = operation.effects.default != Effect::Read || !operation.effects.when.is_empty();
        if operation.method == "GET" && writes != WRITING_GETS.contains(&operation.full_name().as_str()) {
            faults.push(format!("GET, {}", operation.effects.default.name()));
        }
    });
}

#[test]
fn every_write_says_whether_it_may_be_repeated_and_no_read_needs_to() {
    let mut faults = Vec::new();
    for (name, document) in documents() {
        for (way, raw) in raw_operations(&document) {
            let full = format!("{}.{}", raw["tags"][0].as_str().unwrap(), raw["operationId"].as_str().unwrap());
            let operation = CATALOG.find(&full).unwrap();
            let effects = operation.effects.when.iter().map(|case| case.effect).chain([operation.effects.default]);
            let writes = effects.into_iter().any(|effect| effect != Effect::Read);
            let says = raw.get("x-juben-retry").is_some();
            if writes != says {
                faults.push(format!("{name}, {way}: writes: {writes}, x-juben-retry: {says}"));
            }
            if writes && !operation.retry.idempotent && operation.retry.look.is_none() {
                faults.push(format!("{full}: neither may it be repeated, nor is it said where to look"));
            }
        }
    }
    none(faults);
}

#[test]
fn a_pager_names_inputs_and_outputs_that_exist() {
    each(|operation, faults| {
        if let Some(pages) = &operation.pages {
            judge_pager(operation, pages, faults);
        }
    });
}

fn judge_pager(operation: &Operation, pages: &Pages, faults: &mut Vec<String>) {
    for input in [Some(&pages.position), pages.limit.as_ref()].into_iter().flatten() {
        if !operation.input.properties.contains_key(input) {
            faults.push(format!("there is no input `{input}`"));
        }
    }
    let outputs = pages.items.iter().chain(&pages.total).chain(&pages.next);
    for output in outputs.filter(|output| at(&operation.reply.schema, output).is_none()) {
        faults.push(format!("there is no output `{output}`"));
    }
    let items = |path: &String| at(&operation.reply.schema, path).is_some_and(|found| found.allows(Type::Array));
    faults.extend(pages.items.iter().filter(|path| !items(path)).map(|path| format!("`{path}` is no array")));
    let of_items =
        |id: &String| pages.items.iter().any(|path| at(&operation.reply.schema, &format!("{path}.{id}")).is_some());
    faults.extend(pages.id.iter().filter(|id| !of_items(id)).map(|id| format!("no item has `{id}`")));
    let limit = pages.limit.as_ref().and_then(|limit| operation.input.properties.get(limit));
    let largest = limit.and_then(|limit| limit.maximum.as_ref()).and_then(|largest| largest.as_u64());
    if largest.is_some_and(|largest| pages.at_most.is_none_or(|most| most as u64 > largest)) {
        faults.push(format!("the largest page is {largest:?} in the schema, at_most is {:?}", pages.at_most));
    }
    let by_next = matches!(pages.style, PageStyle::LastId | PageStyle::Cursor);
    if by_next != pages.next.is_some() || (pages.ends == PageEnd::NoNext && pages.next.is_none()) {
        faults.push("`next` is needed by last_id and cursor, and by them only".into());
    }
    if pages.ends == PageEnd::Total && pages.total.is_none() {
        faults.push("it ends by `total`, which is not named".into());
    }
    let position = operation.input.properties.get(&pages.position);
    if let (Some(first), Some(position)) = (&pages.first, position) {
        faults.extend(check_value(position, &script_value(first), "first").err().map(|problem| problem.message));
    }
}

#[test]
fn a_batch_names_arrays_that_exist() {
    each(|operation, faults| {
        if let Some(batch) = &operation.batch {
            judge_batch(operation, batch, faults);
        }
    });
}

fn judge_batch(operation: &Operation, batch: &Batch, faults: &mut Vec<String>) {
    let is_array = |schema: Option<&Schema>| schema.is_some_and(|it| it.types == [Type::Array]);
    let rows = operation.input.properties.get(&batch.rows);
    if !is_array(rows) {
        faults.push(format!("`{}` is no array of the request", batch.rows));
    }
    if rows.is_some_and(|rows| rows.max_items != batch.at_most) {
        faults.push(format!("at_most is {:?}, maxItems {:?}", batch.at_most, rows.and_then(|rows| rows.max_items)));
    }
    let Some(results) = &batch.results else {
        if batch.code.is_some() || batch.message.is_some() || batch.pair.is_some() {
            faults.push("without `results` there is nothing to name in them".into());
        }
        return;
    };
    let found = at(&operation.reply.schema, results);
    if !is_array(found) {
        faults.push(format!("`{results}` is no array of the reply"));
    }
    let pair = batch.pair.as_ref().filter(|pair| *pair != "index");
    for field in batch.code.iter().chain(&batch.message).chain(pair) {
        if found.is_none_or(|found| at(found, field).is_none()) {
            faults.push(format!("no result has `{field}`"));
        }
    }
    if batch.code.is_none() || batch.pair.is_none() {
        faults.push("`code` and `pair` must be named".into());
    }
}

/// What is wrong with `with` or `reply`: fields that the target lacks, paths that lead nowhere, values that do not fit.
fn judge_values<'a>(
    values: impl IntoIterator<Item = (&'a String, &'a Value)>,
    target: &Schema,
    sources: &[(&str, &Schema)],
    faults: &mut Vec<String>,
) {
    for (name, value) in values {
        let Some(field) = at(target, name) else {
            faults.push(format!("there is no `{name}` to give a value to"));
            continue;
        };
        let Some(path) = value.as_str().and_then(|text| text.strip_prefix('$')) else {
            faults.extend(check_value(field, &script_value(value), name).err().map(|problem| problem.message));
            continue;
        };
        let (root, path) = path.split_once('.').unwrap_or((path, ""));
        let found = sources.iter().find(|(known, _)| *known == root).and_then(|(_, schema)| at(schema, path));
        match found {
            None => faults.push(format!("{value} leads nowhere")),
            Some(found) if !found.types.iter().any(|kind| field.allows(*kind)) => {
                faults.push(format!("{value} is {}, `{name}` is {}", found.type_name(), field.type_name()));
            }
            Some(_) => {}
        }
    }
}

fn missing<'a>(target: &'a Operation, with: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = String> + 'a {
    let lacking = target.input.required.iter().filter(move |name| !with(name));
    lacking.map(|name| format!("{} also needs `{name}`", target.full_name()))
}

#[test]
fn a_look_can_be_made() {
    each(|operation, faults| {
        let Some(look) = &operation.retry.look else { return };
        let Some(target) = CATALOG.find(&look.operation) else {
            return faults.push(format!("there is no {}", look.operation));
        };
        let reads = target.effect(|field, value| look.with.get(field) == Some(value)) == Effect::Read;
        if !reads {
            faults.push(format!("{} changes something", look.operation));
        }
        judge_values(&look.with, &target.input, &[("request", &operation.input)], faults);
        if let Some(field) = &look.when
            && !operation.input.properties.contains_key(field)
        {
            faults.push(format!("there is no `{field}` in the request"));
        }
        match &look.reply {
            None if look.note.as_ref().is_none_or(|note| note.en.is_empty() || note.zh.is_empty()) => {
                faults.push("a person needs a note in both languages".into());
            }
            None => {}
            Some(reply) => {
                let sources = [("request", &operation.input), ("found", &target.reply.schema)];
                judge_values(reply, &operation.reply.schema, &sources, faults);
                let given = |name: &str| look.with.contains_key(name);
                faults.extend(missing(&target, given));
            }
        }
    });
}

#[test]
fn a_task_can_be_followed() {
    let events: BTreeSet<String> = documents()
        .iter()
        .flat_map(|(_, document)| document["webhooks"].as_object().cloned().unwrap_or_default())
        .map(|(name, _)| name)
        .collect();
    each(|operation, faults| {
        let Some(wait) = &operation.wait else { return };
        let Some(target) = CATALOG.find(&wait.operation) else {
            return faults.push(format!("there is no {}", wait.operation));
        };
        let sources = [("request", &operation.input), ("reply", &operation.reply.schema)];
        judge_values(&wait.with, &target.input, &sources, faults);
        faults.extend(missing(&target, |name| wait.with.contains_key(name)));
        match at(&target.reply.schema, &wait.state) {
            None => faults.push(format!("there is no `{}` in the reply of {}", wait.state, wait.operation)),
            Some(state) => {
                let ends = wait.done.iter().chain(&wait.failed);
                let problems = ends.filter_map(|end| check_value(state, &script_value(end), &wait.state).err());
                faults.extend(problems.map(|problem| problem.message));
            }
        }
        if wait.done.is_empty() || target.effects.default != Effect::Read {
            faults.push("it never ends, or it is followed by a write".into());
        }
        faults.extend(wait.event.iter().filter(|event| !events.contains(*event)).map(|it| format!("no event `{it}`")));
    });
}

#[test]
fn an_inverse_can_be_called() {
    each(|operation, faults| {
        let Some(inverse) = &operation.inverse else { return };
        let Some(target) = CATALOG.find(&inverse.operation) else {
            return faults.push(format!("there is no {}", inverse.operation));
        };
        let sources = [("request", &operation.input), ("reply", &operation.reply.schema)];
        judge_values(&inverse.with, &target.input, &sources, faults);
        faults.extend(missing(&target, |name| inverse.with.contains_key(name)));
        if target.effects.default == Effect::Read {
            faults.push("a read undoes nothing".into());
        }
    });
}

#[test]
fn a_target_can_be_read() {
    each(|operation, faults| {
        let Some(target) = &operation.target else { return };
        let Some(read) = CATALOG.find(&target.read) else {
            return faults.push(format!("there is no {}", target.read));
        };
        if operation.effects.default == Effect::Read || read.effects.default != Effect::Read {
            faults.push("a target is what a write touches, shown by a read".into());
        }
        if read.pages.is_none() {
            faults.extend(missing(&read, |name| target.with.contains_key(name)));
        }
        let sources = [("request", &operation.input)];
        judge_values(&target.with, &read.input, &sources, faults);
        let row = match target.rows.as_ref().map(|rows| operation.input.properties.get(rows)) {
            None => Schema::default(),
            Some(Some(rows)) => rows.items.as_deref().cloned().unwrap_or_default(),
            Some(None) => return faults.push("`rows` is none of its fields".into()),
        };
        let values = target.matches.values().chain(target.with.values()).filter_map(|value| value.as_str());
        for value in values {
            let (known, path) = match value.split_once('.') {
                Some(("$row", path)) => (&row, path),
                Some(("$request", path)) => (&operation.input, path),
                _ => continue,
            };
            if at(known, path).is_none() {
                faults.push(format!("{value} is nothing that it has"));
            }
        }
        let of_pages = read.pages.as_ref().and_then(|pages| pages.items.first()).filter(|_| !target.matches.is_empty());
        let place = target.at.as_ref().or(of_pages);
        let found = place.map_or(Some(&read.reply.schema), |place| at(&read.reply.schema, place));
        let Some(found) = found else { return faults.push(format!("the reply of {} has no {place:?}", target.read)) };
        let item = found.items.as_deref().unwrap_or(found);
        for name in target.fields.iter().chain(target.matches.keys()) {
            if !item.properties.contains_key(name) {
                faults.push(format!("`{name}` is no field of what {} shows", target.read));
            }
        }
    });
}

#[test]
fn every_typical_code_is_explained() {
    let groups: BTreeSet<_> = CATALOG.error_codes().map(|(_, group, _, _)| group.to_owned()).collect();
    each(|operation, faults| {
        let unknown = operation.errors.groups.iter().filter(|group| !groups.contains(*group));
        faults.extend(unknown.map(|group| format!("there is no group `{group}`")));
        let unexplained =
            operation.errors.typical.iter().filter(|code| CATALOG.error_code(operation, **code).is_none());
        faults.extend(unexplained.map(|code| format!("code {code} is in none of its groups")));
        if operation.errors.groups.is_empty() {
            faults.push("it names no group".into());
        }
    });
}

#[test]
fn every_group_of_codes_is_used_and_belongs_to_one_platform() {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (platform, group, _, _) in CATALOG.error_codes() {
        owners.entry(group).or_default().insert(platform);
    }
    let used: BTreeSet<_> = operations().iter().flat_map(|operation| operation.errors.groups.clone()).collect();
    let mut faults = Vec::new();
    for (group, platforms) in owners {
        if platforms.len() > 1 {
            faults.push(format!("`{group}` is in {platforms:?}: the first one hides the other"));
        }
        if !used.contains(group) {
            faults.push(format!("no operation names `{group}`"));
        }
    }
    none(faults);
}

#[test]
fn every_code_has_a_kind_a_meaning_and_a_hint_in_both_languages() {
    let chinese = |text: &str| text.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it));
    let mut faults = Vec::new();
    for (platform, group, code, entry) in CATALOG.error_codes() {
        let mut wrong = |what: &str| faults.push(format!("{platform}, {group}, {code}: {what}"));
        if code.parse::<i64>().is_err() {
            wrong("is no number");
        }
        if Kind::named(&entry.kind).is_none_or(|kind| !KINDS_OF_CODES.contains(&kind)) {
            wrong(&format!("the kind `{}`", entry.kind));
        }
        for (name, text) in [("meaning", &entry.meaning), ("hint", &entry.hint)] {
            if text.en.trim().is_empty() || text.zh.trim().is_empty() {
                wrong(&format!("{name} is missing in one language"));
            }
            // English texts quote the Chinese names of categories.
            if text.en.starts_with(|it: char| !it.is_ascii()) || !chinese(&text.zh) {
                wrong(&format!("{name} is in the wrong language"));
            }
            if text.en.ends_with('.') || text.zh.ends_with('。') {
                wrong(&format!("{name} ends with a full stop"));
            }
        }
        let mut letters = entry.meaning.en.chars();
        let (first, second) = (letters.next().unwrap_or(' '), letters.next().unwrap_or(' '));
        if first.is_uppercase() && second.is_lowercase() && !entry.meaning.en.starts_with("Polyv") {
            wrong(&format!("the meaning {:?} does not fit into a sentence", entry.meaning.en));
        }
    }
    none(faults);
}

#[test]
fn every_example_is_accepted_by_the_check() {
    each(|operation, faults| {
        let mut fields: Map =
            operation.example.iter().map(|(name, it)| (name.as_str().into(), script_value(it))).collect();
        for (name, field) in &operation.input.properties {
            if field.from.is_some() {
                fields.remove(name.as_str());
            } else if field.is_binary() && operation.input.required.contains(name) {
                fields.insert(name.as_str().into(), Dynamic::from_blob(vec![1]));
            }
        }
        faults.extend(
            check(&operation.input, &fields).err().map(|problem| format!("{}: {}", problem.path, problem.message)),
        );
    });
}

#[test]
fn every_example_can_be_written_in_a_script() {
    let engine = Engine::new();
    each(|operation, faults| {
        let Some(call) = operation.example_call() else {
            // An example has no file to send.
            let sends_file = operation.input.properties.values().any(Schema::is_binary);
            return faults.extend((!sends_file).then(|| "its example lacks a required field".to_owned()));
        };
        faults.extend(engine.compile(&call).err().map(|error| format!("{error}: {call}")));
    });
}

#[test]
fn what_is_filled_in_comes_from_a_known_source() {
    each(|operation, faults| {
        for (name, field) in &operation.input.properties {
            if let Some(from) = field.from.as_deref() {
                if !SOURCES.contains(&from) {
                    faults.push(format!("`{name}` comes from `{from}`"));
                }
                if from == "default" && field.default.is_none() {
                    faults.push(format!("`{name}` has no default"));
                }
            }
        }
    });
}

#[test]
fn limits_and_defaults_do_not_contradict_each_other() {
    fn judge(schema: &Schema, way: &str, faults: &mut Vec<String>) {
        let values = schema.default.iter().chain(&schema.example).chain(&schema.constant);
        let problems = values.filter_map(|value| check_value(schema, &script_value(value), way).err());
        faults.extend(problems.map(|problem| problem.message));
        let pairs = [(schema.min_length, schema.max_length), (schema.min_items, schema.max_items)];
        if pairs.iter().any(|(least, most)| least.is_some_and(|least| most.is_some_and(|most| least > most))) {
            faults.push(format!("`{way}`: the least is more than the most"));
        }
        let unknown = schema.required.iter().filter(|name| !schema.properties.contains_key(*name));
        if !schema.properties.is_empty() {
            faults.extend(unknown.map(|name| format!("`{way}` requires `{name}`, which it does not have")));
        }
        for (name, inner) in &schema.properties {
            judge(inner, &format!("{way}.{name}"), faults);
        }
        if let Some(items) = &schema.items {
            judge(items, &format!("{way}[]"), faults);
        }
    }
    each(|operation, faults| {
        judge(&operation.input, "request", faults);
        judge(&operation.reply.schema, "reply", faults);
        let patterns = operation.input.properties.values().filter_map(|field| field.pattern.as_deref());
        faults.extend(patterns.filter_map(|it| regex::Regex::new(it).err()).map(|error| error.to_string()));
    });
}

#[test]
fn every_reply_has_an_example_that_fits_its_schema() {
    each(|operation, faults| match &operation.reply.example {
        None if operation.reply.binary => {}
        None => faults.push("no example of a reply".into()),
        Some(example) => {
            let problem = check_value(&operation.reply.schema, &script_value(example), "reply").err();
            faults.extend(problem.map(|problem| problem.message));
        }
    });
}
