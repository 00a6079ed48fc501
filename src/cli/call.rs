//! `juben call OPERATION` — one operation from the shell.

use super::{
    Common, calls,
    output::{Output, rows_of, write_result},
    session::{Cassette, Session, Target, until_stopped},
};
use crate::{
    Error,
    catalog::{Operation, Schema, Type},
    client::{self, Options},
    error::Kind,
};
use clap::Args;
use rhai::{Dynamic, Map};
use std::io::Read;
use tokio_util::sync::CancellationToken;

/// Call one operation; its reply is written as JSON
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben call drama.list_media limit=3 --sandbox\n  juben call novel.list_books --sandbox --output csv > books.csv\n  juben call novel.get_book book_id=Bk7aQ2x9 need_edited_data=true\n  juben call novel.add_book_auth \\\n    'books=[{\"book_id\":\"…\",\"grantee_appid\":\"…\",\"expire_time\":1798761600}]'\n  juben call drama.audit_drama @drama.json"
)]
pub(super) struct Call {
    /// The operation, such as drama.list_media
    operation: String,
    /// Fields as name=value (a list or a map as JSON), or all of them as @FILE with a JSON object (@- reads standard input)
    fields: Vec<String>,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    cassette: Cassette,
    /// How the reply is written; of a listing, table and csv are its items
    #[arg(long, value_enum, default_value = "json")]
    output: Output,
}

impl Call {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        let session = Session::open(&self.target, &self.cassette, common).await?;
        let operation = session.client.operation(&self.operation).map_err(of_command_line)?;
        let fields = fields_of(&operation, &self.fields)?;
        let options = Options { account: session.account.clone(), folder: ".".into(), ..Options::default() };
        let work = session.client.call(&operation, fields, &options);
        let reply = session.client.ended(until_stopped(CancellationToken::new(), None, work).await);
        calls::keep(&session.meter, &session.store).await;
        let reply = reply.map_err(of_command_line)?;
        write_result(&written(&operation, reply.into(), self.output), Some(self.output))
    }
}

/// What is written of a reply: of a listing in rows its items, otherwise all of it.
fn written(operation: &Operation, reply: Dynamic, output: Output) -> Dynamic {
    let at = |path: &String| {
        path.split('.').try_fold(reply.clone(), |value, step| value.as_map_ref().ok()?.get(step).cloned())
    };
    let pages = operation.pages.as_ref().filter(|_| matches!(output, Output::Table | Output::Csv));
    let items = pages.and_then(|pages| pages.items.iter().filter_map(at).find(|items| rows_of(items).is_some()));
    items.unwrap_or(reply)
}

/// A name or a field that is wrong is a command line that is wrong.
fn of_command_line(error: Error) -> Error {
    if error.kind == Kind::Argument { error.reworded(Kind::Usage, error.to_string()) } else { error }
}

fn fields_of(operation: &Operation, given: &[String]) -> Result<Map, Error> {
    let mut fields = Map::new();
    for text in given {
        if let Some(path) = text.strip_prefix('@') {
            fields.extend(whole_map(path)?);
        } else {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                Error::new(Kind::Usage, format!("{text:?} is not a field")).hint("write name=value, or @FILE")
            })?;
            fields.insert(name.into(), value_of(operation.input.properties.get(name), name, value)?);
        }
    }
    Ok(fields)
}

fn whole_map(path: &str) -> Result<Map, Error> {
    let unreadable = |error: std::io::Error| Error::new(Kind::File, format!("cannot read {path}: {error}"));
    let mut text = Vec::new();
    match path {
        "-" => std::io::stdin().read_to_end(&mut text).map(drop).map_err(unreadable)?,
        _ => text = std::fs::read(path).map_err(unreadable)?,
    }
    let value =
        client::decode(&text).map_err(|error| Error::new(Kind::Usage, format!("{path} is not JSON: {error}")))?;
    value.try_cast().ok_or_else(|| Error::new(Kind::Usage, format!("{path} is not a JSON object")))
}

/// The schema decides how a text is read: `123` is a number where a number is taken, and a text where a text is.
fn value_of(schema: Option<&Schema>, name: &str, text: &str) -> Result<Dynamic, Error> {
    let plain = || Dynamic::from(text.to_owned());
    if schema.is_some_and(|schema| schema.allows(Type::String) && !schema.types.is_empty()) {
        return Ok(plain());
    }
    match client::decode(text.as_bytes()) {
        Err(error) if text.starts_with(['{', '[']) => {
            Err(Error::new(Kind::Usage, format!("`{name}` is not JSON: {error}"))
                .hint("put it between single quotes, or the whole of the fields into a file: @FILE"))
        }
        value => Ok(value.unwrap_or_else(|_| plain())),
    }
}
