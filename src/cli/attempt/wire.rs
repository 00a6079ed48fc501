//! What a run and its parent say to each other: a JSON text a line. The parent speaks on the run's standard input, the
//! run on its standard output.
//!
//! ```text
//! parent  {"begin":{"attempt":{…},"setting":{…}}}            first
//!         {"answer":[3,{"token":"…"}]}                       to what it was asked by that number
//!         "stop"                                             the run shall end by itself
//!         (end of input)                                     the parent is gone: the run stops, its process ends
//! run     {"told":{"printed":"…"}}                           while it goes: what it prints, logs and calls
//!         {"ask":[3,{"token":{…}}]}                          for a token or a place in the quotas
//!         {"leave":3}                                        that place is free again, or no longer wanted
//!         {"ended":{"outcome":"done",…}}                     last
//! ```
//!
//! Both are the same program, so nothing here has to be understood by another version.

use crate::{
    Error,
    error::Kind,
    scheduler::{Attempt, Ended, Told},
    secret::Secret,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A longer line is none of ours: the parts of a message are bounded.
pub(super) const LONGEST: usize = 32 << 20;

/// What the parent says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToRun {
    Begin(Box<Order>),
    Answer(u64, Answer),
    Stop,
}

/// What the run says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FromRun {
    Told(Told),
    Ask(u64, Ask),
    Leave(u64),
    Ended(Ended),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Order {
    pub attempt: Attempt,
    pub setting: Setting,
}

/// What all runs of a `juben serve` have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::cli) struct Setting {
    /// The configuration, as the parent has read it: the file may have been changed since.
    pub(super) config: Option<Text>,
    /// Where the parent's sandbox answers, if it is that which answers.
    pub(super) sandbox: Option<String>,
    /// Where the state is.
    pub(super) state: PathBuf,
}

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Text {
    pub path: PathBuf,
    pub text: String,
}

/// What a run needs of its parent, which has it for all runs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    /// The token that signs calls of this operation, and not the one that fails.
    Token { account: String, operation: String, failing: Option<Shown> },
    /// The right to send one request.
    Place { account: String, operation: String },
}

/// What the parent answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Token(Shown),
    Place,
    Refused(Refusal),
}

/// A secret on its way to the one who needs it.
#[derive(Debug)]
pub(super) struct Shown(pub Secret);

impl Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.reveal())
    }
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Shown, D::Error> {
        String::deserialize(from).map(|text| Shown(Secret::new(text)))
    }
}

/// An error on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Refusal {
    kind: String,
    message: String,
    hint: Option<String>,
    code: Option<i64>,
    operation: Option<String>,
    account: Option<String>,
    request_id: Option<String>,
    retryable: bool,
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Refusal {
        Refusal {
            kind: error.kind.name().to_owned(),
            message: error.message.clone(),
            hint: error.hint.clone(),
            code: error.code,
            operation: error.operation.clone(),
            account: error.account.clone(),
            request_id: error.request_id.clone(),
            retryable: error.retryable,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        let Refusal { kind, message, hint, code, operation, account, request_id, retryable } = refusal;
        let error = Error::new(Kind::named(&kind).unwrap_or(Kind::Server), message).hinted(hint);
        let error = error.request_id(request_id).retryable(retryable);
        let error = code.into_iter().fold(error, Error::code);
        let error = operation.iter().fold(error, |error, name| error.operation(name));
        account.iter().fold(error, |error, name| error.account(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::{Called, Outcome, Trouble};
    use jiff::Timestamp;
    use std::time::Duration;
    use tracing::Level;

    fn comes_through(message: &FromRun) {
        let line = serde_json::to_string(message).unwrap();
        assert!(!line.contains('\n'), "{line}");
        let again = serde_json::from_str::<FromRun>(&line).unwrap();
        assert_eq!(format!("{again:?}"), format!("{message:?}"));
    }

    #[test]
    fn what_a_run_says_comes_through() {
        let called = Called {
            operation: "drama.list_media".into(),
            account: "main".into(),
            effect: "read".into(),
            rows: Some(20),
            at: Timestamp::from_millisecond(1_700_000_000_123).unwrap(),
            took: Duration::from_millis(87),
            attempts: 2,
            failure: Some(("network".into(), "the connection broke".into())),
        };
        let trouble = Trouble { kind: "script".into(), message: "no".into(), hint: None, report: "  × no\n".into() };
        let ended = Ended {
            outcome: Outcome::TimedOut,
            script_hash: Some("ab".into()),
            result: Some("{\"剧\":1}".into()),
            trouble: Some(trouble),
        };
        comes_through(&FromRun::Told(Told::Printed("two\nlines \u{0} 剧".into())));
        comes_through(&FromRun::Told(Told::Logged(Level::WARN, "slow".into())));
        comes_through(&FromRun::Told(Told::Called(called)));
        comes_through(&FromRun::Ended(ended));
    }

    #[test]
    fn the_words_of_an_outcome_are_those_of_the_store() {
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.name());
        }
    }

    #[test]
    fn a_refusal_keeps_what_there_is_to_act_on() {
        let error = Error::new(Kind::Auth, "no").hint("do").code(40001).operation("a.b").account("main");
        let line = serde_json::to_string(&Refusal::from(&error.retryable(true))).unwrap();
        let error = Error::from(serde_json::from_str::<Refusal>(&line).unwrap());
        assert_eq!((error.kind, error.to_string(), error.code), (Kind::Auth, "`a.b`: no".to_owned(), Some(40001)));
        assert_eq!((error.hint.as_deref(), error.account.as_deref()), (Some("do"), Some("main")));
        assert!(error.retryable);
    }

    #[test]
    fn a_token_is_shown_on_the_wire_and_nowhere_else() {
        let answer = ToRun::Answer(3, Answer::Token(Shown(Secret::new("s3cret"))));
        assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"answer":[3,{"token":"s3cret"}]}"#);
        assert!(!format!("{answer:?}").contains("s3cret"));
    }
}
