//! `juben check FILES` — what is wrong with scripts, without running them.

use super::{
    Common,
    apis::catalog_of,
    colour,
    packages::{Inspected, inspect},
    permit,
    scripts::below,
    width, write_out,
};
use crate::{
    Error,
    analysis::{Checked, Finding, Library, Report, Rights, Severity, Source, check},
    catalog::Effect,
    config::Config,
    engine::{Script, finder, library},
    error::{Kind, Place},
    packages::{Installed, MANIFEST, Project, VENDOR},
    rights::Kind as Right,
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io::{Read, Write, stderr, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
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
imports. A folder with a package.toml, or with one below it, is judged as a package, too:
what the manifest lacks, and where the code goes beyond it, as `juben publish` does.
Where nothing is wrong, the operations that the script can call are, the files that
it opens and saves, whom it tells, the hosts that it reaches and the variables of the
environment that it knows. Exit code 2 when there is an error, else 0.

The JSON of a script, in one line:
  { \"file\": \"scripts/renew.rhai\",
    \"findings\": [{ \"file\", \"line\", \"column\", \"end_line\", \"end_column\",
                   \"severity\", \"code\", \"message\", \"hint\" }],
    \"rights\": { \"operations\": { \"drama.list_media\": \"read\" },
                \"others\": [\"files-read:grants.csv\", \"notify:team\"],
                \"unknown\": [{ \"file\", \"line\", \"column\" }] } }
Lines and columns count from 1, columns in characters; the end is after the last
character. `severity` is error or warning, `hint` is null where there is none. The
`code` of a script that cannot be read is unreadable. `rights.others` are the files,
people, hosts and variables that it reaches; a right without a colon is for all of its kind.
`rights.unknown` are the places that may call any operation, since its name is known
only when the script runs.";

impl Check {
    /// Of all scripts in a folder.
    pub(super) fn of(folder: &Path) -> Check {
        Check { files: vec![folder.to_owned()], json: false, deny_warnings: false }
    }

    pub(super) fn execute(self, common: &Common) -> Result<ExitCode, Error> {
        let library = library(catalog_of(common)?);
        let mut told = Told { quiet: common.quiet, findings: Vec::new() };
        let packages = self.packages(common)?;
        let mut judged = judge(scripts(&self.files)?, &library, &packages);
        for package in self.files.iter().map(|path| packages_below(path)).collect::<Result<Vec<_>, _>>()?.concat() {
            let seen: Vec<_> = judged.iter().flat_map(|(_, checked)| checked.findings.clone()).collect();
            judged.push(of_package(inspect(&package, common)?, &seen));
        }
        for (script, checked) in &judged {
            match self.json {
                true => write_out(&format!("{}\n", as_json(script, checked)))?,
                false => told.write(script, checked)?,
            }
            told.add(&checked.findings);
        }
        let errors = told.count(Severity::Error);
        let warnings = told.count(Severity::Warning);
        if !common.quiet || errors + warnings > 0 {
            writeln!(stderr(), "{}", summary(errors, warnings, judged.len())).ok();
        }
        let bad = errors > 0 || (self.deny_warnings && warnings > 0);
        Ok(if bad { ExitCode::from(Kind::Usage.exit_code()) } else { ExitCode::SUCCESS })
    }

    /// What the scripts may import. Who works on a package has changed it since a project has locked it.
    fn packages(&self, common: &Common) -> Result<Arc<Installed>, Error> {
        let project = Config::file(common.config.as_deref())?;
        let project = project.as_ref().map(|(path, text)| (path.as_path(), text.as_str()));
        match (permit::packages(project), project) {
            (Err(error), Some((path, text))) if error.kind == Kind::Denied && self.is_of_packages() => {
                Ok(Arc::new(Project::of_text(path, text)?.present()))
            }
            (packages, _) => packages,
        }
    }

    /// Whether all that is checked lies in packages.
    fn is_of_packages(&self) -> bool {
        let is_package = |folder: &Path| folder.join(MANIFEST).is_file();
        self.files.iter().all(|file| file.canonicalize().is_ok_and(|file| file.ancestors().any(is_package)))
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
            let source = checked.sources.iter().find(|source| source.name == finding.file);
            let mut report = Report::of(finding, source.unwrap_or(script));
            // A script that cannot be read has no line to show.
            report.spot = report.spot.filter(|_| source.is_some());
            write_out(&report.render(colour, width().clamp(60, 120)))?;
        }
        if self.quiet || !checked.findings.is_empty() {
            return Ok(());
        }
        write_out(&rights(script, &checked.rights))
    }

    fn add(&mut self, findings: &[Finding]) {
        let new: Vec<_> = findings.iter().filter(|finding| !self.findings.contains(finding)).cloned().collect();
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

/// A script to judge.
struct Given {
    script: Source,
    /// Where its imports are looked for.
    folder: PathBuf,
    /// Why it cannot be read.
    unreadable: Option<Error>,
}

impl Given {
    fn read(path: &Path) -> Given {
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        match Script::read(path) {
            Ok(script) => Given { script: script.source(), folder, unreadable: None },
            Err(error) => {
                let script = Source::new(path.display().to_string(), "");
                Given { script, folder, unreadable: Some(error) }
            }
        }
    }

    fn check(&self, folder: &Path, library: &Library, packages: &Arc<Installed>) -> Checked {
        let Some(error) = &self.unreadable else {
            return check(&self.script, library, &finder(folder.to_owned(), packages.clone()));
        };
        let finding = Finding {
            severity: Severity::Error,
            code: "unreadable",
            message: error.message.clone(),
            hint: error.hint.clone(),
            file: self.script.name.clone(),
            span: 0..0,
        };
        Checked { findings: vec![finding], ..Checked::default() }
    }
}

fn scripts(paths: &[PathBuf]) -> Result<Vec<Given>, Error> {
    let mut scripts = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| Error::new(Kind::Usage, format!("cannot read standard input: {error}")))?;
            scripts.push(Given { script: Source::new("-", text), folder: PathBuf::new(), unreadable: None });
        } else if path.is_dir() {
            let files = below(path)?;
            if files.is_empty() && !path.join(MANIFEST).is_file() {
                let error = Error::new(Kind::Usage, format!("the folder {} has no scripts", path.display()));
                return Err(error.hint("a script is a file whose name ends with .rhai"));
            }
            scripts.extend(files.iter().map(|file| Given::read(file)));
        } else {
            scripts.push(Given::read(path));
        }
    }
    Ok(scripts)
}

/// The packages in a folder. What others have made is in `vendor`, and theirs to mend.
fn packages_below(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let scripts = below(path)?;
    let mut folders: Vec<_> = scripts.iter().flat_map(|script| script.ancestors().skip(1)).collect();
    folders.push(path);
    folders.sort();
    folders.dedup();
    let is_own = |folder: &&&Path| {
        let inner = folder.strip_prefix(path);
        inner.is_ok_and(|inner| !inner.starts_with(VENDOR)) && folder.join(MANIFEST).is_file()
    };
    Ok(folders.iter().filter(is_own).map(|folder| folder.to_path_buf()).collect())
}

/// A package as a script is told of. What was found before is not told again.
fn of_package(package: Inspected, seen: &[Finding]) -> (Source, Checked) {
    let sources: Vec<_> = std::iter::once(package.manifest.clone()).chain(package.texts).collect();
    let finding = |fault: &Error| {
        let source = fault.place.as_ref().and_then(|place| sources.iter().find(|source| source.name == place.file));
        let source = source.unwrap_or(&package.manifest);
        let start = fault.place.as_ref().map_or(0, |place| source.offset(place.line, place.column));
        Finding {
            severity: Severity::Error,
            code: fault.kind.name(),
            message: fault.message.clone(),
            hint: fault.hint.clone(),
            file: source.name.clone(),
            span: start..start + word(&source.text[start..]),
        }
    };
    // What cannot be read is told of once.
    let is_new = |finding: &Finding| !seen.iter().any(|it| it.code == "syntax" && it.file == finding.file);
    let findings = package.faults.iter().map(finding).filter(is_new).collect();
    (package.manifest.clone(), Checked { findings, rights: package.rights, sources })
}

/// How long the word is that the text begins with.
fn word(text: &str) -> usize {
    let end = text.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(text.len());
    end.max(text.chars().next().map_or(0, char::len_utf8))
}

/// What is wrong with each. One that another of them imports is judged as that one's module: what it imports itself is
/// looked for in the folder of the script that runs.
fn judge(scripts: Vec<Given>, library: &Library, packages: &Arc<Installed>) -> Vec<(Source, Checked)> {
    let alone: Vec<_> = scripts.iter().map(|it| it.check(&it.folder, library, packages)).collect();
    let really = |name: &str| Path::new(name).canonicalize().ok();
    let mut folders = HashMap::new();
    for (given, checked) in scripts.iter().zip(&alone) {
        for module in checked.sources.iter().skip(1).filter_map(|module| really(&module.name)) {
            folders.entry(module).or_insert(&given.folder);
        }
    }
    let judged = scripts.iter().zip(alone).map(|(given, alone)| {
        let folder = really(&given.script.name).and_then(|path| folders.get(&path));
        let checked = match folder.filter(|folder| ***folder != given.folder) {
            Some(folder) => given.check(folder, library, packages),
            None => alone,
        };
        (given.script.clone(), checked)
    });
    judged.collect()
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
    let others = rights.others();
    for (kind, word, any) in [
        (Right::FilesRead, "opens", "any file"),
        (Right::FilesWrite, "saves", "any file"),
        (Right::Notify, "tells", "anyone"),
        (Right::Host, "reaches", "any host"),
        (Right::Env, "knows", "any variable of the environment"),
        (Right::Account, "switches", "to any account"),
        (Right::State, "keeps", "anything"),
        (Right::Events, "events", "any"),
    ] {
        let of_kind = others.iter().filter(|right| right.kind == kind);
        let of_kind = of_kind.map(|right| if right.is_for_all() { any } else { right.what.as_str() });
        text += &paragraph(word, &of_kind.collect::<Vec<_>>().join(", "));
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
            "others": checked.rights.others().iter().map(ToString::to_string).collect::<Vec<_>>(),
            "unknown": checked.rights.unknown.iter().map(place).collect::<Vec<_>>(),
        },
    })
}
