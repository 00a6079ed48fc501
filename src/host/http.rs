//! `http::` — requests to hosts that are no platform's. docs/http.md says what can be relied on.

use super::{Host, Line, Reply, given::Given, text, thrown, type_name};
use crate::{
    Error,
    client::{self, WebAnswer, WebRequest, leads_here},
    error::Kind,
    rights::{self, host_of},
};
use rhai::{INT, ImmutableString, Map, plugin::*};
use std::time::Duration;
use tracing::Level;

#[export_module]
pub mod module {
    /// Ask for what is at an address.
    /// - `url`: string.
    /// - returns: map: `status` (int), `headers` (map, names in small letters), `body` (string; a blob when it is not UTF-8),
    ///   `json` (its value when it is JSON, else `()`).
    /// - throws: `not_found`, `auth`, `throttled`, `server`, `refused` … by the status, `network`, `too_large` above 16 MB.
    /// - reaches: `url`.
    /// ```rhai
    /// try { print(http::get("https://api.example.org/rates").json) } catch (error) { log::warn(error.message) }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn get(call: NativeCallContext, url: &str) -> Reply<Map> {
        send(&call, url, None, Map::new())
    }

    /// The same with options.
    /// - `url`: string.
    /// - `options`: map: `headers` (map of strings), `timeout` (seconds, 1 to 3600).
    /// - returns: map.
    /// - throws: as above.
    /// - reaches: `url`.
    /// ```rhai
    /// let options = #{ headers: #{ accept: "application/json" }, timeout: 5 };
    /// try { http::get("https://api.example.org/rates", options) } catch (error) { log::warn(error.message) }
    /// ```
    #[rhai_fn(return_raw, name = "get")]
    pub fn get_with(call: NativeCallContext, url: &str, options: Map) -> Reply<Map> {
        send(&call, url, None, options)
    }

    /// Send something to an address. A dry run tells it, and answers 200 with an empty body.
    /// - `url`: string.
    /// - `body`: map or array, sent as JSON, or string.
    /// - returns: map, as of `get`.
    /// - throws: as `get`, and `unknown_outcome` when nobody knows whether it was done.
    /// - reaches: `url`.
    /// ```rhai
    /// try { http::post("https://api.example.org/done", #{ drama: "夜行船" }) } catch (error) { log::warn(error.message) }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn post(call: NativeCallContext, url: &str, body: Dynamic) -> Reply<Map> {
        send(&call, url, Some(body), Map::new())
    }

    /// The same with options.
    /// - `url`: string.
    /// - `body`: map or array, sent as JSON, or string.
    /// - `options`: map: `headers` (map of strings), `timeout` (seconds, 1 to 3600).
    /// - returns: map, as of `get`.
    /// - throws: as above.
    /// - reaches: `url`.
    /// ```rhai
    /// let options = #{ headers: #{ "content-type": "text/csv" } };
    /// try { http::post("https://api.example.org/rows", "a,b", options) } catch (error) { log::warn(error.message) }
    /// ```
    #[rhai_fn(return_raw, name = "post")]
    pub fn post_with(call: NativeCallContext, url: &str, body: Dynamic, options: Map) -> Reply<Map> {
        send(&call, url, Some(body), options)
    }
}

fn send(call: &NativeCallContext, url: &str, body: Option<Dynamic>, options: Map) -> Reply<Map> {
    let host = Host::of(call);
    let request = request(url, body, options).and_then(|request| allowed(&host, &request).map(|()| request));
    let request = request.map_err(|error| thrown(call, error))?;
    if let Some((_, body)) = request.body.as_ref().filter(|_| host.client.is_dry_run()) {
        (host.output)(Line::Logged(Level::INFO, &format!("would post to {}: {body}", request.shown())));
        return Ok(to_map(&WebAnswer::default()));
    }
    let web = host.own.web.get_or_init(|| {
        if host.client.is_taped() {
            let said = "requests of http:: are not recorded, and a replay does not send them: it ends there";
            (host.output)(Line::Logged(Level::WARN, said));
        }
        host.client.web()
    });
    let answer = host.wait(call, web.send(&request))?;
    let map = to_map(&answer);
    match answer.trouble(&request) {
        Some(error) => Err(thrown(call, error.reply(map))),
        None => Ok(map),
    }
}

fn request(url: &str, body: Option<Dynamic>, options: Map) -> Result<WebRequest, Error> {
    let mut request = WebRequest::to(url)?;
    request.body = body.map(content).transpose()?;
    let mut given = Given::new(options);
    for (name, value) in given.map("headers")?.unwrap_or_default() {
        request.header(&name, &value.to_string())?;
    }
    request.timeout =
        given.number("timeout", 1..=3600)?.map(|seconds: INT| Duration::from_secs(seconds.unsigned_abs()));
    given.ends().map(|()| request)
}

/// As what a body is sent, and its bytes.
fn content(body: Dynamic) -> Result<(&'static str, String), Error> {
    if body.is_map() || body.is_array() {
        let json = client::encode(&body);
        let json = json.map_err(|error| Error::new(Kind::Argument, format!("the body is not JSON: {error}")))?;
        return Ok(("application/json", json));
    }
    let given = type_name(&body);
    let wrong =
        || Error::new(Kind::Argument, format!("the body is of type {given}; it must be a map, an array or a string"));
    let text = body.try_cast::<ImmutableString>().ok_or_else(wrong)?;
    Ok(("text/plain; charset=utf-8", text.to_string()))
}

/// Whether the run may send it at all.
fn allowed(host: &Host, request: &WebRequest) -> Result<(), Error> {
    let (client, name) = (&host.client, host_of(request.url.as_str()).unwrap_or_default());
    host.may(rights::Kind::Host, &name)?;
    if request.body.is_some() && client.is_planning() {
        return Err(Error::new(Kind::Limit, format!("a request that changes something at {name} cannot be planned"))
            .hint("run the script instead of planning it"));
    }
    if client.is_replay() {
        let message = format!("{name} is not asked: a recording has no answers to requests of http::");
        return Err(Error::new(Kind::Replay, message)
            .hint("run the script without --replay, or let it ask nobody when it is replayed"));
    }
    if client.stays_here() && !leads_here(&request.url) {
        let message = format!("the sandbox has no internet: {name} is not asked");
        return Err(Error::new(Kind::Refused, message)
            .hint("let a test have a server of its own at 127.0.0.1, or run the script without --sandbox"));
    }
    Ok(())
}

fn to_map(answer: &WebAnswer) -> Map {
    let mut headers = Map::new();
    for name in answer.headers.keys() {
        let values = answer.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        headers.insert(name.as_str().into(), text(values.collect::<Vec<_>>().join(", ")));
    }
    let kind = headers.get("content-type").map(ToString::to_string).unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_json = kind == "application/json" || kind.ends_with("+json");
    let json = is_json.then(|| client::decode(&answer.body).ok()).flatten();
    let body = str::from_utf8(&answer.body).map_or_else(|_| Dynamic::from_blob(answer.body.to_vec()), text);
    Map::from_iter([
        ("status".into(), INT::from(answer.status.as_u16()).into()),
        ("headers".into(), headers.into()),
        ("body".into(), body),
        ("json".into(), json.unwrap_or(Dynamic::UNIT)),
    ])
}
