//! Git repositories that are not what they should be.

use super::{Disk, LISTS, READS};
use crate::terminal::{CTRL_C, Terminal};
use std::{
    fs,
    io::Read,
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

#[test]
fn an_address_that_is_more_than_that_runs_nothing() {
    let disk = Disk::new();
    let mark = disk.path("mark");
    let touch = format!("touch {}", mark.display());
    for url in [
        format!("ext::sh -c {}", touch.replace(' ', "% ")),
        format!("--upload-pack={touch}"),
        format!("-u{touch}"),
        format!("ssh://-oProxyCommand={}/a", touch.replace(' ', "%20")),
        "fd::3".to_owned(),
        "https://me:secret@git.example.org/a.git".to_owned(),
        "ftp://git.example.org/a.git".to_owned(),
    ] {
        let git = format!("--git={url}");
        let ended = disk.refuses(2, &["add", &git], &["cannot be the address of a git repository"]);
        assert!(ended.stdout.is_empty() && !mark.exists(), "{url}: {ended:?}");
        assert!(!ended.stderr.contains("secret"), "{ended:?}");
        // Nor from a file that somebody else has written.
        disk.write("other/juben.toml", &format!("[packages]\n\"team/a\" = {{ git = {url:?} }}\n"));
        let ended = disk.start_in("other", &["update"]).run();
        assert!(ended.code == 2 && !mark.exists() && !disk.is_there("other/juben.lock"), "{url}: {ended:?}");
    }
}

#[test]
fn hooks_filters_and_settings_of_a_repository_run_nothing_and_change_nothing() {
    let disk = Disk::new();
    let mark = disk.path("mark");
    disk.package("theirs", "team/grants", "1.0.0", READS, &LISTS.replace('\n', "\r\n"));
    disk.write("theirs/.gitattributes", "*.rhai text eol=lf filter=evil export-subst export-ignore\n");
    disk.write("theirs/about.rhai", "// $Format:%H$\n");
    disk.git("theirs", &["init", "--quiet"]);
    let touch = format!("touch {}", mark.display());
    for hook in ["post-checkout", "pre-auto-gc", "post-upload-pack", "reference-transaction"] {
        disk.write(&format!("theirs/.git/hooks/{hook}"), &format!("#!/bin/sh\n{touch}\n"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = disk.path(&format!("theirs/.git/hooks/{hook}"));
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    // Git itself would run the hook of a commit here; the files are put there without.
    let (blob, config) = ("-c", format!("core.hooksPath={}", disk.path("none").display()));
    disk.git("theirs", &[blob, &config, "-c", "core.autocrlf=false", "add", "--all"]);
    disk.git("theirs", &[blob, &config, "commit", "--quiet", "--message", "1"]);
    disk.git("theirs", &["config", "filter.evil.smudge", &touch]);
    disk.does(&["add", "--git", "../theirs", "--yes"]);
    assert!(!mark.exists());
    let hash = disk.read("project/juben.lock").split("sha256:").nth(1).unwrap()[..64].to_owned();
    let kept = |file: &str| disk.read(&format!("cache/packages/{hash}/{file}"));
    assert_eq!(kept("about.rhai"), "// $Format:%H$\n");
    assert_eq!(kept("grants.rhai"), disk.git("theirs", &["show", "HEAD:grants.rhai"]) + "\n");
}

#[cfg(unix)]
#[test]
fn links_and_other_repositories_in_a_commit_are_refused() {
    let disk = Disk::new();
    disk.package("theirs", "team/grants", "1.0.0", READS, LISTS);
    std::os::unix::fs::symlink("/etc/passwd", disk.path("theirs/passwd")).unwrap();
    let commit = disk.commit("theirs", "v1");
    disk.refuses(4, &["add", "--git", "../theirs", "--tag", "v1"], &["passwd cannot be in a package: it is a link"]);
    fs::remove_file(disk.path("theirs/passwd")).unwrap();
    disk.git("theirs", &["update-index", "--add", "--cacheinfo", &format!("160000,{commit},inner")]);
    disk.git("theirs", &["commit", "--quiet", "--message", "2"]);
    disk.refuses(
        4,
        &["add", "--git", "../theirs"],
        &["inner cannot be in a package: it is a link or another repository"],
    );
    assert!(!disk.is_there("project/juben.toml"));
}

#[test]
fn a_reference_that_is_not_there_is_told_with_what_is() {
    let disk = Disk::new();
    disk.package("theirs/packages/grants", "team/grants", "1.0.0", READS, LISTS);
    let commit = disk.commit("theirs", "v1.0.0");
    fn add<'a>(words: &[&'a str]) -> Vec<&'a str> {
        [&["add", "--git", "../theirs"], words].concat()
    }
    disk.refuses(1, &add(&["--tag", "v1.0.1"]), &["has no tag `v1.0.1`", "did you mean `v1.0.0`?"]);
    disk.refuses(1, &add(&["--branch", "nothing"]), &["has no branch `nothing`", "its branches are main"]);
    disk.refuses(1, &add(&["--branch", "mian"]), &["has no branch `mian`", "did you mean `main`?"]);
    disk.refuses(
        1,
        &add(&["--rev", "0123456789"]),
        &["has no commit `0123456789`", "only commits of branches and tags"],
    );
    disk.refuses(1, &add(&["--rev=--all"]), &["has no commit `--all`"]);
    disk.git("theirs", &["branch", "abcdef1"]);
    disk.refuses(1, &add(&["--rev", "abcdef1"]), &["has no commit `abcdef1`"]);
    disk.refuses(1, &add(&["--branch", "main~1^{tree}"]), &["has no branch"]);
    disk.refuses(2, &add(&[]), &["is no package: it has no package.toml", "subfolder"]);
    disk.refuses(1, &add(&["--subfolder", "other"]), &["has no folder `other`"]);
    disk.refuses(1, &["add", "--git", "../nothing"], &["git cannot read ../nothing"]);
    disk.does(&add(&["--subfolder", "packages/grants", "--rev", &commit[..12], "--yes"]));
    assert!(disk.read("project/juben.lock").contains(&format!("?rev={}#{commit}:packages/grants ", &commit[..12])));
}

#[test]
fn without_git_it_is_said_and_what_is_there_still_runs() {
    let disk = Disk::new();
    disk.package("theirs", "team/grants", "1.0.0", READS, LISTS);
    disk.commit("theirs", "v1");
    let ended = disk.start(&["add", "--git", "../theirs", "--yes"]).env("PATH", "").run();
    assert!(ended.code == 2 && ended.stderr.contains("the program `git` is not there"), "{ended:?}");
    assert!(ended.stderr.contains("install git"), "{ended:?}");
    disk.does(&["add", "--git", "../theirs", "--branch", "main", "--yes"]);
    disk.write("project/list.rhai", "import \"team/grants\" as grants;\nprint(grants::books());\n");
    disk.start(&["run", "list.rhai", "--sandbox", "--allow", "read"]).env("PATH", "").prints("1\n");
}

#[test]
fn a_branch_moves_on_when_told_and_not_before() {
    let disk = Disk::new();
    disk.package("theirs", "team/grants", "1.0.0", READS, LISTS);
    disk.package("other", "team/other", "1.0.0", &[], "fn one() { 1 }\n");
    disk.commit("theirs", "v1");
    disk.does(&["add", "--git", "../theirs", "--branch", "main", "--yes"]);
    let line = |disk: &Disk| {
        disk.read("project/juben.lock").lines().find(|it| it.starts_with("team/grants")).unwrap().to_owned()
    };
    let before = line(&disk);
    disk.package("theirs", "team/grants", "1.0.1", READS, "fn books() { 5 }\n");
    disk.commit("theirs", "v2");
    disk.does(&["add", "--path", "../other"]);
    assert_eq!(line(&disk), before);
    disk.does(&["update", "team/other"]);
    assert_eq!(line(&disk), before);
    assert!(disk.does(&["update"]).starts_with("~ team/grants 1.0.0 -> 1.0.1"));
}

/// A server that takes a request and never answers, and the address of a repository there.
fn silent() -> (TcpListener, String) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/team/grants.git", server.local_addr().unwrap());
    (server, url)
}

/// Nobody holds the other end any more, and nothing of it is on the disk.
#[track_caller]
fn is_over(disk: &Disk, mut stream: TcpStream) {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.read_to_end(&mut Vec::new()).expect("git is still there");
    assert!(!disk.is_there("project/juben.toml") && !disk.is_there("project/juben.lock"));
    assert_eq!(fs::read_dir(disk.path("cache/fresh")).unwrap().count(), 0);
    assert!(!disk.is_there("cache/git"));
}

#[cfg(unix)]
#[test]
fn who_is_stopped_leaves_neither_git_nor_files() {
    let (disk, (server, url)) = (Disk::new(), silent());
    for signal in ["INT", "TERM"] {
        let mut juben = disk.start(&["add", "--git", &url, "--tag", "v1"]);
        let child = juben.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stream, _) = server.accept().unwrap();
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.code() == Some(130) && said.contains("stopped"), "{said}");
        is_over(&disk, stream);
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_on_a_terminal_reaches_juben_and_not_git() {
    let (disk, (server, url)) = (Disk::new(), silent());
    fs::create_dir_all(disk.path("project")).unwrap();
    let (folder, cache) = (disk.path("project"), disk.path("cache").display().to_string());
    let mut terminal = Terminal::start_with(&["add", "--git", &url], &folder, &[("JUBEN_CACHE", &cache)]);
    let (stream, _) = server.accept().unwrap();
    terminal.send(CTRL_C);
    terminal.shows("stopped");
    assert_eq!(terminal.ends(), 130);
    is_over(&disk, stream);
}
