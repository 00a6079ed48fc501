//! The prompt as a person uses it, on a terminal and in a pipe.

use crate::{
    command::Juben,
    terminal::{CTRL_C, CTRL_D, CTRL_R, ENTER, TAB, Terminal, UP},
};
use std::{
    fs,
    io::Write,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

const SANDBOX: &str = "sandbox>";

/// A prompt before a sandbox, ready for the first key.
fn sandbox(folder: &Path) -> Terminal {
    let terminal = Terminal::start(&["--sandbox"], folder);
    terminal.is_ready(SANDBOX);
    terminal
}

/// Entries in a pipe.
fn piped(arguments: &[&str], entries: &str) -> (i32, String, String) {
    let mut juben = Juben::new(arguments);
    let command = juben.command().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(entries.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn the_name_of_a_parameter_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sandbox(folder.path());
    terminal.send("drama::list_media(#{ li");
    terminal.send(TAB);
    terminal.shows("drama::list_media(#{ limit:");
    terminal.send("2, ");
    terminal.send(TAB);
    // The others, each with a line about it; the one that is there already is none of them.
    let rows = terminal.shows("offset            int, 0 or more");
    assert!(rows.iter().any(|row| row.starts_with("drama_id  ")), "{rows:#?}");
    assert!(!rows.iter().any(|row| row.starts_with("limit  ")), "{rows:#?}");
}

#[test]
fn a_hint_says_what_is_being_typed() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sandbox(folder.path());
    terminal.send("drama::list_media(#{ limit: ");
    let rows = terminal.shows("1 to 100");
    assert!(rows.iter().any(|row| row.starts_with("limit — ")), "{rows:#?}");
    terminal.send("1 })");
    terminal.send(ENTER);
    // It is gone when the entry is done.
    let rows = terminal.shows("1 row");
    assert!(!rows.iter().any(|row| row.contains("limit — ")), "{rows:#?}");
}

#[test]
fn a_table_with_chinese_titles_is_aligned_and_fits() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sandbox(folder.path());
    terminal.enter("drama::list_media(#{ limit: 3 }).media_info_list");
    let rows = terminal.shows("3 rows, ");
    assert!(rows.iter().any(|row| row.contains("hidden: ") && row.ends_with('…')), "{rows:#?}");
    let (head, id) = terminal.place_of("media_id");
    let (_, name) = terminal.place_of("name");
    for (row, media, title) in [(2, "910001", "第1集"), (3, "910002", "第2集"), (4, "910003", "第3集")] {
        assert_eq!(terminal.place_of(media), (head + row, id));
        assert_eq!(terminal.place_of(&format!("闪婚老公竟是首富 - {title}")), (head + row, name));
        // What follows the wide characters stands below its own head as well.
        let (_, drama) = terminal.place_of("drama_id");
        assert!(rows[usize::from(head + row)].contains("310045"));
        assert!(drama > name + 24);
    }
    let (first, _) = terminal.place_of("310045");
    assert_eq!(terminal.place_of("310045").1, terminal.place_of("drama_id").1, "row {first}");
}

#[test]
fn ctrl_c_ends_a_long_loop_and_the_session_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sandbox(folder.path());
    terminal.enter("let kept = [1, 2];");
    for endless in [
        r#"print("begun"); loop { for media in pages::of("drama.list_media", #{}) { kept.push(media.media_id); } }"#,
        r#"print("begun"); kept.push(3); loop { try { time::sleep(1000); } catch {} }"#,
        // A native function that is busy.
        r#"print("begun"); kept.push(4); let text = ""; text.pad(30000000, 'a'); loop { text.replace("aaaa", "aaab"); text.replace("b", "a"); }"#,
    ] {
        // What the one before has written is wiped off, so nothing of it is taken for new.
        terminal.send("\u{c}");
        terminal.until("an empty screen", |rows| rows.iter().filter(|row| !row.is_empty()).eq([SANDBOX]));
        terminal.enter(endless);
        terminal.until("that it has begun", |rows| rows.iter().any(|row| row == "begun"));
        let pressed = Instant::now();
        terminal.send(CTRL_C);
        terminal.shows("× stopped");
        terminal.is_ready(SANDBOX);
        // A quarter of a second is the promise; the machine may be busy with other tests.
        assert!(pressed.elapsed() < Duration::from_secs(2), "{:?}", pressed.elapsed());
        terminal.enter("kept.len() + 40");
        terminal.shows("42");
        terminal.is_ready(SANDBOX);
    }
    terminal.send(CTRL_D);
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn an_error_is_shown_with_its_place_in_the_entry_that_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sandbox(folder.path());
    terminal.enter("let 剧 = drama::list_meda()");
    let rows = terminal.shows("did you mean `drama::list_media`?");
    assert!(rows.iter().any(|row| row.contains("╭─[entry 1:1:16]")), "{rows:#?}");
    terminal.enter("fn book(id) { novel::get_book(id) }");
    terminal.enter(r#"book("none")"#);
    let rows = terminal.shows("╭─[entry 2:1:22]");
    assert!(rows.iter().any(|row| row.contains("fn book(id) { novel::get_book(id) }")), "{rows:#?}");
    // The session is as it was.
    terminal.enter("剧");
    terminal.shows("there is no variable `剧`");
}

#[test]
fn an_open_bracket_continues_and_the_block_is_one_entry_of_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sandbox(folder.path());
    terminal.enter("fn double(n) {");
    terminal.shows("fn double(n) {");
    terminal.enter("n * 2");
    // A line that goes on is indented; what closes goes back.
    terminal.until("the indented line", |rows| rows.iter().any(|row| row == "…   n * 2"));
    terminal.send("}");
    terminal.until("the closing bracket", |rows| rows.iter().any(|row| row == "}"));
    terminal.send(ENTER);
    terminal.is_ready(SANDBOX);
    terminal.enter("double(21)");
    terminal.shows("42");
    terminal.is_ready(SANDBOX);
    terminal.send(UP);
    terminal.send(UP);
    terminal.until("the whole block again", |rows| {
        rows.iter().filter(|row| row.ends_with("fn double(n) {")).count() == 2
            && rows.iter().filter(|row| row.contains("n * 2")).count() == 2
    });
    terminal.send(CTRL_C);
    terminal.is_ready(SANDBOX);
    // Ctrl-R finds it by a word inside.
    terminal.send(CTRL_R);
    terminal.send("n * 2");
    terminal.until("the block found", |rows| {
        rows.iter().any(|row| row.contains("(reverse-i-search)`n * 2': fn double(n) {"))
    });
}

#[test]
fn the_history_outlives_a_session_and_has_no_secret() {
    const SECRET: &str = "vErY-0wn-f47ac10b58cc";
    let folder = tempfile::tempdir().unwrap();
    let toml = "[account.main]\nplatform = \"wechat\"\nappid = \"wx1234567890abcdef\"\nsecret = \"env:OWN_SECRET\"\n";
    fs::write(folder.path().join("juben.toml"), toml).unwrap();
    let start = || Terminal::start_with(&["--no-rc"], folder.path(), &[("OWN_SECRET", SECRET)]);
    let mut terminal = start();
    terminal.is_ready("main · wechat>");
    assert_eq!(terminal.colour_of("main · wechat"), vt100::Color::Idx(1), "a production account warns");
    terminal.enter("let first = 1 + 1");
    terminal.enter(&format!("let a = \"{SECRET}\""));
    terminal.shows("not kept in the history");
    terminal.enter("let access_token = \"57_abcDEFghiJKLmnopQRS\"");
    terminal.enter("first * 21");
    terminal.shows("42");
    terminal.is_ready("main · wechat>");
    terminal.send(CTRL_D);
    assert_eq!(terminal.ends(), 0);

    let path = folder.path().join(".local/share/juben/history");
    let kept = fs::read_to_string(&path).unwrap();
    assert!(kept.contains("let first = 1 + 1") && kept.contains("first * 21"), "{kept}");
    assert!(!kept.contains(SECRET) && !kept.contains("57_abcDEF"), "{kept}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    let mut terminal = start();
    terminal.is_ready("main · wechat>");
    terminal.send(UP);
    terminal.shows("main · wechat> first * 21");
    terminal.send(UP);
    terminal.shows("main · wechat> let first = 1 + 1");
}

#[test]
fn a_history_that_cannot_be_written_is_told_once_and_is_not_the_end() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let mut terminal = Terminal::start_with(&["--sandbox"], folder.path(), &[("JUBEN_HISTORY", "file/history")]);
    terminal.is_ready(SANDBOX);
    terminal.enter("40 + 2");
    terminal.shows("cannot write the history file/history: ");
    terminal.is_ready(SANDBOX);
    terminal.enter("41 + 2");
    let rows = terminal.shows("43");
    assert_eq!(rows.iter().filter(|row| row.contains("cannot write")).count(), 1, "{rows:#?}");
}

#[test]
fn the_last_value_has_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sandbox(folder.path());
    terminal.enter("[20, 22]");
    terminal.enter("let none = 1;");
    terminal.enter("_[0] + _[1] + switch 3 { 4 => 1, _ => 100 }");
    terminal.shows("142");
}

#[test]
fn what_entries_define_lives_on() {
    let entries = "const MOST = 2;\nfn most() { global::MOST }\nimport \"listing\" as listing;\n\
                   fn books() { listing::books().len() }\n\
                   let some = pages::of(\"drama.list_media\", #{}).filter(|it| it.media_id > 910001).take(most());\n\
                   some.collect().len()\nbooks() > 0\nlet n = 1; let next = || { n += 1; n };\nnext.call() + n\nconst MOST = 40;\nmost() + n\n\
                   fn seen() { n + 1 }\nseen!()\n";
    let (code, stdout, stderr) = piped(&["--sandbox"], entries);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "2\ntrue\n4\n42\n3\n", ""));
}

#[test]
fn a_failing_entry_leaves_the_session_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = sandbox(folder.path());
    terminal.enter("let list = [1]; let n = 1; let grow = || n += 1; fn f() { 40 }");
    terminal.enter("list.push(2); n = 9; grow.call(); let more = 1; fn f() { 0 } throw \"wrong\"");
    terminal.shows("× wrong");
    terminal.enter("f() + list.len() + n");
    terminal.shows("42");
    terminal.enter("more");
    terminal.shows("there is no variable `more`");
}

#[test]
fn without_an_account_it_is_said_what_can_be_done() {
    let folder = tempfile::tempdir().unwrap();
    let rc = folder.path().join(".config/juben");
    fs::create_dir_all(&rc).unwrap();
    fs::write(rc.join("rc.rhai"), "const ANSWER = 42;\nfn answer() { global::ANSWER }").unwrap();
    let mut terminal = Terminal::start(&[], folder.path());
    terminal.shows("there is no account: `:sandbox` lets a sandbox answer, `juben init` writes a juben.toml");
    terminal.is_ready("juben>");
    terminal.enter("answer()");
    terminal.shows("42");
}

#[test]
fn a_long_result_goes_through_the_pager() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal =
        Terminal::start_with(&["--sandbox"], folder.path(), &[("PAGER", "tail -n 2 | sed 's/^/paged: /'")]);
    terminal.is_ready(SANDBOX);
    terminal.enter("let rows = []; for n in 0..99 { rows.push(#{ n: n }); } rows");
    terminal.shows("paged: 99 rows");
}

#[test]
fn entries_from_a_pipe_are_evaluated_in_turn_and_written_as_a_script_writes_its_result() {
    let entries = "let books = novel::list_books();\nfn ids(list) {\n    list.map(|it| it.book_id)\n}\nlet n = 40;\n\
                   n + 2\n#{ title: \"剧\" }\n\"plain\"\n[#{ a: 1 }, #{ a: 2 }]\n";
    let (code, stdout, stderr) = piped(&["repl", "--sandbox"], entries);
    assert_eq!(stdout, "42\n{\"title\":\"剧\"}\nplain\n{\"a\":1}\n{\"a\":2}\n");
    assert_eq!((code, stderr.as_str()), (0, ""));
}

#[test]
fn an_error_ends_a_pipe_with_its_code() {
    let (code, stdout, stderr) = piped(&["repl", "--sandbox"], "1\nthrow \"wrong\"\n2\n");
    assert_eq!((code, stdout.as_str()), (1, "1\n"));
    assert!(stderr.contains("× wrong") && stderr.contains("╭─[entry 2:1:1]"), "{stderr}");
    let (code, stdout, stderr) = piped(&[], "let a = (1 +\n");
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    let (code, _, stderr) = piped(&["--sandbox", "ops"], "");
    assert_eq!(code, 2);
    assert!(stderr.contains("write them after the command"), "{stderr}");
}

#[test]
fn a_terminal_that_can_only_take_lines_gets_no_more_than_lines() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start_with(&["--sandbox"], folder.path(), &[("TERM", "dumb")]);
    terminal.enter("throw 7");
    terminal.shows("× 7");
    terminal.enter("[#{ a: 40 + 2 }]");
    let rows = terminal.shows("{\"a\":42}");
    assert!(!rows.iter().any(|row| row.contains("sandbox>")), "{rows:#?}");
    terminal.send(CTRL_C);
    assert_eq!(terminal.ends(), 130);
}
