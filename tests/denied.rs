//! What a run is not granted it does not do: whatever way its code takes, no request is sent.

use crate::{
    documents::none,
    operations::{call, config, example, options},
    package::Packages,
    script::{Script, Server},
};
use juben::{
    Error,
    catalog::{Catalog, Effect, Operation},
    client::Client,
    config::Config,
    error::Kind,
    rights::{Grant, Right, Rights},
};
use std::{collections::BTreeMap, sync::Arc};

/// Where a script runs, and what each piece of it is granted.
struct World {
    server: Arc<Server>,
    config: Config,
    grant: Grant,
}

impl World {
    fn granting(rights: &str) -> World {
        let server = Arc::new(Server::start());
        World { config: config(&server), server, grant: Grant::of(rights.parse().unwrap()) }
    }

    fn script(&self, text: &str) -> Script {
        Script::on(&self.server, text)
    }

    /// Run it without looking at what it needs before: each deed is looked at by itself.
    fn run(&self, script: &Script) -> Result<rhai::Dynamic, Error> {
        let guard = script.guard(&self.grant)?;
        let client = Client::new(Catalog::builtin(), &self.config).direct().guarded(Arc::new(guard));
        script.run_freely(client, &self.config).result
    }

    /// It ends denied, and no request was sent: not even for a token.
    #[track_caller]
    fn denies(&self, text: &str) -> Error {
        let outcome = self.run(&self.script(text));
        assert_eq!(self.server.sandbox.requests(), [], "{text}");
        match outcome {
            Err(error) if error.kind == Kind::Denied => error,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[track_caller]
    fn lets(&self, text: &str) {
        if let Err(error) = self.run(&self.script(text)) {
            panic!("{text}: {error:?}");
        }
    }
}

/// Everything but this operation.
fn all_but(denied: &Operation) -> Rights {
    let catalog = Catalog::builtin();
    let others = catalog.operations().filter(|it| it.full_name() != denied.full_name());
    let mut rights: Rights =
        others.map(|it| format!("destructive:{}", it.full_name()).parse::<Right>().unwrap()).collect();
    rights.extend("files,notify,host,env".parse::<Rights>().unwrap().iter().cloned());
    rights
}

/// What stands for the call in [`WAYS`] and in the modules.
const CALL: &str = "CALL";

/// The ways that lead to a call. Modules: `m` of the script, `inner`, which `m` imports, and the packages `team/near`, and
/// `team/far`, which that imports.
const WAYS: [&str; 22] = [
    "CALL;",
    "try { CALL; } catch { } 1",
    "loop { try { CALL; } catch { } }",
    "let text = `a ${CALL} b`;",
    "let list = [1, CALL];",
    "if CALL == () { }",
    "let go = || CALL; go.call();",
    "[1].map(|it| CALL);",
    "[1].map(|it| { try { CALL } catch { 0 } });",
    "fn go() { CALL } go();",
    "fn go() { CALL } Fn(\"go\").call();",
    "fn go() { CALL } let f = go; f.call();",
    "fn go(n) { CALL } let f = Fn(\"go\").curry(1); f.call();",
    "fn go() { CALL } call(Fn(\"go\"));",
    "fn int.go() { CALL } 1.go();",
    "let it = #{ go: || CALL }; it.go();",
    "import \"m\" as m; m::go();",
    "import \"m\" as m; m::deeper();",
    "import \"m\" as m; m::run(|| CALL);",
    "import \"team/near\" as near; near::go();",
    "import \"team/near\" as near; near::deeper();",
    "import \"team/near\" as near; near::run(|| CALL);",
];

/// All of them for an operation: by both of its names, with options, and by its name as a text.
fn ways(operation: &Operation) -> BTreeMap<String, String> {
    let fields = example(operation);
    let direct = call(operation, &operation.name, &fields);
    let mut ways: BTreeMap<String, String> =
        WAYS.iter().map(|way| ((*way).to_owned(), way.replace(CALL, &direct))).collect();
    let mut add = |way: &str, text: String| drop(ways.insert(way.to_owned(), text));
    if let Some(alias) = &operation.alias {
        add("alias", call(operation, alias, &fields));
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
    let (name, row) = (operation.full_name(), format!("#{{ {} }}", fields.join(", ")));
    let own = options(operation).trim_start_matches(", #{ ").trim_end_matches('}').trim();
    let own = if own.is_empty() { String::new() } else { format!(", {own}") };
    add("options", format!("{}({row}, #{{ timeout: 5, retries: 1{own} }})", operation.script_name()));
    add("calls::many", format!("calls::many({name:?}, [{row}], #{{ at_once: 1{own} }})"));
    add("calls::many, caught", format!("try {{ calls::many({name:?}, [{row}, {row}]) }} catch {{ }} 1"));
    if operation.pages.is_some() {
        add("pages::of", format!("pages::of({name:?}, {row}).first()"));
        add("pages::of, looped", format!("for it in pages::of({name:?}, {row}) {{ }}"));
    }
    if operation.wait.is_some() {
        add("wait::until", format!("wait::until({name:?}, {row}, #{{ timeout: 1 }})"));
    }
    ways
}

/// What the ways lead through: a module that may import another, by this name.
fn module(operation: &Operation, imports: &str) -> String {
    let direct = call(operation, &operation.name, &example(operation));
    format!(
        "import {imports:?} as inner;\nfn go() {{ {direct} }}\nfn deeper() {{ inner::go() }}\nfn run(f) {{ f.call() }}\n"
    )
}

fn innermost(operation: &Operation) -> String {
    format!("fn go() {{ {} }}", call(operation, &operation.name, &example(operation)))
}

fn with_modules(script: Script, operation: &Operation) -> Script {
    script.file("m.rhai", &module(operation, "inner")).file("inner.rhai", &innermost(operation))
}

fn packages(operation: &Operation) -> Packages {
    let right = format!("destructive:{}", operation.full_name());
    Packages::new().with("team/near", &[&right], &["team/far"], &[("near", &module(operation, "team/far"))]).with(
        "team/far",
        &[&right],
        &[],
        &[("far", &innermost(operation))],
    )
}

#[test]
fn no_way_leads_to_an_operation_that_is_not_granted() {
    let catalog = Catalog::builtin();
    let operations: Vec<_> = catalog.operations().collect();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let share = operations.len().div_ceil(threads);
    let tried = std::thread::scope(|scope| {
        let shares: Vec<_> = operations.chunks(share).map(|share| scope.spawn(move || deny_each(share))).collect();
        shares.into_iter().map(|share| share.join().unwrap()).sum::<usize>()
    });
    assert!(tried > operations.len() * WAYS.len(), "{tried}");
}

fn deny_each(operations: &[Arc<Operation>]) -> usize {
    let mut world = World::granting("read");
    let (mut faults, mut tried) = (Vec::new(), 0);
    for operation in operations {
        world.grant = Grant::of(all_but(operation));
        let packages = packages(operation);
        for (way, text) in ways(operation) {
            let script = with_modules(world.script(&text), operation).packages(&packages.installed());
            let outcome = world.run(&script);
            let denied = outcome.as_ref().is_err_and(|error| error.kind == Kind::Denied);
            if !denied || !world.server.sandbox.requests().is_empty() {
                faults.push(format!("{way}: {text}\n{outcome:?}\n{:?}", world.server.operations()));
                world.server.sandbox.reset();
            }
            tried += 1;
        }
    }
    none(faults);
    tried
}

#[test]
fn each_way_leads_to_an_operation_that_is_granted() {
    let operation = Catalog::builtin().named("drama.list_dramas").unwrap();
    let world = World::granting("read,notify");
    let packages = packages(&operation);
    for (way, text) in ways(&operation) {
        if way.starts_with("loop") || way.starts_with("wait") {
            continue;
        }
        world.server.sandbox.reset();
        let outcome = world.run(&with_modules(world.script(&text), &operation).packages(&packages.installed()));
        assert!(outcome.is_ok(), "{way}: {outcome:?}");
        assert!(world.server.operations().contains(&"drama.list_dramas".to_owned()), "{way}");
    }
}

#[test]
fn what_cannot_be_undone_is_not_implied() {
    let world = World::granting("write");
    for operation in Catalog::builtin().operations().filter(|it| it.effects.default == Effect::Destructive) {
        let error = world.denies(&call(&operation, &operation.name, &example(&operation)));
        assert!(error.message.contains(&format!("destructive:{}", operation.full_name())), "{error}");
        assert!(error.hint.as_ref().unwrap().contains("--allow"), "{error:?}");
    }
}

#[test]
fn another_account_is_not_used() {
    let mut world = World::granting("read");
    world.grant.accounts = Some(["merchant".to_owned()].into());
    world.denies("drama::list_dramas()");
    world.denies("account::switch(\"sandbox\"); drama::list_dramas()");
    world.denies("drama::list_dramas(#{}, #{ account: \"sandbox\" })");
    world.denies("calls::many(\"drama.list_dramas\", [#{}], #{ account: \"sandbox\" })");
    world.grant.accounts = Some(["sandbox".to_owned()].into());
    world.lets("drama::list_dramas()");
}

#[test]
fn another_thing_is_not_touched_wherever_it_is_named() {
    let mut world = World::granting("destructive");
    world.grant.only.insert("media_id".into(), ["910001".to_owned()].into());
    world.denies("drama::delete_media(910002)");
    world.denies("drama::delete_media(#{ media_id: 910001 }, #{ extra: #{ media_id: 910002 } })");
    world.denies("drama::get_media(#{ media_id: 910001 }, #{ extra: #{ more: [#{ media_id: 910002 }] } })");
    world.denies("calls::many(\"drama.delete_media\", [#{ media_id: 910002 }])");
    world.denies("drama::pull_upload(#{ media_name: \"a - 1\", media_url: \"https://a.example/1.mp4\" })");
    world.lets("drama::get_media(910001)");
    world.lets("drama::list_media()");
    world.server.sandbox.reset();
    world.grant.only = [("drama_id".to_owned(), ["310045".to_owned()].into())].into();
    world.denies("drama::submit_replace_medias(#{ drama_id: 1, replace_media_list: [#{ old: 910002, new: 910010 }] })");
}

#[test]
fn a_denial_while_progress_is_told_ends_the_run() {
    let world = World::granting("read:drama.list_dramas,write:drama.single_file_upload,read:drama.list_media,files");
    let deny = "|a, b| { try { drama::delete_media(1) } catch { } }";
    for text in [
        format!("calls::many(\"drama.list_dramas\", [#{{}}], #{{ on_progress: {deny} }})"),
        format!("files::write(\"a - 1.mp4\", \"a video\"); upload::file(\"a - 1.mp4\", #{{ on_progress: {deny} }})"),
    ] {
        world.server.sandbox.reset();
        let error = world.run(&world.script(&text)).unwrap_err();
        assert_eq!(error.kind, Kind::Denied, "{text}: {error}");
        assert!(!world.server.operations().contains(&"drama.delete_media".to_owned()), "{text}");
    }
}

#[test]
fn a_helper_that_needs_one_more_operation_does_not_do_without() {
    let world = World::granting("files,read:drama.list_media");
    let text = "for n in 1..=2 { files::write(`season/第${n}集.mp4`, \"v\"); }\n\
                try { upload::dir(\"season\", #{ drama: \"夜行船\" }) } catch { } 1";
    let error = world.run(&world.script(text)).unwrap_err();
    assert_eq!(error.kind, Kind::Denied, "{error}");
    assert!(
        !world.server.operations().iter().any(|name| name != "drama.list_media"),
        "{:?}",
        world.server.operations()
    );
}

#[test]
fn nobody_else_is_told() {
    let world = World::granting("notify:team");
    world.lets("notify::send(\"team\", \"a\")");
    world.denies("try { notify::send(\"all\", \"a\") } catch { } 1");
    world.denies("let name = \"al\" + \"l\"; notify::send(name, #{ text: \"a\" })");
}
