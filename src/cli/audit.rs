//! `juben audit` — every write that was made, and whether the log of them is as it was written.

use super::{
    Common,
    jobs::written,
    output::{Form, Output, write_rows},
    width, write_out,
};
use crate::{
    Error, client,
    config::{self, Config, Lasting},
    error::Kind,
    host::harmless,
    store::{Head, Store, Written},
};
use clap::Args;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use rhai::{Array, Dynamic, Map};
use serde_json::Value;
use std::io::{IsTerminal, stdout};
use textwrap::{Options, fill};

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
    #[command(flatten)]
    form: Form,
}

const COLUMNS: [&str; 16] = [
    "time",
    "account",
    "operation",
    "target",
    "outcome",
    "rows",
    "run",
    "number",
    "kind",
    "code",
    "by",
    "script",
    "script_hash",
    "server",
    "effect",
    "ended",
];

/// The words of a table do not stay whole on a terminal that is narrower.
const NARROW: usize = 100;

/// So many of them a table has; the other forms have all.
const SHOWN: usize = 8;

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
        let folder = config::state_folder(common.state.as_deref())?;
        match &self.head {
            Some(Some(_)) if !self.verify => {
                let error = Error::new(Kind::Usage, "a head to compare with is for --verify");
                return Err(error.hint("juben audit --verify --head NUMBER:HASH"));
            }
            Some(None) if self.verify => {
                let error = Error::new(Kind::Usage, "--verify --head needs what to compare with");
                return Err(error.hint("give what `juben audit --head` printed before"));
            }
            _ => {}
        }
        let store = Store::at(folder);
        if self.verify {
            return self.tell(store.verify_audit_log(self.head.as_ref().and_then(Option::as_ref)).await);
        }
        if self.head.is_some() {
            return write_out(&format!("{}\n", store.audit_head().await?));
        }
        let zone = config.zone();
        let since = self.since.as_ref().map(|since| since.moment(&zone)).transpose()?;
        let last = self.last.unwrap_or(if since.is_some() { usize::MAX } else { 50 });
        let since = since.map_or(i64::MIN, Timestamp::as_millisecond);
        let writes = store.writes(|write| write.begun.at >= since && self.means(write), last).await?;
        if writes.is_empty() && last > 0 {
            tracing::info!("{}", self.nothing(store.audit_head().await?.number > 0));
        }
        if self.form.output.is_none() && stdout().is_terminal() && width() < NARROW {
            return write_out(&writes.iter().map(|write| lines(write, &zone, width())).collect::<String>());
        }
        let output = Output::or_usual(self.form.output);
        let shown = if output == Output::Table { SHOWN } else { COLUMNS.len() };
        let rows: Array = writes.iter().map(|write| row(write, &zone, output)).collect();
        write_rows(&rows.into(), &COLUMNS[..shown], Some(output))
    }

    /// What the walk through the log has come to.
    fn tell(&self, walk: Result<Head, Error>) -> Result<(), Error> {
        let Some(output) = self.form.output else {
            let head = walk?;
            return write_out(&format!("{} rows, each as it was written; the last is {head}\n", head.number));
        };
        let found = |head: Option<&Head>, reason: &str| {
            Dynamic::from_map(Map::from_iter([
                ("whole".into(), head.is_some().into()),
                ("rows".into(), head.map_or(Dynamic::UNIT, |head| head.number.into())),
                ("head".into(), head.map_or(Dynamic::UNIT, |head| head.to_string().into())),
                ("reason".into(), reason.to_owned().into()),
            ]))
        };
        let found = walk.as_ref().map_or_else(|error| found(None, &error.message), |head| found(Some(head), ""));
        write_rows(&found, &["whole", "rows", "head", "reason"], Some(output))?;
        walk.map(drop)
    }

    /// Why nothing is listed.
    fn nothing(&self, has_rows: bool) -> &'static str {
        let filters = [&self.account, &self.operation, &self.run, &self.package];
        match has_rows && (self.since.is_some() || filters.into_iter().any(Option::is_some)) {
            true => "no write is one of those; `juben audit` without filters lists the last ones",
            false => "no write has been sent with this state",
        }
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

fn row(write: &Written, zone: &TimeZone, output: Output) -> Dynamic {
    let Written { number, begun, ended } = write;
    let text = |text: Option<&String>| text.map_or(Dynamic::UNIT, |text| text.as_str().into());
    let kind = ended.as_ref().and_then(|ended| ended.kind.as_ref());
    let code = ended.as_ref().and_then(|ended| ended.code);
    let target = match output {
        Output::Table => in_words(&begun.target).into(),
        _ => client::decode(serde_json::to_string(&begun.target).unwrap_or_default().as_bytes()).unwrap_or_default(),
    };
    Dynamic::from_map(Map::from_iter([
        ("number".into(), (*number).into()),
        ("time".into(), moment(begun.at, zone).into()),
        ("run".into(), begun.run.as_str().into()),
        ("script".into(), text(begun.script.as_ref())),
        ("script_hash".into(), text(begun.script_hash.as_ref())),
        ("by".into(), text(begun.by.as_ref())),
        ("account".into(), begun.account.as_str().into()),
        ("server".into(), begun.server.as_str().into()),
        ("operation".into(), begun.operation.as_str().into()),
        ("effect".into(), begun.effect.as_str().into()),
        ("target".into(), target),
        ("rows".into(), begun.rows.map_or(Dynamic::UNIT, |rows| (rows as i64).into())),
        ("outcome".into(), ended.as_ref().map_or("unknown", |ended| &ended.outcome).into()),
        ("kind".into(), text(kind)),
        ("code".into(), code.map_or(Dynamic::UNIT, Dynamic::from)),
        ("ended".into(), ended.as_ref().map_or(Dynamic::UNIT, |ended| moment(ended.at, zone).into())),
    ]))
}

/// A write without a table.
fn lines(write: &Written, zone: &TimeZone, width: usize) -> String {
    let Written { begun, ended, .. } = write;
    let outcome = ended.as_ref().map_or("unknown", |ended| &ended.outcome);
    let time = moment(begun.at, zone);
    let words = [time.as_str(), outcome, &begun.account, &begun.operation];
    let head = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("  ");
    let below = Options::new(width).initial_indent("  ").subsequent_indent("  ");
    let target = in_words(&begun.target);
    format!("{}\n{}\n", fill(&harmless(&head), width), fill(&harmless(&target), below))
}

fn moment(at: i64, zone: &TimeZone) -> String {
    Timestamp::from_millisecond(at).map(|at| written(at, zone)).unwrap_or_default()
}

/// What a write touches, as a person reads it: `book_id a, b; title 第一章`.
fn in_words(target: &serde_json::Map<String, Value>) -> String {
    let one = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let all = |value: &Value| match value {
        Value::Array(values) => values.iter().map(one).collect::<Vec<_>>().join(", "),
        value => one(value),
    };
    let fields: Vec<_> = target.iter().map(|(name, value)| format!("{name} {}", all(value))).collect();
    fields.join("; ")
}
