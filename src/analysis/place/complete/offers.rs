//! Collects what fits the word that is being written, the best first.

use super::{Completions, Item, ItemKind};
use crate::analysis::Span;

/// What fits so far. Nothing is built for what does not.
pub(super) struct Offers<'a> {
    text: &'a str,
    word: Span,
    /// What begins as the word does.
    begins: Vec<Item>,
    /// What only has its characters, with how far apart.
    resembles: Vec<(bool, Item)>,
}

impl<'a> Offers<'a> {
    pub(super) fn new(text: &'a str, word: Span) -> Offers<'a> {
        Offers { text, word, begins: Vec::new(), resembles: Vec::new() }
    }

    /// What is written of the word so far.
    pub(super) fn typed(&self) -> &'a str {
        &self.text[self.word.clone()]
    }

    /// Only the end of the word is replaced, from this byte of it on.
    pub(super) fn keep(&mut self, length: usize) {
        self.word.start += length;
    }

    /// Offer what is called so, with a line about it.
    pub(super) fn add(&mut self, name: &str, kind: ItemKind, after: &'static str, detail: impl FnOnce() -> String) {
        self.add_as(name, name, kind, after, detail);
    }

    /// The same, where something else is written than its name.
    pub(super) fn add_as(
        &mut self,
        name: &str,
        written: &str,
        kind: ItemKind,
        after: &'static str,
        detail: impl FnOnce() -> String,
    ) {
        let typed = self.typed();
        let begins = begins(name, typed);
        if !begins && (!self.begins.is_empty() || !resembles(name, typed)) {
            return;
        }
        let item = Item { text: written.to_owned(), after: self.unless_there(after), kind, detail: detail() };
        match begins {
            true => self.begins.push(item),
            false => self.resembles.push((!contains(name, typed), item)),
        }
    }

    /// Whether the word stands between quotes.
    pub(super) fn is_quoted(&self) -> bool {
        self.text[..self.word.start].ends_with(['"', '`', '\''])
    }

    /// Whether a name begins as the word does.
    pub(super) fn begins(&self, name: &str) -> bool {
        begins(name, self.typed())
    }

    /// Nothing is written twice.
    fn unless_there(&self, after: &'static str) -> &'static str {
        if self.text[self.word.end..].starts_with(after.trim_end()) { "" } else { after }
    }

    pub(super) fn done(mut self) -> Completions {
        if self.begins.is_empty() {
            self.resembles.sort_by_key(|(apart, _)| *apart);
            self.begins = self.resembles.into_iter().map(|(_, item)| item).collect();
        }
        let mut seen = std::collections::HashSet::with_capacity(self.begins.len());
        self.begins.retain(|item| seen.insert(item.text.clone()));
        Completions { from: self.word.start, items: self.begins }
    }
}

fn begins(name: &str, typed: &str) -> bool {
    name.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
}

fn contains(name: &str, typed: &str) -> bool {
    (0..name.len()).any(|start| name.get(start..).is_some_and(|rest| begins(rest, typed)))
}

/// Whether a name has these characters in this order.
fn resembles(name: &str, typed: &str) -> bool {
    let mut characters = name.chars();
    typed.chars().nth(1).is_some() && typed.chars().all(|it| characters.any(|other| other.eq_ignore_ascii_case(&it)))
}
