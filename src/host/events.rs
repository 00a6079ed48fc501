//! `events::` — what the platforms have told.

use super::{Host, Reply, lock, thrown};
use crate::{
    Error,
    client::{decode, encode, sha256},
    error::Kind,
    rights,
    store::{Event, EventFilter, Told, has},
};
use rhai::{Dynamic, Map, plugin::*};
use serde_json::Value;

/// So many events of one name are looked through.
const LATEST: u32 = 10_000;

#[export_module]
pub mod module {
    /// The event that this run runs on, by an `[[on]]` of `juben.toml`.
    /// - returns: map `#{ id: int, name: string, account: string, received: int (seconds), body: map }`; `name` is the
    ///   platform's own, and `body` the message with its fields.
    /// - throws: `argument` in a run that runs on no event.
    /// ```rhai
    /// try {
    ///     let event = events::current();
    ///     log::info(`media ${event.body.upload_event.media_id} is there`);
    /// } catch (error) {
    ///     assert_eq(error.kind, "argument");
    /// }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn current(call: NativeCallContext) -> Reply<Map> {
        let host = Host::of(&call);
        let event = host.job.as_ref().and_then(|job| job.event.as_deref());
        let none = || {
            Error::new(Kind::Argument, "this run runs on no event").hint(
                "name the script in an [[on]] of juben.toml; `juben events replay ID` runs it on an event that came before",
            )
        };
        let given = event.ok_or_else(none).and_then(|event| serde_json::from_str(event).map_err(damaged));
        given.and_then(|event| as_map(&host, event)).map_err(|error| thrown(&call, error))
    }

    /// The latest event of that name with these fields.
    /// - `name`: string, such as `"drama.media_uploaded"`, or the platform's own name.
    /// - `fields`: map of values by their path, such as `#{ "upload_event.media_id": 910002 }`; `#{}` for any.
    /// - returns: map as of `events::current()`, or `()`.
    /// - throws: `argument` when there is no such event, `file`.
    /// - events: `name`.
    /// ```rhai
    /// events::tell("drama.media_uploaded", #{ upload_event: #{ media_id: 910002, errcode: 0 } });
    /// let event = events::find("drama.media_uploaded", #{ "upload_event.media_id": 910002 });
    /// assert_eq(event.body.upload_event.errcode, 0);
    /// assert_eq(events::find("drama.media_uploaded", #{ "upload_event.media_id": 1 }), ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn find(call: NativeCallContext, name: &str, fields: Map) -> Reply<Dynamic> {
        let host = Host::of(&call);
        let found = host.wait(&call, super::find(&host, name, &fields))?;
        let Some(event) = found else { return Ok(Dynamic::UNIT) };
        as_map(&host, event.to_json()).map(Dynamic::from_map).map_err(|error| thrown(&call, error))
    }

    /// Add an event, as if the platform had told of it: what runs on it then runs. The same one is added once.
    /// - `name`: string, as above.
    /// - `body`: map, the fields of the message that matter.
    /// - returns: bool, whether it is new. A dry run adds nothing and answers `true`.
    /// - throws: `argument` when there is no such event, `config` when no account can be told, `file`.
    /// - events: `name`.
    /// ```rhai
    /// let uploaded = #{ upload_event: #{ media_id: 910003, errcode: 0 } };
    /// assert(events::tell("drama.media_uploaded", uploaded));
    /// assert(!events::tell("drama.media_uploaded", uploaded));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn tell(call: NativeCallContext, name: &str, body: Map) -> Reply<bool> {
        let host = Host::of(&call);
        host.wait(&call, super::tell(&host, name, body))
    }
}

async fn find(host: &Host, name: &str, fields: &Map) -> Result<Option<Event>, Error> {
    host.may(rights::Kind::Events, name)?;
    let name = host.client.catalog().event(name)?;
    let fields = fields.iter().map(|(path, value)| Ok((path.as_str(), [json_of(value)?])));
    let fields = fields.collect::<Result<Vec<_>, Error>>()?;
    let meant = EventFilter { name: Some(name), last: Some(LATEST), ..EventFilter::default() };
    let fits = |event: &Event| {
        let message = event.told.message();
        fields.iter().all(|(path, values)| has(&message, path, values))
    };
    Ok(host.store.events(&meant).await?.into_iter().rev().find(fits))
}

async fn tell(host: &Host, name: &str, body: Map) -> Result<bool, Error> {
    host.may(rights::Kind::Events, name)?;
    let name = host.client.catalog().event(name)?;
    let account = account_of(host, &name)?;
    if host.client.is_dry_run() {
        return Ok(true);
    }
    let mut sorted = json_of(&Dynamic::from_map(body))?;
    let body = sorted.to_string();
    sorted.sort_all_objects();
    let mark = format!("told {}", sha256(format!("{name} {sorted}").as_bytes()));
    let since = mark.clone();
    let told = Told { account, name, mark, since, received: host.client.now() * 1000, body };
    Ok(host.store.add_events(&[told]).await?.iter().any(Option::is_some))
}

/// Whose event it is: the account that the calls to its platform would use, or the chosen one.
fn account_of(host: &Host, raw: &str) -> Result<String, Error> {
    let chosen = lock(&host.account).clone();
    let catalog = host.client.catalog();
    let operation = catalog.raw_event(raw).and_then(|event| catalog.of_module(&event.module).next());
    match (operation, chosen) {
        (Some(operation), chosen) => {
            Ok(host.client.accounts().for_operation(&operation, chosen.as_deref())?.name.clone())
        }
        (None, Some(chosen)) => Ok(chosen),
        (None, None) => {
            let error = Error::new(Kind::Config, format!("whose event `{raw}` is cannot be told"));
            Err(error.hint("choose the account first, by account::switch(NAME) or --account NAME"))
        }
    }
}

/// An event as scripts see it, with numbers where the platform's document has them.
fn as_map(host: &Host, mut event: Value) -> Result<Map, Error> {
    if let Some(known) = event["name"].as_str().and_then(|raw| host.client.catalog().raw_event(raw)) {
        event["body"] = known.typed(event["body"].take());
    }
    Ok(decode(event.to_string().as_bytes()).map_err(damaged)?.try_cast().unwrap_or_default())
}

fn damaged(error: serde_json::Error) -> Error {
    Error::new(Kind::File, format!("the event cannot be read: {error}"))
}

fn json_of(value: &Dynamic) -> Result<Value, Error> {
    let text = encode(value).and_then(|text| serde_json::from_str(&text));
    text.map_err(|error| {
        Error::new(Kind::Argument, format!("the fields of an event cannot be written: {error}"))
            .hint("use maps, arrays and scalars")
    })
}
