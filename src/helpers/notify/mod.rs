//! Telling people: robots of chat groups and webhooks, each message once, not too many, and never in anybody's way.

mod answer;
mod letter;
mod notifier;
mod pace;
mod ping;
mod robot;
mod sign;
mod template;

pub use notifier::Notifier;
pub(crate) use notifier::{example, no_target};
pub use ping::ping;
pub(crate) use robot::is_here;

/// What somebody is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Its first line, or a heading of its own where the robot has one.
    pub title: Option<String>,
    /// The text.
    pub text: String,
    /// Whether the text is Markdown, as far as the robot knows it.
    pub markdown: bool,
    /// What it is about, which a webhook gets field by field.
    pub about: Option<Notice>,
}

/// What has become of a job, for templates; what is not known or does not apply is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// The job's name.
    pub job: String,
    /// In a few words, such as `failed` or `is well again`.
    pub what: String,
    /// When it was due.
    pub due: String,
    /// The run's number.
    pub run: String,
    /// Why, in one sentence.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
    /// The kind of the error.
    pub error: String,
}

impl Notice {
    /// What is known of it, by the names that templates use.
    pub fn fields(&self) -> [(&'static str, &str); 7] {
        [
            ("job", &self.job),
            ("what", &self.what),
            ("due", &self.due),
            ("run", &self.run),
            ("reason", &self.reason),
            ("hint", &self.hint),
            ("error", &self.error),
        ]
    }
}
