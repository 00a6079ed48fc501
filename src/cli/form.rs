//! The form of a script: what its head declares, as options of `juben run SCRIPT` and as its help.

use super::packages::script_here;
use crate::{
    Error,
    analysis::{self, Parameter, ParameterKind},
    engine::{Script, Sources},
};
use clap::{
    Arg, ArgMatches, Command, ValueHint,
    builder::{PossibleValuesParser, ValueParser},
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The commands that take a script with its parameters.
const RUNNERS: [&str; 2] = ["run", "plan"];

/// A script and its parameters.
#[derive(Debug)]
pub(super) struct Form {
    path: PathBuf,
    about: String,
    parameters: Vec<Parameter>,
}

impl Form {
    /// Of the script that these words, those after `juben`, ask to run. There is none without a script that can be read:
    /// why not is told when it is run.
    pub(super) fn find(command: &Command, words: &[OsString], sources: &Sources) -> Result<Option<Form>, Error> {
        let Some(path) = script_among(command, words) else { return Ok(None) };
        let Some(script) = Script::read(path).ok().or_else(|| script_here(path, config_among(words)).ok()) else {
            return Ok(None);
        };
        sources.add(&script.name, &script.text);
        let source = script.source();
        let (about, parameters) = (analysis::about(&source), analysis::parameters(&source)?);
        Ok(Some(Form { path: path.to_owned(), about, parameters }))
    }

    /// Why there is none, where these words ask to run a script: what stands behind its name cannot be understood then.
    pub(super) fn missing(command: &Command, words: &[OsString]) -> Option<Error> {
        script_here(script_among(command, words)?, config_among(words)).err()
    }

    /// The command line with the parameters as options of `run`, and the script's own words as its help.
    pub(super) fn add_to(&self, command: Command) -> Command {
        let (ours, by_name_only) = self.options(&command);
        let usage = self.usage(&ours);
        let heading = format!("Parameters of {}", self.path.file_name().unwrap_or_default().display());
        let options: Vec<_> = ours.into_iter().map(|it| option(it).help_heading(heading.clone())).collect();
        let by_name_only = by_name_only.iter().map(|Parameter { name, help, .. }| {
            format!("`{name}` is given by --arg {name}=…, as --{name} is an option of juben itself: {help}")
        });
        let notes = by_name_only.collect::<Vec<_>>().join("\n");
        let add = |mut run: Command| {
            if !self.about.is_empty() {
                let title = self.about.lines().next().unwrap_or_default();
                run = run.about(title.to_owned()).long_about(self.about.clone());
            }
            if self.parameters.is_empty() {
                return run;
            }
            let usage = usage.replacen("juben run", &format!("juben {}", run.get_name()), 1);
            let run = run.override_usage(usage).after_help(notes.clone());
            let run = run.mut_arg("script", |arg| arg.hide(true));
            run.mut_arg("arguments", |arg| arg.help("Its parameters in their order, instead of by name"))
                .args(options.clone())
        };
        RUNNERS.into_iter().fold(command, |command, name| command.mut_subcommand(name, add))
    }

    /// What the options give, by the names of the parameters.
    pub(super) fn given(&self, command: &Command, matches: &ArgMatches) -> Vec<(String, String)> {
        let (ours, _) = self.options(command);
        let value = |it: &Parameter| Some((it.name.clone(), matches.get_one::<String>(&id(it))?.clone()));
        ours.into_iter().filter_map(value).collect()
    }

    /// The parameters that are options, and those whose names are options of juben already.
    fn options(&self, command: &Command) -> (Vec<&Parameter>, Vec<&Parameter>) {
        let own = |it: &&Parameter| it.flag() == "help" || own_option(command, &format!("--{}", it.flag())).is_some();
        let (by_name_only, ours) = self.parameters.iter().partition(own);
        (ours, by_name_only)
    }

    fn usage(&self, options: &[&Parameter]) -> String {
        let required = options.iter().filter(|it| it.default.is_none());
        let required: String = required.map(|it| format!(" --{} <{}>", it.flag(), it.kind.placeholder())).collect();
        format!("juben run {}{required} [OPTIONS] [ARGUMENTS]...", self.path.display())
    }
}

fn id(parameter: &Parameter) -> String {
    format!("parameter {}", parameter.name)
}

fn option(parameter: &Parameter) -> Arg {
    let Parameter { name, kind, default, help } = parameter;
    let default = match default.as_deref() {
        None => " [required]".to_owned(),
        Some("") => String::new(),
        Some(default) => format!(" [default: {default}]"),
    };
    let option = Arg::new(id(parameter))
        .long(parameter.flag())
        .value_name(kind.placeholder())
        .help(format!("{help}{default}").trim().to_owned())
        .value_parser(parser(kind));
    let option = if parameter.flag() == *name { option } else { option.alias(name.clone()) };
    match kind {
        ParameterKind::Bool => option.num_args(0..=1).require_equals(true).default_missing_value("true"),
        ParameterKind::Int | ParameterKind::Float => option.allow_negative_numbers(true),
        ParameterKind::Path => option.value_hint(ValueHint::AnyPath),
        ParameterKind::Text | ParameterKind::OneOf(_) => option,
    }
}

fn parser(kind: &ParameterKind) -> ValueParser {
    match kind.clone() {
        ParameterKind::OneOf(words) => PossibleValuesParser::new(words).into(),
        ParameterKind::Bool => PossibleValuesParser::new(["true", "false"]).into(),
        kind => ValueParser::new(move |text: &str| kind.read(text).map(|_| text.to_owned())),
    }
}

/// The option of `juben` or `juben run` that a word is.
fn own_option<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    let of_run = RUNNERS.iter().filter_map(|name| command.find_subcommand(name)).flat_map(Command::get_arguments);
    command.get_arguments().chain(of_run).find(|arg| {
        arg.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long))
            || arg.get_short().is_some_and(|short| word.strip_prefix('-') == Some(short.encode_utf8(&mut [0; 4])))
    })
}

/// The configuration that these words name.
fn config_among(words: &[OsString]) -> Option<&Path> {
    let next = words.iter().skip_while(|word| *word != "--config").nth(1);
    let joined = || words.iter().find_map(|word| word.to_str()?.strip_prefix("--config="));
    next.map(Path::new).or_else(|| joined().map(Path::new))
}

/// The first word after `run` that is neither an option nor the value of one. What follows an option that is not known yet
/// is its value, unless it is a script.
fn script_among<'a>(command: &Command, words: &'a [OsString]) -> Option<&'a Path> {
    let (mut in_run, mut ended) = (false, false);
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let text = word.to_str().unwrap_or_default();
        if !ended && text == "--" {
            ended = true;
        } else if !ended && text.len() > 1 && text.starts_with('-') {
            let is_script = |next: &&&OsString| Path::new(next).extension().is_some_and(|it| it == "rhai");
            let takes_value = own_option(command, text).map_or_else(
                || words.peek().is_some_and(|next| !is_script(&next)),
                |option| option.get_action().takes_values(),
            );
            if takes_value && !text.contains('=') {
                words.next();
            }
        } else if in_run {
            return Some(Path::new(word));
        } else if RUNNERS.contains(&text) {
            in_run = true;
        } else {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_script_is_found_among_options_and_their_values() {
        let command = super::super::Cli::command();
        let found = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            script_among(&command, &words).map(|path| path.display().to_string())
        };
        for line in [
            "run a.rhai",
            "run --account main a.rhai b.rhai",
            "--config run -v run --sandbox a.rhai --days 3",
            "run --days 3 a.rhai",
            "run --gaps a.rhai x",
            "run --days=3 -q -- a.rhai",
        ] {
            assert_eq!(found(line).as_deref(), Some("a.rhai"), "{line}");
        }
        for line in ["call a.rhai", "run", "run --account a.rhai", "--config run a.rhai"] {
            assert_eq!(found(line), None, "{line}");
        }
    }
}
