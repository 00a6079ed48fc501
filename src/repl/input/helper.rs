//! What the line editor asks while a person types: completions, a hint, colours.

use super::{colours, keys::Rewritten};
use crate::{
    analysis::{self, Completions, Item, Library, Names, Source},
    catalog::Catalog,
    engine,
    host::shortened,
    lock::lock,
    repl::{Prompt, Screen, commands},
};
use rustyline::{
    Context, Result,
    completion::{Candidate, Completer},
    highlight::{CmdKind, Highlighter},
    hint::Hinter,
    validate::Validator,
};
use std::{
    borrow::Cow,
    cell::Cell,
    path::PathBuf,
    sync::{Arc, OnceLock},
    thread,
};
use unicode_width::UnicodeWidthStr;

/// Finds imported modules.
type Finder = Box<dyn Fn(&str, &str) -> Option<Source> + Send>;

/// What is known at the prompt.
pub(super) struct Helper {
    /// What a key makes of the present line.
    pub(super) line: Rewritten,
    /// Read in the background: the prompt is drawn before.
    library: Arc<OnceLock<Library>>,
    catalog: Arc<Catalog>,
    names: Names,
    find: Finder,
    screen: Screen,
    /// Whether the bracket at the cursor is marked; not when the line is done.
    marks: Cell<bool>,
}

impl Helper {
    pub(super) fn new(prompt: &Prompt) -> Helper {
        let catalog = prompt.world.client().catalog().clone();
        Helper {
            line: Rewritten::default(),
            library: read(&catalog),
            catalog,
            names: Names::default(),
            find: finder(prompt),
            screen: prompt.screen,
            marks: Cell::new(true),
        }
    }

    /// Learn what the last entry has left.
    pub(super) fn look_around(&mut self, prompt: &Prompt) {
        self.names = prompt.names();
        self.find = finder(prompt);
        let catalog = prompt.world.client().catalog();
        if !Arc::ptr_eq(catalog, &self.catalog) {
            self.catalog = catalog.clone();
            self.library = read(catalog);
        }
    }

    fn complete(&self, line: &str, at: usize) -> Completions {
        match line.starts_with(':') {
            true => commands::complete(line, at, self.library.wait(), &self.names),
            false => analysis::complete(line, at, self.library.wait(), &self.names, &*self.find),
        }
    }

    /// A line about the place: the call around it, else the word before it.
    fn about(&self, line: &str, at: usize) -> Option<String> {
        // It is there long before the first word is typed.
        let library = self.library.wait();
        let signature = analysis::signature(line, at, library, &self.names, &*self.find).map(|call| {
            let active = call.active.and_then(|active| call.parameters.get(active));
            match active {
                Some(parameter) if !parameter.detail.is_empty() => format!("{} — {}", parameter.name, parameter.detail),
                _ if call.summary.is_empty() => call.label,
                _ => format!("{} — {}", call.label, call.summary),
            }
        });
        signature.or_else(|| {
            let hover = analysis::hover(line, at, library, &self.names, &*self.find)?;
            hover.text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("```")).map(str::to_owned)
        })
    }
}

/// Finds what the entries of a prompt may import.
fn finder(prompt: &Prompt) -> Finder {
    Box::new(engine::finder(PathBuf::new(), prompt.session.sources().packages().clone()))
}

/// Read the library of a catalog in the background.
fn read(catalog: &Arc<Catalog>) -> Arc<OnceLock<Library>> {
    let cell = Arc::new(OnceLock::new());
    let (filled, catalog) = (cell.clone(), catalog.clone());
    thread::spawn(move || filled.get_or_init(|| engine::library(catalog)).modules().len());
    cell
}

/// One completion, with a line about it in the list.
pub(super) struct Choice {
    display: String,
    text: String,
}

impl Candidate for Choice {
    fn display(&self) -> &str {
        &self.display
    }

    fn replacement(&self) -> &str {
        &self.text
    }
}

impl Completer for Helper {
    type Candidate = Choice;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> Result<(usize, Vec<Choice>)> {
        if let Some((from, text)) = lock(&self.line).take() {
            return Ok((from, vec![Choice { display: text.clone(), text }]));
        }
        let Completions { from, items } = Helper::complete(self, line, at);
        let columns = self.screen.width().saturating_sub(1);
        let widest = items.iter().map(|item| item.text.width()).max().unwrap_or(0).min(columns / 2);
        let only = items.len() == 1;
        let choice = |item: Item| {
            let missing = widest.saturating_sub(item.text.width());
            let display = format!("{}{}  {}", item.text, " ".repeat(missing), item.detail);
            // The list is written over the hint.
            let display = shortened(display.trim_end(), columns) + "\u{1b}[K";
            // What comes after it is only known to be wanted when nothing else can be meant.
            let text = if only { item.text + item.after } else { item.text };
            Choice { display, text }
        };
        Ok((from, items.into_iter().map(choice).collect()))
    }
}

impl Hinter for Helper {
    type Hint = Below;

    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<Below> {
        if line.trim().is_empty() || line.starts_with(':') {
            return None;
        }
        let about = self.about(line, at)?;
        Some(Below(format!("\n{}", shortened(&about, self.screen.width().saturating_sub(1)))))
    }
}

/// A line below what is typed; nothing that could be taken over.
pub(super) struct Below(String);

impl rustyline::hint::Hint for Below {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Highlighter for Helper {
    fn highlight<'l>(&self, line: &'l str, at: usize) -> Cow<'l, str> {
        if line.starts_with(':') {
            return Cow::Borrowed(line);
        }
        Cow::Owned(colours::painted(line, self.marks.get().then_some(at)))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m"))
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: rustyline::CompletionType) -> Cow<'c, str> {
        match candidate.split_once("  ") {
            Some((name, detail)) => Cow::Owned(format!("{name}  \u{1b}[2m{detail}\u{1b}[0m")),
            None => Cow::Borrowed(candidate),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.marks.set(kind != CmdKind::ForcedRefresh);
        true
    }
}

impl Validator for Helper {}

impl rustyline::Helper for Helper {}
