//! Random packages that import each other, hand functions to each other and share names: whatever they do on the sandbox
//! is among the rights that were read off them.

use crate::{
    operations::{call, example, options},
    package::Packages,
    script::{Script, Server},
};
use juben::{
    catalog::{Catalog, Effect, Operation},
    engine::Piece,
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::{
    collections::BTreeSet,
    fmt::Write,
    sync::{Arc, LazyLock},
};

/// Reads that any account can make; each text of a program has its own.
static READS: LazyLock<Vec<Arc<Operation>>> = LazyLock::new(|| {
    let is_read = |it: &Arc<Operation>| it.effects.default == Effect::Read && it.effects.when.is_empty();
    let is_plain = |it: &Arc<Operation>| options(it).is_empty() && !it.full_name().contains("token");
    Catalog::builtin().operations().filter(|it| is_read(it) && is_plain(it)).collect()
});

/// Few names, so that many things share one.
const FUNCTIONS: [&str; 4] = ["act", "look", "list", "run"];
const ALIASES: [&str; 4] = ["a", "b", "helper", "novel"];
const VARIABLES: [&str; 3] = ["f", "act", "x"];

/// Decides by numbers that the test library chooses; when they are used up, they come again, each a little larger.
struct Choices<'a> {
    numbers: &'a [u8],
    used: usize,
}

impl Choices<'_> {
    fn below(&mut self, end: usize) -> usize {
        let number = self.numbers.get(self.used % self.numbers.len().max(1)).copied().unwrap_or_default();
        let round = self.used / self.numbers.len().max(1);
        self.used += 1;
        (usize::from(number) + round) % end.max(1)
    }

    fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// A text that others can import: by this name, for these functions, each with how many arguments it takes.
#[derive(Clone)]
struct Module {
    name: String,
    text: String,
    functions: Vec<(&'static str, usize)>,
}

impl Module {
    /// As the texts beside it call it.
    fn beside(&self) -> Module {
        Module { name: self.name.rsplit('/').next().unwrap_or_default().to_owned(), ..self.clone() }
    }
}

/// A text in the making.
struct Text<'a, 'b> {
    choices: &'b mut Choices<'a>,
    /// What it calls on the platform.
    reads: [usize; 2],
    /// What it can import.
    imports: Vec<Module>,
    /// The functions of what it has imported, by the name that the import gave.
    imported: Vec<(&'static str, &'static str, usize)>,
    /// A package may import at the top of a text only.
    is_package: bool,
    /// The names that are taken by functions of two kinds.
    defined: BTreeSet<(String, usize)>,
    /// Those of its functions that others can call.
    functions: Vec<(&'static str, usize)>,
}

impl Text<'_, '_> {
    /// Imports, functions, and statements if it is a script.
    fn whole(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.choices.below(4) {
            text += &self.import();
        }
        for _ in 0..2 + self.choices.below(5) {
            text += &self.function();
        }
        if !self.is_package {
            text += &self.import();
            (0..3).for_each(|_| text += &self.statements(3));
        }
        text
    }

    fn import(&mut self) -> String {
        if self.imports.is_empty() {
            return String::new();
        }
        let chosen = self.choices.below(self.imports.len());
        let alias = self.choices.of(if self.is_package { &ALIASES[..3] } else { &ALIASES[..] });
        let Module { name, functions, .. } = &self.imports[chosen];
        self.imported.retain(|(taken, ..)| *taken != alias);
        self.imported.extend(functions.iter().map(|(function, count)| (alias, *function, *count)));
        format!("import {name:?} as {alias};\n")
    }

    fn function(&mut self) -> String {
        let name = self.choices.of(&FUNCTIONS);
        let (receiver, parameters) =
            self.choices.of(&[("", "f"), ("", "f"), ("", ""), ("", ""), ("int.", ""), ("", "f, x")]);
        let count = parameters.split(", ").filter(|it| !it.is_empty()).count();
        if !self.defined.insert((format!("{receiver}{name}"), count)) {
            return String::new();
        }
        let private = self.choices.of(&["", "", "", "", "private "]);
        if private.is_empty() && receiver.is_empty() {
            self.functions.push((name, count));
        }
        let mut body = format!("{}{}", self.statements(2), self.statements(2));
        if !self.is_package && self.choices.below(4) == 0 {
            body = format!("{}{body}", self.import());
        }
        format!("{private}fn {receiver}{name}({parameters}) {{\n{body}}}\n")
    }

    fn statements(&mut self, depth: usize) -> String {
        let count = 1 + self.choices.below(3);
        (0..count).fold(String::new(), |mut text, _| {
            let statement = self.statement(depth);
            writeln!(text, "try {{ {statement} }} catch {{ }}").unwrap();
            text
        })
    }

    fn statement(&mut self, depth: usize) -> String {
        let (name, alias, other) =
            (self.choices.of(&FUNCTIONS), self.choices.of(&ALIASES), self.choices.of(&FUNCTIONS));
        let form = match depth {
            0 => self.choices.of(&[0, 0, 1, 2, 3, 4, 5]),
            _ => self.choices.of(&[0, 0, 0, 1, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 14, 14, 14, 14, 14, 14]),
        };
        match form {
            0 | 1 => {
                let read = &READS[self.choices.of(&self.reads.clone()) % READS.len()];
                format!("{};", call(read, &read.name, &example(read)))
            }
            2 => format!("{name}();"),
            3 => format!("{alias}::{name}();"),
            4 => format!("{};", self.pointer_call()),
            5 => format!("let n = 1; n.{name}();"),
            6 => format!("{alias}::{name}({});", self.pointer(depth - 1)),
            7 => format!("{name}({});", self.pointer(depth - 1)),
            8 => format!("{alias}::{other}::{name}();")
                .replace(&format!("{other}::"), &format!("{}::", self.choices.of(&ALIASES))),
            9 => format!("[1].map({});", self.pointer(depth - 1)),
            10 => format!("let act = {}; {}", self.pointer(depth - 1), self.statements(depth - 1)),
            11 => format!("switch 1 {{ 1 => {{ {} }} _ => () }}", self.statements(depth - 1)),
            12 => format!("let m = #{{ {name}: {} }}; m.{name}();", self.pointer(depth - 1)),
            13 => format!("let s = `${{ {alias}::{name}({}) }}`;", self.pointer(depth - 1)),
            _ => self.call_of_import(depth - 1),
        }
    }

    /// A call that finds its function, if anything is imported.
    fn call_of_import(&mut self, depth: usize) -> String {
        if self.imported.is_empty() {
            return String::new();
        }
        let (alias, name, count) = self.imported[self.choices.below(self.imported.len())];
        let arguments: Vec<_> = (0..count).map(|_| self.pointer(depth)).collect();
        format!("{alias}::{name}({});", arguments.join(", "))
    }

    /// What can be called as a function.
    fn pointer(&mut self, depth: usize) -> String {
        let (name, variable) = (self.choices.of(&FUNCTIONS), self.choices.of(&VARIABLES));
        match self.choices.below(7) {
            0 => format!("Fn(\"{name}\")"),
            1 => name.to_owned(),
            2 => variable.to_owned(),
            3 => format!("Fn(\"{name}\").curry(1)"),
            4 => format!("|x| {{ {} }}", self.statements(depth)),
            _ => format!("|| {{ {} }}", self.statements(depth)),
        }
    }

    fn pointer_call(&mut self) -> String {
        let variable = self.choices.of(&VARIABLES);
        match self.choices.below(4) {
            0 => format!("{variable}.call()"),
            1 => format!("{variable}.call(1)"),
            2 => format!("call({variable})"),
            _ => format!("let n = 1; n.call({variable})"),
        }
    }
}

/// Packages, the user's own texts, and what each of them calls on the platform.
struct World {
    packages: Packages,
    script: String,
    helper: String,
    /// The texts with what they call, by the piece that they belong to.
    own: Vec<(String, String, [usize; 2])>,
}

/// The modules of a package: the one named like it, another for all, and a private one that has the same name everywhere.
fn world(bytes: &[u8]) -> World {
    const MOST_TEXTS: usize = 11;
    let (mut packages, mut own, mut next) = (Packages::new(), Vec::new(), 0);
    let mut pieces = bytes.chunks(bytes.len().div_ceil(MOST_TEXTS + 1));
    let count = 1 + usize::from(bytes[0]) % 3;
    let mut make = |imports: Vec<Module>, is_package, piece: &str, name: &str| {
        let reads = [next, next + 1];
        next += 2;
        let mut choices = Choices { numbers: pieces.next().unwrap_or_default(), used: 0 };
        let mut made = Text {
            choices: &mut choices,
            reads,
            imports,
            imported: Vec::new(),
            is_package,
            defined: BTreeSet::new(),
            functions: Vec::new(),
        };
        let text = made.whole();
        own.push((piece.to_owned(), format!("// {name}\n{text}"), reads));
        Module { name: name.to_owned(), text, functions: made.functions }
    };
    let (mut names, mut modules) = (Vec::<String>::new(), Vec::new());
    for number in 0..count {
        let name = format!("team/p{number}");
        let helper = make(modules.clone(), true, &name, &format!("{name}/helper"));
        let more = make(with(&modules, &[&helper]), true, &name, &format!("{name}/more"));
        let main = make(with(&modules, &[&helper, &more]), true, &name, &name);
        let needs: Vec<_> = names.iter().map(String::as_str).collect();
        let texts = [(&name["team/".len()..], main.text.as_str()), ("more", &more.text), ("-helper", &helper.text)];
        packages = packages.with(&name, &["read"], &needs, &texts);
        modules.extend([main, more]);
        names.push(name);
    }
    let helper = make(modules.clone(), false, "test.rhai", "helper");
    let script = make(with(&modules, &[&helper]), false, "test.rhai", "script");
    World { packages, script: script.text, helper: helper.text, own }
}

/// These modules, and the ones of the same folder.
fn with(modules: &[Module], beside: &[&Module]) -> Vec<Module> {
    modules.iter().cloned().chain(beside.iter().map(|module| module.beside())).collect()
}

/// Where what a world does is not among its rights.
fn fault(bytes: &[u8]) -> Option<String> {
    let world = world(bytes);
    let server = Arc::new(Server::start());
    let script = Script::on(&server, &world.script).file("helper.rhai", &world.helper);
    let script = script.packages(&world.packages.installed());
    let shown = || world.own.iter().map(|(_, text, _)| text.as_str()).collect::<Vec<_>>().join("\n");
    let pieces = match world.packages.parts_in(&world.script, script.folder()) {
        Ok(pieces) => pieces,
        Err(error) => return Some(format!("{}\nrefused: {} {:?}", shown(), error.message, error.place)),
    };
    let mut config = server.config();
    config.limits.operations = 3_000;
    script.run_freely(server.client(), &config);
    let seen: BTreeSet<_> = server.operations().into_iter().collect();
    let has =
        |piece: &Piece, name: &String| !piece.rights.unknown.is_empty() || piece.rights.operations.contains_key(name);
    let mut faults = Vec::new();
    for name in &seen {
        if !has(&pieces[0], name) {
            faults.push(format!("{name} is done, and {} does not need it", pieces[0].name));
        }
        let is_of = |reads: &[usize; 2]| reads.iter().any(|read| READS[read % READS.len()].full_name() == *name);
        for (owner, _, _) in world.own.iter().filter(|(_, _, reads)| is_of(reads)) {
            let piece = pieces.iter().find(|piece| {
                piece.name == *owner || piece.package.as_ref().is_some_and(|it| it.manifest.name.as_str() == owner)
            });
            if piece.is_some_and(|piece| !has(piece, name)) {
                faults.push(format!("{name} is done by {owner}, which does not need it"));
            }
        }
    }
    (!faults.is_empty()).then(|| format!("{}\n---\n{}", shown(), faults.join("\n")))
}

#[test]
fn what_random_packages_do_is_among_the_rights_of_who_does_it() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48);
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..Default::default() });
    let outcome = runner.run(&prop::collection::vec(any::<u8>(), 400..2000), |bytes| match fault(&bytes) {
        Some(fault) => Err(TestCaseError::fail(fault)),
        None => Ok(()),
    });
    outcome.unwrap_or_else(|fault| panic!("{fault}"));
}

/// The random programs are worth something only if much is done in them, and in packages.
#[test]
fn random_packages_do_things() {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(any::<u8>(), 1000..2000);
    let mut by_package = 0;
    for _ in 0..24 {
        let bytes = strategy.new_tree(&mut runner).unwrap().current();
        let world = world(&bytes);
        let server = Arc::new(Server::start());
        let script = Script::on(&server, &world.script).file("helper.rhai", &world.helper);
        let mut config = server.config();
        config.limits.operations = 3_000;
        script.packages(&world.packages.installed()).run_freely(server.client(), &config);
        let seen = server.operations();
        let of_package = world.own.iter().filter(|(owner, ..)| owner.starts_with("team/"));
        let mut reads = of_package.flat_map(|(_, _, reads)| reads).map(|read| READS[read % READS.len()].full_name());
        by_package += usize::from(reads.any(|read| seen.contains(&read)));
    }
    assert!(by_package > 16, "{by_package}");
}
