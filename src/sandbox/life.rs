//! How things go on by themselves: how long the platforms take, what their reviewers say, and what they tell of it.

use super::clock::CENTURY;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How long the platforms take for what they do by themselves, and how their reviews end. Nothing takes time unless said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Life {
    /// Seconds until a video that was uploaded can be played.
    pub transcode_seconds: i64,
    /// Seconds until a video is fetched from a URL.
    pub pull_seconds: i64,
    /// Seconds until a drama, a replaced episode, a novel or a video of Polyv is reviewed.
    pub review_seconds: i64,
    /// How reviews end, where it is said; the first that fits counts. All others pass.
    pub verdicts: Vec<Verdict>,
}

/// How a review ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// A part of the name of the drama, episode, book, chapter or video, or its whole id.
    pub about: String,
    /// What the reviewers say.
    pub result: Ruling,
    /// Why, in the words that the platform shows.
    #[serde(default)]
    pub reason: String,
    /// How many reviews end so; all when left out.
    #[serde(default)]
    pub times: Option<u32>,
}

/// What the reviewers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It passes.
    Pass,
    /// It is rejected.
    Reject,
    /// More material is asked for; novels and videos of Polyv know no such thing and are rejected.
    Refill,
}

impl Life {
    /// Whether things can go on so.
    pub(super) fn check(&self) -> Result<(), String> {
        let Life { transcode_seconds, pull_seconds, review_seconds, verdicts } = self;
        let lengths = [("transcode", transcode_seconds), ("pull", pull_seconds), ("review", review_seconds)];
        if let Some((name, seconds)) = lengths.into_iter().find(|(_, seconds)| !(0..=CENTURY).contains(*seconds)) {
            return Err(format!("{name}_seconds is {seconds}; it must be 0 to {CENTURY}"));
        }
        match verdicts.iter().any(|verdict| verdict.about.is_empty()) {
            true => Err("a verdict is about nothing; give a part of a name, or an id".to_owned()),
            false => Ok(()),
        }
    }

    /// What the reviewers say of something with this id and title.
    pub(super) fn verdict(&mut self, id: &str, title: &str) -> Option<Verdict> {
        let fits =
            |verdict: &Verdict| verdict.times != Some(0) && (verdict.about == id || title.contains(&verdict.about));
        let verdict = self.verdicts.iter_mut().find(|verdict| fits(verdict))?;
        if let Some(times) = &mut verdict.times {
            *times -= 1;
        }
        Some(verdict.clone())
    }
}

/// Something that a platform tells a mini program by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Event {
    /// The appid of the mini program.
    pub to: String,
    /// When it happened, in seconds since 1970.
    pub time: i64,
    /// The platform's name for it: `secvod_upload_event`.
    pub name: String,
    /// What stands beside the head that every message has: `{"upload_event": {…}}`.
    pub fields: Map<String, Value>,
}
