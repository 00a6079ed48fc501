//! Packages of a project: taken in, locked, updated, vendored, and refused when they are not what was locked.

mod damage;
mod git;
mod indexes;
mod inspect;
mod large;
mod project;
mod question;
mod trust;

use crate::{
    command::{Ended, Juben},
    package::{manifest, table},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A folder with projects, packages and repositories of several teams, and one cache.
struct Disk(tempfile::TempDir);

/// The package of the examples: it lists books.
const READS: &[(&str, &str)] = &[("read:novel.list_books", "finds the books")];
const LISTS: &str = "fn books() { novel::list_books(#{ limit: 1 }); 1 }\n";

/// Its next version: it extends grants, too.
const WRITES: &[(&str, &str)] =
    &[("read:novel.list_books", "finds the books"), ("write:novel.add_book_auth", "extends grants")];
const EXTENDS: &str = "fn books() { novel::list_books(#{ limit: 1 }); 1 }
fn extend() {
    let book = novel::list_books(#{ limit: 1 }).book_list[0].book_id;
    let end = time::now() + 86400 * 30;
    novel::add_book_auth(#{ books: [#{ book_id: book, grantee_appid: `wx00000000000000a1`, expire_time: end }] });
    `extended`
}
";

impl Disk {
    fn new() -> Disk {
        Disk(tempfile::tempdir().unwrap())
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn is_there(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// A package in this folder, with one module of its own name.
    fn package(&self, folder: &str, name: &str, version: &str, rights: &[(&str, &str)], module: &str) {
        let short = name.split('/').nth(1).unwrap();
        let rights = table(rights.iter().copied());
        self.write(&format!("{folder}/package.toml"), &manifest(name, version, &[short], &rights));
        self.write(&format!("{folder}/{short}.rhai"), module);
    }

    /// The same, with what it needs.
    fn depends(&self, folder: &str, on: &[(&str, &str)]) {
        let file = format!("{folder}/package.toml");
        self.write(&file, &format!("{}[dependencies]\n{}", self.read(&file), table(on.iter().copied())));
    }

    /// `juben` as somebody starts it in the project.
    fn start(&self, arguments: &[&str]) -> Juben {
        self.start_in("project", arguments)
    }

    fn start_in(&self, folder: &str, arguments: &[&str]) -> Juben {
        fs::create_dir_all(self.path(folder)).unwrap();
        let mut juben = Juben::new(arguments);
        juben.command().current_dir(self.path(folder)).env("HOME", self.path("home"));
        juben.env("JUBEN_CACHE", self.path("cache").to_str().unwrap()).env("GIT_CONFIG_GLOBAL", "/dev/null")
    }

    fn juben(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).run()
    }

    /// It ends well; what it prints.
    #[track_caller]
    fn does(&self, arguments: &[&str]) -> String {
        let ended = self.juben(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:?}");
        ended.stdout
    }

    /// It ends with this code, and says each of these.
    #[track_caller]
    fn refuses(&self, code: i32, arguments: &[&str], said: &[&str]) -> Ended {
        let ended = self.juben(arguments);
        let plain = ended.stderr.replace("\n  │ ", " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        said.iter().for_each(|said| assert!(plain.contains(said), "{said:?} is not in\n{}", ended.stderr));
        ended
    }

    /// Git, as the other team uses it.
    fn git(&self, folder: &str, words: &[&str]) -> String {
        fs::create_dir_all(self.path(folder)).unwrap();
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Team", "-c", "user.email=team@example.org", "-c", "init.defaultBranch=main"]);
        command.args(words).current_dir(self.path(folder));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").env_remove("GIT_DIR");
        let output = command.output().expect("this test needs the program git");
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// All that is in the folder becomes a commit with that tag.
    fn commit(&self, folder: &str, tag: &str) -> String {
        if !self.path(folder).join(".git").exists() {
            self.git(folder, &["init", "--quiet"]);
        }
        self.git(folder, &["add", "--all"]);
        self.git(folder, &["commit", "--quiet", "--message", tag]);
        self.git(folder, &["tag", tag]);
        self.git(folder, &["rev-parse", "HEAD"])
    }
}

fn remove(path: &Path) {
    if path.exists() {
        fs::remove_dir_all(path).unwrap();
    }
}
