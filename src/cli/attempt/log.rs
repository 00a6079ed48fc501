//! What juben itself logs during a run is part of the run's log.

use super::{parent::say, wire::FromRun};
use crate::scheduler::Told;
use std::io::{self, Write};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt::MakeWriter,
    prelude::*,
};

/// Send the lines to the parent.
pub(in crate::cli) fn log_to_parent() {
    // The HTTP libraries log what they send, and that carries tokens.
    let own = Targets::new().with_target("juben", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(ToParent)
        .with_ansi(false)
        .with_level(false)
        .with_target(false)
        .without_time();
    tracing_subscriber::registry().with(lines).with(own).init();
}

struct ToParent;

impl<'a> MakeWriter<'a> for ToParent {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { level: Level::INFO, text: Vec::new() }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line {
        Line { level: *meta.level(), text: Vec::new() }
    }
}

/// A line, which is sent when it is complete.
struct Line {
    level: Level,
    text: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.text);
        say(&FromRun::Told(Told::Logged(self.level, text.trim_end().to_owned())));
    }
}
