//! The drama player (短剧播放器): its lists, what is published, how it earns.

use super::dramas::Drama;
use super::{Dramas, done, grants, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, number};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The player of one mini program; dramas by their ids.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Player {
    /// Which recommendations are shown, by `entry_type`.
    pub switches: BTreeMap<i64, bool>,
    /// The endless feed.
    pub flush: Vec<i64>,
    pub recommended: Vec<Recommended>,
    /// When each was published.
    pub published: BTreeMap<i64, i64>,
    pub monetized: BTreeMap<i64, Monetized>,
}

/// What a slot recommends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recommended {
    entry_type: i64,
    /// The drama that it is shown with; 0 for all.
    #[serde(default)]
    drama_id: i64,
    list: Vec<i64>,
}

/// How a drama earns.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Monetized {
    pub iaa_type: i64,
    pub vip_flag: i64,
}

/// The drama that a row names.
fn existing<'a>(dramas: &'a Dramas, row: &Value) -> Result<(i64, &'a Drama), Refusal> {
    let id = number(&row["drama_id"]).ok_or_else(|| refusal(2))?;
    let drama = dramas.dramas.get(&id).filter(|drama| row["src_appid"] == drama.owner);
    Ok((id, drama.ok_or_else(|| refusal(1))?))
}

/// The same, and the caller may play it.
fn playable(dramas: &Dramas, request: &Request, row: &Value) -> Result<i64, Refusal> {
    let (id, drama) = existing(dramas, row)?;
    let granted = grants::may_play(dramas, id, drama, request);
    if granted && drama.playable() { Ok(id) } else { Err(refusal(21000)) }
}

/// The dramas that `list` names, each of which the caller may play: all or none.
fn listed(dramas: &Dramas, request: &Request) -> Result<Vec<i64>, Refusal> {
    request.list("list").iter().map(|row| playable(dramas, request, row)).collect()
}

pub(super) fn switch(dramas: &mut Dramas, request: &Request) -> Answer {
    let entry_type = request.number("entry_type").ok_or_else(|| refusal(2))?;
    dramas.player(request).switches.insert(entry_type, request.flag("switch_status"));
    done()
}

pub(super) fn set_flush(dramas: &mut Dramas, request: &Request) -> Answer {
    let list = listed(dramas, request)?;
    dramas.player(request).flush = list;
    done()
}

/// For one drama or for all; an empty list clears the slot.
pub(super) fn recommend(dramas: &mut Dramas, request: &Request) -> Answer {
    let entry_type = request.number("entry_type").ok_or_else(|| refusal(2))?;
    let drama_id = match request.text("drama_id") {
        Some(_) => playable(dramas, request, &Value::Object(request.fields.clone()))?,
        None => 0,
    };
    let list = listed(dramas, request)?;
    let recommended = &mut dramas.player(request).recommended;
    recommended.retain(|it| (it.entry_type, it.drama_id) != (entry_type, drama_id));
    if !list.is_empty() {
        recommended.push(Recommended { entry_type, drama_id, list });
    }
    done()
}

pub(super) fn publish(dramas: &mut Dramas, request: &Request) -> Answer {
    let ids = listed(dramas, request)?;
    let moments = request.list("list").iter().map(|row| number(&row["publish_time"]).unwrap_or(request.now));
    dramas.player(request).published.extend(ids.into_iter().zip(moments));
    done()
}

pub(super) fn published(dramas: &mut Dramas, request: &Request) -> Answer {
    let mine = dramas.players.get(request.caller).into_iter().flat_map(|player| &player.published);
    let row = |(id, moment): (&i64, &i64)| {
        let owner = &dramas.dramas.get(id)?.owner;
        Some(json!({ "src_appid": owner, "drama_id": id.to_string(), "publish_time": moment }))
    };
    answer!({ "list": mine.filter_map(row).collect::<Vec<_>>() })
}

pub(super) fn set_monetization(dramas: &mut Dramas, request: &Request) -> Answer {
    let ids = listed(dramas, request)?;
    let ways = request.list("list").iter().map(|row| {
        let [iaa_type, vip_flag] = ["iaa_type", "vip_flag"].map(|field| number(&row[field]).unwrap_or(0));
        Monetized { iaa_type, vip_flag }
    });
    dramas.player(request).monetized.extend(ids.into_iter().zip(ways));
    done()
}

/// A drama that nobody has set is left out.
pub(super) fn monetization(dramas: &mut Dramas, request: &Request) -> Answer {
    let player = dramas.players.get(request.caller);
    let mut found = Vec::new();
    for row in request.list("list") {
        let (id, drama) = existing(dramas, row)?;
        if let Some(Monetized { iaa_type, vip_flag }) = player.and_then(|player| player.monetized.get(&id)) {
            let (src_appid, drama_id) = (&drama.owner, id.to_string());
            found.push(json!({
                "src_appid": src_appid, "drama_id": drama_id, "iaa_type": iaa_type, "vip_flag": vip_flag
            }));
        }
    }
    answer!({ "list": found })
}
