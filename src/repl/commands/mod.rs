//! The commands that begin with a colon: their names, what they take, and who does them.

mod calls;
mod complete;
mod files;
mod knowledge;
mod plain;
mod sandbox;
mod session;
mod undo;

pub use complete::complete;

use super::{Flow, Mode, Prompt};
use crate::{
    Error,
    error::{Kind, nearest},
};
use rhai::Map;

/// What may be written after a command.
#[derive(Debug, Clone, Copy)]
enum Takes {
    Nothing,
    /// One of these words, or something else.
    Words(&'static [&'static str]),
    /// An operation, a module or a function.
    Name,
    Account,
    File,
    /// Another command.
    Command,
    /// A code, then an operation.
    Code,
}

struct Command {
    name: &'static str,
    arguments: &'static str,
    takes: Takes,
    run: Run,
    help: &'static str,
}

type Run = fn(&mut Prompt, &str) -> Result<(), Error>;

static COMMANDS: [Command; 18] = [
    command("help", "[COMMAND]", Takes::Command, help, "this list, or one command"),
    command("ops", "[WORDS]", Takes::Name, knowledge::ops, "find operations by words"),
    command("doc", "NAME", Takes::Name, knowledge::doc, "all about an operation, a module or a function"),
    command("explain", "CODE [OPERATION]", Takes::Code, knowledge::explain, "what a code means, what to do about it"),
    command("account", "[NAME]", Takes::Account, session::account, "list the accounts, or use another"),
    command("vars", "", Takes::Nothing, session::vars, "variables, functions and imports of this session"),
    command("history", "[N]", Takes::Nothing, session::history, "the last entries, with their numbers"),
    command("load", "[FILE]", Takes::File, files::load, "run a script in this session, or the last one again"),
    command("reload", "", Takes::Nothing, files::reload, "read juben.toml and imports anew; a sandbox begins again"),
    command("save", "FILE [3-7,9]", Takes::File, files::save, "entries as a script; FILE! replaces one"),
    command("time", "[ENTRY]", Takes::Nothing, calls::time, "how long the last entry took, or this one takes"),
    command("table", "", Takes::Nothing, as_tables, "show lists as tables, and `_` again"),
    command("json", "", Takes::Nothing, as_json, "show values as JSON, and `_` again"),
    command("tree", "", Takes::Nothing, as_trees, "show values as trees, and `_` again"),
    command("last", "[request|list|N]", Takes::Words(&["request", "list"]), calls::last, "what went over the wire"),
    command("undo", "", Takes::Nothing, undo::undo, "undo the last write, where there is a way back"),
    command("sandbox", "[off|reset|advance 2d]", SANDBOX, sandbox::sandbox, "to the sandbox and back; move its clock"),
    command("quit", "", Takes::Nothing, quit, "leave; Ctrl-D does too"),
];

const SANDBOX: Takes = Takes::Words(&["off", "reset", "advance"]);

const fn command(name: &'static str, arguments: &'static str, takes: Takes, run: Run, help: &'static str) -> Command {
    Command { name, arguments, takes, run, help }
}

/// Do what a line such as `:doc drama.list_media` says.
pub fn run(prompt: &mut Prompt, line: &str) -> Result<Flow, Error> {
    let line = line.trim().trim_start_matches(':');
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let command = named(name)?;
    (command.run)(prompt, rest.trim()).map_err(here)?;
    Ok(if prompt.leaves { Flow::Leave } else { Flow::Stay })
}

/// The command of that name, or of the only name that begins so.
fn named(name: &str) -> Result<&'static Command, Error> {
    const SHORT: [(&str, &str); 4] = [("h", "help"), ("?", "help"), ("q", "quit"), ("exit", "quit")];
    let name = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| long);
    let begin: Vec<_> = COMMANDS.iter().filter(|it| !name.is_empty() && it.name.starts_with(name)).collect();
    match &begin[..] {
        _ if let Some(exact) = begin.iter().find(|it| it.name == name) => Ok(exact),
        [only] => Ok(only),
        [] => {
            let error = Error::new(Kind::Usage, format!("there is no command `:{name}`"));
            Err(match nearest(name, COMMANDS.iter().map(|it| it.name)) {
                Some(near) => error.hint(format!("did you mean `:{near}`?")),
                None => error.hint("`:help` lists the commands"),
            })
        }
        several => {
            let names: Vec<_> = several.iter().map(|it| format!("`:{}`", it.name)).collect();
            Err(Error::new(Kind::Usage, format!("`:{name}` may be {}", names.join(" or "))).hint("write more of it"))
        }
    }
}

/// An error that speaks of the shell's subcommands, in words of the prompt.
fn here(error: Error) -> Error {
    let words = [("`juben ops", "`:ops"), ("`juben doc", "`:doc"), ("`juben explain", "`:explain")];
    let hint = error.hint.clone().map(|hint| words.iter().fold(hint, |hint, (from, to)| hint.replace(from, to)));
    error.hinted(hint)
}

fn help(prompt: &mut Prompt, name: &str) -> Result<(), Error> {
    if !name.is_empty() {
        let Command { name, arguments, help, .. } = named(name.trim_start_matches(':'))?;
        return prompt.screen.write(&format!(":{name} {arguments}\n  {help}\n"));
    }
    let row = |it: &Command| format!("  {:<32}{}\n", format!(":{} {}", it.name, it.arguments), it.help);
    let commands: String = COMMANDS.iter().map(row).collect();
    prompt
        .screen
        .write(&format!("{commands}Any unique beginning of a name does. What is no command is a piece of script.\n"))
}

fn quit(prompt: &mut Prompt, _: &str) -> Result<(), Error> {
    prompt.leaves = true;
    Ok(())
}

fn as_tables(prompt: &mut Prompt, _: &str) -> Result<(), Error> {
    show_as(prompt, Mode::Table)
}

fn as_json(prompt: &mut Prompt, _: &str) -> Result<(), Error> {
    show_as(prompt, Mode::Json)
}

fn as_trees(prompt: &mut Prompt, _: &str) -> Result<(), Error> {
    show_as(prompt, Mode::Tree)
}

fn show_as(prompt: &mut Prompt, mode: Mode) -> Result<(), Error> {
    prompt.mode = mode;
    let last = prompt.session.variables().find(|(name, _)| *name == "_").map(|(_, value)| value.clone());
    last.map_or(Ok(()), |last| prompt.show(&last))
}

/// Rows as a table that fits the screen.
fn table(prompt: &Prompt, columns: &[&str], rows: &[Map]) -> Result<(), Error> {
    let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    let width = prompt.screen.terminal.then(|| u16::try_from(prompt.screen.width()).unwrap_or(u16::MAX));
    prompt.screen.write(&(crate::host::table(&columns, rows, width) + "\n"))
}

fn wrong(message: impl Into<String>, hint: &str) -> Error {
    Error::new(Kind::Usage, message).hint(hint)
}
