//! Whose plan it is, who has agreed to it, and what it may do.

use crate::{
    command::{Ended, Juben},
    package::manifest,
    plan::{apply, office, plan, writes},
    script::Server,
    serve::Office,
    terminal::Terminal,
};
use juben::helpers::plan::Plan;
use serde_json::json;
use std::{fs, path::Path};
use tempfile::TempDir;

/// Takes one grant back.
const REVOKE: &str = r#"novel::del_book_auth(#{ book_id: "BkqELw0u", grantee_appid: "wx3f8a61c09d2e47b5" })"#;
const OTHER: &str = "Bkpm5hXQ";
const OTHERS_GRANTEE: &str = "wxa86e13d94b70c2f1";

fn read(office: &Office) -> Plan {
    Plan::read(&office.folder().join("plan.json")).unwrap()
}

fn write(office: &Office, plan: Plan) -> String {
    let plan = plan.sealed();
    office.write("plan.json", &plan.text());
    plan.digest
}

/// The plan, edited by hand: another grant is taken back, with all that it expects, and the digest reckoned anew.
fn forge(office: &Office) -> String {
    let mut plan = read(office);
    let step = &mut plan.writes[0];
    let now = [("book_id".to_owned(), json!(OTHER)), ("grantee_appid".to_owned(), json!(OTHERS_GRANTEE))];
    step.fields.extend(now.clone());
    step.expects[0].is.extend(now);
    let listed = office.does(&["call", "novel.query_book_auth", "type=0", "offset=0", "count=30", "--output", "json"]);
    let grants: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let grants = grants["results"].as_array().cloned().unwrap_or_default();
    let found = grants.iter().find(|grant| grant["book_id"] == OTHER && grant["grantee_appid"] == OTHERS_GRANTEE);
    step.expects[0].was = json!({ "expire_time": found.unwrap()["expire_time"] });
    write(office, plan)
}

#[test]
fn an_edited_plan_is_not_applied_though_its_digest_fits() {
    let server = Server::start();
    let office = office(&server).with("script.rhai", REVOKE);
    let (shown, made) = plan(&office, &["script.rhai"]);
    let digest = forge(&office);
    let lines = ["was not made here, or was changed since", "--digest"];
    office.refuses(&["apply", "plan.json", "--yes"], 4, &lines);
    office.refuses(&["apply", "plan.json"], 4, &lines);
    let seen = made["digest"].as_str().unwrap();
    assert!(shown.contains(&format!("digest {seen}")), "{shown}");
    office.refuses(&["apply", "plan.json", "--yes", "--digest", seen], 4, &["has the digest", &digest]);
    assert!(writes(&server).is_empty());
    let looked = office.does(&["apply", "plan.json", "--show"]);
    assert!(looked.contains(OTHER) && looked.contains(&format!("digest {digest}")), "{looked}");
    assert!(writes(&server).is_empty());
    office.does(&["apply", "plan.json", "--yes", "--digest", &digest.to_uppercase()]);
    assert_eq!(writes(&server), ["novel.del_book_auth"]);
}

#[test]
fn a_plan_of_another_machine_is_applied_by_who_has_seen_all_of_it() {
    let server = Server::start();
    let office = office(&server).with("script.rhai", REVOKE);
    plan(&office, &["script.rhai"]);
    let elsewhere = tempfile::tempdir().unwrap();
    for file in ["plan.json", "juben.toml"] {
        fs::copy(office.folder().join(file), elsewhere.path().join(file)).unwrap();
    }
    for (answer, code, made) in [("", 4, 0), ("y", 0, 1)] {
        let mut terminal = Terminal::start(&["apply", "plan.json"], elsewhere.path());
        terminal.shows("not made here");
        terminal.shows("BkqELw0u");
        terminal.shows("Make this write now, on the account sandbox? [y/N]");
        terminal.enter(answer);
        assert_eq!((terminal.ends(), writes(&server).len()), (code, made), "{answer:?}");
    }
    // Where it was made nobody has to be told so.
    let here = office.juben(&["apply", "plan.json", "--yes"]);
    assert!(!here.stderr.contains("not made here"), "{}", here.stderr);
}

/// Somebody with a home of their own.
struct Person(TempDir);

impl Person {
    fn new() -> Person {
        Person(tempfile::tempdir().unwrap())
    }

    fn juben(&self, folder: &Path, arguments: &[&str]) -> Ended {
        let mut juben = Juben::new(arguments).env("HOME", self.0.path().to_str().unwrap()).env("USER", "anna");
        juben.command().current_dir(folder);
        juben.run()
    }

    fn new_key(&self) -> String {
        let said = self.juben(self.0.path(), &["key", "new", "--no-password"]);
        assert_eq!(said.code, 0, "{}", said.stderr);
        said.stdout.split_whitespace().find(|word| word.starts_with("RW")).unwrap().to_owned()
    }
}

#[test]
fn a_second_person_signs_with_a_key_that_is_not_the_planners() {
    let server = Server::start();
    let office = office(&server).with("script.rhai", REVOKE);
    let folder = office.folder();
    let [anna, bob, robot] = [(); 3].map(|()| Person::new());
    let (annas, bobs) = (anna.new_key(), bob.new_key());
    let planned = anna.juben(folder, &["plan", "script.rhai", "-o", "plan.json"]);
    assert!(planned.code == 0 && planned.stdout.contains("made by anna"), "{}{}", planned.stdout, planned.stderr);
    assert_eq!(read(&office).by.keys, [annas.clone()]);
    let toml = server.toml();
    let needs = |keys: &[&str]| {
        let keys: Vec<_> = keys.iter().map(|key| format!("{key:?}")).collect();
        office.write("juben.toml", &format!("{toml}\n[apply]\nsignature = true\nkeys = [{}]\n", keys.join(", ")));
    };
    let refused = |person: &Person, why: &str| {
        let said = person.juben(folder, &["apply", "plan.json", "--yes"]);
        let told = said.stderr.replace("\n  │ ", " ");
        assert!(said.code == 4 && told.contains(why), "{why:?} is not in {told}");
        assert!(writes(&server).is_empty());
    };
    needs(&[]);
    refused(&anna, "nobody is named whose signature counts");
    needs(&[&annas]);
    refused(&anna, "only keys of anna");
    refused(&anna, "has made the plan, are named: a second person has to sign it");
    needs(&[&annas, &bobs]);
    refused(&robot, "is not signed");
    assert_eq!(anna.juben(folder, &["key", "sign", "plan.json"]).code, 0);
    for person in [&anna, &bob, &robot] {
        refused(person, "who has made the plan");
    }
    assert_eq!(bob.juben(folder, &["key", "sign", "plan.json"]).code, 0);
    let said = robot.juben(folder, &["apply", "plan.json", "--yes"]);
    assert_eq!((said.code, writes(&server).len()), (0, 1), "{}", said.stderr);
}

#[test]
fn who_gets_a_key_after_planning_is_still_the_first_person() {
    let server = Server::start();
    let office = office(&server).with("script.rhai", REVOKE);
    let anna = Person::new();
    assert_eq!(anna.juben(office.folder(), &["plan", "script.rhai", "-o", "plan.json"]).code, 0);
    let key = anna.new_key();
    assert_eq!(anna.juben(office.folder(), &["key", "sign", "plan.json"]).code, 0);
    let said = anna.juben(office.folder(), &["apply", "plan.json", "--yes", "--need-signature", "--key", &key]);
    assert!(said.code == 4 && said.stderr.contains("a second person has to sign it"), "{}", said.stderr);
    assert!(writes(&server).is_empty());
}

#[test]
fn the_settings_of_apply_are_read_with_care() {
    let server = Server::start();
    let office = office(&server).with("script.rhai", REVOKE);
    plan(&office, &["script.rhai"]);
    for (line, said) in
        [("kyes = []", "`keys`"), ("keys = [\"RWabc\"]", "[apply] has \"RWabc\", which is no public key")]
    {
        office.write("juben.toml", &format!("{}\n[apply]\n{line}\n", server.toml()));
        office.refuses(&["apply", "plan.json", "--yes"], 2, &[said]);
    }
}

/// A package that takes grants back, and sends a file.
fn with_package(office: &Office, text: &str, rights: &str) {
    fs::create_dir_all(office.folder().join("grants")).unwrap();
    office.write("grants/package.toml", &manifest("team/grants", "1.0.0", &["grants"], rights));
    office.write("grants/grants.rhai", text);
    office.does(&["add", "team/grants", "--path", "grants", "--yes"]);
}

#[test]
fn a_plan_of_a_package_goes_no_further_than_its_applier_allows() {
    let server = Server::start();
    let office = office(&server).with("script.rhai", "import \"team/grants\" as grants;\ngrants::revoke();");
    with_package(
        &office,
        &format!("/// Takes it back.\nfn revoke() {{ {REVOKE} }}\n"),
        "\"destructive:novel.del_book_auth\" = \"to take it back\"\n",
    );
    let toml = fs::read_to_string(office.folder().join("juben.toml")).unwrap();
    let granted = |table: &str| {
        office.write("juben.toml", &format!("{toml}\n[rights.\"team/grants\"]\nallow = [\"destructive\"]\n{table}\n"));
    };
    granted("");
    let (_, made) = plan(&office, &["script.rhai"]);
    let part = made["parts"].as_array().unwrap().iter().find(|part| part["package"] == "team/grants").unwrap();
    assert_eq!(
        (&part["name"], &part["needs"]),
        (&json!("team/grants 1.0.0"), &json!(["destructive:novel.del_book_auth"]))
    );
    for (table, said) in [
        ("book_id = [\"Bk7aQ2x9\"]", "team/grants 1.0.0 may not do this"),
        ("accounts = [\"sandbox-polyv\"]", "it is granted for the accounts sandbox-polyv"),
    ] {
        granted(table);
        office.refuses(&["apply", "plan.json", "--yes"], 4, &["write 1 of the plan cannot be made", said]);
    }
    granted("");
    office.refuses(
        &["apply", "plan.json", "--yes", "--allow", "write"],
        4,
        &["`destructive:novel.del_book_auth` is not granted"],
    );
    // The author of a plan cannot talk a package out of it: the plan is another one then.
    let mut without = read(&office);
    without.parts.clear();
    write(&office, without);
    office.refuses(&["apply", "plan.json", "--yes"], 4, &["was not made here"]);
    assert!(writes(&server).is_empty());
    plan(&office, &["script.rhai"]);
    assert_eq!(apply(&office).0, 0);
    assert_eq!(writes(&server), ["novel.del_book_auth"]);
}

#[test]
fn what_a_plan_makes_first_is_held_to_the_limits_when_it_is_there() {
    let server = Server::start();
    let script = "let b = novel::create_book(#{ title: \"书\", intro: \"一个关于归来的故事。\", cover_media_id: \"M\", author: \"林\",\n\
                  first_category_id: 1, second_category_id: 2, third_category_id: 3, complete_status: 1 }).book_id;\n\
                  novel::delete_book(b);";
    let office = office(&server).with("script.rhai", script);
    plan(&office, &["script.rhai"]);
    office.refuses(&["apply", "plan.json", "--yes", "--allow", "read"], 4, &["write 1 of the plan cannot be made"]);
    assert!(writes(&server).is_empty());
    let said = office.juben(&["apply", "plan.json", "--yes", "--allow", "write"]);
    assert_eq!((said.code, writes(&server)), (4, vec!["novel.create_book".to_owned()]), "{}", said.stderr);
}

#[test]
fn a_package_plans_no_file_that_it_may_not_read() {
    let server = Server::start();
    let office = office(&server)
        .with("script.rhai", "import \"team/grants\" as grants;\ngrants::send(\"secret.png\");")
        .with("secret.png", "PNG");
    with_package(
        &office,
        "/// Sends.\nfn send(path) { platform::upload_temp_media(#{ type: \"image\", media: path }) }\n",
        "write = \"to send\"\nfiles-read = \"what is sent\"\n",
    );
    let toml = fs::read_to_string(office.folder().join("juben.toml")).unwrap();
    let allow =
        |rights: &str| office.write("juben.toml", &format!("{toml}\n[rights.\"team/grants\"]\nallow = [{rights}]\n"));
    allow("\"write\", \"files-read:media\"");
    office.refuses(&["plan", "script.rhai"], 4, &["team/grants 1.0.0 may not do this"]);
    allow("\"write\", \"files-read:.\"");
    plan(&office, &["script.rhai"]);
    allow("\"write\", \"files-read:media\"");
    office.refuses(&["apply", "plan.json", "--yes"], 4, &["team/grants 1.0.0 may not do this"]);
    assert!(writes(&server).is_empty());
}
