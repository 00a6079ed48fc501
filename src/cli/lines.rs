//! What a run says while it goes: data on standard output, words on standard error, and how far a long deed has come: a
//! bar on a terminal, now and then a line elsewhere.

use super::{Common, colour};
use crate::{
    helpers::progress::{Progress, Unit},
    host::{Line, shortened},
    lock::lock,
};
use indicatif::{HumanBytes, HumanDuration, MultiProgress, ProgressBar, ProgressStyle};
use std::{
    io::{self, IsTerminal, Write},
    sync::{LazyLock, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use tracing::Level;

/// Where the bars are; whoever else writes to the terminal asks them to step aside.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Without a terminal, so often is said how far it has come.
const PACE: Duration = Duration::from_secs(10);

/// What takes no longer needs no bar.
const PATIENCE: Duration = Duration::from_millis(300);

/// Writes the lines of one run.
#[derive(Debug)]
pub(super) struct Lines {
    verbose: bool,
    quiet: bool,
    deed: Mutex<Option<Deed>>,
}

/// A long deed that is being done.
#[derive(Debug)]
struct Deed {
    begun: Instant,
    told: Instant,
    /// How much was done before; the bar's pace is measured from there.
    before: u64,
    bar: Option<ProgressBar>,
    last: Option<Progress>,
}

impl Lines {
    pub(super) fn new(common: &Common) -> Lines {
        Lines { verbose: common.verbose > 0, quiet: common.quiet, deed: Mutex::default() }
    }

    pub(super) fn write(&self, line: Line<'_>) {
        match line {
            Line::Printed(text) => aside(|| drop(super::write_out(&format!("{text}\n")))),
            Line::Logged(Level::DEBUG, _) if !self.verbose => {}
            Line::Logged(level, _) if self.quiet && level != Level::ERROR => {}
            Line::Logged(level, text) => say(&format!("{}{text}", mark(level))),
            Line::Progress(_) | Line::Finished(_) if self.quiet => {}
            Line::Progress(progress) => self.progress(progress),
            Line::Finished(progress) => {
                self.end();
                if let Some(text) = done(progress) {
                    say(&text);
                }
            }
            Line::Abandoned => {
                if let Some(Progress { what, done, total, unit: Unit::Bytes, .. }) = self.end()
                    && !self.quiet
                {
                    say(&format!("{what}: stopped at {} of {}", HumanBytes(done), HumanBytes(total)));
                }
            }
        }
    }

    fn progress(&self, progress: &Progress) {
        let mut deed = self.deed();
        let deed = deed.get_or_insert_with(Deed::begin);
        deed.last = Some(progress.clone());
        if io::stderr().is_terminal() {
            deed.draw(progress);
        } else if deed.told.elapsed() >= PACE {
            deed.told = Instant::now();
            say(&deed.line(progress));
        }
    }

    /// How far it was, if a deed was going on.
    fn end(&self) -> Option<Progress> {
        let deed = self.deed().take()?;
        if let Some(bar) = deed.bar {
            bar.finish_and_clear();
        }
        deed.last
    }

    fn deed(&self) -> MutexGuard<'_, Option<Deed>> {
        lock(&self.deed)
    }
}

impl Deed {
    fn begin() -> Deed {
        let now = Instant::now();
        Deed { begun: now, told: now, before: 0, bar: None, last: None }
    }

    fn draw(&mut self, progress: &Progress) {
        if self.begun.elapsed() < PATIENCE {
            return;
        }
        let fresh = self.bar.is_none() || self.before != progress.before;
        let bar = self.bar.get_or_insert_with(|| BARS.add(ProgressBar::new(0)));
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        if fresh {
            self.before = progress.before;
            bar.reset_elapsed();
            bar.reset_eta();
        }
        let (template, room) = template(progress.unit, super::width());
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("━╸ "));
        bar.set_message(shortened(&progress.what, room));
    }

    fn line(&self, progress: &Progress) -> String {
        let &Progress { done, total, .. } = progress;
        let rate = done.saturating_sub(progress.before) as f64 / self.begun.elapsed().as_secs_f64().max(1e-3);
        let left = HumanDuration(Duration::from_secs_f64(total.saturating_sub(done) as f64 / rate.max(1e-3)));
        let (part, what) = ((done * 100).checked_div(total).unwrap_or(0), &progress.what);
        match progress.unit {
            Unit::Bytes => {
                format!("{what}: {part} % of {}, {}/s, {left} left", HumanBytes(total), HumanBytes(rate as u64))
            }
            Unit::Items => format!("{what}: {done} of {total}, {left} left"),
        }
    }
}

/// The line about a deed that is done. Of items the script tells itself; files deserve a line in the log of a nightly run.
pub(super) fn done(progress: &Progress) -> Option<String> {
    let of_file = progress.unit == Unit::Bytes && progress.total > 0;
    of_file.then(|| format!("{}: {}", progress.what, HumanBytes(progress.done)))
}

/// What fits into a line, and the columns that are left for what is being done.
fn template(unit: Unit, width: usize) -> (&'static str, usize) {
    match (unit, width) {
        (Unit::Bytes, 70..) => ("{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}", width - 55),
        (Unit::Bytes, _) => ("{msg} {percent} % {bytes_per_sec} {eta}", width.saturating_sub(25)),
        (Unit::Items, 50..) => ("{msg} {wide_bar} {pos}/{len} {eta}", width - 35),
        (Unit::Items, _) => ("{msg} {pos}/{len}", width.saturating_sub(18)),
    }
}

/// Standard error without tearing the bars.
#[derive(Debug, Default)]
pub(super) struct BesideBars;

impl Write for BesideBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        aside(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn say(text: &str) {
    writeln!(BesideBars, "{text}").ok();
}

/// Do this while no bar is drawn. A run without a bar pays nothing.
fn aside<T>(write: impl FnOnce() -> T) -> T {
    match LazyLock::get(&BARS) {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

fn mark(level: Level) -> &'static str {
    match (level, colour(&io::stderr())) {
        (Level::ERROR, true) => "\u{1b}[31merror\u{1b}[0m: ",
        (Level::ERROR, false) => "error: ",
        (Level::WARN, true) => "\u{1b}[33mwarning\u{1b}[0m: ",
        (Level::WARN, false) => "warning: ",
        _ => "",
    }
}
