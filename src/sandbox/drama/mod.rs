//! Short dramas: media and their upload, dramas and their reviews, grants, the player.

mod accounts;
mod audit;
mod changes;
mod codes;
mod copyright;
mod dramas;
mod grants;
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

use super::life::{Event, Life};
use super::model::{Answer, Refusal, Request};
use codes::refusal;
use dramas::Drama;
use grants::Grant;
use media::Media;
use parts::Upload;
use promotion::Promotion;
use serde_json::Map;
use std::collections::BTreeMap;
use upload::Task;

/// All that the drama operations know and change.
#[derive(Debug, Default)]
pub(super) struct Dramas {
    /// How long a review takes; it is decided by the first reading after that.
    pub review_seconds: i64,
    /// How long the platform needs to fetch a video.
    pub pull_seconds: i64,
    media: BTreeMap<i64, Media>,
    dramas: BTreeMap<i64, Drama>,
    uploads: BTreeMap<String, Upload>,
    tasks: BTreeMap<i64, Task>,
    grants: Vec<Grant>,
    /// When a mini program published a drama in its player.
    published: BTreeMap<(String, i64), i64>,
    /// How a mini program earns with a drama: `iaa_type` and `vip_flag`.
    monetized: BTreeMap<(String, i64), [i64; 2]>,
    promotions: BTreeMap<i64, Promotion>,
    ids: Ids,
}

/// How many of each have been made.
#[derive(Debug, Default)]
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

    /// What has happened by itself until now, in order.
    pub fn settle(&mut self, now: i64, _life: &mut Life) -> Vec<Event> {
        upload::settle(self, now);
        review::settle(self, now);
        Vec::new()
    }

    /// The reply to one call; `None` for an operation that has no model.
    pub fn answer(&mut self, request: &Request) -> Option<Answer> {
        upload::settle(self, request.now);
        let (module, name) = request.operation.split_once('.')?;
        if name.starts_with("get_") || name.starts_with("list_") {
            review::settle(self, request.now);
        }
        match module {
            "drama" => self.answer_drama(name, request),
            "drama_player" => self.answer_player(name, request),
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
            "set_recommend_switch" => done(),
            "set_flush_dramas" | "set_recommended_dramas" => player::check_list(self, request),
            "publish" => player::publish(self, request),
            "list_published" => player::published(self, request),
            "set_monetization" => player::set_monetization(self, request),
            "get_monetization" => player::monetization(self, request),
            "process_promotion" => promotion::process(self, request),
            "list_finder_events" => promotion::events(self, request),
            _ => return None,
        })
    }

    /// The documented code for a field that does not fit the schema, by its path: `media_type`.
    pub fn misfit(operation: &str, path: &str) -> i64 {
        codes::misfit(operation, path)
    }

    /// The drama of the caller that a call names.
    fn own(&mut self, request: &Request) -> Result<&mut Drama, Refusal> {
        let id = request.number("drama_id").unwrap_or(0);
        let drama = self.dramas.get_mut(&id).filter(|drama| drama.owner == request.caller);
        drama.ok_or_else(|| refusal(10093030))
    }

    /// The same, and it has passed its review.
    fn own_passed(&mut self, request: &Request) -> Result<&mut Drama, Refusal> {
        let drama = self.own(request)?;
        if drama.passed() { Ok(drama) } else { Err(refusal(10093011)) }
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
