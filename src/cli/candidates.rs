//! What may be written at a place of the command line, for a shell that asks at each Tab.

use super::{Cli, apis, form::Form};
use crate::{
    catalog::{Catalog, Operation, Schema, Type},
    config::Config,
    engine::{Sources, manual},
};
use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    path::Path,
    sync::Arc,
};

/// The command line that the shell holds, each of its arguments with what it may be.
pub(super) fn command() -> Command {
    let line = Line::of_shell();
    let command = Cli::command();
    let form = Form::find(&command, line.words.get(1..).unwrap_or_default(), &Sources::default());
    let command = form.ok().flatten().map_or_else(|| command.clone(), |form| form.add_to(command.clone()));
    let config = Config::load(line.value_of("--config").map(Path::new)).map_or_else(|_| Config::default(), |it| it.0);
    let catalog = apis::catalog(&config).unwrap_or_else(|_| Catalog::builtin());
    let named = move |name: &String| candidate(name.clone(), String::new());
    let names: Vec<String> = config.job.iter().chain(&config.on).map(|job| job.name.clone()).collect();
    let jobs = among(&catalog, move |_| names.iter().map(named).collect());
    let accounts = among(&catalog, move |_| config.account.keys().map(named).collect());
    let called = line.after("call").and_then(|name| catalog.find(name.to_str()?));
    let begun = called.as_ref().zip(line.before_equals());
    if let Some(field) = begun.and_then(|(operation, name)| operation.input.properties.get(&name).cloned()) {
        // No option may stand behind `status=`.
        let value = among(&catalog, move |_| values(&field).map(|value| candidate(value, String::new())).collect());
        let words = Arg::new("words").num_args(..).add(value);
        return Command::new("juben").disable_help_flag(true).disable_version_flag(true).arg(words);
    }
    let fields = ArgValueCompleter::new(move |word: &OsStr| match (&called, word.to_str()) {
        (Some(operation), Some(word)) => fields(operation, word),
        _ => Vec::new(),
    });
    command.mut_subcommands(|command| {
        if command.get_name() == "jobs" {
            return command.mut_subcommands(|deed| {
                deed.mut_args(|arg| if arg.get_id() == "name" { arg.add(jobs.clone()) } else { arg })
            });
        }
        let of_name = match command.get_name() {
            "run" | "check" | "test" => Some(scripts()),
            "call" => Some(among(&catalog, operations)),
            "doc" => Some(among(&catalog, documented)),
            "explain" => Some(among(&catalog, codes)),
            _ => None,
        };
        command.mut_args(|arg| match (arg.get_id().as_str(), &of_name) {
            ("account", _) => arg.add(accounts.clone()),
            ("fields", _) => arg.add(fields.clone()),
            ("arguments", _) => arg.value_hint(ValueHint::AnyPath),
            (_, Some(names)) if arg.is_positional() => arg.add(names.clone()),
            _ => arg,
        })
    })
}

fn scripts() -> ArgValueCompleter {
    let is_script = |path: &Path| path.is_dir() || path.extension().is_some_and(|it| it == "rhai");
    ArgValueCompleter::new(PathCompleter::any().filter(is_script))
}

/// Those that begin as the word does. They are looked for only when the shell wants them.
fn among(
    catalog: &Arc<Catalog>,
    all: impl Fn(&Catalog) -> Vec<CompletionCandidate> + Send + Sync + 'static,
) -> ArgValueCompleter {
    let catalog = Arc::clone(catalog);
    ArgValueCompleter::new(move |word: &OsStr| {
        let mut candidates = all(&catalog);
        candidates.retain(|it| it.get_value().to_string_lossy().starts_with(&*word.to_string_lossy()));
        candidates
    })
}

fn candidate(text: String, about: String) -> CompletionCandidate {
    CompletionCandidate::new(text).help((!about.is_empty()).then(|| about.into()))
}

fn operations(catalog: &Catalog) -> Vec<CompletionCandidate> {
    catalog.operations().map(|it| candidate(it.full_name(), it.summary.clone())).collect()
}

/// What `juben doc` knows: operations, modules and functions.
fn documented(catalog: &Catalog) -> Vec<CompletionCandidate> {
    let mut names = BTreeMap::new();
    for function in manual() {
        names.entry(format!("{}.{}", function.module, function.name)).or_insert_with(|| function.summary());
        names.entry(function.module).or_default();
    }
    operations(catalog).into_iter().chain(names.into_iter().map(|(name, about)| candidate(name, about))).collect()
}

/// The codes of errors, each once.
fn codes(catalog: &Catalog) -> Vec<CompletionCandidate> {
    let codes = catalog.error_codes().map(|(_, _, code, known)| (code.to_owned(), known.meaning.en.clone()));
    let codes: BTreeMap<_, _> = codes.collect();
    codes.into_iter().map(|(code, meaning)| candidate(code, meaning)).collect()
}

/// `limit=` for a name that has begun, the required first; `status=1` for a value.
fn fields(operation: &Operation, word: &str) -> Vec<CompletionCandidate> {
    let input = &operation.input;
    if let Some((name, value)) = word.split_once('=') {
        let values = input.properties.get(name).into_iter().flat_map(values).filter(|it| it.starts_with(value));
        return values.map(|value| candidate(format!("{name}={value}"), String::new())).collect();
    }
    let fields = input.properties.iter().filter(|(name, _)| name.starts_with(word));
    let (required, others): (Vec<_>, Vec<_>) = fields.partition(|(name, _)| input.required.contains(name));
    let fields = required.into_iter().chain(others);
    fields.map(|(name, field)| candidate(format!("{name}="), field.description.clone())).collect()
}

/// The values that a field allows, where they are few.
fn values(field: &Schema) -> impl Iterator<Item = String> {
    let truths = [Value::Bool(true), Value::Bool(false)];
    let is_truth = field.values.is_empty() && field.types == [Type::Boolean];
    let values = if is_truth { truths.to_vec() } else { field.values.clone() };
    values.into_iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// The words that a shell holds, up to the one that is being written.
struct Line {
    words: Vec<OsString>,
}

impl Line {
    /// As the shell gives them: behind `--`.
    fn of_shell() -> Line {
        let mut words: Vec<OsString> = env::args_os().skip_while(|word| word != "--").skip(1).collect();
        let index = env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse::<usize>().ok());
        words.truncate(index.map_or(words.len(), |index| index + 1));
        Line { words }
    }

    fn value_of(&self, option: &str) -> Option<&OsString> {
        self.words.windows(2).find(|pair| pair[0] == option).map(|pair| &pair[1])
    }

    /// The first word after a subcommand that is no option.
    fn after(&self, command: &str) -> Option<&OsString> {
        let mut words = self.words.iter().skip_while(|word| *word != command).skip(1);
        words.find(|word| !word.to_string_lossy().starts_with('-'))
    }

    /// The name whose value is written when the shell splits words at `=`, as bash does: `status`, `=`, `1`. Right behind the
    /// sign, bash gives an empty word instead of it; whether the name is one is left to the reader.
    fn before_equals(&self) -> Option<String> {
        let name = match &self.words[..] {
            [.., name, equals, _] if equals == "=" => name,
            [.., name, last] if last.is_empty() => name,
            _ => return None,
        };
        Some(name.to_string_lossy().into_owned())
    }
}
