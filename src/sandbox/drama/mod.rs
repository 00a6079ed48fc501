//! Short dramas: media and their upload, dramas and their reviews, grants, the player.

mod accounts;
mod agenda;
mod audit;
mod changes;
mod codes;
mod copyright;
mod dramas;
mod grants;
mod library;
mod links;
mod media;
mod packages;
mod parts;
mod player;
mod plays;
mod promotion;
mod review;
mod seed;
#[cfg(test)]
mod tests;
mod upload;
mod usage;

use super::grants::Grant as Ending;
use super::life::{Event, Life};
use super::model::{Answer, Refusal, Request};
use super::shapes::Misfit;
use agenda::{Agenda, Due};
use codes::refusal;
use dramas::Drama;
use grants::Grant;
use library::Library;
use parts::Upload;
use player::Player;
use promotion::Promotion;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use upload::Task;

/// All that the drama operations know and change.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Dramas {
    media: Library,
    dramas: BTreeMap<i64, Drama>,
    uploads: BTreeMap<String, Upload>,
    tasks: BTreeMap<i64, Task>,
    grants: Vec<Grant>,
    /// By appid.
    players: BTreeMap<String, Player>,
    /// By drama id.
    promotions: BTreeMap<i64, Promotion>,
    agenda: Agenda,
    ids: Ids,
}

/// The last id of each kind, and how many uploads there were; none is given twice.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Ids {
    media: i64,
    dramas: i64,
    tasks: i64,
    uploads: i64,
}

impl Dramas {
    /// Add believable dramas, media and grants of this account.
    pub fn seed(&mut self, appid: &str, now: i64) {
        seed::fill(self, appid, now);
    }

    /// Add so many media that are no episodes yet.
    pub fn seed_media(&mut self, appid: &str, now: i64, count: u64) {
        seed::many(self, appid, now, count);
    }

    /// What has happened by itself until now, in order.
    pub fn settle(&mut self, now: i64, life: &mut Life) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some((moment, dues)) = self.agenda.take(now) {
            events.extend(dues.into_iter().filter_map(|due| self.happen(moment, due, life)));
        }
        events
    }

    fn happen(&mut self, moment: i64, due: Due, life: &mut Life) -> Option<Event> {
        match due {
            Due::Fetched { task_id } => return upload::fetched(self, task_id, moment, life),
            Due::Stored { media_id, source_context } => return upload::stored(self, media_id, &source_context, moment),
            Due::Reviewed { drama_id, kind } => return review::end(self, drama_id, kind, moment, life),
            Due::Promoted { drama_id } => promotion::end(self, drama_id, moment, life),
            Due::Abandoned { upload_id } => drop(self.uploads.remove(&upload_id)),
        }
        None
    }

    /// The live grants that end by then.
    pub fn ending(&self, now: i64, by: i64) -> impl Iterator<Item = Ending> {
        grants::ending(self, now, by)
    }

    /// The reply to one call; `None` for an operation that has no model.
    pub fn answer(&mut self, request: &Request) -> Option<Answer> {
        match request.operation.split_once('.')? {
            ("drama", name) => self.answer_drama(name, request),
            ("drama_player", name) => self.answer_player(name, request),
            _ => None,
        }
    }

    fn answer_drama(&mut self, name: &str, request: &Request) -> Option<Answer> {
        Some(match name {
            "single_file_upload" => upload::single(self, request),
            "pull_upload" => upload::pull(self, request),
            "get_task" => upload::task(self, request),
            "apply_upload" => parts::apply(self, request),
            "upload_part" => parts::upload(self, request),
            "commit_upload" => parts::commit(self, request),
            "list_media" => media::list(self, request),
            "get_media" => media::get(self, request),
            "get_media_link" => links::get(self, request),
            "delete_media" => media::delete(self, request),
            "audit_drama" => audit::submit(self, request),
            "list_dramas" => dramas::list(self, request),
            "get_drama" => dramas::get(self, request),
            "submit_replace_medias" => changes::submit_replacements(self, request),
            "replace_media" => changes::replace(self, request),
            "modify_basic_info" => changes::modify(self, request),
            "get_latest_audit_info" => changes::latest(self, request),
            "get_cdn_usage" => usage::usage(request),
            "get_cdn_logs" => usage::logs(request),
            "list_packages" => packages::list(request),
            "authorize_drama" => plays::grant(self, request),
            "deauthorize_drama" => plays::revoke(self, request),
            "get_authorize_objects" => plays::granted(self, request),
            "get_authorized_objects" => plays::received(self, request),
            "authorize_app" => accounts::grant(self, request),
            "deauthorize_app" => accounts::revoke(self, request),
            "get_authorize_apps" => accounts::granted(self, request),
            "get_authorized_apps" => accounts::received(self, request),
            "authorize_copyright" => copyright::grant(self, request),
            "deauthorize_copyright" => copyright::revoke(self, request),
            "get_copyright_authorization_list" => copyright::granted(self, request),
            "get_copyright_authorized_list" => copyright::received(self, request),
            _ => return None,
        })
    }

    fn answer_player(&mut self, name: &str, request: &Request) -> Option<Answer> {
        Some(match name {
            "set_recommend_switch" => player::switch(self, request),
            "set_flush_dramas" => player::set_flush(self, request),
            "set_recommended_dramas" => player::recommend(self, request),
            "publish" => player::publish(self, request),
            "list_published" => player::published(self, request),
            "set_monetization" => player::set_monetization(self, request),
            "get_monetization" => player::monetization(self, request),
            "process_promotion" => promotion::process(self, request),
            "list_finder_events" => promotion::events(self, request),
            _ => return None,
        })
    }

    /// The documented code for a field that does not fit the schema.
    pub fn misfit(operation: &str, misfit: &Misfit) -> i64 {
        codes::misfit(operation, misfit)
    }

    /// Fields that the model compares itself: sources say number or string.
    pub fn judges(operation: &str, path: &str) -> bool {
        (operation, path) == ("drama.get_cdn_usage", "data_interval")
    }

    /// The drama of the caller that a call names, with its id.
    fn own(&self, request: &Request) -> Result<(i64, &Drama), Refusal> {
        let id = request.number("drama_id").unwrap_or(0);
        let drama = self.dramas.get(&id).filter(|drama| drama.owner == request.caller);
        Ok((id, drama.ok_or_else(|| refusal(10093030))?))
    }

    /// The same, to change it.
    fn own_mut(&mut self, request: &Request) -> Result<&mut Drama, Refusal> {
        let (id, _) = self.own(request)?;
        self.dramas.get_mut(&id).ok_or_else(|| refusal(10093030))
    }

    /// The same as `own`, and it has passed its review.
    fn own_passed(&self, request: &Request) -> Result<(i64, &Drama), Refusal> {
        let own = self.own(request)?;
        if own.1.passed() { Ok(own) } else { Err(refusal(10093011)) }
    }

    /// The player of the caller.
    fn player(&mut self, request: &Request) -> &mut Player {
        self.players.entry(request.caller.into()).or_default()
    }
}

/// A reply without fields of its own.
fn done() -> Answer {
    Ok(Map::new())
}

/// A part of a list: `limit` rows from `offset` on.
fn page<T>(rows: impl IntoIterator<Item = T>, request: &Request, limit: i64) -> Vec<T> {
    let number = |field, otherwise| usize::try_from(request.number(field).unwrap_or(otherwise)).unwrap_or(0);
    rows.into_iter().skip(number("offset", 0)).take(number("limit", limit)).collect()
}

/// What a mini program is told: `upload_event` comes as `secvod_upload_event`.
fn event(to: &str, time: i64, name: &str, fields: Value) -> Event {
    let fields = Map::from_iter([(name.to_owned(), fields)]);
    Event { to: to.into(), time, name: format!("secvod_{name}"), fields }
}
