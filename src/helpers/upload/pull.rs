//! Videos that the platform fetches itself.

use super::{Uploader, source::check_name};
use crate::{Error, error::Kind};
use rhai::Map;

/// Let the platform fetch a video; the result is the task. The fields are those of `drama.pull_upload` besides the URL.
pub async fn pull(uploader: &Uploader, url: &str, mut fields: Map) -> Result<i64, Error> {
    if !["http://", "https://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme)) {
        let error = Error::new(Kind::Argument, format!("{url:?} is not an address that the platform can fetch"));
        return Err(error.hint("it begins with https:// or http://"));
    }
    if let Some(name) = fields.get("media_name") {
        check_name(&name.to_string(), false)?;
    }
    fields.insert("media_url".into(), url.to_owned().into());
    let reply = uploader.call("drama.pull_upload", fields, &uploader.options, None).await?;
    let task = reply.get("task_id").and_then(|task| task.as_int().ok());
    task.ok_or_else(|| Error::new(Kind::Server, "the platform gave no task"))
}
