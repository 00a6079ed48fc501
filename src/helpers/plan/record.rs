//! Keeps the writes of a script that is planned.

use super::{
    cannot,
    file::{Part, Step},
    made::Made,
    state::{Cache, json, things},
};
use crate::{
    Error,
    catalog::{Operation, Schema},
    client::{Account, Client, Options, Planner, effect, example_reply, script_value, sha256},
    rights::Place,
    secret::Secret,
};
use futures_util::future::BoxFuture;
use rhai::{Dynamic, Map};
use serde_json::{Value, json};
use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard},
};
use tokio::sync::Mutex;

/// What a script would do, as far as it has come.
#[derive(Debug, Default)]
pub struct Recorder {
    /// Whose code it is made of.
    pub parts: OnceLock<Vec<Part>>,
    /// The files of this machine that it has written.
    pub files: OnceLock<Vec<PathBuf>>,
    /// The writes. They come one after the other, whoever makes them at once.
    recorded: Mutex<Recorded>,
    made: RwLock<Made>,
}

#[derive(Debug, Default)]
struct Recorded {
    steps: Vec<Step>,
    read: Cache,
}

impl Recorder {
    /// The writes that were kept.
    pub async fn steps(&self) -> Vec<Step> {
        self.recorded.lock().await.steps.clone()
    }

    fn made(&self) -> RwLockReadGuard<'_, Made> {
        self.made.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn record(
        &self,
        client: Client,
        operation: &Operation,
        account: &Account,
        fields: &Map,
        options: &Options,
    ) -> Result<Map, Error> {
        let mut recorded = self.recorded.lock().await;
        let number = recorded.steps.len() + 1;
        let request = without_secrets(&client, operation, fields)?;
        let of_fields = with_files(&client, operation, &request, fields, &options.folder)?;
        let Value::Object(of_fields) = self.made().referred(of_fields)? else { return Err(cannot("no fields")) };
        let extra = self.made().referred(json(&options.extra.clone().into()))?;
        let effect = effect(operation, fields);
        let stand = self.made().within(&request).map(|stand| stand.number);
        let (expects, unchecked) = match stand {
            Some(number) => (Vec::new(), Some(format!("what it touches is made by write {number}"))),
            None => {
                let options = Options { account: Some(account.name.clone()), ..Options::default() };
                // What juben itself looks at is none of the script's deeds.
                let client = Arc::new(client.guarded(Arc::default()));
                let found = things(&client, operation, &request, &options, &mut recorded.read).await;
                let found = found.map_err(|error| {
                    cannot(format!("what write {number} of the plan touches cannot be read: {error}"))
                        .hinted(error.hint.clone())
                })?;
                let why =
                    if operation.target.is_some() { "it makes something new" } else { "no read shows what it touches" };
                let unchecked = found.is_empty().then(|| why.to_owned());
                (found, unchecked)
            }
        };
        let mut reply = json(&example_reply(operation, fields).into());
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        made.put_into(&mut reply, number, operation, &request);
        recorded.steps.push(Step {
            number,
            operation: operation.full_name(),
            effect: effect.name().to_owned(),
            account: account.name.clone(),
            server: Some(place_of(account, operation)),
            fields: of_fields,
            extra: extra.as_object().cloned().unwrap_or_default(),
            range: options.range.clone(),
            expects,
            unchecked,
        });
        Ok(script_value(&reply).try_cast().unwrap_or_default())
    }
}

impl Planner for Recorder {
    fn keep<'a>(
        &'a self,
        client: Client,
        operation: &'a Operation,
        account: &'a Account,
        fields: &'a Map,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Map, Error>> {
        Box::pin(self.record(client, operation, account, fields, options))
    }

    fn allows(&self, _operation: &Operation, fields: &Map) -> Result<(), Error> {
        let made = self.made();
        let Some(stand) = made.within(&json(&fields.clone().into())) else { return Ok(()) };
        let message = format!(
            "a plan cannot read what does not exist yet: write {} of the plan will make its `{}`",
            stand.number, stand.at
        );
        Err(cannot(message).hint("plan up to here and the rest in a second script, or run it instead of planning it"))
    }
}

/// Where an account sends a call, and as whom: `https://api.weixin.qq.com wx1234567890abcdef`.
pub(super) fn place_of(account: &Account, operation: &Operation) -> String {
    let name = account.settings.appid.as_ref().or(account.settings.userid.as_ref());
    format!("{} {}", account.server(operation), name.map_or("", String::as_str)).trim_end().to_owned()
}

/// The fields as JSON. A plan lies about and is read by others: it has no secrets.
fn without_secrets(client: &Client, operation: &Operation, fields: &Map) -> Result<Value, Error> {
    let guarded = |name: &str, value: &Dynamic| {
        value.is::<Secret>() || operation.input.properties.get(name).is_some_and(Schema::is_secret)
    };
    let named = fields.iter().find(|(name, value)| guarded(name, value)).map(|(name, _)| name.to_string());
    let value = json(&fields.clone().into());
    match named {
        Some(name) => Err(cannot(format!("`{name}` is a secret, and a plan keeps none"))),
        None if client.knows_secret_in(&value.to_string()) => {
            Err(cannot("a secret of juben.toml stands in its fields, and a plan keeps none"))
        }
        None => Ok(value),
    }
    .map_err(|error| error.hint("run the script instead of planning it"))
}

/// The fields with files by their path, size and SHA-256.
fn with_files(
    client: &Client,
    operation: &Operation,
    request: &Value,
    fields: &Map,
    folder: &Path,
) -> Result<Value, Error> {
    let mut request = request.clone();
    for (name, _) in operation.input.properties.iter().filter(|(_, schema)| schema.is_binary()) {
        let Some(value) = fields.get(name.as_str()) else { continue };
        let Ok(path) = value.as_immutable_string_ref() else {
            let error = cannot(format!("`{name}` is given as bytes, and a plan keeps none"));
            return Err(error.hint("give the path of a file"));
        };
        let path = std::path::absolute(folder.join(path.as_str())).unwrap_or_else(|_| folder.join(path.as_str()));
        let (size, sum) = digest(&client.files().read(&path)?)?;
        request[name.as_str()] = json!({ "$file": path.display().to_string(), "size": size, "sha256": sum });
    }
    Ok(request)
}

/// Size and SHA-256 of a file.
pub(super) fn digest(place: &Place) -> Result<(usize, String), Error> {
    let whole = |mut file: std::fs::File| {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes: io::Result<_> = place.open().and_then(whole);
    let bytes = bytes.map_err(|error| place.unreadable(&error))?;
    Ok((bytes.len(), sha256(&bytes)))
}
