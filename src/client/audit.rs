//! Every write leaves an entry in the store: that it begins, before it is sent, and how it ended.

use super::{Client, account::Account, effect, secrets::Secrets};
use crate::{
    Error,
    catalog::{Operation, Place, Schema},
    error::Kind,
    secret::Secret,
    store::{Begun, Ended, Entry, Store},
};
use jiff::Timestamp;
use rhai::{Dynamic, Map};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::OnceCell;

/// A name is cut after so many characters.
const LONGEST: usize = 200;
/// Of a field in many rows so many values are kept.
const MOST: usize = 1000;

/// What a run is known by in the log.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// The job and the number, or a random word for one by hand.
    pub name: String,
    /// The script.
    pub script: Option<String>,
    /// SHA-256 of its text, in hex.
    pub script_hash: Option<String>,
    /// The versions of the packages that it may import, by their names.
    pub packages: BTreeMap<String, String>,
}

/// Where the writes of a run are noted.
#[derive(Debug, Clone)]
pub(super) struct Audit {
    store: Arc<Store>,
    run: Arc<Run>,
}

/// The entry of one write.
pub(super) struct Noted<'a> {
    audit: &'a Audit,
    operation: &'a Operation,
    account: &'a Account,
    /// The number of the row that began it.
    begun: OnceCell<i64>,
}

tokio::task_local! {
    /// The source whose code makes the calls.
    static SOURCE: Option<String>;
}

/// Do this for code of that source.
pub fn called_by<W: Future>(source: Option<&str>, work: W) -> impl Future<Output = W::Output> + use<W> {
    SOURCE.scope(source.map(str::to_owned), work)
}

/// The same for a task of its own, which would not know who has begun it.
pub fn for_caller<W: Future>(work: W) -> impl Future<Output = W::Output> {
    called_by(caller().as_deref(), work)
}

/// The source whose code makes the call, where that is known.
pub fn caller() -> Option<String> {
    SOURCE.try_with(Clone::clone).ok().flatten()
}

impl Run {
    /// One by hand: a word that can be said, such as `kobatire`.
    pub fn by_hand() -> Run {
        let syllable = |_| {
            let of = |letters: &str| letters.as_bytes()[fastrand::usize(..letters.len())];
            [of("bdfghjklmnprstvz"), of("aeiou")].map(char::from)
        };
        Run { name: (0..5).flat_map(syllable).collect(), ..Run::default() }
    }

    /// The package that this source is of, with its version.
    fn package(&self, source: &str) -> Option<String> {
        let end = source.match_indices('/').nth(1)?.0;
        let (name, version) = self.packages.get_key_value(&source[..end])?;
        Some(format!("{name} {version}"))
    }
}

impl Client {
    /// Note every write in this store. It is one by hand until [`Client::of_run`] says more.
    pub fn audited(mut self, store: &Arc<Store>) -> Self {
        self.audit = Some(Audit { store: store.clone(), run: Arc::new(Run::by_hand()) });
        self
    }

    /// The writes are those of this run, if they are noted. One by hand keeps its word.
    pub fn of_run(mut self, run: Run) -> Self {
        if let Some(audit) = &mut self.audit {
            let name = if run.name.is_empty() { audit.run.name.clone() } else { run.name };
            audit.run = Arc::new(Run { name, ..run });
        }
        self
    }
}

impl Audit {
    /// What is known of whatever begins now: the run, and whose code calls.
    pub(super) fn now(&self) -> Begun {
        Begun {
            at: Timestamp::now().as_millisecond(),
            run: self.run.name.clone(),
            script: self.run.script.clone(),
            script_hash: self.run.script_hash.clone(),
            by: caller().and_then(|source| self.run.package(&source)),
            ..Begun::default()
        }
    }

    /// Note that this is about to be sent, by its number. What cannot be noted is not sent.
    pub(super) async fn begin(&self, begun: Begun) -> Result<i64, Error> {
        let noted = self.store.log_write(Entry::Begun(Box::new(begun))).await;
        noted.map_err(|error| error.reworded(error.kind, format!("not sent, as it cannot be noted: {error}")))
    }

    /// Note how what began with that number has ended.
    pub(super) async fn end(&self, begun: i64, error: Option<&Error>) {
        let outcome = match error {
            None => "done",
            Some(error) if error.kind == Kind::UnknownOutcome => "unknown",
            Some(_) => "failed",
        };
        let ended = Ended {
            at: Timestamp::now().as_millisecond(),
            begun,
            outcome: outcome.to_owned(),
            kind: error.map(|error| error.kind.name().to_owned()),
            code: error.and_then(|error| error.code),
        };
        if let Err(error) = self.store.log_write(Entry::Ended(ended)).await {
            tracing::warn!("how write {begun} ended is not in the audit log: {error}");
        }
    }
}

impl<'a> Noted<'a> {
    /// For one write; nothing is noted yet.
    pub(super) fn new(client: &'a Client, operation: &'a Operation, account: &'a Account) -> Option<Noted<'a>> {
        client.audit.as_ref().map(|audit| Noted { audit, operation, account, begun: OnceCell::new() })
    }

    /// It is about to be sent. What cannot be noted is not sent.
    pub(super) async fn begin(&self, sent: &Map, secrets: impl FnOnce() -> Secrets) -> Result<(), Error> {
        let begin = || self.audit.begin(self.begun(sent, &secrets()));
        self.begun.get_or_try_init(begin).await.map(drop)
    }

    fn begun(&self, sent: &Map, secrets: &Secrets) -> Begun {
        let batch = self.operation.batch.as_ref().and_then(|batch| sent.get(batch.rows.as_str()));
        let mut target = names(self.operation, sent);
        secrets.hide_fields(&mut target);
        // Not before: half a secret would not be known as one.
        target.values_mut().for_each(shorten);
        Begun {
            account: self.account.name.clone(),
            server: self.account.server(self.operation).to_owned(),
            operation: self.operation.full_name(),
            effect: effect(self.operation, sent).name().to_owned(),
            target,
            rows: batch.and_then(|rows| rows.as_array_ref().ok().map(|rows| rows.len())),
            ..self.audit.now()
        }
    }

    /// It has ended so, if it has begun.
    pub(super) async fn end(self, outcome: &Result<Map, Error>) {
        if let Some(begun) = self.begun.get() {
            self.audit.end(*begun, outcome.as_ref().err()).await;
        }
    }
}

/// The fields that name what a call touches, without secrets and bodies; of rows, the values one after the other.
fn names(operation: &Operation, sent: &Map) -> serde_json::Map<String, Value> {
    let mut found = BTreeMap::<String, Vec<Value>>::new();
    for (name, schema) in operation.input.properties.iter().filter(|(_, schema)| schema.from.is_none()) {
        if let Some(value) = sent.get(name.as_str()) {
            let is_name = is_name(name) || operation.places.get(name) == Some(&Place::Path);
            collect(name, is_name, schema, value, &mut found);
        }
    }
    let whole = |mut values: Vec<Value>| {
        let same = values.windows(2).all(|pair| pair[0] == pair[1]);
        if same { values.swap_remove(0) } else { Value::Array(values) }
    };
    found.into_iter().map(|(path, values)| (path, whole(values))).collect()
}

fn collect(path: &str, is_name: bool, schema: &Schema, value: &Dynamic, found: &mut BTreeMap<String, Vec<Value>>) {
    if schema.is_secret() || schema.is_binary() || value.is::<Secret>() {
        return;
    }
    if let Ok(fields) = value.as_map_ref() {
        for (name, value) in fields.iter() {
            if let Some(schema) = schema.properties.get(name.as_str()) {
                collect(&format!("{path}.{name}"), self::is_name(name), schema, value, found);
            }
        }
    } else if let Ok(items) = value.as_array_ref() {
        let Some(schema) = &schema.items else { return };
        items.iter().for_each(|item| collect(path, is_name, schema, item, found));
    } else if is_name && let Some(value) = number_or_text(value) {
        let values = found.entry(path.to_owned()).or_default();
        if values.len() < MOST {
            values.push(value);
        }
    }
}

/// Whether a field of this name tells one thing from another.
fn is_name(field: &str) -> bool {
    let last = |length: usize| field.len().checked_sub(length).and_then(|start| field.get(start..));
    let ends = |end: &&str| last(end.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(end));
    ["id", "ids", "id_list", "name", "title", "cert_no"].iter().any(ends)
}

fn number_or_text(value: &Dynamic) -> Option<Value> {
    match value.as_int() {
        Ok(number) => Some(number.into()),
        Err(_) => value.as_immutable_string_ref().ok().map(|text| text.as_str().into()),
    }
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => *text = shortened(text),
        Value::Array(values) => values.iter_mut().for_each(shorten),
        _ => {}
    }
}

/// A name, or the beginning of one that is too long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog::Catalog, client::decode};

    fn named(operation: &str, fields: &str) -> String {
        let operation = Catalog::builtin().named(operation).unwrap();
        let fields = decode(fields.as_bytes()).unwrap().cast();
        Value::Object(names(&operation, &fields)).to_string()
    }

    #[test]
    fn what_a_write_touches_is_told_by_ids_and_names_alone() {
        let rows = r#"{"books":[{"book_id":"a","grantee_appid":"wx1","expire_time":1},
                      {"book_id":"b","grantee_appid":"wx1","expire_time":1}]}"#;
        let expected = r#"{"books.book_id":["a","b"],"books.grantee_appid":"wx1"}"#;
        assert_eq!(named("novel.add_book_auth", rows), expected);
        assert_eq!(named("drama.delete_media", r#"{"media_id":9007199254740993}"#), r#"{"media_id":9007199254740993}"#);
        let chapter = r#"{"book_id":"b","chapter":{"chapter_title":"第一章","content":"long","original_id":"o1"}}"#;
        let expected = r#"{"book_id":"b","chapter.chapter_title":"第一章","chapter.original_id":"o1"}"#;
        assert_eq!(named("novel.create_chapter", chapter), expected);
        assert_eq!(named("platform.get_access_token", r#"{"appid":"wx1","secret":"s"}"#), "{}");
    }

    #[test]
    fn code_of_a_package_is_known_by_its_source() {
        let run = Run { packages: [("team/grants".to_owned(), "1.2.0".to_owned())].into(), ..Run::by_hand() };
        assert_eq!(run.package("team/grants/grants.rhai").as_deref(), Some("team/grants 1.2.0"));
        assert_eq!(run.package("team/other/x.rhai"), None);
        assert_eq!(run.package("scripts/team.rhai"), None);
        assert_eq!(run.name.len(), 10);
    }
}
