//! What makes a push the same one when it comes again, and what of it is never kept.

use crate::store::as_text;
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Credentials that a platform pushes to the server of a third-party platform.
const CREDENTIALS: [&str; 3] = ["ComponentVerifyTicket", "AuthorizationCode", "PreAuthCode"];

/// In milliseconds.
const HOUR: i64 = 3_600_000;

/// What a push is called.
pub(super) fn name_of(message: &Map<String, Value>) -> Option<String> {
    let named = ["Event", "InfoType", "MsgType"].iter().find_map(|field| message.get(*field));
    let name = named.and_then(Value::as_str)?;
    let sound = (1..=128).contains(&name.len()) && !name.chars().any(|it| it.is_control() || it.is_whitespace());
    sound.then(|| name.to_owned())
}

/// What a push is the same by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Its own mark.
    pub mark: String,
    /// The first of the marks that are the same push.
    pub since: String,
}

impl Marks {
    /// Of a message of WeChat, as its manual says: the number of a message; sender, time and name of an event, to which its
    /// content is added, because several events of one name can share a second.
    pub fn of_message(message: &Map<String, Value>) -> Marks {
        let text = |name: &str| message.get(name).map(as_text).unwrap_or_default();
        let mark = match text("MsgId") {
            number if number.is_empty() || message.contains_key("Event") => {
                let head = [text("FromUserName"), text("CreateTime"), text("Event")];
                format!("{} {}", head.join(" ").trim(), digest(message))
            }
            number => format!("message {number}"),
        };
        Marks { since: mark.clone(), mark }
    }

    /// Of a callback of Polyv, which tells no time: the same content is a repetition for an hour.
    pub fn of_callback(fields: &Map<String, Value>, now: Timestamp) -> Marks {
        let digest = digest(fields);
        let at = |moment: i64| format!("{digest} {moment:014}");
        let now = now.as_millisecond();
        Marks { mark: at(now), since: at(now - HOUR) }
    }
}

/// A message without its credentials.
pub(super) fn without_credentials(mut message: Map<String, Value>) -> Map<String, Value> {
    message.retain(|name, _| !CREDENTIALS.contains(&name.as_str()));
    message
}

/// Of the content, whatever the order of its fields.
fn digest(message: &Map<String, Value>) -> String {
    let mut sorted = Value::Object(message.clone());
    sorted.sort_all_objects();
    Sha256::digest(sorted.to_string()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mark(message: Value) -> String {
        Marks::of_message(message.as_object().unwrap()).mark
    }

    #[test]
    fn the_same_event_is_the_same_in_another_order_and_another_event_of_that_second_is_not() {
        let first = json!({ "FromUserName": "o1", "CreateTime": 7, "Event": "e", "e": { "id": 1, "code": 0 } });
        let again = json!({ "e": { "code": 0, "id": 1 }, "Event": "e", "CreateTime": 7, "FromUserName": "o1" });
        let other = json!({ "FromUserName": "o1", "CreateTime": 7, "Event": "e", "e": { "id": 2, "code": 0 } });
        assert_eq!(mark(first.clone()), mark(again));
        assert_ne!(mark(first), mark(other));
    }

    #[test]
    fn a_message_is_the_same_by_its_number() {
        assert_eq!(mark(json!({ "MsgType": "text", "MsgId": 42, "Content": "a" })), "message 42");
    }

    #[test]
    fn a_ticket_is_not_kept() {
        let message =
            json!({ "AppId": "wx1", "InfoType": "component_verify_ticket", "ComponentVerifyTicket": "secret" });
        let kept = without_credentials(message.as_object().unwrap().clone());
        assert_eq!(Value::Object(kept), json!({ "AppId": "wx1", "InfoType": "component_verify_ticket" }));
    }
}
