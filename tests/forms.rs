//! What the head of a script declares, through the real binary: options, help, checks before anything starts.

use crate::command::Juben;

const SCRIPT: &str = r#"//! Show what is
//! given.
//!
//! @param days int = 30 "how far ahead"
//! @param file path "the sheet"
//! @param kind book|drama = drama
//! @param drama_name string = "山 海" "the drama's name"
//! @param gaps bool = false
//! @param rate float = 0.5
//! @param account string = "" "whose"
//!
//! Changes nothing.

[args::get("days"), args::path("file"), args::get("kind"), args::get("drama_name"), args::get("gaps"), args::get("rate"),
    args::get("account")]
"#;

fn run(arguments: &[&str]) -> Juben {
    Juben::new(&[&["run", "show.rhai"], arguments].concat()).file("show.rhai", SCRIPT)
}

#[track_caller]
fn shows(arguments: &[&str], expected: &str) {
    let juben = run(arguments);
    let here = juben.folder().canonicalize().unwrap().display().to_string();
    juben.prints(&expected.replace("HERE", &here));
}

#[test]
fn parameters_are_options_of_their_types() {
    shows(&["--file", "a.csv"], "[30,\"HERE/a.csv\",\"drama\",\"山 海\",false,0.5,\"\"]\n");
    shows(
        &[
            "--days=-5",
            "--file=/b.csv",
            "--kind",
            "book",
            "--drama_name",
            "海",
            "--gaps",
            "--rate",
            "-1e3",
            "--arg",
            "account=x",
            "--output=jsonl",
        ],
        "[-5,\"/b.csv\",\"book\",\"海\",true,-1000.0,\"x\"]\n",
    );
    // By name through --arg, and by place; options may stand before the script.
    let juben =
        Juben::new(&["run", "--gaps=false", "--drama-name", "山", "show.rhai", "7", "/c", "--arg", "kind=book"]);
    juben.file("show.rhai", SCRIPT).prints("[7,\"/c\",\"book\",\"山\",false,0.5,\"\"]\n");
}

#[test]
fn the_help_of_a_script_is_its_head_and_its_parameters() {
    let help = run(&["--help"]).run();
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    let head = "Show what is given.\n\nChanges nothing.\n\nUsage: juben run show.rhai --file <PATH> [OPTIONS] [ARGUMENTS]...\n";
    assert!(help.stdout.starts_with(head), "{}", help.stdout);
    let parameters = r#"
Parameters of show.rhai:
      --days <INT>
          how far ahead [default: 30]

      --file <PATH>
          the sheet [required]

      --kind <WORD>
          [default: drama]
          
          [possible values: book, drama]

      --drama-name <TEXT>
          the drama's name [default: 山 海]

      --gaps[=<BOOL>]
          [default: false]
          
          [possible values: true, false]

      --rate <FLOAT>
          [default: 0.5]

`account` is given by --arg account=…, as --account is an option of juben itself: whose
"#;
    assert!(help.stdout.ends_with(parameters), "{}", help.stdout);
}

#[test]
fn the_help_without_a_script_is_that_of_run() {
    let help = Juben::new(&["run", "--help"]).run().stdout;
    assert!(
        help.starts_with("Run a script to its end\n\nUsage: juben run [OPTIONS] <SCRIPT> [ARGUMENTS]...\n"),
        "{help}"
    );
    assert!(!help.contains("Parameters of"), "{help}");
}

#[test]
fn a_script_without_parameters_still_says_what_it_does() {
    let help = Juben::new(&["run", "a.rhai", "--help"]).file("a.rhai", "//! List all.\nprint(1)").run().stdout;
    assert!(help.starts_with("List all.\n\nUsage: juben run [OPTIONS] <SCRIPT> [ARGUMENTS]...\n"), "{help}");
}

#[test]
fn a_value_is_checked_before_anything_starts() {
    let more = "\n\nFor more information, try '--help'.";
    for (arguments, message) in [
        (["--days", "abc"], "error: invalid value 'abc' for '--days <INT>': it must be an int"),
        (["--rate", "fast"], "error: invalid value 'fast' for '--rate <FLOAT>': it must be a float"),
        (
            ["--gaps=yes", "--sandbox"],
            "error: invalid value 'yes' for '--gaps[=<BOOL>]'\n  [possible values: true, false]",
        ),
        (
            ["--kind", "bok"],
            "error: invalid value 'bok' for '--kind <WORD>'\n  [possible values: book, drama]\n\n  tip: a similar value exists: 'book'",
        ),
        (
            ["--dayz", "3"],
            "error: unexpected argument '--dayz' found\n\n  tip: a similar argument exists: '--days'\n\n\
             Usage: juben run show.rhai --file <PATH> [OPTIONS] [ARGUMENTS]...",
        ),
    ] {
        run(&arguments).fails(2, &format!("{message}{more}"));
    }
}

#[test]
fn what_is_given_otherwise_is_checked_alike() {
    for (arguments, message, hint) in [
        (vec![], "show.rhai needs `file`", "give it by --file PATH: the sheet"),
        (vec!["--arg", "days=abc"], "`days` is \"abc\"; it must be an int", "`days`: how far ahead"),
        (vec!["3.5"], "`days` is \"3.5\"; it must be an int", "`days`: how far ahead"),
        (vec!["--arg", "dayz=3"], "show.rhai has no parameter `dayz`", "did you mean `days`?"),
        (
            vec!["3", "--days", "4"],
            "`days` is given twice: \"3\" by its place, \"4\" by its name",
            "leave one of them out",
        ),
        (
            vec!["1", "2", "book", "4", "true", "6", "7", "8"],
            "\"8\" is one argument more than show.rhai takes",
            "it takes, in this order: days, file, kind, drama_name, gaps, rate, account",
        ),
    ] {
        run(&arguments).fails(2, &format!("usage\n\n  × {message}\n  help: {hint}"));
    }
    let error = "usage\n\n  × `kind` is \"x\"; it must be one of book, drama";
    run(&["--file", "f", "--arg", "kind=x"]).fails(2, error);
}

#[test]
fn a_wrong_declaration_is_shown_at_its_place() {
    let script = "//! 剧.\n//! @param 剧名 strin = \"a b\" \"the name\"\nprint(1)";
    let report = r#"
usage

  × there is no type `strin`
   ╭─[a.rhai:2:15]
 1 │ //! 剧.
 2 │ //! @param 剧名 strin = "a b" "the name"
   ·                 ┬
   ·                 ╰── raised here
 3 │ print(1)
   ╰────
  help: did you mean `string`? a type is int, float, bool, string, path, or some words to choose
        from: book|drama|copyright
"#;
    let juben = |arguments: &[&str]| Juben::new(&[&["run", "a.rhai"], arguments].concat()).file("a.rhai", script);
    juben(&[]).fails(2, report);
    juben(&["--help"]).fails(2, report);
}

#[test]
fn a_parameter_that_is_not_declared_is_named_with_those_that_are() {
    let head = "//! @param days int = 1\n//! @param end int = 2\n";
    for (script, message, hint) in [
        ("args::get(\"day\")", "the head of the script declares no parameter `day`", "did you mean `days`?"),
        ("args::get(\"colour\")", "the head of the script declares no parameter `colour`", "there are: days, end"),
        (
            "args::path(\"days\")",
            "the parameter `days` is of type int, not a path",
            "declare it as //! @param days path",
        ),
    ] {
        let ended = Juben::new(&["run", "a.rhai"]).file("a.rhai", &format!("{head}{script}")).run();
        assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
        assert!(ended.stderr.starts_with("argument\n"), "{}", ended.stderr);
        assert!(ended.stderr.contains(message) && ended.stderr.contains(hint), "{}", ended.stderr);
    }
    let ended = Juben::new(&["run", "a.rhai"]).file("a.rhai", "args::get(\"days\")").run();
    assert!(ended.stderr.contains("declare it in the first lines: //! @param days int = 30"), "{}", ended.stderr);
    // What is declared goes before the default of a call.
    let script = format!("{head}print(args::get(\"days\", 5) + args::get(\"end\", 5));");
    Juben::new(&["run", "a.rhai", "--days", "3"]).file("a.rhai", &script).prints("5\n");
}

#[test]
fn what_was_probably_meant_is_said() {
    let script = "//! @param deep bool = true\n//! @param days int = 3\nprint(args::get(\"days\"))";
    for (arguments, hint) in [
        (&["run", "a.rhai", "--deep", "false"][..], "the value of a flag stands behind a sign: --deep=false"),
        (&["run", "a.rhai", "--deep=true", "--late", "4"], "the head of the script declares no such parameter"),
        (&["a.rhai"], "a script is run by `juben run a.rhai`"),
    ] {
        let ended = Juben::new(arguments).file("a.rhai", script).run();
        assert!(ended.code == 2 && ended.stderr.contains(hint), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn that_there_is_no_such_script_is_said_before_anything_of_its_options() {
    for command in ["run", "plan"] {
        for (script, said) in [
            ("nope.rhai", "nope.rhai"),
            ("team/x/y", "there is no script team/x/y, and no package team/x in juben.lock"),
        ] {
            for rest in [&["--days", "3"][..], &["--help"]] {
                let ended = Juben::new(&[&[command, script], rest].concat()).run();
                assert!(ended.code != 0 && ended.stderr.contains(said), "{script} {rest:?}: {}", ended.stderr);
                assert!(!ended.stderr.contains("--days") && ended.stdout.is_empty(), "{}", ended.stderr);
            }
        }
    }
}

#[test]
fn the_default_that_the_help_tells_of_is_the_one_that_counts() {
    let script = "//! @param days int = 3\nargs::get(\"days\", 9) * 10 + args::get(\"other\", 1)";
    Juben::new(&["run", "a.rhai", "--sandbox", "-q"]).file("a.rhai", script).prints("31\n");
    Juben::new(&["run", "a.rhai", "--sandbox", "-q", "--days", "4"]).file("a.rhai", script).prints("41\n");
}
