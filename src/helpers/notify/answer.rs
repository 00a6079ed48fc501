//! What a robot's answer means. They say no by a code in a reply whose status is 200.

use crate::{Error, client::Answer, config::Robot, error::Kind};
use serde_json::Value;

/// What is worth knowing of a code: what kind of trouble it is, and what to do about it.
type Meaning = (i64, Kind, &'static str);

const NO_ROBOT: &str = "this address is of no robot: copy it again from the group's settings";
const TOO_MANY: &str = "set per_minute to what the robot takes";
const BUSY: &str = "the robot's vendor is busy; try again";

const WECOM: [Meaning; 5] = [
    (-1, Kind::Server, BUSY),
    (45009, Kind::Throttled, TOO_MANY),
    (45033, Kind::Throttled, TOO_MANY),
    (93000, Kind::Auth, NO_ROBOT),
    (93008, Kind::Auth, "the robot was removed from its group; add one and copy its address"),
];

const DINGTALK: [Meaning; 9] = [
    (-1, Kind::Server, BUSY),
    (130101, Kind::Throttled, TOO_MANY),
    (410100, Kind::Throttled, TOO_MANY),
    (300005, Kind::Auth, NO_ROBOT),
    (400101, Kind::Auth, NO_ROBOT),
    (400102, Kind::Auth, "the robot is switched off; switch it on in the group's settings"),
    (400106, Kind::Auth, NO_ROBOT),
    (400013, Kind::NotFound, "the group is gone; add a robot to another one"),
    (
        310000,
        Kind::Auth,
        "look at the robot's safety settings: its keyword must be in the text (a template can have it), its secret (加签) \
         is `secret`, and its list of addresses must have this machine's",
    ),
];

const FEISHU: [Meaning; 6] = [
    (11232, Kind::Throttled, TOO_MANY),
    (19001, Kind::Auth, NO_ROBOT),
    (
        19021,
        Kind::Auth,
        "`secret` is what the robot's settings show (签名校验), and this machine's clock must be right",
    ),
    (19022, Kind::Auth, "the robot's list of addresses must have this machine's"),
    (19024, Kind::Auth, "the robot's keyword must be in the text; a template can have it"),
    (9499, Kind::Refused, "the robot does not understand the message"),
];

/// What it said, if that is yes.
pub(super) fn judge(kind: Robot, answer: &Answer) -> Result<String, Error> {
    let (names, known): (_, &[Meaning]) = match kind {
        Robot::Webhook => return by_status(answer, "").map(|()| format!("HTTP {}", answer.status)),
        Robot::Wecom => (["errcode", "errmsg"], &WECOM),
        Robot::Dingtalk => (["errcode", "errmsg"], &DINGTALK),
        Robot::Feishu => (["code", "msg"], &FEISHU),
    };
    let reply: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let [code, words] = names.map(|name| &reply[name]);
    let words = words.as_str().unwrap_or_default();
    match code.as_i64() {
        Some(0) => Ok(if words.is_empty() { "ok" } else { words }.to_owned()),
        Some(code) => Err(refused(code, words, known)),
        // An older robot of Feishu.
        None if reply["StatusCode"] == 0 => Ok("success".to_owned()),
        None => Err(by_status(answer, words).err().unwrap_or_else(|| {
            Error::new(Kind::Server, "the answer is not that of a robot")
                .hint("is `kind` right, and the address whole?")
        })),
    }
}

fn refused(code: i64, words: &str, known: &[Meaning]) -> Error {
    let message = format!("the robot refused it: {words} (code {code})");
    let (kind, hint) = match known.iter().find(|(known, ..)| *known == code) {
        // Feishu has one code for two troubles.
        Some((9499, ..)) if words.to_lowercase().contains("too many") => (Kind::Throttled, TOO_MANY),
        Some((_, kind, hint)) => (*kind, *hint),
        None => return Error::new(Kind::Refused, message).code(code),
    };
    Error::new(kind, message).code(code).hint(hint)
}

fn by_status(answer: &Answer, words: &str) -> Result<(), Error> {
    let status = answer.status;
    let (kind, hint) = match status {
        200..300 => return Ok(()),
        401 | 403 => (Kind::Auth, "who answers there does not take it: look at the address and `secret`"),
        404 | 410 => (Kind::NotFound, "nobody takes messages there: look at the address"),
        429 => (Kind::Throttled, TOO_MANY),
        500.. => (Kind::Server, "try again later"),
        _ => (Kind::Refused, "look at the address"),
    };
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    Err(Error::new(kind, format!("the answer is HTTP {status}{words}")).code(status.into()).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(kind: Robot, status: u16, body: &'static str) -> Result<String, (Kind, Option<i64>, bool)> {
        judge(kind, &Answer { status, body: body.into() }).map_err(|error| (error.kind, error.code, error.retryable))
    }

    #[test]
    fn codes_are_judged_whatever_the_status() {
        let throttled = |code| Err((Kind::Throttled, Some(code), true));
        assert_eq!(judged(Robot::Wecom, 200, r#"{"errcode":0,"errmsg":"ok"}"#), Ok("ok".into()));
        assert_eq!(
            judged(Robot::Wecom, 200, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#),
            throttled(45009)
        );
        assert_eq!(judged(Robot::Dingtalk, 200, r#"{"errcode":130101,"errmsg":"send too fast"}"#), throttled(130101));
        let keyword = r#"{"errcode":310000,"errmsg":"keywords not in content"}"#;
        assert_eq!(judged(Robot::Dingtalk, 200, keyword), Err((Kind::Auth, Some(310_000), false)));
        assert_eq!(judged(Robot::Feishu, 200, r#"{"code":0,"msg":"success"}"#), Ok("success".into()));
        assert_eq!(judged(Robot::Feishu, 200, r#"{"StatusCode":0}"#), Ok("success".into()));
        assert_eq!(
            judged(Robot::Feishu, 400, r#"{"code":9499,"msg":"Bad Request"}"#),
            Err((Kind::Refused, Some(9499), false))
        );
        assert_eq!(judged(Robot::Feishu, 400, r#"{"code":9499,"msg":"too many request"}"#), throttled(9499));
        assert_eq!(judged(Robot::Feishu, 502, "<html>"), Err((Kind::Server, Some(502), true)));
        assert_eq!(judged(Robot::Wecom, 200, "hello"), Err((Kind::Server, None, true)));
        assert_eq!(judged(Robot::Webhook, 204, ""), Ok("HTTP 204".into()));
        assert_eq!(judged(Robot::Webhook, 429, ""), throttled(429));
        assert_eq!(judged(Robot::Webhook, 403, ""), Err((Kind::Auth, Some(403), false)));
    }
}
