//! What a script can reach: the platforms' operations and the everyday modules, a file each.

mod account;
mod args;
mod assert;
mod calls;
mod chapters;
mod codes;
mod csv;
mod data;
mod difference;
mod env;
mod events;
mod files;
mod given;
mod grants;
mod http;
mod json;
mod log;
mod notify;
mod ops;
mod own;
mod pages;
mod progress;
mod sheet;
mod state;
mod text;
mod time;
mod upload;
mod wait;

pub(crate) use log::shown;
pub use own::Own;
pub(crate) use text::{cell, harmless};
pub use text::{columns_of, shortened, table};

use crate::{
    Error,
    catalog::Schema,
    client::{Client, Options, called_by},
    error::Kind,
    helpers::progress::{BEAT, Progress},
    lock::lock,
    rights::{self, Place, Right},
    secret::Secret,
    store::Store,
};
use rhai::{
    Array, Dynamic, Engine, EvalAltResult, ImmutableString, Map, NativeCallContext, Position, Shared,
    exported_module as module,
};
use std::{
    collections::BTreeSet,
    fmt,
    future::Future,
    path::PathBuf,
    pin::pin,
    sync::{Arc, Mutex, OnceLock, Weak},
};
use tokio::{runtime::Handle, time::Instant};
use tokio_util::sync::CancellationToken;

/// What a native function answers.
pub type Reply<T> = Result<T, Box<EvalAltResult>>;

/// One run of a script: what it may use and where its words go. Every engine carries one as its tag.
pub struct Host {
    /// Makes the calls.
    pub client: Arc<Client>,
    /// What outlives the run.
    pub store: Arc<Store>,
    /// Where the calls run.
    pub runtime: Handle,
    /// Ends the run.
    pub cancel: CancellationToken,
    /// When the run must have ended.
    pub deadline: Option<Instant>,
    /// The folder of the script; relative paths start here.
    pub folder: PathBuf,
    /// The run's arguments.
    pub arguments: Arguments,
    /// Where printed and logged lines go.
    pub output: Box<dyn Fn(Line<'_>) + Send + Sync>,
    /// The account in use, if one was chosen.
    pub account: Mutex<Option<String>>,
    /// The operations called so far, by their place in the catalog.
    pub called: Mutex<BTreeSet<usize>>,
    /// The engine of this run: what is evaluated later, such as the filter of a listing, is called through it.
    pub engine: OnceLock<Weak<Engine>>,
    /// The job that it is a run of; a run by hand is of none.
    pub job: Option<Job>,
    /// What the run makes for itself when it first needs it.
    pub own: Own,
}

/// What a run of a job knows of it.
#[derive(Debug, Clone)]
pub struct Job {
    /// The job's name.
    pub name: String,
    /// The run's number.
    pub run: i64,
    /// The event that it runs on, as JSON: `id`, `name`, `account`, `received` and `body`.
    pub event: Option<String>,
}

/// What a script was started with.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// Those by position.
    pub positional: Vec<String>,
    /// Those by name.
    pub named: Vec<(String, String)>,
    /// The values of the parameters that the script declares, each of its type; `None` when it declares none.
    pub declared: Option<Map>,
    /// Where paths among them start; where the user stands, if it is empty.
    pub folder: PathBuf,
}

/// What a run has to say.
#[derive(Debug, Clone, Copy)]
pub enum Line<'a> {
    /// By `print`: data.
    Printed(&'a str),
    /// By `log::`: a word to the person who watches.
    Logged(tracing::Level, &'a str),
    /// How far a long deed has come.
    Progress(&'a Progress),
    /// It is done.
    Finished(&'a Progress),
    /// It ended otherwise; the error says how.
    Abandoned,
}

/// Give an engine everything that scripts use.
pub fn register(engine: &mut Engine, host: &Arc<Host>) {
    engine.set_default_tag(Dynamic::from(Arc::clone(host)));
    ops::register(engine, host.client.catalog());
    register_modules(engine);
    let printed = Arc::clone(host);
    engine.on_print(move |text| (printed.output)(Line::Printed(text)));
    let debugged = Arc::clone(host);
    engine.on_debug(move |text, _, _| (debugged.output)(Line::Logged(tracing::Level::DEBUG, text)));
    engine.register_type_with_name::<Secret>("secret");
    engine.register_fn("to_string", |secret: &mut Secret| secret.to_string());
    engine.register_fn("to_debug", |secret: &mut Secret| secret.to_string());
    log::replace_print(engine);
    time::replace_sleep(engine);
}

/// The everyday modules alone, and what is global: their functions find the run in the engine's tag.
pub fn register_modules(engine: &mut Engine) {
    register_global(engine);
    engine.register_static_module("account", Shared::new(module!(account::module)));
    engine.register_static_module("args", Shared::new(module!(args::module)));
    engine.register_static_module("codes", Shared::new(module!(codes::module)));
    engine.register_static_module("grants", Shared::new(module!(grants::module)));
    engine.register_static_module("http", Shared::new(module!(http::module)));
    engine.register_static_module("json", Shared::new(module!(json::module)));
    engine.register_static_module("log", Shared::new(module!(log::module)));
    engine.register_static_module("notify", Shared::new(module!(notify::module)));
    engine.register_static_module("calls", Shared::new(module!(calls::module)));
    engine.register_static_module("chapters", Shared::new(module!(chapters::module)));
    engine.register_static_module("csv", Shared::new(module!(csv::module)));
    engine.register_static_module("data", Shared::new(module!(data::module)));
    engine.register_static_module("env", Shared::new(module!(env::module)));
    engine.register_static_module("events", Shared::new(module!(events::module)));
    engine.register_static_module("files", Shared::new(module!(files::module)));
    engine.register_static_module("upload", Shared::new(module!(upload::module)));
    engine.register_static_module("pages", Shared::new(pages::iterable(module!(pages::module))));
    engine.register_static_module("state", Shared::new(module!(state::module)));
    engine.register_static_module("sheet", Shared::new(module!(sheet::module)));
    engine.register_static_module("wait", Shared::new(module!(wait::module)));
    engine.register_static_module("text", Shared::new(module!(text::module)));
    engine.register_static_module("time", Shared::new(module!(time::module)));
}

/// What is global: it has no authority.
pub fn register_global(engine: &mut Engine) {
    engine.register_global_module(Shared::new(module!(assert::module)));
}

impl Host {
    /// The run that this call belongs to.
    pub fn of(call: &NativeCallContext) -> Arc<Host> {
        let tag = call.tag().unwrap_or(call.engine().default_tag());
        let host = tag.read_lock::<Arc<Host>>().map(|host| Arc::clone(&host));
        host.unwrap_or_else(|| unreachable!("every engine is tagged with its host"))
    }

    /// Wait for a call. Cancel and deadline end the wait at once.
    pub fn wait<T>(&self, call: &NativeCallContext, work: impl Future<Output = Result<T, Error>>) -> Reply<T> {
        self.wait_for(called_by(call.call_source(), work)).map_err(|error| thrown(call, error))
    }

    /// Wait for a long deed, and do something now and then, and once at its end. Not while the deed is polled: a function
    /// of the script may make calls of its own.
    fn wait_beating<T>(
        &self,
        call: &NativeCallContext,
        deed: impl Future<Output = Result<T, Error>>,
        mut beat: impl FnMut() -> Reply<()>,
    ) -> Reply<T> {
        let mut deed = pin!(deed);
        loop {
            let ended = self.wait(call, async { Ok(tokio::time::timeout(BEAT, &mut deed).await.ok()) })?;
            beat()?;
            if let Some(outcome) = ended {
                return outcome.map_err(|error| thrown(call, error));
            }
        }
    }

    fn wait_for<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(stopped()),
                () = too_late(self.deadline) => Err(out_of_time()),
                outcome = work => outcome,
            }
        })
    }

    /// The names of the fields of every object in the replies of this run.
    pub fn reply_fields(&self) -> Vec<Vec<String>> {
        let mut objects = Vec::new();
        for place in lock(&self.called).iter() {
            let operation = self.client.catalog().at(*place);
            let mut schema = operation.reply.schema.clone();
            schema.properties.retain(|name, _| !operation.hidden_fields().contains(name));
            collect(&schema, &mut objects);
        }
        objects
    }

    /// What is at a path that a script gives, to be read.
    fn reads(&self, call: &NativeCallContext, path: &str) -> Reply<Place> {
        self.client.files().read(&self.folder.join(path)).map_err(|error| thrown(call, error))
    }

    /// The same to be written.
    fn writes(&self, call: &NativeCallContext, path: &str) -> Reply<Place> {
        self.client.files().write(&self.folder.join(path)).map_err(|error| thrown(call, error))
    }

    /// Why the run must end now, if it must.
    pub fn must_end(&self) -> Option<Error> {
        if let Some(error) = self.end() {
            return Some(error.clone());
        }
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if self.cancel.is_cancelled() { Some(stopped()) } else { late.then(out_of_time) }
    }

    /// It is a run of this script.
    pub(crate) fn is_of(&self, script: &str) {
        let file = std::fs::canonicalize(script).or_else(|_| std::path::absolute(script));
        self.own.script.get_or_init(|| file.unwrap_or_else(|_| script.into()));
    }

    /// Wait for what the run has begun and left to itself: messages on their way. A run that is done in time stays so.
    pub(crate) async fn ended(&self) {
        let Some(notifier) = self.own.notifier.get() else { return };
        let say = |level, text| (self.output)(Line::Logged(level, text));
        let all_told = async {
            if tokio::time::timeout(BEAT * 20, notifier.finish()).await.is_err() {
                say(tracing::Level::INFO, "the script is done; messages are still on their way");
                notifier.finish().await;
            }
        };
        tokio::select! {
            biased;
            () = all_told => {}
            () = self.cancel.cancelled() => {}
            () = too_late(self.deadline.and_then(|deadline| deadline.checked_sub(BEAT))) => {
                say(tracing::Level::WARN, "the time for this run is up before all was told");
            }
        }
    }

    /// Whether the run may do what is no call and no file: tell somebody, keep something, reach a host.
    fn may(&self, kind: rights::Kind, what: &str) -> Result<(), Error> {
        self.client.files().guard().deed(&Right::new(kind, what))
    }

    /// The options of a call that names none.
    fn options(&self) -> Options {
        Options { account: lock(&self.account).clone(), folder: self.folder.clone(), ..Options::default() }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// When that moment has come; never without one.
async fn too_late(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn collect(schema: &Schema, objects: &mut Vec<Vec<String>>) {
    if !schema.properties.is_empty() {
        objects.push(schema.properties.keys().cloned().collect());
    }
    schema.properties.values().chain(schema.items.as_deref()).for_each(|inner| collect(inner, objects));
}

/// The user stopped the run.
pub fn stopped() -> Error {
    Error::new(Kind::Cancelled, "stopped")
}

/// The run has used up its time.
pub fn out_of_time() -> Error {
    Error::new(Kind::Limit, "the time for this run is up").hint("give it more by --timeout SECONDS")
}

/// The one way from an error to what a script catches.
pub fn thrown(call: &NativeCallContext, error: Error) -> Box<EvalAltResult> {
    if error.kind.ends_the_run() {
        Host::of(call).ends(&error);
    }
    thrown_at(error, call.call_source(), call.call_position())
}

fn thrown_at(error: Error, file: Option<&str>, position: Position) -> Box<EvalAltResult> {
    if error.kind.ends_the_run() {
        return EvalAltResult::ErrorTerminated(Dynamic::from(error), position).into();
    }
    let fields = to_map(&error, file, position);
    EvalAltResult::ErrorRuntime(fields.into(), position).into()
}

fn to_map(error: &Error, file: Option<&str>, position: Position) -> Map {
    let text = |text: &Option<String>| text.as_deref().map_or(Dynamic::UNIT, |text| text.into());
    Map::from_iter([
        ("kind".into(), error.kind.name().into()),
        ("message".into(), error.message.as_str().into()),
        ("hint".into(), text(&error.hint)),
        ("code".into(), error.code.map_or(Dynamic::UNIT, Dynamic::from)),
        ("op".into(), text(&error.operation)),
        ("account".into(), text(&error.account)),
        ("request_id".into(), text(&error.request_id)),
        ("retryable".into(), error.retryable.into()),
        ("reply".into(), error.reply.clone().map_or(Dynamic::UNIT, Dynamic::from)),
        ("file".into(), file.map_or(Dynamic::UNIT, |file| file.into())),
        ("line".into(), position.line().map_or(Dynamic::UNIT, |line| (line as i64).into())),
        ("column".into(), position.position().map_or(Dynamic::UNIT, |column| (column as i64).into())),
    ])
}

/// An error about an argument of a helper function.
fn wrong_argument(call: &NativeCallContext, message: impl Into<String>, hint: impl Into<String>) -> Box<EvalAltResult> {
    thrown(call, Error::new(Kind::Argument, message).hint(hint))
}

/// The type of a value in a script's words.
pub(crate) fn type_name(value: &Dynamic) -> &'static str {
    if value.is_int() {
        "int"
    } else if value.is_float() {
        "float"
    } else if value.is::<pages::Pages>() {
        "listing"
    } else {
        value.type_name()
    }
}

/// An array of maps, or the first item that is none.
fn maps(call: &NativeCallContext, name: &str, items: Array) -> Reply<Vec<Map>> {
    let map = |(index, item): (usize, Dynamic)| {
        let given = type_name(&item);
        let wrong = || format!("{name}[{index}] is of type {given}; it must be a map");
        item.try_cast::<Map>().ok_or_else(|| wrong_argument(call, wrong(), "give an array of maps"))
    };
    items.into_iter().enumerate().map(map).collect()
}

fn text(value: impl Into<ImmutableString>) -> Dynamic {
    value.into().into()
}
