//! `juben check FILES` — what is wrong with scripts, without running them.

use super::{Common, apis::catalog_of, colour, width, write_out};
use crate::{
    Error,
    analysis::{Checked, Finding, Report, Rights, Severity, Source, check},
    catalog::Effect,
    engine::{Script, finder, library},
    error::{Kind, Place},
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    io::{Read, Write, stderr, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Look for mistakes in scripts without running them
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Check {
    /// Scripts, and folders of scripts; - reads a script from standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Write a line of JSON for each script
    #[arg(long)]
    json: bool,
    /// End with exit code 2 for warnings, too
    #[arg(long)]
    deny_warnings: bool,
}

const HELP: &str = "Examples:
  juben check scripts
  juben check report.rhai --deny-warnings
  juben check scripts --json | jq -r '.rights.operations | keys[]'

What is wrong is written to standard output, also in the modules that a script
imports. Where nothing is, the operations that the script can call are. Exit code 2
when there is an error, else 0.

The JSON of a script, in one line:
  { \"file\": \"scripts/renew.rhai\",
    \"findings\": [{ \"file\", \"line\", \"column\", \"end_line\", \"end_column\",
                   \"severity\", \"code\", \"message\", \"hint\" }],
    \"rights\": { \"operations\": { \"drama.list_media\": \"read\" },
                \"unknown\": [{ \"file\", \"line\", \"column\" }] } }
Lines and columns count from 1, columns in characters; the end is after the last
character. `severity` is error or warning, `hint` is null where there is none.
`rights.unknown` are the places that may call any operation, since its name is known
only when the script runs.";

impl Check {
    pub(super) fn execute(self, common: &Common) -> Result<ExitCode, Error> {
        let library = library(catalog_of(common)?);
        let mut told = Told { quiet: common.quiet, findings: Vec::new() };
        let scripts = scripts(&self.files)?;
        for (script, folder) in &scripts {
            let checked = check(script, &library, &finder(folder.clone()));
            match self.json {
                true => write_out(&format!("{}\n", as_json(script, &checked)))?,
                false => told.write(script, &checked)?,
            }
            told.add(checked.findings);
        }
        let errors = told.count(Severity::Error);
        let warnings = told.count(Severity::Warning);
        if !common.quiet || errors + warnings > 0 {
            writeln!(stderr(), "{}", summary(errors, warnings, scripts.len())).ok();
        }
        let bad = errors > 0 || (self.deny_warnings && warnings > 0);
        Ok(if bad { ExitCode::from(Kind::Usage.exit_code()) } else { ExitCode::SUCCESS })
    }
}

/// What was told so far: a module that several scripts import is told of once.
struct Told {
    quiet: bool,
    findings: Vec<Finding>,
}

impl Told {
    fn write(&self, script: &Source, checked: &Checked) -> Result<(), Error> {
        let colour = colour(&stdout());
        for finding in checked.findings.iter().filter(|finding| !self.findings.contains(finding)) {
            if let Some(source) = checked.sources.iter().find(|source| source.name == finding.file) {
                write_out(&Report::of(finding, source).render(colour, width().clamp(60, 120)))?;
            }
        }
        if self.quiet || !checked.findings.is_empty() {
            return Ok(());
        }
        write_out(&rights(script, &checked.rights))
    }

    fn add(&mut self, findings: Vec<Finding>) {
        let new: Vec<_> = findings.into_iter().filter(|finding| !self.findings.contains(finding)).collect();
        self.findings.extend(new);
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// `3 errors, 1 warning in 2 files`
fn summary(errors: usize, warnings: usize, files: usize) -> String {
    let counted = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{count} {word}s")),
    };
    let found: Vec<_> = [counted(errors, "error"), counted(warnings, "warning")].into_iter().flatten().collect();
    let found = if found.is_empty() { "nothing wrong".to_owned() } else { found.join(", ") };
    format!("{found} in {}", counted(files, "file").unwrap_or_else(|| "no file".to_owned()))
}

/// The scripts with the folders in which their imports are looked for.
fn scripts(paths: &[PathBuf]) -> Result<Vec<(Source, PathBuf)>, Error> {
    let mut scripts = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| Error::new(Kind::Usage, format!("cannot read standard input: {error}")))?;
            scripts.push((Source::new("-", text), PathBuf::new()));
        } else if path.is_dir() {
            let before = scripts.len();
            of_folder(path, &mut scripts)?;
            if scripts.len() == before {
                let error = Error::new(Kind::Usage, format!("the folder {} has no scripts", path.display()));
                return Err(error.hint("a script is a file whose name ends with .rhai"));
            }
        } else {
            scripts.push(of_file(path)?);
        }
    }
    Ok(scripts)
}

fn of_file(path: &Path) -> Result<(Source, PathBuf), Error> {
    let Script { name, text } = Script::read(path)?;
    Ok((Source { name, text }, path.parent().map(PathBuf::from).unwrap_or_default()))
}

/// All scripts of a folder and the folders in it, in the order of their names.
fn of_folder(folder: &Path, scripts: &mut Vec<(Source, PathBuf)>) -> Result<(), Error> {
    let unreadable = |error| Error::new(Kind::Usage, format!("cannot read the folder {}: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(unreadable)?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    let hidden = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    for path in paths.into_iter().filter(|path| !hidden(path)) {
        if path.is_dir() {
            of_folder(&path, scripts)?;
        } else if path.extension().is_some_and(|it| it == "rhai") {
            scripts.push(of_file(&path)?);
        }
    }
    Ok(())
}

/// What a script can call, as a person reads it.
fn rights(script: &Source, rights: &Rights) -> String {
    let mut text = format!("{}\n", script.name);
    for (effect, word) in [(Effect::Read, "reads"), (Effect::Write, "writes"), (Effect::Destructive, "destroys")] {
        let of_effect = rights.operations.iter().filter(|(_, it)| **it == effect).map(|(name, _)| name.as_str());
        text += &paragraph(word, &of_effect.collect::<Vec<_>>().join(", "));
    }
    let places: Vec<_> = rights.unknown.iter().map(|it| format!("{}:{}:{}", it.file, it.line, it.column)).collect();
    if !places.is_empty() {
        let places = places.join(", ");
        text += &paragraph("any", &format!("operation, named only when the script runs: {places}"));
    } else if rights.operations.is_empty() {
        text += &paragraph("calls", "no operation");
    }
    text
}

fn paragraph(word: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let first = format!("  {word:<9} ");
    let options =
        textwrap::Options::new(width().clamp(60, 120)).initial_indent(&first).subsequent_indent("            ");
    textwrap::fill(text, options.break_words(false)) + "\n"
}

fn as_json(script: &Source, checked: &Checked) -> Value {
    let place = |place: &Place| json!({ "file": place.file, "line": place.line, "column": place.column });
    let finding = |finding: &Finding| {
        let source = checked.sources.iter().find(|source| source.name == finding.file).unwrap_or(script);
        let (start, end) = (source.place(finding.span.start), source.place(finding.span.end));
        json!({
            "file": finding.file,
            "line": start.line,
            "column": start.column,
            "end_line": end.line,
            "end_column": end.column,
            "severity": finding.severity.name(),
            "code": finding.code,
            "message": finding.message,
            "hint": finding.hint,
        })
    };
    let operations = checked.rights.operations.iter().map(|(name, effect)| (name.clone(), effect.name().into()));
    json!({
        "file": script.name,
        "findings": checked.findings.iter().map(finding).collect::<Vec<_>>(),
        "rights": {
            "operations": operations.collect::<serde_json::Map<_, _>>(),
            "unknown": checked.rights.unknown.iter().map(place).collect::<Vec<_>>(),
        },
    })
}
