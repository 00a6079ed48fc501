//! Why a push is refused: the status of the answer, a short reason, and the word of the metrics.

use crate::message::{Malformed, Unreadable};
use axum::http::StatusCode;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It has no signature.
    Unsigned,
    /// Its signature is that of other parts or another secret.
    Forged,
    /// Its timestamp is too far off.
    Stale,
    /// It is plain, and a key is set.
    Plain,
    /// It is encrypted, and no key is set.
    Locked,
    /// It is for another appid.
    Stranger,
    /// It cannot be decrypted.
    Unreadable(Unreadable),
    /// It cannot be read.
    Malformed(Malformed),
    /// It is no text.
    Binary,
    /// It does not say what has happened.
    Nameless,
    /// Nobody has said how such a callback is signed.
    Unknown,
    /// It is longer than any push.
    TooLarge,
    /// It did not come in time.
    Slow,
    /// It broke off.
    Broken,
    /// Neither a question nor a push.
    Method,
    /// It could not be kept, so that it must come again.
    Unkept,
}

impl Refusal {
    pub fn status(self) -> StatusCode {
        match self {
            Refusal::Unsigned | Refusal::Forged | Refusal::Stale => StatusCode::UNAUTHORIZED,
            Refusal::Plain | Refusal::Stranger => StatusCode::FORBIDDEN,
            Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Slow => StatusCode::REQUEST_TIMEOUT,
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Unkept => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The word of the metrics.
    pub fn outcome(self) -> &'static str {
        match self {
            Refusal::Unsigned => "unsigned",
            Refusal::Forged => "forged",
            Refusal::Stale => "stale",
            Refusal::Plain => "plain",
            Refusal::Locked => "locked",
            Refusal::Stranger => "stranger",
            Refusal::Unreadable(_) => "unreadable",
            Refusal::Malformed(_) | Refusal::Binary | Refusal::Nameless => "malformed",
            Refusal::Unknown => "unknown",
            Refusal::TooLarge => "too_large",
            Refusal::Slow | Refusal::Broken => "broken",
            Refusal::Method => "method",
            Refusal::Unkept => "unkept",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Unsigned => "it is not signed",
            Refusal::Forged => "the signature is wrong",
            Refusal::Stale => "the timestamp is too far off",
            Refusal::Plain => "it is not encrypted",
            Refusal::Locked => "it is encrypted, and no key is set",
            Refusal::Stranger => "it is for another appid",
            Refusal::Unreadable(reason) => return reason.fmt(f),
            Refusal::Malformed(reason) => return reason.fmt(f),
            Refusal::Binary => "it is not UTF-8",
            Refusal::Nameless => "it names no event",
            Refusal::Unknown => "there is no such callback",
            Refusal::TooLarge => "it is too large",
            Refusal::Slow => "it did not come in time",
            Refusal::Broken => "it broke off",
            Refusal::Method => "a push is a GET or a POST",
            Refusal::Unkept => "it could not be kept; send it again",
        })
    }
}

impl From<Malformed> for Refusal {
    fn from(reason: Malformed) -> Refusal {
        Refusal::Malformed(reason)
    }
}

impl From<Unreadable> for Refusal {
    fn from(reason: Unreadable) -> Refusal {
        match reason {
            Unreadable::Appid => Refusal::Stranger,
            _ => Refusal::Unreadable(reason),
        }
    }
}
