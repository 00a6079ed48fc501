//! What a run says while it goes: data on standard output, words on standard error, and how far a long deed has come: a
//! bar on a terminal, now and then a line elsewhere.

use super::{Common, colour};
use crate::{helpers::upload::Progress, host::Line};
use indicatif::{HumanBytes, HumanDuration, MultiProgress, ProgressBar, ProgressStyle};
use std::{
    io::{self, IsTerminal, Write},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tracing::Level;

/// Where the bars are; whoever else writes to the terminal asks them to step aside.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Without a terminal, so often is said how far it has come.
const PACE: Duration = Duration::from_secs(10);

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
    bar: Option<ProgressBar>,
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
                if progress.total > 0 {
                    say(&format!("{}: {}", progress.what, HumanBytes(progress.sent)));
                }
            }
            Line::Abandoned => self.end(),
        }
    }

    fn progress(&self, progress: &Progress) {
        let mut deed = self.deed();
        let deed = deed.get_or_insert_with(Deed::begin);
        if let Some(bar) = &deed.bar {
            bar.set_length(progress.total);
            bar.set_position(progress.sent);
            bar.set_message(progress.what.clone());
        } else if deed.told.elapsed() >= PACE {
            deed.told = Instant::now();
            say(&deed.line(progress));
        }
    }

    fn end(&self) {
        if let Some(bar) = self.deed().take().and_then(|deed| deed.bar) {
            bar.finish_and_clear();
            BARS.remove(&bar);
        }
    }

    fn deed(&self) -> MutexGuard<'_, Option<Deed>> {
        self.deed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deed {
    fn begin() -> Deed {
        let style = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = || BARS.add(ProgressBar::new(0).with_style(style.progress_chars("━╸ ")));
        let now = Instant::now();
        Deed { begun: now, told: now, bar: io::stderr().is_terminal().then(bar) }
    }

    fn line(&self, progress: &Progress) -> String {
        let &Progress { sent, total, .. } = progress;
        let rate = sent as f64 / self.begun.elapsed().as_secs_f64().max(1e-3);
        let left = Duration::from_secs_f64(total.saturating_sub(sent) as f64 / rate.max(1.0));
        let part = (sent * 100).checked_div(total).unwrap_or(0);
        let (all, rate, left) = (HumanBytes(total), HumanBytes(rate as u64), HumanDuration(left));
        format!("{}: {part} % of {all}, {rate}/s, {left} left", progress.what)
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
