//! `grants::` — grants of novels and dramas in one vocabulary: what was given to whom until when, any number at once.
//!
//! A row is a map: `kind` (`book`, `all_books`, `drama`, `all_dramas`, `copyright`), `item` (the id of the book or drama),
//! `grantee` (an appid, or a credit code with `to_company: true`), `expires_at` (seconds since 1970, 0 for never).

use super::{Host, Reply, ops, text, thrown};
use crate::{
    Error,
    client::Options,
    error::Kind,
    helpers::grants::{self, Change, FOREVER, Grant, Plan, Report, Rules, Scope},
};
use jiff::Timestamp;
use rhai::{Array, Dynamic, INT, Map, plugin::*};
use std::collections::HashMap;

const DAY: i64 = 86_400;

#[export_module]
pub mod module {
    /// The grants of the account.
    /// - `options`: map: `scope` (a kind or an array of kinds; all), `direction` (`"given"`, the default, or
    ///   `"received"`), and those of any call.
    /// - returns: array of rows, with `platform`, `title`, `grantor` and `days_left` (`()` for never).
    /// - throws: `argument`, and what the listings throw.
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
    ///   end), `account_wide` (bool, allow whole accounts), and those of any call.
    /// - returns: map `#{ done, already, failed, unknown }` of arrays of rows; those of `failed` have `code`, `message`
    ///   and `hint`.
    /// - throws: `argument` before anything is sent; what a listing throws.
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
    /// - `options`: map: `account_wide` (bool), and those of any call.
    /// - returns: map as of `renew`.
    /// - throws: `argument` before anything is sent; what a listing throws.
    /// ```rhai
    /// assert_eq(grants::add([], #{ account_wide: true }).done, []);
    /// ```
    #[rhai_fn(return_raw, name = "add")]
    pub fn add_with(call: NativeCallContext, rows: Array, options: Map) -> Reply<Map> {
        given(&call, rows, options)
    }

    /// Take grants back. One that is not there is reported as `already`.
    /// - `rows`: array of rows.
    /// - returns: map as of `renew`.
    /// - throws: `argument`.
    /// ```rhai
    /// let row = grants::list(#{ scope: "drama" })[0];
    /// assert_eq(grants::revoke([row]).done.len, 1);
    /// assert_eq(grants::revoke([row]).already.len, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn revoke(call: NativeCallContext, rows: Array) -> Reply<Map> {
        let host = Host::of(&call);
        let grants = parsed(&rows).map_err(|error| thrown(&call, error))?;
        let options = host.options();
        let report = host.wait(&call, grants::take(&host.client, grants, &options))?;
        Ok(report_map(report))
    }

    /// Compare a list of wanted grants with what is there. Kinds that the list does not have are left alone; of the
    /// others, what is not wanted is to be taken back.
    /// - `wanted`: array of rows.
    /// - returns: map `#{ changes, add, extend, shorten, revoke, unchanged }`; `changes` is an array of rows with
    ///   `change` (its name), `before` (when it ends now, or `()`) and `expires_at`; the others count them.
    /// - throws: `argument`, what a listing throws.
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
        Ok(plan_map(&plan))
    }

    /// Do what a plan says, and only that.
    /// - `plan`: map as of `plan`.
    /// - returns: map as of `renew`.
    /// - throws: `conflict`, with nothing changed, when what the plan started from is no longer so; `argument`.
    /// ```rhai
    /// let wanted = grants::list(#{ scope: "book" });
    /// wanted[0].expires_at += time::days(10);
    /// assert_eq(grants::apply(grants::plan(wanted)).done.len, 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn apply(call: NativeCallContext, plan: Map) -> Reply<Map> {
        let host = Host::of(&call);
        let plan = plan_of(&plan).map_err(|error| thrown(&call, error))?;
        let rules = Rules { now: now(), account_wide: false };
        let options = host.options();
        let report = host.wait(&call, grants::apply(&host.client, plan, rules, &options))?;
        Ok(report_map(report))
    }
}

fn now() -> i64 {
    Timestamp::now().as_second()
}

fn listed(call: &NativeCallContext, mut given: Map, within: Option<INT>) -> Reply<Array> {
    let host = Host::of(call);
    let wanted = scopes(given.remove("scope")).and_then(|scopes| Ok((scopes, received(given.remove("direction"))?)));
    let (scopes, received) = wanted.map_err(|error| thrown(call, error))?;
    let mut options = host.options();
    ops::set(&mut options, given).map_err(|error| thrown(call, error))?;
    let (found, titles) = host.wait(call, async {
        let mut found = Vec::new();
        for scope in &scopes {
            found.extend(grants::list(&host.client, *scope, received, &options).await?);
        }
        let titles = if received { HashMap::new() } else { grants::titles(&host.client, &scopes, &options).await? };
        Ok((found, titles))
    })?;
    let mut found: Vec<Grant> = match within {
        None => found,
        Some(days) => found.into_iter().filter(|grant| ends_within(grant, days)).collect(),
    };
    if within.is_some() {
        found.sort_by_key(|grant| grant.expires_at);
    }
    let titled = |mut grant: Grant| {
        grant.title = titles.get(&grant.item.to_string()).cloned().unwrap_or_default();
        Dynamic::from_map(row(&grant))
    };
    Ok(found.into_iter().map(titled).collect())
}

fn ends_within(grant: &Grant, days: INT) -> bool {
    grant.expires_at != FOREVER && grant.expires_at <= now() + days.saturating_mul(DAY)
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
    for row in &mut rows {
        let Ok(mut row) = row.as_map_mut() else { continue };
        let end = match (&until, extend) {
            (Some(until), None) => until.clone(),
            (None, Some(days)) => {
                let end = row.get("expires_at").and_then(|end| end.as_int().ok()).unwrap_or(FOREVER);
                let end = if end == FOREVER { FOREVER } else { end.max(now()) + days.saturating_mul(DAY) };
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

fn given(call: &NativeCallContext, rows: Array, mut given: Map) -> Reply<Map> {
    let host = Host::of(call);
    let account_wide = given.remove("account_wide").is_some_and(|it| it.as_bool() == Ok(true));
    let mut options: Options = host.options();
    let grants = ops::set(&mut options, given).and_then(|()| parsed(&rows)).map_err(|error| thrown(call, error))?;
    let rules = Rules { now: now(), account_wide };
    let report = host.wait(call, grants::give(&host.client, grants, rules, &options))?;
    Ok(report_map(report))
}

/// Rows as grants; what is wrong is named with its row.
fn parsed(rows: &[Dynamic]) -> Result<Vec<Grant>, Error> {
    rows.iter()
        .enumerate()
        .map(|(index, row)| {
            grant(row).map_err(|error| error.reworded(Kind::Argument, format!("rows[{index}]: {}", error.message)))
        })
        .collect()
}

fn grant(row: &Dynamic) -> Result<Grant, Error> {
    let wrong = |message: &str, hint: &str| Error::new(Kind::Argument, message).hint(hint);
    let Ok(row) = row.as_map_ref() else { return Err(wrong("is not a map", "give an array of rows")) };
    let text = |name: &str| row.get(name).filter(|it| it.is_string()).map(ToString::to_string);
    let kind = text("kind").ok_or_else(|| wrong("has no `kind`", "book, all_books, drama, all_dramas or copyright"))?;
    let scope = scope(&kind)?;
    let item = row.get("item").cloned().unwrap_or_default();
    if !(scope.is_account_wide() || item.is_string() || item.is_int()) {
        return Err(wrong("has no `item`", "give the id of the book or drama"));
    }
    let expires_at = match row.get("expires_at") {
        Some(end) if end.is_int() => end.as_int().unwrap_or(FOREVER),
        Some(end) if end.is_string() && end.to_string() == "forever" => FOREVER,
        _ => return Err(wrong("has no `expires_at`", "give seconds since 1970, or \"forever\"")),
    };
    Ok(Grant {
        scope,
        item: if scope.is_account_wide() { Dynamic::UNIT } else { item },
        title: text("title").unwrap_or_default(),
        grantor: text("grantor").unwrap_or_default(),
        grantee: text("grantee").ok_or_else(|| wrong("has no `grantee`", "give the appid that receives it"))?,
        to_company: row.get("to_company").is_some_and(|it| it.as_bool() == Ok(true)),
        expires_at,
    })
}

fn row(grant: &Grant) -> Map {
    let days = || Dynamic::from((grant.expires_at - now()).div_euclid(DAY));
    Map::from_iter([
        ("platform".into(), text(grant.scope.platform())),
        ("kind".into(), text(grant.scope.name())),
        ("item".into(), grant.item.clone()),
        ("title".into(), text(grant.title.as_str())),
        ("grantor".into(), text(grant.grantor.as_str())),
        ("grantee".into(), text(grant.grantee.as_str())),
        ("to_company".into(), grant.to_company.into()),
        ("expires_at".into(), grant.expires_at.into()),
        ("days_left".into(), if grant.expires_at == FOREVER { Dynamic::UNIT } else { days() }),
    ])
}

fn report_map(report: Report) -> Map {
    let plain = |grants: Vec<Grant>| -> Array { grants.iter().map(|grant| row(grant).into()).collect() };
    let with_error = |(grant, error): &(Grant, Error)| {
        let mut row = row(grant);
        row.insert("code".into(), error.code.map_or(Dynamic::UNIT, Dynamic::from));
        row.insert("message".into(), text(error.message.as_str()));
        row.insert("hint".into(), error.hint.as_deref().map_or(Dynamic::UNIT, text));
        Dynamic::from_map(row)
    };
    Map::from_iter([
        ("done".into(), plain(report.done).into()),
        ("already".into(), plain(report.already).into()),
        ("failed".into(), report.failed.iter().map(with_error).collect::<Array>().into()),
        ("unknown".into(), report.unknown.iter().map(with_error).collect::<Array>().into()),
    ])
}

fn plan_map(plan: &Plan) -> Map {
    let change = |change: &Change| {
        let mut row = row(&change.grant);
        row.insert("change".into(), text(change.name()));
        row.insert("before".into(), change.before.map_or(Dynamic::UNIT, Dynamic::from));
        Dynamic::from_map(row)
    };
    let count = |name: &str| plan.changes.iter().filter(|change| change.name() == name).count() as INT;
    let counts = ["add", "extend", "shorten", "revoke"].map(|name| (name.into(), Dynamic::from(count(name))));
    let mut map = Map::from_iter(counts);
    map.insert("unchanged".into(), (plan.unchanged as INT).into());
    map.insert("changes".into(), plan.changes.iter().map(change).collect::<Array>().into());
    map
}

fn plan_of(map: &Map) -> Result<Plan, Error> {
    let wrong = || Error::new(Kind::Argument, "this is not a plan").hint("make one by grants::plan");
    let changes = map.get("changes").and_then(|changes| changes.clone().try_cast::<Array>()).ok_or_else(wrong)?;
    let change = |row: &Dynamic| {
        let grant = grant(row)?;
        let row = row.as_map_ref().map_err(|_| wrong())?;
        let before = row.get("before").and_then(|end| end.as_int().ok());
        let revoke = row.get("change").is_some_and(|name| name.to_string() == "revoke");
        Ok(Change { grant, before, revoke })
    };
    Ok(Plan { changes: changes.iter().map(change).collect::<Result<_, Error>>()?, unchanged: 0 })
}
