//! Rows of a script as grants, and back.

use super::{DAY, scope};
use crate::{
    Error,
    error::Kind,
    helpers::grants::{Change, FOREVER, Grant, Plan, Report},
    host::text,
};
use rhai::{Array, Dynamic, INT, Map};
use std::mem;

/// Rows as grants; what is wrong is named with its row.
pub(super) fn parsed(rows: &[Dynamic]) -> Result<Vec<Grant>, Error> {
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
    let text = |name: &str| row.get(name)?.as_immutable_string_ref().ok().map(|text| text.clone());
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

pub(super) fn row(grant: &Grant, now: INT) -> Map {
    Map::from_iter([
        ("platform".into(), text(grant.scope.platform())),
        ("kind".into(), text(grant.scope.name())),
        ("item".into(), grant.item.clone()),
        ("title".into(), grant.title.clone().into()),
        ("grantor".into(), grant.grantor.clone().into()),
        ("grantee".into(), grant.grantee.clone().into()),
        ("to_company".into(), grant.to_company.into()),
        ("expires_at".into(), grant.expires_at.into()),
        ("days_left".into(), days_left(grant.expires_at, now)),
    ])
}

fn days_left(end: i64, now: INT) -> Dynamic {
    if end == FOREVER { Dynamic::UNIT } else { (end - now).div_euclid(DAY).into() }
}

/// The rows that were given, each where it belongs.
pub(super) fn report_map(report: Report, mut rows: Array, now: INT) -> Map {
    let mut take = |place: usize, error: Option<&Error>| {
        let mut row = mem::take(&mut rows[place]);
        if let Ok(mut row) = row.as_map_mut() {
            if let Some(given) = row.get_mut("expires_at") {
                let end = given.as_int().unwrap_or(FOREVER);
                *given = end.into();
                row.insert("days_left".into(), days_left(end, now));
            }
            if let Some(error) = error {
                row.insert("code".into(), error.code.map_or(Dynamic::UNIT, Dynamic::from));
                row.insert("message".into(), text(error.message.as_str()));
                row.insert("hint".into(), error.hint.as_deref().map_or(Dynamic::UNIT, text));
            }
        }
        row
    };
    let mut plain =
        |places: Vec<usize>| Dynamic::from_array(places.into_iter().map(|place| take(place, None)).collect());
    let (done, already) = (plain(report.done), plain(report.already));
    let mut with_error = |rows: Vec<(usize, Error)>| {
        Dynamic::from_array(rows.into_iter().map(|(place, error)| take(place, Some(&error))).collect())
    };
    let (failed, unknown) = (with_error(report.failed), with_error(report.unknown));
    Map::from_iter([
        ("done".into(), done),
        ("already".into(), already),
        ("failed".into(), failed),
        ("unknown".into(), unknown),
    ])
}

pub(super) fn plan_map(plan: &Plan, now: INT) -> Map {
    let change = |change: &Change| {
        let mut row = row(&change.grant, now);
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

pub(super) fn not_a_plan() -> Error {
    Error::new(Kind::Argument, "this is not a plan").hint("make one by grants::plan")
}

/// The plan whose changes are these rows.
pub(super) fn plan_of(changes: &[Dynamic]) -> Result<Plan, Error> {
    let change = |row: &Dynamic| {
        let grant = grant(row)?;
        let row = row.as_map_ref().map_err(|_| not_a_plan())?;
        let before = row.get("before").and_then(|end| end.as_int().ok());
        let revoke = row.get("change").is_some_and(|name| name.to_string() == "revoke");
        Ok(Change { grant, before, revoke })
    };
    Ok(Plan { changes: changes.iter().map(change).collect::<Result<_, Error>>()?, unchanged: 0 })
}
