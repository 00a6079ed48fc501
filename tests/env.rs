//! `env::`: variables of the environment, and those that no script sees.

use crate::{
    command::{Ended, Juben},
    package::Packages,
    script::Script,
};
use juben::rights::{Grant, Right};

fn run(script: &str, options: &[&str]) -> Ended {
    const TOML: &str = "[account.main]\nplatform = \"wechat\"\nappid = \"wx1\"\nsecret = \"env:MAIN_SECRET\"\n\
                        [notify.team]\nkind = \"webhook\"\nurl = \"env:TEAM_ROBOT\"\n";
    let juben = Juben::new(&[&["run", "a.rhai"], options].concat()).file("a.rhai", script).file("juben.toml", TOML);
    let set =
        [("ZONE", "Asia/Tokyo"), ("MAIN_SECRET", "s3cret"), ("TEAM_ROBOT", "s3cret"), ("JUBEN_KEY_PASSWORD", "s3cret")];
    set.into_iter().fold(juben, |juben, (name, value)| juben.env(name, value)).run()
}

#[test]
fn a_script_reads_a_variable_or_its_own_default() {
    let values = r#"env::get("ZONE"), env::get("ZONE", 1), env::get("NONE"), env::get("NONE", 1), env::get("a=b")"#;
    let ended = run(&format!("print(json::text([{values}]))"), &[]);
    let expected = "[\"Asia/Tokyo\",\"Asia/Tokyo\",null,1,null]\n";
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, expected, ""));
}

#[test]
fn no_secret_reaches_a_script() {
    for name in ["MAIN_SECRET", "main_secret", "TEAM_ROBOT", "JUBEN_KEY_PASSWORD"] {
        for options in [&[][..], &["--sandbox"], &["--dry-run"]] {
            let ended = run(&format!("env::get({name:?}, \"none\")"), options);
            assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{name} {options:?}");
            assert!(ended.stderr.contains("is a secret, which is not for scripts"), "{}", ended.stderr);
            assert!(!ended.stderr.contains("s3cret"));
        }
    }
}

#[test]
fn only_the_variable_that_is_granted_is_read() {
    let ended = run("print(env::get(\"ZONE\"))", &["--allow", "env:ZONE"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "Asia/Tokyo\n"), "{}", ended.stderr);
    let ended = run("env::get(\"ZONE\")", &["--allow", "env:HOME"]);
    assert!(ended.code == 4 && ended.stderr.contains("env:ZONE"), "{}", ended.stderr);
    let ended =
        run("let name = \"ZO\" + args::at(0, \"NE\"); try { env::get(name) } catch { 1 }", &["--allow", "env:HOME"]);
    assert!(ended.code == 4 && ended.stdout.is_empty() && ended.stderr.contains("env:ZONE"), "{}", ended.stderr);
}

#[test]
fn the_variables_are_read_off_the_text() {
    let needs = |text: &str| Script::new(text).guard_of_its_text().unwrap().parts()[0].needs.to_string();
    assert_eq!(needs("env::get(\"ZONE\"); env::get(\"HOME\", 1)"), "env:HOME,env:ZONE");
    assert_eq!(needs("env::get(\"ZO\" + args::at(0))"), "env");
    let check = Juben::new(&["check", "a.rhai"]).file("a.rhai", "env::get(\"ZONE\");").run();
    assert_eq!(check.stdout, "a.rhai\n  calls     no operation\n  knows     ZONE\n");
}

#[test]
fn a_package_needs_the_right() {
    let load = |rights: &[&str]| {
        let packages =
            Packages::new().with("team/zone", rights, &[], &[("zone", "fn zone() { env::get(\"ZONE\", \"none\") }")]);
        let script = Script::new("import \"team/zone\" as it; it::zone()").packages(&packages.installed());
        script.guard(&Grant::of("env:ZONE".parse().unwrap()))
    };
    assert!(load(&["env:ZONE"]).unwrap().deed(&"env:ZONE".parse::<Right>().unwrap()).is_ok());
    let error = load(&["read"]).unwrap_err();
    assert!(format!("{error:?}").contains("env:ZONE"), "{error:?}");
}
