//! An error as a person sees it: the message, the line of the script with the place marked, and what to do.

use super::Sources;
use crate::{Error, error::Place};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use std::fmt;

/// The report of an error, for a terminal of that width.
pub fn report(error: &Error, sources: &Sources, colour: bool, width: usize) -> String {
    let source = error.place.as_ref().and_then(|place| Some((place, sources.get(&place.file)?)));
    let shown = Shown {
        message: message(error),
        hint: error.hint.clone(),
        kind: error.kind.name(),
        span: source.as_ref().map(|(place, text)| offset(text, place)),
        source: source.map(|(place, text)| Text { name: place.file.clone(), text }),
    };
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let mut out = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
    match handler.render_report(&mut out, &shown) {
        Ok(()) => out,
        Err(fmt::Error) => format!("{error}\n"),
    }
}

fn message(error: &Error) -> String {
    let account = error.account.as_ref().map_or_else(String::new, |name| format!(" (account {name})"));
    let request = error.request_id.as_ref().map_or_else(String::new, |id| format!(" (request {id})"));
    format!("{error}{account}{request}")
}

/// The language counts columns in characters, a report in bytes.
fn offset(text: &str, place: &Place) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
    let line = text[line_start..].lines().next().unwrap_or_default();
    let column: usize = line.chars().take(place.column.saturating_sub(1)).map(char::len_utf8).sum();
    line_start + column
}

/// A script's text, whose columns are counted in characters.
#[derive(Debug)]
struct Text {
    name: String,
    text: String,
}

impl SourceCode for Text {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, lines_before, lines_after)?;
        let start = found.span().offset();
        let column = self.text[start - found.column()..start].chars().count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            found.data(),
            *found.span(),
            found.line(),
            column,
            found.line_count(),
        )))
    }
}

#[derive(Debug)]
struct Shown {
    message: String,
    hint: Option<String>,
    kind: &'static str,
    span: Option<usize>,
    source: Option<Text>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.kind))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = LabeledSpan::new(Some("raised here".to_owned()), self.span?, 1);
        Some(Box::new(std::iter::once(span)))
    }
}
