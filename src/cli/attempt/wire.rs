//! What a run and its parent say to each other: a JSON text a line. The parent speaks on the run's standard input, the
//! run on its standard output.
//!
//! ```text
//! parent  {"begin":{"attempt":{…},"setting":{…}}}    first
//!         "stop"                                     the run shall end by itself
//!         (end of input)                             the parent is gone: the run stops, and its process ends
//! run     {"told":{"printed":"…"}}                   while it goes: what it prints, logs and calls
//!         {"ended":{"outcome":"done",…}}             last
//! ```
//!
//! Both are the same program, so nothing here has to be understood by another version.

use crate::{
    Error,
    error::Kind,
    scheduler::{Attempt, Ended, Told},
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A longer line is none of ours: the parts of a message are bounded.
pub(super) const LONGEST: usize = 32 << 20;

/// What the parent says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToRun {
    Begin(Box<Order>),
    Stop,
}

/// What the run says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FromRun {
    Told(Told),
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

/// The tables that no run needs; the jobs may be many.
const OF_THE_PARENT: [&str; 4] = ["job", "on", "serve", "events"];

impl Setting {
    /// With this configuration: the path of a `juben.toml` and its text. No secret is in it, only where they are.
    pub(in crate::cli) fn new(config: Option<(&Path, &str)>, state: &Path) -> Result<Setting, Error> {
        let config = match config {
            Some((path, text)) => Some(Text { path: path.to_owned(), text: for_runs(path, text)? }),
            None => None,
        };
        Ok(Setting { config, sandbox: None, state: state.to_owned() })
    }

    /// Answered by the sandbox at this address, which was started with the same configuration.
    pub(in crate::cli) fn in_sandbox(mut self, url: &str) -> Setting {
        self.sandbox = Some(url.to_owned());
        self
    }
}

fn for_runs(path: &Path, text: &str) -> Result<String, Error> {
    let wrong = |error: String| Error::new(Kind::Config, format!("{}: {error}", path.display()));
    let mut tables: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
    tables.retain(|name, _| !OF_THE_PARENT.contains(&name));
    toml::to_string(&tables).map_err(|error| wrong(error.to_string()))
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
    fn a_run_is_given_no_jobs() {
        let text = "[account.a]\nplatform = \"wechat\"\nappid = \"wx1\"\n[[job]]\nname = \"j\"\nscript = \"j.rhai\"";
        let setting = Setting::new(Some((Path::new("juben.toml"), text)), Path::new("state")).unwrap();
        let text = setting.config.unwrap().text;
        assert!(text.contains("[account.a]") && !text.contains("job"), "{text}");
    }
}
