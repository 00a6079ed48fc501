//! The platform operations as their callers see them.

mod body;
mod component;
mod material;
mod quota;
mod save;
mod token;

use super::{Platform, Surroundings, misfit};
use crate::sandbox::{
    auth::Doorkeeper,
    endpoint::{Endpoint, Endpoints},
    envelope,
    life::Life,
    model::{File, Refusal, Request},
    options::{Account, Authorizer, Options},
    quota::{Counted, Quotas},
    state::{Done, Download},
    wire::Wire,
};
use fastrand::Rng;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const NOW: i64 = 1_735_689_600;
const DAY: i64 = 86_400;
const ME: &str = "wx1234567890abcdef";
const AGENCY: &str = "wxc000000000000001";
const MERCHANT: &str = "wx00000000000000c1";

/// A caller in front of a fresh platform.
struct Desk {
    platform: Platform,
    quotas: Quotas,
    accounts: Vec<Account>,
    now: i64,
    ip: &'static str,
}

impl Desk {
    fn new() -> Self {
        Self {
            platform: Platform::new(Rng::with_seed(7), NOW),
            quotas: Quotas::default(),
            accounts: Options::default().accounts,
            now: NOW,
            ip: "203.0.113.9",
        }
    }

    /// Call with a token, or without one when it is empty.
    #[track_caller]
    fn send(&mut self, name: &str, token: &str, fields: Value, files: &[(&str, File)]) -> Result<Done, Refusal> {
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        let endpoint = endpoint(&format!("platform.{name}"));
        let texts = BTreeMap::from([("access_token".to_owned(), token.to_owned())]);
        let wire = Wire { texts, fields, ..Wire::default() };
        let keeper = Doorkeeper { accounts: &self.accounts, tokens: &self.platform.tokens, now: self.now };
        let caller = keeper.caller(endpoint, &wire)?;
        let call = Counted { endpoint, caller: &caller, ip: self.ip, now: self.now };
        self.quotas.admit(call)?;
        let done = self.perform(call, wire.fields, files);
        if done.is_err() {
            self.quotas.take_back(call);
        }
        done
    }

    fn perform(&mut self, call: Counted, fields: Map<String, Value>, files: &[(&str, File)]) -> Result<Done, Refusal> {
        let mut all = fields.clone();
        all.extend(files.iter().map(|(name, _)| ((*name).to_owned(), json!(""))));
        let fits = call.endpoint.check_request(&Value::Object(all), |_| false);
        fits.map_err(|wrong| Refusal::new(misfit(&wrong.path), wrong.message))?;
        let file = |(name, file): &(&str, File)| {
            let File { name: title, bytes, size, md5 } = file;
            let copy = File { name: title.clone(), bytes: bytes.clone(), size: *size, md5: md5.clone() };
            ((*name).to_owned(), copy)
        };
        let request = Request {
            operation: &call.endpoint.name,
            caller: call.caller,
            fields,
            files: files.iter().map(file).collect(),
            now: self.now,
            life: &Life::default(),
            without_category: &BTreeSet::new(),
        };
        let around = Surroundings {
            accounts: &self.accounts,
            quotas: &mut self.quotas,
            endpoints: Endpoints::builtin(),
            ip: self.ip,
        };
        self.platform.answer(&request, around).expect("the operation has a model")
    }

    /// A reply that fits the catalog.
    #[track_caller]
    fn ok(&mut self, name: &str, token: &str, fields: Value) -> Value {
        self.ok_with(name, token, fields, &[])
    }

    #[track_caller]
    fn ok_with(&mut self, name: &str, token: &str, fields: Value, files: &[(&str, File)]) -> Value {
        let endpoint = endpoint(&format!("platform.{name}"));
        match self.send(name, token, fields, files).expect("the call is answered") {
            Done::Fields(fields) => {
                let reply = envelope::success(&endpoint.operation, fields, "");
                endpoint.check_reply(&reply).unwrap_or_else(|wrong| panic!("{name} answers {reply}: {wrong}"));
                reply
            }
            other => panic!("{name} answers {other:?}"),
        }
    }

    #[track_caller]
    fn file(&mut self, name: &str, token: &str, fields: Value) -> Download {
        match self.send(name, token, fields, &[]).expect("the call is answered") {
            Done::File(file) => file,
            other => panic!("{name} answers {other:?}"),
        }
    }

    #[track_caller]
    fn refused(&mut self, name: &str, token: &str, fields: Value) -> i64 {
        self.send(name, token, fields, &[]).expect_err("the call is refused").code
    }

    #[track_caller]
    fn stable(&mut self, force: bool) -> String {
        text(&self.ok("get_stable_access_token", "", credentials(force))["access_token"])
    }

    #[track_caller]
    fn component_token(&mut self) -> String {
        text(&self.ok("get_component_access_token", "", ticket())["component_access_token"])
    }

    #[track_caller]
    fn quota(&mut self, path: &str) -> Value {
        let token = self.stable(false);
        self.ok("get_api_quota", &token, json!({ "cgi_path": path }))["quota"].clone()
    }

    /// What a call that needs an own token says to this one: 0 when it is good.
    #[track_caller]
    fn code(&mut self, token: &str) -> i64 {
        let fields = json!({ "cgi_path": "/wxa/sec/vod/listmedia" });
        self.send("get_api_quota", token, fields, &[]).map_or_else(|refusal| refusal.code, |_| 0)
    }
}

#[track_caller]
fn endpoint(name: &str) -> &'static Endpoint {
    Endpoints::builtin().named(name).expect("an operation of the catalog")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn credentials(force: bool) -> Value {
    json!({ "grant_type": "client_credential", "appid": ME, "secret": "sandbox-secret", "force_refresh": force })
}

fn ticket() -> Value {
    json!({
        "component_appid": AGENCY, "component_appsecret": "sandbox-secret", "component_verify_ticket": "ticket@@@sandbox",
    })
}

/// The same with another value in one field, or without it.
fn but(mut fields: Value, field: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(fields.as_object_mut().expect("an object").remove(field)),
        value => fields[field] = value,
    }
    fields
}
