//! `state::` — what a script keeps from run to run: values, what was done already, and one at a time.
//!
//! A job has values of its own, whichever script it runs; a script that is run by hand has those of its file, and the
//! prompt has its own. They are in the state of the user (`--state`, `JUBEN_STATE`); in the sandbox they end with the run
//! unless `--state` names a folder. A dry run sees what is kept and changes nothing of it.

use super::{Host, Line, Reply, given::Given, thrown, type_name};
use crate::{
    Error, client,
    error::Kind,
    lock::lock as locked,
    rights::{self, Right},
    secret::Secret,
    store::{Kept, Lock, Values},
};
use rhai::{Array, Dynamic, FnPtr, INT, Map, plugin::*};
use std::{sync::Arc, time::Duration};
use tracing::Level;

/// Bytes of a value as JSON, and of a key.
const LARGEST: usize = 1 << 20;
const LONGEST: usize = 512;

#[export_module]
pub mod module {
    /// The value that is kept by this name.
    /// - `key`: string.
    /// - returns: the value, or `()` when there is none.
    /// - keeps: `key`.
    /// ```rhai
    /// state::set("cursor", #{ page: 3 });
    /// assert_eq(state::get("cursor").page, 3);
    /// assert_eq(state::get("nothing"), ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn get(call: NativeCallContext, key: &str) -> Reply<Dynamic> {
        read(&call, key, Dynamic::UNIT)
    }

    /// The same, or another value when there is none.
    /// - `key`: string.
    /// - `otherwise`: anything.
    /// - returns: the value.
    /// - keeps: `key`.
    /// ```rhai
    /// assert_eq(state::get("failures", 0), 0);
    /// ```
    #[rhai_fn(return_raw, name = "get")]
    pub fn get_or(call: NativeCallContext, key: &str, otherwise: Dynamic) -> Reply<Dynamic> {
        read(&call, key, otherwise)
    }

    /// Keep a value in place of another.
    /// - `key`: string, of less than 512 bytes.
    /// - `value`: anything that JSON can hold, of at most 1 MB; no secret.
    /// - throws: `argument`, `too_large`.
    /// - keeps: `key`.
    /// ```rhai
    /// state::set("last", #{ drama: "归来记", at: time::now() });
    /// ```
    #[rhai_fn(return_raw)]
    pub fn set(call: NativeCallContext, key: &str, value: Dynamic) -> Reply<()> {
        keep(&call, key, &value, None)
    }

    /// The same; it is forgotten after so many seconds.
    /// - `key`: string.
    /// - `value`: as above.
    /// - `ttl`: int, seconds, 1 or more.
    /// - throws: as above.
    /// - keeps: `key`.
    /// ```rhai
    /// state::set("warned", true, time::hours(6));
    /// assert(state::get("warned", false));
    /// ```
    #[rhai_fn(return_raw, name = "set")]
    pub fn set_for(call: NativeCallContext, key: &str, value: Dynamic, ttl: INT) -> Reply<()> {
        keep(&call, key, &value, Some(ttl))
    }

    /// Forget a value.
    /// - `key`: string.
    /// - returns: bool, whether there was one.
    /// - keeps: `key`.
    /// ```rhai
    /// state::set("cursor", 3);
    /// assert(state::remove("cursor"));
    /// assert(!state::remove("cursor"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn remove(call: NativeCallContext, key: &str) -> Reply<bool> {
        let (host, values) = values(&call, key)?;
        host.wait(&call, values.remove(key, now(&host)))
    }

    /// The names of all that is kept, in their order.
    /// - returns: array of string.
    /// - keeps: `all`.
    /// ```rhai
    /// state::set("b", 2);
    /// state::set("a", 1);
    /// assert_eq(state::keys(), ["a", "b"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn keys(call: NativeCallContext) -> Reply<Array> {
        let (host, values) = values(&call, Right::ALL)?;
        let keys = host.wait(&call, values.keys(now(&host)))?;
        Ok(keys.into_iter().map(Dynamic::from).collect())
    }

    /// Add one to a number that is kept, whatever other runs do to it at the same time. Where there is none it was 0.
    /// - `key`: string.
    /// - returns: int, the new number.
    /// - throws: `argument` when it is no int.
    /// - keeps: `key`.
    /// ```rhai
    /// assert_eq(state::incr("failures"), 1);
    /// assert_eq(state::incr("failures"), 2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn incr(call: NativeCallContext, key: &str) -> Reply<INT> {
        add(&call, key, 1)
    }

    /// Add so much.
    /// - `key`: string.
    /// - `by`: int, also below 0.
    /// - returns: int, the new number.
    /// - throws: as above.
    /// - keeps: `key`.
    /// ```rhai
    /// assert_eq(state::incr("episodes", 12), 12);
    /// assert_eq(state::incr("episodes", -2), 10);
    /// ```
    #[rhai_fn(return_raw, name = "incr")]
    pub fn incr_by(call: NativeCallContext, key: &str, by: INT) -> Reply<INT> {
        add(&call, key, by)
    }

    /// Do something unless it was done within so many seconds, by this run or another. A run that finds another one at it
    /// waits for that. What throws, or dies on the way, is not done: the next run does it again. When it is done,
    /// `state::get(key)` is the moment, in seconds since 1970, and `state::remove(key)` lets it be done again.
    /// - `key`: string.
    /// - `ttl`: int, seconds, 1 or more, counted from when it was done.
    /// - `f`: function without parameters.
    /// - returns: what the function returns, or `()` when it was done already.
    /// - throws: what the function throws; `argument`; `conflict` when it is called for the same key within itself.
    /// - keeps: `key`.
    /// ```rhai
    /// let told = 0;
    /// for attempt in 0..3 {
    ///     state::once("welcome", time::days(30), || told += 1);
    /// }
    /// assert_eq(told, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn once(call: NativeCallContext, key: &str, ttl: INT, f: FnPtr) -> Reply<Dynamic> {
        do_once(&call, key, ttl, &f)
    }

    /// Do something that no other run of the job or the script does at the same time: others wait here until it is done,
    /// or until the process that does it has ended.
    /// - `key`: string.
    /// - `f`: function without parameters.
    /// - returns: what the function returns.
    /// - throws: what the function throws; `conflict` when it is called for the same key within itself.
    /// - keeps: `key`.
    /// ```rhai
    /// assert_eq(state::lock("report", || 1 + 1), 2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn lock(call: NativeCallContext, key: &str, f: FnPtr) -> Reply<Dynamic> {
        do_alone(&call, key, Map::new(), &f)
    }

    /// The same with options.
    /// - `key`: string.
    /// - `options`: map: `wait` (int, seconds; 0 does not wait at all).
    /// - `f`: function without parameters.
    /// - returns: what the function returns.
    /// - throws: as above; `conflict` when others have not ended by then.
    /// - keeps: `key`.
    /// ```rhai
    /// assert_eq(state::lock("report", #{ wait: 5 }, || "done"), "done");
    /// ```
    #[rhai_fn(return_raw, name = "lock")]
    pub fn lock_with(call: NativeCallContext, key: &str, options: Map, f: FnPtr) -> Reply<Dynamic> {
        do_alone(&call, key, options, &f)
    }
}

fn read(call: &NativeCallContext, key: &str, otherwise: Dynamic) -> Reply<Dynamic> {
    let (host, values) = values(call, key)?;
    let value = host.wait(call, values.get(key, now(&host)))?;
    value.map_or(Ok(otherwise), |json| decoded(&json).map_err(|error| thrown(call, error)))
}

fn keep(call: &NativeCallContext, key: &str, value: &Dynamic, ttl: Option<INT>) -> Reply<()> {
    let (host, values) = values(call, key)?;
    let kept = kept(&host, key, value, ttl).map_err(|error| thrown(call, error))?;
    host.wait(call, values.set(key, kept, now(&host)))
}

fn add(call: &NativeCallContext, key: &str, by: INT) -> Reply<INT> {
    let (host, values) = values(call, key)?;
    checked(key).map_err(|error| thrown(call, error))?;
    let sum = |before: Option<Kept>| {
        let (number, until) = before.map_or(Ok((0, None)), |(json, until)| number(key, &json).map(|it| (it, until)))?;
        let sum =
            number.checked_add(by).ok_or_else(|| wrong(format!("`{key}` would be larger than a number can be")))?;
        Ok((Some((sum.to_string(), until)), sum))
    };
    host.wait(call, values.change(key, now(&host), sum))
}

fn do_once(call: &NativeCallContext, key: &str, ttl: INT, f: &FnPtr) -> Reply<Dynamic> {
    let (host, values) = values(call, key)?;
    checked(key).and_then(|()| later(&host, ttl)).map_err(|error| thrown(call, error))?;
    let _alone = Alone::of(call, &host, "once", key, None)?;
    if host.wait(call, values.get(key, now(&host)))?.is_some() {
        return Ok(Dynamic::UNIT);
    }
    let answer = f.call_within_context(call, ())?;
    keep(call, key, &host.client.now().into(), Some(ttl))?;
    Ok(answer)
}

fn do_alone(call: &NativeCallContext, key: &str, options: Map, f: &FnPtr) -> Reply<Dynamic> {
    let host = Host::of(call);
    host.may(rights::Kind::State, key).map_err(|error| thrown(call, error))?;
    let mut given = Given::new(options);
    let wait = given.number("wait", 0..=INT::from(i32::MAX)).and_then(|wait| given.ends().map(|()| wait));
    let wait = wait.and_then(|wait| checked(key).map(|()| wait)).map_err(|error| thrown(call, error))?;
    let _alone = Alone::of(call, &host, "lock", key, wait.map(|seconds| Duration::from_secs(seconds.unsigned_abs())))?;
    f.call_within_context(call, ())
}

/// No other run is here until this is dropped.
struct Alone {
    host: Arc<Host>,
    name: String,
    _lock: Option<Lock>,
}

impl Alone {
    fn of(
        call: &NativeCallContext,
        host: &Arc<Host>,
        what: &str,
        key: &str,
        patience: Option<Duration>,
    ) -> Reply<Alone> {
        let name = format!("state {} {what} {key}", space(host));
        // The run would wait for itself.
        if !locked(&host.own.held).insert(name.clone()) {
            return Err(thrown(call, conflict(format!("this run is within `state::{what}` of `{key}` already"))));
        }
        let mut alone = Alone { host: host.clone(), name, _lock: None };
        alone._lock = Some(host.wait(call, wait_for(host, &alone.name, key, patience))?);
        Ok(alone)
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        locked(&self.host.own.held).remove(&self.name);
    }
}

async fn wait_for(host: &Host, name: &str, key: &str, patience: Option<Duration>) -> Result<Lock, Error> {
    let waits = || (host.output)(Line::Logged(Level::INFO, &format!("waits until another run is done with `{key}`")));
    let late = |patience: Duration| {
        conflict(format!("another run is not done with `{key}` within {} s", patience.as_secs()))
            .hint("give it more by #{ wait: SECONDS }, or leave that out")
            .retryable(true)
    };
    match patience {
        None => host.store.lock(name, waits).await,
        Some(patience) if patience.is_zero() => host.store.try_lock(name)?.ok_or_else(|| late(patience)),
        Some(patience) => {
            let lock = tokio::time::timeout(patience, host.store.lock(name, waits)).await;
            lock.unwrap_or_else(|_| Err(late(patience)))
        }
    }
}

/// The run, and the values that are its to see, if it may see this one. A dry run has copies.
fn values(call: &NativeCallContext, key: &str) -> Reply<(Arc<Host>, Values)> {
    let host = Host::of(call);
    host.may(rights::Kind::State, key).map_err(|error| thrown(call, error))?;
    let values = match host.own.values.get() {
        Some(values) => values.clone(),
        None => {
            let opened = host.wait(call, open(&host))?;
            host.own.values.get_or_init(|| opened).clone()
        }
    };
    Ok((host, values))
}

async fn open(host: &Host) -> Result<Values, Error> {
    let values = Values::new(&host.store, space(host));
    if host.client.is_dry_run() {
        return values.copy_in_memory().await;
    }
    values.clear_forgotten(now(host)).await?;
    Ok(values)
}

/// Whose values they are.
fn space(host: &Host) -> String {
    match (&host.job, host.own.script.get()) {
        (Some(job), _) => format!("job {}", job.name),
        (None, Some(file)) => format!("script {}", file.display()),
        (None, None) => "prompt".to_owned(),
    }
}

/// In milliseconds since 1970.
fn now(host: &Host) -> i64 {
    host.client.now().saturating_mul(1000)
}

/// So many seconds from now.
fn later(host: &Host, ttl: INT) -> Result<i64, Error> {
    if ttl < 1 {
        return Err(wrong(format!("`ttl` is {ttl}; it must be 1 second or more")));
    }
    Ok(now(host).saturating_add(ttl.saturating_mul(1000)))
}

fn checked(key: &str) -> Result<(), Error> {
    match key.len() {
        0 => Err(wrong("the key is empty".to_owned())),
        LONGEST.. => Err(wrong(format!("the key has {} bytes; it must have fewer than {LONGEST}", key.len()))),
        _ => Ok(()),
    }
}

/// A value as it is kept.
fn kept(host: &Host, key: &str, value: &Dynamic, ttl: Option<INT>) -> Result<Kept, Error> {
    checked(key)?;
    if holds_secret(value) {
        return Err(wrong(format!("the value of `{key}` has a secret in it, which anybody could read on the disk"))
            .hint("keep what it is about; the secret itself is read again when it is needed"));
    }
    let json = client::encode(value).map_err(|error| {
        let given = type_name(value);
        wrong(format!("the value of `{key}`, of type {given}, cannot be kept: {error}"))
            .hint("keep maps, arrays, texts, numbers")
    })?;
    if json.len() > LARGEST {
        let message = format!("the value of `{key}` has {} bytes as JSON; it must have at most {LARGEST}", json.len());
        return Err(Error::new(Kind::TooLarge, message).hint("keep a large one by files::write"));
    }
    Ok((json, ttl.map(|ttl| later(host, ttl)).transpose()?))
}

fn holds_secret(value: &Dynamic) -> bool {
    if let Ok(items) = value.as_array_ref() {
        return items.iter().any(holds_secret);
    }
    value.as_map_ref().map_or_else(|_| value.is::<Secret>(), |fields| fields.values().any(holds_secret))
}

fn decoded(json: &str) -> Result<Dynamic, Error> {
    client::decode(json.as_bytes()).map_err(|error| Error::new(Kind::File, format!("the state is damaged: {error}")))
}

fn number(key: &str, json: &str) -> Result<INT, Error> {
    let value = decoded(json)?;
    value.as_int().map_err(|given| wrong(format!("`{key}` is of type {given}; only an int can be added to")))
}

fn wrong(message: String) -> Error {
    Error::new(Kind::Argument, message)
}

fn conflict(message: String) -> Error {
    Error::new(Kind::Conflict, message)
}
