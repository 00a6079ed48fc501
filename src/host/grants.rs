//! `grants::` — grants of novels and dramas in one vocabulary: what was given to whom until when, any number at once.
//!
//! A row is a map: `kind` (`book`, `all_books`, `drama`, `all_dramas`, `copyright`), `item` (the id of the book or drama),
//! `grantee` (an appid, or a credit code with `to_company: true`), `expires_at` (seconds since 1970, 0 for never).

mod rows;

use super::{Host, Reply, given::Given, progress::Listeners, thrown};
use crate::{
    Error,
    client::{Client, called_by},
    error::Kind,
    helpers::{
        grants::{self, FOREVER, Grant, Report, Rules, Scope, Way},
        progress::Progress,
    },
};
use rhai::{Array, Dynamic, INT, Map, plugin::*};
use rows::{not_a_plan, parsed, plan_map, plan_of, report_map, row};
use std::{collections::HashMap, future::Future, sync::Arc};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

const DAY: i64 = 86_400;
/// At most so many calls run at once.
const AT_ONCE: INT = 16;

#[export_module]
pub mod module {
    /// The grants of the account.
    /// - `options`: map: `scope` (a kind or an array of kinds; all), `direction` (`"given"`, the default, or
    ///   `"received"`), and those of any call.
    /// - returns: array of rows, with `platform`, `title`, `grantor` and `days_left` (`()` for never).
    /// - throws: `argument`, and what the listings throw.
    /// - calls: `novel.query_book_auth`, `novel.query_app_auth`, `drama.get_authorize_objects`,
    ///   `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`, `drama.get_authorized_objects`,
    ///   `drama.get_authorized_apps`, `drama.get_copyright_authorized_list`, `novel.list_books`, `drama.list_dramas`.
    /// ```rhai
    /// for row in grants::list(#{ scope: "book" }) { assert_eq(row.kind, "book"); }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn list(call: NativeCallContext, options: Map) -> Reply<Array> {
        listed(&call, options, None)
    }

    /// The given grants that end within so many days, the first to end first.
    /// - `days`: int.
    /// - returns: array of rows.
    /// - throws: what the listings throw.
    /// - calls: `novel.query_book_auth`, `novel.query_app_auth`, `drama.get_authorize_objects`,
    ///   `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`, `novel.list_books`,
    ///   `drama.list_dramas`.
    /// ```rhai
    /// for row in grants::expiring(30) { assert(row.days_left <= 30); }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn expiring(call: NativeCallContext, days: INT) -> Reply<Array> {
        listed(&call, Map::new(), Some(days))
    }

    /// The same with options.
    /// - `days`: int.
    /// - `options`: map, as of `list`.
    /// - returns: array of rows.
    /// - throws: what the listings throw.
    /// - calls: `novel.query_book_auth`, `novel.query_app_auth`, `drama.get_authorize_objects`,
    ///   `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`, `drama.get_authorized_objects`,
    ///   `drama.get_authorized_apps`, `drama.get_copyright_authorized_list`, `novel.list_books`, `drama.list_dramas`.
    /// ```rhai
    /// assert(grants::expiring(30, #{ scope: ["drama", "copyright"] }).len > 0);
    /// ```
    #[rhai_fn(return_raw, name = "expiring")]
    pub fn expiring_with(call: NativeCallContext, days: INT, options: Map) -> Reply<Array> {
        listed(&call, options, Some(days))
    }

    /// Give grants again, for longer. A row that fails stops no other.
    /// - `rows`: array of rows.
    /// - `options`: map: `until` (seconds since 1970, or `"forever"` for dramas) or `extend_days` (added to each row's
    ///   end), `account_wide` (bool, allow whole accounts), `at_once` (int, 1 to 16, calls in flight, default 1),
    ///   `on_progress` (function of the number of rows that are settled and of all), and those of any call.
    /// - returns: map `#{ done, already, failed, unknown }` of arrays of the rows that were given, in their order, with
    ///   `expires_at` in seconds and `days_left`; those of the last two have `code`, `message` and `hint`.
    /// - throws: `argument` before anything is sent; what a listing throws.
    /// - calls: `novel.query_book_auth`, `novel.query_app_auth`, `drama.get_authorize_objects`,
    ///   `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`, `novel.add_book_auth`,
    ///   `novel.add_app_auth`, `drama.authorize_drama`, `drama.authorize_app`, `drama.authorize_copyright`.
    /// ```rhai
    /// let rows = grants::expiring(30, #{ scope: "book" });
    /// assert_eq(grants::renew(rows, #{ extend_days: 365 }).done.len, rows.len);
    /// assert_eq(grants::expiring(30, #{ scope: "book" }), []);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn renew(call: NativeCallContext, rows: Array, options: Map) -> Reply<Map> {
        renewed(&call, rows, options)
    }

    /// Give grants. Those that are so already are not given again, so it can be run again after a stop.
    /// - `rows`: array of rows; `expires_at` is needed, or `expires_at: "forever"` for dramas.
    /// - returns: map as of `renew`.
    /// - throws: `argument` before anything is sent; what a listing throws.
    /// - calls: `novel.query_book_auth`, `drama.get_authorize_objects`, `drama.get_copyright_authorization_list`,
    ///   `novel.add_book_auth`, `drama.authorize_drama`, `drama.authorize_copyright`.
    /// ```rhai
    /// let row = #{ kind: "book", item: "Bk7aQ2x9", grantee: "wx00000000000000a1", expires_at: time::now() + time::days(90) };
    /// assert_eq(grants::add([row]).done.len, 1);
    /// assert_eq(grants::add([row]).already.len, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn add(call: NativeCallContext, rows: Array) -> Reply<Map> {
        given(&call, rows, Map::new())
    }

    /// The same with options.
    /// - `rows`: array of rows.
    /// - `options`: map: `account_wide`, `at_once` and `on_progress` as of `renew`, `there` (array of rows, what was given
    ///   before, where `list` has told; it is read otherwise), and those of any call.
    /// - returns: map as of `renew`.
    /// - throws: `argument` before anything is sent; what a listing throws.
    /// - calls: `novel.query_book_auth`, `novel.query_app_auth`, `drama.get_authorize_objects`,
    ///   `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`, `novel.add_book_auth`,
    ///   `novel.add_app_auth`, `drama.authorize_drama`, `drama.authorize_app`, `drama.authorize_copyright`.
    /// ```rhai
    /// let there = grants::list(#{ scope: "book" });
    /// assert_eq(grants::add(there, #{ there: there }).already.len, there.len);
    /// ```
    #[rhai_fn(return_raw, name = "add")]
    pub fn add_with(call: NativeCallContext, rows: Array, options: Map) -> Reply<Map> {
        given(&call, rows, options)
    }

    /// Take grants back. One that is not there is reported as `already`.
    /// - `rows`: array of rows.
    /// - returns: map as of `renew`.
    /// - throws: `argument`.
    /// - calls: `novel.del_book_auth`, `novel.del_app_auth`, `drama.deauthorize_drama`, `drama.deauthorize_app`,
    ///   `drama.deauthorize_copyright`, `novel.query_book_auth`, `novel.query_app_auth`,
    ///   `drama.get_authorize_objects`, `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`.
    /// ```rhai
    /// let row = grants::list(#{ scope: "drama" })[0];
    /// assert_eq(grants::revoke([row]).done.len, 1);
    /// assert_eq(grants::revoke([row]).already.len, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn revoke(call: NativeCallContext, rows: Array) -> Reply<Map> {
        taken(&call, rows, Map::new())
    }

    /// The same with options.
    /// - `rows`: array of rows.
    /// - `options`: map: `at_once` and `on_progress` as of `renew`, and those of any call.
    /// - returns: map as of `renew`.
    /// - throws: `argument`.
    /// - calls: `novel.del_book_auth`, `novel.del_app_auth`, `drama.deauthorize_drama`, `drama.deauthorize_app`,
    ///   `drama.deauthorize_copyright`, `novel.query_book_auth`, `novel.query_app_auth`,
    ///   `drama.get_authorize_objects`, `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`.
    /// ```rhai
    /// assert_eq(grants::revoke(grants::list(#{ scope: "drama" }), #{ at_once: 4 }).failed, []);
    /// ```
    #[rhai_fn(return_raw, name = "revoke")]
    pub fn revoke_with(call: NativeCallContext, rows: Array, options: Map) -> Reply<Map> {
        taken(&call, rows, options)
    }

    /// Compare a list of wanted grants with what is there. Kinds that the list does not have are left alone; of the
    /// others, what is not wanted is to be taken back.
    /// - `wanted`: array of rows.
    /// - returns: map `#{ changes, add, extend, shorten, revoke, unchanged }`; `changes` is an array of rows with
    ///   `change` (its name), `before` (when it ends now, or `()`) and `expires_at`; the others count them.
    /// - throws: `argument`, what a listing throws.
    /// - calls: `novel.query_book_auth`, `novel.query_app_auth`, `drama.get_authorize_objects`,
    ///   `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`.
    /// ```rhai
    /// let wanted = grants::list(#{ scope: "book" });
    /// wanted[0].expires_at += time::days(10);
    /// let plan = grants::plan(wanted);
    /// assert_eq([plan.extend, plan.add, plan.revoke], [1, 0, 0]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn plan(call: NativeCallContext, wanted: Array) -> Reply<Map> {
        let host = Host::of(&call);
        let wanted = parsed(&wanted).map_err(|error| thrown(&call, error))?;
        let mut scopes: Vec<Scope> = Scope::ALL.into_iter().collect();
        scopes.retain(|scope| wanted.iter().any(|grant| grant.scope == *scope));
        let options = host.options();
        let plan = host.wait(&call, grants::plan(&host.client, wanted, &scopes, &options))?;
        Ok(plan_map(&plan, Host::of(&call).client.now()))
    }

    /// Do what a plan says, and only that.
    /// - `plan`: map as of `plan`.
    /// - returns: map as of `renew`.
    /// - throws: `conflict`, with nothing changed, when what the plan started from is no longer so; `argument`.
    /// - calls: `novel.query_book_auth`, `novel.query_app_auth`, `drama.get_authorize_objects`,
    ///   `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`, `novel.add_book_auth`,
    ///   `drama.authorize_drama`, `drama.authorize_copyright`, `novel.del_book_auth`, `novel.del_app_auth`,
    ///   `drama.deauthorize_drama`, `drama.deauthorize_app`, `drama.deauthorize_copyright`.
    /// ```rhai
    /// let wanted = grants::list(#{ scope: "book" });
    /// wanted[0].expires_at += time::days(10);
    /// assert_eq(grants::apply(grants::plan(wanted)).done.len, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn apply(call: NativeCallContext, plan: Map) -> Reply<Map> {
        applied(&call, plan, Map::new())
    }

    /// The same with options.
    /// - `plan`: map as of `plan`.
    /// - `options`: map: `at_once` and `on_progress` as of `renew`, and those of any call.
    /// - returns: map as of `renew`.
    /// - throws: as above.
    /// - calls: `novel.query_book_auth`, `novel.query_app_auth`, `drama.get_authorize_objects`,
    ///   `drama.get_authorize_apps`, `drama.get_copyright_authorization_list`, `novel.add_book_auth`,
    ///   `drama.authorize_drama`, `drama.authorize_copyright`, `novel.del_book_auth`, `novel.del_app_auth`,
    ///   `drama.deauthorize_drama`, `drama.deauthorize_app`, `drama.deauthorize_copyright`.
    /// ```rhai
    /// assert_eq(grants::apply(grants::plan(grants::list(#{ scope: "book" })), #{ at_once: 4 }).done, []);
    /// ```
    #[rhai_fn(return_raw, name = "apply")]
    pub fn apply_with(call: NativeCallContext, plan: Map, options: Map) -> Reply<Map> {
        applied(&call, plan, options)
    }
}

fn listed(call: &NativeCallContext, given: Map, within: Option<INT>) -> Reply<Array> {
    let host = Host::of(call);
    let mut given = Given::new(given);
    let understood = scopes(given.value("scope")).and_then(|scopes| {
        let received = received(given.value("direction"))?;
        Ok((scopes, received, given.rest(&host)?))
    });
    let (scopes, received, options) = understood.map_err(|error| thrown(call, error))?;
    let (found, titles) = host.wait(call, async {
        let mut found = Vec::new();
        for scope in &scopes {
            found.extend(grants::list(&host.client, *scope, received, &options).await?);
        }
        let titles = if received { HashMap::new() } else { grants::titles(&host.client, &scopes, &options).await? };
        Ok((found, titles))
    })?;
    let now = host.client.now();
    let mut found: Vec<Grant> = match within {
        None => found,
        Some(days) => found.into_iter().filter(|grant| ends_within(grant, now, days)).collect(),
    };
    if within.is_some() {
        found.sort_by_key(|grant| grant.expires_at);
    }
    let titled = |mut grant: Grant| {
        grant.title = titles.get(&grant.item.to_string()).map(Into::into).unwrap_or_default();
        Dynamic::from_map(row(&grant, now))
    };
    Ok(found.into_iter().map(titled).collect())
}

fn ends_within(grant: &Grant, now: INT, days: INT) -> bool {
    grant.expires_at != FOREVER && grant.expires_at <= now + days.saturating_mul(DAY)
}

fn scopes(given: Option<Dynamic>) -> Result<Vec<Scope>, Error> {
    let Some(given) = given else { return Ok(Scope::ALL.to_vec()) };
    let names = given.clone().try_cast::<Array>().unwrap_or_else(|| vec![given]);
    names.iter().map(|name| scope(&name.to_string())).collect()
}

fn scope(name: &str) -> Result<Scope, Error> {
    Scope::named(name).ok_or_else(|| {
        let error = Error::new(Kind::Argument, format!("there is no kind of grants {name:?}"));
        error.hint_names(name, Scope::ALL.map(Scope::name))
    })
}

fn received(direction: Option<Dynamic>) -> Result<bool, Error> {
    match direction.map(|it| it.to_string()).as_deref() {
        None | Some("given") => Ok(false),
        Some("received") => Ok(true),
        Some(other) => Err(Error::new(Kind::Argument, format!("the direction is {other:?}"))
            .hint("it must be \"given\" or \"received\"")),
    }
}

fn renewed(call: &NativeCallContext, mut rows: Array, mut given_options: Map) -> Reply<Map> {
    let until = given_options.remove("until");
    let extend = given_options.remove("extend_days").and_then(|days| days.as_int().ok());
    let now = Host::of(call).client.now();
    for row in &mut rows {
        let Ok(mut row) = row.as_map_mut() else { continue };
        let end = match (&until, extend) {
            (Some(until), None) => until.clone(),
            (None, Some(days)) => {
                let end = row.get("expires_at").and_then(|end| end.as_int().ok()).unwrap_or(FOREVER);
                let end = if end == FOREVER { FOREVER } else { end.max(now) + days.saturating_mul(DAY) };
                end.into()
            }
            _ => {
                let error = Error::new(Kind::Argument, "either `until` or `extend_days` is needed");
                return Err(thrown(call, error.hint("for example #{ extend_days: 365 }")));
            }
        };
        row.insert("expires_at".into(), end);
    }
    given(call, rows, given_options)
}

fn given(call: &NativeCallContext, rows: Array, given: Map) -> Reply<Map> {
    let mut given = Given::new(given);
    let now = Host::of(call).client.now();
    let mut understood = || {
        let account_wide = given.flag("account_wide")?;
        let there = given.array("there")?.map(|there| parsed(&there)).transpose()?;
        Ok((parsed(&rows)?, Rules { now, account_wide }, there))
    };
    let (grants, rules, there) = understood().map_err(|error| thrown(call, error))?;
    changed(call, rows, given, |client, way| async move {
        grants::give(&client, grants, rules, &Way { there, ..way }).await
    })
}

fn taken(call: &NativeCallContext, rows: Array, given: Map) -> Reply<Map> {
    let grants = parsed(&rows).map_err(|error| thrown(call, error))?;
    changed(call, rows, Given::new(given), |client, way| async move { grants::take(&client, grants, &way).await })
}

fn applied(call: &NativeCallContext, mut plan: Map, given: Map) -> Reply<Map> {
    let rows = plan.remove("changes").and_then(Dynamic::try_cast::<Array>);
    let understood = rows.ok_or_else(not_a_plan).and_then(|rows| Ok((plan_of(&rows)?, rows)));
    let (plan, rows) = understood.map_err(|error| thrown(call, error))?;
    let rules = Rules { now: Host::of(call).client.now(), account_wide: false };
    changed(call, rows, Given::new(given), |client, way| async move { grants::apply(&client, plan, rules, &way).await })
}

/// Change the grants of these rows as the options say, and tell the script how it goes: it may make calls of its own
/// meanwhile.
fn changed<W>(
    call: &NativeCallContext,
    rows: Array,
    given: Given,
    work: impl FnOnce(Arc<Client>, Way) -> W,
) -> Reply<Map>
where
    W: Future<Output = Result<Report, Error>> + Send + 'static,
{
    let host = Host::of(call);
    let understood = given.many(&host, 1, AT_ONCE);
    let (at_once, function, options) = understood.map_err(|error| thrown(call, error))?;
    let mut listeners = Listeners::new(&host, call, function);
    let (told, heard) = watch::channel((0, 0));
    let way = Way { options, at_once, told: Some(told), there: None };
    let work = called_by(call.call_source(), work(host.client.clone(), way));
    let working = AbortOnDropHandle::new(host.runtime.spawn(work));
    let ended = async { working.await.map_err(|error| Error::new(Kind::Script, error.to_string()))? };
    // Now and then: to wake the script for every call would take longer than the call.
    let progress = || {
        let (settled, all) = *heard.borrow();
        Progress::of_items("grants", settled, all)
    };
    let report = host.wait_beating(call, ended, || listeners.tell(progress()))?;
    listeners.finish(progress());
    Ok(report_map(report, rows, host.client.now()))
}
