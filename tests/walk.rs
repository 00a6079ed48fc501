//! The READMEs, and pages that need files of the reader's, as a reader follows them: files are written, commands are run,
//! entries are made at the prompt, and what is shown is compared. Both READMEs say the same.

use crate::{
    documents::{Block, FOLLOWED, READMES, as_shown, blocks, judge_session, none, sessions},
    terminal::{ENTER, Terminal},
};
use std::{fs, path::Path};

const PROMPT: &str = "sandbox>";

fn blocks_of(page: &str) -> Vec<Block> {
    blocks(page, &fs::read_to_string(page).unwrap(), "")
}

/// Follow a page in a folder of its own; what is not as it says.
fn follow(page: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let scripts = fs::canonicalize("scripts").unwrap();
    std::os::unix::fs::symlink(scripts, folder.path().join("scripts")).unwrap();
    let mut faults = Vec::new();
    for block in blocks_of(page) {
        match (block.language.as_str(), &block.file) {
            (_, Some(file)) => fs::write(folder.path().join(file), &block.text).unwrap(),
            ("console", _) => faults.extend(
                sessions(&block.text)
                    .iter()
                    .filter_map(|(command, shown)| judge_session(folder.path(), &block.place, command, shown)),
            ),
            ("juben", _) => faults.extend(at_the_prompt(&block, folder.path())),
            _ => {}
        }
    }
    faults
}

/// The entries of a session, each with what it shows.
fn entries(text: &str) -> Vec<(String, String)> {
    let as_console = text.replace(&format!("{PROMPT} "), "$ ");
    sessions(&as_console)
}

fn at_the_prompt(block: &Block, folder: &Path) -> Vec<String> {
    let mut terminal = Terminal::start(&["repl", "--sandbox"], folder);
    terminal.is_ready(PROMPT);
    let mut faults = Vec::new();
    for (entry, shown) in entries(&block.text) {
        terminal.send(&entry);
        terminal.shows(&format!("{PROMPT} {entry}"));
        terminal.send(ENTER);
        let rows = terminal.is_ready(PROMPT);
        let asked = rows.iter().rposition(|row| *row == format!("{PROMPT} {entry}")).unwrap();
        let rows: Vec<_> = rows[asked + 1..].iter().take_while(|row| *row != PROMPT).map(String::as_str).collect();
        let found = rows.join("\n");
        if !as_shown(&found, &shown) {
            faults.push(format!("{}: {entry}\n-- shown --\n{shown}-- found --\n{found}\n", block.place));
        }
    }
    faults
}

#[test]
fn what_the_english_page_shows_is_seen_by_who_follows_it() {
    none(follow(READMES[0]));
}

#[test]
fn what_the_chinese_page_shows_is_seen_by_who_follows_it() {
    none(follow(READMES[1]));
}

#[test]
fn what_the_page_on_jobs_shows_is_seen_by_who_follows_it() {
    none(follow(FOLLOWED[2]));
}

#[test]
fn what_the_page_on_simulating_shows_is_seen_by_who_follows_it() {
    none(follow(FOLLOWED[3]));
}

#[test]
fn what_the_page_on_packages_shows_is_seen_by_who_follows_it() {
    none(follow(FOLLOWED[4]));
}

#[test]
fn both_pages_show_the_same_under_as_many_heads() {
    let [english, chinese] = READMES.map(|page| {
        let text = fs::read_to_string(page).unwrap();
        let level = |line: &str| line.starts_with('#').then(|| line.split(' ').next().unwrap().to_owned());
        let heads: Vec<_> = text.lines().filter_map(level).collect();
        let links: Vec<_> = text.matches("](docs/").count().to_string().chars().collect();
        let blocks: Vec<_> =
            blocks_of(page).into_iter().map(|block| (block.language, block.file, block.text)).collect();
        (heads, links, blocks)
    });
    assert_eq!(english, chinese);
}
