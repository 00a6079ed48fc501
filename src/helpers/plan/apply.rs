//! Makes the writes of a plan, in order, each only while what it touches is as the plan has seen it.

use super::{
    file::{Plan, Step, reference},
    made::{scalars, text},
    record::{digest, place_of},
    state::{Cache, Thing, as_fields, find, json, things},
};
use crate::{
    Error,
    client::{Client, Options, effect},
    error::Kind,
    rights::Call,
    store::Store,
};
use serde_json::{Map, Value};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

/// What became of a write.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It was made.
    Done,
    /// It was made when the plan was applied before.
    Already,
    /// What it touches is no longer as the plan has seen it: the thing as expected, and as it is.
    Moved(Box<Thing>, Value),
    /// The platform refused it, or it could not be sent.
    Failed(Error),
    /// It needs a write that was not made, or touches the same: that write's number.
    Skipped(usize),
    /// It was sent, now or before, and nobody knows whether it was done.
    Unknown(Option<Error>),
}

impl Fate {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Fate::Done => "done",
            Fate::Already => "already",
            Fate::Moved(..) => "refused",
            Fate::Failed(_) => "failed",
            Fate::Skipped(_) => "skipped",
            Fate::Unknown(_) => "unknown",
        }
    }

    /// Whether the write is made.
    pub fn is_made(&self) -> bool {
        matches!(self, Fate::Done | Fate::Already)
    }
}

/// A plan that is applied.
#[derive(Debug)]
pub struct Work<'a> {
    client: &'a Client,
    /// Looks at what the writes touch, which is none of the script's deeds.
    looking: Arc<Client>,
    store: &'a Store,
    plan: &'a Plan,
    /// What the replies had that later writes need, by the numbers of the writes.
    replies: HashMap<usize, Map<String, Value>>,
    /// What an own write has left behind, by the thing.
    left: HashMap<String, Value>,
    /// The writes that were not made, by the things that they touch.
    undone: HashMap<String, usize>,
    /// The numbers of those writes.
    lost: HashSet<usize>,
    /// States of writes of an earlier application.
    before: HashMap<i64, (String, String)>,
}

impl<'a> Work<'a> {
    /// All is checked that can be before anything is sent.
    pub async fn new(client: &'a Client, store: &'a Store, plan: &'a Plan) -> Result<Work<'a>, Error> {
        let before = store.plan_writes(&plan.digest).await?;
        for step in &plan.writes {
            let about = |error: Error| {
                let message = format!("write {} of the plan cannot be made: {error}", step.number);
                error.reworded(error.kind, message)
            };
            let operation = client.operation(&step.operation).map_err(about)?;
            let account = client.accounts().for_operation(&operation, Some(&step.account)).map_err(about)?;
            if let Some(place) = step.server.as_ref().filter(|place| **place != place_of(&account, &operation)) {
                let message = format!("the account {} was {place} when the plan was made", account.name);
                let error = Error::new(Kind::Conflict, message);
                return Err(about(error.hint("apply it with the configuration that it was made with, or plan anew")));
            }
            let plain = as_fields(&step.fields);
            let planned = effect(&operation, &plain);
            if planned.name() != step.effect {
                let error = Error::new(Kind::Conflict, "the catalog of this juben says that it does something else");
                return Err(about(error.hint("make the plan anew by `juben plan`")));
            }
            // What is made by another write of the plan is not known before: the call itself is looked at once more.
            if Plan::needs(step).is_empty() {
                let fields = plain.into_iter().chain(as_fields(&step.extra)).collect();
                let call = Call { operation: &operation, effect: planned, account: &account.name, fields: &fields };
                client.files().guard().call(&call).map_err(about)?;
            }
            step.fields.values().try_for_each(|value| unchanged(client, value)).map_err(about)?;
        }
        Ok(Work {
            client,
            looking: Arc::new(client.clone().guarded(Arc::default())),
            store,
            plan,
            replies: HashMap::new(),
            left: HashMap::new(),
            undone: HashMap::new(),
            lost: HashSet::new(),
            before,
        })
    }

    /// How many of its writes were made before.
    pub fn made_before(&self) -> usize {
        self.before.values().filter(|(state, _)| state == "done").count()
    }

    /// Make the writes; each is told of when it is known what became of it.
    pub async fn apply(mut self, mut told: impl FnMut(&Step, &Fate)) -> Result<(), Error> {
        for step in &self.plan.writes {
            let fate = self.step(step).await?;
            if !fate.is_made() {
                self.lost.insert(step.number);
                for key in self.keys(step) {
                    self.undone.entry(key).or_insert(step.number);
                }
            }
            told(step, &fate);
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<Fate, Error> {
        match self.before.get(&(step.number as i64)) {
            Some((state, reply)) if state == "done" => {
                self.replies.insert(step.number, serde_json::from_str(reply).unwrap_or_default());
                let later = self.named_later(step, &self.real(&step.fields)?);
                let left = self.seen(&later).await?;
                self.left.extend(left);
                return Ok(Fate::Already);
            }
            Some((state, _)) if state == "begun" => return Ok(Fate::Unknown(None)),
            _ => {}
        }
        let needed = Plan::needs(step).into_iter().find(|number| self.lost.contains(number));
        let touched = || self.keys(step).iter().find_map(|key| self.undone.get(key).copied());
        if let Some(number) = needed.or_else(touched) {
            return Ok(Fate::Skipped(number));
        }
        let fields = match self.real(&step.fields) {
            Ok(fields) => fields,
            Err(error) => return Ok(Fate::Failed(error)),
        };
        match self.moved(step, &fields).await {
            Ok(None) => {}
            Ok(Some((thing, now))) => return Ok(Fate::Moved(Box::new(thing), now)),
            Err(error) if error.kind.ends_the_run() => return Err(error),
            Err(error) => return Ok(Fate::Failed(error)),
        }
        let later = self.named_later(step, &fields);
        let kept = match self.as_expected(&later).await {
            Ok(kept) => kept,
            Err(error) if error.kind.ends_the_run() => return Err(error),
            Err(error) => return Ok(Fate::Failed(error)),
        };
        let fate = self.write(step, &fields).await?;
        if matches!(fate, Fate::Done) {
            // What the own write has left behind counts from here on, where nobody else had changed it before.
            let left = self.seen(&later).await?;
            self.left.extend(left.into_iter().filter(|(key, _)| kept.contains(key)));
        }
        Ok(fate)
    }

    async fn write(&mut self, step: &Step, fields: &Map<String, Value>) -> Result<Fate, Error> {
        let operation = self.client.operation(&step.operation)?;
        let extra = match self.real(&step.extra) {
            Ok(extra) => as_fields(&extra),
            Err(error) => return Ok(Fate::Failed(error)),
        };
        let options = Options { extra, range: step.range.clone(), ..options(step) };
        let number = step.number as i64;
        self.store.plan_write_is(&self.plan.digest, number, "begun", "{}").await?;
        let outcome = self.client.call(&operation, as_fields(fields), &options).await;
        match outcome {
            Ok(reply) => {
                let kept = self.needed_of(step.number, &json(&reply.into()));
                let text = Value::Object(kept.clone()).to_string();
                self.store.plan_write_is(&self.plan.digest, number, "done", &text).await?;
                self.replies.insert(step.number, kept);
                Ok(Fate::Done)
            }
            Err(error) if error.kind == Kind::UnknownOutcome => Ok(Fate::Unknown(Some(error))),
            Err(error) => {
                self.store.plan_write_is(&self.plan.digest, number, "failed", "{}").await?;
                if error.kind.ends_the_run() { Err(error) } else { Ok(Fate::Failed(error)) }
            }
        }
    }

    /// The first thing that is not as expected, and how it is.
    async fn moved(&self, step: &Step, fields: &Map<String, Value>) -> Result<Option<(Thing, Value)>, Error> {
        if step.expects.is_empty() {
            return Ok(None);
        }
        let now: HashMap<_, _> = self.now(step, fields, &mut Cache::new()).await?.into_iter().collect();
        for thing in &step.expects {
            let key = thing.key(&step.account);
            let expected = self.left.get(&key).unwrap_or(&thing.was);
            let found = now.get(&key).unwrap_or(&Value::Null);
            if found != expected {
                return Ok(Some((Thing { was: expected.clone(), ..thing.clone() }, found.clone())));
            }
        }
        Ok(None)
    }

    /// The later writes about things that this one names, and so may change; one for each thing.
    fn named_later(&self, step: &Step, fields: &Map<String, Value>) -> Vec<&'a Step> {
        let mut named = Vec::new();
        scalars(&Value::Object(fields.clone()), &mut named);
        let is_named = |thing: &Thing| {
            let mut names = Vec::new();
            thing.is.values().for_each(|value| scalars(value, &mut names));
            !names.is_empty() && names.iter().all(|name| named.contains(name))
        };
        let mut known = HashSet::new();
        let later = self.plan.writes.iter().filter(|it| it.number > step.number && it.account == step.account);
        let is_new = |it: &&Step| {
            let new =
                it.expects.iter().filter(|thing| is_named(thing)).map(|thing| known.insert(thing.key(&it.account)));
            new.filter(|new| *new).count() > 0
        };
        later.filter(is_new).collect()
    }

    /// The things of these writes that are as expected, by their keys.
    async fn as_expected(&self, steps: &[&Step]) -> Result<HashSet<String>, Error> {
        let now = self.seen(steps).await?;
        let things = steps.iter().flat_map(|step| step.expects.iter().map(|thing| (thing.key(&step.account), thing)));
        let same = things.filter(|(key, thing)| now.get(key) == Some(self.left.get(key).unwrap_or(&thing.was)));
        Ok(same.map(|(key, _)| key).collect())
    }

    /// The things of these writes, as they are now. What they touch is not made by another one, so their fields are known.
    async fn seen(&self, steps: &[&Step]) -> Result<HashMap<String, Value>, Error> {
        let (mut seen, mut cache) = (HashMap::new(), Cache::new());
        for step in steps {
            seen.extend(self.now(step, &step.fields, &mut cache).await?);
        }
        Ok(seen)
    }

    /// What this write touches, as it is now.
    async fn now(
        &self,
        step: &Step,
        fields: &Map<String, Value>,
        cache: &mut Cache,
    ) -> Result<Vec<(String, Value)>, Error> {
        let operation = self.client.operation(&step.operation)?;
        let fields = Value::Object(fields.clone());
        let things = things(&self.looking, &operation, &fields, &options(step), cache).await?;
        Ok(things.into_iter().map(|thing| (thing.key(&step.account), thing.was)).collect())
    }

    fn keys(&self, step: &Step) -> Vec<String> {
        step.expects.iter().map(|thing| thing.key(&step.account)).collect()
    }

    /// Fields with the platform's values in place of references, and paths in place of files.
    fn real(&self, fields: &Map<String, Value>) -> Result<Map<String, Value>, Error> {
        fields.iter().map(|(name, field)| Ok((name.clone(), self.value(field)?))).collect()
    }

    fn value(&self, value: &Value) -> Result<Value, Error> {
        if let Some((number, at)) = reference(value) {
            let found = self.replies.get(&number).and_then(|reply| reply.get(at));
            let missing = || Error::new(Kind::Conflict, format!("the reply to write {number} has no `{at}`"));
            return found.cloned().ok_or_else(missing);
        }
        match value {
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => match fields.get("$file") {
                Some(path) => Ok(path.clone()),
                None => self.real(fields).map(Value::Object),
            },
            other => Ok(other.clone()),
        }
    }

    /// What later writes need of the reply to this one, by its path.
    fn needed_of(&self, number: usize, reply: &Value) -> Map<String, Value> {
        let mut paths = HashSet::new();
        for step in &self.plan.writes {
            step.fields.values().chain(step.extra.values()).for_each(|value| wanted(value, number, &mut paths));
        }
        paths.into_iter().filter_map(|path| Some((path.to_owned(), find(reply, path)?.clone()))).collect()
    }
}

fn options(step: &Step) -> Options {
    Options { account: Some(step.account.clone()), ..Options::default() }
}

fn wanted<'a>(value: &'a Value, number: usize, paths: &mut HashSet<&'a str>) {
    match (reference(value), value) {
        (Some((of, at)), _) => paths.extend(Some(at).filter(|_| of == number)),
        (None, Value::Array(items)) => items.iter().for_each(|item| wanted(item, number, paths)),
        (None, Value::Object(fields)) => fields.values().for_each(|field| wanted(field, number, paths)),
        _ => {}
    }
}

/// A file must be the one that was planned.
fn unchanged(client: &Client, value: &Value) -> Result<(), Error> {
    let Some(path) = value.get("$file").and_then(Value::as_str) else { return Ok(()) };
    let (_, sum) = digest(&client.files().read(Path::new(path))?)?;
    match value.get("sha256").map(text) {
        Some(planned) if planned == sum => Ok(()),
        _ => Err(Error::new(Kind::Conflict, format!("the file {path} is no longer the one that was planned"))
            .hint("make the plan anew by `juben plan`")),
    }
}
