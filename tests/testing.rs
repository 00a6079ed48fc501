//! `juben test`: what it runs, in which surroundings, and what it says of it.

use crate::{
    command::{Ended, Juben},
    documents::scripts,
    script::Script,
    stopping::{BUSY, Running, soon},
};
use juben::error::Kind;
use quick_xml::{Reader, events::Event};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

fn test(files: &[(&str, &str)], arguments: &[&str]) -> Juben {
    let start = Juben::new(&[&["test"], arguments].concat());
    files.iter().fold(start, |juben, (name, text)| juben.file(name, text))
}

/// The output without the time that it took.
fn timeless(output: &str) -> &str {
    output.trim_end().rsplit_once(" (").map_or(output, |(rest, _)| rest)
}

/// One file of tests; it ends so and says this.
#[track_caller]
fn says(text: &str, code: i32, stdout: &str) {
    let ended = test(&[("a_test.rhai", text)], &[]).run();
    assert_eq!((timeless(&ended.stdout), ended.stderr.as_str(), ended.code), (stdout.trim_start(), "", code));
}

/// All tests of a file pass, so many.
#[track_caller]
fn passes(files: &[(&str, &str)], count: usize) {
    let ended = test(files, &[]).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{}", ended.stdout);
    assert!(timeless(&ended.stdout).ends_with(&format!("{count} passed, 0 failed")), "{}", ended.stdout);
}

/// An assertion fails with this message.
#[track_caller]
fn fails(script: &str, message: &str) {
    assert_eq!(Script::new(script).throws(Kind::Assertion).message, message);
}

#[test]
fn the_tests_and_examples_of_this_repository_pass() {
    let ended = Juben::new(&["test", "--junit", "/dev/null"]).in_repository().run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{}", ended.stdout);
    for name in ["stdlib/listing.rhai:6 books", "scripts/renew_grants_test.rhai::test_what_ends_soon_is_renewed"] {
        assert!(ended.stdout.contains(&format!("ok     {name}\n")), "{}", ended.stdout);
    }
    let count: usize = ended.stdout.lines().last().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(count >= 25, "{count}");
    // Examples write files, but not here.
    assert!(!Path::new("stdlib/media.csv").exists() && !Path::new("stdlib/media.xlsx").exists());
}

#[test]
fn every_module_of_the_standard_library_has_tests() {
    for path in scripts("stdlib") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let tests = path.with_file_name(format!("{name}_test.rhai"));
        assert!(tests.exists(), "there is no {}", tests.display());
    }
}

#[test]
fn a_failure_is_shown_where_it_happened_with_what_the_test_said() {
    let text = r#"
fn test_中文() {
    print("三本");
    log::warn("one is missing");
    let 书 = "归来记"; assert_eq(书, "归来记（下）");
}
fn test_good() { print("not shown"); }
"#;
    let expected = r#"
FAILED a_test.rhai::test_中文

assertion

  × found "归来记", expected "归来记（下）"
   ╭─[a_test.rhai:5:20]
 4 │     log::warn("one is missing");
 5 │     let 书 = "归来记"; assert_eq(书, "归来记（下）");
   ·                        ┬
   ·                        ╰── raised here
 6 │ }
   ╰────
  output:
    三本
    warning: one is missing

ok     a_test.rhai::test_good
1 passed, 1 failed"#;
    says(text, 1, expected);
}

#[test]
fn an_example_that_fails_is_shown_in_its_comment() {
    let text = "/// Twice.\n///\n/// ```rhai\n/// import \"twice\" as twice;\n/// assert_eq(twice::of(2), 5);\n/// ```\nfn of(n) { 2 * n }\n";
    let ended = test(&[("lib/twice.rhai", text)], &["lib"]).run();
    let expected = r#"FAILED lib/twice.rhai:3 of

assertion

  × found 4, expected 5
   ╭─[lib/twice.rhai:5:5]
 4 │ /// import "twice" as twice;
 5 │ /// assert_eq(twice::of(2), 5);
   ·     ┬
   ·     ╰── raised here
 6 │ /// ```
   ╰────

0 passed, 1 failed"#;
    assert_eq!((timeless(&ended.stdout), ended.code), (expected, 1));
}

#[test]
fn two_values_are_compared_place_by_place() {
    fails("assert_eq(3, 4)", "found 3, expected 4");
    fails(r#"assert_eq(1, "1")"#, r#"found 1, expected "1""#);
    fails("assert_eq((), 0)", "found (), expected 0");
    fails(r#"assert_eq(#{ a: 1 }, [1])"#, r#"found {"a":1}, expected [1]"#);
    fails(
        r#"assert_eq([1, 2, #{ name: "甲", age: 3 }], [1, 2, #{ name: "乙", age: 3 }])"#,
        r#"[2].name: found "甲", expected "乙""#,
    );
    fails(
        r#"assert_eq(#{ a: #{ b: [1] }, extra: true }, #{ a: #{ b: [1, 2] }, "my name": 0 })"#,
        "3 differences:\n  a.b[1]: missing; expected 2\n  [\"my name\"]: missing; expected 0\n  extra: extra; found true",
    );
    // What is left out in the middle does not make all that follows differ.
    fails("assert_eq([1, 3, 4, 5], [1, 2, 3, 4, 5])", "[1]: missing; expected 2");
    let long = "let a = \"\"; a.pad(200, '剧'); ";
    let part = "剧".repeat(20);
    fails(
        &format!("{long} assert_eq(a + \"甲\", a + \"乙\")"),
        &format!("found …{part}甲\", expected …{part}乙\"; they differ from character 201 on"),
    );
    fails(
        &format!("{long} assert_eq(a + \"\\nb\", a + \"\\nc\")"),
        &format!(
            "found …{}\\nb\", expected …{}\\nc\"; they differ from line 2, character 1 on",
            "剧".repeat(18),
            "剧".repeat(18)
        ),
    );
    let all = "let a = []; let b = []; a.pad(50, 1); b.pad(50, 2); assert_eq(a, b)";
    let message = Script::new(all).throws(Kind::Assertion).message.clone();
    assert!(message.starts_with("50 differences:\n  [0]: found 1, expected 2\n"), "{message}");
    assert!(message.ends_with("\n  and 38 more"), "{message}");
    Script::new("assert_eq([1, #{ a: 2.0 }, 'x'], [1.0, #{ a: 2 }, \"x\"]); 7").returns("7");
}

#[test]
fn what_is_asserted_otherwise() {
    fails("assert(1 > 2)", "this is not so");
    fails(r#"assert(false, `only ${3} books`)"#, "only 3 books");
    fails("assert_ne([1], [1])", "both are [1]");
    fails("assert_throws(|| 7)", "nothing was thrown; it returned 7");
    fails("assert_throws(|| {})", "nothing was thrown");
    fails(r#"assert_throws(|| throw "no", "refused")"#, "it threw `script` (no), expected `refused`");
    let error = Script::new("assert(1)").throws(Kind::Argument);
    assert_eq!(error.message, "`assert` is given a value of type int; it must be true or false");
    Script::new("assert_ne(1, 2); assert(true); assert(true, 1); 7").returns("7");
}

#[test]
fn what_is_thrown_comes_back_as_a_map() {
    let kind = |script: &str, kind: &str, message: &str| {
        let script = format!("let error = assert_throws(|| {script}); [error.kind, error.message]");
        Script::new(&script).returns(&format!("[\"{kind}\",\"{message}\"]"));
    };
    kind(r#"throw "no""#, "script", "no");
    kind(r#"throw #{ message: "no", kind: "mine" }"#, "mine", "no");
    kind("throw #{ code: 3 }", "script", "{\\\"code\\\":3}");
    kind("{ 1 / 0 }", "script", "Division by zero: 1 / 0");
    kind("assert(false)", "assertion", "this is not so");
    let script = r#"assert_throws(|| novel::list_books(#{ limt: 1 }), "argument").op"#;
    Script::new(script).returns(r#""novel.list_books""#);
}

#[test]
fn what_ends_a_run_is_not_held_up_by_an_assertion() {
    let text = "fn test_endless() { assert_throws(|| { loop {} }); }\nfn test_good() {}";
    let ended = test(&[("a_test.rhai", text)], &["--timeout", "0.2"]).run();
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("limit\n\n  × the time for this test is up: "), "{}", ended.stdout);
    assert!(timeless(&ended.stdout).ends_with("1 passed, 1 failed"), "{}", ended.stdout);
}

#[test]
fn a_native_function_that_is_busy_is_stopped_by_the_timeout() {
    let text = format!("fn test_busy() {{ {} }}", BUSY[0]);
    let ended = test(&[("a_test.rhai", &text)], &["--timeout", "0.1"]).run();
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("the time for this test is up"), "{}", ended.stdout);
}

#[test]
fn tests_that_change_the_same_drama_do_not_see_each_other() {
    let one = |place: usize| {
        format!(
            r#"fn test_{place}() {{
                assert_eq(ending().len, global::ALL);
                grants::renew(ending(), #{{ extend_days: 365 }});
                assert_eq(ending(), []);
                assert(!files::exists("note.txt"));
                files::write("note.txt", "seen");
            }}
            "#
        )
    };
    let head = "fn ending() { grants::expiring(30, #{ scope: \"book\" }) }\nconst ALL = ending().len;\n";
    let all: String = (0..8).map(one).collect();
    passes(&[("a_test.rhai", &format!("{head}{all}"))], 8);
}

#[test]
fn in_a_test_nobody_waits() {
    let text = r#"
fn test_sixty_days() {
    let begin = time::now();
    assert_eq(time::format(begin), "2027-01-01 09:00");
    novel::list_books();
    sleep(time::days(60));
    assert_eq(time::now(), begin + time::days(60));
    assert_eq(time::format(time::now()), "2027-03-02 09:00");
    novel::list_books();
}
/// @world slow.json
fn test_a_task_of_ten_minutes() {
    let begin = time::now();
    let task = drama::pull_upload(#{ media_name: "归来记 - 第9集", media_url: "https://media.example.org/9.mp4" }).task_id;
    assert_eq(wait::until("drama.get_task", #{ task_id: task }, #{ timeout: 900 }).task_info.status, 3);
    assert(time::now() - begin in 600..620, `${time::now() - begin}`);
}
/// @faults busy.json
fn test_pauses_before_a_retry() {
    let begin = time::now();
    novel::list_books();
    assert(time::now() - begin >= 60, `${time::now() - begin}`);
}
fn test_the_quota_of_a_minute() {
    let begin = time::now();
    let book = novel::list_books().book_list[0].book_id;
    for place in 0..101 {
        novel::add_book_auth(#{ books: [#{ book_id: book, grantee_appid: "wx00000000000000a1", expire_time: begin + time::days(90) }] });
    }
    assert(time::now() - begin in 60..70, `${time::now() - begin}`);
}
"#;
    let slow = r#"{"life": {"pull_seconds": 600}}"#;
    let busy = r#"[{"operation": "novel.list_books", "kind": "errcode", "code": 45011, "times": 1}]"#;
    let begin = Instant::now();
    passes(&[("a_test.rhai", text), ("slow.json", slow), ("busy.json", busy)], 4);
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_token_is_fetched_anew_when_it_has_run_out() {
    let text = "fn test_a() { novel::list_books(); sleep(8000); novel::list_books(); novel::list_books(); }";
    let ended = test(&[("a_test.rhai", text)], &["-vv"]).run();
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    let said =
        |words: &[&str]| ended.stderr.lines().filter(|line| words.iter().all(|word| line.contains(word))).count();
    assert_eq!(said(&["fetching a token"]), 2, "{}", ended.stderr);
    // The platform never had to refuse the old one.
    assert_eq!(said(&["novel.list_books", "status=200"]), 3, "{}", ended.stderr);
}

#[test]
fn a_file_that_does_not_parse_is_shown_and_the_others_run() {
    let files = [("a_test.rhai", "fn test_a() { let = 3; }"), ("b_test.rhai", "fn test_b() {}")];
    let ended = test(&files, &[]).run();
    let expected = "FAILED a_test.rhai

usage

  × the script does not parse: Expecting name of a variable
   ╭─[a_test.rhai:1:19]
 1 │ fn test_a() { let = 3; }
   ·                   ┬
   ·                   ╰── raised here
   ╰────

ok     b_test.rhai::test_b
1 passed, 1 failed";
    assert_eq!((timeless(&ended.stdout), ended.code), (expected, 2));
}

#[test]
fn what_looks_like_a_test_and_is_none_is_said() {
    let text = "fn test_a(x) {}\nprivate fn test_b() {}\nfn helper() {}\nfn test_c() {}";
    let ended = test(&[("a_test.rhai", text), ("b_test.rhai", "fn tes_a() {}")], &[]).run();
    assert_eq!(timeless(&ended.stdout), "ok     a_test.rhai::test_c\n1 passed, 0 failed");
    let expected = "warning: a_test.rhai::test_a takes arguments, so it is no test
warning: a_test.rhai::test_b is private, so it cannot be run
warning: b_test.rhai has no function test_…()
";
    assert_eq!(ended.stderr, expected);
}

#[test]
fn tests_are_named_listed_and_left_out() {
    let files = [
        ("deep/er/a_test.rhai", "fn test_one() {}\nfn test_two() {}"),
        (".hidden/b_test.rhai", "fn test_hidden() {}"),
        ("target/c_test.rhai", "fn test_built() {}"),
        ("plain.rhai", "/// ```rhai\n/// 1\n/// ```\nfn of() {}\n/// ```json\n/// {}\n/// ```\nfn no() {}"),
    ];
    let all = "deep/er/a_test.rhai::test_one\ndeep/er/a_test.rhai::test_two\nplain.rhai:1 of\n";
    test(&files, &["--list"]).prints(all);
    test(&files, &["--list", "deep", "plain.rhai", "deep/er/a_test.rhai"]).prints(all);
    test(&files, &["--list", "--filter", "two"]).prints("deep/er/a_test.rhai::test_two\n");
    let nothing = "usage\n\n  × no test has \"three\" in its name\n  help: `juben test --list` names all 3";
    test(&files, &["--filter", "three"]).fails(2, nothing);
    let ended = test(&files, &["nowhere"]).run();
    assert!(ended.code == 2 && ended.stderr.contains("cannot read the script nowhere"), "{}", ended.stderr);
    let ended = test(&[], &[]).run();
    assert!(ended.code == 2 && ended.stderr.contains("there are no tests"), "{}", ended.stderr);
}

#[test]
fn a_test_gets_what_its_comments_ask_for() {
    let text = r#"//! @arg days=30
fn test_of_the_file() { assert_eq(args::get("days", 1), 30); assert_eq(args::get("name", ""), ""); }
/// @arg days=60
/// @arg name=归来记
fn test_of_its_own() { assert_eq(args::get("days", 1), 60); assert_eq(args::get("name", ""), "归来记"); }
fn test_after_it() { assert_eq(args::get("days", 1), 30); }
"#;
    passes(&[("a_test.rhai", text)], 3);
    let wrong = "fn test_a() {}\n\n/// @casette a.json\nfn test_b() {}\n";
    let ended = test(&[("a_test.rhai", wrong)], &[]).run();
    assert_eq!(ended.code, 2);
    assert!(ended.stdout.contains("× a test cannot ask for `@casette`"), "{}", ended.stdout);
    assert!(ended.stdout.contains("help: did you mean `cassette`?"), "{}", ended.stdout);
}

#[test]
fn a_recording_answers_instead_of_the_sandbox() {
    let script = "let found = novel::list_books(#{ limit: 2 }); sleep(3600); found.book_list.len";
    let mut juben = Juben::new(&["run", "script.rhai", "--sandbox", "--record", "two.json"])
        .file("script.rhai", &script.replace("sleep(3600)", "()"));
    assert!(juben.command().output().unwrap().status.success());
    let kept = fs::read_to_string(juben.folder().join("two.json")).unwrap();
    let text = format!(
        "//! @cassette kept/two.json\nfn test_same() {{ assert_eq({{ {script} }}, 2); }}\nfn test_more() {{ novel::list_books(#{{ limit: 3 }}); }}\nfn test_less() {{}}"
    );
    let ended = test(&[("a_test.rhai", &text), ("kept/two.json", &kept)], &[]).run();
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("ok     a_test.rhai::test_same\n"), "{}", ended.stdout);
    assert!(ended.stdout.contains("the recording has no such call"), "{}", ended.stdout);
    assert!(ended.stdout.contains("recorded exchanges were not asked for"), "{}", ended.stdout);
    assert!(timeless(&ended.stdout).ends_with("1 passed, 2 failed"), "{}", ended.stdout);
}

#[test]
fn what_a_test_writes_is_gone_when_it_ends() {
    let text = r#"
fn test_a() { files::write("data.txt", "changed"); files::write("sub/data.txt", "changed"); assert_eq(files::read("data.txt"), "changed"); }
fn test_b() { assert_eq([files::read("data.txt"), files::read("sub/data.txt")], ["as it was", "below"]); }
"#;
    let mut juben = test(&[("a_test.rhai", text), ("data.txt", "as it was"), ("sub/data.txt", "below")], &[]);
    fs::create_dir(juben.folder().join(".tmp")).unwrap();
    let temporary = juben.folder().join(".tmp");
    juben.command().env("TMPDIR", &temporary);
    let output = juben.command().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8(output.stdout).unwrap());
    assert_eq!(fs::read_to_string(juben.folder().join("data.txt")).unwrap(), "as it was");
    assert_eq!(fs::read_to_string(juben.folder().join("sub/data.txt")).unwrap(), "below");
    assert_eq!(fs::read_dir(temporary).unwrap().count(), 0);
}

#[test]
fn output_is_shown_of_what_fails_and_with_verbose_of_all() {
    let files = [("a_test.rhai", "fn test_a() { print(\"seen\"); log::debug(\"detail\"); }")];
    assert!(!test(&files, &[]).run().stdout.contains("seen"));
    let verbose = test(&files, &["--verbose"]).run().stdout;
    assert!(verbose.contains("  output:\n    seen\n    detail\n"), "{verbose}");
    let quiet = test(&files, &["--quiet"]).run().stdout;
    assert_eq!(timeless(&quiet), "1 passed, 0 failed");
}

/// The elements of an XML text with their attributes and text.
fn elements(xml: &str) -> Vec<(String, BTreeMap<String, String>, String)> {
    let mut reader = Reader::from_str(xml);
    let mut elements = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return elements,
            Event::Start(start) | Event::Empty(start) => {
                let name = start.name().as_ref().to_owned();
                let attribute = |it: quick_xml::events::attributes::Attribute| {
                    let value = quick_xml::escape::unescape(&it.value).unwrap();
                    (it.key.as_ref().to_owned(), value.into_owned())
                };
                let attributes = start.attributes().map(|it| attribute(it.unwrap())).collect();
                elements.push((name, attributes, String::new()));
            }
            Event::Text(text) => {
                if let Some(last) = elements.last_mut() {
                    last.2 += &text;
                }
            }
            Event::GeneralRef(name) => {
                let name = format!("&{};", &*name);
                elements.last_mut().unwrap().2 += &quick_xml::escape::unescape(&name).unwrap();
            }
            _ => {}
        }
    }
}

#[test]
fn a_build_server_can_read_the_results() {
    let text = "fn test_good() {}\nfn test_bad() { print(\"<书> & \\x1b[31mred\"); assert_eq(\"<甲>\", \"&\"); }";
    let mut juben = test(&[("a_test.rhai", text), ("b_test.rhai", "fn test_c() {}")], &["--junit", "report.xml"]);
    assert_eq!(juben.command().output().unwrap().status.code(), Some(1));
    let xml = fs::read_to_string(juben.folder().join("report.xml")).unwrap();
    let elements = elements(&xml);
    let names: Vec<_> = elements.iter().map(|(name, ..)| name.as_str()).collect();
    let expected =
        ["testsuites", "testsuite", "testcase", "testcase", "failure", "system-out", "testsuite", "testcase"];
    assert_eq!(names, expected, "{xml}");
    let at = |place: usize, name: &str| elements[place].1[name].as_str();
    assert_eq!((at(0, "tests"), at(0, "failures"), at(1, "name"), at(1, "tests")), ("3", "1", "a_test.rhai", "2"));
    assert_eq!((at(3, "name"), at(3, "classname"), at(3, "line")), ("test_bad", "a_test.rhai", "2"));
    assert!(at(3, "time").parse::<f64>().unwrap() > 0.0);
    assert_eq!((at(4, "type"), at(4, "message")), ("assertion", "found \"<甲>\", expected \"&\""));
    assert!(elements[4].2.contains("╭─[a_test.rhai:2:"), "{}", elements[4].2);
    assert_eq!(elements[5].2.trim(), "<书> & [31mred");
}

/// Ctrl-C ends it soon; what had ended is counted.
#[track_caller]
fn stops(body: &str) {
    soon(|| {
        let text = format!("fn test_a() {{}}\nfn test_b() {{ {body} }}\nfn test_c() {{ {body} }}");
        let running = Running::start(test(&[("a_test.rhai", &text)], &["--jobs", "2"]));
        assert_eq!(running.first, "ok     a_test.rhai::test_a\n");
        let (Ended { code, stdout, stderr }, took) = running.interrupt();
        assert_eq!((code, timeless(&stdout)), (130, "1 passed, 0 failed, 2 not run"), "{stderr}");
        assert!(stderr.starts_with("cancelled\n\n  × stopped\n"), "{stderr}");
        took
    });
}

#[test]
fn ctrl_c_stops_all_tests_and_counts_what_has_ended() {
    stops("loop {}");
    stops(BUSY[0]);
}

#[test]
fn the_page_shows_what_is_so() {
    let page = fs::read_to_string("docs/testing.md").unwrap();
    let block = |language: &str| page.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap();
    passes(&[("grants_test.rhai", block("rhai"))], 3);
    let code = |line: &str| {
        line.split_once(" │ ")
            .filter(|(number, _)| number.trim().parse::<u8>().is_ok())
            .map(|(_, code)| code.to_owned())
    };
    let script: Vec<_> = block("text").lines().filter_map(code).collect();
    let text = format!("fn test_names() {{\n{}\n", script.join("\n"));
    let ended = test(&[("grants_test.rhai", &text)], &[]).run();
    assert!(ended.stdout.starts_with(block("text")), "{}", ended.stdout);
}

#[test]
fn the_manual_knows_what_is_asserted() {
    let ended = Juben::new(&["doc", "assert_throws"]).run();
    assert!(
        ended.stdout.starts_with("assert_throws(function)\n  Go on only if a function throws.\n"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("\nassert_throws(function, kind)\n"), "{}", ended.stdout);
}

#[test]
fn definitions_for_editors_are_no_scripts() {
    let files = [("a_test.rhai", "fn test_a() {}"), ("definitions/juben_test.d.rhai", "module juben;")];
    passes(&files, 1);
}

#[test]
fn a_file_that_does_not_parse_is_told_of_by_the_list_as_well() {
    let files = [("a_test.rhai", "fn test_a() {}"), ("b_test.rhai", "fn test_b( {}")];
    let ended = test(&files, &["--list"]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (2, "a_test.rhai::test_a\n"));
    assert!(ended.stderr.contains("b_test.rhai:1:"), "{}", ended.stderr);
}

/// What a test of somebody else's would do if it could.
#[test]
fn a_test_has_the_files_of_its_own_folder_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside.txt");
    fs::write(&outside, "kept").unwrap();
    let deeds = [
        format!("files::read({:?})", outside.display().to_string()),
        format!("files::write({:?}, \"\")", outside.display().to_string()),
        format!("files::list({:?})", folder.path().display().to_string()),
        "files::exists(\"/etc/passwd\")".to_owned(),
        "files::read(\"../outside.txt\")".to_owned(),
        "files::write(\"a/../../b.txt\", \"\")".to_owned(),
        "csv::read(\"../outside.csv\")".to_owned(),
        "upload::file(\"/etc/passwd\")".to_owned(),
    ];
    for deed in deeds {
        let text = format!("fn test_a() {{ try {{ {deed}; }} catch {{ }} }}");
        let ended = test(&[("own/a_test.rhai", &text)], &[]).run();
        assert_eq!(ended.code, 1, "{deed}: {}", ended.stdout);
        assert!(ended.stdout.contains("a test has the files of its own folder, and"), "{deed}: {}", ended.stdout);
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), "kept");
}

#[test]
fn an_example_is_bounded_as_a_test_is() {
    let text = "/// Reads.\n/// ```rhai\n/// files::read(\"/etc/passwd\")\n/// ```\nfn of() {}\n";
    let ended = test(&[("plain.rhai", text)], &[]).run();
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("put what it needs beside the test; docs/testing.md"), "{}", ended.stdout);
}

#[cfg(unix)]
#[test]
fn what_a_head_names_is_a_file_in_the_folder_of_the_test() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), "s3cret").unwrap();
    let secret = folder.path().join("secret").display().to_string();
    for word in ["world", "faults", "cassette"] {
        for (value, why) in [
            (secret.as_str(), "it leads out of the folder"),
            ("../secret", "it leads out of the folder"),
            ("link", "it is a link that leads out of the folder"),
            ("zero", "it is a link that leads out of the folder"),
            ("pipe", "it is not a file"),
        ] {
            let text = format!("//! @{word} {value}\nfn test_a() {{}}\n");
            let juben = test(&[("below/a_test.rhai", &text)], &[]);
            let here = juben.folder().join("below");
            std::os::unix::fs::symlink(&secret, here.join("link")).unwrap();
            std::os::unix::fs::symlink("/dev/zero", here.join("zero")).unwrap();
            assert!(std::process::Command::new("mkfifo").arg(here.join("pipe")).status().unwrap().success());
            let ended = juben.run();
            let plain = ended.stdout.replace("│ ", "").split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(ended.code == 2 && plain.contains(why) && !plain.contains("s3cret"), "{word} {value}: {ended:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_never_ends_is_no_test_no_script_and_no_plan() {
    for (arguments, said) in [
        (&["test", "zero.rhai"][..], "is not a file"),
        (&["apply", "zero.rhai"], "it is not a file"),
        (&["run", "zero.rhai", "--sandbox"], "it has more than 16 MB"),
    ] {
        let juben = Juben::new(arguments);
        std::os::unix::fs::symlink("/dev/zero", juben.folder().join("zero.rhai")).unwrap();
        let ended = juben.run();
        let plain = ended.stderr.replace("\n  │ ", " ");
        assert!(ended.code == 2 && plain.contains(said), "{arguments:?}: {ended:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_leads_a_test_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), "s3cret").unwrap();
    let text = "fn test_a() { print(files::read(\"link\")); }\nfn test_b() { files::write(\"link.part\", \"\"); files::write(\"link\", \"1\"); assert_eq(files::read(\"link\"), \"1\"); }";
    let juben = test(&[("a_test.rhai", text)], &[]);
    for name in ["link", "link.part"] {
        std::os::unix::fs::symlink(folder.path().join("secret"), juben.folder().join(name)).unwrap();
    }
    let ended = juben.run();
    assert!(ended.stdout.contains("FAILED a_test.rhai::test_a") && ended.stdout.contains("ok     a_test.rhai::test_b"));
    assert!(
        ended.stdout.contains("it leads out of the folder") && !ended.stdout.contains("s3cret"),
        "{}",
        ended.stdout
    );
    assert_eq!(fs::read_to_string(folder.path().join("secret")).unwrap(), "s3cret");
}

#[test]
fn the_files_of_a_folder_are_those_beside_the_test_and_those_that_it_has_written() {
    let text = r#"
fn test_a() {
    files::write("season/2.txt", "new");
    files::write("season/1.txt", "changed");
    assert_eq(files::list("season"), ["1.txt", "2.txt", "3.txt"]);
    assert_eq(files::list("season").map(|name| files::read("season/" + name)), ["changed", "new", "as it was"]);
    assert_eq(files::list("other"), ["a.txt"]);
    assert(files::exists("season") && files::exists("other/a.txt"));
    assert(!files::exists(".hidden") && !files::exists("target/built.txt"));
    assert_eq(files::list("."), ["a_test.rhai"]);
}
"#;
    let files = [
        ("a_test.rhai", text),
        ("season/1.txt", "as it was"),
        ("season/3.txt", "as it was"),
        ("other/a.txt", "a"),
        (".hidden", "h"),
        ("target/built.txt", "b"),
    ];
    passes(&files, 1);
}

#[test]
fn a_test_knows_the_variables_that_its_comments_give() {
    let text = "//! @env ZONE=Asia/Tokyo\nfn test_of_the_file() { assert_eq(env::get(\"ZONE\"), \"Asia/Tokyo\"); assert_eq(env::get(\"HOME\"), ()); }\n\
                /// @env ZONE=UTC\nfn test_of_its_own() { assert_eq([env::get(\"ZONE\"), env::get(\"PATH\", 1)], [\"UTC\", 1]); }\n";
    passes(&[("a_test.rhai", text)], 2);
}

#[test]
fn nobody_is_told_by_a_test_and_no_other_machine_asked() {
    const TOML: &str = "[notify.team]\nkind = \"webhook\"\nurl = \"env:ROBOT\"\n";
    let text = "fn test_tells() { assert_eq(notify::send(\"team\", \"done\"), ()); }\n\
                fn test_asks() { try { http::get(\"http://robot.invalid/\"); } catch (error) { assert_eq(error.kind, \"refused\"); throw \"refused\"; } }";
    let juben = test(&[("a_test.rhai", text), ("juben.toml", TOML)], &["--verbose"]);
    let ended = juben.env("ROBOT", "http://robot.invalid/send").run();
    assert!(ended.stdout.contains("would tell team: done"), "{}", ended.stdout);
    assert!(timeless(&ended.stdout).ends_with("1 passed, 1 failed"), "{}", ended.stdout);
    assert!(ended.stdout.contains("refused"), "{}", ended.stdout);
}
