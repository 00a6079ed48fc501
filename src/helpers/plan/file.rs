//! A plan as a file: JSON that is the same for the same plan, with a digest of itself.

use super::state::Thing;
use crate::{Error, client::sha256, error::Kind, files, rights::Rights};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, ops::Range, path::Path};

/// A larger plan is not read, in bytes.
const LARGEST: u64 = 256 << 20;

/// The form of the file.
const VERSION: u32 = 1;

/// What a script would write.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The form of this file.
    pub version: u32,
    /// The script.
    pub script: String,
    /// SHA-256 of its text, in hex.
    pub script_hash: String,
    /// The versions of the packages that it may import, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, String>,
    /// Whose code it is made of: the script, and the packages behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// What it was started with, by position.
    pub arguments: Vec<String>,
    /// The same by name.
    pub named: BTreeMap<String, String>,
    /// The account for all of it, if one was chosen.
    pub account: Option<String>,
    /// When the time of the built-in sandbox began, if it was made there; in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<i64>,
    /// When it was made.
    pub made: String,
    /// Who made it.
    pub by: Author,
    /// The writes, in their order.
    pub writes: Vec<Step>,
    /// SHA-256 of all this without the digest, in hex.
    pub digest: String,
}

/// Who has made a plan, as far as the machine knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// `anna@desk`
    pub name: String,
    /// Their public keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// A piece of the script's code that somebody answers for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// As people call it: `scripts/renew.rhai`, `team/grants 1.2.0`.
    pub name: String,
    /// The package that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// What its text can do. Folders are absolute.
    pub needs: Rights,
}

/// One write of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// As `module.name`.
    pub operation: String,
    /// `write` or `destructive`.
    pub effect: String,
    /// The account that makes it.
    pub account: String,
    /// The script or module whose code makes it: `team/grants/grants.rhai`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where that account sends it, and as whom; not of the built-in sandbox, which is elsewhere each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Its fields. `{"$from": 3, "at": "media_id"}` is a value of the reply to write 3; `{"$file": PATH, "size": …,
    /// "sha256": …}` a file.
    pub fields: Map<String, Value>,
    /// Fields newer than the catalog.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
    /// The bytes of the file that are sent, if not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range<u64>>,
    /// What it touches, as it was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expects: Vec<Thing>,
    /// Why nothing is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchecked: Option<String>,
}

impl Plan {
    /// As a file has it.
    pub fn sealed(mut self) -> Plan {
        self.version = VERSION;
        self.digest = self.sum();
        self
    }

    fn sum(&self) -> String {
        let open = Plan { digest: String::new(), ..self.clone() };
        sha256(serde_json::to_string(&open).unwrap_or_default().as_bytes())
    }

    /// Its text.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Whether there is nothing at this path but perhaps a plan.
    pub fn may_replace(path: &Path) -> bool {
        let is_plan = |text: String| serde_json::from_str::<Plan>(&text).is_ok();
        !path.exists() || files::text(path, LARGEST).is_ok_and(is_plan)
    }

    /// Read one whose digest is right; not a byte may differ from what was written.
    pub fn read(path: &Path) -> Result<Plan, Error> {
        let place = path.display();
        let text = files::text(path, LARGEST).map_err(|error| {
            Error::new(Kind::Usage, format!("cannot read the plan {place}: {error}"))
                .hint("`juben plan SCRIPT -o plan.json` writes one")
        })?;
        let wrong = |what: String| {
            let error = Error::new(Kind::Conflict, format!("the plan {place} {what}, so nothing of it is done"));
            error.hint("make it anew by `juben plan`; a plan is not edited")
        };
        let plan: Plan = serde_json::from_str(&text).map_err(|error| wrong(format!("is no plan: {error}")))?;
        if plan.version != VERSION {
            return Err(wrong(format!("has the form {}, and this juben knows {VERSION}", plan.version)));
        }
        if plan.sum() != plan.digest || plan.text() != text {
            return Err(wrong("was changed after it was made: its digest does not fit".to_owned()));
        }
        Ok(plan)
    }

    /// The numbers of the writes whose replies this one needs.
    pub fn needs(step: &Step) -> Vec<usize> {
        let mut found = Vec::new();
        step.fields.values().chain(step.extra.values()).for_each(|value| collect(value, &mut found));
        found
    }
}

/// A reference to a reply: the number of the write and where its reply has the value.
pub(super) fn reference(value: &Value) -> Option<(usize, &str)> {
    let number = value.get("$from")?.as_u64()?;
    Some((usize::try_from(number).ok()?, value.get("at")?.as_str()?))
}

fn collect(value: &Value, found: &mut Vec<usize>) {
    match (reference(value), value) {
        (Some((number, _)), _) => found.push(number),
        (None, Value::Array(items)) => items.iter().for_each(|item| collect(item, found)),
        (None, Value::Object(fields)) => fields.values().for_each(|field| collect(field, found)),
        _ => {}
    }
}
