//! One child process: started, heard, stopped; whatever it does, there is an end to tell of.

use super::{
    desk::Answers,
    last_words::LastWords,
    perform::{failed, hash, observed},
    wire::{FromRun, LONGEST, Order, ToRun},
};
use crate::{
    Error,
    client::Client,
    engine::{Script, Sources},
    error::Kind,
    scheduler::{Ended, Outcome, Stop, Tell},
};
use futures_util::{
    future::{pending, ready},
    stream::{self, BoxStream, Stream, StreamExt},
};
use std::{io, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWriteExt},
    process::{Child, ChildStdin, Command},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{sleep, timeout},
};
use tokio_util::{
    codec::{FramedRead, LinesCodec},
    task::AbortOnDropHandle,
};

/// Who shall be gone by itself is waited for so long.
const PATIENCE: Duration = Duration::from_secs(2);

/// Run it in a process that this command starts. Its tokens and quotas are the client's.
pub(super) async fn run(command: Command, order: Order, client: Client, stop: Stop, tell: Tell) -> Ended {
    let limit = order.attempt.timeout;
    let script_hash = Script::read(&order.attempt.script).ok().map(|script| hash(&script));
    let ended = match Process::start(command, order) {
        Ok(process) => process.follow(limit, observed(&client, &tell), stop, tell).await,
        Err(error) => {
            let error = Error::new(Kind::Limit, format!("no process for the run: {error}"));
            failed(&error.hint("is the machine short of memory or processes?"), &Sources::default())
        }
    };
    Ended { script_hash: ended.script_hash.or(script_hash), ..ended }
}

/// A child that goes, and the ends of its wires. Dropped, it is killed.
struct Process {
    child: Child,
    heard: BoxStream<'static, Heard>,
    to_child: UnboundedSender<ToRun>,
    _writer: AbortOnDropHandle<()>,
}

/// What comes from a child.
pub(super) enum Heard {
    /// A message.
    Word(FromRun),
    /// There will be no more of them.
    Silence,
    /// A line on standard error: something goes wrong.
    Cry(String),
}

impl Process {
    fn start(mut command: Command, order: Order) -> io::Result<Process> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // What it dies of is told in a line or two.
        command.env("RUST_BACKTRACE", "0");
        // Ctrl-C in a terminal is for the parent, which then asks each run to stop.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let words = lines(stdout).filter_map(|line| ready(word(&line))).chain(stream::iter([Heard::Silence]));
        let (to_child, waiting) = unbounded_channel();
        to_child.send(ToRun::Begin(Box::new(order))).ok();
        Ok(Process {
            child,
            heard: stream::select(words, lines(stderr).map(Heard::Cry)).boxed(),
            to_child,
            _writer: AbortOnDropHandle::new(tokio::spawn(write(stdin, waiting))),
        })
    }

    /// To its end, by itself or by force.
    async fn follow(mut self, limit: Duration, client: Client, stop: Stop, tell: Tell) -> Ended {
        let to_child = self.to_child.clone();
        let mut last = LastWords::new(tell, Answers::new(client, to_child.clone()));
        let forced = tokio::select! {
            biased;
            outcome = until_forced(limit, &stop, &to_child) => Some(outcome),
            () = self.until_silent(&mut last) => None,
        };
        if forced.is_some() {
            self.kill();
        }
        let gone = timeout(PATIENCE, self.until_gone(&mut last)).await;
        if gone.is_err() {
            self.kill();
        }
        let status = timeout(PATIENCE, self.child.wait()).await.ok().and_then(Result::ok);
        last.ended(forced, status, limit)
    }

    async fn until_silent(&mut self, last: &mut LastWords) {
        while let Some(heard) = self.heard.next().await {
            if last.hear(heard) {
                return;
            }
        }
    }

    async fn until_gone(&mut self, last: &mut LastWords) {
        while let Some(heard) = self.heard.next().await {
            last.hear(heard);
        }
    }

    /// With all that it has started.
    fn kill(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
        }
        self.child.start_kill().ok();
    }
}

/// Until it must be ended by force; the outcome of that. It keeps its time by itself: the time here is a little longer.
async fn until_forced(limit: Duration, stop: &Stop, to_child: &UnboundedSender<ToRun>) -> Outcome {
    let asked = async {
        stop.ask.cancelled().await;
        to_child.send(ToRun::Stop).ok();
        pending().await
    };
    tokio::select! {
        biased;
        () = stop.kill.cancelled() => Outcome::Cancelled,
        () = sleep(limit.saturating_add(PATIENCE)) => Outcome::TimedOut,
        never = asked => never,
    }
}

/// Complete lines, until there are no more, or one that is none of ours.
fn lines(pipe: impl AsyncRead + Send + 'static) -> impl Stream<Item = String> + Send {
    FramedRead::new(pipe, LinesCodec::new_with_max_length(LONGEST)).filter_map(|line| ready(line.ok()))
}

fn word(line: &str) -> Option<Heard> {
    let word = serde_json::from_str(line);
    word.map(Heard::Word).inspect_err(|_| tracing::warn!("a run said something strange")).ok()
}

/// Say what is to be said, at the pace of the child.
async fn write(mut stdin: ChildStdin, mut waiting: UnboundedReceiver<ToRun>) {
    while let Some(words) = waiting.recv().await {
        let Ok(line) = serde_json::to_string(&words) else { continue };
        if stdin.write_all(format!("{line}\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::{
        lock::lock,
        scheduler::{Attempt, Told},
    };
    use std::{
        path::Path,
        sync::{Arc, Mutex},
        time::Instant,
    };

    fn order(timeout: Duration) -> Order {
        let attempt = Attempt {
            run: 7,
            job: "nightly".into(),
            number: 1,
            due: jiff::Timestamp::UNIX_EPOCH,
            script: "script.rhai".into(),
            parameters: Vec::new(),
            account: None,
            timeout,
            yes: false,
            event: None,
        };
        Order { attempt, setting: super::super::Setting::new(None, Path::new("state")).unwrap() }
    }

    fn client() -> Client {
        Client::new(crate::catalog::Catalog::builtin(), &Default::default())
    }

    /// What becomes of a child that does this instead of running a script.
    async fn child(does: &str, timeout: Duration, stop: Stop) -> (Vec<Told>, Ended) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let kept = told.clone();
        let mut command = Command::new("sh");
        command.args(["-c", does]);
        let ended = run(command, order(timeout), client(), stop, Arc::new(move |it| lock(&kept).push(it))).await;
        let told = lock(&told).clone();
        (told, ended)
    }

    async fn dying(does: &str) -> (Vec<Told>, Ended) {
        child(does, Duration::from_secs(60), Stop::default()).await
    }

    fn message(ended: &Ended) -> &str {
        &ended.trouble.as_ref().unwrap().message
    }

    const LAST_WORD: &str = r#"{"ended":{"outcome":"done","script_hash":null,"result":"1","trouble":null}}"#;

    #[tokio::test]
    async fn of_a_child_that_dies_nobody_knows_how_far_it_came() {
        let (told, ended) = dying(r#"echo '{"told":{"printed":"a"}}'; echo 'of this' >&2; kill -9 $$"#).await;
        assert_eq!(ended.outcome, Outcome::Unknown);
        assert_eq!(message(&ended), "its process died (signal: 9 (SIGKILL)): of this");
        assert!(told.contains(&Told::Printed("a".into())), "{told:?}");
        assert!(told.contains(&Told::Logged(tracing::Level::ERROR, "of this".into())), "{told:?}");
    }

    #[tokio::test]
    async fn a_script_that_eats_all_its_memory_has_failed() {
        let (_, ended) = dying("echo 'memory allocation of 9000 bytes failed' >&2; kill -6 $$").await;
        assert_eq!((ended.outcome, &*ended.trouble.as_ref().unwrap().kind), (Outcome::Failed, "limit"));
    }

    #[tokio::test]
    async fn a_child_that_goes_without_a_word_is_unknown() {
        let (_, ended) = dying("exit 0").await;
        assert_eq!((ended.outcome, message(&ended)), (Outcome::Unknown, "its process died (exit status: 0)"));
    }

    #[tokio::test]
    async fn what_is_no_message_is_passed_over() {
        let (_, ended) = dying(&format!("echo hello; echo '{LAST_WORD}'; exit 3")).await;
        assert_eq!((ended.outcome, ended.result.as_deref()), (Outcome::Done, Some("1")));
    }

    #[tokio::test]
    async fn a_child_that_stays_after_its_last_word_is_killed() {
        let start = Instant::now();
        let (_, ended) = dying(&format!("echo '{LAST_WORD}'; sleep 100")).await;
        assert_eq!(ended.outcome, Outcome::Done);
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[tokio::test]
    async fn a_child_that_closes_its_mouth_and_stays_is_killed() {
        let start = Instant::now();
        let (_, ended) = dying("exec >&-; sleep 100").await;
        assert_eq!(ended.outcome, Outcome::Unknown);
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[tokio::test]
    async fn a_child_that_forgets_its_time_is_killed_with_all_that_it_has_started() {
        let start = Instant::now();
        let (_, ended) = child("sleep 100 & sleep 100", Duration::from_millis(1), Stop::default()).await;
        assert_eq!(ended.outcome, Outcome::TimedOut);
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[tokio::test]
    async fn a_child_is_asked_to_stop_and_killed_if_it_does_not() {
        let stop = Stop::default();
        let told = Arc::new(Mutex::new(false));
        stop.ask.cancel();
        let ends = async {
            // The second line that it reads is the request to stop.
            let does = r#"read order; read word; echo "{\"told\":{\"printed\":$word}}"; sleep 100"#;
            let mut command = Command::new("sh");
            command.args(["-c", does]);
            let (heard, kill) = (told.clone(), stop.kill.clone());
            let tell = move |it| {
                *lock(&heard) = it == Told::Printed("stop".into());
                kill.cancel();
            };
            run(command, order(Duration::from_secs(60)), client(), stop.clone(), Arc::new(tell)).await
        };
        let ended = ends.await;
        assert!(*lock(&told));
        assert_eq!(ended.outcome, Outcome::Cancelled);
    }

    #[tokio::test]
    async fn without_a_process_the_run_fails() {
        let command = Command::new("/no/such/program");
        let ended = run(command, order(Duration::from_secs(1)), client(), Stop::default(), Arc::new(|_| {})).await;
        assert_eq!(ended.outcome, Outcome::Failed);
        assert!(message(&ended).starts_with("no process for the run"), "{ended:?}");
    }
}
