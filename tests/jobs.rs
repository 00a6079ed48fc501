//! `juben jobs`: what is listed, and what a person may want of a job.

use crate::{package::manifest, script::Server, serve::Office};

const NIGHTLY: &str = "[[job]]\nname = \"nightly\"\nscript = \"nightly.rhai\"\ncron = \"30 3 * * *\"\n";
const SCRIPT: &str =
    "//! Nightly.\n//!\n//! @param days int = 30\n\nprint(`days ${args::get(\"days\")}`);\nargs::get(\"days\") + 1\n";

fn office(more: &str) -> Office {
    Office::new(&format!("{NIGHTLY}{more}")).with("nightly.rhai", SCRIPT)
}

#[test]
fn jobs_are_listed_with_what_is_next() {
    let office = office("[[on]]\nevent = \"secvod_upload_event\"\nscript = \"nightly.rhai\"\n");
    let list = office.does(&["jobs"]);
    let rows: Vec<_> = list.lines().collect();
    assert_eq!(rows.len(), 2, "{list}");
    assert!(rows[0].contains("\"job\":\"nightly\"") && rows[0].contains(" 03:30:00+08:00\""), "{list}");
    assert!(rows[1].contains("\"job\":\"secvod_upload_event:nightly\"") && rows[1].contains("\"next\":null"), "{list}");
    let shown = office.does(&["jobs", "show", "nightly"]);
    assert!(shown.contains("\"hash\": \"") && shown.contains("\"overlap\": \"skip\""), "{shown}");
}

#[test]
fn the_next_due_times_follow_the_clock_on_the_wall() {
    let office = office("zone = \"Europe/Berlin\"\n");
    let arguments = ["jobs", "next", "nightly", "-n", "2", "--output", "csv", "--after", "2027-10-30T12:00:00Z"];
    let expected = "due,weekday,utc\n2027-10-31 03:30:00+01:00,Sun,2027-10-31T02:30:00Z\n\
                    2027-11-01 03:30:00+01:00,Mon,2027-11-01T02:30:00Z\n";
    assert_eq!(office.does(&arguments), expected);
    let by_hand = Office::new("[[job]]\nname = \"a\"\nscript = \"a.rhai\"\n").with("a.rhai", "1");
    by_hand.refuses(&["jobs", "next", "a"], 2, &["`a` has no due times", "`juben jobs run a`"]);
}

#[test]
fn what_would_fail_at_night_is_refused_when_it_is_read() {
    for (more, said) in [
        ("parameters = { day = 3 }", &["has no parameter `day`", "did you mean `days`?"][..]),
        ("parameters = { days = \"soon\" }", &["`days` is \"soon\"; it must be an int"]),
        ("parameters = { days = [1] }", &["the parameter `days` is no single value"]),
        ("zone = \"Asia/Shanghia\"", &["no time zone \"Asia/Shanghia\"", "did you mean \"Asia/Shanghai\"?"]),
        ("account = \"main\"", &["names the account `main`, which is not there"]),
        ("notify = { failure = [\"team\"] }", &["tells `team`", "add a [notify.team] table"]),
        ("retry = { on = [\"netwrk\"] }", &["which is no kind of error", "did you mean `network`?"]),
    ] {
        let said: Vec<_> = ["[[job]] `nightly`"].iter().chain(said).copied().collect();
        office(more).refuses(&["jobs"], 2, &said);
    }
    let never = NIGHTLY.replace("30 3 * * *", "30 3 30 2 *");
    Office::new(&never).with("nightly.rhai", SCRIPT).refuses(
        &["jobs"],
        2,
        &["[[job]] `nightly`: cron \"30 3 30 2 *\""],
    );
    Office::new(NIGHTLY).refuses(&["jobs"], 2, &["[[job]] `nightly`: cannot read the script"]);
    let broken = Office::new(NIGHTLY).with("nightly.rhai", "let x = ;");
    broken.refuses(&["jobs"], 2, &["[[job]] `nightly`", "nightly.rhai:1:9"]);
}

#[test]
fn a_name_that_is_not_there_is_answered_with_the_nearest() {
    let office = office("");
    for deed in ["run", "show", "next", "history", "pause", "resume"] {
        office.refuses(&["jobs", deed, "nigthly"], 2, &["there is no job `nigthly`", "did you mean `nightly`?"]);
    }
    for deed in ["log", "cancel", "replay"] {
        office.refuses(&["jobs", deed, "7"], 2, &["there is no run 7"]);
    }
}

#[test]
fn without_a_server_a_job_runs_here_as_by_juben_run() {
    let office = office("");
    let ended = office.juben(&["jobs", "run", "nightly", "--arg", "days=4"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "days 4\n5\n"), "{}", ended.stderr);
    assert!(office.does(&["jobs", "log", "1"]).contains("\"text\":\"days 4\""));
    let history = office.does(&["jobs", "history", "nightly"]);
    assert!(history.contains("\"cause\":\"hand\"") && history.contains("\"outcome\":\"done\""), "{history}");
    let list = office.does(&["jobs"]);
    assert!(list.contains("\"last\":\"done\"") && list.contains("\"streak\":1"), "{list}");
    office.refuses(&["jobs", "run", "nightly", "--no-wait"], 1, &["no `juben serve` runs"]);
    office.refuses(&["jobs", "run", "nightly", "--arg", "dayz=4"], 2, &["did you mean `days`?"]);

    office.write("nightly.rhai", &SCRIPT.replace("+ 1", "+ 2"));
    let again = office.juben(&["jobs", "replay", "1"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, "days 4\n6\n"));
    assert!(again.stderr.contains("has changed since run 1"), "{}", again.stderr);
}

#[test]
fn a_run_that_fails_shows_its_line_and_ends_as_juben_run_does() {
    let office = Office::new("[[job]]\nname = \"bad\"\nscript = \"bad.rhai\"\n").with("bad.rhai", "let x = 1;\nx / 0");
    office.refuses(&["jobs", "run", "bad"], 1, &["bad.rhai:2:", "x / 0"]);
    let list = office.does(&["jobs"]);
    assert!(list.contains("\"last\":\"failed\"") && list.contains("\"streak\":-1"), "{list}");
    let history = office.does(&["jobs", "history", "bad"]);
    assert!(history.contains("\"reason\":\"Division by zero"), "{history}");
}

#[test]
fn the_calls_of_a_run_are_kept() {
    let server = Server::start();
    let toml = format!(
        "[account.main]\nplatform = \"wechat\"\nappid = \"wx1234567890abcdef\"\nsecret = \"cmd:echo sandbox-secret\"\n\
         base_url = \"{}\"\n[[job]]\nname = \"books\"\nscript = \"books.rhai\"\naccount = \"main\"\n",
        server.sandbox.url()
    );
    let office = Office::new(&toml).with("books.rhai", "novel::list_books(); 1");
    office.does(&["jobs", "run", "books"]);
    let calls = office.does(&["jobs", "log", "1", "--calls"]);
    let call = calls.lines().find(|call| call.contains("novel.list_books")).unwrap();
    assert!(call.contains("\"account\":\"main\"") && call.contains("\"outcome\":\"ok\""), "{calls}");
    assert!(!calls.contains("sandbox-secret"));
}

#[test]
fn a_job_is_paused_and_resumed() {
    let office = office("");
    office.does(&["jobs", "pause", "nightly"]);
    let list = office.does(&["jobs"]);
    assert!(list.contains("\"state\":\"paused\"") && list.contains("\"next\":null"), "{list}");
    office.does(&["jobs", "resume", "nightly"]);
    assert!(office.does(&["jobs"]).contains("\"state\":\"\""));
}

#[test]
fn what_a_package_is_not_granted_is_told_before_its_job_is_due() {
    let server = Server::start();
    let toml = format!(
        "{}[[job]]\nname = \"nightly\"\nscript = \"team/grants/nightly\"\ncron = \"0 3 * * *\"\naccount = \"sandbox\"\n",
        server.toml()
    );
    let office = Office::new("");
    std::fs::create_dir(office.folder().join("grants")).unwrap();
    let rights = "\"read:drama.*\" = \"to count\"\n\"files-read:.\" = \"to look\"\n";
    office.write("grants/package.toml", &manifest("team/grants", "1.0.0", &["nightly"], rights));
    office.write(
        "grants/nightly.rhai",
        "//! @param days int = 30\ndrama::list_dramas(); [args::get(\"days\"), files::read(\"here.txt\")]",
    );
    office.write("here.txt", "here");
    office.does(&["add", "team/grants", "--path", "grants", "--yes"]);
    let packages = std::fs::read_to_string(office.folder().join("juben.toml")).unwrap();
    office.write("juben.toml", &format!("{toml}{packages}"));
    let refused =
        "the job nightly would be refused: team/grants 1.0.0 may not do what it needs: read:drama.list_dramas";
    let listed = office.juben(&["jobs"]);
    assert!(listed.stdout.contains("\"state\":\"refused\""), "{}", listed.stdout);
    assert!(listed.stderr.contains(refused), "{}", listed.stderr);
    for mends in ["`juben run team/grants/nightly` asks, and v keeps the answer", "[rights.\"team/grants\"]"] {
        assert!(listed.stderr.contains(mends), "{}", listed.stderr);
    }
    office.serve(&[]).logs(refused);
    office.refuses(&["jobs", "run", "nightly"], 4, &["[rights.\"team/grants\"]"]);
    assert_eq!(server.sandbox.requests(), []);
    office.write(
        "juben.toml",
        &format!("{toml}{packages}\n[rights.\"team/grants\"]\nallow = [\"read\", \"files-read:.\"]\n"),
    );
    let granted = office.juben(&["jobs"]);
    assert!(granted.stdout.contains("\"state\":\"\"") && !granted.stderr.contains("refused"), "{}", granted.stderr);
    let ran = office.juben(&["jobs", "run", "nightly", "--arg", "days=4"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "[4,\"here\"]\n"), "{}", ran.stderr);
}
