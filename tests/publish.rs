//! Packages are made, signed, published and found; what should not be published is not.

use crate::command::{Ended, Juben};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
};

/// Start it in this folder, which is also its user's home.
fn juben(folder: &Path, words: &[&str]) -> Ended {
    let mut juben = Juben::new(words);
    juben.command().current_dir(folder).env("HOME", folder);
    for name in ["GIT_AUTHOR", "GIT_COMMITTER"] {
        juben.command().env(format!("{name}_NAME"), "Writer").env(format!("{name}_EMAIL"), "writer@example.org");
    }
    juben.command().env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    juben.run()
}

#[track_caller]
fn done(folder: &Path, words: &[&str]) -> String {
    let ended = juben(folder, words);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "juben {}", words.join(" "));
    ended.stdout
}

#[track_caller]
fn refused(folder: &Path, words: &[&str], code: i32, said: &str) {
    let ended = juben(folder, words);
    // The report breaks long lines where the terminal ends.
    let told = ended.stderr.replace("│", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(ended.code == code && told.contains(said), "juben {}: {}\n{}", words.join(" "), ended.code, ended.stderr);
}

/// A folder with the package `team/grants` in `grants`.
fn package() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["new", "package", "team/grants"]);
    folder
}

fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn a_new_package_passes_as_it_is() {
    let folder = package();
    assert!(done(folder.path(), &["run", "grants/example.rhai", "--sandbox", "--quiet"]).lines().count() > 1);
    let checked = juben(folder.path(), &["check", "grants", "--deny-warnings"]);
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let tested = juben(folder.path(), &["test", "grants"]);
    assert!(tested.code == 0 && tested.stdout.contains("2 passed"), "{}", tested.stdout);
    refused(folder.path(), &["new", "package", "team/grants"], 2, "grants is there already");
    refused(folder.path(), &["new", "package", "grants"], 2, "no name of a package");
    // A word that Rhai keeps for itself is no name in a script.
    done(folder.path(), &["new", "package", "team/go-on"]);
    done(folder.path(), &["new", "package", "team/print"]);
    for name in ["go-on", "print"] {
        assert_eq!(juben(folder.path(), &["test", name]).code, 0, "{name}");
    }
}

#[test]
fn the_same_files_make_the_same_archive() {
    let (one, other) = (package(), package());
    let sum = |folder: &Path| done(folder, &["pack", "grants"]).lines().last().unwrap().to_owned();
    assert_eq!(sum(one.path()), sum(other.path()));
    let archive = |folder: &Path| fs::read(folder.join("grants-0.1.0.tar.gz")).unwrap();
    assert_eq!(archive(one.path()), archive(other.path()));
    refused(one.path(), &["pack", "grants", "-o", "grants/a.tar.gz"], 2, "is in the package itself");
    refused(one.path(), &["pack", "."], 2, "package.toml is not there");
}

#[test]
fn keys_are_made_listed_and_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    refused(home, &["key", "new"], 2, "JUBEN_KEY_PASSWORD");
    let made = done(home, &["key", "new", "--no-password"]);
    let key = made.lines().nth(2).unwrap().trim().to_owned();
    let keys = home.join(".config/juben/keys");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(keys.join("main.key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(fs::read_to_string(keys.join("main.pub")).unwrap().contains(&key));
    refused(home, &["key", "new", "--no-password"], 2, "there is a key `main` already");
    refused(home, &["key", "trust", &key, "--for", "team/*"], 2, "`juben init` writes a juben.toml");
    fs::write(home.join("juben.toml"), "# ours\n[http]\ntimeout = 5 # short\n").unwrap();
    done(home, &["key", "trust", ".config/juben/keys/main.pub", "--for", "team/*"]);
    let expected = format!("# ours\n[http]\ntimeout = 5 # short\n\n[trust]\n\"team/*\" = [\"{key}\"]\n");
    assert_eq!(fs::read_to_string(home.join("juben.toml")).unwrap(), expected);
    let listed = done(home, &["key", "list", "--output", "csv"]);
    assert!(listed.contains(&format!("{key},")) && listed.trim_end().ends_with(",main,team/*"), "{listed}");
    refused(home, &["key", "trust", "RWabc", "--for", "team/*"], 2, "no public key");
    refused(home, &["key", "trust", &key, "--for", "Team"], 2, "[trust] has");
    assert_eq!(fs::read_to_string(home.join("juben.toml")).unwrap(), expected);
}

#[test]
fn a_key_with_a_password_signs_with_it_only() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plan.json"), "{}").unwrap();
    let with = |password: &str, words: &[&str]| {
        let mut juben = Juben::new(words).env("JUBEN_KEY_PASSWORD", password);
        juben.command().current_dir(folder.path()).env("HOME", folder.path());
        juben.run()
    };
    assert_eq!(with("open sesame", &["key", "new", "second"]).code, 0);
    let wrong = with("open barley", &["key", "sign", "plan.json"]);
    assert!(wrong.code == 1 && wrong.stderr.contains("Wrong password"), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("juben key new NAME"), "{}", wrong.stderr);
    assert!(!folder.path().join("plan.json.minisig").exists());
    assert_eq!(with("open sesame", &["key", "sign", "plan.json"]).code, 0);
    let signature = fs::read_to_string(folder.path().join("plan.json.minisig")).unwrap();
    assert_eq!(signature.lines().count(), 4);
    for ended in [wrong, with("open sesame", &["key", "list"])] {
        assert!(!format!("{}{}", ended.stdout, ended.stderr).contains("sesame"));
    }
}

#[test]
fn a_package_is_published_into_an_index_and_found() {
    let folder = package();
    let home = folder.path();
    done(home, &["key", "new", "--no-password"]);
    let published = done(home, &["publish", "grants", "--to", "index"]);
    assert!(published.contains("\npublished team/grants 0.1.0 into index, signed with RW"), "{published}");
    assert!(done(home, &["publish", "grants", "--to", "index"]).contains("already, with the same files"));
    fs::write(home.join("juben.toml"), "[[index]]\nname = \"ours\"\nurl = \"index\"\n").unwrap();
    let found = done(home, &["search", "NOVELS", "--output", "csv"]);
    assert!(found.starts_with("name,version,summary,signed,index\nteam/grants,0.1.0,Titles of"), "{found}");
    let none = juben(home, &["search", "grantz"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.contains("no package has `grantz` in its name or summary; did you mean grants?"), "{none:?}");

    change(&home.join("grants/README.md"), "Titles", "All titles");
    refused(home, &["publish", "grants", "--to", "index"], 1, "index has team/grants 0.1.0 already, with other files");
    change(&home.join("grants/package.toml"), "version = \"0.1.0\"", "version = \"0.2.0\"");
    done(home, &["publish", "grants", "--to", "index"]);
    assert!(done(home, &["search", "--output", "csv"]).contains("team/grants,0.2.0,"));
    refused(home, &["publish", "grants", "--to", "grants/index"], 2, "grants/index is in the package itself");
    refused(home, &["publish", "grants", "--to", "index", "--unsigned"], 2, "the index in index is signed");
}

#[test]
fn what_does_not_pass_is_not_published() {
    let folder = package();
    let (home, module) = (folder.path(), folder.path().join("grants/grants.rhai"));
    let publish = ["publish", "grants", "--to", "index"];
    let good = fs::read_to_string(&module).unwrap();

    change(&module, "book.title", "\"\"");
    refused(home, &publish, 1, "not all of its tests pass");
    fs::write(&module, &good).unwrap();

    change(&module, "fn titles() {", "fn titles() { unknown();");
    assert_eq!(juben(home, &publish).code, 2);
    fs::write(&module, format!("{good}\nfn remove(id) {{ novel::delete_book(#{{ book_id: id }}); }}\n")).unwrap();
    refused(home, &publish, 4, "destructive:novel.delete_book");
    assert!(!home.join("index").exists());
}

fn git(folder: &Path, words: &[&str]) -> String {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["-c", "user.name=Writer", "-c", "user.email=writer@example.org"]).args(words);
    let output = git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output();
    let output = output.expect("this test needs the program git");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_package_is_published_as_a_tag_of_no_branch() {
    let folder = package();
    let home = folder.path();
    done(home, &["key", "new", "--no-password"]);
    refused(home, &["publish", "grants", "--tag"], 2, "git in grants");
    git(home, &["init", "--quiet", "--initial-branch=main", "."]);
    git(home, &["add", "grants"]);
    git(home, &["commit", "--quiet", "-m", "first"]);
    let head = git(home, &["rev-parse", "HEAD"]);

    let published = done(home, &["publish", "grants", "--tag"]);
    assert!(published.contains("as the tag v0.1.0, signed with RW"), "{published}");
    assert_eq!(git(home, &["rev-parse", "v0.1.0^"]), head);
    assert_eq!(git(home, &["rev-parse", "HEAD", "main"]), head.repeat(2));
    assert_eq!(git(home, &["status", "--porcelain", "grants"]), "");
    assert_eq!(git(home, &["branch", "--contains", "v0.1.0"]), "");
    let changed = git(home, &["diff", "--name-only", "HEAD", "v0.1.0"]);
    assert_eq!(changed, "grants/package.sums\ngrants/package.sums.minisig\n");
    let sums = git(home, &["show", "v0.1.0:grants/package.sums"]);
    assert_eq!(sums.lines().count(), 5);

    assert!(done(home, &["publish", "grants", "--tag"]).contains("already, with the same files"));
    change(&home.join("grants/README.md"), "Titles", "All titles");
    refused(home, &["publish", "grants", "--tag=v0.2.0"], 1, "changes that are not committed");
    git(home, &["commit", "--quiet", "-am", "second"]);
    refused(home, &["publish", "grants", "--tag"], 1, "the tag v0.1.0 has team/grants 0.1.0 already");
    fs::write(home.join("grants/.gitignore"), "notes.txt\n").unwrap();
    git(home, &["add", "grants"]);
    git(home, &["commit", "--quiet", "-m", "third"]);
    fs::write(home.join("grants/notes.txt"), "mine").unwrap();
    refused(home, &["publish", "grants", "--tag=v0.3.0"], 1, "notes.txt is not in git");
    refused(home, &["publish", "grants", "--tag=a..b"], 2, "cannot be a tag");
}

/// A server that answers each request by this.
fn server(answer: impl Fn(&str, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..count]).into_owned();
            answer(request.split(' ').nth(1).unwrap_or_default(), &mut stream).ok();
        }
    });
    address
}

/// What `juben search` says of such a server.
#[track_caller]
fn said_of(url: &str, settings: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let toml = format!("[http]\ntimeout = 1\ndeadline = 3\n[[index]]\nname = \"theirs\"\nurl = \"{url}\"\n{settings}");
    fs::write(folder.path().join("juben.toml"), toml).unwrap();
    let ended = juben(folder.path(), &["search"]);
    assert!(ended.code != 0 && ended.stdout.is_empty(), "{}", ended.stdout);
    ended.stderr.replace("│", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ok(stream: &mut TcpStream, body: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

#[test]
fn a_hostile_index_is_given_up_by_name() {
    let lies = server(|_, stream| ok(stream, "{\"sha256\":\"0000\"}\n"));
    let said = said_of(&lies, "");
    assert!(said.contains(&format!("{lies}/index.jsonl, line 1: it is not the SHA-256")), "{said}");

    let hangs = server(|_, stream| stream.read(&mut [0; 1]).map(drop));
    assert!(said_of(&hangs, "").contains("nothing has come for 1 s"));

    let drips = server(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            stream.write_all(b"a")?;
            std::thread::park_timeout(std::time::Duration::from_millis(100));
        }
    });
    assert!(said_of(&drips, "").contains("no answer in time"));

    let elsewhere = server(|_, _| panic!("nobody was sent here"));
    let sends = server(move |_, stream| {
        write!(stream, "HTTP/1.1 302 Found\r\nlocation: {elsewhere}/\r\ncontent-length: 0\r\n\r\n")
    });
    let said = said_of(&sends, "");
    assert!(said.contains("302 Found") && said.contains("does not go to by itself"), "{said}");

    let endless = server(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            stream.write_all(&[b'a'; 1 << 16])?;
        }
    });
    assert!(said_of(&endless, "").contains("it is larger than 16777216 bytes"));

    let missing = server(|_, stream| stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"));
    assert!(said_of(&missing, "").contains("404 Not Found"));

    let unsigned = server(|path, stream| match path.ends_with(".minisig") {
        true => stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"),
        false => ok(stream, ""),
    });
    let said = said_of(&unsigned, "keys = [\"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\"]\n");
    assert!(said.contains("index.jsonl.minisig"), "{said}");
}

#[test]
fn a_package_comes_by_http_as_its_bytes_are() {
    let folder = package();
    let home = folder.path();
    done(home, &["publish", "grants", "--to", "index"]);
    let index = home.join("index");
    let address = server(move |path, stream| match fs::read(index.join(path.trim_start_matches('/'))) {
        Ok(bytes) => {
            // Some servers say so of every .gz, and mean its own form.
            let packed = if path.ends_with(".gz") { "content-encoding: gzip\r\n" } else { "" };
            write!(stream, "HTTP/1.1 200 OK\r\n{packed}content-length: {}\r\nconnection: close\r\n\r\n", bytes.len())?;
            stream.write_all(&bytes)
        }
        Err(_) => stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
    });
    let project = |url: &str| {
        fs::create_dir_all(home.join("project")).unwrap();
        let toml = format!("[[index]]\nname = \"theirs\"\nurl = \"{url}\"\n");
        fs::write(home.join("project/juben.toml"), toml).unwrap();
        home.join("project")
    };
    let folder = project(&address);
    let added = juben(&folder, &["add", "team/grants", "--yes"]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    assert!(fs::read_to_string(folder.join("juben.lock")).unwrap().contains(&format!(" index:{address} ")));

    refused(&project(&format!("{address}/other")), &["search"], 1, "what comes before /index.jsonl");
    fs::remove_file(home.join("index/team/grants/grants-0.1.0.tar.gz")).unwrap();
    fs::remove_file(folder.join("juben.lock")).unwrap();
    fs::remove_dir_all(folder.join(".cache")).unwrap();
    refused(&project(&address), &["add", "team/grants", "--yes"], 1, "the index lists it, and does not have it");
    refused(&project(&address), &["add", "team/grantz", "--yes"], 1, "did you mean team/grants?");
}

#[test]
fn what_one_index_has_is_found_when_another_cannot_be_reached() {
    let folder = package();
    let home = folder.path();
    refused(home, &["search"], 2, "juben.toml names no index");
    done(home, &["publish", "grants", "--to", "index"]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let toml = |indexes: &[(&str, &str)]| {
        let text: String =
            indexes.iter().map(|(name, url)| format!("[[index]]\nname = {name:?}\nurl = {url:?}\n")).collect();
        fs::write(home.join("juben.toml"), text).unwrap();
    };
    let gone = format!("http://{closed}");
    toml(&[("gone", &gone), ("ours", "index")]);
    let found = juben(home, &["search", "grants"]);
    assert!(found.code == 0 && found.stdout.contains("\"name\":\"team/grants\""), "{found:?}");
    assert!(found.stderr.contains("the index gone is left out: ") && found.stderr.contains(&gone), "{}", found.stderr);
    let only = juben(home, &["search", "grants", "--index", "gone"]);
    assert!(only.code == 1 && only.stdout.is_empty() && only.stderr.contains(&gone), "{only:?}");
    refused(home, &["search", "--index", "our"], 2, "did you mean `ours`?");
}
