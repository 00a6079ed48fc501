//! A message as each robot wants it.

use super::{
    Message,
    letter::{cut, heading, in_json, with_title},
    sign,
};
use crate::{Error, client::leads_here, config::Robot, error::Kind, secret::Secret};
use reqwest::Url;
use serde_json::{Map, Value, json};

/// Bytes of a WeCom text and of its Markdown.
const WECOM_TEXT: usize = 2048;
const WECOM_MARKDOWN: usize = 4096;

/// DingTalk takes a body of 20,000 bytes and Feishu one of 20 KB; this is for the text in it, as JSON writes it.
const IN_BODY: usize = 18_000;

/// What is sent.
#[derive(Debug)]
pub(super) struct Request {
    pub url: Secret,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// Where a robot is and what signs what it gets.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub url: Secret,
    pub secret: Option<Secret>,
}

impl Address {
    /// All that nobody must see of it: whole, and the pieces of its path and query that can be keys.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let url = self.url.reveal();
        let pieces = url.split(['/', '?', '&', '=']).skip(3).filter(|piece| piece.len() >= 10);
        [url].into_iter().chain(pieces).chain(self.secret.as_ref().map(Secret::reveal))
    }
}

/// The request that tells it; `now` is in milliseconds since 1970.
pub(super) fn request(kind: Robot, address: &Address, message: &Message, now: i64) -> Result<Request, Error> {
    let Address { url, secret } = address;
    let (mut url, mut headers) = (url.clone(), Vec::new());
    let body = match kind {
        Robot::Wecom => wecom(message),
        Robot::Dingtalk => {
            if let Some(secret) = secret {
                url = signed(&url, now, &sign::dingtalk(now, secret))?;
            }
            dingtalk(message)
        }
        Robot::Feishu => feishu(message, secret.as_ref(), now / 1000),
        Robot::Webhook => webhook(message, now / 1000),
    };
    let body = body.to_string();
    if let (Robot::Webhook, Some(secret)) = (kind, secret) {
        headers.push(("x-juben-signature", sign::webhook(&body, secret)));
    }
    Ok(Request { url, headers, body })
}

fn wecom(message: &Message) -> Value {
    if message.markdown {
        let content = cut(&with_title(message, "### "), WECOM_MARKDOWN, char::len_utf8);
        return json!({ "msgtype": "markdown", "markdown": { "content": content } });
    }
    let content = cut(&with_title(message, ""), WECOM_TEXT, char::len_utf8);
    json!({ "msgtype": "text", "text": { "content": content } })
}

fn dingtalk(message: &Message) -> Value {
    if message.markdown {
        let text = cut(&with_title(message, "### "), IN_BODY, in_json);
        return json!({ "msgtype": "markdown", "markdown": { "title": heading(message), "text": text } });
    }
    let content = cut(&with_title(message, ""), IN_BODY, in_json);
    json!({ "msgtype": "text", "text": { "content": content } })
}

fn feishu(message: &Message, secret: Option<&Secret>, seconds: i64) -> Value {
    let mut body = Map::new();
    if let Some(secret) = secret {
        body.insert("timestamp".into(), seconds.to_string().into());
        body.insert("sign".into(), sign::feishu(seconds, secret).into());
    }
    if message.markdown {
        let mut card = json!({ "elements": [{ "tag": "markdown", "content": cut(&message.text, IN_BODY, in_json) }] });
        if message.title.is_some() {
            card["header"] = json!({ "title": { "tag": "plain_text", "content": heading(message) } });
        }
        body.insert("msg_type".into(), "interactive".into());
        body.insert("card".into(), card);
    } else {
        let text = cut(&with_title(message, ""), IN_BODY, in_json);
        body.insert("msg_type".into(), "text".into());
        body.insert("content".into(), json!({ "text": text }));
    }
    Value::Object(body)
}

fn webhook(message: &Message, seconds: i64) -> Value {
    let mut body = Map::new();
    body.extend(message.title.as_ref().map(|title| ("title".to_owned(), title.as_str().into())));
    body.insert("text".into(), message.text.as_str().into());
    body.insert("markdown".into(), message.markdown.into());
    body.insert("at".into(), seconds.into());
    let about = message.about.iter().flat_map(|notice| notice.fields()).filter(|(_, value)| !value.is_empty());
    body.extend(about.map(|(name, value)| (name.to_owned(), value.into())));
    Value::Object(body)
}

fn signed(url: &Secret, millis: i64, signature: &str) -> Result<Secret, Error> {
    let mut url = Url::parse(url.reveal()).map_err(|_| no_address("dingtalk"))?;
    url.query_pairs_mut().append_pair("timestamp", &millis.to_string()).append_pair("sign", signature);
    Ok(Secret::new(url))
}

pub(super) fn is_address(url: &Secret) -> bool {
    Url::parse(url.reveal()).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// What is there is no address; what it is stays secret.
pub(super) fn no_address(target: &str) -> Error {
    Error::new(Kind::Config, format!("what `url` of [notify.{target}] leads to is not an address"))
        .hint("copy the robot's address as it is shown: https://…")
}

/// Whether it leads to this machine.
pub(crate) fn is_here(url: &Secret) -> bool {
    Url::parse(url.reveal()).is_ok_and(|url| leads_here(&url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn body(kind: Robot, message: &Message) -> String {
        let address = Address { url: Secret::new("http://robot.invalid/?key=1"), secret: Some(Secret::new("SEC")) };
        request(kind, &address, message, 1_577_262_236_757).unwrap().body
    }

    proptest! {
        #[test]
        fn no_message_is_longer_than_a_robot_takes(
            title in proptest::option::of("\\PC{0,300}"),
            piece in "\\PC{1,9}|[\n\"\\\\\u{1}集]{1,9}",
            times in 1_usize..6000,
            markdown: bool,
        ) {
            let message = Message { title, text: piece.repeat(times), markdown, about: None };
            prop_assert!(body(Robot::Dingtalk, &message).len() <= 20_000);
            prop_assert!(body(Robot::Feishu, &message).len() <= 20 << 10);
            let wecom: Value = serde_json::from_str(&body(Robot::Wecom, &message)).unwrap();
            let content = |kind: &str| wecom[kind]["content"].as_str().map_or(0, str::len);
            prop_assert!(content("text") <= 2048 && content("markdown") <= 4096);
        }
    }
}
