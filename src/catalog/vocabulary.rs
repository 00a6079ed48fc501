//! The `x-juben-*` extensions as types; `docs/catalog.md` explains them.

use super::schema::Named;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What a call does to the platform's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Nothing.
    Read,
    /// It adds or changes something.
    Write,
    /// It removes or overwrites something that cannot be brought back.
    Destructive,
}

impl Effect {
    /// The word of the documents.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Write => "write",
            Effect::Destructive => "destructive",
        }
    }
}

/// `x-juben-effect`: an effect, or one by the value of a field.
#[derive(Debug, Clone)]
pub struct Effects {
    /// Where no case fits.
    pub default: Effect,
    /// The first that fits decides.
    pub when: Vec<EffectCase>,
}

/// One case of [`Effects`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectCase {
    /// A field of the request.
    pub field: String,
    /// The value it must have.
    pub equals: Value,
    /// The effect then.
    pub effect: Effect,
}

impl<'de> Deserialize<'de> for Effects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Plain(Effect),
            Cases { default: Effect, when: Vec<EffectCase> },
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Plain(default) => Effects { default, when: Vec::new() },
            Form::Cases { default, when } => Effects { default, when },
        })
    }
}

/// `x-juben-envelope`: how a reply tells success from failure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The field with the code.
    pub code: String,
    /// The field with the message.
    pub message: String,
    /// The code that means success.
    pub success: i64,
    /// What a reply without a code means.
    #[serde(default)]
    pub absent: Absent,
    /// Where a more exact code and message stand.
    pub inner: Option<Inner>,
    /// The field with the platform's number of the call.
    pub request_id: Option<String>,
    /// Fields that a script does not see.
    #[serde(default)]
    pub drop: Vec<String>,
}

/// What a reply without a code means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Absent {
    /// It worked, if the reply has a field of its own.
    Success,
    /// It failed.
    #[default]
    Failure,
}

/// A more exact error inside a failure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inner {
    /// Path of the code.
    pub code: String,
    /// Path of the message.
    pub message: String,
}

/// `x-juben-pages`: how a listing is cut into pages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// How the position is told.
    pub style: PageStyle,
    /// The input with the position.
    pub position: String,
    /// The position of the first page.
    pub first: Option<Value>,
    /// The output with the next position.
    pub next: Option<String>,
    /// The input with the page's size.
    pub limit: Option<String>,
    /// The largest page.
    pub at_most: Option<usize>,
    /// Where the items are; the first path that is there.
    #[serde(deserialize_with = "text_or_texts")]
    pub items: Vec<String>,
    /// Where the number of all items is.
    pub total: Option<String>,
    /// The fields that tell one item from another.
    #[serde(default, deserialize_with = "text_or_texts")]
    pub id: Vec<String>,
    /// How the last page is known.
    pub ends: PageEnd,
}

/// How a listing tells its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageStyle {
    /// The number of items before the page.
    Offset,
    /// The id that the page before ended with.
    LastId,
    /// The number of the page.
    Page,
    /// A text that the page before gave.
    Cursor,
}

/// How the last page is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageEnd {
    /// It has fewer items than asked for.
    ShortPage,
    /// It has no items.
    EmptyPage,
    /// It names no next position.
    NoNext,
    /// All items of the total have come.
    Total,
}

/// `x-juben-batch`: many rows in one call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The array of the request.
    pub rows: String,
    /// The most rows of one call.
    pub at_most: Option<usize>,
    /// The array of the reply, an entry a row.
    pub results: Option<String>,
    /// The field of an entry that is 0 where the row worked.
    pub code: Option<String>,
    /// The field of an entry that says why it did not.
    pub message: Option<String>,
    /// `index`, or the field of an entry that names its row.
    pub pair: Option<String>,
}

/// One limit of `x-juben-quota`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// So many calls
    pub calls: usize,
    /// in so many seconds.
    pub seconds: u64,
    /// Whose calls are counted.
    #[serde(default)]
    pub scope: Scope,
    /// Whether refused calls count as well.
    #[serde(default)]
    pub refused_count: bool,
}

/// Whose calls a quota counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Those of one account.
    #[default]
    Account,
    /// Those of this machine.
    Ip,
}

/// `x-juben-retry`: what may be repeated.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Whether doing it twice is the same as doing it once.
    #[serde(default)]
    pub idempotent: bool,
    /// How to find out what happened when the answer was lost.
    pub look: Option<Look>,
}

/// The read that tells what became of a write.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The read, as `module.name`.
    pub operation: String,
    /// Only if the request had this field.
    pub when: Option<String>,
    /// The parameters of the read.
    #[serde(default)]
    pub with: Named<Value>,
    /// The lost answer, made from what was found.
    pub reply: Option<Named<Value>>,
    /// What a person should look for.
    pub note: Option<Text>,
}

/// `x-juben-wait`: how a task that goes on after the reply is followed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// The read that shows the task.
    pub operation: String,
    /// Its parameters.
    #[serde(default)]
    pub with: Named<Value>,
    /// Where its reply has the state.
    pub state: String,
    /// The states that mean it is done.
    pub done: Vec<Value>,
    /// The states that mean it failed.
    #[serde(default)]
    pub failed: Vec<Value>,
    /// The event that tells the same.
    pub event: Option<String>,
}

/// `x-juben-inverse`: the call that undoes this one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inverse {
    /// As `module.name`.
    pub operation: String,
    /// Its parameters.
    #[serde(default)]
    pub with: Named<Value>,
}

/// `x-juben-target`: the read that shows what a write touches.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The read, as `module.name`.
    pub read: String,
    /// The parameters of the read.
    #[serde(default)]
    pub with: Named<Value>,
    /// The array of the request whose rows are a target each.
    pub rows: Option<String>,
    /// Which item of a listing it is: the values of some of its fields.
    #[serde(default, rename = "match")]
    pub matches: Named<Value>,
    /// Where the reply has it, or the items that it is one of; a listing in pages says so itself.
    pub at: Option<String>,
    /// The fields of it that count; all when there are none.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// `x-juben-errors` of an operation: the groups that apply.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorGroups {
    /// Names of groups, the first that has a code deciding.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Codes that this operation is likely to answer.
    #[serde(default)]
    pub typical: Vec<i64>,
}

/// What an error code means.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorCode {
    /// The kind that a script's error has.
    pub kind: String,
    /// What it means.
    pub meaning: Text,
    /// What to do.
    #[serde(default)]
    pub hint: Text,
    /// Whether to repeat the call.
    #[serde(default)]
    pub retry: RetryWhen,
}

/// Whether and when a refused call may be repeated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RetryWhen {
    /// Never.
    #[default]
    No,
    /// Soon, if it is a read or does not mind being done twice.
    Backoff,
    /// After a minute: the call was not done.
    Minute,
    /// Once, with a new token: the call was not done.
    Token,
    /// Tomorrow.
    Day,
    /// When something else has ended.
    Later,
}

/// A text in the two languages of the users.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// `x-juben-sign`: how a call is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Query parameter `access_token`.
    WechatToken,
    /// Query parameter `component_access_token`.
    WechatComponent,
    /// `appId`, `timestamp` and an MD5 `sign`.
    PolyvV3,
    /// `userid`, `ptime` and a SHA1 `sign`.
    PolyvV2,
}

fn text_or_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Form::deserialize(deserializer)? {
        Form::One(one) => vec![one],
        Form::Many(many) => many,
    })
}
