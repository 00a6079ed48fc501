//! The jobs of a configuration as the scheduler takes them: whatever would fail at three in the night is refused here.

use crate::{
    Error,
    analysis::{self, Parameter, ParameterKind},
    catalog::Catalog,
    cli::packages::{Chosen, script},
    config::{self, Config},
    engine::{self, Script, Sources},
    error::{Kind, nearest},
    scheduler::{Job, Rules, Trigger, schedule::Schedule},
};
use jiff::tz::{self, TimeZone};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// All jobs of a configuration, or what is wrong with the first that is wrong. Paths among their parameters start at the
/// folder of `juben.toml`.
pub(in crate::cli) fn jobs(config: &Config, folder: &Path, sources: &Sources) -> Result<Vec<Job>, Error> {
    let catalog = Catalog::builtin();
    let mut reader = Reader { config, catalog, folder, sources, scripts: HashMap::new(), zones: HashMap::new() };
    let timed = config.job.iter().map(|job| ("[[job]]", job));
    let reactions = config.on.iter().map(|job| ("[[on]]", job));
    timed
        .chain(reactions)
        .map(|(what, job)| reader.read(job).map_err(|error| of_job(&error, what, &job.name)))
        .collect()
}

/// What is wrong with a job, as what is wrong with the configuration.
fn of_job(error: &Error, what: &str, name: &str) -> Error {
    let reworded = error.reworded(Kind::Config, format!("{what} `{name}`: {}", error.message));
    error.place.iter().cloned().fold(reworded, Error::at)
}

/// A script that several jobs may run is read once, and so is a zone.
struct Reader<'a> {
    config: &'a Config,
    catalog: Arc<Catalog>,
    folder: &'a Path,
    sources: &'a Sources,
    scripts: HashMap<PathBuf, Form>,
    zones: HashMap<String, TimeZone>,
}

/// A script with what its head declares.
struct Form {
    script: Script,
    parameters: Vec<Parameter>,
    /// Where its imports start.
    home: PathBuf,
}

impl Reader<'_> {
    fn read(&mut self, job: &config::Job) -> Result<Job, Error> {
        Ok(Job {
            name: job.name.clone(),
            trigger: self.trigger(job)?,
            script: job.script.clone(),
            parameters: self.parameters(job)?,
            account: job.account.clone(),
            rules: rules(job),
        })
    }

    fn trigger(&mut self, job: &config::Job) -> Result<Trigger, Error> {
        if let Some(event) = &job.event {
            let values = |(path, value): (&String, &toml::Value)| Ok((path.clone(), alternatives(value)?));
            let filter = job.filter.iter().map(values).collect::<Result<_, Error>>()?;
            return Ok(Trigger::Event { name: self.catalog.event(event)?, filter });
        }
        let zone_name = job.zone.as_ref().unwrap_or(&self.config.serve.zone).clone();
        let zone = self.zone(&zone_name)?;
        let patterns = job.cron.as_ref().map_or(&[][..], config::Patterns::all);
        let schedule = |pattern: &String| {
            Schedule::new(pattern, zone.clone())
                .map_err(|error| error.reworded(Kind::Config, format!("cron {pattern:?}: {error}")))
        };
        Ok(Trigger::Times {
            schedules: patterns.iter().map(schedule).collect::<Result<_, Error>>()?,
            written: format!("{} {zone_name}", patterns.join("; ")),
        })
    }

    fn zone(&mut self, name: &str) -> Result<TimeZone, Error> {
        if let Some(zone) = self.zones.get(name) {
            return Ok(zone.clone());
        }
        let zone = TimeZone::get(name).map_err(|_| no_zone(name))?;
        self.zones.insert(name.to_owned(), zone.clone());
        Ok(zone)
    }

    fn parameters(&mut self, job: &config::Job) -> Result<Vec<(String, String)>, Error> {
        let written = job.parameters.iter().map(|(name, value)| Ok((name.clone(), text(name, value)?)));
        let given = written.collect::<Result<_, Error>>()?;
        if !self.scripts.contains_key(&job.script) {
            self.scripts.insert(job.script.clone(), Form::read(&job.script, self.folder, self.sources)?);
        }
        self.scripts[&job.script].take(given, self.folder, self.sources)
    }
}

impl Form {
    /// A script that is there, and that can be compiled.
    fn read(path: &Path, folder: &Path, sources: &Sources) -> Result<Form, Error> {
        let Chosen { script, folder: home } = script(path, sources.packages(), folder)?;
        sources.add(&script.name, &script.text);
        engine::defined(&script)?;
        let parameters = analysis::parameters(&script.source())?;
        Ok(Form { script, parameters, home })
    }

    /// What it is given, with its paths from that folder.
    fn take(
        &self,
        mut given: Vec<(String, String)>,
        folder: &Path,
        sources: &Sources,
    ) -> Result<Vec<(String, String)>, Error> {
        let missing =
            self.parameters.iter().find(|it| it.default.is_none() && given.iter().all(|(name, _)| *name != it.name));
        if let Some(Parameter { name, help, .. }) = missing {
            let error = Error::new(Kind::Config, format!("{} needs `{name}`", self.script.name));
            return Err(error.hint(format!("give it as parameters = {{ {name} = … }}: {help}")));
        }
        for (name, value) in &mut given {
            if self.parameters.iter().any(|it| it.name == *name && it.kind == ParameterKind::Path) {
                *value = folder.join(&*value).to_string_lossy().into_owned();
            }
        }
        let find = engine::finder(self.home.clone(), sources.packages().clone());
        self.script.arguments(Vec::new(), given.clone(), &find)?;
        Ok(given)
    }
}

/// What a job runs with instead of what its definition says: given by hand, its paths from the current folder.
pub(in crate::cli) fn instead(
    job: &Job,
    given: &[(String, String)],
    sources: &Sources,
) -> Result<Vec<(String, String)>, Error> {
    let mut parameters = job.parameters.clone();
    parameters.retain(|(name, _)| given.iter().all(|(other, _)| other != name));
    parameters.extend(given.iter().cloned());
    let here = std::env::current_dir().unwrap_or_default();
    Form::read(&job.script, &here, sources)?.take(parameters, &here, sources)
}

fn rules(job: &config::Job) -> Rules {
    Rules {
        overlap: job.overlap,
        queue: job.queue,
        catch_up: job.catch_up,
        catch_up_window: job.catch_up_window.duration(),
        timeout: job.timeout.duration(),
        yes: job.yes,
        retry: job.retry.clone(),
        after_crash: job.after_crash,
        jitter: job.jitter.duration(),
        paused: job.paused,
        notify: job.notify.clone(),
    }
}

/// A parameter as `--arg` would give it.
fn text(name: &str, value: &toml::Value) -> Result<String, Error> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Array(_) | toml::Value::Table(_) => {
            Err(Error::new(Kind::Config, format!("the parameter `{name}` is no single value"))
                .hint("a script takes texts, numbers, true and false; write a list as a text such as \"a,b\""))
        }
        other => Ok(other.to_string()),
    }
}

/// What a field of an event may be: a value, or one of several.
fn alternatives(value: &toml::Value) -> Result<Vec<serde_json::Value>, Error> {
    let json = serde_json::to_value(value)
        .map_err(|error| Error::new(Kind::Config, format!("`where` has a value that no event has: {error}")))?;
    Ok(match json {
        serde_json::Value::Array(values) => values,
        value => vec![value],
    })
}

fn no_zone(name: &str) -> Error {
    let error = Error::new(Kind::Config, format!("there is no time zone {name:?}"));
    let known: Vec<_> = tz::db().available().map(|zone| zone.to_string()).collect();
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean \"{near}\"?")),
        None => error.hint("a zone looks like \"Asia/Shanghai\", \"Europe/Berlin\" or \"UTC\""),
    }
}
