//! `juben check`: what it finds in broken scripts, what it says of rights, and that nothing is passed over.
//!
//! The broken scripts are `checks/NAME.rhai`, with the exact report in `checks/NAME.stdout`.
//! `JUBEN_BLESS=1 cargo nextest run check` writes the reports anew: read what has changed before you keep it.

use crate::command::{Ended, Juben};
use juben::{
    analysis::{Checked, Find, Library, Report, Rights, Source, check, tokens},
    catalog::{Catalog, Effect},
    engine::{finder, library},
};
use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

const FOLDER: &str = "tests/checks";

fn scripts_of(folder: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut scripts: Vec<_> = files.filter(|path| path.extension().is_some_and(|it| it == "rhai")).collect();
    scripts.sort();
    scripts
}

fn run(path: &Path) -> Ended {
    let mut juben = Juben::new(&["check", path.file_name().unwrap().to_str().unwrap()]);
    juben.command().current_dir(FOLDER);
    juben.run()
}

/// What is wrong with how a script is judged.
fn judge(path: &Path) -> Option<String> {
    let ended = run(path);
    let expected = path.with_extension("stdout");
    if env::var_os("JUBEN_BLESS").is_some() {
        fs::write(&expected, &ended.stdout).unwrap();
    }
    let known = fs::read_to_string(&expected).unwrap_or_default();
    let name = path.display();
    if ended.stdout != known {
        return Some(format!("{name}\n-- expected --\n{known}-- found --\n{}", ended.stdout));
    }
    let code = if ended.stdout.contains("  × ") { 2 } else { 0 };
    (ended.code != code || !ended.stderr.ends_with("in 1 file\n"))
        .then(|| format!("{name} ends with {}: {}", ended.code, ended.stderr))
}

#[test]
fn every_broken_script_is_answered_as_written_beside_it() {
    let scripts = scripts_of(FOLDER);
    assert!(scripts.len() >= 65);
    let faults: Vec<_> = scripts.iter().filter_map(|path| judge(path)).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_report_of_a_broken_script_tells_of_something() {
    for path in fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|it| it == "stdout") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains("  × ") || text.contains("  ⚠ "), "{} finds nothing", path.display());
            assert!(path.with_extension("rhai").exists(), "{} belongs to no script", path.display());
        }
    }
}

#[test]
fn the_scripts_and_the_standard_library_have_no_mistakes() {
    for folder in ["scripts", "stdlib"] {
        let ended = Juben::new(&["check", folder, "--deny-warnings", "--quiet"]).in_repository().run();
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
    }
}

#[test]
fn a_clean_script_is_answered_with_its_rights() {
    let ended = Juben::new(&["check", "a.rhai"]).file("a.rhai", "drama::list_media(#{ limit: 3 })").run();
    assert_eq!(ended.stdout, "a.rhai\n  reads     drama.list_media\n");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, "nothing wrong in 1 file\n"));
    let any = Juben::new(&["check", "a.rhai"])
        .file("a.rhai", "let name = args::get(\"op\", \"\");\npages::of(name, #{})")
        .run();
    assert_eq!(any.stdout, "a.rhai\n  any       operation, named only when the script runs: a.rhai:2:11\n");
}

#[test]
fn warnings_are_errors_only_when_asked() {
    let script = "drama::get_media(910003);\n1";
    let code = |arguments: &[&str]| Juben::new(arguments).file("a.rhai", script).run().code;
    assert_eq!(code(&["check", "a.rhai"]), 0);
    assert_eq!(code(&["check", "a.rhai", "--deny-warnings"]), 2);
}

#[test]
fn folders_are_searched_and_a_module_of_two_scripts_is_told_of_once() {
    let ended = Juben::new(&["check", "."])
        .file("a.rhai", "import \"deep/module\" as m; m::f()")
        .file("b_test.rhai", "import \"deep/module\" as m; m::f()")
        .file("deep/module.rhai", "fn f() { lost }")
        .file(".hidden/c.rhai", "let = ;")
        .run();
    assert_eq!((ended.code, ended.stderr.as_str()), (2, "1 error in 3 files\n"));
    assert_eq!(ended.stdout.matches("there is no variable `lost`").count(), 1, "{}", ended.stdout);
}

#[test]
fn a_folder_without_scripts_is_refused() {
    let empty = Juben::new(&["check", "."]).run();
    assert_eq!(empty.code, 2);
    assert!(empty.stderr.contains("the folder . has no scripts"), "{}", empty.stderr);
}

#[test]
fn a_script_that_cannot_be_read_is_one_more_finding() {
    let juben = |arguments: &[&str]| {
        let juben = Juben::new(arguments).file("good.rhai", "print(1);");
        fs::write(juben.folder().join("latin.rhai"), b"\xff").unwrap();
        juben.run()
    };
    let ended = juben(&["check", "."]);
    assert!(ended.stdout.contains("the script ./latin.rhai is not UTF-8 at byte 0"), "{}", ended.stdout);
    assert!(ended.stdout.contains("./good.rhai\n  calls     no operation\n"), "{}", ended.stdout);
    assert_eq!((ended.code, ended.stderr.as_str()), (2, "1 error in 2 files\n"));
    let ended = juben(&["check", "none.rhai", "good.rhai", "--json"]);
    let lines: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), ended.code), (2, 2));
    assert_eq!(lines[0]["findings"][0]["code"], "unreadable");
    assert_eq!(lines[1]["findings"], serde_json::json!([]));
}

#[test]
fn definitions_what_is_built_and_links_in_a_circle_are_no_scripts() {
    let juben = Juben::new(&["check", "."])
        .file("a/a.rhai", "print(1);")
        .file("definitions/juben.d.rhai", "module juben;")
        .file("target/b.rhai", "let = ;");
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", juben.folder().join("a/loop")).unwrap();
    let ended = juben.run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, "nothing wrong in 1 file\n"), "{}", ended.stdout);
}

#[test]
fn a_module_is_judged_from_the_folder_of_the_script_that_imports_it() {
    let check = |module: &str| {
        let files = Juben::new(&["check", "."]).file("main.rhai", "import \"deep/module\" as m; m::f()");
        files.file("lib.rhai", "fn g() { drama::list_media() }").file("deep/module.rhai", module).run()
    };
    let ended = check("import \"lib\" as l; fn f() { l::g() }");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, "nothing wrong in 3 files\n"), "{}", ended.stdout);
    let ended = check("import \"lib\" as l; fn f() { l::h() }");
    assert_eq!((ended.code, ended.stderr.as_str()), (2, "1 error in 3 files\n"));
    assert_eq!(ended.stdout.matches("there is no function `l::h`").count(), 1, "{}", ended.stdout);
}

#[test]
fn json_tells_places_in_characters_and_the_rights() {
    let script = "let 剧 = \"归来记\"; print(drama::list_media(#{ limit: 500 }));\ndrama::delete_media(1);\nprint(剧);";
    let ended = Juben::new(&["check", "a.rhai", "--json", "--quiet"]).file("a.rhai", script).run();
    let value: Value = serde_json::from_str(&ended.stdout).unwrap();
    let expected = serde_json::json!({
        "file": "a.rhai",
        "findings": [{
            "file": "a.rhai", "line": 1, "column": 50, "end_line": 1, "end_column": 53,
            "severity": "error", "code": "wrong_value",
            "message": "`drama.list_media`: `limit` is 500; it must be 1 to 100", "hint": "items in a page",
        }],
        "rights": {
            "operations": { "drama.delete_media": "destructive", "drama.list_media": "read" },
            "unknown": [],
        },
    });
    assert_eq!((value, ended.code), (expected, 2));
}

#[test]
fn a_script_may_come_from_standard_input() {
    use std::{io::Write, process::Stdio};
    let mut juben = Juben::new(&["check", "-"]);
    let command = juben.command().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"prnt(1)").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("there is no function `prnt`"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn apis_of_the_configuration_are_known() {
    let api = r#"{ "openapi": "3.1.0", "info": { "title": "x", "version": "1" }, "servers": [{ "url": "https://crm.example.org" }],
        "paths": { "/films": { "get": { "operationId": "list_films", "responses": { "200": { "description": "all" } } } } } }"#;
    let ended = Juben::new(&["check", "a.rhai"])
        .file("juben.toml", "[[api]]\nname = \"crm\"\ndocument = \"crm.json\"\n")
        .file("crm.json", api)
        .file("a.rhai", "print(crm::list_films(#{}));\nprint(crm::list_film())")
        .run();
    assert!(ended.stdout.contains("did you mean `crm::list_films`?"), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.stderr, "1 error in 1 file\n");
}

fn look(text: &str) -> Checked {
    check(&Source::new("test.rhai", text), everything(), &finder(PathBuf::new(), Default::default()))
}

/// Codes of what is found.
fn codes(text: &str) -> Vec<&'static str> {
    look(text).findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn what_may_be_right_is_not_told() {
    for script in [
        "let row = #{ soon: |x| x }; row.soon(1)",
        "fn twice(x) { x * 2 } [1].map(twice)",
        "fn shout() { this + \"!\" } \"a\".shout()",
        "let a = 1; let f = |b| a + b; f.call(2)",
        "let a = 1; let f = || { let g = |c| a + c; g.call(1) }; f.call()",
        "const DAYS = 3; fn soon() { global::DAYS } soon()",
        "eval(\"let x = 1;\"); x",
        "fn f() { x } let x = 1; f!()",
        "let fields = #{}; fields.limit = 3; drama::list_media(fields)",
        "let id = 1; drama::get_media(id, #{ timeout: 5 })",
        "let fields = #{}; let options = #{}; drama::get_media(fields, options)",
        "try { drama::get_media(1); } catch { print(\"gone\"); }",
        "drama_player::process_promotion(#{ action_type: 2, list: [] + [1] })",
        "import \"listing\" as all; all::books().len",
        "for (row, i) in [1] { print(row + i); }",
        "let x = 1; let x = x + 1; switch x { 1..5 => x, _ => 0 }",
        "for book in pages::of(\"novel.list_books\", #{}, #{ ahead: 2 }).take(3) { print(book.book_id == \"7\"); }",
        "let rows = [#{ drama_id: 1 }]; rows.filter(|row| row.drama_id == 310045).len",
        "let f = Fn(\"print\"); f.call(1)",
        "let a = []; a?[0]?.b ?? 1",
        "is_def_var(\"x\") && type_of(1) == \"i64\"",
        "let o = #{}; o[\"run\"] = |x| x; o.run(2)",
        "let o = #{ a: #{} }; o.a[\"run\"] = |x| x; o.a.run(2)",
        "let o = #{}; for name in [\"run\"] { o[name] = |x| x; } o.run(2)",
    ] {
        assert_eq!(codes(script), Vec::<&str>::new(), "{script}");
    }
    let module = "fn int.double() { this * 2 } fn made() { #{ run: |x| x } }";
    let find = |_: &str, name: &str| (name == "m").then(|| Source::new("m.rhai", module));
    for call in ["5.double()", "m::made().run(1)", "let n = 1; n.double()"] {
        let script = format!("import \"m\" as m; {call}");
        let found = check(&Source::new("test.rhai", script), everything(), &find).findings;
        assert!(found.is_empty(), "{call}: {found:?}");
    }
    assert_eq!(codes("let list = []; list[0] = 1; list.psuh(2)"), ["unknown_function"]);
}

#[test]
fn each_mistake_is_told_of_once_and_hides_no_other() {
    let head = "//! @param days number\n//! @param left int\n//! @param right whole\nargs::get(\"days\")";
    assert_eq!(codes(head), ["wrong_parameter", "wrong_parameter"]);
    let text = "import \"test\" as me; lost";
    let find = |_: &str, name: &str| (name == "test").then(|| Source::new("test.rhai", text));
    let found = check(&Source::new("test.rhai", text), everything(), &find).findings;
    let told: Vec<_> = found.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(told, ["modules import each other: test imports test", "there is no variable `lost`"]);
}

#[test]
fn a_sign_that_is_no_name_gets_no_advice_about_names() {
    for (script, hint) in
        [("#!/usr/bin/env juben\n1", "leave that line out"), ("let x = null;", "()"), ("var x = 1;", "`let")]
    {
        let found = look(script).findings;
        assert!(found[0].hint.as_ref().unwrap().contains(hint), "{script}: {found:?}");
    }
}

#[test]
fn nothing_that_is_written_makes_the_check_fail() {
    let mut random = fastrand::Rng::with_seed(20260728);
    for path in [scripts_of("scripts"), scripts_of("stdlib"), scripts_of(FOLDER)].concat() {
        let text = fs::read_to_string(&path).unwrap();
        for _ in 0..12 {
            let mutant = mutated(&text, &mut random);
            let checked = look(&mutant);
            for finding in &checked.findings {
                let source = checked.sources.iter().find(|source| source.name == finding.file).unwrap();
                assert!(source.text.get(finding.span.clone()).is_some(), "{finding:?} in {mutant}");
                Report::of(finding, source).render(false, 80);
            }
        }
    }
}

/// The text with some of its pieces lost, doubled or exchanged.
fn mutated(text: &str, random: &mut fastrand::Rng) -> String {
    let mut pieces: Vec<&str> = Vec::new();
    let mut end = 0;
    for token in tokens(text) {
        pieces.extend([&text[end..token.span.start], &text[token.span.clone()]]);
        end = token.span.end;
    }
    pieces.push(&text[end..]);
    for _ in 0..random.usize(1..4) {
        let (at, other) = (random.usize(..pieces.len()), random.usize(..pieces.len()));
        match random.u8(..4) {
            0 => drop(pieces.remove(at)),
            1 => pieces.insert(at, pieces[other]),
            2 => pieces.swap(at, other),
            _ => pieces.insert(at, ["#{", "}", "(", "::", "\"", "`", "|", "剧", "$", "/*"][random.usize(..10)]),
        }
        if pieces.is_empty() {
            break;
        }
    }
    pieces.concat()
}

fn everything() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| library(Catalog::builtin()))
}

fn rights_with(text: &str, find: Find<'_>) -> Rights {
    check(&Source::new("test.rhai", text), everything(), find).rights
}

fn rights(text: &str) -> Rights {
    rights_with(text, &finder(PathBuf::new(), Default::default()))
}

fn names(rights: &Rights) -> Vec<&str> {
    rights.operations.keys().map(String::as_str).collect()
}

/// Every kind of statement and expression, with a call at `…`.
const PLACES: [&str; 62] = [
    "…",
    "…;",
    "…; 1",
    "let a = …;",
    "const A = …;",
    "export let a = …;",
    "let a = 0; a = …;",
    "let a = 0; a += …;",
    "let a = []; a[…] = 1;",
    "let a = #{}; a.b = …;",
    "if … == 1 { }",
    "if true { … }",
    "if true { } else { … }",
    "if false { } else if … == 1 { }",
    "let a = if true { … } else { 0 };",
    "switch … { 1 => 2 }",
    "switch 1 { 1 => … }",
    "switch 1 { 1 if … == 2 => 3 }",
    "switch 1 { 1 | 2 => … }",
    "switch 1 { 1..5 => … }",
    "switch 1 { 1..=5 if … == 1 => 0 }",
    "switch 1 { _ => … }",
    "let a = switch 1 { 1 => { let b = 1; … } };",
    "while … == 1 { }",
    "while false { … }",
    "loop { …; break; }",
    "loop { break …; }",
    "do { … } while false;",
    "do { } while … == 1;",
    "do { } until …;",
    "for a in … { }",
    "for a in [1] { … }",
    "for (a, i) in [1] { … }",
    "try { … } catch { }",
    "try { } catch { … }",
    "try { } catch (error) { … }",
    "{ … }",
    "{ { …; } }",
    "return …;",
    "throw …;",
    "[1, …]",
    "#{ a: … }",
    "#{ a: #{ b: [ … ] } }",
    "`text ${…} text`",
    "… && true",
    "true || …",
    "() ?? …",
    "….name",
    "…?.name",
    "let a = #{}; a.b.c(…)",
    "let a = []; a[…]",
    "let a = []; a?[…].b",
    "let a = []; a[0][…].b[1]",
    "print(…)",
    "1 + …",
    "-…",
    "!(… == 1)",
    "… in [1]",
    "|a| …",
    "let b = 1; let f = || { let g = |c| b + c + …; g.call(1) };",
    "fn f() { … } 1",
    "private fn f(a) { if a { return …; } } 1",
];

#[test]
fn a_call_is_seen_in_every_kind_of_statement_and_expression() {
    for place in PLACES {
        let script = place.replace('…', "drama::list_media(#{ limit: 1 })");
        assert_eq!(names(&rights(&script)), ["drama.list_media"], "{script}");
    }
}

#[test]
fn rights_have_the_strongest_effect_that_the_written_fields_allow() {
    let effect = |text: &str| rights(text).operations.values().copied().collect::<Vec<_>>();
    assert_eq!(effect("drama::list_media(#{})"), [Effect::Read]);
    let promotion = |fields: &str| effect(&format!("let x = 1; drama_player::process_promotion({fields})"));
    assert_eq!(promotion("#{ action_type: 2 }"), [Effect::Read]);
    assert_eq!(promotion("#{ action_type: 1 }"), [Effect::Write]);
    assert_eq!(promotion("#{ action_type: x }"), [Effect::Destructive]);
    assert_eq!(promotion("x"), [Effect::Destructive]);
}

#[test]
fn rights_follow_functions_imports_helpers_and_pointers() {
    let of = |text: &str| rights(text).operations.into_keys().collect::<Vec<_>>();
    assert_eq!(of("fn never() { drama::get_media(1) } 1"), ["drama.get_media"]);
    assert_eq!(of("import \"listing\" as l; l::books()"), ["novel.list_books"]);
    assert_eq!(of("import \"listing\" as l; 1"), Vec::<String>::new());
    assert_eq!(of("pages::of(\"novel.list_books\", #{})"), ["novel.list_books"]);
    assert_eq!(of("drama::listmedia()"), ["drama.list_media"]);
    let module = |_: &str, name: &str| {
        let text = "fn a() { [1].map(b) } fn b(x) { drama::get_media(x) } fn c() { drama::list_media() }
            fn d() { Fn(\"c\").call() } fn e(x) { Fn(x).call() }";
        (name == "m").then(|| Source::new("m.rhai", text))
    };
    let reached = |call: &str| {
        let text = format!("import \"m\" as m; m::{call}");
        rights_with(&text, &module).operations.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(reached("a()"), ["drama.get_media"]);
    assert_eq!(reached("d()"), ["drama.list_media"]);
    assert_eq!(reached("e(1)"), ["drama.get_media", "drama.list_media"]);
}

#[test]
fn a_name_that_is_known_only_when_the_script_runs_may_be_any() {
    for script in ["let x = \"\"; pages::of(x, #{})", "let x = \"\"; eval(x)", "let x = \"\"; import x as m; 1"] {
        assert_eq!(rights(script).unknown.len(), 1, "{script}");
    }
}
