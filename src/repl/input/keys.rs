//! Keys that mean more here than in other line editors: Enter goes on while a bracket is open, and lines indent themselves.

use super::helper::Helper;
use crate::analysis::{TokenKind, is_open, tokens};
use rustyline::{
    Cmd, ConditionalEventHandler, Editor, Event, EventContext, EventHandler, KeyCode, KeyEvent, Modifiers, Movement,
    RepeatCount, history::FileHistory,
};

/// Columns by which a line is indented for each open bracket.
const STEP: usize = 4;

pub(super) fn bind(editor: &mut Editor<Helper, FileHistory>) {
    let conditional = |handler: Box<dyn ConditionalEventHandler>| EventHandler::Conditional(handler);
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::NONE), conditional(Box::new(Enter)));
    editor.bind_sequence(KeyEvent(KeyCode::Char('J'), Modifiers::CTRL), conditional(Box::new(Enter)));
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), conditional(Box::new(NewLine)));
    for bracket in [')', ']', '}'] {
        editor.bind_sequence(KeyEvent(KeyCode::Char(bracket), Modifiers::NONE), conditional(Box::new(Close(bracket))));
    }
}

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
struct Close(char);

impl ConditionalEventHandler for Close {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let before = &context.line()[..context.pos()];
        let blank = before.rsplit('\n').next().filter(|line| line.bytes().all(|it| it == b' '))?;
        let wanted = indentation(before)?.saturating_sub(STEP);
        let back = blank.len().checked_sub(wanted).filter(|back| *back > 0 && before.contains('\n'))?;
        let movement = Movement::BackwardChar(RepeatCount::try_from(back).ok()?);
        Some(Cmd::Replace(movement, Some(self.0.to_string())))
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
