//! An event as the message that the platform pushes, and the signatures that come with it.

use crate::{
    message::sign,
    sandbox::{
        life::Event,
        options::{Account, Push},
    },
};
use fastrand::Rng;
use reqwest::Url;
use serde_json::{Map, Value};

/// Who tells of events: an account of the platform itself.
const SENDER: &str = "oJubenSystem0001";

/// A message that is ready to be sent.
#[derive(Debug)]
pub(super) struct Letter {
    pub url: Url,
    pub body: String,
}

/// What makes each signature another one.
struct Stamp {
    timestamp: String,
    nonce: String,
}

impl Stamp {
    fn new(now: i64, random: &mut Rng) -> Self {
        Stamp { timestamp: now.to_string(), nonce: random.u32(100_000_000..1_000_000_000).to_string() }
    }
}

impl Push {
    /// The message that tells of an event, as it is sent at this time.
    pub(super) fn letter(&self, event: &Event, accounts: &[Account], now: i64, random: &mut Rng) -> Letter {
        let stamp = Stamp::new(now, random);
        let text = self.format.write(&message(event));
        let Some(key) = &self.key else { return Letter { url: self.signed(&stamp, &[]), body: text } };
        let encrypted = key.encrypt(&text, addressee(accounts, &event.to), random.u128(..).to_be_bytes());
        let signature = sign(&[self.token.reveal(), &stamp.timestamp, &stamp.nonce, &encrypted]);
        let url = self.signed(&stamp, &[("encrypt_type", "aes"), ("msg_signature", &signature)]);
        let envelope = fields([("ToUserName", original_id(&event.to).into()), ("Encrypt", encrypted.into())]);
        Letter { url, body: self.format.write(&envelope) }
    }

    /// Where to ask whether the receiver knows the token, and what it must answer.
    pub(super) fn question(&self, now: i64, random: &mut Rng) -> (Url, String) {
        let echo = random.u64(..).to_string();
        (self.signed(&Stamp::new(now, random), &[("echostr", &echo)]), echo)
    }

    fn signed(&self, stamp: &Stamp, more: &[(&str, &str)]) -> Url {
        let signature = sign(&[self.token.reveal(), &stamp.timestamp, &stamp.nonce]);
        let mut url = self.to.clone();
        url.query_pairs_mut()
            .append_pair("signature", &signature)
            .append_pair("timestamp", &stamp.timestamp)
            .append_pair("nonce", &stamp.nonce)
            .extend_pairs(more);
        url
    }
}

/// The message itself.
pub(in crate::sandbox) fn message(event: &Event) -> Map<String, Value> {
    let mut message = fields([
        ("ToUserName", original_id(&event.to).into()),
        ("FromUserName", SENDER.into()),
        ("CreateTime", event.time.into()),
        ("MsgType", "event".into()),
        ("Event", event.name.as_str().into()),
    ]);
    message.extend(event.fields.clone());
    message
}

fn fields<const COUNT: usize>(pairs: [(&str, Value); COUNT]) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The other name of a mini program; the sandbox makes it of the end of the appid.
fn original_id(appid: &str) -> String {
    let digits = appid.len().saturating_sub(12);
    format!("gh_{}", appid.get(digits..).unwrap_or(appid))
}

/// Whose appid lies within the ciphertext: that of the third-party platform which the mini program has authorised, or
/// its own.
fn addressee<'a>(accounts: &'a [Account], appid: &'a str) -> &'a str {
    let platform = accounts.iter().find_map(|account| match account {
        Account::Component { appid: platform, authorizers, .. } => {
            authorizers.iter().any(|it| it.appid == appid).then_some(platform.as_str())
        }
        _ => None,
    });
    platform.unwrap_or(appid)
}
