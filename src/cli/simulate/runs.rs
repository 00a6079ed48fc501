//! Carries out the runs of a simulation: in this process, in the sandbox, by the time that leaps.

use super::{
    diary::Diary,
    time::{RunTime, later},
};
use crate::{
    cli::attempt::{Means, perform},
    client::Client,
    config::Config,
    engine::{self, Sources},
    host::out_of_time,
    scheduler::{Attempt, Clock, Ended, Executor, Leaping, Outcome, Stop, Tell, Trouble},
    store::Store,
};
use futures_util::future::{BoxFuture, FutureExt};
use std::{sync::Arc, time::Duration};

/// The columns of a report.
const WIDTH: usize = 100;

/// What all runs have in common.
#[derive(Debug, Clone)]
pub(super) struct Runs {
    pub client: Client,
    pub store: Arc<Store>,
    pub config: Arc<Config>,
    pub sources: Sources,
    pub clock: Leaping,
    pub diary: Arc<Diary>,
}

impl Executor for Runs {
    fn execute(&self, attempt: Attempt, stop: Stop, tell: Tell) -> BoxFuture<'static, Ended> {
        self.clone().carry_out(attempt, stop, tell).boxed()
    }
}

impl Runs {
    async fn carry_out(self, attempt: Attempt, stop: Stop, tell: Tell) -> Ended {
        let Runs { client, store, config, sources, clock, diary } = self;
        let (run, job) = (attempt.run, attempt.job.clone());
        let client = client.keeping(RunTime::new(&clock));
        let tell = Arc::new(move |told| {
            diary.told(run, &job, &told);
            tell(told);
        });
        let cancel = stop.ask.child_token();
        let means = Means { client: Arc::new(client), store, config, sources };
        let work = perform(&attempt, means, cancel.clone(), None, tell);
        tokio::pin!(work);
        let (is_late, _working) = tokio::select! {
            biased;
            ended = &mut work => return ended,
            () = time_is_up(&clock, attempt.timeout) => (true, clock.enter()),
            () = asked(&stop) => (false, clock.enter()),
        };
        // Until its thread has noticed, it looks as if it still waited; but now it works.
        cancel.cancel();
        let ended = work.await;
        if is_late && ended.outcome == Outcome::Cancelled { timed_out(ended) } else { ended }
    }
}

/// Whoever waits for that is present as well: the run may be waiting, and time must still stop there.
async fn time_is_up(clock: &Leaping, timeout: Duration) {
    let _here = clock.enter();
    clock.sleep_until(later(clock.now(), timeout)).await;
}

async fn asked(stop: &Stop) {
    tokio::select! {
        () = stop.ask.cancelled() => {}
        () = stop.kill.cancelled() => {}
    }
}

fn timed_out(ended: Ended) -> Ended {
    let error = out_of_time().hint("give it more by `timeout` in its [[job]], such as timeout = \"2h\"");
    let trouble = Trouble {
        kind: error.kind.name().to_owned(),
        report: engine::report(&error, &Sources::default(), false, WIDTH),
        message: error.message.clone(),
        hint: error.hint.clone(),
    };
    Ended { outcome: Outcome::TimedOut, trouble: Some(trouble), ..ended }
}
