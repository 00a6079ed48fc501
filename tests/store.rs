//! What outlives a run: where it is, what is said when it cannot be used, and two processes at once.

use crate::{
    command::{Ended, Juben},
    script::Server,
};
use juben::sandbox::{Fault, FaultKind};
use std::{fs, path::Path};

const UPLOAD: &str = r#"upload::file("clip.mp4", #{ media_name: "归来记 - 第80集", retries: 1 })"#;

/// A run whose state is in a folder of the test's.
fn juben(server: &Server, state: &Path, arguments: &[&str]) -> Juben {
    let toml = format!(
        "[account.main]\nplatform = \"wechat\"\nappid = \"wx1234567890abcdef\"\nsecret = \"cmd:echo sandbox-secret\"\n\
         base_url = \"{}\"\n[http]\nbackoff_ms = 1\nretries = 1\n",
        server.sandbox.url()
    );
    let juben = Juben::new(arguments).file("juben.toml", &toml).file("up.rhai", UPLOAD).file("clip.mp4", &video());
    juben.env("JUBEN_STATE", state.to_str().unwrap())
}

fn video() -> String {
    "0123456789abcde\n".repeat(11 << 16)
}

fn list(server: &Server, state: &Path) -> String {
    let ended = juben(server, state, &["uploads"]).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    ended.stdout
}

/// The value of a field in lines of JSON.
fn field<'a>(lines: &'a str, name: &str) -> Vec<&'a str> {
    let value = |line: &'a str| line.split_once(&format!("\"{name}\":")).unwrap().1.split([',', '}']).next().unwrap();
    lines.lines().map(value).collect()
}

#[test]
fn uploads_are_listed_resumed_and_forgotten() {
    let server = Server::start();
    let state = tempfile::tempdir().unwrap();
    assert_eq!(list(&server, state.path()), "");
    server.sandbox.fail([Fault {
        operation: Some("drama.commit_upload".into()),
        times: 99,
        ..Fault::next(FaultKind::Errcode)
    }]);
    // The folder of a run goes with it; a file that is resumed has to stay.
    let files = tempfile::tempdir().unwrap();
    fs::write(files.path().join("clip.mp4"), video()).unwrap();
    let script = UPLOAD.replace("clip.mp4", files.path().join("clip.mp4").to_str().unwrap());
    let ended = juben(&server, state.path(), &["run", "here.rhai"]).file("here.rhai", &script).run();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let listed = list(&server, state.path());
    assert_eq!(field(&listed, "state"), ["\"stopped\""]);
    assert_eq!(field(&listed, "media_name"), ["\"归来记 - 第80集\""]);

    server.sandbox.clear_faults();
    server.sandbox.forget_requests();
    let ended = juben(&server, state.path(), &["uploads", "resume"]).run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(server.operations().iter().filter(|name| *name == "drama.upload_part").count(), 0);
    assert_eq!(field(&list(&server, state.path()), "state"), ["\"done\""]);
    let ended = juben(&server, state.path(), &["uploads", "forget", "--done"]).run();
    assert_eq!((ended.code, ended.stderr.trim()), (0, "INFO 1 forgotten"));
    assert_eq!(list(&server, state.path()), "");
    let ended = juben(&server, state.path(), &["uploads", "forget", "7"]).run();
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("there is no upload 7"), "{}", ended.stderr);
}

#[test]
fn two_processes_do_not_upload_one_file_twice() {
    let server = Server::start();
    let state = tempfile::tempdir().unwrap();
    let run = || juben(&server, state.path(), &["run", "up.rhai"]).run();
    let both: Vec<Ended> = std::thread::scope(|scope| {
        let runs = [scope.spawn(run), scope.spawn(run)];
        runs.map(|run| run.join().unwrap()).into()
    });
    assert!(both.iter().all(|ended| ended.code == 0), "{} {}", both[0].stderr, both[1].stderr);
    assert_eq!(both[0].stdout, both[1].stdout);
    let commits = server.operations().into_iter().filter(|name| name == "drama.commit_upload").count();
    assert_eq!(commits, 1);
}

#[test]
fn a_dry_run_notes_nothing_and_sends_no_write() {
    let server = Server::start();
    let state = tempfile::tempdir().unwrap();
    let ended = juben(&server, state.path(), &["run", "up.rhai", "--dry-run"]).run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("would call drama.apply_upload"), "{}", ended.stderr);
    assert_eq!(server.operations(), Vec::<String>::new());
    assert_eq!(list(&server, state.path()), "");
}

#[track_caller]
fn says(server: &Server, state: &Path, said: &str) {
    let ended = juben(server, state, &["uploads"]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{}", ended.stderr);
    let plain = ended.stderr.replace("\n  │ ", " ");
    assert!(plain.contains(said) && plain.contains("help: "), "{}", ended.stderr);
}

#[test]
fn a_state_that_cannot_be_used_is_named_with_what_to_do() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    says(&server, &file, "cannot be created");

    let damaged = folder.path().join("damaged");
    fs::create_dir(&damaged).unwrap();
    fs::write(damaged.join("juben.db"), "this is no database, whatever its name says".repeat(100)).unwrap();
    says(&server, &damaged, "is damaged");
}

#[test]
fn the_state_of_a_newer_juben_is_left_alone() {
    let server = Server::start();
    let state = tempfile::tempdir().unwrap();
    assert_eq!(list(&server, state.path()), "");
    crate::script::RUNTIME.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(state.path().join("juben.db"));
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let insert = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                      values (9999, 'the future', true, x'00', 0)";
        sqlx::query(insert).execute(&pool).await.unwrap();
    });
    says(&server, state.path(), "was written by a newer version of juben");
}

#[test]
fn the_state_is_the_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("deep/state");
    assert_eq!(list(&server, &state), "");
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
}
