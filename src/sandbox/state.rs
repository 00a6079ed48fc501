//! Everything that the sandbox knows, and how it answers a call that has been read.

use super::{
    auth::Doorkeeper,
    clock::Clock,
    drama::Dramas,
    endpoint::{Endpoint, Endpoints},
    envelope,
    faults::Faults,
    journal::Journal,
    model::{File, Refusal, Request},
    novel::Novels,
    options::Options,
    platform::{self, Platform, Surroundings},
    polyv::{self, Polyv},
    quota::{Counted, Quotas},
    shapes::Misfit,
    stub,
    wire::Wire,
};
use bytes::Bytes;
use fastrand::Rng;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug)]
pub(super) struct State {
    pub options: Options,
    pub clock: Clock,
    pub journal: Journal,
    pub faults: Faults,
    /// The mini programs that have lost the category which grants need.
    pub without_category: BTreeSet<String>,
    random: Rng,
    quotas: Quotas,
    platform: Platform,
    novels: Novels,
    dramas: Dramas,
    polyv: Polyv,
}

/// What a model made of a call.
#[derive(Debug)]
pub(super) enum Done {
    /// The fields of a JSON reply.
    Fields(Map<String, Value>),
    /// The bytes of a file.
    File(Download),
    /// No model: what the document shows.
    Example(Map<String, Value>),
}

#[derive(Debug, Clone)]
pub(super) struct Download {
    pub name: String,
    pub kind: &'static str,
    pub bytes: Bytes,
}

/// A reply that is ready to be written.
#[derive(Debug)]
pub(super) enum Reply {
    Json {
        body: Value,
        stub: bool,
    },
    File(Download),
    /// Of an API of the user's.
    Stub(stub::Answer),
    /// The sandbox is wrong: its reply does not fit the catalog.
    Wrong(String),
}

/// A reply, with what the journal notes about it.
#[derive(Debug)]
pub(super) struct Answered {
    pub reply: Reply,
    pub caller: String,
    pub code: i64,
}

impl State {
    pub fn new(options: Options) -> Self {
        let clock = Clock::new(options.now);
        let mut random = Rng::with_seed(options.seed);
        let (mut novels, mut dramas) = (Novels::default(), Dramas::default());
        for appid in options.appids() {
            novels.seed(appid, clock.now());
            dramas.seed(appid, clock.now());
        }
        Self {
            platform: Platform::new(random.fork()),
            polyv: Polyv::new(&options.accounts, random.fork(), clock.now()),
            novels,
            dramas,
            quotas: Quotas::default(),
            journal: Journal::default(),
            faults: Faults::new(random.fork()),
            without_category: BTreeSet::new(),
            random,
            clock,
            options,
        }
    }

    /// Begin again, as at the start.
    pub fn reset(&mut self) {
        *self = State::new(self.options.clone());
    }

    /// What has happened by itself until now.
    fn settle(&mut self, now: i64) {
        let mut events = self.novels.settle(now, &mut self.options.life);
        events.extend(self.dramas.settle(now, &mut self.options.life));
        events.sort_by_key(|event| event.time);
    }

    pub fn answer(&mut self, endpoints: &Endpoints, endpoint: &Endpoint, wire: Wire, ip: &str) -> Answered {
        let now = self.clock.now();
        self.settle(now);
        let keeper = Doorkeeper { accounts: &self.options.accounts, tokens: &self.platform.tokens, now };
        let (caller, done) = match keeper.caller(endpoint, &wire) {
            Ok(caller) => {
                let done = self.admitted(endpoints, Counted { endpoint, caller: &caller, ip, now }, wire);
                (caller, done)
            }
            Err(refusal) => (String::new(), Err(refusal)),
        };
        let (reply, code) = self.reply(endpoint, done);
        Answered { reply, caller, code }
    }

    fn admitted(&mut self, endpoints: &Endpoints, call: Counted, wire: Wire) -> Result<Done, Refusal> {
        self.quotas.admit(call)?;
        let done = self.perform(endpoints, call, wire);
        if done.is_err() {
            self.quotas.take_back(call);
        }
        done
    }

    fn perform(&mut self, endpoints: &Endpoints, call: Counted, wire: Wire) -> Result<Done, Refusal> {
        let endpoint = call.endpoint;
        if let Some(defect) = wire.defect {
            return Err(defect);
        }
        check(endpoint, &wire.fields, &wire.files)?;
        let Wire { fields, files, .. } = wire;
        let request = Request {
            operation: &endpoint.name,
            caller: call.caller,
            fields,
            files,
            now: call.now,
            life: &self.options.life,
            without_category: &self.without_category,
        };
        let done = match endpoint.operation.module.as_str() {
            "novel" => self.novels.answer(&request).map(|answer| answer.map(Done::Fields)),
            "drama" | "drama_player" => self.dramas.answer(&request).map(|answer| answer.map(Done::Fields)),
            "polyv" => self.polyv.answer(&self.options.accounts, &request, call.ip).map(|it| it.map(Done::Fields)),
            "platform" => {
                let around =
                    Surroundings { accounts: &self.options.accounts, quotas: &mut self.quotas, endpoints, ip: call.ip };
                self.platform.answer(&request, around)
            }
            _ => None,
        };
        done.unwrap_or_else(|| Ok(Done::Example(endpoint.example())))
    }

    fn reply(&mut self, endpoint: &Endpoint, done: Result<Done, Refusal>) -> (Reply, i64) {
        let id = self.request_id();
        let (fields, stub) = match done {
            Err(refusal) => {
                let code = refusal.code;
                return (Reply::Json { body: envelope::refusal(&endpoint.operation, refusal, &id), stub: false }, code);
            }
            Ok(Done::File(file)) => return (Reply::File(file), 0),
            Ok(Done::Fields(fields)) => (fields, false),
            Ok(Done::Example(fields)) => (fields, true),
        };
        let body = envelope::success(&endpoint.operation, fields, &id);
        if cfg!(debug_assertions)
            && let Err(misfit) = endpoint.check_reply(&body)
        {
            let reason = format!("the reply of {} does not fit the catalog: {misfit}: {body}", endpoint.name);
            return (Reply::Wrong(reason), 500);
        }
        (Reply::Json { body, stub }, 0)
    }

    /// A UUID, as Polyv numbers its calls.
    fn request_id(&mut self) -> String {
        let bits = self.random.u128(..);
        let hex = format!("{bits:032x}");
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

/// Whether the fields fit the catalog; if not, the code that the platform documents for it.
fn check(endpoint: &Endpoint, fields: &Map<String, Value>, files: &BTreeMap<String, File>) -> Result<(), Refusal> {
    let mut all = fields.clone();
    all.extend(files.keys().map(|name| (name.clone(), Value::String(String::new()))));
    let left_to_model = |misfit: &Misfit| Novels::judges(&endpoint.name, &misfit.path);
    endpoint.check_request(&Value::Object(all), left_to_model).map_err(|misfit| {
        let code = match endpoint.operation.module.as_str() {
            "novel" => Novels::misfit(&endpoint.name, &misfit.path),
            "drama" | "drama_player" => Dramas::misfit(&endpoint.name, &misfit.path),
            "platform" => platform::misfit(&misfit.path),
            "polyv" => polyv::misfit(&endpoint.name, &misfit.path),
            _ => 47003,
        };
        Refusal::new(code, format!("argument error: {misfit}"))
    })
}
