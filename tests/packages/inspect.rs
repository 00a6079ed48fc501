//! A package as its authors have it: `check`, `pack` and `publish` find the same faults, each with its place.

use super::Disk;

/// A new package in the folder `grants` of the project, and what all three say of it after a change.
struct Written(Disk);

impl Written {
    fn new() -> Written {
        let disk = Disk::new();
        disk.does(&["new", "package", "team/grants"]);
        Written(disk)
    }

    /// Change a file, look at what is said, and put it back.
    #[track_caller]
    fn with(&self, file: &str, from: &str, to: &str, code: i32, said: &[&str]) {
        let path = format!("project/grants/{file}");
        let whole = self.0.read(&path);
        assert!(whole.contains(from), "{whole}");
        self.0.write(&path, &whole.replacen(from, to, 1));
        let checked = self.0.juben(&["check", "grants"]);
        assert_eq!(checked.code, 2, "{to}: {}", checked.stdout);
        let plain = |text: &str| text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        said.iter().for_each(|said| assert!(plain(&checked.stdout).contains(said), "{said}: {}", checked.stdout));
        for words in [&["pack", "grants"][..], &["publish", "grants", "--to", "index"]] {
            self.0.refuses(code, words, said);
        }
        assert!(!self.0.is_there("project/index") && !self.0.is_there("project/grants-0.1.0.tar.gz"));
        self.0.write(&path, &whole);
    }
}

#[test]
fn what_the_manifest_lacks_is_refused_with_its_line() {
    let written = Written::new();
    let line = |text: &str| {
        let manifest = written.0.read("project/grants/package.toml");
        let number = manifest.lines().position(|line| line.starts_with(text)).unwrap() + 1;
        format!("grants/package.toml:{number}:1]")
    };
    for (from, to, at, said) in [
        ("modules = [\"grants\"]", "modules = []", "modules", "`modules` is empty"),
        ("modules = [\"grants\"]", "modules = [\"grants\", \"other\"]", "modules", "has no file other.rhai"),
        ("modules = [\"grants\"]", "modules = [\"../grants\"]", "modules", "no name of a module"),
        ("authors = [\"team\"]", "authors = []", "authors", "`authors` names nobody"),
        ("license = \"MIT\"", "license = \"\"", "license", "`license` is empty"),
        ("\"to know the titles\"", "\"\"", "\"read:novel", "the right `read:novel.list_books` has no reason"),
        ("summary = \"Titles of the novels of an account\"", "summary = \"\"", "summary", "`summary` is empty"),
    ] {
        written.with("package.toml", from, to, 2, &[&line(at), said]);
    }
    let own = format!("juben = \"{}\"", env!("CARGO_PKG_VERSION"));
    written.with("package.toml", &own, "juben = \"9.0.0\"", 2, &[&line("juben"), "needs juben 9.0.0, and this is"]);
    written.with(
        "package.toml",
        "modules = [\"grants\"]\n",
        "",
        2,
        &["grants/package.toml:", "missing field `modules`"],
    );
    let whole = "\"1.0\" is no version: it is of three numbers, such as 1.2.0";
    written.with("package.toml", "version = \"0.1.0\"", "version = \"1.0\"", 2, &["grants/package.toml:7:", whole]);
    written.with("package.toml", "license", "licence", 2, &["unknown field `licence`"]);
    written.with(
        "package.toml",
        "# \"team/base\" = \"1.2\"",
        "\"team/base\" = \"1.2\"",
        2,
        &[&line("# \"team/base"), "team/base 1.2.0 is nowhere", "juben add team/base"],
    );
}

#[test]
fn code_that_goes_beyond_the_manifest_is_refused_with_its_line() {
    let written = Written::new();
    let (module, first) = ("grants.rhai", "fn titles() {");
    let place = || {
        let text = written.0.read("project/grants/grants.rhai");
        let number = text.lines().position(|line| line.starts_with(first)).unwrap() + 1;
        format!("grants/grants.rhai:{number}:")
    };
    for (code, exit, said) in [
        ("novel::delete_book(#{ book_id: 1 });", 4, "it needs `destructive:novel.delete_book`, which its package.toml"),
        ("eval(\"1\");", 2, "a package may not `eval`"),
        ("exit(1);", 2, "a package may not `exit`"),
        ("let name = \"a\"; import name as it;", 2, "what is imported here is known only when the script runs"),
        ("import \"team/other\" as other;", 2, "a package may not import \"team/other\" in a function"),
    ] {
        written.with(
            module,
            first,
            &format!("{first} {code}"),
            exit,
            &[&place(), "team/grants 0.1.0 cannot be used:", said],
        );
    }
    assert_eq!(written.0.juben(&["check", "grants", "--deny-warnings"]).code, 0);
    let json = written.0.does(&["check", "grants", "--json"]);
    assert!(json.contains("\"file\":\"grants/package.toml\",\"findings\":[]"), "{json}");
    written.0.does(&["publish", "grants", "--to", "index"]);
    written.0.does(&["pack", "grants"]);
}

#[test]
fn what_it_imports_comes_from_the_project_that_it_lies_in() {
    let written = Written::new();
    let disk = &written.0;
    disk.package("base", "team/base", "1.1.0", &[], "fn one() { 1 }\n");
    disk.depends("project/grants", &[]);
    let manifest = disk.read("project/grants/package.toml").replace("[dependencies]\n", "");
    let needs = |least: &str| {
        disk.write("project/grants/package.toml", &format!("{manifest}[dependencies]\n\"team/base\" = {least:?}\n"))
    };
    let module = disk.read("project/grants/grants.rhai");
    disk.write(
        "project/grants/grants.rhai",
        &format!("import \"team/base\" as base;\n{module}fn one() {{ base::one() }}\n"),
    );
    needs("1.1");
    disk.refuses(2, &["pack", "grants"], &["team/base 1.1.0 is nowhere", "juben add team/base"]);
    disk.does(&["add", "--path", "../base"]);
    disk.does(&["pack", "grants"]);
    assert_eq!(disk.juben(&["check", "grants"]).code, 0);
    needs("2.0");
    disk.refuses(2, &["pack", "grants"], &["team/base 2.0.0 is needed, and juben.lock of the project has 1.1.0"]);
    // What others have made is theirs to mend.
    needs("1.1");
    disk.does(&["vendor"]);
    assert_eq!(disk.juben(&["check", "."]).code, 0);
}

#[test]
fn a_script_of_a_package_may_act_where_nothing_imports_it() {
    let written = Written::new();
    let disk = &written.0;
    let manifest = disk.read("project/grants/package.toml").replace("[\"grants\"]", "[\"grants\", \"renew\"]");
    disk.write("project/grants/package.toml", &manifest);
    disk.write("project/grants/renew.rhai", "import \"grants\" as g;\nprint(`${g::titles().len} titles`);\n");
    assert_eq!(disk.juben(&["check", "grants"]).code, 0);
    disk.does(&["pack", "grants"]);
    disk.does(&["publish", "grants", "--to", "index"]);
    disk.does(&["add", "--path", "grants", "--yes"]);
    let rights = "[rights.\"team/grants\"]\nallow = [\"read\"]\n";
    disk.write("project/juben.toml", &format!("{}{rights}", disk.read("project/juben.toml")));
    let row: serde_json::Value = serde_json::from_str(&disk.does(&["packages"])).unwrap();
    assert_eq!(row["granted"], "all", "{row}");
    assert!(disk.does(&["run", "team/grants/renew", "--sandbox"]).ends_with(" titles\n"));
    disk.write("project/own.rhai", "import \"team/grants/renew\" as renew;\n");
    let said = ["the statements of a module may not act", "team/grants/renew.rhai:1:1"];
    disk.refuses(2, &["run", "own.rhai", "--sandbox"], &said);
    // So it is where the package imports it itself.
    disk.write("project/grants/grants.rhai", "import \"renew\" as renew;\nfn titles() { [] }\n");
    disk.write("project/grants/renew.rhai", "novel::list_books(#{ limit: 1 });\n");
    let said = ["the statements of a module may not act", "grants/renew.rhai:1:"];
    disk.refuses(2, &["pack", "grants"], &said);
}
