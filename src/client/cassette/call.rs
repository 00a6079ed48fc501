//! What a call asks for, as the catalog names it.

use super::format::{Fields, LARGEST};
use crate::{
    Error,
    catalog::{Body, Operation, Schema},
    client::{Options, Watch, account::Account, file, json::Json, secrets::hide_by_schema},
    error::Kind,
    rights::Reach,
};
use rhai::{Dynamic, Map};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read},
    sync::Arc,
};

/// One attempt of a call, before anything is made of it.
pub(in crate::client) struct Call<'a> {
    pub operation: &'a Operation,
    pub account: &'a Account,
    /// The fields that were given; what is filled in besides follows from the account and the clock.
    pub given: &'a Map,
    pub options: &'a Options,
    /// The files that may be sent.
    pub reach: &'a Reach,
}

/// The fields of a call as they are written and compared.
#[derive(Debug)]
pub(super) struct Asked {
    pub fields: Fields,
    /// Secrets that were among them.
    pub secrets: Vec<String>,
}

impl Call<'_> {
    /// Secrets become dots; files, and what is very large, become a hash. The watch sees the bytes of files, if there
    /// is one.
    pub(super) async fn asked(&self, watch: Option<Arc<dyn Watch>>) -> Result<Asked, Error> {
        let (mut fields, mut secrets) = (Fields::new(), Vec::new());
        for (name, given) in self.given {
            let schema = self.operation.input.properties.get(name.as_str());
            let is_file = self.operation.body == Body::Multipart && schema.is_some_and(Schema::is_binary);
            let kept = match is_file {
                true => self.file(name, given, watch.clone()).await?,
                false => plain(given, schema, &mut secrets)?,
            };
            fields.insert(name.to_string(), kept);
        }
        Ok(Asked { fields, secrets })
    }

    /// A blob, or the file of that name without its folder, which is another on every machine.
    async fn file(&self, field: &str, given: &Dynamic, watch: Option<Arc<dyn Watch>>) -> Result<Value, Error> {
        if let Ok(bytes) = given.as_blob_ref() {
            return Ok(hashed(&bytes));
        }
        let path = self.options.folder.join(given.to_string());
        let opened = file::open(field, &self.reach.read(&path)?, self.options)?;
        let read = tokio::task::spawn_blocking(move || hash_of(opened, watch)).await;
        let (length, hash) = read
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| Error::new(Kind::File, format!("`{field}`: cannot read {}: {error}", path.display())))?;
        Ok(json!({ "file": file::name(&path, field), "bytes": length, "sha256": hash }))
    }
}

fn plain(given: &Dynamic, schema: Option<&Schema>, secrets: &mut Vec<String>) -> Result<Value, Error> {
    let value = serde_json::to_value(Json::new(given));
    let mut value = value.map_err(|error| Error::new(Kind::Argument, error.to_string()))?;
    if let Some(schema) = schema {
        hide_by_schema(&mut value, schema, secrets);
    }
    let text = value.to_string();
    Ok(if text.len() > LARGEST { hashed(text.as_bytes()) } else { value })
}

fn hashed(bytes: &[u8]) -> Value {
    json!({ "bytes": bytes.len(), "sha256": sha256(bytes) })
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash_of(mut file: impl Read, watch: Option<Arc<dyn Watch>>) -> io::Result<(u64, String)> {
    let (mut hash, mut length) = (Sha256::new(), 0);
    let watch = watch.map(|watch| (watch.begin(), watch));
    let mut chunk = vec![0; 256 << 10];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok((length, hex(&hash.finalize())));
        }
        hash.update(&chunk[..read]);
        length += read as u64;
        if let Some((attempt, watch)) = &watch {
            watch.bytes(*attempt, &chunk[..read]);
        }
    }
}
