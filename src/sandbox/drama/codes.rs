//! The error codes of the drama operations, and which of them a misfit in a field gets.

use crate::sandbox::{
    model::Refusal,
    shapes::{Misfit, Why},
};

/// Not a code of the platform: it answers a body above its limit with this HTTP status.
pub(super) const TOO_LARGE: i64 = 502;

pub(super) fn refusal(code: i64) -> Refusal {
    Refusal::new(code, message(code))
}

fn message(code: i64) -> &'static str {
    match code {
        1 => "not exist",
        2 => "param error",
        21000 => "drama is not granted",
        47003 => "argument invalid",
        106017 => "resolution or bitrate too low",
        106018 => "same content already granted",
        10090001 => "video type not supported",
        10090002 => "image type not supported",
        10090003 => "image url invalid",
        10090005 => "resource_type invalid",
        10090038 => "authorized account has no category",
        10090039 => "already deauthorized",
        10090040 => "media is already in use",
        10090041 => "drama name invalid",
        10090042 => "media name invalid",
        10090043 => "no such authorization",
        10093011 => "operation failed",
        10093014 => "param format error",
        10093023 => "too frequent",
        10093030 => "resource not exist",
        TOO_LARGE => "Bad Gateway",
        _ => "system error",
    }
}

/// By the last name in the path, and by what is wrong there; the player has codes of its own.
pub(super) fn misfit(operation: &str, misfit: &Misfit) -> i64 {
    if operation.starts_with("drama_player.") {
        return 2;
    }
    let field = misfit.path.rsplit('.').next().unwrap_or(&misfit.path);
    match (misfit.why, field) {
        // A cover was sent.
        (Why::Missing, "cover_type") => 10090002,
        (Why::Missing, _) => 47003,
        (_, "media_type") => 10090001,
        (_, "cover_type") => 10090002,
        (_, "resource_type") => 10090005,
        (Why::Type, _) => 10093014,
        (Why::Value, _) => 47003,
    }
}
