//! What may be written at a place, as an editor shows it.

use super::view::{View, markdown};
use crate::analysis::{self, Item, ItemKind, TokenKind};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionTextEdit, Documentation, Position, TextEdit, Uri,
};
use serde::{Deserialize, Serialize};

/// After these an editor asks by itself.
pub(super) const TRIGGERS: [&str; 7] = [":", ".", "\"", "{", ",", " ", "/"];

/// After these, what can stand anywhere is not offered: they are typed all the time.
const QUIET: [&str; 3] = ["{", ",", " "];

/// What an item must know to be explained later.
#[derive(Serialize, Deserialize)]
pub(super) struct Remembered {
    pub uri: Uri,
    from: usize,
    text: String,
}

impl View<'_> {
    pub(super) fn completion(&self, position: Position, trigger: Option<&str>) -> CompletionList {
        let text = &self.document.text;
        let at = text.offset(position);
        let find = |importer: &str, name: &str| self.modules.find(importer, name);
        let mut found = analysis::complete(text, at, &self.setting.library, &self.names, &find);
        if trigger.is_some_and(|trigger| QUIET.contains(&trigger)) {
            found.items.retain(|item| matches!(item.kind, ItemKind::Field | ItemKind::Value));
        }
        let range = text.range(&(found.from..at));
        let items = found.items.into_iter().enumerate().map(|(index, item)| {
            let written = written(&item, &text[at..]);
            let remembered = Remembered { uri: self.document.uri.clone(), from: found.from, text: written.clone() };
            CompletionItem {
                kind: Some(kind(item.kind)),
                text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, written))),
                // The best first, and not by the alphabet.
                sort_text: Some(format!("{index:05}")),
                data: serde_json::to_value(remembered).ok(),
                detail: Some(item.detail).filter(|detail| !detail.is_empty()),
                label: item.text,
                ..CompletionItem::default()
            }
        });
        CompletionList { is_incomplete: false, items: items.collect() }
    }

    /// Its manual: what would be known of the word if it stood there.
    pub(super) fn documentation(&self, item: &Remembered) -> Option<Documentation> {
        let text = &self.document.text;
        let from = text.floor_char_boundary(item.from);
        let typed = analysis::tokens(text).into_iter().find(|token| token.span.start == from);
        let end = typed.filter(|token| token.kind == TokenKind::Name).map_or(from, |token| token.span.end);
        let written = format!("{}{}{}", &text[..from], item.text, &text[end..]);
        let hover = self.hover_in(&written, from)?;
        Some(Documentation::MarkupContent(markdown(hover.text)))
    }
}

/// The item and what follows it, unless that stands there already.
fn written(item: &Item, rest: &str) -> String {
    if rest.starts_with(item.after.trim_end()) { item.text.clone() } else { format!("{}{}", item.text, item.after) }
}

fn kind(kind: ItemKind) -> CompletionItemKind {
    match kind {
        ItemKind::Module => CompletionItemKind::MODULE,
        ItemKind::Operation => CompletionItemKind::METHOD,
        ItemKind::Function => CompletionItemKind::FUNCTION,
        ItemKind::Variable => CompletionItemKind::VARIABLE,
        ItemKind::Field => CompletionItemKind::FIELD,
        ItemKind::Value => CompletionItemKind::ENUM_MEMBER,
        ItemKind::File => CompletionItemKind::FILE,
        ItemKind::Keyword => CompletionItemKind::KEYWORD,
    }
}
