//! `juben uploads` — what was uploaded from here, and what stopped half-way.

use super::{
    Common, calls,
    lines::Lines,
    output::{Form, write_result, write_rows},
    session::{Cassette, Session, Target, until_stopped},
};
use crate::{
    Error,
    client::Options,
    config,
    error::Kind,
    helpers::{
        progress::Progress,
        upload::{Uploader, Wanted},
    },
    host::Line,
    store::{State, Store, Upload},
};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use rhai::{Array, Dynamic, Map};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// List the uploads of this user; resume or forget those that stopped
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  juben uploads\n  juben uploads resume\n  juben uploads resume 3 --limit-rate 2M\n  juben uploads forget 3"
)]
pub(super) struct Uploads {
    #[command(subcommand)]
    deed: Option<Deed>,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Go on with uploads that stopped: all of them, or these
    Resume {
        /// Their numbers, as `juben uploads` lists them
        ids: Vec<i64>,
        #[command(flatten)]
        target: Target,
    },
    /// Forget uploads that are not running: what they have sent is sent again next time
    Forget {
        /// Their numbers, as `juben uploads` lists them
        #[arg(required_unless_present = "done")]
        ids: Vec<i64>,
        /// All that are done: whether their files are media already is then judged by name and size alone
        #[arg(long)]
        done: bool,
    },
}

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 6] = ["id", "state", "media_name", "media_id", "sent", "size"];

impl Uploads {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        if let Some(Deed::Resume { ids, target }) = &self.deed {
            return resume(ids, target, common).await;
        }
        let store = Store::at(config::state_folder(common.state.as_deref())?);
        if let Some(Deed::Forget { ids, done }) = self.deed {
            return forget(&store, &ids, done).await;
        }
        let mut rows = Array::new();
        // The latest last, where the eye is.
        for upload in store.uploads().await?.iter().rev() {
            rows.push(row(&store, upload).await?);
        }
        write_rows(&rows.into(), &COLUMNS, self.form.output)
    }
}

/// The uploads of these numbers; all when there are none.
async fn chosen(store: &Store, ids: &[i64]) -> Result<Vec<Upload>, Error> {
    let mut uploads = store.uploads().await?;
    if let Some(id) = ids.iter().find(|id| !uploads.iter().any(|upload| upload.id == **id)) {
        let error = Error::new(Kind::Usage, format!("there is no upload {id}"));
        return Err(error.hint("`juben uploads` lists them with their numbers"));
    }
    uploads.retain(|upload| ids.is_empty() || ids.contains(&upload.id));
    Ok(uploads)
}

async fn forget(store: &Store, ids: &[i64], done: bool) -> Result<(), Error> {
    chosen(store, ids).await?;
    let mut chosen = store.uploads().await?;
    chosen.retain(|upload| ids.contains(&upload.id) || done && upload.state == State::Done);
    for upload in &chosen {
        let lock = store.try_lock(&Upload::lock_name(&upload.target, &upload.media_name))?;
        let Some(_lock) = lock else {
            let message = format!("upload {} ({}) is running", upload.id, upload.media_name);
            return Err(Error::new(Kind::Conflict, message).hint("stop it first by Ctrl-C"));
        };
        store.forget_upload(upload.id).await?;
    }
    tracing::info!("{} forgotten", chosen.len());
    Ok(())
}

/// `done`, `running` or `stopped`.
fn state(store: &Store, upload: &Upload) -> Result<&'static str, Error> {
    if upload.state == State::Done {
        return Ok("done");
    }
    let free = store.try_lock(&Upload::lock_name(&upload.target, &upload.media_name))?.is_some();
    Ok(if free { "stopped" } else { "running" })
}

async fn row(store: &Store, upload: &Upload) -> Result<Dynamic, Error> {
    let sent = match upload.state {
        // In one call: all or nothing.
        State::Ending if upload.upload_id.is_none() => 0,
        State::Open => {
            let videos = store.parts(upload.id).await?.into_iter().filter(|part| part.resource == 1).count();
            (videos as i64 * upload.part_size).min(upload.size)
        }
        State::Ending | State::Done => upload.size,
    };
    let changed = Timestamp::from_second(upload.changed_at).map(|time| time.to_string()).unwrap_or_default();
    Ok(Dynamic::from_map(Map::from_iter([
        ("id".into(), upload.id.into()),
        ("state".into(), state(store, upload)?.into()),
        ("media_name".into(), upload.media_name.clone().into()),
        ("media_id".into(), upload.media_id.map_or(Dynamic::UNIT, Dynamic::from)),
        ("sent".into(), sent.into()),
        ("size".into(), upload.size.into()),
        ("account".into(), upload.account.clone().into()),
        ("file".into(), upload.path.clone().into()),
        ("changed".into(), changed.into()),
    ])))
}

/// One that cannot go on stops no other.
async fn resume(ids: &[i64], target: &Target, common: &Common) -> Result<(), Error> {
    let session = Session::open(target, &Cassette::default(), common).await?;
    let (client, store) = (Arc::new(session.client), session.store);
    let mut uploads = chosen(&store, ids).await?;
    uploads.retain(|upload| upload.state != State::Done);
    let (total, mut failed) = (uploads.len(), 0);
    let mut rows = Array::new();
    for upload in uploads {
        let options = Options { account: Some(upload.account.clone()), ..Options::default() };
        let uploader = Uploader::new(&client, &store, options);
        let outcome = until_stopped(CancellationToken::new(), None, go_on(&uploader, &upload, common)).await;
        let mut row = Map::from_iter([("media_name".into(), upload.media_name.into())]);
        match outcome {
            Ok(id) => row.insert("media_id".into(), id.into()),
            Err(error) if error.kind == Kind::Cancelled => return Err(error),
            Err(error) => {
                failed += 1;
                let hint = format!("`juben uploads forget {}` if it is no longer wanted", upload.id);
                row.extend([("message".into(), error.to_string().into()), ("hint".into(), hint.into())]);
                None
            }
        };
        rows.push(Dynamic::from_map(row));
    }
    calls::keep(&session.meter, &store).await;
    write_result(&rows.into(), None)?;
    if failed == 0 {
        return Ok(());
    }
    let error = Error::new(Kind::Partial, format!("{failed} of {total} uploads did not go on"));
    Err(error.hint("the column `message` says why"))
}

async fn go_on(uploader: &Uploader, upload: &Upload, common: &Common) -> Result<i64, Error> {
    let account = uploader.client.accounts().named(&upload.account)?;
    if account.target(&*uploader.client.operation("drama.apply_upload")?) != upload.target {
        let message = format!("it was begun on another platform or account: {}", upload.target);
        return Err(Error::new(Kind::Config, message));
    }
    let wanted = Wanted {
        media_name: Some(upload.media_name.clone()),
        cover: upload.cover.as_ref().map(Into::into),
        source_context: upload.source_context.clone(),
        part_size: Some(upload.part_size.unsigned_abs()),
        ..Wanted::new(&upload.path)
    };
    let lines = Lines::new(common);
    let tell = |progress: &Progress| {
        lines.write(Line::Progress(progress));
        Ok::<_, Error>(())
    };
    let outcome = uploader.meter.told(uploader.file(&wanted), tell).await?;
    let progress = uploader.meter.read();
    lines.write(if outcome.is_ok() { Line::Finished(&progress) } else { Line::Abandoned });
    Ok(outcome?.id)
}
