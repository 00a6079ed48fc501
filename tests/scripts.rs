//! What every script in `scripts/` keeps to: it states its rights, its page tells of it, and run twice it has done it
//! once.

use crate::{
    command::Juben,
    documents::{none, scripts},
    rights::Allowed,
    script::{Script, Server},
};
use juben::{
    catalog::{Catalog, Effect},
    rights::Rights,
};
use std::{fs, path::Path, sync::Arc};

const PAGE: &str = "docs/scripts.md";

/// What the head of a script states behind `Rights:`, as one line.
fn stated(text: &str) -> String {
    let head = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let lines = head.skip_while(|line| !line.starts_with("Rights:")).take_while(|line| !line.is_empty());
    let joined = lines.collect::<Vec<_>>().join(" ");
    joined.trim_start_matches("Rights:").trim().to_owned()
}

/// The calls so far that change something.
fn writes(server: &Server) -> Vec<String> {
    let catalog = Catalog::builtin();
    let changes = |name: &String| catalog.find(name).unwrap().effects.default != Effect::Read;
    server.operations().into_iter().filter(changes).collect()
}

#[test]
fn every_script_states_the_rights_that_its_code_needs_and_no_others() {
    let mut faults = Vec::new();
    for path in scripts("scripts") {
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        let needs = Allowed::of(&text, Path::new("scripts"), &Catalog::builtin()).rights.needs();
        match stated(&text).parse::<Rights>() {
            Err(error) => faults.push(format!("{name}: {error}")),
            Ok(rights) if rights.is_empty() => faults.push(format!("{name} does not state its rights")),
            Ok(rights) => {
                let lacking = rights.lacks(&needs);
                faults.extend((!lacking.is_empty()).then(|| format!("{name} needs {lacking}, too")));
                let idle = rights.iter().filter(|right| !needs.meets(right));
                faults.extend(idle.map(|right| format!("{name} does not need {right}")));
            }
        }
    }
    none(faults);
}

#[test]
fn every_script_runs_with_the_rights_that_it_states() {
    let mut faults = Vec::new();
    for path in scripts("scripts") {
        let name = path.to_str().unwrap();
        let rights = stated(&fs::read_to_string(&path).unwrap()).replace(' ', "");
        let ended = Juben::new(&["run", name, "--sandbox", "--allow", &rights]).in_repository().run();
        faults.extend((ended.code != 0).then(|| format!("{name} ends with {}: {}", ended.code, ended.stderr)));
    }
    none(faults);
}

#[test]
fn the_page_on_scripts_has_a_row_for_each_with_its_rights() {
    let page = fs::read_to_string(PAGE).unwrap();
    let mut faults = Vec::new();
    for path in scripts("scripts") {
        let name = path.file_name().unwrap().to_str().unwrap();
        let rights = stated(&fs::read_to_string(&path).unwrap());
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let told = row.is_some_and(|row| row.ends_with(&format!("| `{rights}` |")));
        faults.extend((!told).then(|| format!("{PAGE} has no row of {name} with `{rights}`")));
    }
    none(faults);
}

#[test]
fn a_script_that_has_run_finds_nothing_left_to_change() {
    let mut faults = Vec::new();
    for path in scripts("scripts") {
        let name = path.display().to_string();
        let server = Arc::new(Server::start());
        let script = Script::file_of_repository(&server, &name);
        drop(script.run().result.unwrap());
        let first = writes(&server);
        drop(script.run().result.unwrap());
        let second = writes(&server).split_off(first.len());
        faults.extend((!second.is_empty()).then(|| format!("{name} calls {second:?} again")));
    }
    none(faults);
}

/// What a row says that nothing became of.
const UNTOUCHED: [&str; 8] = ["already", "already so", "left", "waiting", "passed", "read", "unused", "failed"];

#[test]
fn a_dry_run_of_a_script_says_what_would_be_and_never_that_it_was_done() {
    let mut faults = Vec::new();
    for path in scripts("scripts") {
        let name = path.to_str().unwrap();
        let dry = Juben::new(&["run", name, "--sandbox", "--dry-run", "--output", "json"]).in_repository().run();
        faults.extend((dry.code != 0).then(|| format!("{name} ends with {}: {}", dry.code, dry.stderr)));
        let rows: Vec<serde_json::Value> = serde_json::from_str(&dry.stdout).unwrap_or_default();
        let results = rows.iter().filter_map(|row| row["result"].as_str());
        let done = results.filter(|result| !UNTOUCHED.contains(result) && !result.starts_with("would be "));
        faults.extend(done.map(|result| format!("{name} says {result}")));
        let told = dry.stderr.lines().filter(|line| !line.starts_with("would call"));
        faults.extend(told.filter(|line| line.contains("were ")).map(|line| format!("{name} tells: {line}")));
    }
    none(faults);
}
