//! The real binary on a terminal: keys are sent, and the screen is read as a person sees it.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read, Write},
    num::NonZero,
    path::Path,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};
use vt100::Parser;

/// So long is waited for what must come; the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

const ROWS: NonZero<u16> = NonZero::new(40).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(100).unwrap();

/// Keys that have no letter.
pub const ENTER: &str = "\r";
pub const TAB: &str = "\t";
pub const CTRL_C: &str = "\u{3}";
pub const CTRL_D: &str = "\u{4}";
pub const CTRL_R: &str = "\u{12}";
pub const UP: &str = "\u{1b}[A";

/// A start of `juben` on a terminal of its own.
pub struct Terminal {
    screen: Arc<(Mutex<Shown>, Condvar)>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _terminal: Box<dyn MasterPty + Send>,
}

/// What has come so far.
struct Shown {
    parser: Parser,
    ended: bool,
}

impl Terminal {
    /// Start it in that folder, which is its user's home as well.
    pub fn start(arguments: &[&str], folder: &Path) -> Terminal {
        Terminal::start_with(arguments, folder, &[])
    }

    pub fn start_with(arguments: &[&str], folder: &Path, environment: &[(&str, &str)]) -> Terminal {
        Terminal::start_sized(arguments, folder, environment, COLUMNS.get())
    }

    /// On one that says it has so few columns; what is written beyond them is seen.
    pub fn start_narrow(arguments: &[&str], folder: &Path, columns: u16) -> Terminal {
        Terminal::start_sized(arguments, folder, &[], columns)
    }

    fn start_sized(arguments: &[&str], folder: &Path, environment: &[(&str, &str)], columns: u16) -> Terminal {
        let size = PtySize { rows: ROWS.get(), cols: columns, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_juben"));
        command.args(arguments);
        command.cwd(folder);
        command.env_clear();
        let own = [("PATH", std::env::var("PATH").unwrap()), ("HOME", folder.display().to_string())];
        own.iter().for_each(|(name, value)| command.env(name, value));
        command.env("TERM", "xterm-256color");
        environment.iter().for_each(|(name, value)| command.env(name, value));
        let child = pair.slave.spawn_command(command).unwrap();
        let screen =
            Arc::new((Mutex::new(Shown { parser: Parser::new(ROWS, COLUMNS, 0), ended: false }), Condvar::new()));
        read_into(pair.master.try_clone_reader().unwrap(), screen.clone());
        Terminal { screen, keys: pair.master.take_writer().unwrap(), child, _terminal: pair.master }
    }

    /// Press these keys.
    pub fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Write a line and end it.
    pub fn enter(&mut self, line: &str) {
        self.send(line);
        self.send(ENTER);
    }

    /// Wait until the screen is as wanted. The rows, without blanks at their ends.
    #[track_caller]
    pub fn until(&self, what: &str, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        self.wait(what, |shown| Some(rows(&shown.parser)).filter(|rows| wanted(rows)))
    }

    #[track_caller]
    fn wait<T>(&self, what: &str, wanted: impl Fn(&Shown) -> Option<T>) -> T {
        let (shown, changed) = &*self.screen;
        let begun = Instant::now();
        let mut shown = shown.lock().unwrap();
        loop {
            if let Some(found) = wanted(&shown) {
                return found;
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            assert!(!left.is_zero(), "there was never {what}:\n{}", rows(&shown.parser).join("\n").trim_end());
            shown = changed.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// Wait until the screen shows this text.
    #[track_caller]
    pub fn shows(&self, text: &str) -> Vec<String> {
        self.until(&format!("{text:?}"), |rows| rows.iter().any(|row| row.contains(text)))
    }

    /// Wait until the last row with something on it is this prompt: what was entered is done.
    #[track_caller]
    pub fn is_ready(&self, prompt: &str) -> Vec<String> {
        self.until(&format!("{prompt:?} at its end"), |rows| {
            rows.iter().rev().find(|row| !row.is_empty()).is_some_and(|row| row == prompt)
        })
    }

    /// The colour of the cell at which this text begins.
    #[track_caller]
    pub fn colour_of(&self, text: &str) -> vt100::Color {
        let (row, column) = self.place_of(text);
        let shown = self.screen.0.lock().unwrap();
        shown.parser.screen().cell(row, column).unwrap().fgcolor()
    }

    /// Row and column of the cell at which this text begins.
    #[track_caller]
    pub fn place_of(&self, text: &str) -> (u16, u16) {
        self.shows(text);
        let shown = self.screen.0.lock().unwrap();
        let starts = |row: u16, column: u16| {
            let cells = (column..COLUMNS.get()).filter_map(|column| shown.parser.screen().cell(row, column));
            let rest: String = cells.map(|cell| if cell.has_contents() { cell.contents() } else { "" }).collect();
            rest.starts_with(text)
        };
        let all = (0..ROWS.get()).flat_map(|row| (0..COLUMNS.get()).map(move |column| (row, column)));
        all.into_iter().find(|(row, column)| starts(*row, *column)).unwrap()
    }

    /// Wait until it ends; its exit code.
    #[track_caller]
    pub fn ends(&mut self) -> u32 {
        self.wait("its end", |shown| shown.ended.then_some(()));
        self.child.wait().unwrap().exit_code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        self.child.kill().ok();
    }
}

/// What comes is shown on the screen, until there is no more.
fn read_into(mut output: Box<dyn Read + Send>, screen: Arc<(Mutex<Shown>, Condvar)>) {
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = output.read(&mut bytes) {
            screen.0.lock().unwrap().parser.process(&bytes[..length]);
            screen.1.notify_all();
        }
        screen.0.lock().unwrap().ended = true;
        screen.1.notify_all();
    });
}

fn rows(parser: &Parser) -> Vec<String> {
    parser.screen().rows(0, COLUMNS.get()).map(|row| row.trim_end().to_owned()).collect()
}
