//! What every script in `scripts/` keeps to: it states its rights, its page tells of it, and run twice it has done it
//! once.

use crate::{
    command::Juben,
    documents::{none, scripts},
    rights::Allowed,
    script::{Script, Server},
    serve::Office,
    terminal::Terminal,
};
use juben::{
    catalog::{Catalog, Effect},
    config::Config,
    rights::Rights,
};
use serde_json::json;
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

/// Bytes as an older Chinese Windows writes these texts.
fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// The rows of a script of the repository in the sandbox, given files of that folder.
#[track_caller]
fn rows_of(arguments: &[&str]) -> Vec<serde_json::Value> {
    let all = [&["run"], arguments, &["--sandbox", "--output", "json"]].concat();
    let ended = Juben::new(&all).in_repository().run();
    assert_eq!(ended.code, 0, "{arguments:?}: {}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn a_sheet_may_be_a_workbook_or_a_csv_file_of_an_older_spreadsheet() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let vid = "a1b2c3d4e5f60718293a4b5c6d7e8f90_a";
    fs::write(path("videos.csv"), gbk(&format!("vid,title,category\n{vid},归来 导演剪辑版,短剧/古装\n"))).unwrap();
    let rows = rows_of(&["scripts/polyv_from_sheet.rhai", "--file", &path("videos.csv")]);
    assert_eq!((&rows[0]["title"], &rows[0]["result"]), (&"归来 导演剪辑版".into(), &"changed".into()));

    let write = "sheet::write(args::path(\"file\", \"\"), [#{ kind: \"drama\", item: 310047, \
                 grantee: \"wx00000000000000a1\", expires: \"2036-12-31\" }])";
    let ended = Juben::new(&["run", "write.rhai", "--arg", &format!("file={}", path("grants.xlsx")), "--sandbox"])
        .file("write.rhai", write)
        .run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let rows = rows_of(&["scripts/grant_from_sheet.rhai", "--file", &path("grants.xlsx")]);
    assert_eq!((&rows[0]["new_end"], &rows[0]["result"]), (&"2036-12-31 00:00".into(), &"granted".into()));
}

#[test]
fn chapters_may_be_files_of_an_older_editor_and_gaps_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for file in ["book.json", "cover.png"] {
        fs::copy(Path::new("scripts/novel").join(file), folder.path().join(file)).unwrap();
    }
    fs::write(folder.path().join("第一章 雾夜.txt"), gbk("雾从山脚漫上来。")).unwrap();
    fs::write(folder.path().join("第四章 伞.txt"), "\u{feff}伞自己开了。").unwrap();
    let ended = Juben::new(&["run", "scripts/publish_novel.rhai", "--sandbox", "--dry-run", "--folder", path]);
    let ended = ended.in_repository().run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains(r#""content":"雾从山脚漫上来。""#), "{}", ended.stderr);
    assert!(ended.stderr.contains(r#""content":"伞自己开了。""#), "{}", ended.stderr);
    assert!(ended.stderr.contains(": 2 to 3"), "{}", ended.stderr);
}

#[test]
fn the_chart_is_as_wide_as_the_terminal() {
    let script = fs::canonicalize("scripts/traffic_report.rhai").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let report = ["run", script.to_str().unwrap(), "--sandbox", "--days", "5"];
    let screen = Terminal::start(&report, folder.path()).shows("═╡");
    let bars = screen.iter().filter(|row| row.contains('█')).map(|row| row.chars().count());
    assert_eq!((bars.clone().count(), bars.max()), (5, Some(100)), "{}", screen.join("\n"));
    let screen = Terminal::start(&[&report[..], &["--columns", "60"]].concat(), folder.path()).shows("═╡");
    assert_eq!(screen.iter().filter(|row| row.contains('█')).map(|row| row.chars().count()).max(), Some(60));
}

#[test]
fn what_is_empty_is_said() {
    for (arguments, said) in [
        (&["scripts/renew_grants.rhai", "--days", "0"][..], "days is 0"),
        (&["scripts/find_unused_media.rhai"], "0 media, older than 7 days, are used by no drama"),
        (&["scripts/find_unused_media.rhai", "--name", "花絮"], "0 media with 花絮 in their name"),
        (&["scripts/reconcile_events.rhai"], "0 events of the last 2 days had not been told"),
        (&["scripts/daily_digest.rhai"], "nobody is told, as --robot names nobody"),
    ] {
        let ended = Juben::new(&[&["run"], arguments, &["--sandbox"]].concat()).in_repository().run();
        assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
    }
    let server = Arc::new(Server::start());
    Script::file_of_repository(&server, "scripts/renew_grants.rhai").run().result.map(drop).unwrap();
    let again = Script::file_of_repository(&server, "scripts/renew_grants.rhai").run();
    assert!(again.logged.contains("no grant ends within 30 days"), "{}", again.logged);
}

#[test]
fn the_accounts_of_a_sandbox_that_stays_are_those_of_every_sandbox() {
    let text = fs::read_to_string("scripts/sandbox.toml").unwrap();
    let server = Arc::new(Server::start());
    let config = Config::parse(&text.replace("http://127.0.0.1:18080", &server.sandbox.url())).unwrap();
    let client = juben::client::Client::new(Catalog::builtin(), &config).direct();
    let script =
        Script::on(&server, "[drama::list_dramas(#{}).drama_info_list.len > 0, polyv::list_video(#{}).data != ()]");
    assert_eq!(script.run_with(client, &config).result.unwrap().to_string(), "[true, true]");
}

/// What a script writes when it is run, and what a plan of it says that it would.
fn planned_and_made(name: &str, arguments: &[&str]) -> (Vec<String>, Vec<String>) {
    let server = Server::start();
    let office = Office::new(&server.toml());
    let script = fs::canonicalize(Path::new("scripts").join(name)).unwrap();
    let script = [&[script.to_str().unwrap()], arguments].concat();
    office.does(&[&["plan"], &script[..], &["-o", "plan.json"]].concat());
    assert_eq!(writes(&server), Vec::<String>::new(), "{name}: planning has written");
    let plan: serde_json::Value =
        fs::read_to_string(office.folder().join("plan.json")).map_or_else(|_| json!({}), |text| text.parse().unwrap());
    let steps = plan["writes"].as_array().into_iter().flatten();
    let mut planned: Vec<_> = steps.map(|step| step["operation"].as_str().unwrap().to_owned()).collect();
    office.does(&[&["run"], &script[..], &["--yes"]].concat());
    let mut made = writes(&server);
    planned.sort();
    made.sort();
    (planned, made)
}

#[test]
fn a_plan_of_a_script_has_all_the_writes_that_it_makes() {
    let mut faults = Vec::new();
    let own = scripts("scripts").into_iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let more = [
        ("publish_novel.rhai", &["--submit"][..]),
        ("renew_grants.rhai", &["--accounts"]),
        ("resubmit_refills.rhai", &["--rejected"]),
    ];
    let all = own.map(|name| (name, &[][..])).chain(more.map(|(name, arguments)| (name.to_owned(), arguments)));
    for (name, arguments) in all {
        let (planned, made) = planned_and_made(&name, arguments);
        faults.extend((planned != made).then(|| format!("{name} {arguments:?}: planned {planned:?}, made {made:?}")));
    }
    none(faults);
}

#[test]
fn what_is_planned_is_made_by_apply_and_the_script_finds_nothing_left() {
    for (name, arguments) in [("publish_novel.rhai", &["--submit"][..]), ("publish_season.rhai", &[])] {
        let server = Server::start();
        let office = Office::new(&server.toml());
        let script = fs::canonicalize(Path::new("scripts").join(name)).unwrap();
        let script = [&[script.to_str().unwrap()], arguments].concat();
        office.does(&[&["plan"], &script[..], &["-o", "plan.json"]].concat());
        office.does(&["apply", "plan.json", "--yes"]);
        let made = writes(&server);
        office.does(&[&["run"], &script[..]].concat());
        assert_eq!(writes(&server), made, "{name} found more to do");
    }
}

#[test]
fn a_novel_that_was_worked_on_is_brought_into_step_by_its_plan() {
    let server = Server::start();
    let office = Office::new(&server.toml());
    let folder = office.folder().join("novel");
    fs::create_dir(&folder).unwrap();
    for file in fs::read_dir("scripts/novel").unwrap().map(|file| file.unwrap().path()) {
        fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
    }
    let script = fs::canonicalize("scripts/publish_novel.rhai").unwrap();
    let publish = [script.to_str().unwrap(), "--folder", "novel", "--remove"];
    office.does(&[&["run"], &publish[..]].concat());
    // One is changed, one is new, one has moved and one is gone.
    fs::write(folder.join("第2章 住店的人.txt"), "来的是个撑伞的姑娘。").unwrap();
    fs::rename(folder.join("第3章 伞.txt"), folder.join("第4章 伞.txt")).unwrap();
    fs::write(folder.join("第3章 新客.txt"), "又来了一位。").unwrap();
    fs::remove_file(folder.join("第1章 雾夜.txt")).unwrap();
    office.does(&[&["plan"], &publish[..], &["-o", "plan.json"]].concat());
    office.does(&["apply", "plan.json", "--yes"]);
    let made = writes(&server);
    let shown = office.does(&[&["run"], &publish[..], &["--output", "csv"]].concat());
    assert_eq!(writes(&server), made, "{shown}");
    let titles: Vec<_> = shown.lines().skip(2).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(titles, ["第2章 住店的人", "第3章 新客", "第4章 伞"]);
}
