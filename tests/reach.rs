//! The ways in which a script reaches an operation: each of them is a right, and nothing else is.

use crate::{
    documents::none,
    operations::{call, config, example, literal, options},
    rights::Allowed,
    script::{Script, Server},
};
use juben::{
    catalog::{Catalog, Effect, Operation},
    client::Client,
};
use proptest::{prelude::*, test_runner::TestRunner};
use std::{
    collections::BTreeSet,
    fmt::Write,
    path::Path,
    sync::{Arc, LazyLock},
};

fn rights(text: &str) -> Allowed {
    Allowed::of(text, Path::new("nowhere"), &Catalog::builtin())
}

/// What is wrong with the rights of a script that calls just this operation.
fn judge(operation: &Operation, text: &str) -> Option<String> {
    let rights = rights(text).rights;
    let name = operation.full_name();
    let exact = rights.unknown.is_empty() && rights.operations.keys().eq([&name]);
    (!exact).then(|| format!("{text}: {rights:?}"))
}

#[test]
fn an_operation_that_is_called_in_any_form_is_the_only_right() {
    let mut faults = Vec::new();
    for operation in Catalog::builtin().operations() {
        let fields = example(&operation);
        let mut texts = vec![call(&operation, &operation.name, &fields)];
        texts.extend(operation.alias.as_ref().map(|alias| call(&operation, alias, &fields)));
        if let Some(names) = operation.positional() {
            let value = |name: &String| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            let values: Vec<_> = names.iter().filter_map(value).collect();
            texts.push(format!("{}({}{})", operation.script_name(), values.join(", "), options(&operation)));
        }
        faults.extend(texts.iter().filter_map(|text| judge(&operation, text)));
    }
    none(faults);
}

/// An operation given to a helper by its name, in each form of the helper that can take it.
fn by_name(operation: &Operation) -> Vec<String> {
    let name = operation.full_name();
    let mut texts = vec![format!("calls::many({name:?}, [])"), format!("calls::many({name:?}, [], #{{ at_once: 2 }})")];
    if operation.pages.is_some() {
        texts.push(format!("pages::of({name:?}, #{{}}).count()"));
        texts.push(format!("for item in pages::of({name:?}, #{{}}, #{{ ahead: 2 }}) {{ }}"));
    }
    if Catalog::builtin().operations().any(|other| other.wait.as_ref().is_some_and(|wait| wait.operation == name)) {
        texts.push(format!("wait::until({name:?}, #{{}})"));
        texts.push(format!("wait::until({name:?}, #{{}}, #{{ timeout: 1 }})"));
    }
    texts
}

#[test]
fn an_operation_whose_name_is_written_out_for_a_helper_is_the_only_right() {
    let (mut faults, mut tried) = (Vec::new(), 0);
    for operation in Catalog::builtin().operations() {
        let texts = by_name(&operation);
        tried += texts.len();
        faults.extend(texts.iter().filter_map(|text| judge(&operation, text)));
    }
    none(faults);
    assert!(tried > 250, "{tried}");
}

#[test]
fn a_helper_calls_the_operation_whose_name_it_is_given() {
    let server = Arc::new(Server::start());
    let config = config(&server);
    for operation in Catalog::builtin().operations() {
        server.sandbox.reset();
        let fields: Vec<_> = example(&operation).iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
        let row = format!("#{{ {} }}", fields.join(", "));
        let text = format!("calls::many({:?}, [{row}]{})", operation.full_name(), options(&operation));
        let client = Client::new(Catalog::builtin(), &config).direct();
        drop(Script::on(&server, &text).run_with(client, &config).result.unwrap());
        let called = server.sandbox.requests().into_iter().filter_map(|request| request.operation);
        assert!(called.collect::<BTreeSet<_>>().contains(&operation.full_name()), "{text}");
    }
}

#[test]
fn a_name_that_is_only_known_later_may_be_any() {
    for (text, line, column) in [
        ("let name = \"drama.list\";\npages::of(name + \"_media\", #{})", 2, 11),
        ("calls::many(args::get(\"operation\", \"\"), [])", 1, 13),
        ("calls::many(args::get(\"operation\", \"\"), [], #{})", 1, 13),
        ("fn look(read) { wait::until(read, #{}) }\nlook(\"drama.get_task\")", 1, 29),
    ] {
        let rights = rights(text).rights;
        let places: Vec<_> = rights.unknown.iter().map(|place| (place.line, place.column)).collect();
        assert_eq!(places, [(line, column)], "{text}");
    }
}

#[test]
fn an_effect_that_depends_on_a_field_is_that_of_the_field_where_it_is_written_out_and_the_strongest_otherwise() {
    let catalog = Catalog::builtin();
    for operation in catalog.operations() {
        let cases = &operation.effects.when;
        let strongest = cases.iter().map(|case| case.effect).chain([operation.effects.default]).max().unwrap();
        let effect = |text: String| rights(&text).rights.operations[&operation.full_name()];
        let name = operation.script_name();
        assert_eq!(effect(format!("{name}(given)")), strongest, "{name}");
        for case in cases {
            let fields = [(case.field.clone(), literal(&case.equals))];
            assert_eq!(effect(call(&operation, &operation.name, &fields)), case.effect, "{name}");
            let more = format!("{name}(#{{ {:?}: {} }}, #{{ extra: given }})", case.field, literal(&case.equals));
            assert_eq!(effect(more), strongest, "{name}");
            let fields = [(case.field.clone(), "given".to_owned())];
            assert_eq!(effect(call(&operation, &operation.name, &fields)), strongest, "{name}");
        }
    }
}

/// A way to a call, with what lies on it.
#[derive(Debug, Clone)]
enum Way {
    /// The operation itself.
    Call(usize),
    /// By its name, through a helper.
    Many(usize),
    /// By its name, as a listing.
    Pages(usize),
    /// Within something of the language: the place of the form in [`FORMS`].
    Form(usize, Vec<Way>),
    /// In a place that is never reached.
    Never(Vec<Way>),
    /// In a function, called in one of the ways of [`CALLS`].
    Function(usize, Vec<Way>),
    /// In a function of a module, beside one that is never called.
    Module(Vec<Way>, Vec<Way>),
}

/// Each runs what stands for `…` once, or twice.
const FORMS: [&str; 22] = [
    "if true { … }",
    "if false { } else { … }",
    "if [{ … true }][0] { }",
    "for i in 0..1 { … }",
    "for item in [{ … 1 }] { }",
    "while true { … break; }",
    "do { … } until true;",
    "loop { … break; }",
    "switch 1 { 1 => { … } _ => () }",
    "switch 2 { 1 => (), 2 if true => { … } _ => () }",
    "try { … } catch { }",
    "try { throw 1; } catch (error) { … }",
    "let value = { … 1 };",
    "let value = [{ … 1 }];",
    "let value = #{ field: { … 1 } };",
    "let value = `text ${ … 1 }`;",
    "let value = () ?? { … 1 };",
    "let value = true && { … true };",
    "let value = [1, 2]; value[{ … 0 }] = { … 1 };",
    "let value = || { … }; value.call();",
    "[1].map(|item| { … item });",
    "pages::of(\"drama.list_dramas\", #{}).take(1).filter(|drama| { … true }).collect();",
];
/// The form that calls an operation itself.
const LISTING: &str = "drama.list_dramas";

/// Each calls a function of this name, which takes a value or has it as `this`.
const CALLS: [&str; 8] = [
    "NAME(1);",
    "let value = 1; value.NAME();",
    "let pointer = Fn(\"NAME\"); pointer.call(1);",
    "let pointer = NAME; pointer.call(1);",
    "[1].map(NAME);",
    "[1].filter(Fn(\"NAME\"));",
    "call(Fn(\"NAME\"), 1);",
    "pages::of(\"drama.list_dramas\", #{}).take(1).map(Fn(\"NAME\")).collect();",
];

/// Reads that work without an account of a third-party platform.
static READS: LazyLock<Vec<Arc<Operation>>> = LazyLock::new(|| {
    let is_read = |it: &Arc<Operation>| it.effects.default == Effect::Read && it.effects.when.is_empty();
    let is_plain = |it: &Arc<Operation>| options(it).is_empty() && !it.full_name().contains("token");
    Catalog::builtin().operations().filter(|it| is_read(it) && is_plain(it)).collect()
});

/// A script in the making.
#[derive(Debug, Default)]
struct Program {
    modules: Vec<String>,
    functions: usize,
    /// What is called when it runs, and what is only written.
    called: BTreeSet<String>,
    written: BTreeSet<String>,
}

impl Program {
    /// The text of a file whose body goes these ways.
    fn file(&mut self, ways: &[Way], reached: bool) -> String {
        let mut functions = String::new();
        let body = self.statements(ways, reached, &mut functions);
        format!("{functions}{body}")
    }

    fn statements(&mut self, ways: &[Way], reached: bool, functions: &mut String) -> String {
        ways.iter().map(|way| self.statement(way, reached, functions) + "\n").collect()
    }

    fn statement(&mut self, way: &Way, reached: bool, functions: &mut String) -> String {
        match way {
            Way::Call(read) => {
                let read = self.calls(*read, reached);
                format!("try {{ {}; }} catch {{ }}", call(&read, &read.name, &example(&read)))
            }
            Way::Many(read) => {
                let read = self.calls(*read, reached);
                let fields: Vec<_> = example(&read).iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
                format!("calls::many({:?}, [#{{ {} }}]);", read.full_name(), fields.join(", "))
            }
            Way::Pages(read) => {
                let paged: Vec<_> = (0..READS.len()).filter(|it| READS[*it].pages.is_some()).collect();
                let read = self.calls(paged[read % paged.len()], reached);
                let fields: Vec<_> = example(&read).iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
                format!(
                    "try {{ pages::of({:?}, #{{ {} }}).first(); }} catch {{ }}",
                    read.full_name(),
                    fields.join(", ")
                )
            }
            Way::Form(form, ways) => {
                let form = FORMS[form % FORMS.len()];
                self.lists(form, reached);
                form.replace('…', &self.statements(ways, reached, functions))
            }
            Way::Never(ways) => {
                format!("if args::get(\"more\", \"\") != \"\" {{ {} }}", self.statements(ways, false, functions))
            }
            Way::Function(form, ways) => {
                let form = CALLS[form % CALLS.len()];
                self.lists(form, reached);
                let name = self.name("f");
                let body = self.statements(ways, reached, functions);
                let parameter = if form.contains("value.") { "" } else { "item" };
                writeln!(functions, "private fn {name}({parameter}) {{\n{body}true\n}}").unwrap();
                form.replace("NAME", &name)
            }
            Way::Module(ways, others) => {
                let name = self.name("m");
                let mut inside = String::new();
                let body = self.statements(ways, reached, &mut inside);
                // What no function of the script can reach is no right.
                let before = self.written.clone();
                let other = self.statements(others, false, &mut inside);
                self.written = before;
                self.modules.push(format!("{name}\n{inside}fn begin() {{\n{body}}}\nfn other() {{\n{other}}}\n"));
                format!("import \"{name}\" as {name}; {name}::begin();")
            }
        }
    }

    fn name(&mut self, kind: &str) -> String {
        self.functions += 1;
        format!("{kind}{}", self.functions)
    }

    fn calls(&mut self, read: usize, reached: bool) -> Arc<Operation> {
        let read = READS[read % READS.len()].clone();
        self.note(&read.full_name(), reached);
        read
    }

    fn lists(&mut self, form: &str, reached: bool) {
        if form.contains(LISTING) {
            self.note(LISTING, reached);
        }
    }

    fn note(&mut self, name: &str, reached: bool) {
        self.written.insert(name.to_owned());
        if reached {
            self.called.insert(name.to_owned());
        }
    }
}

fn ways() -> impl Strategy<Value = Vec<Way>> {
    let leaf = prop_oneof![
        any::<usize>().prop_map(Way::Call),
        any::<usize>().prop_map(Way::Call),
        any::<usize>().prop_map(Way::Many),
        any::<usize>().prop_map(Way::Pages),
    ];
    let way = leaf.prop_recursive(4, 24, 3, |inner| {
        let some = || prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            4 => (any::<usize>(), some()).prop_map(|(form, ways)| Way::Form(form, ways)),
            3 => (any::<usize>(), some()).prop_map(|(form, ways)| Way::Function(form, ways)),
            2 => (some(), some()).prop_map(|(ways, others)| Way::Module(ways, others)),
            1 => some().prop_map(Way::Never),
        ]
    });
    prop::collection::vec(way, 1..4)
}

/// Run a program: where what it does and what it may do are not what was meant.
fn fault(ways: &[Way]) -> Option<String> {
    // A sandbox of its own: a page that the program before has asked for ahead may still be on its way.
    let server = &Arc::new(Server::start());
    let mut program = Program::default();
    let text = program.file(ways, true);
    let script = program.modules.iter().fold(Script::on(server, &text), |script, module| {
        let (name, text) = module.split_once('\n').unwrap();
        script.file(&format!("{name}.rhai"), text)
    });
    let rights = Allowed::of(&text, script.folder(), &Catalog::builtin()).rights;
    let error = script.run_freely(server.client(), &server.config()).result.err();
    let seen: BTreeSet<_> = server.operations().into_iter().collect();
    let claimed: BTreeSet<_> = rights.operations.into_keys().collect();
    let right = error.is_none() && rights.unknown.is_empty() && seen == program.called && claimed == program.written;
    (!right).then(|| {
        let told = format!("{error:?} {:?}\nrights {claimed:?}\nseen {seen:?}", rights.unknown);
        format!("{text}---\n{}---\n{told}", program.modules.join("---\n"))
    })
}

#[test]
fn each_form_of_the_language_leads_to_a_call() {
    let call = || vec![Way::Call(0)];
    let forms = (0..FORMS.len()).map(|form| Way::Form(form, call()));
    let ways = forms.chain((0..CALLS.len()).map(|form| Way::Function(form, call())));
    let in_module = |way: Way| Way::Module(vec![way], vec![Way::Call(1)]);
    let ways = ways.flat_map(|way| [way.clone(), in_module(way)]);
    none(ways.filter_map(|way| fault(&[way])).collect());
}

#[test]
fn whatever_way_leads_to_a_call_the_call_is_a_right() {
    let mut runner = TestRunner::new(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() });
    let outcome = runner.run(&ways(), |ways| match fault(&ways) {
        Some(fault) => Err(TestCaseError::fail(fault)),
        None => Ok(()),
    });
    outcome.unwrap_or_else(|fault| panic!("{fault}"));
}

/// Scripts with a module each, whose only call is `drama::list_dramas()`.
const OVERLOOKED: [(&str, &str); 26] = [
    ("import \"it\" as it; let n = 1; n.look();", "fn int.look() { drama::list_dramas(); }"),
    ("import \"it\" as it; it::run(Fn(\"hidden\"));", "fn hidden() { drama::list_dramas(); } fn run(f) { f.call(); }"),
    ("import \"it\" as it; it::run(\"hidden\");", "fn hidden() { drama::list_dramas(); } fn run(f) { Fn(f).call(); }"),
    ("import \"it\" as it; it::run([1]);", "fn hidden(n) { drama::list_dramas(); } fn run(list) { list.map(hidden); }"),
    ("import \"it\" as it;", "drama::list_dramas();"),
    ("import \"it\" as it; fn run() { it::look(); } run();", "fn look() { drama::list_dramas(); }"),
    ("import \"it\" as it; [1].map(|n| it::look());", "fn look() { drama::list_dramas(); }"),
    ("import \"it\" as novel; novel::list_books();", "fn list_books() { drama::list_dramas(); }"),
    ("fn run() { it::look(); } { import \"it\" as it; run(); }", "fn look() { drama::list_dramas(); }"),
    (
        "fn outer() { import \"it\" as it; inner(); } fn inner() { it::look(); } outer();",
        "fn look() { drama::list_dramas(); }",
    ),
    (
        "fn outer() { import \"it\" as novel; inner(); } fn inner() { novel::list_books(); } outer();",
        "fn list_books() { drama::list_dramas(); }",
    ),
    ("let o = #{ look: Fn(\"hidden\") }; o.look(); fn hidden() { drama::list_dramas(); }", ""),
    ("let f = Fn(\"hidden\").curry(1); f.call(); fn hidden(n) { drama::list_dramas(); }", ""),
    ("let f = |n| drama::list_dramas(); let g = f; let h = [g]; h[0].call(1);", ""),
    ("let n = 1; n.look(); fn int.look() { drama::list_dramas(); }", ""),
    (
        "import \"it\" as m; fn run() { m::look(); } run(); import \"other\" as m;",
        "fn look() { drama::list_dramas(); }",
    ),
    ("fn run() { drama::list_dramas(); } run(); import \"other\" as drama;", ""),
    ("fn run() { pages::of(\"drama.list_dramas\", #{}).first(); } run(); import \"other\" as pages;", ""),
    (
        "import \"other\" as other; import \"it\" as it; it::run(other::pointer());",
        "private fn hidden() { drama::list_dramas(); } fn run(f) { f.call(); }",
    ),
    (
        "import \"it\" as it; it::run();",
        "fn hidden(n) { drama::list_dramas(); } fn run() { import \"other\" as other; other::call_with(1); }",
    ),
    // A function that is handed over finds its names where it is called.
    (
        "import \"it\" as it; it::run(|| act()); fn act() { }",
        "fn act() { drama::list_dramas(); } fn run(f) { f.call(); }",
    ),
    (
        "import \"it\" as it; it::run(Fn(\"begin\")); fn begin() { act(1) } fn act(n) { }",
        "fn act(n) { drama::list_dramas(); } fn run(f) { f.call(); }",
    ),
    (
        "import \"it\" as it; it::run(begin); fn begin() { [1].map(|n| act(n)) } fn act(n) { }",
        "fn act(n) { drama::list_dramas(); } fn run(f) { f.call(); }",
    ),
    ("import \"it\" as it; it::run(); fn look() { drama::list_dramas(); }", "fn int.look() { } fn run() { look(); }"),
    // Of several imports of a name the first is meant outside of functions, and the last in them.
    ("import \"it\" as it; import \"other\" as it; it::look();", "fn look() { drama::list_dramas(); }"),
    (
        "import \"other\" as it; import \"it\" as it; fn run() { it::look(); } run();",
        "fn look() { drama::list_dramas(); }",
    ),
];

/// The other module that they have.
const OTHER: &str =
    "fn look() { } fn pointer() { hidden } fn hidden() { } fn hidden(a, b) { } fn call_with(n) { hidden(n); }";

#[test]
fn a_way_that_is_easily_overlooked_leads_to_a_call() {
    let server = Arc::new(Server::start());
    let mut faults = Vec::new();
    for (text, module) in OVERLOOKED {
        server.sandbox.reset();
        let script = Script::on(&server, text).file("it.rhai", module).file("other.rhai", OTHER);
        let rights = Allowed::of(text, script.folder(), &Catalog::builtin()).rights;
        let outcome = script.run_freely(server.client(), &server.config());
        let right = rights.operations.contains_key(LISTING) && server.operations() == [LISTING];
        let error = outcome.result.err();
        let fault = || format!("{text} | {module}\n{rights:?}\n{:?} {error:?}", server.operations());
        faults.extend((!right).then(fault));
    }
    none(faults);
}

#[test]
fn a_text_is_never_taken_for_the_name_of_a_function() {
    let module = "fn hidden(a) { drama::list_dramas(); true } fn hidden(a, b) { hidden(a) }";
    let forms = ["all", "dedup", "drain", "filter", "map", "reduce", "reduce_rev", "retain", "some", "sort"];
    let forms = forms.map(|name| format!("{name}(\"hidden\")")).into_iter();
    let forms = forms.chain(["reduce", "reduce_rev"].map(|name| format!("{name}(\"hidden\", 0)")));
    let refused = forms.map(|form| (format!("fn run(list) {{ list.{form} }}"), "takes a function, not the text"));
    let pointed = ("fn run(list) { Fn(\"map\").call(list, \"hidden\") }".to_owned(), "takes a function, not the text");
    let found = ["index_of(\"hidden\") != 2", "index_of(\"hidden\", -1) != 2", "index_of(\"hidden\", 0) != 2"];
    let found = found.map(|form| (format!("fn run(list) {{ if list.{form} {{ throw \"other\"; }} }}"), ""));
    let server = Arc::new(Server::start());
    for (text, refusal) in refused.chain([pointed]).chain(found) {
        let script = Script::on(&server, "import \"it\" as it; it::run([1, 2, \"hidden\"]);");
        let script = script.file("it.rhai", &format!("{module} {text}"));
        let message = script.run_freely(server.client(), &server.config()).result.err().map(|it| it.message.clone());
        let right = message.as_ref().map_or(refusal.is_empty(), |it| !refusal.is_empty() && it.contains(refusal));
        assert!(right && server.operations().is_empty(), "{text}: {message:?} {:?}", server.operations());
    }
}
