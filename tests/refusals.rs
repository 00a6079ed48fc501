//! What a person sees when a script is wrong: `refusals/NAME.rhai` run by the real binary, and `refusals/NAME.stderr`.
//!
//! `JUBEN_BLESS=1 cargo nextest run refusals` writes the files anew: read what has changed before you keep it.

use crate::command::{Ended, Juben};
use juben::error::Kind;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

const FOLDER: &str = "tests/refusals";

fn scripts() -> Vec<PathBuf> {
    let files = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path());
    let mut scripts: Vec<_> = files.filter(|path| path.extension().is_some_and(|it| it == "rhai")).collect();
    scripts.sort();
    scripts
}

/// Run a script in its folder; its first line may have further arguments: `// juben run … --timeout 1`.
fn run(path: &Path) -> Ended {
    let text = fs::read_to_string(path).unwrap();
    let more = text.lines().next().and_then(|line| line.strip_prefix("// juben run … ")).unwrap_or_default();
    let name = path.file_name().unwrap().to_str().unwrap();
    let arguments: Vec<_> = ["run", name, "--sandbox"].into_iter().chain(more.split_whitespace()).collect();
    let mut juben = Juben::new(&arguments);
    juben.command().current_dir(FOLDER);
    juben.run()
}

/// What is wrong with how a script ends.
fn judge(path: &Path) -> Option<String> {
    let ended = run(path);
    let expected = path.with_extension("stderr");
    if env::var_os("JUBEN_BLESS").is_some() {
        fs::write(&expected, &ended.stderr).unwrap();
    }
    let known = fs::read_to_string(&expected).unwrap_or_default();
    let name = path.display();
    // The report's first line is the kind, perhaps after lines that the script logged.
    let kind = ended.stderr.lines().find_map(Kind::named);
    if ended.stderr != known {
        return Some(format!("{name}\n-- expected --\n{known}-- found --\n{}", ended.stderr));
    }
    if kind.map(|kind| i32::from(kind.exit_code())) != Some(ended.code) {
        return Some(format!("{name} ends with {}, the kind is {kind:?}", ended.code));
    }
    (!ended.stdout.is_empty()).then(|| format!("{name} prints {}", ended.stdout))
}

#[test]
fn every_broken_script_is_answered_as_written_beside_it() {
    let scripts = scripts();
    assert!(scripts.len() >= 25);
    let faults: Vec<_> = scripts.iter().filter_map(|path| judge(path)).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_message_shows_a_token_an_absolute_path_or_the_inside_of_the_program() {
    for path in fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|it| it == "stderr") {
            let text = fs::read_to_string(&path).unwrap();
            for word in
                ["/tmp", "/home", env!("CARGO_MANIFEST_DIR"), "rhai::", "Dynamic", "Error {", "Some(", "panicked"]
            {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
            assert!(path.with_extension("rhai").exists(), "{} belongs to no script", path.display());
        }
    }
}

#[test]
fn a_secret_that_is_printed_shows_dots() {
    let script = r#"
        let reply = platform::get_stable_access_token();
        print(reply.access_token);
        print(`${reply.access_token}`);
        print(reply);
        print(json::text([reply.access_token]));
        debug(reply.access_token);
        log::info(reply);
        reply
    "#;
    let ended = Juben::new(&["run", "token.rhai", "--sandbox", "--verbose"]).file("token.rhai", script).run();
    let reply = r#"{"access_token":"••••","expires_in":7200}"#;
    assert_eq!(ended.stdout, format!("••••\n••••\n{reply}\n[\"••••\"]\n{reply}\n"));
    assert!(ended.stderr.contains(reply) && ended.stderr.matches("••••").count() == 2, "{}", ended.stderr);
}
