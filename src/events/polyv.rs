//! A callback of Polyv: its fields in the query or as JSON, signed by an MD5 over some of them.

use super::{query::Query, refusal::Refusal};
use crate::{message::read, secret::Secret, store::as_text};
use axum::http::Method;
use md5::{Digest, Md5};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

/// Callbacks that are signed alike.
struct Signed {
    types: &'static [&'static str],
    /// What is joined before the secretkey: names of fields; a text stands behind `=`.
    parts: &'static [&'static str],
}

/// The callbacks that come by GET, by their `type`.
const GET: [Signed; 5] = [
    Signed { types: &["upload", "invalidVideo"], parts: &["=upload", "vid"] },
    Signed { types: &["async_upload"], parts: &["type", "fileUrl"] },
    Signed { types: &["videoSyncedFail"], parts: &["type", "vid"] },
    Signed { types: &["encode", "encode_failed"], parts: &["type", "format", "vid", "df"] },
    Signed { types: &["pass", "nopass"], parts: &["=manage", "type", "vid"] },
];

/// Those that come by POST, by their `eventType`.
const POST: [Signed; 2] = [
    Signed { types: &["TranscodeComplete"], parts: &["eventType", "vid"] },
    Signed {
        types: &["DeleteMediaComplete", "AIContentScanNotPassed", "CoursewareConvertComplete"],
        parts: &["eventType"],
    },
];

/// Who calls back, and what he proves it by.
#[derive(Debug, Clone)]
pub struct Polyv {
    /// The key of the main account.
    pub secretkey: Secret,
}

impl Polyv {
    /// The name and the fields of a callback.
    pub(super) fn open(
        &self,
        method: &Method,
        query: &Query,
        body: &str,
    ) -> Result<(String, Map<String, Value>), Refusal> {
        let sign = query.find("sign").ok_or(Refusal::Unsigned)?;
        let (kind, callbacks, mut fields) = match *method {
            Method::GET => ("type", &GET[..], query.fields()),
            _ => ("eventType", &POST[..], read(body)?),
        };
        let name = fields.get(kind).and_then(Value::as_str).ok_or(Refusal::Nameless)?.to_owned();
        let signed = callbacks.iter().find(|it| it.types.contains(&name.as_str())).ok_or(Refusal::Unknown)?;
        let part = |part: &&str| match part.strip_prefix('=') {
            Some(text) => text.to_owned(),
            None => fields.get(*part).map(as_text).unwrap_or_default(),
        };
        let joined: String = signed.parts.iter().map(part).collect();
        let right = md5(&(joined + self.secretkey.reveal()));
        if !bool::from(sign.to_ascii_lowercase().as_bytes().ct_eq(right.as_bytes())) {
            return Err(Refusal::Forged);
        }
        fields.shift_remove("sign");
        Ok((name, fields))
    }
}

fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Uri;

    fn opened(query: &str) -> Result<(String, Map<String, Value>), Refusal> {
        let uri: Uri = format!("/events/vod?{query}").parse().unwrap();
        Polyv { secretkey: Secret::new("JbSecret01") }.open(&Method::GET, &Query::of(&uri), "")
    }

    #[test]
    fn the_worked_example_of_the_manual_holds() {
        let video = "type=upload&vid=a1b2c3d4e5f60718293a4b5c6d7e8f90_a";
        let (name, fields) = opened(&format!("{video}&sign=947d7445beb8e42672837e0625d5e737")).unwrap();
        assert_eq!((name.as_str(), fields.len()), ("upload", 2));
        assert_eq!(opened(&format!("{video}&sign=947d7445beb8e42672837e0625d5e738")), Err(Refusal::Forged));
        assert_eq!(opened(video), Err(Refusal::Unsigned));
    }
}
