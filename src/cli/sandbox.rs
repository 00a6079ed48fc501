//! `juben sandbox` — the sandbox as a server of its own.

use super::{Common, apis::catalog_of, push::PushFlags};
use crate::{
    Error,
    catalog::Catalog,
    error::Kind,
    helpers::tables,
    sandbox::{self, Fault, Life, Options},
};
use clap::Args;
use jiff::Timestamp;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio_util::sync::CancellationToken;

/// Serve the sandbox: a stand-in for the platforms, with its state in memory
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben sandbox --port 18080\n  juben sandbox --now 2026-12-01T08:00:00+08:00 --clock-speed 3600 --review-seconds 7200\n  juben sandbox --data world.json --dump world.json\n  curl -s http://127.0.0.1:18080/cgi-bin/stable_token \\\n    -d '{\"grant_type\":\"client_credential\",\"appid\":\"wx1234567890abcdef\",\"secret\":\"sandbox-secret\"}'"
)]
pub(super) struct Sandbox {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 18080)]
    port: u16,
    /// Where the clock starts: a moment such as 2026-12-01T08:00:00+08:00, or seconds since 1970 [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    now: Option<i64>,
    /// Seconds of the sandbox for each real one; 0 for a clock that only moves when it is told
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed, allow_hyphen_values = true)]
    clock_speed: f64,
    /// What is random comes from this number: the same seed and calls, the same answers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Seconds until a drama, episode or novel is reviewed
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = seconds(), allow_hyphen_values = true)]
    review_seconds: i64,
    /// Seconds until a video is fetched from a URL
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = seconds(), allow_hyphen_values = true)]
    pull_seconds: i64,
    /// Seconds until a video that was uploaded can be played
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = seconds(), allow_hyphen_values = true)]
    transcode_seconds: i64,
    /// Begin with the world of this file, or with those parts of one that it has
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Save the world to this file at the end
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
    /// Give the first account 200,000 media and 150,000 books besides
    #[arg(long)]
    big: bool,
    /// What goes wrong: an array as of POST /_sandbox/faults
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    #[command(flatten)]
    push: PushFlags,
}

const WELCOME: &str = "  WeChat  appid wx1234567890abcdef, secret sandbox-secret
  Polyv   appId jb7Kq2Zx9T, secret 9f8e7d6c5b4a39281706f5e4d3c2b1a0; userid a1b2c3d4e5, secretkey JbSecret01
  what it received: GET /_sandbox/requests
Ctrl-C stops it.
";

/// `2026-12-01T08:00:00+08:00`, or seconds since 1970.
fn moment(text: &str) -> Result<i64, String> {
    let wrong = |_| "give a moment such as 2026-12-01T08:00:00+08:00, or seconds since 1970".to_owned();
    let moment = text.parse().or_else(|_| text.parse::<Timestamp>().map(Timestamp::as_second)).map_err(wrong)?;
    sandbox::check_moment(moment).map(|()| moment)
}

fn seconds() -> clap::builder::RangedI64ValueParser {
    clap::value_parser!(i64).range(0..=1_000_000_000)
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().map_err(|_| "give a number".to_owned())?;
    sandbox::check_speed(speed).map(|()| speed)
}

impl Sandbox {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        let catalog = catalog_of(common)?;
        let apis: Vec<String> = catalog.own().map(|(name, _)| name.to_owned()).collect();
        let pushes = self.push.told();
        let options = Options { catalog: catalog.clone(), ..self.options(&catalog)? };
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| {
            Error::new(Kind::Usage, format!("cannot listen on {address}: {error}")).hint("give another port by --port")
        })?;
        let stop = CancellationToken::new();
        let sandbox = sandbox::Sandbox::start(listener, options, stop.clone()).map_err(|error| match &self.data {
            Some(file) if error.kind() == std::io::ErrorKind::InvalidData => unreadable(file, &error),
            _ => Error::new(Kind::Network, format!("the sandbox did not start: {error}")),
        })?;
        let url = sandbox.url();
        let own =
            apis.iter().map(|name| format!("  [[api]]  {name} at {url}/{name}, answered by its document alone\n"));
        // Whoever reads that it listens may stop it at once, and nothing is lost.
        let asked = tokio::spawn(super::asked_to_stop());
        tokio::task::yield_now().await;
        super::write_out(&format!("sandbox at {url}\n{pushes}{}{WELCOME}", own.collect::<String>()))?;
        asked.await.ok();
        if let Some(file) = &self.dump {
            tables::replace_by(&file.as_path().into(), |out| sandbox.dump(out))
                .map_err(|error| tables::about(file, &error))?;
        }
        stop.cancel();
        Ok(())
    }

    fn options(&self, catalog: &Catalog) -> Result<Options, Error> {
        let Sandbox { review_seconds, pull_seconds, transcode_seconds, clock_speed, .. } = *self;
        let faults = self.faults.as_deref().map(|file| faults(file, catalog)).transpose()?.unwrap_or_default();
        if let Some(file) = &self.dump {
            can_be_written(file)?;
        }
        Ok(Options {
            now: self.now,
            clock_speed,
            seed: self.seed,
            life: Life { review_seconds, pull_seconds, transcode_seconds, verdicts: Vec::new() },
            world: self.data.as_deref().map(read).transpose()?,
            big: self.big,
            faults,
            push: self.push.read()?,
            ..Options::default()
        })
    }
}

/// What goes wrong, as a file says.
pub(super) fn faults(file: &Path, catalog: &Catalog) -> Result<Vec<Fault>, Error> {
    let faults: Vec<Fault> = serde_json::from_str(&read(file)?).map_err(|error| unreadable(file, &error))?;
    faults.iter().try_for_each(|fault| fault.check(catalog)).map_err(|error| unreadable(file, &error))?;
    Ok(faults)
}

pub(super) fn read(file: &Path) -> Result<String, Error> {
    std::fs::read_to_string(file)
        .map_err(|error| Error::new(Kind::Usage, format!("cannot read {}: {error}", file.display())))
}

/// Found out before a world is built up that could not be saved.
fn can_be_written(file: &Path) -> Result<(), Error> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match folder.is_dir() && !file.is_dir() {
        true => Ok(()),
        false => Err(Error::new(Kind::Usage, format!("cannot write {}", file.display()))
            .hint("--dump takes a file in a folder that is there")),
    }
}

fn unreadable(file: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Usage, format!("{}: {error}", file.display())).hint("docs/sandbox.md shows how such a file looks")
}
