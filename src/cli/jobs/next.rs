//! `juben jobs next NAME` — the next due times, without asking anybody.

use super::{
    super::output::write_rows,
    Form,
    desk::{Desk, due_after, written},
};
use crate::{
    Error,
    error::Kind,
    scheduler::{Job, Trigger},
};
use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use rhai::{Array, Dynamic, Map};

/// Show when a job is due next
#[derive(Debug, Args)]
pub(super) struct Next {
    /// The job
    name: String,
    /// So many due times
    #[arg(short = 'n', long, default_value_t = 5, value_name = "N")]
    count: usize,
    /// Those after this moment, such as 2027-03-01T00:00:00+08:00 [default: now]
    #[arg(long, value_name = "TIME")]
    after: Option<Timestamp>,
    #[command(flatten)]
    form: Form,
}

impl Next {
    pub(super) fn execute(self, desk: &Desk) -> Result<(), Error> {
        let job = desk.job(&self.name)?;
        let zone = desk.config.zone_of(&job.name);
        let after = self.after.unwrap_or_else(Timestamp::now);
        let rows: Array = due_after(&job, after).take(self.count).map(|due| row(due, &zone)).collect();
        match rows.is_empty() && self.count > 0 {
            true => Err(never(&job)),
            false => write_rows(&rows.into(), &["due", "weekday", "utc"], self.form.output),
        }
    }
}

fn row(due: Timestamp, zone: &TimeZone) -> Dynamic {
    let weekday = due.to_zoned(zone.clone()).strftime("%a").to_string();
    Dynamic::from_map(Map::from_iter([
        ("due".into(), written(due, zone).into()),
        ("weekday".into(), weekday.into()),
        ("utc".into(), due.to_string().into()),
    ]))
}

fn never(job: &Job) -> Error {
    let name = &job.name;
    let reason = match &job.trigger {
        Trigger::Event { name: event, .. } => format!("`{name}` has no due times: it runs on the event {event}"),
        Trigger::Times { schedules, .. } if schedules.is_empty() => {
            format!("`{name}` has no due times: it has no `cron`, and runs only by hand")
        }
        Trigger::Times { .. } => format!("`{name}` is not due any more"),
    };
    Error::new(Kind::Usage, reason).hint(format!("`juben jobs run {name}` runs it now"))
}
