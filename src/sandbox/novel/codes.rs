//! The error codes of the novel operations, and which of them a misfit in a field gets.

use crate::sandbox::model::Refusal;

pub(super) fn refusal(code: i64) -> Refusal {
    Refusal::new(code, message(code))
}

fn message(code: i64) -> &'static str {
    match code {
        10140001 => "invalid parameter",
        10140005 => "invalid cover",
        10140007 => "invalid category",
        10140010 => "invalid chapter index list",
        10140011 => "invalid chapter id list",
        10140012 => "invalid volume list",
        10140013 => "missing chapter",
        10140014 => "too many chapters",
        10140015 => "missing book id",
        10140016 => "too many book ids",
        10140017 => "invalid page size",
        10140018 => "invalid chapter title",
        10140022 => "missing chapter seq",
        10140023 => "duplicate original_id in request",
        10141001 => "not found",
        10141002 => "operation not allowed",
        10141003 => "book is under review",
        10141007 => "book has no chapter",
        10141008 => "volumes need to be updated",
        10141009 => "original_id conflict",
        10141010 => "not compatible with chapter order method",
        10145001 => "result is empty",
        10145003 => "missing argument",
        10145004 => "invalid book id",
        10145005 => "grantor is not in the novel category",
        10145006 => "grantee is not in the novel category",
        10145007 => "invalid expire time",
        10145008 => "too many or too few relations",
        10145009 => "count is too large",
        10145010 => "some relations failed",
        10145011 => "invalid appid",
        10145012 => "grantor equals grantee",
        _ => "system error",
    }
}

/// What is missing or too much has codes of its own; rows of grants are judged one by one; a title is measured without
/// its superfluous blanks; previews may come without the `setting` around them, as the tables of the manual have them.
pub(super) fn judges(operation: &str, path: &str) -> bool {
    match operation.trim_start_matches("novel.") {
        "create_chapter" => path == "chapter.chapter_title",
        "batch_create_chapters" => path == "chapter_list" || path.ends_with("].chapter_title"),
        "replace_chapter" => path == "new_chapter_title",
        "add_book_auth" => path.starts_with("books"),
        "add_app_auth" => path.starts_with("infos"),
        "query_book_auth" | "query_app_auth" => ["offset", "count"].contains(&path),
        "del_book_auth" | "del_app_auth" => ["book_id", "grantee_appid"].contains(&path),
        "set_preview" => path.starts_with("setting"),
        "set_recommend" => path == "book_id_list",
        _ => false,
    }
}

/// By the last name in the path; grants have codes of their own.
pub(super) fn misfit(operation: &str, path: &str) -> i64 {
    let field = path.rsplit('.').next().unwrap_or(path);
    let field = field.split('[').next().unwrap_or(field);
    match operation {
        "novel.get_book" if path.is_empty() => 10140015,
        _ if operation.ends_with("_auth") => grant_misfit(field),
        _ => field_misfit(field),
    }
}

fn field_misfit(field: &str) -> i64 {
    match field {
        "title" => 10140003,
        "intro" => 10140004,
        "cover_media_id" => 10140005,
        "author" => 10140006,
        "first_category_id" | "second_category_id" | "third_category_id" => 10140007,
        "complete_status" => 10140008,
        "chapter_id_list" => 10140011,
        "volume_list" | "volume_title" | "start_index" | "end_index" => 10140012,
        "chapter" | "chapter_list" => 10140013,
        "book_id" => 10140015,
        "limit" => 10140017,
        "content" | "new_content" => 10140019,
        "operation" => 10140020,
        "chapter_order_method" => 10140021,
        "seq" => 10140022,
        "original_id" => 10140024,
        "custom_info" => 10140026,
        _ => 10140001,
    }
}

fn grant_misfit(field: &str) -> i64 {
    match field {
        "book_id" => 10145004,
        "book_ids" => 10140016,
        "grantor_appid" => 10145011,
        _ => 10140001,
    }
}
