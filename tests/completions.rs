//! What a shell is told at a Tab, by its protocol, and by bash itself.

use crate::command::Juben;
use std::{process::Command, time::Instant};

/// What fish would be told: a candidate a line, with what it is behind a tab. The last word is the one being written.
fn told(juben: Juben) -> String {
    let ended = juben.env("COMPLETE", "fish").run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    ended.stdout
}

fn line(words: &[&str]) -> Juben {
    Juben::new(&[&["--", "juben"], words].concat())
}

/// The candidates alone.
fn candidates(words: &[&str]) -> Vec<String> {
    let told = told(line(words));
    told.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn operations_are_offered_with_what_they_do() {
    let expected = "drama.list_media\tList media files (获取媒资列表)\n";
    assert_eq!(told(line(&["call", "drama.list_m"])), expected);
    assert_eq!(told(line(&["doc", "drama.list_m"])), expected);
    assert_eq!(candidates(&["doc", "time.p"]), ["time.parse"]);
    assert_eq!(candidates(&["doc", "revi"]), ["review", "review.of_book", "review.of_drama"]);
}

#[test]
fn fields_are_offered_with_the_required_first_and_their_values() {
    let fields = candidates(&["call", "drama.single_file_upload", "media_"]);
    assert_eq!(fields, ["media_name=", "media_type=", "media_data="]);
    let call = ["call", "platform.upload_temp_media"];
    assert_eq!(candidates(&[call[0], call[1], "--sandbox", "type=vi"]), ["type=video"]);
    assert_eq!(
        candidates(&["call", "novel.get_book", "need_edited_data="]),
        ["need_edited_data=true", "need_edited_data=false"]
    );
    assert_eq!(candidates(&["call", "no.such", "ty"]), Vec::<String>::new());
}

#[test]
fn accounts_scripts_and_the_parameters_of_a_script_are_offered() {
    let config = "[account.main]\nplatform = \"wechat\"\nappid = \"wx1\"\n[account.second]\nplatform = \"wechat\"\nappid = \"wx2\"\n";
    let with_config = |words: &[&str]| told(line(words).file("juben.toml", config));
    assert_eq!(with_config(&["call", "--account", "m"]), "main\n");
    assert_eq!(with_config(&["run", "a.rhai", "--account="]), "--account=main\n--account=second\n");
    let named = line(&["--config", "other.toml", "run", "--account", "s"]).file("other.toml", config);
    assert_eq!(told(named), "second\n");

    let script = "//! @param kind all|novel = all \"which\"\n//! @param 天数 int = 3\n";
    let with_script = |words: &[&str]| told(line(words).file("a/b.rhai", script).file("a/c.txt", ""));
    assert_eq!(with_script(&["run", "a/"]), "a/b.rhai\n");
    assert_eq!(with_script(&["run", "a/b.rhai", "--ki"]), "--kind\twhich [default: all]\n");
    assert_eq!(with_script(&["run", "a/b.rhai", "--天"]), "--天数\t[default: 3]\n");
    assert_eq!(with_script(&["run", "a/b.rhai", "--kind", "n"]), "novel\n");
    // A configuration or a script that is wrong is no reason to say nothing.
    let broken = line(&["call", "drama.list_m"]).file("juben.toml", "colour = 1");
    assert!(told(broken).starts_with("drama.list_media\t"));
}

#[test]
fn every_shell_gets_its_registration() {
    for (shell, word) in [
        ("bash", "complete -o nospace"),
        ("zsh", "#compdef juben"),
        ("fish", "complete --keep-order"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "set edit:completion:arg-completer[juben]"),
    ] {
        let ended = Juben::new(&["completions", shell]).run();
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        assert!(ended.stdout.contains(word), "{shell}: {}", ended.stdout);
        assert!(!ended.stdout.contains("/juben"), "a path of this machine: {}", ended.stdout);
    }
    let help = Juben::new(&["completions", "--help"]).run().stdout;
    assert!(help.contains("source <(juben completions bash)"), "{help}");
}

/// What bash offers when these words stand on the line, as readline splits them.
fn by_bash(words: &[&str], current: &str) -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_juben")).parent().unwrap().display();
    let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "PATH=\"{folder}:$PATH\"; source <(juben completions bash); COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
         COMP_TYPE=9; _clap_complete_juben juben '{current}' before; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words = quoted.join(" "),
    );
    let output =
        Command::new("bash").args(["--norc", "-c", &script]).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes() {
    assert_eq!(by_bash(&["juben", "call", "drama.list_m"], "drama.list_m"), ["drama.list_media"]);
    let call = ["juben", "call", "platform.upload_temp_media"];
    assert_eq!(by_bash(&[&call[..], &["ty"]].concat(), "ty"), ["type="]);
    // It splits at `=`, and puts back only what stands behind.
    assert_eq!(by_bash(&[&call[..], &["type", "="]].concat(), ""), ["image", "voice", "video", "thumb"]);
    assert_eq!(by_bash(&[&call[..], &["type", "=", "vo"]].concat(), "vo"), ["voice"]);
    assert_eq!(by_bash(&[&call[..], &["type", "=", "voice", "me"]].concat(), "me"), ["media="]);
    assert_eq!(by_bash(&["juben", "run", "scripts/list_catalogue.rhai", "--ki"], "--ki"), ["--kind"]);
}

#[test]
fn a_tab_is_answered_at_once() {
    candidates(&["call", ""]);
    let start = Instant::now();
    assert!(candidates(&["call", ""]).len() > 100);
    assert!(candidates(&["doc", ""]).len() > 200);
    // Without optimisation, on a machine that does other things.
    assert!(start.elapsed().as_millis() < 1500, "{:?}", start.elapsed());
}

#[test]
fn the_names_of_jobs_are_offered() {
    let toml = "[[job]]\nname = \"renew-grants\"\nscript = \"renew.rhai\"\n";
    for deed in ["run", "next", "pause"] {
        assert_eq!(told(line(&["jobs", deed, "ren"]).file("juben.toml", toml)), "renew-grants\n");
    }
}
