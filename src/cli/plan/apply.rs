//! `juben apply PLAN` — make the writes of a plan, each only while what it touches is as it was.

use super::{
    super::{
        Common, calls,
        output::{Output, write_rows},
        permit,
        session::{Cassette, Session, Target, until_stopped},
        write_out,
    },
    parts, show, signature,
};
use crate::{
    Error,
    client::Run,
    error::Kind,
    helpers::plan::{Fate, Plan, Step, Work},
    repl::ask,
    store::Store,
};
use clap::Args;
use rhai::{Array, Dynamic, Map};
use std::{
    collections::BTreeSet,
    io::{self, IsTerminal},
    path::PathBuf,
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// Make the writes of a plan, in order; refuse those whose target has moved meanwhile
#[derive(Debug, Args)]
#[command(
    after_help = "Started again, it goes on: what is done is not sent twice, and what may have been done is not repeated. \
                  docs/plan.md\n\nExamples:\n  juben apply plan.json --show\n  juben apply plan.json\n  \
                  juben apply plan.json --yes --output csv > report.csv\n  juben apply plan.json --yes --digest 9f86d081…\n\n\
                  Exit codes: 0 all are done, 3 some are not, 4 nobody agreed or it is not allowed",
    mut_arg("dry_run", |arg| arg.hide(true)),
    mut_arg("account", |arg| arg.hide(true)),
    mut_arg("yes", |arg| arg.help("Do not ask")),
    mut_arg("allow", |arg| arg.help("Let the plan do this and nothing else, such as write:novel.*; may be given several times"))
)]
pub(in crate::cli) struct Apply {
    /// What `juben plan -o` has written
    plan: PathBuf,
    /// Show all of it, and do nothing
    #[arg(long)]
    show: bool,
    /// Only if this is its digest: that which somebody has looked at
    #[arg(long, value_name = "HEX")]
    digest: Option<String>,
    /// Only if a second person has signed it: PLAN.minisig [default: as [apply] of juben.toml says]
    #[arg(long)]
    need_signature: bool,
    /// Whose signature counts, by the public key or its file [default: those of [apply] in juben.toml]
    #[arg(long = "key", value_name = "KEY", requires = "need_signature")]
    keys: Vec<String>,
    #[command(flatten)]
    permission: permit::Flags,
    #[command(flatten)]
    target: Target,
    /// How the report is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    output: Option<Output>,
}

impl Apply {
    pub(in crate::cli) async fn execute(self, common: &Common) -> Result<(), Error> {
        if self.target.account.is_some() {
            return Err(Error::new(Kind::Usage, "a plan says by itself which accounts make its writes")
                .hint("to use another one, make another plan: juben plan SCRIPT --account NAME"));
        }
        if self.target.is_dry() {
            return Err(Error::new(Kind::Usage, "a plan is not applied without sending its writes")
                .hint("--show shows it and sends nothing"));
        }
        let plan = Plan::read(&self.plan)?;
        if self.show {
            return show::write(&plan, show::Look::whole(), &[], self.output);
        }
        if plan.sandbox.is_some() != self.target.sandbox {
            let (made, hint) = match plan.sandbox {
                Some(_) => ("for the built-in sandbox", "apply it with --sandbox, or make another one without"),
                None => ("for real accounts", "apply it without --sandbox, or make another one with it"),
            };
            return Err(Error::new(Kind::Usage, format!("the plan was made {made}")).hint(hint));
        }
        // The sandbox of the plan has ended with it; one that begins at the same time is the same.
        let target = self.target.clone().beginning(plan.sandbox);
        let session = Session::open(&target, &Cassette::default(), common).await?;
        let vouched = self.vouched(&plan, &session).await?;
        let allowed = self.permission.allowed();
        let guard = parts::guard(&plan, allowed.as_ref(), &session.config, session.client.catalog())?;
        let client = session.client.of_run(run(&plan)).guarded(Arc::new(guard));
        let store = session.store;
        let Some(_lock) = store.try_lock(&format!("plan {}", plan.digest))? else {
            return Err(Error::new(Kind::Conflict, "another juben applies this plan").hint("wait until that has ended"));
        };
        let work = Work::new(&client, &store, &plan).await?;
        self.agreed(&plan, vouched, work.made_before())?;
        let mut rows = Array::new();
        let mut results = Results { all: plan.writes.len(), ..Results::default() };
        let work = work.apply(|step, fate| {
            results.count(step, fate);
            rows.push(row(step, fate, &results));
        });
        let outcome = until_stopped(CancellationToken::new(), None, work).await;
        calls::keep(&session.meter, &store).await;
        write_rows(&rows.into(), &COLUMNS, self.output)?;
        outcome?;
        results.judge()
    }

    /// Whether it is known whose plan this is: made here, signed by a second person, or that which somebody has looked at.
    /// What may not be applied at all is refused.
    async fn vouched(&self, plan: &Plan, session: &Session) -> Result<bool, Error> {
        if let Some(digest) = self.digest.as_ref().filter(|digest| !digest.eq_ignore_ascii_case(&plan.digest)) {
            let message = format!("the plan {} has the digest {}, not {digest}", self.plan.display(), plan.digest);
            return Err(
                Error::new(Kind::Denied, message).hint("it is not the one that was looked at: juben apply --show")
            );
        }
        let made_here = made_here(plan, &session.store).await?;
        let signed = signature::check(&self.plan, plan, made_here, &self.keys, &session.config);
        if self.need_signature || session.config.apply.signature {
            signed.clone()?;
        }
        if let Ok(key) = &signed {
            tracing::info!("signed by {key}");
        }
        Ok(plan.sandbox.is_some() || made_here || signed.is_ok() || self.digest.is_some())
    }

    /// Whether a person has seen it and agrees.
    fn agreed(&self, plan: &Plan, vouched: bool, before: usize) -> Result<(), Error> {
        let yes = self.permission.is_yes();
        if plan.writes.is_empty() || yes && vouched {
            return Ok(());
        }
        if !vouched && (yes || !io::stdin().is_terminal()) {
            let message = format!("the plan {} was not made here, or was changed since", self.plan.display());
            return Err(Error::new(Kind::Denied, message).hint(
                "look at all of it: juben apply PLAN --show; then agree to it on a terminal without --yes, or give --digest \
                 HEX as it was shown to who has looked at it, or have it signed by a key of [apply] in juben.toml; \
                 docs/plan.md",
            ));
        }
        let denied = || Error::new(Kind::Denied, "nobody agreed to this plan, so nothing of it is done");
        if !io::stdin().is_terminal() {
            return Err(
                denied().hint("start it on a terminal, or with --yes after a look at it: juben apply PLAN --show")
            );
        }
        // Who is the only one to look at it sees all of it.
        let look = if vouched { show::Look::here() } else { show::Look::whole() };
        write_out(&look.plan(plan))?;
        match ask(&question(plan, vouched, before))?.as_str() {
            "y" | "yes" | "是" => Ok(()),
            _ => Err(denied()),
        }
    }
}

/// Whether this very plan was written by `juben plan` with this state.
async fn made_here(plan: &Plan, store: &Store) -> Result<bool, Error> {
    if plan.sandbox.is_some() { Ok(true) } else { store.has_made_plan(&plan.digest).await }
}

fn run(plan: &Plan) -> Run {
    Run {
        script: Some(plan.script.clone()),
        script_hash: Some(plan.script_hash.clone()),
        packages: plan.packages.clone(),
        ..Run::default()
    }
}

fn question(plan: &Plan, vouched: bool, before: usize) -> String {
    let accounts: BTreeSet<_> = plan.writes.iter().map(|step| step.account.as_str()).collect();
    let accounts = accounts.into_iter().collect::<Vec<_>>().join(", ");
    let unknown = if vouched {
        ""
    } else {
        "This plan was not made here, or was changed since: nobody but you vouches for what stands above.\n"
    };
    let writes = match plan.writes.len() {
        1 => "this write".to_owned(),
        all => format!("these {all} writes"),
    };
    let again = if before > 0 { format!(" ({before} were made before and are not repeated)") } else { String::new() };
    format!("{unknown}Make {writes} now, on the account {accounts}{again}? [y/N] ")
}

/// What became of the writes, in numbers.
#[derive(Default)]
struct Results {
    all: usize,
    made: usize,
    /// Whether what one touches is no longer as the plan has seen it.
    moved: bool,
    /// Whether one was refused by the platform, or could not be sent.
    failed: bool,
    /// Those of which nobody knows.
    unknown: Vec<usize>,
}

impl Results {
    fn count(&mut self, step: &Step, fate: &Fate) {
        self.made += usize::from(fate.is_made());
        self.moved |= matches!(fate, Fate::Moved(..));
        self.failed |= matches!(fate, Fate::Failed(_));
        self.unknown.extend(matches!(fate, Fate::Unknown(_)).then_some(step.number));
    }

    /// Whether all is well.
    fn judge(&self) -> Result<(), Error> {
        let (all, unknown) = (self.all, self.unknown.len());
        let not = all - self.made - unknown;
        let numbers = self.unknown.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = match (not, unknown) {
            (0, 0) => return Ok(()),
            (_, 0) => format!("{not} of {all} writes are not made"),
            (0, _) => format!("of {unknown} of {all} writes nobody knows whether they are made"),
            _ => format!("{not} of {all} writes are not made, and of {unknown} nobody knows whether they are"),
        };
        let of_unknown = (unknown > 0).then(|| {
            format!(
                "look on the platform whether write {numbers} is made: it was sent, and is never sent again by this plan; if it \
                 is not made, plan it anew"
            )
        });
        let of_others = (not > 0).then(|| "the column `reason` says why a write is not made".to_owned());
        let of_moved =
            self.moved.then(|| "what a refused write touches has changed: look at it, and plan anew".to_owned());
        let of_failed =
            self.failed.then(|| "apply the same plan again to try those once more that have failed".to_owned());
        let hint = [of_unknown, of_others, of_moved, of_failed].into_iter().flatten().collect::<Vec<_>>().join("\n");
        Err(Error::new(Kind::Partial, message).hint(hint))
    }
}

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 4] = ["number", "operation", "result", "reason"];

fn row(step: &Step, fate: &Fate, results: &Results) -> Dynamic {
    let reason = match fate {
        Fate::Done | Fate::Already => String::new(),
        Fate::Moved(thing, now) => show::Look::whole().difference(thing, now),
        Fate::Failed(error) => error.message.clone(),
        Fate::Skipped(number) if results.unknown.contains(number) => {
            format!("nobody knows whether write {number} is made, which it needs or which touches the same")
        }
        Fate::Skipped(number) => format!("write {number} was not made"),
        Fate::Unknown(Some(error)) => format!("{}; it may be made, and is not repeated", error.message),
        Fate::Unknown(None) => {
            "it was sent before, and nobody saw its end; it may be made, and is not repeated".to_owned()
        }
    };
    Dynamic::from_map(Map::from_iter([
        ("number".into(), (step.number as i64).into()),
        ("operation".into(), step.operation.as_str().into()),
        ("account".into(), step.account.as_str().into()),
        ("result".into(), fate.name().into()),
        ("reason".into(), reason.into()),
    ]))
}
