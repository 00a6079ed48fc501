//! `audit_drama`: the first submission of a drama, and the next ones after a rejection.

use super::changes::promised;
use super::dramas::{self, Drama};
use super::review::{self, Kind, Status};
use super::upload::check_title;
use super::{Dramas, refusal};
use crate::sandbox::china;
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Expedited first submissions a day.
const EXPEDITED: usize = 5;
/// Fields that say which episodes it has, and are not kept as its info.
const EPISODES: [&str; 4] = ["drama_id", "media_count", "media_id_list", "replace_media_list"];

pub(super) fn submit(dramas: &mut Dramas, request: &Request) -> Answer {
    match request.number("drama_id") {
        None => first(dramas, request),
        Some(_) => again(dramas, request),
    }
}

fn first(dramas: &mut Dramas, request: &Request) -> Answer {
    check_title(request.text("name").unwrap_or_default())?;
    check_conditions(&request.fields)?;
    let episodes = ids(request.list("media_id_list"))?;
    if request.number("media_count") != Some(episodes.len() as i64) {
        return Err(refusal(47003));
    }
    check_free(dramas, request, &episodes, 0)?;
    if request.number("expedited") == Some(1) && expedited_today(dramas, request) >= EXPEDITED {
        return Err(refusal(10093023));
    }
    let mut info = request.fields.clone();
    info.retain(|field, _| !EPISODES.contains(&field.as_str()));
    let (owner, create_time) = (request.caller.into(), request.now);
    let id = dramas::add(dramas, Drama { owner, create_time, info, episodes, ..Drama::default() });
    review::begin(dramas, id, Kind::First, request);
    answer!({ "drama_id": id })
}

/// The conditions that every source agrees on.
fn check_conditions(info: &Map<String, Value>) -> Result<(), Refusal> {
    let fits = is_qualified(info)
        && is_proved(info)
        && (info.get("drama_type").and_then(number) != Some(2) || info.contains_key("actor_list"))
        && (!info.contains_key("publish_license") || info.contains_key("publish_license_material_id"));
    if fits { Ok(()) } else { Err(refusal(47003)) }
}

/// A licence is shown, or what was spent.
pub(super) fn is_qualified(info: &Map<String, Value>) -> bool {
    let has = |names: [&str; 2]| names.iter().all(|name| info.contains_key(*name));
    match info.get("qualification_type").and_then(number) {
        Some(1) => has(["registration_number", "qualification_certificate_material_id"]),
        Some(2) => has(["cost_of_production", "cost_commitment_letter_material_id"]),
        _ => true,
    }
}

/// Whoever applies for copyright protection proves the production, unless a copyright grant does.
pub(super) fn is_proved(info: &Map<String, Value>) -> bool {
    let copyright = info.get("copyright").unwrap_or(&Value::Null);
    let by_proof = copyright["apply_for_copyright_protection"] == 1 && copyright["copyright_verification"] != "2";
    !by_proof || copyright["proof_of_production"].as_array().is_some_and(|proof| !proof.is_empty())
}

/// Media ids, each of them once.
fn ids(list: &[Value]) -> Result<Vec<i64>, Refusal> {
    let ids: Option<Vec<i64>> = list.iter().map(number).collect();
    ids.filter(|ids| !ids.is_empty() && are_distinct(ids)).ok_or_else(|| refusal(47003))
}

pub(super) fn are_distinct(ids: &[i64]) -> bool {
    ids.iter().collect::<BTreeSet<_>>().len() == ids.len()
}

/// The media belong to the caller; none is an episode of another drama than this one, or is to become one.
pub(super) fn check_free(dramas: &Dramas, request: &Request, ids: &[i64], drama_id: i64) -> Result<(), Refusal> {
    let promised = promised(dramas, request);
    for id in ids {
        let media = dramas.media.own(request.caller, *id)?;
        let elsewhere = media.drama_id != 0 && media.drama_id != drama_id;
        if elsewhere || promised.contains(id) {
            return Err(refusal(10090040));
        }
    }
    Ok(())
}

/// Days begin at midnight in China.
fn expedited_today(dramas: &Dramas, request: &Request) -> usize {
    let mine = dramas.dramas.values().filter(|drama| drama.owner == request.caller && drama.expedited());
    mine.filter(|drama| china::day(drama.create_time) == china::day(request.now)).count()
}

/// Only after a rejection; what is not sent stays as it was, and an expedited drama stays so.
fn again(dramas: &mut Dramas, request: &Request) -> Answer {
    let (id, drama) = dramas.own(request)?;
    if !matches!(drama.review().status, Status::Rejected | Status::Refill) {
        return Err(refusal(10093011));
    }
    request.text("name").map_or(Ok(()), check_title)?;
    let mut info = drama.info.clone();
    let kept = |field: &str| field == "expedited" || EPISODES.contains(&field);
    let changed = request.fields.iter().filter(|(field, _)| !kept(field));
    info.extend(changed.map(|(field, value)| (field.clone(), value.clone())));
    check_conditions(&info)?;
    let before = drama.episodes.clone();
    let episodes = episodes_again(request, &before)?;
    check_free(dramas, request, &episodes, id)?;
    dramas::belong(dramas, &before, 0);
    dramas::belong(dramas, &episodes, id);
    let drama = dramas.own_mut(request)?;
    (drama.info, drama.episodes) = (info, episodes);
    review::begin(dramas, id, Kind::Again, request);
    answer!({ "drama_id": id })
}

/// The number of episodes does not change.
fn episodes_again(request: &Request, before: &[i64]) -> Result<Vec<i64>, Refusal> {
    let mut episodes = match request.list("media_id_list") {
        [] => before.to_vec(),
        list => ids(list)?,
    };
    for row in request.list("replace_media_list") {
        let slot = episodes.iter_mut().find(|id| number(&row["old"]) == Some(**id)).ok_or_else(|| refusal(10093030))?;
        *slot = number(&row["new"]).ok_or_else(|| refusal(47003))?;
    }
    let counted = request.number("media_count").is_none_or(|count| count == before.len() as i64);
    let fits = counted && episodes.len() == before.len() && are_distinct(&episodes);
    if fits { Ok(episodes) } else { Err(refusal(47003)) }
}
