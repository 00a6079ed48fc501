//! Everything that the sandbox knows, and how it answers a call that has been read.

use super::{
    auth::Doorkeeper,
    clock::Clock,
    drama::Dramas,
    endpoint::{Endpoint, Endpoints},
    envelope,
    faults::Faults,
    grants::Grant,
    journal::Journal,
    life::{Event, Life},
    model::{File, Refusal, Request},
    novel::Novels,
    options::Options,
    platform::{self, Surroundings},
    polyv,
    push::{Delivery, Outbox},
    quota::Counted,
    shapes::Misfit,
    stub,
    wire::Wire,
    world::World,
};
use bytes::Bytes;
use fastrand::Rng;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

#[derive(Debug)]
pub(super) struct State {
    pub options: Options,
    pub clock: Clock,
    pub journal: Journal,
    pub faults: Faults,
    pub outbox: Outbox,
    /// Whether somebody in this process hears what the platforms tell.
    pub listened_to: bool,
    world: World,
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
    /// As the options say; an error when the world that they give cannot be read.
    pub fn new(options: Options) -> io::Result<Self> {
        let clock = Clock::new(options.now, options.clock_speed);
        let world = World::new(&options, clock.now());
        let faults = Faults::new(Rng::with_seed(options.seed));
        let mut state = State {
            journal: Journal::default(),
            faults,
            outbox: Outbox::default(),
            listened_to: false,
            world,
            clock,
            options,
        };
        if let Some(saved) = state.options.world.clone() {
            state.load(&saved).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        state.faults.add(state.options.faults.clone());
        Ok(state)
    }

    /// Begin again, as at the start.
    pub fn reset(&mut self) {
        if let Ok(new) = State::new(self.options.clone()) {
            *self = new;
        }
    }

    /// Write all that calls read and change, as JSON.
    pub fn dump(&mut self, out: impl io::Write) -> io::Result<()> {
        self.settle();
        self.world.dump(out)
    }

    /// Go on with a world that was dumped, or with those parts of it that are given.
    pub fn load(&mut self, saved: &str) -> Result<(), serde_json::Error> {
        self.settle();
        self.world.load(saved)?;
        self.clock = Clock::new(Some(self.world.now), self.clock.speed());
        Ok(())
    }

    pub fn life(&mut self) -> &mut Life {
        &mut self.world.life
    }

    /// The mini programs that have lost the category which grants need.
    pub fn without_category(&mut self) -> &mut BTreeSet<String> {
        &mut self.world.without_category
    }

    /// Move the clock forward; all that is due on the way happens at its time.
    pub fn advance(&mut self, seconds: i64) {
        self.clock.advance(seconds);
        self.settle();
    }

    /// What has happened by itself until now.
    pub fn settle(&mut self) {
        let events = self.world.settle(self.clock.now());
        events.into_iter().for_each(|event| self.push(event));
    }

    /// The live grants that end by then.
    pub fn ending(&self, by: i64) -> Vec<Grant> {
        let World { now, novels, dramas, .. } = &self.world;
        novels.ending(by).chain(dramas.ending(*now, by)).collect()
    }

    /// Tell the receiver of an event, if there is one.
    pub fn push(&mut self, event: Event) {
        let push = self.options.push.as_ref();
        if push.is_none() && !self.listened_to {
            return;
        }
        if push.is_some_and(|push| push.twice) {
            self.outbox.add(event.clone());
        }
        self.outbox.add(event);
    }

    /// The next event to tell of, and the note of its delivery.
    pub fn next_push(&mut self) -> Option<(Event, Delivery)> {
        self.settle();
        self.outbox.next()
    }

    pub fn answer(&mut self, endpoints: &Endpoints, endpoint: &Endpoint, wire: Wire, ip: &str) -> Answered {
        self.settle();
        let now = self.world.now;
        let keeper = Doorkeeper { accounts: &self.options.accounts, tokens: &self.world.platform.tokens, now };
        let (caller, done) = match keeper.caller(endpoint, &wire) {
            Ok(caller) => {
                let done = self.admitted(endpoints, Counted { endpoint, caller: &caller, ip, now }, wire);
                (caller, done)
            }
            Err(refusal) => (String::new(), Err(refusal)),
        };
        self.settle();
        let (reply, code) = self.reply(endpoint, done);
        Answered { reply, caller, code }
    }

    fn admitted(&mut self, endpoints: &Endpoints, call: Counted, wire: Wire) -> Result<Done, Refusal> {
        self.world.quotas.admit(call)?;
        let done = self.perform(endpoints, call, wire);
        if done.is_err() {
            self.world.quotas.take_back(call);
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
        let accounts = &self.options.accounts;
        let World { life, without_category, quotas, platform, novels, dramas, polyv, .. } = &mut self.world;
        let (operation, caller, now) = (&endpoint.name, call.caller, call.now);
        let request = Request { operation, caller, fields, files, now, life, without_category };
        let done = match endpoint.operation.module.as_str() {
            "novel" => novels.answer(&request).map(|answer| answer.map(Done::Fields)),
            "drama" | "drama_player" => dramas.answer(&request).map(|answer| answer.map(Done::Fields)),
            "polyv" => polyv.answer(accounts, &request, call.ip).map(|answer| answer.map(Done::Fields)),
            "platform" => platform.answer(&request, Surroundings { accounts, quotas, endpoints, ip: call.ip }),
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
        let bits = self.world.random.u128(..);
        let hex = format!("{bits:032x}");
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

/// Whether the fields fit the catalog; if not, the code that the platform documents for it.
fn check(endpoint: &Endpoint, fields: &Map<String, Value>, files: &BTreeMap<String, File>) -> Result<(), Refusal> {
    let mut all = fields.clone();
    all.extend(files.keys().map(|name| (name.clone(), Value::String(String::new()))));
    let left_to_model = |misfit: &Misfit| {
        let (name, path) = (&endpoint.name, &misfit.path);
        Novels::judges(name, path) || Dramas::judges(name, path) || polyv::judges(name, path)
    };
    endpoint.check_request(&Value::Object(all), left_to_model).map_err(|misfit| {
        let code = match endpoint.operation.module.as_str() {
            "novel" => Novels::misfit(&endpoint.name, &misfit.path),
            "drama" | "drama_player" => Dramas::misfit(&endpoint.name, &misfit),
            "platform" => platform::misfit(&misfit.path),
            "polyv" => polyv::misfit(&endpoint.name, &misfit.path),
            _ => 47003,
        };
        Refusal::new(code, format!("argument error: {misfit}"))
    })
}
