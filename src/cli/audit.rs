//! `juben audit` — every write that was made, and whether the log of them is as it was written.

use super::{
    Common,
    jobs::written,
    output::{Output, write_rows},
    write_out,
};
use crate::{
    Error, client,
    config::{self, Config, Lasting},
    error::Kind,
    store::{Head, Store, Written},
};
use clap::Args;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use rhai::{Array, Dynamic, Map};
use std::sync::Arc;

/// Show the writes that were made on platforms, and prove that the log of them is whole
#[derive(Debug, Args)]
#[command(
    after_help = "Every write that juben has sent with this state is there, by scripts, jobs, the prompt and the shell; \
                  what the built-in sandbox answers is not. `unknown` is a write whose end nobody saw: it may have been \
                  done.\n\nExamples:\n  juben audit\n  juben audit --since 7d --operation novel.add_book_auth\n  \
                  juben audit --run nightly/17 --output csv > writes.csv\n  juben audit --verify\n  \
                  juben audit --head > head.txt\n  juben audit --verify --head \"$(cat head.txt)\"\n\n\
                  Exit code of --verify: 0 as it was written, 1 not"
)]
pub(super) struct Audit {
    /// Those since then: 36h, 7d, a day such as 2026-12-01, or a moment
    #[arg(long, value_name = "TIME", conflicts_with_all = ["verify", "head"], value_parser = since)]
    since: Option<Since>,
    /// Those of this account
    #[arg(long, value_name = "NAME", conflicts_with_all = ["verify", "head"])]
    account: Option<String>,
    /// Those of this operation, or of a module, such as novel
    #[arg(long, value_name = "NAME", conflicts_with_all = ["verify", "head"])]
    operation: Option<String>,
    /// Those of this run, such as nightly/17, or of all runs of a job
    #[arg(long, value_name = "RUN", conflicts_with_all = ["verify", "head"])]
    run: Option<String>,
    /// Those that code of this package made
    #[arg(long, value_name = "TEAM/NAME", conflicts_with_all = ["verify", "head"])]
    package: Option<String>,
    /// So many at most [default: 50, or all with --since]
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["verify", "head"])]
    last: Option<usize>,
    /// Walk through all of it, and say which row does not fit
    #[arg(long)]
    verify: bool,
    /// Print number and hash of the last row, to be kept elsewhere; with --verify, compare with these
    #[arg(long, value_name = "NUMBER:HASH", num_args = 0..=1, value_parser = head)]
    head: Option<Option<Head>>,
    /// How the list is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    output: Option<Output>,
}

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 8] = ["number", "time", "run", "account", "operation", "target", "rows", "outcome"];

/// From when on.
#[derive(Debug, Clone)]
enum Since {
    Ago(Lasting),
    Day(Date),
    Moment(Timestamp),
}

fn since(text: &str) -> Result<Since, String> {
    let ago = text.parse().map(Since::Ago);
    let day = || text.parse().map(Since::Day);
    let moment = || text.parse().map(Since::Moment);
    let wrong =
        |_| "give a length such as 36h or 7d, a day such as 2026-12-01, or 2026-12-01T08:00:00+08:00".to_owned();
    ago.or_else(|_| moment()).or_else(|_: jiff::Error| day()).map_err(wrong)
}

fn head(text: &str) -> Result<Head, String> {
    text.trim().parse().map_err(|()| "give what `juben audit --head` printed, NUMBER:HASH".to_owned())
}

impl Audit {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        let (config, _) = Config::load(common.config.as_deref())?;
        let store = Arc::new(Store::at(config::state_folder(common.state.as_deref())?));
        match &self.head {
            Some(None) if !self.verify => return write_out(&format!("{}\n", store.audit_head().await?)),
            Some(Some(_)) if !self.verify => {
                let error = Error::new(Kind::Usage, "a head to compare with is for --verify");
                return Err(error.hint("juben audit --verify --head NUMBER:HASH"));
            }
            Some(None) => {
                let error = Error::new(Kind::Usage, "--verify --head needs what to compare with");
                return Err(error.hint("give what `juben audit --head` printed before"));
            }
            _ => {}
        }
        if self.verify {
            let head = store.verify_audit_log(self.head.flatten().as_ref()).await?;
            return write_out(&format!("{} rows, each as it was written; the last is {head}\n", head.number));
        }
        let zone = TimeZone::get(&config.serve.zone).unwrap_or(TimeZone::UTC);
        let since = self.since.as_ref().map(|since| since.moment(&zone)).transpose()?;
        let last = self.last.unwrap_or(if since.is_some() { usize::MAX } else { 50 });
        let since = since.map_or(i64::MIN, Timestamp::as_millisecond);
        let writes = store.writes(|write| write.begun.at >= since && self.means(write), last).await?;
        let rows: Array = writes.iter().map(|write| row(write, &zone)).collect();
        write_rows(&rows.into(), &COLUMNS, self.output)
    }

    fn means(&self, write: &Written) -> bool {
        let begun = &write.begun;
        // All of it, or the part before this sign.
        let is = |wanted: &Option<String>, text: &str, end: char| {
            let rest = |wanted: &String| text.strip_prefix(wanted.as_str()).map(|rest| rest.chars().next());
            wanted.as_ref().is_none_or(|wanted| rest(wanted).is_some_and(|next| next.is_none_or(|next| next == end)))
        };
        self.account.as_ref().is_none_or(|account| *account == begun.account)
            && is(&self.operation, &begun.operation, '.')
            && is(&self.run, &begun.run, '/')
            && (self.package.is_none() || is(&self.package, begun.by.as_deref().unwrap_or_default(), ' '))
    }
}

impl Since {
    fn moment(&self, zone: &TimeZone) -> Result<Timestamp, Error> {
        let far = |error: jiff::Error| Error::new(Kind::Usage, format!("--since is too far away: {error}"));
        match self {
            Since::Ago(length) => {
                let length = SignedDuration::from_secs(length.seconds());
                Timestamp::now().checked_sub(length).map_err(far)
            }
            Since::Day(day) => day.to_zoned(zone.clone()).map(|start| start.timestamp()).map_err(far),
            Since::Moment(moment) => Ok(*moment),
        }
    }
}

fn row(write: &Written, zone: &TimeZone) -> Dynamic {
    let Written { number, begun, ended } = write;
    let moment = |at: i64| Timestamp::from_millisecond(at).map(|at| written(at, zone)).unwrap_or_default();
    let text = |text: Option<&String>| text.map_or(Dynamic::UNIT, |text| text.as_str().into());
    let kind = ended.as_ref().and_then(|ended| ended.kind.as_ref());
    let code = ended.as_ref().and_then(|ended| ended.code);
    let target = client::decode(serde_json::to_string(&begun.target).unwrap_or_default().as_bytes());
    Dynamic::from_map(Map::from_iter([
        ("number".into(), (*number).into()),
        ("time".into(), moment(begun.at).into()),
        ("run".into(), begun.run.as_str().into()),
        ("script".into(), text(begun.script.as_ref())),
        ("script_hash".into(), text(begun.script_hash.as_ref())),
        ("by".into(), text(begun.by.as_ref())),
        ("account".into(), begun.account.as_str().into()),
        ("server".into(), begun.server.as_str().into()),
        ("operation".into(), begun.operation.as_str().into()),
        ("effect".into(), begun.effect.as_str().into()),
        ("target".into(), target.unwrap_or_default()),
        ("rows".into(), begun.rows.map_or(Dynamic::UNIT, |rows| (rows as i64).into())),
        ("outcome".into(), ended.as_ref().map_or("unknown", |ended| &ended.outcome).into()),
        ("kind".into(), text(kind)),
        ("code".into(), code.map_or(Dynamic::UNIT, Dynamic::from)),
        ("ended".into(), ended.as_ref().map_or(Dynamic::UNIT, |ended| moment(ended.at).into())),
    ]))
}
