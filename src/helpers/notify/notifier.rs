//! Who is told: each target has a queue of its own, so that nobody waits for a robot, and no robot for another.

use super::{
    Message, Notice,
    answer::judge,
    letter::{heading, together},
    pace::Pace,
    robot::{Address, is_address, no_address, request},
    template::Template,
};
use crate::{
    Error,
    client::Plain,
    config,
    error::Kind,
    lock::lock,
    secret::{Secret, SecretSource},
    store::Store,
};
use indexmap::IndexMap;
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::runtime::Handle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The pauses, in seconds, before a message is sent again, and the least when the robot has had too many.
const PAUSES: [u64; 5] = [1, 5, 30, 120, 600];
const TOO_MANY: u64 = 60;

/// Feishu takes five messages a second.
const GAP: Duration = Duration::from_millis(210);

/// So many messages wait for a target; of more, only the number is kept.
const WAITING: usize = 50;

/// Tells people. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Notifier {
    targets: Arc<IndexMap<String, Arc<Target>>>,
    means: Arc<Means>,
    tasks: TaskTracker,
    runtime: Handle,
}

/// What all targets are told by.
struct Means {
    http: Plain,
    pace: Pace,
    /// Nobody waits any more between two tries.
    hurry: CancellationToken,
    warn: Box<dyn Fn(&str) + Send + Sync>,
}

#[derive(Debug)]
struct Target {
    name: String,
    settings: config::Notify,
    template: Template,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Message>,
    /// So many more, of which nothing is kept.
    more: u64,
    /// Whether somebody is at it.
    attended: bool,
}

impl Notifier {
    /// For these targets, `[notify.NAME]`. Tasks of that runtime do the work; `warn` hears what could not be told.
    pub fn new(
        targets: &IndexMap<String, config::Notify>,
        http: Plain,
        store: &Arc<Store>,
        runtime: Handle,
        warn: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Notifier, Error> {
        let target = |(name, settings): (&String, &config::Notify)| Ok((name.clone(), Target::new(name, settings)?));
        let means = Means { http, pace: Pace::new(store), hurry: CancellationToken::new(), warn: Box::new(warn) };
        Ok(Notifier {
            targets: Arc::new(targets.iter().map(target).collect::<Result<_, Error>>()?),
            means: Arc::new(means),
            tasks: TaskTracker::new(),
            runtime,
        })
    }

    /// Tell somebody, soon. Only the name can be wrong; what goes wrong later is a warning.
    pub fn send(&self, name: &str, message: Message) -> Result<(), Error> {
        let target = self.target(name)?;
        if target.put(message) {
            self.tasks.spawn_on(attend(target.clone(), self.means.clone()), &self.runtime);
        }
        Ok(())
    }

    /// Tell somebody what has become of a job, in the words of the target's template.
    pub fn notice(&self, name: &str, notice: Notice) -> Result<(), Error> {
        let message = self.worded(name, notice)?;
        self.send(name, message)
    }

    /// What is told of a job, in the words of the target's template.
    pub fn worded(&self, name: &str, notice: Notice) -> Result<Message, Error> {
        let text = self.target(name)?.template.fill(&notice);
        Ok(Message { text, about: Some(notice), ..Message::default() })
    }

    /// Tell somebody now, once, and say what was answered.
    pub async fn try_now(&self, name: &str, message: &Message) -> Result<String, Error> {
        let target = self.target(name)?;
        self.means.pace.wait(name, target.settings.per_minute).await;
        self.means.tell(target, message).await
    }

    /// Wait until all has been told. Nothing is put off any more: what fails now is tried once again, and then a warning.
    pub async fn finish(&self) {
        self.means.hurry.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn target(&self, name: &str) -> Result<&Arc<Target>, Error> {
        self.targets.get(name).ok_or_else(|| no_target(name, self.targets.keys().map(String::as_str)))
    }
}

/// There is no [notify.NAME] of that name.
pub(crate) fn no_target<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let error = Error::new(Kind::Config, format!("there is no [notify.{name}] in juben.toml"));
    let mut known = known.peekable();
    if known.peek().is_some() {
        return error.hint_names(name, known);
    }
    error.hint(example(name))
}

/// How one is added.
pub(crate) fn example(name: &str) -> String {
    format!(
        "add to juben.toml:\n[notify.{name}]\nkind = \"wecom\"   # or dingtalk, feishu, webhook\nurl = \"env:TEAM_ROBOT\""
    )
}

impl Target {
    fn new(name: &str, settings: &config::Notify) -> Result<Arc<Target>, Error> {
        if settings.per_minute == 0 {
            let error = Error::new(Kind::Config, format!("[notify.{name}]: per_minute is 0"));
            return Err(error.hint("leave it out: 20 a minute is what robots take"));
        }
        Ok(Arc::new(Target {
            name: name.to_owned(),
            settings: settings.clone(),
            template: Template::new(name, settings.template.as_deref())?,
            queue: Mutex::default(),
        }))
    }

    /// Whether somebody has to be sent to attend to it.
    fn put(&self, message: Message) -> bool {
        let mut queue = lock(&self.queue);
        match queue.messages.len() < WAITING {
            true => queue.messages.push_back(message),
            false => queue.more += 1,
        }
        !std::mem::replace(&mut queue.attended, true)
    }

    /// Nothing waits: then nobody has to attend to it any more.
    fn is_done(&self) -> bool {
        let mut queue = lock(&self.queue);
        queue.attended = !queue.messages.is_empty();
        !queue.attended
    }

    /// What is told next: the first, or all in one if they had to wait.
    fn next(&self, waited: bool) -> Message {
        let mut queue = lock(&self.queue);
        if (waited || queue.more > 0) && queue.messages.len() > 1 {
            let messages: Vec<_> = queue.messages.drain(..).collect();
            return together(&messages, std::mem::take(&mut queue.more));
        }
        queue.messages.pop_front().unwrap_or_default()
    }

    async fn address(&self) -> Result<Address, Error> {
        let of = |setting: &str| format!("`{setting}` of [notify.{}]", self.name);
        let url = secret(&self.settings.url, of("url")).await?;
        if !is_address(&url) {
            return Err(no_address(&self.name));
        }
        match &self.settings.secret {
            Some(source) => Ok(Address { url, secret: Some(secret(source, of("secret")).await?) }),
            None => Ok(Address { url, secret: None }),
        }
    }
}

/// Tell a target what waits for it, until nothing does.
async fn attend(target: Arc<Target>, means: Arc<Means>) {
    loop {
        let waited = means.pace.wait(&target.name, target.settings.per_minute).await;
        let message = target.next(waited);
        if let Err(error) = means.tell_at_last(&target, &message).await {
            let hint = error.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
            (means.warn)(&format!("`{}` was not told \"{}\": {error}{hint}", target.name, heading(&message)));
        }
        if target.is_done() {
            return;
        }
        tokio::time::sleep(GAP).await;
    }
}

impl Means {
    /// Try until it works, or does not.
    async fn tell_at_last(&self, target: &Target, message: &Message) -> Result<(), Error> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let last_try = self.hurry.is_cancelled();
            let Err(error) = self.tell(target, message).await else { return Ok(()) };
            let Some(pause) = pauses.next().filter(|_| error.retryable && !last_try) else { return Err(error) };
            let pause = if error.kind == Kind::Throttled { pause.max(TOO_MANY) } else { pause };
            // Those who were put off together must not come back together.
            let pause = Duration::from_secs(pause).mul_f64(1.0 + fastrand::f64() / 4.0);
            self.hurry.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }

    async fn tell(&self, target: &Target, message: &Message) -> Result<String, Error> {
        let address = target.address().await?;
        let kind = target.settings.kind;
        let sent = request(kind, &address, message, self.pace.now())?;
        let answer = self.http.post(&sent.url, &sent.headers, sent.body).await;
        answer.and_then(|answer| judge(kind, &answer)).map_err(|error| without_secrets(&error, &address))
    }
}

impl fmt::Debug for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Means").field("http", &self.http).field("pace", &self.pace).finish_non_exhaustive()
    }
}

/// Read a secret; a command that gives it must not hold up others.
pub(super) async fn secret(source: &SecretSource, what: String) -> Result<Secret, Error> {
    let source = source.clone();
    let read = tokio::task::spawn_blocking(move || source.read(&what)).await;
    read.unwrap_or_else(|error| Err(Error::new(Kind::Config, format!("a secret could not be read: {error}"))))
}

/// What answers may repeat what it was asked.
fn without_secrets(error: &Error, address: &Address) -> Error {
    let message = address.secrets().fold(error.message.clone(), |text, secret| text.replace(secret, "••••"));
    if message == error.message {
        return error.clone();
    }
    let reworded = error.reworded(error.kind, message).retryable(error.retryable);
    error.code.into_iter().fold(reworded, Error::code)
}
