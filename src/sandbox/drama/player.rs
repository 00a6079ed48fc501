//! The drama player (短剧播放器): lists, what is published, how it earns.

use super::{Dramas, done, grants, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde_json::{Value, json};

/// The id of the drama that a row names; it exists.
fn existing(dramas: &Dramas, row: &Value) -> Result<i64, Refusal> {
    let id = number(&row["drama_id"]).ok_or_else(|| refusal(2))?;
    let drama = dramas.dramas.get(&id).filter(|drama| row["src_appid"] == drama.owner);
    drama.map(|drama| drama.id).ok_or_else(|| refusal(1))
}

/// The same, and the caller may play it.
fn playable(dramas: &Dramas, request: &Request, row: &Value) -> Result<i64, Refusal> {
    let id = existing(dramas, row)?;
    let drama = &dramas.dramas[&id];
    let granted = grants::may_play(dramas, drama, request.caller, request.now);
    if granted && drama.passed() { Ok(id) } else { Err(refusal(21000)) }
}

/// No call reads these lists back, so only their rule is kept.
pub(super) fn check_list(dramas: &mut Dramas, request: &Request) -> Answer {
    if request.text("drama_id").is_some() {
        playable(dramas, request, &Value::Object(request.fields.clone()))?;
    }
    request.list("list").iter().try_for_each(|row| playable(dramas, request, row).map(drop))?;
    done()
}

/// All or none.
pub(super) fn publish(dramas: &mut Dramas, request: &Request) -> Answer {
    let rows = request.list("list");
    let ids = rows.iter().map(|row| playable(dramas, request, row)).collect::<Result<Vec<_>, _>>()?;
    for (id, row) in ids.into_iter().zip(rows) {
        let moment = number(&row["publish_time"]).unwrap_or(request.now);
        dramas.published.insert((request.caller.into(), id), moment);
    }
    done()
}

pub(super) fn published(dramas: &mut Dramas, request: &Request) -> Answer {
    let mine = dramas.published.iter().filter(|((appid, _), _)| appid == request.caller);
    let row = |((_, id), moment): (&(String, i64), &i64)| {
        let owner = &dramas.dramas.get(id)?.owner;
        Some(json!({ "src_appid": owner, "drama_id": id.to_string(), "publish_time": moment }))
    };
    answer!({ "list": mine.filter_map(row).collect::<Vec<_>>() })
}

pub(super) fn set_monetization(dramas: &mut Dramas, request: &Request) -> Answer {
    let rows = request.list("list");
    let ids = rows.iter().map(|row| playable(dramas, request, row)).collect::<Result<Vec<_>, _>>()?;
    for (id, row) in ids.into_iter().zip(rows) {
        let types = ["iaa_type", "vip_flag"].map(|field| number(&row[field]).unwrap_or(0));
        dramas.monetized.insert((request.caller.into(), id), types);
    }
    done()
}

/// A drama that nobody has set is left out.
pub(super) fn monetization(dramas: &mut Dramas, request: &Request) -> Answer {
    let mut found = Vec::new();
    for row in request.list("list") {
        let id = existing(dramas, row)?;
        if let Some([iaa_type, vip_flag]) = dramas.monetized.get(&(request.caller.to_string(), id)) {
            let (src_appid, drama_id) = (&row["src_appid"], id.to_string());
            found.push(json!({
                "src_appid": src_appid, "drama_id": drama_id, "iaa_type": iaa_type, "vip_flag": vip_flag
            }));
        }
    }
    answer!({ "list": found })
}
