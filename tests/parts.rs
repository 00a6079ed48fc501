//! The parts of a run: whose code is in it, what each can do, and what no package may have.

use crate::{
    documents::none,
    package::{LIBRARY, Packages},
    script::{Script, Server},
};
use juben::{analysis::Source, engine, error::Kind};
use std::{fs, sync::Arc};

/// A package that renews, with a private helper and a dependency.
fn renewing() -> Packages {
    Packages::new()
        .with("team/base", &["read:novel.list_books"], &[], &[("base", "fn books() { novel::list_books(#{}) }")])
        .with(
            "team/grants",
            &["write:novel.add_book_auth", "read", "files-read:media"],
            &["team/base"],
            &[
                (
                    "grants",
                    "import \"helper\" as helper; import \"team/base\" as base;
                     fn renew() { helper::look(); base::books() }
                     fn grant(fields) { novel::add_book_auth(fields); files::read(\"media/a.txt\") }",
                ),
                ("report", "fn text() { \"all is well\" }"),
                ("-helper", "fn look() { drama::list_media(#{}) }"),
            ],
        )
}

#[test]
fn each_part_is_told_with_what_it_needs() {
    let text = "import \"team/grants\" as g; g::renew(); notify::send(\"team\", \"done\");";
    let pieces = renewing().parts(text).unwrap();
    let told: Vec<_> = pieces.iter().map(|piece| (piece.name.as_str(), piece.needs().to_string())).collect();
    assert_eq!(
        told,
        [
            ("test.rhai", "read:drama.list_media,read:novel.list_books,notify:team".to_owned()),
            (
                "team/grants 1.0.0",
                "read:drama.list_media,read:novel.list_books,write:novel.add_book_auth,files-read:media/a.txt"
                    .to_owned()
            ),
        ]
    );
}

#[test]
fn a_package_that_nothing_but_a_package_imports_is_part_of_that_package() {
    let names = |text: &str| {
        let pieces = renewing().parts(text).unwrap();
        pieces.into_iter().map(|piece| piece.name).collect::<Vec<_>>()
    };
    assert_eq!(names("import \"team/grants/report\" as r; r::text()"), ["test.rhai", "team/grants 1.0.0"]);
    assert_eq!(
        names("import \"team/base\" as b; import \"team/grants\" as g; 1"),
        ["test.rhai", "team/base 1.0.0", "team/grants 1.0.0"]
    );
    assert_eq!(names("1"), ["test.rhai"]);
}

#[test]
fn a_script_of_a_package_has_no_part_of_the_users() {
    let packages = renewing();
    let script =
        engine::Script { name: "team/grants/main.rhai".into(), text: "import \"helper\" as h; h::look()".into() };
    let sources = engine::Sources::of(packages.installed());
    let pieces = engine::parts(&script, &LIBRARY, "".into(), &sources).unwrap();
    let names: Vec<_> = pieces.iter().map(|piece| piece.name.as_str()).collect();
    assert_eq!(names, ["team/grants 1.0.0"]);
    assert_eq!(pieces[0].needs().to_string(), "read:drama.list_media");
}

#[test]
fn a_package_is_judged_by_all_that_it_has_for_others() {
    let packages = renewing();
    let installed = packages.installed();
    let package = installed.package(&"team/grants".parse().unwrap()).unwrap();
    let piece = engine::judge(package, &LIBRARY, installed.clone()).unwrap();
    assert_eq!(
        piece.needs().to_string(),
        "read:drama.list_media,read:novel.list_books,write:novel.add_book_auth,files-read:media/a.txt"
    );
}

#[test]
fn what_a_name_means_depends_on_who_imports_it() {
    let server = Arc::new(Server::start());
    let who = |who: &str| format!("fn who() {{ \"{who}\" }}");
    let asking = |own: &str| format!("import \"helper\" as helper; fn who() {{ \"{own}, \" + helper::who() }}");
    let packages =
        Packages::new().with("team/a", &[], &[], &[("a", &asking("a")), ("-helper", &who("helper of a"))]).with(
            "team/b",
            &[],
            &["team/a"],
            &[
                ("b", "import \"team/a\" as a; import \"helper\" as h; fn who() { [a::who(), h::who()] }"),
                ("-helper", &who("helper of b")),
            ],
        );
    let text = "import \"team/b\" as b; import \"team/a\" as a; print(b::who()); print(a::who());
        print(a::helper::who())";
    let outcome = packages.run(&server, text);
    let expected = "[\"a, helper of a\",\"helper of b\"]\na, helper of a\nhelper of a\n";
    assert_eq!(outcome.printed, expected, "{:?}", outcome.result);
}

#[test]
fn a_module_is_loaded_once_whoever_imports_it() {
    let server = Arc::new(Server::start());
    let packages =
        Packages::new().with("team/a", &[], &[], &[("a", "import \"b\" as b; print(\"a\");"), ("b", "print(\"b\");")]);
    let outcome = packages.run(&server, "import \"team/a/b\" as b; import \"team/a\" as a; import \"team/a/a\" as c;");
    assert_eq!(outcome.printed, "b\na\n", "{:?}", outcome.result);
}

#[test]
fn the_text_that_was_judged_is_the_one_that_runs() {
    let server = Arc::new(Server::start());
    let packages = Packages::new().with(
        "team/a",
        &["files-write:."],
        &[],
        &[("a", "fn put(path, text) { files::write(path, text) }")],
    );
    let text = "import \"team/a\" as a; a::put(\"helper.rhai\", \"fn it() { 2 }\"); import \"helper\" as h; h::it()";
    let script = Script::on(&server, text).packages(&packages.installed()).file("helper.rhai", "fn it() { 1 }");
    let outcome = script.run_freely(server.client(), &server.config());
    assert_eq!(outcome.result.unwrap().as_int(), Ok(1));
}

#[test]
fn a_function_of_the_users_cannot_import_in_the_name_of_a_package() {
    let server = Arc::new(Server::start());
    let packages = Packages::new().with(
        "team/a",
        &["read"],
        &[],
        &[
            ("a", "import \"helper\" as helper; fn run(f) { f.call() }"),
            ("-helper", "fn secret() { drama::list_media(#{}) }"),
        ],
    );
    let text = "import \"team/a\" as a; a::run(|| { import \"helper\" as h; h::secret() })";
    let error = packages.run(&server, text).result.unwrap_err();
    assert!(error.message.contains("import it outside of functions"), "{error:?}");
    assert_eq!(server.operations(), Vec::<String>::new());
}

#[test]
fn a_package_that_only_a_made_up_text_names_is_not_imported() {
    let server = Arc::new(Server::start());
    for text in [
        "eval(\"import \\\"team/base\\\" as b; b::books()\")",
        "let name = \"team/\" + \"base\"; import name as b; b::books()",
        "import \"team/grants/report\" as r; r::text(); eval(\"import \\\"team/grants\\\" as g; g::renew()\")",
    ] {
        let error = renewing().run(&server, text).result.unwrap_err();
        assert!(error.message.contains("must be written out"), "{text}: {error:?}");
    }
    assert_eq!(server.operations(), Vec::<String>::new());
}

#[test]
fn files_beside_the_script_hide_no_package() {
    let packages = renewing();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("team")).unwrap();
    fs::write(folder.path().join("team/base.rhai"), "fn books() { 1 }").unwrap();
    let find = engine::finder(folder.path().to_owned(), packages.installed());
    assert_eq!(find("test.rhai", "team/base"), None);
    assert!(find("team/grants/grants.rhai", "team/base").is_some_and(|it: Source| it.text.contains("novel")));
    assert_eq!(find("team/grants/grants.rhai", "team/missing"), None);
    assert_eq!(find("test.rhai", "helper"), None);
}

/// A package that may read, a script that imports it, and how it is refused.
struct Hostile {
    text: String,
    kind: Kind,
    says: &'static str,
}

fn hostile(kind: Kind, says: &'static str, text: impl Into<String>) -> Hostile {
    Hostile { text: text.into(), kind, says }
}

/// Texts of a package, none of which may be used.
fn corpus() -> Vec<Hostile> {
    let wrong = |says, text: &str| hostile(Kind::Usage, says, text);
    let denied = |says, text: &str| hostile(Kind::Denied, says, text);
    let nested = |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
    vec![
        // What hides from a reader what is done.
        wrong("may not `eval`", "fn run() { eval(\"drama::delete_media(1)\") }"),
        wrong("may not `eval`", "fn run() { let f = || eval(\"1\"); f.call() }"),
        wrong("does not parse", "fn run() { \"drama::delete_media(1)\".eval() }"),
        wrong("may not `eval`", "fn run() { `${eval(\"1\")}` }"),
        wrong("known only when the script runs", "fn run() { Fn(\"hid\" + \"den\").call() } fn hidden() { 1 }"),
        wrong("known only when the script runs", "fn run(name) { Fn(name).call() }"),
        wrong("known only when the script runs", "fn run() { let n = \"x\"; [1].map(Fn(`hid${n}`)) }"),
        wrong("known only when the script runs", "fn run(name) { pages::of(name, #{}) }"),
        wrong("known only when the script runs", "fn run() { calls::many(\"drama.\" + \"delete_media\", []) }"),
        wrong("known only when the script runs", "fn run(n) { wait::until(`drama.${n}`, #{}) }"),
        wrong(
            "known only when the script runs",
            "const N = \"drama.get_task\"; fn run() { wait::until(global::N, #{}) }",
        ),
        // Imports.
        wrong("known only when the script runs", "import \"hel\" + \"per\" as h; fn run() { h::look() }"),
        wrong("known only when the script runs", "let n = \"helper\"; import n as h; fn run() { h::look() }"),
        wrong("known only when the script runs", "import `hel${\"per\"}` as h; fn run() { h::look() }"),
        wrong("in a function", "fn run() { import \"helper\" as h; h::look() }"),
        wrong("in a function", "fn run() { let f = || { import \"helper\" as h; h::look() }; f.call() }"),
        wrong("no name of a module", "import \"../other/other\" as o; fn run() { 1 }"),
        wrong("no name of a module", "import \"..\" as o;"),
        wrong("no name of a module", "import \"./helper\" as o;"),
        wrong("no name of a module", "import \"sub/../helper\" as o;"),
        wrong("no name of a module", "import \"/etc/passwd\" as o;"),
        wrong("no name of a module", "import \"..\\\\other\" as o;"),
        wrong("no name of a module", "import \"c:helper\" as o;"),
        wrong("no name of a module", "import \"helper\\x00\" as o;"),
        wrong("no name of a module", "import \"\" as o;"),
        wrong("no name of a module", "import \"helper/\" as o;"),
        wrong("that a package could import", "import \"nowhere\" as n;"),
        wrong("that a package could import", "import \"test\" as n;"),
        wrong("none of its dependencies", "import \"team/stranger\" as s; fn run() { s::run() }"),
        wrong("no module \"inner\" for others", "import \"team/friend/inner\" as i; fn run() { i::run() }"),
        wrong("no module \"friend.rhai\" for others", "import \"team/friend/friend.rhai\" as i;"),
        wrong("no module \"../stranger/stranger\"", "import \"team/friend/../stranger/stranger\" as i;"),
        wrong("import each other", "import \"bad\" as me; fn run() { 1 }"),
        wrong("import each other", "import \"circle\" as c; fn run() { 1 }"),
        // Names that hide or look like others.
        wrong("hides the module `drama::`", "import \"helper\" as drama; fn run() { drama::list_media() }"),
        wrong("hides the module `pages::`", "if true { import \"helper\" as pages; } fn run() { 1 }"),
        wrong("looks like another", "import \"helper\" as dr\u{430}ma; fn run() { dr\u{430}ma::list_media() }"),
        wrong("looks like another", "fn run() { let \u{ff44}rama = 1; \u{ff44}rama }"),
        wrong("looks like another", "fn l\u{131}st() { 1 } fn run() { l\u{131}st() }"),
        wrong("nobody can see, U+202E", "// harmless \u{202e} ;)(lla_eteled\nfn run() { 1 }"),
        wrong("nobody can see, U+200B", "fn run() { \"drama\u{200b}.list_media\" }"),
        // What is done by importing.
        wrong("may not act", "drama::list_media(#{});"),
        wrong("may not act", "const ALL = pages::of(\"drama.list_media\", #{}).collect();"),
        wrong("may not act", "fn act() { drama::list_media(#{}) } act();"),
        wrong("may not act", "let f = || drama::list_media(#{}); f.call();"),
        wrong("may not act", "import \"helper\" as h; h::look();"),
        wrong("may not act", "if false { files::write(\"a\", \"b\"); }"),
        wrong("may not act", "notify::send(\"team\", \"imported\");"),
        wrong("may not `exit`", "fn run() { exit(1) }"),
        wrong("may not `exit`", "exit();"),
        // What cannot be read.
        wrong("does not parse", "fn run( { 1 }"),
        wrong("does not parse", &format!("fn run() {{ {} }}", nested("(", ")", 10_000))),
        wrong("does not parse", &format!("fn run() {{ {} }}", nested("[", "]", 100_000))),
        wrong("does not parse", &format!("fn run() {{ {} }}", nested("{", "}", 100_000))),
        wrong("does not parse", &format!("fn run() {{ {} }}", nested("#{a:", "}", 50_000))),
        wrong("does not parse", &format!("fn run() {{ {}true }}", "!".repeat(200_000))),
        wrong("does not parse", &format!("fn run() {{ 1{} }}", "+1".repeat(200_000))),
        wrong("does not parse", &format!("fn run(a) {{ a{} }}", ".b".repeat(200_000))),
        wrong("does not parse", &format!("fn run(a) {{ a{} }}", "[0]".repeat(200_000))),
        wrong("does not parse", &format!("fn run(a) {{ {} 1 }}", "if a { 1 } else ".repeat(20_000))),
        wrong("larger than 1 MB", &format!("fn run() {{ \"{}\" }}", "a".repeat(2 << 20))),
        // What the manifest does not declare.
        denied("`write:novel.add_book_auth`", "fn run(f) { novel::add_book_auth(f) }"),
        denied("`destructive:drama.delete_media`", "fn run() { drama::delete_media(1) }"),
        denied("`destructive:drama.delete_media`", "fn run() { drama::deletemedia(1) }"),
        denied("`destructive:drama.delete_media`", "fn run() { calls::many(\"drama.delete_media\", []) }"),
        denied("`destructive:drama.delete_media`", "fn run() { [1].for_each(|id| drama::delete_media(id)) }"),
        denied("`destructive:drama.delete_media`", "import \"wild\" as w; fn run() { w::wipe() }"),
        denied("`destructive:drama.delete_media`", "import \"wild\" as w; fn run() { w::pointer().call() }"),
        denied("`destructive:drama.delete_media`", "import \"wild\" as w; fn run() { let n = 1; n.wipe() }"),
        denied(
            "`destructive:drama.delete_media`",
            "import \"wild\" as a; import \"helper\" as a; fn run() { a::wipe() }",
        ),
        denied(
            "`destructive:drama.delete_media`",
            "import \"helper\" as a; { import \"wild\" as a; } fn run() { a::wipe() }",
        ),
        denied("`destructive:drama.delete_media`", "import \"team/friend\" as f; fn run() { f::wild::wipe() }"),
        denied(
            "`destructive:drama.delete_media`",
            "fn run() { helper() } fn helper() { if false { drama::delete_media(1) } }",
        ),
        denied("`files-read:/etc/passwd`", "fn run() { files::read(\"/etc/passwd\") }"),
        denied("`files-read:../secret`", "fn run() { files::list(\"media/../../secret\") }"),
        denied("`files-read`", "fn run(path) { csv::read(path) }"),
        denied("`files-write:out.csv`", "fn run(rows) { csv::write(\"out.csv\", rows) }"),
        denied("`write:drama.apply_upload`", "fn run() { upload::file(\"a.mp4\") }"),
        denied(
            "`write:drama.single_file_upload`",
            "fn run() { drama::single_file_upload(#{ media_data: \"a.mp4\" }) }",
        ),
        denied("`notify:team`", "fn run() { notify::send(\"team\", \"hello\") }"),
        denied("`notify`", "fn run(name) { notify::send(name, #{ text: \"hello\" }) }"),
        denied("`host:example.org`", "fn run() { http::get(\"https://example.org/\") }"),
        denied("`host`", "fn run(url) { http::post(url, 1, #{}) }"),
        denied("`env:HOME`", "fn run() { env::get(\"HOME\") }"),
        denied("`account:prod`", "fn run() { account::switch(\"prod\") }"),
        denied("`state:target`", "fn run() { state::set(\"target\", 1) }"),
        denied("`state`", "fn run() { state::keys() }"),
        denied("`events:drama.media_uploaded`", "fn run() { events::tell(\"drama.media_uploaded\", #{}) }"),
        denied("`env`", "fn run(name) { env::get(name, 1) }"),
    ]
}

#[test]
fn hostile_packages_are_refused_before_anything_is_done() {
    let server = Arc::new(Server::start());
    let mut faults = Vec::new();
    let corpus = corpus();
    assert!(corpus.len() > 60);
    for Hostile { text, kind, says } in corpus {
        let wild =
            "fn wipe() { drama::delete_media(1) } fn int.wipe() { drama::delete_media(this) } fn pointer() { wipe }";
        let packages = Packages::new()
            .with("team/stranger", &["destructive"], &[], &[("stranger", "fn run() { drama::delete_media(1) }")])
            .with(
                "team/friend",
                &["destructive"],
                &[],
                &[("friend", "import \"wild\" as wild;"), ("-inner", "fn run() { 1 }"), ("-wild", wild)],
            )
            .with(
                "team/bad",
                &["read", "files-read:."],
                &["team/friend"],
                &[
                    ("bad", &text),
                    ("-helper", "fn look() { drama::list_media(#{}) }"),
                    ("-circle", "import \"bad\" as bad;"),
                    ("-wild", wild),
                ],
            );
        let script = "import \"team/bad\" as bad; bad::run()";
        let shown: String = text.chars().take(100).collect();
        match packages.parts(script) {
            Ok(_) => faults.push(format!("{shown}: is not refused")),
            Err(error) if error.kind != kind || !error.message.contains(says) => {
                faults.push(format!("{shown}: {:?} {}", error.kind, error.message));
            }
            Err(error) if error.place.as_ref().is_none_or(|place| !place.file.starts_with("team/")) => {
                let of_import = says.contains("larger than");
                faults.extend((!of_import).then(|| format!("{shown}: no place, {error:?}")));
            }
            Err(error) if says == "does not parse" => drop(error),
            Err(error) => faults.extend(error.hint.is_none().then(|| format!("{shown}: no hint, {error:?}"))),
        }
    }
    none(faults);
    assert_eq!(server.operations(), Vec::<String>::new());
}

#[test]
fn what_a_package_keeps_to_itself_is_refused_to_scripts() {
    for (name, says) in [
        ("team/grants/helper", "no module \"helper\" for others"),
        ("team/grants/repor", "no module \"repor\" for others"),
        ("team/grants/../grants/helper", "for others"),
    ] {
        let text = format!("drama::list_media(#{{}});\nimport \"{name}\" as it;");
        let error = renewing().parts(&text).unwrap_err();
        assert!(error.message.contains(says), "{error:?}");
        assert_eq!((error.kind, error.place.as_ref().map(|place| place.line)), (Kind::Usage, Some(2)));
    }
}

#[test]
fn what_a_package_does_not_declare_is_told_with_its_place_and_what_to_write() {
    let text = "fn run() {\n    drama::list_media(#{});\n    drama::delete_media(1);\n}";
    let packages = Packages::new().with("team/bad", &["read"], &[], &[("bad", text)]);
    let error = packages.parts("import \"team/bad\" as bad; bad::run()").unwrap_err();
    assert_eq!(error.kind, Kind::Denied);
    let place = error.place.clone().unwrap();
    assert_eq!((place.file.as_str(), place.line), ("team/bad/bad.rhai", 3));
    assert!(error.message.starts_with("team/bad 1.0.0 cannot be used: it needs `destructive:drama.delete_media`"));
    assert!(error.hint.clone().unwrap().contains("\"destructive:drama.delete_media\" = "));
}

#[cfg(unix)]
#[test]
fn a_module_that_is_a_link_is_refused() {
    let packages = Packages::new().with("team/bad", &[], &[], &[("bad", "import \"link\" as link;")]);
    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::write(outside.path(), "fn run() { 1 }").unwrap();
    std::os::unix::fs::symlink(outside.path(), packages.root("team/bad").join("link.rhai")).unwrap();
    let error = packages.parts("import \"team/bad\" as bad;").unwrap_err();
    assert!(error.message.contains("is a link"), "{error:?}");
}

#[test]
fn what_has_changed_since_it_was_checked_does_not_run() {
    let modules = [("good", "import \"helper\" as helper;\nfn run() { helper::run() }"), ("-helper", "fn run() { 1 }")];
    let uses = "import \"team/good\" as good; good::run()";
    for (file, what) in [("good.rhai", "its own module"), ("helper.rhai", "a private file")] {
        let packages = Packages::new().with("team/good", &[], &[], &modules);
        fs::write(packages.root("team/good").join(file), "fn run() { 2 }").unwrap();
        let error = packages.parts(uses).unwrap_err();
        assert_eq!(error.kind, Kind::Denied, "{what}: {error:?}");
        assert!(error.message.contains(&format!("{file} of team/good has changed since")), "{what}: {error:?}");
    }
    let packages = Packages::new().with("team/good", &[], &[], &modules[..1]);
    fs::write(packages.root("team/good").join("helper.rhai"), "fn run() { 2 }").unwrap();
    let error = packages.parts(uses).unwrap_err();
    assert!(error.message.contains("helper.rhai of team/good has changed since"), "a new file: {error:?}");
}
