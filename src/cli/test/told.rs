//! What is said of the tests: a line for each, the report of what failed, and how many there were.

use super::case::{Case, Deed, Ended, Outcome};
use crate::{
    cli::{Common, colour, lines::Lines, width},
    engine::report,
    host::Line,
};
use std::{io, process::ExitCode, time::Duration};

pub(super) struct Told {
    lines: Lines,
    verbose: bool,
    quiet: bool,
    colour: bool,
    /// All that have ended.
    pub ended: Vec<Ended>,
}

impl Told {
    pub(super) fn new(common: &Common) -> Told {
        Told {
            lines: Lines::new(common),
            verbose: common.verbose > 0,
            quiet: common.quiet,
            colour: colour(&io::stdout()),
            ended: Vec::new(),
        }
    }

    /// Something that is no failure, and probably not meant.
    pub(super) fn warn(&self, why: &str) {
        self.lines.write(Line::Logged(tracing::Level::WARN, why));
    }

    /// Tell of a test that has ended.
    pub(super) fn add(&mut self, ended: Ended) {
        let name = ended.case.full_name();
        let took = if self.verbose { format!(" ({})", seconds(ended.took)) } else { String::new() };
        match &ended.outcome {
            Outcome::Passed if self.quiet => {}
            Outcome::Passed => {
                self.say(&format!("{} {name}{took}", self.mark("ok    ", "32")));
                if self.verbose {
                    self.say_output(&ended);
                }
            }
            Outcome::Failed(error) => {
                self.say(&format!("{} {name}{took}\n", self.mark("FAILED", "31")));
                self.say(report(error, &ended.sources, self.colour, width().clamp(60, 120)).trim_end());
                self.say_output(&ended);
                self.say("");
            }
            Outcome::NotRun => {}
        }
        self.ended.push(ended);
    }

    /// Name again what failed, and count.
    pub(super) fn summary(&self, took: Duration) {
        let failed: Vec<_> = self.ended.iter().filter(|it| matches!(it.outcome, Outcome::Failed(_))).collect();
        let not_run = self.ended.iter().filter(|it| matches!(it.outcome, Outcome::NotRun)).count();
        let passed = self.ended.len() - failed.len() - not_run;
        if failed.len() > 1 {
            let names: Vec<_> = failed.iter().map(|it| format!("  {}", it.case.full_name())).collect();
            self.say(&format!("failed:\n{}", names.join("\n")));
        }
        let not_run = if not_run > 0 { format!(", {not_run} not run") } else { String::new() };
        self.say(&format!("{passed} passed, {} failed{not_run} ({})", failed.len(), seconds(took)));
    }

    /// 2 where a file cannot be run at all, 1 where a test failed.
    pub(super) fn exit_code(&self) -> ExitCode {
        let is_broken = |case: &Case| matches!(case.deed, Deed::Broken { .. });
        let failed = |it: &&Ended| matches!(it.outcome, Outcome::Failed(_));
        match self.ended.iter().filter(failed).map(|it| u8::from(is_broken(&it.case)) + 1).max() {
            Some(code) => ExitCode::from(code),
            None => ExitCode::SUCCESS,
        }
    }

    fn say_output(&self, ended: &Ended) {
        if !ended.output.is_empty() {
            let lines: Vec<_> = ended.output.lines().map(|line| format!("    {line}")).collect();
            self.say(&format!("  output:\n{}", lines.join("\n")));
        }
    }

    fn say(&self, text: &str) {
        self.lines.write(Line::Printed(text));
    }

    fn mark(&self, word: &str, colour: &str) -> String {
        if self.colour { format!("\u{1b}[{colour}m{word}\u{1b}[0m") } else { word.to_owned() }
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
