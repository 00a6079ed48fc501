//! Scripts that mean harm: each ends in a refusal or a limit, the process goes on, and nothing outside is read or written.

use crate::{
    command::Juben,
    script::{Script, Server},
};
use juben::{
    config::Config,
    error::Kind,
    rights::{Grant, Part},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

const SECRET: &str = "the secret of somebody else";

/// What it is granted: files below `media`, and no write on a platform.
const GRANTED: &str = "read:drama.list_dramas,read:drama.list_media";

/// Ends in a refusal that cannot be caught.
const DENIED: &[Kind] = &[Kind::Denied];
/// Ends at a limit, which cannot be caught either.
const LIMIT: &[Kind] = &[Kind::Limit];
/// Cannot be opened, whatever the reason.
const UNREADABLE: &[Kind] = &[Kind::Denied, Kind::File, Kind::Argument];
/// The language refuses it.
const REFUSED: &[Kind] = &[Kind::Script, Kind::Usage, Kind::Denied, Kind::Limit, Kind::Argument];

/// What they do, and how it ends. `OUT` is a folder beside the script's that is not theirs.
const SCRIPTS: [(&str, &[Kind]); 57] = [
    // A denial is not caught.
    ("loop { try { drama::delete_media(1) } catch { } }", DENIED),
    ("while true { try { try { drama::delete_media(1) } catch { drama::delete_media(2) } } catch { } }", DENIED),
    ("fn act() { try { drama::delete_media(1) } catch { act() } } act()", DENIED),
    ("[1, 2, 3].map(|id| { try { drama::delete_media(id) } catch { } })", DENIED),
    ("for id in 0..9 { try { calls::many(\"drama.delete_media\", [#{ media_id: id }]) } catch { } }", DENIED),
    ("let act = || drama::delete_media(1); try { act.call() } catch { act.call() }", DENIED),
    ("try { throw 1 } catch { drama::delete_media(1) }", DENIED),
    ("[2, 1].sort(|a, b| { try { drama::delete_media(1) } catch { 0 } })", DENIED),
    (
        "pages::of(\"drama.list_dramas\", #{}).filter(|it| { try { drama::delete_media(1) } catch { true } }).collect()",
        DENIED,
    ),
    ("state::once(\"a\", 9, || { try { drama::delete_media(1) } catch { } })", DENIED),
    ("eval(\"drama::delete_media(1)\")", DENIED),
    ("try { eval(\"loop { try { drama::delete_media(1) } catch { } }\") } catch { }", DENIED),
    ("drama::list_dramas(#{}, #{ extra: #{ a: drama::delete_media(1) } })", DENIED),
    // Files outside are not read.
    ("files::read(\"OUT/secret\")", DENIED),
    ("files::read(\"../out/secret\")", DENIED),
    ("files::read(\"media/../../out/secret\")", DENIED),
    ("files::read(\"media/./1/../../../out/secret\")", DENIED),
    ("files::read(\"media/link\")", DENIED),
    ("files::read(\"media/up/secret\")", DENIED),
    ("files::read(\"media/away/secret\")", DENIED),
    ("try { files::read(\"media/link\") } catch { } 1", DENIED),
    ("files::exists(\"OUT/secret\")", DENIED),
    ("files::exists(\"media/link\")", DENIED),
    ("files::list(\"media/away\")", DENIED),
    ("files::list(\"..\")", DENIED),
    ("files::read(\"/proc/self/environ\")", DENIED),
    ("files::read(\"/proc/self/cwd/Cargo.toml\")", DENIED),
    ("files::read(\"/dev/zero\")", DENIED),
    ("files::read(\"media/zero\")", DENIED),
    ("let path = \"a\"; path.pad(100000, 'a'); files::read(\"media/\" + path)", UNREADABLE),
    ("files::read(\"media/a\\u0000b\")", UNREADABLE),
    ("files::read(\"media/../\\u0000/../media/a.txt\\u0000\")", UNREADABLE),
    ("files::read(\"media\")", UNREADABLE),
    ("files::read(\"\")", UNREADABLE),
    ("csv::read(\"media/link\")", DENIED),
    ("sheet::read(\"media/away/secret\")", DENIED),
    ("upload::file(\"media/away/夜行船 - 第1集.mp4\")", DENIED),
    ("upload::material(\"media/away/cover.jpg\")", DENIED),
    ("upload::dir(\"media/away\", #{ drama: \"夜行船\" })", DENIED),
    ("upload::file(\"media/a - 1.mp4\", #{ cover: \"media/away/cover.jpg\" })", DENIED),
    // Nothing outside is written.
    ("files::write(\"OUT/new\", \"x\")", DENIED),
    ("files::write(\"../out/secret\", \"x\")", DENIED),
    ("files::write(\"media/away/new\", \"x\")", DENIED),
    ("files::write(\"media/up/new\", \"x\")", DENIED),
    ("csv::write(\"media/away/new.csv\", [#{ a: 1 }])", DENIED),
    ("sheet::write(\"media/away/new.xlsx\", [#{ a: 1 }])", DENIED),
    // Work and memory have ends.
    ("loop { }", LIMIT),
    ("loop { try { loop { } } catch { } }", LIMIT),
    ("[1].map(|it| { loop { } })", LIMIT),
    ("[2, 1].sort(|a, b| { loop { } })", LIMIT),
    ("let text = \"a\"; loop { text += text; }", LIMIT),
    ("let list = [0]; loop { list += list; }", LIMIT),
    ("let text = \"\"; text.pad(9000000000000, 'a')", LIMIT),
    ("fn act(n) { act(n + 1) + 1 } act(0)", REFUSED),
    ("let act = |act, n| act.call(act, n + 1); act.call(act, 0)", REFUSED),
    ("loop { print(\"a line that is printed again and again\"); }", LIMIT),
    ("import \"../out/module\" as it;", REFUSED),
];

/// A script's folder with `media`, and a folder beside it that is not its own.
struct Ground {
    server: Arc<Server>,
    script: Script,
    _home: tempfile::TempDir,
    out: PathBuf,
}

#[cfg(unix)]
impl Ground {
    fn new() -> Ground {
        use std::os::unix::fs::symlink;
        let (server, home) = (Arc::new(Server::start()), tempfile::tempdir().unwrap());
        let out = home.path().join("out");
        fs::create_dir(&out).unwrap();
        for name in ["secret", "cover.jpg", "夜行船 - 第1集.mp4", "module.rhai"] {
            fs::write(out.join(name), SECRET).unwrap();
        }
        let script = Script::on(&server, "").file("media/1/a.txt", "a").file("media/a - 1.mp4", "a video");
        let media = script.folder().join("media");
        symlink(out.join("secret"), media.join("link")).unwrap();
        symlink(&out, media.join("away")).unwrap();
        symlink("..", media.join("up")).unwrap();
        symlink("/dev/zero", media.join("zero")).unwrap();
        Ground { server, script, _home: home, out }
    }

    /// Run it with files below `media`, and little to use.
    fn run(self, text: &str) -> (Ground, juben::Error) {
        let Ground { server, script, _home, out } = self;
        let script = script.with_text(&text.replace("OUT", out.to_str().unwrap()));
        let rights = format!("{GRANTED},files:{}", script.folder().join("media").display());
        let part = Part {
            name: "team/harm 1.0.0".into(),
            needs: juben::rights::Rights::everything(),
            grant: Some(Grant::of(rights.parse().unwrap())),
        };
        let client = server.client().guarded(Arc::new(juben::rights::Guard::new(vec![part])));
        let mut config: Config = server.config();
        (config.limits.operations, config.limits.memory) = (300_000, 400 << 20);
        let error = match script.run_freely(client, &config).result {
            Ok(value) => panic!("{text}: {value:?}"),
            Err(error) => error,
        };
        (Ground { server, script, _home, out }, error)
    }

    /// Every file below a folder, with what is in it.
    fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
    }
}

#[cfg(unix)]
#[test]
fn each_ends_in_a_refusal_or_a_limit_and_nothing_outside_is_touched() {
    let mut ground = Ground::new();
    let before = Ground::files(&ground.out);
    for (text, ends) in SCRIPTS {
        let (after, error) = ground.run(text);
        ground = after;
        assert!(ends.contains(&error.kind), "{text}: {:?} {error}", error.kind);
        assert!(!format!("{error:?}").contains(SECRET), "{text}: {error:?}");
        assert_eq!(Ground::files(&ground.out), before, "{text}");
        let called = ground.server.operations();
        assert!(called.iter().all(|name| GRANTED.contains(name.as_str())), "{text}: {called:?}");
    }
    // The process goes on as if nothing had been.
    let script = ground.script.with_text("drama::list_dramas(); 1");
    assert!(script.run().result.is_ok());
}

#[cfg(unix)]
#[test]
fn what_replaces_a_link_is_written_beside_it_and_not_where_it_leads() {
    let Ground { server, script, _home, out } = Ground::new();
    let script = script.with_text("files::write(\"media/link\", \"mine\"); files::read(\"media/link\")");
    let rights = format!("files:{}", script.folder().join("media").display());
    let guard = script.guard(&Grant::of(rights.parse().unwrap())).unwrap();
    let read = script.run_freely(server.client().guarded(Arc::new(guard)), &server.config()).result.unwrap();
    assert_eq!(read.to_string(), "mine");
    assert_eq!(fs::read_to_string(out.join("secret")).unwrap(), SECRET);
}

#[cfg(unix)]
#[test]
fn a_folder_that_somebody_swaps_for_a_link_meanwhile_gives_nothing_away() {
    use std::os::unix::fs::symlink;
    let Ground { server, script, _home, out } = Ground::new();
    let media = script.folder().join("media");
    fs::create_dir(media.join("swapped")).unwrap();
    fs::write(media.join("swapped/secret"), "mine").unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let swapping = {
        let (stop, media, out) = (stop.clone(), media.clone(), out.clone());
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                fs::rename(media.join("swapped"), media.join("aside")).unwrap();
                symlink(&out, media.join("swapped")).unwrap();
                fs::remove_file(media.join("swapped")).unwrap();
                fs::rename(media.join("aside"), media.join("swapped")).unwrap();
            }
        })
    };
    let rights = format!("files:{}", media.display());
    let script = script.with_text("files::read(\"media/swapped/secret\")");
    let (mut read, mut denied) = (0, 0);
    for _ in 0..300 {
        let guard = script.guard(&Grant::of(rights.parse().unwrap())).unwrap();
        match script.run_freely(server.client().guarded(Arc::new(guard)), &server.config()).result {
            Ok(text) => {
                assert_eq!(text.to_string(), "mine");
                read += 1;
            }
            Err(error) => {
                assert!(matches!(error.kind, Kind::Denied | Kind::File), "{error}");
                denied += 1;
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    swapping.join().unwrap();
    assert!(read + denied == 300 && fs::read_to_string(out.join("secret")).unwrap() == SECRET);
}

/// What could end a process as a whole is tried in one of its own.
#[test]
fn the_process_ends_by_itself_with_an_error_that_is_told() {
    for text in [
        "let list = []; loop { list = [list]; }",
        "let map = #{}; loop { map = #{ a: map }; }",
        "let act = || 1; loop { let inner = act; act = || inner.call(); }",
        "let text = \"\"; text.pad(100000, '['); json::parse(text)",
        "import \"again\" as it; it::act();",
        "sleep(1000000)",
        "loop { sleep(0); }",
        "let keep = []; loop { keep.push(blob(1000000)); }",
        "let keep = #{}; let n = 0; loop { n += 1; keep[`${n}`] = \"x\"; }",
        "loop { log::info(\"again\"); }",
    ] {
        let juben = Juben::new(&["run", "harm.rhai", "--sandbox", "--timeout", "3", "--quiet"])
            .file("harm.rhai", text)
            .file("again.rhai", "import \"again\" as it; fn act() { it::act() } act();")
            .file("juben.toml", "[limits]\noperations = 3000000\nmemory = 500000000\n");
        let ended = juben.run();
        let told = ended.stderr.lines().any(|line| line.contains('×'));
        assert!(ended.code == 1 && told, "{text}: {} {}", ended.code, &ended.stderr[..ended.stderr.len().min(2000)]);
    }
}

#[test]
fn a_module_that_exits_opens_no_way() {
    let server = Arc::new(Server::start());
    for text in
        ["exit(7); fn act() { }", "fn act() { exit(7); drama::list_dramas() }", "if true { exit(); } fn act() { }"]
    {
        let script = Script::on(&server, "try { import \"it\" as it; it::act(); } catch { } drama::list_dramas(); 1");
        let script = script.file("it.rhai", text);
        let guard = script.guard(&Grant::of("read:drama.list_media".parse().unwrap())).unwrap();
        drop(script.run_freely(server.client().guarded(Arc::new(guard)), &server.config()).result);
        assert_eq!(server.sandbox.requests(), [], "{text}");
    }
}
