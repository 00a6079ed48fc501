//! What juben tells while it works, on standard error: lines for people, or JSON for programs.

use super::{colour, lines::BesideBars};
use clap::ValueEnum;
use std::io::stderr;
use tracing_subscriber::{
    Registry,
    filter::{LevelFilter, Targets},
    fmt::{format::Writer, layer, time::FormatTime},
    prelude::*,
};

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Lines, where somebody watches.
    Words,
    /// What a server writes.
    Of(Server),
}

/// How a server's log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Server {
    /// Lines with the time
    Text,
    /// A JSON object a line, with the run, its job and its outcome as fields
    Json,
}

impl From<Server> for Form {
    fn from(server: Server) -> Form {
        Form::Of(server)
    }
}

pub(super) fn log_to_stderr(verbose: u8, quiet: bool, form: Form) {
    let level = match (quiet, verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    // The HTTP libraries log what they send, and that carries tokens.
    let own = Targets::new().with_target("juben", level);
    let lines = layer::<Registry>().with_writer(BesideBars::default).with_target(false);
    let lines = match form {
        Form::Words => lines.with_ansi(colour(&stderr())).without_time().boxed(),
        Form::Of(Server::Text) => lines.with_ansi(colour(&stderr())).with_timer(OnTheWall).boxed(),
        Form::Of(Server::Json) => lines.with_ansi(false).json().flatten_event(true).with_timer(OnTheWall).boxed(),
    };
    tracing_subscriber::registry().with(lines).with(own).init();
}

/// The time of the machine, as its clock on the wall shows it.
struct OnTheWall;

impl FormatTime for OnTheWall {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        write!(writer, "{}", jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S%:z"))
    }
}
