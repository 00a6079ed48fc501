//! The promotion plan of the player (合作推广计划): dramas join, are reviewed, and leave.

use super::agenda::Due;
use super::{Dramas, done, refusal};
use crate::sandbox::life::{Life, Ruling};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const JOIN: i64 = 1;
const QUERY: i64 = 2;

/// Bits a second that every episode has to exceed.
const LEAST_BITRATE: u64 = 500_000;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Promotion {
    pub standing: Standing,
    /// When it was reviewed or has left, or will be.
    pub due: i64,
}

/// As `status` counts it; a drama that has not joined has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    InReview = 1,
    Approved = 2,
    Refused = 3,
    Leaving = 4,
}

use Standing::{Approved, InReview, Leaving, Refused};

/// One unfit drama fails the whole call.
pub(super) fn process(dramas: &mut Dramas, request: &Request) -> Answer {
    let rows = request.list("list");
    let ids = rows.iter().map(|row| own(dramas, request, row)).collect::<Result<Vec<_>, _>>()?;
    let action = request.number("action_type").unwrap_or(QUERY);
    if action == QUERY {
        return answer!({ "list": ids.iter().map(|id| row(dramas, request, *id)).collect::<Vec<_>>() });
    }
    let standing = if action == JOIN { InReview } else { Leaving };
    for id in &ids {
        if action == JOIN { check_fit(dramas, *id)? } else { check_joined(dramas, *id)? }
    }
    let due = request.now.saturating_add(request.life.review_seconds.max(0));
    for drama_id in ids {
        dramas.promotions.insert(drama_id, Promotion { standing, due });
        dramas.agenda.add(due, Due::Promoted { drama_id });
    }
    done()
}

fn own(dramas: &Dramas, request: &Request, row: &Value) -> Result<i64, Refusal> {
    if row["src_appid"] != request.caller {
        return Err(refusal(2));
    }
    let id = number(&row["drama_id"]).ok_or_else(|| refusal(2))?;
    let own = dramas.dramas.get(&id).is_some_and(|drama| drama.owner == request.caller);
    if own { Ok(id) } else { Err(refusal(1)) }
}

fn standing(dramas: &Dramas, id: i64) -> Option<Standing> {
    dramas.promotions.get(&id).map(|promotion| promotion.standing)
}

fn check_fit(dramas: &Dramas, id: i64) -> Result<(), Refusal> {
    let drama = &dramas.dramas[&id];
    let mut media = drama.episodes.iter().filter_map(|id| dramas.media.find(*id));
    match standing(dramas, id) {
        Some(InReview | Approved) => Err(refusal(106018)),
        _ if !drama.playable() => Err(refusal(21000)),
        _ if media.any(|(_, media)| media.bitrate() <= LEAST_BITRATE) => Err(refusal(106017)),
        _ => Ok(()),
    }
}

fn check_joined(dramas: &Dramas, id: i64) -> Result<(), Refusal> {
    let joined = matches!(standing(dramas, id), Some(InReview | Approved));
    if joined { Ok(()) } else { Err(refusal(1)) }
}

/// 0 not joined, 5 taken down
fn row(dramas: &Dramas, request: &Request, id: i64) -> Value {
    let taken_down = dramas.dramas[&id].taken_down;
    let status = standing(dramas, id).map_or(0, |standing| if taken_down { 5 } else { standing as i64 });
    json!({ "src_appid": request.caller, "drama_id": id.to_string(), "status": status })
}

/// What has been waited for; a later call may have begun something else since.
pub(super) fn end(dramas: &mut Dramas, drama_id: i64, moment: i64, life: &mut Life) {
    let Some(promotion) = dramas.promotions.get_mut(&drama_id).filter(|it| it.due == moment) else { return };
    match promotion.standing {
        InReview => {
            let name = dramas.dramas.get(&drama_id).map_or("", |drama| drama.text("name"));
            let verdict = life.verdict(&drama_id.to_string(), name);
            let refused = verdict.is_some_and(|verdict| verdict.result != Ruling::Pass);
            promotion.standing = if refused { Refused } else { Approved };
        }
        Leaving => drop(dramas.promotions.remove(&drama_id)),
        Approved | Refused => {}
    }
}

/// An event for each approved drama of the caller.
pub(super) fn events(dramas: &mut Dramas, request: &Request) -> Answer {
    let wanted = request.list("event_id_list");
    let approved = dramas.promotions.iter().filter(|(_, promotion)| promotion.standing == Approved);
    let mine = approved.filter_map(|(id, _)| Some((id, dramas.dramas.get(id)?)));
    let events = mine.filter(|(_, drama)| drama.owner == request.caller).map(|(id, drama)| {
        json!({
            "encrypted_event_id": format!("event-{id}"),
            "event_name": format!("{}推广", drama.text("name")),
            "event_url": format!("https://channels.example.org/event/{id}"),
            "src_appid": drama.owner,
            "drama_id": id.to_string(),
        })
    });
    let found = events.filter(|event| wanted.is_empty() || wanted.contains(&event["encrypted_event_id"]));
    answer!({ "finder_event_list": found.collect::<Vec<_>>() })
}
