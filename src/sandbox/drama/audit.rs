//! `audit_drama`: the first submission of a drama, and the next ones after a rejection.

use super::dramas::{AGAIN, Drama, FIRST};
use super::upload::check_title;
use super::{Dramas, refusal, review};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Expedited first submissions a day.
const EXPEDITED: usize = 5;

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
    episodes.iter().try_for_each(|id| check_free(dramas, request.caller, *id, None))?;
    if request.number("expedited") == Some(1) && expedited_today(dramas, request) >= EXPEDITED {
        return Err(refusal(10093023));
    }
    dramas.ids.dramas += 1;
    let id = 310_044 + dramas.ids.dramas;
    let (owner, create_time, info) = (request.caller.into(), request.now, request.fields.clone());
    dramas.dramas.insert(id, Drama { id, owner, create_time, info, episodes, ..Drama::default() });
    review::open(dramas, id, FIRST, request.now);
    answer!({ "drama_id": id })
}

/// The conditions that every source agrees on.
fn check_conditions(fields: &Map<String, Value>) -> Result<(), Refusal> {
    let is = |field: &str, value: i64| fields.get(field).and_then(number) == Some(value);
    let has = |names: &[&str]| names.iter().all(|name| fields.contains_key(*name));
    let copyright = fields.get("copyright").unwrap_or(&Value::Null);
    let by_proof = copyright["apply_for_copyright_protection"] == 1 && copyright["copyright_verification"] != "2";
    let fits = (!is("qualification_type", 1) || has(&["registration_number", "qualification_certificate_material_id"]))
        && (!is("qualification_type", 2) || has(&["cost_of_production", "cost_commitment_letter_material_id"]))
        && (!is("drama_type", 2) || has(&["actor_list"]))
        && (!by_proof || copyright["proof_of_production"].is_array());
    if fits { Ok(()) } else { Err(refusal(47003)) }
}

/// Media ids, each of them once.
fn ids(list: &[Value]) -> Result<Vec<i64>, Refusal> {
    let ids: Option<Vec<i64>> = list.iter().map(number).collect();
    let once = |ids: &Vec<i64>| ids.iter().collect::<BTreeSet<_>>().len() == ids.len() && !ids.is_empty();
    ids.filter(once).ok_or_else(|| refusal(47003))
}

/// The media belongs to the caller and to no other drama than this one.
pub(super) fn check_free(dramas: &Dramas, caller: &str, id: i64, drama: Option<i64>) -> Result<(), Refusal> {
    let media = dramas.media.get(&id).filter(|media| media.owner == caller).ok_or_else(|| refusal(10093030))?;
    if media.drama_id.is_none() || media.drama_id == drama { Ok(()) } else { Err(refusal(10090040)) }
}

/// Days begin at midnight in China.
fn expedited_today(dramas: &Dramas, request: &Request) -> usize {
    let day = |moment: i64| (moment + 8 * 3_600) / 86_400;
    let mine = dramas.dramas.values().filter(|drama| drama.owner == request.caller);
    mine.filter(|drama| drama.info.get("expedited").is_some_and(|expedited| number(expedited) == Some(1)))
        .filter(|drama| day(drama.create_time) == day(request.now))
        .count()
}

/// Only after a rejection; what is not sent stays as it was, and an expedited drama stays so.
fn again(dramas: &mut Dramas, request: &Request) -> Answer {
    let drama = dramas.own(request)?;
    let id = drama.id;
    if !drama.review().is_some_and(|review| matches!(review.status, 2 | 4)) {
        return Err(refusal(10093011));
    }
    let before = drama.episodes.clone();
    request.text("name").map_or(Ok(()), check_title)?;
    let episodes = episodes_again(request, &before)?;
    for media_id in &episodes {
        check_free(dramas, request.caller, *media_id, Some(id))?;
    }
    review::release(dramas, &before);
    let drama = dramas.own(request)?;
    let changed = request.fields.iter().filter(|(field, _)| *field != "expedited" && *field != "drama_id");
    drama.info.extend(changed.map(|(field, value)| (field.clone(), value.clone())));
    drama.episodes = episodes;
    review::open(dramas, id, AGAIN, request.now);
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
    let once = episodes.iter().collect::<BTreeSet<_>>().len() == before.len();
    let counted = request.number("media_count").is_none_or(|count| count == before.len() as i64);
    if once && counted && episodes.len() == before.len() { Ok(episodes) } else { Err(refusal(47003)) }
}
