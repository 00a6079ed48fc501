//! `juben simulate` — jobs, scripts and sandbox on one time that leaps.

mod diary;
mod events;
mod findings;
mod json;
mod report;
mod runs;
mod stage;
mod time;
mod watch;

use super::{
    Common, apis,
    packages::installed,
    sandbox::read,
    serve,
    session::{Running, against_sandbox},
    write_out,
};
use crate::{
    Error,
    config::{Config, Lasting},
    engine::Sources,
    error::Kind,
    sandbox::{self, Sandbox, check_moment},
    scheduler::Job,
};
use clap::{Args, ValueEnum};
use findings::Findings;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use stage::Stage;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Run the jobs of juben.toml in the sandbox, days in seconds
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben simulate --for 60d\n  juben simulate --for 60d --job renew-grants --from 2027-01-01\n  juben simulate --for 7d --data world.json --output json\n\nExit codes: 0 all went well, 3 a grant of ours lapses, a run does not end well or a due time is missed, 130 interrupted"
)]
pub(super) struct Simulate {
    /// How long, such as 60d or 36h
    #[arg(long = "for", value_name = "TIME", default_value = "30d", value_parser = length)]
    length: Lasting,
    /// Only this job; may be given several times
    #[arg(long = "job", value_name = "NAME")]
    jobs: Vec<String>,
    /// When it begins, such as 2027-01-01, "2027-01-01 08:00" or 2027-01-01T08:00:00+08:00 [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// What is random in the sandbox comes from this number
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Begin with the world of this file, as `juben sandbox --dump` saves one
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// How the findings are written
    #[arg(long, value_enum, default_value_t = Form::Text)]
    output: Form,
}

/// A form of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// One JSON text with all of it
    Json,
}

fn length(text: &str) -> Result<Lasting, String> {
    let length: Lasting = text.parse()?;
    if length.seconds() > 0 { Ok(length) } else { Err("nothing happens in no time; give 60d or 36h".to_owned()) }
}

impl Simulate {
    pub(super) async fn execute(self, common: &Common, sources: &Sources) -> Result<ExitCode, Error> {
        let (mut config, path) = Config::load(common.config.as_deref())?;
        let Some(path) = path else {
            return Err(Error::new(Kind::Usage, "there is no juben.toml here, nor above, so there are no jobs")
                .hint("`juben init` writes one; a [[job]] in it has a name, a script and a cron pattern"));
        };
        let sources = sources.with(installed(common)?);
        let jobs = self.chosen(serve::jobs(&config, path.parent().unwrap_or(Path::new(".")), &sources)?)?;
        let zone = config.zone();
        let Running { sandbox, stop: _serves } = self.sandbox(&mut config, &zone).await?;
        let start = self.start(&sandbox, &zone)?;
        let until = self.until(start)?;
        let stage = Stage { config, jobs, sources, sandbox: &sandbox, zone, start, until };
        let findings = stage.play(common).await?;
        self.write(&findings)?;
        Ok(ExitCode::from(match () {
            () if findings.is_stopped() => Kind::Cancelled.exit_code(),
            () if findings.is_partial() => Kind::Partial.exit_code(),
            () => 0,
        }))
    }

    fn chosen(&self, mut jobs: Vec<Job>) -> Result<Vec<Job>, Error> {
        let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
        if let Some(unknown) = self.jobs.iter().find(|name| !names.contains(&name.as_str())) {
            let error = Error::new(Kind::Usage, format!("there is no job `{unknown}`"));
            return Err(match names.is_empty() {
                true => error.hint("juben.toml has no [[job]] and no [[on]]"),
                false => error.hint_names(unknown, names),
            });
        }
        if !self.jobs.is_empty() {
            jobs.retain(|job| self.jobs.contains(&job.name));
        }
        Ok(jobs)
    }

    async fn sandbox(&self, config: &mut Config, zone: &TimeZone) -> Result<Running, Error> {
        let catalog = apis::catalog(config)?;
        let now = match &self.from {
            Some(text) => moment(text, zone)?,
            None => Timestamp::now().as_second(),
        };
        let options = sandbox::Options {
            now: Some(now),
            clock_speed: 0.0,
            seed: self.seed,
            world: self.data.as_deref().map(read).transpose()?,
            ..sandbox::Options::default()
        };
        against_sandbox(config, &catalog, options).await
    }

    /// When it begins: as asked for, or where the saved world stands.
    fn start(&self, sandbox: &Sandbox, zone: &TimeZone) -> Result<Timestamp, Error> {
        if let Some(text) = &self.from {
            let (from, there) = (moment(text, zone)?, sandbox.now());
            if from < there {
                return Err(Error::new(Kind::Usage, format!("the world of --data stands later than --from {text:?}"))
                    .hint("leave --from out, and it begins where the world stands"));
            }
            sandbox.advance(from - there);
        }
        at(sandbox.now())
    }

    fn until(&self, start: Timestamp) -> Result<Timestamp, Error> {
        at(start.as_second().saturating_add(self.length.seconds()))
    }

    fn write(&self, findings: &Findings) -> Result<(), Error> {
        match self.output {
            Form::Text => write_out(&report::text(findings)),
            Form::Json => write_out(&format!("{:#}\n", json::value(findings))),
        }
    }
}

/// `2027-01-01`, `2027-01-01 08:00` there, or with an offset of its own.
fn moment(text: &str, zone: &TimeZone) -> Result<i64, Error> {
    let there = || Some(text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok()?.timestamp());
    let moment = text.parse::<Timestamp>().ok().or_else(there).map(Timestamp::as_second);
    let moment = moment.filter(|moment| check_moment(*moment).is_ok());
    moment.ok_or_else(|| {
        Error::new(Kind::Usage, format!("--from {text:?} is no moment that the sandbox knows"))
            .hint("write 2027-01-01, \"2027-01-01 08:00\" or 2027-01-01T08:00:00+08:00")
    })
}

/// A moment that the sandbox's clock can show.
fn at(second: i64) -> Result<Timestamp, Error> {
    let moment = check_moment(second).and_then(|()| Timestamp::from_second(second).map_err(|error| error.to_string()));
    moment.map_err(|reason| Error::new(Kind::Usage, reason).hint("give an earlier --from, or a shorter --for"))
}
