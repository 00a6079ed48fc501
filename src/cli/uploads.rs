//! `juben uploads` — what was uploaded from here, and what stopped half-way.

use super::{
    Common,
    lines::Lines,
    output::{Output, write_result},
    session::{Session, Target, until_stopped},
};
use crate::{
    Error,
    client::Options,
    config,
    error::Kind,
    helpers::upload::{Meter, Uploader, Wanted},
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
    /// How the list is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    output: Option<Output>,
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
    /// Forget uploads: what they have sent is sent again next time
    Forget {
        /// Their numbers, as `juben uploads` lists them
        #[arg(required_unless_present = "done")]
        ids: Vec<i64>,
        /// All that are done
        #[arg(long)]
        done: bool,
    },
}

impl Uploads {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        match self.deed {
            Some(Deed::Resume { ids, target }) => resume(&ids, &target, common).await,
            Some(Deed::Forget { ids, done }) => {
                let store = Store::at(config::state_folder(common.state.as_deref())?);
                let chosen = chosen(&store, &ids).await?;
                let forgotten = chosen.iter().filter(|upload| ids.contains(&upload.id) || done && is_done(upload));
                for upload in forgotten {
                    store.forget_upload(upload.id).await?;
                }
                Ok(())
            }
            None => {
                let store = Store::at(config::state_folder(common.state.as_deref())?);
                let mut rows = Array::new();
                for upload in store.uploads().await? {
                    rows.push(row(&store, &upload).await?);
                }
                write_result(&rows.into(), self.output)
            }
        }
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

fn is_done(upload: &Upload) -> bool {
    upload.state == State::Done
}

async fn row(store: &Store, upload: &Upload) -> Result<Dynamic, Error> {
    let sent = match upload.state {
        State::Open => {
            let videos = store.parts(upload.id).await?.into_iter().filter(|part| part.resource == 1).count();
            (videos as i64 * upload.part_size).min(upload.size)
        }
        State::Ending | State::Done => upload.size,
    };
    let changed = Timestamp::from_second(upload.changed_at).map(|time| time.to_string()).unwrap_or_default();
    Ok(Dynamic::from_map(Map::from_iter([
        ("id".into(), upload.id.into()),
        ("state".into(), upload.state.name().into()),
        ("media_name".into(), upload.media_name.clone().into()),
        ("media_id".into(), upload.media_id.map_or(Dynamic::UNIT, Dynamic::from)),
        ("sent".into(), sent.into()),
        ("size".into(), upload.size.into()),
        ("account".into(), upload.account.clone().into()),
        ("file".into(), upload.path.clone().into()),
        ("changed".into(), changed.into()),
    ])))
}

async fn resume(ids: &[i64], target: &Target, common: &Common) -> Result<(), Error> {
    let session = Session::open(target, common).await?;
    let (client, store) = (Arc::new(session.client), Arc::new(session.store));
    let mut uploads = chosen(&store, ids).await?;
    uploads.retain(|upload| !is_done(upload));
    let lines = Lines::new(common);
    let mut media = Array::new();
    for upload in uploads {
        let account = client.accounts().named(&upload.account)?;
        if account.target(&*client.operation("drama.apply_upload")?) != upload.target {
            let message = format!("upload {} was begun on another platform or account: {}", upload.id, upload.target);
            return Err(Error::new(Kind::Config, message).hint("resume it with the juben.toml that it was begun with"));
        }
        let meter = Arc::new(Meter::default());
        let options = Options { account: Some(upload.account.clone()), ..Options::default() };
        let uploader = Uploader { client: client.clone(), store: store.clone(), options, meter: meter.clone() };
        let wanted = Wanted {
            media_name: Some(upload.media_name.clone()),
            cover: upload.cover.as_ref().map(Into::into),
            source_context: upload.source_context.clone(),
            part_size: Some(upload.part_size.unsigned_abs()),
            ..Wanted::new(&upload.path)
        };
        let work = meter.told(uploader.file(&wanted), |progress| {
            lines.write(Line::Progress(progress));
            Ok::<_, Error>(())
        });
        let outcome = until_stopped(CancellationToken::new(), None, async { work.await? }).await;
        let progress = meter.read();
        lines.write(if outcome.is_ok() { Line::Finished(&progress) } else { Line::Abandoned });
        media.push(Dynamic::from_map(Map::from_iter([
            ("media_name".into(), upload.media_name.into()),
            ("media_id".into(), outcome?.id.into()),
        ])));
    }
    write_result(&media.into(), None)
}
