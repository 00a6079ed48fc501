//! The rights that can be read off a script are the operations that the sandbox sees, over everything that runs here.

use crate::{
    documents::{Block, blocks_of, files, none, scripts, scripts_of_pages},
    script::{Script, Server},
};
use juben::{
    Error,
    analysis::{self, Called, Library, Rights, Source},
    catalog::{Catalog, Effect},
    engine,
    sandbox::Fault,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex},
};

/// What the client calls by itself to get a token.
const TOKENS: [&str; 4] = [
    "platform.get_access_token",
    "platform.get_component_access_token",
    "platform.get_stable_access_token",
    "platform.refresh_authorizer_token",
];

/// The rights of a script, and the catalog that tells what belongs to them.
pub struct Allowed {
    pub rights: Rights,
    catalog: Arc<Catalog>,
}

impl Allowed {
    /// The rights of a text whose modules are in this folder.
    pub fn of(text: &str, folder: &Path, catalog: &Arc<Catalog>) -> Self {
        static BUILTIN: LazyLock<Library> = LazyLock::new(|| engine::library(Catalog::builtin()));
        let own = (!Arc::ptr_eq(catalog, &Catalog::builtin())).then(|| engine::library(catalog.clone()));
        let library = own.as_ref().unwrap_or(&BUILTIN);
        let find = engine::finder(folder.to_owned(), Arc::default());
        let rights = analysis::check(&Source::new("test.rhai", text), library, &find).rights;
        Allowed { rights, catalog: catalog.clone() }
    }

    /// Those of the calls that nobody could have foreseen.
    pub fn beyond(&self, called: impl IntoIterator<Item = String>) -> BTreeSet<String> {
        let called = called.into_iter().filter(|name| !self.has(name));
        if self.rights.unknown.is_empty() { called.collect() } else { BTreeSet::new() }
    }

    /// A token, and the look after a lost answer, belong to the call that needs them.
    fn has(&self, name: &str) -> bool {
        let looks = |own: &String| {
            let look = self.catalog.find(own)?.retry.look.clone()?;
            (look.reply.is_some() && look.operation == name).then_some(())
        };
        self.names().any(|own| own == name || looks(own).is_some()) || TOKENS.contains(&name)
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.rights.operations.keys()
    }
}

/// A script that can be run, and where it stands.
struct Case {
    place: String,
    text: String,
    /// The folder of the repository whose files it needs.
    beside: Option<PathBuf>,
    /// Its parameters that are set to true.
    flags: Vec<String>,
}

impl Case {
    fn of_file(path: &Path) -> Case {
        let text = fs::read_to_string(path).unwrap();
        let beside = path.parent().map(Path::to_owned);
        Case { place: path.display().to_string(), text, beside, flags: Vec::new() }
    }

    fn of_block(block: Block) -> Case {
        // What pages say of `scripts/` is tried beside its files.
        let beside = block.place.contains(".md:").then(|| PathBuf::from("scripts"));
        Case { text: block.text, place: block.place, beside, flags: Vec::new() }
    }

    /// The same as it is, and with all that its flags add.
    fn with_flags(self) -> Vec<Case> {
        let flag =
            |line: &str| line.strip_prefix("//! @param ")?.split_once(" bool = false ").map(|(name, _)| name.into());
        let flags: Vec<String> = self.text.lines().filter_map(flag).collect();
        let flagged = (!flags.is_empty()).then(|| Case {
            place: format!("{} with {}", self.place, flags.join(", ")),
            text: self.text.clone(),
            beside: self.beside.clone(),
            flags,
        });
        [self].into_iter().chain(flagged).collect()
    }

    fn script(&self, server: &Arc<Server>) -> Script {
        let script = Script::on(server, &self.text);
        let script = self.flags.iter().fold(script, |script, flag| script.arg(flag, "true"));
        match &self.beside {
            Some(folder) => script.beside_those_of(folder),
            None => script,
        }
    }

    /// What its comments ask for: `// first: ` a script that is run before, `// fault: ` a fault in JSON.
    fn lines<'a>(&'a self, mark: &'a str) -> impl Iterator<Item = &'a str> {
        self.text.lines().filter_map(move |line| line.strip_prefix(mark))
    }

    /// Run it in a sandbox that begins anew: its rights, what the sandbox was asked for, and how it ended.
    fn run(&self, server: &Arc<Server>) -> (Allowed, BTreeSet<String>, Option<Error>) {
        server.sandbox.reset();
        for first in self.lines("// first: ") {
            drop(Script::on(server, first).run().result.unwrap());
        }
        server.sandbox.forget_requests();
        let faults = self.lines("// fault: ").map(|line| serde_json::from_str::<Fault>(line).unwrap());
        server.sandbox.fail(faults);
        let script = self.script(server);
        let allowed = Allowed::of(&self.text, script.folder(), &Catalog::builtin());
        let outcome = script.run_freely(server.client(), &server.config());
        let called = server.sandbox.requests().into_iter().filter_map(|request| request.operation);
        let own = |name: &String| !TOKENS.contains(&name.as_str()) || allowed.rights.operations.contains_key(name);
        let called = called.filter(own).collect();
        (allowed, called, outcome.result.err())
    }
}

/// Those whose calls were chosen for this: a helper each.
fn of_helpers() -> Vec<Case> {
    files("tests/rights", "rhai").iter().map(|path| Case::of_file(path)).collect()
}

/// Every script that anyone can read.
fn cases() -> Vec<Case> {
    let blocks = blocks_of(&files("src/host", "rs"), "///").into_iter();
    let blocks = blocks.chain(blocks_of(&files("stdlib", "rhai"), "///")).chain(scripts_of_pages());
    let blocks = blocks.filter(|block| block.language == "rhai").map(Case::of_block);
    // Tests of scripts do nothing when they are run as scripts.
    let of_files = [scripts("scripts"), files("tests/refusals", "rhai")].concat();
    // Two of the refused ones end with their time only; they make no calls.
    let endless = |case: &Case| case.text.starts_with("// juben run … --timeout");
    let of_files = of_files.iter().map(|path| Case::of_file(path)).filter(|case| !endless(case));
    blocks.chain(of_files.flat_map(Case::with_flags)).chain(of_helpers()).collect()
}

#[test]
fn no_script_calls_what_its_rights_do_not_have_and_together_they_call_all_that_theirs_have() {
    let server = Arc::new(Server::start());
    let cases = cases();
    assert!(cases.len() > 150, "{}", cases.len());
    assert!(cases.iter().any(|case| !case.flags.is_empty()), "no script has a flag");
    let (mut faults, mut seen, mut claimed) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
    for case in &cases {
        let (allowed, called, error) = case.run(&server);
        let beyond = allowed.beyond(called.iter().cloned());
        faults.extend((!beyond.is_empty()).then(|| format!("{} calls {beyond:?} besides", case.place)));
        seen.extend(called);
        // One that was stopped has not come to all that it may do.
        if error.is_none() {
            claimed.extend(allowed.names().map(|name| (name.clone(), case.place.clone())));
        }
    }
    let never = claimed.iter().filter(|(name, _)| !seen.contains(*name));
    faults.extend(never.map(|(name, place)| format!("{name}, a right of {place}, is never called")));
    none(faults);
}

#[test]
fn a_dry_run_tells_of_the_writes_that_are_rights_and_calls_nothing_else() {
    let server = Arc::new(Server::start());
    let mut faults = Vec::new();
    for case in cases() {
        server.sandbox.reset();
        let planned = Arc::new(Mutex::new(Vec::new()));
        let told = planned.clone();
        let client =
            server.client().dry_run(move |plan| told.lock().unwrap().push((plan.operation.clone(), plan.effect)));
        let script = case.script(&server);
        let allowed = Allowed::of(&case.text, script.folder(), &Catalog::builtin());
        script.run_freely(client, &server.config());
        let beyond = allowed.beyond(server.operations());
        faults.extend((!beyond.is_empty()).then(|| format!("{} calls {beyond:?} besides", case.place)));
        if !allowed.rights.unknown.is_empty() {
            continue;
        }
        for (name, effect) in planned.lock().unwrap().iter() {
            let right = allowed.rights.operations.get(name);
            if right.is_none_or(|right| right < effect) {
                faults.push(format!("{}: {name} is {effect:?}, its right is {right:?}", case.place));
            }
        }
        for name in server.operations() {
            let weakest = weakest(&Catalog::builtin(), &name);
            faults.extend((weakest != Effect::Read).then(|| format!("{}: {name} was not held back", case.place)));
        }
    }
    none(faults);
}

/// A guard that grants everything denies only what nothing in a text asks for: files, and people who are told.
#[test]
fn no_script_does_what_its_text_does_not_ask_for() {
    let server = Arc::new(Server::start());
    let mut faults = Vec::new();
    for case in cases() {
        server.sandbox.reset();
        let script = case.script(&server);
        let Ok(guard) = script.guard_of_its_text() else {
            // It imports what is not there.
            assert!(script.run().result.is_err(), "{} runs", case.place);
            continue;
        };
        let client = server.client().guarded(Arc::new(guard));
        let error = script.run_freely(client, &server.config()).result.err();
        let denied = error.filter(|error| error.message.starts_with("nothing in the text of this run asks for"));
        faults.extend(denied.map(|error| format!("{}: {error}", case.place)));
    }
    none(faults);
}

fn weakest(catalog: &Catalog, name: &str) -> Effect {
    let effects = &catalog.find(name).unwrap().effects;
    effects.when.iter().map(|case| case.effect).chain([effects.default]).min().unwrap_or(Effect::Read)
}

/// The names of operations in the code of a file; comments and tests are left out.
fn names_in_code(path: &Path, catalog: &Catalog) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default().lines();
    let code = code.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let texts = code.split('"').skip(1).step_by(2);
    texts.filter(|text| catalog.find(text).is_some()).map(str::to_owned).collect()
}

/// The files of a room that belong to a module: `NAME.rs` and those of the folder `NAME`.
fn files_of(room: &str, module: &str) -> Vec<PathBuf> {
    let alone = PathBuf::from(format!("{room}/{module}.rs"));
    alone.exists().then_some(alone).into_iter().chain(files(&format!("{room}/{module}"), "rs")).collect()
}

#[test]
fn the_manual_of_a_module_names_the_operations_that_its_code_names_and_no_others() {
    let catalog = Catalog::builtin();
    let (mut faults, mut all) = (Vec::new(), 0);
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for function in engine::manual().iter().filter(|it| !it.imported && !it.module.is_empty()) {
        let names = told.entry(function.module.clone()).or_default();
        for called in function.calls() {
            match called {
                Called::Operation(name) => drop(names.insert(name)),
                Called::Argument(name) if function.parameters.contains(&name) => {}
                Called::Argument(name) => faults.push(format!("{}: no parameter {name}", function.signature())),
            }
        }
    }
    for (module, told) in told {
        let paths = [files_of("src/host", &module), files_of("src/helpers", &module)].concat();
        let named: BTreeSet<_> = paths.iter().flat_map(|path| names_in_code(path, &catalog)).collect();
        all += named.len();
        let differ: Vec<_> = told.symmetric_difference(&named).collect();
        faults.extend((!differ.is_empty()).then(|| format!("{module}: the manual or the code lacks {differ:?}")));
    }
    none(faults);
    let everywhere = [files("src/helpers", "rs"), files("src/host", "rs")].concat();
    assert!(all >= 25 && everywhere.len() > 20, "{all}");
}

#[test]
fn the_forms_of_a_helper_that_differ_in_options_alone_call_the_same() {
    let manual = engine::manual();
    let mut faults = Vec::new();
    for function in manual.iter().filter(|it| it.text.starts_with("The same")) {
        let plain = manual.iter().find(|it| (&it.module, &it.name) == (&function.module, &function.name)).unwrap();
        let lacks = plain.calls().into_iter().filter(|called| !function.calls().contains(called));
        faults.extend(lacks.map(|called| format!("{} lacks {called:?}", function.signature())));
    }
    none(faults);
}

/// For each helper that calls operations a script that calls all of them, and nothing else.
#[test]
fn every_helper_calls_all_that_its_manual_says() {
    let server = Arc::new(Server::start());
    let (mut faults, mut exact) = (Vec::new(), Vec::new());
    for case in of_helpers() {
        let (allowed, called, error) = case.run(&server);
        faults.extend(error.map(|error| format!("{}: {error} {:?}", case.place, error.hint)));
        let rights: BTreeSet<_> = allowed.names().cloned().collect();
        let differ: Vec<_> = rights.symmetric_difference(&called).collect();
        faults.extend((!differ.is_empty()).then(|| format!("{}: rights or calls lack {differ:?}", case.place)));
        exact.push((case, called));
    }
    for function in engine::manual() {
        let declared: BTreeSet<_> = function.calls().into_iter().filter_map(operation).collect();
        let call = format!("{}::{}(", function.module, function.name);
        let tried = exact.iter().any(|(case, called)| case.text.contains(&call) && *called == declared);
        faults
            .extend((!declared.is_empty() && !tried).then(|| format!("no script calls just {}", function.signature())));
    }
    none(faults);
}

fn operation(called: Called) -> Option<String> {
    match called {
        Called::Operation(name) => Some(name),
        Called::Argument(_) => None,
    }
}
