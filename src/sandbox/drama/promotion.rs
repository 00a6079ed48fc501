//! The promotion plan of the player (合作推广计划): dramas join, are reviewed, and leave.

use super::{Dramas, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde_json::{Value, json};

const JOIN: i64 = 1;
const QUERY: i64 = 2;

/// Bits a second that every episode has to exceed.
const LEAST_BITRATE: u64 = 500_000;

#[derive(Debug, Clone, Copy)]
pub(super) struct Promotion {
    pub leaving: bool,
    pub since: i64,
}

/// 0 not joined, 1 in review, 2 approved, 4 leaving
fn status(dramas: &Dramas, id: i64, now: i64) -> i64 {
    let settled = |since| now >= since + dramas.review_seconds;
    match dramas.promotions.get(&id).map(|promotion| (promotion.leaving, settled(promotion.since))) {
        None | Some((true, true)) => 0,
        Some((true, false)) => 4,
        Some((false, true)) => 2,
        Some((false, false)) => 1,
    }
}

/// One unfit drama fails the whole call.
pub(super) fn process(dramas: &mut Dramas, request: &Request) -> Answer {
    let rows = request.list("list");
    let ids = rows.iter().map(|row| own(dramas, request, row)).collect::<Result<Vec<_>, _>>()?;
    let action = request.number("action_type").unwrap_or(QUERY);
    if action == QUERY {
        return answer!({ "list": ids.iter().map(|id| row(dramas, request, *id)).collect::<Vec<_>>() });
    }
    for id in &ids {
        if action == JOIN { check_fit(dramas, *id, request.now)? } else { check_joined(dramas, *id, request.now)? }
    }
    for id in ids {
        dramas.promotions.insert(id, Promotion { leaving: action != JOIN, since: request.now });
    }
    done()
}

fn own(dramas: &Dramas, request: &Request, row: &Value) -> Result<i64, Refusal> {
    if row["src_appid"] != request.caller {
        return Err(refusal(2));
    }
    let id = number(&row["drama_id"]).ok_or_else(|| refusal(2))?;
    let drama = dramas.dramas.get(&id).filter(|drama| drama.owner == request.caller);
    drama.map(|drama| drama.id).ok_or_else(|| refusal(1))
}

fn check_fit(dramas: &Dramas, id: i64, now: i64) -> Result<(), Refusal> {
    let drama = &dramas.dramas[&id];
    let mut media = drama.episodes.iter().filter_map(|id| dramas.media.get(id));
    match status(dramas, id, now) {
        1 | 2 => Err(refusal(106018)),
        _ if !drama.passed() => Err(refusal(21000)),
        _ if media.any(|media| media.bitrate() <= LEAST_BITRATE) => Err(refusal(106017)),
        _ => Ok(()),
    }
}

fn check_joined(dramas: &Dramas, id: i64, now: i64) -> Result<(), Refusal> {
    if matches!(status(dramas, id, now), 1 | 2) { Ok(()) } else { Err(refusal(1)) }
}

fn row(dramas: &Dramas, request: &Request, id: i64) -> Value {
    let status = status(dramas, id, request.now);
    json!({ "src_appid": request.caller, "drama_id": id.to_string(), "status": status })
}

/// An event for each approved drama of the caller.
pub(super) fn events(dramas: &mut Dramas, request: &Request) -> Answer {
    let wanted = request.list("event_id_list");
    let mine = dramas.dramas.values().filter(|drama| drama.owner == request.caller);
    let approved = mine.filter(|drama| status(dramas, drama.id, request.now) == 2);
    let events = approved.map(|drama| {
        json!({
            "encrypted_event_id": format!("event-{}", drama.id),
            "event_name": format!("{}推广", drama.text("name")),
            "event_url": format!("https://channels.example.org/event/{}", drama.id),
            "src_appid": drama.owner,
            "drama_id": drama.id.to_string(),
        })
    });
    let found = events.filter(|event| wanted.is_empty() || wanted.contains(&event["encrypted_event_id"]));
    answer!({ "finder_event_list": found.collect::<Vec<_>>() })
}
