//! `state::`: what scripts keep.

use crate::{
    command::{Ended, Juben},
    script::Script,
};
use juben::{error::Kind, store::Store};
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Stdio},
};

/// A folder of scripts, and the state that their runs share.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(scripts: &[(&str, &str)]) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in scripts {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Desk(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn juben(&self, script: &str, options: &[&str]) -> Juben {
        let juben = Juben::new(&[&["run", &self.path(script)], options].concat());
        juben.env("JUBEN_STATE", &self.path(".state"))
    }

    #[track_caller]
    fn prints(&self, script: &str, stdout: &str) {
        self.juben(script, &[]).prints(stdout);
    }

    /// Start a run that prints `in` when it is where the test wants it.
    fn begin(&self, script: &str) -> (Child, BufReader<ChildStdout>) {
        let mut juben = self.juben(script, &[]);
        let mut child = juben.command().stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "in\n");
        (child, output)
    }

    /// The same, and then end it as a power cut would.
    fn begin_and_kill(&self, script: &str) {
        let (mut child, _) = self.begin(script);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Two runs at the same time.
    fn both(&self, scripts: [&str; 2]) -> [Ended; 2] {
        let run = |script: &str| self.juben(script, &[]).run();
        std::thread::scope(|scope| {
            let runs = scripts.map(|script| scope.spawn(move || run(script)));
            runs.map(|run| run.join().unwrap())
        })
    }
}

#[test]
fn values_are_kept_from_run_to_run_each_script_its_own() {
    let keep = r#"state::incr("runs"); state::set("seen", #{ ids: [2921020570379430001], name: "归来记" }); state::get("runs")"#;
    let desk = Desk::new(&[
        ("keep.rhai", keep),
        ("other/keep.rhai", keep),
        ("module.rhai", r#"fn runs() { state::get("runs") }"#),
        ("look.rhai", r#"import "module" as other; [state::get("seen"), other::runs()]"#),
    ]);
    desk.prints("keep.rhai", "1\n");
    desk.prints("keep.rhai", "2\n");
    // Scripts that have the same name in other folders are others, and so is a script that imports the same module.
    desk.prints("other/keep.rhai", "1\n");
    desk.prints("look.rhai", "[null,null]\n");
    fs::copy(desk.path("look.rhai"), desk.path("keep.rhai")).unwrap();
    desk.prints("keep.rhai", "[{\"ids\":[2921020570379430001],\"name\":\"归来记\"},2]\n");
}

#[test]
fn a_job_has_values_of_its_own_whatever_it_runs() {
    let count = Script::new(r#"state::incr("runs")"#);
    let runs = |script: &Script| script.run().result.unwrap().as_int();
    assert_eq!((runs(&count), runs(&count)), (Ok(1), Ok(2)));
    let count = count.of_job("renew");
    assert_eq!((runs(&count), runs(&count)), (Ok(1), Ok(2)));
    let count = count.with_text(r#"state::incr("runs", 10)"#);
    assert_eq!(runs(&count), Ok(12));
    assert_eq!(runs(&count.of_job("report")), Ok(10));
}

#[tokio::test]
async fn a_lock_holds_in_memory_too() {
    let store = Store::in_memory();
    let lock = store.try_lock("report").unwrap();
    assert!(
        lock.is_some() && store.try_lock("report").unwrap().is_none() && store.try_lock("other").unwrap().is_some()
    );
    drop(lock);
    assert!(store.try_lock("report").unwrap().is_some());
}

#[test]
fn the_sandbox_and_a_dry_run_change_nothing_that_is_kept() {
    let desk = Desk::new(&[("count.rhai", r#"state::once("first", 60, || state::incr("done")); state::incr("runs")"#)]);
    desk.prints("count.rhai", "1\n");
    for _ in 0..2 {
        // A dry run goes on from what is kept.
        desk.juben("count.rhai", &["--dry-run"]).prints("2\n");
        desk.juben("count.rhai", &["--sandbox"]).prints("1\n");
    }
    desk.prints("count.rhai", "2\n");
}

#[test]
fn a_number_that_two_processes_add_to_loses_nothing() {
    let desk = Desk::new(&[("add.rhai", r#"for i in 0..40 { state::incr("all", 2); }"#)]);
    let ended = desk.both(["add.rhai", "add.rhai"]);
    assert!(ended.iter().all(|ended| ended.code == 0), "{ended:?}");
    fs::write(desk.path("add.rhai"), r#"state::get("all")"#).unwrap();
    desk.prints("add.rhai", "160\n");
}

#[test]
fn what_is_done_once_is_done_by_one_of_two_processes() {
    // The one that is at it goes on when the other has come.
    let text = r#"
        if files::exists("begun") { files::write("come", ""); }
        state::once("greet", 3600, || {
            files::write("begun", "");
            print("in");
            while !files::exists("come") { sleep(0.01); }
            "done"
        })
    "#;
    let desk = Desk::new(&[("greet.rhai", text)]);
    let (mut first, mut output) = desk.begin("greet.rhai");
    let second = desk.juben("greet.rhai", &[]).run();
    assert_eq!((second.code, second.stdout.as_str()), (0, ""), "{}", second.stderr);
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!((rest.as_str(), first.wait().unwrap().code()), ("done\n", Some(0)));
}

const ENDLESS: &str = r#"state::WHAT { print("in"); loop { sleep(1); } })"#;

#[test]
fn what_dies_on_the_way_is_done_by_the_next() {
    let desk = Desk::new(&[("greet.rhai", &ENDLESS.replace("WHAT", "once(\"greet\", 3600, ||"))]);
    desk.begin_and_kill("greet.rhai");
    fs::write(desk.path("greet.rhai"), r#"state::once("greet", 3600, || "done")"#).unwrap();
    desk.prints("greet.rhai", "done\n");
    desk.prints("greet.rhai", "");
}

#[test]
fn what_throws_is_not_done() {
    let text = r#"
        let tries = 0;
        try { state::once("greet", 60, || { tries += 1; throw "no" }); } catch (error) { assert_eq(error, "no"); }
        let answers = [state::once("greet", 60, || { tries += 1; "yes" }), state::once("greet", 60, || "again")];
        [answers, tries, state::get("greet") <= time::now(), state::remove("greet"), state::once("greet", 60, || "anew")]
    "#;
    Script::new(text).returns(r#"[["yes",null],2,true,true,"anew"]"#);
}

#[test]
fn a_lock_is_held_by_one_run_and_ends_with_its_process() {
    let endless = ENDLESS.replace("WHAT", "lock(\"report\", ||");
    let desk = Desk::new(&[("report.rhai", &endless)]);
    let (mut holder, _) = desk.begin("report.rhai");
    let refused = r#"
        try { state::lock("report", #{ wait: 0 }, || "mine"); } catch (error) { return [error.kind, error.message]; }
    "#;
    fs::write(desk.path("report.rhai"), refused).unwrap();
    desk.prints("report.rhai", "[\"conflict\",\"another run is not done with `report` within 0 s\"]\n");
    // Another name is another lock.
    fs::write(desk.path("report.rhai"), r#"state::lock("other", #{ wait: 0 }, || "mine")"#).unwrap();
    desk.prints("report.rhai", "mine\n");
    holder.kill().unwrap();
    holder.wait().unwrap();
    fs::write(desk.path("report.rhai"), r#"state::lock("report", || "mine")"#).unwrap();
    desk.prints("report.rhai", "mine\n");
}

#[test]
fn a_run_does_not_wait_for_itself() {
    let error =
        Script::new(r#"state::lock("a", || state::lock("b", || state::lock("a", || 1)))"#).throws(Kind::Conflict);
    assert_eq!(error.message, "this run is within `state::lock` of `a` already");
    Script::new(r#"try { state::lock("a", || throw 1); } catch {} state::lock("a", || 2)"#).returns("2");
}

#[test]
fn values_are_forgotten_by_the_time_of_the_script() {
    let text = r#"
        fn test_expiry() {
            state::set("warned", true, 60);
            state::set("kept", 1);
            assert_eq(state::once("daily", 86400, || "first"), "first");
            sleep(59);
            assert(state::get("warned"));
            sleep(1);
            assert_eq(state::get("warned", "gone"), "gone");
            assert(!state::remove("warned"));
            assert_eq(state::keys(), ["daily", "kept"]);
            assert_eq(state::once("daily", 86400, || "second"), ());
            sleep(86400 - 60);
            assert_eq(state::once("daily", 86400, || "second"), "second");
        }
        fn test_others_see_nothing_of_it() { assert_eq(state::keys(), []); }
    "#;
    let ended = Juben::new(&["test"]).file("state_test.rhai", text).run();
    assert!(ended.code == 0 && ended.stdout.contains("2 passed, 0 failed"), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let refused = |text: &str, kind: Kind, message: &str| {
        let error = Script::new(text).throws(kind);
        assert!(error.message.contains(message), "{}", error.message);
    };
    let secret = r#"state::set("token", #{ all: [platform::get_stable_access_token().access_token] })"#;
    refused(secret, Kind::Argument, "the value of `token` has a secret in it");
    refused(r#"state::set("f", || 1)"#, Kind::Argument, "cannot be kept");
    refused(r#"state::set("", 1)"#, Kind::Argument, "the key is empty");
    refused(r#"state::set("a", 1, 0)"#, Kind::Argument, "`ttl` is 0");
    refused(r#"state::once("a", 0, || 1)"#, Kind::Argument, "`ttl` is 0");
    refused(r#"state::set("a", "1"); state::incr("a")"#, Kind::Argument, "`a` is of type string");
    refused(r#"state::set("a", 9223372036854775807); state::incr("a")"#, Kind::Argument, "larger than a number can be");
    refused(r#"let text = ""; text.pad(1100000, 'a'); state::set("a", text)"#, Kind::TooLarge, "1100002 bytes");
}

#[test]
fn what_was_locked_leaves_nothing_behind() {
    let desk = Desk::new(&[(
        "many.rhai",
        r#"for i in 0..30 { state::lock("one", || state::incr("n")); state::once(`key ${i}`, 60, || ()); }"#,
    )]);
    let ended = desk.both(["many.rhai", "many.rhai"]);
    assert!(ended.iter().all(|ended| ended.code == 0), "{ended:?}");
    assert_eq!(fs::read_dir(desk.path(".state/locks")).unwrap().count(), 0);
    fs::write(desk.path("many.rhai"), r#"state::get("n")"#).unwrap();
    desk.prints("many.rhai", "60\n");
}
