//! What anyone can read, runs: doc comments, the standard library, `scripts/`, and the blocks of README and docs.

use crate::{
    command::Juben,
    script::{Script, Server},
};
use juben::{
    catalog::{Catalog, Effect},
    engine,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// In English and in Chinese.
pub const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// Their commands need the files that a reader makes on the way.
pub const FOLLOWED: [&str; 5] = [READMES[0], READMES[1], "docs/jobs.md", "docs/simulate.md", "docs/packages.md"];

/// A fenced block: its language, its lines, and where it is.
pub struct Block {
    pub language: String,
    /// The file that the reader makes of it, if it says so: ```` ```rhai ending.rhai ````.
    pub file: Option<String>,
    pub text: String,
    pub place: String,
}

/// The fenced blocks of a text, whose lines may begin with a comment's mark.
pub fn blocks(name: &str, text: &str, mark: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        let marked = line.trim_start_matches(' ').strip_prefix(mark);
        let Some(line) = (if mark.is_empty() { Some(line) } else { marked }) else { continue };
        let line = if mark.is_empty() { line } else { line.strip_prefix(' ').unwrap_or(line) };
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(words), None) => {
                let mut words = words.split_whitespace().map(str::to_owned);
                let (language, file) = (words.next().unwrap_or_default(), words.next());
                open = Some(Block { language, file, text: String::new(), place: format!("{name}:{}", number + 1) });
            }
            (None, Some(mut block)) => {
                block.text += &format!("{line}\n");
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{name}: a block is not closed");
    blocks
}

/// The files of a folder with that extension; none if there is no such folder.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|it| it == extension)).collect();
    files.sort();
    files
}

/// The scripts or modules of a folder, without their tests.
pub fn scripts(folder: &str) -> Vec<PathBuf> {
    let mut files = files(folder, "rhai");
    files.retain(|path| !path.to_str().unwrap().ends_with("_test.rhai"));
    files
}

pub fn blocks_of(paths: &[PathBuf], mark: &str) -> Vec<Block> {
    let of_file = |path: &PathBuf| blocks(&path.display().to_string(), &fs::read_to_string(path).unwrap(), mark);
    paths.iter().flat_map(of_file).collect()
}

/// README, in both languages, and the manual.
pub fn pages() -> Vec<PathBuf> {
    READMES.map(PathBuf::from).into_iter().chain(files("docs", "md")).collect()
}

/// The scripts of the pages. One that imports a package runs where the page is followed.
pub fn scripts_of_pages() -> impl Iterator<Item = Block> {
    let is_script = |block: &Block| block.language == "rhai" && !block.text.contains("import \"team/");
    blocks_of(&pages(), "").into_iter().filter(is_script)
}

#[track_caller]
pub fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Run blocks as scripts, each in a sandbox that begins anew; what went wrong.
fn run_all(blocks: &[Block]) -> Vec<String> {
    let server = Arc::new(Server::start());
    let run = |block: &Block| {
        server.sandbox.reset();
        let script = Script::on(&server, &block.text);
        // What pages say of `scripts/` is tried beside its files.
        let script = if block.place.contains(".md:") { script.beside_those_of(Path::new("scripts")) } else { script };
        let outcome = script.run();
        outcome.result.err().map(|error| format!("{}: {error} {:?}\n{}", block.place, error.place, block.text))
    };
    blocks.iter().filter_map(run).collect()
}

#[test]
fn the_examples_of_the_host_modules_run() {
    let blocks = blocks_of(&files("src/host", "rs"), "///");
    assert!(blocks.len() >= 25, "{}", blocks.len());
    assert!(blocks.iter().all(|block| block.language == "rhai"));
    none(run_all(&blocks));
}

#[test]
fn every_host_function_has_an_example_that_calls_it() {
    let mut faults = Vec::new();
    for path in files("src/host", "rs") {
        let text = fs::read_to_string(&path).unwrap();
        let Some(module) = text.split("pub mod module {").nth(1) else { continue };
        let (mut manual, mut renamed) = (String::new(), None);
        for line in module.split("\n}").next().unwrap().lines().map(str::trim) {
            if let Some(text) = line.strip_prefix("///") {
                manual += text;
            } else if let Some((_, name)) = line.split_once("name = \"") {
                renamed = name.split('"').next();
            } else if let Some(signature) = line.strip_prefix("pub fn ") {
                let name = renamed.take().unwrap_or(signature.split('(').next().unwrap());
                let module = path.file_stem().unwrap().display();
                // What is asserted is global.
                let call = if name.starts_with("assert") { format!("{name}(") } else { format!("{module}::{name}(") };
                let example = manual.split("```rhai").nth(1).unwrap_or_default();
                let called = example.contains(&call) || example.contains(&format!(".{name}("));
                // The same function for another type of number, and what the language calls by itself.
                if !called && !signature.starts_with("sleep_float") && name != "to_string" {
                    faults.push(format!("{}: no example calls {call}…)", path.display()));
                }
                manual.clear();
            }
        }
    }
    none(faults);
}

#[test]
fn every_module_of_the_standard_library_loads_alone_and_calls_nothing_by_itself() {
    let embedded: Vec<_> = engine::stdlib().collect();
    assert_eq!(embedded.len(), scripts("stdlib").len());
    for (name, text) in embedded {
        let server = Arc::new(Server::start());
        Script::on(&server, &format!("import \"{name}\" as it; 1")).returns("1");
        assert_eq!(server.sandbox.requests(), [], "{name}");
        assert!(text.starts_with("//! "), "{name} does not say what it is");
    }
}

#[test]
fn every_function_of_the_standard_library_has_an_example() {
    let mut faults = Vec::new();
    for path in scripts("stdlib") {
        let mut manual = String::new();
        for line in fs::read_to_string(&path).unwrap().lines() {
            if let Some(text) = line.strip_prefix("///") {
                manual += text;
            } else if line.starts_with("fn ") && !manual.contains("```rhai") {
                faults.push(format!("{}: {line}", path.display()));
            } else {
                manual.clear();
            }
        }
    }
    none(faults);
}

#[test]
fn every_script_runs_in_the_sandbox_and_says_what_it_changes() {
    let mut faults = Vec::new();
    for path in scripts("scripts") {
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        let head: String = text.lines().take_while(|line| line.starts_with("//!")).map(|line| &line[3..]).collect();
        let server = Arc::new(Server::start());
        if let Err(error) = Script::file_of_repository(&server, &name).run().result {
            faults.push(format!("{name}: {error}"));
        }
        for write in writes(&server).iter().filter(|write| !head.contains(write.as_str())) {
            faults.push(format!("{name} calls {write}, which its head does not say"));
        }
        if !head.contains("Changes nothing on the platform.") && !head.contains("Changes on the platform:") {
            faults.push(format!("{name}: the head does not say what it changes"));
        }
        match head.split_once("Try it: juben ") {
            Some((_, line)) if line.contains(&name) && line.contains("--sandbox") => faults.extend(try_it(line)),
            _ => faults.push(format!("{name}: the head does not say how to try it")),
        }
    }
    none(faults);
}

/// The operations that the sandbox was asked for and that change something.
fn writes(server: &Server) -> BTreeSet<String> {
    let catalog = Catalog::builtin();
    let changes = |name: &String| catalog.find(name).unwrap().effects.default != Effect::Read;
    server.operations().into_iter().filter(changes).collect()
}

/// Run a command line of `juben`, without its name, in the repository.
fn try_it(line: &str) -> Option<String> {
    let words = words(line);
    let ended = Juben::new(&words.iter().map(String::as_str).collect::<Vec<_>>()).in_repository().run();
    (ended.code != 0).then(|| format!("juben {line} ends with {}: {}", ended.code, ended.stderr))
}

/// The words of a command line as a shell splits them.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut begun) = (String::new(), None, false);
    for character in line.chars() {
        match (character, quote) {
            (_, Some(open)) if character == open => quote = None,
            ('\'' | '"', None) => (quote, begun) = (Some(character), true),
            (' ' | '\n', None) if begun => {
                words.push(std::mem::take(&mut word));
                begun = false;
            }
            (' ' | '\n', None) => {}
            _ => {
                word.push(character);
                begun = true;
            }
        }
    }
    words.extend(begun.then_some(word));
    words
}

/// The arguments of `juben`, if the line starts it: by its name or by `cargo run`. What a shell would do with its
/// output is left out.
fn arguments(line: &str) -> Option<Vec<String>> {
    let all = words(line.trim());
    let skip = match all.first()?.as_str() {
        "juben" => 1,
        "cargo" if all.get(1)? == "run" => all.iter().position(|word| word == "--")? + 1,
        _ => return None,
    };
    let ours = all.into_iter().skip(skip);
    Some(ours.take_while(|word| !["|", ">", "&", "&&", ";", "2>", "#"].contains(&word.as_str())).collect())
}

/// A command that a page shows, without its output: it runs, in the sandbox, or at least it is understood.
fn judge_command(place: &str, line: &str) -> Option<String> {
    let mut arguments = arguments(line)?;
    let subcommand = arguments.first().cloned().unwrap_or_default();
    if line.contains('…') || arguments.iter().any(|word| word.starts_with('<') || word.starts_with('$')) {
        return None;
    }
    match subcommand.as_str() {
        // An account of the reader's own, or a file that he writes: only the options can be judged.
        _ if arguments.iter().any(|word| word == "--account" || word.starts_with('@')) => {
            judge_options(place, &arguments)
        }
        "run" if !Path::new(arguments.get(1)?).exists() => judge_options(place, &arguments),
        "run" | "call" if !arguments.iter().any(|word| word == "--sandbox") => {
            arguments.push("--sandbox".into());
            judge_run(place, &arguments)
        }
        "run" | "call" | "ops" | "doc" => judge_run(place, &arguments),
        _ => judge_options(place, &arguments),
    }
}

fn judge_run(place: &str, arguments: &[String]) -> Option<String> {
    let ended = Juben::new(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).in_repository().run();
    (ended.code != 0)
        .then(|| format!("{place}: juben {} ends with {}\n{}", arguments.join(" "), ended.code, ended.stderr))
}

/// The subcommand is there and knows the options.
fn judge_options(place: &str, arguments: &[String]) -> Option<String> {
    let is_command = |word: &&String| word.chars().all(|letter| letter.is_ascii_lowercase());
    // A script has options of its own.
    let script = arguments.get(1).filter(|word| word.ends_with(".rhai") && Path::new(word).exists());
    let words = arguments.iter().take_while(is_command).chain(script);
    let help: Vec<_> = words.map(String::as_str).chain(["--help"]).collect();
    let ended = Juben::new(&help).in_repository().run();
    let options = arguments.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap());
    let unknown: Vec<_> = options.filter(|option| !ended.stdout.contains(option)).collect();
    let wrong = ended.code != 0 || !unknown.is_empty();
    wrong.then(|| format!("{place}: juben {} is not understood {unknown:?}", arguments.join(" ")))
}

/// The commands of a `console` block, each with what it shows.
pub fn sessions(text: &str) -> Vec<(String, String)> {
    let mut sessions: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), sessions.last_mut()) {
            (Some(command), _) => sessions.push((command.to_owned(), String::new())),
            (None, Some((_, output))) => *output += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    sessions
}

/// Whether an output is as shown; `…` stands for anything, lines included.
pub fn as_shown(output: &str, shown: &str) -> bool {
    let pieces: Vec<_> = shown.trim_end().split('…').collect();
    let (first, last) = (pieces[0], pieces[pieces.len() - 1]);
    let Some(mut rest) = output.trim_end().strip_prefix(first) else { return false };
    if pieces.len() == 1 {
        return rest.is_empty();
    }
    for piece in &pieces[1..pieces.len() - 1] {
        let Some(start) = rest.find(piece) else { return false };
        rest = &rest[start + piece.len()..];
    }
    rest.ends_with(last)
}

/// A command with its output: standard output, or standard error where there is none.
pub fn judge_session(folder: &Path, place: &str, command: &str, shown: &str) -> Option<String> {
    let arguments = arguments(command)?;
    if command.contains([' ', '\'']) && command.contains(" | ") {
        return judge_command(place, command);
    }
    let mut juben = Juben::new(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    juben.command().current_dir(folder);
    let ended = juben.run();
    let found = if ended.stdout.is_empty() { ended.stderr } else { ended.stdout };
    (!as_shown(&found, shown)).then(|| format!("{place}: $ {command}\n-- shown --\n{shown}-- found --\n{found}"))
}

#[test]
fn the_commands_of_the_pages_are_understood_and_show_what_is_shown() {
    let mut faults = Vec::new();
    for block in blocks_of(&pages(), "") {
        match block.language.as_str() {
            "sh" => {
                let joined = block.text.replace("\\\n", " ");
                faults.extend(joined.lines().filter_map(|line| judge_command(&block.place, line)));
            }
            "console" if !FOLLOWED.iter().any(|page| block.place.starts_with(page)) => {
                let judge =
                    |(command, shown): &(String, String)| judge_session(Path::new("."), &block.place, command, shown);
                faults.extend(sessions(&block.text).iter().filter_map(judge));
            }
            _ => {}
        }
    }
    none(faults);
}

#[test]
fn the_scripts_of_the_pages_run() {
    none(run_all(&scripts_of_pages().collect::<Vec<_>>()));
}

#[test]
fn the_examples_of_the_help_are_understood() {
    let mut faults = Vec::new();
    for subcommand in [
        "run",
        "repl",
        "check",
        "test",
        "call",
        "ops",
        "doc",
        "serve",
        "jobs",
        "simulate",
        "search",
        "new",
        "pack",
        "publish",
        "key",
        "sandbox",
        "init",
        "definitions",
        "completions",
    ] {
        let help = Juben::new(&[subcommand, "--help"]).run().stdout;
        let examples = help.lines().skip_while(|line| !line.starts_with("Example"));
        let examples: Vec<_> = examples.filter(|line| line.trim_start().starts_with("juben ")).collect();
        let place = format!("juben {subcommand} --help");
        faults.extend(examples.iter().filter_map(|line| {
            let arguments = arguments(line)?;
            judge_options(&place, &arguments)
        }));
    }
    none(faults);
}

#[test]
fn a_page_is_taken_apart_into_commands_and_their_output() {
    let page = "text\n```console\n$ juben ops\na\n\nb\n$ ls\n```\n```sh\ncargo run -- call a.b 'x=[1, 2]' > out\ncargo test\n```\n";
    let blocks = blocks("page", page, "");
    let languages: Vec<_> = blocks.iter().map(|block| (block.language.as_str(), block.place.as_str())).collect();
    assert_eq!(languages, [("console", "page:2"), ("sh", "page:9")]);
    let expected = [("juben ops", "a\n\nb\n"), ("ls", "")];
    assert_eq!(sessions(&blocks[0].text), expected.map(|(command, output)| (command.to_owned(), output.to_owned())));
    let of_lines: Vec<_> = blocks[1].text.lines().map(arguments).collect();
    assert_eq!(of_lines, [Some(vec!["call".to_owned(), "a.b".to_owned(), "x=[1, 2]".to_owned()]), None]);
}

#[test]
fn three_dots_stand_for_anything() {
    assert!(as_shown("one\ntwo\nthree\n", "one\n…\nthree"));
    assert!(as_shown("book 2027-11-22 renewed\n", "book … renewed"));
    assert!(as_shown("same\n", "same"));
    assert!(!as_shown("one\ntwo\n", "one\n"));
    assert!(!as_shown("one\ntwo\nthree\n", "two\n…"));
}
