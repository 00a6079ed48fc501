//! Keys that mean more here than in other line editors: Enter goes on while a bracket is open, and lines indent themselves.

use super::helper::Helper;
use crate::{
    analysis::{TokenKind, is_open, tokens},
    lock::lock,
};
use rustyline::{
    Cmd, ConditionalEventHandler, Editor, Event, EventContext, EventHandler, KeyCode, KeyEvent, Modifiers, RepeatCount,
    history::FileHistory,
};
use std::sync::{Arc, Mutex};

/// Columns by which a line is indented for each open bracket.
const STEP: usize = 4;

pub(super) fn bind(editor: &mut Editor<Helper, FileHistory>) {
    let conditional = |handler: Box<dyn ConditionalEventHandler>| EventHandler::Conditional(handler);
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::NONE), conditional(Box::new(Enter)));
    editor.bind_sequence(KeyEvent(KeyCode::Char('J'), Modifiers::CTRL), conditional(Box::new(Enter)));
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), conditional(Box::new(NewLine)));
    let Some(line) = editor.helper().map(|helper| helper.line.clone()) else { return };
    for bracket in [')', ']', '}'] {
        let close = Close { bracket, line: line.clone() };
        editor.bind_sequence(KeyEvent(KeyCode::Char(bracket), Modifiers::NONE), conditional(Box::new(close)));
    }
}

/// The present line, as it shall be from that byte on. The editor's own way to replace a piece of what is typed is a
/// completion: a key that does so leaves here what the completion shall be.
pub(super) type Rewritten = Arc<Mutex<Option<(usize, String)>>>;

/// A new line while something is open, otherwise the end of the entry.
struct Enter;

impl ConditionalEventHandler for Enter {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let open = is_open(context.line()) && !context.line().starts_with(':');
        open.then(|| new_line(context))
    }
}

/// A new line in any case.
struct NewLine;

impl ConditionalEventHandler for NewLine {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        Some(new_line(context))
    }
}

fn new_line(context: &EventContext<'_>) -> Cmd {
    let indent = indentation(&context.line()[..context.pos()]).unwrap_or(0);
    Cmd::Insert(1, format!("\n{}", " ".repeat(indent)))
}

/// A bracket that closes goes back to the column of the line that has opened it.
struct Close {
    bracket: char,
    line: Rewritten,
}

impl ConditionalEventHandler for Close {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let before = &context.line()[..context.pos()];
        let start = before.rfind('\n')? + 1;
        let wanted = indentation(before)?.saturating_sub(STEP);
        let deeper = before[start..].bytes().all(|it| it == b' ') && before.len() - start > wanted;
        deeper.then(|| {
            *lock(&self.line) = Some((start, format!("{}{}", " ".repeat(wanted), self.bracket)));
            Cmd::Complete
        })
    }
}

/// How far a line after this text is indented; `None` inside of a text or a comment.
fn indentation(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for token in tokens(text) {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            TokenKind::Text { open: true } | TokenKind::Comment { open: true } => return None,
            _ => {}
        }
    }
    Some(depth * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_indented_by_what_is_open() {
        for (text, expected) in [
            ("let a = 1;", Some(0)),
            ("if a {", Some(4)),
            ("f(#{ a: [", Some(12)),
            ("if a { b() }", Some(0)),
            ("let text = `剧", None),
            ("/* and", None),
        ] {
            assert_eq!(indentation(text), expected, "{text}");
        }
    }
}
