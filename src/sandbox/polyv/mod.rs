//! Polyv: libraries of videos in a tree of categories, by the operations of both generations.

mod categories;
mod filter;
mod grabs;
mod library;
mod listing;
mod player;
mod plays;
mod profile;
mod seed;
mod show;
mod stages;
mod statistics;
#[cfg(test)]
mod tests;
mod uploads;
mod videos;
mod viewlog;

use super::{
    life::Life,
    model::{Answer, Refusal, Request},
    options::Account,
    saved,
};
use fastrand::Rng;
use library::{Library, SubAccount};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// All that the Polyv operations know and change.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Polyv {
    #[serde(with = "saved::random")]
    random: Rng,
    /// By userid.
    libraries: BTreeMap<String, Library>,
}

impl Polyv {
    /// Libraries with believable videos, one for each account.
    pub fn new(accounts: &[Account], mut random: Rng, now: i64) -> Self {
        let mut libraries = BTreeMap::new();
        for account in accounts {
            if let Account::Polyv { userid, .. } = account {
                libraries.insert(userid.clone(), seed::library(userid, &mut random, now));
            }
        }
        Self { random, libraries }
    }

    /// What has happened by itself until now.
    pub fn settle(&mut self, now: i64, life: &mut Life) {
        for library in self.libraries.values_mut() {
            library.settle(&mut self.random, now, life);
        }
    }

    /// The reply to one call; `None` for an operation that has no model.
    pub fn answer(&mut self, accounts: &[Account], request: &Request, ip: &str) -> Option<Answer> {
        let operation = request.operation.trim_start_matches("polyv.");
        if operation == "legacy_upload_file" {
            return Some(self.legacy_upload(request));
        }
        let random = &mut self.random;
        let Some(library) = self.libraries.get_mut(request.caller) else {
            return Some(Err(Refusal::new(400, "Could not find user by userid.")));
        };
        if let Err(refusal) = library.check_sub_account(operation) {
            return Some(Err(refusal));
        }
        Some(match operation {
            "list_video" => library.list_video(request),
            "v2_search_videos" => library.search(request),
            "v2_list_by_uploader" => library.list_by_uploader(request),
            "v2_list_new" => library.list_new(request),
            "get_video_info" => library.get_info(request),
            "v2_get_video" => library.get_message(request),
            "v2_play_times" => library.play_times(request),
            "update_info" => library.update(request).map(|_| nothing()),
            "v2_update_info" => library.update_v2(request),
            "delete_video" => library.delete_one(request),
            "v2_delete_videos" => library.delete_many(request),
            "v2_recover_videos" => library.recover(request),
            "v2_set_forbidden" => library.set_forbidden(request),
            "v2_get_play_status" => library.get_play_status(request),
            "v2_set_play_status" => library.set_play_status(request),
            "v2_upload_cover" | "v2_upload_cover_url" => library.set_cover(request),
            "update_video_category" => library.move_videos(request, "cateId").map(|()| nothing()),
            "v2_move_videos" => library.move_videos(request, "cataid").and_then(|()| data(true)),
            "get_category" => library.get_category(request),
            "v2_get_categories" => library.category_tree(request),
            "add_category" => library.add_category(request, "name", "parentId").and_then(data),
            "v2_add_category" => library.add_category_v2(request),
            "update_category" => library.rename_category(request, "cateId", "cateName").map(|()| nothing()),
            "v2_rename_category" => library.rename_category(request, "cataid", "cataname").and_then(|()| data(true)),
            "delete_category" => library.delete_category(request, "cateId").map(|()| nothing()),
            "v2_delete_category" => library.delete_category(request, "cataid").and_then(|()| data(true)),
            "update_category_profile" => library.set_profile(request).map(|()| nothing()),
            "v2_grab_upload" => library.grab(random, request),
            "v2_list_grab_tasks" => library.list_grabs(request),
            "v2_upload_init" => library.upload_init(random, request),
            "v2_upload_token" => uploads::upload_token(random),
            "create_play_token" => library.play_token(random, accounts, request, ip),
            "v2_account_space" => library.account_space(request),
            "v2_play_statistics" => library.play_statistics(request),
            "v2_play_ranking" => library.play_ranking(request),
            "v2_view_log_day" => library.day_log(request),
            "v2_view_log_month" => library.month_log(request),
            _ => return None,
        })
    }

    fn legacy_upload(&mut self, request: &Request) -> Answer {
        let unknown = || Refusal::new(1, "writetoken is unknown");
        let library = self.libraries.get_mut(request.caller).ok_or_else(unknown)?;
        library.legacy_upload(&mut self.random, request)
    }
}

impl Library {
    /// v3 acts for the sub-account, with its rights only.
    fn check_sub_account(&self, operation: &str) -> Result<(), Refusal> {
        let reads = ["list_", "get_", "create_play_token"].iter().any(|start| operation.starts_with(start));
        match self.sub_account {
            _ if operation.starts_with("v2_") => Ok(()),
            SubAccount::Deleted => Err(Refusal::new(102, "user children not exist")),
            SubAccount::Expired => Err(Refusal::new(103, "user children expired")),
            SubAccount::ReadOnly if !reads => Err(Refusal::new(105, "permission limited")),
            SubAccount::Good | SubAccount::ReadOnly => Ok(()),
        }
    }
}

/// The reply of an operation that answers `data`.
fn data(value: impl Into<Value>) -> Answer {
    Ok(Map::from_iter([("data".to_owned(), value.into())]))
}

/// The reply of a v3 operation that answers nothing.
fn nothing() -> Map<String, Value> {
    Map::from_iter([("data".to_owned(), Value::Null)])
}

/// The documented code for a field that does not fit the schema.
pub(super) fn misfit(operation: &str, path: &str) -> i64 {
    match (operation, path) {
        ("polyv.legacy_upload_file", "writetoken" | "Filedata") => 2,
        ("polyv.legacy_upload_file", "JSONRPC") => 3,
        ("polyv.legacy_upload_file", "method") => 8,
        ("polyv.legacy_upload_file", "fileMd5") => 14,
        ("polyv.legacy_upload_file", _) => 15,
        (_, "vid" | "vids") if !operation.contains("v2_") => 2000,
        _ => 400,
    }
}

/// Whether the model itself judges this field, because its refusals have documented words.
pub(super) fn judges(operation: &str, path: &str) -> bool {
    const OPERATIONS: [&str; 4] = ["v2_delete_videos", "v2_recover_videos", "v2_set_forbidden", "v2_set_play_status"];
    path == "vids" && operation.strip_prefix("polyv.").is_some_and(|name| OPERATIONS.contains(&name))
}

/// The catalog's name for a field that older pages and SDKs spell otherwise.
pub(super) fn spelling<'a>(operation: &str, field: &'a str) -> &'a str {
    match (operation, field) {
        ("polyv.list_video", "cataId") => "cateId",
        ("polyv.v2_view_log_month", "pageNum") => "page",
        ("polyv.v2_view_log_month", "numPerPage") => "pageSize",
        _ => field,
    }
}
